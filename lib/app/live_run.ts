// A live run from its banner to its report. What was missed while nobody listened is told first; then
// the loop runs, every command written down before it leaves; and it ends with the exchange's own
// word on what is left, or with the exit code that says there is none.

import type { LiveVenue } from "../backpack/venue.ts";
import { type Micros, micros, MILLISECOND } from "../core/units.ts";
import { keepRestored, termsOf } from "../journal/replay_terms.ts";
import type { RunJournal } from "../journal/run_journal.ts";
import { reportOf } from "../lab/account_for.ts";
import { Record } from "../lab/record.ts";
import type { Observer, Venue } from "../run.ts";
import type { Event } from "../core/event.ts";
import { banner } from "./banner.ts";
import { ExitCode, UserError } from "./errors.ts";
import type { Guard } from "./guard.ts";
import { JournalKeeper, momentOf } from "./journaled.ts";
import { type LiveTerms, type Ready, startLive } from "./live_start.ts";
import { type Attendance, attended, Notices } from "./attended.ts";
import type { Notice } from "../backpack/notice.ts";
import { keepPruned } from "./pruning.ts";
import { type Running, type RunVenue, statusOf, type Watch } from "./session.ts";
import type { Status } from "./status.ts";
import { wallClock } from "./wall.ts";
import type { RunResult } from "./watched.ts";

/** What a live run is given beside the terms of its start. */
export interface LiveOptions extends LiveTerms, Omit<Watch, "mode" | "strategy"> {
  readonly version: string;
  /** Days for which the journal is kept; 0 = for ever. Default 30. */
  readonly keepDays?: number;
  /** Shows the banner; false where the person does not want it. */
  confirm(lines: readonly string[]): boolean;
  /** The run has a name now. */
  onRun(id: string): void;
}

/** Between two questions whether anything of ours is left. */
const PROVE_MS = 500;
/** Of a journal, unless somebody says otherwise. */
const KEEP_DAYS = 30;
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
  if (ready.restored !== undefined) keepRestored(run, ready.restored);
  using keeper = new JournalKeeper(engine, run);
  const { guard, shared } = ready;
  guard?.begin(run);
  await using beside = new Beside((signal) => [
    shared.keep(wallClock, signal),
    keepPruned({
      ...{ run, engine, guard, clock: wallClock, now: wallTime, signal },
      keepDays: options.keepDays ?? KEEP_DAYS,
    }),
  ]);
  const record = new Record(engine, undefined);
  const { joined = (venue: RunVenue) => venue } = options.config.plugin ?? {};
  const running: Running = {
    engine,
    record,
    capital: ready.capital,
    venue: joined(new Told(venue, opening.events), () => engine.facts.time),
    stopped: () => options.config.plugin?.stopped,
    observers: [keeper, ...(guard === undefined ? [] : [guard]), beside],
    left: () => leftAtEnd(venue, guard, options.onStop),
  };
  const onStatus = (status: Status) => options.onStatus({ ...status, ...guard?.status });
  const strategy = options.config.strategy.name;
  const watch: Watch = { ...options, onStatus, mode: "live", strategy };
  const { config, dataDir } = options;
  const attendance: Attendance = {
    ...{ dataDir, clock: wallClock, budget: ready.budget, watchdog: "on", notices },
    run: { ...ready.pair, id: run.id, strategy, mode: "live" },
    changes: { strategy: config.strategy, limits: config.limits, setup: ready.setup },
    change: (terms) => engine.change(terms),
    onNotice: options.onNotice,
    onChange: (changed) => run.note("set", changed),
  };
  const play = () => attended(running, watch, attendance);
  const exitCode = await ended(run, options, running, play, ready);
  if (guard?.left !== undefined) onNotice({ level: "warn", text: guard.left });
  record.sample();
  onStatus(statusOf(running, watch));
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
  { venue, guard }: Pick<Ready, "venue" | "guard">,
): Promise<number> {
  try {
    const exitCode = await play();
    // A position is what the next run goes on with, as much as an order.
    const keeps = options.onStop === "keep" && exitCode === ExitCode.done ||
      guard?.left !== undefined || running.engine.facts.ledger.position !== 0;
    const left = exitCode === ExitCode.ordersMayRemain ? "unknown" : keeps ? "kept" : "none";
    run.end({ time: wallTime(), exitCode, reason: reasonOf(running), remains: left });
    return exitCode;
  } catch (error) {
    const left = await abandon(running, venue);
    // Nobody watches the position from here on, but for its stop.
    const stop = guard?.left;
    const isJournal = error instanceof Error && error.name === "JournalFault";
    if (left !== 0) {
      const count = left === undefined ? "some" : `${left}`;
      const why = error instanceof Error ? error.message : String(error);
      const text = `Ended with ${count} own orders that may remain: ${why}`;
      throw new UserError(text, ExitCode.ordersMayRemain);
    }
    if (!isJournal) {
      const reason = error instanceof Error ? error.message : String(error);
      const remains = stop === undefined ? "none" : "kept";
      run.end({ time: wallTime(), exitCode: ExitCode.failure, reason, remains });
      throw error;
    }
    const text = `${error.message}: the run was stopped and its orders cancelled`;
    throw new UserError(stop === undefined ? text : `${text}. ${stop}`, 1);
  }
}

/** Cancels all that may rest, with nothing written down, and asks until the exchange names none of it. */
async function abandon({ engine }: Running, venue: LiveVenue): Promise<number | undefined> {
  const signal = new AbortController().signal;
  let count: number | undefined;
  for (let tries = 0; tries < PROVE_TRIES; tries++) {
    venue.send([...engine.facts.orders.live].map(({ id }) => ({ kind: "cancel", id })));
    await wallClock.sleep(PROVE_MS, signal);
    count = await leftOf(venue);
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

/** What is left that should not be, the guard's stop included. */
async function leftAtEnd(
  venue: LiveVenue,
  guard: Guard | undefined,
  onStop: LiveOptions["onStop"],
): Promise<number | undefined> {
  const stops = guard === undefined ? 0 : await guard.end(onStop === "keep" ? "keep" : "remove");
  const orders = await leftOf(venue);
  return stops === undefined || orders === undefined ? undefined : stops + orders;
}

/** Work beside the loop: what goes wrong with it ends the loop at the next event. */
class Beside implements Observer, AsyncDisposable {
  readonly #over = new AbortController();
  readonly #work: readonly Promise<void>[];
  #fault: unknown;

  constructor(begin: (signal: AbortSignal) => readonly Promise<void>[]) {
    const fail = (error: unknown) => void (this.#fault ??= error);
    this.#work = begin(this.#over.signal).map((one) => one.catch(fail));
  }

  seen(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#work);
  }
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

function runStart({ config, seed, version }: LiveOptions, ready: Ready) {
  const { pair, recovery, setup, engine: { limits }, start } = ready;
  const { settings, strategy } = config;
  return {
    ...pair,
    started: wallTime(),
    strategy: strategy.name,
    config: termsOf({ settings, strategy, setup, limits, ...start }),
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
