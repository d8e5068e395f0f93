// The contract between the bot and a strategy, built in or a user's own file. A strategy is two pure
// functions: `observe` takes an event into memory, `plan` says which orders should rest now.
// It never sends, cancels, waits or looks at a clock; the engine does the rest, and a plugin that
// only returns plain data can be run anywhere, replayed and compared.

import type { ParamSpecs, ParamValues } from "./params.ts";
import type { Fees, Market } from "./market.ts";
import type { RiskLimits } from "./limits.ts";
import type { Cash, Lots, Micros, Ticks } from "./units.ts";

export type { ParamSpec, ParamSpecs, ParamValues } from "./params.ts";
export type { Fees, Market } from "./market.ts";
export type { RiskLimits } from "./limits.ts";
export type { Base, Cash, Lots, Micros, Ticks } from "./units.ts";
export { isInsideBands, outsideWhile } from "./bands.ts";
export { cash, COIN, lots, micros, MILLISECOND, SECOND, ticks } from "./units.ts";
export {
  cashNumber,
  formatCash,
  formatPrice,
  formatQuantity,
  notional,
  priceNumber,
  priceTicks,
  quantityLots,
  quantityNumber,
} from "./market.ts";

/** The version of this contract; a strategy states the one it was written for. */
export const STRATEGY_API = 1;

/** bid buys the base currency, ask sells it. */
export type Side = "bid" | "ask";

/** A price and how much stands there. */
export interface Level {
  /** In ticks. */
  readonly price: Ticks;
  /** In lots. */
  readonly quantity: Lots;
}

/** One of the run's own orders resting at the exchange, or on its way there. */
export interface OpenOrder extends Level {
  readonly side: Side;
  /** The tag of the planned order it came from. */
  readonly tag?: string;
  /** When it was sent. */
  readonly since: Micros;
}

/** An order the strategy wants resting (maker) or filled at once (taker). */
export interface PlannedOrder extends Level {
  readonly side: Side;
  /** maker: post-only, rests or is refused. taker: IOC at `price` or better, the rest lapses. */
  readonly role: "maker" | "taker";
  /** May only shrink the position. Perp; on spot an ask can never do more. */
  readonly reduceOnly?: boolean;
  /** For reports ("rung 3"); never used to match orders. */
  readonly tag?: string;
}

/** The complete set of orders to have resting now: an order left out is cancelled. */
export interface Plan {
  readonly orders: readonly PlannedOrder[];
  /** Why, in one line: shown and journaled. Also the place to name what could not be quoted. */
  readonly reason?: string;
  /** The plan stays right until mid leaves this band (`mid < below` or `mid > above`) or something of ours happens. */
  readonly holds?: { readonly below: Ticks; readonly above: Ticks };
  /** The strategy's work is done: cancel everything, or also close the position. */
  readonly finish?: "stop" | "flatten";
}

/** What is true at this moment. Best prices, mid and levels leave out the run's own orders. */
export interface View {
  readonly time: Micros;
  /** Highest bid of others. */
  readonly bestBid: Ticks;
  /** Lowest ask of others. */
  readonly bestAsk: Ticks;
  /** (bestBid + bestAsk) / 2, so it may be half a tick. */
  readonly midTicks: number;
  /** The exchange's mark price, where there is one. */
  readonly mark?: Ticks;
  /** Bids of others, best first. */
  readonly bids: readonly Level[];
  /** Asks of others, best first. */
  readonly asks: readonly Level[];
  /** The run's own position, signed: inventory taken over at start plus own fills (spot: less fees in base, rounded down). Nothing else in the wallet. */
  readonly position: Lots;
  /** Spot: base free to sell after fees in base, rounded down. Perp: as `position`. */
  readonly sellable: Lots;
  /** Average entry price of the position; may be a fraction of a tick. Absent when flat. */
  readonly entryTicks?: number;
  /** When the oldest lot still held was bought or sold (first in, first out). Absent when flat. */
  readonly oldestAt?: Micros;
  /** Capital plus the profit of this run, at the mark (else mid); transfers and other bots do not enter. */
  readonly equity: Cash;
  /** The run's own orders that rest or are on their way; not those being cancelled. */
  readonly openOrders: readonly OpenOrder[];
  /** A number in [0, 1) from (run seed, time): asking for a plan twice draws the same sequence. */
  random(): number;
}

/** What stays the same through a run. */
export interface Setup<P extends ParamSpecs = ParamSpecs> {
  readonly market: Market;
  readonly params: ParamValues<P>;
  /** Maker and taker fee in bps of notional, negative = rebate. */
  readonly fees: Fees;
  /** What this run may call its own, in quote currency. */
  readonly capital: Cash;
  /** Values of the environment a plugin asked for and the operator granted, by name. */
  readonly granted?: { readonly [name: string]: string };
}

/** One thing that happened, as a strategy is told of it. Prices in ticks, quantities in lots. */
export type Observation =
  | {
    readonly kind: "book";
    readonly time: Micros;
    readonly bestBid: Ticks;
    readonly bestAsk: Ticks;
    readonly bidQuantity: Lots;
    readonly askQuantity: Lots;
  }
  | {
    readonly kind: "trade";
    readonly time: Micros;
    readonly price: Ticks;
    readonly quantity: Lots;
    /** The side of the taker. */
    readonly aggressor: Side;
  }
  | {
    readonly kind: "mark";
    readonly time: Micros;
    readonly price: Ticks;
    /** Estimated rate of the running interval, a fraction; positive: longs pay. */
    readonly fundingRate?: number;
  }
  | {
    readonly kind: "fill";
    readonly time: Micros;
    readonly side: Side;
    readonly price: Ticks;
    readonly quantity: Lots;
    readonly maker: boolean;
    /** In quote currency (a fee in base at the price of the fill), negative = rebate. */
    readonly fee: Cash;
    readonly tag?: string;
  }
  | {
    readonly kind: "bar";
    /** The end of the bar. */
    readonly time: Micros;
    readonly open: Ticks;
    readonly high: Ticks;
    readonly low: Ticks;
    readonly close: Ticks;
    /** Base volume. */
    readonly volume: Lots;
  }
  | { readonly kind: "timer"; readonly time: Micros };

/** A strategy. `P` are its parameters, `M` its memory (plain data that survives JSON). */
export interface Strategy<P extends ParamSpecs = ParamSpecs, M extends object = object> {
  readonly api: typeof STRATEGY_API;
  /** Lower-case, as a preset names it. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Flags, presets, forms and optimiser bounds come from here. */
  readonly params: P;
  /** The kinds `observe` is given; others are not even built. Default: fill. */
  readonly observes?: readonly Observation["kind"][];
  /** Which of `observes` this setup needs; default all. What is not needed is not simulated one by one. */
  needs?(setup: Setup<P>): readonly Observation["kind"][];
  /** How often `plan` is asked when nothing of ours happened. Default 1000 ms. Also the period of `timer`. */
  cadence?(setup: Setup<P>): { readonly everyMs: number };
  /** History wanted as bar observations before the first plan. */
  warmup?(setup: Setup<P>): { readonly bars: number; readonly barSec: number };
  /** Limits this strategy asks the risk gate to hold; a stricter setting of the operator wins. */
  limits?(setup: Setup<P>): Partial<RiskLimits>;
  /** Memory for a fresh run. Throws `RangeError` on nonsense, naming the parameter, the rule and the value. */
  start(setup: Setup<P>, view: View): M;
  /** Takes one event into memory: the only place memory changes. */
  observe?(memory: M, event: Observation, setup: Setup<P>): void;
  /** The complete set of orders to have resting now. Pure; may be called any number of times. */
  plan(memory: Readonly<M>, view: View, setup: Setup<P>): Plan;
}

/** Types a strategy by its parameters and memory; returns it unchanged. */
export function defineStrategy<const P extends ParamSpecs, M extends object>(
  strategy: Strategy<P, M>,
): Strategy<P, M> {
  return strategy;
}
