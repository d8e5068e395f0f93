// Trades gathered into bars of every length Backpack offers. Only bars with a trade are kept: an
// empty one is known by its absence and is written with nulls, as the exchange writes it.

import { type Market, notional } from "../core/market.ts";
import type { Lots, Ticks } from "../core/units.ts";

/** A length of bars, as the wire writes it. */
export type Interval = keyof typeof lengths;

/** Seconds of each length; a month is as long as it is. */
const lengths = {
  "1s": 1,
  "1m": 60,
  "3m": 180,
  "5m": 300,
  "15m": 900,
  "30m": 1_800,
  "1h": 3_600,
  "2h": 7_200,
  "4h": 14_400,
  "6h": 21_600,
  "8h": 28_800,
  "12h": 43_200,
  "1d": 86_400,
  "3d": 259_200,
  "1w": 604_800,
  "1month": undefined,
} as const;

/** Every length, the shortest first. */
export const intervals = Object.keys(lengths).filter(isInterval);

/** Bars of one length that are kept; older ones are forgotten. */
const KEPT = 10_000;
/** Weeks begin on Monday; 1970 began on a Thursday. */
const FIRST_MONDAY = 4 * 86_400;

/** One bar. Times in seconds since 1970, the end not included. */
export interface Bar {
  readonly start: number;
  readonly end: number;
  readonly trades: number;
  /** In lots. */
  readonly volume: number;
  /** In 1e-8 of the quote currency; a plain number, as a busy day is more than `Cash` holds. */
  readonly quoteVolume: number;
  /** Undefined where nothing traded. */
  readonly prices: BarPrices | undefined;
}

/** What a bar with a trade has. */
export interface BarPrices {
  readonly open: Ticks;
  readonly high: Ticks;
  readonly low: Ticks;
  readonly close: Ticks;
}

/** True for a length of bars as the wire writes it. */
export function isInterval(text: string): text is Interval {
  return Object.hasOwn(lengths, text);
}

/** The start of the bar that holds a second. */
export function startOf(interval: Interval, second: number): number {
  const length = lengths[interval];
  if (length === undefined) {
    const date = new Date(second * 1_000);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / 1_000;
  }
  const from = interval === "1w" ? FIRST_MONDAY : 0;
  return Math.floor((second - from) / length) * length + from;
}

/** The end of the bar that begins at a second. */
export function endOf(interval: Interval, start: number): number {
  const length = lengths[interval];
  if (length !== undefined) return start + length;
  const date = new Date(start * 1_000);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / 1_000;
}

/** The bars of one length of one market. */
export class Bars {
  readonly #market: Market;
  readonly #interval: Interval;
  /** By start; ascending, as trades are. */
  readonly #bars = new Map<number, Bar>();

  constructor(market: Market, interval: Interval) {
    this.#market = market;
    this.#interval = interval;
  }

  /** Takes a trade at a second; times never go back. */
  add(second: number, price: Ticks, quantity: Lots): void {
    const start = startOf(this.#interval, second);
    this.#bars.set(start, extended(this.at(second), price, quantity, this.#market));
    if (this.#bars.size <= KEPT) return;
    for (const oldest of this.#bars.keys()) {
      this.#bars.delete(oldest);
      break;
    }
  }

  /** The bar that holds a second. */
  at(second: number): Bar {
    const start = startOf(this.#interval, second);
    const end = endOf(this.#interval, start);
    return this.#bars.get(start) ??
      { start, end, trades: 0, volume: 0, quoteVolume: 0, prices: undefined };
  }

  /** The bars that begin from `from` to `until` (not included), empty ones too, at most `most`. */
  between(from: number, until: number, most: number): Bar[] {
    const found: Bar[] = [];
    const first = startOf(this.#interval, from);
    let second = first < from ? endOf(this.#interval, first) : first;
    while (second < until && found.length < most) {
      const bar = this.at(second);
      found.push(bar);
      second = bar.end;
    }
    return found;
  }
}

function extended(
  bar: Bar,
  price: Ticks,
  quantity: Lots,
  market: Market,
): Bar {
  const { prices } = bar;
  return {
    ...bar,
    trades: bar.trades + 1,
    volume: bar.volume + quantity,
    quoteVolume: bar.quoteVolume + notional(market, price, quantity),
    prices: prices === undefined ? { open: price, high: price, low: price, close: price } : {
      open: prices.open,
      high: price > prices.high ? price : prices.high,
      low: price < prices.low ? price : prices.low,
      close: price,
    },
  };
}
