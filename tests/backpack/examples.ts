// What the tests of the front door share: the markets their messages speak of, recorded messages
// where they are at hand, and a short way to say what a message means.

import { defineMarket, type Market } from "../../lib/core/market.ts";
import type { Markets } from "../../lib/backpack/wire_row.ts";
import { knownMarkets } from "../../lib/data/markets.ts";

function another(symbol: string, tickSize: string, lotSize: string): Market {
  const [base = "", quote = ""] = symbol.split("_");
  const kind = symbol.endsWith("_PERP") ? "perp" : "spot";
  const least = { minPrice: tickSize, minQuantity: lotSize };
  return defineMarket({ symbol, base, quote, kind, tickSize, lotSize, ...least });
}

/** Every market the messages are of. */
export const markets: Markets = new Map(
  [
    ...knownMarkets.map(defineMarket),
    another("USDT_USDC", "0.0001", "0.1"),
    another("SOL_USD", "0.01", "0.01"),
    another("ETH_MILLI", "0.01", "0.001"),
    another("QQQ.US_USDC_PERP", "0.01", "0.001"),
    another("AAPL.US_USDC_PERP", "0.01", "0.01"),
  ].map((market) => [market.symbol, market]),
);

/** The market of that symbol. Throws if there is none. */
export function marketOf(symbol: string): Market {
  const market = markets.get(symbol);
  if (market === undefined) throw new Error(`no market ${symbol}`);
  return market;
}

/** A value as one would write it down: markets by symbol, maps as objects, nothing absent. */
export function plain(value: unknown): unknown {
  const text = JSON.stringify(value, (_name, member: unknown) => {
    if (member instanceof Map) return Object.fromEntries(member);
    if (typeof member !== "object" || member === null) return member;
    return "tickUnits" in member && "symbol" in member ? member.symbol : member;
  });
  return text === undefined ? undefined : JSON.parse(text);
}

// Recordings lie beside the repository, in ../shared; a checkout without them tests the rest.
const shared = new URL("../../../shared/", import.meta.url);

/** The text of a file of ../shared (`backpack/vectors.json`); undefined where it is absent. */
export function sharedText(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(new URL(path, shared));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** A test over a file of ../shared; where that is absent it says so and is skipped. */
export function sharedTest(name: string, path: string, test: (text: string) => unknown): void {
  const text = sharedText(path);
  if (text === undefined) {
    Deno.test({ name: `${name} (skipped: no ../shared/${path})`, ignore: true, fn() {} });
  } else Deno.test(name, async () => void await test(text));
}
