// One side of a book: a queue at every price, the prices sorted with the best at the end, because
// that is where nearly everything happens. A queue holds the crowd as one number and the accounts'
// orders as a list; each order knows how much of the crowd stands before it. That one number makes
// queue position: growth and cancellation of the crowd happen behind it, only trades shorten it.

import { type Ticks, ticks } from "../core/units.ts";
import type { Side } from "../core/strategy.ts";
import type { Order } from "./order.ts";

/** `recorded` of a level the recording has said nothing about. */
export const UNSEEN = -1;

/** Everything that stands at one price. Quantities in lots. */
export class PriceLevel {
  readonly price: Ticks;
  /** The crowd's quantity. */
  crowd = 0;
  /** What the recording says, less what it has since reported as traded here; or `UNSEEN`. */
  recorded = UNSEEN;
  /** The accounts' quantity. */
  ordered = 0;
  first: Order | undefined;
  last: Order | undefined;
  listed = false;
  touched = false;

  constructor(price: number) {
    this.price = ticks(price);
  }

  append(order: Order): void {
    order.level = this;
    order.ahead = this.recorded === UNSEEN ? Infinity : this.crowd;
    order.previous = this.last;
    if (this.last === undefined) this.first = order;
    else this.last.next = order;
    this.last = order;
    this.ordered += order.remaining;
  }

  /** Unlinks the order; `ordered` must already be without the part that traded. */
  remove(order: Order): void {
    if (order.previous === undefined) this.first = order.next;
    else order.previous.next = order.next;
    if (order.next === undefined) this.last = order.previous;
    else order.next.previous = order.previous;
    order.level = order.next = order.previous = undefined;
  }

  /** The front of the crowd trades: everybody behind it moves up. */
  takeCrowd(quantity: number): void {
    this.crowd -= quantity;
    for (let order = this.first; order !== undefined; order = order.next) {
      order.ahead = Math.max(0, order.ahead - quantity);
    }
  }

  /** Strangers traded here where no account's order stands: the next row is expected to say so. */
  takeTrade(quantity: number): void {
    this.crowd -= Math.min(this.crowd, quantity);
    this.recorded = Math.max(0, this.recorded - quantity);
  }

  /**
   * The recording says so much stands here: growth joins the back, shrinkage leaves from the back
   * first. Crowd that an account's fill left over stays as far as it stands before another order.
   */
  record(quantity: number): void {
    const before = this.recorded;
    this.recorded = quantity;
    if (this.last === undefined) {
      this.crowd = quantity;
      return;
    }
    let left = quantity;
    if (before !== UNSEEN && quantity > 0) left = Math.max(left, this.crowd + quantity - before);
    for (let order = this.first; order !== undefined; order = order.next) {
      order.ahead = Math.min(order.ahead, left);
    }
    this.crowd = Math.max(quantity, this.last.ahead);
  }
}

/** The levels of one side of a book. */
export class BookSide {
  readonly side: Side;
  /** 1 where a higher price is better, -1 where a lower one is. */
  readonly sign: 1 | -1;
  /** Best last. Also holds levels whose whole recorded quantity an account's taker has consumed. */
  readonly levels: PriceLevel[] = [];
  /** Accounts' orders resting on this side. */
  resting = 0;
  readonly #byPrice = new Map<number, PriceLevel>();
  readonly #touched: PriceLevel[] = [];

  constructor(side: Side) {
    this.side = side;
    this.sign = side === "bid" ? 1 : -1;
  }

  /** The level at a price, made if there was none. */
  at(price: number): PriceLevel {
    const last = this.levels[this.levels.length - 1];
    if (last !== undefined && last.price === price) return last;
    const known = this.#byPrice.get(price);
    if (known !== undefined) return known;
    const level = new PriceLevel(price);
    this.#byPrice.set(price, level);
    return level;
  }

  /** The level at a price, if there ever was one. */
  find(price: number): PriceLevel | undefined {
    return this.#byPrice.get(price);
  }

  /** The best level at which something stands. */
  best(): PriceLevel | undefined {
    for (let i = this.levels.length - 1; i >= 0; i--) {
      const level = this.levels[i];
      if (level !== undefined && level.crowd + level.ordered > 0) return level;
    }
    return undefined;
  }

  /** The best level at which an account's order rests. */
  bestOrdered(): PriceLevel | undefined {
    if (this.resting === 0) return undefined;
    for (let i = this.levels.length - 1; i >= 0; i--) {
      const level = this.levels[i];
      if (level?.first !== undefined) return level;
    }
    return undefined;
  }

  /** True if a level at `price` would trade with an opposite order limited to `limit`. */
  reaches(price: number, limit: number): boolean {
    return (price - limit) * this.sign >= 0;
  }

  /**
   * To be called after every change to a level: lists it while it holds or is recorded to hold
   * something.
   */
  changed(level: PriceLevel): void {
    const listed = level.crowd + level.ordered > 0 || level.recorded > 0;
    if (listed !== level.listed) {
      level.listed = listed;
      if (listed) this.#insert(level);
      else this.levels.splice(this.levels.lastIndexOf(level), 1);
    }
    if (!level.touched) {
      level.touched = true;
      this.#touched.push(level);
    }
  }

  /** An account's order joins the end of its queue. */
  rest(order: Order): void {
    const level = this.at(order.limit);
    if (level.recorded === UNSEEN && this.#isInside(order.limit)) level.recorded = 0;
    level.append(order);
    this.resting++;
    this.changed(level);
  }

  /** An account's order leaves with all that is left of it. */
  remove(order: Order): void {
    const level = order.level;
    if (level === undefined) return;
    level.ordered -= order.remaining;
    level.remove(order);
    this.resting--;
    this.changed(level);
  }

  /** The recording's best price here is `price`: no crowd stands at a better one. */
  clearBetter(price: number): void {
    for (let i = this.levels.length - 1; i >= 0; i--) {
      const level = this.levels[i];
      if (level === undefined || (level.price - price) * this.sign <= 0) return;
      if (level.crowd === 0 && level.recorded === 0) continue;
      level.record(0);
      this.changed(level);
    }
  }

  /** Forgets the crowd; accounts' orders keep what they knew of the queue before them. */
  forget(): void {
    for (const level of this.#byPrice.values()) {
      if (level.recorded === UNSEEN && level.crowd === 0) continue;
      level.crowd = 0;
      level.recorded = UNSEEN;
      this.changed(level);
    }
  }

  /** Tells every level changed since the last call, once each. */
  drain(visit: (side: Side, price: Ticks) => void): void {
    for (const level of this.#touched) {
      level.touched = false;
      visit(this.side, level.price);
    }
    this.#touched.length = 0;
  }

  // Better than the best recorded price: the recording says that nobody stands there.
  #isInside(price: number): boolean {
    for (let i = this.levels.length - 1; i >= 0; i--) {
      const level = this.levels[i];
      if (level !== undefined && level.recorded > 0) return (price - level.price) * this.sign > 0;
    }
    return false;
  }

  #insert(level: PriceLevel): void {
    let i = this.levels.length;
    for (; i > 0; i--) {
      const above = this.levels[i - 1];
      if (above === undefined || (above.price - level.price) * this.sign < 0) break;
    }
    if (i === this.levels.length) this.levels.push(level);
    else this.levels.splice(i, 0, level);
  }
}
