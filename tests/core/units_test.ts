import assert from "node:assert/strict";
import fc from "fast-check";
import {
  base,
  cash,
  cashOf,
  COIN,
  COIN_DECIMALS,
  DAY,
  lots,
  micros,
  MILLISECOND,
  MOST_CASH,
  NEVER,
  SECOND,
  ticks,
} from "../../lib/core/units.ts";

const units = [
  { make: ticks, text: "not a whole number of ticks" },
  { make: lots, text: "not a whole number of lots" },
  { make: cash, text: "not a whole number of cash units" },
  { make: base, text: "not a whole number of base units" },
  { make: micros, text: "not a whole number of microseconds" },
];

for (const { make, text } of units) {
  Deno.test(`${make.name} takes every whole number that a float holds exactly`, () => {
    for (const value of [0, 1, -1, 14_125, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
      assert.equal(make(value), value);
    }
  });

  Deno.test(`${make.name} refuses fractions, nonsense and numbers too large to be exact`, () => {
    for (const value of [0.5, -0.1, NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53), 1e300]) {
      assert.throws(() => make(value), { name: "Bug", message: `${text}: ${value}` });
    }
  });
}

Deno.test("a person's money becomes whole units, half up", () => {
  const cases: readonly (readonly [number, number])[] = [
    [0, 0],
    [1, 100_000_000],
    [0.1, 10_000_000],
    [0.29, 29_000_000],
    [-12.34, -1_234_000_000],
    [0.000_000_005, 1],
    [0.000_000_004_9, 0],
    [45_000_000, 4_500_000_000_000_000],
  ];
  for (const [amount, expected] of cases) assert.equal(cashOf(amount), expected, `${amount}`);
});

Deno.test("cents are never off by a unit, up to 20 million", () => {
  // Beyond 2^51 units (22.5 million) a float has no room left for the half that is rounded.
  fc.assert(
    fc.property(fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }), (cents) => {
      assert.equal(cashOf(cents / 100) - cents * 1_000_000, 0);
    }),
  );
});

Deno.test("money that is no number is a bug, not a zero", () => {
  for (const amount of [NaN, Infinity, 1e9]) assert.throws(() => cashOf(amount), { name: "Bug" });
});

Deno.test("the constants agree with each other", () => {
  assert.equal(COIN, 10 ** COIN_DECIMALS);
  assert.equal(SECOND, 1000 * MILLISECOND);
  assert.equal(DAY, 24 * 60 * 60 * SECOND);
  assert.ok(Number.isSafeInteger(MOST_CASH + MOST_CASH - 1));
  assert.ok(NEVER > micros(8_640_000_000_000_000));
});
