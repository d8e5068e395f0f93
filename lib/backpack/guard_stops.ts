// What is known of the stops of one run. Replies, lists and the history say it in any order, so each
// is taken as a claim: a stop is over only when the exchange has said so, or when its absence is
// proven; until then it counts, and no other takes its place.

import type { OrderId } from "../core/event.ts";
import type { Whose } from "../core/settle.ts";
import { type Micros, micros, SECOND, type Ticks } from "../core/units.ts";
import { Absence, arrivedBy } from "./absence.ts";
import { isPassed, type KnownStop } from "./guard.ts";
import { lookOf, type Seen, type Sought } from "./looks.ts";
import type { OrderStatus, WireOrder } from "./wire_order.ts";
import type { Trigger } from "./wire_trigger.ts";

/** A stop as it is written down. */
export interface NotedStop extends Trigger {
  /** The best mark of the position when it was placed. */
  readonly best: Ticks;
  /** When it was sent, on the exchange's clock. */
  readonly since: Micros;
}

/** One stop that may be at the exchange. */
export interface GuardStop extends NotedStop {
  state: KnownStop["state"];
  passedAt: Micros | undefined;
  /** Since when it may be nowhere; undefined while it is not in doubt. */
  doubtAt: Micros | undefined;
  /** The exchange's number, once it is known. */
  orderId: string | undefined;
  /** When its cancel may be sent again, in local ms. */
  cancelAt: number;
}

/** How a stop ended: it has filled, somebody ended it, or it is nowhere. */
export type StopEnd = "filled" | "cancelled" | "expired" | "triggerFailed" | "gone";

/** What the list needs, and whom it calls. */
export interface GuardStopsOptions {
  isOurs(id: OrderId): Whose;
  /** A stop has gone off, or ended though nobody here had cancelled it. */
  onEvent(stop: GuardStop, what: "fired" | StopEnd): void;
}

/** Order rows are asked for from this much before a stop was sent. */
const SLACK = 2 * SECOND;

/** The stops of one run, oldest first. `decide` lets there be two at most. */
export class GuardStops {
  readonly #options: GuardStopsOptions;
  readonly #stops = new Map<OrderId, GuardStop>();
  readonly #absence = new Absence();

  constructor(options: GuardStopsOptions) {
    this.#options = options;
  }

  get list(): readonly GuardStop[] {
    return [...this.#stops.values()];
  }
  get count(): number {
    return this.#stops.size;
  }
  /** When the oldest was sent; undefined where there is none. */
  get oldestAt(): Micros | undefined {
    const times = this.list.map(({ since }) => since);
    return times.length === 0 ? undefined : micros(Math.min(...times));
  }
  /** No stop can come to be at the exchange any more after this. */
  get arrivedBy(): Micros {
    return arrivedBy(micros(Math.max(0, ...this.list.map(({ since }) => since))));
  }
  /** Something must be found out. */
  get isUnsettled(): boolean {
    return this.list.some(({ state, passedAt, doubtAt }) =>
      state !== "resting" || passedAt !== undefined || doubtAt !== undefined
    );
  }

  find(id: OrderId): GuardStop | undefined {
    return this.#stops.get(id);
  }

  add(noted: NotedStop, state: "sent" | "unknown" | "resting"): GuardStop {
    const doubtAt = state === "unknown" ? noted.since : undefined;
    const stop: GuardStop = {
      ...noted,
      ...{ state, doubtAt, passedAt: undefined, orderId: undefined, cancelAt: -Infinity },
    };
    this.#stops.set(stop.id, stop);
    return stop;
  }

  /** It is certainly not there. */
  remove({ id }: Pick<GuardStop, "id">): void {
    this.#stops.delete(id);
  }

  /** The mark is at `mark` now. */
  marked(mark: Ticks, time: Micros): void {
    for (const stop of this.#stops.values()) {
      stop.passedAt = isPassed(stop, mark) ? stop.passedAt ?? time : undefined;
    }
  }

  /** The mark has set it off: what is left of it is found out by looking. */
  fire(stop: GuardStop): void {
    if (stop.state !== "fired") this.#options.onEvent(stop, "fired");
    stop.state = "fired";
  }

  /** What the exchange says of a stop: it waits, it has gone off, or it is over. */
  stands(stop: GuardStop, status: OrderStatus): void {
    stop.doubtAt = undefined;
    switch (status) {
      case "waiting":
        if (stop.state === "unknown") stop.state = "resting";
        return;
      case "open":
      case "partlyFilled":
      case "triggered":
        return this.fire(stop);
      case "filled":
        return this.#end(stop, status);
      case "cancelled":
      case "expired":
      case "triggerFailed":
        if (stop.state === "leaving") this.remove(stop);
        else this.#end(stop, status);
    }
  }

  /** The list of open orders; gives the ids of stops in it that were given up. */
  listed(rows: readonly WireOrder[]): readonly OrderId[] {
    const strays: OrderId[] = [];
    for (const { clientId: id, status } of rows) {
      const stop = id === undefined ? undefined : this.#stops.get(id);
      if (stop !== undefined) this.stands(stop, status);
      else if (id !== undefined && this.#isStray(id, status)) strays.push(id);
    }
    return strays;
  }

  /** Those that a list of open orders, asked for at `askedAt`, should have named. */
  missing(rows: readonly WireOrder[], askedAt: Micros): readonly GuardStop[] {
    const there = new Set(rows.map(({ clientId }) => clientId));
    return this.list.filter(({ id, state, since }) =>
      !there.has(id) && state !== "sent" && since < askedAt
    );
  }

  /** What a look found of those that were missing. */
  sought(missing: readonly GuardStop[], seen: Seen): void {
    const { open, past, askedAt } = seen;
    for (const stop of missing) {
      const row = open.find(({ clientId }) => clientId === stop.id) ??
        past.find((one) => one.clientId === stop.id && one.createdAt >= stop.since - SLACK);
      if (row === undefined) stop.doubtAt ??= askedAt;
      // The history may lag: that a stop still waits is for the list of open orders to say.
      else if (row.status !== "waiting") this.stands(stop, row.status);
    }
    this.#absence.watch(
      this.list.flatMap(({ id, doubtAt }) => doubtAt === undefined ? [] : [{ id, since: doubtAt }]),
    );
    for (const id of this.#absence.looked(lookOf(seen))) {
      const stop = this.#stops.get(id);
      if (stop !== undefined) this.#end(stop, "gone");
    }
  }

  /** A stop of the run that nobody here knows of any more. */
  #isStray(id: OrderId, status: OrderStatus): boolean {
    return status === "waiting" && this.#options.isOurs(id) === "ours";
  }

  #end(stop: GuardStop, end: StopEnd): void {
    this.remove(stop);
    this.#options.onEvent(stop, end);
  }
}

/** What to look for, and from when on. */
export function soughtOf(
  stops: readonly GuardStop[],
): { readonly since: Micros; readonly sought: readonly Sought[] } {
  const sought = stops.map(({ since, orderId }) => ({ since, orderId }));
  return { since: micros(Math.min(...sought.map(({ since }) => since)) - SLACK), sought };
}
