// How the local exchange says no: a status, and a body that is JSON with Backpack's code, or plain
// text where Backpack's own parser refused (PROTOCOL 6). Thrown by whoever finds the reason, so that
// a route reads as what happens when all is well.

import type { Reason } from "../exchange/report.ts";
import type { Placement } from "./world_options.ts";

/** The codes this exchange uses, of those Backpack has. */
export type Code =
  | "INSUFFICIENT_FUNDS"
  | "INSUFFICIENT_MARGIN"
  | "INVALID_CLIENT_REQUEST"
  | "INVALID_ORDER"
  | "INVALID_PRICE"
  | "INVALID_QUANTITY"
  | "MAX_LEVERAGE_REACHED"
  | "NOT_IMPLEMENTED"
  | "ORDER_LIMIT"
  | "POSITION_LIMIT"
  | "RESOURCE_NOT_FOUND"
  | "SERVER_ERROR"
  | "TOO_MANY_REQUESTS"
  | "TRADING_PAUSED"
  | "UNAUTHORIZED";

/** A request that was not carried out, and what its sender is told. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  /** Undefined where the body is plain text. */
  readonly code: Code | undefined;

  constructor(status: number, code: Code | undefined, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** What is sent. */
  response(): Response {
    const { status, code, message } = this;
    return code === undefined ? text(message, status) : json({ code, message }, { status });
  }
}

/** Backpack's most usual refusal. */
export function badRequest(message: string): Refused {
  return new Refused(400, "INVALID_CLIENT_REQUEST", message);
}

/** There is no such thing. */
export function notFound(): Refused {
  return new Refused(404, "RESOURCE_NOT_FOUND", "Not Found");
}

/** A parser refused: plain text. */
export function unreadable(message: string): Refused {
  return new Refused(400, undefined, message);
}

type Refusal = (Placement & { kind: "refused" })["reason"];

/** What the wire calls each reason not to take an order. Where sources name no text, ours. */
const refusals: { readonly [R in Refusal]?: readonly [Code, string] } = {
  InsufficientFunds: ["INSUFFICIENT_FUNDS", "Insufficient funds"],
  InsufficientMargin: ["INSUFFICIENT_MARGIN", "Insufficient margin"],
  NegativeEquity: ["INSUFFICIENT_MARGIN", "Account equity is negative"],
  InvalidPrice: ["INVALID_PRICE", "Price is outside the allowed range"],
  PriceOutOfBounds: ["INVALID_PRICE", "Price is too far from the last active price"],
  InvalidQuantity: ["INVALID_QUANTITY", "Quantity is below the minimum allowed value"],
  PositionLimit: ["POSITION_LIMIT", "Position limit exceeded"],
  PostOnlyTaker: ["INVALID_ORDER", "Order would immediately match and take"],
  PostOnlyMode: ["TRADING_PAUSED", "Market only takes post-only orders"],
  TradingPaused: ["TRADING_PAUSED", "Market does not take this order now"],
  ReduceOnlyNotReduced: ["INVALID_ORDER", "Reduce only order not reduced"],
  StopWithoutPosition: ["INVALID_ORDER", "Stop order without a position"],
  MaxStopOrdersPerPosition: ["ORDER_LIMIT", "Too many trigger orders"],
  TooManyOrders: ["ORDER_LIMIT", "Too many open orders"],
  DuplicateClientId: ["INVALID_ORDER", "client ID already exists"],
};

/** What the sender of an order that was not taken is told. */
export function orderRefusal(reason: Refusal): Refused {
  const [code, message] = refusals[reason] ?? ["INVALID_ORDER", "Invalid order"];
  return new Refused(400, code, message);
}

/** The wire's word for why an order expired: two of the engine's reasons are not among them. */
export function expiryWord(reason: Reason): string {
  return reason === "InvalidOrder" || reason === "TradingPaused" ? "Unknown" : reason;
}

/** A reply with a JSON body. */
export function json(
  body: unknown,
  { status = 200, headers = {} }: {
    readonly status?: number;
    readonly headers?: { readonly [name: string]: string };
  } = {},
): Response {
  const type = { "Content-Type": "application/json; charset=utf-8" };
  return new Response(JSON.stringify(body), { status, headers: { ...type, ...headers } });
}

/** A reply of plain text. */
export function text(body: string, status = 200): Response {
  const headers = { "Content-Type": "text/plain; charset=utf-8" };
  return new Response(body, { status, headers });
}
