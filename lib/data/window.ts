// A stretch of a tape that can be played on its own. Cutting rows away would also cut away the
// book they had built, so a tape cut at the front starts with that book: what a recorder would have
// written had it been switched on at that moment.

import { emptyTape, ROW, sliceTape, type Tape } from "../core/columns.ts";
import type { Micros } from "../core/units.ts";
import { copyRows, rowAt, type TapeRow, TapeRows } from "./rows.ts";

/** The rows with `from` ≤ time < `to`, led by the book as it stood at `from`. */
export function cutTape(
  tape: Tape,
  range: { readonly from?: Micros; readonly to?: Micros },
): Tape {
  const first = range.from === undefined ? 0 : firstAt(tape, range.from);
  const end = range.to === undefined ? tape.length : Math.max(first, firstAt(tape, range.to));
  const rest = sliceTape(tape, first, end);
  if (range.from === undefined || first === 0 || rest.length === 0) return rest;
  const book = bookBefore(tape, first, range.from);
  const whole = emptyTape(book.length + rest.length);
  copyRows(book, whole, 0);
  copyRows(rest, whole, book.length);
  return whole;
}

function firstAt(tape: Tape, time: Micros): number {
  const row = tape.time.findIndex((at) => at >= time);
  return row < 0 ? tape.length : row;
}

/** The rows before `end` in as few rows as show the same book, all at `time`. */
function bookBefore(tape: Tape, end: number, time: Micros): Tape {
  const bids = new Map<number, number>();
  const asks = new Map<number, number>();
  let levels = false;
  let best: TapeRow | undefined;
  for (let index = 0; index < end; index++) {
    const row = rowAt(tape, index);
    if (row.kind === ROW.bbo) best = row;
    else if (row.kind === ROW.bidLevel) bids.set(row.price, row.quantity);
    else if (row.kind === ROW.askLevel) asks.set(row.askPrice, row.askQuantity);
    else if (row.kind === ROW.reset) {
      levels = true;
      bids.clear();
      asks.clear();
    }
  }
  const rows = new TapeRows();
  if (levels) rows.reset(time);
  for (const [price, quantity] of bids) if (quantity > 0) rows.level(time, "bid", price, quantity);
  for (const [price, quantity] of asks) if (quantity > 0) rows.level(time, "ask", price, quantity);
  if (best !== undefined) {
    const { price, quantity, askPrice, askQuantity } = best;
    rows.bbo(time, { price, quantity }, { price: askPrice, quantity: askQuantity });
  }
  return rows.tape();
}
