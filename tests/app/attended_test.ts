// A whole run with its door open: what a person asks goes through its loop, settings change and come
// back, and whoever stops it hears how it ended.

import { deepEqual, equal, fail, match, rejects } from "node:assert/strict";
import { type Attendance, attended, Notices } from "../../lib/app/attended.ts";
import type { Changed } from "../../lib/app/changes.ts";
import { ControlClient } from "../../lib/app/control_client.ts";
import { PacedVenue } from "../../lib/app/paced.ts";
import { findBots } from "../../lib/app/running.ts";
import type { Running, Watch } from "../../lib/app/session.ts";
import { wallClock } from "../../lib/app/wall.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { priceTicks } from "../../lib/core/market.ts";
import { cashOf } from "../../lib/core/units.ts";
import { rig } from "../../lib/lab/rig.ts";
import { SynthMarket } from "../../lib/sim/synth.ts";
import { TapeFeed } from "../../lib/sim/tape_feed.ts";
import grid from "../../strategies/grid.ts";
import { START } from "../support/core.ts";
import { aMarketOf } from "../support/known_market.ts";
import { aFolder, aRun } from "./a_bot.ts";

const market = aMarketOf("SOL_USDC_PERP");
const params = { ...defaultParams(grid.params), autoPrice: true, priceRange: 0.004, levels: 13 };
const fees = { maker: 2, taker: 5 };

/** A grid on a synthetic market, a minute of it in a second. */
function aRunning(): Running {
  const synth = new SynthMarket(market, { seed: 3, start: START, startPrice: 150 });
  const parts = rig({
    ...{ market, strategy: grid, params, fees, balances: { USDC: "10000" }, seed: 3 },
    ...{ latencyMs: 50, limits: defaultLimits, fillModel: "queue", quickLane: "off", time: START },
    feed: new TapeFeed(() => synth.chunk()),
    price: priceTicks(market, 150, "down"),
  });
  return {
    ...parts,
    venue: new PacedVenue(parts.venue, wallClock, 60),
    observers: [],
    left: () => Promise.resolve(parts.exchange.openOrders(parts.account).length),
  };
}

interface Scene {
  readonly client: ControlClient;
  readonly changed: Changed[];
  readonly notices: string[];
  readonly ended: Promise<number>;
}

/** Begins a run and waits until it has orders. */
async function begun(dataDir: string, given: Partial<Attendance> = {}): Promise<Scene> {
  const changed: Changed[] = [];
  const notices: string[] = [];
  const quoting = Promise.withResolvers<void>();
  const watch: Watch = {
    ...{ mode: "paper", strategy: "grid", durationSec: 0 },
    stop: new AbortController().signal,
    onStatus: ({ openOrders }) => openOrders.length > 0 && quoting.resolve(),
  };
  const ended = attended(aRunning(), watch, {
    ...{
      dataDir,
      run: aRun(),
      clock: wallClock,
      watchdog: "on",
      notices: new Notices(),
      budget: { left: 1990 },
    },
    onNotice: ({ text }) => notices.push(text),
    onChange: (change) => changed.push(change),
    ...given,
  });
  await Promise.race([quoting.promise, ended]);
  const [bot] = findBots(dataDir);
  return { client: new ControlClient(bot?.address ?? fail("no bot")), changed, notices, ended };
}

/** Asks for the status until it is as wanted. */
async function until(client: ControlClient, isSo: (status: string) => boolean): Promise<string> {
  for (;;) {
    const status = JSON.stringify(await client.status());
    if (isSo(status)) return status;
    await wallClock.sleep(20, new AbortController().signal);
  }
}

Deno.test("a run is shown, paused, resumed, flattened and stopped through its door", async () => {
  using folder = aFolder();
  const { client, ended } = await begun(folder.path);
  const status = JSON.parse(await until(client, (text) => text.includes('"name":"book"')));
  equal(status.run, aRun().id);
  deepEqual([status.budget, status.limits.maxDrawdownPct], [{ left: 1990 }, 5]);
  equal(Array.isArray(status.plan.orders) && status.plan.orders.length > 0, true);
  deepEqual(Object.keys(status.plan.orders[0]), ["side", "price", "quantity", "tag"]);
  match(status.pnl.grid, /^-?\d/);
  const total = ["realised", "unrealised", "funding"].reduce(
    (sum, key) => sum + Number(status.pnl[key]),
    -Number(status.pnl.fees),
  );
  equal(Math.abs(Number(status.pnl.grid) + Number(status.pnl.inventory) - total) < 1e-6, true);
  await client.ask("pause");
  await until(client, (text) => text.includes('"HALTED"') && text.includes('"openOrders":[]'));
  await client.ask("resume");
  await until(client, (text) => text.includes('"ACTIVE"') && !text.includes('"openOrders":[]'));
  await client.ask("flatten");
  await until(client, (text) => text.includes('"HALTED"') && text.includes('"position":"0"'));
  const told = client.end(new AbortController().signal);
  await client.ask("stop");
  deepEqual(await told, { exitCode: 0, orders: "none" });
  equal(await ended, 0);
  deepEqual(findBots(folder.path), []);
});

Deno.test("a setting is changed in the run, told, and taken back; a run without changes says so", async () => {
  using folder = aFolder();
  const given: number[] = [];
  const { client, changed, ended } = await begun(folder.path, {
    changes: {
      ...{ strategy: grid, limits: defaultLimits },
      setup: { market, params, fees, capital: cashOf(10_000) },
    },
    change: ({ limits }) => given.push(limits.maxOpenOrders),
  });
  const change = { key: "risk.maxOpenOrders", before: 200, after: 4 };
  deepEqual(await client.set({ key: "maxOpenOrders", value: "4" }), change);
  deepEqual((await client.undo()).after, 200);
  await rejects(client.set({ key: "levels", value: "4" }), { exitCode: 2, message: /restart/ });
  deepEqual([given, changed[0], changed.length], [[4, 200], change, 2]);
  await client.ask("stop");
  equal(await ended, 0);
  const fixed = await begun(folder.path);
  await rejects(fixed.client.set({ key: "maxOpenOrders", value: "4" }), /takes no changes/);
  await fixed.client.ask("stop");
  equal(await fixed.ended, 0);
});

Deno.test("memory beyond its bound ends the run in order, with a failure that is started again", async () => {
  using folder = aFolder();
  const { ended, notices } = await begun(folder.path, { mostRssMb: 1 });
  equal(await ended, 1);
  match(notices.join(), /The run ends: memory is \d+ MB, limit 1 MB/);
  deepEqual(findBots(folder.path), []);
});

Deno.test("the latest lines for a person are kept, and no more than that", () => {
  const notices = new Notices();
  for (let i = 0; i < 30; i++) notices.add({ level: "warn", text: String(i) });
  equal(notices.lines.length, 20);
  equal(notices.lines.at(-1), "warn: 29");
});
