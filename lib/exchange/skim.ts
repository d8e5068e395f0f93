// Rows of a recording that touch nobody's order, played at the speed of reading them: while best
// prices stay and no account stands there, only the quantity of two levels changes, and only its last
// value matters. What is not provably such a row is left to the crowd's own rules.

import { ROW, type Tape } from "../core/columns.ts";
import type { Ticks } from "../core/units.ts";
import type { BookSide, PriceLevel } from "./levels.ts";
import type { Book } from "./matching.ts";

/** Where skimming must stop: before this time (µs), and before mid leaves the band (ticks). */
export interface SkimBounds {
  readonly until: number;
  readonly below: number;
  readonly above: number;
}

/** The crowd's own rule, for rows that move the touch. */
export interface Rules {
  crowdBest(
    bidPrice: number,
    bidQuantity: number,
    askPrice: number,
    askQuantity: number,
    time: number,
  ): void;
}

/** Plays rows from `row` on and returns the first one it left alone. */
export function skim(
  book: Book,
  tape: Tape,
  row: number,
  { until, below, above }: SkimBounds,
  rules: Rules,
): number {
  const { kind, time, price, quantity, askPrice, askQuantity, length } = tape;
  if (!book.triggers.isEmpty) return row;
  let bid = plainTouch(book.bids);
  let ask = plainTouch(book.asks);
  if (bid === undefined || ask === undefined) return row;
  const ownBid = book.bids.bestOrdered()?.price ?? -Infinity;
  const ownAsk = book.asks.bestOrdered()?.price ?? Infinity;
  let [bestBid, bestAsk]: [number, number] = [bid.price, ask.price];
  let [bidLeft, askLeft] = [bid.crowd, ask.crowd];
  let last: Ticks | undefined = book.last;
  for (; row < length; row++) {
    if ((time[row] ?? 0) >= until) break;
    const what = kind[row];
    const value = price[row] ?? 0;
    const lots = quantity[row] ?? 0;
    if (what === ROW.bbo) {
      const asked = askPrice[row] ?? 0;
      const offered = askQuantity[row] ?? 0;
      if (lots === 0 || offered === 0) break;
      if (value !== bestBid || asked !== bestAsk) {
        const mid = (value + asked) / 2;
        if (value <= ownBid || asked >= ownAsk || value >= ownAsk || asked <= ownBid) break;
        if (!(mid >= below && mid <= above)) break;
        settle(book.bids, bid, bidLeft);
        settle(book.asks, ask, askLeft);
        rules.crowdBest(value, lots, asked, offered, time[row] ?? 0);
        const [nextBid, nextAsk] = [plainTouch(book.bids), plainTouch(book.asks)];
        if (nextBid?.price !== value || nextAsk?.price !== asked) {
          book.last = last;
          return row + 1;
        }
        [bid, ask] = [nextBid, nextAsk];
        [bestBid, bestAsk] = [value, asked];
      }
      bidLeft = lots;
      askLeft = offered;
    } else if (value === bestAsk && what === ROW.tradeBid) {
      if (lots >= askLeft) break;
      askLeft -= lots;
      last = ask.price;
    } else if (value === bestBid && what === ROW.tradeAsk) {
      if (lots >= bidLeft) break;
      bidLeft -= lots;
      last = bid.price;
    } else {
      // Past the touch: another level, which none of ours stands before.
      if (what !== ROW.tradeBid && what !== ROW.tradeAsk) break;
      if (value <= ownBid || value >= ownAsk) break;
      const side = what === ROW.tradeBid ? book.asks : book.bids;
      const level = side.at(value);
      if (level.crowd + level.recorded > 0) {
        level.takeTrade(lots);
        side.changed(level);
      }
      last = level.price;
    }
  }
  settle(book.bids, bid, bidLeft);
  settle(book.asks, ask, askLeft);
  book.last = last;
  return row;
}

/** The best level, if it is the crowd's alone and as recorded. */
function plainTouch(side: BookSide): PriceLevel | undefined {
  // A level above it that is recorded but consumed would come back with the next row: not plain.
  const level = side.levels.at(-1);
  if (level === undefined || level.crowd === 0) return undefined;
  return level.first === undefined && level.crowd === level.recorded ? level : undefined;
}

function settle(side: BookSide, level: PriceLevel, quantity: number): void {
  if (level.crowd === quantity) return;
  level.crowd = quantity;
  level.recorded = quantity;
  side.changed(level);
}
