// What was, in pages.

import { deepEqual, equal } from "node:assert/strict";
import {
  readFills,
  readFundingHistory,
  readOrderHistory,
} from "../../lib/backpack/wire_history.ts";
import type { Params } from "../../lib/backpack/sign.ts";
import { MILLISECOND } from "../../lib/core/units.ts";
import { aMarket, aMarketOrder, anOrder, PERP, ServedScene, SPOT, type Trader } from "./scene.ts";

const markets = new Map([[PERP, aMarket(PERP)], [SPOT, aMarket(SPOT)]]);
const instructions = {
  orders: "orderHistoryQueryAll",
  fills: "fillHistoryQueryAll",
  funding: "fundingHistoryQueryAll",
  settlement: "settlementHistoryQueryAll",
  position: "positionHistoryQueryAll",
};

function past(
  scene: ServedScene,
  trader: Trader,
  name: keyof typeof instructions,
  params: Params = {},
) {
  const instruction = instructions[name];
  return scene.send(trader, "GET", `/wapi/v1/history/${name}`, { instruction, params });
}

Deno.test("fills are newest first, with the fee and whose order it was", async () => {
  await using scene = new ServedScene();
  const trader = scene.trader();
  const first = await scene.place(trader, aMarketOrder({ quantity: "11", clientId: 9 }));
  scene.pass(1_000);
  await scene.place(trader, aMarketOrder({ symbol: SPOT, side: "Ask" }));
  const reply = await past(scene, trader, "fills");
  const fills = readFills(reply.text, markets);
  deepEqual(fills.map(({ market, quantity, feeCash }) => [market.symbol, quantity, feeCash]), [
    [SPOT, 100, 9_995_000],
    [PERP, 100, 5_000_500],
    [PERP, 1_000, 50_000_000],
  ]);
  deepEqual(fills.map(({ clientId }) => clientId), [undefined, 9, 9]);
  equal(reply.json[1].clientId, "9");
  equal(fills[1]?.orderId, first.json.id);
  const at = scene.now / MILLISECOND;
  const since = await past(scene, trader, "fills", { from: at });
  equal(since.json.length, 1);
  equal((await past(scene, trader, "fills", { to: at })).json.length, 2);
  equal((await past(scene, trader, "fills", { orderId: first.json.id })).json.length, 2);
  equal((await past(scene, trader, "fills", { fillType: "Adl" })).json.length, 0);
  equal(
    (await past(scene, trader, "fills", { fillType: "User", marketType: "SPOT" })).json.length,
    1,
  );
});

Deno.test("pages say how many there are", async () => {
  await using scene = new ServedScene();
  const trader = scene.trader();
  for (let clientId = 1; clientId <= 5; clientId++) {
    await scene.place(trader, anOrder({ clientId }));
  }
  const second = await past(scene, trader, "orders", { limit: 2, offset: 2 });
  deepEqual(readOrderHistory(second.text, markets).map(({ clientId }) => clientId), [3, 2]);
  const headers = ["X-Total", "X-Page-Size", "X-Page-Count", "X-Current-Page"];
  deepEqual(headers.map((name) => second.headers.get(name)), ["5", "2", "3", "2"]);
  const ascending = await past(scene, trader, "orders", { limit: 2, sortDirection: "Asc" });
  deepEqual(ascending.json.map(({ clientId }: { clientId: number }) => clientId), [1, 2]);
  equal((await past(scene, trader, "orders", { limit: 1_001 })).status, 400);
});

Deno.test("an order that expired says why, and nobody sees another's history", async () => {
  await using scene = new ServedScene();
  const [trader, other] = [scene.trader(), scene.trader()];
  await scene.place(
    trader,
    anOrder({ price: "100", quantity: "11", postOnly: false, timeInForce: "IOC" }),
  );
  const [order] = readOrderHistory((await past(scene, trader, "orders")).text, markets);
  equal(order?.status, "expired");
  equal(order?.reason, "ImmediateOrCancel");
  for (const name of ["orders", "fills", "funding", "settlement", "position"] as const) {
    deepEqual((await past(scene, other, name)).json, []);
  }
});

Deno.test("funding, settlements and positions tell one story", async () => {
  await using scene = new ServedScene();
  const trader = scene.trader();
  await scene.place(trader, aMarketOrder({ quantity: "2" }));
  scene.pass(3_600_000);
  await scene.place(trader, aMarketOrder({ side: "Ask", quantity: "2" }));
  const [payment] = readFundingHistory((await past(scene, trader, "funding")).text, markets);
  const rate = 2 * 99.97 * 0.0000125;
  equal(payment?.payment, -Math.round(rate * 1e8));
  const settled = await past(scene, trader, "settlement");
  deepEqual(
    settled.json.map(({ source, quantity }: { source: string; quantity: string }) => [
      source,
      quantity,
    ]),
    [
      ["RealizePnl", "-0.1"],
      ["TradingFees", "-0.09995"],
      ["FundingPayment", "-0.00249925"],
      ["TradingFees", "-0.1"],
    ],
  );
  equal((await past(scene, trader, "settlement", { source: "RealizePnl" })).json.length, 1);
  const [position] = (await past(scene, trader, "position")).json;
  equal(position.state, "Closed");
  equal(position.cumulativePnlRealized, "-0.1");
  equal(position.fees, "0.19995");
  equal(position.fundingQuantity, "-0.00249925");
  equal(position.entryPrice, "100");
  equal(position.closingPrice, "99.95");
  deepEqual((await past(scene, trader, "position", { state: "Open" })).json, []);
});
