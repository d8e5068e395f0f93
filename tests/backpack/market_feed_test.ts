// The market by socket and without it, and a book that is never older than it seems.

import assert from "node:assert/strict";
import type { MarketEvent } from "../../lib/core/event.ts";
import type { Observation } from "../../lib/core/strategy.ts";
import { lots, micros, ticks } from "../../lib/core/units.ts";
import { MarketFeed, streamsOf } from "../../lib/backpack/market_feed.ts";
import type { PublicEvent } from "../../lib/backpack/wire_stream.ts";
import { level, START } from "../support/core.ts";
import { at, market } from "./orders.ts";
import { aBook, ManualWall, ScriptedExchange } from "./scripted.ts";

const { signal } = new AbortController();

function feed(wants: readonly Observation["kind"][] = ["trade", "bar"]) {
  const wall = new ManualWall();
  const exchange = new ScriptedExchange(wall);
  const told: MarketEvent[] = [];
  const silences: string[] = [];
  const made = new MarketFeed({
    market,
    rest: exchange.rest,
    wants: new Set(wants),
    staleMs: 5_000,
    localMs: wall.localMs,
    now: wall.now,
    tell: (event) => told.push(event),
    onNotice: () => {},
    onSilence: (reason) => silences.push(reason),
  });
  return { feed: made, wall, exchange, told, silences, kinds: () => told.map(({ kind }) => kind) };
}

function frame(firstId: number, lastId: number): PublicEvent {
  return { kind: "depth", market, time: START, firstId, lastId, bids: [level(1, 1)], asks: [] };
}

const trade = (tradeId: number | undefined, ms = 0) => ({
  tradeId,
  time: at(ms),
  price: ticks(10_000),
  quantity: lots(1),
  aggressor: "ask" as const,
});

Deno.test("which streams are listened to", () => {
  const [depth, mark, ticker] = ["depth", "markPrice", "ticker"].map((kind) =>
    `${kind}.SOL_USDC_PERP`
  );
  assert.deepEqual(streamsOf(market, new Set()), [depth, mark, ticker]);
  assert.deepEqual(streamsOf(market, new Set(["trade", "bar"])), [
    ...[depth, mark, ticker],
    ...["trade.SOL_USDC_PERP", "kline.1m.SOL_USDC_PERP"],
  ]);
});

Deno.test("in a market where nothing moves the book is there all the same", async () => {
  const { feed: made, told, exchange } = feed();
  made.up();
  await made.poll(signal);
  await made.poll(signal);
  assert.equal(made.isLive, false);
  assert.equal(told.filter((event) => event.kind === "depth" && event.snapshot).length, 2);
  made.take(frame(100, 101));
  assert.equal(made.isLive, true);
  assert.deepEqual(told.at(-1)?.kind === "depth" && told.at(-1), {
    kind: "depth",
    time: START,
    bids: [level(1, 1)],
    asks: [],
    snapshot: false,
  });
  const asked = exchange.calls.length;
  await made.poll(signal);
  assert.equal(exchange.calls.length, asked);
});

Deno.test("a reply that comes after the socket has taken over is not believed", async () => {
  const { feed: made, told } = feed();
  const late = made.poll(signal);
  made.up();
  await late;
  told.length = 0;
  const later = made.poll(signal);
  made.take(frame(100, 101));
  assert.equal(made.isLive, true);
  const known = told.length;
  await later;
  assert.equal(told.length, known);
});

Deno.test("without a socket each trade is told once, and none from before", async () => {
  const { feed: made, exchange, kinds, told } = feed();
  exchange.marks = [{
    market,
    price: ticks(10_003),
    indexPrice: undefined,
    fundingRate: 0.0001,
    nextFundingAt: undefined,
  }];
  exchange.trades = [trade(1), trade(undefined, -3)];
  await made.poll(signal);
  assert.deepEqual(kinds().filter((kind) => kind === "trade"), []);
  exchange.trades = [trade(3, 2), trade(2, 1), trade(undefined, 3), trade(1)];
  await made.poll(signal);
  await made.poll(signal);
  assert.equal(kinds().filter((kind) => kind === "trade").length, 3);
  const mark = told.find(({ kind }) => kind === "mark");
  assert.deepEqual(mark, { kind: "mark", time: START, price: 10_003, fundingRate: 0.0001 });
});

Deno.test("bars are told when they close, and not without prices", () => {
  const { feed: made, told } = feed();
  const price = ticks(10_000);
  const bar = {
    start: START,
    end: micros(START + 60_000_000),
    prices: { open: price, high: price, low: price, close: price },
    volume: lots(7),
    trades: 2,
  };
  made.take({ kind: "bar", market, time: START, bar, closed: false });
  made.take({ kind: "bar", market, time: START, bar: { ...bar, prices: undefined }, closed: true });
  assert.deepEqual(told, []);
  made.take({ kind: "bar", market, time: START, bar, closed: true });
  assert.deepEqual(told, [{ kind: "bar", time: START, barSec: 60, ...bar.prices, volume: 7 }]);
});

Deno.test("kinds nobody wants are not told", () => {
  const { feed: made, told } = feed([]);
  made.take({ kind: "trade", market, ...trade(1), tradeId: 1 });
  assert.deepEqual(told, []);
});

Deno.test("a book that stands still while the exchange's goes on is a silent stream", async () => {
  const { feed: made, exchange, silences } = feed();
  made.up();
  made.take(frame(100, 101));
  await made.poll(signal);
  assert.equal(made.isLive, true);
  exchange.book = aBook(105);
  await made.check(signal);
  assert.deepEqual(silences, [], "the frames may be on their way");
  made.take(frame(102, 105));
  await made.check(signal);
  assert.deepEqual(silences, []);
  exchange.book = aBook(110);
  await made.check(signal);
  await made.check(signal);
  assert.deepEqual(silences, ["the book stopped at 105 and the exchange was at 110"]);
  assert.equal(made.isLive, false);
});

Deno.test("a book without a socket is taken away when it is too old, once", async () => {
  const { feed: made, wall, told } = feed();
  await made.poll(signal);
  await wall.advance(5_000);
  made.expire();
  assert.equal(told.length, 1);
  await wall.advance(1);
  made.expire();
  made.expire();
  assert.equal(told.length, 2);
  assert.deepEqual(told[1], {
    kind: "depth",
    time: wall.now(),
    bids: [],
    asks: [],
    snapshot: true,
  });
});
