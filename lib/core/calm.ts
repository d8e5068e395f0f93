// When market data can change nothing: the band of mid, and the time, within which the engine would
// answer every book and trade with no command and the same state. The simulator may then play rows
// without telling each one. This is a statement about the engine, never a second engine: whatever is
// not provably calm goes through `handle`.

import type { Breakers } from "./breakers.ts";
import type { Drawdown } from "./drawdown.ts";
import type { Ledger } from "./ledger.ts";
import { DAY, type Micros, micros, type Ticks } from "./units.ts";

/** Until `until` (not included), while mid stays in [below, above], only the book itself moves. */
export interface Calm {
  readonly until: Micros;
  /** In ticks. */
  readonly below: number;
  readonly above: number;
  /** Present where even the cadence changes nothing but what this keeps: `until` may then pass it. */
  readonly watch?: Watch;
}

/** Equity while nobody is told of prices: it changes with mid alone, so mids are all there is to compare. */
export class Watch {
  readonly #ledger: Ledger;
  readonly #breakers: Breakers;
  readonly #drawdown: Drawdown;
  /** 1 for a long, -1 for a short, 0 when flat: prices times this rise with equity. */
  readonly sign: number;
  /** Signed prices above this may be a new peak, below `trough` a deeper fall. */
  peak = Infinity;
  trough = -Infinity;
  /** At or below this signed price a limit may be near: the engine must see it. */
  stop = -Infinity;

  constructor(ledger: Ledger, breakers: Breakers, drawdown: Drawdown, mark: Ticks) {
    this.#ledger = ledger;
    this.#breakers = breakers;
    this.#drawdown = drawdown;
    this.sign = Math.sign(ledger.held);
    this.#aim(mark);
  }

  /** Prices between which, ends included, there is nothing to note and no limit near. */
  get quiet(): { readonly below: number; readonly above: number } {
    const least = Math.max(this.trough, Math.floor(this.stop) + 1);
    if (this.sign === 0) return { below: -Infinity, above: Infinity };
    return this.sign > 0
      ? { below: least, above: this.peak }
      : { below: -this.peak, above: -least };
  }

  /** Takes a price beyond `peak` or `trough` into account, exactly. */
  note(time: Micros, price: Ticks): void {
    const equity = this.#ledger.equity(price);
    this.#drawdown.add(time, equity);
    this.#breakers.note(equity);
    this.#aim(price);
  }

  /** Finds the thresholds anew. They are on the safe side; `note` computes exactly. */
  #aim(price: Ticks): void {
    if (this.sign === 0) return;
    const equity = this.#ledger.equity(price);
    const perTick = this.#ledger.cashPerTick;
    const priceAt = (wanted: number) => this.sign * price + (wanted - equity) / perTick;
    const { peak, deepest } = this.#drawdown;
    // Values of dust round: where a tick is worth next to nothing, the safe side is wider.
    const margin = 1 + Math.ceil(2 / perTick);
    this.peak = priceAt(Math.min(peak, this.#breakers.peak)) - margin;
    this.trough = priceAt(peak - deepest.cash) + margin;
    this.stop = priceAt(this.#breakers.leastEquity) + margin + 1;
  }
}

/** The first moment of the UTC day after `time`: daily limits count from its first look. */
export function nextDay(time: Micros): Micros {
  return micros((Math.floor(time / DAY) + 1) * DAY);
}
