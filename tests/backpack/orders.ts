// What Backpack can say of an order of the tests, as the front door reads it: messages of the stream,
// replies and rows of the history. Order 1 is a post-only bid of 10 lots at 100.00, id 3000000001.

import { base, cash, lots, type Micros, micros, ticks } from "../../lib/core/units.ts";
import type { OwnOrder } from "../../lib/core/orders.ts";
import type { Whose } from "../../lib/core/settle.ts";
import { OwnOrders, type OwnOrdersOptions } from "../../lib/backpack/own_orders.ts";
import type { PastFill, PastOrder } from "../../lib/backpack/wire_history.ts";
import type {
  OrderChange,
  OrderFacts,
  OwnOrderUpdate,
  WireOrder,
} from "../../lib/backpack/wire_order.ts";
import type { Place } from "../../lib/backpack/wire_print.ts";
import { after, perpMarket, START } from "../support/core.ts";

export const market = perpMarket();

/** The id of order 1. */
export const ID = 3_000_000_001;

/** 3,000,000,000 and above is our tag; the first hundred were journaled. */
export function isOurs(id: number): Whose {
  if (id < 3_000_000_000) return "other";
  return id < 3_000_000_100 ? "ours" : "strange";
}

export const bid: Place = {
  id: ID,
  side: "bid",
  price: ticks(10_000),
  quantity: lots(10),
  role: "maker",
  reduceOnly: false,
};

export const taker: Place = { ...bid, role: "taker" };

/** Order 1 as it rests, with so much filled. */
export function facts(executed = 0, changes: Partial<OrderFacts> = {}): OrderFacts {
  return {
    market,
    orderId: "77",
    clientId: ID,
    side: "bid",
    type: "limit",
    status: executed === 0 ? "open" : executed === 10 ? "filled" : "partlyFilled",
    timeInForce: "GTC",
    price: bid.price,
    quantity: bid.quantity,
    executed: lots(executed),
    executedQuote: cash(0),
    postOnly: true,
    ...changes,
  };
}

export function row(executed = 0, changes: Partial<OrderFacts> = {}): WireOrder {
  return { ...facts(executed, changes), reduceOnly: false, createdAt: START };
}

export function pastRow(
  executed: number,
  status: PastOrder["status"],
  changes: Partial<PastOrder> = {},
): PastOrder {
  const reason = status === "expired" ? "ImmediateOrCancel" : undefined;
  return { ...facts(executed, { status }), createdAt: START, reason, origin: "user", ...changes };
}

export function message(
  change: OrderChange,
  order: OrderFacts,
  changes: Partial<OwnOrderUpdate> = {},
): OwnOrderUpdate {
  return {
    kind: "order",
    time: after(1),
    change,
    ...order,
    reduceOnly: false,
    origin: "user",
    ...changes,
  };
}

/** Fill number `fillId` of so many lots at the order's price, after which `executed` are filled. */
export function fillMessage(fillId: number, quantity: number, executed: number): OwnOrderUpdate {
  const { price } = bid;
  const change: OrderChange = {
    kind: "fill",
    fillId,
    price,
    quantity: lots(quantity),
    maker: true,
    feeCash: cash(7),
    feeBase: base(0),
  };
  return message(change, facts(executed));
}

export function pastFill(
  fillId: number | undefined,
  quantity: number,
  changes: Partial<PastFill> = {},
): PastFill {
  return {
    market,
    time: after(1),
    fillId,
    orderId: "77",
    clientId: ID,
    side: "bid",
    price: bid.price,
    quantity: lots(quantity),
    maker: true,
    feeCash: cash(7),
    feeBase: base(0),
    origin: "user",
    ...changes,
  };
}

/** Order 1 as the run holds it. */
export function held(changes: Partial<OwnOrder> = {}): OwnOrder {
  return {
    ...bid,
    filled: lots(0),
    remaining: bid.quantity,
    tag: undefined,
    since: START,
    state: "open",
    shrunk: false,
    ...changes,
  };
}

/** Books of orders that know of order 1, and what they called for. */
export function books(
  order: Place = bid,
  options: Partial<OwnOrdersOptions> = {},
): { readonly own: OwnOrders; readonly calls: string[] } {
  const calls: string[] = [];
  const own = new OwnOrders({
    isOurs,
    onStrange: ({ orderId }) => calls.push(`strange ${orderId}`),
    onGhost: (id) => calls.push(`ghost ${id}`),
    ...options,
  });
  own.sent(order, START);
  return { own, calls };
}

/** So many milliseconds after the start of the tests. */
export function at(ms: number): Micros {
  return micros(after(ms));
}
