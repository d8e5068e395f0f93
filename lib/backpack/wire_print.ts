// What we send, printed exactly: decimal strings through the market's own grid, only the members
// that say something, always in the same order. The object is both the body and what is signed.

import { assert } from "../core/assert.ts";
import type { Command } from "../core/event.ts";
import { formatPrice, formatQuantity, type Market } from "../core/market.ts";

/** An order to send; the run's id for it goes as `clientId`. */
export type Place =
  & Pick<
    Extract<Command, { kind: "place" }>,
    "id" | "side" | "price" | "quantity" | "role" | "reduceOnly"
  >
  & {
    /** Spot: funds that are lent out may be called back for it. Borrowing never is. */
    readonly redeemsLent?: true;
  };

/** The body of POST /api/v1/order, and an element of POST /api/v1/orders. */
export type OrderBody = {
  readonly symbol: string;
  readonly side: "Bid" | "Ask";
  readonly orderType: "Limit";
  readonly price: string;
  readonly quantity: string;
  readonly timeInForce: "GTC" | "IOC";
  readonly postOnly?: true;
  readonly reduceOnly?: true;
  readonly selfTradePrevention?: "RejectMaker";
  readonly autoLendRedeem?: true;
  readonly clientId: number;
};

/** The body of DELETE /api/v1/order. Both ids at once are refused by Backpack. */
export type CancelBody =
  | { readonly symbol: string; readonly clientId: number }
  | { readonly symbol: string; readonly orderId: string };

const MOST_CLIENT_ID = 2 ** 32 - 1;

/** An order as Backpack wants it: maker is post-only GTC, taker is IOC. Throws `Bug` on an order no market takes. */
export function orderBody(market: Market, order: Place): OrderBody {
  assert(order.price > 0 && order.quantity > 0, `order ${order.id} of nothing, or for nothing`);
  return {
    symbol: market.symbol,
    side: order.side === "bid" ? "Bid" : "Ask",
    orderType: "Limit",
    price: formatPrice(market, order.price),
    quantity: formatQuantity(market, order.quantity),
    timeInForce: order.role === "maker" ? "GTC" : "IOC",
    ...(order.role === "maker" ? { postOnly: true } : {}),
    ...(order.reduceOnly ? { reduceOnly: true } : {}),
    // By default Backpack refuses the taker, and an exit must not fail on a quote of our own.
    ...(order.role === "taker" ? { selfTradePrevention: "RejectMaker" } : {}),
    ...(order.redeemsLent === true ? { autoLendRedeem: true } : {}),
    clientId: clientId(order.id),
  };
}

/** A cancel by our own id, or by the exchange's where ours is not known. */
export function cancelBody(
  market: Market,
  order: { readonly id: number } | { readonly orderId: string },
): CancelBody {
  return "orderId" in order
    ? { symbol: market.symbol, orderId: order.orderId }
    : { symbol: market.symbol, clientId: clientId(order.id) };
}

function clientId(id: number): number {
  const fits = Number.isSafeInteger(id) && id >= 0 && id <= MOST_CLIENT_ID;
  assert(fits, `order id ${id} is not a uint32`);
  return id;
}
