// How much of the market's movement a grid turned into pairs: completed pairs over rung crossings of
// the price. A price that crosses a rung and comes back makes two crossings and at best one pair, so
// 0.5 is the most there is; what is missing are fills that were not had and inventory that was not there.

import type { Candles, Tape } from "../core/columns.ts";
import { ROW } from "../core/columns.ts";
import type { RoundTrip } from "./pairs.ts";

/** Prices in the order they were, as far as the data says; bars open, nearer extreme, other, close. */
export type Path = Iterable<number>;

/** The path of bars, in ticks. */
export function* pathOfBars({ length, open, high, low, close }: Candles): Path {
  for (let bar = 0; bar < length; bar++) {
    const [first, most, least] = [open[bar] ?? 0, high[bar] ?? 0, low[bar] ?? 0];
    yield first;
    yield* first - least <= most - first ? [least, most] : [most, least];
    yield close[bar] ?? 0;
  }
}

/** The mids of a recording's quotes, in ticks; nothing where it has depth alone. */
export function* pathOfTicks(tape: Tape): Path {
  for (let row = 0; row < tape.length; row++) {
    if (tape.kind[row] !== ROW.bbo || tape.quantity[row] === 0 || tape.askQuantity[row] === 0) {
      continue;
    }
    yield ((tape.price[row] ?? 0) + (tape.askPrice[row] ?? 0)) / 2;
  }
}

/** How often the path went from one side of a rung to the other. `rungs` in ticks, any order. */
export function crossings(path: Path, rungs: Iterable<number>): number {
  const sorted = [...new Set(rungs)].sort((a, b) => a - b);
  let count = 0;
  let below: number | undefined;
  for (const price of path) {
    // The rungs under the price; from where it was last, since most steps cross none.
    let now = below ?? 0;
    while (now < sorted.length && (sorted[now] ?? Infinity) < price) now++;
    while (now > 0 && (sorted[now - 1] ?? 0) >= price) now--;
    if (below !== undefined) count += Math.abs(now - below);
    below = now;
  }
  return count;
}

/** Completed pairs per crossing; null without a rung that was crossed. `lots` is the size of a pair. */
export function efficiency(
  pairs: readonly RoundTrip[],
  lots: number,
  crossed: number,
): number | null {
  if (crossed === 0 || !(lots > 0)) return null;
  return pairs.reduce((sum, { quantity }) => sum + quantity, 0) / lots / crossed;
}
