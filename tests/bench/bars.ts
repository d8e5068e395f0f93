// Bars of a random walk, for the candle benchmark and for the second opinion.

import type { Candles } from "../../lib/core/columns.ts";
import { Random } from "../../lib/core/random.ts";
import { SECOND } from "../../lib/core/units.ts";

/** One-minute bars from a seed, around 150.00 with a tick of 0.01, drawn back to it. */
export function walkBars(length: number, seed: number, stepTicks = 8): Candles {
  const random = new Random(seed);
  const column = () => new Int32Array(length);
  const [open, high, low, close] = [column(), column(), column(), column()];
  const time = new Float64Array(length);
  const volume = new Float64Array(length);
  let price = 15_000;
  for (let bar = 0; bar < length; bar++) {
    const pull = (15_000 - price) / 4000;
    const end = Math.max(100, Math.round(price + pull + random.normal() * stepTicks));
    time[bar] = (1_700_000_040 + bar * 60) * SECOND;
    open[bar] = price;
    close[bar] = end;
    high[bar] = Math.max(price, end) + Math.floor(random.exponential(stepTicks / 3));
    low[bar] = Math.min(price, end) - Math.floor(random.exponential(stepTicks / 3));
    volume[bar] = random.integer(100, 100_000);
    price = end;
  }
  return { length, barSec: 60, time, open, high, low, close, volume };
}
