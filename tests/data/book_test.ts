// Tests lib/data/book.ts: best prices arrive exactly, or with a wider spread.

import assert from "node:assert/strict";
import { coarse, faultOf } from "./files.ts";
import { tapeOf } from "./rows.ts";

const HEADER = "ts_us,recv_us,bid_px,bid_qty,ask_px,ask_qty,update_id";

Deno.test("best prices arrive in ticks and lots; a locked book is a book", async () => {
  const { rows } = await tapeOf([[HEADER, "1,9,10,1,10.01,2,5", "1,9,10.01,0.5,10.01,0.25,6"]]);
  assert.deepEqual(rows, ["1 best 1000x100 1001x200", "1 best 1001x50 1001x25"]);
});

Deno.test("best prices between ticks move apart and are counted", async () => {
  const { rows, report } = await tapeOf([[
    HEADER,
    "1,9,10.24,1,10.26,1,1",
    "2,9,10.25,1,10.26,1,2",
    "3,9,10.25,1,10.5,1,3",
  ]], { market: coarse });
  assert.deepEqual(rows, ["1 best 40x2 42x2", "2 best 41x2 42x2", "3 best 41x2 42x2"]);
  assert.equal(report.rounded, 3);
});

Deno.test("an empty side has neither price nor quantity; one below a lot counts as empty", async () => {
  const { rows, report } = await tapeOf([[
    HEADER,
    "1,9,0,0,10,1,1",
    "2,9,9,1,0,0,2",
    "3,9,9,0.4,10,1,3",
  ]], { market: coarse });
  assert.deepEqual(rows, ["1 best 0x0 40x2", "2 best 36x2 0x0", "3 best 36x0 40x2"]);
  assert.equal(report.dropped, 1);
});

const refusals: readonly (readonly [string, string])[] = [
  ["1,9,10,1,11,1,1", 'column "ts_us" must not be before the row above: current value is 1'],
  ["3,9,11.5,1,11,1,1", 'column "ask_px" must be at least bid_px: current value is 11'],
  [
    "3,9,0.001,1,11,1,1",
    'column "bid_px" must be at least one tick of the market: current value is 0.001',
  ],
  ["3,9,10,1,NaN,1,1", 'column "ask_px" must be a number: current value is NaN'],
  ["3,9,10,-1,11,1,1", 'column "bid_qty" must not be negative: current value is -1'],
];
for (const [row, fault] of refusals) {
  Deno.test(`a bad bbo row is refused, or skipped and counted: ${row}`, async () => {
    const file = [HEADER, "2,9,10,1,11,1,1", row, "4,9,10,2,11,2,1"];
    assert.equal(await faultOf(() => tapeOf([file])), `Cannot read "1.csv" as row 3 ${fault}`);
    const { rows, report } = await tapeOf([file], { errors: "skip" });
    assert.deepEqual(rows, ["2 best 1000x100 1100x100", "4 best 1000x200 1100x200"]);
    assert.equal(report.skipped, 1);
  });
}
