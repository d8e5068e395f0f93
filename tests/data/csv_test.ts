// Tests lib/data/csv.ts and lib/data/odd.ts: cells are exact, and a bad one is pointed at.

import assert from "node:assert/strict";
import fc from "fast-check";
import { type Column, type Flaw, readRows } from "../../lib/data/csv.ts";
import type { OnError } from "../../lib/data/report.ts";
import { faultOf, memorySource } from "./files.ts";

const number = (name: string, decimals = 2): Column => ({ form: "decimal", name, decimals });

async function read(
  text: string,
  columns: readonly Column[],
  { errors = "refuse", pieces = 1 << 20, rule = () => undefined }: {
    errors?: OnError;
    pieces?: number;
    rule?: (values: readonly number[]) => Flaw | undefined;
  } = {},
) {
  const rows: number[][] = [];
  const cuts: number[][] = [];
  const counts = await readRows(memorySource(text, pieces), columns, errors, (cells) => {
    const values = columns.map((_, index) => cells.value(index));
    const flaw = rule(values);
    if (flaw !== undefined) return flaw;
    rows.push(values);
    cuts.push(columns.map((_, index) => cells.cut(index)));
    return undefined;
  });
  return { rows, cuts, count: counts.rows, skipped: counts.skipped };
}

/** The exact value of a decimal text × 10^decimals, by BigInt: digits cut off, and whether any was. */
function exact(text: string, decimals: number): { value: bigint; cut: boolean } {
  const [mantissa = "", exponent = "0"] = text.split(/[eE]/);
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = BigInt(whole + fraction);
  const shift = Number(exponent) + decimals - fraction.length;
  if (shift >= 0) return { value: digits * 10n ** BigInt(shift), cut: false };
  const divisor = 10n ** BigInt(-shift);
  return { value: digits / divisor, cut: digits % divisor !== 0n };
}

const decimalText = fc.tuple(
  fc.stringMatching(/^\d{1,8}$/),
  fc.option(fc.stringMatching(/^\d{0,9}$/)),
  fc.option(fc.tuple(fc.constantFrom("e", "E"), fc.integer({ min: -12, max: 3 }))),
).map(([whole, fraction, exponent]) =>
  whole + (fraction === null ? "" : `.${fraction}`) + (exponent === null ? "" : exponent.join(""))
);

Deno.test("every decimal arrives exactly, with the digits beyond cut off and reported", async () => {
  await fc.assert(
    fc.asyncProperty(decimalText, fc.integer({ min: 0, max: 4 }), async (text, decimals) => {
      const { rows, cuts } = await read(`a\n${text}\n`, [number("a", decimals)]);
      const { value, cut } = exact(text, decimals);
      assert.deepEqual(rows, [[Number(value)]]);
      assert.deepEqual(cuts, [[cut ? 1 : 0]]);
    }),
    { numRuns: 500 },
  );
});

Deno.test("rows do not depend on where the stream is cut", async () => {
  const text = "time,word,price\n1,buy,2.5\n22,sell,7e-1\n333,buy,10000.01";
  const columns: Column[] = [
    { form: "whole", name: "time", decimals: 3 },
    { form: "word", name: "word", words: ["buy", "sell"] },
    number("price"),
  ];
  for (let pieces = 1; pieces <= text.length; pieces++) {
    const { rows } = await read(text, columns, { pieces });
    assert.deepEqual(rows, [[1000, 0, 250], [22_000, 1, 70], [333_000, 0, 1_000_001]]);
  }
});

Deno.test("columns may stand anywhere, and others between them", async () => {
  const { rows } = await read("x,b,y,a\nwords,2,,1\nmore,4,NaN,3\n", [number("a"), number("b")]);
  assert.deepEqual(rows, [[100, 200], [300, 400]]);
});

Deno.test("Windows line ends are line ends", async () => {
  const { rows } = await read("a,b\r\n1,2\r\n3,4\r\n", [number("a"), number("b")]);
  assert.deepEqual(rows, [[100, 200], [300, 400]]);
});

Deno.test("a missing column is named", async () => {
  const message = await faultOf(() => read("a,b\n1,2\n", [number("a"), number("high")]));
  assert.equal(message, 'Cannot read "memory.csv" as the header must have a column "high"');
});

Deno.test("a header without rows is refused", async () => {
  const message = await faultOf(() => read("a,b\n", [number("a")]));
  assert.equal(message, 'Cannot read "memory.csv" as the file must have a row below its header');
});

const badCells: readonly (readonly [string, Column["form"], string])[] = [
  ["NaN", "decimal", "must be a number: current value is NaN"],
  ["nan", "signed", "must be a number: current value is nan"],
  ["", "decimal", "must be a number: current value is empty"],
  ["null", "decimal", "must be a number: current value is null"],
  ["1.2.3", "decimal", "must be a number: current value is 1.2.3"],
  [" 1", "decimal", "must be a number: current value is  1"],
  ["1 ", "decimal", "must be a number: current value is 1 "],
  [".5", "decimal", "must be a number: current value is .5"],
  ["+5", "signed", "must be a number: current value is +5"],
  ["1e", "decimal", "must be a number: current value is 1e"],
  ["0x10", "decimal", "must be a number: current value is 0x10"],
  ["Infinity", "decimal", "must be a number: current value is Infinity"],
  ['"1"', "decimal", 'must be a number: current value is "1"'],
  ["-1", "decimal", "must not be negative: current value is -1"],
  ["-0.001", "decimal", "must not be negative: current value is -0.001"],
  ["1e3", "whole", "must be a whole number: current value is 1e3"],
  ["1.5", "whole", "must be a whole number: current value is 1.5"],
  ["-1", "whole", "must be a whole number: current value is -1"],
  ["90071992547410", "decimal", "must have at most 15 digits down to 1e-2"],
  ["1e300", "decimal", "must have at most 15 digits down to 1e-2"],
];

for (const [cell, form, rule] of badCells) {
  Deno.test(`a ${form} cell is refused with its line and column: ${cell || "empty"}`, async () => {
    const column: Column = form === "word" ? number("b") : { form, name: "b", decimals: 2 };
    const message = await faultOf(() => read(`a,b\n1,2\n3,${cell}\n`, [number("a"), column]));
    assert.ok(message.includes(`row 3 column "b" ${rule}`), message);
  });
}

Deno.test("numbers of legal but odd form are taken", async () => {
  const signed: Column = { form: "signed", name: "a", decimals: 8 };
  const { rows } = await read("a\n-3.651e-05\n-0\n5.\n007\n1E+2\n", [signed]);
  assert.deepEqual(rows, [[-3651], [0], [500_000_000], [700_000_000], [10_000_000_000]]);
});

Deno.test("a word that is none of the list is refused", async () => {
  const side: Column = { form: "word", name: "side", words: ["buy", "sell"] };
  const message = await faultOf(() => read("side\nbuy\nbuyer\n", [side]));
  assert.equal(
    message,
    'Cannot read "memory.csv" as row 3 column "side" must be one of buy, sell: ' +
      "current value is buyer",
  );
});

const badRows: readonly (readonly [string, string])[] = [
  ["1", "must have 2 cells: current value is 1"],
  ["1,2,3", "must have 2 cells: current value is 3"],
];
for (const [row, rule] of badRows) {
  Deno.test(`a row with the wrong number of cells is refused: ${row}`, async () => {
    const message = await faultOf(() => read(`a,b\n${row}\n`, [number("a"), number("b")]));
    assert.equal(message, `Cannot read "memory.csv" as row 2 ${rule}`);
  });
}

Deno.test("a row the caller refuses is reported with the text of its cell", async () => {
  const rule = ([a]: readonly number[]) =>
    a === 300 ? { column: "a", rule: "must be odd" } : undefined;
  const message = await faultOf(() => read("b,a\n1,2\n2,3.00\n", [number("a")], { rule }));
  assert.equal(
    message,
    'Cannot read "memory.csv" as row 3 column "a" must be odd: current value is 3.00',
  );
});

Deno.test("told to skip, bad rows are left out and counted, and the next row is whole", async () => {
  const text = "a,b\n1,2\nNaN,3\n4\n5,6,7\n,\n8,9\n";
  const { rows, skipped, count } = await read(text, [number("a"), number("b")], {
    errors: "skip",
  });
  assert.deepEqual(rows, [[100, 200], [800, 900]]);
  assert.equal(skipped, 4);
  assert.equal(count, 6);
});

Deno.test("binary rubbish does not break the line of the message", async () => {
  const message = await faultOf(() => read(`a\n${"\u0007x".repeat(500)}\n`, [number("a")]));
  assert.ok(message.length < 200, message);
  assert.ok(message.includes("?x?x"), message);
});
