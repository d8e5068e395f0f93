// A market's trades from a history that is told newest first and grows at that end while it is read.
// It is read from the old end towards the new: each page must reach back to a moment whose trades are
// all in the file, and gives those up to the last moment it shows whole, a millisecond. So none is
// lost and none comes twice, though some exchanges name no trade.

import type { PastTrade } from "../backpack/wire_public.ts";
import { formatPrice, formatQuantity, type Market } from "../core/market.ts";
import { type Micros, micros } from "../core/units.ts";
import { valueOf } from "./connect.ts";
import { begun, type DownloadTerms } from "./download.ts";
import { ExitCode, UserError } from "./errors.ts";
import { patiently } from "./patience.ts";

/** Trades in one page, the most Backpack gives. */
const ROWS = 1_000;
/** Rows of a page that the next one shows again: trades of one moment, and those that came meanwhile. */
const OVERLAP = 100;
/** Pages in a row that may lie too near the present, or show nothing whole, before it is given up. */
const MOST_MISSES = 20;
/** How far back a history is looked through, in trades. */
const MOST_BACK = 2 ** 31;

/** What the exchange had. */
export interface TradesFound {
  /** Its oldest trade, where it has forgotten trades that are wanted. */
  readonly keptFrom: Micros | undefined;
}

/** Loads the trades that are not in the file yet. Throws `UserError` where the exchange gives none. */
export async function downloadTrades(terms: DownloadTerms): Promise<TradesFound> {
  const { market, to, patience } = terms;
  const { held, writer } = await begun(terms, "trades");
  using file = writer;
  const reached = held?.to ?? terms.from;
  let done = held?.to ?? terms.from - 1;
  let keptFrom: Micros | undefined;
  let back = await oldEnd(terms, done);
  let misses = 0;
  let stalls = 0;
  while (!patience.signal.aborted) {
    const page = await pageAt(terms, back);
    if (patience.signal.aborted) break;
    const { trades, isOldest } = page;
    const oldest = trades[0]?.time ?? -Infinity;
    if (!isOldest && oldest > done) {
      if (++misses > MOST_MISSES) throw tooFast(market);
      back += OVERLAP * 2 ** (misses - 1);
      continue;
    }
    misses = 0;
    if (isOldest && oldest > reached) keptFrom = trades[0]?.time;
    const newest = trades.at(-1)?.time ?? -Infinity;
    const whole = trades.filter(({ time }) =>
      time > done && time < to && (back === 0 || time < newest)
    );
    for (const trade of whole) file.row(lineOf(market, trade));
    file.commit();
    const last = whole.at(-1)?.time;
    if (back === 0 || newest >= to) break;
    stalls = last === undefined && newest > done ? stalls + 1 : 0;
    if (stalls > MOST_MISSES) throw tooFast(market);
    done = last ?? done;
    terms.onPage({ fraction: (done - terms.from) / (to - terms.from), time: micros(done) });
    back = Math.max(0, back - (ROWS - OVERLAP));
  }
  return { keptFrom };
}

interface TradesPage {
  /** Oldest first. */
  readonly trades: readonly PastTrade[];
  /** Nothing older is kept by the exchange. */
  readonly isOldest: boolean;
}

async function pageAt(
  { connection, market, patience }: DownloadTerms,
  offset: number,
): Promise<TradesPage> {
  const { rest, urls } = connection;
  const reply = await patiently(
    patience,
    () => rest.tradeHistory(market, { limit: ROWS, offset }, patience.signal),
  );
  if (patience.signal.aborted) return { trades: [], isOldest: true };
  const rows = valueOf(reply, `load trades of ${market.symbol}`, urls);
  // Rows of one moment stand in the order of their numbers, or else as the page has them, reversed.
  const trades = rows.toReversed().sort((a, b) =>
    a.time - b.time || (a.tradeId ?? 0) - (b.tradeId ?? 0)
  );
  return { trades, isOldest: rows.length < ROWS };
}

/** How many trades to leave out so that a page reaches back to `done`, to within a page. */
async function oldEnd(terms: DownloadTerms, done: number): Promise<number> {
  const reaches = async (offset: number) => {
    const { trades, isOldest } = await pageAt(terms, offset);
    return isOldest || (trades[0]?.time ?? -Infinity) <= done;
  };
  let [near, far] = [0, 0];
  while (far < MOST_BACK && !await reaches(far)) {
    near = far;
    far = far === 0 ? ROWS : far * 2;
  }
  while (far - near > ROWS) {
    const middle = Math.floor((near + far) / 2);
    if (await reaches(middle)) far = middle;
    else near = middle;
  }
  return far;
}

function lineOf(market: Market, { time, price, quantity, aggressor }: PastTrade): string {
  const side = aggressor === "bid" ? "buy" : "sell";
  return `${time},${formatPrice(market, price)},${formatQuantity(market, quantity)},${side}`;
}

function tooFast(market: Market): UserError {
  return new UserError(
    `Cannot load trades of ${market.symbol} as more come at a time than one request shows`,
    ExitCode.failure,
  );
}
