// A market's past in a file, page by page, oldest first. Each page is in the file whole before the
// next is asked for, so that a download that ends early is continued by the same command.

import type { Rest } from "../backpack/rest.ts";
import type { Interval, KlinesOptions } from "../backpack/rest_public.ts";
import type { Bar } from "../backpack/wire_bar.ts";
import { formatPrice, formatQuantity, type Market } from "../core/market.ts";
import { type Micros, micros, MILLISECOND, SECOND } from "../core/units.ts";
import { CsvWriter } from "../data/csv_writer.ts";
import { candleLine, importedHeaders } from "../data/imported.ts";
import { type Holding, holdingOf } from "../data/inventory.ts";
import { valueOf } from "./connect.ts";
import { exists } from "./environment.ts";
import { badValue } from "./errors.ts";
import { type PatienceTerms, patiently } from "./patience.ts";
import type { Urls } from "./urls.ts";

/** A stretch of a market's past, and the file it goes to. */
export interface DownloadTerms {
  readonly connection: {
    readonly rest: Pick<Rest, "klines" | "tradeHistory">;
    readonly urls: Urls;
  };
  readonly market: Market;
  /** The first instant wanted. */
  readonly from: Micros;
  /** The first instant not wanted; never in the future. */
  readonly to: Micros;
  readonly path: string;
  readonly patience: PatienceTerms;
  /** Told after each page: how far it is, and where. */
  onPage(progress: { readonly fraction: number; readonly time: Micros }): void;
}

/** Lengths of candles that a file can hold: a month has no length. */
export const intervals = {
  ...{ "1s": 1, "1m": 60, "3m": 180, "5m": 300, "15m": 900, "30m": 1_800 },
  ...{ "1h": 3_600, "2h": 7_200, "4h": 14_400, "6h": 21_600, "8h": 28_800, "12h": 43_200 },
  ...{ "1d": 86_400, "3d": 259_200, "1w": 604_800 },
} as const satisfies { readonly [I in Exclude<Interval, "1month">]: number };

/** Candles asked for at once. */
const BARS_PER_PAGE = 1_000;

/** Loads the candles that are not in the file yet. Throws `UserError` where the exchange gives none. */
export async function downloadKlines(
  terms: DownloadTerms,
  interval: keyof typeof intervals,
): Promise<void> {
  const { market, to, patience } = terms;
  const step = intervals[interval] * SECOND;
  const { held, writer } = await begun(terms, "klines");
  refuseOthers(terms, held, interval);
  using file = writer;
  let next = held === undefined ? terms.from : micros(held.to + step);
  while (next + step <= to && !patience.signal.aborted) {
    const until = micros(Math.min(to, next + BARS_PER_PAGE * step));
    const page = await barsOf(terms, { interval, from: next, to: until });
    if (page === undefined) return;
    // The last one may be running still.
    const bars = page.filter(({ end }) => end <= to);
    for (const bar of bars) {
      if (bar.prices !== undefined) file.row(lineOf(market, bar, bar.prices));
    }
    file.commit();
    // An exchange that gives fewer than were asked for goes on where it stopped.
    next = bars.at(-1)?.end ?? until;
    if (!bars.some(hasTraded)) next = await nextTraded(terms, next, step);
    terms.onPage({ fraction: (next - terms.from) / (to - terms.from), time: next });
  }
}

/** One page of candles, or undefined where it was stopped. */
async function barsOf(
  { connection: { rest, urls }, market, patience }: DownloadTerms,
  wanted: Required<KlinesOptions>,
): Promise<readonly Bar[] | undefined> {
  const { signal } = patience;
  const reply = await patiently(patience, () => rest.klines(market, wanted, signal));
  if (signal.aborted) return undefined;
  // Whether the ends of what is asked for are included is not documented.
  return valueOf(reply, `load candles of ${market.symbol}`, urls)
    .filter(({ start }) => start >= wanted.from && start < wanted.to);
}

/**
 * From when on there are trades again, looked for by days and then by hours: a market that is a month
 * old must not be asked for every second of the years before it.
 */
async function nextTraded(terms: DownloadTerms, from: Micros, step: number): Promise<Micros> {
  let found = from;
  for (const interval of ["1d", "1h"] as const) {
    if (step < intervals[interval] * SECOND) found = await firstTraded(terms, found, interval);
  }
  return found;
}

async function firstTraded(
  terms: DownloadTerms,
  from: Micros,
  interval: "1d" | "1h",
): Promise<Micros> {
  const length = intervals[interval] * SECOND;
  let at = micros(Math.floor(from / length) * length);
  while (from < terms.to && at < terms.to) {
    const until = micros(at + BARS_PER_PAGE * length);
    const bars = await barsOf(terms, { interval, from: at, to: until });
    if (bars === undefined) return from;
    const traded = bars.find(hasTraded);
    if (traded !== undefined) return micros(Math.max(from, traded.start));
    at = bars.at(-1)?.end ?? until;
  }
  return terms.to;
}

function hasTraded({ prices }: Bar): boolean {
  return prices !== undefined;
}

function refuseOthers(
  { path }: DownloadTerms,
  held: Holding | undefined,
  interval: keyof typeof intervals,
): void {
  const step = held?.step;
  if (step === undefined || step === intervals[interval] * SECOND) return;
  const rule = `must hold candles of ${interval}`;
  const value = `${step / SECOND} s`;
  throw badValue({ doing: "continue the download", key: `"${path}"`, rule, value });
}

function lineOf(market: Market, bar: Bar, prices: NonNullable<Bar["prices"]>): string {
  return candleLine(bar.start / MILLISECOND, {
    open: formatPrice(market, prices.open),
    high: formatPrice(market, prices.high),
    low: formatPrice(market, prices.low),
    close: formatPrice(market, prices.close),
    volume: formatQuantity(market, bar.volume),
  });
}

/** The file as an earlier download left it, and what writes behind that. */
export async function begun(
  { path }: DownloadTerms,
  kind: "klines" | "trades",
): Promise<{ readonly held: Holding | undefined; readonly writer: CsvWriter }> {
  const held = exists(path) ? await holdingOf(path) : undefined;
  if (held !== undefined && held.kind !== kind) {
    const rule = `must hold ${kind}`;
    throw badValue({ doing: "continue the download", key: `"${path}"`, rule, value: held.kind });
  }
  const begins = held === undefined ? "anew" : "behind";
  return { held, writer: new CsvWriter({ path, header: importedHeaders[kind], begins }) };
}
