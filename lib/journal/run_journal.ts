// The journal of one run while it runs: an observer that has written every command before the venue
// may send it. An event of ours and the commands it led to are one row, so one cannot be there
// without the other; market events go to a side file, compressed, and before any row they led to.

import type { DatabaseSync } from "node:sqlite";
import type { Command, Event } from "../core/event.ts";
import { type Cash, type Lots, type Micros, SECOND } from "../core/units.ts";
import { RecordingWriter } from "../data/recorder.ts";
import type { Observer } from "../run.ts";
import { guarded } from "./fault.ts";
import { prune, type PruneOptions } from "./prune.ts";
import type { RunEnd } from "./runs.ts";
import type { Syncer } from "./syncer.ts";

/** What the run says of the moment a row is written: its own time, and why the plan is as it is. */
export interface Moment {
  readonly time: Micros;
  readonly reason: string | undefined;
}

/** Equity and position at one time. */
export interface EquityRow {
  readonly time: Micros;
  readonly equity: Cash;
  readonly position: Lots;
}

/** Where a run is written. */
export interface RunPlace {
  readonly database: DatabaseSync;
  readonly path: string;
  /** The run's row. */
  readonly key: number;
  /** The place behind which its rows are. */
  readonly behind: number;
  readonly id: string;
  readonly market: string;
  /** Of the side file; exists. */
  readonly sideFolder: string;
  readonly syncer: Syncer;
  readonly moment: Moment;
}

/** A state is due after so many rows, or so long after the last one, whichever is first. */
const SNAPSHOT_ROWS = 256;
const SNAPSHOT_AFTER = 60 * SECOND;
/** The write-ahead log is brought home after so many rows. */
const SYNC_ROWS = 1000;
/** A side file of more, compressed, is followed by the next: one is read as a whole. */
const MOST_SIDE_BYTES = 8 * 2 ** 20;

/** What the market says, and the clock: all that is in the side file and not in the rows. */
const sideKinds: ReadonlySet<Event["kind"]> = new Set(
  ["depth", "trade", "mark", "bar", "state", "rules", "timer"] as const,
);
/** What must outlive a power cut as soon as may be. */
const weighty: ReadonlySet<Event["kind"]> = new Set(
  ["fill", "foreignFill", "pause", "resume", "flatten", "stop"] as const,
);

/**
 * One run. All methods throw `JournalFault` when disk or database refuse: nothing may be placed then.
 * Call `flush` every 100 ms, for markets that fall silent.
 */
export class RunJournal implements Observer {
  readonly id: string;
  readonly #place: RunPlace;
  readonly #side: RecordingWriter;
  readonly #statements;
  #n = 0;
  /** Where its latest row is. */
  #seq: number;
  #unsynced = 0;
  /** Rows since the last state, and how many make one due: the first row of all does. */
  #rows = 0;
  #dueRows = 1;
  #snapshotAt: Micros | undefined;

  constructor(place: RunPlace) {
    const { id, database, path, sideFolder: folder, market: symbol } = place;
    this.id = id;
    this.#place = place;
    this.#seq = place.behind;
    this.#side = new RecordingWriter({ folder, name: id, symbol, maxBytes: MOST_SIDE_BYTES });
    this.#statements = guarded(path, () => ({
      row: database.prepare(
        `INSERT INTO rows (run, n, time, kind, event, commands, reason)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ),
      note: database.prepare("INSERT INTO rows (run, n, time, kind, note) VALUES (?, ?, ?, ?, ?)"),
      equity: database.prepare("INSERT OR REPLACE INTO equity VALUES (?, ?, ?, ?)"),
      snapshot: database.prepare("INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?)"),
      end: database.prepare(
        "UPDATE runs SET ended = ?, exitCode = ?, reason = ?, remains = ?, last = ? WHERE key = ?",
      ),
    }));
  }

  /** The number of the latest event. */
  get n(): number {
    return this.#n;
  }

  seen(event: Event, commands: readonly Command[]): void {
    const { path, key, syncer, moment } = this.#place;
    this.#n++;
    const isOfMarket = sideKinds.has(event.kind);
    guarded(path, () => {
      syncer.check();
      if (isOfMarket) this.#side.event(event.time, this.#n, JSON.stringify(event));
      // What led to a command must not be lost where the command is not.
      if (commands.length > 0) this.#side.secure();
      else if (isOfMarket) return;
      this.#written(this.#statements.row.run(
        ...[key, this.#n, moment.time, event.kind, isOfMarket ? null : JSON.stringify(event)],
        ...(commands.length > 0 ? [JSON.stringify(commands), moment.reason ?? null] : [null, null]),
      ));
    });
    if (weighty.has(event.kind)) syncer.ask();
  }

  /** Writes down what no event says: a notice, a changed parameter, a changed state. */
  note(kind: string, body: object): void {
    const { path, key, moment, syncer } = this.#place;
    guarded(path, () => {
      const { note } = this.#statements;
      this.#written(note.run(key, this.#n, moment.time, kind, JSON.stringify(body)));
    });
    syncer.ask();
  }

  /** Writes down equity and position. */
  sample({ time, equity, position }: EquityRow): void {
    const { path, key } = this.#place;
    guarded(path, () => this.#statements.equity.run(key, time, equity, position));
  }

  /** True when the engine's state is to be written: before its first commands leave, and then at times. */
  get snapshotDue(): boolean {
    if (this.#rows === 0) return false;
    const last = this.#snapshotAt;
    return this.#rows >= this.#dueRows ||
      (last !== undefined && this.#place.moment.time - last >= SNAPSHOT_AFTER);
  }

  /** Keeps the state after the latest event, in place of the one before. `state` is plain data. */
  snapshot(state: object): void {
    const { path, key, moment } = this.#place;
    guarded(path, () => {
      // What the state has taken in must not be missing before it.
      this.#side.secure();
      this.#statements.snapshot.run(key, this.#n, this.#seq, JSON.stringify(state));
    });
    this.#rows = 0;
    this.#dueRows = SNAPSHOT_ROWS;
    this.#snapshotAt = moment.time;
  }

  /** Writes out the market events that have waited. */
  flush(): void {
    guarded(this.#place.path, () => this.#side.flush());
  }

  /** Resolves when every row is on the disk. Throws `JournalFault`. */
  async synced(): Promise<void> {
    this.#place.syncer.ask();
    await this.#place.syncer.settled();
  }

  /**
   * Removes one bounded step of what is older than `keepDays` and is needed by nobody; call it again
   * at leisure while there is more.
   */
  prune(limits: Pick<PruneOptions, "keepDays" | "now" | "oldestLive">): "more" | "done" {
    const { database, path, key, id, behind, sideFolder, moment } = this.#place;
    const own = { id, span: { key, behind, upTo: this.#seq } };
    return guarded(path, () => {
      return prune(database, { ...limits, own, runTime: moment.time, sideFolder });
    });
  }

  /** Writes down how the run ended. Nothing may be written afterwards. */
  end({ time, exitCode, reason, remains }: RunEnd): void {
    const { path, key } = this.#place;
    guarded(path, () => {
      this.#statements.end.run(time, exitCode, reason, remains, this.#seq, key);
      this.#side.close();
    });
  }

  #written({ lastInsertRowid }: { readonly lastInsertRowid: number | bigint }): void {
    this.#seq = Number(lastInsertRowid);
    this.#rows++;
    if (++this.#unsynced < SYNC_ROWS) return;
    this.#unsynced = 0;
    this.#place.syncer.ask();
  }
}
