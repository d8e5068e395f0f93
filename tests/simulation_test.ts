// Whole runs on the simulated exchange, from seeds: every strategy, market shape and latency, with
// the promises of `support/invariants.ts` checked after each event. A failure prints the one line
// that repeats it: `BPX_SEED=<n> deno task test tests/simulation_test.ts`.

import assert from "node:assert/strict";
import { defaultLimits, type RiskLimits } from "../lib/core/limits.ts";
import type { Market } from "../lib/core/market.ts";
import { priceTicks } from "../lib/core/market.ts";
import { defaultParams } from "../lib/core/params.ts";
import { Random } from "../lib/core/random.ts";
import type { Strategy } from "../lib/core/strategy.ts";
import { micros, SECOND } from "../lib/core/units.ts";
import { ROW } from "../lib/core/columns.ts";
import { emptyTape, type Tape } from "../lib/core/columns.ts";
import { type Rig, rig } from "../lib/lab/rig.ts";
import { run } from "../lib/run.ts";
import { SynthMarket } from "../lib/sim/synth.ts";
import { marketShapes, synthDefaults } from "../lib/sim/synth_options.ts";
import { TapeFeed } from "../lib/sim/tape_feed.ts";
import grid from "../strategies/grid.ts";
import { chaos } from "./support/chaos.ts";
import { perpMarket, spotMarket } from "./support/core.ts";
import { Invariants } from "./support/invariants.ts";

const SEEDS = Number(Deno.env.get("BPX_SEEDS") ?? 300);
const ONLY = Deno.env.get("BPX_SEED");
const EVENTS = 2000;
const latencies = [0, 5, 60, 400];
const shapes = Object.entries(marketShapes);

interface Case {
  readonly seed: number;
  readonly strategy: Strategy;
  readonly market: Market;
  readonly shape: string;
  readonly latencyMs: number;
  readonly limits: RiskLimits;
}

function caseOf(seed: number): Case {
  const random = new Random(seed, 77);
  const pick = <T>(list: readonly T[]): T => {
    const item = list[random.integer(0, list.length - 1)];
    if (item === undefined) throw new Error("empty list");
    return item;
  };
  const limits: RiskLimits = {
    ...defaultLimits,
    staleMs: 60_000,
    maxPositionUsd: pick([200, 1000, 5000]),
    maxOrderUsd: pick([100, 400, 3000]),
    maxDrawdownPct: pick([1, 5, 100]),
    drawdownAction: pick(["pause", "reduce", "halt", "flatten"]),
    maxOpenOrders: pick([3, 20, 200]),
    ...(random.chance(0.3) ? { movePct1s: 0.3, moveAction: pick(["pause", "reduce"]) } : {}),
    ...(random.chance(0.3) ? { maxSpreadPct: 0.2 } : {}),
    ...(random.chance(0.2) ? { dailyLossUsd: 5 } : {}),
  };
  return {
    seed,
    strategy: pick<Strategy>([chaos]),
    market: pick([perpMarket(), spotMarket()]),
    shape: pick(shapes)[0],
    latencyMs: pick(latencies),
    limits,
  };
}

function partsOf({ seed, strategy, market, shape, latencyMs, limits }: Case): Rig {
  const options = { ...synthDefaults, ...shapes.find(([name]) => name === shape)?.[1], seed };
  const synth = new SynthMarket(market, options);
  let last = options.start;
  let quiet: Tape | undefined;
  const more = () => {
    if (rows < EVENTS) {
      const tape = synth.chunk();
      rows += tape?.length ?? 0;
      last = micros(Math.max(last, tape?.time.at(-1) ?? 0));
      return tape;
    }
    // Ten seconds in which nothing happens, so that everything on its way arrives.
    if (quiet !== undefined) return undefined;
    quiet = emptyTape(1);
    quiet.kind[0] = ROW.tradeBid;
    quiet.time[0] = last + 10 * SECOND;
    return quiet;
  };
  let rows = 0;
  const params = strategy === grid
    ? { ...defaultParams(grid.params), autoPrice: true, priceRange: 0.01, levels: 9, quantity: 0.5 }
    : defaultParams(strategy.params);
  return rig({
    market,
    strategy,
    params,
    limits,
    fees: { maker: market.kind === "perp" ? -0.5 : 1, taker: 5 },
    balances: { [market.quote]: "10000", [market.base]: market.kind === "spot" ? "20" : "0" },
    seed,
    fillModel: "queue",
    latencyMs,
    feed: new TapeFeed(more),
    price: priceTicks(market, options.startPrice, "down"),
    time: options.start,
  });
}

async function simulate(one: Case): Promise<Invariants> {
  const parts = partsOf(one);
  const invariants = new Invariants(parts, one.limits);
  await run(parts.engine, parts.venue, [parts.record, invariants]);
  assert.equal(parts.identityError(), 0, "ledger and exchange agree at the end");
  return invariants;
}

Deno.test("every promise holds over seeds, strategies, shapes and latencies", async () => {
  const seeds = ONLY === undefined
    ? Array.from({ length: SEEDS }, (_, i) => i + 1)
    : [Number(ONLY)];
  let checks = 0;
  for (const seed of seeds) {
    const one = caseOf(seed);
    try {
      checks += (await simulate(one)).checks;
    } catch (error) {
      const { strategy, market, shape, latencyMs } = one;
      console.error(
        `BPX_SEED=${seed} (${strategy.name}, ${market.kind}, ${shape}, ${latencyMs} ms) fails`,
      );
      throw error;
    }
  }
  assert.ok(checks > seeds.length * 100, `only ${checks} checks`);
});
