// What Backpack says of orders, turned into what the loop is told: each fill once, each end once and
// after its fills, whatever came first of socket, reply and history. Orders that are not ours are kept
// apart: they are listed, their fills are told as foreign, and nothing here ever touches them.

import type { AccountEvent, OrderEvent, OrderId } from "../core/event.ts";
import type { OwnOrder } from "../core/orders.ts";
import type { Whose } from "../core/settle.ts";
import { type Micros, SECOND } from "../core/units.ts";
import type { Doubt } from "./absence.ts";
import { ForeignOrders } from "./foreign_orders.ts";
import { changeNews, endNews, fillOf, numberOf, placedNews } from "./order_news.ts";
import { type FillFacts, OwnRecord } from "./own_record.ts";
import { Recent } from "./recent.ts";
import type { Reply } from "./reply.ts";
import type { PastFill, PastOrder } from "./wire_history.ts";
import type { BatchResult, OrderFacts, Origin, OwnOrderUpdate, WireOrder } from "./wire_order.ts";
import type { Place } from "./wire_print.ts";
import { reasonOf } from "./wire_refusal.ts";

/** What the loop is told of orders, ours and others'. */
export type OrderNews = OrderEvent | Extract<AccountEvent, { kind: "foreignFill" }>;

/** What the books of orders need to know, and whom they call. */
export interface OwnOrdersOptions {
  isOurs(id: OrderId): Whose;
  /** An order with our tag that we never placed, or that is not as we placed it. Called once for each. */
  onStrange(order: OrderFacts): void;
  /** An order of ours rests although its end was told: it must be cancelled. */
  onGhost(id: OrderId): void;
}

/** Fills remembered, as many as the ledger remembers. */
const KEPT_FILLS = 16_384;
/** Ended orders remembered, and when they ended. */
const KEPT_OVER = 4096;
/** Strange orders remembered. */
const KEPT_STRANGE = 4096;
/** A list of open orders asked for within this time of an end may still show the order. */
const LATE_LIST = 2 * SECOND;
/** How far the exchange's time of an order may lie before ours. */
const CLOCK_SLACK = 2 * SECOND;

const NOTHING: readonly OrderNews[] = [];

/** The orders of a run as the exchange speaks of them. */
export class OwnOrders {
  readonly #options: OwnOrdersOptions;
  readonly #live = new Map<OrderId, OwnRecord>();
  readonly #over = new Recent<OrderId, Micros>(KEPT_OVER);
  readonly #fills = new Recent<number, Micros>(KEPT_FILLS);
  readonly #strange = new Recent<string, OrderFacts>(KEPT_STRANGE);
  readonly #foreign = new ForeignOrders();

  constructor(options: OwnOrdersOptions) {
    this.#options = options;
  }

  /** Open orders that are not ours, as far as is known. */
  get foreign(): readonly OrderFacts[] {
    return this.#foreign.list;
  }
  /** Orders whose end has not been told. */
  get count(): number {
    return this.#live.size;
  }
  /** When the oldest live order was sent: no fill of a live one is older. */
  get oldestAt(): Micros | undefined {
    return least([...this.#live.values()].map(({ since }) => since));
  }
  /** Live orders of which something must be found out: their fate, or fills that must exist. */
  get unsettled(): readonly OwnRecord[] {
    return [...this.#live.values()].filter(({ doubtSince, lackingSince }) =>
      doubtSince !== undefined || lackingSince !== undefined
    );
  }
  /** When the newest order was sent that nobody has answered for; undefined where there is none. */
  get unansweredSince(): Micros | undefined {
    const open = [...this.#live.values()].filter(({ isAnswered }) => !isAnswered);
    return open.map(({ since }) => since).reduce<Micros | undefined>(
      (newest, since) => newest === undefined || since > newest ? since : newest,
      undefined,
    );
  }
  /** Orders nobody knows the fate of. */
  get doubts(): readonly Doubt[] {
    return [...this.#live.values()].flatMap(({ id, doubtSince }) =>
      doubtSince === undefined ? [] : [{ id, since: doubtSince }]
    );
  }
  /** Since when the oldest fill that must exist is missing; undefined where none is. */
  get lackingSince(): Micros | undefined {
    return least([...this.#live.values()].map(({ lackingSince }) => lackingSince));
  }

  /** Orders that may rest on the book. */
  get resting(): readonly OrderId[] {
    return [...this.#live.values()].flatMap(({ id, role }) => role === "maker" ? [id] : []);
  }

  isLive(id: OrderId): boolean {
    return this.#live.has(id);
  }

  /** Takes over the live orders of a run that goes on. */
  adopt(orders: Iterable<OwnOrder>): void {
    for (const order of orders) this.#live.set(order.id, new OwnRecord(order, order.since));
  }

  /** Fills of before the run: they are in nobody's books here, and are not told. */
  remember(rows: readonly PastFill[]): void {
    for (const row of rows) this.#fills.add(row.fillId ?? numberOf(row), row.time);
  }

  /** These were found neither open nor ended: their fate is to be proven. */
  doubt(ids: readonly OrderId[], time: Micros): readonly OrderNews[] {
    return ids.flatMap((id) => this.#live.get(id)?.lose(time) ?? []);
  }

  /** An order is about to leave. */
  sent(place: Place, time: Micros): void {
    this.#live.set(place.id, new OwnRecord(place, time));
  }

  /** A message of account.orderUpdate. */
  update(update: OwnOrderUpdate, time: Micros): readonly OrderNews[] {
    const { change, clientId, origin } = update;
    const whose = this.#whose(clientId);
    if (whose !== "ours" || clientId === undefined) {
      this.#other(update, whose);
      return change.kind === "fill"
        ? this.#foreignFill({ ...change, side: update.side }, origin, time)
        : NOTHING;
    }
    const own = this.#agreeing(update);
    const claimed = own?.claim(update.executed, update.quantity, time) ?? NOTHING;
    const news = change.kind === "fill"
      ? this.#fill(clientId, own, { ...change, side: update.side }, time)
      : changeNews(own, update, time);
    return this.#settled(own, [...claimed, ...news], time);
  }

  /** The answer to a request that placed these, in their order. */
  placed(
    ids: readonly OrderId[],
    reply: Reply<readonly BatchResult[]>,
    time: Micros,
  ): readonly OrderNews[] {
    return ids.flatMap((id, i) => {
      const own = this.#live.get(id);
      if (own === undefined) return [];
      return this.#settled(own, placedNews(own, reply, i, time), time);
    });
  }

  /** The answer to a cancel. One that never left is the sender's to send again. */
  cancelled(
    id: OrderId,
    reply: Exclude<Reply<WireOrder | "accepted">, { kind: "limited" | "failed" }>,
    time: Micros,
  ): readonly OrderNews[] {
    const own = this.#live.get(id);
    if (own === undefined) return NOTHING;
    switch (reply.kind) {
      case "refused":
        return own.cancelRefused(reasonOf(reply.refusal), time);
      case "unknown":
        return own.lose(time);
      case "ok": {
        const isOf = reply.value !== "accepted" && reply.value.clientId === id;
        const ends = isOf ? endNews(own, reply.value, time) : undefined;
        // Answered and not done, in whatever words: it is asked for again if it stays so.
        if (ends === undefined) own.cancelTaken(time);
        return this.#settled(own, ends ?? NOTHING, time);
      }
    }
  }

  /** All open orders of the account in this market, asked for at `askedAt`. */
  opened(rows: readonly WireOrder[], askedAt: Micros, time: Micros): readonly OrderNews[] {
    const news: OrderNews[] = [];
    const there = new Set<OrderId>();
    this.#foreign.clear();
    for (const row of rows) {
      const { clientId: id } = row;
      const whose = this.#whose(id);
      if (whose !== "ours" || id === undefined) {
        this.#other(row, whose);
        continue;
      }
      there.add(id);
      const own = this.#agreeing(row);
      if (own === undefined) {
        const endedAt = this.#over.get(id);
        const isLate = endedAt !== undefined && askedAt < endedAt + LATE_LIST;
        // A stop order that waits for its trigger rests outside the book, and is not of the plan.
        const isGhost = !isLate && !this.#live.has(id) && row.status !== "waiting";
        if (isGhost) this.#options.onGhost(id);
        continue;
      }
      const told = [...own.claim(row.executed, row.quantity, time)];
      news.push(...this.#settled(own, [...told, ...own.foundOpen(askedAt, time)], time));
    }
    for (const own of this.#live.values()) if (!there.has(own.id)) own.notOpen(askedAt);
    return news;
  }

  /** Rows of the order history. An order that is open there may have ended since. */
  past(rows: readonly PastOrder[], time: Micros): readonly OrderNews[] {
    return rows.flatMap((row) => {
      const own = row.clientId === undefined ? undefined : this.#live.get(row.clientId);
      // An id comes round again after 16 million orders: what is older than the order is another.
      const isOther = own !== undefined && (row.createdAt < own.since - CLOCK_SLACK ||
        row.side !== own.side || row.price !== own.price);
      if (own === undefined || isOther) return [];
      const before = own.claim(row.executed, row.quantity, time);
      return this.#settled(own, [...before, ...(endNews(own, row, time) ?? [])], time);
    });
  }

  /** Fills from the history, in any order. */
  fills(rows: readonly PastFill[], time: Micros): readonly OrderNews[] {
    const oldestFirst = rows.toSorted((a, b) => a.time - b.time);
    return oldestFirst.flatMap((row) => {
      const { clientId, origin } = row;
      const fill = { ...row, fillId: row.fillId ?? numberOf(row) };
      if (this.#whose(clientId) !== "ours" || clientId === undefined) {
        return this.#foreignFill(fill, origin, time);
      }
      return this.#fill(clientId, this.#live.get(clientId), fill, time);
    });
  }

  /** It was proven that it is nowhere. */
  gone(id: OrderId, time: Micros): readonly OrderNews[] {
    const own = this.#live.get(id);
    return own === undefined ? NOTHING : this.#settled(own, own.gone(time), time);
  }

  #whose(id: OrderId | undefined): Whose {
    return id === undefined ? "other" : this.#options.isOurs(id);
  }

  /** The live order this is about; undefined, and reported, where it is not as we placed it. */
  #agreeing(row: OrderFacts): OwnRecord | undefined {
    const own = row.clientId === undefined ? undefined : this.#live.get(row.clientId);
    if (own === undefined) return undefined;
    if (row.side === own.side && row.price === own.price) {
      own.orderId = row.orderId;
      return own;
    }
    if (this.#strange.add(row.orderId, row)) this.#options.onStrange(row);
    return undefined;
  }

  #other(row: OrderFacts, whose: Whose): void {
    if (whose === "strange" && this.#strange.add(row.orderId, row)) this.#options.onStrange(row);
    this.#foreign.see(row);
  }

  #foreignFill(fill: FillFacts, origin: Origin, time: Micros): readonly OrderNews[] {
    if (!this.#fills.add(fill.fillId, time)) return NOTHING;
    return [{ kind: "foreignFill", time, ...fillOf(fill), origin }];
  }

  /** A fill of ours, whether its order is still live or long forgotten. */
  #fill(
    id: OrderId,
    own: OwnRecord | undefined,
    fill: FillFacts,
    time: Micros,
  ): readonly OrderNews[] {
    if (!this.#fills.add(fill.fillId, time)) return NOTHING;
    if (own === undefined) return [{ kind: "fill", time, id, ...fillOf(fill) }];
    return this.#settled(own, own.fill(fillOf(fill), time), time);
  }

  /** The news of an order, which leaves the list if they include its end. */
  #settled(
    own: OwnRecord | undefined,
    news: readonly OrderNews[],
    time: Micros,
  ): readonly OrderNews[] {
    if (own?.isOver === true && this.#live.delete(own.id)) this.#over.add(own.id, time);
    return news;
  }
}

function least(times: readonly (Micros | undefined)[]): Micros | undefined {
  return times.reduce<Micros | undefined>(
    (oldest, time) => oldest === undefined || time !== undefined && time < oldest ? time : oldest,
    undefined,
  );
}
