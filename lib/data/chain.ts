// The chain of depth frames: each says which update ids it covers and must join on to the one before,
// from a snapshot on. Where a link is missing nobody knows the book any more, so it is forgotten and
// nothing is played until the next snapshot: a stale level would be liquidity that was not there.

import type { WireEvent } from "../backpack/wire.ts";
import type { DepthSnapshot } from "../backpack/wire_public.ts";
import type { Level, Side } from "../core/strategy.ts";
import { type Micros, SECOND } from "../core/units.ts";
import { MOST_INT32 } from "./grid.ts";
import { TapeRows } from "./rows.ts";

/** A change of the book. */
export type Delta = Extract<WireEvent, { readonly kind: "depth" }>;

/** What did not become rows exactly as it was recorded. */
export interface FrameCounts {
  /** Depth frames left out: contained in a snapshot, or without one to join on to. */
  dropped: number;
  /** Breaks in the chain. */
  gaps: number;
  /** Frames stamped before one of their kind that came earlier, and played at its time. */
  late: number;
  /** Quantities cut to the most a column holds. */
  clamped: number;
}

/** Frames kept while there is no snapshot: minutes of a busy market, and it is there in seconds. */
const MOST_EARLY = 10_000;

/** Depth frames and snapshots into level rows. */
export class DepthChain {
  readonly rows = new TapeRows();
  readonly #counts: FrameCounts;
  /** The id up to which the book is known; undefined while it is not. */
  #played: number | undefined;
  #playedAt = 0;
  /** Frames that came while it was not known: the next snapshot may be older than they are. */
  #early: Delta[] = [];

  constructor(counts: FrameCounts) {
    this.#counts = counts;
  }

  /** The next frame. The first behind a snapshot may begin inside it. */
  delta(delta: Delta): void {
    if (this.#played === undefined) return this.#keep(delta);
    if (this.#countsAnew(delta) || delta.firstId > this.#played + 1) return this.#break(delta);
    if (delta.lastId <= this.#played) {
      this.#counts.dropped++;
      return;
    }
    this.#play(delta, onTime(delta.time, this.rows, this.#counts));
  }

  /** A whole book. One that is older than the book as it is known says nothing new. */
  snapshot(snapshot: DepthSnapshot): void {
    const known = this.#played !== undefined && snapshot.lastId <= this.#played;
    if (known && !this.#countsAnew(snapshot)) {
      this.#counts.dropped++;
      return;
    }
    const time = onTime(snapshot.time, this.rows, this.#counts);
    this.rows.reset(time);
    this.#play(snapshot, time);
    const early = this.#early;
    this.#early = [];
    for (const delta of early) this.delta(delta);
  }

  /** Counts what never found its snapshot. */
  finish(): void {
    this.#counts.dropped += this.#early.length;
    this.#early = [];
  }

  /** An id that goes back while time goes on is of a venue that began anew, not of an old frame. */
  #countsAnew({ lastId, time }: { readonly lastId: number; readonly time: Micros }): boolean {
    return this.#played !== undefined && lastId < this.#played && time > this.#playedAt + SECOND;
  }

  #break(delta: Delta): void {
    this.#counts.gaps++;
    this.#played = undefined;
    this.rows.reset(onTime(delta.time, this.rows, this.#counts));
    this.#keep(delta);
  }

  #keep(delta: Delta): void {
    this.#early.push(delta);
    if (this.#early.length <= MOST_EARLY) return;
    this.#counts.dropped += this.#early.splice(0, MOST_EARLY / 2).length;
  }

  #play(book: DepthSnapshot | Delta, time: number): void {
    this.#played = book.lastId;
    this.#playedAt = book.time;
    this.#levels("bid", book.bids, time);
    this.#levels("ask", book.asks, time);
  }

  #levels(side: Side, levels: readonly Level[], time: number): void {
    for (const { price, quantity } of levels) {
      this.rows.level(time, side, price, fit(quantity, this.#counts));
    }
  }
}

/** The time of the next row: a tape never goes back. */
export function onTime(
  time: number,
  { end }: { readonly end: number },
  counts: FrameCounts,
): number {
  if (time >= end) return time;
  counts.late++;
  return end;
}

/** A quantity that a column can hold. */
export function fit(quantity: number, counts: FrameCounts): number {
  if (quantity <= MOST_INT32) return quantity;
  counts.clamped++;
  return MOST_INT32;
}
