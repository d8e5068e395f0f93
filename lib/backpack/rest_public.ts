// What anybody may ask Backpack: the market, its book, its past. A request that names a market takes
// rows of no other, so that an answer meant for another request is a fault and not a price.

import type { Market } from "../core/market.ts";
import { type Micros, SECOND } from "../core/units.ts";
import type { Page } from "./pages.ts";
import type { Reply } from "./reply.ts";
import { Requests, type RestOptions } from "./requests.ts";
import { type Bar, readKlines, readTicker, readTickers, type Ticker } from "./wire_bar.ts";
import { type MarketList, readMarket, readMarkets } from "./wire_market.ts";
import {
  type DepthSnapshot,
  type FundingRate,
  type MarkPrice,
  type PastTrade,
  readDepth,
  readFundingRates,
  readMarkPrices,
  readStatus,
  readTime,
  readTrades,
  type Status,
} from "./wire_public.ts";
import { WireFault } from "./wire_fault.ts";
import type { Markets } from "./wire_row.ts";

/** Levels per side that a book can be asked for. */
export type DepthLimit = 5 | 10 | 20 | 50 | 100 | 500 | 1000;

/** Lengths of candles. */
export type Interval =
  | "1s"
  | "1m"
  | "3m"
  | "5m"
  | "15m"
  | "30m"
  | "1h"
  | "2h"
  | "4h"
  | "6h"
  | "8h"
  | "12h"
  | "1d"
  | "3d"
  | "1w"
  | "1month";

/** Which candles. */
export interface KlinesOptions {
  readonly interval: Interval;
  /** From the start of the candle that begins at or before it. */
  readonly from: Micros;
  /** Up to now where left out. */
  readonly to?: Micros;
}

/** The market and nothing else. */
export function only(market: Market): Markets {
  return new Map([[market.symbol, market]]);
}

/** The public side. Nothing here throws; `signal` gives an answer up. */
export class PublicRest {
  protected readonly requests: Requests;
  protected readonly known: () => Markets;

  /** Throws `RangeError` on an address that is none or not encrypted. */
  constructor(options: RestOptions) {
    this.requests = new Requests(options);
    this.known = options.markets;
  }

  /** Whether the exchange is there. */
  ping(signal?: AbortSignal): Promise<Reply<"pong">> {
    return this.requests.query({ path: "/api/v1/ping", read: readPong }, signal);
  }

  /** The exchange's time, to the ms. */
  time(signal?: AbortSignal): Promise<Reply<Micros>> {
    return this.requests.query({ path: "/api/v1/time", read: readTime }, signal);
  }

  status(signal?: AbortSignal): Promise<Reply<Status>> {
    return this.requests.query({ path: "/api/v1/status", read: readStatus }, signal);
  }

  /** Every market, with those that cannot be counted named. Five minutes old at worst. */
  markets(signal?: AbortSignal): Promise<Reply<MarketList>> {
    return this.requests.query({ path: "/api/v1/markets", read: readMarkets }, signal);
  }

  /** The rules of one market as they are now. */
  market(symbol: string, signal?: AbortSignal): Promise<Reply<Market>> {
    const read = (text: string) => sameMarket(readMarket(text), symbol);
    return this.requests.query({ path: "/api/v1/market", params: { symbol }, read }, signal);
  }

  /** The whole book, `limit` levels a side. */
  depth(market: Market, limit: DepthLimit, signal?: AbortSignal): Promise<Reply<DepthSnapshot>> {
    return this.requests.query({
      path: "/api/v1/depth",
      params: { symbol: market.symbol, limit },
      read: (text) => readDepth(text, market),
    }, signal);
  }

  /** The last 24 hours; undefined where Backpack has nothing to tell. */
  ticker(market: Market, signal?: AbortSignal): Promise<Reply<Ticker | undefined>> {
    return this.requests.query<Ticker | undefined>({
      path: "/api/v1/ticker",
      params: { symbol: market.symbol },
      read: (text) => readTicker(text, only(market)),
      bare: { status: 204, value: undefined },
    }, signal);
  }

  /** Of the markets known to this process. */
  tickers(signal?: AbortSignal): Promise<Reply<readonly Ticker[]>> {
    const read = (text: string) => readTickers(text, this.known());
    return this.requests.query({ path: "/api/v1/tickers", read }, signal);
  }

  /** The newest trades, at most 1000. */
  trades(
    market: Market,
    limit: number,
    signal?: AbortSignal,
  ): Promise<Reply<readonly PastTrade[]>> {
    return this.requests.query({
      path: "/api/v1/trades",
      params: { symbol: market.symbol, limit },
      read: (text) => readTrades(text, market),
    }, signal);
  }

  /** Older trades, newest first. From the budget for history. */
  tradeHistory(
    market: Market,
    { limit, offset }: Page,
    signal?: AbortSignal,
  ): Promise<Reply<readonly PastTrade[]>> {
    return this.requests.query({
      path: "/api/v1/trades/history",
      params: { symbol: market.symbol, limit, offset },
      kind: "history",
      read: (text) => readTrades(text, market),
    }, signal);
  }

  /** Candles of traded prices, oldest first; the last may still be running. From the budget for history. */
  klines(
    market: Market,
    { interval, from, to }: KlinesOptions,
    signal?: AbortSignal,
  ): Promise<Reply<readonly Bar[]>> {
    const startTime = Math.floor(from / SECOND);
    const endTime = to === undefined ? undefined : Math.ceil(to / SECOND);
    return this.requests.query({
      path: "/api/v1/klines",
      params: { symbol: market.symbol, interval, startTime, endTime },
      kind: "history",
      read: (text) => readKlines(text, market),
    }, signal);
  }

  /** Of one perpetual, or of all known ones. A market that is closed is not among them. */
  markPrices(market?: Market, signal?: AbortSignal): Promise<Reply<readonly MarkPrice[]>> {
    return this.requests.query({
      path: "/api/v1/markPrices",
      params: { symbol: market?.symbol },
      read: (text) => readMarkPrices(text, market === undefined ? this.known() : only(market)),
    }, signal);
  }

  /** Newest first; the first may be an interval still running. */
  fundingRates(
    market: Market,
    { limit, offset }: Page,
    signal?: AbortSignal,
  ): Promise<Reply<readonly FundingRate[]>> {
    return this.requests.query({
      path: "/api/v1/fundingRates",
      params: { symbol: market.symbol, limit, offset },
      read: readFundingRates,
    }, signal);
  }
}

function readPong(text: string): "pong" {
  if (text.trim() === "pong") return "pong";
  const place = "GET /api/v1/ping";
  throw new WireFault({ place, field: "body", rule: "must be pong", value: text });
}

function sameMarket(market: Market, symbol: string): Market {
  if (market.symbol === symbol) return market;
  const place = "GET /api/v1/market";
  throw new WireFault({ place, field: "symbol", rule: `must be ${symbol}`, value: market.symbol });
}
