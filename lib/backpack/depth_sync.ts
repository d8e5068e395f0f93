// When a book kept from snapshot and changes may be believed. A change is taken only onto the very
// state it continues, and a snapshot only where a frame has shown that the socket continues it;
// wherever that chain is not whole a new snapshot is asked for. PROTOCOL 9; no clock, no network.

import type { DepthSnapshot } from "./wire_public.ts";
import type { WireEvent } from "./wire.ts";

/** One frame of a depth stream. */
export type DepthDelta = Extract<WireEvent, { readonly kind: "depth" }>;

/** What to do about a frame or a snapshot. */
export type DepthStep =
  | {
    /** Replace the book by `snapshot` where there is one, then set the levels of `deltas` in order. */
    readonly kind: "apply";
    readonly snapshot?: DepthSnapshot;
    readonly deltas: readonly DepthDelta[];
  }
  /** Nothing yet: kept until the other half is there. */
  | { readonly kind: "buffered" }
  /** Nothing: known already. */
  | { readonly kind: "stale" }
  /** Stop believing the book, and fetch a snapshot. What came since is kept for it. */
  | { readonly kind: "needSnapshot"; readonly reason: string };

/** Frames kept for a snapshot: at the busiest rate recorded (300/s) over half a minute of waiting. */
export const MOST_BUFFERED = 10_000;
/**
 * Old frames in a row before the count itself is doubted. A snapshot ahead of the socket leaves some
 * seconds of them; a count that began anew would leave nothing else, and the book would stand still.
 */
export const MOST_STALE = 2_000;

/** The state of one market's book. Begins, and begins again after `reset`, by waiting for a snapshot. */
export class DepthSync {
  /** The last id in the book; undefined while waiting. */
  #lastId: number | undefined;
  /** Frames for a snapshot to come, each continuing the one before. Empty while live. */
  #buffer: DepthDelta[] = [];
  /** A snapshot ahead of the socket: of no use until the socket has caught up. */
  #ahead: DepthSnapshot | undefined;
  #staleInRow = 0;

  /** "waiting": a snapshot is needed, or the frames up to the one that is there. */
  get state(): "waiting" | "live" {
    return this.#lastId === undefined ? "waiting" : "live";
  }

  /** Takes a frame of the socket, in the order they came. */
  delta(frame: DepthDelta): DepthStep {
    const lastId = this.#lastId ?? this.#ahead?.lastId ?? this.#buffer.at(-1)?.lastId;
    if (lastId === undefined) return this.#keep(frame);
    if (frame.lastId <= lastId) return this.#old(frame);
    this.#staleInRow = 0;
    if (frame.firstId > lastId + 1) return this.#gap(frame, lastId);
    if (this.#lastId !== undefined) {
      this.#lastId = frame.lastId;
      return { kind: "apply", deltas: [frame] };
    }
    return this.#ahead === undefined ? this.#keep(frame) : this.#live(this.#ahead, [frame]);
  }

  /** Takes the reply to a request for a snapshot. One that comes while live was asked for by nobody. */
  snapshot(snapshot: DepthSnapshot): DepthStep {
    if (this.#lastId !== undefined) return { kind: "stale" };
    const { lastId } = snapshot;
    const [first] = this.#buffer;
    if (first !== undefined && first.firstId > lastId + 1) {
      const reason = `the snapshot ends at ${lastId} and the frames begin at ${first.firstId}`;
      return { kind: "needSnapshot", reason };
    }
    const heardId = this.#buffer.at(-1)?.lastId;
    if (heardId !== undefined && heardId >= lastId) {
      return this.#live(snapshot, this.#buffer.filter((frame) => frame.lastId > lastId));
    }
    // Whether the socket told us what followed is not known before it has told the rest.
    this.#buffer = [];
    this.#ahead = snapshot;
    return { kind: "buffered" };
  }

  /** Forgets everything: the socket is a new one. */
  reset(): void {
    this.#waitWith([]);
  }

  #live(snapshot: DepthSnapshot, deltas: readonly DepthDelta[]): DepthStep {
    this.#waitWith([]);
    this.#lastId = deltas.at(-1)?.lastId ?? snapshot.lastId;
    return { kind: "apply", snapshot, deltas };
  }

  #keep(frame: DepthDelta): DepthStep {
    if (this.#buffer.length < MOST_BUFFERED) {
      this.#buffer.push(frame);
      return { kind: "buffered" };
    }
    return this.#again(frame, `no snapshot came within ${MOST_BUFFERED} frames`);
  }

  #old(frame: DepthDelta): DepthStep {
    if (this.#ahead?.lastId === frame.lastId) return this.#live(this.#ahead, []);
    if (++this.#staleInRow < MOST_STALE) return { kind: "stale" };
    return this.#again(frame, `${MOST_STALE} frames in a row were old`);
  }

  #gap(frame: DepthDelta, lastId: number): DepthStep {
    const fetched = this.#lastId !== undefined || this.#ahead !== undefined;
    const step = this.#again(frame, `${frame.firstId} came after ${lastId}`);
    // Nothing was joined yet, and the snapshot under way may still be new enough.
    return fetched ? step : { kind: "buffered" };
  }

  #again(frame: DepthDelta, reason: string): DepthStep {
    this.#waitWith([frame]);
    return { kind: "needSnapshot", reason };
  }

  #waitWith(buffer: DepthDelta[]): void {
    this.#lastId = undefined;
    this.#ahead = undefined;
    this.#buffer = buffer;
    this.#staleInRow = 0;
  }
}
