// Orders as a person reads them where they must act on them by hand: the exchange's number first, since
// that is what its own pages show.

import { formatPrice, formatQuantity, type Market } from "../core/market.ts";
import type { OrderFacts } from "./wire_order.ts";

/** Orders named one by one. */
const MOST_NAMED = 20;

/** The orders in one line: "77 (bid 0.10 at 100.00), 78 (ask 0.10 at 101.00)". */
export function namedOrders(market: Market, orders: readonly OrderFacts[]): string {
  const names = orders.slice(0, MOST_NAMED).map(({ orderId, side, price, quantity }) => {
    const what = quantity === undefined ? side : `${side} ${formatQuantity(market, quantity)}`;
    return price === undefined
      ? `${orderId} (${what})`
      : `${orderId} (${what} at ${formatPrice(market, price)})`;
  });
  const more = orders.length > MOST_NAMED ? ` and ${orders.length - MOST_NAMED} more` : "";
  return names.join(", ") + more;
}
