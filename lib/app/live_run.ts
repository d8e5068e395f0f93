// A live run from its banner to its report. What was missed while nobody listened is told first; then
// the loop runs, every command written down before it leaves; and it ends with the exchange's own
// word on what is left, or with the exit code that says there is none.

import type { LiveVenue } from "../backpack/venue.ts";
import { type Micros, micros, MILLISECOND } from "../core/units.ts";
import type { RunJournal } from "../journal/run_journal.ts";
import { reportOf } from "../lab/account_for.ts";
import { Record } from "../lab/record.ts";
import type { Venue } from "../run.ts";
import type { Event } from "../core/event.ts";
import { banner } from "./banner.ts";
import { configOf } from "./config.ts";
import { ExitCode, UserError } from "./errors.ts";
import { JournalKeeper, momentOf } from "./journaled.ts";
import { type LiveTerms, type Ready, startLive } from "./live_start.ts";
import { type Attendance, attended, Notices } from "./attended.ts";
import type { Notice } from "../backpack/notice.ts";
import { type Running, type RunVenue, statusOf, type Watch } from "./session.ts";
import { wallClock } from "./wall.ts";
import type { RunResult } from "./watched.ts";

/** What a live run is given beside the terms of its start. */
export interface LiveOptions extends LiveTerms, Omit<Watch, "mode" | "strategy"> {
  readonly version: string;
  /** Shows the banner; false where the person does not want it. */
  confirm(lines: readonly string[]): boolean;
  /** The run has a name now. */
  onRun(id: string): void;
}

/** Between two questions whether anything of ours is left. */
const PROVE_MS = 500;
/** Questions before the answer is no. */
const PROVE_TRIES = 20;

/** Trades until the end. Throws `UserError` where it cannot begin, or where orders may remain. */
export async function liveRun(options: LiveOptions): Promise<RunResult> {
  const started = performance.now();
  const notices = new Notices();
  const onNotice = (notice: Notice) => {
    notices.add(notice);
    options.onNotice(notice);
  };
  await using ready = await startLive({ ...options, onNotice });
  const { engine, venue, opening } = ready;
  if (!options.confirm(banner(stakesOf(options, ready)))) {
    throw new UserError("Not started: add --yes to trade live", ExitCode.usage);
  }
  const run = ready.journal.begin(runStart(options, ready), momentOf(engine));
  options.onRun(run.id);
  using keeper = new JournalKeeper(engine, run);
  const record = new Record(engine, undefined);
  const running: Running = {
    engine,
    record,
    capital: ready.capital,
    venue: new Told(venue, opening.events),
    observers: [keeper],
    left: () => leftOf(venue),
  };
  const watch: Watch = { ...options, mode: "live", strategy: options.config.strategy.name };
  const { config, dataDir } = options;
  const attendance: Attendance = {
    ...{ dataDir, clock: wallClock, budget: ready.budget, watchdog: "on", notices },
    run: { ...ready.pair, id: run.id, strategy: config.strategy.name, mode: "live" },
    changes: { strategy: config.strategy, limits: config.limits, setup: ready.setup },
    change: (terms) => engine.change(terms),
    onNotice: options.onNotice,
    onChange: (changed) => run.note("set", changed),
  };
  const play = () => attended(running, watch, attendance);
  const exitCode = await ended(run, options, running, play, venue);
  record.sample();
  options.onStatus(statusOf(running, watch));
  const report = reportOf({ ...running, venue: { played: record.events } }, {
    feed: "backpack",
    seconds: (performance.now() - started) / 1000,
    run: {
      ...options.config,
      market: ready.market,
      fees: ready.fees,
      seed: options.seed,
      version: options.version,
      fillModel: "queue",
      latencyMs: 0,
      data: {
        files: [],
        rows: record.events,
        from: null,
        to: null,
        skipped: 0,
        rounded: 0,
        gaps: 0,
      },
    },
    notes: [`Live run ${run.id}: these are the exchange's fills.`],
  });
  return { report, exitCode };
}

/** Runs, and writes down how it ended. Whatever ends the loop, what rests is cancelled first. */
async function ended(
  run: RunJournal,
  options: LiveOptions,
  running: Running,
  play: () => Promise<number>,
  venue: LiveVenue,
): Promise<number> {
  try {
    const exitCode = await play();
    const keeps = options.onStop === "keep" && exitCode === ExitCode.done;
    const left = exitCode === ExitCode.ordersMayRemain ? "unknown" : keeps ? "kept" : "none";
    run.end({ time: wallTime(), exitCode, reason: reasonOf(running), remains: left });
    return exitCode;
  } catch (error) {
    const left = await abandon(running, venue);
    const isJournal = error instanceof Error && error.name === "JournalFault";
    if (left !== 0) {
      const count = left === undefined ? "some" : `${left}`;
      const why = error instanceof Error ? error.message : String(error);
      const text = `Ended with ${count} own orders that may remain: ${why}`;
      throw new UserError(text, ExitCode.ordersMayRemain);
    }
    if (!isJournal) {
      const reason = error instanceof Error ? error.message : String(error);
      run.end({ time: wallTime(), exitCode: ExitCode.failure, reason, remains: "none" });
      throw error;
    }
    throw new UserError(`${error.message}: the run was stopped and its orders cancelled`, 1);
  }
}

/** Cancels all that may rest, with nothing written down, and asks until the exchange names none of it. */
async function abandon({ engine, left }: Running, venue: LiveVenue): Promise<number | undefined> {
  const signal = new AbortController().signal;
  let count: number | undefined;
  for (let tries = 0; tries < PROVE_TRIES; tries++) {
    venue.send([...engine.facts.orders.live].map(({ id }) => ({ kind: "cancel", id })));
    await wallClock.sleep(PROVE_MS, signal);
    count = await left();
    if (count === 0) break;
  }
  venue.end();
  return count;
}

/** The exchange's own word, asked again while it still names some: a cancel takes its time. */
async function leftOf(venue: LiveVenue): Promise<number | undefined> {
  const orders = await venue.prove();
  return orders?.length;
}

/** A venue whose first events are those that were missed. */
class Told implements RunVenue {
  readonly #missed: Event[];
  readonly #venue: LiveVenue;

  constructor(venue: LiveVenue, missed: readonly Event[]) {
    this.#venue = venue;
    this.#missed = [...missed];
  }

  next(): ReturnType<Venue["next"]> {
    return this.#missed.shift() ?? this.#venue.next();
  }

  send(commands: Parameters<Venue["send"]>[0]): void {
    this.#venue.send(commands);
  }

  ask(request: Parameters<RunVenue["ask"]>[0]): void {
    this.#venue.ask(request);
  }

  end(): void {
    this.#venue.end();
  }
}

function stakesOf({ urls, config, tag }: LiveOptions, ready: Ready) {
  return {
    host: new URL(urls.api).host,
    market: ready.market,
    strategy: config.strategy.name,
    tag,
    capital: ready.capital,
    limits: ready.limits,
    foreign: ready.opening.foreign.length,
    continues: ready.recovery?.run.id,
  };
}

function runStart({ config, seed, version }: LiveOptions, { pair, recovery }: Ready) {
  return {
    ...pair,
    started: wallTime(),
    strategy: config.strategy.name,
    config: configOf(config),
    version,
    seed,
    ...(recovery === undefined ? {} : { continues: recovery.run.id }),
  };
}

function reasonOf({ engine }: Running): string {
  return engine.riskState.text ?? engine.plan.reason ?? "done";
}

function wallTime(): Micros {
  return micros(Date.now() * MILLISECOND);
}
