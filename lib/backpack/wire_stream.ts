// `data` of the public streams. T is when the matching engine did it and is what we keep; E, when
// the gateway sent it, stands in where there is no T. Names in frames are single letters, and the
// same letter means different things in different streams.

import type { Level, Side } from "../core/strategy.ts";
import type { Market } from "../core/market.ts";
import type { Lots, Micros, Ticks } from "../core/units.ts";
import { type Bar, barOf, type Ticker, tickerOf } from "./wire_bar.ts";
import { readLevels } from "./wire_levels.ts";
import { markOf, type MarkPrice } from "./wire_public.ts";
import type { Markets, Row } from "./wire_row.ts";

/** Public market data as it comes by socket. */
export type PublicEvent =
  | {
    /** The best level of each side; undefined where the side is empty. */
    readonly kind: "touch";
    readonly market: Market;
    readonly time: Micros;
    /** Counted together with the ids of depth. */
    readonly lastId: number;
    readonly bid: Level | undefined;
    readonly ask: Level | undefined;
  }
  | {
    /** New absolute quantities; zero removes. Follows on if `firstId` is the previous `lastId` + 1. */
    readonly kind: "depth";
    readonly market: Market;
    readonly time: Micros;
    readonly firstId: number;
    readonly lastId: number;
    readonly bids: readonly Level[];
    readonly asks: readonly Level[];
  }
  | {
    readonly kind: "trade";
    readonly market: Market;
    readonly time: Micros;
    readonly tradeId: number;
    readonly price: Ticks;
    readonly quantity: Lots;
    readonly aggressor: Side;
  }
  | { readonly kind: "mark"; readonly time: Micros } & MarkPrice
  | {
    readonly kind: "bar";
    readonly market: Market;
    readonly time: Micros;
    readonly bar: Bar;
    /** False while it runs. */
    readonly closed: boolean;
  }
  | { readonly kind: "ticker"; readonly time: Micros } & Ticker;

const markNames = { price: "p", index: "i", rate: "f", next: "n" };

/** `data` of bookTicker.<symbol>. Throws `WireFault`, as all of these. */
export function touchOf(row: Row, markets: Markets): PublicEvent {
  const market = row.market("s", markets);
  return {
    kind: "touch",
    market,
    time: row.time("T"),
    lastId: row.whole("u"),
    bid: touchLevel(row, market, "b", "B"),
    ask: touchLevel(row, market, "a", "A"),
  };
}

function touchLevel(row: Row, market: Market, price: string, quantity: string): Level | undefined {
  if (!row.has(price)) return undefined;
  return { price: row.price(price, market), quantity: row.positiveQuantity(quantity, market) };
}

/** `data` of depth.<symbol> and of its slower kin. */
export function depthOf(row: Row, markets: Markets): PublicEvent {
  const market = row.market("s", markets);
  const firstId = row.whole("U");
  const lastId = row.whole("u");
  if (lastId < firstId) throw row.fault("u", "must not be before U");
  return {
    kind: "depth",
    market,
    time: row.time("T"),
    firstId,
    lastId,
    bids: readLevels(row, "b", market),
    asks: readLevels(row, "a", market),
  };
}

/** `data` of trade.<symbol>. */
export function tradeOf(row: Row, markets: Markets): PublicEvent {
  const market = row.market("s", markets);
  return {
    kind: "trade",
    market,
    time: row.time("T"),
    tradeId: row.whole("t"),
    price: row.price("p", market),
    quantity: row.positiveQuantity("q", market),
    // A buyer who is the maker was hit by a seller.
    aggressor: row.flag("m") ? "ask" : "bid",
  };
}

/** `data` of markPrice.<symbol>. */
export function markEventOf(row: Row, markets: Markets): PublicEvent {
  const market = row.market("s", markets);
  return { kind: "mark", time: row.time("T"), ...markOf(row, market, markNames) };
}

/** `data` of kline.<interval>.<symbol>. */
export function barEventOf(row: Row, markets: Markets): PublicEvent {
  const market = row.market("s", markets);
  const bar = barOf(row, market);
  return { kind: "bar", market, time: row.time("E"), bar, closed: row.flag("X") };
}

/** `data` of ticker.<symbol>. */
export function tickerEventOf(row: Row, markets: Markets): PublicEvent {
  const market = row.market("s", markets);
  return { kind: "ticker", time: row.time("E"), ...tickerOf(row, market) };
}
