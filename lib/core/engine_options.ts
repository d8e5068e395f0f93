// What one run in one market starts with: all that is decided outside the engine and stays as it is.

import type { OrderId } from "./event.ts";
import type { Inventory } from "./ledger.ts";
import type { RiskLimits } from "./limits.ts";
import type { Market } from "./market.ts";
import type { Planner } from "./planner.ts";
import type { Restored } from "./state.ts";
import type { Cash, Micros } from "./units.ts";

/** What becomes of a fill that is not the run's own: a person's, a liquidation, an ADL. */
export type ForeignFillPolicy = "halt" | "ignore" | "adopt";

/** What a run starts with. */
export interface EngineOptions {
  readonly market: Market;
  readonly planner: Planner;
  readonly limits: RiskLimits;
  readonly capital: Cash;
  /** What the run takes over; absent = nothing. */
  readonly inventory?: Inventory;
  /** How often the strategy is asked when nothing of ours happens. */
  readonly everyMs: number;
  /** When equity is held against the limits: at the cadence, or at each event, where events are far apart. */
  readonly looks?: "cadence" | "each event";
  readonly seed: number;
  /** The start of the run. */
  readonly time: Micros;
  /**
   * What a fill of somebody else's order in this market does. halt (the default): it is booked, and
   * the run halts. adopt: it is booked, and planned with. ignore: it is not the run's, which goes on
   * as if its own fills were all there is: then the exchange may hold another position.
   */
  readonly onForeignFill?: ForeignFillPolicy;
  /** Where an earlier process left this run; absent = it begins. */
  readonly restored?: Restored;
  /** Ids for orders; each call gives one never used before. */
  nextId(): OrderId;
}
