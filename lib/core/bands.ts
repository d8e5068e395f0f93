// How far from the market an order may be when it is placed. The exchange judges by the last trade
// and the mean mark price; what is known here is mid, which is never far from them.

import type { Market } from "./market.ts";
import { type Ticks, ticks } from "./units.ts";

/** Beyond every price there is. */
const FAR = ticks(2 ** 40);

/** Whether an order at `price` may be placed while mid is at `midTicks`. */
export function isInsideBands(market: Market, price: Ticks, midTicks: number): boolean {
  const { floor, ceiling } = strictest(market);
  return price >= floor * midTicks && price <= ceiling * midTicks;
}

/** The mids, both ends included, at which an order that is outside the bands now surely stays outside. */
export function outsideWhile(
  market: Market,
  price: Ticks,
  midTicks: number,
): { readonly below: Ticks; readonly above: Ticks } {
  const { floor, ceiling } = strictest(market);
  return price < floor * midTicks
    ? { below: ticks(Math.floor(price / floor) + 1), above: FAR }
    : { below: ticks(0), above: ticks(Math.ceil(price / ceiling) - 1) };
}

function strictest({ bands: { last, mark } }: Market): { floor: number; ceiling: number } {
  return {
    floor: Math.max(last?.min ?? 0, mark?.min ?? 0),
    ceiling: Math.min(last?.max ?? Infinity, mark?.max ?? Infinity),
  };
}
