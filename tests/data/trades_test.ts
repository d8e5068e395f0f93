// Tests lib/data/trades.ts: prints keep their price and side, or move to where they fill less.

import assert from "node:assert/strict";
import { coarse, faultOf } from "./files.ts";
import { tapeOf } from "./rows.ts";

const HEADER = "ts_us,recv_us,price,qty,side,trade_id";

Deno.test("trades arrive in ticks and lots with the side of the aggressor", async () => {
  const { rows, report } = await tapeOf([[
    HEADER,
    "1,9,10.01,2.5,buy,7",
    "1,9,10,7e-2,sell,8",
    "2,9,10.02,1,bid,9",
    "2,9,9.99,1,ask,10",
  ]]);
  assert.deepEqual(rows, ["1 buy 1001x250", "1 sell 1000x7", "2 buy 1002x100", "2 sell 999x100"]);
  assert.deepEqual([report.rounded, report.dropped, report.clamped, report.skipped], [0, 0, 0, 0]);
});

Deno.test("an inferred side is taken for the side", async () => {
  const { rows } = await tapeOf([["ts_us,price,qty,side_inferred", "1,10,1,sell"]]);
  assert.deepEqual(rows, ["1 sell 1000x100"]);
});

Deno.test("a print between ticks never reaches further than it did", async () => {
  const { rows, report } = await tapeOf([[
    HEADER,
    "1,9,10.24,1,buy,1",
    "2,9,10.01,1,sell,2",
    "3,9,10.25,1,buy,3",
    "4,9,10.25,1,sell,4",
    "5,9,10.2500001,1,buy,5",
    "6,9,10.2500001,1,sell,6",
  ]], { market: coarse });
  assert.deepEqual(rows, [
    "1 buy 40x2",
    "2 sell 41x2",
    "3 buy 41x2",
    "4 sell 41x2",
    "5 buy 41x2",
    "6 sell 42x2",
  ]);
  assert.equal(report.rounded, 4);
});

Deno.test("quantities are rounded down; a trade below a lot is dropped and counted", async () => {
  const { rows, report } = await tapeOf([[
    HEADER,
    "1,9,10,1.49,buy,1",
    "2,9,10,0.49,buy,2",
    "3,9,10,0,buy,3",
    "4,9,10,9e-5,sell,4",
  ]], { market: coarse });
  assert.deepEqual(rows, ["1 buy 40x2"]);
  assert.equal(report.dropped, 3);
  assert.equal(report.rows, 1);
});

Deno.test("a quantity beyond a column is cut to the most it holds and counted", async () => {
  const { rows, report } = await tapeOf([[
    HEADER,
    "1,9,10,21474836.47,buy,1",
    "2,9,10,21474836.48,buy,2",
    "3,9,10,9e10,buy,3",
  ]]);
  assert.deepEqual(rows, [
    "1 buy 1000x2147483647",
    "2 buy 1000x2147483647",
    "3 buy 1000x2147483647",
  ]);
  assert.equal(report.clamped, 2);
});

const refusals: readonly (readonly [string, string])[] = [
  ["1,9,10,1,buy,2", 'column "ts_us" must not be before the row above: current value is 1'],
  ["3,9,10,-1,buy,2", 'column "qty" must not be negative: current value is -1'],
  ["3,9,,1,buy,2", 'column "price" must be a number: current value is empty'],
  ["3,9,0,1,sell,2", 'column "price" must be at least one tick of the market: current value is 0'],
  [
    "3,9,0.004,1,buy,2",
    'column "price" must be at least one tick of the market: current value is 0.004',
  ],
  [
    "3,9,3e7,1,buy,2",
    'column "price" must be at most 2147483647 ticks of the market: current value is 3e7',
  ],
  ["3,9,10,1,SELL,2", 'column "side" must be one of buy, sell, bid, ask: current value is SELL'],
];
for (const [row, fault] of refusals) {
  Deno.test(`a bad trade is refused, or skipped and counted: ${row}`, async () => {
    const file = [HEADER, "2,9,10,1,buy,1", row, "4,9,10,2,buy,3"];
    assert.equal(await faultOf(() => tapeOf([file])), `Cannot read "1.csv" as row 3 ${fault}`);
    const { rows, report } = await tapeOf([file], { errors: "skip" });
    assert.deepEqual(rows, ["2 buy 1000x100", "4 buy 1000x200"]);
    assert.equal(report.skipped, 1);
  });
}

Deno.test("inverse contracts are refused by name", async () => {
  assert.equal(
    await faultOf(() => tapeOf([["ts_us,price,qty_usd,side,seq", "1,8297.5,3,buy,0"]])),
    'Cannot read "1.csv" as column "qty_usd" cannot be played: ' +
      "an inverse contract is worth quote currency, not base",
  );
});
