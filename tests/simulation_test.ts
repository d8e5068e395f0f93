// Whole runs on the simulated exchange, from seeds: strategies, markets, latencies and faults, with the
// promises of `support/invariants.ts` checked after each event. A failure prints the one line that
// repeats it. `BPX_SEEDS` sets how many seeds there are and `BPX_FIRST` the first of them, `BPX_SEED`
// runs one alone.

import assert from "node:assert/strict";
import { loadStrategy, strategyNames } from "../lib/app/strategies.ts";
import { faultKinds } from "../lib/sim/fault_rates.ts";
import { refusedWith } from "../lib/sim/faults.ts";
import { marketShapes } from "../lib/sim/synth_options.ts";
import { bugs, type FoundBug } from "./support/bugs.ts";
import { caseOf, lineOf, repeats, simulate } from "./support/campaign.ts";
import { Coverage } from "./support/coverage.ts";
import { deathKinds } from "./support/restarts.ts";
import { disturb } from "./support/unrest.ts";

const ENOUGH = 300;
const SEEDS = Number(Deno.env.get("BPX_SEEDS") ?? ENOUGH);
const FIRST = Number(Deno.env.get("BPX_FIRST") ?? 1);
const ONLY = Deno.env.get("BPX_SEED");
const LONG = Deno.env.get("BPX_LONG") !== undefined;
/** Random events of one run without an exchange. */
const UNREST = 20_000;

const builtIn = await Promise.all(strategyNames.map((name) => loadStrategy(name)));

/** What a campaign must come by, in groups; `neverReached` says what of it cannot be, and why. */
const reached: { readonly [group: string]: readonly string[] } = {
  fault: faultKinds,
  strategy: ["chaos", ...strategyNames],
  market: ["perp", "spot"],
  shape: Object.keys(marketShapes),
  compared: ["books", "books and plan in a quiet market"],
  "order state": ["sent", "open", "partlyFilled", "cancelling", "unknown", "done"],
  event: [
    ...["depth", "trade", "mark", "state", "timer", "funding"],
    ...["accepted", "rejected", "cancelled", "expired", "modified", "fill", "unknown"],
    ...["cancelRefused", "pause", "resume", "flatten", "stop"],
  ],
  rejected: [
    ...refusedWith,
    ...["InsufficientFunds", "InsufficientMargin", "PriceOutOfBounds", "ReduceOnlyNotReduced"],
    ...["TradingPaused"],
  ],
  cancelRefused: ["RESOURCE_NOT_FOUND"],
  expired: ["ImmediateOrCancel", "ReduceOnlyNotReduced", "SelfTradePrevention"],
  "refused by": [
    ...["minQuantity", "state", "marketState", "priceLimits", "priceCollarPct", "maxQuantity"],
    ...["maxOrderUsd", "ownCross", "reduceOnly", "sellable", "funds", "maxOpenOrders"],
    ...["maxPositionUsd"],
  ],
  restart: deathKinds,
  settled: [
    ...["accepted", "cancelled", "rejected", "fill", "fill known before"],
    ...["missing", "to cancel again"],
  ],
  "risk state": ["ACTIVE", "REDUCING", "FLATTENING", "HALTED"],
  "held by": [
    ...["maxDrawdownPct", "dailyLossUsd", "runLossPct", "atrPausePct", "movePct1s"],
    ...["maxSpreadPct", "staleMs", "pause", "flatten"],
  ],
};

/** What no run of minutes on an account of its own can come by, and where it is tested instead. */
const neverReached = [
  "held by atrPauseMultiple: needs an hour of bars (breakers_test)",
  "held by halt, event foreignFill: nobody else trades on the account (engine_test)",
  "event bar: the synthetic market has ticks, not bars (backtests on candles)",
  "event planned: strategies run in this process (engine_test)",
  "event rejected InvalidPrice, InvalidQuantity: the gate keeps to the market's bounds",
  "event rejected PostOnlyMode: maintenance closes the market or leaves it cancels only",
  "event expired Liquidation, NegativeEquity: the limits keep an account far from it",
  "FillOrKill, InsufficientLiquidity, PriceImpact, SlippageToleranceExceeded, StopWithoutPosition, " +
  "MaxStopOrdersPerPosition, PositionLimit, InvalidOrder: a run sends no such order (checks_test)",
];

Deno.test("every promise holds over seeds, strategies, markets, latencies and faults", async () => {
  const seeds = ONLY === undefined
    ? Array.from({ length: SEEDS }, (_, i) => FIRST + i)
    : [Number(ONLY)];
  const coverage = new Coverage();
  const broken: string[] = [];
  for (const seed of seeds) {
    const one = caseOf(seed, builtIn);
    try {
      const recording = await simulate(one, coverage);
      if (seed % 10 === 0 || ONLY !== undefined) repeats(one, recording);
    } catch (error) {
      if (ONLY !== undefined) throw error;
      broken.push(`${lineOf(one)}\n  ${String(error).split("\n", 1)[0]}`);
    }
  }
  assert.equal(broken.length, 0, `\n${broken.slice(0, 20).join("\n")}`);
  console.log(`${seeds.length} seeds\n${coverage}`);
  console.log(`not reached:\n  ${neverReached.join("\n  ")}`);
  if (seeds.length < ENOUGH) return;
  const missing = Object.entries(reached).flatMap(([group, names]) =>
    coverage.missing(group, names)
  );
  assert.deepEqual(missing, [], "a campaign of this length reaches everything on the list");
});

Deno.test("no order that raises exposure leaves a run that may only shrink", () => {
  const coverage = new Coverage();
  const runs = LONG ? 60 : 3;
  for (let seed = 1; seed <= runs; seed++) disturb(seed, UNREST, coverage);
  console.log(`${runs * UNREST} events\n${coverage}`);
  const states = ["ACTIVE", "REDUCING", "FLATTENING", "HALTED"];
  assert.deepEqual(coverage.missing("risk state", states), []);
  const rules = ["liquidationDistancePct", "fundingLimitPct", "accountDailyLossUsd"];
  assert.deepEqual(coverage.missing("held by", ["marginHeadroomPct", ...rules]), []);
  assert.deepEqual(coverage.missing("placed while", ["REDUCING", "FLATTENING"]), []);
});

for (const bug of bugs) {
  Deno.test(`a planted bug is found: ${bug.name}`, async () => {
    console.log(`${bug.name}: found at seed ${await seedThatFinds(bug)}`);
  });
}

async function seedThatFinds(bug: FoundBug): Promise<number> {
  for (let seed = 1; seed <= ENOUGH; seed++) {
    const one = caseOf(seed, builtIn);
    try {
      const recording = await simulate(one, new Coverage(), bug);
      // A bug outside the engine is not in the fresh engine either.
      if (bug.handler === undefined) repeats(one, recording, bug);
    } catch (error) {
      assert.match(String(error), bug.foundBy);
      return seed;
    }
  }
  assert.fail(`${bug.name} is not found within ${ENOUGH} seeds`);
}
