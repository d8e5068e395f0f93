// What everybody may see of a market, as the public routes of REST write it.

import {
  formatPrice,
  type MarginFunction,
  type Market,
  type MarketState,
  notional,
} from "../core/market.ts";
import type { Level } from "../core/strategy.ts";
import { lots, type Micros, ticks } from "../core/units.ts";
import type { Bar } from "./bars.ts";
import { coins, milliseconds, naive, naiveSecond, quantityText, ratio } from "./print.ts";
import type { MarkFacts, TickerFacts, TradeFacts } from "./published.ts";

/** Where no limit is enforced but a decimal must stand. */
const NO_LIMIT = "1000000000";

/** A row of /markets. */
export function printMarket(market: Market, state: MarketState, createdAt: Micros) {
  const perp = market.kind === "perp";
  const { fundingBoundBps: bound } = market;
  return {
    symbol: market.symbol,
    baseSymbol: market.base,
    quoteSymbol: market.quote,
    marketType: perp ? "PERP" : "SPOT",
    rwaMarketType: null,
    orderBookState: state,
    visible: true,
    createdAt: naive(createdAt),
    filters: { price: priceFilter(market), quantity: quantityFilter(market) },
    fundingInterval: perp ? market.fundingIntervalMs ?? null : null,
    fundingRateUpperBound: perp && bound !== undefined ? ratio(bound.max) : null,
    fundingRateLowerBound: perp && bound !== undefined ? ratio(bound.min) : null,
    openInterestLimit: perp ? NO_LIMIT : "0",
    imfFunction: perp ? printMargin(market.initialMargin) : null,
    mmfFunction: perp ? printMargin(market.maintenanceMargin) : null,
    positionLimitWeight: perp ? "1" : null,
  };
}

/** A margin function; without one positions are fully funded. */
export function printMargin({ base, factor }: MarginFunction = { base: 1, factor: 0 }) {
  return { type: "sqrt", base: ratio(base), factor: ratio(factor) };
}

function priceFilter(market: Market) {
  const { bands: { last, impact, mark } } = market;
  const multiplier = (value: number | undefined) => value === undefined ? null : ratio(value);
  return {
    minPrice: formatPrice(market, market.minPrice),
    maxPrice: market.maxPrice === undefined ? null : formatPrice(market, market.maxPrice),
    tickSize: formatPrice(market, ticks(1)),
    minMultiplier: multiplier(last?.min),
    maxMultiplier: multiplier(last?.max),
    minImpactMultiplier: multiplier(impact?.min),
    maxImpactMultiplier: multiplier(impact?.max),
    meanMarkPriceBand: mark === undefined
      ? null
      : { minMultiplier: ratio(mark.min), maxMultiplier: ratio(mark.max) },
    meanPremiumBand: null,
    borrowEntryFeeMinMultiplier: null,
    borrowEntryFeeMaxMultiplier: null,
    minPriceUpdateMultiplier: null,
    maxPriceUpdateMultiplier: null,
    discoveryBoundBand: null,
  };
}

function quantityFilter(market: Market) {
  const { minQuantity, maxQuantity } = market;
  return {
    minQuantity: quantityText(market, minQuantity),
    maxQuantity: maxQuantity === undefined ? null : quantityText(market, maxQuantity),
    stepSize: quantityText(market, 1),
  };
}

/** /depth; both sides best first come out ascending, as Backpack has them. */
export function printDepth(
  market: Market,
  { bids, asks, lastId, time }: {
    readonly bids: readonly Level[];
    readonly asks: readonly Level[];
    readonly lastId: number;
    readonly time: Micros;
  },
) {
  const pair = ({ price, quantity }: Level) => [
    formatPrice(market, price),
    quantityText(market, quantity),
  ];
  return {
    asks: asks.map(pair),
    bids: bids.map(pair).reverse(),
    lastUpdateId: String(lastId),
    timestamp: time,
  };
}

/** A row of /trades. */
export function printTrade(market: Market, trade: TradeFacts) {
  const { tradeId, price, quantity, time, aggressor } = trade;
  return {
    id: tradeId,
    price: formatPrice(market, price),
    quantity: quantityText(market, quantity),
    quoteQuantity: coins(notional(market, price, lots(quantity))),
    timestamp: milliseconds(time),
    isBuyerMaker: aggressor === "ask",
  };
}

/** A row of /tickers. */
export function printTicker(market: Market, ticker: TickerFacts) {
  const { first, last, high, low, volume, quoteVolume, trades } = ticker;
  return {
    symbol: market.symbol,
    firstPrice: formatPrice(market, first),
    lastPrice: formatPrice(market, last),
    priceChange: formatPrice(market, ticks(last - first)),
    priceChangePercent: ((last - first) / first).toFixed(6).replace(/\.?0+$/, ""),
    high: formatPrice(market, high),
    low: formatPrice(market, low),
    volume: quantityText(market, volume),
    quoteVolume: coins(quoteVolume),
    trades: String(trades),
  };
}

/** A row of /klines. */
export function printBar(market: Market, { start, end, prices, ...bar }: Bar) {
  return {
    start: naiveSecond(start),
    end: naiveSecond(end),
    open: prices === undefined ? null : formatPrice(market, prices.open),
    high: prices === undefined ? null : formatPrice(market, prices.high),
    low: prices === undefined ? null : formatPrice(market, prices.low),
    close: prices === undefined ? null : formatPrice(market, prices.close),
    volume: quantityText(market, bar.volume),
    quoteVolume: coins(bar.quoteVolume),
    trades: String(bar.trades),
  };
}

/** A row of /markPrices. */
export function printMark(market: Market, mark: MarkFacts) {
  const { price, indexPrice, fundingRate, nextFundingMs } = mark;
  const ofPerp = fundingRate === undefined || nextFundingMs === undefined ? {} : {
    indexPrice: formatPrice(market, indexPrice),
    fundingRate: ratio(fundingRate),
    nextFundingTimestamp: nextFundingMs,
  };
  return { symbol: market.symbol, markPrice: formatPrice(market, price), ...ofPerp };
}
