// The run's own time: that of the latest event, never going back. The clock that stamps events may be
// set back while the run goes on, or between two runs; time then goes on from where it was.

import { type Micros, micros, SECOND } from "./units.ts";

/** Follows the stamps of events. */
export class Clock {
  #time: Micros;
  /** What the clock that stamps events last said, and by how much it has been set back in all. */
  #stamp: Micros;
  #setBack = 0;
  /** The stamps so far are of this process. */
  #isAnchored = true;

  constructor(time: Micros) {
    this.#time = time;
    this.#stamp = time;
  }

  get time(): Micros {
    return this.#time;
  }

  /** Moves time on. A step back of less than a second is only a late event. */
  arrive(stamp: Micros): void {
    if (!this.#isAnchored) this.#setBack = Math.max(0, this.#time - stamp);
    else if (stamp < this.#stamp - SECOND) this.#setBack += this.#stamp - stamp;
    this.#isAnchored = true;
    this.#stamp = stamp;
    const time = micros(stamp + this.#setBack);
    if (time > this.#time) this.#time = time;
  }

  /** The event as it counts once the clock that stamps events has been set back: at the run's own time. */
  timed<E extends { readonly time: Micros }>(event: E): E {
    return this.#setBack === 0 ? event : { ...event, time: this.#time };
  }

  /** Goes on from a time that an earlier process reached; the next stamp counts from there. */
  reach(time: Micros): void {
    if (time > this.#time) this.#time = time;
    this.#isAnchored = false;
  }
}
