// Plays recorded bars. A bar says where the price was, not when or how often: it is walked open,
// nearer extreme, other extreme, close, at 0, 1/3, 2/3 and its end, and each leg fills what lies in
// its way at the order's own price. Between the points nothing is known, so nothing happens.

import type { Watch } from "../core/calm.ts";
import type { Candles } from "../core/columns.ts";
import {
  type Lots,
  lots,
  type Micros,
  micros,
  NEVER,
  SECOND,
  type Ticks,
  ticks,
} from "../core/units.ts";
import type { FillModel } from "../exchange/crowd.ts";
import type { Feed, Floor } from "./feed.ts";

/** Which extreme of a bar comes first: the one nearer to its open, or the one worse for the position. */
export type BarPath = "nearer" | "adverse";

/** How bars are played. */
export interface CandleOptions {
  readonly fillModel: FillModel;
  readonly path: BarPath;
}

const POINTS = 4;

/** A feed over bars. */
export class CandleFeed implements Feed {
  readonly ticking = false;
  readonly #candles: Candles;
  readonly #options: CandleOptions;
  readonly #barUs: number;
  #bar = 0;
  #point = 0;
  #price: number | undefined;
  /** The quote as it stands. */
  #bid = 1;
  #ask = 2;
  #lowFirst = true;
  /** What this bar may still fill (queue): its own volume. */
  #volumeLeft = 0;

  constructor(candles: Candles, options: CandleOptions) {
    this.#candles = candles;
    this.#options = options;
    this.#barUs = candles.barSec * SECOND;
  }

  get nextAt(): Micros {
    return this.#timeAt(this.#point);
  }

  get played(): number {
    return this.#bar;
  }

  step(floor: Floor): Micros {
    return this.#skip(floor) ?? this.#play(floor);
  }

  #play(floor: Floor): Micros {
    const time = this.nextAt;
    const { volume } = this.#candles;
    if (this.#point === 0) {
      this.#volumeLeft = volume[this.#bar] ?? 0;
      this.#lowFirst = this.#goesLowFirst(floor.position());
    }
    const price = this.#priceAt(this.#point);
    if (this.#volumeLeft > 0) this.#leg(price, time, floor);
    this.#price = price;
    this.#quote(price, this.#offered(this.#bar), time, floor);
    floor.markAt(ticks(price));
    this.#point++;
    if (this.#point < POINTS) return time;
    if (floor.tellsBars) floor.tell(this.#finished(time));
    this.#point = 0;
    this.#bar++;
    return time;
  }

  /**
   * Passes over whole bars that reach no order, no limit and no plan's band: only the last price of
   * them is played. Returns its time; undefined if there was no such bar.
   */
  #skip(floor: Floor): Micros | undefined {
    const { calm, tellsBars } = floor;
    if (calm?.watch === undefined || tellsBars || this.#point !== 0 || this.#bar === 0) return;
    const safe = floor.safePrices();
    const below = Math.max(2, calm.below, safe.below, (floor.crowd.bestOrdered("bid") ?? 0) + 1);
    const above = Math.min(
      calm.above,
      safe.above,
      (floor.crowd.bestOrdered("ask") ?? Infinity) - 1,
    );
    const { length, time, high, low } = this.#candles;
    const first = this.#bar;
    const latest = calm.until - this.#barUs;
    const position = floor.position();
    let traded: number | undefined;
    for (; this.#bar < length; this.#bar++) {
      const bar = this.#bar;
      if ((low[bar] ?? 0) < below || (high[bar] ?? 0) > above || (time[bar] ?? 0) >= latest) break;
      this.#lowFirst = this.#goesLowFirst(position);
      if (!this.#isWatched(calm.watch)) break;
      if ((this.#candles.volume[bar] ?? 0) > 0) traded = this.#candles.close[bar];
    }
    if (this.#bar === first) return undefined;
    const last = this.#bar - 1;
    const at = micros((time[last] ?? 0) + this.#barUs);
    const price = this.#candles.close[last] ?? 0;
    this.#price = price;
    this.#quote(price, this.#offered(last), at, floor);
    if (traded !== undefined) floor.crowd.lastWas(traded);
    floor.markAt(ticks(price));
    return at;
  }

  /** What a taker may take at one point: all points together offer the volume of the bar. */
  #offered(bar: number): number {
    return Math.max(1, Math.floor((this.#candles.volume[bar] ?? 0) / POINTS));
  }

  /** Shows the bar's points to the watch; false if one of them must be played. */
  #isWatched(watch: Watch): boolean {
    for (let point = 0; point < POINTS; point++) {
      const price = this.#priceAt(point);
      const worth = watch.sign * price;
      if (worth <= watch.stop) return false;
      if (worth > watch.peak || worth < watch.trough) watch.note(this.#timeAt(point), ticks(price));
    }
    return true;
  }

  #timeAt(point: number): Micros {
    const start = this.#candles.time[this.#bar];
    if (start === undefined) return NEVER;
    // The close of one bar comes before the open of the next at the same moment.
    return micros(start + Math.floor((point * this.#barUs) / (POINTS - 1)));
  }

  /** Fills what lies between the last price and this one. */
  #leg(price: number, time: Micros, { crowd }: Floor): void {
    const from = this.#price ?? price;
    const most = this.#options.fillModel === "queue" ? this.#volumeLeft : undefined;
    let filled = 0;
    if (price <= from) filled += crowd.crowdSweep("ask", price, most, time);
    if (price >= from) {
      const left = most === undefined ? undefined : most - filled;
      filled += crowd.crowdSweep("bid", price, left, time);
    }
    if (most !== undefined) this.#volumeLeft -= filled;
  }

  /**
   * A quote one tick either side of the price, so that mid is the price. Legs alone fill orders: where
   * an own order stands in the quote's way (volume ran out), the quote stays behind it.
   */
  #quote(price: number, quantity: number, time: Micros, { crowd }: Floor): void {
    crowd.crowdLevel("bid", this.#bid, 0, time);
    crowd.crowdLevel("ask", this.#ask, 0, time);
    this.#bid = Math.max(1, Math.min(price - 1, (crowd.bestOrdered("ask") ?? Infinity) - 1));
    this.#ask = Math.max(price + 1, (crowd.bestOrdered("bid") ?? -Infinity) + 1, this.#bid + 1);
    crowd.crowdBest(this.#bid, quantity, this.#ask, quantity, time);
  }

  #priceAt(point: number): number {
    const { open, high, low, close } = this.#candles;
    const lowNow = this.#lowFirst ? point === 1 : point === 2;
    const column = point === 0 ? open : point === 3 ? close : lowNow ? low : high;
    return column[this.#bar] ?? 0;
  }

  #goesLowFirst(position: Lots): boolean {
    const { open, high, low } = this.#candles;
    if (this.#options.path === "adverse" && position !== 0) return position > 0;
    const at = this.#bar;
    return (open[at] ?? 0) - (low[at] ?? 0) <= (high[at] ?? 0) - (open[at] ?? 0);
  }

  #finished(time: Micros) {
    const { open, high, low, close, volume, barSec } = this.#candles;
    const at = (column: Int32Array): Ticks => ticks(column[this.#bar] ?? 0);
    return {
      kind: "bar",
      time,
      barSec,
      open: at(open),
      high: at(high),
      low: at(low),
      close: at(close),
      volume: lots(volume[this.#bar] ?? 0),
    } as const;
  }
}
