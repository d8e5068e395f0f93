// What a recorded file holds, told without its market: kind, first and last time, rows, and the bars
// that are missing. Prices and quantities are not looked at, which needs a market and is done when the
// file is played.

import { type Micros, micros } from "../core/units.ts";
import { type Column, readRows } from "./csv.ts";
import { DataFault } from "./fault.ts";
import { LATE, TIME_COLUMN } from "./fields.ts";
import { jsonOf, readLines } from "./lines.ts";
import type { FileKind } from "./report.ts";
import { openSource } from "./source.ts";
import { detectKind } from "./tape.ts";

/** One file. */
export interface Holding {
  readonly path: string;
  readonly kind: FileKind;
  /** Undefined where the file does not say. */
  readonly market: string | undefined;
  readonly rows: number;
  readonly from: Micros;
  readonly to: Micros;
  /** Candles only: bars that are missing between the first and the last. */
  readonly gaps: number | undefined;
  /** Candles only, and from two on: the time from one to the next. */
  readonly step: Micros | undefined;
}

/** Looks through a file. Throws `DataFault` on one that is not a recording, or is broken. */
export async function holdingOf(path: string): Promise<Holding> {
  const kind = await detectKind(path);
  return kind === "recording" ? await recordingOf(path) : await rowsOf(path, kind);
}

const TIME_MS: Column = { form: "whole", name: "ts_ms", decimals: 3 };

async function rowsOf(path: string, kind: FileKind): Promise<Holding> {
  const isInMs = kind === "klines" || kind === "funding";
  const steps = new Map<number, number>();
  let [first, last]: [number | undefined, number] = [undefined, 0];
  const source = await openSource(path);
  const { rows } = await readRows(source, [isInMs ? TIME_MS : TIME_COLUMN], "refuse", (cells) => {
    const time = cells.value(0);
    // A snapshot may be stamped before the changes that it came behind.
    if (time < last && kind !== "depth") return { ...LATE, column: isInMs ? "ts_ms" : "ts_us" };
    if (kind === "klines" && first !== undefined) {
      steps.set(time - last, (steps.get(time - last) ?? 0) + 1);
    }
    first ??= time;
    last = Math.max(last, time);
    return undefined;
  });
  const from = first ?? last;
  const step = kind === "klines" ? commonest(steps) : undefined;
  return {
    path,
    kind,
    market: marketIn(path),
    rows,
    from: micros(from),
    to: micros(last),
    gaps: kind !== "klines"
      ? undefined
      : step === undefined
      ? 0
      : Math.max(0, Math.round((last - from) / step) + 1 - rows),
    step: step === undefined ? undefined : micros(step),
  };
}

/** The commonest step above zero; the shorter of two. */
function commonest(steps: ReadonlyMap<number, number>): number | undefined {
  let best: number | undefined;
  let most = 0;
  for (const [step, count] of steps) {
    if (step > 0 && (count > most || (count === most && step < (best ?? Infinity)))) {
      [best, most] = [step, count];
    }
  }
  return best;
}

/** Files are named after their market: `SOL_USDC_PERP-1m-….csv.gz`. */
function marketIn(path: string): string | undefined {
  return /^([A-Za-z0-9._]+)-/.exec(path.slice(path.lastIndexOf("/") + 1))?.[1];
}

async function recordingOf(path: string): Promise<Holding> {
  let market: string | undefined;
  let [first, last]: [number | undefined, number] = [undefined, 0];
  const { rows } = await readLines(path, (text, row) => {
    if (row === 1) market = symbolOf(jsonOf(text));
    // Every line but the first has the time it came; the rest of it is not looked at.
    const at = Number(/"at"\s*:\s*(\d{1,16})/.exec(text)?.[1]);
    if (!Number.isFinite(at)) return;
    first ??= at;
    last = Math.max(last, at);
  });
  if (first === undefined) {
    throw new DataFault({ file: path, rule: "the recording must hold a line below its first" });
  }
  const [from, to] = [micros(first), micros(last)];
  return {
    path,
    kind: "recording",
    market,
    rows: rows - 1,
    from,
    to,
    gaps: undefined,
    step: undefined,
  };
}

function symbolOf(header: unknown): string | undefined {
  if (typeof header !== "object" || header === null || !("symbol" in header)) return undefined;
  return typeof header.symbol === "string" ? header.symbol : undefined;
}
