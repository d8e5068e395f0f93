// What quoting was worth, whatever the strategy: how much of what was sent as maker filled, how long
// each side was quoted, and where mid went after each fill. A markout is the gain of a fill if it had
// been closed at mid that much later: below zero, whoever took the quote knew better.

import { type Cash, type Lots, type Micros, micros, MILLISECOND } from "../core/units.ts";
import { NEVER, SECOND, type Ticks } from "../core/units.ts";
import type { Side } from "../core/strategy.ts";
import { volumeText } from "./metrics.ts";

/** A fill as a markout needs it. */
export interface Marked {
  readonly time: Micros;
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
  /** price × quantity. */
  readonly worth: Cash;
  readonly maker: boolean;
}

/** Markouts of one side in bps of what was filled, by seconds after the fill; null = none was measured. */
export interface Markouts {
  readonly after1s: number | null;
  readonly after5s: number | null;
  readonly after30s: number | null;
}

/** What quoting was worth; null = not known. */
export interface QuotingFacts {
  /** In quote currency. */
  readonly makerVolume: string;
  /** Lots filled as maker of those sent as maker. */
  readonly fillRatioPct: number | null;
  /** How long at least one maker order of the side was out and not being cancelled. */
  readonly quotedSec: { readonly [side in Side]: number };
  /** Of every fill, maker or taker, weighted by what it was worth. */
  readonly markoutBps: { readonly [side in Side]: Markouts };
}

interface Due extends Marked {
  readonly at: Micros;
}

/** One time after a fill: what waits for it, and what was measured. */
interface Horizon {
  readonly span: number;
  /** Ascending in time, as fills are. */
  waiting: Due[];
  readonly sums: { readonly [side in Side]: { gain: number; worth: number } };
}

/** A quote this much later than it was due, or than the span itself where that is longer, tells nothing. */
const LATE = 1_000 * MILLISECOND;

/** Measures while a run goes on. */
export class Quoting {
  readonly #horizons: readonly Horizon[];
  #nextDue: Micros = NEVER;
  #sent = 0;
  #made = 0;
  #makerVolume = 0n;
  readonly #quoted = { bid: 0, ask: 0 };
  /** Since when a side is quoted; absent = it is not. */
  readonly #since: { [side in Side]?: Micros } = {};

  /** none: mid is not known from second to second, as on bars. */
  constructor(markouts: "measured" | "none" = "measured") {
    this.#horizons = (markouts === "none" ? [] : [1, 5, 30]).map((seconds): Horizon => ({
      span: seconds * SECOND,
      waiting: [],
      sums: { bid: { gain: 0, worth: 0 }, ask: { gain: 0, worth: 0 } },
    }));
  }

  /** The first quote from then on is to be told. */
  get nextDue(): Micros {
    return this.#nextDue;
  }

  /** A maker order left. */
  sent(quantity: Lots): void {
    this.#sent += quantity;
  }

  filled(fill: Marked): void {
    if (fill.maker) {
      this.#made += fill.quantity;
      this.#makerVolume += BigInt(fill.worth);
    }
    for (const { waiting, span } of this.#horizons) {
      waiting.push({ ...fill, at: micros(fill.time + span) });
    }
    this.#aim();
  }

  /** Which sides are quoted from now on. */
  stands(time: Micros, sides: ReadonlySet<Side>): void {
    for (const side of ["bid", "ask"] as const) {
      const since = this.#since[side];
      if (sides.has(side) === (since !== undefined)) continue;
      if (since === undefined) this.#since[side] = time;
      else {
        this.#quoted[side] += time - since;
        delete this.#since[side];
      }
    }
  }

  /** Mid of others at this moment; may be half a tick. */
  quote(time: Micros, midTicks: number): void {
    if (time < this.#nextDue) return;
    for (const { waiting, span, sums } of this.#horizons) {
      const due = waiting.findIndex(({ at }) => at > time);
      for (const { at, side, price, quantity } of waiting.splice(0, due < 0 ? Infinity : due)) {
        if (time - at > Math.max(LATE, span)) continue;
        sums[side].gain += (side === "bid" ? midTicks - price : price - midTicks) * quantity;
        sums[side].worth += price * quantity;
      }
    }
    this.#aim();
  }

  /** All of it, as of `end`. */
  facts(end: Micros): QuotingFacts {
    const quotedSec = (side: Side) =>
      (this.#quoted[side] + end - (this.#since[side] ?? end)) / SECOND;
    return {
      makerVolume: volumeText(this.#makerVolume),
      fillRatioPct: this.#sent === 0 ? null : 100 * this.#made / this.#sent,
      quotedSec: { bid: quotedSec("bid"), ask: quotedSec("ask") },
      markoutBps: { bid: this.#markouts("bid"), ask: this.#markouts("ask") },
    };
  }

  #markouts(side: Side): Markouts {
    const [after1s = null, after5s = null, after30s = null] = this.#horizons.map(({ sums }) => {
      const { gain, worth } = sums[side];
      return worth === 0 ? null : gain / worth * 10_000;
    });
    return { after1s, after5s, after30s };
  }

  #aim(): void {
    const dues = this.#horizons.map(({ waiting }) => waiting[0]?.at ?? NEVER);
    this.#nextDue = micros(Math.min(NEVER, ...dues));
  }
}
