import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatDecimal,
  formatFixed,
  mulDivFloor,
  mulDivHalfUp,
  parseDecimal,
} from "../../lib/core/decimal.ts";

Deno.test("decimals are read digit by digit, and what is not exact says why", () => {
  const cases: readonly (readonly [string, number, number | string])[] = [
    ["1.05", 3, 1050],
    ["1.05", 2, 105],
    ["0", 8, 0],
    ["-0", 8, 0],
    ["-0.00", 1, 0],
    ["007", 0, 7],
    ["-12.5", 1, -125],
    ["1.5000", 1, 15],
    ["0.1", 17, "too large"],
    ["0.00000001", 8, 1],
    ["90071992.54740991", 8, 9_007_199_254_740_991],
    ["-90071992.54740991", 8, -9_007_199_254_740_991],
    ["90071992.54740992", 8, "too large"],
    ["90071992.54740993", 8, "too large"],
    ["999999999999999999999999", 0, "too large"],
    ["1.051", 2, "too many decimals"],
    ["1.0500001", 2, "too many decimals"],
    ["0.1", 0, "too many decimals"],
    ["", 2, "not a decimal number"],
    [".5", 2, "not a decimal number"],
    ["+1", 2, "not a decimal number"],
    ["--1", 2, "not a decimal number"],
    ["1e5", 2, "not a decimal number"],
    ["0x10", 2, "not a decimal number"],
    ["1,5", 2, "not a decimal number"],
    [" 1", 2, "not a decimal number"],
    ["1\n", 2, "not a decimal number"],
    ["1.2.3", 2, "not a decimal number"],
    ["NaN", 2, "not a decimal number"],
    ["Infinity", 2, "not a decimal number"],
    ["١", 2, "not a decimal number"],
  ];
  for (const [text, decimals, expected] of cases) {
    assert.equal(parseDecimal(text, decimals), expected, `${JSON.stringify(text)} / ${decimals}`);
  }
});

const decimals = fc.integer({ min: 0, max: 12 });

Deno.test("what is printed is read back as the same number", () => {
  fc.assert(fc.property(fc.maxSafeInteger(), decimals, (value, places) => {
    assert.equal(parseDecimal(formatDecimal(value, places), places), value);
    assert.equal(parseDecimal(formatFixed(value, places), places), value);
  }));
});

Deno.test("reading agrees with whole-number arithmetic on the digits", () => {
  const digits = fc.stringMatching(/^[0-9]{1,9}$/);
  const fraction = fc.stringMatching(/^[0-9]{0,9}$/);
  fc.assert(
    fc.property(fc.boolean(), digits, fraction, decimals, (negative, whole, part, places) => {
      const text = `${negative ? "-" : ""}${whole}${part === "" ? "" : `.${part}`}`;
      const scaled = BigInt(whole + part) * 10n ** BigInt(places);
      const unit = 10n ** BigInt(part.length);
      const exact = (negative ? -scaled : scaled) / unit;
      const expected = scaled % unit !== 0n
        ? "too many decimals"
        : exact > BigInt(Number.MAX_SAFE_INTEGER) || exact < BigInt(Number.MIN_SAFE_INTEGER)
        ? "too large"
        : Number(exact);
      assert.equal(parseDecimal(text, places), expected, text);
    }),
  );
});

Deno.test("numbers are printed with and without trailing zeros", () => {
  const cases: readonly (readonly [number, number, string, string])[] = [
    [1050, 3, "1.05", "1.050"],
    [1000, 3, "1", "1.000"],
    [5, 3, "0.005", "0.005"],
    [-5, 3, "-0.005", "-0.005"],
    [0, 3, "0", "0.000"],
    [-0, 2, "0", "0.00"],
    [100, 0, "100", "100"],
    [-7, 0, "-7", "-7"],
    [9_007_199_254_740_991, 8, "90071992.54740991", "90071992.54740991"],
  ];
  for (const [value, places, short, full] of cases) {
    assert.equal(formatDecimal(value, places), short);
    assert.equal(formatFixed(value, places), full);
  }
});

/** Factors of every size, and a divisor no smaller than one of them so that the result is exact. */
const division = fc.tuple(
  fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -2000, max: 2000 })),
  fc.oneof(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), fc.integer({ min: 1, max: 50 })),
).chain(([a, d]) => fc.tuple(fc.constant(a), fc.integer({ min: -d, max: d }), fc.constant(d)));

function floorOf(numerator: bigint, denominator: bigint): bigint {
  const whole = numerator / denominator;
  return numerator % denominator < 0n ? whole - 1n : whole;
}

Deno.test("multiply and divide downwards is exact, beyond 2^53 and below zero too", () => {
  fc.assert(
    fc.property(division, ([a, b, d]) => {
      const exact = floorOf(BigInt(a) * BigInt(b), BigInt(d));
      assert.equal(mulDivFloor(a, b, d), Number(exact));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("multiply and divide to the nearest is exact, and ties go up", () => {
  fc.assert(
    fc.property(division, ([a, b, d]) => {
      const exact = floorOf(2n * BigInt(a) * BigInt(b) + BigInt(d), 2n * BigInt(d));
      assert.equal(mulDivHalfUp(a, b, d), Number(exact));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("the edges of rounding", () => {
  const most = Number.MAX_SAFE_INTEGER;
  const cases: readonly (readonly [number, number, number, number, number])[] = [
    // a, b, d, floor, half up
    [7, 1, 2, 3, 4],
    [-7, 1, 2, -4, -3],
    [1, 1, 2, 0, 1],
    [-1, 1, 2, -1, 0],
    [1, 1, 3, 0, 0],
    [-1, 1, 3, -1, 0],
    [-2, 1, 3, -1, -1],
    [-4, 1, 4, -1, -1],
    [0, -5, 3, 0, 0],
    [most, most, most, most, most],
    [-most, most, most, -most, -most],
    [most, 3, 6, (most - 1) / 2, (most + 1) / 2],
    [-most, 3, 6, -(most + 1) / 2, -(most - 1) / 2],
    // The product is below 2^53 by one, and above it by one.
    [6361, 69431 * 20394401, 2, 4_503_599_627_370_495, 4_503_599_627_370_496],
    [2 ** 30 + 1, 2 ** 23, 2 ** 24, 536_870_912, 536_870_913],
  ];
  for (const [a, b, d, floor, halfUp] of cases) {
    assert.equal(mulDivFloor(a, b, d), floor, `floor ${a} × ${b} / ${d}`);
    assert.equal(mulDivHalfUp(a, b, d), halfUp, `half up ${a} × ${b} / ${d}`);
  }
});
