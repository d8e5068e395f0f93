// The slower depth streams: changes of a book gathered for a while and told as one frame, with the
// last quantity of every level that changed (PROTOCOL 8). A window is a stretch of exchange time.

import type { Level } from "../core/strategy.ts";
import { type Lots, type Micros, micros, MILLISECOND, ticks } from "../core/units.ts";
import type { PublishedKind } from "./stream_print.ts";

type Depth = PublishedKind<"depth">;

/** One depth stream of one market. */
export class DepthWindow {
  readonly #length: number;
  readonly #bids = new Map<number, Lots>();
  readonly #asks = new Map<number, Lots>();
  #first: Depth | undefined;
  #last: Depth | undefined;

  constructor(lengthMs: number) {
    this.#length = lengthMs * MILLISECOND;
  }

  /** Takes a change; gives the window before it, if that is over with it. */
  add(change: Depth): Depth | undefined {
    const over = this.take(change.time);
    this.#first ??= change;
    this.#last = change;
    for (const { price, quantity } of change.bids) this.#bids.set(price, quantity);
    for (const { price, quantity } of change.asks) this.#asks.set(price, quantity);
    return over;
  }

  /** What was gathered, if its window is over at `now`. */
  take(now: Micros): Depth | undefined {
    const [first, last] = [this.#first, this.#last];
    if (first === undefined || last === undefined || now < this.#endOf(first.time)) {
      return undefined;
    }
    const gathered = {
      ...last,
      firstId: first.firstId,
      bids: levelsOf(this.#bids),
      asks: levelsOf(this.#asks),
    };
    this.#first = this.#last = undefined;
    this.#bids.clear();
    this.#asks.clear();
    return gathered;
  }

  #endOf(time: Micros): Micros {
    return micros((Math.floor(time / this.#length) + 1) * this.#length);
  }
}

function levelsOf(quantities: ReadonlyMap<number, Lots>): Level[] {
  return [...quantities].map(([price, quantity]) => ({ price: ticks(price), quantity }));
}
