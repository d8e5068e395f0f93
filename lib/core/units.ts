// Whole numbers with the unit in the type, so that a price cannot be added to a quantity.
// Everything on the money path is one of these; floats live only in signal maths and reports.
// This is the one file of the core that may cast a number into a unit.

import { Bug } from "./assert.ts";

declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** A price, or a distance between prices, in the market's tick size. */
export type Ticks = Unit<"ticks">;
/** A quantity in the market's lot size. Signed where it is a position: negative is short. */
export type Lots = Unit<"lots">;
/** Money in 1e-8 of the quote currency. Signed. */
export type Cash = Unit<"cash">;
/** A quantity of base currency in 1e-8, finer than a lot: spot fees are taken in it. Signed. */
export type Base = Unit<"base">;
/** Time, or a span of it, in microseconds; a point in time counts from 1970-01-01 UTC. */
export type Micros = Unit<"micros">;

/** Units of `Cash` and of `Base` in one whole coin. */
export const COIN = 100_000_000;
/** Decimal places that `Cash` and `Base` keep. */
export const COIN_DECIMALS = 8;
/** Microseconds in a millisecond. */
export const MILLISECOND = 1_000;
/** Microseconds in a second. */
export const SECOND = 1_000_000;
/** Microseconds in a UTC day. */
export const DAY = 86_400 * SECOND;
/** The largest amount any account may hold: sums of two such amounts are still exact. */
export const MOST_CASH = 2 ** 52;

/** A price from a whole number. Throws `Bug` on a fraction. */
export function ticks(value: number): Ticks {
  if (!Number.isSafeInteger(value)) throw notWhole("ticks", value);
  return value as Ticks;
}

/** A quantity from a whole number. Throws `Bug` on a fraction. */
export function lots(value: number): Lots {
  if (!Number.isSafeInteger(value)) throw notWhole("lots", value);
  return value as Lots;
}

/** Money from a whole number of 1e-8. Throws `Bug` on a fraction. */
export function cash(value: number): Cash {
  if (!Number.isSafeInteger(value)) throw notWhole("cash units", value);
  return value as Cash;
}

/** Base currency from a whole number of 1e-8. Throws `Bug` on a fraction. */
export function base(value: number): Base {
  if (!Number.isSafeInteger(value)) throw notWhole("base units", value);
  return value as Base;
}

/** Time from a whole number of microseconds. Throws `Bug` on a fraction. */
export function micros(value: number): Micros {
  if (!Number.isSafeInteger(value)) throw notWhole("microseconds", value);
  return value as Micros;
}

/** A time that never comes, and the start of a search for the earliest one. */
export const NEVER: Micros = Number.MAX_SAFE_INTEGER as Micros;

/** Money from a person's setting in whole quote currency (USD), rounded half up to 1e-8. */
export function cashOf(amount: number): Cash {
  return cash(Math.round(amount * COIN));
}

/** Built only when it is thrown: these checks run for every price and quantity there is. */
function notWhole(what: string, value: number): Bug {
  return new Bug(`not a whole number of ${what}: ${value}`);
}
