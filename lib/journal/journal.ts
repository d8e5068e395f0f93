// One journal: every run of one mode in one data folder, in one SQLite file that many may read while
// a bot writes. Live and paper runs have a file each, so that play money is never counted as money.

import type { DatabaseSync } from "node:sqlite";
import { cash, lots, type Micros, micros } from "../core/units.ts";
import { guarded, JournalFault } from "./fault.ts";
import {
  commandRowsOf,
  type FillEvent,
  fillsOf,
  type KeptRow,
  rowsOf,
  type RunSpan,
  whole,
} from "./rows.ts";
import { type EquityRow, type Moment, RunJournal } from "./run_journal.ts";
import {
  insertRun,
  type Mode,
  type Pair,
  type RunRecord,
  type RunStart,
  selectRuns,
  spanOf,
} from "./runs.ts";
import { openDatabase, transaction } from "./schema.ts";
import { SIDE_FOLDER, sideFilesOf } from "./side_files.ts";
import { Syncer } from "./syncer.ts";

/** A state as it was kept. */
export interface Snapshot {
  /** The event after which it was taken. */
  readonly n: number;
  /** The place of the last row it has taken in. */
  readonly behind: number;
  /** Parsed JSON. */
  readonly state: unknown;
}

/** Where a journal lies and what for it is opened. */
export interface JournalOptions {
  /** The data folder; must exist for writing. */
  readonly folder: string;
  readonly mode: Mode;
  readonly access: "read" | "write";
}

/** Runs of one mode. All methods throw `JournalFault` when disk or database refuse. */
export class Journal implements AsyncDisposable {
  readonly path: string;
  readonly mode: Mode;
  readonly #database: DatabaseSync;
  readonly #sideFolder: string;
  #syncer: Syncer | undefined;

  private constructor({ folder, mode, access }: JournalOptions) {
    this.path = `${folder}/${mode}.sqlite`;
    this.mode = mode;
    this.#sideFolder = `${folder}/${SIDE_FOLDER}`;
    this.#database = openDatabase(this.path, { access });
  }

  /** Opens a journal; one that is to be written is made where there is none. */
  static open(options: JournalOptions): Journal {
    return new Journal(options);
  }

  /** Begins a run. `moment` is asked whenever something is written. */
  begin(run: RunStart, moment: Moment): RunJournal {
    const database = this.#database;
    return guarded(this.path, () => {
      Deno.mkdirSync(this.#sideFolder, { recursive: true });
      const begun = transaction(database, () => insertRun(database, this.mode, run));
      this.#syncer ??= new Syncer(this.path);
      const place = { ...begun, database, path: this.path, market: run.market, moment };
      return new RunJournal({ ...place, sideFolder: this.#sideFolder, syncer: this.#syncer });
    });
  }

  /** The latest runs, newest first. */
  runs({ most }: { readonly most: number }): readonly RunRecord[] {
    const query = "ORDER BY key DESC LIMIT ?";
    return guarded(this.path, () => selectRuns(this.#database, query, most));
  }

  /** The run of that name. */
  run(id: string): RunRecord | undefined {
    return guarded(this.path, () => selectRuns(this.#database, "WHERE id = ?", id)[0]);
  }

  /** All runs of a pair, newest first. */
  runsOf({ account, market, tag }: Pair): readonly RunRecord[] {
    const query = "WHERE account = ? AND market = ? AND tag = ? ORDER BY key DESC";
    return guarded(this.path, () => selectRuns(this.#database, query, account, market, tag));
  }

  /** The rows of a run, or those behind the place `behind`. */
  rows(id: string, { behind }: { readonly behind?: number } = {}): Iterable<KeptRow> {
    const span = this.#spanOf(id);
    return rowsOf(this.#database, this.path, { ...span, behind: behind ?? span.behind });
  }

  /** The rows of a run that hold commands, the latest first. */
  commandRows(id: string): Iterable<KeptRow> {
    return commandRowsOf(this.#database, this.path, this.#spanOf(id));
  }

  /** The fills of a run, each once, in the order they came. */
  fills(id: string): readonly FillEvent[] {
    return fillsOf(this.#database, this.path, this.#spanOf(id));
  }

  /** Equity over the time of a run. */
  equity(id: string): readonly EquityRow[] {
    const { key } = this.#spanOf(id);
    const query = "SELECT time, equity, position FROM equity WHERE run = ? ORDER BY time";
    const rows = guarded(this.path, () => this.#database.prepare(query).all(key));
    return rows.map(({ time, equity, position }) => ({
      time: micros(Number(time)),
      equity: cash(Number(equity)),
      position: lots(Number(position)),
    }));
  }

  /** The last state a run kept. */
  snapshot(id: string): Snapshot | undefined {
    const { key } = this.#spanOf(id);
    const query = "SELECT n, behind, state FROM snapshots WHERE run = ?";
    const row = guarded(this.path, () => this.#database.prepare(query).get(key));
    if (row === undefined) return undefined;
    const state = whole(this.path, "its last state", () => JSON.parse(String(row.state)));
    return { n: Number(row.n), behind: Number(row.behind), state };
  }

  /** The files with the market events of a run, in order. */
  sideFiles(id: string): readonly string[] {
    return guarded(this.path, () => sideFilesOf(this.#sideFolder, id));
  }

  /** When the last fill of a run was, by the clock that stamps events. */
  lastFillTime(id: string): Micros | undefined {
    const { key, behind, upTo } = this.#spanOf(id);
    const query = `SELECT event ->> 'time' AS time FROM rows
      WHERE run = ? AND seq > ? AND seq <= ? AND kind = 'fill' ORDER BY seq DESC LIMIT 1`;
    const row = guarded(this.path, () => this.#database.prepare(query).get(key, behind, upTo));
    return row && micros(Number(row.time));
  }

  /**
   * Takes `count` order numbers of a tag, on the disk before this returns: nobody gets them again.
   * `fresh` gives the first where the journal knows none. All are below `modulus`.
   */
  reserve(
    tag: number,
    { count, modulus, fresh }: {
      readonly count: number;
      readonly modulus: number;
      fresh(): number;
    },
  ): number {
    const database = this.#database;
    return guarded(this.path, () => {
      database.exec("PRAGMA synchronous = FULL");
      try {
        return transaction(database, () => {
          const row = database.prepare("SELECT next FROM ids WHERE tag = ?").get(tag);
          const first = row === undefined ? fresh() : Number(row.next);
          database.prepare("INSERT OR REPLACE INTO ids VALUES (?, ?)")
            .run(tag, (first + count) % modulus);
          return first;
        });
      } finally {
        database.exec("PRAGMA synchronous = NORMAL");
      }
    });
  }

  /** Closes the file. What is written is on the disk then, as far as a worker was at it. */
  async close(): Promise<void> {
    const syncer = this.#syncer;
    this.#syncer = undefined;
    await syncer?.close();
    if (this.#database.isOpen) this.#database.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #spanOf(id: string): RunSpan {
    const span = guarded(this.path, () => spanOf(this.#database, id));
    if (span !== undefined) return span;
    throw new JournalFault("missing", this.path, `it has no run "${id}"`);
  }
}
