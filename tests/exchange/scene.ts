// A small exchange to try things on, and its reports as lines of text, so that a test reads like a
// story: what was done, what the exchange said. Orders are named by their number, 1 being the
// first.

import { defineMarket, type Market, type MarketRules } from "../../lib/core/market.ts";
import { lots, micros, type Ticks, ticks } from "../../lib/core/units.ts";
import type { AccountTerms } from "../../lib/exchange/accounts.ts";
import { Exchange, type ExchangeTerms } from "../../lib/exchange/exchange.ts";
import type { Order, OrderRequest } from "../../lib/exchange/order.ts";
import type { AccountId, Report } from "../../lib/exchange/report.ts";

export const NOW = micros(1_000_000);
export const PERP = "SOL_USDC_PERP";
export const SPOT = "SOL_USDC";

/** A perp of 0.01 ticks and 0.01 lots: one tick × one lot is 0.0001 USDC or 10,000 units. */
export function aPerp(rules: Partial<MarketRules> = {}): Market {
  return defineMarket({
    symbol: PERP,
    base: "SOL",
    quote: "USDC",
    kind: "perp",
    tickSize: "0.01",
    lotSize: "0.01",
    minQuantity: "0.01",
    minPrice: "0.01",
    initialMargin: { base: 0.02, factor: 0.00006 },
    maintenanceMargin: { base: 0.0135, factor: 0.000036 },
    fundingIntervalMs: 3_600_000,
    fundingBoundBps: { min: -100, max: 100 },
    ...rules,
  });
}

/** Spot of the same grid: a lot is 1,000,000 units of base. */
export function aSpot(rules: Partial<MarketRules> = {}): Market {
  return defineMarket({
    symbol: SPOT,
    base: "SOL",
    quote: "USDC",
    kind: "spot",
    tickSize: "0.01",
    lotSize: "0.01",
    minQuantity: "0.01",
    minPrice: "0.01",
    ...rules,
  });
}

/** Whole coins in 1e-8. */
export function coins(whole: number): number {
  return Math.round(whole * 100_000_000);
}

export function anAccount(terms: Partial<AccountTerms> = {}): AccountTerms {
  return {
    fees: { spot: { maker: 0, taker: 0 }, perp: { maker: 0, taker: 0 } },
    balances: { USDC: coins(1_000_000), SOL: coins(10_000) },
    ...terms,
  };
}

/** What a test says of an order; the rest is a plain limit order. */
export type Wish = Partial<Omit<OrderRequest, "price" | "quantity">> & {
  readonly price?: number;
  readonly quantity?: number;
};

export class Scene {
  readonly exchange: Exchange;
  readonly symbol: string;
  readonly me: AccountId;
  readonly other: AccountId;

  constructor(terms: Partial<ExchangeTerms> = {}, accounts: readonly AccountTerms[] = []) {
    const markets = terms.markets ?? [aPerp()];
    this.exchange = new Exchange({ fillModel: "queue", ...terms, markets });
    this.symbol = markets[0]?.symbol ?? PERP;
    this.me = this.exchange.openAccount(accounts[0] ?? anAccount());
    this.other = this.exchange.openAccount(accounts[1] ?? anAccount());
  }

  get crowd() {
    return this.exchange.crowd(this.symbol);
  }

  get book() {
    return this.exchange.book(this.symbol);
  }

  place(account: AccountId, { price, quantity, ...wish }: Wish): Order {
    return this.exchange.place(account, {
      symbol: this.symbol,
      side: "bid",
      type: price === undefined ? "market" : "limit",
      timeInForce: "GTC",
      postOnly: false,
      reduceOnly: false,
      selfTradePrevention: "RejectTaker",
      ...(price === undefined ? {} : { price: ticks(price) }),
      ...(quantity === undefined ? {} : { quantity: lots(quantity) }),
      ...wish,
    }, NOW);
  }

  bid(account: AccountId, price: number, quantity: number, wish: Wish = {}): Order {
    return this.place(account, { side: "bid", price, quantity, ...wish });
  }

  ask(account: AccountId, price: number, quantity: number, wish: Wish = {}): Order {
    return this.place(account, { side: "ask", price, quantity, ...wish });
  }

  mark(price: number, index?: number): void {
    const second: Ticks | undefined = index === undefined ? undefined : ticks(index);
    this.exchange.setMark(this.symbol, ticks(price), second, NOW);
  }

  /** Everything said since the last call. */
  said(): string[] {
    return this.exchange.reports.splice(0).map(line);
  }

  /** The fills of my orders since the last call: "order quantity@price". */
  fills(): string[] {
    return this.exchange.reports.splice(0).flatMap((report) =>
      report.kind === "fill" && report.account === this.me
        ? [`${report.orderId} ${report.quantity}@${report.price}`]
        : []
    );
  }

  /** Both sides as "quantity@price", best first. */
  shown(): { bids: string[]; asks: string[] } {
    const side = (name: "bid" | "ask") =>
      this.book.depth(name, 100).map(({ price, quantity }) => `${quantity}@${price}`);
    return { bids: side("bid"), asks: side("ask") };
  }
}

export function line(report: Report): string {
  switch (report.kind) {
    case "accepted":
    case "cancelled":
    case "triggerPlaced":
    case "triggered":
      return `${report.kind} ${report.orderId}`;
    case "rejected":
    case "expired":
    case "triggerFailed":
      return `${report.kind} ${report.orderId} ${report.reason}`;
    case "modified":
      return `modified ${report.orderId} to ${report.quantity}`;
    case "fill":
      return `fill ${report.orderId} ${report.side} ${report.quantity}@${report.price} ` +
        (report.maker ? "maker" : "taker");
    case "liquidation":
    case "adl":
      return `${report.kind} of ${report.account} ${report.side} ${report.quantity}@${report.price}`;
    case "funding":
      return `funding ${report.account} ${report.payment} at ${report.rate}`;
    case "print":
      return `print ${report.tradeId} ${report.aggressor} ${report.quantity}@${report.price}`;
  }
}
