// Turns what the engine reports into what is published and remembered. A command is finished before
// anybody hears of it, so the state an order had after each of its events is rebuilt here, event by
// event, from the reports alone; books, positions and balances are compared with what was said last.

import { unreachable } from "../core/assert.ts";
import { notional } from "../core/market.ts";
import type { Level, Side } from "../core/strategy.ts";
import { cash, lots, type Micros, SECOND } from "../core/units.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { Order } from "../exchange/order.ts";
import type { AccountId, FillReport, Report, Status } from "../exchange/report.ts";
import type { Account, OrderDraft } from "./account.ts";
import { intervals } from "./bars.ts";
import { systemOrder, wireOrderId } from "./orders.ts";
import { Holdings } from "./holdings.ts";
import type { OrderChange, Published } from "./published.ts";
import type { PublicRecord } from "./public_record.ts";

/** What an announcer needs of the world. */
export interface AnnouncerTerms {
  readonly exchange: Exchange;
  readonly records: ReadonlyMap<string, PublicRecord>;
  accountOf(id: AccountId): Account;
  publish(event: Published): void;
}

type OwnReport = Exclude<Report, { kind: "print" | "funding" }>;

/** Tells what happened. */
export class Announcer {
  readonly #terms: AnnouncerTerms;
  readonly #holdings: Holdings;
  /** The engine's own object of every order that is not over. */
  readonly #live = new Map<number, Order>();
  /** What was last said of the best levels, by market. */
  readonly #touches = new Map<string, string>();
  /** The number of the latest trade each market's bars were told with. */
  readonly #toldTrades = new Map<string, number>();
  #sequence = 0;

  constructor(terms: AnnouncerTerms) {
    this.#terms = terms;
    this.#holdings = new Holdings(terms);
  }

  /** An account was opened: what it holds is known from here on. */
  begin(account: Account): void {
    this.#holdings.begin(account);
  }

  /** An order was taken: its reports have not been announced yet. */
  follow(order: Order): void {
    this.#live.set(order.id, order);
  }

  /** Tells everything that happened since the last time. */
  announce(time: Micros): void {
    const { exchange } = this.#terms;
    for (const report of exchange.reports) this.#hear(report);
    exchange.reports.length = 0;
    for (const record of this.#terms.records.values()) this.#tellBook(record, time);
    this.#holdings.tell(time);
  }

  /** A second has passed: marks, tickers and bars. */
  second(time: Micros): void {
    const { exchange, publish } = this.#terms;
    for (const record of this.#terms.records.values()) {
      const { market } = record;
      const mark = record.mark(exchange.book(market.symbol), time);
      if (mark !== undefined) publish({ kind: "mark", market, time, ...mark });
      const ticker = record.ticker("1d", time);
      if (ticker !== undefined) publish({ kind: "ticker", market, time, ...ticker });
      this.#tellBars(record, time);
    }
  }

  #tellBars(record: PublicRecord, time: Micros): void {
    const { market } = record;
    const now = Math.floor(time / SECOND);
    const latest = record.trades(1)[0]?.tradeId ?? 0;
    const traded = latest !== (this.#toldTrades.get(market.symbol) ?? 0);
    this.#toldTrades.set(market.symbol, latest);
    for (const interval of intervals) {
      const bar = record.barAt(interval, now - 1);
      const closed = bar.end <= now;
      if (!closed && !traded) continue;
      this.#terms.publish({ kind: "bar", market, time, interval, bar, closed });
    }
  }

  #hear(report: Report): void {
    switch (report.kind) {
      case "print":
        return this.#hearPrint(report);
      case "funding":
        return this.#hearFunding(report);
      default:
        return this.#hearOrder(report);
    }
  }

  #hearPrint(report: Report & { kind: "print" }): void {
    const record = this.#recordOf(report.symbol);
    if (record === undefined) return;
    const { tradeId, time, price, quantity, aggressor } = report;
    const trade = {
      tradeId,
      time,
      price,
      quantity,
      aggressor,
      buyerOrderId: wireOrderId(report.bidOrderId),
      sellerOrderId: wireOrderId(report.askOrderId),
    };
    record.add(trade);
    this.#terms.publish({ kind: "trade", market: record.market, ...trade });
  }

  #hearFunding({ account: id, symbol, time, payment, rate }: Report & { kind: "funding" }): void {
    const account = this.#terms.accountOf(id);
    const market = this.#recordOf(symbol)?.market;
    if (market === undefined) return;
    account.episodes.fund(symbol, payment);
    account.addFunding({ time, market, payment, rate });
    const positionId = account.episodes.open(symbol)?.id;
    const sequence = ++this.#sequence;
    account.addSettlement({
      time,
      quantity: payment,
      source: "FundingPayment",
      positionId,
      sequence,
    });
    this.#holdings.touch(account, symbol);
  }

  #hearOrder(report: OwnReport): void {
    const { orderId, symbol, time } = report;
    const account = this.#terms.accountOf(report.account);
    this.#holdings.touch(account, symbol);
    const live = this.#live.get(orderId);
    const order = account.order(orderId) ?? this.#systemOrder(account, report);
    if (order === undefined) return;
    const change = this.#apply(order, report, account, live);
    if (isOver(order.status)) this.#live.delete(orderId);
    if (change === undefined) return;
    this.#terms.publish({ kind: "order", account: account.id, time, change, order: { ...order } });
  }

  /** Brings the order to where it stood after the report; undefined where nobody is told. */
  #apply(
    order: OrderDraft,
    report: OwnReport,
    account: Account,
    live: Order | undefined,
  ): OrderChange | undefined {
    switch (report.kind) {
      case "accepted":
        order.status = "New";
        order.quantity ??= live?.quoteLeft === undefined ? live?.quantity : undefined;
        return { kind: "accepted" };
      case "fill":
        return this.#fill(order, report, account, live);
      case "rejected":
      case "expired":
        order.status = "Expired";
        order.expiryReason = report.reason;
        return { kind: "expired", reason: report.reason };
      case "cancelled":
        order.status = "Cancelled";
        return { kind: "cancelled" };
      case "modified":
        order.quantity = report.quantity;
        return { kind: "modified" };
      case "triggerPlaced":
        order.status = "TriggerPending";
        return { kind: "triggerPlaced" };
      case "triggered":
        order.triggeredAt = report.time;
        return undefined;
      case "triggerFailed":
        order.status = "TriggerFailed";
        order.expiryReason = report.reason;
        return { kind: "triggerFailed" };
      case "liquidation":
      case "adl":
        if (report.kind === "liquidation") {
          const { time, side, price, quantity } = report;
          const { market } = order;
          this.#terms.publish({ kind: "liquidation", market, time, side, price, quantity });
        }
        return undefined;
      default:
        return unreachable(report);
    }
  }

  #fill(
    order: OrderDraft,
    report: FillReport,
    account: Account,
    live: Order | undefined,
  ): OrderChange {
    const { market } = order;
    const { time, side, price, quantity, maker, feeAsset, feeCash, feeBase, fillId } = report;
    order.executed = lots(order.executed + quantity);
    order.executedQuote = cash(order.executedQuote + notional(market, price, quantity));
    const done = live === undefined ||
      live.status === "Filled" && live.executed === order.executed;
    order.status = done ? "Filled" : "PartiallyFilled";
    if (live === undefined) order.quantity = order.executed;
    const facts = {
      tradeId: fillId,
      price,
      quantity,
      maker,
      feeAsset,
      fee: feeAsset === market.quote ? feeCash : feeBase,
    };
    const { clientId, systemOrderType } = report;
    account.addFill({ ...facts, time, market, side, orderId: order.id, clientId, systemOrderType });
    if (market.kind === "perp") this.#settle(account, report, order);
    return { kind: "fill", ...facts };
  }

  #settle(account: Account, report: FillReport, { market }: OrderDraft): void {
    const { time, feeCash: fee, symbol } = report;
    const forced = report.systemOrderType !== undefined && !report.maker;
    const before = account.episodes.open(symbol)?.id;
    const realised = account.episodes.fill(market, { ...report, fee, forced });
    const positionId = before ?? account.episodes.open(symbol)?.id;
    if (fee !== 0) {
      const sequence = ++this.#sequence;
      const quantity = cash(0 - fee);
      account.addSettlement({ time, quantity, source: "TradingFees", positionId, sequence });
    }
    if (realised === undefined) return;
    const sequence = ++this.#sequence;
    const quantity = realised;
    account.addSettlement({ time, quantity, source: "RealizePnl", positionId, sequence });
  }

  /** Orders the engine makes by itself are first heard of by their fill. */
  #systemOrder(account: Account, report: OwnReport): OrderDraft | undefined {
    const market = this.#recordOf(report.symbol)?.market;
    if (report.kind !== "fill" || market === undefined) return undefined;
    const order = systemOrder(market, report);
    account.addOrder(report.orderId, order);
    return order;
  }

  #tellBook(record: PublicRecord, time: Micros): void {
    const { market } = record;
    const book = this.#terms.exchange.book(market.symbol);
    const bids: Level[] = [];
    const asks: Level[] = [];
    book.drainTouched((side, price) => {
      const level = { price, quantity: book.levelQuantity(side, price) };
      (side === "bid" ? bids : asks).push(level);
    });
    if (bids.length + asks.length === 0) return;
    const lastId = ++record.lastId;
    const best = (side: Side) => book.depth(side, 1)[0];
    const [bid, ask] = [best("bid"), best("ask")];
    const touch = `${bid?.price}/${bid?.quantity}/${ask?.price}/${ask?.quantity}`;
    if (touch !== this.#touches.get(market.symbol)) {
      this.#touches.set(market.symbol, touch);
      this.#terms.publish({ kind: "touch", market, time, lastId, bid, ask });
    }
    this.#terms.publish({ kind: "depth", market, time, firstId: lastId, lastId, bids, asks });
  }

  #recordOf(symbol: string): PublicRecord | undefined {
    return this.#terms.records.get(symbol);
  }
}

function isOver(status: Status): boolean {
  switch (status) {
    case "New":
    case "PartiallyFilled":
    case "TriggerPending":
      return false;
    case "Filled":
    case "Cancelled":
    case "Expired":
    case "TriggerFailed":
      return true;
  }
}
