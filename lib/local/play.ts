// The markets beside the accounts: feeds play into the engine, and once a second marks are set where
// no feed gives them and funding is paid where an interval has ended.

import { lots, type Micros, micros, SECOND, type Ticks, ticks } from "../core/units.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { Feed, Floor } from "../sim/feed.ts";
import type { PublicRecord } from "./public_record.ts";

/** What is played, and on what. */
export interface PlayTerms {
  readonly exchange: Exchange;
  readonly records: ReadonlyMap<string, PublicRecord>;
  readonly feeds: ReadonlyMap<string, Feed>;
  readonly start: Micros;
  /** A whole second has come and its marks and payments are made. */
  onSecond(time: Micros): void;
}

/** Everything that happens in the markets by itself. */
export class Play {
  readonly #terms: PlayTerms;
  readonly #parts: readonly { readonly feed: Feed; readonly floor: Floor }[];
  #nextSecond: Micros;
  #now: Micros;

  /** Throws `RangeError` on a feed of no market. */
  constructor(terms: PlayTerms) {
    this.#terms = terms;
    this.#now = terms.start;
    this.#nextSecond = secondAfter(terms.start);
    this.#parts = [...terms.feeds].map(([symbol, feed]) => {
      const record = terms.records.get(symbol);
      if (record === undefined) throw new RangeError(`a feed of no market: ${symbol}`);
      return { feed, floor: this.#floorOf(record) };
    });
  }

  /** When something next happens. */
  get nextAt(): Micros {
    let soonest: number = this.#nextSecond;
    for (const { feed } of this.#parts) soonest = Math.min(soonest, feed.nextAt);
    return micros(soonest);
  }

  /** Does the one thing that is due first; it happens at `now`, which is no earlier. */
  step(now: Micros): void {
    this.#now = now;
    const due = this.nextAt;
    const part = this.#parts.find(({ feed }) => feed.nextAt === due);
    if (part !== undefined) {
      part.feed.step(part.floor);
      return;
    }
    this.#second(this.#nextSecond);
    this.#nextSecond = secondAfter(this.#nextSecond);
  }

  #second(time: Micros): void {
    const { exchange, records } = this.#terms;
    for (const record of records.values()) {
      const { symbol } = record.market;
      const price = record.fedMark === undefined ? midOf(exchange, symbol) : undefined;
      if (price !== undefined) exchange.setMark(symbol, price, price, time);
      const ended = record.nextFunding(micros(time - 1)) === time;
      if (!ended || record.fundingRate === undefined) continue;
      record.addRate({ end: time, rate: record.fundingRate });
      exchange.fund(symbol, record.fundingRate, time);
    }
    this.#terms.onSecond(time);
  }

  #floorOf(record: PublicRecord): Floor {
    const { symbol } = record.market;
    const { exchange } = this.#terms;
    return {
      crowd: exchange.crowd(symbol),
      calm: undefined,
      isTold: true,
      tellsBars: false,
      position: () => lots(0),
      markAt: (price) => exchange.setMark(symbol, price, price, this.#now),
      safePrices: () => ({ below: -Infinity, above: Infinity }),
      tell: (event) => {
        if (event.kind !== "mark") return;
        record.fedMark = event.price;
        if (event.fundingRate !== undefined) record.fundingRate = event.fundingRate;
        exchange.setMark(symbol, event.price, event.indexPrice, this.#now);
      },
    };
  }
}

function midOf(exchange: Exchange, symbol: string): Ticks | undefined {
  const book = exchange.book(symbol);
  const [bid, ask] = [book.best("bid"), book.best("ask")];
  if (bid === undefined || ask === undefined) return book.last ?? bid ?? ask;
  return ticks(Math.floor((bid + ask) / 2));
}

function secondAfter(time: Micros): Micros {
  return micros((Math.floor(time / SECOND) + 1) * SECOND);
}
