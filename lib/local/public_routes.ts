// The routes that need no signature (PROTOCOL 3).

import type { Hono } from "hono";
import { formatQuantity, type Market } from "../core/market.ts";
import { SECOND } from "../core/units.ts";
import { intervals } from "./bars.ts";
import type { Door } from "./door.ts";
import { COLLATERAL_WEIGHT } from "./print_account.ts";
import { milliseconds, naive, ratio } from "./print.ts";
import {
  printBar,
  printDepth,
  printMargin,
  printMark,
  printMarket,
  printTicker,
  printTrade,
} from "./print_market.ts";
import { badRequest, json, notFound, Refused, text } from "./refuse.ts";
import type { Fields } from "./fields.ts";

/** Levels per side where a request names no limit. */
const MOST_LEVELS = 5_000;
/** Candles in one reply; more are asked for from where it ends. */
const MOST_BARS = 1_000;
const MOST_TRADES = 1_000;
const MOST_RATES = 10_000;
const marketTypes = ["SPOT", "PERP", "IPERP", "DATED", "PREDICTION", "RFQ"] as const;
const depthLimits = ["5", "10", "20", "50", "100", "500", "1000"] as const;

/** Mounts them. */
export function addPublicRoutes(app: Hono, door: Door): void {
  addStatusRoutes(app, door);
  addMarketRoutes(app, door);
  addPriceRoutes(app, door);
  addTradeRoutes(app, door);
}

function addStatusRoutes(app: Hono, { world }: Door): void {
  app.get("/api/v1/status", () => json({ status: "Ok", message: null }));
  app.get("/api/v1/ping", () => text("pong"));
  app.get("/api/v1/time", () => text(String(milliseconds(world.now))));
  app.get("/api/v1/assets", () =>
    json(
      assetsOf(world.markets).map((symbol) => ({
        symbol,
        displayName: symbol,
        coingeckoId: null,
        tokens: [],
      })),
    ));
  app.get("/api/v1/collateral", () =>
    json(
      assetsOf(world.markets).map((symbol) => {
        const isQuote = world.markets.some(({ quote }) => quote === symbol);
        const weight = isQuote ? "1" : ratio(COLLATERAL_WEIGHT);
        return {
          symbol,
          imfFunction: printMargin(),
          mmfFunction: printMargin(),
          haircutFunction: { weight, kind: { type: "identity" } },
        };
      }),
    ));
}

function addMarketRoutes(app: Hono, door: Door): void {
  const { world } = door;
  const print = (market: Market) => {
    const created = world.records.get(market.symbol)?.start ?? world.time;
    return printMarket(market, world.exchange.book(market.symbol).state, created);
  };
  app.get("/api/v1/markets", (context) => {
    const types = [
      ...context.req.queries("marketType") ?? [],
      ...context.req.queries("marketType[]") ?? [],
    ];
    const wanted = types.length === 0 ? ["SPOT", "PERP"] : types;
    const found = world.markets.filter(({ kind }) => wanted.includes(kind.toUpperCase()));
    return json(found.map(print));
  });
  app.get("/api/v1/market", (context) => json(print(door.query(context).market(door.marketOf))));
  app.get("/api/v1/depth", (context) => {
    const fields = door.query(context);
    const { symbol } = fields.market(door.marketOf);
    const limit = Number(fields.word("limit", "DepthLimit", depthLimits) ?? MOST_LEVELS);
    const book = world.exchange.book(symbol);
    const record = world.records.get(symbol);
    if (book.state === "Closed" || record === undefined) throw notFound();
    const bids = book.depth("bid", limit);
    const asks = book.depth("ask", limit);
    const { lastId } = record;
    return json(printDepth(record.market, { bids, asks, lastId, time: world.time }));
  });
}

function addPriceRoutes(app: Hono, door: Door): void {
  const { world } = door;
  const spanOf = (fields: Fields) =>
    fields.word("interval", "TickerInterval", ["1d", "1w"]) ?? "1d";
  app.get("/api/v1/ticker", (context) => {
    const fields = door.query(context);
    const { symbol } = fields.market(door.marketOf);
    const record = world.records.get(symbol);
    const ticker = record?.ticker(spanOf(fields), world.time);
    if (record === undefined || ticker === undefined) return new Response(null, { status: 204 });
    return json(printTicker(record.market, ticker));
  });
  app.get("/api/v1/tickers", (context) => {
    const span = spanOf(door.query(context));
    return json([...world.records.values()].flatMap((record) => {
      const ticker = record.ticker(span, world.time);
      return ticker === undefined ? [] : [printTicker(record.market, ticker)];
    }));
  });
  app.get("/api/v1/markPrices", (context) => {
    const fields = door.query(context);
    const symbol = fields.text("symbol");
    const isOpen = (one: string) => world.exchange.book(one).state !== "Closed";
    if (symbol !== undefined && !(door.marketOf(symbol) !== undefined && isOpen(symbol))) {
      throw badRequest("Symbol not found");
    }
    const type = fields.word("marketType", "MarketType", marketTypes) ?? "PERP";
    const wanted = [...world.records.values()].filter(({ market }) =>
      symbol === undefined
        ? market.kind.toUpperCase() === type && isOpen(market.symbol)
        : market.symbol === symbol
    );
    return json(wanted.flatMap((record) => {
      const mark = record.mark(world.exchange.book(record.market.symbol), world.time);
      return mark === undefined ? [] : [printMark(record.market, mark)];
    }));
  });
  app.get("/api/v1/openInterest", (context) => {
    const wanted = door.query(context).marketIfAny(door.marketOf);
    const perps = world.markets.filter((market) =>
      market.kind === "perp" && (wanted === undefined || wanted.symbol === market.symbol)
    );
    return json(perps.map((market) => ({
      symbol: market.symbol,
      openInterest: formatQuantity(market, world.openInterest(market.symbol)),
      timestamp: milliseconds(world.time),
    })));
  });
  app.get("/api/v1/fundingRates", (context) => {
    const fields = door.query(context);
    const symbol = fields.text("symbol") ?? fields.missing("symbol", "string");
    const limit = fields.limit(100, MOST_RATES);
    const record = world.records.get(symbol);
    const end = record?.nextFunding(world.time);
    if (record === undefined || end === undefined) return json([]);
    const running = { end, rate: record.fundingRate ?? 0 };
    const rates = [...record.rates, running].reverse().slice(fields.offset()).slice(0, limit);
    return json(rates.map(({ end, rate }) => ({
      symbol,
      intervalEndTimestamp: naive(end),
      fundingRate: ratio(rate),
    })));
  });
}

function addTradeRoutes(app: Hono, door: Door): void {
  const { world } = door;
  const trades = (fields: Fields, skip: number) => {
    const { symbol } = fields.market(door.marketOf);
    const limit = fields.limit(100, MOST_TRADES);
    const record = world.records.get(symbol);
    if (record === undefined) throw notFound();
    const rows = record.trades(limit, skip).map((trade) => printTrade(record.market, trade));
    return json(rows.reverse());
  };
  app.get("/api/v1/trades", (context) => trades(door.query(context), 0));
  app.get("/api/v1/trades/history", (context) => {
    door.takePast();
    const fields = door.query(context);
    return trades(fields, fields.offset());
  });
  app.get("/api/v1/klines", (context) => {
    door.takePast();
    const fields = door.query(context);
    const { symbol } = fields.market(door.marketOf);
    const interval = fields.neededWord("interval", "KlineInterval", intervals);
    const type = fields.word("priceType", "KlinePriceType", ["Last", "Index", "Mark"]);
    if (type === "Index" || type === "Mark") {
      throw new Refused(400, "NOT_IMPLEMENTED", "Only candles of last prices are kept");
    }
    const second = (name: string) => fields.whole(name, "integer_int64", 1e11);
    const from = second("startTime") ?? fields.missing("startTime", "integer_int64");
    const until = second("endTime") ?? Math.floor(world.time / SECOND) + 1;
    const record = world.records.get(symbol);
    if (record === undefined) throw notFound();
    const latest = Math.floor(world.time / SECOND) + 1;
    const bars = record.bars(interval, from, Math.min(until, latest), MOST_BARS);
    return json(bars.map((bar) => printBar(record.market, bar)));
  });
}

function assetsOf(markets: readonly Market[]): string[] {
  return [...new Set(markets.flatMap(({ base, quote }) => [base, quote]))];
}
