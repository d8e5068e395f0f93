// Whether the position the exchange names is the one that the fills add up to. A single difference
// may be a fill on its way; the same difference twice in a row, with no fill in between, is something
// nobody told us.

import type { Side } from "../core/strategy.ts";
import { type Lots, lots } from "../core/units.ts";

/** Adds up one position. */
export class PositionWatch {
  #expected: number;
  /** The difference at the last look, unless a fill came since. */
  #doubted: number | undefined;

  /** `position` is what the account holds at the start, signed. */
  constructor(position: Lots) {
    this.#expected = position;
  }

  /** Takes a fill, whoever's order it was. */
  fill(side: Side, quantity: Lots): void {
    this.#expected += side === "bid" ? quantity : -quantity;
    this.#doubted = undefined;
  }

  /** doubted: look for fills; wrong: nothing explains it. A wrong position is expected from then on. */
  check(actual: Lots): { readonly kind: "same" | "doubted" } | {
    readonly kind: "wrong";
    readonly expected: Lots;
  } {
    const difference = actual - this.#expected;
    if (difference === 0) {
      this.#doubted = undefined;
      return { kind: "same" };
    }
    if (this.#doubted !== difference) {
      this.#doubted = difference;
      return { kind: "doubted" };
    }
    const expected = lots(this.#expected);
    this.#expected = actual;
    this.#doubted = undefined;
    return { kind: "wrong", expected };
  }
}
