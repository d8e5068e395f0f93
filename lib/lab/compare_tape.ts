// The market of a recorded run as ticks. What an exchange shows holds the run's own orders too, and the
// simulation adds its own again: they are taken out of the book, and what the run took out of the trades.
// Moments without data, in which nobody knows what happened, are kept beside.

import type { Tape } from "../core/columns.ts";
import { type Event, isMarketData, type MarketEvent } from "../core/event.ts";
import type { Level, Side } from "../core/strategy.ts";
import { type Micros, MILLISECOND, SECOND } from "../core/units.ts";
import { MOST_INT32 } from "../data/grid.ts";
import { TapeRows } from "../data/rows.ts";
import type { OwnChange, OwnTaking } from "./compare_orders.ts";

/** A time without market data, and why. */
export interface Gap {
  readonly from: Micros;
  readonly to: Micros;
  readonly why: "silence" | "a new book";
}

/** What of a market is the run's own; empty lists leave the market as it was shown. */
export interface Own {
  readonly changes: readonly OwnChange[];
  readonly takings: readonly OwnTaking[];
}

/** The scale of funding rates in a tape. */
const RATE_UNITS = 1e10;
/** A trade and the fill it was are told by different messages. */
const SAME_PRINT = SECOND;

/** Makes the tape, event by event. */
export class SessionTape {
  readonly gaps: Gap[] = [];
  /** What a tape has no room for: bars, and what the exchange ruled. */
  readonly said: MarketEvent[] = [];
  readonly #rows = new TapeRows();
  readonly #own: Own;
  readonly #staleAfter: number;
  /** What of each taking was not found among the trades yet. */
  readonly #taken: number[];
  readonly #sides = { bid: new ShownSide("bid"), ask: new ShownSide("ask") };
  #nextChange = 0;
  /** The depth of the present moment, before what is the run's own is taken out. */
  #time = 0;
  #isShown = false;
  #heardAt: Micros | undefined;
  #heardBefore: Micros | undefined;
  /** Takings before this one are too old for what comes. */
  #firstTaking = 0;
  #rate: number | undefined;
  #trades = 0;

  /** Silence of more than `staleMs` is a gap. */
  constructor(own: Own, { staleMs }: { readonly staleMs: number }) {
    this.#own = own;
    this.#staleAfter = staleMs * MILLISECOND;
    this.#taken = own.takings.map(({ quantity }) => quantity);
  }

  /** Trades between strangers, or of strangers with the run's makers. */
  get trades(): number {
    return this.#trades;
  }

  take(event: Event): void {
    // The rows of one time are one moment: none is made before all of it is known.
    const time = Math.max(event.time, this.#time);
    if (time > this.#time) {
      this.#endMoment();
      this.#time = time;
    }
    if (isMarketData(event)) this.#listen(event.time);
    switch (event.kind) {
      case "depth":
        return this.#depth(event);
      case "trade":
        return this.#trade(event);
      case "mark":
        // Where the rate was never told, none is paid: what is known of funding is in the events.
        this.#rate = event.fundingRate ?? this.#rate;
        return this.#rows.mark(time, {
          price: event.price,
          indexPrice: event.indexPrice ?? 0,
          rate: Math.round((this.#rate ?? 0) * RATE_UNITS),
        });
      case "bar":
      case "state":
      case "rules":
        this.said.push(event);
    }
  }

  /** The tape; nothing may be taken afterwards. */
  end(): Tape {
    this.#endMoment();
    return this.#rows.tape();
  }

  #listen(time: Micros): void {
    const last = this.#heardAt;
    if (last !== undefined && time - last > this.#staleAfter) {
      this.gaps.push({ from: last, to: time, why: "silence" });
    }
    this.#heardBefore = last;
    this.#heardAt = time;
  }

  #depth({ bids, asks, snapshot, time }: Extract<Event, { kind: "depth" }>): void {
    if (snapshot) {
      const from = this.#heardBefore;
      if (from !== undefined) this.gaps.push({ from, to: time, why: "a new book" });
      this.#rows.reset(this.#time);
      for (const side of [this.#sides.bid, this.#sides.ask]) side.forget();
    }
    for (const level of bids) this.#sides.bid.show(level);
    for (const level of asks) this.#sides.ask.show(level);
    this.#isShown = true;
  }

  #trade(trade: Extract<Event, { kind: "trade" }>): void {
    const quantity = trade.quantity - this.#takenIn(trade);
    if (quantity <= 0) return;
    this.#trades++;
    const most = Math.min(quantity, MOST_INT32);
    this.#rows.trade(this.#time, trade.aggressor, trade.price, most);
  }

  /** What of a trade the run itself took. */
  #takenIn({ time, price, quantity, aggressor }: Extract<Event, { kind: "trade" }>): number {
    const { takings } = this.#own;
    while ((takings[this.#firstTaking]?.time ?? Infinity) < time - SAME_PRINT) this.#firstTaking++;
    let found = 0;
    for (let i = this.#firstTaking; found < quantity; i++) {
      const taking = takings[i];
      if (taking === undefined || taking.time > time + SAME_PRINT) break;
      if (taking.side !== aggressor || taking.price !== price) continue;
      const part = Math.min(this.#taken[i] ?? 0, quantity - found);
      this.#taken[i] = (this.#taken[i] ?? 0) - part;
      found += part;
    }
    return found;
  }

  /** Writes what the moment changed for others. */
  #endMoment(): void {
    const isOurs = this.#followOwn();
    const levels = [...this.#sides.bid.changed(), ...this.#sides.ask.changed()];
    // Removals first: strangers never trade with themselves.
    levels.sort((a, b) => Number(a.quantity > 0) - Number(b.quantity > 0));
    for (const { side, price, quantity } of levels) this.#level(side, price, quantity);
    // A message that changes nothing still says that the market is alive.
    if (this.#isShown && levels.length === 0 && !isOurs) this.#alive();
    this.#isShown = false;
  }

  /** Takes up what happened to own orders until the moment; true if something did. */
  #followOwn(): boolean {
    const { changes } = this.#own;
    const first = this.#nextChange;
    for (;;) {
      const next = changes[this.#nextChange];
      if (next === undefined || next.time > this.#time) return this.#nextChange > first;
      this.#sides[next.side].own(next.price, next.change);
      this.#nextChange++;
    }
  }

  #alive(): void {
    const level = this.#sides.bid.any() ?? this.#sides.ask.any();
    if (level !== undefined) this.#level(level.side, level.price, level.quantity);
  }

  #level(side: Side, price: number, quantity: number): void {
    this.#rows.level(this.#time, side, price, Math.min(quantity, MOST_INT32));
  }
}

interface OthersLevel {
  readonly side: Side;
  readonly price: number;
  readonly quantity: number;
}

/** One side of the book as it is shown, and what of it is the run's own. */
class ShownSide {
  readonly #side: Side;
  readonly #shown = new Map<number, number>();
  readonly #own = new Map<number, number>();
  /** As last written. */
  readonly #written = new Map<number, number>();
  readonly #touched = new Set<number>();

  constructor(side: Side) {
    this.#side = side;
  }

  show({ price, quantity }: Level): void {
    this.#touched.add(price);
    if (quantity === 0) this.#shown.delete(price);
    else this.#shown.set(price, quantity);
  }

  own(price: number, change: number): void {
    const own = (this.#own.get(price) ?? 0) + change;
    if (own === 0) this.#own.delete(price);
    else this.#own.set(price, own);
    this.#touched.add(price);
  }

  forget(): void {
    this.#shown.clear();
    this.#written.clear();
    this.#touched.clear();
  }

  /** Some level that strangers stand at. */
  any(): OthersLevel | undefined {
    for (const [price, quantity] of this.#written) return { side: this.#side, price, quantity };
    return undefined;
  }

  /** Levels at which strangers' quantity is another than was last written. */
  changed(): OthersLevel[] {
    const levels: OthersLevel[] = [];
    for (const price of this.#touched) {
      // Less than ours stands there: ours is gone already, or was never shown.
      const quantity = Math.max(0, (this.#shown.get(price) ?? 0) - (this.#own.get(price) ?? 0));
      if (quantity === (this.#written.get(price) ?? 0)) continue;
      if (quantity === 0) this.#written.delete(price);
      else this.#written.set(price, quantity);
      levels.push({ side: this.#side, price, quantity });
    }
    this.#touched.clear();
    return levels;
  }
}
