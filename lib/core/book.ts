// The public order book as the exchange tells it, level by level. It includes the run's own orders;
// `BookSide.others` leaves them out, because a maker that reacts to its own quote chases itself.

import type { Side } from "./strategy.ts";
import type { Level } from "./strategy.ts";
import { type Lots, lots, type Ticks, ticks } from "./units.ts";

/** How much of the run's own quantity rests at a price. */
export type OwnAt = (price: Ticks) => number;

/** One side of the book: levels sorted with the best at the end, where nearly every change happens. */
export class BookSide {
  readonly side: Side;
  readonly #prices: number[] = [];
  readonly #quantities: number[] = [];

  constructor(side: Side) {
    this.side = side;
  }

  get size(): number {
    return this.#prices.length;
  }

  /** Sets a level's absolute quantity; zero removes it. */
  set(price: Ticks, quantity: Lots): void {
    const [prices, quantities] = [this.#prices, this.#quantities];
    const sign = this.side === "bid" ? 1 : -1;
    let at = prices.length;
    // Walks from the touch: changes far from it are rare.
    while (at > 0 && sign * (prices[at - 1] ?? 0) > sign * price) at--;
    if (at > 0 && prices[at - 1] === price) {
      if (quantity > 0) quantities[at - 1] = quantity;
      else this.#remove(at - 1);
    } else if (quantity > 0) this.#insert(at, price, quantity);
  }

  /** By hand: `splice` makes a list of what it takes out, for each level that goes. */
  #remove(at: number): void {
    const [prices, quantities] = [this.#prices, this.#quantities];
    const last = prices.length - 1;
    for (let i = at; i < last; i++) {
      prices[i] = prices[i + 1] ?? 0;
      quantities[i] = quantities[i + 1] ?? 0;
    }
    prices.pop();
    quantities.pop();
  }

  #insert(at: number, price: number, quantity: number): void {
    const [prices, quantities] = [this.#prices, this.#quantities];
    for (let i = prices.length; i > at; i--) {
      prices[i] = prices[i - 1] ?? 0;
      quantities[i] = quantities[i - 1] ?? 0;
    }
    prices[at] = price;
    quantities[at] = quantity;
  }

  clear(): void {
    this.#prices.length = 0;
    this.#quantities.length = 0;
  }

  /** The best price, own orders included; undefined while the side is empty. */
  best(): Ticks | undefined {
    const price = this.#prices.at(-1);
    return price === undefined ? undefined : ticks(price);
  }

  /** The best level of others; undefined where there is none. */
  bestOfOthers(own: OwnAt): Level | undefined {
    for (let i = this.#prices.length - 1; i >= 0; i--) {
      const level = this.#level(i, own);
      if (level !== undefined) return level;
    }
    return undefined;
  }

  /** The best `count` levels of others, best first. */
  others(own: OwnAt, count: number): Level[] {
    const levels: Level[] = [];
    for (let i = this.#prices.length - 1; i >= 0 && levels.length < count; i--) {
      const level = this.#level(i, own);
      if (level !== undefined) levels.push(level);
    }
    return levels;
  }

  #level(i: number, own: OwnAt): Level | undefined {
    const price = ticks(this.#prices[i] ?? 0);
    const shown = this.#quantities[i] ?? 0;
    const ours = own(price);
    // Less than what we sent stands there: ours has not arrived yet, or is gone already.
    const quantity = ours > shown ? shown : shown - ours;
    return quantity > 0 ? { price, quantity: lots(quantity) } : undefined;
  }
}

/** Both sides. */
export class Book {
  readonly bids = new BookSide("bid");
  readonly asks = new BookSide("ask");

  /** Takes a depth event's levels. */
  apply(bids: readonly Level[], asks: readonly Level[], mode: "snapshot" | "changes"): void {
    if (mode === "snapshot") {
      this.bids.clear();
      this.asks.clear();
    }
    for (const { price, quantity } of bids) this.bids.set(price, quantity);
    for (const { price, quantity } of asks) this.asks.set(price, quantity);
  }
}
