// Full depth through the whole path: level updates a second, against a bare loop that keeps the
// quantity of each price and no more.

import { emptyTape, ROW, type Tape } from "../../lib/core/columns.ts";
import { Random } from "../../lib/core/random.ts";
import { SECOND } from "../../lib/core/units.ts";
import { playLadder } from "./market.ts";
import { median, shown } from "./show.ts";

const MESSAGES = 200_000;
const LEVELS = 68;
const ROUNDS = 5;

/** A snapshot and messages of about `LEVELS` levels each, ten a second, as a depth stream of 100 ms has them. */
function depthTape(): Tape {
  const random = new Random(3);
  const tape = emptyTape(MESSAGES * LEVELS / 10);
  let mid = 150_000;
  for (let row = 0; row < tape.length; row++) {
    const message = Math.floor(row / LEVELS);
    if (row % LEVELS === 0) mid += random.integer(-1, 1);
    tape.time[row] = 1_700_000_000 * SECOND + message * (SECOND / 10);
    const away = 1 + Math.floor(random.exponential(60));
    const quantity = random.chance(0.3) && away > 1 ? 0 : random.integer(1, 500);
    if (row % 2 === 0) {
      tape.kind[row] = ROW.bidLevel;
      tape.price[row] = mid - away;
      tape.quantity[row] = quantity;
    } else {
      tape.kind[row] = ROW.askLevel;
      tape.askPrice[row] = mid + away;
      tape.askQuantity[row] = quantity;
    }
  }
  return tape;
}

/** Keeps the quantities by price and no more. */
function bareLoop(tape: Tape): number {
  const bids = new Map<number, number>();
  const asks = new Map<number, number>();
  for (let row = 0; row < tape.length; row++) {
    const bid = tape.kind[row] === ROW.bidLevel;
    const price = (bid ? tape.price[row] : tape.askPrice[row]) ?? 0;
    const quantity = (bid ? tape.quantity[row] : tape.askQuantity[row]) ?? 0;
    const side = bid ? bids : asks;
    if (quantity === 0) side.delete(price);
    else side.set(price, quantity);
  }
  return bids.size + asks.size;
}

const tape = depthTape();
const bare: number[] = [];
const whole: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  let start = performance.now();
  bareLoop(tape);
  bare.push((tape.length / (performance.now() - start)) * 1000);
  start = performance.now();
  await playLadder(tape);
  whole.push((tape.length / (performance.now() - start)) * 1000);
}
shown("bare book of levels", median(bare), "levels/s");
shown("whole path", median(whole), "levels/s");
shown("ratio", median(whole) / median(bare), "");
