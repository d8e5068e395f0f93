// Depth messages into tape rows. A recorder subscribes first and asks for the snapshot afterwards,
// so a file may begin with deltas: those the snapshot does not contain yet (higher last_id) are
// played after it, the others are dropped, as the venues prescribe.

import { type Cells, type Column, type Flaw, readRows } from "./csv.ts";
import { DataFault } from "./fault.ts";
import { LATE, SIDE_WORDS, sideOf, TIME_COLUMN } from "./fields.ts";
import { type Grid, MOST_INT32, tickRule } from "./grid.ts";
import type { OnError } from "./report.ts";
import type { TapeRows } from "./rows.ts";
import type { Source } from "./source.ts";

/**
 * Reads `ts_us,kind,first_id,last_id,prev_id,side,price,qty`, one row per level in message order.
 * A snapshot stamped before the rows it follows is played at their time: a tape never goes back.
 */
export async function readDepth(source: Source, grid: Grid, rows: TapeRows, errors: OnError) {
  const id = (name: string): Column => ({ form: "whole", name, decimals: 0 });
  const columns: Column[] = [
    TIME_COLUMN,
    { form: "word", name: "kind", words: ["delta", "snapshot"] },
    id("first_id"),
    id("last_id"),
    id("prev_id"),
    { form: "word", name: "side", words: SIDE_WORDS },
    grid.priceColumn("price"),
    grid.quantityColumn("qty"),
  ];
  const book = new DepthBook(rows);
  const read = await readRows(source, columns, errors, (cells) => {
    const row = readRow(cells, grid);
    const rule = tickRule(row.price);
    return rule === undefined ? book.take(row) : { column: "price", rule };
  });
  if (!book.finish()) {
    throw new DataFault({ file: source.path, rule: "the file must hold a snapshot" });
  }
  return read;
}

interface DepthRow {
  readonly time: number;
  readonly snapshot: boolean;
  readonly firstId: number;
  readonly lastId: number;
  /** 0 where the venue sends none. */
  readonly previousId: number;
  readonly side: "bid" | "ask";
  /** The price as the file has it, finer than a tick. */
  readonly exact: number;
  readonly price: number;
  readonly quantity: number;
  /** More than nothing and less than a lot. */
  readonly dust: boolean;
}

function readRow(cells: Cells, grid: Grid): DepthRow {
  const side = sideOf(cells.value(5));
  const quantity = grid.lots(cells, 7);
  return {
    time: cells.value(0),
    snapshot: cells.value(1) === 1,
    firstId: cells.value(2),
    lastId: cells.value(3),
    previousId: cells.value(4),
    side,
    exact: cells.value(6),
    price: side === "bid" ? grid.down(cells, 6) : grid.up(cells, 6),
    quantity,
    dust: quantity === 0 && (cells.value(7) > 0 || cells.cut(7) === 1),
  };
}

class DepthBook {
  readonly #rows: TapeRows;
  readonly #sides = { bid: new SharedTicks(), ask: new SharedTicks() };
  /** Deltas from before the first snapshot. */
  #early: DepthRow[] = [];
  #snapshotId: number | undefined;
  /** Whether the rows of a snapshot are coming in. */
  #open = false;
  /** The last delta message played; undefined right after a snapshot. */
  #played: number | undefined;
  #deltaId = 0;
  #deltaTime = 0;

  constructor(rows: TapeRows) {
    this.#rows = rows;
  }

  take(row: DepthRow): Flaw | undefined {
    if (row.snapshot) {
      this.#takeSnapshot(row);
      return undefined;
    }
    if (row.time < this.#deltaTime) return LATE;
    if (row.lastId < this.#deltaId) {
      return { column: "last_id", rule: "must not be below that of the row above" };
    }
    this.#deltaTime = row.time;
    this.#deltaId = row.lastId;
    if (this.#snapshotId === undefined) this.#early.push(row);
    else {
      if (this.#open) this.#closeSnapshot();
      this.#takeDelta(row, this.#snapshotId);
    }
    return undefined;
  }

  /** False when there never was a snapshot. */
  finish(): boolean {
    if (this.#open) this.#closeSnapshot();
    return this.#snapshotId !== undefined;
  }

  #takeSnapshot(row: DepthRow): void {
    if (!this.#open || row.lastId !== this.#snapshotId) {
      this.#snapshotId = row.lastId;
      this.#played = undefined;
      this.#open = true;
      this.#sides.bid.clear();
      this.#sides.ask.clear();
      this.#rows.reset(Math.max(row.time, this.#rows.end));
    }
    this.#play(row);
  }

  #closeSnapshot(): void {
    this.#open = false;
    const early = this.#early;
    this.#early = [];
    for (const row of early) this.#takeDelta(row, this.#snapshotId ?? row.lastId);
  }

  #takeDelta(row: DepthRow, snapshotId: number): void {
    if (row.lastId <= snapshotId) {
      this.#rows.counts.dropped++;
      return;
    }
    if (row.lastId !== this.#played) {
      const before = row.previousId === 0 ? row.firstId - 1 : row.previousId;
      // The first message may begin inside the snapshot, later ones join on exactly.
      const joins = this.#played === undefined ? before <= snapshotId : before === this.#played;
      if (!joins) this.#rows.counts.gaps++;
      this.#played = row.lastId;
    }
    this.#play(row);
  }

  #play(row: DepthRow): void {
    if (row.dust) this.#rows.counts.dropped++;
    const quantity = this.#sides[row.side].put(row);
    this.#rows.level(Math.max(row.time, this.#rows.end), row.side, row.price, quantity);
  }
}

/** Recorded prices that fall on one tick add up there: deleting one must not delete its neighbours. */
class SharedTicks {
  readonly #exact = new Map<number, number>();
  readonly #ticks = new Map<number, number>();

  /** Returns the quantity of the row's tick. */
  put(row: DepthRow): number {
    const before = this.#exact.get(row.exact) ?? 0;
    const quantity = (this.#ticks.get(row.price) ?? 0) + row.quantity - before;
    if (row.quantity === 0) this.#exact.delete(row.exact);
    else this.#exact.set(row.exact, row.quantity);
    if (quantity === 0) this.#ticks.delete(row.price);
    else this.#ticks.set(row.price, quantity);
    return Math.min(quantity, MOST_INT32);
  }

  clear(): void {
    this.#exact.clear();
    this.#ticks.clear();
  }
}
