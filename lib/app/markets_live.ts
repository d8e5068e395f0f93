// The exchange's markets as they are now, and the figures that they are ranked by. Books are asked
// for only of markets whose day lets them through, a few at a time.

import { readMarkets } from "../backpack/wire_market.ts";
import type { Reply } from "../backpack/reply.ts";
import type { Ticker } from "../backpack/wire_bar.ts";
import type { DepthSnapshot } from "../backpack/wire_public.ts";
import { readRows } from "../backpack/wire_row.ts";
import { type Market, priceNumber, quantityNumber } from "../core/market.ts";
import { publishedFees } from "./account.ts";
import { type Connection, valueOf } from "./connect.ts";
import {
  type BookFacts,
  type DayFacts,
  early,
  type LeftOut,
  type Ranking,
  type RankKind,
  rankMarkets,
} from "./rank.ts";
import { requestsOf } from "./raw.ts";

/** One market of the exchange. */
export interface ListedMarket {
  readonly market: Market;
  /** False where the exchange does not show it. */
  readonly visible: boolean;
}

/** What the exchange lists. */
export interface Listed {
  readonly markets: readonly ListedMarket[];
  /** Markets that cannot be counted or are of a kind not traded here. */
  readonly refused: readonly LeftOut[];
}

/** Requests that are under way at once. */
const AT_ONCE = 8;
/** Levels of each side that are asked for, and weighed. */
const LEVELS = 10;

/** Asks for every market. */
export async function listedMarkets(
  connection: Connection,
  signal: AbortSignal,
): Promise<Reply<Listed>> {
  const requests = requestsOf(connection);
  try {
    return await requests.query({ path: "/api/v1/markets", read: readListed }, signal);
  } finally {
    requests.close();
  }
}

/** Ranks the exchange's open markets. Throws `UserError` where it cannot be asked. */
export async function chooseMarkets(
  connection: Connection,
  kind: RankKind,
  signal: AbortSignal,
): Promise<Ranking> {
  const { rest, urls, markets } = connection;
  const listed = valueOf(await listedMarkets(connection, signal), "read the markets", urls);
  for (const { market } of listed.markets) markets.set(market.symbol, market);
  const all = await rest.tickers(signal);
  const known = all.kind !== "ok"
    ? undefined
    : new Map(all.value.map((ticker) => [ticker.market.symbol, ticker]));
  // One row that cannot be read spoils the whole list: then each market is asked for alone.
  const tickerOf = (
    market: Market,
  ): Promise<Reply<Ticker | undefined>> | Reply<Ticker | undefined> =>
    known === undefined
      ? rest.ticker(market, signal)
      : { kind: "ok", value: known.get(market.symbol) };
  const found = await each(listed.markets, async (one) => {
    const ticker = await tickerOf(one.market);
    if (ticker.kind !== "ok") return unread(one, "day", ticker);
    const facts = { ...one, day: ticker.value && dayOf(ticker.value) };
    const fees = publishedFees[one.market.kind];
    if (early(kind, facts) !== undefined) return { ...facts, fees, book: undefined };
    const depth = await rest.depth(one.market, LEVELS, signal);
    if (depth.kind !== "ok") return unread(one, "book", depth);
    return { ...facts, fees, book: bookOf(depth.value, one.market) };
  });
  const ranking = rankMarkets(kind, found.filter((one) => "market" in one));
  const silent = found.filter((one) => "reason" in one);
  return { ...ranking, leftOut: [...ranking.leftOut, ...silent, ...listed.refused] };
}

function unread(
  { market }: ListedMarket,
  what: "day" | "book",
  reply: { readonly kind: string; readonly reason?: string },
): LeftOut {
  const reason = `has a ${what} that could not be read: ${reply.reason ?? reply.kind}`;
  return { symbol: market.symbol, reason };
}

function readListed(text: string): Listed {
  const { markets, refused } = readMarkets(text);
  const rows = readRows("GET /api/v1/markets", text);
  const hidden = new Set(
    rows.filter((row) => row.has("visible") && !row.flag("visible"))
      .map((row) => row.text("symbol")),
  );
  const symbols = new Map(
    rows.map((row) => [row.place, row.has("symbol") ? row.text("symbol") : row.place]),
  );
  return {
    markets: [...markets.values()].map((market) => ({
      market,
      visible: !hidden.has(market.symbol),
    })),
    refused: refused.map(({ place, field, rule, value }) => ({
      symbol: symbols.get(place) ?? place,
      reason: `cannot be traded here: ${field} ${rule}, not ${value}`,
    })),
  };
}

function dayOf({ market, prices, quoteVolume }: Ticker): DayFacts | undefined {
  if (prices === undefined) return undefined;
  return {
    quoteVolume,
    first: priceNumber(market, prices.open),
    high: priceNumber(market, prices.high),
    low: priceNumber(market, prices.low),
    last: priceNumber(market, prices.close),
  };
}

function bookOf({ bids, asks }: DepthSnapshot, market: Market): BookFacts | undefined {
  const [bestBid, bestAsk] = [bids[0], asks[0]];
  if (bestBid === undefined || bestAsk === undefined) return undefined;
  return {
    bestBid: priceNumber(market, bestBid.price),
    bestAsk: priceNumber(market, bestAsk.price),
    bidDepth: bids.slice(0, LEVELS).reduce(
      (sum, { price, quantity }) =>
        sum + priceNumber(market, price) * quantityNumber(market, quantity),
      0,
    ),
  };
}

/** Calls `ask` for all, so many at a time; answers in the order of `all`. */
async function each<T, R>(all: readonly T[], ask: (one: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE) {
    answers.push(...await Promise.all(all.slice(at, at + AT_ONCE).map(ask)));
  }
  return answers;
}
