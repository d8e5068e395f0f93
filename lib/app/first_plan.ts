// What a run would do first and what speaks against it, found out without starting one: the strategy
// is started on a book of one level on each side, and the risk gate judges its first plan. A strategy
// says itself what it cannot work with; what lies beyond it, the account and the gate, is seen here.

import { parseDecimal } from "../core/decimal.ts";
import { Facts } from "../core/facts.ts";
import { stricter } from "../core/limits.ts";
import { type Fees, formatCash, formatPrice, type Market, notional } from "../core/market.ts";
import { parsePrice } from "../core/market.ts";
import { approve, type ApprovedPlan, type RiskFacts, worstCase } from "../core/risk.ts";
import type { Level, Plan, Setup, Strategy, View } from "../core/strategy.ts";
import { type Cash, cash, cashOf, COIN, COIN_DECIMALS, type Lots, lots } from "../core/units.ts";
import { micros, type Ticks, ticks } from "../core/units.ts";
import type { Balances } from "./account.ts";
import type { Config } from "./config.ts";
import { badValue, orComplain, UserError } from "./errors.ts";

/** The moment a start is tried at. */
export interface StartAt {
  /** The best ask; the best bid is a tick below. */
  readonly price: Ticks;
  readonly position: Lots;
  readonly balances: Balances;
  readonly fees: Fees;
  readonly seed: number;
  /** Perp: the most leverage the account is set to; absent = not known. */
  readonly leverage?: number;
}

/** The strategy's first plan and what the gate makes of it. */
export interface FirstPlan {
  readonly plan: Plan;
  readonly approved: ApprovedPlan;
  readonly capital: Cash;
}

/** A start that may go ahead. */
export interface Cleared {
  /** As given; with `force` its strategy starts in spite of what it says. */
  readonly config: Config;
  /** What speaks against the start: to be shown for as long as the run goes on. */
  readonly warnings: readonly string[];
}

/** Tries a start. Throws `UserError` with what the strategy refuses. */
export function firstPlan(config: Config, at: StartAt): FirstPlan {
  const { plan, facts } = tried(config, at);
  return { plan, approved: approve(plan, facts), capital: capitalOf(config, at) };
}

/**
 * Lets a start go ahead where nothing speaks against it, or with `force`. Throws `UserError` naming
 * all that does; and what contradicts itself is refused whatever is forced.
 */
export function cleared(
  config: Config,
  at: StartAt,
  { force }: { readonly force: boolean },
): Cleared {
  const warnings = feasibility(config, at);
  if (warnings.length === 0) return { config, warnings };
  if (force) return { config: { ...config, strategy: forced(config.strategy) }, warnings };
  const { name } = config.strategy;
  throw new UserError(`Cannot start ${name} as ${warnings.join("; ")} (--force starts it anyway)`);
}

/**
 * What speaks against a start, empty where nothing does. Each names the setting, the nearest value
 * that works and the present one. Throws `UserError` where not even `--force` would help.
 */
export function feasibility(config: Config, at: StartAt): readonly string[] {
  const { strategy } = config;
  const { setup, view } = momentOf(config, at);
  const refusal = refusalOf(strategy, setup, view);
  if (refusal !== undefined && refusalOf(strategy, indulgent(setup), view) !== undefined) {
    throw new UserError(`Cannot start ${strategy.name} as ${refusal}`);
  }
  const account = overdrawn(config, at);
  // What a strategy would plan that refuses to start is no measure of the limits.
  return refusal === undefined
    ? [...account, ...unfit(config, at)]
    : [...onePerSetting([refusal, ...refusalsOf(strategy, setup, view)]), ...account];
}

/**
 * The strategy, made to start where it says that fees, capital or the market's minimums forbid it.
 * Its plans then meet what is true; what cannot rest waits, and the gate refuses the rest.
 */
export function forced(strategy: Strategy): Strategy {
  return {
    ...strategy,
    start: (setup, view) => {
      const works = refusalOf(strategy, setup, view) === undefined;
      return strategy.start(works ? setup : indulgent(setup), view);
    },
  };
}

/** Reads the price of a start. Throws `UserError` off the tick grid or outside the market's prices. */
export function parseStartPrice(text: string, market: Market): Ticks {
  const price = parsePrice(market, text);
  if (price !== undefined && price > market.minPrice && price <= (market.maxPrice ?? Infinity)) {
    return price;
  }
  const rule = `must be on the tick grid of ${market.symbol} and within its prices`;
  throw badValue({ doing: "read the command line", key: "--price", rule, value: text });
}

/** The book of one level on each side, and what the strategy and the gate would see of it. */
function momentOf(config: Config, at: StartAt) {
  const { market, params } = config;
  const capital = capitalOf(config, at);
  const facts = new Facts(market, capital, { position: at.position, price: at.price }, micros(0));
  const quantity = lots(1_000_000);
  facts.take({
    kind: "depth",
    time: micros(0),
    bids: [{ price: ticks(at.price - 1), quantity }],
    asks: [{ price: at.price, quantity }],
    snapshot: true,
  });
  const { touch, ledger } = facts;
  const view = facts.view(at.seed);
  if (view === undefined || touch === undefined) {
    const rule = "must leave room for a bid below it";
    throw badValue({ doing: "check", key: "--price", rule, value: formatPrice(market, at.price) });
  }
  const setup: Setup = { market, params, fees: at.fees, capital };
  return { setup, view, touch, freeCash: ledger.freeCash };
}

/** The first plan and what the gate judges it by. */
function tried(config: Config, at: StartAt): { readonly plan: Plan; readonly facts: RiskFacts } {
  const { strategy, market } = config;
  const { setup, view, touch, freeCash } = momentOf(config, at);
  const plan = orComplain(`start ${strategy.name}`, () => {
    const memory = strategy.start(setup, view);
    return strategy.plan(memory, view, setup);
  });
  const { position, sellable } = view;
  const limits = stricter(config.limits, strategy.limits?.(setup) ?? {});
  const facts: RiskFacts = {
    ...{ ...touch, market, limits, position, sellable, freeCash, state: "ACTIVE", live: [] },
  };
  return { plan, facts };
}

/** What the strategy refuses to start with, or nothing. */
function refusalOf(strategy: Strategy, setup: Setup, view: View): string | undefined {
  try {
    strategy.start(setup, view);
    return undefined;
  } catch (error) {
    // Any other RangeError is the language's, as of a stack too deep.
    const isRefusal = error instanceof RangeError && error.message.includes("current value is");
    if (!isRefusal) throw error;
    return error.message;
  }
}

/** The same with one of fees, capital and minimums as it is: each may stand behind a refusal. */
function refusalsOf(strategy: Strategy, setup: Setup, view: View): readonly string[] {
  const { fees, capital, market } = setup;
  return [{ fees }, { capital }, { market }].flatMap((kept) =>
    refusalOf(strategy, { ...indulgent(setup), ...kept }, view) ?? []
  );
}

/** An account and a market that nothing is too small or too dear for. */
function indulgent(setup: Setup): Setup {
  const { fees, market } = setup;
  return {
    ...setup,
    fees: { maker: Math.min(0, fees.maker), taker: Math.min(0, fees.taker) },
    // Accounts beyond 45 million are refused.
    capital: cashOf(45_000_000),
    market: { ...market, minQuantity: lots(0), initialMargin: undefined },
  };
}

/** A refusal begins with its setting; the first of each is the one under all that is true. */
function onePerSetting(refusals: readonly string[]): readonly string[] {
  const bySetting = Map.groupBy(refusals, (refusal) => refusal.split(" ")[0]);
  return [...bySetting.values()].flatMap((same) => same.slice(0, 1));
}

/** What the account has against the settings: no more may be called one's own than it holds. */
function overdrawn({ market, params: { leverage }, capital }: Config, at: StartAt): string[] {
  const held = heldAt(market, at);
  const found: string[] = [];
  if (capital !== undefined && capital > held) {
    const rule = `must be at most ${formatCash(held)}, as the account holds`;
    found.push(`capital ${rule}: current value is ${formatCash(capital)}`);
  }
  if (typeof leverage === "number" && at.leverage !== undefined && leverage > at.leverage) {
    const rule = `must be at most ${at.leverage}, as the account is set`;
    found.push(`leverage ${rule}: current value is ${leverage}`);
  }
  return found;
}

/** Limits and means that the first plan does not fit into: a part of it would never rest. */
function unfit(config: Config, at: StartAt): string[] {
  const { plan: { orders }, facts } = tried(config, at);
  const { market, mark, freeCash } = facts;
  const { maxOrderUsd, maxPositionUsd, maxOpenOrders } = config.limits;
  const worthOf = ({ price, quantity }: Level) => price * quantity * market.cashPerTickLot;
  const { long, short } = worstCase(orders, facts);
  const reach = worthOf({ price: mark, quantity: lots(Math.max(long, short)) });
  const resting = orders.filter(({ role }) => role === "maker").length;
  const bids = orders.filter(({ side }) => side === "bid");
  const spent = bids.reduce((sum, bid) => sum + worthOf(bid), 0);
  const margin = reach * marginFraction(market, reach / COIN, at.leverage);
  const capital = capitalOf(config, at);
  const needs: readonly (readonly [string, number | undefined, number])[] = [
    ["maxOrderUsd", inCash(maxOrderUsd), Math.max(0, ...orders.map(worthOf))],
    ["maxPositionUsd", inCash(maxPositionUsd), reach],
    market.kind === "spot"
      ? [`free ${market.quote}`, freeCash, spent]
      : ["capital", capital, margin],
  ];
  const found = needs.flatMap(([name, has, need]) => {
    if (has === undefined || has >= need) return [];
    const rule = `must be at least ${Math.ceil(need * 100 / COIN) / 100} for the first plan`;
    return [`${name} ${rule}: current value is ${has / COIN}`];
  });
  if (resting <= maxOpenOrders) return found;
  const rule = `must be at least ${resting} for the first plan`;
  return [...found, `maxOpenOrders ${rule}: current value is ${maxOpenOrders}`];
}

function inCash(usd: number | undefined): number | undefined {
  return usd === undefined ? undefined : cashOf(usd);
}

/** What part of a position the account must hold. Without a function of the market: all of it, or 1 / leverage. */
function marginFraction(
  { initialMargin }: Market,
  usd: number,
  leverage: number | undefined,
): number {
  const own = leverage === undefined ? 0 : 1 / leverage;
  if (initialMargin === undefined) return own === 0 ? 1 : own;
  return Math.max(own, initialMargin.base, initialMargin.factor * Math.sqrt(usd));
}

function capitalOf({ market, capital }: Config, at: StartAt): Cash {
  const sum = capital ?? heldAt(market, at);
  if (sum > 0) return sum;
  throw new UserError(`Cannot check as --balance must be above zero: current value is ${sum}`);
}

/** What a run may call its own: the quote currency, and on spot what it takes over of the base. */
function heldAt(market: Market, { balances, price, position }: StartAt): Cash {
  const text = balances[market.quote] ?? "0";
  const quote = parseDecimal(text, COIN_DECIMALS);
  if (typeof quote === "string") {
    throw badValue({ doing: "check", key: "--balance", rule: quote, value: text });
  }
  return cash(quote + (market.kind === "spot" ? notional(market, price, position) : 0));
}
