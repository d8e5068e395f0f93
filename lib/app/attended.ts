// A run that can be spoken to and that looks after itself: the door is open, the watchdog looks, and
// whoever asked for the end is told how it came. What a person asks goes into the loop like all else.

import type { Notice } from "../backpack/notice.ts";
import { type Cash, cash } from "../core/units.ts";
import { openingOf } from "../lab/metrics.ts";
import { gridProfit, inventoryProfit, roundTrips } from "../lab/pairs.ts";
import { type Changed, Changes, type Terms } from "./changes.ts";
import type { Config } from "./config.ts";
import { type End, serveControl } from "./control.ts";
import { ExitCode, UserError } from "./errors.ts";
import type { Clock } from "./paced.ts";
import type { RunName } from "./running.ts";
import { type Running, session, statusOf, type Watch } from "./session.ts";
import type { Status } from "./status.ts";
import { StreamAges } from "./stream_ages.ts";
import { keepWatch, Watchdog } from "./watchdog.ts";

/** What a run needs to be attended. */
export interface Attendance {
  readonly dataDir: string;
  readonly run: RunName;
  readonly clock: Clock;
  /** Requests left of this minute; absent where none are sent. */
  readonly budget?: { readonly left: number };
  /** Absent: settings cannot be changed while it runs. */
  readonly changes?: Pick<Config, "strategy" | "limits"> & Pick<Terms, "setup">;
  /** Gives the engine other settings. */
  change?(terms: Terms): void;
  /** Memory at which the run ends in order; default `MOST_RSS_MB`. */
  readonly mostRssMb?: number;
  /** off: a market whose events may be far apart. */
  readonly watchdog: "on" | "off";
  /** Kept for `status`, with those of the venue. */
  readonly notices: Notices;
  onNotice(notice: Notice): void;
  /** Writes a changed setting down. */
  onChange(changed: Changed): void;
}

/** Lines kept for `status`. */
const MOST_NOTICES = 20;

/** The latest lines for a person, for whoever asks later. */
export class Notices {
  readonly #lines: string[] = [];

  get lines(): readonly string[] {
    return this.#lines;
  }

  add({ level, text }: Notice): void {
    this.#lines.push(`${level}: ${text}`);
    if (this.#lines.length > MOST_NOTICES) this.#lines.shift();
  }
}

/** `session` with an open door and a watchdog; to be called in its place. */
export async function attended(
  running: Running,
  watch: Watch,
  attendance: Attendance,
): Promise<number> {
  const { clock, dataDir, run } = attendance;
  const asked = new AbortController();
  const over = new AbortController();
  const ages = new StreamAges(clock.now);
  const { notices } = attendance;
  const onNotice = (notice: Notice) => {
    notices.add(notice);
    attendance.onNotice(notice);
  };
  let why: string | undefined;
  const endFor = (reason: string) => {
    why = reason;
    onNotice({ level: "error", text: `The run ends: ${reason}` });
    asked.abort();
  };
  const changes = changesOf(running, attendance);
  await using control = serveControl({
    dataDir,
    run,
    answers: {
      status: () => fullStatus(running, watch, attendance, ages),
      ask: (request) => request === "stop" ? asked.abort() : running.venue.ask(request),
      set: (change) => orFixed(changes).set(change),
      undo: () => orFixed(changes).undo(),
      loopAgeMs: () => ages.loopAgeMs,
    },
  });
  const look = attendance.watchdog === "off" ? undefined : keepWatch({
    clock,
    signal: over.signal,
    watchdog: new Watchdog(clock.now(), attendance),
    vitals: () => ({
      loopAgeMs: ages.loopAgeMs,
      rssBytes: Deno.memoryUsage().rss,
      streams: ages.ages,
    }),
    onNotice,
    onStop: endFor,
    // Nobody would wait for it before the end, and a run is not to be cut short by who watches it.
  }).catch((error) => endFor(`its watchdog failed: ${String(error)}`));
  try {
    const exitCode = await session(
      { ...running, observers: [...running.observers, ages] },
      { ...watch, stop: AbortSignal.any([watch.stop, asked.signal]) },
    );
    // Not done but failed: whoever keeps the bot running is to start it again.
    const told = why !== undefined && exitCode === ExitCode.done ? ExitCode.failure : exitCode;
    control.ended({ exitCode: told, orders: ordersAfter(exitCode, watch) });
    return told;
  } finally {
    over.abort();
    await look;
  }
}

function ordersAfter(exitCode: number, { onStop }: Watch): End["orders"] {
  if (exitCode === ExitCode.riskHalt) return "none";
  if (exitCode !== ExitCode.done) return "unknown";
  return onStop === "keep" ? "kept" : "none";
}

/** Everything that is known of a run at this moment. */
function fullStatus(
  running: Running,
  watch: Watch,
  { run, budget, notices }: Attendance,
  ages: StreamAges,
): Status {
  const status = statusOf(running, watch);
  return {
    ...status,
    run: run.id,
    pnl: { ...status.pnl, ...profitOf(running, status.equity) },
    streams: ages.ages,
    ...(budget === undefined ? {} : { budget: { left: budget.left } }),
    limits: running.engine.limits,
    notices: notices.lines,
  };
}

/** As the report of the run will split it. */
function profitOf({ engine, record, capital }: Running, equity: Cash) {
  const { samples, fills, firstMid } = record;
  const opening = openingOf({ samples, firstMid });
  const pairs = roundTrips(engine.facts.market, fills, opening, "newest");
  return { grid: gridProfit(pairs), inventory: inventoryProfit(pairs, cash(equity - capital)) };
}

function changesOf({ engine }: Running, attendance: Attendance): Changes | undefined {
  const { changes, run, onChange } = attendance;
  if (changes === undefined || attendance.change === undefined) return undefined;
  const change = attendance.change.bind(attendance);
  return new Changes({
    ...changes,
    needed: run.mode === "live" ? ["maxPositionUsd"] : [],
    run: { view: () => engine.view(), change },
    onChange,
  });
}

function orFixed(changes: Changes | undefined): Changes {
  if (changes !== undefined) return changes;
  throw new UserError("Cannot set anything as this run takes no changes: restart it with --set");
}
