// A simulated venue on which things take the time, and meet the refusals, that a recorded run met. The
// venue inside has next to no delay of its own: commands wait here until they are due, reports until
// they are heard, and an alarm in the feed stops the simulated clock before a command is due.

import { assert } from "../core/assert.ts";
import { type Command, type Event, isMarketData, type Reason } from "../core/event.ts";
import { type Micros, micros, MILLISECOND, NEVER } from "../core/units.ts";
import type { Venue } from "../run.ts";
import type { Feed, Floor } from "../sim/feed.ts";
import type { SimVenue } from "../sim/venue.ts";

/** What a run met, as a simulation is to repeat it. */
export interface Circumstances {
  /** How long a command sent at `time` is on its way, in µs. */
  out(time: Micros): number;
  /** How long a report is, in µs. */
  readonly back: number;
  /** Events that enter the loop at their time, ascending. */
  readonly said: readonly Event[];
  /** Why an order is refused that is sent at `time`; undefined: the exchange decides. */
  refusal(command: Place, time: Micros): Reason | undefined;
}

/** A command that sends an order. */
export type Place = Extract<Command, { readonly kind: "place" }>;

/** A feed with an alarm: at that moment nothing happens but that the clock is there. */
export class AlarmFeed implements Feed {
  readonly ticking = true;
  readonly #inner: Feed;
  #alarmAt: Micros = NEVER;
  #rangAt: Micros | undefined;

  constructor(inner: Feed) {
    this.#inner = inner;
  }

  get nextAt(): Micros {
    const { nextAt } = this.#inner;
    return nextAt === NEVER ? NEVER : micros(Math.min(nextAt, this.#alarmAt));
  }

  get played(): number {
    return this.#inner.played;
  }

  /** True once there is no market any more. */
  get isOver(): boolean {
    return this.#inner.nextAt === NEVER;
  }

  /** Rings at `time`; NEVER: not at all. */
  alarm(time: Micros): void {
    this.#alarmAt = time;
  }

  step(floor: Floor): Micros {
    const { nextAt: time } = this;
    const rings = this.#alarmAt === time;
    if (rings) this.#alarmAt = NEVER;
    if (this.#inner.nextAt === time) return this.#inner.step(floor);
    this.#rangAt = time;
    return time;
  }

  /** True for the empty change of the book that an alarm alone makes. */
  isAlarm(event: Event): boolean {
    return event.kind === "depth" && event.time === this.#rangAt &&
      event.bids.length + event.asks.length === 0;
  }
}

/** The latency of the venue inside, one way: the least there is, and a part of every delay. */
const INNER = 1;
/** As a rig wants it. */
export const INNER_MS = INNER / MILLISECOND;

interface Due<T> {
  readonly at: Micros;
  readonly item: T;
}

/** One run under the circumstances of another. */
export class RecordedVenue implements Venue {
  readonly #inner: SimVenue;
  readonly #feed: AlarmFeed;
  readonly #met: Circumstances;
  /** In order of time. */
  readonly #commands: Due<Command>[] = [];
  readonly #reports: Due<Event>[] = [];
  #nextSaid = 0;
  #now: Micros;

  /** `inner` plays `feed`, with a latency of `INNER_MS`. */
  constructor(inner: SimVenue, feed: AlarmFeed, met: Circumstances) {
    this.#inner = inner;
    this.#feed = feed;
    this.#met = met;
    this.#now = inner.now;
  }

  next(): Event | undefined {
    for (;;) {
      // Sent a moment before it is due, a command arrives when it is due, among all that happens then.
      const commandAt = before(this.#commands[0]?.at);
      const reportAt = before(this.#reports[0]?.at);
      const saidAt = this.#met.said[this.#nextSaid]?.time ?? NEVER;
      this.#feed.alarm(commandAt > this.#inner.now ? commandAt : NEVER);
      const upTo = micros(Math.min(commandAt, saidAt, reportAt));
      const event = this.#inner.next(upTo);
      if (event !== undefined) {
        if (this.#feed.isAlarm(event)) continue;
        if (this.#isPublic(event)) return this.#told(event);
        const late = Math.max(0, this.#met.back - INNER);
        this.#push(this.#reports, micros(event.time + late), event);
        continue;
      }
      if (upTo === NEVER) return undefined;
      if (commandAt === upTo) this.#arrive();
      else return reportAt === upTo ? this.#report() : this.#said();
    }
  }

  send(commands: readonly Command[]): void {
    if (this.#feed.isOver) return;
    for (const command of commands) {
      // One connection: nothing overtakes what was sent before it.
      const sent = this.#commands.at(-1)?.at ?? this.#now;
      const at = micros(Math.max(sent, this.#now + this.#met.out(this.#now)));
      const reason = command.kind === "place" ? this.#met.refusal(command, this.#now) : undefined;
      if (reason === undefined) this.#push(this.#commands, at, command);
      else {
        const heardAt = micros(at + this.#met.back);
        const { id } = command;
        this.#push(this.#reports, heardAt, { kind: "rejected", time: heardAt, id, reason });
      }
    }
  }

  #isPublic(event: Event): boolean {
    return isMarketData(event) || event.kind === "timer" || event.kind === "state";
  }

  #told(event: Event): Event {
    this.#now = event.time;
    return event;
  }

  #report(): Event | undefined {
    const due = this.#reports.shift();
    return due && this.#told({ ...due.item, time: due.at });
  }

  #said(): Event | undefined {
    const event = this.#met.said[this.#nextSaid++];
    // A run's own clock never goes back, whatever the one did that stamped this.
    return event && this.#told({ ...event, time: micros(Math.max(event.time, this.#now)) });
  }

  #arrive(): void {
    const due = this.#commands.shift();
    assert(due !== undefined, "a command that is due");
    this.#inner.send([due.item]);
  }

  /** Behind what is due at the same time. A refusal may be heard before what was sent earlier. */
  #push<T>(queue: Due<T>[], at: Micros, item: T): void {
    let place = queue.length;
    while (place > 0 && (queue[place - 1]?.at ?? 0) > at) place--;
    queue.splice(place, 0, { at, item });
  }
}

/** The last moment before it. */
function before(time: Micros | undefined): Micros {
  return time === undefined ? NEVER : micros(time - INNER);
}
