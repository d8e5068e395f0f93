// `data`: market data in the data folder. Loaded from the exchange, taken over from other programs,
// recorded as it happens, and listed; every file can be given to `backtest --data`.

import type { Market } from "../../core/market.ts";
import { type Micros, micros, MILLISECOND, SECOND } from "../../core/units.ts";
import type { Holding } from "../../data/inventory.ts";
import { connect, type Connection, marketOf } from "../connect.ts";
import { type Found, holdings, marketFolder, openMarketFolder } from "../data_folder.ts";
import type { DownloadTerms } from "../download.ts";
import { openDownloadLine } from "../download_line.ts";
import { parseDuration, parseTimeRange, showTime } from "../duration.ts";
import { exists } from "../environment.ts";
import { badValue, ExitCode, UserError } from "../errors.ts";
import { choiceFlag } from "../flags.ts";
import { print, type Shell, warn } from "../shell.ts";
import { listenForStop } from "../stop.ts";
import { table } from "../table.ts";
import { exchangeUrls, type UrlFlags } from "../urls.ts";
import { wallClock } from "../wall.ts";

/** Flags of all of them, and of `data list`. */
export interface DataFlags {
  readonly dataDir: string;
  readonly json?: true;
}

/** Flags of `data download`. */
export interface DownloadFlags extends DataFlags, UrlFlags {
  readonly market: string;
  readonly timerange: string;
  /** Candles of this length; without it and without `trades`, of a minute. */
  readonly interval?: string;
  readonly trades?: true;
}

/** Flags of `data import`. */
export interface DataImportFlags extends DataFlags {
  readonly market?: string;
  readonly force?: true;
}

/** Flags of `data record`. */
export interface RecordFlags extends DataFlags, UrlFlags {
  readonly market: string;
  readonly duration: string;
}

/** Trades of the last moment may still be on their way into the history. */
const SETTLED_US = SECOND;

/** Loads a market's past from the exchange, or what is missing of it, and gives the exit code. */
export async function downloadCommand(flags: DownloadFlags, shell: Shell): Promise<number> {
  const { downloadKlines, intervals } = await import("../download.ts");
  const { downloadTrades } = await import("../download_trades.ts");
  const { timerange } = flags;
  const { from, to } = parseTimeRange(timerange);
  if (from === undefined) {
    const rule = "must say where it begins, like 20250101- or 20250101-20250401";
    throw badValue({ doing: "download", key: "--timerange", rule, value: timerange });
  }
  const wanted = flags.interval ?? (flags.trades ? undefined : "1m");
  const names = Object.keys(intervals).filter((name) => isKeyOf(intervals, name));
  const interval = wanted === undefined ? undefined : choiceFlag("--interval", wanted, names);
  const urls = exchangeUrls(flags, shell);
  using stop = listenForStop(() => {});
  using connection = connect(urls, undefined);
  const market = await marketOf(connection, flags.market, stop.signal);
  const now = await exchangeTime(connection, stop.signal);
  const end = micros(Math.min(to ?? Infinity, now - SETTLED_US));
  if (from >= end) {
    const rule = "must begin in the past";
    throw badValue({ doing: "download", key: "--timerange", rule, value: timerange });
  }
  const folder = openMarketFolder(flags.dataDir);
  const loaded: Holding[] = [];
  const load = async (kind: string, by: (terms: DownloadTerms) => Promise<void>) => {
    const name = `${market.symbol}-${kind}-${timerange}`;
    const path = `${folder}/${name}.csv.gz`;
    using line = openDownloadLine(shell, name);
    const { limiter } = connection;
    const onWait = (reason: string) => line.wait(reason);
    const patience = {
      ...{ limiter, clock: wallClock, signal: stop.signal, random: Math.random, onWait },
    };
    const terms = { connection, market, from, to: end, path, patience, onPage: line.tell };
    await by(terms);
    line[Symbol.dispose]();
    const holding = await heldIn(path);
    if (stop.signal.aborted) throw unfinished(holding);
    if (holding === undefined) throw nothing(market, kind, timerange);
    loaded.push(holding);
  };
  if (interval !== undefined) await load(interval, (terms) => downloadKlines(terms, interval));
  if (flags.trades) {
    await load("trades", async (terms) => {
      const { keptFrom } = await downloadTrades(terms);
      if (keptFrom === undefined) return;
      warn(shell, `The exchange has no trades before ${showTime(keptFrom)} UTC`);
    });
  }
  show(shell, flags, loaded.map((holding) => ({ kind: "holding", holding })));
  return ExitCode.done;
}

/** Takes over files of other programs and gives the exit code. */
export async function dataImportCommand(
  files: readonly string[],
  flags: DataImportFlags,
  shell: Shell,
): Promise<number> {
  const { importFile } = await import("../../data/import_file.ts");
  const { holdingOf } = await import("../../data/inventory.ts");
  const folder = openMarketFolder(flags.dataDir);
  const targets = new Map<string, string>();
  for (const file of files) {
    const target = `${folder}/${importedName(file, flags.market)}.csv.gz`;
    const other = targets.get(target);
    const key = `the name of "${file}"`;
    if (other !== undefined) {
      const rule = `must not lead to the same file as "${other}"`;
      throw badValue({ doing: "import", key, rule, value: target });
    }
    if (!flags.force && exists(target)) {
      const rule = "must lead to a file that is not there yet (--force overwrites)";
      throw badValue({ doing: "import", key, rule, value: target });
    }
    targets.set(target, file);
  }
  const found: Found[] = [];
  for (const [target, file] of targets) {
    const { late, repeated } = await importFile(file, target);
    if (late > 0) warn(shell, `${file}: ${late} rows out of order, each given the time before it`);
    if (repeated > 0) warn(shell, `${file}: ${repeated} candles stood there twice`);
    found.push({ kind: "holding", holding: await holdingOf(target) });
  }
  show(shell, flags, found);
  return ExitCode.done;
}

/** Lists the market data there is and gives the exit code: 1 where a file is broken. */
export async function dataListCommand(flags: DataFlags, shell: Shell): Promise<number> {
  const folder = marketFolder(flags.dataDir);
  const found = await holdings(folder);
  if (found.length === 0 && !flags.json) print(shell, `No market data in ${folder}`);
  else show(shell, flags, found);
  return found.some(({ kind }) => kind === "fault") ? ExitCode.failure : ExitCode.done;
}

/** Records a market until the time is over or Ctrl+C, and gives the exit code. */
export async function recordCommand(flags: RecordFlags, shell: Shell): Promise<number> {
  const { record } = await import("../record.ts");
  const durationSec = parseDuration("--duration", flags.duration);
  const urls = exchangeUrls(flags, shell);
  using stop = listenForStop(() => {});
  using connection = connect(urls, undefined);
  const market = await marketOf(connection, flags.market, stop.signal);
  const folder = openMarketFolder(flags.dataDir);
  warn(shell, `Recording ${market.symbol} to ${folder}; Ctrl+C ends it`);
  const recorded = await record({
    ...{ connection, market, folder, durationSec, clock: wallClock, signal: stop.signal },
    localMs: () => performance.timeOrigin + performance.now(),
    random: Math.random,
    onNote: (text) => warn(shell, text),
  });
  if (flags.json) print(shell, JSON.stringify(recorded, null, 2));
  else {
    const { frames, snapshots, reconnects, unreadable, paths } = recorded;
    print(
      shell,
      table([
        ["frames", String(frames)],
        ["whole books", String(snapshots)],
        ["reconnects", String(reconnects)],
        ["not readable", String(unreadable)],
        ...paths.map((path) => ["file", path]),
      ]),
    );
  }
  return ExitCode.done;
}

function isKeyOf<T extends object>(all: T, name: string): name is Extract<keyof T, string> {
  return Object.hasOwn(all, name);
}

async function exchangeTime({ clock, rest }: Connection, signal: AbortSignal): Promise<Micros> {
  await clock.measure(() => rest.time(signal), signal);
  return micros(clock.nowMs() * MILLISECOND);
}

async function heldIn(path: string): Promise<Holding | undefined> {
  const { holdingOf } = await import("../../data/inventory.ts");
  return exists(path) ? await holdingOf(path) : undefined;
}

function unfinished(holding: Holding | undefined): UserError {
  const kept = holding === undefined
    ? "nothing was loaded yet"
    : `${holding.rows} rows up to ${showTime(holding.to)} are kept`;
  return new UserError(
    `Cannot finish the download as it was stopped: ${kept}, the same command continues`,
    ExitCode.failure,
  );
}

function nothing({ symbol }: Market, kind: string, timerange: string): UserError {
  const what = kind === "trades" ? "trades" : `candles of ${kind}`;
  return new UserError(
    `Cannot download ${what} of ${symbol} as the exchange has none in ${timerange}`,
    ExitCode.failure,
  );
}

/** `SOLUSDT-1m-2025-01` of `…/SOLUSDT-1m-2025-01.zip`, or with another market in front. */
function importedName(file: string, market: string | undefined): string {
  const name = file.slice(file.lastIndexOf("/") + 1)
    .replace(/\.(gz|zip)$/i, "").replace(/\.(json|csv)$/i, "");
  if (market === undefined) return name;
  const dash = name.indexOf("-");
  return `${market}-${dash < 0 ? name : name.slice(dash + 1)}`;
}

function show(shell: Shell, { json }: DataFlags, found: readonly Found[]): void {
  if (json) return print(shell, JSON.stringify(found.map(jsonOf), null, 2));
  const held = found.filter((one) => one.kind === "holding").map(({ holding }) => holding);
  const head = ["kind", "market", "from (UTC)", "to (UTC)", "rows", "gaps", "file"];
  if (held.length > 0) print(shell, table([head, ...held.map(rowOf)]));
  for (const one of found) if (one.kind === "fault") warn(shell, one.fault);
}

function rowOf({ kind, market, from, to, rows, gaps, path }: Holding): string[] {
  const count = gaps === undefined ? "-" : String(gaps);
  return [kind, market ?? "-", showTime(from), showTime(to), String(rows), count, path];
}

function jsonOf(found: Found) {
  if (found.kind === "fault") return { path: found.path, fault: found.fault };
  const { path, kind, market, rows, from, to, gaps } = found.holding;
  const times = { from: isoTime(from), to: isoTime(to) };
  return { path, kind, market: market ?? null, ...times, rows, gaps: gaps ?? null };
}

function isoTime(time: Micros): string {
  return new Date(Math.floor(time / MILLISECOND)).toISOString();
}
