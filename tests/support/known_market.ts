// A market from the list that comes with the program, for tests that start where a person does.

import { findMarket } from "../../lib/data/markets.ts";
import type { Market } from "../../lib/core/market.ts";

/** The known market of that symbol. Throws if there is none. */
export function aMarketOf(symbol: string): Market {
  const market = findMarket(symbol);
  if (market === undefined) throw new Error(`no market ${symbol}`);
  return market;
}
