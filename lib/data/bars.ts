// Bars while they are being read: columns that grow, with the line of the file beside each bar, so
// that a fault found only when files are joined can still be pointed at.

import { Bug } from "../core/assert.ts";
import type { Candles } from "../core/columns.ts";
import type { Micros } from "../core/units.ts";

/** One bar; prices in ticks, volume in lots, time (its start) in µs. */
export interface Bar {
  /** The line of its file as an editor counts. */
  readonly line: number;
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Columns of bars, ascending in time. */
export class BarRows {
  length = 0;
  /** Time of the first bar; 0 when there is none. */
  start = 0;
  /** Time of the last bar; 0 when there is none. */
  end = 0;
  #room = 4096;
  #line = new Int32Array(this.#room);
  #time = new Float64Array(this.#room);
  #open = new Int32Array(this.#room);
  #high = new Int32Array(this.#room);
  #low = new Int32Array(this.#room);
  #close = new Int32Array(this.#room);
  #volume = new Float64Array(this.#room);

  add(bar: Bar): void {
    if (this.length === this.#room) this.#grow();
    const row = this.length++;
    this.#line[row] = bar.line;
    this.#time[row] = bar.time;
    this.#open[row] = bar.open;
    this.#high[row] = bar.high;
    this.#low[row] = bar.low;
    this.#close[row] = bar.close;
    this.#volume[row] = bar.volume;
    if (row === 0) this.start = bar.time;
    this.end = bar.time;
  }

  at(row: number): Bar {
    return {
      line: this.#line[row] ?? noBar(row),
      time: this.#time[row] ?? noBar(row),
      open: this.#open[row] ?? noBar(row),
      high: this.#high[row] ?? noBar(row),
      low: this.#low[row] ?? noBar(row),
      close: this.#close[row] ?? noBar(row),
      volume: this.#volume[row] ?? noBar(row),
    };
  }

  /** Adds how often each step between neighbours occurs, in µs. */
  countSteps(counts: Map<number, number>): void {
    for (let row = 1; row < this.length; row++) {
      const step = (this.#time[row] ?? noBar(row)) - (this.#time[row - 1] ?? noBar(row - 1));
      counts.set(step, (counts.get(step) ?? 0) + 1);
    }
  }

  /** The bars that start within `from` ≤ time < `to`. */
  toCandles(
    barSec: number,
    range: { readonly from?: Micros; readonly to?: Micros },
  ): Candles {
    const first = range.from === undefined ? 0 : this.#firstAt(range.from);
    const end = range.to === undefined ? this.length : Math.max(first, this.#firstAt(range.to));
    return {
      length: end - first,
      barSec,
      time: this.#time.slice(first, end),
      open: this.#open.slice(first, end),
      high: this.#high.slice(first, end),
      low: this.#low.slice(first, end),
      close: this.#close.slice(first, end),
      volume: this.#volume.slice(first, end),
    };
  }

  #firstAt(time: Micros): number {
    const row = this.#time.subarray(0, this.length).findIndex((start) => start >= time);
    return row < 0 ? this.length : row;
  }

  #grow(): void {
    this.#room *= 2;
    const moved = <T extends Int32Array | Float64Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#line = moved(this.#line, new Int32Array(this.#room));
    this.#time = moved(this.#time, new Float64Array(this.#room));
    this.#open = moved(this.#open, new Int32Array(this.#room));
    this.#high = moved(this.#high, new Int32Array(this.#room));
    this.#low = moved(this.#low, new Int32Array(this.#room));
    this.#close = moved(this.#close, new Int32Array(this.#room));
    this.#volume = moved(this.#volume, new Float64Array(this.#room));
  }
}

function noBar(row: number): never {
  throw new Bug(`no such bar: ${row}`);
}
