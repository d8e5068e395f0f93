// What was approved whole, rests, and would be approved again. Most plans repeat the one before, and
// of all the rules only two look at where the market is now: the collar, for orders beyond mid, and
// the position limit, which is valued at the mark. When neither can have changed its mind, gate and
// reconcile have nothing to add.

import { type Market, notional } from "./market.ts";
import { type ApprovedPlan, worstCase } from "./risk.ts";
import type { RiskLimits } from "./limits.ts";
import type { Exposed } from "./risk.ts";
import type { Plan } from "./strategy.ts";
import { cashOf, type Lots, lots, type Ticks } from "./units.ts";

/** A plan at rest. */
export interface Standing {
  /** The largest of long and short if everything filled, in lots. */
  readonly worst: Lots;
  /** In ticks. */
  readonly highestBid: number;
  readonly lowestAsk: number;
}

/** What stands, or undefined where something was refused or an order is to take. */
export function standingOf(
  plan: ApprovedPlan,
  facts: { readonly position: Lots; readonly live: readonly Exposed[] },
): Standing | undefined {
  if (plan.refused.length > 0) return undefined;
  let highestBid = -Infinity;
  let lowestAsk = Infinity;
  for (const { side, price, role } of plan.orders) {
    if (role === "taker") return undefined;
    if (side === "bid") highestBid = Math.max(highestBid, price);
    else lowestAsk = Math.min(lowestAsk, price);
  }
  const { long, short } = worstCase(plan.orders, facts);
  return { worst: lots(Math.max(long, short, 0)), highestBid, lowestAsk };
}

/** Whether the same plan would be approved whole again, nothing of ours having happened since. */
export function standsAgain(
  { worst, highestBid, lowestAsk }: Standing,
  { market, limits, midTicks, mark }: {
    readonly market: Market;
    readonly limits: RiskLimits;
    readonly midTicks: number;
    readonly mark: Ticks;
  },
): boolean {
  if (highestBid > midTicks || lowestAsk < midTicks) return false;
  return limits.maxPositionUsd === undefined ||
    notional(market, mark, worst) <= cashOf(limits.maxPositionUsd);
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
