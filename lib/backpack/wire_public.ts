// Replies of the public REST routes beside markets and candles. What traded lies on the grid or is
// a fault; marks and indices are computed by Backpack and come to the nearest tick.

import type { Market } from "../core/market.ts";
import type { Level, Side } from "../core/strategy.ts";
import { type Lots, type Micros, micros, MILLISECOND, type Ticks } from "../core/units.ts";
import { WireFault } from "./wire_fault.ts";
import { readLevels } from "./wire_levels.ts";
import { type Markets, readRow, readRows, type Row, words } from "./wire_row.ts";

/** Whether the exchange is at work. */
export interface Status {
  readonly state: "Ok" | "Maintenance";
  readonly message: string | undefined;
}

/** A whole book, best level first on both sides (Backpack sends bids worst first). */
export interface DepthSnapshot {
  readonly time: Micros;
  /** Frames of the depth stream up to this id are in it. */
  readonly lastId: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** A trade between strangers. */
export interface PastTrade {
  /** Undefined where the exchange names none. */
  readonly tradeId: number | undefined;
  readonly time: Micros;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly aggressor: Side;
}

/** Where the exchange sees a market. */
export interface MarkPrice {
  readonly market: Market;
  /** To the nearest tick. */
  readonly price: Ticks;
  /** To the nearest tick; perp only. */
  readonly indexPrice: Ticks | undefined;
  /** Estimate for the running interval, a fraction; positive: longs pay. Perp only. */
  readonly fundingRate: number | undefined;
  readonly nextFundingAt: Micros | undefined;
}

/** The rate of one funding interval. */
export interface FundingRate {
  /** The end of the interval, when it was paid. */
  readonly time: Micros;
  /** A fraction; positive: longs pay. */
  readonly rate: number;
}

const statusWords = words("Ok", "Maintenance");

/** GET /api/v1/status. Throws `WireFault`. */
export function readStatus(text: string): Status {
  const row = readRow("GET /api/v1/status", text);
  const message = row.has("message") ? row.text("message") : undefined;
  return { state: row.word("status", statusWords), message };
}

/** GET /api/v1/time: ms as plain text. Throws `WireFault`. */
export function readTime(text: string): Micros {
  const ms = /^\d{1,15}$/.test(text.trim()) ? Number(text) * MILLISECOND : NaN;
  if (Number.isSafeInteger(ms)) return micros(ms);
  const rule = "must be a time in ms";
  throw new WireFault({ place: "GET /api/v1/time", field: "body", rule, value: text });
}

/** GET /api/v1/depth. Throws `WireFault`. */
export function readDepth(text: string, market: Market): DepthSnapshot {
  const row = readRow("GET /api/v1/depth", text);
  return {
    time: row.timeMicrosOrMs("timestamp"),
    lastId: row.whole("lastUpdateId"),
    bids: readLevels(row, "bids", market).sort((a, b) => b.price - a.price),
    asks: readLevels(row, "asks", market).sort((a, b) => a.price - b.price),
  };
}

/** GET /api/v1/trades and /api/v1/trades/history. Throws `WireFault`. */
export function readTrades(text: string, market: Market): PastTrade[] {
  return readRows("GET /api/v1/trades", text).map((row) => ({
    tradeId: row.has("id") ? row.whole("id") : undefined,
    time: row.timeMs("timestamp"),
    price: row.price("price", market),
    quantity: row.positiveQuantity("quantity", market),
    aggressor: row.flag("isBuyerMaker") ? "ask" : "bid",
  }));
}

/** GET /api/v1/markPrices, of `markets` only. Throws `WireFault`. */
export function readMarkPrices(text: string, markets: Markets): MarkPrice[] {
  return readRows("GET /api/v1/markPrices", text)
    .filter((row) => markets.has(row.text("symbol")))
    .map((row) => {
      const market = row.market("symbol", markets);
      return markOf(row, market, markNames);
    });
}

/** Backpack's names of what belongs to a mark price. */
export interface MarkNames {
  readonly price: string;
  readonly index: string;
  readonly rate: string;
  readonly next: string;
}

const markNames: MarkNames = {
  price: "markPrice",
  index: "indexPrice",
  rate: "fundingRate",
  next: "nextFundingTimestamp",
};

/** A mark price under either set of names. Throws `WireFault`. */
export function markOf(row: Row, market: Market, names: MarkNames): MarkPrice {
  return {
    market,
    price: row.nearPrice(names.price, market),
    indexPrice: row.has(names.index) ? row.nearPrice(names.index, market) : undefined,
    fundingRate: row.has(names.rate) ? row.ratio(names.rate) : undefined,
    nextFundingAt: row.has(names.next) ? row.timeMs(names.next) : undefined,
  };
}

/** GET /api/v1/fundingRates, newest first. The first may be an interval still running. Throws `WireFault`. */
export function readFundingRates(text: string): FundingRate[] {
  return readRows("GET /api/v1/fundingRates", text).map((row) => ({
    time: row.timeUtc("intervalEndTimestamp"),
    rate: row.ratio("fundingRate"),
  }));
}
