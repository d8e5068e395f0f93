// The table of runs: what each was started with, how it ended, and where among all rows its own are.

import type { DatabaseSync } from "node:sqlite";
import { type Micros, micros } from "../core/units.ts";
import type { RunSpan } from "./rows.ts";

/** Whether a run moves money. */
export type Mode = "live" | "paper";

/** What makes two runs take the same orders for their own. */
export interface Pair {
  /** A fingerprint of the account's key, or "paper"; never the key. */
  readonly account: string;
  readonly market: string;
  readonly tag: number;
}

/** What is known of a run when it starts. */
export interface RunStart extends Pair {
  /** By the wall clock. */
  readonly started: Micros;
  readonly strategy: string;
  /** The settings in force, without secrets. */
  readonly config: object;
  /** Of this program. */
  readonly version: string;
  readonly seed: number;
  /** The run whose orders and memory it goes on with. */
  readonly continues?: string | undefined;
}

/** How a run ended. */
export interface RunEnd {
  /** By the wall clock. */
  readonly time: Micros;
  readonly exitCode: number;
  readonly reason: string;
  /** none: the exchange said that no order of ours is left. kept: orders were left on purpose. */
  readonly remains: "none" | "kept" | "unknown";
}

/** One run of a journal. */
export interface RunRecord extends RunStart {
  /** As people name it: 20261121-043412-grid-SOL_USDC. */
  readonly id: string;
  readonly mode: Mode;
  /** Absent while it runs, and for ever where the process was killed. */
  readonly end: RunEnd | undefined;
}

/** Adds a run; in a transaction. */
export function insertRun(
  database: DatabaseSync,
  mode: Mode,
  run: RunStart,
): { readonly id: string; readonly key: number; readonly behind: number } {
  const id = freeId(database, run);
  const { started, account, market, strategy, tag, config, version, seed, continues } = run;
  const last = database.prepare("SELECT coalesce(max(seq), 0) AS seq FROM rows").get();
  const behind = Number(last?.seq);
  const { lastInsertRowid: key } = database.prepare(
    `INSERT INTO runs (id, started, mode, account, market, strategy, tag, config, version, seed,
       continues, behind) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    ...[id, started, mode, account, market, strategy, tag, JSON.stringify(config)],
    ...[version, seed, continues ?? null, behind],
  );
  // From now on no place up to `behind` is given out again, whatever is pruned.
  database.prepare("INSERT INTO rows (run, n, time, kind, note) VALUES (?, 0, ?, 'begin', ?)")
    .run(key, started, JSON.stringify({ version }));
  return { id, key: Number(key), behind };
}

/** The runs that `rest` of a query names. */
export function selectRuns(
  database: DatabaseSync,
  rest: string,
  ...values: readonly (string | number)[]
): readonly RunRecord[] {
  return database.prepare(`SELECT * FROM runs ${rest}`).all(...values).map(recordOf);
}

/** Where the rows of a run are. */
export function spanOf(database: DatabaseSync, id: string): RunSpan | undefined {
  // The rows of a run that was killed are all before those of the next one of its pair.
  const row = database.prepare(
    `SELECT key, behind, coalesce(last, (
       SELECT next.behind FROM runs AS next WHERE next.account = runs.account
         AND next.market = runs.market AND next.tag = runs.tag AND next.key > runs.key
       ORDER BY next.key LIMIT 1)) AS upTo
     FROM runs WHERE id = ?`,
  ).get(id);
  if (row === undefined) return undefined;
  const upTo = row.upTo === null ? Number.MAX_SAFE_INTEGER : Number(row.upTo);
  return { key: Number(row.key), behind: Number(row.behind), upTo };
}

/** A name a person can read, and a file can have. */
function freeId(database: DatabaseSync, { started, strategy, market }: RunStart): string {
  const time = new Date(started / 1000).toISOString().replace(/[-:]|\..*/g, "");
  const name = `${time.replace("T", "-")}-${strategy}-${market}`.replace(/[^\w.-]/g, "_");
  for (let twin = 1;; twin++) {
    const id = twin === 1 ? name : `${name}-${twin}`;
    if (selectRuns(database, "WHERE id = ?", id).length === 0) return id;
  }
}

function recordOf(row: Readonly<Record<string, unknown>>): RunRecord {
  const { ended, remains } = row;
  return {
    id: String(row.id),
    mode: row.mode === "live" ? "live" : "paper",
    started: micros(Number(row.started)),
    account: String(row.account),
    market: String(row.market),
    strategy: String(row.strategy),
    tag: Number(row.tag),
    config: JSON.parse(String(row.config)),
    version: String(row.version),
    seed: Number(row.seed),
    continues: typeof row.continues === "string" ? row.continues : undefined,
    end: ended === null ? undefined : {
      time: micros(Number(ended)),
      exitCode: Number(row.exitCode),
      reason: String(row.reason),
      remains: remains === "none" || remains === "kept" ? remains : "unknown",
    },
  };
}
