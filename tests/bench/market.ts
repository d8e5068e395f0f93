// The market of the tick benchmark: a tape like a busy perpetual's, three quarters best bid/ask and
// one quarter trades, 1,000 rows a second, and a strategy that keeps 20 orders in it and is asked
// every second. As in the recorded BTCUSDT perpetual, 3 % of the quotes move a price, 1.5 % of the
// trades take all that stands at the touch, and 44 % print beside the touch known last.

import { emptyTape, ROW, type Tape } from "../../lib/core/columns.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { Random } from "../../lib/core/random.ts";
import { defineStrategy, lots, type PlannedOrder, ticks } from "../../lib/core/strategy.ts";
import { SECOND } from "../../lib/core/units.ts";
import { backtest } from "../../lib/lab/backtest.ts";
import type { Report } from "../../lib/lab/report.ts";
import { perpMarket } from "../support/core.ts";

/** Rows a second. */
const RATE = 1000;
/** `length` rows from a seed. */
export function benchTape(length: number, seed = 1): Tape {
  const tape = emptyTape(length);
  const random = new Random(seed);
  let bid = 150_000;
  let [bids, asks] = [250, 250];
  for (let row = 0; row < length; row++) {
    tape.time[row] = 1_700_000_000 * SECOND + row * (SECOND / RATE);
    const ask = bid + 1;
    if (row % 4 === 3) {
      const buys = random.chance(0.5);
      const left = buys ? asks : bids;
      const beside = random.chance(0.44) ? (buys ? 1 : -1) : 0;
      tape.kind[row] = buys ? ROW.tradeBid : ROW.tradeAsk;
      tape.price[row] = (buys ? ask : bid) + beside;
      tape.quantity[row] = random.chance(0.03) ? left : random.integer(1, Math.max(1, left >> 3));
      continue;
    }
    if (random.chance(0.03)) bid += random.chance(0.5) ? 1 : -1;
    [bids, asks] = [random.integer(100, 500), random.integer(100, 500)];
    tape.kind[row] = ROW.bbo;
    tape.price[row] = bid;
    tape.quantity[row] = bids;
    tape.askPrice[row] = bid + 1;
    tape.askQuantity[row] = asks;
  }
  return tape;
}

/** Ten orders on each side, the first two ticks from the touch; moved when the touch moved. */
export const ladder = defineStrategy({
  api: 1,
  name: "ladder",
  summary: "Ten orders on each side of mid.",
  params: {},
  start: () => ({}),
  plan(_memory, view) {
    const orders: PlannedOrder[] = [];
    for (let rung = 0; rung < 10; rung++) {
      const away = 12 + rung * 10;
      const bid = ticks(Math.floor((view.bestBid - away) / 10) * 10);
      const ask = ticks(Math.ceil((view.bestAsk + away) / 10) * 10);
      orders.push({ side: "bid", price: bid, quantity: lots(10), role: "maker" });
      orders.push({ side: "ask", price: ask, quantity: lots(10), role: "maker" });
    }
    return { orders };
  },
});

/** Plays a tape to the ladder through the whole path. */
export async function playLadder(tape: Tape): Promise<Report> {
  const { report } = await backtest({
    market: perpMarket({ maxPrice: "100000" }),
    strategy: ladder,
    params: {},
    limits: { ...defaultLimits, maxPositionUsd: 1_000_000, maxDrawdownPct: 100 },
    fees: { maker: 2, taker: 5 },
    balances: { USDC: "1000000" },
    seed: 1,
    fillModel: "queue",
    latencyMs: 1,
    path: "nearer",
    source: { kind: "tape", tape },
    data: { files: [], rows: tape.length, from: null, to: null, skipped: 0, rounded: 0, gaps: 0 },
    version: "bench",
    quickLane: "on",
  });
  return report;
}
