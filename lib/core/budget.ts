// How many requests may leave now. Backpack takes 2,000 a minute; the bot stays below it by itself,
// keeps a share for cancels, and never learns the limit from a refusal.

import { type Micros, SECOND } from "./units.ts";

/** Requests added per second: with the capacity at most 1,880 in a minute, of Backpack's 2,000. */
const REFILL_PER_SECOND = 26;
/** Requests that may leave at once after a pause. */
const CAPACITY = 320;
/** Requests that only cancels may use: a whole book of 200 orders must leave at once. */
const RESERVED = 260;
/** Orders in one request (Backpack's batch limit). */
export const BATCH = 50;

/** A token bucket on event time. */
export class Budget {
  #tokens = CAPACITY;
  #time: number | undefined;

  /** Requests left, cancels' share included. */
  get left(): number {
    return Math.floor(this.#tokens);
  }

  /** New orders and cancels that may be sent at `time`: each cancel is a request, orders go in batches. */
  allowed(time: Micros): { readonly places: number; readonly cancels: number } {
    const passed = this.#time === undefined ? 0 : Math.max(0, time - this.#time);
    this.#time = time;
    this.#tokens = Math.min(CAPACITY, this.#tokens + (passed / SECOND) * REFILL_PER_SECOND);
    const cancels = Math.max(0, Math.floor(this.#tokens));
    return { places: this.#tokens - 1 >= RESERVED ? BATCH : 0, cancels };
  }

  /** Takes what was sent. */
  spend(places: number, cancels: number): void {
    this.#tokens -= Math.ceil(places / BATCH) + cancels;
  }
}
