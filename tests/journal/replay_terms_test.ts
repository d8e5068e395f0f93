// Tests lib/journal/replay_terms.ts: what a run was started with comes back from its journal as it
// was, and what does not fit is refused by its name.

import assert from "node:assert/strict";
import { Engine } from "../../lib/core/engine.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { inProcess } from "../../lib/core/planner.ts";
import { defineStrategy, type Setup } from "../../lib/core/strategy.ts";
import { cash, lots, ticks } from "../../lib/core/units.ts";
import {
  changesOf,
  keepRestored,
  paramsIn,
  readRestored,
  readTerms,
  type RunTerms,
  termsOf,
} from "../../lib/journal/replay_terms.ts";
import { perpMarket } from "../support/core.ts";
import { aFill, aPlace, aStart, at, aTrade, House } from "./samples.ts";

const specs = {
  levels: { type: "integer", default: 5, min: 2, max: 50, help: "" },
  mode: { type: "choice", default: "a", choices: ["a", "b"], help: "" },
  upper: { type: "number", default: null, min: 0, max: 100, help: "" },
} as const;
const strategy = defineStrategy({
  ...{ api: 1, name: "planning", summary: "Plans nothing.", params: specs },
  cadence: () => ({ everyMs: 250 }),
  start: () => ({}),
  plan: () => ({ orders: [] }),
});
const market = perpMarket({ initialMargin: { base: 0.02, factor: 0.0001 }, maxQuantity: "1000" });
const setup: Setup<typeof specs> = {
  ...{ market, fees: { maker: 2, taker: 5 }, capital: cash(1e12) },
  params: { levels: 7, mode: "b", upper: null },
};
const terms = termsOf({
  settings: Object.entries(setup.params).map(([key, value]) => ({ key, value })),
  ...{ strategy, setup, limits: { ...defaultLimits, maxPositionUsd: 500 }, time: at(0) },
  inventory: { position: lots(12), price: ticks(14_000) },
  paper: { latencyMs: 50, balances: { USDC: "10000.5" } },
});

async function readBack(config: object): Promise<RunTerms> {
  await using house = new House();
  const { journal, run } = house.begin({ config });
  const record = journal.run(run.id);
  assert.ok(record !== undefined);
  return readTerms(journal, record);
}

Deno.test("the terms of a run come back as they were", async () => {
  const back = await readBack(terms);
  // JSON has no way to write a field that is there and undefined.
  assert.deepEqual(back, JSON.parse(JSON.stringify(terms)));
  assert.deepEqual([back.everyMs, back.plans, back.limits.maxPositionUsd], [
    250,
    "in process",
    500,
  ]);
});

Deno.test("a term that is not what it must be is refused by its name", async () => {
  const rows: readonly (readonly [string, object])[] = [
    ["config.capital", { ...terms, capital: "1e12" }],
    ["config.market.tickUnits", { ...terms, market: { ...terms.market, tickUnits: 0 } }],
    ["config.fees.maker", { ...terms, fees: { taker: 5 } }],
    ["config.settings.levels", { ...terms, settings: { levels: [7] } }],
    ["config.limits.staleMs", { ...terms, limits: { ...terms.limits, staleMs: -1 } }],
    ["config.limits.maxOpenOrders", { ...terms, limits: {} }],
    ["config.plans", { ...terms, plans: "by heart" }],
    ["config.paper.balances.USDC", { ...terms, paper: { latencyMs: 5, balances: { USDC: 1 } } }],
  ];
  for (const [field, config] of rows) {
    const told = { name: "JournalFault", message: new RegExp(field.replaceAll(".", "\\.")) };
    await assert.rejects(readBack(config), told, field);
  }
  await assert.rejects(readBack({ rungs: 3 }), /does not say what run .* was started with/);
});

Deno.test("what a run went on from comes back as it was, or is said to be missing", async () => {
  await using house = new House();
  const engine = new Engine({
    ...{ market, limits: defaultLimits, capital: cash(1e12), everyMs: 250, seed: 7, time: at(0) },
    planner: inProcess(strategy, setup),
    nextId: () => 1,
  });
  const since = [
    { commands: [aPlace(4), { kind: "cancel", id: 3 }], time: at(1) },
    { event: aFill(4, 9) },
    { event: aTrade(2), time: at(3) },
  ] as const;
  const { journal, run } = house.begin({ continues: "the one before", config: terms });
  keepRestored(run, { state: engine.snapshot(), since });
  run.seen(aTrade(1), []);
  const record = journal.run(run.id);
  assert.ok(record !== undefined);
  const restored = readRestored(journal, record);
  assert.deepEqual(
    JSON.parse(JSON.stringify(restored)),
    JSON.parse(JSON.stringify({
      state: engine.snapshot(),
      since,
    })),
  );
  const bare = journal.begin(aStart({ continues: run.id }), house.hand);
  const bareRecord = journal.run(bare.id);
  assert.ok(bareRecord !== undefined);
  assert.throws(() => readRestored(journal, bareRecord), /does not hold what run .* went on from/);
  assert.equal(readRestored(journal, { ...bareRecord, continues: undefined }), undefined);
});

Deno.test("changed settings are read with the number of the event before", async () => {
  await using house = new House();
  const { journal, run } = house.begin({ config: terms });
  run.seen(aTrade(1), []);
  run.note("notice", { text: "quiet" });
  run.note("set", { key: "levels", before: 7, after: 9 });
  run.seen(aTrade(2), []);
  run.note("set", { key: "upper", before: null, after: 50 });
  run.note("set", { key: "levels", before: 9, after: 7 });
  const record = journal.run(run.id);
  assert.ok(record !== undefined);
  assert.deepEqual([...changesOf(journal, record)], [
    [1, [{ key: "levels", before: 7, after: 9 }]],
    [2, [{ key: "upper", before: null, after: 50 }, { key: "levels", before: 9, after: 7 }]],
  ]);
  run.note("set", { key: "levels" });
  assert.throws(() => changesOf(journal, record), /changed setting at event 2/);
});

Deno.test("parameters are read by their specs, and those a run did not have are named", () => {
  assert.deepEqual(paramsIn(specs, { levels: 9, mode: "b", capital: 3 }), {
    params: { levels: 9, mode: "b", upper: null },
    unsaid: ["upper"],
  });
  assert.throws(() => paramsIn(specs, { levels: 90 }), /levels must be between 2 and 50/);
});
