// An order as Backpack shows it: in replies, in the history, and in the account.orderUpdate stream,
// which has the same fields under single letters. Everything needed to say whose order it is, what
// became of it and what it cost is read here; a price off the grid is a fault, never rounded.

import type { Reason } from "../core/event.ts";
import type { Market } from "../core/market.ts";
import type { Side } from "../core/strategy.ts";
import {
  type Base,
  base,
  type Cash,
  cash,
  type Lots,
  lots,
  type Micros,
  type Ticks,
} from "../core/units.ts";
import { type Refusal, refusalOf } from "./wire_refusal.ts";
import { type Markets, readRow, readRows, type Row, type Words, words } from "./wire_row.ts";

/** Where an order stands. waiting: for its trigger. */
export type OrderStatus =
  | "open"
  | "partlyFilled"
  | "filled"
  | "cancelled"
  | "expired"
  | "waiting"
  | "triggered"
  | "triggerFailed";

/** Who made the order: the account's owner, or the exchange in a hurry. */
export type Origin =
  | "user"
  | "liquidation"
  | "deleveraging"
  | "backstop"
  | "conversion"
  | "settlement"
  | "marketClosed";

/** What every source says of an order. */
export interface OrderFacts {
  readonly market: Market;
  readonly orderId: string;
  /** Undefined for an order without one, which is never ours. */
  readonly clientId: number | undefined;
  readonly side: Side;
  readonly type: "limit" | "market";
  readonly status: OrderStatus;
  readonly timeInForce: "GTC" | "IOC" | "FOK";
  /** Limit orders only. */
  readonly price: Ticks | undefined;
  /** The whole order; undefined where an amount of money or a trigger says how much. */
  readonly quantity: Lots | undefined;
  /** Filled so far. */
  readonly executed: Lots;
  /** Paid or received for it, before fees. */
  readonly executedQuote: Cash;
  readonly postOnly: boolean;
}

/** An order in the reply to a request about open orders. */
export interface WireOrder extends OrderFacts {
  readonly reduceOnly: boolean;
  readonly createdAt: Micros;
}

/** What a fill was charged; one of the two is zero. */
export interface Fee {
  /** In quote currency; negative = rebate. */
  readonly feeCash: Cash;
  /** In base currency (spot bids). */
  readonly feeBase: Base;
}

/** What happened to an order. */
export type OrderChange =
  | { readonly kind: "accepted" }
  | {
    readonly kind: "fill";
    /** Backpack's trade id. */
    readonly fillId: number;
    readonly price: Ticks;
    readonly quantity: Lots;
    readonly maker: boolean;
  } & Fee
  | { readonly kind: "cancelled" }
  /** By the engine. The reason is Backpack's word, undefined where it gives none. */
  | { readonly kind: "expired"; readonly reason: Reason | undefined }
  /** A reduce-only order was shrunk: this is its whole quantity now. */
  | { readonly kind: "modified"; readonly quantity: Lots }
  | { readonly kind: "triggerPlaced" }
  | { readonly kind: "triggerFailed" };

/** One message of account.orderUpdate: a change, and the order after it. */
export interface OwnOrderUpdate extends OrderFacts {
  readonly kind: "order";
  /** When the matching engine did it. */
  readonly time: Micros;
  readonly change: OrderChange;
  readonly reduceOnly: boolean;
  readonly origin: Origin;
}

/** What became of one order of a batch. */
export type BatchResult =
  | { readonly kind: "placed"; readonly order: WireOrder }
  | { readonly kind: "refused"; readonly refusal: Refusal };

type Names = { readonly [K in keyof OrderFacts | "trigger"]: string };

const longNames: Names = {
  market: "symbol",
  orderId: "id",
  clientId: "clientId",
  side: "side",
  type: "orderType",
  status: "status",
  timeInForce: "timeInForce",
  price: "price",
  quantity: "quantity",
  executed: "executedQuantity",
  executedQuote: "executedQuoteQuantity",
  postOnly: "postOnly",
  trigger: "triggerPrice",
};

const letters: Names = {
  market: "s",
  orderId: "i",
  clientId: "c",
  side: "S",
  type: "o",
  status: "X",
  timeInForce: "f",
  price: "p",
  quantity: "q",
  executed: "z",
  executedQuote: "Z",
  postOnly: "y",
  trigger: "P",
};

const types: Words<"limit" | "market"> = new Map([
  ["Limit", "limit"],
  ["Market", "market"],
  ["LIMIT", "limit"],
  ["MARKET", "market"],
]);

const statuses: Words<OrderStatus> = new Map([
  ["New", "open"],
  ["PartiallyFilled", "partlyFilled"],
  ["Filled", "filled"],
  ["Cancelled", "cancelled"],
  ["Expired", "expired"],
  ["TriggerPending", "waiting"],
  ["Triggered", "triggered"],
  ["TriggerFailed", "triggerFailed"],
]);

const origins: Words<Origin> = new Map([
  ["USER", "user"],
  ["LIQUIDATION_AUTOCLOSE", "liquidation"],
  ["ADL_AUTOCLOSE", "deleveraging"],
  ["BACKSTOP_LIQUIDITY_PROVIDER", "backstop"],
  ["COLLATERAL_CONVERSION", "conversion"],
  ["SETTLEMENT_AUTOCLOSE", "settlement"],
]);

const timesInForce = words("GTC", "IOC", "FOK");

const operations = words("Ok", "Err");

const changes: Words<(row: Row, market: Market) => OrderChange> = new Map([
  ["orderAccepted", () => ({ kind: "accepted" })],
  ["orderFill", fillOf],
  ["orderCancelled", () => ({ kind: "cancelled" })],
  [
    "orderExpired",
    (row) => ({ kind: "expired", reason: row.has("R") ? row.text("R") : undefined }),
  ],
  ["orderModified", (row, market) => ({ kind: "modified", quantity: row.quantity("q", market) })],
  ["triggerPlaced", () => ({ kind: "triggerPlaced" })],
  ["triggerFailed", () => ({ kind: "triggerFailed" })],
]);

/** `data` of account.orderUpdate. Throws `WireFault`, as all of these. */
export function orderUpdateOf(row: Row, markets: Markets): OwnOrderUpdate {
  const facts = factsOf(row, markets, letters);
  return {
    kind: "order",
    time: row.time("T"),
    change: row.word("e", changes)(row, facts.market),
    ...facts,
    reduceOnly: row.flagIfAny("r"),
    origin: row.word("O", origins),
  };
}

function fillOf(row: Row, market: Market): OrderChange {
  return {
    kind: "fill",
    fillId: row.whole("t"),
    price: row.price("L", market),
    quantity: row.positiveQuantity("l", market),
    maker: row.flag("m"),
    ...feeOf(row, market, { fee: "n", asset: "N" }),
  };
}

/** The fee under those names, rounded half up against the account. */
export function feeOf(
  row: Row,
  market: Market,
  names: { readonly fee: string; readonly asset: string },
): Fee {
  const asset = row.text(names.asset);
  if (asset === market.quote) return { feeCash: row.cash(names.fee, "half-up"), feeBase: base(0) };
  if (asset === market.base) return { feeCash: cash(0), feeBase: row.coins(names.fee, "half-up") };
  throw row.fault(names.asset, `must be ${market.quote} or ${market.base}`);
}

/** The order in the reply of POST, GET and DELETE /api/v1/order. */
export function readOrder(text: string, markets: Markets): WireOrder {
  return orderOf(readRow("/api/v1/order", text), markets);
}

/** The orders in the reply of GET and DELETE /api/v1/orders. */
export function readOrders(text: string, markets: Markets): WireOrder[] {
  return readRows("/api/v1/orders", text).map((row) => orderOf(row, markets));
}

/** The reply of POST /api/v1/orders, in the order of the request. */
export function readBatch(text: string, markets: Markets): BatchResult[] {
  return readRows("POST /api/v1/orders", text).map((row) =>
    row.word("operation", operations) === "Ok"
      ? { kind: "placed", order: orderOf(row, markets) }
      : { kind: "refused", refusal: refusalOf(row) }
  );
}

function orderOf(row: Row, markets: Markets): WireOrder {
  return {
    ...factsOf(row, markets, longNames),
    reduceOnly: row.flagIfAny("reduceOnly"),
    createdAt: row.timeMs("createdAt"),
  };
}

/** What a row of the order history says beyond its own fields. */
export function pastFactsOf(row: Row, markets: Markets): OrderFacts {
  return factsOf(row, markets, longNames);
}

function factsOf(row: Row, markets: Markets, names: Names): OrderFacts {
  const market = row.market(names.market, markets);
  const type = row.word(names.type, types);
  // An order with a trigger may say how much in per cent, and has filled nothing while it waits.
  const triggered = row.has(names.trigger);
  const hasQuantity = row.has(names.quantity) || type === "limit" && !triggered;
  const hasExecuted = row.has(names.executed) || !triggered;
  return {
    market,
    orderId: row.id(names.orderId),
    clientId: row.clientId(names.clientId),
    side: row.side(names.side),
    type,
    status: row.word(names.status, statuses),
    timeInForce: row.word(names.timeInForce, timesInForce),
    price: type === "limit" ? row.price(names.price, market) : undefined,
    quantity: hasQuantity ? row.quantity(names.quantity, market) : undefined,
    executed: hasExecuted ? row.quantity(names.executed, market) : lots(0),
    executedQuote: hasExecuted ? row.cash(names.executedQuote, "half-up") : cash(0),
    postOnly: row.flagIfAny(names.postOnly),
  };
}
