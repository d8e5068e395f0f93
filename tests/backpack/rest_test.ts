// Commands: what leaves, how often, and what may be believed of what comes back. An order is placed
// or certainly not placed or in doubt, and every way to fail is tried for which of the three it is.

import assert from "node:assert/strict";
import type { Reply } from "../../lib/backpack/reply.ts";
import { MOST_IN_BATCH, type Rest } from "../../lib/backpack/rest.ts";
import { pages } from "../../lib/backpack/pages.ts";
import { ServerClock } from "../../lib/backpack/server_clock.ts";
import type { Place } from "../../lib/backpack/wire_print.ts";
import { lots, micros, ticks } from "../../lib/core/units.ts";
import { marketOf } from "./examples.ts";
import { aRest, type Asked, json, loopback, NOW_MS, rawHost, refusal } from "./loopback.ts";
import { order as aRow, pastFill } from "./samples.ts";

const perp = marketOf("SOL_USDC_PERP");
const sol = marketOf("SOL_USDC");

function aPlace(id: number): Place {
  const side = id % 2 === 0 ? "bid" : "ask";
  return {
    id,
    side,
    price: ticks(10_000),
    quantity: lots(5),
    role: "maker",
    reduceOnly: false,
  };
}

/** Takes every order and cancels what it is told to. */
function obliging({ route, body }: Asked): Response {
  if (route === "GET /api/v1/ping") return new Response("pong");
  const row = (wanted: object) => ({ ...aRow, ...wanted, createdAt: NOW_MS });
  const wanted: unknown = JSON.parse(body);
  if (Array.isArray(wanted)) return json(wanted.map((one) => ({ operation: "Ok", ...row(one) })));
  if (route === "DELETE /api/v1/orders") return json([aRow]);
  assert.ok(typeof wanted === "object" && wanted !== null);
  if (!("orderId" in wanted)) return json(row(wanted));
  return json(row({ id: wanted.orderId }));
}

const placeOne = (rest: Rest) => rest.place(perp, [aPlace(7)]);
const placeTwo = (rest: Rest) => rest.place(perp, [aPlace(7), aPlace(8)]);
const placeStop = (rest: Rest) =>
  rest.placeTrigger(perp, { id: 7, side: "ask", price: ticks(9_000), quantity: lots(5) });
const cancelOne = (rest: Rest) => rest.cancel(perp, { id: 7 });
const cancelAll = (rest: Rest) => rest.cancelAll(perp);
const cancelPrepared = (rest: Rest) => rest.sendPrepared(rest.prepareCancel(perp, { id: 7 }));
const commands: readonly ((rest: Rest) => Promise<Reply<unknown>>)[] = [
  ...[placeOne, placeTwo, placeStop, cancelOne, cancelAll, cancelPrepared],
];

Deno.test("one order is one request, and fifty are one", async () => {
  await using exchange = loopback(obliging);
  using rest = aRest(exchange.url);
  const many = Array.from({ length: MOST_IN_BATCH }, (_, i) => aPlace(i));
  const replies = [await rest.place(perp, [aPlace(7)]), await rest.place(perp, many)];
  const ids = replies.map((reply) => {
    assert.ok(reply.kind === "ok", JSON.stringify(reply));
    return reply.value.map((result) => result.kind === "placed" ? result.order.clientId : result);
  });
  assert.deepEqual(ids, [[7], many.map(({ id }) => id)]);
  assert.deepEqual(exchange.asked.map(({ route }) => route), [
    ...["POST /api/v1/order", "POST /api/v1/orders"],
  ]);
  for (const { signed } of exchange.asked) {
    assert.deepEqual(signed, { instruction: "orderExecute", windowMs: 2000 });
  }
});

Deno.test("no orders and more than fifty are a bug, and do not leave", async () => {
  await using exchange = loopback(obliging);
  using rest = aRest(exchange.url);
  const many = Array.from({ length: MOST_IN_BATCH + 1 }, (_, i) => aPlace(i));
  for (const orders of [[], many]) {
    await assert.rejects(rest.place(perp, orders), { name: "Bug" });
  }
  assert.equal(exchange.asked.length, 0);
});

Deno.test("cancels name the order by either id, and cancel-all names the market", async () => {
  await using exchange = loopback(obliging);
  using rest = aRest(exchange.url);
  const byId = await rest.cancel(perp, { id: 7 });
  const byOrderId = await rest.cancel(perp, { orderId: "42" });
  assert.ok(byId.kind === "ok" && byId.value !== "accepted" && byId.value.clientId === 7);
  assert.ok(byOrderId.kind === "ok" && byOrderId.value !== "accepted");
  assert.equal(byOrderId.value.orderId, "42");
  const all = await rest.cancelAll(perp);
  assert.ok(all.kind === "ok" && all.value !== "accepted" && all.value.length === 1);
  assert.deepEqual(exchange.asked.map(({ route, body }) => [route, body]), [
    ["DELETE /api/v1/order", '{"symbol":"SOL_USDC_PERP","clientId":7}'],
    ["DELETE /api/v1/order", '{"symbol":"SOL_USDC_PERP","orderId":"42"}'],
    ["DELETE /api/v1/orders", '{"symbol":"SOL_USDC_PERP"}'],
  ]);
});

Deno.test("a stop order that waits for its trigger is read back", async () => {
  await using exchange = loopback(({ body }) =>
    json({
      ...aRow,
      ...JSON.parse(body),
      status: "TriggerPending",
      price: null,
      quantity: null,
      executedQuantity: null,
    })
  );
  using rest = aRest(exchange.url);
  const reply = await placeStop(rest);
  assert.ok(reply.kind === "ok", JSON.stringify(reply));
  assert.deepEqual([reply.value.status, reply.value.clientId], ["waiting", 7]);
});

Deno.test("a cancel that was accepted and not yet done says so, and an order so answered is in doubt", async () => {
  await using exchange = loopback(() => new Response(null, { status: 202 }));
  using rest = aRest(exchange.url);
  const accepted = { kind: "ok", value: "accepted" };
  for (const command of [cancelOne, cancelAll, cancelPrepared]) {
    assert.deepEqual(await command(rest), accepted);
  }
  for (const command of [placeOne, placeTwo, placeStop]) {
    assert.equal((await command(rest)).kind, "unknown");
  }
});

Deno.test("every way to be refused or to fail, for every command, sent once each", async () => {
  const page = "<html><title>Just a moment</title></html>";
  const rows: readonly (readonly [() => Response, string])[] = [
    [() => refusal(400, "INSUFFICIENT_FUNDS", "Insufficient funds"), "refused"],
    [() => refusal(400, "INVALID_ORDER", "Order would immediately match and take"), "refused"],
    [() => refusal(400, "INVALID_CLIENT_REQUEST", "Request has expired"), "refused"],
    [() => refusal(404, "RESOURCE_NOT_FOUND", "Not Found"), "refused"],
    [() => new Response("parse request payload error", { status: 400 }), "refused"],
    [() => refusal(429, "TOO_MANY_REQUESTS", "Too many requests"), "limited"],
    [() => refusal(500, "SERVER_ERROR", "Oh"), "unknown"],
    [() => refusal(503, "MAINTENANCE", "Oh"), "unknown"],
    [() => refusal(400, "TIMEOUT", "Oh"), "unknown"],
    [() => new Response(page, { status: 502 }), "unknown"],
    [() => new Response(page, { status: 403 }), "unknown"],
    [() => new Response(page), "unknown"],
    [() => new Response(null, { status: 204 }), "unknown"],
    [() => new Response(""), "unknown"],
    [() => json({}), "unknown"],
    [() => json([null]), "unknown"],
    [() => new Response("[[[["), "unknown"],
  ];
  for (const [answer, expected] of rows) {
    await using exchange = loopback(answer);
    for (const [i, command] of commands.entries()) {
      using rest = aRest(exchange.url);
      const { kind } = await command(rest);
      assert.equal(kind, expected, `command ${i}: ${await answer().text()}`);
      assert.equal(exchange.asked.length, i + 1);
    }
    exchange.asked.length = 0;
  }
});

Deno.test("a cut connection leaves every command in doubt, and none is sent again", async () => {
  for (const command of commands) {
    using host = rawHost(() => "");
    using rest = aRest(`http://127.0.0.1:${host.port}`);
    assert.equal((await command(rest)).kind, "unknown");
    assert.equal(host.came.length, 1);
  }
});

Deno.test("an answer about other orders leaves ours in doubt", async () => {
  const row = (clientId: number | null, symbol = perp.symbol) => ({
    ...aRow,
    operation: "Ok",
    clientId,
    symbol,
  });
  const single = [row(8), row(null), row(7, sol.symbol), { ...row(7), symbol: "NONE" }];
  for (const answer of single) {
    await using exchange = loopback(() => json(answer));
    using rest = aRest(exchange.url);
    for (const command of [placeOne, placeStop, cancelOne]) {
      assert.equal((await command(rest)).kind, "unknown", JSON.stringify(answer));
    }
  }
  const batches = [
    [row(7)],
    [row(8), row(7)],
    [row(7), row(8), row(9)],
    [row(7), row(7)],
    [],
    [row(7), { operation: "Err", code: "TIMEOUT", message: "Maybe" }],
    [row(7), { operation: "Odd" }],
  ];
  for (const answer of batches) {
    await using exchange = loopback(() => json(answer));
    using rest = aRest(exchange.url);
    assert.equal((await placeTwo(rest)).kind, "unknown", JSON.stringify(answer));
  }
});

Deno.test("each order of a batch has its own end", async () => {
  const err = { operation: "Err", code: "INSUFFICIENT_MARGIN", message: "Insufficient margin" };
  await using exchange = loopback(() => json([err, { operation: "Ok", ...aRow, clientId: 8 }]));
  using rest = aRest(exchange.url);
  const reply = await placeTwo(rest);
  assert.ok(reply.kind === "ok");
  assert.deepEqual(reply.value.map(({ kind }) => kind), ["refused", "placed"]);
});

Deno.test("a prepared cancel says until when it may be sent", async () => {
  await using exchange = loopback(obliging);
  let nowMs = NOW_MS;
  using rest = aRest(exchange.url, { clock: new ServerClock(() => nowMs) });
  const prepared = rest.prepareCancel(perp, { id: 7 });
  assert.equal(prepared.expiresMs, NOW_MS + 60_000);
  nowMs += 30_000;
  assert.equal((await rest.sendPrepared(prepared)).kind, "ok");
  assert.deepEqual(exchange.asked[0]?.signed, { instruction: "orderCancel", windowMs: 60_000 });
  nowMs += 30_000;
  assert.equal((await rest.sendPrepared(prepared)).kind, "failed");
  assert.equal(exchange.asked.length, 1);
});

Deno.test("warming asks nothing but ping, and says when nobody is there", async () => {
  await using exchange = loopback(obliging);
  using rest = aRest(exchange.url);
  assert.deepEqual(await rest.warm(), { kind: "ok", value: "pong" });
  assert.deepEqual(
    new Set(exchange.asked.map(({ route }) => route)),
    new Set(["GET /api/v1/ping"]),
  );
  rest.close();
  assert.equal((await rest.warm()).kind, "failed");
});

Deno.test("fills are read in pages back to a time, each once", async () => {
  const all = Array.from({ length: 1500 }, (_, i) => ({
    ...pastFill,
    tradeId: 1500 - i,
    timestamp: new Date(NOW_MS + 1500 - i).toISOString().slice(0, -1),
  }));
  await using exchange = loopback(({ search }) => {
    const query = new URLSearchParams(search);
    const offset = Number(query.get("offset"));
    return json(all.slice(offset, offset + Number(query.get("limit"))));
  });
  using rest = aRest(exchange.url);
  const reply = await pages((page) => rest.fills(sol, page), {
    since: micros((NOW_MS + 101) * 1000),
    timeOf: ({ time }) => time,
    keyOf: ({ fillId, orderId }) => fillId ?? orderId,
  });
  assert.ok(reply.kind === "ok" && reply.value.complete);
  assert.equal(reply.value.rows.length, 1400);
  assert.equal(exchange.asked.length, 2);
});
