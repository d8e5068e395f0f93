// The exchange as a client meets it: real HTTP and real sockets on loopback, our own signatures, and
// streams that agree with what REST says.

import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { keyPair, Signer } from "../../lib/backpack/sign.ts";
import type { Level } from "../../lib/core/strategy.ts";
import { formatPrice } from "../../lib/core/market.ts";
import { emptyTape, ROW } from "../../lib/core/columns.ts";
import { COIN, SECOND, ticks } from "../../lib/core/units.ts";
import { parseFaults } from "../../lib/local/faults.ts";
import { aScene, perp, spot } from "./loopback.ts";

Deno.test("a book kept from snapshot and deltas is the book that REST shows", async () => {
  await using scene = aScene();
  const socket = await scene.socket(["depth.SOL_USDC", "bookTicker.SOL_USDC"]);
  await socket.until((events) => events.filter(({ kind }) => kind === "depth").length >= 3);
  const snapshot = await scene.depth();
  const books = { bids: quantities(snapshot.bids), asks: quantities(snapshot.asks) };
  let lastId = snapshot.lastId;
  let read = 0;
  for (let rounds = 0; rounds < 5; rounds++) {
    const later = await scene.depth();
    await socket.until((events) =>
      events.some((event) => event.kind === "depth" && event.lastId >= later.lastId)
    );
    while (lastId < later.lastId) {
      const event = socket.events[read++];
      ok(event !== undefined, "the stream ends before the snapshot");
      if (event.kind !== "depth" || event.lastId <= lastId) continue;
      equal(event.firstId, lastId + 1, "no gap");
      apply(books.bids, event.bids);
      apply(books.asks, event.asks);
      lastId = event.lastId;
    }
    deepEqual(books, { bids: quantities(later.bids), asks: quantities(later.asks) });
    const [touch] = socket.events.filter((event) => event.kind === "touch").slice(-1);
    ok(touch?.kind === "touch" && touch.bid !== undefined && touch.ask !== undefined);
    ok(touch.bid.price < touch.ask.price);
  }
});

Deno.test("an order is told from its acceptance to its end, with position and balance", async () => {
  await using scene = aScene();
  const socket = await scene.socket(
    ["account.orderUpdate", "account.positionUpdate", "account.balanceUpdate"],
    scene.signer,
  );
  await scene.known(socket);
  const from = socket.events.length;
  const order = { symbol: perp.symbol, side: "Bid", orderType: "Market", quantity: "0.50" };
  const reply = await scene.send("POST", "/api/v1/order", "orderExecute", {
    ...order,
    clientId: 77,
  });
  equal(reply.status, "Filled");
  await socket.until((events) => events.slice(from).some(({ kind }) => kind === "balance"));
  const told = socket.events.slice(from);
  const steps = told.map((event) => event.kind === "order" ? event.change.kind : event.kind);
  deepEqual([...new Set(steps)], ["accepted", "fill", "positions", "balance"]);
  const own = told.filter((event) => event.kind === "order");
  ok(own.every(({ orderId, clientId }) => orderId === reply.id && clientId === 77));
  equal(own.at(-1)?.status, "filled");
  const filled = own.reduce(
    (sum, { change }) => sum + (change.kind === "fill" ? change.quantity : 0),
    0,
  );
  equal(filled, 50);
  const [positions] = told.filter((event) => event.kind === "positions");
  equal([positions?.change, positions?.positions[0]?.quantity].join(), "opened,50");
  const capital = await scene.send("GET", "/api/v1/capital", "balanceQuery", {});
  const balance = told.filter((event) => event.kind === "balance").at(-1);
  equal(Number(balance?.available) / COIN, Number(capital.USDC.available));

  const late = await scene.socket(["account.positionUpdate"], scene.signer);
  await late.until((events) => events.length > 0);
  const [snapshot] = late.events;
  ok(snapshot?.kind === "positions" && snapshot.change === "snapshot");
});

Deno.test("a stranger hears nothing of an account", async () => {
  await using scene = aScene();
  const stranger = await scene.socket(["account.orderUpdate"], new Signer(keyPair().secret));
  await stranger.until((events) => events.length > 0);
  deepEqual(stranger.events, [{ kind: "refusal", code: 4003, message: "Invalid signature" }]);
});

Deno.test("markets run as fast as they are told to, and the clock does not", async () => {
  const rows = emptyTape(121);
  for (let i = 0; i < rows.length; i++) {
    rows.time[i] = i * SECOND;
    rows.kind[i] = i === 0 ? ROW.bbo : ROW.tradeBid;
    [rows.price[i], rows.quantity[i]] = [15_000, i === 0 ? 1_000 : 1];
    [rows.askPrice[i], rows.askQuantity[i]] = [15_001, 1_000];
    if (i > 0) rows.price[i] = 15_001;
  }
  await using scene = aScene({ speed: 60, markets: [perp], tape: { name: "a test's", rows } });
  const socket = await scene.socket([`trade.${perp.symbol}`]);
  await socket.until((events) => events.length >= 30);
  const times = socket.events.map((event) => event.kind === "trade" ? event.time : 0);
  const tookMs = (Number(times[29]) - Number(times[0])) / 1_000;
  ok(tookMs > 400 && tookMs < 1_000, `29 seconds of the market in ${tookMs} ms`);
  const time = Number(await (await fetch(`${scene.url}/api/v1/time`)).text());
  ok(Math.abs(time - Date.now()) < 1_000);
});

Deno.test("the back door stands open with its token, and is not there without one", async () => {
  await using scene = aScene({ adminToken: "secret" });
  const admin = (authorization: string) =>
    fetch(`${scene.url}/admin/clock`, {
      method: "POST",
      body: JSON.stringify({ offsetMs: 60_000 }),
      headers: { authorization },
    });
  const wrong = await admin("Bearer wrong");
  deepEqual([wrong.status, await wrong.body?.cancel()], [401, undefined]);
  const before = Date.now();
  await (await admin("Bearer secret")).body?.cancel();
  const time = Number(await (await fetch(`${scene.url}/api/v1/time`)).text());
  ok(time - before >= 60_000, "the clock is a minute ahead");
  await using shut = aScene();
  const reply = await fetch(`${shut.url}/admin/faults`, { headers: { authorization: "Bearer " } });
  equal(reply.status, 404);
  await reply.body?.cancel();
});

Deno.test("faults are met over the wire: requests are refused, sockets cut", async () => {
  await using scene = aScene();
  scene.exchange.faults.rates = parseFaults("429=1");
  const refused = await fetch(`${scene.url}/api/v1/time`);
  deepEqual([refused.status, (await refused.json()).code], [429, "TOO_MANY_REQUESTS"]);
  scene.exchange.faults.rates = parseFaults("");
  const cut = await scene.socket(["bookTicker.SOL_USDC"]);
  const open = await scene.socket(["bookTicker.SOL_USDC"]);
  await cut.until((events) => events.length > 0);
  scene.exchange.faults.rates = parseFaults("kill=1");
  equal(await cut.closed, 1001);
  equal(await open.closed, 1001);
});

Deno.test("only this machine can reach the exchange", async () => {
  await using scene = aScene();
  const { port } = new URL(scene.url);
  const addresses = Deno.networkInterfaces()
    .filter(({ family, address }) => family === "IPv4" && !address.startsWith("127."));
  for (const { address: hostname } of addresses) {
    await rejects(Deno.connect({ hostname, port: Number(port) }), Deno.errors.ConnectionRefused);
  }
});

Deno.test("half a handshake is refused and harms nobody", async () => {
  await using scene = aScene();
  const { port } = new URL(scene.url);
  using raw = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  const request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  await raw.write(new TextEncoder().encode(request));
  const reply = new Uint8Array(1_000);
  const length = await raw.read(reply);
  match(new TextDecoder().decode(reply.subarray(0, length ?? 0)), /^HTTP\/1\.1 400 /);
});

Deno.test("an order whose answer never comes was taken all the same", async () => {
  await using scene = aScene();
  const { faults, world } = scene.exchange;
  const { bids: [best] } = await scene.depth();
  const price = formatPrice(spot, ticks(Number(best?.price) - 100));
  faults.rates = parseFaults("timeout=1");
  const order = { symbol: spot.symbol, side: "Bid", orderType: "Limit", price };
  const patience = AbortSignal.timeout(200);
  const sent = scene.send(
    "POST",
    "/api/v1/order",
    "orderExecute",
    { ...order, quantity: "1", postOnly: true },
    patience,
  );
  equal(await sent.then(() => "answered", ({ name }) => name), "TimeoutError");
  equal(faults.counts.timeout, 1);
  equal(world.accounts.flatMap((account) => world.openOrders(account)).length, 1);
});

Deno.test("an exchange with a folder comes back with its orders and its money", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    const pair = keyPair();
    const before = aScene({ dataDir }, pair);
    const { bids: [best] } = await before.depth();
    const price = formatPrice(spot, ticks(Number(best?.price) - 100));
    const order = { symbol: spot.symbol, side: "Bid", quantity: "2" };
    const limit = { ...order, orderType: "Limit", price, postOnly: true };
    const resting = await before.send("POST", "/api/v1/order", "orderExecute", limit);
    await before.send("POST", "/api/v1/order", "orderExecute", { ...order, orderType: "Market" });
    const held = await before.send("GET", "/api/v1/capital", "balanceQuery", {});
    await before[Symbol.asyncDispose]();
    const log = Deno.readTextFileSync(`${dataDir}/exchange.jsonl`);

    await using after = aScene({ dataDir }, pair);
    equal(after.exchange.world.accounts.length, 1);
    const open = await after.send("GET", "/api/v1/orders", "orderQueryAll", {});
    deepEqual(open.map(({ id }: { id: string }) => id), [resting.id]);
    deepEqual(await after.send("GET", "/api/v1/capital", "balanceQuery", {}), held);
    equal(Deno.readTextFileSync(`${dataDir}/exchange.jsonl`), log, "the past is not noted twice");
    throws(() => aScene({ dataDir, seed: 4 }), /of an exchange with other markets, seed or tape/);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("an exchange that shuts closes its sockets and its port", async () => {
  const scene = aScene();
  const socket = await scene.socket(["trade.SOL_USDC"]);
  await scene[Symbol.asyncDispose]();
  equal(await socket.closed, 1001);
  const gone = await fetch(`${scene.url}/api/v1/ping`).then(() => "there", () => "gone");
  equal(gone, "gone");
});

function quantities(levels: readonly Level[]): ReadonlyMap<number, number> & Map<number, number> {
  return new Map(
    levels.map(({ price, quantity }): [number, number] => [price, quantity])
      .sort(([a], [b]) => a - b),
  );
}

function apply(book: Map<number, number>, levels: readonly Level[]): void {
  for (const { price, quantity } of levels) {
    if (quantity === 0) book.delete(price);
    else book.set(price, quantity);
  }
}
