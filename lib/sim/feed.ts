// Where a simulated market comes from: something that knows when its next step is and plays it into
// the exchange. Recorded ticks, recorded bars and the synthetic market differ in nothing else.

import type { Crowd } from "../exchange/crowd.ts";
import type { MarketEvent } from "../core/event.ts";
import type { Side } from "../core/strategy.ts";
import type { Lots, Micros, Ticks } from "../core/units.ts";

/** The market beside the run's own orders, step by step. */
export interface Feed {
  /** When the next step happens; NEVER at the end. */
  readonly nextAt: Micros;
  /**
   * Whether time passes between steps as it does on an exchange, so that timers run in the
   * silence. Bars say nothing about the time between their points.
   */
  readonly ticking: boolean;
  /** Plays everything that happens at `nextAt`; what the exchange itself cannot show goes to `tell`. */
  step(floor: Floor): void;
}

/** What a feed plays on. */
export interface Floor {
  readonly crowd: Crowd;
  /** The run's present position, for a path that is to be adverse to it. */
  position(): Lots;
  /** The best price of the run's own orders that rest on a side. */
  bestOwn(side: Side): number | undefined;
  /** Values positions at a price where the data has no mark price of its own. */
  markAt(price: Ticks): void;
  /** Events that are not made by the exchange: marks and bars. */
  tell(event: MarketEvent): void;
}
