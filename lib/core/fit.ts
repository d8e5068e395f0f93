// As much of an order as there is room for. What would be left below the market's minimum is nothing:
// the exchange would refuse it.

import { mulDivFloor } from "./decimal.ts";
import type { Market } from "./market.ts";
import type { PlannedOrder, Side } from "./strategy.ts";
import { cashOf, type Ticks } from "./units.ts";

/** As much of `quantity` as `most` allows; none where that would be less than the market takes. */
export function fit(quantity: number, most: number, market: Market): number {
  if (quantity <= most) return quantity;
  return most < least(market) ? 0 : most;
}

/** The least quantity of an order, in lots. */
export function least(market: Market): number {
  return Math.max(1, market.minQuantity);
}

/** Takes what fits of an order from the room of its side. */
export function take(room: Record<Side, number>, order: PlannedOrder, market: Market): number {
  const kept = fit(order.quantity, room[order.side], market);
  room[order.side] -= kept;
  return kept;
}

/** The most lots whose notional at `price` is within `money`, in `Cash`, exactly. */
export function affordable(money: number, price: Ticks, market: Market): number {
  return mulDivFloor(money, 1, price * market.cashPerTickLot);
}

/** The most lots whose notional at `price` is within a setting; one that is not set is off. */
export function lotsWithin(usd: number | undefined, price: Ticks, market: Market): number {
  return usd === undefined ? Infinity : affordable(cashOf(usd), price, market);
}
