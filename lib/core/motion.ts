// How mid has moved lately, for the breakers: the worst move within a second, and the average true
// range of bars against its own day. Both forget as they go, so their memory has a fixed bound
// whatever the market does, and both are plain data for a restart.

import { DAY, type Micros, micros, MILLISECOND, SECOND } from "./units.ts";

interface Mid {
  readonly time: Micros;
  readonly midTicks: number;
}

/** `LastSecond` as plain data. */
export interface LastSecondSnapshot {
  readonly lows: readonly Mid[];
  readonly highs: readonly Mid[];
  readonly worstPct: number;
}

/** Mids nearer than this share one entry, which is dated by the last of them: at most so much too strict. */
const SLOT = 10 * MILLISECOND;

/** The mids of the last second that can be its lowest or its highest: at most 101 of each. */
export class LastSecond {
  #lows: Mid[] = [];
  #highs: Mid[] = [];
  #worstPct = 0;

  add(time: Micros, midTicks: number): void {
    const now = { time, midTicks };
    const low = extreme(this.#lows, now, 1);
    const high = extreme(this.#highs, now, -1);
    const rise = (100 * (midTicks - low)) / low;
    const fall = (100 * (high - midTicks)) / high;
    this.#worstPct = Math.max(this.#worstPct, rise, fall);
  }

  /** The largest move since this was last asked, in % of where it began. */
  takeWorstPct(): number {
    const worst = this.#worstPct;
    this.#worstPct = 0;
    return worst;
  }

  snapshot(): LastSecondSnapshot {
    return { lows: [...this.#lows], highs: [...this.#highs], worstPct: this.#worstPct };
  }

  restore(from: LastSecondSnapshot): void {
    this.#lows = [...from.lows];
    this.#highs = [...from.highs];
    this.#worstPct = from.worstPct;
  }
}

/**
 * Adds `now`, drops what is older than a second or can be the extreme no more, and returns the
 * extreme: the lowest for sign 1, the highest for -1.
 */
function extreme(window: Mid[], now: Mid, sign: 1 | -1): number {
  let back = window.at(-1);
  while (back !== undefined && sign * (back.midTicks - now.midTicks) >= 0) {
    window.pop();
    back = window.at(-1);
  }
  const sameSlot = back !== undefined && slotOf(back) === slotOf(now);
  if (back !== undefined && sameSlot) {
    window[window.length - 1] = { time: now.time, midTicks: back.midTicks };
  } else {
    window.push(now);
  }
  window.splice(0, window.findIndex((mid) => mid.time >= now.time - SECOND));
  const [first = now] = window;
  return first.midTicks;
}

function slotOf(mid: Mid): number {
  return Math.floor(mid.time / SLOT);
}

interface Bar {
  /** Bars since 1970. */
  readonly index: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

interface Sample {
  readonly time: Micros;
  readonly atr: number;
}

/** `Bars` as plain data. */
export interface BarsSnapshot {
  readonly count: number;
  readonly barSec: number;
  readonly bar?: Bar;
  readonly close?: number;
  readonly ranges: readonly number[];
  readonly moves: readonly number[];
  readonly samples: readonly Sample[];
}

/** An ATR is remembered at most once a minute, so a day of them is at most 1440. */
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Bars of mid and their average true range, in ticks. A bar without any mid is left out, not invented. */
export class Bars {
  readonly #count: number;
  readonly #barSec: number;
  #bar: Bar | undefined;
  #close: number | undefined;
  /** True ranges of the last `count` bars. */
  #ranges: number[] = [];
  /** Absolute differences between the last `count + 1` closes. */
  #moves: number[] = [];
  /** ATRs of the last 24 h, oldest first. */
  #samples: Sample[] = [];
  /** The same ATRs by size. */
  #sorted: number[] = [];

  /** `count` bars of `barSec` seconds make one ATR. */
  constructor({ count, barSec }: { readonly count: number; readonly barSec: number }) {
    this.#count = count;
    this.#barSec = barSec;
  }

  add(time: Micros, midTicks: number): void {
    this.roll(time);
    const bar = this.#bar;
    this.#bar = bar === undefined
      ? { index: this.#indexOf(time), high: midTicks, low: midTicks, close: midTicks }
      : {
        index: bar.index,
        high: Math.max(bar.high, midTicks),
        low: Math.min(bar.low, midTicks),
        close: midTicks,
      };
  }

  /** Closes the bar that has ended by `time`. */
  roll(time: Micros): void {
    const bar = this.#bar;
    if (bar === undefined || this.#indexOf(time) <= bar.index) return;
    const previous = this.#close;
    // Without a close before it the bar stands for itself.
    const high = Math.max(bar.high, previous ?? bar.high);
    const low = Math.min(bar.low, previous ?? bar.low);
    keepLast(this.#ranges, high - low, this.#count);
    if (previous !== undefined) keepLast(this.#moves, Math.abs(bar.close - previous), this.#count);
    this.#close = bar.close;
    this.#bar = undefined;
    this.#remember(micros((bar.index + 1) * this.#barSec * SECOND));
  }

  /** The last ATR as a multiple of the median ATR of 24 h; undefined before an hour of bars. */
  get multiple(): number | undefined {
    const atr = this.#atr;
    if (atr === undefined || this.seenSec < HOUR / SECOND) return undefined;
    const half = this.#sorted.length / 2;
    const median = meanOf(this.#sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1));
    return atr === 0 ? 0 : atr / median;
  }

  /** How much time the remembered bars cover. */
  get seenSec(): number {
    const samples = this.#samples.length;
    if (samples === 0) return this.#ranges.length * this.#barSec;
    return (samples * this.#step) / SECOND + (this.#count - 1) * this.#barSec;
  }

  /** Mean absolute difference between neighbouring closes, in ticks; undefined before there are enough. */
  get meanMove(): number | undefined {
    return this.#moves.length < this.#count ? undefined : meanOf(this.#moves);
  }

  /** How many differences between closes are remembered. */
  get moves(): number {
    return this.#moves.length;
  }

  snapshot(): BarsSnapshot {
    return {
      count: this.#count,
      barSec: this.#barSec,
      ...(this.#bar === undefined ? {} : { bar: this.#bar }),
      ...(this.#close === undefined ? {} : { close: this.#close }),
      ranges: [...this.#ranges],
      moves: [...this.#moves],
      samples: [...this.#samples],
    };
  }

  /** Takes over bars of the same kind; others say nothing of these and are left. */
  restore(from: BarsSnapshot): void {
    if (from.count !== this.#count || from.barSec !== this.#barSec) return;
    this.#bar = from.bar;
    this.#close = from.close;
    this.#ranges = [...from.ranges];
    this.#moves = [...from.moves];
    this.#samples = [...from.samples];
    this.#sorted = from.samples.map((sample) => sample.atr).sort((a, b) => a - b);
  }

  get #atr(): number | undefined {
    return this.#ranges.length < this.#count ? undefined : meanOf(this.#ranges);
  }

  /** The time from one remembered ATR to the next. */
  get #step(): number {
    return Math.max(MINUTE, this.#barSec * SECOND);
  }

  #indexOf(time: Micros): number {
    return Math.floor(time / (this.#barSec * SECOND));
  }

  #remember(time: Micros): void {
    const atr = this.#atr;
    const last = this.#samples.at(-1);
    if (atr === undefined || (last !== undefined && time - last.time < this.#step)) return;
    this.#samples.push({ time, atr });
    this.#sorted.splice(placeOf(atr, this.#sorted), 0, atr);
    const young = this.#samples.findIndex((sample) => sample.time > time - DAY);
    for (const old of this.#samples.splice(0, young)) {
      this.#sorted.splice(placeOf(old.atr, this.#sorted), 1);
    }
  }
}

function keepLast(values: number[], value: number, most: number): void {
  values.push(value);
  if (values.length > most) values.shift();
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Where `value` is, or would be, in ascending order. */
function placeOf(value: number, sorted: readonly number[]): number {
  const place = sorted.findIndex((other) => other >= value);
  return place === -1 ? sorted.length : place;
}
