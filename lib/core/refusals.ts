// Prices that refused an order lately. Sending the same order again at once would be refused again:
// a refused price rests for a second, and after three refusals in a row for half a minute.

import type { Reason } from "./event.ts";
import type { PlannedOrder, Side } from "./strategy.ts";
import { type Micros, micros, SECOND, type Ticks, ticks } from "./units.ts";

const REST = SECOND;
const LONG_REST = 30 * SECOND;
/** Refusals in a row that make a price slow. */
const SLOW_AFTER = 3;
/** A price that has been quiet this long starts from zero again. */
const FORGET = 60 * SECOND;
/** Prices remembered; beyond it the oldest is forgotten. */
const KEPT = 512;

interface Refused {
  readonly count: number;
  readonly until: Micros;
  /** It would have taken: a tick farther back it would not. */
  readonly wouldTake: boolean;
}

/** Which prices are left alone, and until when. */
export class Refusals {
  readonly #prices = new Map<number, Refused>();

  get size(): number {
    return this.#prices.size;
  }

  /** An order at this price was refused, for Backpack's `reason`. */
  refused(side: Side, price: Ticks, reason: Reason, time: Micros): void {
    const key = keyOf(side, price);
    const before = this.#prices.get(key);
    const inRow = before !== undefined && time <= before.until + FORGET;
    const count = inRow ? before.count + 1 : 1;
    this.#prices.delete(key);
    this.#prices.set(key, {
      count,
      until: micros(time + (count < SLOW_AFTER ? REST : LONG_REST)),
      wouldTake: reason === "PostOnlyTaker",
    });
    if (this.#prices.size > KEPT) {
      for (const oldest of this.#prices.keys()) {
        this.#prices.delete(oldest);
        break;
      }
    }
  }

  /** An order at this price was taken: its count starts again. */
  accepted(side: Side, price: Ticks): void {
    if (this.#prices.size > 0) this.#prices.delete(keyOf(side, price));
  }

  isQuiet(side: Side, price: Ticks, time: Micros): boolean {
    const refused = this.#prices.get(keyOf(side, price));
    return refused !== undefined && time < refused.until;
  }

  /**
   * The orders as they may be sent now: where a maker would have taken lately it is quoted a tick
   * farther back, unless that refused too; any other order at a price that refused is left out.
   */
  around(orders: readonly PlannedOrder[], time: Micros): readonly PlannedOrder[] {
    if (this.#prices.size === 0) return orders;
    return orders.flatMap((order) => {
      const { side, price, role } = order;
      if (!this.isQuiet(side, price, time)) return [order];
      const back = ticks(side === "bid" ? price - 1 : price + 1);
      const retries = role === "maker" && back > 0 && !this.isQuiet(side, back, time) &&
        this.#prices.get(keyOf(side, price))?.wouldTake === true;
      return retries ? [{ ...order, price: back }] : [];
    });
  }

  /** True while some price is waiting for its rest to end. */
  anyQuiet(time: Micros): boolean {
    for (const [key, refused] of this.#prices) {
      if (time < refused.until) return true;
      if (time > refused.until + FORGET) this.#prices.delete(key);
    }
    return false;
  }
}

function keyOf(side: Side, price: Ticks): number {
  return side === "bid" ? price : -price;
}
