// The exchange in real time: what is published is a complete account of what happened, in an order
// that makes sense, and does not depend on how often the world is brought up to its clock.

import { deepEqual, equal, notEqual, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { keyPair } from "../../lib/backpack/sign.ts";
import {
  cashOf,
  lots,
  type Micros,
  micros,
  MILLISECOND,
  SECOND,
  ticks,
} from "../../lib/core/units.ts";
import type { OrderRequest } from "../../lib/exchange/order.ts";
import type { Published } from "../../lib/local/published.ts";
import { World } from "../../lib/local/world.ts";
import { SynthMarket } from "../../lib/sim/synth.ts";
import { TapeFeed } from "../../lib/sim/tape_feed.ts";
import { aMarket, COIN, NOON, PERP, Scene, SPOT, type TapeRow } from "./scene.ts";

function limit(price: number, quantity: number, differs: Partial<OrderRequest> = {}): OrderRequest {
  return {
    symbol: PERP,
    side: "bid",
    type: "limit",
    price: ticks(price),
    quantity: lots(quantity),
    timeInForce: "GTC",
    postOnly: false,
    reduceOnly: false,
    selfTradePrevention: "RejectTaker",
    ...differs,
  };
}

const maker = { postOnly: true } as const;

/** What was said of orders: the change and the status after it. */
function storyOf(events: readonly Published[]): string[] {
  return events.flatMap((event) =>
    event.kind === "order"
      ? [`${event.change.kind} ${event.order.status} ${event.order.executed}`]
      : []
  );
}

Deno.test("an order that fills at once is accepted first, then filled part by part", async () => {
  const scene = new Scene();
  const { account } = scene.trader();
  const placed = await scene.world.place(account, limit(10_001, 1_500));
  deepEqual(storyOf(scene.published), [
    "accepted New 0",
    "fill PartiallyFilled 1000",
    "fill Filled 1500",
  ]);
  ok(placed.kind === "order");
  equal(placed.order.status, "Filled");
  equal(placed.order.executed, 1_500);
});

Deno.test("an order by amount of money is filled when no lot fits into the rest", async () => {
  const scene = new Scene();
  const { account } = scene.trader();
  await scene.world.place(account, {
    symbol: PERP,
    side: "bid",
    type: "market",
    quoteQuantity: cashOf(150.5),
    timeInForce: "GTC",
    postOnly: false,
    reduceOnly: false,
    selfTradePrevention: "RejectTaker",
  });
  deepEqual(storyOf(scene.published), ["accepted New 0", "fill Filled 150"]);
});

Deno.test("an order that is not post-only waits behind the speed bump, a post-only one and a cancel do not", async () => {
  const scene = new Scene({ world: { speedBumpMs: 100 } });
  const { account } = scene.trader();
  const { world } = scene;
  const rests = await world.place(account, limit(9_900, 100, maker));
  ok(rests.kind === "order");
  const sentAt = scene.now;
  const takes = world.place(account, limit(10_000, 100, { clientId: 5 }));
  scene.pass(99);
  equal(world.openOrders(account).length, 1);
  equal(world.cancel(account, PERP, { clientId: 5 }), undefined);
  equal(world.cancel(account, PERP, { orderId: rests.order.id })?.status, "Cancelled");
  equal(storyOf(scene.published).includes("fill Filled 100"), false);
  scene.pass(1);
  const taken = await takes;
  ok(taken.kind === "order");
  equal(taken.order.status, "Filled");
  equal(taken.order.createdAt, sentAt + 100 * MILLISECOND);
});

Deno.test("depth events number every change once and rebuild the book", async () => {
  const scene = new Scene();
  const { account } = scene.trader();
  const before = scene.world.exchange.book(PERP);
  const book = { bid: new Map<number, number>(), ask: new Map<number, number>() };
  for (const side of ["bid", "ask"] as const) {
    before.depth(side, 100).forEach(({ price, quantity }) => book[side].set(price, quantity));
  }
  let lastId = scene.world.records.get(PERP)?.lastId ?? NaN;
  await scene.world.place(account, limit(10_001, 1_500));
  await scene.world.place(account, limit(9_990, 5, maker));
  scene.world.cancelAll(account, PERP, "both");
  await scene.world.place(account, limit(9_995, 5, maker));
  let depths = 0;
  for (const event of scene.published) {
    if (event.kind !== "depth" || event.market.symbol !== PERP) continue;
    depths++;
    equal(event.firstId, lastId + 1);
    lastId = event.lastId;
    for (const [side, levels] of [["bid", event.bids], ["ask", event.asks]] as const) {
      for (const { price, quantity } of levels) {
        if (quantity === 0) book[side].delete(price);
        else book[side].set(price, quantity);
      }
    }
  }
  equal(depths, 4);
  for (const side of ["bid", "ask"] as const) {
    const now = scene.world.exchange.book(PERP).depth(side, 100);
    deepEqual(
      new Map(now.map(({ price, quantity }) => [price, quantity])),
      new Map([...book[side]]),
    );
  }
  equal(scene.world.records.get(PERP)?.lastId, lastId);
});

Deno.test("balances are told when they change, and only then", async () => {
  const scene = new Scene();
  const { account } = scene.trader({ USDC: 100 * COIN, SOL: 0 });
  const placed = await scene.world.place(account, limit(9_000, 100, { ...maker, symbol: SPOT }));
  ok(placed.kind === "refused");
  equal(placed.reason, "PriceOutOfBounds");
  await scene.world.place(account, limit(9_900, 100, { ...maker, symbol: SPOT }));
  scene.world.cancelAll(account, SPOT, "both");
  const told = scene.published.flatMap((event) =>
    event.kind === "balance" ? [`${event.asset} ${event.available} ${event.locked}`] : []
  );
  deepEqual(told, [`USDC ${1 * COIN} ${99 * COIN}`, `USDC ${100 * COIN} 0`]);
});

Deno.test("a position is opened, adjusted and closed, under one number", async () => {
  const scene = new Scene();
  const { account } = scene.trader();
  await scene.world.place(account, limit(10_000, 100));
  await scene.world.place(account, limit(9_900, 50, maker));
  scene.world.cancelAll(account, PERP, "both");
  await scene.world.place(account, limit(9_995, 100, { side: "ask" }));
  await scene.world.place(account, limit(9_995, 100, { side: "ask" }));
  const told = scene.published.flatMap((event) =>
    event.kind === "position"
      ? [
        `${event.change} ${event.position.id} ${event.position.view.lots} ` +
        `${event.position.view.exposureLots}`,
      ]
      : []
  );
  deepEqual(told, [
    "opened 1000001 100 100",
    "adjusted 1000001 100 150",
    "adjusted 1000001 100 100",
    "closed 1000001 0 0",
    "opened 1000002 -100 100",
  ]);
});

Deno.test("funding is paid on the hour by who holds a position then", async () => {
  const scene = new Scene();
  const { account } = scene.trader();
  await scene.world.place(account, limit(10_000, 100));
  scene.pass(3_598_999);
  equal(account.fundings.length, 0);
  scene.pass(1);
  equal(account.fundings.length, 1);
  // 1 SOL at the mark of 99.97, at the rate of a quiet market.
  equal(account.fundings[0]?.payment, -Math.round(99.97 * 0.0000125 * COIN));
  equal(account.fundings[0]?.time, NOON + 3_600 * SECOND);
  equal(account.settlements.at(-1)?.source, "FundingPayment");
});

Deno.test("marks and tickers come every second, bars when they changed and when they end", () => {
  const rows: readonly TapeRow[] = [
    ["bbo", 0, 9_995, 1_000, 10_000, 1_000],
    ["tradeBid", 1_500_000, 10_000, 7],
    ["tradeBid", 61_500_000, 10_000, 1],
  ];
  const scene = new Scene({ rows, markets: [aMarket(PERP)] });
  scene.pass(61_000);
  const count = (kind: Published["kind"]) =>
    scene.published.filter((event) => event.kind === kind).length;
  equal(count("mark"), 61);
  equal(count("ticker"), 61);
  const minutes = scene.published.flatMap((event) =>
    event.kind === "bar" && event.interval === "1m"
      ? [`${(event.time - NOON) / SECOND} ${event.closed} ${event.bar.trades}`]
      : []
  );
  deepEqual(minutes, ["2 false 1", "60 true 1", "62 false 1"]);
  const seconds = scene.published.filter((event) =>
    event.kind === "bar" && event.interval === "1s"
  );
  equal(seconds.length, 61);
});

Deno.test("a liquidation is told as the orders of the exchange it is", async () => {
  const rows: readonly TapeRow[] = [
    ["bbo", 0, 9_995, 100_000, 10_000, 100_000],
    ["tradeBid", 1, 10_000, 1],
    ["mark", 2_000_000, 9_100, 0, 9_100],
  ];
  const scene = new Scene({ rows, markets: [aMarket(PERP)] });
  const { account } = scene.trader({ USDC: 1_000 * COIN });
  scene.world.set(account, { leverage: 50 });
  const placed = await scene.world.place(account, limit(10_000, 9_800));
  equal(placed.kind, "order");
  scene.pass(2_500);
  ok(scene.published.some(({ kind }) => kind === "liquidation"));
  const forced = account.fills.filter((fill) => fill.systemOrderType !== undefined);
  ok(forced.length > 0);
  equal(forced[0]?.systemOrderType, "LiquidatePositionOnBook");
  const order = account.orders.find(({ id }) => id === forced[0]?.orderId);
  equal(order?.status, "Filled");
  equal(order?.request.reduceOnly, true);
  const episode = account.episodes.all[0];
  ok((episode?.liquidated ?? 0) > 0 && (episode?.liquidationFees ?? 0) > 0);
});

Deno.test("a client id is taken again once its order is over, not before", async () => {
  const scene = new Scene();
  const { account } = scene.trader();
  const order = limit(9_900, 1, { ...maker, clientId: 3 });
  const first = await scene.world.place(account, order);
  equal(first.kind, "order");
  deepEqual(await scene.world.place(account, { ...order, symbol: SPOT }), {
    kind: "refused",
    reason: "DuplicateClientId",
  });
  scene.world.cancelAll(account, PERP, "both");
  equal((await scene.world.place(account, order)).kind, "order");
});

Deno.test("an account has so many open orders at most, and so many may wait", async () => {
  const scene = new Scene({ world: { speedBumpMs: 100 } });
  const { account } = scene.trader();
  for (let i = 0; i < 2_000; i++) await scene.world.place(account, limit(9_900, 1, maker));
  const refused = { kind: "refused", reason: "TooManyOrders" };
  deepEqual(await scene.world.place(account, limit(9_900, 1, maker)), refused);
  const waiting = Array.from({ length: 10_000 }, () => scene.world.place(account, limit(9_900, 1)));
  deepEqual(await scene.world.place(account, limit(9_900, 1)), refused);
  scene.pass(100);
  deepEqual(new Set((await Promise.all(waiting)).map(({ kind }) => kind)), new Set(["refused"]));
});

Deno.test("a post-only order that would take never was, or expired, as the world is told", async () => {
  for (const postOnlyReply of ["error", "expired"] as const) {
    const scene = new Scene({ world: { postOnlyReply } });
    const { account } = scene.trader();
    const placed = await scene.world.place(account, limit(10_000, 1, maker));
    if (postOnlyReply === "error") {
      deepEqual(placed, { kind: "refused", reason: "PostOnlyTaker" });
      deepEqual(account.orders, []);
    } else {
      ok(placed.kind === "order");
      equal(placed.order.status, "Expired");
      equal(placed.order.expiryReason, "PostOnlyTaker");
      deepEqual(storyOf(scene.published), ["expired Expired 0"]);
    }
    deepEqual(scene.world.openOrders(account), []);
  }
});

Deno.test("reversing a position closes one and opens another", async () => {
  const scene = new Scene();
  const { account } = scene.trader();
  await scene.world.place(account, limit(10_000, 100));
  await scene.world.place(account, limit(9_995, 150, { side: "ask" }));
  const [first, second] = account.episodes.all;
  equal(first?.closedAt, scene.now);
  equal(first?.realised, -5 * 100 * 10_000);
  equal(second?.held, -50);
  notEqual(first?.id, second?.id);
  const pnl = account.settlements.filter(({ source }) => source === "RealizePnl");
  deepEqual(pnl.map(({ quantity }) => quantity), [-5 * 100 * 10_000]);
});

Deno.test("rules changed while running count for the next order", async () => {
  const scene = new Scene();
  const { account } = scene.trader();
  scene.world.setRules(PERP, { minQuantity: lots(10) });
  const small = await scene.world.place(account, limit(9_900, 9, maker));
  deepEqual(small, { kind: "refused", reason: "InvalidQuantity" });
  scene.world.setState(PERP, "CancelOnly");
  const late = await scene.world.place(account, limit(9_900, 10, maker));
  deepEqual(late, { kind: "refused", reason: "TradingPaused" });
});

Deno.test("a key has one account, and is a key", () => {
  const scene = new Scene();
  const { signer } = scene.trader();
  throws(() => scene.world.open(signer.publicKey, {}), /has an account already/);
  throws(() => scene.world.open("AAAA", {}), /a key must be base64 of 32 bytes/);
});

Deno.test("how often the world is turned changes nothing of what happens", async () => {
  const once = await livedThrough([20_000]);
  ok(once.length > 1_000);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 4_000 }), { maxLength: 20 }),
      async (turns) => {
        deepEqual(await livedThrough(turns), once);
      },
    ),
    { numRuns: 5, seed: 7 },
  );
});

/** Everything published in 20 s of a synthetic market with one order at its beginning. */
async function livedThrough(turnsMs: readonly number[]): Promise<string[]> {
  let now: Micros = NOON;
  const market = aMarket(PERP);
  const synth = new SynthMarket(market, { start: NOON, seed: 11, tradesPerSecond: 20 });
  const world = new World({
    markets: [market],
    clock: () => now,
    feeds: new Map([[PERP, new TapeFeed(() => synth.chunk())]]),
    start: NOON,
  });
  const told: string[] = [];
  now = micros(NOON + SECOND);
  world.advance();
  world.listen((event) => told.push(JSON.stringify(event)));
  const account = world.open(keyPair().publicKey, { USDC: 10_000 * COIN });
  const best = world.exchange.book(PERP).best("bid") ?? ticks(0);
  await world.place(account, limit(best, 10_000, maker));
  const taking = world.place(
    account,
    limit(best + 50, 10, { timeInForce: "IOC", selfTradePrevention: "RejectMaker" }),
  );
  for (const turn of turnsMs) {
    now = micros(Math.min(NOON + 21 * SECOND, now + turn * MILLISECOND));
    world.advance();
  }
  now = micros(NOON + 21 * SECOND);
  world.advance();
  await taking;
  return told;
}
