// Between the books and the accounts: settles each trade on both sides, ends orders, keeps resting
// orders true to the positions they may reduce, and writes every report in the order it happens.

import { notional } from "../core/market.ts";
import type { Side } from "../core/strategy.ts";
import { lots, type Micros } from "../core/units.ts";
import { type Account, type Accounts, positionOf } from "./accounts.ts";
import type { Book, Clearing, Trade } from "./matching.ts";
import { opposite, type Order } from "./order.ts";
import type { AboutOrder, Reason, Report, Status } from "./report.ts";

/**
 * What a liquidated account pays of each fill (Backpack: 1 %), in bps. Whoever is made to take the
 * other side of an ADL pays nothing.
 */
export const LIQUIDATION_FEE_BPS = 100;

/** Settles trades and ends orders. */
export class Desk implements Clearing {
  /** Everything that happened since the caller last emptied it. */
  readonly reports: Report[] = [];
  readonly #accounts: Accounts;

  constructor(accounts: Accounts) {
    this.#accounts = accounts;
  }

  trade(book: Book, trade: Trade): void {
    const { makerSide, maker, taker, price, quantity, time } = trade;
    const tradeId = ++book.trades;
    book.last = price;
    if (maker !== undefined) this.#accounts.release(book.market, maker, quantity);
    this.settle(book, maker, { ...trade, side: makerSide, role: "maker", tradeId });
    this.settle(book, taker, { ...trade, side: opposite(makerSide), role: "taker", tradeId });
    const [bid, ask] = makerSide === "bid" ? [maker, taker] : [taker, maker];
    this.reports.push({
      kind: "print",
      time,
      symbol: book.market.symbol,
      tradeId,
      price,
      quantity,
      aggressor: opposite(makerSide),
      bidOrderId: bid?.id ?? 0,
      askOrderId: ask?.id ?? 0,
    });
    book.triggers.reach("LastPrice", price);
    if (maker !== undefined) this.followPosition(book, this.#accounts.get(maker.account), time);
    if (taker !== undefined) this.followPosition(book, this.#accounts.get(taker.account), time);
  }

  /** Books one side of a trade and reports it, unless it is the crowd's. */
  settle(
    book: Book,
    order: Order | undefined,
    { side, price, quantity, time, role, tradeId }: Omit<Trade, "makerSide" | "maker" | "taker"> & {
      readonly side: Side;
      readonly role: "maker" | "taker";
      readonly tradeId: number;
    },
  ): void {
    const { market } = book;
    if (order === undefined) {
      this.#accounts.fillCrowd(market, side, price, quantity);
      return;
    }
    const account = this.#accounts.get(order.account);
    const feeBps = order.systemOrderType === undefined
      ? account.terms.fees[market.kind][role]
      : role === "taker"
      ? LIQUIDATION_FEE_BPS
      : 0;
    const charge = this.#accounts.fill(account, market, { side, price, quantity, feeBps });
    order.execute(quantity, notional(market, price, quantity));
    if (order.status === "Filled") this.#forget(book, order);
    this.reports.push({
      kind: "fill",
      ...about(order, time),
      fillId: tradeId,
      side,
      price,
      quantity,
      maker: role === "maker",
      feeAsset: market.kind === "spot" && side === "bid" ? market.base : market.quote,
      ...charge,
      systemOrderType: order.systemOrderType,
    });
  }

  /** Puts what is left of an order on the book and sets aside what it may need. */
  rest(book: Book, order: Order): void {
    const account = this.#accounts.get(order.account);
    this.#accounts.hold(book.market, order, order.remaining);
    book.on(order.side).rest(order);
    account.open.set(order.id, order);
    if (order.request.reduceOnly) positionOf(account, book.market).reducers.add(order);
  }

  /** Takes an order off the book and out of the list of waiting ones; `status` is its last. */
  withdraw(book: Book, order: Order, status: Status): void {
    if (order.level !== undefined) {
      this.#accounts.release(book.market, order, order.remaining);
      book.on(order.side).remove(order);
    }
    if (order.status === "TriggerPending") book.triggers.remove(order);
    order.status = status;
    this.#forget(book, order);
  }

  expire(book: Book, order: Order, reason: Reason, time: Micros): void {
    this.withdraw(book, order, "Expired");
    this.reports.push({ kind: "expired", ...about(order, time), reason });
  }

  /** A reduce-only order may not be larger than the position it reduces. */
  capToPosition(book: Book, order: Order, time: Micros): void {
    const most = Math.abs(positionOf(this.#accounts.get(order.account), book.market).lots);
    if (order.remaining <= most) return;
    if (order.level !== undefined) {
      order.level.ordered -= order.remaining - most;
      book.on(order.side).changed(order.level);
    }
    order.remaining = lots(most);
    this.reports.push({ kind: "modified", ...about(order, time), quantity: order.quantity });
  }

  /**
   * After every change of a position: orders that could now do more than reduce it shrink or end.
   */
  followPosition(book: Book, account: Account, time: Micros): void {
    const position = account.positions.get(book.market.symbol);
    if (position === undefined) return;
    for (const order of [...position.reducers]) {
      const waits = order.status === "TriggerPending";
      if (!reduces(order.side, position.lots)) {
        this.expire(book, order, waits ? "StopWithoutPosition" : "ReduceOnlyNotReduced", time);
      } else if (!waits) this.capToPosition(book, order, time);
    }
  }

  #forget(book: Book, order: Order): void {
    const account = this.#accounts.get(order.account);
    account.open.delete(order.id);
    account.positions.get(book.market.symbol)?.reducers.delete(order);
  }
}

/** True if an order of this side makes such a position smaller. */
export function reduces(side: Side, position: number): boolean {
  return side === "bid" ? position < 0 : position > 0;
}

/** The part of a report that names the order. */
export function about(order: Order, time: Micros): AboutOrder {
  return {
    time,
    account: order.account,
    symbol: order.symbol,
    orderId: order.id,
    clientId: order.request.clientId,
  };
}
