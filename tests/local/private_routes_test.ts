// An account as its owner sees it agrees with the engine, and settings take effect.

import { deepEqual, equal } from "node:assert/strict";
import {
  readAccount,
  readCapital,
  readCollateral,
  readPositions,
} from "../../lib/backpack/wire_account.ts";
import type { Params } from "../../lib/backpack/sign.ts";
import {
  aMarket,
  aMarketOrder,
  anOrder,
  COIN,
  PERP,
  ServedScene,
  SPOT,
  type Trader,
} from "./scene.ts";

const markets = new Map([[PERP, aMarket(PERP)], [SPOT, aMarket(SPOT)]]);

async function read(
  scene: ServedScene,
  trader: Trader,
  path: string,
  instruction: string,
  params: Params = {},
): Promise<string> {
  const reply = await scene.send(trader, "GET", path, { instruction, params });
  equal(reply.status, 200, reply.text);
  return reply.text;
}

Deno.test("a resting spot order locks what it may cost, and a cancel gives it back", async () => {
  await using scene = new ServedScene();
  const trader = scene.trader();
  const capital = async () =>
    readCapital(await read(scene, trader, "/api/v1/capital", "balanceQuery"));
  await scene.place(trader, anOrder({ symbol: SPOT, side: "Ask", price: "101", quantity: "20" }));
  const held = await capital();
  deepEqual(held.get("SOL"), { available: 30 * COIN, locked: 20 * COIN, staked: 0 });
  await scene.send(trader, "DELETE", "/api/v1/orders", {
    instruction: "orderCancelAll",
    params: { symbol: SPOT },
  });
  deepEqual((await capital()).get("SOL"), { available: 50 * COIN, locked: 0, staked: 0 });
});

Deno.test("a position shows what it cost, what it is worth and what it ties up", async () => {
  await using scene = new ServedScene();
  const trader = scene.trader();
  equal(await read(scene, trader, "/api/v1/position", "positionQuery"), "[]");
  await scene.place(trader, aMarketOrder({ quantity: "15" }));
  const text = await read(scene, trader, "/api/v1/position", "positionQuery", { symbol: PERP });
  const [position] = readPositions(text, markets);
  equal(position?.quantity, 1_500);
  equal(position?.mark, 9_997);
  equal(position?.unrealised, -(10 * 3 + 5 * 4) * 1_000_000);
  equal(position?.exposureNotional, 1_500 * 9_997 * 10_000);
  equal(position?.initialMargin, 0.1);
  const collateral = readCollateral(
    await read(scene, trader, "/api/v1/capital/collateral", "collateralQuery"),
  );
  const equity = scene.world.exchange.equity(trader.account.id, PERP);
  const exposure = 1_500 * 9_997 * 10_000;
  equal(collateral.netEquityAvailable, equity - exposure / 10);
  equal(collateral.netExposureFutures, exposure);
  const weighed = Math.floor(50 * 99.97 * 0.9 * COIN);
  equal(collateral.netEquity, equity + weighed);
});

Deno.test("what spot orders hold is not available as margin", async () => {
  await using scene = new ServedScene();
  const trader = scene.trader();
  await scene.place(trader, anOrder({ symbol: SPOT, quantity: "10" }));
  const { netEquityAvailable, netEquityLocked } = readCollateral(
    await read(scene, trader, "/api/v1/capital/collateral", "collateralQuery"),
  );
  equal(netEquityAvailable, (10_000 - 990) * COIN);
  equal(netEquityLocked, 990 * COIN);
  const tooMuch = anOrder({ price: "99.95", quantity: "950" });
  equal((await scene.place(trader, tooMuch)).json.code, "INSUFFICIENT_MARGIN");
});

Deno.test("settings are kept, and leverage counts for the next order", async () => {
  await using scene = new ServedScene();
  const trader = scene.trader();
  const update = (params: Params) =>
    scene.send(trader, "PATCH", "/api/v1/account", { instruction: "accountUpdate", params });
  const large = anOrder({ quantity: "1500" });
  equal((await scene.place(trader, large)).json.code, "INSUFFICIENT_MARGIN");
  const reply = await update({ leverageLimit: "20", autoLend: false });
  deepEqual([reply.status, reply.text], [200, ""]);
  equal((await scene.place(trader, large)).status, 200);
  const account = readAccount(await read(scene, trader, "/api/v1/account", "accountQuery"));
  equal(account.leverageLimit, 20);
  equal(account.limitOrders, 1);
  deepEqual(account.perpFees, { maker: 2, taker: 5 });
  equal((await update({ leverageLimit: "51" })).json.code, "MAX_LEVERAGE_REACHED");
});

Deno.test("lent funds are not available, but an order may ask for them back", async () => {
  await using scene = new ServedScene();
  const trader = scene.trader();
  await scene.send(trader, "PATCH", "/api/v1/account", {
    instruction: "accountUpdate",
    params: { autoLend: true },
  });
  const order = anOrder({ symbol: SPOT });
  equal((await scene.place(trader, order)).json.code, "INSUFFICIENT_FUNDS");
  equal((await scene.place(trader, { ...order, autoLendRedeem: true })).status, 200);
});

const limits: readonly (readonly [Params, string])[] = [
  [{ symbol: SPOT, side: "Bid", price: "100" }, "100"],
  [{ symbol: SPOT, side: "Ask" }, "50"],
  [{ symbol: PERP, side: "Bid", price: "100" }, "1000"],
  [{ symbol: PERP, side: "Ask", reduceOnly: true }, "0"],
];

Deno.test("the most an account may order is what the engine takes", async () => {
  await using scene = new ServedScene();
  const trader = scene.trader();
  for (const [params, expected] of limits) {
    const path = "/api/v1/account/limits/order";
    const text = await read(scene, trader, path, "maxOrderQuantity", params);
    equal(JSON.parse(text).maxOrderQuantity, expected, text);
  }
});
