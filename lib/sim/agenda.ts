// What is to happen when: actions in order of their time, of equal times the earlier noted first.

import { type Micros, NEVER } from "../core/units.ts";

interface Entry {
  readonly at: Micros;
  readonly action: () => void;
}

/** Actions that wait for their time. Few at once, so a sorted list is enough. */
export class Agenda {
  readonly #entries: Entry[] = [];

  /** When the next action is due; NEVER while there is none. */
  get nextAt(): Micros {
    return this.#entries[0]?.at ?? NEVER;
  }

  add(at: Micros, action: () => void): void {
    const later = this.#entries.findIndex((entry) => entry.at > at);
    this.#entries.splice(later === -1 ? this.#entries.length : later, 0, { at, action });
  }

  /** Does everything due by `time`, what is added meanwhile included. */
  runUntil(time: Micros): void {
    while (this.nextAt <= time) this.#entries.shift()?.action();
  }
}
