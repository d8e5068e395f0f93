// Whole simulated runs from seeds. A seed decides everything: strategy, market and its shape, limits,
// latency, faults and what a person does meanwhile. A run is busy, then quiet for long enough that all
// truth arrives, then stopped.

import assert from "node:assert/strict";
import { type RiskLimits, stricter } from "../../lib/core/limits.ts";
import { type Fees, type Market, priceTicks } from "../../lib/core/market.ts";
import { emptyTape, ROW, type Tape } from "../../lib/core/columns.ts";
import type { Command, Event } from "../../lib/core/event.ts";
import {
  defaultParams,
  type ParamSpecs,
  type ParamValues,
  type RawParam,
} from "../../lib/core/params.ts";
import { Engine } from "../../lib/core/engine.ts";
import { inProcess } from "../../lib/core/planner.ts";
import { Random } from "../../lib/core/random.ts";
import type { Restored } from "../../lib/core/state.ts";
import type { Plan, Strategy } from "../../lib/core/strategy.ts";
import {
  base,
  cash,
  cashOf,
  COIN,
  lots,
  type Micros,
  micros,
  SECOND,
} from "../../lib/core/units.ts";
import { type Rig, rig } from "../../lib/lab/rig.ts";
import { type Handler, run } from "../../lib/run.ts";
import { drawOperator, drawRates, type FaultRates, noFaults } from "../../lib/sim/fault_rates.ts";
import { FaultyVenue } from "../../lib/sim/faults.ts";
import { SynthMarket } from "../../lib/sim/synth.ts";
import { marketShapes, synthDefaults } from "../../lib/sim/synth_options.ts";
import { TapeFeed } from "../../lib/sim/tape_feed.ts";
import { equityGap } from "./agreement.ts";
import { chaos } from "./chaos.ts";
import type { Coverage } from "./coverage.ts";
import { Invariants } from "./invariants.ts";
import { type Death, drawDeaths, Mortal, type Rebirth } from "./restarts.ts";
import { drawLimits, drawMarket } from "./settings.ts";

/** Moments of market data in the busy part of a run. */
const MOMENTS = 3_500;
/** The quiet part before the stop, and the time to stop in. Longer than a slow price rests. */
const QUIET = 45 * SECOND;
const STOPPING = 20 * SECOND;
/** Processes die within this from the start. */
const SPAN = 200 * SECOND;
/** Base in the wallet that is not the run's. */
const BASE = 20;

/** What a seed stands for. */
export interface Case {
  readonly seed: number;
  readonly strategy: Strategy;
  readonly params: ParamValues<ParamSpecs>;
  readonly market: Market;
  readonly shape: string;
  readonly latencyMs: number;
  readonly limits: RiskLimits;
  readonly fees: Fees;
  readonly balance: number;
  /** Base in the wallet at the start, in lots; spot. */
  readonly position: number;
  readonly rates: FaultRates;
  readonly isOperated: boolean;
  readonly deaths: readonly Death[];
  /** Rows a journal keeps between two snapshots. */
  readonly rowsKept: number;
}

/** A mistake planted in a run. */
export interface Bug {
  readonly name: string;
  strategy?(strategy: Strategy): Strategy;
  limits?(limits: RiskLimits): RiskLimits;
  /** Stands between the run and its engine. */
  handler?(engine: Rig["engine"]): Handler;
  /** Between the journal and the new process. */
  restored?(restored: Restored): Restored;
}

/** Parameters that make sense for some minutes of a SOL market at 150 USD, where the defaults do not. */
const settings: { readonly [strategy: string]: { readonly [name: string]: RawParam } } = {
  chaos: { ends: 0.0002 },
  grid: { autoPrice: true, priceRange: 0.002, levels: 9, quantity: 0.5 },
  amm: { stepBps: 3, orderUsd: 60, maxHoldSec: 60, exitPatienceSec: 5, takeProfitPct: 0.05 },
  flow: { maxOrderUsd: 200, sizePct: 2, maxExposurePct: 5 },
  points: { bandWidth: 0.2, usdPerBand: 100, target: 0.001, feeBuffer: 0 },
};

/** The case of a seed. */
export function caseOf(seed: number, builtIn: readonly Strategy[]): Case {
  const random = new Random(seed, 77);
  const pick = <T>(list: readonly T[]): T => {
    const item = list[Math.floor(random.next() * list.length)];
    assert.ok(item !== undefined, "an empty list");
    return item;
  };
  const strategy = random.chance(0.5) ? chaos : pick(builtIn);
  const isChaos = strategy === chaos;
  const kind = strategy.name === "flow" ? "perp" : pick(["perp", "spot"] as const);
  const market = drawMarket(random, { kind, isOdd: isChaos });
  return {
    seed,
    strategy,
    params: { ...defaultParams(strategy.params), ...settings[strategy.name] },
    market,
    shape: pick(Object.keys(marketShapes)),
    latencyMs: pick([0, 5, 60, 400]),
    limits: drawLimits(random),
    fees: { maker: kind === "perp" ? pick([-0.5, 2]) : pick([0, 1]), taker: 5 },
    balance: isChaos && random.chance(0.15) ? 400 : 10_000,
    position: isChaos && kind === "spot" && random.chance(0.5) ? 150 : 0,
    rates: seed % 3 === 0 ? noFaults : drawRates(random),
    isOperated: random.chance(0.7),
    deaths: drawDeaths(random, synthDefaults.start, micros(synthDefaults.start + SPAN)),
    rowsKept: pick([60, 300, 2000]),
  };
}

/** What a run was told and what it answered, and where it began anew. */
export type Recording = readonly (
  | { readonly event: Event; readonly commands: readonly Command[] }
  | { readonly rebirth: Rebirth }
)[];

/** Runs a case to its end. Throws at the first broken promise. */
export async function simulate(one: Case, coverage: Coverage, bug?: Bug): Promise<Recording> {
  const busy = busyTapes(one);
  const plans: Plan[] = [];
  const parts = partsOf(one, busy, plans, bug);
  const { strategy, params, market, fees, seed } = one;
  const asked = strategy.limits?.({ market, params, fees, capital: parts.capital }) ?? {};
  const random = new Random(seed, 78);
  const span = { from: synthDefaults.start, until: busy.end, everySec: 60 };
  const stop = { at: micros(busy.end + QUIET), kind: "stop" } as const;
  const venue = new FaultyVenue({
    venue: parts.venue,
    exchange: parts.exchange,
    account: parts.account,
    symbol: market.symbol,
    rates: one.rates,
    seed,
    until: busy.end,
    operator: [...(one.isOperated ? drawOperator(random, span) : []), stop],
  });
  const limits = stricter(one.limits, asked);
  const invariants = new Invariants({ rig: parts, venue, limits, plans, coverage });
  const wrapped = (engine: Engine) => bug?.handler?.(engine) ?? engine;
  const recording: Recording[number][] = [];
  const mortal = new Mortal({
    venue,
    deaths: one.deaths,
    coverage,
    observes: new Set(strategy.observes ?? ["fill"]),
    rowsKept: one.rowsKept,
    now: () => parts.venue.now,
    begin({ restored, id }) {
      const rebirth = { restored: bug?.restored?.(restored) ?? restored, id };
      const reborn = { ...parts, ...parts.begin(rebirth) };
      recording.push({ rebirth });
      invariants.goOn(reborn);
      return { engine: reborn.engine, handler: wrapped(reborn.engine) };
    },
    before: (event) => invariants.before(event),
    after(event, commands) {
      recording.push({ event, commands });
      invariants.after(event, commands);
    },
  }, { engine: parts.engine, handler: wrapped(parts.engine) });
  await run(mortal, mortal, [mortal]);
  invariants.end();
  coverage.add("strategy", strategy.name);
  coverage.add("market", market.kind);
  coverage.add("shape", one.shape);
  return recording;
}

/** A fresh engine of the same case answers the same events with the same commands. */
export function repeats(one: Case, recording: Recording, bug?: Bug): void {
  const parts = partsOf(one, busyTapes(one), [], bug);
  let { engine } = parts;
  for (const step of recording) {
    if ("rebirth" in step) ({ engine } = parts.begin(step.rebirth));
    else {
      const { event, commands } = step;
      assert.deepEqual(engine.handle(event), commands, "the same events give the same commands");
    }
  }
}

/** The line that repeats a case, and what it is. */
export function lineOf({ seed, strategy, market, shape, latencyMs }: Case): string {
  return `BPX_SEED=${seed} deno test --no-check -A --filter promise tests/simulation_test.ts` +
    `  # ${strategy.name}, ${market.kind}, ${shape}, ${latencyMs} ms`;
}

interface Busy {
  readonly tapes: readonly Tape[];
  readonly end: Micros;
}

function busyTapes({ market, shape, seed }: Case): Busy {
  const [, options = {}] = Object.entries(marketShapes).find(([name]) => name === shape) ?? [];
  const synth = new SynthMarket(market, { ...options, seed });
  const tapes: Tape[] = [];
  let end = 0;
  for (let moments = 0; moments < MOMENTS;) {
    const tape = synth.chunk();
    assert.ok(tape !== undefined, "the synthetic market is endless");
    tapes.push(tape);
    for (const time of tape.time) {
      if (time > end) moments++;
      end = Math.max(end, time);
    }
  }
  return { tapes, end: micros(end) };
}

/** A rig, and how its run begins anew on the same exchange. */
interface Parts extends Rig {
  begin(rebirth: Rebirth): Pick<Rig, "engine" | "identityError">;
}

function partsOf(one: Case, busy: Busy, plans: Plan[], bug: Bug | undefined): Parts {
  const { market, fees, seed, latencyMs, params } = one;
  const limits = bug?.limits?.(one.limits) ?? one.limits;
  // A trade of nothing long after the last: time passes until then, and nothing else happens.
  const quiet = emptyTape(1);
  quiet.kind[0] = ROW.tradeBid;
  quiet.time[0] = busy.end + QUIET + STOPPING;
  const tapes = [...busy.tapes, quiet];
  const price = priceTicks(market, synthDefaults.startPrice, "down");
  const given = bug?.strategy?.(one.strategy) ?? one.strategy;
  const strategy: Strategy = {
    ...given,
    plan(memory, view, setup) {
      const plan = given.plan(memory, view, setup);
      plans.push(plan);
      return plan;
    },
  };
  const capital = cash(cashOf(one.balance) + price * one.position * market.cashPerTickLot);
  const balances = { [market.quote]: String(one.balance), [market.base]: String(BASE) };
  const parts = rig({
    market,
    strategy,
    params,
    limits,
    fees,
    balances,
    capital,
    position: lots(one.position),
    seed,
    fillModel: "queue",
    latencyMs,
    feed: new TapeFeed(() => tapes.shift()),
    price,
    time: synthDefaults.start,
    quickLane: "off",
  });
  const setup = { market, params, fees, capital };
  const start = {
    quote: cashOf(one.balance),
    base: base(BASE * COIN),
    position: one.position,
    price,
  };
  return {
    ...parts,
    begin({ restored, id }) {
      let last = id;
      const engine = new Engine({
        market,
        planner: inProcess(strategy, setup),
        limits: stricter(limits, strategy.limits?.(setup) ?? {}),
        capital,
        everyMs: strategy.cadence?.(setup).everyMs ?? 1000,
        looks: "cadence",
        seed,
        time: synthDefaults.start,
        nextId: () => ++last,
        restored,
      });
      return { engine, identityError: () => equityGap({ ...parts, engine }, start) };
    },
  };
}
