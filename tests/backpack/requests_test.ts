// The way out: what is signed is what is sent, a budget that is spent sends nothing, and whatever
// comes back, a reason never shows how we prove who we are.

import assert from "node:assert/strict";
import type { Command } from "../../lib/backpack/requests.ts";
import { Requests, type RestOptions } from "../../lib/backpack/requests.ts";
import { type Limiter, RESERVED_FOR_CANCELS } from "../../lib/backpack/limiter.ts";
import { ServerClock } from "../../lib/backpack/server_clock.ts";
import { Signer } from "../../lib/backpack/sign.ts";
import { WireFault } from "../../lib/backpack/wire_fault.ts";
import { aLimiter, json, type Loopback, loopback, NOW_MS, refusal, secret } from "./loopback.ts";

/** The budget without what is kept for cancels. */
const OPEN = 2000 - RESERVED_FOR_CANCELS;

function someRequests(url: string, options: Partial<RestOptions> = {}): Requests & Disposable {
  const requests = new Requests({
    url,
    signer: new Signer(secret),
    clock: new ServerClock(() => NOW_MS),
    limiter: aLimiter(),
    markets: () => new Map(),
    ...options,
  });
  return Object.assign(requests, { [Symbol.dispose]: () => requests.close() });
}

const order = { path: "/api/v1/order", instruction: "orderQuery", read: (text: string) => text };
const open = { path: "/api/v1/ping", read: (text: string) => text };
const cancel: Command<string> = {
  method: "DELETE",
  path: "/api/v1/order",
  instruction: "orderCancel",
  kind: "cancel",
  body: { symbol: "SOL_USDC", clientId: 7 },
  windowMs: 60_000,
  read: (text) => text,
  bare: { status: 202, value: "accepted" },
};
const place: Command<string> = {
  ...cancel,
  method: "POST",
  path: "/api/v1/orders",
  instruction: "orderExecute",
  kind: "place",
  body: [{ symbol: "SOL_USDC", price: "0.10", postOnly: true }, { symbol: "SOL_USDC" }],
  windowMs: 2000,
};

Deno.test("queries are signed over their plain values, however the address writes them", async () => {
  await using exchange = loopback(() => new Response("fine"));
  using requests = someRequests(exchange.url);
  const params = { symbol: "A&B=C D%", z: true, a: 0, left: undefined, b: "é" };
  const reply = await requests.query({ ...order, params });
  assert.deepEqual(reply, { kind: "ok", value: "fine" });
  const [asked] = exchange.asked;
  assert.equal(asked?.search, "symbol=A%26B%3DC%20D%25&z=true&a=0&b=%C3%A9");
  assert.deepEqual(asked?.signed, { instruction: "orderQuery", windowMs: 5000 });
  assert.equal(asked?.headers.get("X-Timestamp"), String(NOW_MS));
});

Deno.test("the body that is sent is the body that was signed", async () => {
  await using exchange = loopback(({ route }) =>
    route.startsWith("DELETE") ? new Response(null, { status: 202 }) : new Response("fine")
  );
  using requests = someRequests(exchange.url);
  assert.deepEqual(await requests.command(place), { kind: "ok", value: "fine" });
  assert.deepEqual(await requests.command(cancel), { kind: "ok", value: "accepted" });
  const [placed, cancelled] = exchange.asked;
  assert.equal(placed?.body, JSON.stringify(place.body));
  assert.equal(cancelled?.body, JSON.stringify(cancel.body));
  assert.deepEqual(placed?.signed, { instruction: "orderExecute", windowMs: 2000 });
  assert.deepEqual(cancelled?.signed, { instruction: "orderCancel", windowMs: 60_000 });
});

Deno.test("a body changed on its way does not verify", async () => {
  await using exchange = loopback(() => new Response("fine"));
  using requests = someRequests(exchange.url);
  const prepared = requests.prepare(cancel);
  const { outgoing } = prepared;
  const body = outgoing.body?.replace("7", "8") ?? "";
  const reply = await requests.sendPrepared({ ...prepared, outgoing: { ...outgoing, body } });
  assert.ok(reply.kind === "refused");
  assert.equal(reply.refusal.code, "INVALID_SIGNATURE");
});

Deno.test("without a key what is private has failed before it is sent, and what is public has not", async () => {
  await using exchange = loopback(() => new Response("fine"));
  const requests = new Requests({
    url: exchange.url,
    clock: new ServerClock(() => NOW_MS),
    limiter: aLimiter(),
    markets: () => new Map(),
  });
  const failed = { kind: "failed", reason: "there is no API key" };
  assert.deepEqual(await requests.query(order), failed);
  assert.deepEqual(await requests.command(cancel), failed);
  assert.deepEqual(await requests.query(open), { kind: "ok", value: "fine" });
  assert.throws(() => requests.prepare(cancel), { name: "Bug" });
  assert.deepEqual(exchange.asked.map(({ route }) => route), ["GET /api/v1/ping"]);
  requests.close();
});

Deno.test("what the budget refuses does not leave", async () => {
  const rows: readonly (readonly [(limiter: Limiter) => void, string])[] = [
    [() => {}, "ok ok ok"],
    [(limiter) => limiter.spend("place", OPEN), "limited limited ok"],
    [(limiter) => limiter.spend("cancel", 2000), "limited limited limited"],
    [(limiter) => limiter.limited(), "limited limited ok"],
  ];
  for (const [prepare, expected] of rows) {
    await using exchange = loopback(() => new Response("fine"));
    const limiter = aLimiter();
    prepare(limiter);
    using requests = someRequests(exchange.url, { limiter });
    const kinds = [await requests.query(open), await requests.command(place)].map(kindOf);
    kinds.push(kindOf(await requests.command(cancel)));
    assert.equal(kinds.join(" "), expected);
    assert.equal(exchange.asked.length, kinds.filter((kind) => kind === "ok").length);
  }
});

Deno.test("every request is counted once, and history apart", async () => {
  await using exchange = loopback(() => new Response("fine"));
  const limiter = aLimiter();
  using requests = someRequests(exchange.url, { limiter });
  await requests.query(open);
  await requests.query(order);
  await requests.command(place);
  await requests.command(cancel);
  await requests.sendPrepared(requests.prepare(cancel));
  assert.equal(limiter.left, 2000 - 5);
  for (let i = 0; i < 31; i++) {
    const reply = await requests.query({ ...open, kind: "history" });
    assert.equal(reply.kind, i < 30 ? "ok" : "limited");
  }
  assert.equal(limiter.left, 2000 - 5);
});

Deno.test("a 429 stops queries and orders, and cancels go on", async () => {
  await using exchange = loopback(({ route }) =>
    route.startsWith("DELETE")
      ? new Response("fine")
      : refusal(429, "TOO_MANY_REQUESTS", "Too many requests")
  );
  const limiter = aLimiter();
  using requests = someRequests(exchange.url, { limiter });
  assert.equal((await requests.command(place)).kind, "limited");
  assert.ok(limiter.backOffMs > 0);
  assert.equal((await requests.command(place)).kind, "limited");
  assert.equal((await requests.query(open)).kind, "limited");
  assert.equal((await requests.command(cancel)).kind, "ok");
  const routes = exchange.asked.map(({ route }) => route);
  assert.deepEqual(routes, ["POST /api/v1/orders", "DELETE /api/v1/order"]);
});

Deno.test("a prepared command leaves until its window is over, as it was signed", async () => {
  await using exchange = loopback(() => new Response("fine"));
  let nowMs = NOW_MS;
  using requests = someRequests(exchange.url, { clock: new ServerClock(() => nowMs) });
  const prepared = requests.prepare(cancel);
  assert.equal(prepared.expiresMs, NOW_MS + 60_000);
  nowMs += 59_999;
  assert.equal((await requests.sendPrepared(prepared)).kind, "ok");
  const [asked] = exchange.asked;
  assert.equal(asked?.headers.get("X-Timestamp"), String(NOW_MS));
  nowMs += 1;
  assert.deepEqual(await requests.sendPrepared(prepared), {
    kind: "failed",
    reason: "its window was over before it was sent",
  });
  assert.equal(exchange.asked.length, 1);
});

Deno.test("an answer that cannot be read is told as a fault", async () => {
  await using exchange = loopback(() => new Response("<html>"));
  const faults: WireFault[] = [];
  using requests = someRequests(exchange.url, { onFault: (fault) => faults.push(fault) });
  const read = (text: string): string => {
    throw new WireFault({ place: "order", field: "body", rule: "must be JSON", value: text });
  };
  const failed = await requests.query({ ...order, read });
  assert.deepEqual(failed, {
    kind: "failed",
    reason: 'Cannot read order as body must be JSON: current value is "<html>"',
  });
  assert.equal((await requests.command({ ...cancel, read })).kind, "unknown");
  assert.deepEqual(faults.map(({ value }) => value), ['"<html>"', '"<html>"']);
});

Deno.test("an exchange that repeats our key and signature does not get them into a reason", async () => {
  const echo = (headers: Headers) =>
    ["X-API-Key", "X-Signature"].map((name) => headers.get(name)).join(" ");
  const statuses = [200, 400, 401, 403, 500, 503];
  let status = 0;
  await using exchange = loopback(({ headers }) =>
    status === 400
      ? refusal(400, "INVALID_CLIENT_REQUEST", `Invalid X-Signature header ${echo(headers)}`)
      : new Response(`${status === 403 ? "<title>" : ""}${echo(headers)}`, { status })
  );
  using requests = someRequests(exchange.url);
  const read = (text: string): string => {
    throw new WireFault({ place: "order", field: "body", rule: "must be JSON", value: text });
  };
  for (status of statuses) {
    for (
      const reply of [await requests.query({ ...order, read }), await requests.command(cancel)]
    ) {
      if (reply.kind === "ok") continue;
      const text = JSON.stringify(reply);
      assert.match(text, /\[key\] \[signature\]/, `${status}`);
      const { headers } = last(exchange);
      for (const name of ["X-API-Key", "X-Signature"]) {
        assert.ok(!text.includes(headers.get(name) ?? "?"));
      }
    }
  }
});

Deno.test("a request given up before it was made is not sent, and one that nobody answers is unknown", async () => {
  await using exchange = loopback(() => json({}, 503));
  using requests = someRequests(exchange.url);
  assert.equal((await requests.command(place, AbortSignal.abort())).kind, "failed");
  assert.equal(exchange.asked.length, 0);
  assert.equal((await requests.command(place)).kind, "unknown");
  requests.close();
  assert.equal((await requests.command(place)).kind, "failed");
  assert.equal(exchange.asked.length, 1);
});

function kindOf({ kind }: { readonly kind: string }): string {
  return kind;
}

function last({ asked }: Loopback) {
  const one = asked.at(-1);
  assert.ok(one);
  return one;
}
