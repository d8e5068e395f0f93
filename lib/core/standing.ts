// What was approved whole, rests, and would be approved again. Most plans repeat the one before, and
// of all the rules only two look at where the market is now: the collar, for orders beyond mid, and
// the position limit, which is valued at the mark. When neither can have changed its mind, gate and
// reconcile have nothing to add.

import { innermost, plannedOf, reachOf } from "./exposure.ts";
import type { RiskLimits } from "./limits.ts";
import type { Market } from "./market.ts";
import { type ApprovedPlan, type Exposed, worstCase } from "./risk.ts";
import type { Plan, PlannedOrder } from "./strategy.ts";
import { cashOf, type Lots, type Ticks } from "./units.ts";

/** A plan at rest, and what it stands beside. */
export interface Standing extends Around {
  readonly orders: readonly PlannedOrder[];
  /** In ticks. */
  readonly highestBid: number;
  readonly lowestAsk: number;
}

interface Around {
  readonly position: Lots;
  readonly live: readonly Exposed[];
}

/** What stands, or undefined where something was refused or an order is to take. */
export function standingOf(
  { orders, refused }: ApprovedPlan,
  { position, live }: Around,
): Standing | undefined {
  if (refused.length > 0 || orders.some(({ role }) => role === "taker")) return undefined;
  return { orders, position, live, ...innermost(orders) };
}

/** Whether the same plan would be approved whole again, nothing of ours having happened since. */
export function standsAgain(
  standing: Standing,
  { market, limits, midTicks, mark }: {
    readonly market: Market;
    readonly limits: RiskLimits;
    readonly midTicks: number;
    readonly mark: Ticks;
  },
): boolean {
  const { orders, position, live, highestBid, lowestAsk } = standing;
  if (highestBid > midTicks || lowestAsk < midTicks) return false;
  if (limits.maxPositionUsd === undefined) return true;
  const most = cashOf(limits.maxPositionUsd);
  const fits = (quantity: number) => quantity * mark * market.cashPerTickLot <= most;
  // As if what rests were not the plan's own: more than can happen, but found without matching prices.
  const [planned, resting] = [plannedOf(orders), reachOf(live)];
  const far = Math.max(planned.bid + resting.bid, planned.ask + resting.ask);
  if (fits(Math.abs(position) + far)) return true;
  const { long, short } = worstCase(orders, standing);
  return fits(Math.max(long, short));
}

/** Whether two plans want the same maker orders, in the same order. */
export function isSamePlan(a: Plan, b: Plan): boolean {
  if (a.orders.length !== b.orders.length || b.finish !== undefined) return false;
  return a.orders.every((order, i) => {
    const other = b.orders[i];
    return other !== undefined && other.role === "maker" && order.role === "maker" &&
      order.price === other.price && order.quantity === other.quantity &&
      order.side === other.side && order.reduceOnly === other.reduceOnly;
  });
}
