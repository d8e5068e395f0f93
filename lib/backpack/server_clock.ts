// The exchange's clock, as far as it can be told from here. Requests are stamped with it, since the
// exchange takes none from outside the window that a stamp opens. What goes on in between is the time
// since the process began, which nobody can set: a machine's clock set back would have every cancel
// refused. Several looks at /api/v1/time, each halved by its round trip, and their median, so that one
// slow answer (the first opens the connection) does not count.

import { type Micros, MILLISECOND } from "../core/units.ts";
import type { Reply } from "./reply.ts";

/** Looks at the exchange's time in one measurement. */
export const SAMPLES = 5;
/** An offset beyond this is worth a word to the person whose machine it is. */
const MOST_SKEW_MS = 1_000;
/** A round trip beyond this says nothing about the clock. */
const LONGEST_ROUND_TRIP_MS = 5_000;

/** Ms since 1970 by this machine's clock as it was when the process began. Stands still while it sleeps. */
const steadyMs = () => performance.timeOrigin + performance.now();

/** Tells the exchange's time. */
export class ServerClock {
  readonly #localMs: () => number;
  readonly #wallMs: () => number;
  #offsetMs: number | undefined;
  /** By how much the two clocks of this machine were apart when it was measured. */
  #apartMs: number;

  /** `localMs`: ms since 1970 as they pass; `wallMs`: the same as this machine's clock has them now. */
  constructor(localMs: () => number = steadyMs, wallMs: () => number = Date.now) {
    this.#localMs = localMs;
    this.#wallMs = wallMs;
    this.#apartMs = wallMs() - localMs();
  }

  /** Whole ms since 1970 on the exchange's clock; on this machine's until the first measurement. */
  nowMs(): number {
    return Math.round(this.#localMs() + (this.#offsetMs ?? 0));
  }

  /** The exchange's clock minus this machine's, in ms; undefined before the first measurement. */
  get offsetMs(): number | undefined {
    return this.#offsetMs;
  }

  /** True where the two clocks are more than a second apart. */
  get skewed(): boolean {
    return Math.abs(this.#offsetMs ?? 0) > MOST_SKEW_MS;
  }

  /** True where the machine has slept, or its clock was set, since the last measurement: time to measure. */
  get strayed(): boolean {
    return Math.abs(this.#wallMs() - this.#localMs() - this.#apartMs) > MOST_SKEW_MS;
  }

  /** Measures anew. Where no answer came, the last measurement stands. */
  async measure(time: () => Promise<Reply<Micros>>, signal?: AbortSignal): Promise<void> {
    const offsets: number[] = [];
    for (let look = 0; look < SAMPLES && signal?.aborted !== true; look++) {
      const before = this.#localMs();
      const reply = await time();
      const after = this.#localMs();
      if (reply.kind === "limited") break;
      if (reply.kind !== "ok") continue;
      // A clock that was set in between shows as a round trip that cannot be.
      const roundTripMs = after - before;
      if (roundTripMs < 0 || roundTripMs > LONGEST_ROUND_TRIP_MS) continue;
      offsets.push(reply.value / MILLISECOND - (before + after) / 2);
    }
    const measured = medianOf(offsets);
    if (measured === undefined) return;
    this.#offsetMs = measured;
    this.#apartMs = this.#wallMs() - this.#localMs();
  }
}

/** The middle one; of an even number the lower of the two. */
function medianOf(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1];
}
