// What all tick files have in common: their time column, the words for a side, and the rule that
// time does not go back.

import type { Column, Flaw } from "./csv.ts";

/** When the venue says it happened, in µs. */
export const TIME_COLUMN: Column = { form: "whole", name: "ts_us", decimals: 0 };

/** A row stamped before the row above it. */
export const LATE: Flaw = { column: "ts_us", rule: "must not be before the row above" };

/** The words files have for a side; those at odd places are asks. */
export const SIDE_WORDS = ["buy", "sell", "bid", "ask"] as const;

/** The side of a word, from its place in `SIDE_WORDS`. */
export function sideOf(word: number): "bid" | "ask" {
  return word % 2 === 0 ? "bid" : "ask";
}
