// A whole exchange in memory: markets, accounts and the recorded crowd behind one door. It has no
// clock and never calls anybody: every command carries its time, and what came of it is appended to
// `reports` for the caller to take. One command is finished, triggers and all, before the next
// begins.

import { mulDivHalfUp } from "../core/decimal.ts";
import { assert } from "../core/assert.ts";
import { type Market, type MarketState, notional } from "../core/market.ts";
import {
  type Cash,
  cash,
  type Lots,
  lots,
  type Micros,
  micros,
  type Ticks,
} from "../core/units.ts";
import { Accounts, type AccountTerms, positionOf, type Totals, walletOf } from "./accounts.ts";
import { spendable } from "./checks.ts";
import { about, Desk } from "./clearing.ts";
import { Crowd, type FillModel } from "./crowd.ts";
import { Entry } from "./entry.ts";
import { liquidate, type LiquidationTerms } from "./liquidation.ts";
import { equityOf, type PositionView, type PriceOf, viewPosition } from "./margin.ts";
import { Book, type PublicBook } from "./matching.ts";
import { Order, type OrderRequest } from "./order.ts";
import type { AccountId, Report } from "./report.ts";
import { Triggers } from "./triggers.ts";

/** How an exchange is set up. */
export interface ExchangeTerms {
  readonly markets: readonly Market[];
  readonly fillModel: FillModel;
  /** all: the crowd's trades with itself are reported as prints too. Default own. */
  readonly prints?: "own" | "all";
}

/** Funding rates are applied to this many parts of one. */
const RATE_PARTS = 10_000_000_000;

interface Room {
  readonly book: Book;
  readonly crowd: Crowd;
}

/** The exchange. */
export class Exchange {
  /** What happened, in order. The caller empties it: `reports.length = 0` or `splice(0)`. */
  readonly reports: Report[];
  readonly #accounts = new Accounts();
  readonly #desk = new Desk(this.#accounts);
  readonly #rooms = new Map<string, Room>();
  readonly #due: Order[] = [];
  readonly #entry: Entry;
  readonly #liquidation: LiquidationTerms;
  readonly #priceOf: PriceOf = (symbol) => {
    const { book } = this.#room(symbol);
    return book.mark ?? book.last ?? book.best("ask") ?? book.best("bid");
  };
  #orders = 0;

  constructor({ markets, fillModel, prints = "own" }: ExchangeTerms) {
    this.reports = this.#desk.reports;
    this.#entry = new Entry(this.#desk, this.#priceOf);
    this.#liquidation = {
      accounts: this.#accounts,
      desk: this.#desk,
      priceOf: this.#priceOf,
      bookOf: (symbol) => this.#room(symbol).book,
      nextOrderId: () => ++this.#orders,
    };
    const settle = (time: number) => this.#fireDue(micros(time));
    for (const market of markets) {
      const book = new Book(market, this.#desk, new Triggers(this.#due));
      const crowd = new Crowd(book, { fillModel, prints, reports: this.reports, settle });
      this.#rooms.set(market.symbol, { book, crowd });
    }
  }

  /** Opens an account. Throws `RangeError` on a balance that is no whole number from 0 to 2^52. */
  openAccount(terms: AccountTerms): AccountId {
    return this.#accounts.openAccount(terms).id;
  }

  /**
   * The public side of a market. Throws `Bug` on an unknown symbol, as do all calls that take one.
   */
  book(symbol: string): PublicBook {
    return this.#room(symbol).book;
  }

  /** Where recorded data of a market enters. */
  crowd(symbol: string): Crowd {
    return this.#room(symbol).crowd;
  }

  /**
   * Takes an order. It is returned as it stands after matching; `reports` tells how it came there.
   */
  place(account: AccountId, request: OrderRequest, time: Micros): Order {
    const { book } = this.#room(request.symbol);
    const order = new Order(++this.#orders, account, request);
    this.#entry.take(book, this.#accounts.get(account), order, time);
    this.#fireDue(time);
    return order;
  }

  /** Cancels a resting or waiting order; undefined if the account has no such open order. */
  cancel(account: AccountId, orderId: number, time: Micros): Order | undefined {
    const order = this.#accounts.get(account).open.get(orderId);
    if (order === undefined) return undefined;
    this.#desk.withdraw(this.#room(order.symbol).book, order, "Cancelled");
    this.reports.push({ kind: "cancelled", ...about(order, time) });
    return order;
  }

  /** Cancels every resting and waiting order of an account in a market; returns them. */
  cancelAll(account: AccountId, symbol: string, time: Micros): Order[] {
    const orders = this.openOrders(account, symbol);
    for (const order of orders) this.cancel(account, order.id, time);
    return orders;
  }

  /** An open order of the account. */
  order(account: AccountId, orderId: number): Order | undefined {
    return this.#accounts.get(account).open.get(orderId);
  }

  /** Resting and waiting orders, oldest first; without a symbol those of all markets. */
  openOrders(account: AccountId, symbol?: string): Order[] {
    const orders = [...this.#accounts.get(account).open.values()];
    return orders
      .filter((order) => symbol === undefined || order.symbol === symbol)
      .sort((a, b) => a.id - b.id);
  }

  /** What a market takes from now on. Resting orders stay, and recorded trades still reach them. */
  setState(symbol: string, state: MarketState): void {
    this.#room(symbol).book.state = state;
  }

  /**
   * New mark and index prices: positions are valued, triggers watched and accounts liquidated by
   * them.
   */
  setMark(symbol: string, mark: Ticks, index: Ticks | undefined, time: Micros): void {
    const { book } = this.#room(symbol);
    book.mark = mark;
    if (index !== undefined) book.index = index;
    this.#liquidateAll(book.market, time);
    book.triggers.reach("MarkPrice", mark);
    if (index !== undefined) book.triggers.reach("IndexPrice", index);
    this.#fireDue(time);
  }

  /**
   * Pays one interval's funding on every position at the mark: longs pay a positive rate. The rate is
   * a fraction, kept within the market's bounds; payments are rounded half up against the account.
   */
  fund(symbol: string, rate: number, time: Micros): void {
    const { market } = this.#room(symbol).book;
    const price = this.#priceOf(symbol);
    const { min, max } = market.fundingBoundBps ?? { min: -Infinity, max: Infinity };
    const applied = Math.min(max / 10_000, Math.max(min / 10_000, rate));
    for (const account of this.#accounts.all()) {
      const held = account.positions.get(symbol)?.lots ?? 0;
      if (held === 0 || price === undefined) continue;
      const worth = notional(market, price, lots(held));
      const owed = mulDivHalfUp(worth, Math.round(applied * RATE_PARTS), RATE_PARTS);
      const payment = cash(0 - owed);
      this.#accounts.fund(account, market, payment);
      this.reports.push({
        kind: "funding",
        time,
        account: account.id,
        symbol,
        payment,
        rate: applied,
      });
    }
    this.#liquidateAll(market, time);
    this.#fireDue(time);
  }

  /**
   * An asset of an account in 1e-8: idle, held by resting orders, and lent. The three are all there
   * is.
   */
  balance(
    account: AccountId,
    asset: string,
  ): { readonly available: number; readonly locked: number; readonly lent: number } {
    const { terms, wallets } = this.#accounts.get(account);
    const { total, locked } = wallets.get(asset) ?? { total: 0, locked: 0 };
    const lends = terms.autoLend === true;
    return { available: lends ? 0 : total - locked, locked, lent: lends ? total - locked : 0 };
  }

  /**
   * What an account could spend of an asset now, lent funds included, in 1e-8: idle and not needed
   * as margin.
   */
  spendable(account: AccountId, asset: string): number {
    return spendable(this.#accounts.get(account), asset, "may use lent", this.#priceOf);
  }

  /** Assets the account has held. */
  assets(account: AccountId): string[] {
    return [...this.#accounts.get(account).wallets.keys()];
  }

  /**
   * The position of an account in lots, negative = short. On spot the whole lots of base it owns.
   */
  position(account: AccountId, symbol: string): Lots {
    const { market } = this.#room(symbol).book;
    const owner = this.#accounts.get(account);
    if (market.kind === "perp") return owner.positions.get(symbol)?.lots ?? lots(0);
    return lots(Math.floor(walletOf(owner, market.base).total / market.basePerLot));
  }

  /** Entry, break-even and liquidation price, profit and margins of a perp position. */
  viewPosition(account: AccountId, symbol: string): PositionView {
    const { market } = this.#room(symbol).book;
    assert(market.kind === "perp", `${symbol} is no perp market`);
    const owner = this.#accounts.get(account);
    return viewPosition(owner, positionOf(owner, market), this.#priceOf);
  }

  /**
   * What an account is worth in quote currency: the wallet of that currency plus its stake in one
   * market or in all, at `priceOf` (default: mark, else last trade). Throws `RangeError` where a
   * price is missing or the markets differ in their quote currency.
   */
  equity(account: AccountId, symbol: string | "all", priceOf: PriceOf = this.#priceOf): Cash {
    const rooms = symbol === "all" ? [...this.#rooms.values()] : [this.#room(symbol)];
    const markets = rooms.map(({ book }) => book.market);
    return equityOf(this.#accounts.get(account), markets, priceOf);
  }

  /** Everything there is: what conservation is checked on. */
  totals(): Totals {
    return this.#accounts.totals();
  }

  #room(symbol: string): Room {
    const room = this.#rooms.get(symbol);
    assert(room !== undefined, `no market ${symbol}`);
    return room;
  }

  #liquidateAll(market: Market, time: Micros): void {
    if (market.kind !== "perp") return;
    for (const account of this.#accounts.all()) {
      if ((account.positions.get(market.symbol)?.lots ?? 0) === 0) continue;
      liquidate(this.#liquidation, account, market.quote, time);
    }
  }

  #fireDue(time: Micros): void {
    for (let order = this.#due.shift(); order !== undefined; order = this.#due.shift()) {
      const { book } = this.#room(order.symbol);
      this.#entry.fire(book, this.#accounts.get(order.account), order, time);
    }
  }
}
