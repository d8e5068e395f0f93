// Best prices (bbo) into tape rows, and what every book file shares: how one recorded level is read.
// Levels between two ticks are moved away from the other side, bids down and asks up, so that no
// spread looks narrower than it was.

import { type Cells, type Column, readRows } from "./csv.ts";
import { LATE, TIME_COLUMN } from "./fields.ts";
import { type Grid, tickRule } from "./grid.ts";
import type { OnError } from "./report.ts";
import type { TapeRows } from "./rows.ts";
import type { Source } from "./source.ts";

/** Reads `ts_us,bid_px,bid_qty,ask_px,ask_qty`; a quantity of 0 means that side is empty. */
export function readBbo(source: Source, grid: Grid, rows: TapeRows, errors: OnError) {
  const names = { bid: ["bid_px", "bid_qty"], ask: ["ask_px", "ask_qty"] } as const;
  const columns: Column[] = [
    TIME_COLUMN,
    ...levelColumns(grid, names.bid),
    ...levelColumns(grid, names.ask),
  ];
  return readRows(source, columns, errors, (cells) => {
    const time = cells.value(0);
    if (time < rows.end) return LATE;
    const bid = readLevel(cells, 1, "bid", grid);
    const ask = readLevel(cells, 3, "ask", grid);
    const rule = levelRule(bid);
    if (rule !== undefined) return { column: "bid_px", rule };
    const askRule = levelRule(ask) ??
      (bid.quantity > 0 && ask.quantity > 0 && ask.price < bid.price
        ? "must be at least bid_px"
        : undefined);
    if (askRule !== undefined) return { column: "ask_px", rule: askRule };
    for (const side of [bid, ask]) if (side.quantity === 0 && !side.empty) rows.counts.dropped++;
    rows.bbo(time, bid, ask);
    return undefined;
  });
}

/** A level of a file in ticks and lots. */
export interface FileLevel {
  price: number;
  quantity: number;
  /** The file itself says zero; otherwise a quantity of 0 is less than a lot. */
  readonly empty: boolean;
}

/** The two columns that `readLevel` reads. */
export function levelColumns(grid: Grid, [price, quantity]: readonly [string, string]): Column[] {
  return [grid.priceColumn(price), grid.quantityColumn(quantity)];
}

/** The level at column `index`, moved away from the other side: bids down, asks up. */
export function readLevel(cells: Cells, index: number, side: "bid" | "ask", grid: Grid): FileLevel {
  const empty = cells.value(index + 1) === 0 && cells.cut(index + 1) === 0;
  // Where there is no level its price says nothing.
  if (empty) return { price: 0, quantity: 0, empty };
  const price = side === "bid" ? grid.down(cells, index) : grid.up(cells, index);
  return { price, quantity: grid.lots(cells, index + 1), empty };
}

function levelRule(level: FileLevel): string | undefined {
  return level.empty ? undefined : tickRule(level.price);
}
