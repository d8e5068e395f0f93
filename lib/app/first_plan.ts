// What a run would do first, found out without starting one: the strategy is started on a book of
// one level on each side, and the risk gate judges its first plan.

import { Facts } from "../core/facts.ts";
import { stricter } from "../core/limits.ts";
import { baseValue, type Fees, formatPrice, notional, parsePrice } from "../core/market.ts";
import { approve, type ApprovedPlan } from "../core/risk.ts";
import { parseDecimal } from "../core/decimal.ts";
import type { Market } from "../core/market.ts";
import type { Plan } from "../core/strategy.ts";
import {
  base,
  type Cash,
  cash,
  COIN_DECIMALS,
  type Lots,
  lots,
  micros,
  type Ticks,
  ticks,
} from "../core/units.ts";
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
}

/** The strategy's first plan and what the gate makes of it. */
export interface FirstPlan {
  readonly plan: Plan;
  readonly approved: ApprovedPlan;
  readonly capital: Cash;
}

/** Tries a start. Throws `UserError` with what the strategy refuses. */
export function firstPlan(config: Config, at: StartAt): FirstPlan {
  const { market, strategy, params } = config;
  const capital = config.capital ?? worth(market, at);
  const facts = new Facts(market, capital, { position: at.position, price: at.price }, micros(0));
  const quantity = lots(1_000_000);
  facts.take({
    kind: "depth",
    time: micros(0),
    bids: [{ price: ticks(at.price - 1), quantity }],
    asks: [{ price: at.price, quantity }],
    snapshot: true,
  });
  const { touch } = facts;
  const view = facts.view(at.seed);
  if (view === undefined || touch === undefined) {
    const rule = "must leave room for a bid below it";
    throw badValue({ doing: "check", key: "--price", rule, value: formatPrice(market, at.price) });
  }
  const setup = { market, params, fees: at.fees, capital };
  const plan = orComplain(`start ${strategy.name}`, () => {
    const memory = strategy.start(setup, view);
    return strategy.plan(memory, view, setup);
  });
  const approved = approve(plan, {
    ...touch,
    market,
    limits: stricter(config.limits, strategy.limits?.(setup) ?? {}),
    state: "ACTIVE",
    position: view.position,
    sellable: view.sellable,
    freeCash: facts.ledger.freeCash,
    live: [],
  });
  return { plan, approved, capital };
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

/** What the account holds, in quote currency at the price. */
function worth(market: Market, { balances, price, position }: StartAt): Cash {
  const units = (asset: string) => {
    const value = parseDecimal(balances[asset] ?? "0", COIN_DECIMALS);
    if (typeof value === "number") return value;
    throw badValue({ doing: "check", key: "--balance", rule: value, value: balances[asset] });
  };
  const quote = units(market.quote);
  // An inventory taken over counts as held beside what --balance names, and is not counted twice.
  const held = market.kind === "spot" && units(market.base) === 0
    ? notional(market, price, position)
    : baseValue(market, price, base(units(market.base)));
  const sum = cash(quote + held);
  if (sum > 0) return sum;
  throw new UserError(`Cannot check as --balance must be above zero: current value is ${sum}`);
}
