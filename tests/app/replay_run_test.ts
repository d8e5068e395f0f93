// Tests lib/app/replay_run.ts: whatever kind of run it was, its engine is built again as it was and
// answers its events with the commands that are in the journal.

import assert from "node:assert/strict";
import { JournalKeeper, momentOf } from "../../lib/app/journaled.ts";
import { UserError } from "../../lib/app/errors.ts";
import { eventsOf, rerunOf, withRun } from "../../lib/app/replay_run.ts";
import { Engine } from "../../lib/core/engine.ts";
import type { Event } from "../../lib/core/event.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { defineStrategy, type Setup } from "../../lib/core/strategy.ts";
import { readState, type Restored } from "../../lib/core/state.ts";
import { cash, lots, micros } from "../../lib/core/units.ts";
import { Journal } from "../../lib/journal/journal.ts";
import { recover } from "../../lib/journal/recover.ts";
import { byEvents, changeable } from "../../lib/journal/replay_planner.ts";
import { keepRestored, termsOf } from "../../lib/journal/replay_terms.ts";
import grid from "../../strategies/grid.ts";
import { Folder } from "../data/files.ts";
import { after, ask, bid, level, perpMarket, START } from "../support/core.ts";
import { journaledRun } from "../support/journaled.ts";

const gridParams = {
  ...defaultParams(grid.params),
  ...{ autoPrice: true, priceRange: 0.004, levels: 13 },
};
const pair = { account: "paper", market: "SOL_USDC_PERP", tag: 200 };
const setup: Setup = {
  ...{ market: perpMarket(), fees: { maker: 2, taker: 5 }, capital: cash(1e12) },
  params: gridParams,
};

function replayed(dataDir: string, id: string) {
  return withRun(
    { dataDir, id },
    (kept) => rerunOf(kept).play({ onDifference: "stop", observers: [] }),
  );
}

/** A book around 150.00, and then a timer each second. */
function quiet(from: number, count: number): readonly Event[] {
  const bids = [level(14_999, 500), level(14_998, 500)];
  const asks = [level(15_001, 500), level(15_002, 500)];
  return Array.from({ length: count }, (_, i) => {
    const time = after(from + 1000 * i);
    return i % 5 === 0
      ? { kind: "depth", time, bids, asks, snapshot: i === 0 }
      : { kind: "timer", time };
  });
}

Deno.test("a paper run is replayed to the last command", async () => {
  using folder = new Folder();
  const dataDir = folder.path("");
  const { id, parts } = await journaledRun({
    ...{ folder: dataDir, strategy: grid, params: gridParams },
    synth: { volatilityPct: 150 },
  });
  const { events, commands, difference, lost } = await replayed(dataDir, id);
  assert.deepEqual([difference, lost], [undefined, undefined]);
  assert.equal(events, parts.record.events);
  assert.ok(commands > 20, `${commands} commands`);
});

Deno.test("a killed run is replayed as far as it was written", async () => {
  using folder = new Folder();
  const dataDir = folder.path("");
  const { id, parts } = await journaledRun({
    ...{ folder: dataDir, strategy: grid, params: gridParams, ends: "killed" },
  });
  const { events, difference } = await replayed(dataDir, id);
  assert.deepEqual([difference, events], [undefined, parts.record.events]);
});

Deno.test("a parameter changed in between is changed at its place", async () => {
  using folder = new Folder();
  const dataDir = folder.path("");
  // The strategy reads what the test changes, as `set` changes a setup.
  const params = { ...gridParams };
  const { id } = await journaledRun({
    ...{ folder: dataDir, strategy: grid, params },
    after: (n, _event, _commands, journal) => {
      if (n !== 300) return;
      params.quantity = 0.3;
      journal.note("set", { key: "quantity", before: gridParams.quantity, after: 0.3 });
    },
  });
  const { difference, events } = await replayed(dataDir, id);
  assert.deepEqual([difference, events > 300], [undefined, true]);
  await using journal = Journal.open({ folder: dataDir, mode: "paper", access: "read" });
  const after = [...journal.rows(id)].filter(({ n }) => n > 300).flatMap(({ commands }) =>
    commands
  );
  const placed = after.flatMap((command) => command.kind === "place" ? [command.quantity] : []);
  assert.ok(placed.includes(lots(30)), "the change must show in later orders");
});

Deno.test("a run that goes on with another is replayed from what that one left", async () => {
  using folder = new Folder();
  const dataDir = folder.path("");
  const first = await journaledRun({
    ...{ folder: dataDir, strategy: grid, params: gridParams, ends: "killed" },
  });
  await using journal = Journal.open({ folder: dataDir, mode: "paper", access: "write" });
  const recovery = await recover(journal, pair);
  assert.ok(recovery !== undefined);
  const restored: Restored = { state: readState(recovery.state), since: recovery.since };
  const options = { market: setup.market, limits: defaultLimits, capital: setup.capital };
  const time = after(200_000);
  let id = 5000;
  const engine = new Engine({
    ...{ ...options, restored, time, seed: 5, everyMs: 1000 },
    planner: changeable(grid, setup),
    nextId: () => ++id,
  });
  const settings = Object.entries(gridParams).map(([key, value]) => ({ key, value }));
  const run = journal.begin({
    ...{ ...pair, started: micros(time), strategy: "grid", version: "0.1.0", seed: 5 },
    config: termsOf({ settings, strategy: grid, setup, limits: defaultLimits, time }),
    continues: first.id,
  }, momentOf(engine));
  keepRestored(run, restored);
  using keeper = new JournalKeeper(engine, run);
  let sent = 0;
  const events: readonly Event[] = [...quiet(200_000, 40), { kind: "stop", time: after(241_000) }];
  for (const event of events) {
    const commands = engine.handle(event);
    sent += commands.length;
    keeper.seen(event, commands);
  }
  run.end({ time, exitCode: 0, reason: "", remains: "none" });
  assert.ok(sent > 0, "the run must have something to do");
  const { difference, commands, lost } = await replayed(dataDir, run.id);
  assert.deepEqual([difference, lost, commands], [undefined, undefined, sent]);
});

Deno.test("a run whose plans are events is replayed without its strategy", async () => {
  using folder = new Folder();
  const dataDir = folder.path("");
  await using journal = Journal.open({ folder: dataDir, mode: "paper", access: "write" });
  const plugin = defineStrategy({
    ...{ api: 1, name: "a-plugin", summary: "Runs elsewhere.", params: {} },
    start: () => ({}),
    plan: () => assert.fail("the strategy must not be asked"),
  });
  let id = 0;
  const engine = new Engine({
    ...{ market: setup.market, limits: defaultLimits, capital: setup.capital },
    ...{ time: START, seed: 5, everyMs: 1000, planner: byEvents("a-plugin"), nextId: () => ++id },
  });
  const terms = termsOf({
    ...{ settings: [], strategy: plugin, setup, limits: defaultLimits, time: START },
    plans: "by events",
  });
  const start = { ...pair, started: START, strategy: "a-plugin", version: "0.1.0", seed: 5 };
  const run = journal.begin({ ...start, config: terms }, momentOf(engine));
  using keeper = new JournalKeeper(engine, run);
  const planned = [1, 2, 3].map((n): Event => ({
    ...{ kind: "planned", time: after(1000 * n + 500), memory: { n } },
    plan: { orders: [bid(14_900 + n, 10), ask(15_100 - n, 10)] },
  }));
  const events = [...quiet(0, 8), ...planned].sort((a, b) => a.time - b.time);
  let sent = 0;
  for (const event of events) {
    const commands = engine.handle(event);
    sent += commands.length;
    keeper.seen(event, commands);
  }
  run.end({ time: START, exitCode: 0, reason: "", remains: "none" });
  const { difference, commands } = await replayed(dataDir, run.id);
  assert.deepEqual([difference, commands, sent > 4], [undefined, sent, true]);
});

Deno.test("events alone can be read without an engine", async () => {
  using folder = new Folder();
  const dataDir = folder.path("");
  const { id, parts } = await journaledRun({
    ...{ folder: dataDir, strategy: grid, params: gridParams, synth: { durationSec: 20 } },
  });
  let [events, commands] = [0, 0];
  await withRun({ dataDir, id }, (kept) =>
    eventsOf(kept, (_, sent) => {
      events++;
      commands += sent.length;
    }));
  assert.equal(events, parts.record.events);
  assert.ok(commands >= 12);
});

Deno.test("a run that is not there is named with the nearest that is", async () => {
  using folder = new Folder();
  const dataDir = folder.path("");
  await assert.rejects(replayed(dataDir, "20231114-221320-grid"), UserError);
  const { id } = await journaledRun({
    ...{ folder: dataDir, strategy: grid, params: gridParams, synth: { durationSec: 5 } },
  });
  const told = { name: "UserError", message: new RegExp(`nearest: ${id}`) };
  await assert.rejects(replayed(dataDir, id.replace("grid", "grit")), told);
});
