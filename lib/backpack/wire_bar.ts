// Candles and 24 h tickers, which Backpack sends under long names by REST and short ones by socket.
// An interval without a trade has no prices at all, which is said as such: a price of zero would
// be believed.

import type { Market } from "../core/market.ts";
import { type Lots, lots, type Micros, type Ticks } from "../core/units.ts";
import { type Markets, readRow, readRows, type Row } from "./wire_row.ts";

/** First, highest, lowest and last traded price of a span. */
export interface Prices {
  readonly open: Ticks;
  readonly high: Ticks;
  readonly low: Ticks;
  readonly close: Ticks;
}

/** One candle. */
export interface Bar {
  readonly start: Micros;
  /** The first instant after it. */
  readonly end: Micros;
  /** Undefined where nothing traded. */
  readonly prices: Prices | undefined;
  /** Base volume. */
  readonly volume: Lots;
  readonly trades: number;
}

/** The last 24 hours of a market. */
export interface Ticker {
  readonly market: Market;
  /** Undefined where nothing traded. */
  readonly prices: Prices | undefined;
  /** Base volume. */
  readonly volume: Lots;
  /** In quote currency, a float: a day of BTC is more than `Cash` holds. */
  readonly quoteVolume: number;
  readonly trades: number;
}

type PriceNames = { readonly [P in keyof Prices]: string };

const letters: PriceNames = { open: "o", high: "h", low: "l", close: "c" };
const klineNames: PriceNames = { open: "open", high: "high", low: "low", close: "close" };
const tickerNames: PriceNames = {
  open: "firstPrice",
  high: "high",
  low: "low",
  close: "lastPrice",
};

/** GET /api/v1/klines of traded prices, oldest first. The last one may still be running. Throws `WireFault`. */
export function readKlines(text: string, market: Market): Bar[] {
  const bars = readRows("GET /api/v1/klines", text).map((row) => {
    const start = row.timeUtc("start");
    const end = row.timeUtc("end");
    return { start, end, ...traded(row, market, klineNames, ["volume", "trades"]) };
  });
  // The order is not documented, and a warm-up that runs backwards would not be noticed.
  return bars.sort((a, b) => a.start - b.start);
}

/** `data` of kline.<interval>.<symbol>. */
export function barOf(row: Row, market: Market): Bar {
  const start = row.timeUtc("t");
  const end = row.timeUtc("T");
  return { start, end, ...traded(row, market, letters, ["v", "n"]) };
}

/** GET /api/v1/ticker. Throws `WireFault`. */
export function readTicker(text: string, markets: Markets): Ticker {
  return longTicker(readRow("GET /api/v1/ticker", text), markets);
}

/** GET /api/v1/tickers, of `markets` only. Throws `WireFault`. */
export function readTickers(text: string, markets: Markets): Ticker[] {
  return readRows("GET /api/v1/tickers", text)
    .filter((row) => markets.has(row.text("symbol")))
    .map((row) => longTicker(row, markets));
}

/** `data` of ticker.<symbol>. */
export function tickerOf(row: Row, market: Market): Ticker {
  const quoteVolume = row.ratio("V");
  return { market, quoteVolume, ...traded(row, market, letters, ["v", "n"]) };
}

function longTicker(row: Row, markets: Markets): Ticker {
  const market = row.market("symbol", markets);
  const quoteVolume = row.ratio("quoteVolume");
  return { market, quoteVolume, ...traded(row, market, tickerNames, ["volume", "trades"]) };
}

function traded(
  row: Row,
  market: Market,
  names: PriceNames,
  [volumeName, tradesName]: readonly [string, string],
) {
  const trades = row.whole(tradesName);
  // Without a trade prices and, by socket, volume are null.
  const volume = trades === 0 && !row.has(volumeName) ? lots(0) : row.quantity(volumeName, market);
  const prices = trades === 0 ? undefined : {
    open: row.price(names.open, market),
    high: row.price(names.high, market),
    low: row.price(names.low, market),
    close: row.price(names.close, market),
  };
  return { prices, volume, trades };
}
