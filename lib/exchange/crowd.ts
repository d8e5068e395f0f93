// Recorded public data entering a book as the orders of one anonymous participant, by rules made so
// that no recording fills an account's order that the market would have left alone. Prices,
// quantities and times are plain whole numbers in ticks, lots and µs: rows come by the million, and
// one that touches no account's order must not allocate.

import type { Tape } from "../core/columns.ts";
import type { Side } from "../core/strategy.ts";
import { lots, micros, ticks } from "../core/units.ts";
import { type BookSide, type PriceLevel, UNSEEN } from "./levels.ts";
import type { Book } from "./matching.ts";
import type { Report } from "./report.ts";
import { skim, type SkimBounds } from "./skim.ts";

/**
 * When an account's resting order fills. touch: a print or opposite quote at its price fills all of
 * it. through: only one strictly beyond. queue: after everybody before it, and no more than traded.
 */
export type FillModel = "touch" | "through" | "queue";

/** What the crowd of one market needs of the exchange. */
export interface CrowdTerms {
  readonly fillModel: FillModel;
  /** all: trades of the crowd with itself are reported as prints too, at one object per row. */
  readonly prints: "own" | "all";
  readonly reports: Report[];
  /** Called when a row filled an order or reached a trigger, after the row has been applied. */
  settle(time: number): void;
}

/**
 * The anonymous participant of one market. Its rules:
 * - a row sets its quantity: growth joins the back of the queue, shrinkage leaves from there; what
 *   an account's taker consumed stays consumed until the recorded quantity changes;
 * - a level that a row shows to be better than the best, or that it crosses, is gone: the crowd never
 *   trades with itself. Deeper levels keep their last known quantity;
 * - a trade takes from the front and from what the recording is expected to say next, so the row
 *   that follows finds nothing left to shrink, and nothing moves an order forward twice;
 * - at a price never seen nobody knows who stands before us: only a trade through it fills.
 */
export class Crowd {
  readonly #book: Book;
  readonly #terms: CrowdTerms;

  constructor(book: Book, terms: CrowdTerms) {
    this.#book = book;
    this.#terms = terms;
  }

  /** The best prices and what stands there; a quantity of 0 says that the side is empty. */
  crowdBest(
    bidPrice: number,
    bidQuantity: number,
    askPrice: number,
    askQuantity: number,
    time: number,
  ): void {
    const { bids, asks } = this.#book;
    bids.clearBetter(bidQuantity > 0 ? bidPrice : -Infinity);
    asks.clearBetter(askQuantity > 0 ? askPrice : Infinity);
    let met = 0;
    if (bidQuantity > 0) met += this.#record(bids, asks, bidPrice, bidQuantity, time);
    if (askQuantity > 0) met += this.#record(asks, bids, askPrice, askQuantity, time);
    if (met > 0) this.#terms.settle(time);
  }

  /** What stands at one price now; 0 deletes. */
  crowdLevel(side: Side, price: number, quantity: number, time: number): void {
    const own = this.#book.on(side);
    const against = this.#book.against(side);
    if (this.#record(own, against, price, quantity, time) > 0) this.#terms.settle(time);
  }

  /** Forgets the crowd's book: rows of a snapshot follow. */
  crowdReset(): void {
    this.#book.bids.forget();
    this.#book.asks.forget();
  }

  /** A trade between strangers: an immediate-or-cancel order of the crowd at the printed price. */
  crowdTrade(aggressor: Side, price: number, quantity: number, time: number): void {
    const side = this.#book.against(aggressor);
    const level = side.at(price);
    const queued = this.#terms.fillModel === "queue";
    const crowdBefore = level.crowd;
    let left = quantity;
    if (side.resting > 0) {
      left = this.#fillThrough(side, price, quantity, time);
      if (level.first !== undefined) left = this.#fillAt(side, level, left, time);
    }
    const settles = left < quantity;
    const strangers = left + crowdBefore - level.crowd;
    if (level.recorded !== UNSEEN) {
      if (level.first === undefined || !queued) level.takeCrowd(Math.min(level.crowd, left));
      level.recorded = Math.max(0, level.recorded - quantity);
      side.changed(level);
    }
    this.#book.last = level.price;
    if (this.#terms.prints === "all") this.#print(aggressor, level, strangers, time);
    if (this.#book.triggers.reach("LastPrice", price) || settles) this.#terms.settle(time);
  }

  /**
   * A price range traded, as a candle tells it: fills orders from the best price to `limitPrice`
   * (in the models through and queue to one tick before it), at most `quantity` lots in all.
   * Returns the lots filled.
   */
  crowdSweep(
    aggressor: Side,
    limitPrice: number,
    quantity: number | undefined,
    time: number,
  ): number {
    const side = this.#book.against(aggressor);
    const beyond = this.#terms.fillModel === "touch" ? limitPrice : limitPrice + side.sign;
    const filled = this.#fillFrom(side, beyond, quantity ?? Infinity, time);
    this.#book.last = side.at(limitPrice).price;
    const reached = this.#book.triggers.reach("LastPrice", limitPrice);
    if (filled > 0 || reached) this.#terms.settle(time);
    return filled;
  }

  /** Plays rows of a tape that can fill nobody and keep mid in a band; returns the first row left. */
  skim(tape: Tape, row: number, bounds: SkimBounds): number {
    if (this.#terms.prints === "all") return row;
    return skim(this.#book, tape, row, bounds, this);
  }

  /** The best price at which an account's order rests. */
  bestOrdered(side: Side): number | undefined {
    return this.#book.on(side).bestOrdered()?.price;
  }

  /** The last trade was at this price: for trades that were passed over. */
  lastWas(price: number): void {
    this.#book.last = ticks(price);
  }

  /** Half of best bid plus best ask of the crowd, in ticks; NaN while a side is empty. */
  midTicks(): number {
    return (bestCrowd(this.#book.bids) + bestCrowd(this.#book.asks)) / 2;
  }

  // Applies one level of a row; returns the lots of accounts' orders it filled.
  #record(own: BookSide, against: BookSide, price: number, quantity: number, time: number): number {
    const level = own.at(price);
    const before = level.recorded;
    if (before === quantity) return 0;
    let met = 0;
    let shown = quantity;
    if (quantity > 0) {
      against.clearBetter(price - against.sign);
      if (this.#reaches(against, price)) {
        met = this.#meet(against, price, quantity - Math.max(0, before), time);
        shown = this.#terms.fillModel === "queue"
          ? this.#reaches(against, price) ? 0 : quantity - met
          : quantity;
      }
    }
    level.record(quantity);
    if (shown !== quantity) level.crowd = shown;
    own.changed(level);
    return met;
  }

  #reaches(against: BookSide, price: number): boolean {
    const best = against.resting > 0 ? against.best() : undefined;
    return best !== undefined && against.reaches(best.price, price);
  }

  // A quote at `price` has come to orders of accounts; `grown` lots of it are new.
  #meet(against: BookSide, price: number, grown: number, time: number): number {
    switch (this.#terms.fillModel) {
      case "touch":
        return this.#fillFrom(against, price, Infinity, time);
      case "through":
        return this.#fillFrom(against, price + against.sign, Infinity, time);
      case "queue":
        return this.#fillFrom(against, price, grown, time);
    }
  }

  // Orders strictly better than the printed price; returns what is left of the trade.
  #fillThrough(side: BookSide, price: number, quantity: number, time: number): number {
    const most = this.#terms.fillModel === "queue" ? quantity : Infinity;
    const filled = this.#fillFrom(side, price + side.sign, most, time);
    return Math.max(0, quantity - filled);
  }

  // Orders at the printed price itself; returns what is left of the trade.
  #fillAt(side: BookSide, level: PriceLevel, quantity: number, time: number): number {
    switch (this.#terms.fillModel) {
      case "touch":
        return Math.max(0, quantity - this.#fillFrom(side, level.price, Infinity, time));
      case "through":
        return quantity;
      case "queue":
        if (level.recorded === UNSEEN) return quantity;
        return this.#book.walk(side, level, quantity, { taker: undefined, time: micros(time) });
    }
  }

  // Fills accounts' orders at their own prices, best and oldest first, down to `price`.
  #fillFrom(side: BookSide, price: number, quantity: number, time: number): number {
    let filled = 0;
    for (let i = side.levels.length - 1; i >= 0; i--) {
      const level = side.levels[i];
      // A fill may end reduce-only orders elsewhere, which shortens the list below us.
      if (level === undefined) continue;
      if (!side.reaches(level.price, price)) break;
      while (level.first !== undefined && filled < quantity) {
        filled += this.#book.fill(side, level, level.first, {
          limit: quantity - filled,
          taker: undefined,
          time: micros(time),
        });
      }
    }
    return filled;
  }

  #print(aggressor: Side, level: PriceLevel, quantity: number, time: number): void {
    if (quantity === 0) return;
    this.#terms.reports.push({
      kind: "print",
      time: micros(time),
      symbol: this.#book.market.symbol,
      tradeId: ++this.#book.trades,
      price: level.price,
      quantity: lots(quantity),
      aggressor,
      bidOrderId: 0,
      askOrderId: 0,
    });
  }
}

function bestCrowd({ levels }: BookSide): number {
  for (let i = levels.length - 1; i >= 0; i--) {
    const level = levels[i];
    if (level !== undefined && level.crowd > 0) return level.price;
  }
  return NaN;
}
