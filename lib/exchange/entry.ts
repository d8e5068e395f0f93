// The way of an order into a book: checked, accepted, matched, and what is left of it rests or
// ends. A trigger waits first and takes the same way when its price is reached, under the same
// number.

import { mulDivFloor } from "../core/decimal.ts";
import { lots, type Micros, type Ticks } from "../core/units.ts";
import { type Account, positionOf } from "./accounts.ts";
import { marketBound, refusal, shapeFault, triggerFault } from "./checks.ts";
import { about, type Desk } from "./clearing.ts";
import type { PriceOf } from "./margin.ts";
import type { Book, MatchEnd } from "./matching.ts";
import type { Order, Reference } from "./order.ts";
import type { Reason } from "./report.ts";

/** Takes orders in. */
export class Entry {
  readonly #desk: Desk;
  readonly #priceOf: PriceOf;

  constructor(desk: Desk, priceOf: PriceOf) {
    this.#desk = desk;
    this.#priceOf = priceOf;
  }

  /** Takes a new order in, or lets it wait for its trigger. */
  take(book: Book, account: Account, order: Order, time: Micros): void {
    const reason = shapeFault(order.request) ??
      (order.request.trigger === undefined
        ? this.#enter(book, account, order, time)
        : this.#wait(book, account, order, time));
    if (reason === undefined) return;
    order.status = "Expired";
    this.#desk.reports.push({ kind: "rejected", ...about(order, time), reason });
  }

  /** Turns a waiting order whose price was reached into a real one. */
  fire(book: Book, account: Account, order: Order, time: Micros): void {
    this.#desk.withdraw(book, order, "New");
    this.#desk.reports.push({ kind: "triggered", ...about(order, time) });
    const { trigger } = order.request;
    if (trigger !== undefined && "percentOfPosition" in trigger) {
      const held = Math.abs(positionOf(account, book.market).lots);
      const units = Math.round(trigger.percentOfPosition * 1_000_000);
      order.remaining = lots(mulDivFloor(held, units, 100_000_000));
    }
    const reason = this.#enter(book, account, order, time);
    if (reason === undefined) return;
    order.status = "TriggerFailed";
    this.#desk.reports.push({ kind: "triggerFailed", ...about(order, time), reason });
  }

  #wait(book: Book, account: Account, order: Order, time: Micros): Reason | undefined {
    const { trigger, reduceOnly } = order.request;
    const reference = trigger === undefined ? undefined : referenceOf(book, trigger.by);
    const reason = triggerFault(book, account, order, reference);
    if (reason !== undefined) return reason;
    if (trigger === undefined || reference === undefined) return "InvalidOrder";
    order.status = "TriggerPending";
    account.open.set(order.id, order);
    if (reduceOnly || "percentOfPosition" in trigger) {
      positionOf(account, book.market).reducers.add(order);
    }
    this.#desk.reports.push({ kind: "triggerPlaced", ...about(order, time) });
    book.triggers.add(order, trigger.by, trigger.price, reference);
    book.triggers.reach(trigger.by, reference);
    return undefined;
  }

  #enter(book: Book, account: Account, order: Order, time: Micros): Reason | undefined {
    const { request } = order;
    const bound = marketBound(book, request);
    if (request.type === "market") order.limit = bound.limit;
    const reason = refusal(book, account, order, this.#priceOf);
    if (reason !== undefined) return reason;
    this.#desk.reports.push({ kind: "accepted", ...about(order, time) });
    if (request.reduceOnly) this.#desk.capToPosition(book, order, time);
    if (request.timeInForce === "FOK" && !book.reachable(order).complete) {
      this.#desk.expire(book, order, "FillOrKill", time);
      return undefined;
    }
    this.#finish(book, order, { end: book.match(order, time), beyond: bound.reason, time });
    return undefined;
  }

  #finish(
    book: Book,
    order: Order,
    { end, beyond, time }: { end: MatchEnd; beyond: Reason; time: Micros },
  ): void {
    if (end === "ended") return;
    if (end === "done") {
      order.status = "Filled";
    } else if (order.request.type === "market") {
      const reason = end === "empty" ? "InsufficientLiquidity" : beyond;
      this.#desk.expire(book, order, reason, time);
    } else if (order.request.timeInForce === "GTC") {
      this.#desk.rest(book, order);
    } else {
      this.#desk.expire(book, order, "ImmediateOrCancel", time);
    }
  }
}

/** The price a trigger watches. */
export function referenceOf(book: Book, by: Reference): Ticks | undefined {
  switch (by) {
    case "LastPrice":
      return book.last;
    case "MarkPrice":
      return book.mark;
    case "IndexPrice":
      return book.index;
  }
}
