// Someone else's client trades on the local exchange: ccxt's Backpack class as it comes from npm,
// with nothing changed but the addresses. Whatever it cannot read or will not send is our mistake.

import { equal, ok, rejects } from "node:assert/strict";
import { pro } from "ccxt";
import { keyPair } from "../../lib/backpack/sign.ts";
import { COIN } from "../../lib/core/units.ts";
import { findMarket } from "../../lib/data/markets.ts";
import { parseFaults } from "../../lib/local/faults.ts";
import { openExchange } from "../../lib/local/open.ts";

const SPOT = "SOL/USDC";
const PERP = "SOL/USDC:USDC";

Deno.test("peers: ccxt finds its way around the markets", async () => {
  await using scene = aScene();
  const { client } = scene;
  const markets = await client.loadMarkets();
  equal(markets[SPOT]?.spot, true);
  equal(markets[PERP]?.swap, true);
  equal(markets[PERP]?.precision.price, 0.01);
  const book = await client.fetchOrderBook(SPOT, 20);
  const [bid] = book.bids[0] ?? [];
  const [ask] = book.asks[0] ?? [];
  ok(bid !== undefined && ask !== undefined && bid < ask, `${bid} ${ask}`);
  ok(book.bids.length > 3 && Number(book.bids[1]?.[0]) < bid, "bids come best first");
  const ticker = await client.fetchTicker(SPOT);
  ok(Number(ticker.last) > 0 && Number(ticker.high) >= Number(ticker.low));
  const trades = await client.fetchTrades(SPOT, undefined, 10);
  ok(
    trades.length === 10 && trades.every(({ price, amount }) => Number(price) * Number(amount) > 0),
  );
  const candles = await client.fetchOHLCV(SPOT, "1m", Date.now() - 20 * 60_000);
  ok(candles.length >= 4, `${candles.length} candles`);
  const times = candles.map(([time]) => Number(time));
  ok(times.every((time, i) => i === 0 || time === Number(times[i - 1]) + 60_000));
  ok(Math.abs(Number(await client.fetchTime()) - Date.now()) < 1_000);
  equal((await client.fetchStatus()).status, "ok");
  ok(Number((await client.fetchFundingRate(PERP)).markPrice) > 0);
});

Deno.test("peers: ccxt trades on spot, and its books agree with the exchange's", async () => {
  await using scene = aScene();
  const { client } = scene;
  const before = await client.fetchBalance();
  equal(before["USDC"]?.free, 10_000);
  equal(before["SOL"]?.free, 50);
  const { bids, asks } = await client.fetchOrderBook(SPOT, 5);
  const [bestBid, bestAsk] = [Number(bids[0]?.[0]), Number(asks[0]?.[0])];

  const resting = await client.createOrder(SPOT, "limit", "buy", 0.5, price(bestBid * 0.98));
  const id = idOf(resting);
  equal((await client.fetchOpenOrders(SPOT)).map(idOf).join(), id);
  equal((await client.fetchOpenOrder(id, SPOT)).amount, 0.5);
  const held = await client.fetchBalance();
  ok(Number(held["USDC"]?.used) > 0, "a resting bid holds its money");
  equal((await client.cancelOrder(id, SPOT)).id, id);
  equal((await client.fetchOpenOrders(SPOT)).length, 0);
  equal((await client.fetchBalance())["USDC"]?.free, 10_000);

  const bought = await client.createOrder(SPOT, "market", "buy", 0.3);
  equal([bought.status, bought.filled].join(), "closed,0.3");
  const taken = await client.createOrder(SPOT, "limit", "sell", 0.2, price(bestBid * 0.98));
  equal(taken.status, "closed");
  const mine = await client.fetchMyTrades(SPOT);
  const sum = (side: string) =>
    mine.filter((trade) => trade.side === side).reduce(
      (all, { amount }) => all + Number(amount),
      0,
    );
  equal([sum("buy").toFixed(2), sum("sell").toFixed(2)].join(), "0.30,0.20");
  const after = await client.fetchBalance();
  const fees = mine.filter(({ fee }) => fee?.currency === "SOL")
    .reduce((all, { fee }) => all + Number(fee?.cost), 0);
  equal(Number(after["SOL"]?.total).toFixed(8), (50.1 - fees).toFixed(8));

  await client.createOrders([1, 2, 3].map((step) => ({
    symbol: SPOT,
    type: "limit" as const,
    side: "sell" as const,
    amount: 0.1,
    price: price(bestAsk * (1.01 + step / 1_000)),
    params: { postOnly: true, clientOrderId: step },
  })));
  equal((await client.fetchOpenOrders(SPOT)).length, 3);
  equal((await client.cancelAllOrders(SPOT)).length, 3);
  equal((await client.fetchOpenOrders(SPOT)).length, 0);
});

Deno.test("peers: ccxt opens and closes a position", async () => {
  await using scene = aScene();
  const { client } = scene;
  equal((await client.fetchPositions()).length, 0);
  await client.createOrder(PERP, "market", "sell", 0.7);
  const [short, ...more] = await client.fetchPositions();
  equal([short?.symbol, short?.side, short?.contracts, more.length].join(), `${PERP},short,0.7,0`);
  await client.createOrder(PERP, "market", "buy", 0.7, undefined, { reduceOnly: true });
  equal((await client.fetchPositions()).length, 0);
  equal((await client.fetchMyTrades(PERP)).length >= 2, true);
});

Deno.test("peers: ccxt understands why it is refused", async () => {
  await using scene = aScene();
  const { client } = scene;
  const { bids, asks } = await client.fetchOrderBook(SPOT, 5);
  const [bestBid, bestAsk] = [Number(bids[0]?.[0]), Number(asks[0]?.[0])];
  const far = client.createOrder(SPOT, "limit", "buy", 1, price(bestBid * 0.1));
  await rejects(far, /INVALID_PRICE/);
  const rich = client.createOrder(SPOT, "limit", "buy", 900, price(bestBid * 0.99));
  await rejects(rich, { name: "InsufficientFunds" });
  const taking = client.createOrder(SPOT, "limit", "buy", 1, price(bestAsk * 1.005), {
    postOnly: true,
  });
  await rejects(taking, /immediately match/);
  const stranger = scene.stranger();
  await rejects(stranger.fetchBalance(), /UNAUTHORIZED|Invalid signature/);
  await stranger.close();
});

Deno.test("peers: ccxt hears the markets", async () => {
  await using scene = aScene();
  const { client } = scene;
  const [book, ticker, trades] = await Promise.all([
    client.watchOrderBook(SPOT),
    client.watchTicker(SPOT),
    client.watchTrades(SPOT),
  ]);
  ok(Number(book.bids[0]?.[0]) < Number(book.asks[0]?.[0]), "the book is not crossed");
  ok(Number(ticker.last) > 0);
  ok(Number(trades[0]?.price) > 0 && ["buy", "sell"].includes(String(trades[0]?.side)));
  for (let i = 0; i < 20; i++) {
    const { bids, asks } = await client.watchOrderBook(SPOT);
    ok(Number(bids[0]?.[0]) < Number(asks[0]?.[0]), "nor later");
  }
  const bars = await client.watchOHLCV(SPOT, "1m");
  ok(Number(bars[0]?.[4]) > 0);
});

Deno.test("peers: ccxt hears of its own orders and positions", async () => {
  await using scene = aScene();
  const { client } = scene;
  const { bids } = await client.fetchOrderBook(PERP, 5);
  const away = price(Number(bids[0]?.[0]) * 0.97);
  const place = async () => idOf(await client.createOrder(PERP, "limit", "buy", 0.5, away));
  const [opened] = await heard(client.watchOrders(PERP), async () => void await place());
  equal([opened?.status, opened?.side, opened?.price].join(), `open,buy,${away}`);
  const told = new Set<string>();
  for (let tries = 0; !told.has("canceled") && tries < 20; tries++) {
    const orders = await heard(client.watchOrders(PERP), async () => {
      await client.cancelOrder(await place(), PERP);
    });
    for (const { status } of orders) told.add(String(status));
  }
  ok(told.has("canceled"));
  const positions = await heard(client.watchPositions([PERP]), async () => {
    await client.createOrder(PERP, "market", "buy", 0.1);
  });
  equal(positions[0]?.side, "long");
});

/** Waits for `news`, and makes some until it comes: a subscription is not acknowledged. */
async function heard<T>(news: Promise<T>, act: () => Promise<void>): Promise<T> {
  let isHeard = false;
  const done = news.finally(() => isHeard = true);
  for (let tries = 0; !isHeard && tries < 30; tries++) await act();
  return await done;
}

function idOf({ id }: { readonly id?: string | undefined }): string {
  ok(id !== undefined, "an order without an id");
  return id;
}

function price(value: number): number {
  return Math.round(value * 100) / 100;
}

/** An exchange of its own for one test, and ccxt with a key of it. */
function aScene() {
  const stop = new AbortController();
  const { secret, publicKey } = keyPair();
  const exchange = openExchange({
    markets: ["SOL_USDC", "SOL_USDC_PERP"].flatMap((symbol) => findMarket(symbol) ?? []),
    seed: 5,
    // Busy enough that no stream makes a test wait.
    synth: { quotesPerSecond: 60, tradesPerSecond: 20 },
    pastSec: 300,
    accounts: [{ publicKey, balances: { USDC: 10_000 * COIN, SOL: 50 * COIN } }],
    faults: parseFaults(""),
    postOnlyReply: "error",
    limits: "on",
    speed: 1,
    port: 0,
    stop: stop.signal,
  });
  const { url, ws } = exchange;
  const urls = { api: { public: url, private: url, ws: { public: ws, private: ws } } };
  const clientOf = (key: string, seed: string) =>
    new pro.backpack({ apiKey: key, secret: seed, urls, enableRateLimit: false });
  const client = clientOf(publicKey, secret);
  return {
    client,
    exchange,
    stranger() {
      const other = keyPair();
      return clientOf(other.publicKey, other.secret);
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      stop.abort();
      await exchange.shut;
    },
  };
}
