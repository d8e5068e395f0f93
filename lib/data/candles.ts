// Candle files into one row of bars. Prices between two ticks are moved inward (high down, low up):
// a backtest must never fill at a price that was not traded. Files may be given in any order; a
// missing bar is counted and left missing, it is not painted over with a flat one.

import { assert } from "../core/assert.ts";
import type { Candles } from "../core/columns.ts";
import type { Market } from "../core/market.ts";
import { micros, SECOND } from "../core/units.ts";
import { BarRows } from "./bars.ts";
import { type Cells, type Flaw, readRows } from "./csv.ts";
import { DataFault } from "./fault.ts";
import { Grid, tickRule } from "./grid.ts";
import type { DataReport, FileReport, OnError, ReadOptions } from "./report.ts";
import { openSource } from "./source.ts";

/**
 * Reads klines files (`ts_ms,open,high,low,close,volume`; volume in base) as ticks and lots of
 * `market`. The bar length is the most common step between rows.
 * Throws `DataFault` on the first fault; with `errors: "skip"` only on one of a whole file.
 */
export async function readCandles(
  paths: readonly string[],
  market: Market,
  options: ReadOptions,
): Promise<{ readonly candles: Candles; readonly report: DataReport }> {
  assert(paths.length > 0, "no candle files to read");
  const grid = new Grid(market);
  const files: FileBars[] = [];
  for (const path of paths) files.push(await readFile(path, grid, options.errors));
  const reports = files.map((file) => file.report);
  files.sort((a, b) => a.bars.start - b.bars.start);
  const step = commonStep(files);
  const { bars, overlapping } = join(files, step, options.errors);
  const candles = bars.toCandles(step / SECOND, options);
  const first = candles.time[0];
  const last = candles.time[candles.length - 1];
  return {
    candles,
    report: {
      files: reports,
      rows: candles.length,
      skipped: files.reduce((sum, file) => sum + file.skipped, overlapping),
      rounded: grid.rounded,
      dropped: 0,
      clamped: grid.clamped,
      gaps: first === undefined || last === undefined
        ? 0
        : (last - first) / step + 1 - candles.length,
      from: first === undefined ? undefined : micros(first),
      to: last === undefined ? undefined : micros(last),
    },
  };
}

interface FileBars {
  readonly bars: BarRows;
  readonly skipped: number;
  readonly report: FileReport;
}

const [TIME, OPEN, HIGH, LOW, CLOSE, VOLUME] = [0, 1, 2, 3, 4, 5] as const;

async function readFile(path: string, grid: Grid, errors: OnError): Promise<FileBars> {
  const source = await openSource(path);
  const bars = new BarRows();
  const columns = [
    { form: "whole" as const, name: "ts_ms", decimals: 3 },
    ...["open", "high", "low", "close"].map((name) => grid.priceColumn(name)),
    grid.quantityColumn("volume"),
  ];
  const { rows, skipped } = await readRows(source, columns, errors, (cells) => {
    return impossible(cells, bars.end) ?? take(cells, grid, bars);
  });
  if (bars.length === 0) throw new DataFault({ file: path, rule: "the file must have a good row" });
  return { bars, skipped, report: { path, kind: "klines", rows, sha256: source.sha256 } };
}

function impossible(cells: Cells, end: number): Flaw | undefined {
  const time = cells.value(TIME);
  if (time === end) return { column: "ts_ms", rule: "must not repeat the time of the row before" };
  if (time < end) return { column: "ts_ms", rule: "must not be before the row above" };
  const low = cells.value(LOW);
  const high = cells.value(HIGH);
  const open = cells.value(OPEN);
  const close = cells.value(CLOSE);
  // Prices of zero would pass for an empty bar; negative ones never get here.
  if (low === 0 && cells.cut(LOW) === 0) return { column: "low", rule: "must be above zero" };
  if (high < low) return { column: "high", rule: "must be at least low" };
  if (open < low || open > high) return { column: "open", rule: "must be within low and high" };
  if (close < low || close > high) return { column: "close", rule: "must be within low and high" };
  return undefined;
}

function take(cells: Cells, grid: Grid, bars: BarRows): Flaw | undefined {
  let high = grid.down(cells, HIGH);
  let low = grid.up(cells, LOW);
  const open = grid.nearest(cells, OPEN);
  const close = grid.nearest(cells, CLOSE);
  // The whole bar lies between two ticks: it becomes one price.
  if (low > high) low = high = close;
  const rule = tickRule(low) ?? tickRule(high);
  if (rule !== undefined) return { column: "close", rule };
  bars.add({
    line: cells.line,
    time: cells.value(TIME),
    open: Math.min(Math.max(open, low), high),
    high,
    low,
    close: Math.min(Math.max(close, low), high),
    volume: grid.volume(cells, VOLUME),
  });
  return undefined;
}

/** The most common step between neighbours, in µs; the shorter of two. */
function commonStep(files: readonly FileBars[]): number {
  const counts = new Map<number, number>();
  for (const { bars } of files) bars.countSteps(counts);
  let best = 0;
  let most = 0;
  for (const [step, count] of counts) {
    if (count > most || (count === most && step < best)) [best, most] = [step, count];
  }
  const file = files.map(({ report }) => report.path).join(", ");
  if (best === 0) throw new DataFault({ file, rule: "two bars are needed to know their length" });
  if (best % SECOND === 0) return best;
  throw new DataFault({
    file,
    column: "ts_ms",
    rule: "must step by whole seconds",
    value: `${best / SECOND} s`,
  });
}

/** All bars in one, those that overlap or stand off the grid of bars refused or left out. */
function join(
  files: readonly FileBars[],
  step: number,
  errors: OnError,
): { readonly bars: BarRows; readonly overlapping: number } {
  const bars = new BarRows();
  let overlapping = 0;
  for (const { bars: part, report } of files) {
    for (let row = 0; row < part.length; row++) {
      const bar = part.at(row);
      if (bars.length === 0 || (bar.time > bars.end && (bar.time - bars.end) % step === 0)) {
        bars.add(bar);
      } else if (errors === "skip") overlapping++;
      else {
        throw new DataFault({
          file: report.path,
          row: bar.line,
          column: "ts_ms",
          rule: bar.time > bars.end
            ? `must be a whole number of ${step / SECOND} s bars after the one before`
            : "must be after the bars of the file before",
          value: String(bar.time / 1000),
        });
      }
    }
  }
  return { bars, overlapping };
}
