// Trade files into tape rows. A print between two ticks is moved back towards where it came from:
// a bid aggressor's down, an ask aggressor's up, so that it reaches no resting order it did not
// reach when it was printed.

import { type Column, readRows } from "./csv.ts";
import { DataFault } from "./fault.ts";
import { LATE, SIDE_WORDS, sideOf, TIME_COLUMN } from "./fields.ts";
import { type Grid, tickRule } from "./grid.ts";
import type { OnError } from "./report.ts";
import type { TapeRows } from "./rows.ts";
import type { Source } from "./source.ts";

const [TIME, PRICE, QUANTITY, SIDE] = [0, 1, 2, 3] as const;

/** Reads `ts_us,price,qty,side`, where side is the aggressor's and may be called side_inferred. */
export function readTrades(source: Source, grid: Grid, rows: TapeRows, errors: OnError) {
  if (source.header.includes("qty_usd")) {
    throw new DataFault({
      file: source.path,
      column: "qty_usd",
      rule: "cannot be played: an inverse contract is worth quote currency, not base",
    });
  }
  const side = source.header.includes("side_inferred") ? "side_inferred" : "side";
  const columns: Column[] = [
    TIME_COLUMN,
    grid.priceColumn("price"),
    grid.quantityColumn("qty"),
    { form: "word", name: side, words: SIDE_WORDS },
  ];
  let last = 0;
  return readRows(source, columns, errors, (cells) => {
    const time = cells.value(TIME);
    if (time < last) return LATE;
    const aggressor = sideOf(cells.value(SIDE));
    const price = aggressor === "bid" ? grid.down(cells, PRICE) : grid.up(cells, PRICE);
    const rule = tickRule(price);
    if (rule !== undefined) return { column: "price", rule };
    last = time;
    const quantity = grid.lots(cells, QUANTITY);
    if (quantity === 0) rows.counts.dropped++;
    else rows.trade(time, aggressor, price, quantity);
    return undefined;
  });
}
