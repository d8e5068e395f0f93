// A simulated market in wall time: an event is handed on when its moment has come, at `speed` times
// the pace of the clock. A person's commands go in between.

import type { Command, Event } from "../core/event.ts";
import { type Micros, MILLISECOND } from "../core/units.ts";
import type { Venue } from "../run.ts";
import type { SimVenue } from "../sim/venue.ts";

/** What is asked of a running bot, without its time. */
export type Request = "stop" | "pause" | "resume" | "flatten";

/** Wall time in ms, and a way to wait. */
export interface Clock {
  now(): number;
  /** Resolves after `ms`, or at once when `wake` is aborted. */
  sleep(ms: number, wake: AbortSignal): Promise<void>;
}

/** How far wall time may lead before waiting is worth a timer. */
const SLACK_MS = 4;
/** Events in a row before the loop lets timers and signals in. */
const BREATHE_EVERY = 2000;

/** A `SimVenue` at the pace of a clock. */
export class PacedVenue implements Venue {
  readonly #inner: SimVenue;
  readonly #clock: Clock;
  readonly #speed: number;
  readonly #startWall: number;
  readonly #startTime: Micros;
  readonly #requests: Request[] = [];
  #wake = new AbortController();
  #held: Event | undefined;
  #ended = false;
  #events = 0;

  constructor(inner: SimVenue, clock: Clock, speed: number) {
    this.#inner = inner;
    this.#clock = clock;
    this.#speed = speed;
    this.#startWall = clock.now();
    this.#startTime = inner.now;
  }

  /** Puts a person's command into the loop. */
  ask(request: Request): void {
    this.#requests.push(request);
    this.#wake.abort();
  }

  /** No more events from now on: the loop ends. */
  end(): void {
    this.#ended = true;
    this.#wake.abort();
  }

  async next(): Promise<Event | undefined> {
    for (;;) {
      if (this.#ended) return undefined;
      const request = this.#requests.shift();
      if (request !== undefined) return { kind: request, time: this.#inner.now };
      this.#held ??= this.#inner.next();
      const event = this.#held;
      if (event === undefined) return undefined;
      const wait = (event.time - this.#startTime) / MILLISECOND / this.#speed -
        (this.#clock.now() - this.#startWall);
      if (wait > SLACK_MS || ++this.#events % BREATHE_EVERY === 0) {
        if (this.#wake.signal.aborted) this.#wake = new AbortController();
        await this.#clock.sleep(Math.max(0, wait), this.#wake.signal);
        continue;
      }
      this.#held = undefined;
      return event;
    }
  }

  send(commands: readonly Command[]): void {
    this.#inner.send(commands);
  }
}
