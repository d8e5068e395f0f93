// The quick lane may change how long a backtest takes and nothing else. Random backtests are run with
// it and without it, and all of a report but the clock must agree: commands, fills, samples of equity,
// drawdown. A failure prints the one line that repeats it. `BPX_SEEDS` sets how many there are,
// `BPX_SEED` runs one alone.

import assert from "node:assert/strict";
import { type Candles, emptyTape, ROW, type Tape } from "../lib/core/columns.ts";
import { defaultLimits, type RiskAction, type RiskLimits } from "../lib/core/limits.ts";
import type { Market } from "../lib/core/market.ts";
import { defaultParams, type RawParam } from "../lib/core/params.ts";
import { Random } from "../lib/core/random.ts";
import type { Strategy } from "../lib/core/strategy.ts";
import { lots, micros, SECOND } from "../lib/core/units.ts";
import { backtest, type BacktestOptions, type Source } from "../lib/lab/backtest.ts";
import { SynthMarket } from "../lib/sim/synth.ts";
import { marketShapes } from "../lib/sim/synth_options.ts";
import amm from "../strategies/amm.ts";
import grid from "../strategies/grid.ts";
import points from "../strategies/points.ts";
import { chaos } from "./support/chaos.ts";
import { perpMarket, spotMarket } from "./support/core.ts";

const ENOUGH = 200;
const SEEDS = Number(Deno.env.get("BPX_SEEDS") ?? ENOUGH);
const ONLY = Deno.env.get("BPX_SEED");
const DAY_SECONDS = 86_400;
/** 2025-01-02 00:00 UTC. */
const MIDNIGHT = 20_090 * DAY_SECONDS;

/** The lane is closed to a strategy that is told of each trade; this one is told of its fills alone. */
const deaf: Strategy = { ...chaos, name: "deaf chaos", observes: ["fill"] } as const;
/** Asked so seldom that bars and rows pass between two looks. */
const slow: Strategy = { ...grid, name: "slow grid", cadence: () => ({ everyMs: 300_000 }) };

const settings: { readonly [name: string]: { readonly [name: string]: RawParam } } = {
  amm: { stepBps: 5, orderUsd: 60, maxHoldSec: 60, exitPatienceSec: 5, takeProfitPct: 0.05 },
  points: { bandWidth: 0.3, usdPerBand: 100, target: 0.001, feeBuffer: 0 },
};

interface Case {
  readonly seed: number;
  readonly name: string;
  readonly options: BacktestOptions;
}

function caseOf(seed: number): Case {
  const random = new Random(seed, 91);
  const pick = <T>(list: readonly T[]): T => {
    const item = list[random.integer(0, list.length - 1)];
    assert.ok(item !== undefined, "an empty list");
    return item;
  };
  const onBars = random.chance(0.5);
  const strategy: Strategy = pick([grid, grid, grid, slow, amm, points, deaf, deaf, chaos]);
  const market = drawMarket(random);
  const source = onBars ? drawCandles(random) : drawTape(random, market);
  const spot = market.kind === "spot";
  const position = spot && random.chance(0.6) ? random.integer(1, 3_000) : 0;
  const options: BacktestOptions = {
    market,
    strategy,
    params: { ...defaultParams(strategy.params), ...paramsOf(strategy, random, onBars) },
    limits: drawLimits(random),
    fees: { maker: spot ? pick([0, 1, 10]) : pick([-0.5, 0, 2]), taker: pick([0, 5]) },
    balances: { USDC: "10000", ...(spot && random.chance(0.5) ? { SOL: "40" } : {}) },
    position: lots(position),
    seed,
    fillModel: pick(["touch", "through", "queue"]),
    path: pick(["nearer", "adverse"]),
    latencyMs: pick([0, 0, 1, 40, 100, 400]),
    source,
    data: { files: [], rows: 0, from: null, to: null, skipped: 0, rounded: 0, gaps: 0 },
    version: "test",
  };
  const { fillModel, path, latencyMs } = options;
  const name = [strategy.name, market.kind, source.kind, fillModel, path, latencyMs].join(", ");
  return { seed, name, options };
}

function drawMarket(random: Random): Market {
  const width = [0.002, 0.01, 0.1][random.integer(0, 2)] ?? 0.1;
  const band = { min: 1 - width, max: 1 + width };
  const rules = random.chance(0.4) ? { bands: { last: band, mark: band } } : {};
  if (random.chance(0.4)) return spotMarket(rules);
  const margin = random.chance(0.3);
  return perpMarket({
    ...rules,
    fundingIntervalMs: random.chance(0.5) ? 60_000 : 28_800_000,
    ...(margin
      ? {
        initialMargin: { base: 0.5, factor: 0 },
        maintenanceMargin: { base: 0.25, factor: 0 },
      }
      : {}),
  });
}

function drawLimits(random: Random): RiskLimits {
  const actions: readonly RiskAction[] = ["pause", "reduce", "halt", "flatten"];
  const action = () => actions[random.integer(0, 3)] ?? "halt";
  const maybe = (chance: number, limits: Partial<RiskLimits>) =>
    random.chance(chance) ? limits : {};
  const around = (middle: number) => middle * Math.exp(random.normal());
  return {
    ...defaultLimits,
    maxDrawdownPct: random.chance(0.5) ? Math.min(100, around(0.2)) : 100,
    drawdownAction: action(),
    dailyLossAction: action(),
    runLossAction: action(),
    cooldownMs: random.integer(0, 1) * 60_000,
    ...maybe(0.3, { dailyLossUsd: around(15) }),
    ...maybe(0.3, { runLossPct: Math.min(100, around(0.2)) }),
    ...maybe(0.2, { maxPositionUsd: around(500) }),
    ...maybe(0.2, { staleMs: 1_000 }),
    ...maybe(0.05, { atrPausePct: 0.1 }),
    ...maybe(0.05, { maxSpreadPct: 0.05 }),
  };
}

function paramsOf(strategy: Strategy, random: Random, onBars: boolean) {
  if (strategy.params === chaos.params) {
    return { takers: random.next() * 0.5, reach: random.integer(3, 60), most: 100 };
  }
  if (strategy.params !== grid.params) return settings[strategy.name] ?? {};
  const priceRange = onBars ? 0.02 + random.next() * 0.1 : 0.002 + random.next() * 0.01;
  const levels = onBars ? random.integer(4, 20) : random.integer(3, 7);
  return { autoPrice: true, priceRange, levels, quantity: random.integer(10, 100) / 100 };
}

/** A walk in bars, with gaps between them in price and in time, bars without volume, and midnights. */
function drawCandles(random: Random): Source {
  const length = random.integer(50, 500);
  const barSec = [1, 3, 15, 20, 60, 300][random.integer(0, 5)] ?? 60;
  const column = () => new Int32Array(length);
  const [open, high, low, close] = [column(), column(), column(), column()];
  const time = new Float64Array(length);
  const volume = new Float64Array(length);
  const step = 1 + Math.exp(1 + 2 * random.next());
  const [jumps, idle, holes] = [random.next() * 0.3, random.next() * 0.5, random.next() * 0.02];
  let second = MIDNIGHT - random.integer(0, length) * barSec;
  let price = 15_000;
  for (let bar = 0; bar < length; bar++, second += barSec) {
    if (random.chance(holes)) second += random.integer(1, 50) * barSec;
    if (random.chance(jumps)) price = walked(random, price, step);
    const end = walked(random, price, step);
    time[bar] = second * SECOND;
    open[bar] = price;
    close[bar] = end;
    high[bar] = Math.max(price, end) + Math.floor(random.exponential(step / 2));
    low[bar] = Math.max(1, Math.min(price, end) - Math.floor(random.exponential(step / 2)));
    volume[bar] = random.chance(idle) ? 0 : random.integer(1, 400);
    price = end;
  }
  // A last bar long after the others makes the samples of equity few, and the lane long.
  if (random.chance(0.7)) time[length - 1] = (second + random.integer(1, 200) * 40_000) * SECOND;
  const candles: Candles = { length, barSec, time, open, high, low, close, volume };
  return { kind: "candles", candles };
}

function walked(random: Random, price: number, step: number): number {
  return Math.max(10, Math.round(price + random.normal() * step));
}

function drawTape(random: Random, market: Market): Source {
  const start = micros((MIDNIGHT - random.integer(0, 60)) * SECOND);
  if (random.chance(0.5)) return { kind: "tape", tape: touchTape(random, start) };
  const shapes = Object.values(marketShapes);
  const shape = shapes[random.integer(0, shapes.length - 1)] ?? {};
  const options = { ...shape, seed: random.integer(1, 1e9), start, durationSec: 90 };
  return random.chance(0.5)
    ? { kind: "sim", synth: options }
    : { kind: "tape", tape: recorded(new SynthMarket(market, options)) };
}

/** Best prices and trades without depth: rows of one moment, rows that say the same, sides that empty. */
function touchTape(random: Random, start: number): Tape {
  const tape = emptyTape(random.integer(300, 2_000));
  const [moves, trades, marks] = [random.next() * 0.5, random.next() * 0.6, random.next() * 0.02];
  const [most, empty] = [random.integer(1, 60), random.next() * 0.003];
  let [time, bid, spread] = [start, 15_000, 2];
  for (let row = 0; row < tape.length; row++) {
    if (!random.chance(0.3)) time += Math.floor(random.exponential(0.1 * SECOND));
    if (random.chance(moves)) {
      bid += random.integer(-2, 2);
      spread = random.integer(1, 4);
    }
    const quantity = () => random.chance(empty) ? 0 : random.integer(1, most) * 10;
    tape.time[row] = time;
    if (row > 0 && random.chance(trades)) {
      const isBid = random.chance(0.5);
      const beyond = random.chance(0.1) ? random.integer(-2, 3) : 0;
      tape.kind[row] = isBid ? ROW.tradeBid : ROW.tradeAsk;
      tape.price[row] = isBid ? bid + spread + beyond : bid - beyond;
      tape.quantity[row] = random.integer(1, most) * 5;
    } else if (random.chance(marks)) {
      tape.kind[row] = ROW.mark;
      tape.price[row] = bid + random.integer(-5, 5);
      tape.quantity[row] = random.integer(-1e6, 1e6);
    } else {
      tape.kind[row] = ROW.bbo;
      tape.price[row] = bid;
      tape.askPrice[row] = bid + spread;
      tape.quantity[row] = quantity();
      tape.askQuantity[row] = quantity();
    }
  }
  return tape;
}

/** The rows of a synthetic market as one recording. */
function recorded(synth: SynthMarket): Tape {
  const chunks: Tape[] = [];
  for (let tape = synth.chunk(); tape !== undefined; tape = synth.chunk()) chunks.push(tape);
  const whole = emptyTape(chunks.reduce((sum, { length }) => sum + length, 0));
  let row = 0;
  for (const chunk of chunks) {
    for (const key of ["kind", "time", "price", "quantity", "askPrice", "askQuantity"] as const) {
      whole[key].set(chunk[key], row);
    }
    row += chunk.length;
  }
  return whole;
}

/** All that a run is judged by, or why it could not start. */
async function outcomeOf(options: BacktestOptions, quickLane: "on" | "off") {
  try {
    const { report, fills, equity } = await backtest({ ...options, quickLane });
    const { timing: _, ...untimed } = report;
    return { ...untimed, trades: fills, equity };
  } catch (error) {
    // Settings drawn at random may be ones a strategy refuses.
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

const seeds = ONLY === undefined
  ? Array.from({ length: SEEDS }, (_, index) => index + 1)
  : [Number(ONLY)];

Deno.test("backtests say the same with the quick lane and without it", async () => {
  const wrong: string[] = [];
  let traded = 0;
  for (const seed of seeds) {
    const { name, options } = caseOf(seed);
    const on = await outcomeOf(options, "on");
    const off = await outcomeOf(options, "off");
    if (typeof on !== "string" && on.fills > 0) traded++;
    try {
      assert.deepEqual(on, off);
    } catch (error) {
      const text = error instanceof Error && ONLY !== undefined ? `\n${error.message}` : "";
      wrong.push(`BPX_SEED=${seed} deno test -A tests/quick_lane_test.ts  # ${name}${text}`);
    }
  }
  assert.deepEqual(wrong, []);
  if (ONLY === undefined) assert.ok(traded > seeds.length / 2, `only ${traded} runs trade`);
});
