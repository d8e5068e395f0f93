// The recorded files of a backtest, told apart by their headers: candles or ticks, not both, since
// a candle already holds the ticks of its time.

import type { Candles, Tape } from "../core/columns.ts";
import type { Market } from "../core/market.ts";
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

/** Reads all files of one backtest. Throws `DataFault` or `UserError` on what cannot be played. */
export async function readRecording(
  paths: readonly string[],
  market: Market,
  options: ReadOptions,
): Promise<Recording> {
  const { detectKind, readTape } = await import("../data/tape.ts");
  const kinds: FileKind[] = [];
  for (const path of paths) kinds.push(await detectKind(path));
  const candles = kinds.every((kind) => kind === "klines");
  refuseMixture(paths, kinds);
  const { readCandles } = await import("../data/candles.ts");
  const { isoTime } = await import("../lab/metrics.ts");
  const read = candles
    ? await readCandles(paths, market, options)
    : await readTape(paths, market, options);
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

/** All candles, or none: and nothing the simulation would silently not use. */
function refuseMixture(paths: readonly string[], kinds: readonly FileKind[]): void {
  kinds.forEach((kind, i) => {
    const rule = kind === "funding"
      ? "must be candles or ticks (funding files are not played yet)"
      : kind === "klines" && kinds[0] !== "klines" || kind !== "klines" && kinds[0] === "klines"
      ? `must all be candles or all be ticks, like the first, ${kinds[0]}`
      : undefined;
    if (rule === undefined) return;
    throw badValue({ doing: "backtest", key: "--data", rule, value: `${kind} in ${paths[i]}` });
  });
}

function span(report: DataReport): string {
  return `no row of ${report.files.reduce((sum, { rows }) => sum + rows, 0)}`;
}
