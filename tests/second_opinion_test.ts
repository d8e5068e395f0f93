// The arithmetic of a whole backtest against the second implementation of `support/second_grid.ts`.

import assert from "node:assert/strict";
import { defaultLimits } from "../lib/core/limits.ts";
import { defaultParams } from "../lib/core/params.ts";
import { backtest } from "../lib/lab/backtest.ts";
import grid from "../strategies/grid.ts";
import { walkBars } from "./bench/bars.ts";
import { perpMarket } from "./support/core.ts";
import { secondGrid } from "./support/second_grid.ts";

const market = perpMarket();
const RUNGS = 21;
const rungs = Array.from(
  { length: RUNGS },
  (_, i) => Math.round(14_000 + (i * 2000) / (RUNGS - 1)),
);

for (const [seed, stepTicks] of [[1, 8], [2, 40], [3, 150], [4, 400]] as const) {
  Deno.test(`two implementations agree on fills and equity: seed ${seed}, ${stepTicks} ticks a bar`, async () => {
    const candles = walkBars(6000, seed, stepTicks);
    const second = secondGrid(candles, {
      rungs,
      lots: 50,
      cashPerTickLot: market.cashPerTickLot,
      feeParts: 20_000,
    });
    const { report, fills } = await backtest({
      market,
      strategy: grid,
      params: {
        ...defaultParams(grid.params),
        lower: 140,
        upper: 160,
        levels: RUNGS,
        quantity: 0.5,
      },
      limits: { ...defaultLimits, maxDrawdownPct: 100 },
      fees: { maker: 2, taker: 5 },
      balances: { USDC: "100000" },
      seed: 1,
      fillModel: "through",
      latencyMs: 0,
      path: "nearer",
      source: { kind: "candles", candles },
      data: { files: [], rows: 0, from: null, to: null, skipped: 0, rounded: 0, gaps: 0 },
      version: "test",
      quickLane: "on",
    });
    const ours = fills.map(({ side, price }) => ({ side, price: Number(price) }));
    assert.deepEqual(ours, second.fills);
    assert.ok(fills.length > 10, `${fills.length} fills`);
    const gain = Number(report.ledger.equityEnd) - 100_000;
    assert.equal(Math.round(gain * 1e8), second.gain);
    assert.equal(report.ledger.identityError, "0");
  });
}
