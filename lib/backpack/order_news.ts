// What a reply or a row of the history says of an order of ours, as claims on what we know of it.
// A reply may be older than what the socket has said since, so it ends no doubt that arose later.

import type { OrderEvent, Reason } from "../core/event.ts";
import type { Lots, Micros } from "../core/units.ts";
import type { End, FillFacts, OwnRecord } from "./own_record.ts";
import type { Reply } from "./reply.ts";
import type { PastFill } from "./wire_history.ts";
import type { BatchResult, OrderFacts, OwnOrderUpdate } from "./wire_order.ts";
import { reasonOf } from "./wire_refusal.ts";

/** Why an order was refused that a request limit kept here: nothing was sent. */
const RATE_LIMITED: Reason = "RateLimited";
/** Why an order was refused that never left: the exchange could not be reached. */
const NOT_SENT: Reason = "NotSent";

/** What the answer to a request says of the `index`th order it placed. */
export function placedNews(
  own: OwnRecord,
  reply: Reply<readonly BatchResult[]>,
  index: number,
  time: Micros,
): readonly OrderEvent[] {
  switch (reply.kind) {
    case "refused":
      return own.refused(reasonOf(reply.refusal), time);
    case "limited":
      return own.refused(RATE_LIMITED, time);
    case "failed":
      return own.refused(NOT_SENT, time);
    case "unknown":
      return own.isAnswered ? [] : own.lose(time);
    case "ok":
      return resultNews(own, reply.value[index], time);
  }
}

function resultNews(
  own: OwnRecord,
  result: BatchResult | undefined,
  time: Micros,
): readonly OrderEvent[] {
  if (result?.kind === "refused") return own.refused(reasonOf(result.refusal), time);
  // An answer about other orders than were asked for says nothing of ours.
  if (result?.order.clientId !== own.id) return own.isAnswered ? [] : own.lose(time);
  const { order } = result;
  const ends = endNews(own, order, time);
  if (ends !== undefined) return ends;
  const before = own.claim(order.executed, order.quantity, time);
  return [...before, ...own.accepted(own.since, time)];
}

/** What a message of the stream says of an order, fills apart. */
export function changeNews(
  own: OwnRecord | undefined,
  update: OwnOrderUpdate,
  time: Micros,
): readonly OrderEvent[] {
  const { change, executed } = update;
  if (change.kind === "accepted") return own?.accepted(update.time, time) ?? [];
  if (change.kind === "cancelled") return own?.end({ kind: "cancelled" }, executed, time) ?? [];
  if (change.kind !== "expired" || own === undefined) return [];
  return own.end(expired(own, executed, change.reason), executed, time);
}

/** What a row says of an order that has ended; undefined where it says that it has not. */
export function endNews(
  own: OwnRecord,
  row: OrderFacts & { readonly reason?: Reason | undefined },
  time: Micros,
): readonly OrderEvent[] | undefined {
  switch (row.status) {
    case "filled":
    case "cancelled":
      return own.end({ kind: row.status }, row.executed, time);
    case "expired":
      return own.end(expired(own, row.executed, row.reason), row.executed, time);
    case "triggerFailed":
      return own.end({ kind: "expired", reason: "TriggerFailed" }, row.executed, time);
    case "open":
    case "partlyFilled":
    case "waiting":
    case "triggered":
      return undefined;
  }
}

/** An end by the engine. Replies to a request leave the reason out, and it shows from the order. */
function expired(own: OwnRecord, executed: Lots, reason: Reason | undefined): End {
  if (reason !== undefined) return { kind: "expired", reason };
  if (own.role === "taker") return { kind: "expired", reason: "ImmediateOrCancel" };
  // A post-only order that ends as it arrives, without a fill, would have taken.
  const atOnce = executed === 0 && !own.isAnswered;
  return { kind: "expired", reason: atOnce ? "PostOnlyTaker" : "Unknown" };
}

/** The part of a fill that the loop is told, whatever row it came in. */
export function fillOf(fill: FillFacts): FillFacts {
  const { fillId, side, price, quantity, maker, feeCash, feeBase } = fill;
  return { fillId, side, price, quantity, maker, feeCash, feeBase };
}

/**
 * A number for a fill that the exchange made itself and gave none: the same row has the same number,
 * and no fill of the exchange's numbering has it, since it is below zero.
 */
export function numberOf({ orderId, time, side, price, quantity }: PastFill): number {
  let hash = 0;
  for (const letter of `${orderId} ${time} ${side} ${price} ${quantity}`) {
    hash = (hash * 31 + letter.charCodeAt(0)) % 2 ** 47;
  }
  return -1 - hash;
}
