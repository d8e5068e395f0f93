// Figures of an equity curve, worked by hand. What cannot be known must be null, never 0 or NaN.

import assert from "node:assert/strict";
import fc from "fast-check";
import { cash, cashOf, DAY, lots, type Micros, micros, SECOND } from "../../lib/core/units.ts";
import type { EquitySample } from "../../lib/lab/metrics.ts";
import {
  daysOf,
  growthPct,
  longestUnderwaterSec,
  periodReturns,
  ratiosOf,
} from "../../lib/lab/returns.ts";

/** 2025-01-01 00:00 UTC. */
const START = 1_735_689_600 * SECOND;
const HOUR = 3600 * SECOND;

/** Equity in USD at so many periods after the start. */
function curve(period: number, points: readonly (readonly [number, number])[]): EquitySample[] {
  return points.map(([at, usd]) => ({
    time: micros(Math.round(START + at * period)),
    equity: cashOf(usd),
    position: lots(0),
  }));
}

function every(period: number, equities: readonly number[]): EquitySample[] {
  return curve(period, equities.map((usd, i) => [i, usd] as const));
}

Deno.test("returns are taken on a regular grid, whenever samples come", () => {
  const cases: readonly (readonly [string, [number, number][], number[]])[] = [
    ["a sample on each boundary", [[0, 100], [1, 110], [2, 99]], [0.1, -0.1]],
    ["samples between boundaries", [[0, 100], [0.5, 50], [0.9, 110], [1.5, 120], [2, 99]], [
      0.1,
      -0.1,
    ]],
    ["a silence carries equity on", [[0, 100], [0.2, 110], [3.5, 90]], [0.1, 0, 0]],
    ["a part of a period does not count", [[0, 100], [1.9, 120]], [0]],
    ["several samples at one boundary: the last", [[0, 100], [1, 150], [1, 110]], [0.1]],
    ["one sample", [[0, 100]], []],
    ["none", [], []],
    ["no return on nothing", [[0, 100], [1, 0], [2, 10]], []],
    ["equity may end at nothing", [[0, 100], [1, 50], [2, 0]], [-0.5, -1]],
  ];
  for (const [name, points, returns] of cases) {
    const found = periodReturns(curve(HOUR, points), HOUR);
    assert.equal(found.length, returns.length, name);
    found.forEach((r, i) => assert(Math.abs(r - (returns[i] ?? NaN)) < 1e-12, name));
  }
});

Deno.test("Sharpe and Sortino agree with a calculation by hand", () => {
  // Twelve hourly returns: +1 % eight times, -1 % four times.
  const equities = [10_000];
  for (const r of [1, 1, -1, 1, 1, -1, 1, 1, -1, 1, 1, -1]) {
    equities.push((equities.at(-1) ?? NaN) * (1 + r / 100));
  }
  const { returnPeriods, returnSampling, sharpe, sortino } = ratiosOf(every(HOUR, equities));
  assert.equal(returnSampling, "hourly");
  assert.equal(returnPeriods, 12);
  // Mean 1/300; sample deviation sqrt((8 (2/300)² + 4 (4/300)²) / 11); downside sqrt(4 × 1e-4 / 12).
  const mean = 1 / 300;
  const deviation = Math.sqrt((8 * (2 / 300) ** 2 + 4 * (4 / 300) ** 2) / 11);
  assert(Math.abs((sharpe ?? NaN) - (mean / deviation) * Math.sqrt(8760)) < 1e-6);
  assert(Math.abs((sortino ?? NaN) - (mean / Math.sqrt(4e-4 / 12)) * Math.sqrt(8760)) < 1e-6);
});

Deno.test("returns are daily from fourteen days on, and annualised by days", () => {
  const equities = Array.from({ length: 15 }, (_, i) => 100 + (i % 2));
  const daily = ratiosOf(every(DAY, equities));
  assert.equal(daily.returnSampling, "daily");
  assert.equal(daily.returnPeriods, 14);
  const hourly = ratiosOf(every(HOUR, equities));
  assert.equal(hourly.returnSampling, "hourly");
  assert(daily.sharpe !== null && hourly.sharpe !== null);
  assert(Math.abs(hourly.sharpe / daily.sharpe - Math.sqrt(24)) < 1e-9);
  assert.equal(ratiosOf(every(DAY, equities.slice(1))).returnSampling, "hourly");
});

Deno.test("a ratio of too few or equal returns is null", () => {
  const grow = (n: number, by: number) => Array.from({ length: n }, (_, i) => 100 * by ** i);
  assert.equal(ratiosOf(every(HOUR, grow(10, 1.01))).sharpe, null);
  for (const equities of [grow(30, 1), grow(30, 1.001), grow(200, 1.001)]) {
    const { sharpe, sortino } = ratiosOf(every(HOUR, equities));
    assert.equal(sharpe, null);
    assert.equal(sortino, null);
  }
  const wins = ratiosOf(every(HOUR, Array.from({ length: 20 }, (_, i) => 100 + i ** 2)));
  assert(wins.sharpe !== null && wins.sharpe > 0);
  assert.equal(wins.sortino, null);
  assert.deepEqual(ratiosOf([]), {
    returnSampling: "hourly",
    returnPeriods: 0,
    sharpe: null,
    sortino: null,
  });
});

Deno.test("whatever the curve, a ratio is a number or null", () => {
  const points = fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.nat(3)), { maxLength: 40 });
  fc.assert(fc.property(points, (some) => {
    const sorted = some.toSorted(([a], [b]) => a - b);
    const samples = curve(HOUR, sorted);
    const { sharpe, sortino } = ratiosOf(samples);
    for (const value of [sharpe, sortino, growthPct(samples, cash(100_000_000))]) {
      assert(value === null || Number.isFinite(value));
    }
    assert((longestUnderwaterSec(samples) ?? 0) >= 0);
  }));
});

Deno.test("growth is compounded to a year, and not stated under 30 days", () => {
  const over = (days: number, end: number) => growthPct(every(days * DAY, [100, end]), cashOf(100));
  assert.equal(over(29.99, 200), null);
  assert(Math.abs((over(365, 120) ?? NaN) - 20) < 1e-9);
  assert(Math.abs((over(73, 110) ?? NaN) - (1.1 ** 5 - 1) * 100) < 1e-9);
  assert.equal(over(40, 0), -100);
  assert.equal(over(40, -5), -100);
  assert.equal(growthPct([], cashOf(100)), null);
  assert.equal(growthPct(every(40 * DAY, [100, 110]), cash(0)), null);
});

Deno.test("under water lasts from the peak until it is reached again, or the end", () => {
  const cases: readonly (readonly [[number, number][], number | null])[] = [
    [[], null],
    [[[0, 100]], 0],
    [[[0, 100], [1, 110], [2, 120]], 0],
    [[[0, 100], [1, 90], [3, 100], [4, 99], [5, 101]], 3],
    [[[0, 100], [1, 90], [2, 101], [3, 90], [7, 80]], 5],
    [[[0, 100], [4, 99]], 4],
    [[[0, 100], [5, 100], [6, 99], [7, 100]], 2],
  ];
  for (const [points, hours] of cases) {
    const found = longestUnderwaterSec(curve(HOUR, points));
    assert.equal(found, hours === null ? null : hours * 3600);
  }
});

Deno.test("days are UTC days, each measured from the end of the one before", () => {
  const samples = curve(DAY, [
    [0, 1000],
    [0.5, 1010],
    [0.9, 1005],
    [1.2, 990],
    [3.999, 997.5],
    [4, 997.5],
  ]);
  assert.deepEqual(daysOf(samples, cashOf(1000)), {
    bestDay: { day: "2025-01-04", pnl: "7.5" },
    worstDay: { day: "2025-01-02", pnl: "-15" },
    daysWon: 2,
    daysLost: 1,
    daysFlat: 2,
  });
  assert.deepEqual(daysOf([], cashOf(1000)), {
    bestDay: null,
    worstDay: null,
    daysWon: 0,
    daysLost: 0,
    daysFlat: 0,
  });
});

Deno.test("every day of a run is won, lost or flat", () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.integer()), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(fc.property(steps, (some) => {
    let time: Micros = micros(START);
    const samples = some.map(([seconds, equity]) => {
      time = micros(time + seconds * SECOND);
      return { time, equity: cash(equity), position: lots(0) };
    });
    const { bestDay, daysFlat, daysLost, daysWon, worstDay } = daysOf(samples, cash(500));
    const first = Math.floor((samples[0]?.time ?? NaN) / DAY);
    assert.equal(daysWon + daysLost + daysFlat, Math.floor(time / DAY) - first + 1);
    assert(bestDay !== null && worstDay !== null);
    assert(Number(bestDay.pnl) >= Number(worstDay.pnl));
  }));
});
