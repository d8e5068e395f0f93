// How many requests a client may make: so many in any minute, counted when they come, on the
// exchange's own time. Backpack sends no header that says how many are left, so neither does this.

import { type Micros, SECOND } from "../core/units.ts";

const MINUTE = 60 * SECOND;

/** Requests of one account in a minute (Backpack: standard routes, per subaccount). */
export const MOST_PER_MINUTE = 2_000;
/** Requests for candles and past trades in a minute. */
export const MOST_PAST_PER_MINUTE = 30;

/** So many in any minute. */
export class Allowance {
  /** When the latest requests came; the oldest is written over. */
  readonly #times: Float64Array;
  #count = 0;

  constructor(perMinute: number) {
    this.#times = new Float64Array(perMinute).fill(-Infinity);
  }

  /** Counts a request in, or refuses it; a refused one does not count. */
  take(time: Micros): boolean {
    const slot = this.#count % this.#times.length;
    const before = this.#times[slot] ?? -Infinity;
    if (time - before < MINUTE) return false;
    this.#times[slot] = time;
    this.#count++;
    return true;
  }
}
