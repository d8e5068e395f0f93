// What a run tells the hallway while it goes on: the shape between the loop that trades and the
// console, the control socket and the journal that show it.

import type { Market, PlannedOrder, RiskLimits, Side } from "../core/strategy.ts";
import type { Cash, Lots, Micros, Ticks } from "../core/units.ts";

/** What was last heard of one kind of news. */
export interface StreamAge {
  readonly name: string;
  readonly ageMs: number;
  /** stale: older than news of its kind should ever be. */
  readonly state: "live" | "stale";
}

/** One moment of a run. */
export interface Status {
  /** As people name it; absent where nobody has named it yet. */
  readonly run?: string;
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
    /** Of it: earned by completed pairs since this process began, after fees. */
    readonly grid?: Cash;
    /** The rest: what the inventory gained or lost. */
    readonly inventory?: Cash;
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
  /** Absent where nothing is heard. */
  readonly streams?: readonly StreamAge[];
  /** Requests left of this minute; absent where none are sent. */
  readonly budget?: { readonly left: number };
  /** In force. */
  readonly limits?: RiskLimits;
  /** The stop that the exchange keeps for the position. */
  readonly guard?: { readonly side: Side; readonly price: Ticks; readonly quantity: Lots };
  /** The latest lines for a person, newest last. */
  readonly notices?: readonly string[];
}
