// Where a simulated market comes from: something that knows when its next step is and plays it into
// the exchange. Recorded ticks, recorded bars and the synthetic market differ in nothing else.

import type { Calm } from "../core/calm.ts";
import type { MarketEvent } from "../core/event.ts";
import type { Lots, Micros, Ticks } from "../core/units.ts";
import type { Crowd } from "../exchange/crowd.ts";

/** The market beside the run's own orders, step by step. */
export interface Feed {
  /** When the next step happens; NEVER at the end. */
  readonly nextAt: Micros;
  /** Rows of data played so far. */
  readonly played: number;
  /**
   * Whether time passes between steps as it does on an exchange, so that timers run in the
   * silence. Bars say nothing about the time between their points.
   */
  readonly ticking: boolean;
  /**
   * Plays everything that happens at `nextAt`, and while `floor.calm` says that it cannot matter also
   * what follows. Returns the time of the last thing played.
   */
  step(floor: Floor): Micros;
}

/** What a feed plays on. */
export interface Floor {
  readonly crowd: Crowd;
  /** When the run need not be told; undefined: it must be told each step. */
  readonly calm: Calm | undefined;
  /** Something happened that the run must be told. */
  readonly isTold: boolean;
  /** The run wants to be told of bars. */
  readonly tellsBars: boolean;
  /** The run's present position, for a path that is to be adverse to it. */
  position(): Lots;
  /** Values positions at a price where the data has no mark price of its own. */
  markAt(price: Ticks): void;
  /** Prices between which no position is liquidated: strictly inside is safe. */
  safePrices(): { readonly below: number; readonly above: number };
  /** Events that are not made by the exchange: marks and bars. */
  tell(event: MarketEvent): void;
}
