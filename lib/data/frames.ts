// Frames of one market into tape rows. Frames of different streams overtake each other on their way,
// so each stream keeps its own order and they are merged by the exchange's time afterwards: trades
// first at equal times, since a book row already shows what the trade took.

import type { WireEvent } from "../backpack/wire.ts";
import type { DepthSnapshot } from "../backpack/wire_public.ts";
import { emptyTape, ROW, type Tape } from "../core/columns.ts";
import type { Level } from "../core/strategy.ts";
import { DepthChain, fit, type FrameCounts, onTime } from "./chain.ts";
import type { Flaw } from "./csv.ts";
import { MOST_INT32 } from "./grid.ts";
import { putRow, type TapeRow, TapeRows } from "./rows.ts";

type Frame<Kind> = Extract<WireEvent, { readonly kind: Kind }>;

/** The scale of funding rates in a tape. */
const RATE_UNITS = 1e10;
const EMPTY_SIDE = { price: 0, quantity: 0 };
const TOO_HIGH: Flaw = { rule: `must hold prices of at most ${MOST_INT32} ticks` };

/** The rows of one market, in the making. */
export class FrameRows {
  readonly counts: FrameCounts = { dropped: 0, gaps: 0, late: 0, clamped: 0 };
  readonly #trades = new TapeRows();
  readonly #depth = new DepthChain(this.counts);
  readonly #touches = new TapeRows();
  readonly #marks: TapeRow[] = [];

  /** Takes one frame, or says why it cannot be taken. What is not of a tape is passed over. */
  take(frame: WireEvent): Flaw | undefined {
    switch (frame.kind) {
      case "trade":
        return this.#trade(frame);
      case "depth":
        return this.#book(frame, () => this.#depth.delta(frame));
      case "touch":
        return this.#touch(frame);
      case "mark":
        return this.#mark(frame);
      default:
        return undefined;
    }
  }

  /** Takes the whole book, as REST gives it. */
  snapshot(snapshot: DepthSnapshot): Flaw | undefined {
    return this.#book(snapshot, () => this.#depth.snapshot(snapshot));
  }

  /** The streams, in the order their rows are played at equal times. Ends the taking. */
  parts(): readonly Tape[] {
    this.#depth.finish();
    const marks = emptyTape(this.#marks.length);
    this.#marks.forEach((row, at) => putRow(marks, at, row));
    // A touch is fresher than a snapshot that was waited for.
    return [this.#trades.tape(), this.#depth.rows.tape(), this.#touches.tape(), marks];
  }

  #book({ bids, asks }: Pick<DepthSnapshot, "bids" | "asks">, play: () => void): Flaw | undefined {
    if (bids.some(isTooHigh) || asks.some(isTooHigh)) return TOO_HIGH;
    play();
    return undefined;
  }

  #trade(trade: Frame<"trade">): Flaw | undefined {
    if (isTooHigh(trade)) return TOO_HIGH;
    const time = onTime(trade.time, this.#trades, this.counts);
    this.#trades.trade(time, trade.aggressor, trade.price, fit(trade.quantity, this.counts));
    return undefined;
  }

  #touch({ time, bid, ask }: Frame<"touch">): Flaw | undefined {
    if (isTooHigh(bid ?? EMPTY_SIDE) || isTooHigh(ask ?? EMPTY_SIDE)) return TOO_HIGH;
    if (bid !== undefined && ask !== undefined && ask.price < bid.price) {
      return { column: "a", rule: "must be at least b" };
    }
    this.#touches.bbo(onTime(time, this.#touches, this.counts), this.#side(bid), this.#side(ask));
    return undefined;
  }

  #side(level: Level | undefined): { readonly price: number; readonly quantity: number } {
    if (level === undefined) return EMPTY_SIDE;
    return { price: level.price, quantity: fit(level.quantity, this.counts) };
  }

  #mark({ market, time, price, indexPrice, fundingRate }: Frame<"mark">): Flaw | undefined {
    if (isTooHigh({ price }) || isTooHigh({ price: indexPrice ?? 0 })) return TOO_HIGH;
    // A tape has no room for "not known", and on spot there is no such thing.
    if (fundingRate === undefined && market.kind === "perp") {
      return { column: "f", rule: "must be the funding rate of a perp" };
    }
    const rate = Math.round((fundingRate ?? 0) * RATE_UNITS);
    if (Math.abs(rate) > MOST_INT32) return { column: "f", rule: "must be below 0.2 per interval" };
    this.#marks.push({
      kind: ROW.mark,
      time: onTime(time, { end: this.#marks.at(-1)?.time ?? 0 }, this.counts),
      price,
      quantity: rate,
      askPrice: indexPrice ?? 0,
      askQuantity: 0,
    });
    return undefined;
  }
}

function isTooHigh({ price }: { readonly price: number }): boolean {
  return price > MOST_INT32;
}
