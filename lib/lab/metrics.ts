// What a run achieved, from its equity over time and its fills. Ratios are floats with the unit in
// the key, money is a decimal string, and what cannot be known is null: a Sharpe ratio over nine
// hours or a win rate of no round trips would be read as a fact if it were printed as 0.

import { formatDecimal } from "../core/decimal.ts";
import { formatCash, formatQuantity, type Market, notional } from "../core/market.ts";
import type { Side } from "../core/strategy.ts";
import { type Base, type Cash, cash, COIN, COIN_DECIMALS } from "../core/units.ts";
import { type Lots, lots, type Micros, type Ticks } from "../core/units.ts";
import { feeInQuote, type RoundTrip, roundTrips } from "./pairs.ts";
import { type Curve, daysOf, growthPct, longestUnderwaterSec, ratiosOf } from "./returns.ts";

/** The state of a run at one moment. */
export interface EquitySample {
  readonly time: Micros;
  readonly equity: Cash;
  readonly position: Lots;
}

/** One fill of the run. */
export interface FillRow {
  readonly time: Micros;
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly maker: boolean;
  /** Charged in quote currency, negative = rebate; zero where the fee is in base. */
  readonly fee: Cash;
  /** Charged in base currency (spot bids). */
  readonly feeBase: Base;
  readonly tag?: string;
  readonly positionAfter: Lots;
  /** Realised by this fill, before its fee. */
  readonly realised: Cash;
}

/** What `measure` reads. */
export interface Measured {
  readonly market: Market;
  /** Equity before anything happened. */
  readonly capital: Cash;
  /** Ascending in time. The first is the state before the first fill, the last the end of the run. */
  readonly samples: readonly EquitySample[];
  readonly fills: readonly FillRow[];
  /** The deepest fall from a peak, which samples may have missed. A fraction of the peak. */
  readonly maxDrawdown: {
    readonly cash: Cash;
    readonly fraction: number;
    readonly from: Micros;
    readonly to: Micros;
  };
  /** Mid of the first and the last moment, in ticks, may be half a tick. Not above zero = unknown. */
  readonly firstMid: number;
  readonly lastMid: number;
}

/** Money is in quote currency, positions in base. null = not known, or not defined. */
export interface Metrics extends Curve {
  readonly netPnl: string | null;
  /** Of capital. */
  readonly returnPct: number | null;
  readonly maxDrawdown: string;
  /** Of the peak it fell from. */
  readonly maxDrawdownPct: number;
  readonly drawdownFrom: string | null;
  readonly drawdownTo: string | null;
  /** cagrPct / maxDrawdownPct. */
  readonly calmar: number | null;
  readonly roundTrips: number;
  /** Round trips with a profit after fees. */
  readonly winRatePct: number | null;
  /** Profits / losses of round trips after fees; null without a loss. */
  readonly profitFactor: number | null;
  /** Mean of a round trip after fees, rounded down. */
  readonly expectancy: string | null;
  readonly maxConsecutiveWins: number;
  readonly maxConsecutiveLosses: number;
  readonly fills: number;
  /** Of volume. */
  readonly makerSharePct: number | null;
  readonly volumeQuote: string;
  /** Volume / capital. */
  readonly turnover: number | null;
  /** A fee in base counts at the price of its fill. Negative = rebates. */
  readonly fees: string;
  readonly minPosition: string | null;
  readonly maxPosition: string | null;
  readonly marketChangePct: number | null;
}

/** Measures a run. Throws `Bug` where a fill is charged in two currencies. */
export function measure(run: Measured): Metrics {
  const { market, capital, samples, fills, maxDrawdown } = run;
  const trips = roundTrips(market, fills, openingOf(run));
  const end = samples.at(-1)?.equity;
  const cagrPct = growthPct(samples, capital);
  const maxDrawdownPct = maxDrawdown.fraction * 100;
  const fell = maxDrawdown.cash > 0;
  return {
    netPnl: end === undefined ? null : formatCash(cash(end - capital)),
    returnPct: end === undefined || capital <= 0 ? null : ((end - capital) / capital) * 100,
    cagrPct,
    maxDrawdown: formatCash(maxDrawdown.cash),
    maxDrawdownPct,
    drawdownFrom: fell ? isoTime(maxDrawdown.from) : null,
    drawdownTo: fell ? isoTime(maxDrawdown.to) : null,
    longestUnderwaterSec: longestUnderwaterSec(samples),
    ...ratiosOf(samples),
    calmar: cagrPct === null || maxDrawdownPct === 0 ? null : cagrPct / maxDrawdownPct,
    ...daysOf(samples, capital),
    ...tripsOf(trips),
    ...volumesOf(market, fills, capital),
    ...inventoryOf(market, samples, fills),
    marketChangePct: run.firstMid > 0 && run.lastMid > 0
      ? (run.lastMid / run.firstMid - 1) * 100
      : null,
  };
}

/** The inventory at the first sample, as `roundTrips` wants it; undefined when flat or unknown. */
export function openingOf(run: Pick<Measured, "samples" | "firstMid">) {
  const first = run.samples[0];
  if (first === undefined || first.position === 0 || !(run.firstMid > 0)) return undefined;
  return { time: first.time, position: first.position, midTicks: run.firstMid };
}

/** A time as 2025-01-31T12:00:00.000000Z. */
export function isoTime(time: Micros): string {
  const text = new Date(Math.floor(time / 1000)).toISOString();
  return `${text.slice(0, -1)}${String(time % 1000).padStart(3, "0")}Z`;
}

/** A volume in 1e-8 of quote currency as a decimal string: it may pass what a number counts exactly. */
export function volumeText(volume: bigint): string {
  const rest = formatDecimal(Number(volume % BigInt(COIN)), COIN_DECIMALS);
  return `${volume / BigInt(COIN)}${rest.slice(1)}`;
}

type Trips = Pick<
  Metrics,
  | "roundTrips"
  | "winRatePct"
  | "profitFactor"
  | "expectancy"
  | "maxConsecutiveWins"
  | "maxConsecutiveLosses"
>;

function tripsOf(trips: readonly RoundTrip[]): Trips {
  const nets = trips.map((trip) => trip.net);
  const won = nets.reduce((sum, net) => sum + Math.max(net, 0), 0);
  const lost = nets.reduce((sum, net) => sum - Math.min(net, 0), 0);
  const none = nets.length === 0;
  return {
    roundTrips: nets.length,
    winRatePct: none ? null : (nets.filter((net) => net > 0).length / nets.length) * 100,
    profitFactor: lost === 0 ? null : won / lost,
    expectancy: none ? null : formatCash(cash(Math.floor((won - lost) / nets.length))),
    maxConsecutiveWins: longestRow(nets, (net) => net > 0),
    maxConsecutiveLosses: longestRow(nets, (net) => net < 0),
  };
}

function longestRow(nets: readonly Cash[], counts: (net: Cash) => boolean): number {
  let longest = 0;
  let row = 0;
  for (const net of nets) {
    row = counts(net) ? row + 1 : 0;
    longest = Math.max(longest, row);
  }
  return longest;
}

type Volumes = Pick<Metrics, "fills" | "makerSharePct" | "volumeQuote" | "turnover" | "fees">;

function volumesOf(market: Market, fills: readonly FillRow[], capital: Cash): Volumes {
  // Volume is no account's balance: it may pass what a number counts exactly.
  let volume = 0n;
  let made = 0n;
  let fees = 0;
  for (const fill of fills) {
    const value = BigInt(notional(market, fill.price, fill.quantity));
    volume += value;
    if (fill.maker) made += value;
    fees += feeInQuote(market, fill);
  }
  return {
    fills: fills.length,
    makerSharePct: volume === 0n ? null : (Number(made) / Number(volume)) * 100,
    volumeQuote: volumeText(volume),
    turnover: capital <= 0 ? null : Number(volume) / capital,
    fees: formatCash(cash(fees)),
  };
}

function inventoryOf(
  market: Market,
  samples: readonly EquitySample[],
  fills: readonly FillRow[],
): Pick<Metrics, "minPosition" | "maxPosition"> {
  let low = Infinity;
  let high = -Infinity;
  for (const { position } of samples) {
    low = Math.min(low, position);
    high = Math.max(high, position);
  }
  for (const { positionAfter } of fills) {
    low = Math.min(low, positionAfter);
    high = Math.max(high, positionAfter);
  }
  if (low > high) return { minPosition: null, maxPosition: null };
  return {
    minPosition: formatQuantity(market, lots(low)),
    maxPosition: formatQuantity(market, lots(high)),
  };
}
