// The plan that closes a position: one reduce-only taker order with a bounded price, sent again until
// nothing is left that the market's minimum allows to close.

import type { Touch } from "./facts.ts";
import type { Market } from "./market.ts";
import type { Plan } from "./strategy.ts";
import { type Lots, lots, ticks } from "./units.ts";

/** How far beyond the opposite touch a closing order may fill: Backpack's own bound for market orders is 1 %. */
const SLIPPAGE = 0.01;

/** What may be closed: the position on perps, what is free to sell on spot. */
export function closable(market: Market, position: Lots): Lots {
  const quantity = market.kind === "spot" ? Math.max(0, position) : position;
  return Math.abs(quantity) < market.minQuantity ? lots(0) : lots(quantity);
}

/** The order that closes the position now, at most `collarPct` from mid. */
export function closingPlan(
  { market, ledger }: { readonly market: Market; readonly ledger: { readonly position: Lots } },
  { bestBid, bestAsk, midTicks }: Pick<Touch, "bestBid" | "bestAsk" | "midTicks">,
  collarPct: number,
): Plan {
  const quantity = closable(market, ledger.position);
  if (quantity === 0) return { orders: [], reason: "closing: nothing left to close" };
  const collar = collarPct / 100;
  const price = quantity > 0
    ? Math.max(1, Math.ceil(Math.max(bestBid * (1 - SLIPPAGE), midTicks * (1 - collar))))
    : Math.floor(Math.min(bestAsk * (1 + SLIPPAGE), midTicks * (1 + collar)));
  return {
    orders: [{
      side: quantity > 0 ? "ask" : "bid",
      price: ticks(price),
      quantity: lots(Math.abs(quantity)),
      role: "taker",
      reduceOnly: true,
      tag: "close",
    }],
    reason: "closing the position",
  };
}
