// Paper runs: the engine, the risk gate and the strategy of a live run on the embedded exchange, where
// the market is synthetic, a recording, or what Backpack says at this moment. No order ever leaves.

import type { Fees, Market } from "../core/market.ts";
import { priceTicks } from "../core/market.ts";
import type { Tape } from "../core/columns.ts";
import type { ParamSpecs, ParamValues } from "../core/params.ts";
import type { RiskLimits, Strategy } from "../core/strategy.ts";
import { type Cash, type Lots, micros, MILLISECOND, type Ticks } from "../core/units.ts";
import { Journal } from "../journal/journal.ts";
import { termsOf } from "../journal/replay_terms.ts";
import { reportOf } from "../lab/account_for.ts";
import { firstPrice } from "../lab/backtest.ts";
import { isoTime } from "../lab/metrics.ts";
import type { DataSummary, Report } from "../lab/report.ts";
import { type Rig, rig, type RigOptions } from "../lab/rig.ts";
import { run } from "../run.ts";
import { SynthMarket } from "../sim/synth.ts";
import { synthDefaults, usualStart } from "../sim/synth_options.ts";
import { TapeFeed, tapeFeed } from "../sim/tape_feed.ts";
import type { Balances } from "./account.ts";
import type { Config } from "./config.ts";
import { type Attendance, attended, Notices } from "./attended.ts";
import { JournalKeeper, momentOf } from "./journaled.ts";
import { PacedVenue } from "./paced.ts";
import type { Plugin } from "./plugins.ts";
import { type Running, type RunVenue, session, statusOf, type Watch } from "./session.ts";
import { wallClock } from "./wall.ts";
import type { RunResult } from "./watched.ts";

/** What a paper run is started with. */
export interface PaperOptions extends Omit<Watch, "mode" | "strategy"> {
  readonly market: Market;
  readonly strategy: Strategy;
  /** Where the strategy lives, if not in this process. */
  readonly plugin?: Plugin;
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
  /** What speaks against the run, shown for as long as it goes on. */
  readonly warnings?: readonly string[];
  /** The run has a name now. */
  onRun?(id: string): void;
  /** Where the run is written down; absent = nowhere. */
  readonly journal?: { readonly folder: string; readonly settings: Config["settings"] };
  /** A recording to play; absent = a synthetic market. */
  readonly recorded?: { readonly tape: Tape; readonly data: DataSummary };
}

/** The price a synthetic market starts at, in quote currency. */
export function synthPrice(market: Market): number {
  return { ...synthDefaults, ...usualStart(market) }.startPrice;
}

/** The same in ticks. */
export function synthTicks(market: Market): Ticks {
  return priceTicks(market, synthPrice(market), "down");
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
  await using book = options.journal && writeDown(parts, options, options.journal);
  const observers = book === undefined ? [] : [book.keeper];
  const running: Running = {
    ...parts,
    venue: options.plugin?.joined(venue, () => parts.venue.now) ?? venue,
    observers,
    stopped: () => options.plugin?.stopped,
    left: () => Promise.resolve(parts.exchange.openOrders(parts.account).length),
  };
  const watch: Watch = { ...options, mode: "paper", strategy: options.strategy.name };
  const exitCode = book === undefined
    ? await session(running, watch)
    : await attended(running, watch, book.attendance);
  // What the exchange has already said still counts.
  parts.venue.close();
  await run(parts.engine, parts.venue, [parts.record, ...observers]);
  parts.record.sample();
  book?.end(exitCode);
  options.onStatus(statusOf(running, watch));
  const report = reportOf(parts, {
    feed: about.feed,
    seconds: (performance.now() - started) / 1000,
    run: { ...options, fillModel: "queue", data: options.recorded?.data ?? dataOf(parts) },
    notes: [`Paper run on ${about.market}: no real order was sent.`],
  });
  return { report, exitCode };
}

/** Opens the journal of paper runs for one of them. */
function writeDown(
  { engine, setup, inventory }: Rig,
  options: PaperOptions,
  { folder, settings }: NonNullable<PaperOptions["journal"]>,
) {
  const { market, strategy, limits, seed, version, warnings = [], onRun } = options;
  const { latencyMs, balances } = options;
  const config = termsOf({
    ...{ settings, strategy, setup, limits: engine.limits, time: engine.facts.time },
    ...(inventory === undefined ? {} : { inventory }),
    paper: { latencyMs, balances },
  });
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const journal = Journal.open({ folder, mode: "paper", access: "write" });
  const wallTime = () => micros(Date.now() * MILLISECOND);
  const written = journal.begin({
    ...{ account: "paper", market: market.symbol, tag: 0, strategy: strategy.name },
    ...{ started: wallTime(), config, version, seed },
  }, momentOf(engine));
  onRun?.(written.id);
  const keeper = new JournalKeeper(engine, written);
  const notices = new Notices();
  for (const text of warnings) notices.add({ level: "warn", text });
  const attendance: Attendance = {
    ...{ dataDir: folder, clock: wallClock, watchdog: "off", notices },
    run: {
      ...{ account: "paper", market: market.symbol, tag: 0, id: written.id },
      ...{ strategy: strategy.name, mode: "paper" },
    },
    changes: { strategy, limits, setup },
    change: (terms) => engine.change(terms),
    onNotice: () => {},
    onChange: (changed) => written.note("set", changed),
  };
  return {
    keeper,
    attendance,
    // What paper orders rest on ends with the process.
    end: (exitCode: number) =>
      written.end({
        time: wallTime(),
        exitCode,
        reason: engine.riskState.text ?? "",
        remains: "none",
      }),
    async [Symbol.asyncDispose]() {
      keeper[Symbol.dispose]();
      await journal.close();
    },
  };
}

function syntheticRig(options: PaperOptions): Rig {
  const { market, seed } = options;
  const time = micros(Date.now() * MILLISECOND);
  const startPrice = synthPrice(market);
  const synth = new SynthMarket(market, { seed, start: time, startPrice });
  return rig({
    ...options,
    ...plannerOf(options),
    fillModel: "queue",
    quickLane: "off",
    ...printsOf(options),
    feed: new TapeFeed(() => synth.chunk()),
    price: synthTicks(market),
    time,
  });
}

/** A run that is written down is told of every trade: what filled it, and what did not, is found by them. */
export function printsOf({ journal }: Pick<PaperOptions, "journal">): { readonly prints?: "all" } {
  return journal === undefined ? {} : { prints: "all" };
}

function recordedRig(options: PaperOptions, tape: Tape): Rig {
  return rig({
    ...options,
    ...plannerOf(options),
    fillModel: "queue",
    quickLane: "off",
    ...printsOf(options),
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

/** What asks a plugin for plans; nothing for a strategy of this process. */
export function plannerOf({ plugin }: Pick<PaperOptions, "plugin">): Pick<RigOptions, "planner"> {
  return plugin === undefined ? {} : { planner: plugin.planner };
}
