// A plugin as the rest of the program sees it: a strategy like any other, or a line that says why not.

import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import { loadConfig } from "../../lib/app/config.ts";
import { firstPlan } from "../../lib/app/first_plan.ts";
import { loadPlugin } from "../../lib/app/plugins.ts";
import type { Setup, View } from "../../lib/core/strategy.ts";
import { cash, lots, micros, ticks } from "../../lib/core/units.ts";
import { perpMarket } from "../support/core.ts";
import { aFolder, aPlugin, counting, pluginOptions } from "../support/plugins.ts";

const setup: Setup = {
  market: perpMarket(),
  params: { price: 9990 },
  fees: { maker: 2, taker: 5 },
  capital: cash(100_000_000_000),
};

const view: View = {
  ...{ time: micros(1), bestBid: ticks(1), bestAsk: ticks(2), midTicks: 1.5, bids: [], asks: [] },
  ...{ position: lots(0), sellable: lots(0), equity: cash(0), openOrders: [], random: () => 0.5 },
};

Deno.test("what is asked of a plugin before a run is answered like by any strategy", async () => {
  using plugin = await aPlugin(counting(`
    cadence: () => ({ everyMs: 250 }),
    limits: ({ params }) => ({ maxOpenOrders: params.price - 9980 }),
    needs: () => ["book"],
  `));
  const { strategy } = plugin;
  deepEqual([strategy.name, strategy.summary], ["counting", "Counts what it sees."]);
  deepEqual(Object.keys(strategy.params), ["price"]);
  deepEqual(strategy.cadence?.(setup), { everyMs: 250 });
  deepEqual(strategy.limits?.(setup), { maxOpenOrders: 10 });
  deepEqual(strategy.needs?.(setup), ["book"]);
  equal(plugin.stopped, undefined);
});

Deno.test("check shows the first plan of a plugin, and what it complains of", async () => {
  using plugin = await aPlugin(counting(`
    start({ params }) {
      if (params.price > 100) return { seen: 0 };
      throw new RangeError("price must be above 100: current value is " + params.price);
    },
  `));
  const config = await loadConfig({ strategy: "grid", market: "SOL_USDC_PERP" }, undefined);
  const at = {
    ...{ price: ticks(10_000), position: lots(0), balances: { USDC: "1000" }, seed: 1 },
    fees: { maker: 2, taker: 5 },
  };
  const of = (price: number) =>
    firstPlan({ ...config, strategy: plugin.strategy, params: { price } }, at);
  equal(of(9000).approved.orders[0]?.price, 9000);
  equal(of(9000).plan.reason, "0 seen");
  throws(
    () => of(7),
    /^UserError: Cannot start counting as price must be above 100: current value is 7$/,
  );
});

Deno.test("what was granted is in the setup, and nothing else is", async () => {
  const source = `export const capabilities = { env: ["MY_MODEL_URL", "OTHER"] };
    ${counting(`limits: ({ granted }) => ({ maxOpenOrders: granted.MY_MODEL_URL.length }),`)}`;
  using plugin = await aPlugin(source, {
    allow: ["env=MY_MODEL_URL"],
    env: (name) => `value of ${name}`,
  });
  deepEqual(plugin.granted, { MY_MODEL_URL: "value of MY_MODEL_URL" });
  deepEqual(plugin.missing, ["env=OTHER"]);
  deepEqual(plugin.strategy.limits?.(setup), { maxOpenOrders: 21 });
});

Deno.test("trying a start in the middle of a run leaves the run alone", async () => {
  using plugin = await aPlugin(counting());
  const inner = { next: () => new Promise<undefined>(() => {}), send() {}, ask() {}, end() {} };
  const venue = plugin.joined(inner, () => micros(1));
  const planner = plugin.planner(setup);
  const reason = async () => {
    planner.plan(view);
    const event = await venue.next();
    if (event?.kind !== "planned") return event?.kind;
    planner.restore(event.memory);
    return event.plan.reason;
  };
  planner.start(view);
  planner.observe({ kind: "timer", time: micros(1) });
  equal(await reason(), "1 seen");
  deepEqual(plugin.strategy.start(setup, view), { seen: 0 });
  planner.observe({ kind: "timer", time: micros(2) });
  equal(await reason(), "2 seen");
});

Deno.test("a plugin of several files runs, and every kind of TypeScript with it", async () => {
  using folder = aFolder({
    "plugin.ts": `import { defineStrategy, ticks, lots } from "bpx-bot/strategy";
      import { clamp } from "bpx-bot/signals";
      import { price } from "./in/price.ts";
      enum Side { bid = "bid" }
      abstract class Base { constructor(readonly name: string) {} }
      class Mine extends Base {}
      export default defineStrategy({
        api: 1, name: new Mine("mine").name, summary: "Mine.", params: {},
        start: () => ({}),
        plan: () => ({ orders: [{ side: Side.bid, price: ticks(clamp(price, 1, 9)), quantity: lots(1), role: "maker" } as const] }),
      });`,
    "in/price.ts": `export const price: number = 12;`,
  });
  using plugin = await loadPlugin(`${folder.path}/plugin.ts`, pluginOptions());
  deepEqual(plugin.strategy.plan({}, view, setup).orders.map(({ price }) => Number(price)), [9]);
});

Deno.test("what is no plugin is refused in a line that names it", async () => {
  using folder = aFolder({
    "none.ts": `export const a = 1;`,
    "old.ts": counting().replace("api: 1", "api: 0"),
    "broken.ts": `export default {`,
    "throws.ts": `throw new Error("not today");`,
    "node.ts": `import "node:fs"; ${counting()}`,
    "clock.ts": `Date.now(); ${counting()}`,
    "dice.ts": `Math.random(); ${counting()}`,
    "notes.md": "",
  });
  const rows = [
    ["none.ts", /it must export default defineStrategy/],
    ["old.ts", /api must be 1: current value is 0/],
    ["broken.ts", /it failed/],
    ["throws.ts", /it failed: not today/],
    ["node.ts", /bpx-bot\/strategy and bpx-bot\/signals only: not "node:fs"/],
    ["clock.ts", /A strategy has no clock: use view\.time/],
    ["dice.ts", /A strategy has no dice: use view\.random/],
    ["notes.md", /must be a \.ts or \.js file/],
    ["missing.ts", /must be readable/],
  ] as const;
  for (const [name, fault] of rows) {
    const error = await loadPlugin(`${folder.path}/${name}`, pluginOptions()).then(
      () => undefined,
      (error: Error) => error,
    );
    equal(error?.name, "UserError", name);
    match(error?.message ?? "", fault);
    match(error?.message ?? "", /^Cannot load the plugin/);
  }
  const asking = { allow: ["env=BPX_API_SECRET"] };
  await rejects(aPlugin(counting(), asking), /must not be a name that begins with BPX_/);
});
