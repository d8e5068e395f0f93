// When faults happen, by the dice of a seed, and what is to happen later because of them. Faults end
// at a given time; what they leave owed is done all the same.

import { Random } from "../core/random.ts";
import { type Micros, micros, SECOND } from "../core/units.ts";
import { Agenda } from "./agenda.ts";
import type { FaultKind, FaultRates } from "./fault_rates.ts";

/** How often what goes wrong, and until when. */
export interface MishapsOptions {
  readonly rates: FaultRates;
  readonly seed: number;
  /** No fault begins after this. */
  readonly until: Micros;
}

/** The dice and the agenda of a failing connection. */
export class Mishaps {
  /** Faults that happened, by kind. */
  readonly counts = new Map<FaultKind, number>();
  readonly #options: MishapsOptions;
  readonly #dice: Random;
  readonly #agenda = new Agenda();
  #now: Micros;
  #owed = 0;

  constructor(options: MishapsOptions, now: Micros) {
    this.#options = options;
    this.#dice = new Random(options.seed, 91);
    this.#now = now;
  }

  get now(): Micros {
    return this.#now;
  }

  /** Something noted by `later` is still to be done. */
  get isOwing(): boolean {
    return this.#owed > 0;
  }

  /** Moves time on and does what is due; without an argument to whatever is due next. */
  advance(time: Micros = this.#agenda.nextAt): void {
    if (time > this.#now) this.#now = time;
    this.#agenda.runUntil(this.#now);
  }

  /** Throws the dice for a fault that an event or a command may meet, and counts it. */
  happens(kind: FaultKind): boolean {
    const { rates, until } = this.#options;
    if (this.#now > until || !this.#dice.chance(rates[kind])) return false;
    this.#count(kind);
    return true;
  }

  /** Repeats a fault that comes by itself, at random times; `happen` says whether it could. */
  eachNowAndThen(kind: FaultKind, happen: () => boolean): void {
    const { rates, until } = this.#options;
    if (rates[kind] === 0) return;
    const at = micros(this.#now + Math.ceil(this.#dice.exponential(SECOND / rates[kind])));
    if (at > until) return;
    this.at(at, () => {
      if (happen()) this.#count(kind);
      this.eachNowAndThen(kind, happen);
    });
  }

  at(time: Micros, action: () => void): void {
    this.#agenda.add(time, action);
  }

  /** Notes something owed to the run or the exchange, for a moment within so many seconds from now. */
  later([least, most]: readonly [number, number], action: () => void): void {
    const seconds = least + (most - least) * this.#dice.next();
    this.#owed++;
    this.at(micros(this.#now + Math.round(seconds * SECOND)), () => {
      this.#owed--;
      action();
    });
  }

  /** A number in [0, 1). */
  draw(): number {
    return this.#dice.next();
  }

  /** One of the list; undefined if there is none. */
  pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.draw() * list.length)];
  }

  /** The same things in no order. */
  shuffled<T>(list: readonly T[]): T[] {
    return list.map((item) => ({ item, place: this.draw() }))
      .sort((a, b) => a.place - b.place).map(({ item }) => item);
  }

  #count(kind: FaultKind): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }
}
