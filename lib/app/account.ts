// The simulated account as flags describe it: what it holds and what it pays. The real account is
// never described here; the exchange is asked.

import type { Fees, Market } from "../core/market.ts";
import { parseDecimal } from "../core/decimal.ts";
import { COIN_DECIMALS, type Lots } from "../core/units.ts";
import { parseQuantity } from "../core/market.ts";
import { badValue, unknownName } from "./errors.ts";

const doing = "read the command line";

/** What an account holds at the start, by asset, as exact decimals. */
export type Balances = { readonly [asset: string]: string };

/** Backpack's published fees for the lowest volume, in bps; the account endpoint decides when live. */
export const publishedFees = {
  spot: { maker: 8, taker: 10 },
  perp: { maker: 2, taker: 5 },
} as const satisfies { readonly [kind: string]: Fees };

/** Reads `USDC=10000,SOL=2`: assets of `market`, each once. Without a text: 10000 of the quote currency. */
export function parseBalances(text: string | undefined, market: Market): Balances {
  if (text === undefined) return { [market.quote]: "10000" };
  const balances: { [asset: string]: string } = {};
  const names = [market.quote, market.base];
  for (const part of text.split(",")) {
    const [asset = "", quantity, ...rest] = part.split("=").map((word) => word.trim());
    if (asset === "" || quantity === undefined || rest.length > 0) {
      throw bad("must be like USDC=10000,SOL=2", text);
    }
    if (!names.includes(asset)) {
      const kind = `of ${market.symbol}: ${names.join(" or ")}`;
      throw unknownName({ doing, key: "--balance", kind, value: text, given: asset, names });
    }
    if (asset in balances) throw bad(`must name ${asset} once`, text);
    const units = parseDecimal(quantity, COIN_DECIMALS);
    if (typeof units === "string") {
      throw bad(`of ${asset} must be a decimal with at most ${COIN_DECIMALS} places`, text);
    }
    if (units < 0) throw bad(`of ${asset} must not be below zero`, text);
    balances[asset] = quantity;
  }
  return balances;
}

/** Reads `MAKER/TAKER` in bps, negative for a rebate. Without a text: Backpack's published fees. */
export function parseFees(text: string | undefined, market: Market): Fees {
  if (text === undefined) return publishedFees[market.kind];
  const match = /^(-?\d+(?:\.\d{1,4})?)\/(-?\d+(?:\.\d{1,4})?)$/.exec(text);
  const maker = Number(match?.[1]);
  const taker = Number(match?.[2]);
  if (!(Math.abs(maker) <= 1_000 && Math.abs(taker) <= 1_000)) {
    const rule =
      "must be MAKER/TAKER in bps, like 2/5 or -0.5/4, each at most 1000 with 4 decimals";
    throw badValue({ doing, key: "--fees", rule, value: text });
  }
  return { maker, taker };
}

/** Reads the base quantity a run takes over at its start. */
export function parsePosition(text: string, market: Market): Lots {
  const position = parseQuantity(market, text);
  const short = position !== undefined && position < 0 && market.kind === "spot";
  if (position !== undefined && !short) return position;
  const rule = short
    ? "must not be below zero on spot"
    : `must be a whole number of lots of ${market.symbol}`;
  throw badValue({ doing, key: "--position", rule, value: text });
}

function bad(rule: string, value: string) {
  return badValue({ doing, key: "--balance", rule, value });
}
