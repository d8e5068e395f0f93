// Things on their way, in the order they were sent: each arrives a fixed time later, so the queue is
// sorted by itself.

import { type Micros, NEVER } from "../core/units.ts";

/** A first-in, first-out queue of things with an arrival time that never decreases. */
export class Queue<T> {
  #items: { readonly at: Micros; readonly item: T }[] = [];
  #head = 0;

  /** When the next one arrives; NEVER while empty. */
  get nextAt(): Micros {
    return this.#items[this.#head]?.at ?? NEVER;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(at: Micros, item: T): void {
    this.#items.push({ at, item });
  }

  /** Takes the next one, whenever it arrives. */
  shift(): T | undefined {
    const entry = this.#items[this.#head];
    if (entry === undefined) return undefined;
    this.#head++;
    if (this.#head > 256 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return entry.item;
  }
}
