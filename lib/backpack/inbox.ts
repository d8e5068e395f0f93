// What waits for the loop, in the order it came. The loop answers faster than a market speaks, but not
// always: where it falls behind, changes of the book are folded into the newest, since quantities are
// absolute and the later one wins. Trades and what is said of our orders are never touched.

import type { Event, MarketEvent } from "../core/event.ts";
import type { Level } from "../core/strategy.ts";
import { lots, type Micros, micros, ticks } from "../core/units.ts";

/** What is asked of a running bot. */
export type Request = "stop" | "pause" | "resume" | "flatten";

type Depth = Extract<MarketEvent, { kind: "depth" }>;

/** Changes of the book that may wait before they are folded into one. */
export const MOST_DEPTHS = 32;
/** Events that may wait at all: a loop this far behind will not catch up. */
export const MOST_WAITING = 65_536;
/** Taken events kept in the list before it is cut. */
const CUT_AFTER = 256;

/** A queue with one reader. */
export class Inbox {
  readonly #now: () => Micros;
  readonly #onOverflow: () => void;
  readonly #requests: Request[] = [];
  #events: Event[] = [];
  #head = 0;
  #depths = 0;
  #time = micros(0);
  #state: "open" | "full" | "ended" = "open";
  #failure: { readonly error: unknown } | undefined;
  #reader: PromiseWithResolvers<Event | undefined> | undefined;

  /** `onOverflow` is called once; from then on nothing of the market is taken any more. */
  constructor({ now, onOverflow }: { now: () => Micros; onOverflow: () => void }) {
    this.#now = now;
    this.#onOverflow = onOverflow;
  }

  /** Events that wait. */
  get waiting(): number {
    return this.#events.length - this.#head;
  }

  /** The time of receipt for what comes now: the exchange's clock, which may be set, never goes back here. */
  stamp(): Micros {
    const now = this.#now();
    if (now > this.#time) this.#time = now;
    return this.#time;
  }

  /** Takes an event stamped by `stamp`. */
  push(event: Event): void {
    if (this.#state === "ended") return;
    if (this.#reader !== undefined) return this.#hand(event);
    if (this.waiting >= MOST_WAITING && !this.#makeRoom(event)) return;
    this.#events.push(event);
    if (event.kind === "depth" && ++this.#depths > MOST_DEPTHS) this.#fold();
  }

  /** Puts a person's command before everything that waits. */
  ask(request: Request): void {
    if (this.#state === "ended") return;
    if (this.#reader !== undefined) this.#hand({ kind: request, time: this.stamp() });
    else this.#requests.push(request);
  }

  /** The next event, now or when it comes; undefined after `end`. Throws what `fail` was given. */
  next(): Event | undefined | Promise<Event | undefined> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#state === "ended") return undefined;
    const event = this.#events[this.#head];
    const request = this.#requests.shift();
    if (request !== undefined) return { kind: request, time: event?.time ?? this.stamp() };
    if (event === undefined) {
      this.#reader = Promise.withResolvers();
      return this.#reader.promise;
    }
    this.#head++;
    if (event.kind === "depth") this.#depths--;
    if (this.#head > CUT_AFTER && this.#head * 2 > this.#events.length) this.#cut();
    return event;
  }

  /** Nothing more from now on. */
  end(): void {
    this.#state = "ended";
    this.#reader?.resolve(undefined);
    this.#reader = undefined;
  }

  /** A bug in what feeds this: the reader is told, since nobody else would be. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#reader?.reject(error);
    this.#reader = undefined;
  }

  #hand(event: Event): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.resolve(event);
  }

  /** Too many wait. Our own events still find a place; they are as many as our orders. */
  #makeRoom(event: Event): boolean {
    if (this.#state === "open") {
      this.#state = "full";
      this.#onOverflow();
    }
    return !isOfMarket(event);
  }

  #cut(): void {
    this.#events = this.#events.slice(this.#head);
    this.#head = 0;
  }

  /** Folds all changes of the book that wait into the newest. */
  #fold(): void {
    const rest: Event[] = [];
    let folded: Depth | undefined;
    for (let i = this.#head; i < this.#events.length; i++) {
      const event = this.#events[i];
      if (event?.kind !== "depth") {
        if (event !== undefined) rest.push(event);
      } else folded = folded === undefined ? event : mergeDepths(folded, event);
    }
    if (folded !== undefined) rest.push(folded);
    this.#events = rest;
    this.#head = 0;
    this.#depths = folded === undefined ? 0 : 1;
  }
}

/** The book after both, as one event at the time of the later. */
export function mergeDepths(earlier: Depth, later: Depth): Depth {
  if (later.snapshot) return later;
  const { snapshot } = earlier;
  const bids = mergeLevels(earlier.bids, later.bids);
  const asks = mergeLevels(earlier.asks, later.asks);
  return { kind: "depth", time: later.time, bids, asks, snapshot };
}

function mergeLevels(earlier: readonly Level[], later: readonly Level[]): readonly Level[] {
  const levels = new Map<number, number>();
  for (const { price, quantity } of earlier) levels.set(price, quantity);
  for (const { price, quantity } of later) levels.set(price, quantity);
  return [...levels].map(([price, quantity]) => ({
    price: ticks(price),
    quantity: lots(quantity),
  }));
}

function isOfMarket({ kind }: Event): boolean {
  return kind === "depth" || kind === "trade" || kind === "mark" || kind === "bar" ||
    kind === "timer";
}
