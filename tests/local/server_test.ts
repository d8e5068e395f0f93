// The server adds nothing and takes nothing away: commands over HTTP leave the same accounts as the
// same commands given to the engine, and no coin appears or is lost. Every reply of every route is
// what Backpack's specification says.

import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { Params } from "../../lib/backpack/sign.ts";
import { cashOf, lots, ticks } from "../../lib/core/units.ts";
import { Exchange } from "../../lib/exchange/exchange.ts";
import type { OrderRequest } from "../../lib/exchange/order.ts";
import { makeServer } from "../../lib/local/server.ts";
import { engineIdOf } from "../../lib/local/orders.ts";
import { sharedTest } from "../backpack/examples.ts";
import {
  aMarket,
  aMarketOrder,
  anOrder,
  COIN,
  PERP,
  Scene,
  ServedScene,
  SPOT,
  standing,
  type Trader,
} from "./scene.ts";
import { type Judge, judgeOf, type Route } from "./specification.ts";

const HOUR_MS = 3_600_000;

interface Act {
  readonly kind: "limit" | "market" | "spend" | "cancel" | "cancelAll";
  readonly who: 0 | 1;
  readonly symbol: string;
  readonly side: "bid" | "ask";
  readonly price: number;
  readonly quantity: number;
  readonly timeInForce: "GTC" | "IOC" | "FOK";
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
}

const acts = fc.array(
  fc.record<Act>({
    kind: fc.constantFrom("limit", "limit", "limit", "market", "spend", "cancel", "cancelAll"),
    who: fc.constantFrom(0, 1),
    symbol: fc.constantFrom(SPOT, PERP),
    side: fc.constantFrom("bid", "ask"),
    price: fc.integer({ min: 9_980, max: 10_020 }),
    quantity: fc.integer({ min: 1, max: 2_500 }),
    timeInForce: fc.constantFrom("GTC", "GTC", "IOC", "FOK"),
    postOnly: fc.boolean(),
    reduceOnly: fc.boolean(),
  }),
  { minLength: 1, maxLength: 25 },
);

function wireOf(act: Act): Params {
  const { kind, side, symbol, price, quantity, timeInForce, postOnly, reduceOnly } = act;
  const both = { symbol, side: side === "bid" ? "Bid" : "Ask", selfTradePrevention: "RejectBoth" };
  const coins = (whole: number) => (whole / 100).toFixed(2);
  if (kind === "limit") {
    const numbers = { price: coins(price), quantity: coins(quantity) };
    return { ...both, orderType: "Limit", ...numbers, timeInForce, postOnly, reduceOnly };
  }
  return kind === "market"
    ? { ...both, orderType: "Market", quantity: coins(quantity), reduceOnly }
    : { ...both, orderType: "Market", quoteQuantity: coins(quantity) };
}

function requestOf(act: Act): OrderRequest {
  const { kind, side, symbol, price, quantity, timeInForce, postOnly, reduceOnly } = act;
  const both = { symbol, side, selfTradePrevention: "RejectBoth", autoLendRedeem: false } as const;
  const rest = { ...both, timeInForce: "GTC", postOnly: false, reduceOnly: false } as const;
  if (kind === "limit") {
    const numbers = { price: ticks(price), quantity: lots(quantity) };
    return { ...both, type: "limit", ...numbers, timeInForce, postOnly, reduceOnly };
  }
  return kind === "market"
    ? { ...rest, type: "market", quantity: lots(quantity), reduceOnly }
    : { ...rest, type: "market", quoteQuantity: cashOf(quantity / 100) };
}

async function overHttp(list: readonly Act[]) {
  await using scene = new ServedScene();
  const traders = [scene.trader(), scene.trader()];
  const before = scene.world.exchange.totals();
  for (const act of list) {
    const trader = traders[act.who];
    if (trader === undefined) continue;
    const open = scene.world.openOrders(trader.account, act.symbol);
    if (act.kind === "cancel") {
      const orderId = open[0]?.id ?? "1";
      const params = { symbol: act.symbol, orderId };
      await scene.send(trader, "DELETE", "/api/v1/order", { instruction: "orderCancel", params });
    } else if (act.kind === "cancelAll") {
      const params = { symbol: act.symbol };
      await scene.send(trader, "DELETE", "/api/v1/orders", {
        instruction: "orderCancelAll",
        params,
      });
    } else await scene.place(trader, wireOf(act));
  }
  deepEqual(scene.world.exchange.totals().assets, before.assets);
  return stateOf(scene.world.exchange, traders.map(({ account }) => account.id));
}

function direct(list: readonly Act[]) {
  const { exchange, now } = quietExchange();
  const fees = { spot: { maker: 8, taker: 10 }, perp: { maker: 2, taker: 5 } };
  const ids = [0, 1].map(() =>
    exchange.openAccount({
      fees,
      leverage: 10,
      autoLend: false,
      balances: { USDC: 10_000 * COIN, SOL: 50 * COIN },
    })
  );
  for (const act of list) {
    const id = ids[act.who] ?? 1;
    if (act.kind === "cancel") {
      const [order] = exchange.openOrders(id, act.symbol);
      if (order !== undefined) exchange.cancel(id, order.id, now);
    } else if (act.kind === "cancelAll") exchange.cancelAll(id, act.symbol, now);
    else exchange.place(id, requestOf(act), now);
  }
  return stateOf(exchange, ids);
}

/** The book of the scene, put in by hand. */
function quietExchange() {
  const markets = [aMarket(SPOT), aMarket(PERP)];
  const exchange = new Exchange({ markets, fillModel: "queue", prints: "all" });
  const { now } = new Scene();
  for (const { symbol } of markets) {
    const crowd = exchange.crowd(symbol);
    for (const [kind, , price, quantity, askPrice = 0, askQuantity = 0] of standing) {
      if (kind === "bbo") crowd.crowdBest(price, quantity, askPrice, askQuantity, now);
      if (kind === "bidLevel") crowd.crowdLevel("bid", price, quantity, now);
      if (kind === "askLevel") crowd.crowdLevel("ask", askPrice, askQuantity, now);
      if (kind === "tradeBid") crowd.crowdTrade("bid", price, quantity, now);
    }
    exchange.setMark(symbol, ticks(9_997), ticks(9_997), now);
  }
  return { exchange, now };
}

function stateOf(exchange: Exchange, ids: readonly number[]) {
  return ids.map((id) => ({
    balances: ["USDC", "SOL"].map((asset) => exchange.balance(id, asset)),
    position: exchange.position(id, PERP),
    view: exchange.viewPosition(id, PERP),
    open: exchange.openOrders(id).map((order) => [order.side, order.limit, order.remaining]),
  }));
}

Deno.test("commands over HTTP leave the same accounts as the same commands to the engine", async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (list) => {
      deepEqual(await overHttp(list), direct(list));
    }),
    { numRuns: 25 },
  );
});

Deno.test("a request may be disturbed, and a socket is somebody else's business", async () => {
  const scene = new Scene();
  const answer = makeServer(scene.world, {
    upgrade: () => new Response("a socket"),
    disturb: async (request, proceed) => {
      await proceed();
      return new Response(`lost: ${new URL(request.url).pathname}`, { status: 502 });
    },
  });
  const socket = new Request("http://x/", { headers: { Upgrade: "WebSocket" } });
  equal(await (await answer(socket)).text(), "a socket");
  const lost = await answer(new Request("http://x/api/v1/time"));
  equal(await lost.text(), "lost: /api/v1/time");
});

Deno.test("order ids of the wire and of the engine are told apart", () => {
  equal(engineIdOf("10000000012"), 12);
  equal(engineIdOf("12"), 12 - 10_000_000_000);
  equal(engineIdOf("-1"), undefined);
  equal(engineIdOf("1e3"), undefined);
});

const publicRoutes: readonly Route[] = [
  { method: "get", path: "/api/v1/status" },
  { method: "get", path: "/api/v1/assets" },
  { method: "get", path: "/api/v1/collateral" },
  { method: "get", path: "/api/v1/markets" },
  { method: "get", path: "/api/v1/market", query: `symbol=${PERP}` },
  { method: "get", path: "/api/v1/market", query: `symbol=${SPOT}` },
  { method: "get", path: "/api/v1/ticker", query: `symbol=${PERP}` },
  { method: "get", path: "/api/v1/tickers", query: "interval=1w" },
  { method: "get", path: "/api/v1/depth", query: `symbol=${PERP}&limit=5` },
  { method: "get", path: "/api/v1/klines", query: `symbol=${PERP}&interval=1m&startTime=0` },
  { method: "get", path: "/api/v1/trades", query: `symbol=${PERP}` },
  { method: "get", path: "/api/v1/trades/history", query: `symbol=${PERP}&limit=5` },
  { method: "get", path: "/api/v1/markPrices" },
  { method: "get", path: "/api/v1/markPrices", query: `symbol=${SPOT}` },
  { method: "get", path: "/api/v1/openInterest" },
  { method: "get", path: "/api/v1/fundingRates", query: `symbol=${PERP}` },
];

const privateRoutes: readonly (Route & { readonly instruction: string })[] = [
  { method: "get", path: "/api/v1/account", instruction: "accountQuery" },
  {
    method: "get",
    path: "/api/v1/account/limits/order",
    query: `side=Bid&symbol=${PERP}`,
    instruction: "maxOrderQuantity",
  },
  { method: "get", path: "/api/v1/capital", instruction: "balanceQuery" },
  { method: "get", path: "/api/v1/capital/collateral", instruction: "collateralQuery" },
  { method: "get", path: "/api/v1/position", instruction: "positionQuery" },
  { method: "get", path: "/api/v1/orders", instruction: "orderQueryAll" },
  { method: "get", path: "/wapi/v1/history/orders", instruction: "orderHistoryQueryAll" },
  { method: "get", path: "/wapi/v1/history/fills", instruction: "fillHistoryQueryAll" },
  { method: "get", path: "/wapi/v1/history/funding", instruction: "fundingHistoryQueryAll" },
  { method: "get", path: "/wapi/v1/history/settlement", instruction: "settlementHistoryQueryAll" },
  { method: "get", path: "/wapi/v1/history/position", instruction: "positionHistoryQueryAll" },
];

sharedTest("every reply is what the specification says", "backpack/openapi.json", async (text) => {
  const judge = judgeOf(text);
  await using scene = new ServedScene();
  const trader = scene.trader();
  await trade(scene, trader, judge);
  for (const route of publicRoutes) {
    const query = route.query === undefined ? "" : `?${route.query}`;
    judge(route, await scene.get(`${route.path}${query}`));
  }
  for (const { instruction, ...route } of privateRoutes) {
    const params = Object.fromEntries(new URLSearchParams(route.query ?? ""));
    const reply = await scene.send(trader, "GET", route.path, { instruction, params });
    judge(route, reply);
    ok(reply.json.length !== 0, `${route.path} has nothing to show`);
  }
});

sharedTest("a refusal is what the specification says", "backpack/openapi.json", async (text) => {
  const judge = judgeOf(text);
  await using scene = new ServedScene();
  const route: Route = { method: "get", path: "/api/v1/depth" };
  const reply = await scene.get(`${route.path}?symbol=NO_SUCH`);
  equal(reply.status, 400);
  judge(route, reply);
});

/** Makes something of everything there is to show. */
async function trade(scene: ServedScene, trader: Trader, judge: Judge): Promise<void> {
  const other = scene.trader();
  const order: Route = { method: "post", path: "/api/v1/order" };
  judge(order, await scene.place(trader, aMarketOrder({ quantity: "3", clientId: 7 })));
  judge(order, await scene.place(trader, aMarketOrder({ symbol: SPOT, quantity: "0.5" })));
  judge(order, await scene.place(trader, anOrder({ clientId: 8 })));
  const waiting = { orderType: "Market", triggerPrice: "90", triggerQuantity: "50%", side: "Ask" };
  judge(order, await scene.place(trader, { symbol: PERP, ...waiting }));
  const batch = [anOrder({ price: "98" }), anOrder({ quantity: "100000" })];
  const placed = await scene.send(trader, "POST", "/api/v1/orders", {
    instruction: "orderExecute",
    params: batch,
  });
  judge({ method: "post", path: "/api/v1/orders" }, placed);
  deepEqual(placed.json.map((one: { operation: string }) => one.operation), ["Ok", "Err"]);
  await scene.place(other, aMarketOrder({ side: "Ask", quantity: "1" }));
  scene.pass(HOUR_MS);
  judge(order, await scene.place(trader, aMarketOrder({ side: "Ask", quantity: "1" })));
  const found = await scene.send(trader, "GET", "/api/v1/order", {
    instruction: "orderQuery",
    params: { clientId: 8, symbol: PERP },
  });
  judge({ method: "get", path: "/api/v1/order" }, found);
  const cancelled = await scene.send(trader, "DELETE", "/api/v1/order", {
    instruction: "orderCancel",
    params: { orderId: found.json.id, symbol: PERP },
  });
  judge({ method: "delete", path: "/api/v1/order" }, cancelled);
  equal(cancelled.json.status, "Cancelled");
  const all = await scene.send(trader, "DELETE", "/api/v1/orders", {
    instruction: "orderCancelAll",
    params: { symbol: PERP, orderType: "RestingLimitOrder" },
  });
  judge({ method: "delete", path: "/api/v1/orders" }, all);
  equal(all.json.length, 1);
}
