// What a run tells the hallway while it goes on, and what it is told before it starts: the two
// shapes between the loop that trades and the console that shows it.

import type { Market, PlannedOrder, RiskLimits, Side, Strategy } from "../core/strategy.ts";
import type { Fees } from "../core/market.ts";
import type { ParamSpecs, ParamValues } from "../core/params.ts";
import type { Cash, Lots, Micros, Ticks } from "../core/units.ts";
import type { Balances } from "./account.ts";

/** One moment of a run. */
export interface Status {
  readonly time: Micros;
  readonly mode: "paper" | "live";
  readonly market: Market;
  /** The name of the strategy. */
  readonly strategy: string;
  /** The state of the risk gate; `text` names the limit and the value that led to it. */
  readonly state: { readonly name: string; readonly text?: string };
  readonly position: Lots;
  readonly equity: Cash;
  readonly pnl: {
    readonly realised: Cash;
    readonly unrealised: Cash;
    /** Paid: a cost, negative = more rebates than fees. */
    readonly fees: Cash;
    /** Received: negative = paid. */
    readonly funding: Cash;
  };
  /** Best prices of others; absent before the first book. */
  readonly bestBid?: Ticks;
  readonly bestAsk?: Ticks;
  readonly openOrders: readonly {
    readonly side: Side;
    readonly price: Ticks;
    readonly quantity: Lots;
    readonly tag?: string;
  }[];
  readonly plan: {
    readonly orders: readonly PlannedOrder[];
    readonly reason?: string;
    readonly refused: readonly {
      readonly rule: string;
      readonly limit: string;
      readonly side: Side;
      readonly price: Ticks;
    }[];
  };
  /** Fills since the start. */
  readonly fills: number;
  /** The latest fills, newest first, at most five. */
  readonly lastFills: readonly {
    readonly time: Micros;
    readonly side: Side;
    readonly price: Ticks;
    readonly quantity: Lots;
    readonly tag?: string;
  }[];
}

/** What a paper run is started with. */
export interface PaperOptions {
  readonly market: Market;
  readonly strategy: Strategy;
  readonly params: ParamValues<ParamSpecs>;
  /** The operator's; the strategy's own `limits` are not in them yet. */
  readonly limits: RiskLimits;
  /** Absent = what `balances` are worth at the start. */
  readonly capital?: Cash;
  readonly fees: Fees;
  readonly balances: Balances;
  /** Base the run takes over at its start. */
  readonly position?: Lots;
  readonly seed: number;
  readonly latencyMs: number;
  /** Market seconds in a second of the wall clock. */
  readonly speed: number;
  /** Market seconds until the run ends by itself; 0 = for ever. */
  readonly durationSec: number;
  /** Wall time at which the run ends; absent = never. */
  readonly until?: Micros;
  readonly version: string;
  /** Aborted when a person asks to stop: cancel everything, report, end. */
  readonly stop: AbortSignal;
  /** Called at most a few times per second of the wall clock, and at the end. */
  onStatus(status: Status): void;
}
