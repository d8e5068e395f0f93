// The parameters of a query and the members of a body, read as strictly as Backpack's parser and
// refused in its words, which are plain text. Where clients differ in the JSON type they send (ids,
// booleans) both are taken, as the signed text is the same.

import type { Market } from "../core/market.ts";
import { badRequest, type Refused, unreadable } from "./refuse.ts";

/** What a client sent, by name. */
export type Values = { readonly [name: string]: unknown };

const MOST_UINT32 = 4_294_967_295;

/** One query or one object of a body. */
export class Fields {
  readonly #values: Values;
  /** What Backpack calls the body; undefined for a query. */
  readonly #payload: string | undefined;

  constructor(values: Values, payload?: string) {
    this.#values = values;
    this.#payload = payload;
  }

  /** True if it is there; null is not. */
  has(name: string): boolean {
    return Object.hasOwn(this.#values, name) && this.#values[name] !== null;
  }

  /** One of Backpack's words; undefined where it is absent. */
  word<const W extends string>(
    name: string,
    type: string,
    words: readonly W[],
  ): W | undefined {
    const value = this.#values[name];
    if (!this.has(name)) return undefined;
    const word = words.find((one) => one === value);
    if (word === undefined) throw this.fault(name, type, "Expect a valid enumeration value.");
    return word;
  }

  /** As `word`, and it must be there. */
  neededWord<const W extends string>(name: string, type: string, words: readonly W[]): W {
    return this.word(name, type, words) ?? this.missing(name, type);
  }

  /** A decimal as it was written, without a sign. */
  decimal(name: string): string | undefined {
    const value = this.#values[name];
    if (!this.has(name)) return undefined;
    if (typeof value === "string" && /^\d{1,20}(\.\d{1,30})?$/.test(value)) return value;
    throw this.fault(name, "string_decimal", "Invalid decimal");
  }

  /** Any text. */
  text(name: string): string | undefined {
    const value = this.#values[name];
    if (!this.has(name)) return undefined;
    if (typeof value === "string") return value;
    throw this.fault(name, "string", 'Expected input type "string"');
  }

  /** A number of an order: digits, in quotes or not. */
  id(name: string): string | undefined {
    const value = this.#values[name];
    if (!this.has(name)) return undefined;
    if (typeof value === "string" && /^\d{1,20}$/.test(value)) return value;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return `${value}`;
    throw this.fault(name, "string", "Invalid order id");
  }

  /** A whole number from 0 to `most`, in quotes or not. */
  whole(name: string, type: string, most: number): number | undefined {
    const value = this.#values[name];
    if (!this.has(name)) return undefined;
    const digits = typeof value === "number" ? `${value}` : value;
    if (typeof digits !== "string" || !/^\d{1,16}$/.test(digits)) {
      throw this.fault(name, type, "invalid digit found in string");
    }
    if (Number(digits) <= most) return Number(digits);
    throw this.fault(name, type, "number too large to fit in target type");
  }

  /** A client's number for an order. */
  clientId(): number | undefined {
    return this.whole("clientId", "integer_uint32", MOST_UINT32);
  }

  /** How many rows: `most` at most. */
  limit(usual: number, most: number): number {
    const value = this.whole("limit", "integer_uint64", Number.MAX_SAFE_INTEGER) ?? usual;
    if (value <= most) return value;
    throw this.#refused("limit", `verification failed. maximum(${most}, exclusive: false)`);
  }

  /** How many rows to leave out. */
  offset(): number {
    return this.whole("offset", "integer_uint64", Number.MAX_SAFE_INTEGER) ?? 0;
  }

  /** true or false; in a query some clients capitalise it. */
  flag(name: string): boolean | undefined {
    const value = this.#values[name];
    if (!this.has(name)) return undefined;
    if (typeof value === "boolean") return value;
    const word = typeof value === "string" ? value.toLowerCase() : "";
    if (word === "true" || word === "false") return word === "true";
    throw this.fault(name, "boolean", 'Expected input type "boolean"');
  }

  /** The market named by `symbol`; an unknown one is refused in JSON for a query, else as text. */
  market(marketOf: (symbol: string) => Market | undefined): Market {
    const symbol = this.text("symbol") ?? this.missing("symbol", "MarketSymbol");
    const market = marketOf(symbol);
    if (market !== undefined) return market;
    throw this.#payload === undefined
      ? badRequest("Invalid market symbol")
      : this.fault("symbol", "MarketSymbol", "Invalid market symbol");
  }

  /** As `market` where a symbol is given. */
  marketIfAny(marketOf: (symbol: string) => Market | undefined): Market | undefined {
    return this.has("symbol") ? this.market(marketOf) : undefined;
  }

  /** Refuses a value. */
  fault(name: string, type: string, rule: string): Refused {
    return this.#refused(name, `failed to parse "${type}": ${rule}`);
  }

  /** Refuses an absent value. */
  missing(name: string, type: string): never {
    throw this.#refused(name, `Type "${type}" expects an input value.`);
  }

  #refused(name: string, rule: string): Refused {
    return unreadable(
      this.#payload === undefined
        ? `failed to parse parameter \`${name}\`: ${rule}`
        : `parse request payload error: ${rule} (occurred while parsing "${this.#payload}")`,
    );
  }
}
