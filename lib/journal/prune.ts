// Removes what is too old, a bounded step at a time, so that the loop beside it never waits. What a
// restart needs stays however old it is: a run that has not ended with proof, the rows behind its
// state, and the placing of every order that may still rest.

import type { DatabaseSync } from "node:sqlite";
import { DAY, type Micros, MILLISECOND } from "../core/units.ts";
import { TAIL } from "../data/recording.ts";
import type { RunSpan } from "./rows.ts";
import { spanOf } from "./runs.ts";
import { transaction } from "./schema.ts";
import { sideFilesOf } from "./side_files.ts";

/** Rows removed in one step: a millisecond or so. */
const STEP_ROWS = 500;

/** What to keep. */
export interface PruneOptions {
  readonly keepDays: number;
  /** The wall clock's: other runs are old by it. */
  readonly now: Micros;
  /** The present time of the run that prunes, which on paper may be another. */
  readonly runTime: Micros;
  /** When the oldest order that may rest was sent, in the run's time; undefined when there is none. */
  readonly oldestLive: Micros | undefined;
  /** The run that prunes. */
  readonly own: { readonly id: string; readonly span: RunSpan };
  readonly sideFolder: string;
}

/** Removes one step of what is too old. */
export function prune(database: DatabaseSync, options: PruneOptions): "more" | "done" {
  const id = endedRun(database, options);
  const span = id === undefined ? undefined : spanOf(database, id);
  if (id === undefined || span === undefined) return pruneOwn(database, options);
  if (removeRows(database, span, { time: Number.MAX_SAFE_INTEGER })) return "more";
  for (const path of sideFilesOf(options.sideFolder, id)) Deno.removeSync(path);
  transaction(database, () => {
    database.prepare("DELETE FROM snapshots WHERE run = ?").run(span.key);
    database.prepare("DELETE FROM runs WHERE key = ?").run(span.key);
  });
  return "more";
}

/** A run that ended too long ago and that no restart will ask for. */
function endedRun(
  database: DatabaseSync,
  { keepDays, now, runTime, oldestLive, own }: PruneOptions,
): string | undefined {
  const span = keepDays * DAY;
  const isFree = oldestLive === undefined || oldestLive >= runTime - span;
  const row = database.prepare(
    `SELECT old.id AS id FROM runs AS old JOIN runs AS own ON own.key = :own
     WHERE old.key <> own.key AND coalesce(old.ended, old.started) < :before
       AND coalesce(old.last, old.behind) < (SELECT max(seq) FROM rows)
       AND ((SELECT remains FROM runs AS last WHERE last.account = old.account
           AND last.market = old.market AND last.tag = old.tag ORDER BY key DESC LIMIT 1) = 'none'
         OR (old.account = own.account AND old.market = own.market AND old.tag = own.tag
           AND :isFree AND EXISTS (SELECT 1 FROM snapshots WHERE run = own.key)))
     ORDER BY old.key LIMIT 1`,
  ).get({ own: own.span.key, before: now - span, isFree: isFree ? 1 : 0 });
  return row && String(row.id);
}

/** What the run itself wrote too long ago. */
function pruneOwn(
  database: DatabaseSync,
  { keepDays, now, runTime, oldestLive, own: { id, span }, sideFolder }: PruneOptions,
): "more" | "done" {
  const time = Math.min(runTime - keepDays * DAY, oldestLive ?? Infinity);
  const kept = database.prepare("SELECT behind FROM snapshots WHERE run = ?").get(span.key);
  // The last row stays, or its place would be given out again.
  const upTo = Math.min(Number(kept?.behind ?? 0), span.upTo - 1);
  if (removeRows(database, { ...span, upTo }, { time })) return "more";
  const files = sideFilesOf(sideFolder, id).filter((path) => !path.endsWith(TAIL)).slice(0, -1);
  for (const path of files) {
    const writtenAt = Deno.statSync(path).mtime?.getTime() ?? Infinity;
    if (writtenAt * MILLISECOND >= now - keepDays * DAY) break;
    Deno.removeSync(path);
  }
  return "done";
}

/** Removes rows of a run from before `time`; true if there were any. */
function removeRows(
  database: DatabaseSync,
  { key, behind, upTo }: RunSpan,
  { time }: { readonly time: number },
): boolean {
  const rows = database.prepare(
    `DELETE FROM rows WHERE seq IN (SELECT seq FROM (
       SELECT seq, time FROM rows WHERE run = ? AND seq > ? AND seq <= ?
         ORDER BY seq LIMIT ${STEP_ROWS}) WHERE time < ?)`,
  ).run(key, behind, upTo, time);
  const equity = database.prepare(
    `DELETE FROM equity WHERE run = ? AND time IN (
       SELECT time FROM equity WHERE run = ? AND time < ? ORDER BY time LIMIT ${STEP_ROWS})`,
  ).run(key, key, time);
  return Number(rows.changes) + Number(equity.changes) > 0;
}
