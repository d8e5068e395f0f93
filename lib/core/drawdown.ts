// How far equity fell from its highest: the deepest fall of a run, as reports and status tell it. The
// limit on drawdown keeps its own peak in breakers.ts, since a resume counts from a new one.

import { type Cash, cash, type Micros, micros } from "./units.ts";

/** A fall of equity from a peak. */
export interface Fall {
  readonly cash: Cash;
  /** Of the peak; 0 where the peak was not above zero. */
  readonly fraction: number;
  readonly from: Micros;
  readonly to: Micros;
}

/** `Drawdown` as plain data. */
export interface DrawdownSnapshot {
  /** Absent before the first look. */
  readonly peak?: Cash;
  readonly peakAt: Micros;
  readonly deepest: Fall;
}

/** Follows equity from look to look. */
export class Drawdown {
  #peak = -Infinity;
  #peakAt = micros(0);
  #deepest: Fall = { cash: cash(0), fraction: 0, from: micros(0), to: micros(0) };

  /** The deepest fall so far. */
  get deepest(): Fall {
    return this.#deepest;
  }

  /** Equity above this is a new peak. */
  get peak(): number {
    return this.#peak;
  }

  add(time: Micros, equity: Cash): void {
    if (equity > this.#peak) {
      this.#peak = equity;
      this.#peakAt = time;
      return;
    }
    const fall = this.#peak - equity;
    if (fall <= this.#deepest.cash) return;
    const fraction = this.#peak > 0 ? fall / this.#peak : 0;
    this.#deepest = { cash: cash(fall), fraction, from: this.#peakAt, to: time };
  }

  snapshot(): DrawdownSnapshot {
    const { peak } = this;
    return {
      ...(Number.isFinite(peak) ? { peak: cash(peak) } : {}),
      peakAt: this.#peakAt,
      deepest: this.#deepest,
    };
  }

  /** Goes on where `from` ended. */
  restore(from: DrawdownSnapshot): void {
    this.#peak = from.peak ?? -Infinity;
    this.#peakAt = from.peakAt;
    this.#deepest = from.deepest;
  }
}
