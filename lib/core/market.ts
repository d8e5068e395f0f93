// What the exchange rules about one market, in whole numbers: how prices and quantities are
// counted, the least and most of each, and how a price times a quantity becomes money.
// The exchange's own names and units are read in `backpack/wire.ts`; beyond it this is all there is.

import { formatDecimal, formatFixed, mulDivFloor, mulDivHalfUp, parseDecimal } from "./decimal.ts";
import {
  type Base,
  base,
  type Cash,
  cash,
  COIN,
  COIN_DECIMALS,
  type Lots,
  lots,
  type Ticks,
  ticks,
} from "./units.ts";

/** Which orders a market takes. Backpack: `orderBookState`. */
export type MarketState = "Open" | "Closed" | "CancelOnly" | "LimitOnly" | "PostOnly";

/** How far prices may lie from a reference, as fractions of it (Backpack `filters.price`). */
export interface PriceBands {
  /** Limit prices against the last trade; absent = not checked. */
  readonly last?: { readonly min: number; readonly max: number };
  /** Limit prices against the mean mark price; absent = not checked. */
  readonly mark?: { readonly min: number; readonly max: number };
  /** How far a market order may go beyond the best opposite price; absent = not checked. */
  readonly impact?: { readonly min: number; readonly max: number };
}

/** max(base, factor × sqrt(notional in USD)): a margin fraction (Backpack `imfFunction`, `mmfFunction`). */
export interface MarginFunction {
  readonly base: number;
  readonly factor: number;
}

/** The rules of one market as a person or the exchange writes them: decimals are strings. */
export interface MarketRules {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly kind: "spot" | "perp";
  readonly tickSize: string;
  readonly lotSize: string;
  readonly minQuantity: string;
  readonly maxQuantity?: string;
  readonly minPrice: string;
  readonly maxPrice?: string;
  readonly state?: MarketState;
  readonly bands?: PriceBands;
  readonly initialMargin?: MarginFunction;
  readonly maintenanceMargin?: MarginFunction;
  /** Milliseconds between fundings; perp only. */
  readonly fundingIntervalMs?: number;
  /** Bounds of the rate of one interval, in bps; perp only. */
  readonly fundingBoundBps?: { readonly min: number; readonly max: number };
}

/** One market in whole numbers. Made by `defineMarket` only. */
export interface Market {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly kind: "spot" | "perp";
  readonly state: MarketState;
  /** The tick size in 10^-priceDecimals of the quote currency. */
  readonly tickUnits: number;
  readonly priceDecimals: number;
  /** The lot size in 10^-quantityDecimals of the base currency. */
  readonly lotUnits: number;
  readonly quantityDecimals: number;
  /** `Cash` in one tick × one lot: whole, by the refusal in `defineMarket`. */
  readonly cashPerTickLot: number;
  /** `Base` in one lot. */
  readonly basePerLot: number;
  readonly minQuantity: Lots;
  readonly maxQuantity: Lots | undefined;
  readonly minPrice: Ticks;
  readonly maxPrice: Ticks | undefined;
  readonly bands: PriceBands;
  readonly initialMargin: MarginFunction | undefined;
  readonly maintenanceMargin: MarginFunction | undefined;
  readonly fundingIntervalMs: number | undefined;
  readonly fundingBoundBps: { readonly min: number; readonly max: number } | undefined;
}

/** Maker and taker fee in bps of notional, negative = rebate; four decimals count. */
export interface Fees {
  readonly maker: number;
  readonly taker: number;
}

/** Checks and counts the rules of a market. Throws `RangeError` naming the market and the rule. */
export function defineMarket(rules: MarketRules): Market {
  const price = grain(rules, "tickSize");
  const quantity = grain(rules, "lotSize");
  const cashPerTickLot = cashPerGrains(rules, price, quantity);
  const basePerLot = quantity.units * 10 ** (COIN_DECIMALS - quantity.decimals);
  if (!Number.isSafeInteger(basePerLot)) {
    refuse(rules, "lotSize", "must be a multiple of 0.00000001");
  }
  const inTicks = (key: "minPrice" | "maxPrice", text: string, up: boolean) =>
    ticks(inGrains(rules, key, text, price, up));
  const inLots = (key: "minQuantity" | "maxQuantity", text: string, up: boolean) =>
    lots(inGrains(rules, key, text, quantity, up));
  return {
    symbol: rules.symbol,
    base: rules.base,
    quote: rules.quote,
    kind: rules.kind,
    state: rules.state ?? "Open",
    tickUnits: price.units,
    priceDecimals: price.decimals,
    lotUnits: quantity.units,
    quantityDecimals: quantity.decimals,
    cashPerTickLot,
    basePerLot,
    minQuantity: inLots("minQuantity", rules.minQuantity, true),
    maxQuantity: rules.maxQuantity === undefined
      ? undefined
      : inLots("maxQuantity", rules.maxQuantity, false),
    minPrice: inTicks("minPrice", rules.minPrice, true),
    maxPrice: rules.maxPrice === undefined ? undefined : inTicks("maxPrice", rules.maxPrice, false),
    bands: rules.bands ?? {},
    initialMargin: rules.initialMargin,
    maintenanceMargin: rules.maintenanceMargin,
    fundingIntervalMs: rules.fundingIntervalMs,
    fundingBoundBps: rules.fundingBoundBps,
  };
}

/** Reads a price; a text off the tick grid is undefined. */
export function parsePrice(market: Market, text: string): Ticks | undefined {
  const units = parseDecimal(text, market.priceDecimals);
  if (typeof units === "string" || units % market.tickUnits !== 0) return undefined;
  return ticks(units / market.tickUnits);
}

/** Reads a quantity; a text off the lot grid is undefined. */
export function parseQuantity(market: Market, text: string): Lots | undefined {
  const units = parseDecimal(text, market.quantityDecimals);
  if (typeof units === "string" || units % market.lotUnits !== 0) return undefined;
  return lots(units / market.lotUnits);
}

/** A price as the wire and people write it, without trailing zeros. */
export function formatPrice(market: Market, price: Ticks): string {
  return formatDecimal(price * market.tickUnits, market.priceDecimals);
}

/** A quantity as the wire and people write it, without trailing zeros. */
export function formatQuantity(market: Market, quantity: Lots): string {
  return formatDecimal(quantity * market.lotUnits, market.quantityDecimals);
}

/** Money as a decimal string, exact. */
export function formatCash(amount: Cash): string {
  return formatDecimal(amount, COIN_DECIMALS);
}

/** Money for people: two decimals, rounded towards zero, always with a sign if `signed`. */
export function showCash(amount: Cash, signed: "signed" | "plain" = "plain"): string {
  const text = formatFixed(Math.trunc(amount / 1_000_000), 2);
  return signed === "signed" && amount > 0 ? `+${text}` : text;
}

/** A price in quote currency as a float, for signal maths and reports. */
export function priceNumber(market: Market, price: number): number {
  return (price * market.tickUnits) / 10 ** market.priceDecimals;
}

/** A quantity in base currency as a float, for signal maths and reports. */
export function quantityNumber(market: Market, quantity: number): number {
  return (quantity * market.lotUnits) / 10 ** market.quantityDecimals;
}

/** Money in whole quote currency as a float, for signal maths and reports. */
export function cashNumber(amount: number): number {
  return amount / COIN;
}

/** A person's price on the tick grid: `down` for bids, `up` for asks. A value within 1e-9 of a tick is on it. */
export function priceTicks(market: Market, price: number, round: "down" | "up"): Ticks {
  return ticks(towards((price * 10 ** market.priceDecimals) / market.tickUnits, round));
}

/** A person's base quantity on the lot grid, rounded down; a value within 1e-9 of a lot is on it. */
export function quantityLots(market: Market, quantity: number): Lots {
  return lots(towards((quantity * 10 ** market.quantityDecimals) / market.lotUnits, "down"));
}

/** Price × quantity in money, exact. */
export function notional(market: Market, price: Ticks, quantity: Lots): Cash {
  return cash(price * quantity * market.cashPerTickLot);
}

/** Base currency (finer than a lot) at a price, in money, rounded down. */
export function baseValue(market: Market, price: Ticks, quantity: Base): Cash {
  const rest = quantity % market.basePerLot;
  const whole = (quantity - rest) / market.basePerLot;
  const dust = mulDivFloor(rest, price * market.cashPerTickLot, market.basePerLot);
  return cash(price * whole * market.cashPerTickLot + dust);
}

/**
 * The fee on an amount of money or of base currency: `feeBps` of it, rounded half up against the
 * account. The only rounding of fees there is: ledger and exchange both call it.
 */
export function feeOf(amount: number, feeBps: number): number {
  return mulDivHalfUp(amount, Math.round(feeBps * 10_000), COIN);
}

/** `feeOf` on money. */
export function cashFee(amount: Cash, feeBps: number): Cash {
  return cash(feeOf(amount, feeBps));
}

/** `feeOf` on base currency (spot bids pay in what they bought). */
export function baseFee(amount: Base, feeBps: number): Base {
  return base(feeOf(amount, feeBps));
}

interface Grain {
  readonly units: number;
  readonly decimals: number;
}

function grain(rules: MarketRules, key: "tickSize" | "lotSize"): Grain {
  const text = withoutZeros(rules[key]);
  const decimals = decimalsOf(text);
  const units = parseDecimal(text, decimals);
  if (typeof units === "string" || units <= 0) {
    refuse(rules, key, "must be a decimal above zero");
  }
  return { units, decimals };
}

function cashPerGrains(rules: MarketRules, price: Grain, quantity: Grain): number {
  const decimals = COIN_DECIMALS - price.decimals - quantity.decimals;
  const product = BigInt(price.units) * BigInt(quantity.units);
  const whole = decimals >= 0
    ? product * 10n ** BigInt(decimals)
    : product % 10n ** BigInt(-decimals) === 0n
    ? product / 10n ** BigInt(-decimals)
    : 0n;
  if (whole === 0n || whole > 1_000_000_000_000n) {
    refuse(rules, "tickSize", "times lotSize must be a whole number of 0.00000001");
  }
  return Number(whole);
}

function inGrains(
  rules: MarketRules,
  key: "minPrice" | "maxPrice" | "minQuantity" | "maxQuantity",
  text: string,
  { units, decimals }: Grain,
  up: boolean,
): number {
  // Limits may be finer than the grid, or the grid finer than the limits: count, then round inward.
  const short = withoutZeros(text);
  const extra = Math.max(0, decimalsOf(short) - decimals);
  const value = parseDecimal(short, decimals + extra);
  if (typeof value === "string") refuse(rules, key, value);
  const grains = value / (units * 10 ** extra);
  return up ? Math.ceil(grains) : Math.floor(grains);
}

function withoutZeros(text: string): string {
  return text.includes(".") ? text.replace(/0+$/, "") : text;
}

function decimalsOf(text: string): number {
  return text.includes(".") ? text.length - text.indexOf(".") - 1 : 0;
}

function refuse(rules: MarketRules, key: keyof MarketRules, rule: string): never {
  throw new RangeError(
    `market ${rules.symbol}: ${key} ${rule}: current value is ${String(rules[key])}`,
  );
}

function towards(value: number, round: "down" | "up"): number {
  const nearest = Math.round(value);
  // The float error of a value grows with it, far slower than a part in 1e14.
  if (Math.abs(value - nearest) <= Math.max(1e-9, Math.abs(value) * 1e-14)) return nearest;
  return round === "down" ? Math.floor(value) : Math.ceil(value);
}
