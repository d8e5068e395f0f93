// What points cost. Backpack's points week ends on Thursday 00:00 UTC; points are paid for volume and
// come on Friday, so a run knows its cost per volume and only a person knows the points. Fees belong
// to a tier, and the way to the next one is volume too.

import { assert } from "../core/assert.ts";
import { type Fees, formatCash, type Market, notional } from "../core/market.ts";
import { cash, COIN, DAY, type Micros, micros } from "../core/units.ts";
import { type FillRow, isoTime, volumeText } from "./metrics.ts";
import { feeInQuote } from "./pairs.ts";
import { units } from "./report_words.ts";

/** One points week of a run. Money in quote currency. */
export interface PointsWeek {
  /** Thursday 00:00 UTC. */
  readonly ends: string;
  readonly makerVolume: string;
  readonly takerVolume: string;
  /** Negative = rebates. */
  readonly fees: string;
  /** By closing, before fees. */
  readonly realised: string;
  /** (fees − realised) per 1,000 of volume: what the volume cost, negative = it earned. */
  readonly costPer1000: number;
}

/** A row of the exchange's table of fees. */
export interface FeeTier {
  readonly name: string;
  readonly makerBps: number;
  readonly takerBps: number;
  /** Volume of 30 days in USD from which it is given (or for staked BP, which is not looked at). */
  readonly fromUsd: number;
}

/** Where a run stands among the tiers. */
export interface TierFacts {
  /** null = the run's fees are in no row of the table, as by a programme of their own. */
  readonly now: FeeTier | null;
  /** null = there is none, or it is not known. */
  readonly next: FeeTier | null;
  /** What this run's last 30 days lack of `next`; what else the account trades counts too. */
  readonly toNextUsd: number | null;
}

/** The weeks of a run, oldest first, and its tier. */
export interface PointsFacts {
  readonly weeks: readonly PointsWeek[];
  readonly tier: TierFacts;
}

const WEEK = 7 * DAY; // 1970 began on a Thursday

/** Futures: Backpack's public tier call of 2026-09-23. */
const perpTiers: readonly FeeTier[] = [
  { name: "1", makerBps: 2, takerBps: 5, fromUsd: 0 },
  { name: "2", makerBps: 1.9, takerBps: 4.5, fromUsd: 500_000 },
  { name: "3", makerBps: 1.8, takerBps: 4, fromUsd: 1e6 },
  { name: "4", makerBps: 1.6, takerBps: 3.5, fromUsd: 5e6 },
  { name: "5", makerBps: 1.3, takerBps: 3, fromUsd: 10e6 },
  { name: "6", makerBps: 1, takerBps: 2.8, fromUsd: 25e6 },
  { name: "VIP1", makerBps: 1, takerBps: 2.6, fromUsd: 50e6 },
  { name: "VIP2", makerBps: 0, takerBps: 2.4, fromUsd: 100e6 },
  { name: "VIP3", makerBps: 0, takerBps: 2.2, fromUsd: 150e6 },
  { name: "VIP4", makerBps: 0, takerBps: 2, fromUsd: 200e6 },
  { name: "VIP5", makerBps: 0, takerBps: 1.8, fromUsd: 300e6 },
];

/** Spot: the two rows of Backpack's help pages; those above are not published as text. */
const spotTiers: readonly FeeTier[] = [
  { name: "1", makerBps: 8, takerBps: 10, fromUsd: 0 },
  { name: "2", makerBps: 7, takerBps: 9, fromUsd: 100_000 },
];

/** What a run's points cost. `end` is its last moment, `fees` the account's. */
export function pointsOf(
  market: Market,
  fills: readonly FillRow[],
  { fees, end }: { readonly fees: Fees; readonly end: Micros },
): PointsFacts {
  const weeks = Map.groupBy(fills, ({ time }) => Math.floor(time / WEEK));
  return {
    weeks: [...weeks].sort(([a], [b]) => a - b).map(([week, fills]) => weekOf(market, week, fills)),
    tier: tierOf(market.kind, fees, volumeUsd(market, fills, micros(end - 30 * DAY))),
  };
}

/** Fees less realised profit of all weeks, by point received. Throws `RangeError` on no points. */
export function costPerPoint(weeks: readonly PointsWeek[], points: number): number {
  if (!(points > 0)) throw new RangeError(`points must be above 0: current value is ${points}`);
  const cost = weeks.reduce((sum, week) => sum + units(week.fees) - units(week.realised), 0);
  return cost / COIN / points;
}

/** The row of these fees, and the next that volume leads to. */
export function tierOf(kind: Market["kind"], fees: Fees, volume30dUsd: number): TierFacts {
  const tiers = kind === "perp" ? perpTiers : spotTiers;
  const at = tiers.findIndex(({ makerBps, takerBps }) =>
    makerBps === fees.maker && takerBps === fees.taker
  );
  const [now, next] = at < 0 ? [] : [tiers[at], tiers[at + 1]];
  return {
    now: now ?? null,
    next: next ?? null,
    toNextUsd: next === undefined ? null : Math.max(0, next.fromUsd - volume30dUsd),
  };
}

function weekOf(market: Market, week: number, fills: readonly FillRow[]): PointsWeek {
  let [made, took] = [0n, 0n];
  let [fees, realised] = [0, 0];
  for (const fill of fills) {
    const worth = BigInt(notional(market, fill.price, fill.quantity));
    if (fill.maker) made += worth;
    else took += worth;
    fees += feeInQuote(market, fill);
    realised += fill.realised;
  }
  const volume = Number(made + took);
  assert(volume > 0, "a fill is worth nothing");
  return {
    ends: isoTime(micros((week + 1) * WEEK)),
    makerVolume: volumeText(made),
    takerVolume: volumeText(took),
    fees: formatCash(cash(fees)),
    realised: formatCash(cash(realised)),
    costPer1000: (fees - realised) / volume * 1000,
  };
}

function volumeUsd(market: Market, fills: readonly FillRow[], from: Micros): number {
  let volume = 0;
  for (const { time, price, quantity } of fills) {
    if (time >= from) volume += notional(market, price, quantity) / COIN;
  }
  return volume;
}
