// A stop order as it leaves: a market order that the exchange holds back until the mark price gets
// there, and that can only shrink a position. It guards a position while nobody is here to do it.

import { assert } from "../core/assert.ts";
import { formatPrice, formatQuantity, type Market } from "../core/market.ts";
import type { Side } from "../core/strategy.ts";
import type { Lots, Ticks } from "../core/units.ts";

/** A stop order: ask closes a long, bid a short. */
export interface Trigger {
  /** The run's own number of it, a uint32; it goes as `clientId`. */
  readonly id: number;
  readonly side: Side;
  /** Where the mark price sets it off. */
  readonly price: Ticks;
  readonly quantity: Lots;
}

/** The body of POST /api/v1/order for a stop order. */
export type TriggerBody = {
  readonly symbol: string;
  readonly side: "Bid" | "Ask";
  readonly orderType: "Market";
  readonly reduceOnly: true;
  readonly triggerBy: "MarkPrice";
  readonly triggerPrice: string;
  readonly triggerQuantity: string;
  readonly clientId: number;
};

const MOST_CLIENT_ID = 2 ** 32 - 1;

/** A stop order as Backpack wants it. Throws `Bug` on one no market takes. */
export function triggerBody(market: Market, { id, side, price, quantity }: Trigger): TriggerBody {
  assert(market.kind === "perp", "a stop order where nothing can be reduced only");
  assert(price > 0 && quantity > 0, `stop order ${id} of nothing, or at nothing`);
  const fits = Number.isSafeInteger(id) && id >= 0 && id <= MOST_CLIENT_ID;
  assert(fits, `order id ${id} is not a uint32`);
  return {
    symbol: market.symbol,
    side: side === "bid" ? "Bid" : "Ask",
    orderType: "Market",
    reduceOnly: true,
    triggerBy: "MarkPrice",
    triggerPrice: formatPrice(market, price),
    triggerQuantity: formatQuantity(market, quantity),
    clientId: id,
  };
}
