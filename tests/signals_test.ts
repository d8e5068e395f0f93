// Signal maths against values worked out by hand, and what must hold for any numbers.

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Level } from "../lib/core/strategy.ts";
import {
  atr,
  clamp,
  ewma,
  imbalance,
  mean,
  median,
  microprice,
  realisedVolatility,
  standardDeviation,
  trueRange,
} from "../lib/signals.ts";
import { level } from "./support/core.ts";

const cases: readonly (readonly [string, number | undefined, number | undefined])[] = [
  ["clamp below", clamp(1, 2, 5), 2],
  ["clamp inside", clamp(3, 2, 5), 3],
  ["clamp above", clamp(6, 2, 5), 5],
  ["mean of nothing", mean([]), undefined],
  ["mean", mean([1, 2, 6]), 3],
  ["median of nothing", median([]), undefined],
  ["median of one", median([7]), 7],
  ["median of an odd count", median([9, 1, 2]), 2],
  ["median of an even count", median([9, 1, 2, 4]), 3],
  ["median sorts by number", median([10, 9, 100]), 10],
  ["deviation of one", standardDeviation([1]), undefined],
  ["deviation", standardDeviation([2, 4, 4, 4, 5, 5, 7, 9]), Math.sqrt(32 / 7)],
  ["ewma begins at the first value", ewma(undefined, 8, 0.25), 8],
  ["ewma", ewma(8, 16, 0.25), 10],
  ["ewma that forgets all", ewma(8, 16, 1), 16],
  ["true range without a close before", trueRange({ high: 5, low: 3, close: 4 }, undefined), 2],
  ["true range inside", trueRange({ high: 5, low: 3, close: 4 }, 4), 2],
  ["true range after a gap down", trueRange({ high: 5, low: 3, close: 4 }, 9), 6],
  ["true range after a gap up", trueRange({ high: 5, low: 3, close: 4 }, 1), 4],
  ["volatility of one price", realisedVolatility([3]), undefined],
  ["volatility of a flat price", realisedVolatility([3, 3, 3]), 0],
  ["volatility", realisedVolatility([1, Math.E, 1]), 1],
];

for (const [name, actual, expected] of cases) {
  Deno.test(`signals: ${name}`, () => assert.equal(actual, expected));
}

const bars = [
  { high: 12, low: 10, close: 11 },
  { high: 13, low: 12, close: 12 },
  { high: 12, low: 8, close: 9 },
];

Deno.test("ATR is the mean true range of the last bars, with the close before them", () => {
  assert.equal(atr(bars, 2), (2 + 4) / 2);
  assert.equal(atr(bars, 3), (2 + 2 + 4) / 3);
  assert.equal(atr(bars, 4), undefined);
});

const book = {
  bids: [level(100, 30), level(99, 10), level(98, 500)],
  asks: [level(102, 10), level(103, 10)],
};

Deno.test("imbalance is of the best levels only", () => {
  assert.equal(imbalance(book, 1), 20 / 40);
  assert.equal(imbalance(book, 2), 20 / 60);
  assert.equal(imbalance({ bids: [], asks: book.asks }, 5), -1);
  assert.equal(imbalance({ bids: [], asks: [] }, 5), undefined);
});

Deno.test("microprice leans to the thinner side", () => {
  assert.equal(microprice(book), (100 * 10 + 102 * 30) / 40);
  assert.equal(microprice({ bids: book.bids, asks: [] }), undefined);
  assert.equal(microprice({ bids: [level(100, 0)], asks: book.asks }), undefined);
});

const anyValues = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 50 });
const anySide: fc.Arbitrary<Level[]> = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1000 })),
  { minLength: 1, maxLength: 5 },
).map((levels) => levels.map(([price, quantity]) => level(price, quantity)));

function between(value: number | undefined, low: number, high: number): void {
  assert.ok(value !== undefined && value >= low - 1e-9 && value <= high + 1e-9, String(value));
}

Deno.test("means lie within their values, and order does not matter to them", () => {
  fc.assert(
    fc.property(anyValues, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, alpha) => {
      const low = Math.min(...values);
      const high = Math.max(...values);
      between(mean(values), low, high);
      between(median(values), low, high);
      between(
        values.reduce<number | undefined>((old, v) => ewma(old, v, alpha), undefined),
        low,
        high,
      );
      assert.equal(median(values.toReversed()), median(values));
    }),
  );
});

Deno.test("deviation and volatility ignore a shift and a scale respectively", () => {
  fc.assert(fc.property(anyValues, (values) => {
    const deviation = standardDeviation(values);
    between(standardDeviation(values.map((v) => v + 50)), deviation ?? NaN, deviation ?? NaN);
    const volatility = realisedVolatility(values);
    between(realisedVolatility(values.map((v) => v * 8)), volatility ?? NaN, volatility ?? NaN);
  }));
});

Deno.test("imbalance turns its sign and microprice stays within the touch", () => {
  fc.assert(fc.property(anySide, anySide, (bids, asks) => {
    between(imbalance({ bids, asks }, 3), -1, 1);
    assert.equal(
      (imbalance({ bids, asks }, 3) ?? NaN) + (imbalance({ bids: asks, asks: bids }, 3) ?? NaN),
      0,
    );
    const touch = [bids[0]?.price ?? NaN, asks[0]?.price ?? NaN];
    between(microprice({ bids, asks }), Math.min(...touch), Math.max(...touch));
  }));
});
