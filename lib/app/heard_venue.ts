// A paper run on the real market: a live venue is listened to, and orders go to the embedded exchange
// where what was heard is played. Nothing is ever sent to the live venue.

import type { Command, Event } from "../core/event.ts";
import type { HeardFeed } from "../sim/heard_feed.ts";
import type { SimVenue } from "../sim/venue.ts";
import type { Request } from "./paced.ts";
import type { RunVenue } from "./session.ts";

/** What is listened to: its events, and a person's commands among them. */
export type Heard = Omit<RunVenue, "send">;

/** Joins the two. */
export class HeardVenue implements RunVenue {
  readonly #live: Heard;
  readonly #paper: SimVenue;
  readonly #feed: HeardFeed;

  constructor(live: Heard, paper: SimVenue, feed: HeardFeed) {
    this.#live = live;
    this.#paper = paper;
    this.#feed = feed;
  }

  async next(): Promise<Event | undefined> {
    for (;;) {
      const event = this.#paper.next(this.#feed.heardUntil);
      if (event !== undefined) return event;
      const heard = await this.#live.next();
      if (heard === undefined) return undefined;
      if (isOfPerson(heard)) return { ...heard, time: this.#paper.now };
      this.#take(heard);
    }
  }

  send(commands: readonly Command[]): void {
    this.#paper.send(commands);
  }

  ask(request: Request): void {
    this.#live.ask(request);
  }

  end(): void {
    this.#live.end();
  }

  #take(event: Event): void {
    switch (event.kind) {
      case "depth":
      case "trade":
      case "mark":
      case "bar":
      case "state":
      case "rules":
        return this.#feed.hear(event);
      default:
        // A timer says that time went on and nothing else; the account of a paper run is not there.
        return this.#feed.until(event.time);
    }
  }
}

function isOfPerson({ kind }: Event): boolean {
  return kind === "pause" || kind === "resume" || kind === "flatten" || kind === "stop";
}
