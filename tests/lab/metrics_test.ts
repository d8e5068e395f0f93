// The figures of whole runs, small enough to check by hand.

import assert from "node:assert/strict";
import { notional } from "../../lib/core/market.ts";
import { base, cash, cashOf, lots, micros, SECOND, ticks } from "../../lib/core/units.ts";
import { type FillRow, isoTime, measure, type Measured } from "../../lib/lab/metrics.ts";
import { perpMarket, spotMarket } from "../support/core.ts";

const market = perpMarket();
/** 2025-01-01 00:00 UTC. */
const START = 1_735_689_600 * SECOND;

function at(hours: number) {
  return micros(START + hours * 3600 * SECOND);
}

function sample(hours: number, usd: number, position = 0) {
  return { time: at(hours), equity: cashOf(usd), position: lots(position) };
}

function fill(fields: Partial<FillRow>): FillRow {
  return {
    time: at(0),
    side: "bid",
    price: ticks(10_000),
    quantity: lots(100),
    maker: true,
    fee: cash(0),
    feeBase: base(0),
    positionAfter: lots(0),
    realised: cash(0),
    ...fields,
  };
}

function aRun(fields: Partial<Measured> = {}): Measured {
  return {
    market,
    capital: cashOf(1000),
    samples: [sample(0, 1000), sample(1, 1010)],
    fills: [],
    maxDrawdown: { cash: cash(0), fraction: 0, from: at(0), to: at(0) },
    firstMid: 10_000,
    lastMid: 10_050,
    ...fields,
  };
}

/** Three pairs: +2, -1 and +1 USD, with 0.1 USD of fees a fill; one USD is 100 lots × 100 ticks. */
const threePairs: readonly FillRow[] = [
  fill({ side: "bid", price: ticks(10_000), fee: cashOf(0.1), positionAfter: lots(100) }),
  fill({ side: "ask", price: ticks(10_200), fee: cashOf(0.1) }),
  fill({ side: "ask", price: ticks(10_100), fee: cashOf(0.1), positionAfter: lots(-100) }),
  fill({ side: "bid", price: ticks(10_200), fee: cashOf(0.1), maker: false }),
  fill({ side: "bid", price: ticks(10_100), fee: cashOf(0.1), positionAfter: lots(100) }),
  fill({ side: "ask", price: ticks(10_200), fee: cashOf(0.1) }),
];

Deno.test("profit and return are against capital, the market against its first mid", () => {
  const found = measure(aRun());
  assert.equal(found.netPnl, "10");
  assert.equal(found.returnPct, 1);
  assert(Math.abs((found.marketChangePct ?? NaN) - 0.5) < 1e-12);
});

Deno.test("round trips are counted after fees", () => {
  const found = measure(aRun({ fills: threePairs }));
  assert.equal(found.roundTrips, 3);
  assert(Math.abs((found.winRatePct ?? NaN) - 200 / 3) < 1e-9);
  assert(Math.abs((found.profitFactor ?? NaN) - (1.8 + 0.8) / 1.2) < 1e-9);
  assert.equal(found.expectancy, "0.46666666");
  assert.equal(found.maxConsecutiveWins, 1);
  assert.equal(found.maxConsecutiveLosses, 1);
  assert.equal(found.fees, "0.6");
});

Deno.test("a pair that only pays its fees is neither won nor lost", () => {
  const pair = [fill({}), fill({ side: "ask", price: ticks(10_020), fee: cashOf(0.2) })];
  const found = measure(aRun({ fills: pair }));
  assert.equal(found.winRatePct, 0);
  assert.equal(found.profitFactor, null);
  assert.equal(found.expectancy, "0");
  assert.deepEqual([found.maxConsecutiveWins, found.maxConsecutiveLosses], [0, 0]);
});

Deno.test("rows of wins and losses are the longest ones", () => {
  const exits = [10_100, 10_100, 9_900, 9_900, 9_900, 10_100].flatMap((price) => [
    fill({}),
    fill({ side: "ask", price: ticks(price) }),
  ]);
  const found = measure(aRun({ fills: exits }));
  assert.deepEqual([found.maxConsecutiveWins, found.maxConsecutiveLosses], [2, 3]);
});

Deno.test("volume, maker share and turnover count money, not fills", () => {
  const found = measure(aRun({ fills: threePairs }));
  // 100 + 102 + 101 + 102 + 101 + 102 USD, of which 102 as taker.
  assert.equal(found.volumeQuote, "608");
  assert(Math.abs((found.makerSharePct ?? NaN) - (506 / 608) * 100) < 1e-9);
  assert.equal(found.turnover, 0.608);
  assert.equal(found.fills, 6);
});

Deno.test("volume is exact beyond what a number can count", () => {
  const large = fill({ price: ticks(1_000_001), quantity: lots(400_003) });
  const found = measure(aRun({ fills: Array<FillRow>(30).fill(large) }));
  const exact = 30n * BigInt(notional(market, large.price, large.quantity));
  assert(exact > BigInt(Number.MAX_SAFE_INTEGER));
  assert.equal(found.volumeQuote, "1200010200.009");
  assert.equal(exact, 120_001_020_000_900_000n);
});

Deno.test("the range of inventory holds samples and fills", () => {
  const fills = [fill({ positionAfter: lots(250) })];
  const samples = [sample(0, 1000, 0), sample(1, 1000, -30)];
  const found = measure(aRun({ fills, samples }));
  assert.deepEqual([found.minPosition, found.maxPosition], ["-0.3", "2.5"]);
});

Deno.test("inventory taken over makes round trips from the first mid", () => {
  const samples = [sample(0, 1000, 100), sample(1, 1001)];
  const sold = [fill({ side: "ask", price: ticks(10_100) })];
  const found = measure(aRun({ fills: sold, samples }));
  assert.equal(found.roundTrips, 1);
  assert.equal(found.expectancy, "1");
});

Deno.test("a fee in base counts at the price of its fill", () => {
  const paid = fill({ feeBase: base(1_000_000) });
  assert.equal(measure(aRun({ market: spotMarket(), fills: [paid] })).fees, "1");
});

Deno.test("the drawdown is the run's own, with its times", () => {
  const maxDrawdown = { cash: cashOf(12.5), fraction: 0.0125, from: at(0), to: at(1) };
  const found = measure(aRun({ maxDrawdown }));
  assert.equal(found.maxDrawdown, "12.5");
  assert.equal(found.maxDrawdownPct, 1.25);
  assert.equal(found.drawdownFrom, "2025-01-01T00:00:00.000000Z");
  assert.equal(found.drawdownTo, "2025-01-01T01:00:00.000000Z");
  const none = measure(aRun());
  assert.deepEqual([none.maxDrawdown, none.maxDrawdownPct, none.drawdownFrom], ["0", 0, null]);
});

Deno.test("Calmar needs growth and a drawdown", () => {
  const samples = [sample(0, 1000), sample(365 * 24, 1200)];
  const maxDrawdown = { cash: cashOf(50), fraction: 0.05, from: at(0), to: at(1) };
  assert(Math.abs((measure(aRun({ samples, maxDrawdown })).calmar ?? NaN) - 4) < 1e-9);
  assert.equal(measure(aRun({ samples })).calmar, null);
  assert.equal(measure(aRun({ maxDrawdown })).calmar, null);
});

Deno.test("what is not known is null and never NaN", () => {
  const empty = { samples: [], capital: cash(0), firstMid: NaN, lastMid: 0 };
  const found = measure(aRun(empty));
  for (const [key, value] of Object.entries(found)) {
    assert(typeof value !== "number" || Number.isFinite(value), key);
  }
  const { bestDay, cagrPct, expectancy, makerSharePct, marketChangePct, minPosition } = found;
  assert.deepEqual(
    [bestDay, cagrPct, expectancy, makerSharePct, marketChangePct, minPosition],
    Array(6).fill(null),
  );
  const { longestUnderwaterSec, netPnl, profitFactor, returnPct, sharpe, turnover, winRatePct } =
    found;
  assert.deepEqual(
    [longestUnderwaterSec, netPnl, profitFactor, returnPct, sharpe, turnover, winRatePct],
    Array(7).fill(null),
  );
});

Deno.test("times keep their microseconds", () => {
  assert.equal(isoTime(micros(START + 1_234_567)), "2025-01-01T00:00:01.234567Z");
  assert.equal(isoTime(micros(START + 1_000_007)), "2025-01-01T00:00:01.000007Z");
});
