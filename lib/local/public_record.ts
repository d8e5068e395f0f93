// What one market has shown so far: trades, bars, prices it is valued at and funding rates. The
// engine forgets what it has said, and clients ask about the past; so this remembers, up to a bound.

import type { Market } from "../core/market.ts";
import { type Micros, micros, MILLISECOND, SECOND, type Ticks } from "../core/units.ts";
import { type Bar, Bars, type Interval, intervals } from "./bars.ts";
import { keep } from "./keep.ts";
import type { MarkFacts, TickerFacts, TradeFacts } from "./published.ts";

/** Backpack names this as the rate of a quiet market (0.00125 % per hour); used where a feed has none. */
const QUIET_FUNDING = 0.0000125;

/** Trades and funding rates that are kept; older ones are forgotten. */
const KEPT = 10_000;

/** The rate of one funding interval. */
export interface FundingRate {
  readonly end: Micros;
  /** A fraction; positive: longs pay. */
  readonly rate: number;
}

/** What a ticker is made of, and how much of it. */
const tickerBars = { "1d": "1m", "1w": "1h" } as const;
const tickerSeconds = { "1d": 86_400, "1w": 604_800 } as const;

/** How far back a ticker looks. */
export type TickerSpan = keyof typeof tickerBars;

/** The memory of one market. */
export class PublicRecord {
  readonly market: Market;
  /** When the market began: nothing is known of the time before. */
  readonly start: Micros;
  /** The number of the latest change of the book. */
  lastId = 0;
  /** Set by the feed; undefined while it has said nothing of them. */
  fedMark: Ticks | undefined;
  fundingRate: number | undefined;
  readonly #trades: TradeFacts[] = [];
  readonly #bars: ReadonlyMap<Interval, Bars>;
  readonly #rates: FundingRate[] = [];

  constructor(market: Market, start: Micros) {
    this.market = market;
    this.start = start;
    this.#bars = new Map(intervals.map((interval) => [interval, new Bars(market, interval)]));
    this.fundingRate = market.kind === "perp" ? QUIET_FUNDING : undefined;
  }

  /** Takes a trade; times never go back. */
  add(trade: TradeFacts): void {
    keep(this.#trades, trade, KEPT);
    const second = Math.floor(trade.time / SECOND);
    for (const bars of this.#bars.values()) bars.add(second, trade.price, trade.quantity);
  }

  /** The rate of an interval that is over. */
  addRate(rate: FundingRate): void {
    keep(this.#rates, rate, KEPT);
  }

  /** The latest trades, oldest first; `skip` leaves out so many of the very latest. */
  trades(limit: number, skip = 0): readonly TradeFacts[] {
    const end = Math.max(0, this.#trades.length - skip);
    return this.#trades.slice(Math.max(0, end - limit), end);
  }

  /** Rates of intervals that are over, oldest first. */
  get rates(): readonly FundingRate[] {
    return this.#rates;
  }

  /** The bar of one length that holds a second. */
  barAt(interval: Interval, second: number): Bar {
    return this.#ofLength(interval).at(second);
  }

  /**
   * At most `most` bars that begin from `from` to `until` (seconds, `until` not included), none that
   * ended before the market began.
   */
  bars(interval: Interval, from: number, until: number, most: number): Bar[] {
    const first = this.barAt(interval, Math.floor(this.start / SECOND)).start;
    return this.#ofLength(interval).between(Math.max(from, first), until, most);
  }

  /** The last day or week; undefined where nothing traded in it. */
  ticker(span: TickerSpan, time: Micros): TickerFacts | undefined {
    const second = Math.floor(time / SECOND);
    const from = second - tickerSeconds[span];
    const all = this.bars(tickerBars[span], from, second + 1, Infinity);
    let ticker: TickerFacts | undefined;
    for (const { prices, volume, quoteVolume, trades } of all) {
      if (prices === undefined) continue;
      const { open, high, low, close } = prices;
      ticker = ticker === undefined
        ? { first: open, last: close, high, low, volume, quoteVolume, trades }
        : {
          first: ticker.first,
          last: close,
          high: high > ticker.high ? high : ticker.high,
          low: low < ticker.low ? low : ticker.low,
          volume: ticker.volume + volume,
          quoteVolume: ticker.quoteVolume + quoteVolume,
          trades: ticker.trades + trades,
        };
    }
    return ticker;
  }

  /** Where the running funding interval ends; undefined on spot. */
  nextFunding(time: Micros): Micros | undefined {
    const { kind, fundingIntervalMs } = this.market;
    if (kind !== "perp" || fundingIntervalMs === undefined) return undefined;
    const interval = fundingIntervalMs * MILLISECOND;
    return micros((Math.floor(time / interval) + 1) * interval);
  }

  /** The prices the market is valued at, once there are any. */
  mark(
    { mark, index }: { readonly mark: Ticks | undefined; readonly index: Ticks | undefined },
    time: Micros,
  ): MarkFacts | undefined {
    if (mark === undefined) return undefined;
    const next = this.nextFunding(time);
    return {
      price: mark,
      indexPrice: index ?? mark,
      fundingRate: this.fundingRate,
      nextFundingMs: next === undefined ? undefined : next / MILLISECOND,
    };
  }

  #ofLength(interval: Interval): Bars {
    return this.#bars.get(interval) ?? new Bars(this.market, interval);
  }
}
