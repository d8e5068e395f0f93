// Paper runs: the engine, the risk gate and the strategy of a live run on the embedded exchange, where
// the market is synthetic, a recording, or what Backpack says at this moment. No order ever leaves.

import type { Fees, Market } from "../core/market.ts";
import { priceTicks } from "../core/market.ts";
import type { Tape } from "../core/columns.ts";
import type { ParamSpecs, ParamValues } from "../core/params.ts";
import type { RiskLimits, Strategy } from "../core/strategy.ts";
import { type Cash, type Lots, micros, MILLISECOND } from "../core/units.ts";
import { reportOf } from "../lab/account_for.ts";
import { firstPrice } from "../lab/backtest.ts";
import { isoTime } from "../lab/metrics.ts";
import type { DataSummary, Report } from "../lab/report.ts";
import { type Rig, rig } from "../lab/rig.ts";
import { run } from "../run.ts";
import { SynthMarket } from "../sim/synth.ts";
import { synthDefaults, usualStart } from "../sim/synth_options.ts";
import { TapeFeed, tapeFeed } from "../sim/tape_feed.ts";
import type { Balances } from "./account.ts";
import { PacedVenue } from "./paced.ts";
import { type Running, type RunVenue, session, statusOf, type Watch } from "./session.ts";
import { wallClock } from "./wall.ts";
import type { RunResult } from "./watched.ts";

/** What a paper run is started with. */
export interface PaperOptions extends Omit<Watch, "mode" | "strategy"> {
  readonly market: Market;
  readonly strategy: Strategy;
  readonly params: ParamValues<ParamSpecs>;
  /** The operator's; the strategy's own `limits` are not in them yet. */
  readonly limits: RiskLimits;
  /** Absent = what `balances` are worth at the start. */
  readonly capital?: Cash;
  readonly fees: Fees;
  readonly balances: Balances;
  /** Base the run takes over at its start. */
  readonly position?: Lots;
  readonly seed: number;
  readonly latencyMs: number;
  /** Market seconds in a second of the wall clock. */
  readonly speed: number;
  readonly version: string;
  /** A recording to play; absent = a synthetic market. */
  readonly recorded?: { readonly tape: Tape; readonly data: DataSummary };
}

/** The price a synthetic market starts at, in quote currency. */
export function synthPrice(market: Market): number {
  return { ...synthDefaults, ...usualStart(market) }.startPrice;
}

/** Runs on a synthetic market or a recording. Throws `RangeError` where strategy or balances make no sense. */
export async function paperRun(options: PaperOptions): Promise<RunResult> {
  const { recorded } = options;
  const parts = recorded === undefined
    ? syntheticRig(options)
    : recordedRig(options, recorded.tape);
  const venue = new PacedVenue(parts.venue, wallClock, options.speed);
  return await runOnPaper(parts, venue, options, {
    feed: recorded === undefined ? "sim" : "tape",
    market: recorded === undefined ? "a synthetic market" : "a recording",
  });
}

/** Runs a rig through a venue that paces it, and accounts for it. */
export async function runOnPaper(
  parts: Rig,
  venue: RunVenue,
  options: PaperOptions,
  about: { readonly feed: string; readonly market: string },
): Promise<RunResult> {
  const started = performance.now();
  const running: Running = {
    ...parts,
    venue,
    observers: [],
    left: () => Promise.resolve(parts.exchange.openOrders(parts.account).length),
  };
  const watch: Watch = { ...options, mode: "paper", strategy: options.strategy.name };
  const exitCode = await session(running, watch);
  // What the exchange has already said still counts.
  parts.venue.close();
  await run(parts.engine, parts.venue, [parts.record]);
  parts.record.sample();
  options.onStatus(statusOf(running, watch));
  const report = reportOf(parts, {
    feed: about.feed,
    seconds: (performance.now() - started) / 1000,
    run: { ...options, fillModel: "queue", data: options.recorded?.data ?? dataOf(parts) },
    notes: [`Paper run on ${about.market}: no real order was sent.`],
  });
  return { report, exitCode };
}

function syntheticRig(options: PaperOptions): Rig {
  const { market, seed } = options;
  const time = micros(Date.now() * MILLISECOND);
  const startPrice = synthPrice(market);
  const synth = new SynthMarket(market, { seed, start: time, startPrice });
  return rig({
    ...options,
    fillModel: "queue",
    quickLane: "off",
    feed: new TapeFeed(() => synth.chunk()),
    price: priceTicks(market, startPrice, "down"),
    time,
  });
}

function recordedRig(options: PaperOptions, tape: Tape): Rig {
  return rig({
    ...options,
    fillModel: "queue",
    quickLane: "off",
    feed: tapeFeed(tape),
    price: firstPrice(tape),
    time: micros(tape.time[0] ?? 0),
  });
}

function dataOf({ record }: Rig): Report["data"] {
  const from = record.samples[0]?.time;
  const to = record.samples.at(-1)?.time;
  return {
    files: [],
    rows: record.events,
    from: from === undefined ? null : isoTime(from),
    to: to === undefined ? null : isoTime(to),
    skipped: 0,
    rounded: 0,
    gaps: 0,
  };
}
