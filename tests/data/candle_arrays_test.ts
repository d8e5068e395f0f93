// The lists that ccxt, freqtrade and Coinbase hand out, and what is said of those that are wrong.

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { readCandleArrays } from "../../lib/data/candle_arrays.ts";
import { DataFault } from "../../lib/data/fault.ts";

function read(text: string): { readonly lines: readonly string[]; readonly repeated: number } {
  const lines: string[] = [];
  const { repeated } = readCandleArrays("a.json", text, (row) => lines.push(row.text));
  return { lines, repeated };
}

function faultIn(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof DataFault) return error.message.replace('Cannot read "a.json" as ', "");
    throw error;
  }
  return "none";
}

Deno.test("ccxt and freqtrade: ms, open, high, low, close, volume", () => {
  const text = "[[1700000000000, 1.10, 2.0, 1, 1.50, 7e-05],[1700000060000,1.5,1.5,1.5,1.5,0]]";
  deepEqual(read(text).lines, [
    "1700000000000,1.10,2.0,1,1.50,0.00007",
    "1700000060000,1.5,1.5,1.5,1.5,0",
  ]);
});

Deno.test("Coinbase: s, low, high, open, close, volume, newest first", () => {
  const text = "[[1700000060,1,4,2,3,5.5],\n[1700000000,1,9,2,3,0.1]]\n";
  deepEqual(read(text).lines, ["1700000000000,2,9,1,3,0.1", "1700000060000,2,4,1,3,5.5"]);
});

Deno.test("numbers in quotes are numbers", () => {
  deepEqual(read('[["1700000000000","1","2","1","2","3"]]').lines, ["1700000000000,1,2,1,2,3"]);
});

Deno.test("a candle that stands there twice is taken once", () => {
  const candle = "[1700000000000,1,2,1,2,3]";
  deepEqual(read(`[${candle},${candle}]`), { lines: ["1700000000000,1,2,1,2,3"], repeated: 1 });
});

Deno.test("digits arrive as they were written, whatever a float would make of them", () => {
  const price = fc.tuple(fc.integer({ min: 1, max: 10 ** 9 }), fc.stringMatching(/^\d{1,25}$/))
    .map(([whole, part]) => `${whole}.${part}`);
  fc.assert(fc.property(price, (p) => {
    deepEqual(read(`[[1700000000000,${p},${p},${p},${p},1]]`).lines, [
      `1700000000000,${p},${p},${p},${p},1`,
    ]);
  }));
});

Deno.test("what is wrong is told with its line, its candle and its column", () => {
  const good = "[1700000000000,1,2,1,2,3]";
  const rows = [
    ["[]", "the list must hold a candle"],
    ["{}", "row 1 must be a list of lists of numbers"],
    ["[1]", "row 1 must be a list of lists of numbers"],
    [
      `[${good},\n[1700000060000,1,2,1,2]]`,
      'row 2 column "candle 2" must have 6 numbers, not 5: current value is 1700000060000,1,2,1,2',
    ],
    [
      `[\n${good},\n\n[1700000060000,1,0.5,1,2,3]]`,
      'row 4 column "candle 2 high" must be at least low: current value is 0.5',
    ],
    [
      "[[1700000000000,1,2,1,2,null]]",
      'row 1 column "candle 1 volume" must be a number not below zero: current value is null',
    ],
    [
      "[[1700000000000,1,2,1,2,-3]]",
      'row 1 column "candle 1 volume" must be a number not below zero: current value is -3',
    ],
    [
      `[${good},[1700000060,1,2,1,2,3]]`,
      'row 1 column "candle 2 time" must be a time in ms, like the first: current value is 1700000060',
    ],
    [
      "[[17,1,2,1,2,3]]",
      'row 1 column "candle 1 time" must be a time in s or ms: current value is 17',
    ],
    [
      `[${good},[1700000000000,1,2,1,2,4]]`,
      "row 1 must not be another candle of a time that has one: current value is 1700000000000,1,2,1,2,4",
    ],
    [`[${good}`, "row 1 must be whole: the list does not end"],
    [`[${good}] and more`, "row 1 must end with its list"],
    [`[${good} ${good}]`, "row 1 must go on with a comma or end with ]"],
    ["[[1700000000000,[1],2,1,2,3]]", "row 1 must have numbers in candle 1"],
  ] as const;
  for (const [text, fault] of rows) equal(faultIn(text), fault, text);
});

Deno.test("no text whatever brings anything but candles or a fault", () => {
  const piece = fc.constantFrom("[", "]", ",", "1700000000000", "1", '"2"', "null", " ", "\n", '"');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      faultIn(pieces.join(""));
    }),
    { numRuns: 500 },
  );
});
