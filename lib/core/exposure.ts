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
  const sum = { bid: 0, ask: 0 };
  for (const { side, remaining } of live) sum[side] += remaining;
  for (const order of orders) {
    sum[order.side] += order.quantity - cover(resting, order, order.quantity);
  }
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

/** Cuts each order in turn, knowing what passed before it at its side and price, in lots. */
export function atOnePrice(
  orders: readonly PlannedOrder[],
  cut: (order: PlannedOrder, before: number) => number,
): readonly number[] {
  const passed = { bid: new Map<Ticks, number>(), ask: new Map<Ticks, number>() };
  return orders.map((order) => {
    const at = passed[order.side];
    const before = at.get(order.price) ?? 0;
    const kept = cut(order, before);
    at.set(order.price, before + kept);
    return kept;
  });
}

/** Own orders as the gate counts them. */
export function exposed(orders: Iterable<OwnOrder>): readonly Exposed[] {
  const live: Exposed[] = [];
  for (const { side, price, remaining, state } of orders) {
    live.push({ side, price, remaining, cancelling: state === "cancelling" });
  }
  return live;
}
