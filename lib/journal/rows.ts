// What a journal is asked for when it is read: the rows of a run, in pages, so that no reader holds
// the database while it thinks. A row holds what is the run's own; market events are in the side file.

import type { DatabaseSync } from "node:sqlite";
import type { Command, Event } from "../core/event.ts";
import { type Micros, micros } from "../core/units.ts";
import { readCommands, readEvent } from "../data/events.ts";
import { guarded, JournalFault } from "./fault.ts";

/** One row of a run. */
export interface KeptRow {
  /** Its place among the rows of all runs. */
  readonly seq: number;
  /** The number of the event in the run, from 1; of a note, that of the event before it. */
  readonly n: number;
  /** The run's own time. */
  readonly time: Micros;
  /** The event's kind, or the note's. */
  readonly kind: string;
  /** Undefined for a market event, which is in the side file, and for a note. */
  readonly event: Event | undefined;
  /** What the event led to. */
  readonly commands: readonly Command[];
  /** Why, in the words of the plan. */
  readonly reason: string | undefined;
  /** What a note says; undefined for an event. */
  readonly note: unknown;
}

/** A fill as it was told. */
export type FillEvent = Extract<Event, { readonly kind: "fill" }>;

/** Which rows may be those of a run: behind one place and up to another. */
export interface RunSpan {
  /** The run's own row. */
  readonly key: number;
  readonly behind: number;
  readonly upTo: number;
}

/** Rows read at a time. */
const PAGE = 1000;

/** The rows of a run in the order they were written. Throws `JournalFault` on one that is damaged. */
export function* rowsOf(database: DatabaseSync, path: string, span: RunSpan): Generator<KeptRow> {
  const query = `SELECT * FROM rows WHERE run = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?`;
  let { behind } = span;
  for (;;) {
    const page = pageOf(database, path, query, [span.key, behind, span.upTo]);
    yield* page;
    behind = page.at(-1)?.seq ?? span.upTo;
    if (page.length < PAGE) return;
  }
}

/** The rows of a run that hold commands, the latest first. Throws `JournalFault` on one that is damaged. */
export function* commandRowsOf(
  database: DatabaseSync,
  path: string,
  span: RunSpan,
): Generator<KeptRow> {
  const query = `SELECT * FROM rows WHERE run = ? AND seq > ? AND seq <= ?
    AND commands IS NOT NULL ORDER BY seq DESC LIMIT ?`;
  let { upTo } = span;
  for (;;) {
    const page = pageOf(database, path, query, [span.key, span.behind, upTo]);
    yield* page;
    upTo = (page.at(-1)?.seq ?? span.behind) - 1;
    if (page.length < PAGE) return;
  }
}

/** The fills of a run, each once, in the order they came. */
export function fillsOf(
  database: DatabaseSync,
  path: string,
  span: RunSpan,
): readonly FillEvent[] {
  const query = `SELECT * FROM rows WHERE run = ? AND seq > ? AND seq <= ? AND kind = 'fill'
    ORDER BY seq LIMIT ?`;
  const fills = new Map<number, FillEvent>();
  const all = [span.key, span.behind, span.upTo];
  for (const { event } of pageOf(database, path, query, all, { most: -1 })) {
    // The exchange may tell a fill twice.
    if (event?.kind === "fill" && !fills.has(event.fillId)) fills.set(event.fillId, event);
  }
  return [...fills.values()];
}

function pageOf(
  database: DatabaseSync,
  path: string,
  query: string,
  values: readonly number[],
  { most }: { readonly most: number } = { most: PAGE },
): readonly KeptRow[] {
  const page = guarded(path, () => database.prepare(query).all(...values, most));
  return page.map((raw) => readRow(path, raw));
}

/** Reads `what` of the journal at `path`. Throws `JournalFault` where it does not hold what it should. */
export function whole<T>(path: string, what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new JournalFault("damaged", path, `${what} is damaged: ${text}`);
  }
}

function readRow(path: string, raw: Readonly<Record<string, unknown>>): KeptRow {
  const { seq, n, time, kind, reason } = raw;
  return whole(path, `its record of event ${String(n)}`, () => {
    const event = parsed(raw.event);
    const commands = parsed(raw.commands);
    return {
      seq: Number(seq),
      n: Number(n),
      time: micros(Number(time)),
      kind: String(kind),
      event: event === undefined ? undefined : readEvent(event),
      commands: commands === undefined ? [] : readCommands(commands),
      reason: typeof reason === "string" ? reason : undefined,
      note: parsed(raw.note),
    };
  });
}

function parsed(text: unknown): unknown {
  return typeof text === "string" ? JSON.parse(text) : undefined;
}
