// Recorded ticks of one market into one tape: any set of trades, bbo, topN and depth files, merged
// by time. At equal times trades come before book rows, because a book row already shows what the
// trade took; beyond that the order of the files, and within a file its own, is kept.

import { assert, unreachable } from "../core/assert.ts";
import { emptyTape, type Tape } from "../core/columns.ts";
import type { Market } from "../core/market.ts";
import { micros } from "../core/units.ts";
import { readBbo } from "./book.ts";
import { readDepth } from "./depth.ts";
import { DataFault } from "./fault.ts";
import { Grid } from "./grid.ts";
import type { DataReport, FileKind, FileReport, OnError, ReadOptions } from "./report.ts";
import { putRow, rowAt, type TapeCounts, TapeRows } from "./rows.ts";
import { openSource, type Source } from "./source.ts";
import { readTopN } from "./top.ts";
import { readTrades } from "./trades.ts";
import { cutTape } from "./window.ts";

/** What a file holds, from its header alone. Throws `DataFault` when it is none of the kinds. */
export async function detectKind(path: string): Promise<FileKind> {
  return kindOf(await openSource(path));
}

/**
 * Reads `paths` as ticks and lots of `market`. With `from`, the book as it stood then comes first.
 * Throws `DataFault` on the first fault; with `errors: "skip"` only on one of a whole file.
 */
export async function readTape(
  paths: readonly string[],
  market: Market,
  options: ReadOptions,
): Promise<{ readonly tape: Tape; readonly report: DataReport }> {
  assert(paths.length > 0, "no tape files to read");
  const grid = new Grid(market);
  const files: FileRows[] = [];
  for (const path of paths) files.push(await readFile(path, grid, options.errors));
  const parts = [
    ...files.filter(({ report }) => report.kind === "trades"),
    ...files.filter(({ report }) => report.kind !== "trades"),
  ].map(({ tape }) => tape);
  const tape = cutTape(merge(parts), options);
  const from = tape.time[0];
  const to = tape.time[tape.length - 1];
  return {
    tape,
    report: {
      files: files.map(({ report }) => report),
      rows: tape.length,
      skipped: files.reduce((sum, file) => sum + file.skipped, 0),
      rounded: grid.rounded,
      dropped: files.reduce((sum, file) => sum + file.counts.dropped, 0),
      clamped: grid.clamped,
      gaps: files.reduce((sum, file) => sum + file.counts.gaps, 0),
      from: from === undefined ? undefined : micros(from),
      to: to === undefined ? undefined : micros(to),
    },
  };
}

interface FileRows {
  readonly tape: Tape;
  readonly counts: TapeCounts;
  readonly skipped: number;
  readonly report: FileReport;
}

async function readFile(path: string, grid: Grid, errors: OnError): Promise<FileRows> {
  const source = await openSource(path);
  const kind = kindOf(source);
  const rows = new TapeRows();
  const read = await readKind(kind, source, grid, rows, errors);
  return {
    tape: rows.tape(),
    counts: rows.counts,
    skipped: read.skipped,
    report: { path, kind, rows: read.rows, sha256: source.sha256 },
  };
}

function readKind(kind: FileKind, source: Source, grid: Grid, rows: TapeRows, errors: OnError) {
  switch (kind) {
    case "trades":
      return readTrades(source, grid, rows, errors);
    case "bbo":
      return readBbo(source, grid, rows, errors);
    case "topN":
      return readTopN(source, grid, rows, errors);
    case "depth":
      return readDepth(source, grid, rows, errors);
    case "klines":
    case "funding":
    case "recording":
      throw new DataFault({
        file: source.path,
        rule: `a tape is made of trades, bbo, topN or depth files: this one holds ${kind}`,
      });
    default:
      return unreachable(kind);
  }
}

/** The columns that give a kind away, the more telling ones first. */
const SIGNS: readonly (readonly [FileKind, readonly string[]])[] = [
  ["topN", ["bid_px_1", "ask_px_1"]],
  ["bbo", ["bid_px", "ask_px"]],
  ["depth", ["first_id", "last_id"]],
  ["funding", ["funding_rate"]],
  ["klines", ["open", "high", "low", "close"]],
  ["trades", ["side", "side_inferred", "qty_usd"]],
];

function kindOf({ path, header }: Source): FileKind {
  // The first line of a recording is JSON: {"recording":1,…
  if (/^\{\s*"recording"/.test(header[0] ?? "")) return "recording";
  const sign = SIGNS.find(([, columns]) => columns.some((name) => header.includes(name)));
  if (sign !== undefined) return sign[0];
  throw new DataFault({
    file: path,
    row: 1,
    rule: "must be the header of a klines, trades, bbo, topN, depth or funding file",
    value: header.join(","),
  });
}

/** One tape ordered by time; at equal times the part named first comes first. */
export function merge(parts: readonly Tape[]): Tape {
  const only = parts[0];
  if (parts.length === 1 && only !== undefined) return only;
  const merged = emptyTape(parts.reduce((sum, part) => sum + part.length, 0));
  const cursors = parts.map((part) => ({ part, row: 0, time: part.time[0] ?? Infinity }));
  for (let at = 0; at < merged.length; at++) {
    const cursor = cursors.reduce((best, other) => other.time < best.time ? other : best);
    putRow(merged, at, rowAt(cursor.part, cursor.row++));
    cursor.time = cursor.part.time[cursor.row] ?? Infinity;
  }
  return merged;
}
