// Tests lib/journal/replay_planner.ts: a changed setup is planned with from then on, what the strategy
// remembers stays, and a strategy that ran elsewhere is not asked.

import assert from "node:assert/strict";
import { defineStrategy, type Setup } from "../../lib/core/strategy.ts";
import { cash } from "../../lib/core/units.ts";
import { byEvents, changeable } from "../../lib/journal/replay_planner.ts";
import { bid, perpMarket } from "../support/core.ts";
import { aView } from "../support/views.ts";

const strategy = defineStrategy({
  ...{ api: 1, name: "counting", summary: "Counts timers." },
  params: { price: { type: "integer", default: 1, min: 1, max: 20_000, help: "" } },
  observes: ["timer"],
  start: () => ({ timers: 0 }),
  observe: (memory) => memory.timers++,
  plan: (memory, _, { params }) => ({ orders: [bid(params.price, 1 + memory.timers)] }),
});
const setupOf = (price: number): Setup<typeof strategy.params> => ({
  ...{ market: perpMarket(), fees: { maker: 2, taker: 5 }, capital: cash(1e12) },
  params: { price },
});

Deno.test("a strategy goes on with another setup and its old memory", () => {
  const planner = changeable(strategy, setupOf(100));
  const view = aView({});
  planner.start(view);
  planner.observe({ kind: "timer", time: view.time });
  assert.deepEqual(planner.plan(view)?.orders, [bid(100, 2)]);
  planner.change(setupOf(200));
  assert.deepEqual(planner.memory, { timers: 1 });
  assert.deepEqual(planner.plan(view)?.orders, [bid(200, 2)]);
  planner.observe({ kind: "timer", time: view.time });
  assert.deepEqual(planner.plan(view)?.orders, [bid(200, 3)]);
  assert.deepEqual([planner.name, [...planner.observes]], ["counting", ["timer"]]);
});

Deno.test("a setup may change before the start", () => {
  const planner = changeable(strategy, setupOf(100));
  planner.change(setupOf(300));
  planner.start(aView({}));
  assert.deepEqual(planner.plan(aView({}))?.orders, [bid(300, 1)]);
});

Deno.test("who plans by events answers nothing and keeps the memory that came with a plan", () => {
  const planner = byEvents("elsewhere");
  planner.start(aView({}));
  assert.equal(planner.plan(aView({})), undefined);
  planner.restore({ n: 3 });
  assert.deepEqual([planner.name, planner.memory, planner.observes.size], [
    "elsewhere",
    { n: 3 },
    0,
  ]);
});
