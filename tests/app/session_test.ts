// What a status says of a run; how runs end is in paper_run_test.ts, on the embedded exchange.

import assert from "node:assert/strict";
import { statusOf } from "../../lib/app/session.ts";
import { emptyTape } from "../../lib/core/columns.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { defineStrategy } from "../../lib/core/strategy.ts";
import { lots, SECOND, ticks } from "../../lib/core/units.ts";
import { rig } from "../../lib/lab/rig.ts";
import { tapeFeed } from "../../lib/sim/tape_feed.ts";
import { aFill, after, ask, bid, level, perpMarket, START } from "../support/core.ts";

Deno.test("a status shows the moment: touch, orders, what was refused and the latest fills", () => {
  const strategy = defineStrategy({
    ...{ api: 1, name: "planning", summary: "Plans two orders.", params: {} },
    start: () => ({}),
    plan: () => ({
      orders: [bid(9_980, 10, { tag: "low" }), ask(10_020, 900)],
      reason: "two orders",
    }),
  });
  const parts = rig({
    ...{ market: perpMarket(), strategy, params: {}, fees: { maker: 2, taker: 5 } },
    ...{ balances: { USDC: "10000" }, seed: 3, latencyMs: 50 },
    limits: { ...defaultLimits, maxOrderUsd: 500 },
    fillModel: "queue",
    feed: tapeFeed(emptyTape(0)),
    price: ticks(10_000),
    time: START,
  });
  const before = statusOf(parts, { mode: "paper", strategy: "planning" });
  assert.deepEqual([before.equity, before.bestBid, before.openOrders], [
    1e12,
    undefined,
    [],
  ]);
  parts.record.seen(
    { kind: "timer", time: START },
    parts.engine.handle({
      ...{ kind: "depth", time: after(0), snapshot: true },
      ...{ bids: [level(9_990, 500)], asks: [level(10_010, 500)] },
    }),
  );
  for (let i = 1; i <= 6; i++) {
    const fill = aFill({
      id: 1,
      fillId: i,
      price: 9_980,
      quantity: 1,
      time: after(i),
      feeCash: 7,
    });
    parts.record.seen(fill, parts.engine.handle(fill));
  }
  const status = statusOf(parts, { mode: "paper", strategy: "planning" });
  assert.deepEqual([status.bestBid, status.bestAsk, status.position], [
    9_990,
    10_010,
    lots(6),
  ]);
  assert.deepEqual(status.pnl, {
    realised: 0,
    unrealised: 20 * 6 * 10_000,
    fees: 42,
    funding: 0,
  });
  assert.equal(status.equity, 1e12 + 20 * 6 * 10_000 - 42);
  assert.deepEqual([status.fills, status.strategy, status.state], [
    6,
    "planning",
    {
      name: "ACTIVE",
    },
  ]);
  assert.deepEqual(status.lastFills.map(({ time }) => (time - START) / 1_000), [
    6,
    5,
    4,
    3,
    2,
  ]);
  assert.equal(status.plan.reason, "two orders");
  const refused = status.plan.refused.map((
    { rule, side, price },
  ) => [rule, side, price]);
  assert.deepEqual(refused, [["maxOrderUsd", "ask", 10_020]]);
  const low = {
    side: "bid",
    price: 9_980,
    quantity: 4,
    tag: "low",
    since: START,
  };
  assert.deepEqual(status.openOrders[0], low);
  assert.ok(status.time < START + SECOND);
});
