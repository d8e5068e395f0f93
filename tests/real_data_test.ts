// The real candles of ../shared/data (beside the repository; where they are absent each test says so
// and passes): the bars a public grid bot claims its figures for, ninety days, a fall of 46 % and the
// crash of 2025-10-10. Every promise of `support/invariants.ts` is checked after each event.

import assert from "node:assert/strict";
import { main } from "../lib/app/cli.ts";
import { defaultLimits, type RiskLimits } from "../lib/core/limits.ts";
import type { Market } from "../lib/core/market.ts";
import { defaultParams } from "../lib/core/params.ts";
import type { Command, Event } from "../lib/core/event.ts";
import { defineStrategy, type Plan, type Strategy } from "../lib/core/strategy.ts";
import { micros, NEVER, SECOND, type Ticks, ticks } from "../lib/core/units.ts";
import { readCandles } from "../lib/data/candles.ts";
import type { FillModel } from "../lib/exchange/crowd.ts";
import type { Report } from "../lib/lab/report.ts";
import { type Rig, rig } from "../lib/lab/rig.ts";
import { run } from "../lib/run.ts";
import { type BarPath, CandleFeed } from "../lib/sim/candle_feed.ts";
import { noFaults } from "../lib/sim/fault_rates.ts";
import { FaultyVenue } from "../lib/sim/faults.ts";
import grid from "../strategies/grid.ts";
import { sharedFile } from "./data/files.ts";
import { compareBooks, conserved } from "./support/agreement.ts";
import { bid } from "./support/core.ts";
import { Coverage } from "./support/coverage.ts";
import { Invariants } from "./support/invariants.ts";
import { aMarketOf } from "./support/known_market.ts";
import { aShell } from "./support/shell.ts";

const seedFile = "klines/SEED-SOLUSD-COINBASE-1h-300bars-20250707-20250720.csv.gz";
const ninetyDays = "klines/SOLUSD-SPOT-COINBASE-5m-20250916-20251215.csv.gz";
const fall = "klines/SOLUSDT-PERP-BINANCE-1m-20250127-20250226.csv.gz";
const crash = "klines/SOLUSDT-PERP-BINANCE-5m-20250407-20251231.csv.gz";

/** The backtest on the public bot's own bars. */
async function seedReport(path: string, ...flags: string[]): Promise<Report> {
  const shell = aShell();
  const exitCode = await main([
    ...[
      "backtest",
      "--no-cache",
      "-s",
      "grid",
      "--data",
      path,
      "--set",
      "lower=150",
      "--set",
      "upper=180",
    ],
    ...["--set", "levels=25", "--set", "quantity=0.25", "-m", "SOL_USDC"],
    ...["--balance", "USDC=10000", "--fees", "10/10", "--json", ...flags],
  ], shell);
  assert.equal(exitCode, 0, shell.printed.err);
  return JSON.parse(shell.printed.out);
}

Deno.test("on the public bot's bars a grid does the same twice, and less the stricter the fills", async () => {
  const path = sharedFile(seedFile);
  if (path === undefined) return;
  const fills: number[] = [];
  for (const fillModel of ["touch", "through", "queue"]) {
    const one = await seedReport(path, "--fill-model", fillModel);
    const two = await seedReport(
      path,
      "--fill-model",
      fillModel,
      "--no-quick-lane",
    );
    assert.equal(two.commandsDigest, one.commandsDigest, fillModel);
    assert.deepEqual(two.ledger, one.ledger, fillModel);
    assert.equal(one.ledger.identityError, "0", fillModel);
    assert.deepEqual([one.data.rows, one.data.gaps, one.data.skipped], [
      300,
      0,
      0,
    ]);
    fills.push(one.fills);
  }
  const [touch = 0, through = 0, queue = 0] = fills;
  assert.ok(touch >= through && through >= queue, `fills ${fills.join(" ")}`);
  assert.ok(queue > 20, `only ${queue} fills`);
});

interface Play {
  readonly file: string;
  readonly market: Market;
  readonly fillModel: FillModel;
  readonly path: BarPath;
  /** Default: a grid. */
  readonly strategy?: Strategy;
  readonly limits?: Partial<RiskLimits>;
  readonly params?: {
    readonly [name: string]: number | boolean | string | null;
  };
  readonly balances?: { readonly [asset: string]: string };
  readonly from?: string;
  readonly to?: string;
}

const perp = aMarketOf("SOL_USDC_PERP");
const spot = aMarketOf("SOL_USDC");

const anyGrid: Strategy = grid;

interface Played {
  readonly parts: Rig;
  /** How many events of each kind came. */
  readonly kinds: ReadonlyMap<string, number>;
  /** Fills of a forced closing with the mark price of the moment they were told. */
  readonly forced: readonly {
    readonly price: Ticks;
    readonly mark: Ticks | undefined;
  }[];
}

/** Plays a recording to its end with every promise checked; undefined where it is absent. */
async function play(given: Play): Promise<Played | undefined> {
  const file = sharedFile(given.file);
  if (file === undefined) return undefined;
  const { market, fillModel, path, from, to } = given;
  const { candles } = await readCandles([file], market, {
    errors: "refuse",
    ...(from === undefined ? {} : { from: micros(Date.parse(from) * 1_000) }),
    ...(to === undefined ? {} : { to: micros(Date.parse(to) * 1_000) }),
  });
  const limits: RiskLimits = {
    ...defaultLimits,
    ...{ maxPositionUsd: 2_500, maxOrderUsd: 400, maxDrawdownPct: 50 },
    ...given.limits,
  };
  const plans: Plan[] = [];
  const { strategy: asked = anyGrid } = given;
  const strategy: Strategy = {
    ...asked,
    plan(memory, view, setup) {
      const plan = asked.plan(memory, view, setup);
      plans.push(plan);
      return plan;
    },
  };
  const parts = rig({
    market,
    strategy,
    params: {
      ...defaultParams(grid.params),
      ...{
        autoPrice: true,
        priceRange: 0.15,
        levels: 25,
        quantity: 0.5,
        outOfRange: "recentre",
      },
      ...given.params,
    },
    limits,
    fees: market.kind === "perp" ? { maker: 2, taker: 5 } : { maker: 8, taker: 10 },
    balances: given.balances ?? { USDC: "10000" },
    seed: 1,
    fillModel,
    latencyMs: 100,
    feed: new CandleFeed(candles, { fillModel, path }),
    price: ticks(candles.open[0] ?? 0),
    time: micros(candles.time[0] ?? 0),
    // Each event is to be seen.
    quickLane: "off",
  });
  const watched = watch(parts, { limits, plans });
  await run(parts.engine, watched.venue, [parts.record, watched]);
  assert.ok(
    watched.compared > candles.length,
    `compared only ${watched.compared} times`,
  );
  assert.equal(parts.identityError(), 0);
  assert.ok(
    parts.venue.now >= (candles.time.at(-1) ?? 0) + candles.barSec * SECOND,
  );
  return { parts, kinds: watched.kinds, forced: watched.forced };
}

/** Checks every promise after each event, and both sides' books whenever nothing is under way. */
function watch(
  parts: Rig,
  { limits, plans }: { limits: RiskLimits; plans: Plan[] },
) {
  const { engine, exchange, account } = parts;
  const { orders, market: { symbol } } = engine.facts;
  const venue = new FaultyVenue({
    ...{
      venue: parts.venue,
      exchange,
      account,
      symbol,
      rates: noFaults,
      seed: 1,
    },
    ...{ until: NEVER, operator: [] },
  });
  const invariants = new Invariants({
    ...{ rig: parts, venue, limits, plans, coverage: new Coverage() },
  });
  const moneyStays = conserved(exchange);
  const kinds = new Map<string, number>();
  const forced: { price: Ticks; mark: Ticks | undefined }[] = [];
  return {
    venue,
    kinds,
    forced,
    compared: 0,
    seen(event: Event, commands: readonly Command[]) {
      kinds.set(event.kind, (kinds.get(event.kind) ?? 0) + 1);
      invariants.after(event, commands);
      if (event.kind === "foreignFill") {
        forced.push({ price: event.price, mark: exchange.book(symbol).mark });
      }
      if (parts.venue.reportsOnTheWay > 0) return;
      assert.equal(parts.identityError(), 0);
      if (!orders.areSettled || this.compared++ % 50 > 0) return;
      compareBooks(parts);
      moneyStays();
    },
  };
}

const runs: readonly (readonly [string, Play])[] = [
  ["ninety days of spot", {
    file: ninetyDays,
    market: spot,
    fillModel: "through",
    path: "nearer",
  }],
  [
    "three weeks of spot around the crash in a trailing grid",
    {
      ...{
        file: ninetyDays,
        market: spot,
        fillModel: "queue",
        path: "adverse",
      },
      ...{ from: "2025-10-05", to: "2025-10-25" },
      params: { outOfRange: "trail", priceRange: 0.05 },
    },
  ],
  ["the fall from 244 to 132", {
    file: fall,
    market: perp,
    fillModel: "through",
    path: "adverse",
  }],
  [
    "the fall of a grid that only buys, held by its limits",
    {
      ...{ file: fall, market: perp, fillModel: "touch", path: "nearer" },
      to: "2025-02-04",
      params: { direction: "long", outOfRange: "trail" },
      limits: {
        maxPositionUsd: 800,
        maxDrawdownPct: 8,
        drawdownAction: "reduce",
      },
    },
  ],
  [
    "the crash of 2025-10-10",
    {
      ...{ file: crash, market: perp, fillModel: "through", path: "adverse" },
      ...{ from: "2025-10-06", to: "2025-10-16" },
    },
  ],
  [
    "the crash of 2025-10-10 flattened by a limit",
    {
      ...{ file: crash, market: perp, fillModel: "queue", path: "nearer" },
      ...{ from: "2025-10-08", to: "2025-10-14" },
      limits: { maxDrawdownPct: 1, drawdownAction: "flatten" },
    },
  ],
];

for (const [name, given] of runs) {
  Deno.test(`every promise holds: ${name}`, async () => {
    const played = await play(given);
    if (played === undefined) return;
    const { parts, kinds } = played;
    assert.ok(
      (kinds.get("fill") ?? 0) >= 10,
      `only ${kinds.get("fill")} fills`,
    );
    const { name: state } = parts.engine.riskState;
    if (given.limits?.drawdownAction === "flatten") {
      assert.deepEqual([state, parts.engine.facts.ledger.position], [
        "HALTED",
        0,
      ]);
    }
  });
}

/** Buys twenty at the start and holds them. */
const holder = defineStrategy({
  ...{ api: 1, name: "holder", summary: "Buys and holds.", params: {} },
  start: () => ({}),
  plan: (_, { position, bestAsk }) => ({
    orders: position > 0 ? [] : [bid(bestAsk, 2_000, { role: "taker" })],
  }),
});

Deno.test("the crash of 2025-10-10 closes by force who held far too much, no better than the mark", async () => {
  const played = await play({
    ...{
      file: crash,
      market: perp,
      fillModel: "through",
      path: "adverse",
      strategy: holder,
    },
    ...{ from: "2025-10-09", to: "2025-10-12", balances: { USDC: "600" } },
    limits: {
      maxPositionUsd: 20_000,
      maxOrderUsd: 20_000,
      maxDrawdownPct: 100,
    },
  });
  if (played === undefined) return;
  const { parts, forced } = played;
  assert.ok(forced.length > 0, "nobody was closed by force");
  assert.equal(parts.engine.riskState.name, "HALTED");
  for (const { price, mark = 0 } of forced) {
    assert.ok(price <= mark, `closed at ${price} while the mark was ${mark}`);
  }
});
