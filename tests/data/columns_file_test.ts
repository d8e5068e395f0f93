// Tests lib/data/columns_file.ts: every column comes back to the last bit, and a block that is not
// to the byte what was written gives nothing.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import type { Candles, Tape } from "../../lib/core/columns.ts";
import { micros } from "../../lib/core/units.ts";
import {
  decodeColumns,
  encodeColumns,
  FORMAT_VERSION,
  type ReadColumns,
} from "../../lib/data/columns_file.ts";
import type { DataReport } from "../../lib/data/report.ts";

const key = new Uint8Array(32).fill(7);

function aReport(rows: number): DataReport {
  return {
    files: [{ path: "a – ä.csv.gz", kind: "klines", rows: 3, sha256: "00ff" }],
    ...{ rows, skipped: 1, rounded: 2, dropped: 3, clamped: 4, gaps: 5 },
    ...{ from: rows === 0 ? undefined : micros(60e6), to: rows === 0 ? undefined : micros(9e15) },
  };
}

function bars(rows: readonly (readonly number[])[]): ReadColumns {
  const column = (index: number) => rows.map((row) => row[index] ?? 0);
  const candles: Candles = {
    length: rows.length,
    barSec: 60,
    time: new Float64Array(column(0)),
    open: new Int32Array(column(1)),
    high: new Int32Array(column(2)),
    low: new Int32Array(column(3)),
    close: new Int32Array(column(4)),
    volume: new Float64Array(column(5)),
  };
  return { candles, report: aReport(rows.length) };
}

function ticksOf(rows: readonly (readonly number[])[]): ReadColumns {
  const column = (index: number) => rows.map((row) => row[index] ?? 0);
  const tape: Tape = {
    length: rows.length,
    kind: new Uint8Array(column(0)),
    time: new Float64Array(column(1)),
    price: new Int32Array(column(2)),
    quantity: new Int32Array(column(3)),
    askPrice: new Int32Array(column(4)),
    askQuantity: new Int32Array(column(5)),
  };
  return { tape, report: aReport(rows.length) };
}

function block(read: ReadColumns): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encodeColumns(key, read));
}

// Near and far apart, so that every width of a step is met and none fits.
const int32 = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.integer({ min: -40_000, max: 40_000 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.constantFrom(0, 127, 128, -128, -129, 32_767, 32_768, 2 ** 31 - 1, -(2 ** 31)),
);
const float64 = fc.oneof(
  int32,
  fc.maxSafeInteger(),
  fc.double(),
  fc.constantFrom(-0, NaN, Infinity, 0.5, 2 ** 53, 1.7e15),
);

Deno.test("whatever bars hold comes back, to the sign of a zero", () => {
  const row = fc.tuple(float64, int32, int32, int32, int32, float64);
  fc.assert(fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
    assert.deepEqual(decodeColumns(key, block(bars(rows))), bars(rows));
  }));
});

Deno.test("whatever a tape holds comes back", () => {
  const kind = fc.integer({ min: 0, max: 255 });
  const row = fc.tuple(kind, float64, int32, int32, int32, int32);
  fc.assert(fc.property(fc.array(row, { maxLength: 12 }), (rows) => {
    assert.deepEqual(decodeColumns(key, block(ticksOf(rows))), ticksOf(rows));
  }));
});

Deno.test("columns whose steps are near the edges of a width come back", () => {
  const edges = [2 ** 7, 2 ** 15, 2 ** 31].flatMap((edge) => [edge - 1, edge, edge + 1]);
  for (const step of edges.flatMap((edge) => [edge, -edge])) {
    const whole = step > 2 ** 30 ? step - 2 ** 31 : step;
    const rows = [[1e15, 5, 5, 5, 5, 0], [1e15 + step, whole, 5, 5, 5, step], [
      1e15,
      5,
      5,
      5,
      5,
      0,
    ]];
    const read = bars(rows);
    assert.deepEqual(decodeColumns(key, block(read)), read, String(step));
  }
});

Deno.test("a tape that shares the memory of a longer one comes back alone", () => {
  const memory = new Int32Array([1, -2e9, 2e9, 4, 5]);
  const read = ticksOf([[0, 60e6, -2e9, 2, 2, 2], [1, 61e6, 2e9, 3, 3, 3]]);
  assert.ok("tape" in read);
  const shared = { ...read, tape: { ...read.tape, price: memory.subarray(1, 3) } };
  assert.deepEqual(decodeColumns(key, block(shared)), read);
});

Deno.test("near neighbours take little room", () => {
  const rows = Array.from({ length: 1000 }, (_, i) => {
    const price = 15_000 + i % 7;
    return [i * 60e6, price, price + 3, price - 3, price + 1, 100 * (i % 50)];
  });
  // Time 4, four prices 1 each, volume 2.
  assert.ok(block(bars(rows)).length < 11_000, `${block(bars(rows)).length} bytes`);
});

Deno.test("a block with any byte changed, cut off or added gives nothing", () => {
  const good = block(bars([[60e6, 1, 2, 1, 2, 0.5], [120e6, 2, 70_000, 1, 2, 7]]));
  for (let at = 0; at < good.length; at++) {
    const bent = good.slice();
    bent[at] = (bent[at] ?? 0) ^ (1 << (at % 8));
    assert.equal(decodeColumns(key, bent), undefined, `byte ${at}`);
    assert.equal(decodeColumns(key, good.slice(0, at)), undefined, `${at} bytes left`);
  }
  assert.equal(decodeColumns(key, new Uint8Array([...good, 0])), undefined);
});

Deno.test("a block of another key gives nothing", () => {
  assert.equal(decodeColumns(new Uint8Array(32), block(bars([]))), undefined);
});

// When this fails the layout has changed: raise FORMAT_VERSION, then write the new digest here.
Deno.test("the layout is the one that FORMAT_VERSION stands for", () => {
  const hash = createHash("sha256");
  hash.update(block(bars([[60e6, 1, 2, 1, 2, 0.5], [120e6, 2, 70_000, 1, 2, 7]])));
  hash.update(block(ticksOf([[0, 60e6, 2, 2, 2, 2], [2, 61e6, 3, 300, -3, 300_000]])));
  assert.deepEqual([FORMAT_VERSION, hash.digest("hex").slice(0, 16)], [1, "2725c2db2091a023"]);
});
