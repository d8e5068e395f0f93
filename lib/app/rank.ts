// Which markets suit which kind of strategy, from a day's figures and the book of this moment. Pure,
// so that a person (`list markets --rank`) and a run that chooses for itself see the same list with
// the same reasons. The bounds are there to leave out what cannot be traded, not to find what will
// earn: that nobody can rank.

import { unreachable } from "../core/assert.ts";
import type { Fees, Market } from "../core/market.ts";

/** What is looked for. */
export type RankKind = (typeof rankKinds)[number];

/** The kinds there are. */
export const rankKinds = ["flow", "grid", "points"] as const;

/** A market as it stands; prices and money as floats, for choosing and not for counting. */
export interface MarketFacts {
  readonly market: Market;
  /** False where the exchange does not show it. */
  readonly visible: boolean;
  readonly fees: Fees;
  /** Of the last 24 hours, in quote currency; undefined where nothing traded. */
  readonly day: DayFacts | undefined;
  /** Undefined where a side is empty, or nobody asked because the market is out already. */
  readonly book: BookFacts | undefined;
}

/** The last 24 hours. */
export interface DayFacts {
  readonly quoteVolume: number;
  readonly first: number;
  readonly high: number;
  readonly low: number;
  readonly last: number;
}

/** The book of this moment. */
export interface BookFacts {
  readonly bestBid: number;
  readonly bestAsk: number;
  /** Worth of the ten best bid levels, in quote currency. */
  readonly bidDepth: number;
}

/** A market that was chosen, best first. */
export interface Choice {
  readonly market: Market;
  readonly score: number;
  readonly volumeUsd: number;
  readonly spreadPct: number;
  readonly bidDepthUsd: number;
  /** From the day's low to its high, in percent of the last price. */
  readonly rangePct: number;
}

/** A market that was not, and why. */
export interface LeftOut {
  readonly symbol: string;
  readonly reason: string;
}

/** Markets ranked for one kind of strategy. */
export interface Ranking {
  readonly kind: RankKind;
  readonly chosen: readonly Choice[];
  readonly leftOut: readonly LeftOut[];
}

/** Markets that are worth watching at once. */
export const MOST_CHOSEN = 5;
/** Below this a day's volume is a handful of orders (strategies.md gives it for flow). */
const LEAST_VOLUME_USD = 200_000;
/** Volume of a quiet market that our own volume is a small part of. */
const LEAST_POINTS_VOLUME_USD = 1_000_000;
const MOST_SPREAD_PCT: { readonly [kind in RankKind]: number } = {
  flow: 1.5,
  grid: 0.5,
  points: 0.1,
};
const LEAST_BID_DEPTH_USD = 5_000;
/** A day must hold several rungs that each pay for themselves. */
const LEAST_RANGE_IN_COSTS = 10;
/** Of a day's range, the part that price may have kept: above it the day was a trend. */
const MOST_KEPT = 0.6;
/** Beyond this bands are run over before they can sell. */
const MOST_POINTS_RANGE_PCT = 10;
/** What counts as US dollars. */
const dollars = ["USDC", "USDT", "USD"];

/**
 * Ranks markets. flow: volume × depth ÷ spread, perps only. grid: volume × the range that price came
 * back from ÷ what a round trip costs. points: volume ÷ what a round trip costs. Of those beyond the
 * best five the reason is just that.
 */
export function rankMarkets(kind: RankKind, all: readonly MarketFacts[]): Ranking {
  const leftOut: LeftOut[] = [];
  const passed: Choice[] = [];
  for (const facts of all) {
    const found = early(kind, facts) ?? judged(kind, facts);
    if (typeof found === "string") leftOut.push({ symbol: facts.market.symbol, reason: found });
    else passed.push(found);
  }
  passed.sort((a, b) => b.score - a.score || (a.market.symbol < b.market.symbol ? -1 : 1));
  const beyond = passed.slice(MOST_CHOSEN).map(({ market }, i) => ({
    symbol: market.symbol,
    reason: `is number ${
      MOST_CHOSEN + 1 + i
    } of ${passed.length}, at most ${MOST_CHOSEN} are chosen`,
  }));
  return { kind, chosen: passed.slice(0, MOST_CHOSEN), leftOut: [...beyond, ...leftOut] };
}

/** Why a market is out whatever its book: then nobody need ask for the book. */
export function early(
  kind: RankKind,
  { market, visible, day }: Omit<MarketFacts, "book" | "fees">,
): string | undefined {
  if (market.state !== "Open") return `is ${market.state}`;
  if (!visible) return "is not shown by the exchange";
  if (kind === "flow" && market.kind !== "perp") return "is no perp";
  if (!dollars.includes(market.quote)) return `is counted in ${market.quote}, not in dollars`;
  if (day === undefined) return "did not trade in 24 h";
  const least = kind === "points" ? LEAST_POINTS_VOLUME_USD : LEAST_VOLUME_USD;
  if (day.quoteVolume >= least) return undefined;
  return `24 h volume ${usd(day.quoteVolume)} is below ${usd(least)}`;
}

function judged(kind: RankKind, { market, fees, day, book }: MarketFacts): Choice | string {
  if (day === undefined) return "did not trade in 24 h";
  if (book === undefined) return "has an empty side of the book";
  const spreadPct = 100 * (book.bestAsk - book.bestBid) / ((book.bestAsk + book.bestBid) / 2);
  if (!(spreadPct > 0)) return "has a book that is crossed";
  const most = MOST_SPREAD_PCT[kind];
  if (spreadPct > most) return `spread ${pct(spreadPct)} is above ${pct(most)}`;
  if (book.bidDepth <= LEAST_BID_DEPTH_USD) {
    return `bid depth ${usd(book.bidDepth)} is not above ${usd(LEAST_BID_DEPTH_USD)}`;
  }
  const rangePct = 100 * (day.high - day.low) / day.last;
  const keptPct = 100 * Math.abs(day.last - day.first) / day.last;
  // Two maker fees and the spread: what buying and selling again costs one who waits for fills.
  const costPct = spreadPct + 2 * Math.max(0, fees.maker) / 100;
  const choice = (score: number): Choice => ({
    ...{ market, score, spreadPct, rangePct },
    volumeUsd: day.quoteVolume,
    bidDepthUsd: book.bidDepth,
  });
  switch (kind) {
    case "flow":
      return choice(day.quoteVolume * book.bidDepth / spreadPct);
    case "grid":
      if (rangePct < LEAST_RANGE_IN_COSTS * costPct) {
        return `range ${pct(rangePct)} is below ${LEAST_RANGE_IN_COSTS} × the ${
          pct(costPct)
        } of a round trip`;
      }
      if (keptPct > MOST_KEPT * rangePct) {
        return `is in a trend: ${pct(keptPct)} of a range of ${pct(rangePct)} was kept`;
      }
      return choice(day.quoteVolume * (rangePct - keptPct) / costPct);
    case "points":
      if (rangePct > MOST_POINTS_RANGE_PCT) {
        return `range ${pct(rangePct)} is above ${pct(MOST_POINTS_RANGE_PCT)}`;
      }
      return choice(day.quoteVolume / costPct);
    default:
      return unreachable(kind);
  }
}

/** Whole dollars. */
export function usd(value: number): string {
  return `${Math.round(value).toLocaleString("en-US")} USD`;
}

/** Two digits that matter, so that a spread of 0.0012 % is not shown as none. */
export function pct(value: number): string {
  if (value === 0) return "0 %";
  const places = Math.max(0, 1 - Math.floor(Math.log10(Math.abs(value))));
  return `${value.toFixed(Math.min(places, 6))} %`;
}
