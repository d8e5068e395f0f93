// Signal maths for strategies: small pure functions of numbers a strategy already holds. Floats are
// at home here and only here; what comes out is rounded to ticks and lots by the strategy. Too little
// to measure gives undefined, never a neutral number that could be traded on.

import type { Level } from "./core/strategy.ts";

/** Highest, lowest and last price of a bar, in ticks or any one unit of price. */
export interface PriceBar {
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Levels of others, best first; a `View` is one. */
export interface BookSides {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** `value`, or the nearer of the two bounds where it lies outside them. */
export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** Arithmetic mean in the unit of the values; undefined of nothing. */
export function mean(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Middle value, of an even count the mean of the middle two; undefined of nothing. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return mean(sorted.slice(sorted.length % 2 === 0 ? half - 1 : half, half + 1));
}

/** Sample standard deviation (n − 1) in the unit of the values; undefined of fewer than two. */
export function standardDeviation(values: readonly number[]): number | undefined {
  const centre = mean(values);
  if (centre === undefined || values.length < 2) return undefined;
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/**
 * Exponentially weighted mean: the next one from the previous one. `alpha` in (0, 1] is the weight
 * of `value`. Without a previous one it is the value itself.
 */
export function ewma(previous: number | undefined, value: number, alpha: number): number {
  return previous === undefined ? value : previous + alpha * (value - previous);
}

/** How far price went in a bar, counting the gap from the close before it where that is known. */
export function trueRange(bar: PriceBar, previousClose: number | undefined): number {
  if (previousClose === undefined) return bar.high - bar.low;
  return Math.max(bar.high, previousClose) - Math.min(bar.low, previousClose);
}

/** Average true range: the mean over the last `count` bars, oldest first, in the unit of price; undefined of fewer. */
export function atr(bars: readonly PriceBar[], count: number): number | undefined {
  if (bars.length < count) return undefined;
  const ranges = bars.map((bar, i) => trueRange(bar, bars[i - 1]?.close));
  return mean(ranges.slice(bars.length - count));
}

/**
 * Realised volatility: root mean square of the log returns between neighbouring prices (all above
 * zero), a fraction per step. Times √(steps in a year) it is annual. Undefined of fewer than two prices.
 */
export function realisedVolatility(prices: readonly number[]): number | undefined {
  const squares: number[] = [];
  let previous: number | undefined;
  for (const price of prices) {
    if (previous !== undefined) squares.push(Math.log(price / previous) ** 2);
    previous = price;
  }
  const square = mean(squares);
  return square === undefined ? undefined : Math.sqrt(square);
}

/**
 * (bid − ask) / (bid + ask) of the quantity on the best `depth` levels of each side: 1 all bid,
 * −1 all ask; undefined while both sides are empty.
 */
export function imbalance(book: BookSides, depth: number): number | undefined {
  const bid = quantityOf(book.bids, depth);
  const ask = quantityOf(book.asks, depth);
  return bid + ask > 0 ? (bid - ask) / (bid + ask) : undefined;
}

/**
 * The mid weighted by the quantity at the touch, in ticks: nearer the side that has less, because
 * that side gives way first. Undefined unless both sides have quantity.
 */
export function microprice(book: BookSides): number | undefined {
  const bid = book.bids[0];
  const ask = book.asks[0];
  if (bid === undefined || ask === undefined) return undefined;
  if (bid.quantity <= 0 || ask.quantity <= 0) return undefined;
  const total = bid.quantity + ask.quantity;
  return (bid.price * ask.quantity + ask.price * bid.quantity) / total;
}

function quantityOf(levels: readonly Level[], depth: number): number {
  return levels.slice(0, depth).reduce((sum, level) => sum + level.quantity, 0);
}
