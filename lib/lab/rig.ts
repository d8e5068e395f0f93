// A whole simulated run put together: exchange, feed, venue, engine and record. Backtests and paper
// runs differ only in who turns the crank.

import type { Calm } from "../core/calm.ts";
import { Engine } from "../core/engine.ts";
import type { Inventory } from "../core/ledger.ts";
import { type RiskLimits, stricter } from "../core/limits.ts";
import {
  baseValue,
  type Fees,
  formatCash,
  formatQuantity,
  type Market,
  notional,
} from "../core/market.ts";
import { parseDecimal } from "../core/decimal.ts";
import type { ParamSpecs, ParamValues } from "../core/params.ts";
import { inProcess, type Planner } from "../core/planner.ts";
import type { Setup, Strategy } from "../core/strategy.ts";
import {
  base,
  type Cash,
  cash,
  COIN_DECIMALS,
  type Lots,
  lots,
  type Micros,
  micros,
  type Ticks,
} from "../core/units.ts";
import type { FillModel } from "../exchange/crowd.ts";
import { Exchange } from "../exchange/exchange.ts";
import type { AccountId } from "../exchange/report.ts";
import type { Feed } from "../sim/feed.ts";
import { SimVenue } from "../sim/venue.ts";
import { Record } from "./record.ts";

/** What a simulated run is made of, whoever runs it. */
export interface RigOptions {
  readonly market: Market;
  readonly strategy: Strategy;
  /** Asks the strategy for plans where it runs elsewhere; absent = it runs in this process. */
  planner?(setup: Setup): Planner;
  readonly params: ParamValues<ParamSpecs>;
  /** The operator's; the strategy's own are added here. */
  readonly limits: RiskLimits;
  readonly fees: Fees;
  /** Decimal strings by asset. */
  readonly balances: { readonly [asset: string]: string };
  /** What the run may call its own; absent = the quote balance and the position taken over. */
  readonly capital?: Cash;
  /** Base in the wallet (spot) or a position (perp is not taken over) the run starts with. */
  readonly position?: Lots;
  readonly seed: number;
  readonly fillModel: FillModel;
  readonly latencyMs: number;
  readonly feed: Feed;
  /** The first price, in ticks. */
  readonly price: Ticks;
  /** The first moment. */
  readonly time: Micros;
  /** How long the run will last in µs, as far as that is known. */
  readonly span?: number;
  /** all: the run is told of every trade, for its journal, wanted or not. Default own. */
  readonly prints?: "own" | "all";
  /** on (default): market data that provably changes nothing is played without telling the engine. */
  readonly quickLane?: "on" | "off";
}

/** The parts, wired. */
export interface Rig {
  readonly engine: Engine;
  readonly venue: SimVenue;
  readonly record: Record;
  readonly exchange: Exchange;
  readonly account: AccountId;
  readonly capital: Cash;
  readonly setup: Setup;
  /** What the run took over; absent = nothing. */
  readonly inventory?: Inventory;
  /** Equity by the ledger minus equity by the exchange account, in cash units: zero, or there is a bug. */
  identityError(): number;
}

const DEFAULT_EVERY_MS = 1000;

/** Wires a run. Throws `RangeError` on balances that cannot be counted. */
export function rig(options: RigOptions): Rig {
  const { market, strategy, params, fees, price, time, fillModel } = options;
  const balances = counted(options.balances);
  const position = options.position ?? lots(0);
  if (position !== 0 && market.kind === "perp") {
    throw new RangeError(
      "position must be 0 on a perp, as its cost is not known: " +
        `current value is ${formatQuantity(market, position)}`,
    );
  }
  // What the run takes over is in the wallet, said or not.
  const inWallet = Math.max(balances[market.base] ?? 0, position * market.basePerLot);
  if (position !== 0) balances[market.base] = inWallet;
  const quoteStart = balances[market.quote] ?? 0;
  const capital = options.capital ??
    cash(quoteStart + notional(market, price, position));
  if (capital <= 0) {
    throw new RangeError(`capital must be above zero: current value is ${formatCash(capital)}`);
  }
  const setup: Setup = { market, params, fees, capital };
  const limits = stricter(options.limits, strategy.limits?.(setup) ?? {});
  const everyMs = strategy.cadence?.(setup).everyMs ?? DEFAULT_EVERY_MS;
  const planner = options.planner?.(setup) ?? inProcess(strategy, setup);
  const prints = planner.observes.has("trade") ? "all" : options.prints ?? "own";
  const exchange = new Exchange({ markets: [market], fillModel, prints });
  const account = exchange.openAccount({ fees: { spot: fees, perp: fees }, balances });
  let id = 0;
  const taken = position === 0 ? {} : { inventory: { position, price } };
  const engine = new Engine({
    market,
    planner,
    limits,
    capital,
    ...taken,
    everyMs,
    looks: options.feed.ticking ? "cadence" : "each event",
    seed: options.seed,
    time,
    nextId: () => ++id,
  });
  const record = new Record(engine, options.span, options.feed.ticking ? "measured" : "none");
  const { feed, latencyMs } = options;
  const venue = new SimVenue({
    exchange,
    market,
    account,
    feed,
    latencyMs,
    timerMs: everyMs,
    time,
    position: () => engine.facts.ledger.position,
    tellsBars: planner.observes.has("bar"),
    ...(options.quickLane === "off" ? {} : { calm: () => calmOf(engine, record) }),
  });
  const start = { quote: quoteStart, base: balances[market.base] ?? 0 };
  return {
    engine,
    venue,
    record,
    exchange,
    account,
    capital,
    setup,
    ...taken,
    identityError: () => {
      const { ledger, lastMark: mark = price } = engine.facts;
      const equity = market.kind === "perp"
        ? exchange.equity(account, market.symbol, () => mark) - quoteStart + capital
        : spotEquity(exchange, account, market, mark, start, { capital, position, price });
      return ledger.equity(mark) - equity;
    },
  };
}

/** The engine's calm, as far as the record need not look. */
function calmOf(engine: Engine, record: Record): Calm | undefined {
  const { calm } = engine;
  if (calm === undefined) return undefined;
  return { ...calm, until: micros(Math.min(calm.until, record.nextLookAt)) };
}

/** Balances in 1e-8 of each asset. Throws `RangeError` naming the asset. */
function counted(balances: RigOptions["balances"]): { [asset: string]: number } {
  const entries = Object.entries(balances).map(([asset, text]) => {
    const amount = parseDecimal(text, COIN_DECIMALS);
    if (typeof amount === "string" || amount < 0) {
      throw new RangeError(
        `balance of ${asset} must be a decimal of at most 8 places, not negative: current value is ${text}`,
      );
    }
    return [asset, amount] as const;
  });
  return Object.fromEntries(entries);
}

/** The run's part of a spot account: what changed in it since the start, on top of what the run took over. */
function spotEquity(
  exchange: Exchange,
  account: AccountId,
  market: Market,
  mark: Ticks,
  start: { readonly quote: number; readonly base: number },
  run: { readonly capital: Cash; readonly position: Lots; readonly price: Ticks },
): number {
  const quote = exchange.balance(account, market.quote);
  const held = exchange.balance(account, market.base);
  const quoteNow = quote.available + quote.locked - start.quote;
  const baseNow = held.available + held.locked - start.base;
  const own = base(baseNow + run.position * market.basePerLot);
  return run.capital - notional(market, run.price, run.position) + quoteNow +
    baseValue(market, mark, own);
}
