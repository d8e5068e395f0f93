// Every public request: where it goes, what it asks, and that the answer means what its reader says.

import assert from "node:assert/strict";
import type { Reply } from "../../lib/backpack/reply.ts";
import type { Rest } from "../../lib/backpack/rest.ts";
import { micros, SECOND } from "../../lib/core/units.ts";
import { marketOf, markets, plain } from "./examples.ts";
import { aLimiter, aRest, json, loopback, meaning, sample } from "./loopback.ts";

const sol = marketOf("SOL_USDC");
const perp = marketOf("SOL_USDC_PERP");
const page = { limit: 1000, offset: 2000 };
const from = micros(1_760_000_000 * SECOND + 1);

type Ask = (rest: Rest, signal?: AbortSignal) => Promise<Reply<unknown>>;

/** Name of the sample, request, route, query. */
const rows: readonly (readonly [string, Ask, string])[] = [
  ["status", (rest, signal) => rest.status(signal), "/api/v1/status"],
  ["market", (rest, signal) => rest.market(perp.symbol, signal), `/api/v1/market?${of(perp)}`],
  ["depth", (rest, signal) => rest.depth(sol, 1000, signal), `/api/v1/depth?${of(sol)}&limit=1000`],
  ["ticker", (rest, signal) => rest.ticker(sol, signal), `/api/v1/ticker?${of(sol)}`],
  ["tickers", (rest, signal) => rest.tickers(signal), "/api/v1/tickers"],
  ["trades", (rest, signal) => rest.trades(sol, 5, signal), `/api/v1/trades?${of(sol)}&limit=5`],
  [
    "trades",
    (rest, signal) => rest.tradeHistory(sol, page, signal),
    `/api/v1/trades/history?${of(sol)}&limit=1000&offset=2000`,
  ],
  [
    "klines",
    (rest, signal) =>
      rest.klines(sol, { interval: "1m", from, to: micros(from + 60 * SECOND) }, signal),
    `/api/v1/klines?${of(sol)}&interval=1m&startTime=1760000000&endTime=1760000061`,
  ],
  [
    "klines",
    (rest, signal) => rest.klines(sol, { interval: "1month", from }, signal),
    `/api/v1/klines?${of(sol)}&interval=1month&startTime=1760000000`,
  ],
  [
    "mark prices",
    (rest, signal) => rest.markPrices(perp, signal),
    `/api/v1/markPrices?${of(perp)}`,
  ],
  ["mark prices", (rest, signal) => rest.markPrices(undefined, signal), "/api/v1/markPrices"],
  [
    "funding rates",
    (rest, signal) => rest.fundingRates(perp, page, signal),
    `/api/v1/fundingRates?${of(perp)}&limit=1000&offset=2000`,
  ],
];

function of({ symbol }: { readonly symbol: string }): string {
  return `symbol=${symbol}`;
}

Deno.test("every public request goes where it should, unsigned, and is read", async () => {
  for (const [name, ask, address] of rows) {
    await using exchange = loopback(() => json(sample(name)));
    using rest = aRest(exchange.url);
    const reply = await ask(rest);
    assert.ok(reply.kind === "ok", `${address}: ${JSON.stringify(reply)}`);
    assert.deepEqual(plain(reply.value), meaning(name));
    const [asked] = exchange.asked;
    const search = asked?.search === "" ? "" : `?${asked?.search}`;
    assert.equal(`${asked?.route}${search}`, `GET ${address}`);
    assert.equal(asked?.headers.get("X-Signature"), null);
  }
});

Deno.test("every public request can be given up", async () => {
  await using exchange = loopback(() => json([]));
  using rest = aRest(exchange.url);
  const asks: readonly Ask[] = [
    ...rows.map(([, ask]) => ask),
    (rest, signal) => rest.time(signal),
    (rest, signal) => rest.ping(signal),
    (rest, signal) => rest.markets(signal),
    (rest, signal) => rest.warm(signal),
  ];
  for (const ask of asks) {
    const reply = await ask(rest, AbortSignal.abort());
    assert.deepEqual(reply, { kind: "failed", reason: "stopped before it was sent" });
  }
  assert.equal(exchange.asked.length, 0);
});

Deno.test("time and ping are plain text, and anything else there has failed", async () => {
  let text = "1788285151083";
  await using exchange = loopback(() => new Response(text));
  using rest = aRest(exchange.url);
  assert.deepEqual(await rest.time(), { kind: "ok", value: 1_788_285_151_083_000 });
  assert.equal((await rest.ping()).kind, "failed");
  text = "pong";
  assert.deepEqual(await rest.ping(), { kind: "ok", value: "pong" });
  assert.equal((await rest.time()).kind, "failed");
});

Deno.test("a list of markets names those it refuses", async () => {
  await using exchange = loopback(() =>
    json([sample("market"), { symbol: "X_PREDICTION", marketType: "PREDICTION" }])
  );
  using rest = aRest(exchange.url);
  const reply = await rest.markets();
  assert.ok(reply.kind === "ok");
  assert.deepEqual([...reply.value.markets.keys()], [perp.symbol]);
  assert.equal(reply.value.refused.length, 1);
});

Deno.test("a ticker without a body is nothing to tell, and a book without one has failed", async () => {
  await using exchange = loopback(() => new Response(null, { status: 204 }));
  using rest = aRest(exchange.url);
  assert.deepEqual(await rest.ticker(sol), { kind: "ok", value: undefined });
  assert.equal((await rest.depth(sol, 5)).kind, "failed");
});

Deno.test("an answer about another market has failed", async () => {
  await using exchange = loopback(({ route }) =>
    json(sample(route.endsWith("ticker") ? "ticker" : "market"))
  );
  using rest = aRest(exchange.url, { markets: () => markets });
  assert.equal((await rest.ticker(perp)).kind, "failed");
  assert.equal((await rest.market("SOL_USDC")).kind, "failed");
  assert.equal((await rest.market("SOL_USDC_PERP")).kind, "ok");
});

Deno.test("candles and past trades come from the budget for history", async () => {
  await using exchange = loopback(() => json([]));
  const limiter = aLimiter();
  using rest = aRest(exchange.url, { limiter });
  limiter.spend("history", 30);
  assert.equal((await rest.klines(sol, { interval: "1m", from })).kind, "limited");
  assert.equal((await rest.tradeHistory(sol, page)).kind, "limited");
  assert.equal((await rest.trades(sol, 100)).kind, "ok");
  assert.equal((await rest.fundingRates(perp, page)).kind, "ok");
  assert.equal(exchange.asked.length, 2);
});
