// Every private query: what it asks, under which signature, and that an answer meant for somebody
// else is not taken.

import assert from "node:assert/strict";
import type { Reply } from "../../lib/backpack/reply.ts";
import type { Rest } from "../../lib/backpack/rest.ts";
import { micros } from "../../lib/core/units.ts";
import { marketOf, plain } from "./examples.ts";
import { aRest, json, loopback, meaning, refusal, sample } from "./loopback.ts";

const sol = marketOf("SOL_USDC");
const perp = marketOf("SOL_USDC_PERP");
const page = { limit: 1000, offset: 0 };

type Ask = (rest: Rest, signal?: AbortSignal) => Promise<Reply<unknown>>;

/** Name of the sample, request, route and query, instruction. */
const rows: readonly (readonly [string, Ask, string, string])[] = [
  ["account", (rest, signal) => rest.account(signal), "/api/v1/account", "accountQuery"],
  ["capital", (rest, signal) => rest.capital(signal), "/api/v1/capital", "balanceQuery"],
  [
    "collateral",
    (rest, signal) => rest.collateral(signal),
    "/api/v1/capital/collateral",
    "collateralQuery",
  ],
  [
    "positions",
    (rest, signal) => rest.positions(perp, signal),
    "/api/v1/position?symbol=SOL_USDC_PERP",
    "positionQuery",
  ],
  [
    "positions",
    (rest, signal) => rest.positions(undefined, signal),
    "/api/v1/position",
    "positionQuery",
  ],
  [
    "orders",
    (rest, signal) => rest.openOrders(perp, signal),
    "/api/v1/orders?symbol=SOL_USDC_PERP",
    "orderQueryAll",
  ],
  [
    "order",
    (rest, signal) => rest.order(perp, { clientId: 2147483650 }, signal),
    "/api/v1/order?symbol=SOL_USDC_PERP&clientId=2147483650",
    "orderQuery",
  ],
  [
    "order",
    (rest, signal) => rest.order(perp, { orderId: "59669287267" }, signal),
    "/api/v1/order?symbol=SOL_USDC_PERP&orderId=59669287267",
    "orderQuery",
  ],
  [
    "order history",
    (rest, signal) => rest.orderHistory(sol, { ...page, orderId: "5" }, signal),
    "/wapi/v1/history/orders?symbol=SOL_USDC&orderId=5&limit=1000&offset=0&sortDirection=Desc",
    "orderHistoryQueryAll",
  ],
  [
    "fills",
    (rest, signal) => rest.fills(sol, { ...page, from: micros(1_760_000_000_123_999) }, signal),
    "/wapi/v1/history/fills?symbol=SOL_USDC&from=1760000000123&limit=1000&offset=0&sortDirection=Desc",
    "fillHistoryQueryAll",
  ],
  [
    "fills",
    (rest, signal) => rest.fills(sol, { limit: 5, offset: 10, orderId: "7" }, signal),
    "/wapi/v1/history/fills?symbol=SOL_USDC&orderId=7&limit=5&offset=10&sortDirection=Desc",
    "fillHistoryQueryAll",
  ],
  [
    "funding history",
    (rest, signal) => rest.funding(perp, page, signal),
    "/wapi/v1/history/funding?symbol=SOL_USDC_PERP&limit=1000&offset=0&sortDirection=Desc",
    "fundingHistoryQueryAll",
  ],
];

Deno.test("every private query is signed under its own name, and is read", async () => {
  for (const [name, ask, address, instruction] of rows) {
    await using exchange = loopback(() => json(sample(name)));
    using rest = aRest(exchange.url);
    const reply = await ask(rest);
    assert.ok(reply.kind === "ok", `${address}: ${JSON.stringify(reply)}`);
    assert.deepEqual(plain(reply.value), meaning(name));
    const [asked] = exchange.asked;
    const search = asked?.search === "" ? "" : `?${asked?.search}`;
    assert.equal(`${asked?.route}${search}`, `GET ${address}`);
    assert.deepEqual(asked?.signed, { instruction, windowMs: 5000 });
  }
});

Deno.test("every private query can be given up", async () => {
  await using exchange = loopback(() => json([]));
  using rest = aRest(exchange.url);
  for (const [, ask] of rows) {
    assert.equal((await ask(rest, AbortSignal.abort())).kind, "failed");
  }
  assert.equal(exchange.asked.length, 0);
});

Deno.test("rows of another market, and another order, have failed", async () => {
  await using exchange = loopback(({ route }) => {
    if (route.endsWith("/order")) return json(sample("order"));
    return json(sample(route.endsWith("fills") ? "fills" : "orders"));
  });
  using rest = aRest(exchange.url);
  assert.equal((await rest.openOrders(sol)).kind, "failed");
  assert.equal((await rest.fills(perp, page)).kind, "failed");
  assert.equal((await rest.order(perp, { clientId: 1 })).kind, "failed");
  assert.equal((await rest.order(perp, { orderId: "2147483650" })).kind, "failed");
  assert.equal((await rest.order(sol, { clientId: 2147483650 })).kind, "failed");
});

Deno.test("an order that is not open is refused by name", async () => {
  await using exchange = loopback(() => refusal(404, "RESOURCE_NOT_FOUND", "Not Found"));
  using rest = aRest(exchange.url);
  assert.deepEqual(await rest.order(perp, { clientId: 1 }), {
    kind: "refused",
    status: 404,
    refusal: { code: "RESOURCE_NOT_FOUND", message: "Not Found" },
  });
});

Deno.test("no position in a market is an empty list or a 404, and no other answer is flat", async () => {
  let answer = () => json([]);
  await using exchange = loopback(() => answer());
  using rest = aRest(exchange.url);
  const flat = { kind: "ok", value: [] };
  assert.deepEqual(await rest.positions(perp), flat);
  answer = () => refusal(404, "RESOURCE_NOT_FOUND", "Not Found");
  assert.deepEqual(await rest.positions(perp), flat);
  assert.equal((await rest.positions()).kind, "refused");
  answer = () => new Response("not found", { status: 404 });
  assert.equal((await rest.positions(perp)).kind, "refused");
  answer = () => refusal(400, "INVALID_CLIENT_REQUEST", "Invalid market symbol");
  assert.equal((await rest.positions(perp)).kind, "refused");
  answer = () => new Response("", { status: 404 });
  assert.equal((await rest.positions(perp)).kind, "refused");
});
