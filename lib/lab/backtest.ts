// One run over recorded data or a synthetic market, as fast as it goes, and its report. The loop is
// the live one; only the venue differs.

import type { Candles, Tape } from "../core/columns.ts";
import { type Market, priceTicks } from "../core/market.ts";
import { type Micros, micros, SECOND, type Ticks, ticks } from "../core/units.ts";
import { run, type Venue } from "../run.ts";
import { type BarPath, CandleFeed } from "../sim/candle_feed.ts";
import type { Feed } from "../sim/feed.ts";
import { SynthMarket } from "../sim/synth.ts";
import { synthDefaults, type SynthOptions, usualStart } from "../sim/synth_options.ts";
import { TapeFeed, tapeFeed } from "../sim/tape_feed.ts";
import { assert } from "../core/assert.ts";
import { ROW } from "../core/columns.ts";
import { reportOf } from "./account_for.ts";
import { type Path, pathOfTicks } from "./efficiency.ts";
import type { EquitySample, FillRow } from "./metrics.ts";
import { type SimVenue, SPEED_BUMP_MS } from "../sim/venue.ts";
import type { DataSummary, Report } from "./report.ts";
import { rig, type RigOptions } from "./rig.ts";

/** What is played. */
export type Source =
  | { readonly kind: "candles"; readonly candles: Candles }
  | { readonly kind: "tape"; readonly tape: Tape }
  /** A synthetic market; without a duration it never ends. */
  | { readonly kind: "sim"; readonly synth: Partial<SynthOptions> };

/** What a backtest is made of. */
export interface BacktestOptions extends Omit<RigOptions, "feed" | "price" | "time" | "span"> {
  readonly source: Source;
  readonly path: BarPath;
  /** For the report. */
  readonly data: DataSummary;
  /** Of the program. */
  readonly version: string;
  /** Lets signals in and tells how far it is, this often in wall time. */
  readonly breathe?: {
    readonly everyMs: number;
    tell(progress: { readonly fraction: number; readonly time: Micros }): void;
  };
  /** Ends the run early; the report then covers what was played. */
  readonly stop?: AbortSignal;
}

/** The report, and what its files are made of. */
export interface BacktestResult {
  readonly report: Report;
  readonly fills: readonly FillRow[];
  readonly equity: readonly EquitySample[];
}

/** Runs a backtest. Throws `RangeError` where strategy or balances make no sense. */
export async function backtest(options: BacktestOptions): Promise<BacktestResult> {
  const { source, market, path, fillModel, seed } = options;
  const { from, to, price } = extentOf(source, market);
  const feed = feedOf(source, { market, path, fillModel, seed });
  const parts = rig({ ...options, feed, price, time: from, span: to - from });
  const started = performance.now();
  const venue = options.breathe === undefined
    ? parts.venue
    : breathing(parts.venue, { ...options, breathe: options.breathe, from, to });
  if (options.stop?.aborted === true) parts.venue.close();
  await run(parts.engine, venue, [parts.record]);
  parts.record.sample();
  const seconds = (performance.now() - started) / 1000;
  const report = reportOf(parts, {
    feed: source.kind,
    seconds,
    run: options,
    ...pathOf(source),
    notes: notesOf(options),
  });
  return { report, fills: parts.record.fills, equity: parts.record.samples };
}

/** The prices of the data, where it is at hand. */
function pathOf(source: Source): { readonly path?: Path } {
  switch (source.kind) {
    case "candles":
      return { path: columnOf(source.candles) };
    case "tape":
      return { path: pathOfTicks(source.tape) };
    case "sim":
      return {};
  }
}

/** Bars open, nearer extreme, other, close, as one column: yielding each price takes longer than the run. */
function columnOf({ length, open, high, low, close }: Candles): Path {
  const prices = new Int32Array(4 * length);
  for (let bar = 0; bar < length; bar++) {
    const [first, most, least] = [open[bar] ?? 0, high[bar] ?? 0, low[bar] ?? 0];
    const lowFirst = first - least <= most - first;
    prices[4 * bar] = first;
    prices[4 * bar + 1] = lowFirst ? least : most;
    prices[4 * bar + 2] = lowFirst ? most : least;
    prices[4 * bar + 3] = close[bar] ?? 0;
  }
  return prices;
}

/** A feed over the source. */
export function feedOf(
  source: Source,
  { market, path, fillModel, seed }: Pick<
    BacktestOptions,
    "market" | "path" | "fillModel" | "seed"
  >,
): Feed {
  switch (source.kind) {
    case "candles":
      return new CandleFeed(source.candles, { fillModel, path });
    case "tape":
      return tapeFeed(source.tape);
    case "sim":
      return synthFeed(market, { seed, ...usualStart(market), ...source.synth });
  }
}

interface Extent {
  readonly from: Micros;
  readonly to: Micros;
  /** The first price. */
  readonly price: Ticks;
}

function extentOf(source: Source, market: Market): Extent {
  switch (source.kind) {
    case "candles": {
      const { time, open, barSec } = source.candles;
      const last = time.at(-1);
      assert(last !== undefined, "no candles");
      return {
        from: micros(time[0] ?? 0),
        to: micros(last + barSec * SECOND),
        price: ticks(open[0] ?? 0),
      };
    }
    case "tape": {
      const { time } = source.tape;
      const last = time.at(-1);
      assert(last !== undefined, "no ticks");
      return { from: micros(time[0] ?? 0), to: micros(last), price: firstPrice(source.tape) };
    }
    case "sim": {
      const { start, startPrice, durationSec } = {
        ...synthDefaults,
        ...usualStart(market),
        ...source.synth,
      };
      return {
        from: start,
        to: micros(start + (durationSec ?? 0) * SECOND),
        price: priceTicks(market, startPrice, "down"),
      };
    }
  }
}

function synthFeed(market: Market, options: Partial<SynthOptions>): Feed {
  const synth = new SynthMarket(market, options);
  return new TapeFeed(() => synth.chunk());
}

export function firstPrice(tape: Tape): Ticks {
  for (let row = 0; row < tape.length; row++) {
    const kind = tape.kind[row];
    const price = kind === ROW.askLevel ? tape.askPrice[row] : tape.price[row];
    if (kind !== ROW.reset && price !== undefined && price > 0) return ticks(price);
  }
  throw new RangeError("the recording holds no price");
}

/** Hands control back to the process now and then; ends when asked to. */
function breathing(
  inner: SimVenue,
  { breathe, stop, from, to }: Required<Pick<BacktestOptions, "breathe">> & {
    readonly stop?: AbortSignal;
    readonly from: Micros;
    readonly to: Micros;
  },
): Venue {
  let count = 0;
  let last = performance.now();
  return {
    next() {
      const event = inner.next();
      if (event === undefined || ++count % 1024 !== 0) return event;
      const now = performance.now();
      if (now - last < breathe.everyMs) return event;
      last = now;
      breathe.tell({ fraction: (event.time - from) / Math.max(1, to - from), time: event.time });
      return new Promise((resolve) => {
        setTimeout(() => {
          if (stop?.aborted === true) inner.close();
          resolve(event);
        }, 0);
      });
    },
    send: (commands) => inner.send(commands),
  };
}

/** What a reader must know to judge the figures. */
function notesOf(options: BacktestOptions): string[] {
  const { source, market, fillModel, path, latencyMs } = options;
  const latency = `Latency ${latencyMs} ms each way; orders that may take wait ` +
    `${SPEED_BUMP_MS} ms more, as on the exchange.`;
  if (source.kind !== "candles") return [FILLS[fillModel], latency];
  const first = path === "nearer"
    ? "the extreme nearer to the open"
    : "the extreme worse for the position";
  return [
    fillModel === "queue"
      ? "Fill model queue on bars: through, capped by the volume of the bar."
      : FILLS[fillModel],
    ...(market.kind === "perp" ? ["Funding is not known from bars, and none is paid."] : []),
    `Bars are walked open, ${first}, the other, close; spread is taken as two ticks.`,
    latency,
  ];
}

const FILLS = {
  touch: "Fill model touch: a print at an order's price fills all of it. Kinder than a market.",
  through: "Fill model through: only a print strictly beyond an order's price fills it.",
  queue: "Fill model queue: what stood there before trades first; volume is not invented.",
} as const;
