// Events as an engine was given them into tape rows: what the side file of a journal holds. They are
// in one order already, so nothing is merged and nothing joined: a run is played as it was seen.

import type { Event } from "../core/event.ts";
import type { Tape } from "../core/columns.ts";
import type { Market } from "../core/market.ts";
import type { Level } from "../core/strategy.ts";
import { fit, type FrameCounts, onTime } from "./chain.ts";
import type { Flaw } from "./csv.ts";
import { MOST_INT32 } from "./grid.ts";
import { TapeRows } from "./rows.ts";

/** The scale of funding rates in a tape. */
const RATE_UNITS = 1e10;

/** The rows of a run's market events, in the making. */
export class EventRows {
  readonly #rows = new TapeRows();
  readonly #market: Market;
  readonly #counts: FrameCounts;

  constructor(market: Market, counts: FrameCounts) {
    this.#market = market;
    this.#counts = counts;
  }

  /** Takes one event, or says why it cannot be taken. What is not of a tape is passed over. */
  take(event: Event): Flaw | undefined {
    switch (event.kind) {
      case "depth":
        return this.#depth(event);
      case "trade":
        return this.#trade(event);
      case "mark":
        return this.#mark(event);
      default:
        return undefined;
    }
  }

  tape(): Tape {
    return this.#rows.tape();
  }

  #depth({ time: at, bids, asks, snapshot }: Extract<Event, { kind: "depth" }>): Flaw | undefined {
    if (bids.some(isTooHigh) || asks.some(isTooHigh)) return TOO_HIGH;
    const time = this.#on(at);
    if (snapshot) this.#rows.reset(time);
    this.#levels("bid", time, bids);
    this.#levels("ask", time, asks);
    return undefined;
  }

  #levels(side: "bid" | "ask", time: number, levels: readonly Level[]): void {
    for (const { price, quantity } of levels) {
      this.#rows.level(time, side, price, fit(quantity, this.#counts));
    }
  }

  #trade(trade: Extract<Event, { kind: "trade" }>): Flaw | undefined {
    if (isTooHigh(trade)) return TOO_HIGH;
    const quantity = fit(trade.quantity, this.#counts);
    this.#rows.trade(this.#on(trade.time), trade.aggressor, trade.price, quantity);
    return undefined;
  }

  #mark(mark: Extract<Event, { kind: "mark" }>): Flaw | undefined {
    const { price, indexPrice = 0, fundingRate = 0 } = mark;
    if (isTooHigh({ price }) || isTooHigh({ price: indexPrice })) return TOO_HIGH;
    // A tape has no room for "not known", and on spot there is no such thing.
    if (mark.fundingRate === undefined && this.#market.kind === "perp") return NO_RATE;
    const rate = Math.round(fundingRate * RATE_UNITS);
    if (Math.abs(rate) > MOST_INT32) return TOO_FAST;
    this.#rows.mark(this.#on(mark.time), { price, indexPrice, rate });
    return undefined;
  }

  /** The time of the next row: after a clock was set back it stays where it was. */
  #on(time: number): number {
    return onTime(time, this.#rows, this.#counts);
  }
}

const TOO_HIGH: Flaw = { rule: `must hold prices of at most ${MOST_INT32} ticks` };
const NO_RATE: Flaw = { column: "fundingRate", rule: "must be the funding rate of a perp" };
const TOO_FAST: Flaw = { column: "fundingRate", rule: "must be below 0.2 per interval" };

function isTooHigh({ price }: { readonly price: number }): boolean {
  return price > MOST_INT32;
}
