// The best N levels (topN) into tape rows: of each snapshot only what differs from the one before.
// A level beyond the worst price of a snapshot was not seen, which is not the same as gone: it
// keeps its last quantity until its price is seen again.

import { type FileLevel, levelColumns, readLevel } from "./book.ts";
import { type Cells, type Column, type Flaw, readRows } from "./csv.ts";
import { DataFault } from "./fault.ts";
import { LATE, TIME_COLUMN } from "./fields.ts";
import { type Grid, MOST_INT32, tickRule } from "./grid.ts";
import type { OnError } from "./report.ts";
import type { TapeRows } from "./rows.ts";
import type { Source } from "./source.ts";

/** Reads `ts_us` and `bid_px_i,bid_qty_i,ask_px_i,ask_qty_i` for i = 1..N, best first. */
export function readTopN(source: Source, grid: Grid, rows: TapeRows, errors: OnError) {
  const depth = depthOf(source);
  const columns: Column[] = [TIME_COLUMN];
  for (let i = 1; i <= depth; i++) {
    columns.push(...levelColumns(grid, [`bid_px_${i}`, `bid_qty_${i}`]));
  }
  for (let i = 1; i <= depth; i++) {
    columns.push(...levelColumns(grid, [`ask_px_${i}`, `ask_qty_${i}`]));
  }
  const bids = new Ladder("bid");
  const asks = new Ladder("ask");
  let last = 0;
  return readRows(source, columns, errors, (cells) => {
    const time = cells.value(0);
    if (time < last) return LATE;
    const flaw = bids.read(cells, 1, depth, grid) ?? asks.read(cells, 1 + 2 * depth, depth, grid);
    if (flaw !== undefined) return flaw;
    if (asks.best < bids.best) return { column: "ask_px_1", rule: "must be at least bid_px_1" };
    if (last === 0) rows.reset(time);
    last = time;
    rows.counts.dropped += bids.dust + asks.dust;
    // Removals first: a book that moved would otherwise cross itself halfway.
    bids.emitGone(time, rows);
    asks.emitGone(time, rows);
    bids.emitChanged(time, rows);
    asks.emitChanged(time, rows);
    return undefined;
  });
}

function depthOf({ path, header }: Source): number {
  let depth = 0;
  while (header.includes(`bid_px_${depth + 1}`)) depth++;
  if (depth > 0) return depth;
  throw new DataFault({ file: path, rule: `the header must have a column "bid_px_1"` });
}

/** One side of the book as it was last seen, and the snapshot that is to replace its top. */
class Ladder {
  /** Levels below one lot in the present snapshot. */
  dust = 0;
  readonly #side: "bid" | "ask";
  /** 1 when a higher price is worse (asks), -1 when a lower one is. */
  readonly #worse: 1 | -1;
  #known: FileLevel[] = [];
  #seen: FileLevel[] = [];
  /** Everything up to and including this price was seen. */
  #edge = 0;

  constructor(side: "bid" | "ask") {
    this.#side = side;
    this.#worse = side === "bid" ? -1 : 1;
  }

  /** The best price of the present snapshot; beyond every price when it has none. */
  get best(): number {
    return this.#seen[0]?.price ?? this.#worse * Infinity;
  }

  /** Reads a snapshot, best first; levels that share a tick after rounding become one. */
  read(cells: Cells, first: number, depth: number, grid: Grid): Flaw | undefined {
    this.#seen = [];
    this.dust = 0;
    // With fewer levels than columns the whole side was seen.
    this.#edge = this.#worse * Infinity;
    for (let i = 0; i < depth; i++) {
      const level = readLevel(cells, first + 2 * i, this.#side, grid);
      if (level.empty) continue;
      const column = `${this.#side}_px_${i + 1}`;
      const rule = tickRule(level.price);
      if (rule !== undefined) return { column, rule };
      const before = this.#seen.at(-1);
      if (before !== undefined && this.#isWorse(before.price, level.price)) {
        return { column, rule: "must be worse than the level before" };
      }
      if (i === depth - 1) this.#edge = level.price;
      if (level.quantity === 0) this.dust++;
      else if (before?.price === level.price) {
        before.quantity = Math.min(before.quantity + level.quantity, MOST_INT32);
      } else this.#seen.push(level);
    }
    return undefined;
  }

  emitGone(time: number, rows: TapeRows): void {
    let next = 0;
    for (const { price } of this.#known) {
      if (this.#isWorse(price, this.#edge)) break;
      while (this.#isWorse(price, this.#priceAt(next))) next++;
      if (this.#priceAt(next) !== price) rows.level(time, this.#side, price, 0);
    }
  }

  /** Emits new and changed levels; what was seen then replaces what was known of that stretch. */
  emitChanged(time: number, rows: TapeRows): void {
    let next = 0;
    for (const { price, quantity } of this.#seen) {
      let known = this.#known[next];
      while (known !== undefined && this.#isWorse(price, known.price)) known = this.#known[++next];
      if (known?.price !== price || known.quantity !== quantity) {
        rows.level(time, this.#side, price, quantity);
      }
    }
    const end = this.#known.findIndex(({ price }) => this.#isWorse(price, this.#edge));
    this.#known.splice(0, end < 0 ? this.#known.length : end, ...this.#seen);
  }

  #priceAt(index: number): number {
    return this.#seen[index]?.price ?? this.#worse * Infinity;
  }

  #isWorse(price: number, than: number): boolean {
    return (price - than) * this.#worse > 0;
  }
}
