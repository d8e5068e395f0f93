// Ticks through the whole path against a bare loop over the same columns, in turns, medians. The bare
// loop keeps the ladder's 20 orders and its money, but has no queues, no risk and no commands.

import { ROW, type Tape } from "../../lib/core/columns.ts";
import { SECOND } from "../../lib/core/units.ts";
import { benchTape, playLadder } from "./market.ts";
import { median, shown } from "./show.ts";

const ROWS = Number(Deno.args[0] ?? 10_000_000);
const ROUNDS = 5;
/** Orders of a side, and what each is for. */
const RUNGS = 10;
const LOTS = 10;

/** One side's orders of the bare loop, nearest first, and what they have traded. */
class BareSide {
  readonly prices = new Int32Array(RUNGS);
  readonly left = new Int32Array(RUNGS);
  held = 0;
  money = 0;
  fills = 0;

  /** Fills what lies this far or nearer; `sign` is 1 for bids, -1 for asks. A filled order is placed anew. */
  fill(reached: number, lots: number, sign: 1 | -1): void {
    for (let rung = 0; rung < RUNGS && lots > 0; rung++) {
      const price = this.prices[rung] ?? 0;
      if ((price - reached) * sign < 0) return;
      const filled = Math.min(lots, this.left[rung] ?? 0);
      lots -= filled;
      this.held += sign * filled;
      this.money -= sign * filled * price;
      this.left[rung] = ((this.left[rung] ?? 0) - filled) || LOTS;
      this.fills++;
    }
  }

  /** Quotes one order; one that stays keeps what is left of it. */
  quote(rung: number, price: number): void {
    if (this.prices[rung] === price) return;
    this.prices[rung] = price;
    this.left[rung] = LOTS;
  }
}

/**
 * The least that any backtest of the ladder must do: read the row, hold it against the best own
 * prices, fill and replace what it reaches, and quote the 20 orders anew each second.
 */
function bareLoop({ kind, time, price, quantity, askPrice, askQuantity, length }: Tape): number {
  const bids = new BareSide();
  const asks = new BareSide();
  let [bid, ask, next] = [0, 0, 0];
  let [ownBid, ownAsk] = [-Infinity, Infinity];
  for (let row = 0; row < length; row++) {
    const value = price[row] ?? 0;
    const what = kind[row];
    if (what === ROW.bbo) {
      bid = value;
      ask = askPrice[row] ?? 0;
      if (ask <= ownBid) bids.fill(ask, askQuantity[row] ?? 0, 1);
      else if (bid >= ownAsk) asks.fill(bid, quantity[row] ?? 0, -1);
    } else if (value <= ownBid || value >= ownAsk) {
      if (what === ROW.tradeAsk) bids.fill(value, quantity[row] ?? 0, 1);
      else asks.fill(value, quantity[row] ?? 0, -1);
    }
    const at = time[row] ?? 0;
    if (at < next) continue;
    next = at + SECOND;
    for (let rung = 0; rung < RUNGS; rung++) {
      const away = 12 + rung * 10;
      bids.quote(rung, Math.floor((bid - away) / 10) * 10);
      asks.quote(rung, Math.ceil((ask + away) / 10) * 10);
    }
    [ownBid, ownAsk] = [bids.prices[0] ?? 0, asks.prices[0] ?? 0];
  }
  const held = bids.held + asks.held;
  return held * (bid + ask) / 2 + bids.money + asks.money + bids.fills + asks.fills;
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
