// The tables of a journal and the way from each version of them to the next. An event and the
// commands it led to are one row, because a row is one page to write and cannot be half there;
// commands and fills are views of it. Rows of all runs are in the order they were written: nothing
// is written as fast as what comes last.

import { DatabaseSync } from "node:sqlite";
import { faultOf, guarded, JournalFault } from "./fault.ts";

/** Step i leads from version i to version i + 1. A step that has been released is never changed. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE runs (
     key INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     started INTEGER NOT NULL,
     ended INTEGER,
     mode TEXT NOT NULL,
     account TEXT NOT NULL,
     market TEXT NOT NULL,
     strategy TEXT NOT NULL,
     tag INTEGER NOT NULL,
     config TEXT NOT NULL,
     version TEXT NOT NULL,
     seed INTEGER NOT NULL,
     continues TEXT,
     behind INTEGER NOT NULL,
     last INTEGER,
     exitCode INTEGER,
     reason TEXT,
     remains TEXT NOT NULL DEFAULT 'unknown'
   );
   CREATE TABLE rows (
     seq INTEGER PRIMARY KEY,
     run INTEGER NOT NULL REFERENCES runs,
     n INTEGER NOT NULL,
     time INTEGER NOT NULL,
     kind TEXT NOT NULL,
     event TEXT,
     commands TEXT,
     reason TEXT,
     note TEXT
   );
   CREATE TABLE equity (
     run INTEGER NOT NULL REFERENCES runs,
     time INTEGER NOT NULL,
     equity INTEGER NOT NULL,
     position INTEGER NOT NULL,
     PRIMARY KEY (run, time)
   ) WITHOUT ROWID;
   CREATE TABLE snapshots (
     run INTEGER PRIMARY KEY REFERENCES runs,
     n INTEGER NOT NULL,
     behind INTEGER NOT NULL,
     state TEXT NOT NULL
   );
   CREATE TABLE ids (tag INTEGER PRIMARY KEY, next INTEGER NOT NULL);
   CREATE VIEW commands AS
     SELECT run, n, time, value ->> 'kind' AS kind, value ->> 'id' AS id, value ->> 'side' AS side,
       value ->> 'price' AS price, value ->> 'quantity' AS quantity, value ->> 'role' AS role,
       value ->> 'reduceOnly' AS reduceOnly, value ->> 'tag' AS tag, reason
     FROM rows, json_each(rows.commands) WHERE commands IS NOT NULL;
   CREATE VIEW fills AS
     SELECT run, min(n) AS n, time, event ->> 'fillId' AS fillId, event ->> 'id' AS id,
       event ->> 'side' AS side, event ->> 'price' AS price, event ->> 'quantity' AS quantity,
       event ->> 'maker' AS maker, event ->> 'feeCash' AS feeCash, event ->> 'feeBase' AS feeBase
     FROM rows WHERE kind = 'fill' AND event IS NOT NULL GROUP BY run, event ->> 'fillId';`,
];

/** A writer waits this long for another process before it gives up. */
const BUSY_MS = 2000;

/** How a journal's file is opened. */
export interface OpenOptions {
  readonly access: "read" | "write";
  readonly migrations?: readonly string[];
}

/** Opens the file, brought up to the present version when it is to be written. Throws `JournalFault`. */
export function openDatabase(path: string, options: OpenOptions): DatabaseSync {
  const { access, migrations = MIGRATIONS } = options;
  return guarded(path, () => {
    // Looked at before it is opened for writing: a file of a newer version is not to be touched.
    if (access === "read") return openToRead(path, migrations.length);
    if (sizeOf(path) > 0) openToRead(path, migrations.length).close();
    const database = new DatabaseSync(path, { timeout: BUSY_MS });
    return closedOnFault(database, path, () => {
      database.exec("PRAGMA journal_mode = WAL");
      // Checkpoints wait for the disk: the worker makes them, never the loop.
      database.exec("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0");
      migrate(database, migrations);
    });
  });
}

/** Runs `action` as one transaction: all of it is kept, or nothing. */
export function transaction<T>(database: DatabaseSync, action: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = action();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // A full disk has ended the transaction already.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function openToRead(path: string, known: number): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
  return closedOnFault(database, path, () => {
    const version = versionOf(database);
    // SQLite itself finds missing pages, but takes the missing end of the last one for zeros.
    const pageSize = Number(database.prepare("PRAGMA page_size").get()?.page_size);
    if (sizeOf(path) % pageSize !== 0) {
      throw new JournalFault("damaged", path, "it is cut off in the middle of a page");
    }
    if (version <= known) return;
    throw new JournalFault(
      "newer",
      path,
      `it was made by a newer version of bpx-bot (its schema is ${version}, this one knows ${known})`,
    );
  });
}

function closedOnFault(database: DatabaseSync, path: string, check: () => void): DatabaseSync {
  try {
    check();
    return database;
  } catch (error) {
    database.close();
    throw faultOf(path, error);
  }
}

function migrate(database: DatabaseSync, migrations: readonly string[]): void {
  if (versionOf(database) >= migrations.length) return;
  transaction(database, () => {
    // Asked again inside: two bots may open a new journal at the same time.
    for (const step of migrations.slice(versionOf(database))) database.exec(step);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.user_version);
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
