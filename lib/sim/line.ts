// One connection between a run and its simulated exchange: what comes over it arrives, arrives later or
// is lost until everything is asked for anew. A new process has a new connection, and nothing of the
// old one is told any more. An event is stamped with the moment it is told, as a live run stamps what
// it receives.

import type { Event } from "../core/event.ts";
import type { MarketState } from "../core/market.ts";
import { type Micros, micros } from "../core/units.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { Mishaps } from "./mishaps.ts";

/** What a connection lies between. */
export interface LineOptions {
  readonly mishaps: Mishaps;
  readonly exchange: Exchange;
  readonly symbol: string;
}

/** Levels of a snapshot, each side. */
const DEPTH = 1_000;

/** Carries events, and fails as it is told to. */
export class Line {
  /** The market's, as the exchange says it. */
  state: MarketState = "Open";
  /** How far the clock that stamps events is off, in µs. */
  clockShift = 0;
  readonly #options: LineOptions;
  readonly #mishaps: Mishaps;
  /** To be told now. */
  #ready: Event[] = [];
  /** Own events that nobody was told of, found at the next resynchronisation. */
  #lost: Event[] = [];
  /** Own events of the time without a connection. */
  #missed: Event[] = [];
  /** An own event that lets the next one pass. */
  #passed: Event | undefined;
  #isDown = false;
  #hasGap = false;
  #resyncPlanned = false;
  /** Connections so far. */
  #count = 1;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#mishaps = options.mishaps;
  }

  /** What the clock that stamps events says. */
  get time(): Micros {
    return micros(this.#mishaps.now + this.clockShift);
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  /** Nothing is held back. */
  get isQuiet(): boolean {
    return !this.#isDown && this.#ready.length === 0 && this.#lost.length === 0 &&
      this.#missed.length === 0 && this.#passed === undefined;
  }

  next(): Event | undefined {
    return this.#ready.shift();
  }

  tell(event: Event): void {
    const { time } = this;
    this.#ready.push(time === event.time ? event : { ...event, time });
  }

  /** Something comes, if there is a connection. */
  arrive(event: Event): void {
    if (this.#isDown) {
      if (isOwn(event)) this.#missed.push(event);
      return;
    }
    if (!this.#hasGap || event.kind !== "depth") this.tell(event);
    if (isOwn(event)) this.#endReorder();
  }

  /** Notes what is owed within so many seconds from now; a later connection does not owe it. */
  later(span: readonly [number, number], action: () => void): void {
    const mine = this.#count;
    this.#mishaps.later(span, () => {
      if (mine === this.#count) action();
    });
  }

  /** No event is held back to let the next one pass. */
  get canReorder(): boolean {
    return this.#passed === undefined;
  }

  /** Holds an own event back until the next one has passed. */
  reorder(event: Event): void {
    this.#passed = event;
    this.later([1, 2], () => this.#endReorder());
  }

  /** An event does not come; own ones are found at the next resynchronisation. */
  lose(event: Event): void {
    if (isOwn(event)) this.#lost.push(event);
    // Depth is numbered: behind a gap it is of no use until there is a snapshot.
    else this.#hasGap ||= event.kind === "depth";
    if (this.#resyncPlanned) return;
    this.#resyncPlanned = true;
    this.later([0.5, 5], () => {
      this.#resyncPlanned = false;
      if (!this.#isDown) this.#resync();
    });
  }

  /** Nothing comes for a while. */
  disconnect(): boolean {
    if (this.#isDown) return false;
    this.#isDown = true;
    this.later([0.2, 8], () => {
      this.#isDown = false;
      this.#resync();
    });
    return true;
  }

  /** Ends this connection and begins another, for a process that knows nothing of it. */
  connectAnew(): void {
    this.#count++;
    this.#ready = [];
    this.#lost = [];
    this.#missed = [];
    this.#passed = undefined;
    this.#isDown = false;
    this.#resyncPlanned = false;
    this.#resync();
  }

  #endReorder(): void {
    const event = this.#passed;
    this.#passed = undefined;
    if (event !== undefined) this.arrive(event);
  }

  /** Asks the exchange for everything anew: what was lost is found, in no order. */
  #resync(): void {
    const { exchange, symbol } = this.#options;
    const book = exchange.book(symbol);
    this.#hasGap = false;
    const { time } = this;
    const [bids, asks] = [book.depth("bid", DEPTH), book.depth("ask", DEPTH)];
    this.tell({ kind: "state", time, state: this.state });
    this.tell({ kind: "depth", time, bids, asks, snapshot: true });
    const found = [...this.#missed, ...this.#mishaps.shuffled(this.#lost)];
    this.#missed = [];
    this.#lost = [];
    for (const event of found) this.tell(event);
  }
}

/** What is said of the run's own orders and account. */
export function isOwn(event: Event): boolean {
  return "id" in event || event.kind === "funding" || event.kind === "foreignFill";
}
