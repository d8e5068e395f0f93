// Plays recorded ticks: trades, best prices and level changes become orders of the crowd. Rows of one
// moment are one step, as one message of an exchange is.

import type { Calm } from "../core/calm.ts";
import { ROW, type Tape } from "../core/columns.ts";
import { type Micros, micros, NEVER, ticks } from "../core/units.ts";
import type { Feed, Floor } from "./feed.ts";

/** The scale of funding rates in a tape. */
const RATE_UNITS = 1e10;

/** A feed over one tape, or over tapes that are made as they are needed. */
export class TapeFeed implements Feed {
  readonly ticking = true;
  readonly #more: () => Tape | undefined;
  #tape: Tape | undefined;
  #row = 0;
  #played = 0;

  /** `more` gives the next tape in time order, or undefined when there is none. */
  constructor(more: () => Tape | undefined) {
    this.#more = more;
    this.#advance();
  }

  get played(): number {
    return this.#played;
  }

  get nextAt(): Micros {
    const time = this.#tape?.time[this.#row];
    return time === undefined ? NEVER : micros(time);
  }

  step(floor: Floor): Micros {
    const { calm, crowd } = floor;
    for (;;) {
      const time = this.nextAt;
      this.#moment(time, floor);
      if (calm === undefined || this.nextAt >= calm.until || floor.isTold) return time;
      const mid = crowd.midTicks();
      if (!(mid >= calm.below && mid <= calm.above)) return time;
      const skimmed = this.#skim(calm, floor);
      if (this.nextAt >= calm.until) return skimmed ?? time;
    }
  }

  /** Plays what needs no rules at all; returns the time of the last such row, if there was one. */
  #skim(calm: Calm, { crowd }: Floor): Micros | undefined {
    const tape = this.#tape;
    if (tape === undefined) return undefined;
    const first = this.#row;
    this.#row = crowd.skim(tape, first, calm);
    this.#played += this.#row - first;
    const last = this.#row > first ? tape.time[this.#row - 1] : undefined;
    if (this.#row >= tape.length) this.#advance();
    return last === undefined ? undefined : micros(last);
  }

  #moment(time: Micros, floor: Floor): void {
    while (this.#tape !== undefined && this.#tape.time[this.#row] === time) {
      play(this.#tape, this.#row, time, floor);
      this.#row++;
      this.#played++;
      if (this.#row >= this.#tape.length) this.#advance();
    }
  }

  #advance(): void {
    do {
      this.#tape = this.#more();
      this.#row = 0;
    } while (this.#tape !== undefined && this.#tape.length === 0);
  }
}

/** A feed over one recording. */
export function tapeFeed(tape: Tape): TapeFeed {
  let left: Tape | undefined = tape;
  return new TapeFeed(() => {
    const next = left;
    left = undefined;
    return next;
  });
}

function play(tape: Tape, row: number, time: Micros, { crowd, tell }: Floor): void {
  const price = tape.price[row] ?? 0;
  const quantity = tape.quantity[row] ?? 0;
  const askPrice = tape.askPrice[row] ?? 0;
  const askQuantity = tape.askQuantity[row] ?? 0;
  switch (tape.kind[row]) {
    case ROW.tradeBid:
      return crowd.crowdTrade("bid", price, quantity, time);
    case ROW.tradeAsk:
      return crowd.crowdTrade("ask", price, quantity, time);
    case ROW.bbo:
      return crowd.crowdBest(price, quantity, askPrice, askQuantity, time);
    case ROW.bidLevel:
      return crowd.crowdLevel("bid", price, quantity, time);
    case ROW.askLevel:
      return crowd.crowdLevel("ask", askPrice, askQuantity, time);
    case ROW.reset:
      return crowd.crowdReset();
    case ROW.mark:
      return tell({
        kind: "mark",
        time,
        price: ticks(price),
        fundingRate: quantity / RATE_UNITS,
        ...(askPrice === 0 ? {} : { indexPrice: ticks(askPrice) }),
      });
  }
}
