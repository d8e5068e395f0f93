// Numbers and times as Backpack's REST writes them: decimals without trailing zeros and never with
// an exponent, datetimes in UTC without a zone, absent values as null.

import { formatDecimal } from "../core/decimal.ts";
import { type Market, priceNumber } from "../core/market.ts";
import type { Side } from "../core/strategy.ts";
import { COIN_DECIMALS, type Micros, MILLISECOND } from "../core/units.ts";

/** Decimals of what is computed and not traded. */
const COMPUTED_DECIMALS = 10;

/** An amount in 1e-8 of something. */
export function coins(amount: number): string {
  return formatDecimal(amount === 0 ? 0 : amount, COIN_DECIMALS);
}

/** Lots, also of a sum beyond what `Lots` holds. */
export function quantityText(market: Market, quantity: number): string {
  return formatDecimal(quantity === 0 ? 0 : quantity * market.lotUnits, market.quantityDecimals);
}

/** A float: rates, fractions and prices between ticks. */
export function ratio(value: number): string {
  const text = value.toFixed(COMPUTED_DECIMALS).replace(/\.?0+$/, "");
  return text === "-0" ? "0" : text;
}

/** A price that may lie between ticks. */
export function averagePrice(market: Market, price: number): string {
  return ratio(priceNumber(market, price));
}

/** Whole ms. */
export function milliseconds(time: Micros): number {
  return Math.floor(time / MILLISECOND);
}

/** `2026-09-01T17:54:04.094`; without the fraction where that is zero. */
export function naive(time: Micros): string {
  return new Date(milliseconds(time)).toISOString().replace(/(\.000)?Z$/, "");
}

/** A second as candles have it: `2026-09-01 17:23:00`. */
export function naiveSecond(second: number): string {
  return new Date(second * 1_000).toISOString().slice(0, 19).replace("T", " ");
}

/** `Bid` or `Ask`. */
export function sideWord(side: Side): "Bid" | "Ask" {
  return side === "bid" ? "Bid" : "Ask";
}
