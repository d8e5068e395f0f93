// How much an account is worth and how much of it its positions tie up. Worth is exact; the margin
// fractions are Backpack's square-root functions and therefore floats, rounded up against the
// account. All positions in one quote currency share one collateral: the wallet of that currency.

import {
  baseValue,
  cashNumber,
  type MarginFunction,
  type Market,
  notional,
} from "../core/market.ts";
import {
  base,
  type Cash,
  cash,
  type Lots,
  lots,
  MOST_CASH,
  type Ticks,
  ticks,
} from "../core/units.ts";
import type { Account, Position } from "./accounts.ts";

/** The price at which a market's positions are valued; undefined while there is none. */
export type PriceOf = (symbol: string) => Ticks | undefined;

/** What a position looks like to its holder. Prices in ticks, fractions allowed. */
export interface PositionView {
  readonly symbol: string;
  /** Signed. */
  readonly lots: Lots;
  /** Position with every order that could add to it filled. */
  readonly exposureLots: Lots;
  readonly entryTicks: number | undefined;
  /**
   * Where closing would return all that was paid since the position was last flat, fees and funding
   * included.
   */
  readonly breakEvenTicks: number | undefined;
  /**
   * Where this position alone would bring the account to its maintenance margin; absent: nowhere.
   */
  readonly liquidationTicks: Ticks | undefined;
  readonly realised: Cash;
  readonly unrealised: Cash;
  /** Received since the position was last flat, negative = paid. */
  readonly funding: Cash;
  readonly initialMargin: Cash;
  readonly maintenanceMargin: Cash;
}

/** The margin fraction of a notional. Without a function: fully funded, or 1 / leverage. */
export function initialFraction(market: Market, account: Account, usd: number): number {
  const { leverage } = account.terms;
  const own = leverage === undefined ? 0 : 1 / leverage;
  if (market.initialMargin === undefined) return own === 0 ? 1 : own;
  return Math.max(own, fraction(market.initialMargin, usd));
}

/**
 * The fraction of a notional below which an account is liquidated; without a function half the
 * initial one.
 */
export function maintenanceFraction(market: Market, account: Account, usd: number): number {
  if (market.maintenanceMargin !== undefined) return fraction(market.maintenanceMargin, usd);
  return initialFraction(market, account, usd) / 2;
}

/** Initial margin of an exposure in one market at a price. */
export function initialMargin(
  account: Account,
  market: Market,
  exposure: number,
  price: Ticks,
): Cash {
  const worth = exposure * price * market.cashPerTickLot;
  return cash(Math.ceil(worth * initialFraction(market, account, cashNumber(worth))));
}

/** Maintenance margin of a position at a price. */
export function maintenanceMargin(account: Account, position: Position, price: Ticks): Cash {
  const { market } = position;
  const worth = Math.abs(position.lots) * price * market.cashPerTickLot;
  return cash(Math.ceil(worth * maintenanceFraction(market, account, cashNumber(worth))));
}

/** The most lots a position could come to hold, either way, with `more` bids or asks besides. */
export function exposureOf(position: Position, more: { bids: number; asks: number }): number {
  const long = position.lots + position.openBids + more.bids;
  const short = position.openAsks + more.asks - position.lots;
  return Math.max(long, short, Math.abs(position.lots));
}

/** Wallet plus open positions in one quote currency. */
export function collateral(account: Account, quote: string, priceOf: PriceOf): Cash {
  let worth = account.wallets.get(quote)?.total ?? 0;
  for (const position of account.positions.values()) {
    if (position.market.quote === quote) worth += worthOf(position, priceOf);
  }
  return cash(worth);
}

/** Collateral less what spot orders hold and open positions and orders tie up. May be negative. */
export function freeCollateral(account: Account, quote: string, priceOf: PriceOf): Cash {
  let free = collateral(account, quote, priceOf) - (account.wallets.get(quote)?.locked ?? 0);
  for (const position of account.positions.values()) {
    const exposure = exposureOf(position, { bids: 0, asks: 0 });
    if (position.market.quote !== quote || exposure === 0) continue;
    const price = priceNeeded(position.market, priceOf);
    free -= initialMargin(account, position.market, exposure, price);
  }
  return cash(free);
}

/** True once the positions in one quote currency are worth less than their maintenance margin. */
export function isDeficient(account: Account, quote: string, priceOf: PriceOf): boolean {
  let needed = 0;
  for (const position of account.positions.values()) {
    if (position.market.quote !== quote || position.lots === 0) continue;
    needed += maintenanceMargin(account, position, priceNeeded(position.market, priceOf));
  }
  return needed > 0 && collateral(account, quote, priceOf) < needed;
}

/**
 * Everything of an account in `markets`, in their quote currency, at `priceOf`. Throws `RangeError`
 * where they differ in it or a price is missing.
 */
export function equityOf(account: Account, markets: readonly Market[], priceOf: PriceOf): Cash {
  const quote = markets[0]?.quote ?? "";
  let worth = account.wallets.get(quote)?.total ?? 0;
  const counted = new Set([quote]);
  for (const market of markets) {
    if (market.quote !== quote) {
      throw new RangeError(
        `equity needs one quote currency: ${quote} and ${market.quote} were given`,
      );
    }
    const position = account.positions.get(market.symbol);
    const held = account.wallets.get(market.base)?.total ?? 0;
    if (market.kind === "perp") {
      if (position !== undefined) worth += worthOf(position, priceOf);
    } else if (held !== 0 && !counted.has(market.base)) {
      counted.add(market.base);
      worth += baseValue(market, priceNeeded(market, priceOf), base(held));
    }
  }
  return cash(worth);
}

/**
 * A position as its holder sees it. Throws `RangeError` if there is a position or order but no
 * price.
 */
export function viewPosition(account: Account, position: Position, priceOf: PriceOf): PositionView {
  const { market, lots: held, flow, cost, fees, funding } = position;
  const lotCash = held * market.cashPerTickLot;
  const exposure = exposureOf(position, { bids: 0, asks: 0 });
  const price = exposure === 0 ? ticks(0) : priceNeeded(market, priceOf);
  return {
    symbol: market.symbol,
    lots: held,
    exposureLots: lots(exposure),
    entryTicks: held === 0 ? undefined : cost / lotCash,
    breakEvenTicks: held === 0 ? undefined : (fees - funding - flow) / lotCash,
    liquidationTicks: held === 0 ? undefined : liquidationPrice(account, position, priceOf),
    realised: cash(flow + cost),
    unrealised: cash(held * price * market.cashPerTickLot - cost),
    funding: cash(funding),
    initialMargin: initialMargin(account, market, exposure, price),
    maintenanceMargin: maintenanceMargin(account, position, price),
  };
}

function liquidationPrice(
  account: Account,
  position: Position,
  priceOf: PriceOf,
): Ticks | undefined {
  const { market, lots: held } = position;
  const at = (price: Ticks): PriceOf => (symbol) =>
    symbol === market.symbol ? price : priceOf(symbol);
  const fails = (price: number) => isDeficient(account, market.quote, at(ticks(price)));
  const long = held > 0;
  const now = priceNeeded(market, priceOf);
  if (fails(now)) return now;
  let safe: number = now;
  let failing = long ? 1 : now * 2;
  if (long && !fails(1)) return undefined;
  while (!long && !fails(failing)) {
    if (failing * -held * market.cashPerTickLot > MOST_CASH / 2) return undefined;
    safe = failing;
    failing *= 2;
  }
  while (Math.abs(safe - failing) > 1) {
    const middle = Math.floor((safe + failing) / 2);
    if (fails(middle)) failing = middle;
    else safe = middle;
  }
  return ticks(failing);
}

function worthOf(position: Position, priceOf: PriceOf): number {
  if (position.lots === 0) return position.flow;
  const price = priceNeeded(position.market, priceOf);
  return position.flow + notional(position.market, price, position.lots);
}

function priceNeeded(market: Market, priceOf: PriceOf): Ticks {
  const price = priceOf(market.symbol);
  if (price === undefined) throw new RangeError(`no price for ${market.symbol}`);
  return price;
}

function fraction(of: MarginFunction, usd: number): number {
  return Math.max(of.base, of.factor * Math.sqrt(usd));
}
