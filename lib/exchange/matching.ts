// The book of one market and what happens when orders meet in it: best price first, then first
// come. It knows quantities and queues; money, fees and reports are the `Clearing`'s, which may
// shrink or remove resting orders after any single trade, so every step looks at the book afresh.

import type { Level, Side } from "../core/strategy.ts";
import type { Market, MarketState } from "../core/market.ts";
import { type Lots, lots, type Micros, type Ticks } from "../core/units.ts";
import { BookSide, type PriceLevel } from "./levels.ts";
import type { Order } from "./order.ts";
import type { Reason } from "./report.ts";
import type { Triggers } from "./triggers.ts";

/** One trade as the book found it. An absent order is the crowd's. */
export interface Trade {
  readonly makerSide: Side;
  readonly maker: Order | undefined;
  readonly taker: Order | undefined;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly time: Micros;
}

/** What the book leaves to others. */
export interface Clearing {
  /** Settles a trade; the book has already taken its quantity away. */
  trade(book: Book, trade: Trade): void;
  /** Ends an order that rests or is being matched. */
  expire(book: Book, order: Order, reason: Reason, time: Micros): void;
}

/** What anybody may ask of a book. Every quantity includes every participant. */
export interface PublicBook {
  readonly market: Market;
  readonly state: MarketState;
  /** The price of the last trade. */
  readonly last: Ticks | undefined;
  readonly mark: Ticks | undefined;
  readonly index: Ticks | undefined;
  /** The best price at which something stands. */
  best(side: Side): Ticks | undefined;
  levelQuantity(side: Side, price: Ticks): Lots;
  /** At most `count` levels, best first. */
  depth(side: Side, count: number): Level[];
  /** Tells each level changed since the last call once; ask `levelQuantity` what it is now. */
  drainTouched(visit: (side: Side, price: Ticks) => void): void;
}

/** What an order could trade at once. */
export interface Reach {
  /** In lots. */
  readonly quantity: number;
  /** In `Cash`; a plain number, as it may be beyond what `Cash` holds. */
  readonly notional: number;
  /** True if nothing of the order would be left. */
  readonly complete: boolean;
}

/**
 * How matching ended: nothing left to do, the next price beyond the limit, no more book, or the
 * order ended.
 */
export type MatchEnd = "done" | "limit" | "empty" | "ended";

/** The book of one market. */
export class Book implements PublicBook {
  readonly market: Market;
  readonly bids = new BookSide("bid");
  readonly asks = new BookSide("ask");
  readonly triggers: Triggers;
  readonly #clearing: Clearing;
  state: MarketState;
  last: Ticks | undefined;
  mark: Ticks | undefined;
  index: Ticks | undefined;
  /** The number of the latest trade. */
  trades = 0;

  constructor(market: Market, clearing: Clearing, triggers: Triggers) {
    this.market = market;
    this.state = market.state;
    this.triggers = triggers;
    this.#clearing = clearing;
  }

  on(side: Side): BookSide {
    return side === "bid" ? this.bids : this.asks;
  }

  against(side: Side): BookSide {
    return side === "bid" ? this.asks : this.bids;
  }

  best(side: Side): Ticks | undefined {
    return this.on(side).best()?.price;
  }

  levelQuantity(side: Side, price: Ticks): Lots {
    const level = this.on(side).find(price);
    return lots(level === undefined ? 0 : level.crowd + level.ordered);
  }

  depth(side: Side, count: number): Level[] {
    const { levels } = this.on(side);
    const result: Level[] = [];
    for (let i = levels.length - 1; i >= 0 && result.length < count; i--) {
      const level = levels[i];
      const quantity = level === undefined ? 0 : level.crowd + level.ordered;
      if (level !== undefined && quantity > 0) {
        result.push({ price: level.price, quantity: lots(quantity) });
      }
    }
    return result;
  }

  drainTouched(visit: (side: Side, price: Ticks) => void): void {
    this.bids.drain(visit);
    this.asks.drain(visit);
  }

  /** True if an order of this side and limit would trade at once. */
  wouldTake(side: Side, limit: Ticks): boolean {
    const against = this.against(side);
    const best = against.best();
    return best !== undefined && against.reaches(best.price, limit);
  }

  /** Matches an order that has just come in against the other side, as far as its limit. */
  match(taker: Order, time: Micros): MatchEnd {
    const against = this.against(taker.side);
    for (;;) {
      if (taker.status === "Expired") return "ended";
      const level = against.best();
      if (level === undefined) return taker.wanted(1) === 0 ? "done" : "empty";
      const wanted = taker.wanted(level.price * this.market.cashPerTickLot);
      if (wanted === 0) return "done";
      if (!against.reaches(level.price, taker.limit)) return "limit";
      this.walk(against, level, wanted, { taker, time });
    }
  }

  /**
   * Lets an incoming order of an account or (without `taker`) of the crowd take up to `quantity`
   * lots from the queue of one level, and returns what it did not get.
   */
  walk(
    side: BookSide,
    level: PriceLevel,
    quantity: number,
    { taker, time }: { readonly taker: Order | undefined; readonly time: Micros },
  ): number {
    let left = quantity;
    while (left > 0) {
      const first = level.first;
      const before = first === undefined ? level.crowd : Math.min(first.ahead, level.crowd);
      if (before > 0) {
        const taken = Math.min(left, before);
        left -= taken;
        this.#takeCrowd(side, level, taken, taker, time);
      } else if (first === undefined) {
        return left;
      } else if (taker !== undefined && taker.account === first.account) {
        this.#preventSelfTrade(taker, first, time);
        if (taker.status === "Expired") return left;
      } else {
        left -= this.fill(side, level, first, { limit: left, taker, time });
      }
    }
    return 0;
  }

  /** Fills a resting order, at its price and up to `limit` lots; returns how much. */
  fill(
    side: BookSide,
    level: PriceLevel,
    maker: Order,
    { limit, taker, time }: {
      readonly limit: number;
      readonly taker: Order | undefined;
      readonly time: Micros;
    },
  ): number {
    const quantity = lots(Math.min(limit, maker.remaining));
    level.ordered -= quantity;
    if (quantity === maker.remaining) {
      level.remove(maker);
      side.resting--;
    }
    side.changed(level);
    this.#clearing.trade(this, {
      makerSide: side.side,
      maker,
      taker,
      price: level.price,
      quantity,
      time,
    });
    return quantity;
  }

  /** What an order could trade at once, without trading. */
  reachable(order: Order): Reach {
    const against = this.against(order.side);
    let quantity = 0;
    let notional = 0;
    for (let i = against.levels.length - 1; i >= 0; i--) {
      const level = against.levels[i];
      if (level === undefined || !against.reaches(level.price, order.limit)) break;
      const lotCash = level.price * this.market.cashPerTickLot;
      const wanted = order.quoteLeft === undefined
        ? order.remaining - quantity
        : Math.floor((order.quoteLeft - notional) / lotCash);
      const offer = offered(level, order);
      const taken = Math.min(wanted, offer.quantity);
      quantity += taken;
      notional += taken * lotCash;
      if (taken === wanted) return { quantity, notional, complete: true };
      if (offer.blocked) break;
    }
    return { quantity, notional, complete: false };
  }

  #takeCrowd(
    side: BookSide,
    level: PriceLevel,
    taken: number,
    taker: Order | undefined,
    time: Micros,
  ): void {
    level.takeCrowd(taken);
    side.changed(level);
    if (taker === undefined) return;
    this.#clearing.trade(this, {
      makerSide: side.side,
      maker: undefined,
      taker,
      price: level.price,
      quantity: lots(taken),
      time,
    });
  }

  #preventSelfTrade(taker: Order, maker: Order, time: Micros): void {
    const mode = taker.request.selfTradePrevention;
    if (mode !== "RejectTaker") this.#clearing.expire(this, maker, "SelfTradePrevention", time);
    if (mode !== "RejectMaker") this.#clearing.expire(this, taker, "SelfTradePrevention", time);
  }
}

// What one queue offers an order before it meets an order of its own account that stops it.
function offered(level: PriceLevel, taker: Order): { quantity: number; blocked: boolean } {
  let others = 0;
  for (let order = level.first; order !== undefined; order = order.next) {
    if (order.account !== taker.account) others += order.remaining;
    else if (taker.request.selfTradePrevention !== "RejectMaker") {
      return { quantity: others + Math.min(order.ahead, level.crowd), blocked: true };
    }
  }
  return { quantity: others + level.crowd, blocked: false };
}
