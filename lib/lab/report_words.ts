// Figures in words, as a report for people has them: units shown, digits that matter kept, and what
// is not known never printed as a zero.

import { formatFixed, parseDecimal } from "../core/decimal.ts";
import { showCash } from "../core/market.ts";
import { cash, COIN_DECIMALS } from "../core/units.ts";

/** A decimal string in 1e-8. Throws `RangeError` on anything else. */
export function units(text: string): number {
  const value = parseDecimal(text, COIN_DECIMALS);
  if (typeof value === "string") throw new RangeError(`report: "${text}" is ${value}`);
  return value;
}

/** Two decimals; the exact text where those would hide it, or where it is no ordinary account's sum. */
export function shown(text: string): string {
  const value = parseDecimal(text, COIN_DECIMALS);
  if (typeof value === "string" || (value !== 0 && Math.abs(value) < 1_000_000)) return text;
  return showCash(cash(value));
}

/** 1e-8 with a sign and at least two decimals. */
export function signed(value: number): string {
  const text = formatFixed(value, COIN_DECIMALS).replace(/0{1,6}$/, "");
  return value > 0 ? `+${text}` : text;
}

/** With two decimals and the sign, or what to say where there is none. */
export function percent(value: number | null, absent: string): string {
  return value === null ? absent : `${rounded(value)} %`;
}

/** A ratio, where it is defined. */
export function ratio(value: number | null): string {
  return value === null ? "not defined" : rounded(value);
}

/** Two decimals, or two digits of what those would hide. */
export function rounded(value: number): string {
  return value === 0 || Math.abs(value) >= 0.01 ? value.toFixed(2) : value.toPrecision(2);
}

/** A span in its two largest units. */
export function span(seconds: number | null): string {
  if (seconds === null) return "not known";
  const parts = [[86_400, "d"], [3600, "h"], [60, "min"], [1, "s"]] as const;
  let left = Math.round(seconds);
  const words = parts.map(([unit, name]) => {
    const count = Math.floor(left / unit);
    left -= count * unit;
    return count === 0 ? "" : `${count} ${name}`;
  });
  return words.filter((word) => word !== "").slice(0, 2).join(" ") || "0 s";
}

/** An ISO time to the second, as people read it. */
export function clock(iso: string | null): string {
  return iso === null ? "not known" : `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}
