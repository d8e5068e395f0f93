// One JSON object of Backpack's, read field by field. Each reader takes Backpack's name of a field
// and gives a value in our units or throws the fault that names it; what nobody asks for is ignored.
// Hand-written, since a schema library would cost more than the whole book on every message.

import { type Market, parsePrice, parseQuantity } from "../core/market.ts";
import type { Side } from "../core/strategy.ts";
import {
  type Base,
  base,
  type Cash,
  cash,
  COIN_DECIMALS,
  type Lots,
  type Micros,
  micros,
  MOST_CASH,
  type Ticks,
  ticks,
} from "../core/units.ts";
import { parseRatio, roundDecimal, type Rounding } from "./wire_decimal.ts";
import { WireFault } from "./wire_fault.ts";
import { fromMicrosOrMs, fromMs, parseUtc } from "./wire_time.ts";

/** The markets we trade or watch, by Backpack's symbol. */
export type Markets = ReadonlyMap<string, Market>;

/** Words of Backpack's and what they mean here. */
export type Words<T> = ReadonlyMap<string, T>;

/** Names of themselves. */
export function words<const T extends string>(...names: readonly T[]): Words<T> {
  return new Map(names.map((name) => [name, name]));
}

const sides: Words<Side> = new Map([["Bid", "bid"], ["Ask", "ask"]]);

type Fields = { readonly [name: string]: unknown };

// Longer than any number Backpack prints (28 decimals), short enough to read at once.
const LONGEST_DECIMAL = 64;
const MOST_CLIENT_ID = 2 ** 32 - 1;
const COINS = { decimals: COIN_DECIMALS, units: 1 };

/** The JSON in `text`. */
export function readJson(place: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WireFault({ place, field: "body", rule: "must be JSON", value: text });
  }
}

/** The object that is the whole of `text`. */
export function readRow(place: string, text: string): Row {
  return rowOf(place, "body", readJson(place, text));
}

/** The list of objects that is the whole of `text`. */
export function readRows(place: string, text: string): Row[] {
  return listOf(place, "body", readJson(place, text)).map((value, i) =>
    rowOf(`${place} row ${i + 1}`, "row", value)
  );
}

function rowOf(place: string, field: string, value: unknown): Row {
  if (isFields(value)) return new Row(place, value);
  throw new WireFault({ place, field, rule: "must be an object", value });
}

function listOf(place: string, field: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new WireFault({ place, field, rule: "must be a list", value });
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object whose fields nobody has looked at yet. All readers throw `WireFault`. */
export class Row {
  /** The stream or request it came from. */
  readonly place: string;
  readonly #fields: Fields;

  constructor(place: string, fields: Fields) {
    this.place = place;
    this.#fields = fields;
  }

  /** The fault that `name` breaks `rule`. */
  fault(name: string, rule: string): WireFault {
    return new WireFault({
      place: this.place,
      field: name,
      rule,
      value: this.#fields[name],
    });
  }

  /** False where the field is absent or null: Backpack uses both for the same. */
  has(name: string): boolean {
    const value = this.#fields[name];
    return value !== undefined && value !== null;
  }

  /** The names of all fields, for objects keyed by asset. */
  get names(): readonly string[] {
    return Object.keys(this.#fields);
  }

  text(name: string): string {
    const value = this.#fields[name];
    if (typeof value === "string") return value;
    throw this.fault(name, "must be text");
  }

  flag(name: string): boolean {
    const value = this.#fields[name];
    if (typeof value === "boolean") return value;
    throw this.fault(name, "must be true or false");
  }

  /** A flag that is left out where it has no meaning (post-only of a market order). */
  flagIfAny(name: string): boolean {
    return this.has(name) && this.flag(name);
  }

  /** One of Backpack's words, in ours. */
  word<T>(name: string, meanings: Words<T>): T {
    const meaning = meanings.get(this.text(name));
    if (meaning !== undefined) return meaning;
    throw this.fault(name, `must be one of ${[...meanings.keys()].join(", ")}`);
  }

  side(name: string): Side {
    return this.word(name, sides);
  }

  /** A count, update id or trade id: sources disagree whether it is a number or a string of digits. */
  whole(name: string): number {
    const value = this.#fields[name];
    const number = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
    if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0) return number;
    throw this.fault(name, "must be a whole number");
  }

  /** An order or position id, kept as text: as a number it may be beyond 2^53. */
  id(name: string): string {
    const value = this.#fields[name];
    if (typeof value === "string" && /^\d{1,40}$/.test(value)) return value;
    if (typeof value === "number") return String(this.whole(name));
    throw this.fault(name, "must be an id in digits");
  }

  /** The number its owner gave an order; undefined where there is none. */
  clientId(name: string): number | undefined {
    if (!this.has(name)) return undefined;
    const value = this.whole(name);
    if (value <= MOST_CLIENT_ID) return value;
    throw this.fault(name, `must be at most ${MOST_CLIENT_ID}`);
  }

  /** An object; `place` names it where it has a name of its own. */
  row(name: string, place = this.place): Row {
    return rowOf(place, name, this.#fields[name]);
  }

  /** An object, or a list of them. */
  rowOrRows(name: string, place: string): Row[] {
    const value = this.#fields[name];
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.map((one) => rowOf(place, name, one));
  }

  rows(name: string): Row[] {
    return this.list(name).map((value, i) =>
      rowOf(`${this.place} ${name} row ${i + 1}`, "row", value)
    );
  }

  list(name: string): readonly unknown[] {
    return listOf(this.place, name, this.#fields[name]);
  }

  /** The same with bare numbers as text: the position stream is documented with them. */
  withNumbersAsText(): Row {
    const fields = Object.entries(this.#fields).map(([name, value]) =>
      [name, typeof value === "number" ? String(value) : value] as const
    );
    return new Row(this.place, Object.fromEntries(fields));
  }

  market(name: string, markets: Markets): Market {
    const market = markets.get(this.text(name));
    if (market !== undefined) return market;
    throw this.fault(name, "must be a market of this run");
  }

  /** Whole µs. */
  time(name: string): Micros {
    return micros(this.whole(name));
  }

  /** Whole ms. */
  timeMs(name: string): Micros {
    return this.#time(name, fromMs(this.whole(name)), "must be a time in ms");
  }

  /** Whole µs, or ms where a source shows those. */
  timeMicrosOrMs(name: string): Micros {
    return this.#time(name, fromMicrosOrMs(this.whole(name)), "must be a time in µs");
  }

  /** A datetime without a zone, which is UTC. */
  timeUtc(name: string): Micros {
    return this.#time(name, parseUtc(this.text(name)), "must be a UTC datetime");
  }

  /** A price somebody traded or may trade at: above zero and on the tick grid. */
  price(name: string, market: Market): Ticks {
    const price = parsePrice(market, this.#decimal(name));
    if (price !== undefined && price > 0) return price;
    throw this.fault(name, "must be a price on the tick grid");
  }

  /** A price Backpack computed (mark, index), to the nearest tick. */
  nearPrice(name: string, market: Market): Ticks {
    const grain = { decimals: market.priceDecimals, units: market.tickUnits };
    const price = this.#rounded(name, grain, "half-up");
    if (price > 0) return ticks(price);
    throw this.fault(name, "must be a price of a tick or more");
  }

  /** A quantity on the lot grid, zero included. */
  quantity(name: string, market: Market): Lots {
    const quantity = this.signedQuantity(name, market);
    if (quantity >= 0) return quantity;
    throw this.fault(name, "must not be below zero");
  }

  /** A quantity on the lot grid, above zero. */
  positiveQuantity(name: string, market: Market): Lots {
    const quantity = this.signedQuantity(name, market);
    if (quantity > 0) return quantity;
    throw this.fault(name, "must be above zero");
  }

  /** A position on the lot grid, negative = short. */
  signedQuantity(name: string, market: Market): Lots {
    const quantity = parseQuantity(market, this.#decimal(name));
    if (quantity !== undefined) return quantity;
    throw this.fault(name, "must be a quantity on the lot grid");
  }

  /** Money in quote currency, signed. An account beyond 2^52 units is a fault. */
  cash(name: string, rounding: Rounding): Cash {
    return cash(this.#coins(name, rounding));
  }

  /** A quantity of an asset in 1e-8 of it, signed. */
  coins(name: string, rounding: Rounding): Base {
    return base(this.#coins(name, rounding));
  }

  /** A rate, ratio or figure for people: a float, never money. */
  ratio(name: string): number {
    const value = parseRatio(this.#decimal(name));
    if (value !== undefined) return value;
    throw this.fault(name, "must be a decimal number");
  }

  #coins(name: string, rounding: Rounding): number {
    const value = this.#rounded(name, COINS, rounding);
    if (Math.abs(value) <= MOST_CASH) return value;
    throw this.fault(name, "must be at most 2^52 units of 0.00000001");
  }

  #rounded(
    name: string,
    grain: { readonly decimals: number; readonly units: number },
    rounding: Rounding,
  ): number {
    const value = roundDecimal(this.#decimal(name), grain, rounding);
    if (typeof value === "number") return value;
    throw this.fault(name, `must be a decimal number, and is ${value}`);
  }

  #decimal(name: string): string {
    const value = this.#fields[name];
    if (typeof value === "string" && value.length <= LONGEST_DECIMAL) return value;
    throw this.fault(name, "must be a decimal in text");
  }

  #time(name: string, time: Micros | undefined, rule: string): Micros {
    if (time !== undefined) return time;
    throw this.fault(name, rule);
  }
}
