// Rounding digit by digit, by a table of ties and near ties and against exact integers of any size.

import assert from "node:assert/strict";
import fc from "fast-check";
import { parseRatio, roundDecimal, type Rounding } from "../../lib/backpack/wire_decimal.ts";
import { formatDecimal } from "../../lib/core/decimal.ts";

const roundings: readonly Rounding[] = ["half-up", "half-down", "down", "up"];

Deno.test("decimals finer than the grain are rounded the way that is asked", () => {
  // Text, decimals, units, then half-up, half-down, down, up.
  const cases: readonly (readonly [string, number, number, ...number[]])[] = [
    ["1.05", 2, 1, 105, 105, 105, 105],
    ["1.054", 2, 1, 105, 105, 105, 106],
    ["1.055", 2, 1, 106, 105, 105, 106],
    ["1.05500", 2, 1, 106, 105, 105, 106],
    ["1.0550001", 2, 1, 106, 106, 105, 106],
    ["1.056", 2, 1, 106, 106, 105, 106],
    ["-1.054", 2, 1, -105, -105, -106, -105],
    ["-1.055", 2, 1, -105, -106, -106, -105],
    ["-1.0550001", 2, 1, -106, -106, -106, -105],
    ["-0.004", 2, 1, 0, 0, -1, 0],
    ["-0", 2, 1, 0, 0, 0, 0],
    ["0.004", 2, 1, 0, 0, 0, 1],
    ["7.5", 0, 1, 8, 7, 7, 8],
    ["7.", 0, 1, 7, 7, 7, 7],
    ["3826.8888888888888888888888889", 2, 1, 382_689, 382_689, 382_688, 382_689],
    ["13.634885278944", 8, 1, 1_363_488_528, 1_363_488_528, 1_363_488_527, 1_363_488_528],
    // Grains of five: 0.05, 0.10 …
    ["0.12", 2, 5, 2, 2, 2, 3],
    ["0.124", 2, 5, 2, 2, 2, 3],
    ["0.125", 2, 5, 3, 2, 2, 3],
    ["0.1251", 2, 5, 3, 3, 2, 3],
    ["0.13", 2, 5, 3, 3, 2, 3],
    ["-0.125", 2, 5, -2, -3, -3, -2],
    // Grains of an even number have their tie on a unit.
    ["0.05", 2, 10, 1, 0, 0, 1],
    ["0.0501", 2, 10, 1, 1, 0, 1],
    ["0.04999", 2, 10, 0, 0, 0, 1],
    ["25", 0, 50, 1, 0, 0, 1],
  ];
  for (const [text, decimals, units, ...expected] of cases) {
    const got = roundings.map((rounding) => roundDecimal(text, { decimals, units }, rounding));
    assert.deepEqual(got, expected, `${text} in ${units} of 10^-${decimals}`);
  }
});

Deno.test("what is no decimal is a fault", () => {
  for (
    const text of ["", "x", "1.0x", "1.00x", "1.0.0", "1.00.0", "1e5", "+1", ".5", "1,0", "--1"]
  ) {
    assert.equal(
      roundDecimal(text, { decimals: 2, units: 1 }, "down"),
      "not a decimal number",
      text,
    );
  }
  assert.equal(roundDecimal("90071992547409930", { decimals: 2, units: 1 }, "up"), "too large");
});

Deno.test("rounding is within a grain, on the right side, and changes nothing that fits", () => {
  const many = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n });
  fc.assert(fc.property(many, fc.integer({ min: 1, max: 50 }), (value, units) => {
    const text = printed(value, 12);
    const grain = 10n ** 8n * BigInt(units);
    const got = roundings.map((rounding) => roundDecimal(text, { decimals: 4, units }, rounding));
    const [halfUp = 0, halfDown = 0, down = 0, up = 0] = got.map(Number);
    const distance = (grains: number) => BigInt(grains) * grain - value;
    assert(distance(down) <= 0n && distance(down) > -grain);
    assert(distance(up) >= 0n && distance(up) < grain);
    assert(2n * distance(halfUp) <= grain && 2n * distance(halfUp) > -grain);
    assert(2n * distance(halfDown) < grain && 2n * distance(halfDown) >= -grain);
  }));
  fc.assert(fc.property(fc.maxSafeInteger(), fc.constantFrom(...roundings), (value, rounding) => {
    const text = formatDecimal(value, 8);
    assert.equal(roundDecimal(text, { decimals: 8, units: 1 }, rounding), value + 0);
  }));
});

Deno.test("ratios", () => {
  assert.equal(parseRatio("-0.000067905249028866543811955"), -0.000067905249028866543811955);
  assert.equal(parseRatio("100"), 100);
  for (const text of ["", "N/A", "NaN", "Infinity", "1e5", " 1", "9".repeat(400)]) {
    assert.equal(parseRatio(text), undefined, text);
  }
});

/** `value` × 10^-decimals with every decimal, for values no number holds. */
function printed(value: bigint, decimals: number): string {
  const digits = String(value < 0n ? -value : value).padStart(decimals + 1, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
