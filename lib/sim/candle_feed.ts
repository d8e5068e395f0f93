// Plays recorded bars. A bar says where the price was, not when or how often: it is walked open,
// nearer extreme, other extreme, close, at 0, 1/3, 2/3 and its end, and each leg fills what lies in
// its way at the order's own price. Between the points nothing is known, so nothing happens.

import type { Calm, Watch } from "../core/calm.ts";
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
    if (this.#point === 0) this.#begin(floor.position());
    const price = this.#priceAt(this.#point);
    if (this.#volumeLeft > 0) this.#leg(price, time, floor);
    this.#price = price;
    this.#quote(price, this.#offered(this.#bar), time, floor);
    floor.markAt(ticks(price));
    if (this.#point === POINTS - 1 && floor.tellsBars) floor.tell(this.#finished(time));
    this.#advance();
    return time;
  }

  /**
   * Passes over points that reach no order, no limit and no plan's band: only the last of them is
   * played. Returns its time; undefined if there was none.
   */
  #skip(floor: Floor): Micros | undefined {
    const { calm, tellsBars } = floor;
    if (calm?.watch === undefined || tellsBars || this.#price === undefined) return undefined;
    const lane = laneOf(calm, calm.watch, floor);
    const position = floor.position();
    let last: Stop | undefined;
    let traded: number | undefined;
    for (;;) {
      const bars = this.#point === 0 ? this.#passBars(lane) : undefined;
      const point = bars ?? this.#passPoint(lane, position);
      if (point === undefined) break;
      last = point;
      traded = point.traded ?? traded;
    }
    if (last === undefined) return undefined;
    this.#price = last.price;
    this.#quote(last.price, this.#offered(last.bar), last.time, floor);
    if (traded !== undefined) floor.crowd.lastWas(traded);
    floor.markAt(ticks(last.price));
    return last.time;
  }

  /** Passes over whole bars of which nobody needs to see any point; returns where they end. */
  #passBars({ below, above, until, watch }: Lane): Stop | undefined {
    const { length, time, high, low, close, volume } = this.#candles;
    const { quiet } = watch;
    const lowest = Math.max(below, quiet.below);
    const highest = Math.min(above, quiet.above);
    const latest = until - this.#barUs;
    const first = this.#bar;
    let bar = first;
    while (
      bar < length && (low[bar] ?? 0) >= lowest && (high[bar] ?? 0) <= highest &&
      (time[bar] ?? 0) < latest
    ) bar++;
    if (bar === first) return undefined;
    this.#bar = bar;
    const last = bar - 1;
    do bar--; while (bar >= first && (volume[bar] ?? 0) === 0);
    return {
      bar: last,
      time: micros((time[last] ?? 0) + this.#barUs),
      price: close[last] ?? 0,
      traded: bar < first ? undefined : close[bar],
    };
  }

  /** Passes over one point, and shows it to the watch. */
  #passPoint({ below, above, until, watch }: Lane, position: Lots): Stop | undefined {
    const time = this.nextAt;
    if (time >= until) return undefined;
    if (this.#point === 0) this.#begin(position);
    const price = this.#priceAt(this.#point);
    const worth = watch.sign * price;
    if (price < below || price > above || worth <= watch.stop) return undefined;
    if (worth > watch.peak || worth < watch.trough) watch.note(time, ticks(price));
    const bar = this.#bar;
    this.#advance();
    return { bar, time, price, traded: this.#volumeLeft > 0 ? price : undefined };
  }

  /** A bar opens: what it may fill, and which way it goes. */
  #begin(position: Lots): void {
    this.#volumeLeft = this.#candles.volume[this.#bar] ?? 0;
    this.#lowFirst = this.#goesLowFirst(position);
  }

  #advance(): void {
    this.#point++;
    if (this.#point < POINTS) return;
    this.#point = 0;
    this.#bar++;
  }

  /** What a taker may take at one point: all points together offer the volume of the bar. */
  #offered(bar: number): number {
    return Math.max(1, Math.floor((this.#candles.volume[bar] ?? 0) / POINTS));
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

/** The prices and the time within which points are passed over, and who must hear of them. */
interface Lane {
  readonly below: number;
  readonly above: number;
  readonly until: Micros;
  readonly watch: Watch;
}

/** The last point of some that were passed over, and the price of the last of them that was traded. */
interface Stop {
  readonly bar: number;
  readonly time: Micros;
  readonly price: number;
  readonly traded: number | undefined;
}

function laneOf({ below, above, until }: Calm, watch: Watch, { crowd, safePrices }: Floor): Lane {
  const safe = safePrices();
  const ownBid = crowd.bestOrdered("bid") ?? 0;
  const ownAsk = crowd.bestOrdered("ask") ?? Infinity;
  return {
    below: Math.max(2, below, safe.below, ownBid + 1),
    above: Math.min(above, safe.above, ownAsk - 1),
    until,
    watch,
  };
}
