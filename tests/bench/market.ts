// The market of the tick benchmark: a tape like a busy perpetual's, three quarters best bid/ask and
// one quarter trades, about 1,000 rows a second, and a strategy that keeps 20 orders in it and is
// asked every second.

import { emptyTape, ROW, type Tape } from "../../lib/core/columns.ts";
import { Random } from "../../lib/core/random.ts";
import { defineStrategy, lots, type PlannedOrder, ticks } from "../../lib/core/strategy.ts";
import { SECOND } from "../../lib/core/units.ts";

/** Rows a second. */
const RATE = 1000;
/** One row in so many moves the price, as in the recorded BTC perpetual. */
const MOVES = 12;

/** `length` rows from a seed. */
export function benchTape(length: number, seed = 1): Tape {
  const tape = emptyTape(length);
  const random = new Random(seed);
  let bid = 150_000;
  for (let row = 0; row < length; row++) {
    tape.time[row] = 1_700_000_000 * SECOND + row * (SECOND / RATE);
    const trade = row > 0 && row % 4 === 3;
    if (!trade && row % MOVES === 0) bid += random.chance(0.5) ? 1 : -1;
    const ask = bid + 1;
    const quantity = random.integer(1, 500);
    tape.quantity[row] = quantity;
    if (trade) {
      const buys = random.chance(0.5);
      tape.kind[row] = buys ? ROW.tradeBid : ROW.tradeAsk;
      tape.price[row] = buys ? ask : bid;
    } else {
      tape.kind[row] = ROW.bbo;
      tape.price[row] = bid;
      tape.askPrice[row] = ask;
      tape.askQuantity[row] = random.integer(1, 500);
    }
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
      const away = 20 + rung * 10;
      const bid = ticks(Math.floor((view.bestBid - away) / 10) * 10);
      const ask = ticks(Math.ceil((view.bestAsk + away) / 10) * 10);
      orders.push({ side: "bid", price: bid, quantity: lots(10), role: "maker" });
      orders.push({ side: "ask", price: ask, quantity: lots(10), role: "maker" });
    }
    return { orders };
  },
});
