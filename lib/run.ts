// The loop that every mode shares: take an event, let the engine answer, tell the observers, send
// the commands. Live, paper, backtest and replay differ only in the venue. It never awaits a venue
// that answers at once, so a backtest is one synchronous loop.

import type { Command, Event } from "./core/event.ts";

/** Where events come from and commands go. */
export interface Venue {
  /** The next event; undefined when there will be none. */
  next(): Event | undefined | Promise<Event | undefined>;
  send(commands: readonly Command[]): void;
}

/** Sees every event with the commands it led to, before they are sent. */
export interface Observer {
  seen(event: Event, commands: readonly Command[]): void;
}

/** What answers events: the engine, or a stand-in for it in tests. */
export interface Handler {
  handle(event: Event): readonly Command[];
}

/** Runs until the venue has no more events. */
export async function run(
  engine: Handler,
  venue: Venue,
  observers: readonly Observer[],
): Promise<void> {
  for (;;) {
    const answer = venue.next();
    const event = answer instanceof Promise ? await answer : answer;
    if (event === undefined) return;
    const commands = engine.handle(event);
    for (const observer of observers) observer.seen(event, commands);
    if (commands.length > 0) venue.send(commands);
  }
}
