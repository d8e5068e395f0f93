// A market's rules may change while it is traded. What prices and quantities are counted in must not:
// every whole number in the run would silently mean something else.

import type { MarketEvent } from "../core/event.ts";
import type { Market } from "../core/market.ts";
import type { Micros } from "../core/units.ts";

/** What new rules mean for a run. */
export type RulesChange =
  | { readonly kind: "none" }
  /** Another state or other limits: the run goes on by them. */
  | { readonly kind: "event"; readonly event: MarketEvent }
  /** The run cannot go on. */
  | { readonly kind: "stop"; readonly reason: string };

/** Compares the rules a run counts by with those the exchange names now. */
export function rulesChange(before: Market, after: Market, time: Micros): RulesChange {
  const { symbol } = before;
  for (const key of ["tickUnits", "priceDecimals"] as const) {
    if (before[key] !== after[key]) return stop(`${symbol} has another tick size`);
  }
  for (const key of ["lotUnits", "quantityDecimals"] as const) {
    if (before[key] !== after[key]) return stop(`${symbol} has another lot size`);
  }
  for (const key of ["base", "quote", "kind"] as const) {
    if (before[key] !== after[key]) return stop(`${symbol} has another ${key}`);
  }
  if (after.state === "Closed") return stop(`${symbol} is closed`);
  const { state } = after;
  if (isSame({ ...before, state }, after)) {
    if (before.state === state) return { kind: "none" };
    return { kind: "event", event: { kind: "state", time, state } };
  }
  return { kind: "event", event: { kind: "rules", time, market: after } };
}

function stop(reason: string): RulesChange {
  return { kind: "stop", reason };
}

/** Rules are plain data, always built in one order. */
function isSame(one: Market, other: Market): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
