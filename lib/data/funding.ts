// Funding files: the rate that longs paid shorts for each interval, at the interval's end.

import { assert } from "../core/assert.ts";
import { micros } from "../core/units.ts";
import { type Column, readRows } from "./csv.ts";
import { DataFault } from "./fault.ts";
import type { DataReport, FileReport, ReadOptions } from "./report.ts";
import { openSource } from "./source.ts";

/** Funding rates, ascending in time. */
export interface Funding {
  readonly length: number;
  /** In µs. */
  readonly time: Float64Array;
  /** A fraction of the notional per interval; positive: longs pay. */
  readonly rate: Float64Array;
}

/** Rates are counted in 1e-12: finer than any venue prints. */
const RATE_DECIMALS = 12;

/**
 * Reads funding files (`ts_ms,funding_rate`), in any order.
 * Throws `DataFault` on the first fault; with `errors: "skip"` only on one of a whole file.
 */
export async function readFunding(
  paths: readonly string[],
  options: ReadOptions,
): Promise<{ readonly funding: Funding; readonly report: DataReport }> {
  assert(paths.length > 0, "no funding files to read");
  const files: FileReport[] = [];
  const rates: { readonly time: number; readonly rate: number }[] = [];
  let skipped = 0;
  for (const path of paths) {
    const source = await openSource(path);
    let last = 0;
    const read = await readRows(source, COLUMNS, options.errors, (cells) => {
      const time = cells.value(0);
      if (time === last) {
        return { column: "ts_ms", rule: "must not repeat the time of the row before" };
      }
      if (time < last) return { column: "ts_ms", rule: "must not be before the row above" };
      last = time;
      rates.push({ time, rate: cells.value(1) / 10 ** RATE_DECIMALS });
      return undefined;
    });
    skipped += read.skipped;
    files.push({ path, kind: "funding", rows: read.rows, sha256: source.sha256 });
  }
  rates.sort((a, b) => a.time - b.time);
  const single = rates.filter(({ time }, index) => time !== rates[index - 1]?.time);
  if (single.length < rates.length && options.errors === "refuse") {
    throw new DataFault({ file: paths.join(", "), rule: "no time may stand in two files" });
  }
  skipped += rates.length - single.length;
  const { from, to } = options;
  const kept = single.filter(({ time }) =>
    (from === undefined || time >= from) && (to === undefined || time < to)
  );
  const first = kept[0];
  const last = kept.at(-1);
  return {
    funding: {
      length: kept.length,
      time: Float64Array.from(kept, ({ time }) => time),
      rate: Float64Array.from(kept, ({ rate }) => rate),
    },
    report: {
      files,
      rows: kept.length,
      skipped,
      rounded: 0,
      dropped: 0,
      clamped: 0,
      gaps: 0,
      from: first === undefined ? undefined : micros(first.time),
      to: last === undefined ? undefined : micros(last.time),
    },
  };
}

const COLUMNS: readonly Column[] = [
  { form: "whole", name: "ts_ms", decimals: 3 },
  { form: "signed", name: "funding_rate", decimals: RATE_DECIMALS },
];
