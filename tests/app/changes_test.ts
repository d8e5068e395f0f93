// Settings that change while a bot runs: the same bounds as at the start, nothing that the memory of
// the strategy hangs on, and each one can be taken back.

import { deepEqual, equal, throws } from "node:assert/strict";
import { Changes, type ChangesOptions, type Terms } from "../../lib/app/changes.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { defaultParams, type RawParam } from "../../lib/core/params.ts";
import type { Setup, Strategy } from "../../lib/core/strategy.ts";
import { cashOf, ticks } from "../../lib/core/units.ts";
import amm from "../../strategies/amm.ts";
import flow from "../../strategies/flow.ts";
import grid from "../../strategies/grid.ts";
import points from "../../strategies/points.ts";
import { aMarketOf } from "../support/known_market.ts";
import { aView } from "../support/views.ts";

const market = aMarketOf("SOL_USDC_PERP");
const view = aView({ bestBid: ticks(14_999), bestAsk: ticks(15_001) });
const gridParams = { autoPrice: true, priceRange: 0.1 };

function aSession(
  strategy: Strategy,
  params: { readonly [name: string]: RawParam } = {},
  given: Partial<ChangesOptions> = {},
) {
  const setup: Setup = {
    ...{ market, fees: { maker: 2, taker: 5 }, capital: cashOf(10_000) },
    params: { ...defaultParams(strategy.params), ...params },
  };
  const given_: Terms[] = [];
  const told: unknown[] = [];
  const changes = new Changes({
    ...{ strategy, setup, limits: defaultLimits, needed: ["maxPositionUsd"] },
    run: { view: () => view, change: (terms) => given_.push(terms) },
    onChange: (changed) => told.push(changed),
    ...given,
  });
  return { changes, given: given_, told, latest: () => given_.at(-1) };
}

Deno.test("a limit is changed, told, and taken back, also one that was not set", () => {
  const { changes, given, told, latest } = aSession(grid, gridParams);
  const first = { key: "risk.maxOrderUsd", before: null, after: 50 };
  deepEqual(changes.set({ key: "maxOrderUsd", value: "50" }), first);
  equal(latest()?.limits.maxOrderUsd, 50);
  changes.set({ key: "maxOrderUsd", value: "20" });
  changes.set({ key: "risk.drawdownAction", value: "flatten" });
  equal(latest()?.limits.drawdownAction, "flatten");
  deepEqual(changes.undo(), { key: "risk.drawdownAction", before: "flatten", after: "halt" });
  changes.undo();
  equal(latest()?.limits.maxOrderUsd, 50);
  deepEqual(changes.undo(), { key: "risk.maxOrderUsd", before: 50, after: null });
  deepEqual(latest()?.limits, defaultLimits);
  throws(() => changes.undo(), { exitCode: 2, message: /nothing was changed/ });
  deepEqual([given.length, told.length, told[0]], [6, 6, first]);
});

Deno.test("what is as it was asked for is neither told nor undone", () => {
  const { changes, given, told } = aSession(grid, gridParams);
  deepEqual(changes.set({ key: "maxDrawdownPct", value: "5" }).before, 5);
  deepEqual([given, told], [[], []]);
  throws(() => changes.undo());
});

Deno.test("a parameter that memory does not hang on is changed, and the setup is whole", () => {
  const { changes, latest } = aSession(grid, gridParams);
  changes.set({ key: "takeProfitPct", value: "3" });
  const { params, capital } = latest()?.setup ?? {};
  deepEqual([params?.takeProfitPct, params?.priceRange, capital], [3, 0.1, cashOf(10_000)]);
  changes.set({ key: "params.takeProfitPct", value: "null" });
  equal(latest()?.setup.params.takeProfitPct, null);
});

Deno.test("what is refused is refused in one line, and nothing changes", () => {
  const rows: readonly [Strategy, string, string, RegExp][] = [
    [
      grid,
      "levels",
      "12",
      /^Cannot set levels as it is what the memory of grid was made with: res/,
    ],
    [grid, "lower", "100", /restart the bot/],
    [flow, "lookbackMs", "4000", /restart the bot/],
    [points, "role", "taker", /restart the bot/],
    [amm, "bias", "short", /restart the bot/],
    [amm, "everyMs", "500", /restart the bot/],
    [grid, "outOfRange", "trail", /^Cannot set outOfRange as it changes what the strategy must/],
    [grid, "capital", "5000", /^Cannot set capital as it is what the run was started with/],
    [grid, "atrBars", "20", /^Cannot set atrBars as it is what the run was made with/],
    [grid, "staleMs", "9000", /restart/],
    [grid, "maxDrawdownPct", "101", /^Cannot set maxDrawdownPct as .* must be between 0 and 100 %/],
    [grid, "maxDrawdownPct", "five", /must be a number: current value is five$/],
    [grid, "maxPositionUsd", "null", /^Cannot set maxPositionUsd as it must be set for this run$/],
    [grid, "stopLossPc", "5", /nearest: stopLossPct/],
    [amm, "orderUsd", "0.01", /^Cannot set orderUsd as orderUsd must be at least /],
    [amm, "stepBps", "30", /^Cannot set stepBps as maxDeviationBps must be at least stepBps, 30/],
  ];
  for (const [strategy, key, value, message] of rows) {
    const { changes, given, told } = aSession(strategy, strategy === grid ? gridParams : {});
    throws(() => changes.set({ key, value }), { exitCode: 2, message }, `${key}=${value}`);
    deepEqual([given, told], [[], []], key);
    throws(() => changes.undo(), /nothing was changed/);
  }
});

Deno.test("a strategy's own limits stay in force, whatever the operator allows", () => {
  const { changes, latest } = aSession(flow);
  changes.set({ key: "risk.maxSpreadPct", value: "5" });
  equal(latest()?.limits.maxSpreadPct, 2);
  changes.set({ key: "maxSpreadPct", value: "1" });
  deepEqual([latest()?.limits.maxSpreadPct, latest()?.setup.params.maxSpreadPct], [1, 1]);
});

Deno.test("without a book no parameter can be judged, a limit can", () => {
  const run = { view: () => undefined, change: () => {} };
  const { changes } = aSession(grid, gridParams, { run });
  throws(() => changes.set({ key: "stopLossPct", value: "3" }), /once there is a book/);
  equal(changes.set({ key: "maxOpenOrders", value: "3" }).after, 3);
});

Deno.test("a start that the market has made impossible does not stand in the way of another setting", () => {
  // At this price the least order of the start is no longer worth the market's minimum.
  const far = aView({ bestBid: 1, bestAsk: 3 });
  const run = { view: () => far, change: () => {} };
  const { changes } = aSession(amm, {}, { run });
  equal(changes.set({ key: "maxHoldSec", value: "60" }).after, 60);
});

Deno.test("whatever the engine refuses is not taken for made", () => {
  const { changes } = aSession(grid, gridParams, {
    run: {
      view: () => view,
      change() {
        throw new TypeError("no");
      },
    },
  });
  throws(() => changes.set({ key: "maxOrderUsd", value: "5" }), TypeError);
  throws(() => changes.undo(), /nothing was changed/);
});
