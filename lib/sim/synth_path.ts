// The price of the synthetic market: a random walk in the logarithm with trend, jumps and a pull back
// to its start. It is drawn some seconds ahead of the market, for the informed, who know it.

import { assert } from "../core/assert.ts";
import type { Random } from "../core/random.ts";
import type { SynthOptions } from "./synth_options.ts";

/** The price over one second, in ticks: it jumps to `from`, then walks to `to`. */
export interface Leg {
  readonly from: number;
  readonly to: number;
}

/** Where the path starts and between which prices it stays, in ticks. */
export interface PathBounds {
  readonly start: number;
  readonly lowest: number;
  readonly highest: number;
}

const YEAR_SEC = 365 * 86_400;
const DAY_SEC = 86_400;
// The informed look no further, however quiet the market.
const MOST_KNOWN_SEC = 600;

/** The path from the present second on, as far as it is known. */
export class SynthPath {
  readonly #random: Random;
  readonly #options: SynthOptions;
  readonly #bounds: PathBounds;
  readonly #legs: Leg[] = [];
  /** Of the logarithm of the price, over a second. */
  readonly #deviation: number;
  readonly #knownSec: number;

  constructor(random: Random, options: SynthOptions, bounds: PathBounds) {
    this.#random = random;
    this.#options = options;
    this.#bounds = bounds;
    this.#deviation = options.volatilityPct / 100 / Math.sqrt(YEAR_SEC);
    this.#knownSec = knownSec(options.spreadTicks, this.#deviation * bounds.start);
    this.#extend();
  }

  /** The present second. */
  get now(): Leg {
    return this.#leg(0);
  }

  /** What the informed know: the price once it has typically moved by more than a spread. */
  get known(): number {
    return this.#leg(this.#knownSec - 1).to;
  }

  /** Goes on to the next second. */
  advance(): void {
    this.#legs.shift();
    this.#extend();
  }

  #leg(second: number): Leg {
    const leg = this.#legs[second];
    assert(leg !== undefined, `no price for second ${second}`);
    return leg;
  }

  /** One second more than is known, so that there is always one to go on from. */
  #extend(): void {
    while (this.#legs.length <= this.#knownSec) {
      const before = this.#legs.at(-1)?.to ?? this.#bounds.start;
      const from = this.#bounded(before * this.#jump());
      this.#legs.push({ from, to: this.#bounded(from * this.#step(from)) });
    }
  }

  #jump(): number {
    const { jumpPct, jumpsPerDay } = this.#options;
    if (!this.#random.chance(jumpsPerDay / DAY_SEC)) return 1;
    const size = this.#random.exponential(jumpPct) / 100;
    return Math.exp(this.#random.chance(0.5) ? size : -size);
  }

  #step(price: number): number {
    const { reversionPerHour, trendPctPerDay } = this.#options;
    const deviation = this.#deviation;
    const trend = trendPctPerDay / 100 / DAY_SEC;
    const back = (reversionPerHour / 3600) * Math.log(this.#bounds.start / price);
    return Math.exp(trend + back - deviation ** 2 / 2 + deviation * this.#random.normal());
  }

  #bounded(price: number): number {
    return Math.min(Math.max(price, this.#bounds.lowest), this.#bounds.highest);
  }
}

/**
 * Seconds in which the price, moving `perSecond` ticks in one, typically moves by 1.25 spreads: with
 * half of the trades informed, those then win about the half spread that the others pay.
 */
function knownSec(spreadTicks: number, perSecond: number): number {
  return Math.ceil(Math.min(Math.max((1.25 * spreadTicks / perSecond) ** 2, 1), MOST_KNOWN_SEC));
}
