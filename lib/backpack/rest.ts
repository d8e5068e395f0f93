// The whole of Backpack's REST interface that a trader uses; here are the commands. Each is sent
// once, whatever becomes of it, and its answer must be about the very orders it was for: what
// cannot be believed leaves them in doubt, and doubt is the caller's to resolve by asking.

import { assert } from "../core/assert.ts";
import type { Market } from "../core/market.ts";
import { mayHaveHappened, type Reply } from "./reply.ts";
import type { Command, Prepared } from "./requests.ts";
import { PrivateRest, sameOrder, type WhichOrder } from "./rest_private.ts";
import { only } from "./rest_public.ts";
import { MOST_WINDOW_MS } from "./sign.ts";
import { WireFault } from "./wire_fault.ts";
import {
  type BatchResult,
  readBatch,
  readOrder,
  readOrders,
  type WireOrder,
} from "./wire_order.ts";
import { cancelBody, orderBody, type Place } from "./wire_print.ts";
import { type Trigger, triggerBody } from "./wire_trigger.ts";

/** Which order to cancel: by its number in the run, or by the exchange's. */
export type WhichCancel = { readonly id: number } | { readonly orderId: string };

/** The order as the cancel left it, or only that it will be cancelled (202). */
export type Cancelled = WireOrder | "accepted";

/** A cancel signed ahead of its time; `expiresMs` is in ms on the exchange's clock. */
export type PreparedCancel = Prepared<Cancelled>;

/** Orders that one request may hold (recorded; not documented). */
export const MOST_IN_BATCH = 50;
/** How long the exchange may take an order: after that it is refused, and proof of absence can begin. */
export const ORDER_WINDOW_MS = 2_000;
/** A cancel that comes late is still wanted; Backpack's own default. */
const CANCEL_WINDOW_MS = 5_000;
/** Requests that open connections: where HTTP/2 is not spoken, one each. */
const WARM_CONNECTIONS = 4;

const accepted = { status: 202, value: "accepted" } as const;

/** Backpack by REST. Nothing here throws on what the exchange answers, and nothing is sent twice. */
export class Rest extends PrivateRest {
  /** Opens connections, so that no order waits for a handshake. The first that is not ok is the reply. */
  async warm(signal?: AbortSignal): Promise<Reply<"pong">> {
    const pings = Array.from({ length: WARM_CONNECTIONS }, () => this.ping(signal));
    const [replies] = await Promise.all([Promise.all(pings), this.requests.warm(WARM_CONNECTIONS)]);
    return replies.find(({ kind }) => kind !== "ok") ?? { kind: "ok", value: "pong" };
  }

  /** Ends the connections; what is asked afterwards has failed. */
  close(): void {
    this.requests.close();
  }

  /** Places 1 to 50 orders by one request. The results are in the order of `orders`. */
  async place(
    market: Market,
    orders: readonly Place[],
    signal?: AbortSignal,
  ): Promise<Reply<readonly BatchResult[]>> {
    assert(orders.length <= MOST_IN_BATCH, `${orders.length} orders in one batch`);
    const [first, ...others] = orders;
    assert(first !== undefined, "a batch of no orders");
    if (others.length === 0) return await this.#placeOne(market, first, signal);
    const reply = await this.requests.command({
      ...placing,
      path: "/api/v1/orders",
      body: orders.map((order) => orderBody(market, order)),
      read: (text) => sameBatch(readBatch(text, only(market)), orders),
    }, signal);
    return doubted(reply);
  }

  /** Places a stop order, which waits for the mark price and can only shrink the position. */
  placeTrigger(
    market: Market,
    trigger: Trigger,
    signal?: AbortSignal,
  ): Promise<Reply<WireOrder>> {
    return this.requests.command({
      ...placing,
      path: "/api/v1/order",
      body: triggerBody(market, trigger),
      read: (text) => sameOrder(readOrder(text, only(market)), { clientId: trigger.id }),
    }, signal);
  }

  /** Cancels one order. One that is not open is refused with RESOURCE_NOT_FOUND. */
  cancel(market: Market, which: WhichCancel, signal?: AbortSignal): Promise<Reply<Cancelled>> {
    return this.requests.command(cancelOf(market, which, CANCEL_WINDOW_MS), signal);
  }

  /** Cancels everything in the market, stop orders and a person's orders included. */
  cancelAll(
    market: Market,
    signal?: AbortSignal,
  ): Promise<Reply<readonly WireOrder[] | "accepted">> {
    return this.requests.command<readonly WireOrder[] | "accepted">({
      method: "DELETE",
      path: "/api/v1/orders",
      instruction: "orderCancelAll",
      kind: "cancel",
      body: { symbol: market.symbol },
      windowMs: CANCEL_WINDOW_MS,
      read: (text) => readOrders(text, only(market)),
      bare: accepted,
    }, signal);
  }

  /** Signs a cancel to be sent until `expiresMs`. Throws `Bug` without a key. */
  prepareCancel(market: Market, order: { readonly id: number }): PreparedCancel {
    return this.requests.prepare(cancelOf(market, order, MOST_WINDOW_MS));
  }

  /** Sends a cancel signed before. Past its window it has failed and never left. */
  sendPrepared(prepared: PreparedCancel, signal?: AbortSignal): Promise<Reply<Cancelled>> {
    return this.requests.sendPrepared(prepared, signal);
  }

  #placeOne(
    market: Market,
    order: Place,
    signal: AbortSignal | undefined,
  ): Promise<Reply<readonly BatchResult[]>> {
    return this.requests.command<readonly BatchResult[]>({
      ...placing,
      path: "/api/v1/order",
      body: orderBody(market, order),
      read: (text) => {
        const placed = sameOrder(readOrder(text, only(market)), { clientId: order.id });
        return [{ kind: "placed", order: placed }];
      },
    }, signal);
  }
}

const placing = {
  method: "POST",
  instruction: "orderExecute",
  kind: "place",
  windowMs: ORDER_WINDOW_MS,
} as const;

function cancelOf(market: Market, which: WhichCancel, windowMs: number): Command<Cancelled> {
  const wanted: WhichOrder = "orderId" in which ? which : { clientId: which.id };
  return {
    method: "DELETE",
    path: "/api/v1/order",
    instruction: "orderCancel",
    kind: "cancel",
    body: cancelBody(market, which),
    windowMs,
    read: (text) => sameOrder(readOrder(text, only(market)), wanted),
    bare: accepted,
  };
}

/** The results if they are one for each order. Throws `WireFault`. */
function sameBatch(
  results: readonly BatchResult[],
  orders: readonly Place[],
): readonly BatchResult[] {
  if (results.length !== orders.length) {
    const rule = `must be a list of ${orders.length}`;
    throw new WireFault({ place: "POST /api/v1/orders", field: "body", rule, value: results });
  }
  for (const [i, order] of orders.entries()) {
    const result = results[i];
    if (result?.kind === "placed") sameOrder(result.order, { clientId: order.id });
  }
  return results;
}

/** A batch with a result that says "maybe" says maybe: a refused order is one that is certainly not there. */
function doubted(reply: Reply<readonly BatchResult[]>): Reply<readonly BatchResult[]> {
  if (reply.kind !== "ok") return reply;
  for (const result of reply.value) {
    if (result.kind === "refused" && mayHaveHappened(result.refusal)) {
      return { kind: "unknown", reason: `${result.refusal.code} ${result.refusal.message}` };
    }
  }
  return reply;
}
