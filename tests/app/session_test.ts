// What a status says of a run, and the ends that only a bad market brings about; how runs end is in
// paper_run_test.ts, on the embedded exchange.

import assert from "node:assert/strict";
import { type RunVenue, session, statusOf } from "../../lib/app/session.ts";
import { emptyTape } from "../../lib/core/columns.ts";
import type { Event } from "../../lib/core/event.ts";
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

/** A bot with a position of 10 lots in a market that takes none of its orders. */
function stuckBot() {
  const strategy = defineStrategy({
    ...{ api: 1, name: "holding", summary: "Plans nothing.", params: {} },
    start: () => ({}),
    plan: () => ({ orders: [] }),
  });
  const parts = rig({
    ...{ market: perpMarket(), strategy, params: {}, fees: { maker: 2, taker: 5 } },
    ...{ balances: { USDC: "10000" }, seed: 3, latencyMs: 50, limits: defaultLimits },
    ...{ fillModel: "queue", feed: tapeFeed(emptyTape(0)), price: ticks(10_000), time: START },
  });
  const events: Event[] = [
    {
      ...{ kind: "depth", time: after(0), snapshot: true },
      ...{ bids: [level(9_990, 500)], asks: [level(10_010, 500)] },
    },
    aFill({ id: 1, fillId: 1, price: 10_000, quantity: 10, time: after(1) }),
  ];
  const sent: string[] = [];
  let [seconds, isOver] = [0, false];
  const venue: RunVenue = {
    next: () =>
      isOver ? undefined : events.shift() ?? { kind: "timer", time: after(++seconds * 1e3) },
    send: (commands) => sent.push(...commands.map(({ kind }) => kind)),
    ask: (kind) => events.unshift({ kind, time: after(1) }),
    end: () => isOver = true,
  };
  return { ...parts, venue, sent, observers: [], left: () => Promise.resolve(0) };
}

Deno.test("a flattening that did not come to its end is no success", async () => {
  for (const [onStop, exitCode] of [["flatten", 5], ["cancel", 0]] as const) {
    const bot = stuckBot();
    const watch = {
      mode: "live",
      strategy: "holding",
      durationSec: 3,
      onStatus: () => {},
    } as const;
    const { signal } = new AbortController();
    assert.equal(await session(bot, { ...watch, onStop, stop: signal }), exitCode, onStop);
    assert.equal(bot.engine.facts.ledger.position, 10);
    assert.deepEqual(bot.sent, onStop === "flatten" ? ["place"] : []);
  }
});
