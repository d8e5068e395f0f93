// Tape rows in the making: how many a second will have is not known before it is over, so the
// columns double when they are full.

import { emptyTape, sliceTape, type Tape } from "../core/columns.ts";

/** Tape rows in the making. */
export class Rows {
  /** Rows pushed so far. */
  length = 0;
  #tape: Tape;

  /** `room` is a first guess, above zero. */
  constructor(room: number) {
    this.#tape = emptyTape(room);
  }

  /** Appends a row; the arguments are the columns of `Tape`. */
  push(
    kind: number,
    time: number,
    price: number,
    quantity: number,
    askPrice: number,
    askQuantity: number,
  ): void {
    if (this.length === this.#tape.length) this.#grow();
    const row = this.length++;
    const tape = this.#tape;
    tape.kind[row] = kind;
    tape.time[row] = time;
    tape.price[row] = price;
    tape.quantity[row] = quantity;
    tape.askPrice[row] = askPrice;
    tape.askQuantity[row] = askQuantity;
  }

  /** The rows so far, sharing memory. */
  tape(): Tape {
    return sliceTape(this.#tape, 0, this.length);
  }

  #grow(): void {
    const wider = emptyTape(2 * this.#tape.length);
    wider.kind.set(this.#tape.kind);
    wider.time.set(this.#tape.time);
    wider.price.set(this.#tape.price);
    wider.quantity.set(this.#tape.quantity);
    wider.askPrice.set(this.#tape.askPrice);
    wider.askQuantity.set(this.#tape.askQuantity);
    this.#tape = wider;
  }
}
