// A backtest in a cell is the backtest: the same commands, fills and report, and none where it fails.

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { cellBacktest } from "../../lib/app/cell_backtest.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { backtest } from "../../lib/lab/backtest.ts";
import flow from "../../strategies/flow.ts";
import grid from "../../strategies/grid.ts";
import { walkBars } from "../bench/bars.ts";
import { perpMarket } from "../support/core.ts";
import { aPlugin, counting } from "../support/plugins.ts";

const base = {
  market: perpMarket(),
  params: {},
  ...{ limits: defaultLimits, fees: { maker: 2, taker: 5 }, balances: { USDC: "10000" } },
  ...{ seed: 1, latencyMs: 50, path: "nearer" as const, version: "0" },
  data: { files: [], rows: 0, from: null, to: null, skipped: 0, rounded: 0, gaps: 0 },
};
const onTicks = {
  ...base,
  fillModel: "queue" as const,
  source: { kind: "sim" as const, synth: { durationSec: 900 } },
};
const bars = walkBars(3000, 1);
const onBars = {
  ...base,
  fillModel: "through" as const,
  source: { kind: "candles" as const, candles: bars },
};
const sourceOf = (name: string) =>
  Deno.readTextFileSync(new URL(`../../strategies/${name}.ts`, import.meta.url));
const silent = () => {};

Deno.test("in a cell and in process the same commands come out, on bars and on ticks", async () => {
  const gridParams = {
    ...defaultParams(grid.params),
    autoPrice: true,
    priceRange: 0.01,
    levels: 9,
  };
  const rows = [
    ["grid", grid, { ...onBars, params: gridParams }],
    ["flow", flow, { ...onTicks, params: defaultParams(flow.params) }],
  ] as const;
  for (const [name, strategy, options] of rows) {
    using plugin = await aPlugin(sourceOf(name));
    const inside = await cellBacktest(plugin, { ...options, strategy: plugin.strategy }, silent);
    const { report, fills, equity } = await backtest({ ...options, strategy });
    const { timing, ...rest } = inside.report;
    const { timing: own, ...wanted } = report;
    equal(timing.events, own.events);
    deepEqual(JSON.parse(JSON.stringify(rest)), JSON.parse(JSON.stringify(wanted)));
    equal(JSON.stringify(inside.fills), JSON.stringify(fills));
    equal(JSON.stringify(inside.equity), JSON.stringify(equity));
    equal(rest.orders.placed > 0, true, name);
  }
});

Deno.test("a plugin that complains, throws, prints or looks at a clock does so in a backtest too", async () => {
  const rows = [
    [
      `start() { throw new RangeError("x must be y: current value is z"); },`,
      /^RangeError: x must be y/,
    ],
    [`start() { throw new TypeError("oh"); },`, /The plugin failed: TypeError: oh/],
    [`plan() { return Date.now(); },`, /The plugin failed: A strategy has no clock/],
    [`observes: ["timer"], observe() { performance.now(); },`, /A strategy has no clock/],
    [
      `plan() { return { orders: [{ side: "bid", price: 1.5, quantity: 1, role: "maker" }] }; },`,
      /price is 1.5/,
    ],
  ] as const;
  for (const [parts, fault] of rows) {
    using plugin = await aPlugin(counting(parts));
    await rejects(cellBacktest(plugin, onBars, silent), fault);
  }
  const said: string[] = [];
  using plugin = await aPlugin(counting(`start() { console.log("begun"); return { seen: 0 }; },`));
  await cellBacktest(plugin, { ...onBars, params: { price: 9990 } }, (line) => said.push(line));
  deepEqual(said, ["begun"]);
});

Deno.test("a backtest that is stopped ends at once, and one that runs tells how far it is", async () => {
  using plugin = await aPlugin(counting(`plan: () => { for (;;); },`));
  const stop = new AbortController();
  const running = cellBacktest(plugin, { ...onBars, stop: stop.signal }, silent);
  stop.abort();
  await rejects(running, /Cannot finish the backtest as it was stopped/);
  using counted = await aPlugin(counting());
  const told: number[] = [];
  const breathe = { everyMs: 1, tell: ({ fraction }: { fraction: number }) => told.push(fraction) };
  const options = { ...onTicks, params: { price: 9990 }, breathe };
  const { report } = await cellBacktest(counted, options, silent);
  match(report.reason ?? "", /seen$/);
  equal(told.every((fraction) => fraction >= 0 && fraction <= 1), true);
});
