// Orders over the wire: what was sent comes back as it stands in the engine.

import { deepEqual, equal } from "node:assert/strict";
import { readBatch, readOrder, readOrders } from "../../lib/backpack/wire_order.ts";
import { aMarket, aMarketOrder, anOrder, PERP, ServedScene, SPOT } from "./scene.ts";

const markets = new Map([[PERP, aMarket(PERP)], [SPOT, aMarket(SPOT)]]);

Deno.test("a resting order is shown, found by either id, and cancelled", async () => {
  await using scene = new ServedScene();
  const trader = scene.trader();
  const sent = await scene.place(trader, anOrder({ clientId: 4_294_967_295 }));
  const order = readOrder(sent.text, markets);
  equal(order.status, "open");
  equal(order.clientId, 4_294_967_295);
  equal(order.price, 9_900);
  equal(order.createdAt, scene.now);
  const names = [
    { symbol: PERP, orderId: order.orderId },
    { symbol: PERP, clientId: 4_294_967_295 },
    { symbol: PERP, clientId: "4294967295" },
  ];
  for (const params of names) {
    const found = await scene.send(trader, "GET", "/api/v1/order", {
      instruction: "orderQuery",
      params,
    });
    deepEqual(found.json, sent.json);
  }
  const cancelled = await scene.send(trader, "DELETE", "/api/v1/order", {
    instruction: "orderCancel",
    params: { symbol: PERP, orderId: Number(order.orderId) },
  });
  equal(cancelled.json.status, "Cancelled");
  deepEqual(cancelled.json, { ...sent.json, status: "Cancelled" });
});

const ends: readonly (readonly [string, { readonly [name: string]: string | boolean }, string])[] =
  [
    ["all of it fills", { price: "100", timeInForce: "IOC" }, "Filled 1"],
    ["a part fills", { price: "100", quantity: "12" }, "PartiallyFilled 10"],
    ["the rest lapses", { price: "100", quantity: "12", timeInForce: "IOC" }, "Expired 10"],
    ["all or nothing", { price: "100", quantity: "12", timeInForce: "FOK" }, "Expired 0"],
    ["nothing fills", { price: "99.99" }, "New 0"],
  ];

Deno.test("the reply is the state after matching", async () => {
  for (const [name, differs, expected] of ends) {
    await using scene = new ServedScene();
    const reply = await scene.place(scene.trader(), anOrder({ postOnly: false, ...differs }));
    equal(`${reply.json.status} ${reply.json.executedQuantity}`, expected, name);
  }
});

Deno.test("a batch answers for each order in its place", async () => {
  await using scene = new ServedScene();
  const trader = scene.trader();
  const params = [
    anOrder({ clientId: 1 }),
    anOrder({ clientId: 1 }),
    aMarketOrder({ quantity: "2" }),
    anOrder({ price: "20" }),
  ];
  const reply = await scene.send(trader, "POST", "/api/v1/orders", {
    instruction: "orderExecute",
    params,
  });
  const told = readBatch(reply.text, markets).map((result) =>
    result.kind === "placed" ? result.order.status : result.refusal.code
  );
  deepEqual(told, ["open", "INVALID_ORDER", "filled", "INVALID_PRICE"]);
});

Deno.test("orders are listed by market, and cancelled by kind", async () => {
  await using scene = new ServedScene();
  const trader = scene.trader();
  await scene.place(trader, aMarketOrder());
  await scene.place(trader, anOrder());
  await scene.place(trader, anOrder({ symbol: SPOT }));
  const waiting = { triggerPrice: "90", triggerQuantity: "1", triggerBy: "MarkPrice" };
  const { quantity: _, ...market } = aMarketOrder({ side: "Ask", ...waiting });
  equal((await scene.place(trader, market)).json.status, "TriggerPending");
  const list = async (params: { readonly [name: string]: string }) => {
    const reply = await scene.send(trader, "GET", "/api/v1/orders", {
      instruction: "orderQueryAll",
      params,
    });
    return readOrders(reply.text, markets).length;
  };
  equal(await list({}), 3);
  equal(await list({ symbol: SPOT }), 1);
  equal(await list({ marketType: "PERP" }), 2);
  const cancel = async (orderType: string) => {
    const reply = await scene.send(trader, "DELETE", "/api/v1/orders", {
      instruction: "orderCancelAll",
      params: { symbol: PERP, orderType },
    });
    return reply.json.map(({ orderType }: { orderType: string }) => orderType);
  };
  deepEqual(await cancel("ConditionalOrder"), ["Market"]);
  deepEqual(await cancel("ConditionalOrder"), []);
  deepEqual(await cancel("RestingLimitOrder"), ["Limit"]);
  await scene.place(trader, market);
  await scene.place(trader, anOrder());
  const both = await scene.send(trader, "DELETE", "/api/v1/orders", {
    instruction: "orderCancelAll",
    params: { symbol: PERP },
  });
  equal(both.json.length, 2);
  equal(await list({}), 1);
});

Deno.test("a trigger turns into an order under its number", async () => {
  await using scene = new ServedScene({
    rows: [
      ["bbo", 0, 9_995, 1_000, 10_000, 1_000],
      ["tradeBid", 1, 10_000, 1],
      ["tradeAsk", 2_000_000, 9_995, 1],
    ],
  });
  const trader = scene.trader();
  await scene.place(trader, aMarketOrder({ quantity: "2" }));
  const { quantity: _, ...market } = aMarketOrder({
    side: "Ask",
    triggerPrice: "99.96",
    triggerQuantity: "50%",
  });
  const placed = await scene.place(trader, market);
  equal(placed.json.quantity, null);
  scene.pass(2_000);
  const order = trader.account.orders.find(({ id }) => id === placed.json.id);
  equal(order?.status, "Filled");
  equal(order?.executed, 100);
  equal(order?.triggeredAt, order?.createdAt === undefined ? 0 : order.createdAt + 1_000_000);
  equal(scene.world.exchange.position(trader.account.id, PERP), 100);
});
