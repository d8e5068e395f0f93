// Ticks through the whole path against a bare loop over the same columns, in turns, medians.

import { ROW, type Tape } from "../../lib/core/columns.ts";
import { SECOND } from "../../lib/core/units.ts";
import { benchTape, playLadder } from "./market.ts";
import { median, shown } from "./show.ts";

const ROWS = Number(Deno.args[0] ?? 10_000_000);
const ROUNDS = 5;

/** The least that any backtest must do: read the row, keep the touch, guard own prices, requote each second. */
function bareLoop(tape: Tape): number {
  const { kind, time, price, askPrice, length } = tape;
  let bid = 0;
  let ask = 0;
  let ownBid = 0;
  let ownAsk = Infinity;
  let next = 0;
  let reached = 0;
  for (let row = 0; row < length; row++) {
    const at = time[row] ?? 0;
    const value = price[row] ?? 0;
    if (kind[row] === ROW.bbo) {
      bid = value;
      ask = askPrice[row] ?? 0;
      if (bid >= ownAsk || ask <= ownBid) reached++;
    } else if (value <= ownBid || value >= ownAsk) reached++;
    if (at >= next) {
      ownBid = Math.floor((bid - 20) / 10) * 10;
      ownAsk = Math.ceil((ask + 20) / 10) * 10;
      next = at + SECOND;
    }
  }
  return reached;
}

const tape = benchTape(ROWS);
const bare: number[] = [];
const whole: number[] = [];
let fills = 0;
for (let round = 0; round < ROUNDS; round++) {
  let start = performance.now();
  bareLoop(tape);
  bare.push(ROWS / (performance.now() - start) * 1000);
  start = performance.now();
  const report = await playLadder(tape);
  whole.push(ROWS / (performance.now() - start) * 1000);
  fills = report.fills;
}
shown("bare guarded loop", median(bare), "events/s");
shown("whole path", median(whole), "events/s");
shown("ratio", median(whole) / median(bare), "");
shown("fills", fills, "");
shown("resident memory", Deno.memoryUsage().rss / 2 ** 20, "MB");
