// Recordings of Backpack's socket as a tape: one line per frame as it was sent, with the local time it
// came, read by the same parser that reads the live socket, so that what a backtest plays is what a
// bot would have been told. Rows are stamped with the exchange's time, which no network has delayed.
//
//   {"recording":1,"venue":"backpack","symbol":"SOL_USDC"}
//   {"at":1790134357267289,"frame":{"stream":"trade.SOL_USDC","data":{…}}}
//   {"at":1790134357867289,"path":"/api/v1/depth","reply":{…}}
//
// The side file of a journal holds what an engine was given instead, numbered as the run counts:
//
//   {"n":17,"at":1790134357267289,"event":{"kind":"trade",…}}

import { parseFrame } from "../backpack/wire.ts";
import { WireFault } from "../backpack/wire_fault.ts";
import { type DepthSnapshot, readDepth } from "../backpack/wire_public.ts";
import { assert } from "../core/assert.ts";
import type { Tape } from "../core/columns.ts";
import type { Event } from "../core/event.ts";
import type { Market } from "../core/market.ts";
import { micros, SECOND } from "../core/units.ts";
import type { Flaw } from "./csv.ts";
import { EventRows } from "./event_rows.ts";
import { readEvent } from "./events.ts";
import { DataFault } from "./fault.ts";
import { FrameRows } from "./frames.ts";
import { jsonOf, readLines } from "./lines.ts";
import type { DataReport, FileReport, ReadOptions } from "./report.ts";
import { merge } from "./tape.ts";
import { cutTape } from "./window.ts";

/** The version of the format written and read here. */
export const RECORDING_VERSION = 1;

/** How the name of the file ends that holds what a process killed did not get to compress. */
export const TAIL = ".tail.jsonl";

/** A report whose files count lines, whose `dropped` are depth frames and `skipped` holds `torn`. */
export interface RecordingReport extends DataReport {
  /** Frames stamped before one of their stream that came earlier, and played at its time. */
  readonly late: number;
  /** Files that end in something that is not a whole line, as those of a killed recorder do. */
  readonly torn: number;
}

/**
 * Reads `paths`, in the order they were recorded, as ticks and lots of `market`. Frames of other
 * markets and streams are passed over. With `from`, the book as it stood then comes first.
 * Throws `DataFault` on the first fault; with `errors: "skip"` only on one of a whole file.
 */
export async function readRecording(
  paths: readonly string[],
  market: Market,
  options: ReadOptions,
): Promise<{ readonly tape: Tape; readonly report: RecordingReport }> {
  assert(paths.length > 0, "no recordings to read");
  const reader = new Reader(market, options);
  const files: FileReport[] = [];
  let torn = 0;
  for (const path of paths) {
    reader.begin(path);
    const read = await readLines(path, (text, row) => reader.take(text, row));
    if (read.rows === 0) {
      throw new DataFault({ file: path, rule: "the file must hold a whole first line" });
    }
    torn += read.torn;
    files.push({ path, kind: "recording", rows: read.rows - 1, sha256: read.sha256 });
  }
  const { rows, events } = reader;
  const skipped = reader.skipped + torn;
  const tape = cutTape(merge([...rows.parts(), events.tape()]), options);
  const { dropped, gaps, late, clamped } = rows.counts;
  const [from, to] = [tape.time[0], tape.time[tape.length - 1]];
  return {
    tape,
    report: {
      ...{ files, rows: tape.length, skipped, rounded: 0, dropped, clamped, gaps, late, torn },
      from: from === undefined ? undefined : micros(from),
      to: to === undefined ? undefined : micros(to),
    },
  };
}

const lineShape =
  /^\{\s*"at"\s*:\s*(\d{1,16})\s*,\s*(?:"frame"\s*:\s*(.+)|"path"\s*:\s*"([^"]*)"\s*,\s*"reply"\s*:\s*(.+))\}\s*$/;
const eventShape =
  /^\{\s*"n"\s*:\s*(\d{1,16})\s*,\s*"at"\s*:\s*(\d{1,16})\s*,\s*"event"\s*:\s*(.+)\}\s*$/;
/** Where a frame names its stream: it may stand before or behind the data. */
const streamShape = /"stream"\s*:\s*"([^"]*)"/;

/** A numbered event as its line holds it; the event itself is not yet read. */
export interface EventLine {
  readonly n: number;
  readonly at: number;
  readonly text: string;
}

/** The parts of an event's line; undefined for a line of another kind. */
export function eventLine(line: string): EventLine | undefined {
  const match = eventShape.exec(line);
  if (match === null) return undefined;
  const [, n = "", at = "", text = ""] = match;
  return { n: Number(n), at: Number(at), text };
}

const DEPTH_PATH = "/api/v1/depth";

/** Lines of one file after another into rows. */
class Reader {
  readonly rows = new FrameRows();
  readonly events: EventRows;
  skipped = 0;
  readonly #market: Market;
  readonly #markets: ReadonlyMap<string, Market>;
  readonly #errors: ReadOptions["errors"];
  #path = "";
  /** The latest local time of any file, and how far back the present file may begin. */
  #at = 0;
  #leastAt = 0;
  /** The number of the latest event of a run. */
  #n = 0;

  constructor(market: Market, { errors }: ReadOptions) {
    this.#market = market;
    this.events = new EventRows(market, this.rows.counts);
    this.#markets = new Map([[market.symbol, market]]);
    this.#errors = errors;
  }

  begin(path: string): void {
    this.#path = path;
    // A clock may be set back a little while it records.
    this.#leastAt = this.#at - SECOND;
    // Only a tail goes on from the file before it, and may repeat the end of it.
    if (!path.endsWith(TAIL)) this.#n = 0;
  }

  take(text: string, row: number): void {
    if (row === 1) return this.#header(text);
    const flaw = this.#line(text, row);
    if (flaw === undefined) return;
    if (this.#errors === "refuse") throw new DataFault({ file: this.#path, row, ...flaw });
    this.skipped++;
  }

  #header(text: string): void {
    const header = jsonOf(text);
    const expected = [
      ["recording", RECORDING_VERSION],
      ["venue", "backpack"],
      ["symbol", this.#market.symbol],
    ] as const;
    for (const [column, wanted] of expected) {
      const value = isObject(header) ? header[column] : undefined;
      if (value === wanted) continue;
      const place = { file: this.#path, row: 1, column, rule: `must be ${wanted}` };
      throw new DataFault({ ...place, value: JSON.stringify(value) ?? "absent" });
    }
  }

  #line(text: string, row: number): Found | undefined {
    const event = eventLine(text);
    if (event !== undefined) return this.#event(event, row);
    const match = lineShape.exec(text);
    if (match === null) {
      return {
        rule: "must be a frame or a reply with the time it came, or a numbered event",
        value: text,
      };
    }
    const [, at = "", frame, path = "", reply = ""] = match;
    this.#tick(Number(at), row);
    return frame === undefined ? this.#reply(path, reply) : this.#frame(frame);
  }

  /** Files out of order would be played as one moment: that is refused even when told to skip. */
  #tick(at: number, row: number): void {
    if (at < this.#leastAt) {
      const rule = "must not be before the end of the file read before this one";
      throw new DataFault({ file: this.#path, row, column: "at", rule, value: String(at) });
    }
    this.#at = Math.max(this.#at, at);
  }

  #event({ n, at, text }: EventLine, row: number): Found | undefined {
    this.#tick(at, row);
    if (n <= this.#n) return undefined;
    this.#n = n;
    const event = eventOf(text);
    return "rule" in event ? event : this.events.take(event);
  }

  #frame(text: string): Found | undefined {
    const stream = streamShape.exec(text)?.[1];
    if (stream !== undefined && !stream.endsWith(`.${this.#market.symbol}`)) return undefined;
    const frame = parseFrame(text, this.#markets);
    if (frame === undefined) return undefined;
    return frame instanceof WireFault ? found(frame) : this.rows.take(frame);
  }

  #reply(path: string, text: string): Found | undefined {
    const [route, query] = path.split("?");
    const symbol = new URLSearchParams(query).get("symbol") ?? this.#market.symbol;
    if (route !== DEPTH_PATH || symbol !== this.#market.symbol) return undefined;
    const snapshot = this.#snapshot(text);
    return snapshot instanceof WireFault ? found(snapshot) : this.rows.snapshot(snapshot);
  }

  #snapshot(text: string): DepthSnapshot | WireFault {
    try {
      return readDepth(text, this.#market);
    } catch (error) {
      if (error instanceof WireFault) return error;
      throw error;
    }
  }
}

/** A flaw with the text that was found. */
interface Found extends Flaw {
  readonly value?: string;
}

/** The event in `text`, or what is wrong with it. */
function eventOf(text: string): Event | Found {
  try {
    return readEvent(jsonOf(text));
  } catch (error) {
    if (error instanceof RangeError) return { column: "event", rule: error.message, value: text };
    throw error;
  }
}

function found({ place, field, rule, value }: WireFault): Found {
  return { column: `${place} ${field}`, rule, value };
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null;
}
