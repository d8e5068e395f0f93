// Every reason to refuse an order before it is on the book, in the order they are looked at: does
// the request make sense, does the market take it, are price and quantity within its limits, would
// it do what it promises not to, and can the account afford it. Each check is pure and names its
// reason.

import { mulDivFloor } from "../core/decimal.ts";
import { notional } from "../core/market.ts";
import { lots, MOST_CASH, type Ticks, ticks } from "../core/units.ts";
import { type Account, type Position, positionOf } from "./accounts.ts";
import { reduces } from "./clearing.ts";
import { collateral, exposureOf, freeCollateral, initialMargin, type PriceOf } from "./margin.ts";
import type { Book } from "./matching.ts";
import type { Order, OrderRequest } from "./order.ts";
import type { Reason } from "./report.ts";
import { MOST_TRIGGERS } from "./triggers.ts";

/** Why this order cannot enter the book now; undefined if it can. `order.limit` must be set. */
export function refusal(
  book: Book,
  account: Account,
  order: Order,
  priceOf: PriceOf,
): Reason | undefined {
  return stateFault(book, order.request) ??
    priceFault(book, order) ??
    quantityFault(book, order) ??
    promiseFault(book, account, order) ??
    (book.market.kind === "spot"
      ? spotFundsFault(book, account, order, priceOf)
      : marginFault(book, account, order, priceOf));
}

/** Why a request contradicts itself. */
export function shapeFault(request: OrderRequest): Reason | undefined {
  const { type, price, quantity, quoteQuantity, trigger, slippageTolerance } = request;
  const quantities = [quantity, quoteQuantity, trigger].filter((given) => given !== undefined);
  if (quantities.length !== 1) return "InvalidOrder";
  if (type === "limit") {
    if (price === undefined || quoteQuantity !== undefined) return "InvalidOrder";
    if (slippageTolerance !== undefined) return "InvalidOrder";
    return request.postOnly && request.timeInForce !== "GTC" ? "InvalidOrder" : undefined;
  }
  if (price !== undefined || request.postOnly) return "InvalidOrder";
  return request.reduceOnly && quoteQuantity !== undefined ? "InvalidOrder" : undefined;
}

/** Why a trigger cannot wait in this market. `reference` is the price it would watch. */
export function triggerFault(
  book: Book,
  account: Account,
  order: Order,
  reference: Ticks | undefined,
): Reason | undefined {
  const { trigger, reduceOnly } = order.request;
  if (trigger === undefined) return "InvalidOrder";
  if (book.state === "Closed" || book.state === "CancelOnly") return "TradingPaused";
  if (reference === undefined || !isPriceAllowed(book, trigger.price)) return "InvalidPrice";
  if ("quantity" in trigger) {
    const fault = quantityFault(book, order);
    if (fault !== undefined) return fault;
  } else if (!(trigger.percentOfPosition > 0 && trigger.percentOfPosition <= 100)) {
    return "InvalidQuantity";
  }
  const held = account.positions.get(book.market.symbol)?.lots ?? 0;
  const needsPosition = reduceOnly || "percentOfPosition" in trigger;
  if (needsPosition && !reduces(order.side, held)) return "StopWithoutPosition";
  let waiting = 0;
  for (const other of account.open.values()) {
    if (other.status === "TriggerPending" && other.symbol === order.symbol) waiting++;
  }
  return waiting >= MOST_TRIGGERS ? "MaxStopOrdersPerPosition" : undefined;
}

/**
 * How far a market order may go, and what ends it there. Without a best opposite price there is no
 * bound.
 */
export function marketBound(book: Book, request: OrderRequest): { limit: Ticks; reason: Reason } {
  const bid = request.side === "bid";
  const best = book.against(request.side).best()?.price;
  const none = ticks(bid ? Number.MAX_SAFE_INTEGER : 0);
  if (best === undefined) return { limit: none, reason: "InsufficientLiquidity" };
  const { impact } = book.market.bands;
  const byImpact = impact === undefined
    ? none
    : scaled(best, bid ? impact.max : impact.min, bid ? "down" : "up");
  const tolerance = request.slippageTolerance;
  if (tolerance === undefined) return { limit: byImpact, reason: "PriceImpact" };
  const away = "ticks" in tolerance ? tolerance.ticks : mulDivFloor(
    best,
    Math.round(tolerance.percent * 1_000_000),
    100_000_000,
  );
  const bySlippage = bid ? best + away : best - away;
  if (bid ? bySlippage > byImpact : bySlippage < byImpact) {
    return { limit: byImpact, reason: "PriceImpact" };
  }
  return { limit: ticks(bySlippage), reason: "SlippageToleranceExceeded" };
}

/**
 * What an account may spend of an asset: idle, not lent, and not needed as margin. In 1e-8 of it.
 */
export function spendable(
  account: Account,
  asset: string,
  lent: "may use lent" | "not lent",
  priceOf: PriceOf,
): number {
  const wallet = account.wallets.get(asset);
  if (wallet === undefined) return 0;
  if (account.terms.autoLend === true && lent === "not lent") return 0;
  const idle = wallet.total - wallet.locked;
  const tied = [...account.positions.values()].some(({ market }) => market.quote === asset);
  return Math.max(0, tied ? Math.min(idle, freeCollateral(account, asset, priceOf)) : idle);
}

function stateFault({ state }: Book, request: OrderRequest): Reason | undefined {
  switch (state) {
    case "Open":
      return undefined;
    case "PostOnly":
      return request.postOnly ? undefined : "PostOnlyMode";
    case "LimitOnly":
      return request.type === "limit" ? undefined : "TradingPaused";
    case "CancelOnly":
    case "Closed":
      return "TradingPaused";
  }
}

function priceFault(book: Book, { request, limit }: Order): Reason | undefined {
  if (request.type === "market") return undefined;
  if (!isPriceAllowed(book, limit)) return "InvalidPrice";
  const { last, mark } = book.market.bands;
  const inBand = isWithin(limit, book.last, last) && isWithin(limit, book.mark, mark);
  return inBand ? undefined : "PriceOutOfBounds";
}

function isPriceAllowed({ market }: Book, price: Ticks): boolean {
  return price > 0 && price >= market.minPrice &&
    (market.maxPrice === undefined || price <= market.maxPrice);
}

function isWithin(
  price: Ticks,
  reference: Ticks | undefined,
  band: { readonly min: number; readonly max: number } | undefined,
): boolean {
  if (reference === undefined || band === undefined) return true;
  return price >= scaled(reference, band.min, "up") && price <= scaled(reference, band.max, "down");
}

function quantityFault(book: Book, order: Order): Reason | undefined {
  const { minQuantity, maxQuantity } = book.market;
  if (order.quoteLeft !== undefined) {
    const best = book.against(order.side).best();
    const fits = best === undefined || order.wanted(best.price * book.market.cashPerTickLot) > 0;
    return fits ? undefined : "InvalidQuantity";
  }
  if (order.remaining <= 0 || order.remaining < minQuantity) return "InvalidQuantity";
  return maxQuantity !== undefined && order.remaining > maxQuantity ? "InvalidQuantity" : undefined;
}

function promiseFault(book: Book, account: Account, order: Order): Reason | undefined {
  const { postOnly, reduceOnly } = order.request;
  if (postOnly && book.wouldTake(order.side, order.limit)) return "PostOnlyTaker";
  const held = account.positions.get(book.market.symbol)?.lots ?? 0;
  return reduceOnly && !reduces(order.side, held) ? "ReduceOnlyNotReduced" : undefined;
}

// What an order may come to trade, in lots and in money: all of a limit order at its price, and of
// a market order what the book has for it now. A market ask must still own all it offers.
function extent(book: Book, order: Order): { quantity: number; paid: number } {
  if (order.request.type === "limit") {
    const paid = order.limit * order.remaining * book.market.cashPerTickLot;
    return { quantity: order.remaining, paid };
  }
  const { quantity, notional } = book.reachable(order);
  const offered = order.side === "ask" && order.quoteLeft === undefined;
  return { quantity: offered ? order.remaining : quantity, paid: notional };
}

function spotFundsFault(
  book: Book,
  account: Account,
  order: Order,
  priceOf: PriceOf,
): Reason | undefined {
  const { market } = book;
  const { quantity, paid } = extent(book, order);
  const sold = quantity * market.basePerLot;
  const lent = order.request.autoLendRedeem === true ? "may use lent" : "not lent";
  const bid = order.side === "bid";
  const funds = spendable(account, bid ? market.quote : market.base, lent, priceOf);
  if ((bid ? paid : sold) > funds) return "InsufficientFunds";
  const gained = (account.wallets.get(bid ? market.base : market.quote)?.total ?? 0) +
    (bid ? sold : paid);
  return gained > MOST_CASH ? "PositionLimit" : undefined;
}

function marginFault(
  book: Book,
  account: Account,
  order: Order,
  priceOf: PriceOf,
): Reason | undefined {
  if (order.request.reduceOnly) return undefined;
  const { market } = book;
  const position = positionOf(account, market);
  const { quantity, paid } = extent(book, order);
  const [before, after] = exposures(position, order, quantity);
  if (after <= before) return undefined;
  const price = priceOf(market.symbol) ?? order.limit;
  if (Math.max(paid, after * price * market.cashPerTickLot) > MOST_CASH) return "PositionLimit";
  if (collateral(account, market.quote, priceOf) < 0) return "NegativeEquity";
  const marginNow = before === 0 ? 0 : initialMargin(account, market, before, price);
  const marginThen = initialMargin(account, market, after, price);
  const worth = notional(market, price, lots(quantity));
  const loss = Math.max(0, order.side === "bid" ? paid - worth : worth - paid);
  const free = freeCollateral(account, market.quote, priceOf);
  return free < marginThen - marginNow + loss ? "InsufficientMargin" : undefined;
}

function exposures(position: Position, order: Order, quantity: number): [number, number] {
  const bid = order.side === "bid";
  return [
    exposureOf(position, { bids: 0, asks: 0 }),
    exposureOf(position, { bids: bid ? quantity : 0, asks: bid ? 0 : quantity }),
  ];
}

// A price times a published multiplier, exact, rounded inward.
function scaled(price: Ticks, multiplier: number, round: "up" | "down"): Ticks {
  const units = Math.round(multiplier * 100_000_000);
  return ticks(
    round === "down"
      ? mulDivFloor(price, units, 100_000_000)
      : -mulDivFloor(-price, units, 100_000_000),
  );
}
