// Decimals finer than our units. What is traded lies on the grid and is read by `core/market.ts`;
// what Backpack computes (marks, averages, profit, equity) comes with up to 28 decimals and is
// rounded here digit by digit, in the direction its reader names.

import { type DecimalFault, parseDecimal } from "../core/decimal.ts";

/** half-up and half-down differ at a tie only; down is towards minus infinity, up away from it. */
export type Rounding = "half-up" | "half-down" | "down" | "up";

/** `text` in whole grains of `units` × 10^-decimals, rounded. */
export function roundDecimal(
  text: string,
  grain: { readonly decimals: number; readonly units: number },
  rounding: Rounding,
): number | DecimalFault {
  const { decimals, units } = grain;
  const point = text.indexOf(".");
  const cut = point < 0 ? text.length : Math.min(text.length, point + 1 + decimals);
  const rest = text.slice(cut);
  if (!/^\d*$/.test(rest)) return "not a decimal number";
  const kept = parseDecimal(text.slice(0, cut), decimals);
  if (typeof kept === "string") return kept;
  const negative = text.startsWith("-");
  const whole = Math.trunc(kept / units);
  const left = Math.abs(kept % units);
  const up = away(left, rest, units, negative ? mirrored[rounding] : rounding);
  return whole + (up ? (negative ? -1 : 1) : 0) + 0;
}

/** Rounding of a negative number as rounding of its magnitude. */
const mirrored = {
  "half-up": "half-down",
  "half-down": "half-up",
  down: "up",
  up: "down",
} as const satisfies { readonly [R in Rounding]: Rounding };

/** Whether (left + 0.rest) of `units` takes the magnitude one grain further. */
function away(left: number, rest: string, units: number, rounding: Rounding): boolean {
  if (rounding === "down") return false;
  const some = /[1-9]/.test(rest);
  if (rounding === "up") return left > 0 || some;
  // Compare 2 × (left + 0.rest) with units, in whole numbers as 0.rest is below one.
  const double = 2 * left - units;
  if (double > 0) return true;
  if (double < -1) return false;
  if (double === 0) return some || rounding === "half-up";
  const half = rest.charCodeAt(0) - 53;
  if (rest === "" || half < 0) return false;
  return half > 0 || /[1-9]/.test(rest.slice(1)) || rounding === "half-up";
}

/** A fraction or ratio as a float: for maths and people, never for money. */
export function parseRatio(text: string): number | undefined {
  if (!/^-?\d+(\.\d*)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
