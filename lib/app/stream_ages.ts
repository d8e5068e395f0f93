// How old the news is that a run lives on: when each kind was last heard, and when the loop last took
// anything at all. Counted by the clock of this machine, so that a loop that stands still shows.

import type { Event } from "../core/event.ts";
import type { Observer } from "../run.ts";
import type { StreamAge } from "./status.ts";

/** Names of the news, and how old each may become while all is well; null = it may be silent. */
const streams: { readonly [K in Event["kind"]]?: readonly [name: string, mostMs: number | null] } =
  {
    // A quiet book is confirmed by requests every five seconds.
    depth: ["book", 15_000],
    mark: ["mark", 60_000],
    trade: ["trades", null],
    bar: ["bars", null],
    account: ["account", 60_000],
  };

/** Hears everything and remembers only when. */
export class StreamAges implements Observer {
  readonly #now: () => number;
  readonly #heard = new Map<Event["kind"], number>();
  #latest: number;

  /** `now` gives ms from any start, never set back. */
  constructor(now: () => number) {
    this.#now = now;
    this.#latest = now();
  }

  seen({ kind }: Event): void {
    this.#latest = this.#now();
    if (streams[kind] !== undefined) this.#heard.set(kind, this.#latest);
  }

  /** Since the loop last took an event, in ms. */
  get loopAgeMs(): number {
    return this.#now() - this.#latest;
  }

  /** What was ever heard, in the order of its first news. */
  get ages(): readonly StreamAge[] {
    const now = this.#now();
    return [...this.#heard].flatMap(([kind, at]) => {
      const [name, mostMs] = streams[kind] ?? [];
      if (name === undefined || mostMs === undefined) return [];
      const ageMs = Math.round(now - at);
      return [{ name, ageMs, state: mostMs !== null && ageMs > mostMs ? "stale" : "live" }];
    });
  }
}
