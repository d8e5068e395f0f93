// The public routes: what our own readers understand of them is what the engine knows.

import { deepEqual, equal, ok } from "node:assert/strict";
import {
  readDepth,
  readFundingRates,
  readMarkPrices,
  readStatus,
  readTime,
  readTrades,
} from "../../lib/backpack/wire_public.ts";
import { readMarkets } from "../../lib/backpack/wire_market.ts";
import { SECOND } from "../../lib/core/units.ts";
import { aMarket, NOON, PERP, ServedScene, SPOT, type TapeRow } from "./scene.ts";

const rows: readonly TapeRow[] = [
  ["bbo", 0, 9_995, 1_000, 10_000, 1_000],
  ["bidLevel", 0, 9_994, 2_000],
  ["tradeBid", 10, 10_000, 1],
  ["bbo", 10, 9_995, 1_000, 10_000, 999],
  ["tradeAsk", 30 * SECOND, 9_995, 3],
  ["tradeBid", 95 * SECOND, 10_000, 2],
];

Deno.test("markets come back as they were defined", async () => {
  await using scene = new ServedScene();
  const { markets, refused } = readMarkets((await scene.get("/api/v1/markets")).text);
  deepEqual(refused, []);
  deepEqual(markets.get(PERP), aMarket(PERP));
  deepEqual(markets.get(SPOT), aMarket(SPOT));
  equal((await scene.get("/api/v1/markets?marketType=SPOT")).json.length, 1);
  equal((await scene.get("/api/v1/markets?marketType=SPOT&marketType=PERP")).json.length, 2);
});

Deno.test("depth holds the best levels, both sides ascending", async () => {
  await using scene = new ServedScene({ rows });
  const reply = await scene.get(`/api/v1/depth?symbol=${PERP}`);
  deepEqual(reply.json.bids, [["99.94", "20"], ["99.95", "10"]]);
  deepEqual(reply.json.asks, [["100", "9.99"]]);
  const { lastId, time } = readDepth(reply.text, aMarket(PERP));
  equal(lastId, scene.world.records.get(PERP)?.lastId);
  equal(time, scene.now);
});

Deno.test("limit keeps the best levels", async () => {
  const levels = Array.from({ length: 9 }, (_, i): TapeRow => ["bidLevel", 0, 9_990 - i, 1]);
  await using scene = new ServedScene({ rows: [...rows.slice(0, 2), ...levels] });
  const reply = await scene.get(`/api/v1/depth?symbol=${PERP}&limit=5`);
  deepEqual(reply.json.bids.map(([price]: string[]) => price), [
    ...["99.88", "99.89", "99.9", "99.94", "99.95"],
  ]);
});

Deno.test("the past is there: trades newest first, candles oldest first, a ticker", async () => {
  await using scene = new ServedScene({ rows });
  scene.pass(120_000);
  const trades = readTrades((await scene.get(`/api/v1/trades?symbol=${PERP}`)).text, aMarket(PERP));
  deepEqual(trades.map(({ tradeId, price, aggressor }) => [tradeId, price, aggressor]), [
    [3, 10_000, "bid"],
    [2, 9_995, "ask"],
    [1, 10_000, "bid"],
  ]);
  const older = await scene.get(`/api/v1/trades/history?symbol=${PERP}&limit=1&offset=1`);
  deepEqual(older.json.map(({ id }: { id: number }) => id), [2]);
  const from = NOON / SECOND;
  const candles = await scene.get(
    `/api/v1/klines?symbol=${PERP}&interval=1m&startTime=${from}&endTime=${from + 120}`,
  );
  deepEqual(candles.json, [
    {
      ...{ start: "2026-09-06 12:00:00", end: "2026-09-06 12:01:00" },
      ...{ open: "100", high: "100", low: "99.95", close: "99.95" },
      ...{ volume: "0.04", quoteVolume: "3.9985", trades: "2" },
    },
    {
      ...{ start: "2026-09-06 12:01:00", end: "2026-09-06 12:02:00" },
      ...{ open: "100", high: "100", low: "100", close: "100" },
      ...{ volume: "0.02", quoteVolume: "2", trades: "1" },
    },
  ]);
  const ticker = await scene.get(`/api/v1/ticker?symbol=${PERP}`);
  deepEqual(ticker.json, {
    symbol: PERP,
    ...{ firstPrice: "100", lastPrice: "100", priceChange: "0", priceChangePercent: "0" },
    ...{ high: "100", low: "99.95", volume: "0.06", quoteVolume: "5.9985", trades: "3" },
  });
});

Deno.test("a market without a trade has no ticker", async () => {
  await using scene = new ServedScene({ rows: rows.slice(0, 2) });
  const reply = await scene.get(`/api/v1/ticker?symbol=${PERP}`);
  equal(reply.status, 204);
  equal(reply.text, "");
  deepEqual((await scene.get("/api/v1/tickers")).json, []);
});

Deno.test("marks are of open perps unless somebody asks for another market", async () => {
  await using scene = new ServedScene({ rows });
  const markets = new Map([[PERP, aMarket(PERP)], [SPOT, aMarket(SPOT)]]);
  const [mark, ...others] = readMarkPrices((await scene.get("/api/v1/markPrices")).text, markets);
  deepEqual(others, []);
  equal(mark?.price, 9_997);
  equal(mark?.nextFundingAt, NOON + 3_600 * SECOND);
  const spot = await scene.get(`/api/v1/markPrices?symbol=${SPOT}`);
  deepEqual(spot.json, [{ symbol: SPOT, markPrice: "99.97" }]);
  scene.world.setState(PERP, "Closed");
  deepEqual((await scene.get("/api/v1/markPrices")).json, []);
});

Deno.test("funding rates are newest first, the running interval before all", async () => {
  await using scene = new ServedScene({ rows });
  scene.pass(3_600_000);
  const reply = await scene.get(`/api/v1/fundingRates?symbol=${PERP}`);
  const hours = readFundingRates(reply.text).map(({ time }) => (time - NOON) / SECOND / 3_600);
  deepEqual(hours, [2, 1]);
  deepEqual((await scene.get("/api/v1/fundingRates?symbol=NO_SUCH")).json, []);
});

Deno.test("the exchange tells its time and that it is well", async () => {
  await using scene = new ServedScene();
  equal(readTime((await scene.get("/api/v1/time")).text), scene.now);
  equal(readStatus((await scene.get("/api/v1/status")).text).state, "Ok");
  equal((await scene.get("/api/v1/ping")).text, "pong");
});

Deno.test("open interest is what all longs hold", async () => {
  await using scene = new ServedScene();
  const [long, short] = [scene.trader(), scene.trader()];
  const order = { symbol: PERP, orderType: "Market" };
  await scene.place(long, { ...order, side: "Bid", quantity: "3" });
  await scene.place(short, { ...order, side: "Ask", quantity: "1" });
  const reply = await scene.get("/api/v1/openInterest");
  ok(reply.json.length === 1);
  equal(reply.json[0].openInterest, "3");
});
