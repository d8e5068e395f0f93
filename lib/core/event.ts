// Everything that can enter the loop, and everything that can leave it. Plain data with the time in
// it: a recording of events is a complete description of a run.

import type { Base, Cash, Lots, Micros, Ticks } from "./units.ts";
import type { Level, Plan, Side } from "./strategy.ts";
import type { Market, MarketState } from "./market.ts";

/** The run's own number for an order; the wire's `clientId`, a uint32. */
export type OrderId = number;

/** Market data. Levels are public: they include the run's own orders. */
export type MarketEvent =
  | {
    /** New absolute quantities of the named levels; zero removes. A snapshot replaces the whole book. */
    readonly kind: "depth";
    readonly time: Micros;
    readonly bids: readonly Level[];
    readonly asks: readonly Level[];
    readonly snapshot: boolean;
  }
  | {
    /** A trade between strangers. */
    readonly kind: "trade";
    readonly time: Micros;
    readonly price: Ticks;
    readonly quantity: Lots;
    readonly aggressor: Side;
  }
  | {
    readonly kind: "mark";
    readonly time: Micros;
    readonly price: Ticks;
    readonly indexPrice?: Ticks;
    /** Estimated rate of the running interval, a fraction; positive: longs pay. */
    readonly fundingRate?: number;
  }
  | {
    /** A finished bar, at its end. */
    readonly kind: "bar";
    readonly time: Micros;
    readonly barSec: number;
    readonly open: Ticks;
    readonly high: Ticks;
    readonly low: Ticks;
    readonly close: Ticks;
    readonly volume: Lots;
  }
  | { readonly kind: "state"; readonly time: Micros; readonly state: MarketState }
  | {
    /** The exchange changed the market's rules. What prices and quantities are counted in stays. */
    readonly kind: "rules";
    readonly time: Micros;
    readonly market: Market;
  };

/** Why an order ended without filling, or was never taken. The exchange's own name where it has one. */
export type Reason = string;

/** What the exchange says of the run's own orders. */
export type OrderEvent =
  | { readonly kind: "accepted"; readonly time: Micros; readonly id: OrderId }
  | {
    /** The order was never on the book. `reason` PostOnlyTaker: it would have taken. */
    readonly kind: "rejected";
    readonly time: Micros;
    readonly id: OrderId;
    readonly reason: Reason;
  }
  | { readonly kind: "cancelled"; readonly time: Micros; readonly id: OrderId }
  | {
    /** The exchange ended the order or what was left of it. */
    readonly kind: "expired";
    readonly time: Micros;
    readonly id: OrderId;
    readonly reason: Reason;
  }
  | {
    /** The exchange shrank a resting reduce-only order: its whole quantity is now this. */
    readonly kind: "modified";
    readonly time: Micros;
    readonly id: OrderId;
    readonly quantity: Lots;
  }
  | {
    readonly kind: "fill";
    readonly time: Micros;
    readonly id: OrderId;
    /** The exchange's number of this fill: the same number twice is the same fill. */
    readonly fillId: number;
    readonly side: Side;
    readonly price: Ticks;
    readonly quantity: Lots;
    readonly maker: boolean;
    /** Charged in quote currency; negative = rebate. Zero where the fee is in base. */
    readonly feeCash: Cash;
    /** Charged in base currency (spot bids). */
    readonly feeBase: Base;
  }
  | {
    /** Nobody knows whether the request took effect. The order counts as exposure until it is known. */
    readonly kind: "unknown";
    readonly time: Micros;
    readonly id: OrderId;
  }
  | {
    /** A cancel was refused because the order is not resting (filled, or gone); its end comes as its own event. */
    readonly kind: "cancelRefused";
    readonly time: Micros;
    readonly id: OrderId;
    readonly reason: Reason;
  };

/** What happens to the account beside own orders. */
export type AccountEvent =
  | {
    /** Funding paid (negative) or received on the position. */
    readonly kind: "funding";
    readonly time: Micros;
    readonly payment: Cash;
    readonly rate: number;
  }
  | {
    /** The position changed by an order that is not the run's: a person's, a liquidation, an ADL. */
    readonly kind: "foreignFill";
    readonly time: Micros;
    readonly fillId: number;
    readonly side: Side;
    readonly price: Ticks;
    readonly quantity: Lots;
    readonly maker: boolean;
    readonly feeCash: Cash;
    readonly feeBase: Base;
    /** Whose order it was, as the exchange names it. */
    readonly origin: string;
  }
  | {
    /** What the exchange says of the whole account: this run, others on it and a person. */
    readonly kind: "account";
    readonly time: Micros;
    /** Backpack's netEquity. */
    readonly netEquity: Cash;
    /** Of it for new positions; Backpack's netEquityAvailable. */
    readonly available: Cash;
    readonly marginFraction?: number;
    /** The margin fraction at which it is liquidated; Backpack's mmf. */
    readonly maintenance?: number;
    /** Of this market's position; absent where there is none. */
    readonly liquidationPrice?: Ticks;
    /** In this market, whoever holds it; signed. */
    readonly positionOfAccount: Lots;
    /** What may be spent and sold now, lent funds included; what resting orders lock is not in it. */
    readonly free: { readonly quote: Cash; readonly base: Base };
    /** What the other runs on the account hold and lost since 00:00 UTC, where it is known. */
    readonly others?: { readonly exposure: Cash; readonly lossToday: Cash };
  };

/** What a person or the shell asks of a running bot. */
export type ControlEvent =
  | { readonly kind: "timer"; readonly time: Micros }
  | { readonly kind: "pause"; readonly time: Micros }
  | { readonly kind: "resume"; readonly time: Micros }
  | { readonly kind: "flatten"; readonly time: Micros }
  | { readonly kind: "stop"; readonly time: Micros }
  | {
    /** The answer of a strategy that runs elsewhere, with its memory after it. */
    readonly kind: "planned";
    readonly time: Micros;
    readonly plan: Plan;
    readonly memory: object;
  };

/** Anything that enters the loop. */
export type Event = MarketEvent | OrderEvent | AccountEvent | ControlEvent;

/** Any of these says that the connection to the market is alive. */
export function isMarketData({ kind }: Event): boolean {
  return kind === "depth" || kind === "trade" || kind === "mark" || kind === "bar";
}

/** Anything that leaves it. */
export type Command =
  | {
    readonly kind: "place";
    readonly id: OrderId;
    readonly side: Side;
    readonly price: Ticks;
    readonly quantity: Lots;
    /** maker is post-only GTC, taker is IOC. */
    readonly role: "maker" | "taker";
    readonly reduceOnly: boolean;
    readonly tag: string | undefined;
  }
  | { readonly kind: "cancel"; readonly id: OrderId };
