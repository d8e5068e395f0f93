// A look at what the exchange itself says of our orders: open orders first, then the order history,
// then fills, so that an order which ends in between is found in one of them. What one answer names and
// the stream has not told is told; what none names twice is proven gone.

import type { OrderId } from "../core/event.ts";
import type { Market } from "../core/market.ts";
import { type Micros, micros, SECOND } from "../core/units.ts";
import type { Look } from "./absence.ts";
import { pages, type PastRows } from "./pages.ts";
import type { Reply } from "./reply.ts";
import type { Rest } from "./rest.ts";
import type { PastFill, PastOrder } from "./wire_history.ts";
import type { WireOrder } from "./wire_order.ts";

/** What was seen. */
export interface Seen {
  /** When open orders were asked for. */
  readonly askedAt: Micros;
  readonly open: readonly WireOrder[];
  readonly past: readonly PastOrder[];
  readonly fills: readonly PastFill[];
  /** The lists hold everything of the orders that are sought. */
  readonly isComplete: boolean;
}

/** An order of which something must be found out. */
export interface Sought {
  /** When it was sent. */
  readonly since: Micros;
  /** The exchange's number, where it is known: then only its own rows are asked for. */
  readonly orderId: string | undefined;
}

/** Where to look, and how far back. */
export interface LookOptions {
  readonly market: Market;
  readonly rest: Pick<Rest, "openOrders" | "orderHistory" | "fills">;
  readonly now: () => Micros;
  /** Fills of anybody's orders are read from here on. */
  readonly since: Micros;
  readonly sought: readonly Sought[];
  readonly signal: AbortSignal;
}

/** Rows stamped by the exchange are asked for from this much earlier than our own stamps say. */
const SLACK = 2 * SECOND;
/** Orders asked for one by one; where more are sought, the common lists are read instead. */
const MOST_NAMED = 10;

/** Looks once. The first request that is not answered is the reply. */
export async function look(options: LookOptions): Promise<Reply<Seen>> {
  const { market, rest, now, sought, signal } = options;
  const byName = sought.filter(({ orderId }) => orderId !== undefined).slice(0, MOST_NAMED);
  const byTime = sought.filter((one) => !byName.includes(one)).map(({ since }) => since);
  const askedAt = now();
  const open = await rest.openOrders(market, signal);
  if (open.kind !== "ok") return open;
  const past: PastRows<PastOrder>[] = [];
  const fills: PastRows<PastFill>[] = [];
  const pastSpans: Span[] = byName.map(({ since, orderId }) => ({ since, orderId }));
  const fillSpans = [...pastSpans, { since: earliest([options.since, ...byTime]) }];
  if (byTime.length > 0) pastSpans.push({ since: earliest(byTime) });
  for (const span of pastSpans) {
    const reply = await pages(
      (page) => rest.orderHistory(market, { ...page, ...nameOf(span) }, signal),
      {
        since: before(span),
        timeOf: ({ createdAt }) => createdAt,
        keyOf: ({ orderId }) => orderId,
      },
    );
    if (reply.kind !== "ok") return reply;
    past.push(reply.value);
  }
  for (const span of fillSpans) {
    const from = before(span);
    const reply = await pages(
      (page) => rest.fills(market, { ...page, ...nameOf(span), from }, signal),
      { since: from, timeOf: ({ time }) => time, keyOf: keyOfFill },
    );
    if (reply.kind !== "ok") return reply;
    fills.push(reply.value);
  }
  const value: Seen = {
    askedAt,
    open: open.value,
    past: past.flatMap(({ rows }) => rows),
    fills: fills.flatMap(({ rows }) => rows),
    isComplete: [...past, ...fills].every(({ complete }) => complete),
  };
  return { kind: "ok", value };
}

interface Span {
  readonly since: Micros;
  readonly orderId?: string | undefined;
}

function nameOf({ orderId }: Span): { readonly orderId?: string } {
  return orderId === undefined ? {} : { orderId };
}

function before({ since }: Span): Micros {
  return micros(since - SLACK);
}

function earliest(times: readonly Micros[]): Micros {
  return micros(Math.min(...times));
}

/** The ids that a look names, for the proof of absence. */
export function lookOf({ askedAt, open, past, fills, isComplete }: Seen): Look {
  const known = new Set<OrderId>();
  for (const { clientId } of [...open, ...past, ...fills]) {
    if (clientId !== undefined) known.add(clientId);
  }
  return { askedAt, known, isComplete };
}

function keyOfFill({ fillId, orderId, time, price, quantity }: PastFill): string {
  return fillId === undefined ? `${orderId} ${time} ${price} ${quantity}` : `${fillId}`;
}
