// A second, straightforward implementation of one case: a neutral grid on bars that fills only when
// price goes through an order, whole, and answers each fill one rung away. It shares nothing with the
// program but the bars; `second_opinion_test.ts` compares the two to the last unit.

import type { Candles } from "../../lib/core/columns.ts";

/** The case: rungs in ticks, lots per order, 1e-8 quote per tick and lot, maker fee in 1e-8 of notional. */
export interface SecondGrid {
  readonly rungs: readonly number[];
  readonly lots: number;
  readonly cashPerTickLot: number;
  readonly feeParts: number;
}

/** What came of it. */
export interface SecondResult {
  readonly fills: readonly { readonly side: "bid" | "ask"; readonly price: number }[];
  /** Change of equity in 1e-8. */
  readonly gain: number;
}

/** Walks the bars: open, nearer extreme, other extreme, close. */
export function secondGrid(candles: Candles, grid: SecondGrid): SecondResult {
  const { rungs, lots, cashPerTickLot, feeParts } = grid;
  const fills: { side: "bid" | "ask"; price: number }[] = [];
  let money = 0;
  let held = 0;
  let empty = -1;
  let last = 0;
  for (let bar = 0; bar < candles.length; bar++) {
    const open = candles.open[bar] ?? 0;
    const high = candles.high[bar] ?? 0;
    const low = candles.low[bar] ?? 0;
    const close = candles.close[bar] ?? 0;
    const lowFirst = open - low <= high - open;
    for (const price of lowFirst ? [open, low, high, close] : [open, high, low, close]) {
      last = price;
      if (empty < 0) {
        empty = nearestRung(rungs, price);
        continue;
      }
      // Rungs below the empty one are bids, rungs above are asks; each fill moves it by one.
      const trade = (side: "bid" | "ask", rung: number) => {
        const paid = (rungs[rung] ?? 0) * lots * cashPerTickLot;
        money += (side === "bid" ? -paid : paid) - Math.floor((paid * feeParts) / 1e8 + 0.5);
        held += side === "bid" ? lots : -lots;
        fills.push({ side, price: rungs[rung] ?? 0 });
      };
      const before = empty;
      while (empty > 0 && price < (rungs[empty - 1] ?? 0)) trade("bid", --empty);
      if (empty < before) continue;
      while (empty < rungs.length - 1 && price > (rungs[empty + 1] ?? 0)) trade("ask", ++empty);
    }
  }
  return { fills, gain: money + held * last * cashPerTickLot };
}

function nearestRung(rungs: readonly number[], price: number): number {
  let best = 0;
  for (let rung = 1; rung < rungs.length; rung++) {
    const distance = Math.abs((rungs[rung] ?? 0) - price);
    if (distance < Math.abs((rungs[best] ?? 0) - price)) best = rung;
  }
  return best;
}
