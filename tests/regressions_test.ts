// Bugs that reviews found in the quick lane and in the request budget, each as the smallest run that
// shows it. They stay: what went wrong once goes wrong again.

import assert from "node:assert/strict";
import { type Candles, emptyTape, ROW, type Tape } from "../lib/core/columns.ts";
import { defaultLimits } from "../lib/core/limits.ts";
import { defineStrategy, lots, type Plan, ticks, type View } from "../lib/core/strategy.ts";
import { defaultParams } from "../lib/core/params.ts";
import { micros, SECOND } from "../lib/core/units.ts";
import { rig } from "../lib/lab/rig.ts";
import { run } from "../lib/run.ts";
import { CandleFeed } from "../lib/sim/candle_feed.ts";
import grid from "../strategies/grid.ts";
import { backtest, type BacktestOptions } from "../lib/lab/backtest.ts";
import { ask, bid, perpMarket, spotMarket } from "./support/core.ts";

const MIDNIGHT = 1_735_776_000 * SECOND;
function strategyOf(planOf: (view: View, memory: { n: number }) => Plan, everyMs = 1000) {
  return defineStrategy({
    api: 1,
    name: "made",
    summary: "Made.",
    params: {},
    observes: ["fill"],
    cadence: () => ({ everyMs }),
    start: () => ({ n: 0 }),
    observe(m: { n: number }) {
      m.n++;
    },
    plan: (m: { n: number }, view) => planOf(view, m),
  });
}
const far = { below: ticks(1), above: ticks(1_000_000) };
const sits = strategyOf(() => ({ orders: [], holds: far }));
function bars(
  rows: readonly (readonly [number, number, number, number, number])[],
  barSec = 60,
): Candles {
  const at = (i: number) => Int32Array.from(rows, (r) => r[i] ?? 0);
  return {
    length: rows.length,
    barSec,
    time: Float64Array.from(rows, (_, i) => MIDNIGHT + 3600 * SECOND + i * barSec * SECOND),
    open: at(0),
    high: at(1),
    low: at(2),
    close: at(3),
    volume: Float64Array.from(rows, (r) => r[4]),
  };
}
function opts(g: Partial<BacktestOptions>): BacktestOptions {
  return {
    market: spotMarket(),
    strategy: sits,
    params: {},
    limits: { ...defaultLimits, maxDrawdownPct: 100 },
    fees: { maker: 0, taker: 0 },
    balances: { USDC: "10000" },
    seed: 1,
    fillModel: "through",
    path: "nearer",
    latencyMs: 0,
    source: { kind: "candles", candles: bars([]) },
    data: { files: [], rows: 0, from: null, to: null, skipped: 0, rounded: 0, gaps: 0 },
    version: "t",
    ...g,
  };
}
async function both(g: Partial<BacktestOptions>) {
  const out = [];
  for (const quickLane of ["on", "off"] as const) {
    const { report: { timing: _, ...r }, fills, equity } = await backtest(
      opts({ ...g, quickLane }),
    );
    out.push({ ...r, fillRows: fills, equity });
  }
  assert.deepEqual(out[0], out[1]);
  return out[0];
}
Deno.test("A1 a gap between close and open", async () => {
  const flat = [15000, 15000, 15000, 15000, 1] as const;
  await both({
    position: lots(1000),
    source: {
      kind: "candles",
      candles: bars([
        ...Array.from({ length: 5 }, () => flat),
        [15300, 15500, 15200, 15500, 1],
        ...Array.from({ length: 5 }, () => [15500, 15500, 15500, 15500, 1] as const),
      ], 15),
    },
  });
});
Deno.test("A2 one-second bars", async () => {
  const rows = Array.from({ length: 60 }, () => [15000, 15040, 14970, 15000, 1] as const);
  await both({ position: lots(1000), source: { kind: "candles", candles: bars(rows, 1) } });
});
Deno.test("A3 a slow cadence: the halt comes at another moment", async () => {
  const rows = Array.from(
    { length: 60 },
    (_, i) =>
      i === 31
        ? [15000, 16000, 15000, 15000, 1] as const
        : i > 40
        ? [14700, 14700, 14700, 14700, 1] as const
        : [15000, 15000, 15000, 15000, 1] as const,
  );
  await both({
    position: lots(1000),
    strategy: strategyOf(() => ({ orders: [ask(19000, 10)], holds: far }), 300_000),
    limits: { ...defaultLimits, maxDrawdownPct: 0.5, drawdownAction: "halt" },
    source: { kind: "candles", candles: bars(rows, 15) },
  });
});
Deno.test("C last trade behind bars without volume after a skip", async () => {
  const flat = (p: number, v: number) => [p, p, p, p, v] as const;
  const rows = [
    flat(15000, 10),
    flat(15000, 10),
    flat(15000, 10),
    flat(15000, 10),
    flat(15000, 10),
    flat(16400, 10),
    flat(16400, 10),
    ...Array.from({ length: 8 }, () => flat(17000, 0)),
  ];
  const market = perpMarket({ bands: { last: { min: 0.9, max: 1.1 } } });
  const made = strategyOf((view) =>
    view.midTicks < 16900
      ? { orders: [], holds: { below: ticks(1), above: ticks(16900) } }
      : { orders: [bid(16990, 10), ask(17010, 10)], holds: far }
  );
  await both({ market, strategy: made, source: { kind: "candles", candles: bars(rows, 15) } });
});
function tapeOf(
  rows: readonly (readonly [number, number, number, number, number, number])[],
): Tape {
  const t = emptyTape(rows.length);
  rows.forEach(([ms, k, p, q, ap, aq], i) => {
    t.time[i] = MIDNIGHT + 3600 * SECOND + ms * 1000;
    t.kind[i] = k;
    t.price[i] = p;
    t.quantity[i] = q;
    t.askPrice[i] = ap;
    t.askQuantity[i] = aq;
  });
  return t;
}
Deno.test("B a level an own taker has consumed", async () => {
  const rows: [number, number, number, number, number, number][] = [
    [0, ROW.askLevel, 0, 0, 15004, 50],
    [0, ROW.bbo, 15000, 10, 15002, 10],
    [10, ROW.tradeAsk, 15000, 1, 0, 0],
    [150, ROW.tradeAsk, 15000, 1, 0, 0],
    [160, ROW.tradeAsk, 15000, 1, 0, 0],
    [170, ROW.bbo, 15000, 8, 15004, 50],
    [180, ROW.bbo, 15000, 8, 15002, 10],
    [190, ROW.bbo, 15000, 7, 15002, 10],
    [1000, ROW.tradeAsk, 15000, 1, 0, 0],
    [1200, ROW.tradeAsk, 15000, 1, 0, 0],
    [2400, ROW.tradeAsk, 15000, 1, 0, 0],
  ];
  const made = strategyOf((view, m) =>
    m.n === 0 || (m.n === 1 && view.time > MIDNIGHT + 3601 * SECOND - 1)
      ? { orders: [bid(15004, 10, { role: "taker" })] }
      : { orders: [] }
  );
  const r = await both({
    market: perpMarket(),
    strategy: made,
    fillModel: "queue",
    source: { kind: "tape", tape: tapeOf(rows) },
  });
  assert.equal(r?.fills, 2);
});

Deno.test("F a side that empties after skimmed rows: equity is told at an old mid", async () => {
  const rows: [number, number, number, number, number, number][] = [[
    0,
    ROW.bbo,
    15000,
    10,
    15002,
    10,
  ]];
  for (let i = 1; i < 50; i++) rows.push([i * 10, ROW.bbo, 15000 + i, 10, 15002 + i, 10]);
  rows.push([500, ROW.bbo, 15049, 0, 15051, 10]);
  await both({ position: lots(1000), source: { kind: "tape", tape: tapeOf(rows) } });
});

/** A grid of `levels` rungs that loses in a fall within its bounds, and what the exchange holds at the end. */
async function halted(
  levels: number,
  latencyMs: number,
  drawdownAction: "halt" | "flatten",
  volume: number,
) {
  const flat = (price: number) => [price, price, price, price, volume] as const;
  const rows = Array.from({ length: 200 }, (_, i) => flat(i < 30 ? 15000 : 14600));
  const options = opts({
    market: perpMarket(),
    strategy: grid,
    params: {
      ...defaultParams(grid.params),
      autoPrice: true,
      priceRange: 0.2,
      levels,
      quantity: 0.5,
    },
    latencyMs,
    limits: { ...defaultLimits, maxDrawdownPct: 0.0001, drawdownAction },
    quickLane: "off",
  });
  const feed = new CandleFeed(bars(rows), { fillModel: "through", path: "nearer" });
  const parts = rig({
    ...options,
    feed,
    price: ticks(15000),
    time: micros(MIDNIGHT + 3600 * SECOND),
  });
  await run(parts.engine, parts.venue, [parts.record]);
  const { engine, exchange, account } = parts;
  return {
    state: engine.riskState.name,
    resting: exchange.openOrders(account).length,
    position: Number(engine.facts.ledger.position),
  };
}

Deno.test("D2 a flattening that fills in parts goes on until the position is closed", async () => {
  const flat = (price: number) => [price, price, price, price, 60] as const;
  const rows = Array.from({ length: 200 }, (_, i) => flat(i < 30 ? 15000 : 14000));
  const orders = [bid(14100, 300), ...Array.from({ length: 75 }, (_, i) => bid(13900 - i, 1))];
  const options = opts({
    market: perpMarket(),
    strategy: strategyOf(() => ({ orders, holds: far })),
    limits: { ...defaultLimits, maxDrawdownPct: 0.001, drawdownAction: "flatten" },
    quickLane: "off",
  });
  const feed = new CandleFeed(bars(rows), { fillModel: "through", path: "nearer" });
  const parts = rig({
    ...options,
    feed,
    price: ticks(15000),
    time: micros(MIDNIGHT + 3600 * SECOND),
  });
  await run(parts.engine, parts.venue, [parts.record]);
  const { engine, exchange, account } = parts;
  assert.deepEqual([
    engine.riskState.name,
    Number(engine.facts.ledger.position),
    exchange.openOrders(account).length,
  ], ["HALTED", 0, 0]);
});

for (const latencyMs of [0, 10]) {
  Deno.test(`D a halt cancels all of a grid of 150 levels, ${latencyMs} ms`, async () => {
    const { state, resting } = await halted(150, latencyMs, "halt", 60);
    assert.deepEqual([state, resting], ["HALTED", 0]);
  });
}
