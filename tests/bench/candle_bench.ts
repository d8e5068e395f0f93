// A quarter of a year of one-minute bars through a 20-rung grid, against a second implementation that
// does nothing else (tests/support/second_grid.ts), in turns, medians. Both give the same fills. A run
// is a twentieth of a second, less than it takes to compile, so the first of all is shown apart and the
// medians are of warm ones.

import { defaultLimits } from "../../lib/core/limits.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { backtest } from "../../lib/lab/backtest.ts";
import grid from "../../strategies/grid.ts";
import { perpMarket } from "../support/core.ts";
import { secondGrid } from "../support/second_grid.ts";
import { walkBars } from "./bars.ts";
import { median, shown } from "./show.ts";

const BARS = 129_600;
const WARMING = 15;
const ROUNDS = 15;
const market = perpMarket();
const candles = walkBars(BARS, 1);
const rungs = Array.from({ length: 20 }, (_, i) => Math.round(14_000 + (i * 2000) / 19));

const bare: number[] = [];
const whole: number[] = [];
let counts = "";
for (let round = 0; round < WARMING + ROUNDS; round++) {
  let start = performance.now();
  const second = secondGrid(candles, {
    rungs,
    lots: 50,
    cashPerTickLot: market.cashPerTickLot,
    feeParts: 20_000,
  });
  bare.push((BARS / (performance.now() - start)) * 1000);
  start = performance.now();
  const { fills } = await backtest({
    market,
    strategy: grid,
    params: { ...defaultParams(grid.params), lower: 140, upper: 160, levels: 20, quantity: 0.5 },
    limits: { ...defaultLimits, maxDrawdownPct: 100 },
    fees: { maker: 2, taker: 5 },
    balances: { USDC: "100000" },
    seed: 1,
    fillModel: "through",
    latencyMs: 0,
    path: "nearer",
    source: { kind: "candles", candles },
    data: { files: [], rows: 0, from: null, to: null, skipped: 0, rounded: 0, gaps: 0 },
    version: "bench",
    quickLane: "on",
  });
  whole.push((BARS / (performance.now() - start)) * 1000);
  counts = `${fills.length} and ${second.fills.length}`;
}
const warm = [median(bare.slice(WARMING)), median(whole.slice(WARMING))] as const;
shown("whole path, first run", whole[0] ?? NaN, "candles/s");
shown("bare second implementation", warm[0], "candles/s");
shown("whole path", warm[1], "candles/s");
shown("ratio", warm[1] / warm[0], "");
console.log(`fills: ${counts}`);
