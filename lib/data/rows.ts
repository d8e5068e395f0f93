// A tape while it is being read: its columns grow as rows come in, and it keeps count of what did
// not fit. One of these per file; `tape.ts` merges them.

import { Bug } from "../core/assert.ts";
import { emptyTape, ROW, sliceTape, type Tape } from "../core/columns.ts";

/** What a reader found beside the rows. */
export interface TapeCounts {
  /** Rows that left nothing behind: quantities below one lot, deltas older than their snapshot. */
  dropped: number;
  /** Breaks in the chain of depth message ids. */
  gaps: number;
}

/** A tape that can be added to. Prices in ticks, quantities in lots, time in µs, never going back. */
export class TapeRows {
  readonly counts: TapeCounts = { dropped: 0, gaps: 0 };
  /** Time of the last row; 0 before the first. */
  end = 0;
  #length = 0;
  #tape = emptyTape(4096);

  trade(time: number, aggressor: "bid" | "ask", price: number, quantity: number): void {
    const row = this.#next(time, aggressor === "bid" ? ROW.tradeBid : ROW.tradeAsk);
    this.#tape.price[row] = price;
    this.#tape.quantity[row] = quantity;
  }

  bbo(
    time: number,
    bid: { readonly price: number; readonly quantity: number },
    ask: { readonly price: number; readonly quantity: number },
  ): void {
    const row = this.#next(time, ROW.bbo);
    this.#tape.price[row] = bid.price;
    this.#tape.quantity[row] = bid.quantity;
    this.#tape.askPrice[row] = ask.price;
    this.#tape.askQuantity[row] = ask.quantity;
  }

  level(time: number, side: "bid" | "ask", price: number, quantity: number): void {
    const row = this.#next(time, side === "bid" ? ROW.bidLevel : ROW.askLevel);
    (side === "bid" ? this.#tape.price : this.#tape.askPrice)[row] = price;
    (side === "bid" ? this.#tape.quantity : this.#tape.askQuantity)[row] = quantity;
  }

  reset(time: number): void {
    this.#next(time, ROW.reset);
  }

  /** `rate` is the funding rate × 1e10; an index price of 0 is none. */
  mark(
    time: number,
    mark: { readonly price: number; readonly indexPrice: number; readonly rate: number },
  ): void {
    const row = this.#next(time, ROW.mark);
    this.#tape.price[row] = mark.price;
    this.#tape.askPrice[row] = mark.indexPrice;
    this.#tape.quantity[row] = mark.rate;
  }

  /** The rows so far, sharing memory with this. */
  tape(): Tape {
    return sliceTape(this.#tape, 0, this.#length);
  }

  #next(time: number, kind: number): number {
    if (this.#length === this.#tape.length) {
      const larger = emptyTape(this.#length * 2);
      copyRows(this.#tape, larger, 0);
      this.#tape = larger;
    }
    this.#tape.kind[this.#length] = kind;
    this.#tape.time[this.#length] = time;
    this.end = time;
    return this.#length++;
  }
}

/** Copies every row of `from` into `to`, from its row `at` on. */
export function copyRows(from: Tape, to: Tape, at: number): void {
  to.kind.set(from.kind, at);
  to.time.set(from.time, at);
  to.price.set(from.price, at);
  to.quantity.set(from.quantity, at);
  to.askPrice.set(from.askPrice, at);
  to.askQuantity.set(from.askQuantity, at);
}

/** One row of a tape; what its columns mean depends on `kind`. */
export interface TapeRow {
  readonly kind: number;
  readonly time: number;
  readonly price: number;
  readonly quantity: number;
  readonly askPrice: number;
  readonly askQuantity: number;
}

/** The row at `row`. Throws `Bug` when there is none. */
export function rowAt(tape: Tape, row: number): TapeRow {
  return {
    kind: tape.kind[row] ?? noRow(row),
    time: tape.time[row] ?? noRow(row),
    price: tape.price[row] ?? noRow(row),
    quantity: tape.quantity[row] ?? noRow(row),
    askPrice: tape.askPrice[row] ?? noRow(row),
    askQuantity: tape.askQuantity[row] ?? noRow(row),
  };
}

/** Writes one row. */
export function putRow(tape: Tape, at: number, row: TapeRow): void {
  tape.kind[at] = row.kind;
  tape.time[at] = row.time;
  tape.price[at] = row.price;
  tape.quantity[at] = row.quantity;
  tape.askPrice[at] = row.askPrice;
  tape.askQuantity[at] = row.askQuantity;
}

function noRow(row: number): never {
  throw new Bug(`no such tape row: ${row}`);
}
