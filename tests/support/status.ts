// A moment of a run, for tests of what shows it.

import { cash, lots, micros, ticks } from "../../lib/core/units.ts";
import type { Status } from "../../lib/app/status.ts";
import { aMarketOf } from "./known_market.ts";

const market = aMarketOf("SOL_USDC_PERP");

/** A run with two open orders and a fill, changed as wanted. */
export function aStatus(change: Partial<Status> = {}): Status {
  return {
    time: micros(1_735_689_600_000_000),
    mode: "paper",
    market,
    strategy: "grid",
    state: { name: "ACTIVE" },
    position: lots(-250),
    equity: cash(1_001_234_567_890),
    pnl: {
      realised: cash(1_500_000_000),
      unrealised: cash(-200_000_000),
      fees: cash(65_432_110),
      funding: cash(0),
    },
    bestBid: ticks(14_999),
    bestAsk: ticks(15_001),
    openOrders: [
      { side: "ask", price: ticks(15_100), quantity: lots(20), tag: "rung 12" },
      { side: "bid", price: ticks(14_900), quantity: lots(20) },
    ],
    plan: { orders: [], reason: "20 rungs, 3 held", refused: [] },
    fills: 1,
    lastFills: [
      {
        time: micros(1_735_689_599_000_000),
        side: "ask",
        price: ticks(15_050),
        quantity: lots(20),
      },
    ],
    ...change,
  };
}
