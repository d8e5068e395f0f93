// Market data as the socket writes it: single letters in the order of the alphabet, as recorded;
// decimals padded to tick and step, which REST does not do; T when the engine did it and E when the
// frame left, both in µs (PROTOCOL 8).

import { formatFixed } from "../core/decimal.ts";
import type { Market } from "../core/market.ts";
import type { Level } from "../core/strategy.ts";
import { COIN_DECIMALS, type Lots, type Micros } from "../core/units.ts";
import { ratio, sideWord } from "./print.ts";
import type { Published } from "./published.ts";

/** The event of that kind. */
export type PublishedKind<K extends Published["kind"]> = Extract<Published, { readonly kind: K }>;

/** What is open in one market: lots of all longs, or of all shorts, which are as many. */
export interface OpenInterest {
  readonly market: Market;
  readonly quantity: Lots;
}

/** A price with all decimals of the tick. */
export function paddedPrice(market: Market, price: number): string {
  return formatFixed(price * market.tickUnits, market.priceDecimals);
}

/** A quantity with all decimals of the step. */
export function paddedQuantity(market: Market, quantity: number): string {
  return formatFixed(quantity * market.lotUnits, market.quantityDecimals);
}

/** Money in 1e-8, with the decimals that a price times a quantity has. */
export function paddedQuote(market: Market, amount: number): string {
  const decimals = Math.min(COIN_DECIMALS, market.priceDecimals + market.quantityDecimals);
  return formatFixed(Math.round(amount / 10 ** (COIN_DECIMALS - decimals)), decimals);
}

/** `data` of bookTicker. A side without a level is null; sources disagree on the type of `u`. */
export function printTouch(
  event: PublishedKind<"touch">,
  sentAt: Micros,
  updateIds: "number" | "string",
) {
  const { market, bid, ask, lastId } = event;
  return {
    A: ask === undefined ? null : paddedQuantity(market, ask.quantity),
    B: bid === undefined ? null : paddedQuantity(market, bid.quantity),
    E: sentAt,
    T: event.time,
    a: ask === undefined ? null : paddedPrice(market, ask.price),
    b: bid === undefined ? null : paddedPrice(market, bid.price),
    e: "bookTicker",
    s: market.symbol,
    u: updateIds === "number" ? lastId : String(lastId),
  };
}

/** `data` of depth, change by change or gathered. */
export function printDepth(event: PublishedKind<"depth">, sentAt: Micros) {
  const { market } = event;
  const pair = ({ price, quantity }: Level) => [
    paddedPrice(market, price),
    paddedQuantity(market, quantity),
  ];
  return {
    E: sentAt,
    T: event.time,
    U: event.firstId,
    a: event.asks.map(pair),
    b: event.bids.map(pair),
    e: "depth",
    s: market.symbol,
    u: event.lastId,
  };
}

/** `data` of trade. */
export function printTrade(event: PublishedKind<"trade">, sentAt: Micros) {
  const { market } = event;
  return {
    E: sentAt,
    T: event.time,
    a: event.sellerOrderId,
    b: event.buyerOrderId,
    e: "trade",
    m: event.aggressor === "ask",
    p: paddedPrice(market, event.price),
    q: paddedQuantity(market, event.quantity),
    s: market.symbol,
    t: event.tradeId,
  };
}

/** `data` of ticker, which has no T. */
export function printTicker(event: PublishedKind<"ticker">, sentAt: Micros) {
  const { market } = event;
  return {
    E: sentAt,
    V: paddedQuote(market, event.quoteVolume),
    c: paddedPrice(market, event.last),
    e: "ticker",
    h: paddedPrice(market, event.high),
    l: paddedPrice(market, event.low),
    n: event.trades,
    o: paddedPrice(market, event.first),
    s: market.symbol,
    v: paddedQuantity(market, event.volume),
  };
}

/** `data` of kline. T is the end of the bar; without a trade there are no prices and no volume. */
export function printBar(event: PublishedKind<"bar">, sentAt: Micros) {
  const { market, bar: { prices, start, end, trades, volume } } = event;
  const price = (value: number | undefined) =>
    value === undefined ? null : paddedPrice(market, value);
  return {
    E: sentAt,
    T: utcSecond(end),
    X: event.closed,
    c: price(prices?.close),
    e: "kline",
    h: price(prices?.high),
    l: price(prices?.low),
    n: trades,
    o: price(prices?.open),
    s: market.symbol,
    t: utcSecond(start),
    v: prices === undefined ? null : paddedQuantity(market, volume),
  };
}

/** `data` of markPrice; funding is left out where there is none. */
export function printMark(event: PublishedKind<"mark">, sentAt: Micros) {
  const { market, fundingRate } = event;
  return {
    E: sentAt,
    T: event.time,
    e: "markPrice",
    f: fundingRate === undefined ? undefined : ratio(fundingRate),
    i: paddedPrice(market, event.indexPrice),
    n: event.nextFundingMs,
    p: paddedPrice(market, event.price),
    s: market.symbol,
  };
}

/** `data` of openInterest. */
export function printOpenInterest({ market, quantity }: OpenInterest, sentAt: Micros) {
  return {
    E: sentAt,
    e: "openInterest",
    o: paddedQuantity(market, quantity),
    s: market.symbol,
  };
}

/** `data` of liquidation. */
export function printLiquidation(event: PublishedKind<"liquidation">, sentAt: Micros) {
  const { market } = event;
  return {
    E: sentAt,
    S: sideWord(event.side),
    T: event.time,
    e: "liquidation",
    p: paddedPrice(market, event.price),
    q: paddedQuantity(market, event.quantity),
    s: market.symbol,
  };
}

/** UTC without a zone and without decimals. */
function utcSecond(second: number): string {
  return new Date(second * 1_000).toISOString().slice(0, 19);
}
