// Stop and take-profit orders of one market, waiting for a reference price. Which way the price
// must come is decided once, from where the reference stands when the order is placed. A reached
// order moves to a list of due ones and becomes a real order when the command at work is done,
// never in the middle of a match.

import type { Order, Reference } from "./order.ts";

/** How many may wait per account and market. Backpack has such a limit but publishes no number. */
export const MOST_TRIGGERS = 20;

interface Watch {
  /**
   * In ticks: reached when the reference rises to the lowest `up` or falls to the highest `down`.
   */
  readonly up: Order[];
  readonly down: Order[];
  least: number;
  most: number;
}

/** The waiting orders of one market. */
export class Triggers {
  readonly #watches: { readonly [R in Reference]: Watch } = {
    LastPrice: { up: [], down: [], least: Infinity, most: -Infinity },
    MarkPrice: { up: [], down: [], least: Infinity, most: -Infinity },
    IndexPrice: { up: [], down: [], least: Infinity, most: -Infinity },
  };
  readonly #due: Order[];

  /** `due` receives the orders whose price was reached, in the order they were placed. */
  constructor(due: Order[]) {
    this.#due = due;
  }

  /** True while nothing waits for a price. */
  get isEmpty(): boolean {
    return Object.values(this.#watches).every(({ up, down }) => up.length + down.length === 0);
  }

  /** Waits for the reference, which stands at `reference` now, to come to the trigger price. */
  add(order: Order, by: Reference, price: number, reference: number): void {
    const watch = this.#watches[by];
    if (price >= reference) watch.up.push(order);
    else watch.down.push(order);
    settle(watch);
  }

  /** Forgets an order. */
  remove(order: Order): void {
    for (const watch of Object.values(this.#watches)) {
      drop(watch.up, order);
      drop(watch.down, order);
      settle(watch);
    }
    drop(this.#due, order);
  }

  /** The reference is at this price: true if that made an order due. */
  reach(by: Reference, price: number): boolean {
    const watch = this.#watches[by];
    if (price < watch.least && price > watch.most) return false;
    // Never both: every `up` lies above where the reference stood last, every `down` below it.
    const reached = watch.least <= price
      ? watch.up.filter((order) => priceOf(order) <= price)
      : watch.down.filter((order) => priceOf(order) >= price);
    for (const order of reached) {
      drop(watch.up, order);
      drop(watch.down, order);
    }
    settle(watch);
    this.#due.push(...reached);
    return reached.length > 0;
  }
}

function settle(watch: Watch): void {
  watch.least = watch.up.reduce((least, order) => Math.min(least, priceOf(order)), Infinity);
  watch.most = watch.down.reduce((most, order) => Math.max(most, priceOf(order)), -Infinity);
}

function priceOf(order: Order): number {
  return order.request.trigger?.price ?? NaN;
}

function drop(orders: Order[], order: Order): void {
  const index = orders.indexOf(order);
  if (index >= 0) orders.splice(index, 1);
}
