// Backpack's list of markets, read into the rules the rest of the house counts by. A market that
// cannot be read or counted is refused by name and does not take the others with it: somebody
// else's prediction market must not keep a bot from trading SOL.

import { defineMarket, type MarginFunction, type Market, type PriceBands } from "../core/market.ts";
import { WireFault } from "./wire_fault.ts";
import { type Markets, readRow, readRows, type Row, type Words, words } from "./wire_row.ts";

/** What the exchange lists. */
export interface MarketList {
  readonly markets: Markets;
  /** Markets we do not trade (prediction, dated) or cannot count, each with the reason. */
  readonly refused: readonly WireFault[];
}

const kinds: Words<"spot" | "perp"> = new Map([["SPOT", "spot"], ["PERP", "perp"]]);
const states = words("Open", "Closed", "CancelOnly", "LimitOnly", "PostOnly");
const shapes = words("sqrt");

/** GET /api/v1/markets. Throws `WireFault` only if it is not a list of objects. */
export function readMarkets(text: string): MarketList {
  const markets = new Map<string, Market>();
  const refused: WireFault[] = [];
  for (const row of readRows("GET /api/v1/markets", text)) {
    try {
      const market = marketOf(row);
      markets.set(market.symbol, market);
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      refused.push(error);
    }
  }
  return { markets, refused };
}

/** GET /api/v1/market. Throws `WireFault`. */
export function readMarket(text: string): Market {
  return marketOf(readRow("GET /api/v1/market", text));
}

function marketOf(row: Row): Market {
  const symbol = row.text("symbol");
  const kind = row.word("marketType", kinds);
  const price = row.row("filters").row("price");
  const quantity = row.row("filters").row("quantity");
  const rules = {
    symbol,
    base: row.text("baseSymbol"),
    quote: row.text("quoteSymbol"),
    kind,
    state: row.word("orderBookState", states),
    tickSize: limit(price, "tickSize"),
    lotSize: limit(quantity, "stepSize"),
    minPrice: limit(price, "minPrice"),
    minQuantity: limit(quantity, "minQuantity"),
    ...present("maxPrice", limitIfAny(price, "maxPrice")),
    ...present("maxQuantity", limitIfAny(quantity, "maxQuantity")),
    bands: bandsOf(price),
    ...(kind === "perp" ? perpRules(row) : {}),
  };
  try {
    return defineMarket(rules);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const rule = `must be rules we can count by (${error.message})`;
    throw new WireFault({ place: row.place, field: "filters", rule, value: symbol });
  }
}

/** Spot rows carry stale funding intervals, so these are read on perps only. */
function perpRules(row: Row) {
  const bound = pair(row, "fundingRateLowerBound", "fundingRateUpperBound");
  return {
    ...present("initialMargin", marginOf(row, "imfFunction")),
    ...present("maintenanceMargin", marginOf(row, "mmfFunction")),
    ...present(
      "fundingIntervalMs",
      row.has("fundingInterval") ? row.whole("fundingInterval") : undefined,
    ),
    ...present("fundingBoundBps", bound),
  };
}

function bandsOf(price: Row): PriceBands {
  const mark = price.has("meanMarkPriceBand") ? price.row("meanMarkPriceBand") : undefined;
  return {
    ...present("last", pair(price, "minMultiplier", "maxMultiplier")),
    ...present("impact", pair(price, "minImpactMultiplier", "maxImpactMultiplier")),
    ...present("mark", mark && pair(mark, "minMultiplier", "maxMultiplier")),
  };
}

/** Two bounds; one without the other is a fault, since a bound left out would be a kinder market. */
function pair(
  row: Row,
  min: string,
  max: string,
): { readonly min: number; readonly max: number } | undefined {
  if (!row.has(min) && !row.has(max)) return undefined;
  return { min: row.ratio(min), max: row.ratio(max) };
}

function marginOf(row: Row, name: string): MarginFunction | undefined {
  if (!row.has(name)) return undefined;
  const margin = row.row(name);
  margin.word("type", shapes);
  return { base: margin.ratio("base"), factor: margin.ratio("factor") };
}

function limit(row: Row, name: string): string {
  if (row.ratio(name) < 0) throw row.fault(name, "must not be below zero");
  return row.text(name);
}

function limitIfAny(row: Row, name: string): string | undefined {
  return row.has(name) ? limit(row, name) : undefined;
}

/** A member only where there is a value: absent and undefined are two things to the compiler. */
function present<K extends string, V>(name: K, value: V | undefined): { readonly [N in K]?: V } {
  const entry: { [N in K]?: V } = {};
  if (value !== undefined) entry[name] = value;
  return entry;
}
