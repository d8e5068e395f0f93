// The recorded files of a backtest, told apart by their headers: candles, ticks or recordings of the
// socket, but one of them only, since each already holds what the others say of its time.

import type { Candles, Tape } from "../core/columns.ts";
import type { Market } from "../core/market.ts";
import type { Asked, ColumnCache } from "../data/cache.ts";
import type { ReadColumns } from "../data/columns_file.ts";
import type { DataReport, FileKind, ReadOptions } from "../data/report.ts";
import type { DataSummary } from "../lab/report.ts";
import { badValue } from "./errors.ts";

/** What a backtest plays, with the account of how it was read. */
export interface Recording {
  readonly source:
    | { readonly kind: "candles"; readonly candles: Candles }
    | { readonly kind: "tape"; readonly tape: Tape };
  readonly data: DataSummary;
}

/**
 * Gives all files of one backtest, from the cache where they are kept there. Throws `DataFault` or
 * `UserError` on what cannot be played.
 */
export async function readRecording(
  paths: readonly string[],
  market: Market,
  options: ReadOptions,
  cache: ColumnCache | undefined,
): Promise<Recording> {
  const { cached } = await import("../data/cache.ts");
  const { isoTime } = await import("../lab/metrics.ts");
  const asked = { paths, market, options };
  const read = await cached(cache, asked, () => readColumns(asked));
  const { report } = read;
  if (report.rows === 0) {
    const rule = "must leave some rows of the data";
    throw badValue({ doing: "backtest", key: "--timerange", rule, value: span(report) });
  }
  const time = (at: DataReport["from"]) => at === undefined ? null : isoTime(at);
  const { files, rows, skipped, rounded, gaps } = report;
  return {
    source: "candles" in read
      ? { kind: "candles", candles: read.candles }
      : { kind: "tape", tape: read.tape },
    data: { files, rows, skipped, rounded, gaps, from: time(report.from), to: time(report.to) },
  };
}

async function readColumns({ paths, market, options }: Asked): Promise<ReadColumns> {
  const { detectKind, readTape } = await import("../data/tape.ts");
  const kinds: FileKind[] = [];
  for (const path of paths) kinds.push(await detectKind(path));
  refuseMixture(paths, kinds);
  const { readCandles } = await import("../data/candles.ts");
  const { readRecording } = await import("../data/recording.ts");
  const reader = { candles: readCandles, ticks: readTape, recordings: readRecording };
  return await reader[groupOf(kinds[0])](paths, market, options);
}

/** All of one group: and nothing the simulation would silently not use. */
function refuseMixture(paths: readonly string[], kinds: readonly FileKind[]): void {
  kinds.forEach((kind, i) => {
    const rule = kind === "funding"
      ? "must be candles or ticks (funding files are not played yet)"
      : groupOf(kind) !== groupOf(kinds[0])
      ? `must all be candles or all be ticks, like the first, ${kinds[0]}`
      : undefined;
    if (rule === undefined) return;
    throw badValue({ doing: "backtest", key: "--data", rule, value: `${kind} in ${paths[i]}` });
  });
  if (kinds.some((kind) => kind !== "trades")) return;
  const rule =
    "must name best bid/ask or depth beside trades, as nothing can be quoted without a book";
  throw badValue({ doing: "backtest", key: "--data", rule, value: paths.join(" ") });
}

function groupOf(kind: FileKind | undefined): "candles" | "ticks" | "recordings" {
  return kind === "klines" ? "candles" : kind === "recording" ? "recordings" : "ticks";
}

function span(report: DataReport): string {
  return `no row of ${report.files.reduce((sum, { rows }) => sum + rows, 0)}`;
}
