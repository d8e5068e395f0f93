// One side of the synthetic book: what stands at which price, and what of it has changed since it
// was last shown. It knows every price ever quoted, since a level out of sight has not gone; the
// number of those is bounded by the ticks the price has travelled.

import type { Side } from "../core/strategy.ts";

/** The form of a book: levels in sight, ticks between them, and the prices that may be quoted. */
export interface BookForm {
  readonly levels: number;
  readonly gap: number;
  readonly least: number;
  readonly most: number;
}

/** Receives a price and a quantity. */
export type Tell = (price: number, quantity: number) => void;

/** Bids or asks. Prices in ticks, quantities in lots. */
export class SynthSide {
  readonly #form: BookForm;
  readonly #draw: () => number;
  /** Adding it to a price makes the price better. */
  readonly #better: 1 | -1;
  readonly #quantities = new Map<number, number>();
  readonly #gone = new Set<number>();
  readonly #set = new Set<number>();
  #best: number;

  /** `draw` gives the quantity of a new level. */
  constructor(side: Side, form: BookForm, best: number, draw: () => number) {
    this.#better = side === "bid" ? 1 : -1;
    this.#form = form;
    this.#draw = draw;
    this.#best = best;
    this.#renew(best);
    this.#fill();
  }

  /** The best price. */
  get best(): number {
    return this.#best;
  }

  /** What stands there. */
  get touch(): number {
    return this.#quantities.get(this.#best) ?? NaN;
  }

  /** Whether the best price or its quantity has changed since the last drain. */
  get touchChanged(): boolean {
    return this.#gone.size > 0 || this.#set.has(this.#best);
  }

  /** Makes `best` the best price: better levels go, missing ones in sight are filled. */
  move(best: number): void {
    for (let price = this.#best; this.#isBetter(price, best); price -= this.#better) {
      this.#remove(price);
    }
    // A touch between the levels is one quoter's: it moves, it leaves no level behind.
    if (this.#isBetter(best, this.#best) && this.#best % this.#form.gap !== 0) {
      this.#remove(this.#best);
    }
    this.#best = best;
    if (!this.#quantities.has(best)) this.#renew(best);
    this.#fill();
  }

  /** Gives the level `depth` levels behind the best (0) a new quantity. */
  redraw(depth: number): void {
    let price = this.#best;
    for (let i = 0; i < depth; i++) price = this.#behind(price);
    if (this.#quantities.has(price)) this.#renew(price);
  }

  /** Trades up to `quantity` away from the best price on, but never the last lot in sight. */
  take(quantity: number, print: Tell): void {
    let left = quantity;
    while (left > 0) {
      const next = this.#nextKnown();
      const part = Math.min(left, next === undefined ? this.touch - 1 : this.touch);
      if (part <= 0) break;
      print(this.#best, part);
      left -= part;
      if (part < this.touch) {
        this.#quantities.set(this.#best, this.touch - part);
        this.#set.add(this.#best);
      } else if (next !== undefined) {
        this.#remove(this.#best);
        this.#best = next;
      }
    }
    this.#fill();
  }

  /** Tells the prices at which nothing stands any more, once, with quantity 0. */
  drainGone(tell: Tell): void {
    for (const price of this.#gone) tell(price, 0);
    this.#gone.clear();
  }

  /** Tells the levels that are new or have another quantity, once. */
  drainSet(tell: Tell): void {
    for (const price of this.#set) tell(price, this.#quantities.get(price) ?? NaN);
    this.#set.clear();
  }

  #isBetter(price: number, than: number): boolean {
    return (price - than) * this.#better > 0;
  }

  #remove(price: number): void {
    if (!this.#quantities.delete(price)) return;
    this.#set.delete(price);
    this.#gone.add(price);
  }

  #renew(price: number): void {
    this.#quantities.set(price, this.#draw());
    this.#gone.delete(price);
    this.#set.add(price);
  }

  #fill(): void {
    const { least, levels, most } = this.#form;
    let price = this.#best;
    for (let i = 1; i < levels; i++) {
      price = this.#behind(price);
      if (price < least || price > most) return;
      if (!this.#quantities.has(price)) this.#renew(price);
    }
  }

  /** The next price behind `price` on the grid of levels. */
  #behind(price: number): number {
    const { gap } = this.#form;
    return this.#better === 1
      ? (Math.ceil(price / gap) - 1) * gap
      : (Math.floor(price / gap) + 1) * gap;
  }

  #nextKnown(): number | undefined {
    const { gap, levels } = this.#form;
    for (let i = 1; i <= gap * levels; i++) {
      const price = this.#best - i * this.#better;
      if (this.#quantities.has(price)) return price;
    }
    return undefined;
  }
}
