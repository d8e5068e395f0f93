// Backtests of a plugin: the data goes into a cell as shared memory, the whole run happens there, and
// the report comes back as text. Here it is watched, and made presentable: what a plugin named is in it.

import {
  type Check,
  count,
  list,
  number,
  plain as anObject,
  record,
  refuse,
  text,
} from "../core/shape.ts";
import type { Strategy } from "../core/strategy.ts";
import { micros, SECOND } from "../core/units.ts";
import type { BacktestOptions, BacktestResult, Source } from "../lab/backtest.ts";
import type { Report } from "../lab/report.ts";
import { synthDefaults } from "../sim/synth_options.ts";
import { Cell, PluginFault } from "./cell.ts";
import { MOST_RESULT } from "./cell_protocol.ts";
import { ExitCode, plain, UserError } from "./errors.ts";
import { describe, type Plugin, readable } from "./plugins.ts";

/** A plugin that is not asked for a plan for this long hangs, or the run does. */
const HANG_MS = 60_000;
/** What a backtest may need: all its fills and samples, and their text. */
const MOST_GROWTH = 4 * 2 ** 30;

/** Runs a backtest of the plugin, in a cell of its own. Throws `UserError` where it fails or is stopped. */
export async function cellBacktest(
  plugin: Pick<Plugin, "entry" | "granted">,
  // The strategy of the command line is the plugin seen from outside: its functions cannot be sent.
  { breathe, stop, strategy: _, ...rest }: Omit<BacktestOptions, "strategy"> & {
    readonly strategy?: Strategy;
  },
  onSaid: (line: string) => void,
): Promise<BacktestResult> {
  const { entry, granted } = plugin;
  using cell = new Cell({
    host: new URL("./cell_lab_host.ts", import.meta.url),
    files: readable(entry),
    mostAnswer: MOST_RESULT,
    onSaid,
  });
  const stopped = () => cell[Symbol.dispose]();
  stop?.addEventListener("abort", stopped, { once: true });
  try {
    if (stop?.aborted === true) stopped();
    await describe(cell, decodeURI(new URL(entry.url).pathname), entry);
    const progress = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
    const reached = new Float64Array(progress);
    const options = { ...rest, source: shared(rest.source) };
    using _ticker = breathe === undefined ? undefined : ticker(reached, rest.source, breathe);
    const started = performance.now();
    const result = await cell.ask({ kind: "backtest", options, granted, progress }, {
      ms: HANG_MS,
      growthBytes: MOST_GROWTH,
      progress: () => reached[0] ?? 0,
    });
    return timed(readResult(result), (performance.now() - started) / 1000);
  } catch (error) {
    if (stop?.aborted === true) {
      throw new UserError("Cannot finish the backtest as it was stopped", ExitCode.failure);
    }
    if (error instanceof PluginFault) throw asInProcess(error);
    throw error;
  } finally {
    stop?.removeEventListener("abort", stopped);
  }
}

/** A complaint about a setting is told like one of a built-in strategy. */
function asInProcess(error: PluginFault): Error {
  const [, complaint] = /^RangeError: (.+current value is.+)$/.exec(error.fault) ?? [];
  return complaint === undefined ? error : new RangeError(complaint);
}

/** The source with its columns in memory that two threads can see. */
function shared(source: Source): Source {
  switch (source.kind) {
    case "candles": {
      const { time, open, high, low, close, volume } = source.candles;
      const prices = { open: ints(open), high: ints(high), low: ints(low), close: ints(close) };
      const others = { time: floats(time), volume: floats(volume) };
      return { kind: "candles", candles: { ...source.candles, ...prices, ...others } };
    }
    case "tape": {
      const { kind, time, price, quantity, askPrice, askQuantity } = source.tape;
      const kinds = new Uint8Array(new SharedArrayBuffer(kind.byteLength));
      kinds.set(kind);
      const bids = { price: ints(price), quantity: ints(quantity) };
      const asks = { askPrice: ints(askPrice), askQuantity: ints(askQuantity) };
      return {
        kind: "tape",
        tape: { ...source.tape, kind: kinds, time: floats(time), ...bids, ...asks },
      };
    }
    case "sim":
      return source;
  }
}

function ints(column: Int32Array): Int32Array {
  const copy = new Int32Array(new SharedArrayBuffer(column.byteLength));
  copy.set(column);
  return copy;
}

function floats(column: Float64Array): Float64Array {
  const copy = new Float64Array(new SharedArrayBuffer(column.byteLength));
  copy.set(column);
  return copy;
}

/** Tells how far the cell is, as often as the caller wants to know. */
function ticker(
  reached: Float64Array,
  source: Source,
  { everyMs, tell }: NonNullable<BacktestOptions["breathe"]>,
): Disposable {
  const [from, to] = spanOf(source);
  const timer = setInterval(() => {
    const time = reached[0] ?? 0;
    if (time > 0) tell({ fraction: (time - from) / Math.max(1, to - from), time: micros(time) });
  }, everyMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function spanOf(source: Source): readonly [number, number] {
  if (source.kind === "sim") {
    const { start, durationSec = 0 } = { ...synthDefaults, ...source.synth };
    return [start, start + durationSec * SECOND];
  }
  const { time } = source.kind === "candles" ? source.candles : source.tape;
  return [time[0] ?? 0, time.at(-1) ?? 0];
}

const parts = {
  ...{ run: anObject, market: anObject, data: anObject, orders: anObject, ledger: anObject },
  ...{ profit: anObject, metrics: anObject, state: anObject, refusals: anObject },
  timing: record<Report["timing"]>({ events: count, seconds: number, eventsPerSecond: () => {} }),
  notes: list(text),
};
const digest: Check = (value, path) => {
  if (!/^[0-9a-f]{64}$/.test(String(value))) refuse(path, "a SHA-256", "something else");
};
const fill = { time: count, side: text, price: count, quantity: count, tag: () => {} };
const sample = { time: count, equity: number, position: number };

/** The result as the engine made it, but that a text of the plugin is one line. Throws `RangeError`. */
function readResult(value: unknown): BacktestResult;
function readResult(value: unknown): unknown {
  const result = shown(value);
  const wholes: Check = record({ ...parts, commandsDigest: digest });
  record<{ report: Check; fills: Check; equity: Check }>({
    report: wholes,
    fills: list(record(fill)),
    equity: list(record(sample)),
  })(result, "the result");
  return result;
}

/** A copy in which no text can move the cursor of a terminal. */
function shown(value: unknown): unknown {
  if (typeof value === "string") return plain(value);
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [plain(key), shown(part)]));
}

/** The clock of a cell stands still: the time is taken here. */
function timed({ report, ...result }: BacktestResult, seconds: number): BacktestResult {
  const { events } = report.timing;
  const eventsPerSecond = seconds > 0 ? Math.round(events / seconds) : null;
  return { ...result, report: { ...report, timing: { events, seconds, eventsPerSecond } } };
}
