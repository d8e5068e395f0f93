// What the equity curve alone says: growth, ratios, days. Returns are taken on a regular grid,
// because samples come when something happened, and a ratio over irregular steps means nothing.

import { formatCash } from "../core/market.ts";
import { type Cash, cash, DAY, SECOND } from "../core/units.ts";
import type { EquitySample } from "./metrics.ts";

/** Profit of one UTC day. */
export interface DayResult {
  /** As 2025-01-31. */
  readonly day: string;
  readonly pnl: string;
}

/** Figures of the equity curve. null = not known, or not defined. */
export interface Curve {
  /** Compound growth per 365 days; null under 30 days. */
  readonly cagrPct: number | null;
  /** The longest time from a peak until it was reached again, or until the end. */
  readonly longestUnderwaterSec: number | null;
  /** Which returns `sharpe` and `sortino` are made of: daily from 14 days on. */
  readonly returnSampling: "daily" | "hourly";
  readonly returnPeriods: number;
  /** Annualised, no risk-free rate; null under 10 periods or where returns do not vary. */
  readonly sharpe: number | null;
  /** Annualised; the deviation is that of losses from zero over all periods. Null as `sharpe`. */
  readonly sortino: number | null;
  readonly bestDay: DayResult | null;
  readonly worstDay: DayResult | null;
  readonly daysWon: number;
  readonly daysLost: number;
  readonly daysFlat: number;
}

const HOUR = 3600 * SECOND;
const YEAR_DAYS = 365;
const LEAST_PERIODS = 10;
// Below this, or this part of their mean, returns deviate by the rounding of money only.
const LEAST_DEVIATION = 1e-12;
const LEAST_DEVIATION_OF_MEAN = 1e-6;

/** Compound growth per 365 days in percent; -100 once nothing is left, null under 30 days. */
export function growthPct(samples: readonly EquitySample[], capital: Cash): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || capital <= 0) return null;
  const days = (last.time - first.time) / DAY;
  if (days < 30) return null;
  if (last.equity <= 0) return -100;
  return ((last.equity / capital) ** (YEAR_DAYS / days) - 1) * 100;
}

/** The longest time from a peak until it was reached again, or until the last sample, in seconds. */
export function longestUnderwaterSec(samples: readonly EquitySample[]): number | null {
  let peak = samples[0];
  if (peak === undefined) return null;
  let longest = 0;
  let under = false;
  for (const sample of samples) {
    const below = sample.equity < peak.equity;
    if (under || below) longest = Math.max(longest, sample.time - peak.time);
    if (!below) peak = sample;
    under = below;
  }
  return longest / SECOND;
}

/** Sharpe and Sortino with the returns they are made of. */
export function ratiosOf(
  samples: readonly EquitySample[],
): Pick<Curve, "returnSampling" | "returnPeriods" | "sharpe" | "sortino"> {
  const span = (samples.at(-1)?.time ?? 0) - (samples[0]?.time ?? 0);
  const daily = span >= 14 * DAY;
  const returns = periodReturns(samples, daily ? DAY : HOUR);
  const yearly = Math.sqrt(daily ? YEAR_DAYS : YEAR_DAYS * 24);
  const mean = sum(returns) / returns.length;
  const spread = sum(returns.map((r) => (r - mean) ** 2)) / (returns.length - 1);
  const losses = sum(returns.map((r) => Math.min(r, 0) ** 2)) / returns.length;
  const over = (variance: number) => {
    const deviation = Math.sqrt(variance);
    const least = Math.max(LEAST_DEVIATION, LEAST_DEVIATION_OF_MEAN * Math.abs(mean));
    return returns.length < LEAST_PERIODS || !(deviation > least)
      ? null
      : (mean / deviation) * yearly;
  };
  return {
    returnSampling: daily ? "daily" : "hourly",
    returnPeriods: returns.length,
    sharpe: over(spread),
    sortino: over(losses),
  };
}

/**
 * Returns of the whole periods (µs) since the first sample: equity at a boundary is that of the last
 * sample up to it. None at all where a period began without equity above zero.
 */
export function periodReturns(samples: readonly EquitySample[], period: number): readonly number[] {
  const first = samples[0];
  if (first === undefined) return [];
  const equities: number[] = [first.equity];
  let end = first.time + period;
  let now = first;
  for (const sample of samples) {
    for (; end < sample.time; end += period) equities.push(now.equity);
    now = sample;
  }
  if (end === now.time) equities.push(now.equity);
  const starts = equities.slice(0, -1);
  if (starts.some((equity) => equity <= 0)) return [];
  return starts.map((equity, i) => (equities[i + 1] ?? NaN) / equity - 1);
}

/** Profit by UTC day, each day ending with its last sample; a day without a sample is flat. */
export function daysOf(
  samples: readonly EquitySample[],
  capital: Cash,
): Pick<Curve, "bestDay" | "worstDay" | "daysWon" | "daysLost" | "daysFlat"> {
  const ends = new Map<number, Cash>();
  for (const { time, equity } of samples) ends.set(Math.floor(time / DAY), equity);
  let before = capital;
  const days = [...ends].map(([day, equity]) => {
    const pnl = cash(equity - before);
    before = equity;
    return { day, pnl };
  });
  const first = days[0];
  const last = days.at(-1);
  const length = first === undefined || last === undefined ? 0 : last.day - first.day + 1;
  const ranked = days.toSorted((a, b) => a.pnl - b.pnl);
  const daysWon = days.filter((day) => day.pnl > 0).length;
  const daysLost = days.filter((day) => day.pnl < 0).length;
  return {
    bestDay: named(ranked.at(-1)),
    worstDay: named(ranked[0]),
    daysWon,
    daysLost,
    daysFlat: length - daysWon - daysLost,
  };
}

function named(result: { readonly day: number; readonly pnl: Cash } | undefined): DayResult | null {
  if (result === undefined) return null;
  const day = new Date(result.day * 86_400_000).toISOString().slice(0, 10);
  return { day, pnl: formatCash(result.pnl) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
