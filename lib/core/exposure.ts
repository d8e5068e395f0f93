// What may still fill: live orders, and what a plan would add to them. Kept apart from the gate's
// rules because it is a statement about the world, not a limit. An order that rests at a planned price
// is taken to be the plan's own, so the greater of the two counts there; one that is being cancelled
// may fill beside whatever takes its place.

import type { OwnOrder } from "./orders.ts";
import type { Exposed } from "./risk.ts";
import type { PlannedOrder, Side } from "./strategy.ts";
import type { Ticks } from "./units.ts";

/** Lots at each price of each side that a plan may call its own: live and not being cancelled. */
export type Resting = Readonly<Record<Side, Map<Ticks, number>>>;

/** Lots of each side that can fill: everything live, and what the plan adds to what rests at its prices. */
export function reach(
  orders: readonly PlannedOrder[],
  live: readonly Exposed[],
): Readonly<Record<Side, number>> {
  const resting = restingAt(live);
  const sum = reachOf(live);
  for (const order of orders) {
    sum[order.side] += order.quantity - cover(resting, order, order.quantity);
  }
  return sum;
}

/** Lots of each side that everything live can fill. */
export function reachOf(live: readonly Exposed[]): Record<Side, number> {
  const sum = { bid: 0, ask: 0 };
  for (const { side, remaining } of live) sum[side] += remaining;
  return sum;
}

/** Lots of each side that are planned. */
export function plannedOf(orders: readonly PlannedOrder[]): Readonly<Record<Side, number>> {
  const sum = { bid: 0, ask: 0 };
  for (const { side, quantity } of orders) sum[side] += quantity;
  return sum;
}

/** What rests, counted afresh: `cover` uses it up. */
export function restingAt(live: readonly Exposed[]): Resting {
  const resting = { bid: new Map<Ticks, number>(), ask: new Map<Ticks, number>() };
  for (const { side, price, remaining, cancelling } of live) {
    if (cancelling === true) continue;
    resting[side].set(price, (resting[side].get(price) ?? 0) + remaining);
  }
  return resting;
}

/**
 * How much of `quantity` rests already at the order's price, which is thereby used up. A taker is
 * sent anew whatever rests there.
 */
export function cover(resting: Resting, order: PlannedOrder, quantity: number): number {
  const { side, price, role } = order;
  if (role === "taker") return 0;
  const old = resting[side].get(price) ?? 0;
  const covered = Math.min(old, quantity);
  resting[side].set(price, old - covered);
  return covered;
}

/**
 * Cuts each order in turn, knowing what passed before it at its side and price, in lots. Orders come
 * nearest the touch first, so those of one side and price follow each other on their side.
 */
export function atOnePrice(
  orders: readonly PlannedOrder[],
  cut: (order: PlannedOrder, before: number) => number,
): readonly number[] {
  const bids = { price: 0, passed: 0 };
  const asks = { price: 0, passed: 0 };
  return orders.map((order) => {
    const at = order.side === "bid" ? bids : asks;
    if (at.price !== order.price) at.passed = 0;
    const kept = cut(order, at.passed);
    at.price = order.price;
    at.passed += kept;
    return kept;
  });
}

/** The prices of each side nearest the other; infinitely far where a side has none. */
export function innermost(
  orders: readonly PlannedOrder[],
): { readonly highestBid: number; readonly lowestAsk: number } {
  let highestBid = -Infinity;
  let lowestAsk = Infinity;
  for (const { side, price } of orders) {
    if (side === "bid") highestBid = Math.max(highestBid, price);
    else lowestAsk = Math.min(lowestAsk, price);
  }
  return { highestBid, lowestAsk };
}

/** Own orders as the gate counts them. */
export function exposed(orders: Iterable<OwnOrder>): readonly Exposed[] {
  const live: Exposed[] = [];
  for (const { side, price, remaining, state } of orders) {
    live.push({ side, price, remaining, cancelling: state === "cancelling" });
  }
  return live;
}
