// Tests lib/lab/compare_decisions.ts: decisions are compared only where everything that was seen is the
// same, and then every difference counts.

import assert from "node:assert/strict";
import { defineStrategy, type View } from "../../lib/core/strategy.ts";
import { Decisions } from "../../lib/lab/compare_decisions.ts";
import { bid } from "../support/core.ts";
import { aSetup, aView } from "../support/views.ts";

function asked(price: number, memory: object, ...views: readonly View[]): Decisions {
  const strategy = defineStrategy({
    ...{ api: 1, name: "planning", summary: "Plans one bid.", params: {} },
    start: () => ({}),
    plan: () => ({ orders: [bid(price, 1)] }),
  });
  const decisions = new Decisions();
  const watched = decisions.watch(strategy);
  for (const view of views) {
    assert.equal(watched.plan(memory, view, aSetup(strategy, { params: {} })).orders.length, 1);
  }
  return decisions;
}

Deno.test("equal views with equal plans are equal, and with another plan are not", () => {
  const views = [
    aView({ bestBid: 14_000 }),
    aView({ bestBid: 14_001 }),
    aView({ bestBid: 14_002 }),
  ];
  const wanted = { asked: 3, equalViews: 3, equal: 3 };
  assert.deepEqual(asked(100, {}, ...views).against(asked(100, {}, ...views)), wanted);
  const other = asked(101, {}, ...views.slice(1));
  assert.deepEqual(asked(100, {}, ...views).against(other), { asked: 3, equalViews: 2, equal: 0 });
});

Deno.test("a view with another memory is another view", () => {
  const view = aView({ bestBid: 14_000 });
  const found = asked(100, { n: 1 }, view).against(asked(100, { n: 2 }, view));
  assert.deepEqual(found, { asked: 1, equalViews: 0, equal: 0 });
});
