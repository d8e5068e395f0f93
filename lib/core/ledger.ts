// The run's own books, kept from its fills alone: position, cost, realised profit, fees, funding.
// The exchange's account is kept elsewhere in another way, and the two must agree to the last unit.
// Cost is kept as one total, so that average prices never round; the remainder leaves with the last lot.

import type { AccountEvent, OrderEvent } from "./event.ts";
import { baseValue, type Market, notional } from "./market.ts";
import { mulDivHalfUp } from "./decimal.ts";
import { assert } from "./assert.ts";
import {
  type Base,
  base,
  type Cash,
  cash,
  type Lots,
  lots,
  type Micros,
  MOST_CASH,
  type Ticks,
} from "./units.ts";

/** A fill as the exchange reports it: of an own order, or of somebody else's that moved the position. */
export type Fill =
  | Extract<OrderEvent, { kind: "fill" }>
  | Extract<AccountEvent, { kind: "foreignFill" }>;

/** What one fill did to the books. */
export interface Booked {
  /** Profit of the part that closed position, before fees. */
  readonly realised: Cash;
  /** The fee in quote currency; a fee in base is valued at the price of the fill. */
  readonly fee: Cash;
}

/** Inventory a run takes over when it starts. */
export interface Inventory {
  /** Held base in lots, signed. */
  readonly position: Lots;
  /** What it counts as having cost, per lot: the price at the start. */
  readonly price: Ticks;
}

/** `Ledger` as plain data. */
export interface LedgerSnapshot {
  readonly capital: Cash;
  /** In lots (perp) or 1e-8 (spot), signed. */
  readonly held: number;
  readonly cost: Cash;
  readonly realised: Cash;
  readonly fees: Cash;
  readonly funding: Cash;
  /** What is held by when it was taken on, oldest first. */
  readonly ages: readonly { readonly time: Micros; readonly held: number }[];
  /** Numbers of the fills that are booked, oldest first. */
  readonly seen: readonly number[];
}

/** Fill numbers remembered, so that a fill told twice is booked once. */
const KEPT_FILLS = 16_384;

/** The books of one run in one market. */
export class Ledger {
  readonly #market: Market;
  /** Units of `#held` in a lot: spot counts finer than lots, since fees are taken in base. */
  readonly #perLot: number;
  readonly capital: Cash;
  /** Held base in lots (perp) or 1e-8 (spot), signed. */
  #held = 0;
  /** What the held base cost: negative for a short (what it was sold for). */
  #cost = 0;
  #realised = 0;
  #fees = 0;
  #funding = 0;
  #ages: { time: Micros; held: number }[] = [];
  #seen = new Set<number>();

  constructor(market: Market, capital: Cash, inventory: Inventory | undefined, time: Micros) {
    this.#market = market;
    this.#perLot = market.kind === "spot" ? market.basePerLot : 1;
    this.capital = capital;
    if (inventory !== undefined && inventory.position !== 0) {
      this.#held = inventory.position * this.#perLot;
      this.#cost = notional(market, inventory.price, inventory.position);
      this.#ages.push({ time, held: this.#held });
    }
  }

  /** Signed; spot: less fees in base, rounded towards zero. */
  get position(): Lots {
    return lots(Math.trunc(this.#held / this.#perLot));
  }

  /** Base beyond whole lots (spot), in 1e-8. */
  get dust(): Base {
    return base(this.#held % this.#perLot);
  }

  /** Held base as a plain number that has the position's sign, dust included. */
  get held(): number {
    return this.#held;
  }

  /** How much equity changes with a tick of the mark, without its sign; a fraction where there is dust. */
  get cashPerTick(): number {
    return Math.abs(this.#held / this.#perLot) * this.#market.cashPerTickLot;
  }

  /** What the position cost, signed as the position. */
  get cost(): Cash {
    return cash(this.#cost);
  }

  get realised(): Cash {
    return cash(this.#realised);
  }

  /** Paid in all; negative = rebates outweigh. */
  get fees(): Cash {
    return cash(this.#fees);
  }

  /** Received in all; negative = paid. */
  get funding(): Cash {
    return cash(this.#funding);
  }

  /** Spot: quote currency of this run that is not invested. */
  get freeCash(): Cash {
    return cash(this.capital + this.#realised - this.#fees + this.#funding - this.#cost);
  }

  /** Average price of the position in ticks; undefined when flat. */
  get entryTicks(): number | undefined {
    if (this.position === 0) return undefined;
    return this.#cost / ((this.#held / this.#perLot) * this.#market.cashPerTickLot);
  }

  /** When the oldest lot still held was taken on (first in, first out); undefined when flat. */
  get oldestAt(): Micros | undefined {
    let whole = 0;
    for (const { time, held } of this.#ages) {
      whole += Math.abs(held);
      // Dust that could not be sold is older than the position it joins.
      if (whole >= this.#perLot) return time;
    }
    return undefined;
  }

  /** What the position is worth at `mark` beyond its cost. */
  unrealised(mark: Ticks): Cash {
    return cash(this.#value(mark) - this.#cost);
  }

  /** capital + realised + unrealised − fees + funding. */
  equity(mark: Ticks): Cash {
    const equity = this.freeCash + this.#value(mark);
    assert(Math.abs(equity) <= MOST_CASH, `equity beyond 2^52 units: ${equity}`);
    return cash(equity);
  }

  /** Books a fill; one told twice is undefined and changes nothing. */
  fill(fill: Fill): Booked | undefined {
    if (this.#seen.has(fill.fillId)) return undefined;
    this.#remember(fill.fillId);
    const before = this.#realised;
    const sign = fill.side === "bid" ? 1 : -1;
    const value = notional(this.#market, fill.price, fill.quantity);
    this.#move(sign * fill.quantity * this.#perLot, sign * value, fill.time);
    // A fee in base leaves the position at the price of the fill, so that it shows as a fee and not as a loss.
    const feeValue = baseValue(this.#market, fill.price, fill.feeBase);
    this.#held -= fill.feeBase;
    this.#cost -= feeValue;
    this.#age(-fill.feeBase, fill.time);
    const fee = fill.feeCash + feeValue;
    this.#fees += fee;
    return { realised: cash(this.#realised - before), fee: cash(fee) };
  }

  /** Books a funding payment. */
  fund(event: Extract<AccountEvent, { kind: "funding" }>): void {
    this.#funding += event.payment;
  }

  snapshot(): LedgerSnapshot {
    return {
      capital: this.capital,
      held: this.#held,
      cost: cash(this.#cost),
      realised: cash(this.#realised),
      fees: cash(this.#fees),
      funding: cash(this.#funding),
      ages: this.#ages.map((age) => ({ ...age })),
      seen: [...this.#seen],
    };
  }

  /** Goes on where `from` ended, of the same market and capital. */
  restore(from: LedgerSnapshot): void {
    this.#held = from.held;
    this.#cost = from.cost;
    this.#realised = from.realised;
    this.#fees = from.fees;
    this.#funding = from.funding;
    this.#ages = from.ages.map((age) => ({ ...age }));
    this.#seen = new Set(from.seen);
  }

  #value(mark: Ticks): number {
    return this.#market.kind === "spot"
      ? baseValue(this.#market, mark, base(this.#held))
      : notional(this.#market, mark, lots(this.#held));
  }

  /** Adds `change` to the held base for `value` (both signed alike), closing first what is opposite. */
  #move(change: number, value: number, time: Micros): void {
    const held = this.#held;
    const closing = held * change < 0 ? Math.min(Math.abs(held), Math.abs(change)) : 0;
    if (closing > 0) {
      const whole = closing === Math.abs(held);
      const cost = whole ? this.#cost : mulDivHalfUp(this.#cost, closing, Math.abs(held));
      const proceeds = closing === Math.abs(change)
        ? -value
        : -mulDivHalfUp(value, closing, Math.abs(change));
      this.#realised += proceeds - cost;
      this.#cost -= cost;
      value += proceeds;
    }
    this.#held += change;
    this.#cost += closing === Math.abs(change) ? 0 : value;
    this.#age(change, time);
  }

  /** Keeps the first-in, first-out ages of what is held. */
  #age(change: number, time: Micros): void {
    let left = change;
    while (left !== 0) {
      const oldest = this.#ages[0];
      if (oldest === undefined || oldest.held * left > 0) break;
      const taken = Math.min(Math.abs(oldest.held), Math.abs(left)) * Math.sign(left);
      oldest.held += taken;
      left -= taken;
      if (oldest.held === 0) this.#ages.shift();
    }
    if (left === 0) return;
    const newest = this.#ages.at(-1);
    if (newest !== undefined && newest.time === time) newest.held += left;
    else this.#ages.push({ time, held: left });
  }

  #remember(fillId: number): void {
    this.#seen.add(fillId);
    if (this.#seen.size <= KEPT_FILLS) return;
    for (const oldest of this.#seen) {
      this.#seen.delete(oldest);
      break;
    }
  }
}
