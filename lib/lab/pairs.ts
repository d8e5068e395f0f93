// Round trips: every fill that closes an earlier one. Matched first in, first out they say how long
// inventory was held and what it came to; matched newest first they are a grid's pairs, since a rung
// sells what the rung below it bought. Both leave the same total. A bid alone is no result, so it counts nowhere as a win or a loss. Spot bids are charged in base, so what they leave
// behind is less than they bought; entries are therefore kept in `Base`, and the dust that can never
// be sold alone travels with the next entry. Cost and fees leave in shares whose sum is exact.

import { assert } from "../core/assert.ts";
import { mulDivHalfUp } from "../core/decimal.ts";
import { baseValue, type Market, notional } from "../core/market.ts";
import type { Side } from "../core/strategy.ts";
import {
  base,
  type Cash,
  cash,
  type Lots,
  lots,
  type Micros,
  micros,
  type Ticks,
} from "../core/units.ts";
import type { FillRow } from "./metrics.ts";

/** Inventory the run took over at its start. Its entry is the mid of that moment, as in the equity. */
export interface Opening {
  readonly time: Micros;
  /** Signed: negative is short. */
  readonly position: Lots;
  /** In ticks, may be half a tick. */
  readonly midTicks: number;
}

/** One entry, or a part of it, with the fill that closed it. */
export interface RoundTrip {
  /** The side of the entry: bid is a long. */
  readonly side: Side;
  readonly quantity: Lots;
  readonly entryTime: Micros;
  readonly exitTime: Micros;
  /** The span between the two. */
  readonly held: Micros;
  /** In ticks; a fraction where dust of an older entry travelled with it. */
  readonly entryTicks: number;
  readonly exitPrice: Ticks;
  /** Before fees. */
  readonly gross: Cash;
  /** The shares of both fills' fees; negative = rebate. */
  readonly fees: Cash;
  /** `gross` − `fees`. */
  readonly net: Cash;
  readonly entryTag: string | undefined;
  readonly exitTag: string | undefined;
}

/** The fee of a fill in quote currency; a fee in base counts at the price of the fill. */
export function feeInQuote(market: Market, fill: FillRow): Cash {
  assert(fill.fee === 0 || fill.feeBase === 0, "a fill is charged in one currency");
  assert(fill.feeBase === 0 || fill.side === "bid", "only bids are charged in base");
  return cash(fill.fee + baseValue(market, fill.price, fill.feeBase));
}

/** Which open entry a fill closes first. */
export type Match = "oldest" | "newest";

/** The completed round trips in the order of their exits. `fills` ascend in time. */
export function roundTrips(
  market: Market,
  fills: readonly FillRow[],
  opening?: Opening,
  match: Match = "oldest",
): readonly RoundTrip[] {
  const queue = new Entries(market, match);
  if (opening !== undefined && opening.position !== 0) queue.take(opening);
  return fills.flatMap((fill) => queue.fill(fill));
}

/** What the completed pairs earned after their fees. */
export function gridProfit(trips: readonly RoundTrip[]): Cash {
  return cash(trips.reduce((sum, trip) => sum + trip.net, 0));
}

/** The rest of the equity change: what the inventory gained or lost, open fees and funding included. */
export function inventoryProfit(trips: readonly RoundTrip[], equityChange: Cash): Cash {
  return cash(equityChange - gridProfit(trips));
}

/** An entry not yet closed, or what is left of it. */
interface Entry {
  readonly time: Micros;
  readonly tag: string | undefined;
  /** In 1e-8 of base. */
  base: number;
  /** What `base` cost, without the fee. */
  cost: number;
  fee: number;
}

class Entries {
  readonly #market: Market;
  readonly #match: Match;
  #side: Side = "bid";
  #open: Entry[] = [];
  #head = 0;

  constructor(market: Market, match: Match) {
    this.#market = market;
    this.#match = match;
  }

  take({ time, position, midTicks }: Opening): void {
    const quantity = Math.abs(position);
    this.#side = position > 0 ? "bid" : "ask";
    this.#open.push({
      time,
      tag: undefined,
      base: quantity * this.#market.basePerLot,
      cost: Math.round(midTicks * quantity * this.#market.cashPerTickLot),
      fee: 0,
    });
  }

  fill(fill: FillRow): RoundTrip[] {
    const trips: RoundTrip[] = [];
    let left: number = fill.quantity;
    let fee: number = feeInQuote(this.#market, fill);
    while (left > 0 && fill.side !== this.#side) {
      const entry = this.#match === "oldest" ? this.#oldest() : this.#newest();
      if (entry === undefined) break;
      const quantity = Math.min(left, Math.floor(entry.base / this.#market.basePerLot));
      const share = mulDivHalfUp(fee, quantity, left);
      trips.push(this.#close(entry, fill, lots(quantity), share));
      left -= quantity;
      fee -= share;
    }
    if (left > 0) this.#enter(fill, lots(left), fee);
    return trips;
  }

  /** The oldest entry of at least a lot. Dust before it joins it. */
  #oldest(): Entry | undefined {
    for (;;) {
      const entry = this.#open[this.#head];
      if (entry === undefined || entry.base >= this.#market.basePerLot) return entry;
      this.#head++;
      const next = this.#open[this.#head];
      if (next !== undefined) join(next, entry);
    }
  }

  /** The newest entry of at least a lot. Dust after it joins it. */
  #newest(): Entry | undefined {
    for (;;) {
      const entry = this.#open.at(-1);
      if (entry === undefined || entry.base >= this.#market.basePerLot) return entry;
      const before = this.#open.at(-2);
      if (before === undefined) return undefined;
      this.#open.pop();
      join(before, entry);
    }
  }

  #close(entry: Entry, fill: FillRow, quantity: Lots, exitFee: number): RoundTrip {
    const part = quantity * this.#market.basePerLot;
    const cost = mulDivHalfUp(entry.cost, part, entry.base);
    const entryFee = mulDivHalfUp(entry.fee, part, entry.base);
    entry.base -= part;
    entry.cost -= cost;
    entry.fee -= entryFee;
    const proceeds = notional(this.#market, fill.price, quantity);
    const gross = this.#side === "bid" ? proceeds - cost : cost - proceeds;
    const fees = entryFee + exitFee;
    return {
      side: this.#side,
      quantity,
      entryTime: entry.time,
      exitTime: fill.time,
      held: micros(fill.time - entry.time),
      entryTicks: cost / (quantity * this.#market.cashPerTickLot),
      exitPrice: fill.price,
      gross: cash(gross),
      fees: cash(fees),
      net: cash(gross - fees),
      entryTag: entry.tag,
      exitTag: fill.tag,
    };
  }

  #enter(fill: FillRow, quantity: Lots, fee: number): void {
    if (fill.side !== this.#side) {
      // Nothing of a lot or more is open on the other side; dust there stays inventory profit.
      this.#side = fill.side;
      this.#open = [];
      this.#head = 0;
    }
    const feeBase = base(mulDivHalfUp(fill.feeBase, quantity, fill.quantity));
    const entry: Entry = {
      time: fill.time,
      tag: fill.tag,
      base: quantity * this.#market.basePerLot - feeBase,
      cost: notional(this.#market, fill.price, quantity) -
        baseValue(this.#market, fill.price, feeBase),
      fee,
    };
    const last = this.#open.at(-1);
    if (last !== undefined && last.base < this.#market.basePerLot) {
      this.#open.pop();
      join(entry, last);
    }
    this.#open.push(entry);
  }
}

function join(entry: Entry, dust: Entry): void {
  entry.base += dust.base;
  entry.cost += dust.cost;
  entry.fee += dust.fee;
}
