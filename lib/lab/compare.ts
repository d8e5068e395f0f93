// What differs between the fills of a recorded run and those of its simulation, and why. Fills are
// matched lot by lot; a difference has the cause whose recorded circumstances, put into the simulation
// alone, make it go away. What no circumstance explains is said to be unexplained, never left out.

import { assert } from "../core/assert.ts";
import { type Market, notional } from "../core/market.ts";
import type { Side } from "../core/strategy.ts";
import {
  type Cash,
  cash,
  type Lots,
  lots,
  type Micros,
  SECOND,
  type Ticks,
} from "../core/units.ts";

/** A fill of either run. */
export interface RunFill {
  /** At the exchange. */
  readonly time: Micros;
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
  /** In quote currency; a fee in base counts at the price of the fill. */
  readonly fee: Cash;
}

/** Quantity that both runs filled at one price, or only one of them. */
export interface Match {
  readonly recorded: RunFill | undefined;
  readonly simulated: RunFill | undefined;
  readonly quantity: Lots;
}

/** Why the two runs differ. latency: orders came to the book earlier or later than assumed. */
export type Cause =
  | "latency"
  | "queue"
  | "own impact"
  | "person"
  | "rejection"
  | "missing data"
  /** Only several of these together make it go away. */
  | "interaction"
  | "unexplained";

/** The simulation once more, with some of the recorded circumstances. */
export interface Trial {
  readonly cause: Cause;
  readonly simulated: readonly RunFill[];
}

/** What is filled by one run only, or by both at another time. */
export interface Difference extends Match {
  readonly kind: "only recorded" | "only simulated" | "later" | "earlier";
  readonly cause: Cause;
  /** What it is worth, recorded minus simulated, with the position valued at the last mark. */
  readonly value: Cash;
}

/** What two runs come to. */
export interface Comparison {
  /** Of the recorded run, all of whose quantity the simulation filled within `SAME_WITHIN`. */
  readonly matched: number;
  readonly recorded: number;
  readonly simulated: number;
  readonly differences: readonly Difference[];
  /** What fees and fills make of each cause. */
  readonly byCause: ReadonlyMap<Cause, { readonly count: number; readonly value: Cash }>;
  /** What matched fills differ in: fees, and lots that both filled. */
  readonly ofMatched: Cash;
}

/** What is compared. */
export interface Compared {
  readonly market: Market;
  /** The last; open positions of both runs are valued at it. */
  readonly mark: Ticks;
  readonly recorded: readonly RunFill[];
  readonly simulated: readonly RunFill[];
  /** Each with one of the recorded circumstances. */
  readonly trials: readonly Trial[];
  /** With several of them. */
  readonly together: readonly Trial[];
  /** What else is known to have happened there, which no simulation can repeat. */
  known(match: Match): Cause | undefined;
}

/** Fills no farther apart are the same fill: exchanges and clocks stamp in their own ways. */
export const SAME_WITHIN = SECOND;
/** Fills of one price no farther apart are one fill that came earlier or later. */
export const NEAR_WITHIN = 60 * SECOND;

/** Compares two runs. */
export function compare(compared: Compared): Comparison {
  const { market, mark, recorded, simulated } = compared;
  const matches = matchFills(recorded, simulated);
  const differing = matches.filter((match) => kindOf(match) !== "same");
  const trials = compared.trials.map((trial) => outcomeOf(recorded, trial));
  const together = compared.together.map((trial) => outcomeOf(recorded, trial));
  const differences = differing.flatMap((match): Difference[] => {
    const kind = kindOf(match);
    if (kind === "same") return [];
    const cause = bestOf(match, trials) ?? bestOf(match, together) ?? compared.known(match) ??
      "unexplained";
    return [{ ...match, kind, cause, value: valueOf(match, market, mark) }];
  });
  const off = new Set(differing.map((match) => match.recorded));
  const same = matches.filter((match) => kindOf(match) === "same");
  return {
    matched: recorded.filter((fill) => !off.has(fill)).length,
    recorded: recorded.length,
    simulated: simulated.length,
    differences: differences.sort((a, b) => timeOf(a) - timeOf(b)),
    byCause: sumsOf(differences),
    ofMatched: cash(same.reduce((sum, match) => sum + valueOf(match, market, mark), 0)),
  };
}

/** When it happened: in the recorded run, where it did. */
export function timeOf({ recorded, simulated }: Match): Micros {
  const fill = recorded ?? simulated;
  assert(fill !== undefined, "a match of no fill");
  return fill.time;
}

/** Matches quantity of the same side and price, the nearest in time first. */
export function matchFills(
  recorded: readonly RunFill[],
  simulated: readonly RunFill[],
): readonly Match[] {
  const left = new Map<RunFill, number>();
  for (const fill of [...recorded, ...simulated]) left.set(fill, fill.quantity);
  const matches: Match[] = [];
  const take = (one: RunFill | undefined, other: RunFill | undefined) => {
    const rest = (fill: RunFill | undefined) => fill === undefined ? Infinity : left.get(fill) ?? 0;
    const quantity = Math.min(rest(one), rest(other));
    if (quantity === 0) return;
    for (const fill of [one, other]) if (fill !== undefined) left.set(fill, rest(fill) - quantity);
    matches.push({ recorded: one, simulated: other, quantity: lots(quantity) });
  };
  const pairs = pairsOf(recorded, simulated).sort((a, b) => a.apart - b.apart);
  for (const { one, other } of pairs) take(one, other);
  for (const fill of recorded) take(fill, undefined);
  for (const fill of simulated) take(undefined, fill);
  return matches;
}

interface Pair {
  readonly one: RunFill;
  readonly other: RunFill;
  readonly apart: number;
}

/** Every two fills that may be the same. Both lists ascend in time. */
function pairsOf(recorded: readonly RunFill[], simulated: readonly RunFill[]): Pair[] {
  const places = new Map<string, RunFill[]>();
  for (const fill of simulated) {
    const place = placeOf(fill);
    const others = places.get(place);
    if (others === undefined) places.set(place, [fill]);
    else others.push(fill);
  }
  const starts = new Map<string, number>();
  return recorded.flatMap((one) => {
    const place = placeOf(one);
    const others = places.get(place) ?? [];
    let start = starts.get(place) ?? 0;
    while ((others[start]?.time ?? Infinity) < one.time - NEAR_WITHIN) start++;
    starts.set(place, start);
    const pairs: Pair[] = [];
    for (let i = start; i < others.length; i++) {
      const other = others[i];
      if (other === undefined || other.time > one.time + NEAR_WITHIN) break;
      pairs.push({ one, other, apart: Math.abs(one.time - other.time) });
    }
    return pairs;
  });
}

function placeOf({ side, price }: RunFill): string {
  return `${side} ${price}`;
}

function kindOf({ recorded, simulated }: Match): Difference["kind"] | "same" {
  if (simulated === undefined) return "only recorded";
  if (recorded === undefined) return "only simulated";
  const apart = recorded.time - simulated.time;
  if (Math.abs(apart) <= SAME_WITHIN) return "same";
  return apart > 0 ? "later" : "earlier";
}

/** What a trial leaves of the differences. */
interface Outcome {
  readonly cause: Cause;
  readonly left: readonly Match[];
  /** Recorded fills of which something still differs. */
  readonly off: ReadonlySet<RunFill | undefined>;
  /** Quantity that differs. */
  readonly lots: number;
}

function outcomeOf(recorded: readonly RunFill[], { cause, simulated }: Trial): Outcome {
  const left = matchFills(recorded, simulated).filter((match) => kindOf(match) !== "same");
  return {
    cause,
    left,
    off: new Set(left.map((match) => match.recorded)),
    lots: left.reduce((sum, { quantity }) => sum + quantity, 0),
  };
}

/** Of the trials in which the difference is gone, the one that comes nearest to the recorded run. */
function bestOf(match: Match, outcomes: readonly Outcome[]): Cause | undefined {
  let best: Outcome | undefined;
  for (const outcome of outcomes) {
    if (!isGone(match, outcome)) continue;
    if (best === undefined || outcome.lots < best.lots) best = outcome;
  }
  return best?.cause;
}

function isGone({ recorded, simulated }: Match, { left, off }: Outcome): boolean {
  if (recorded !== undefined) return !off.has(recorded);
  // The same fill of another simulation is another object: it is gone if there is none like it.
  return simulated !== undefined && !left.some((match) => {
    const other = match.simulated;
    return match.recorded === undefined && other !== undefined &&
      placeOf(other) === placeOf(simulated) && Math.abs(other.time - simulated.time) <= NEAR_WITHIN;
  });
}

function valueOf({ recorded, simulated, quantity }: Match, market: Market, mark: Ticks): Cash {
  const worth = (fill: RunFill | undefined) => {
    if (fill === undefined) return 0;
    const gain = notional(market, mark, quantity) - notional(market, fill.price, quantity);
    const fee = Math.round((fill.fee * quantity) / fill.quantity);
    return (fill.side === "bid" ? gain : -gain) - fee;
  };
  return cash(worth(recorded) - worth(simulated));
}

function sumsOf(differences: readonly Difference[]): Comparison["byCause"] {
  const sums = new Map<Cause, { readonly count: number; readonly value: Cash }>();
  for (const { cause, value } of differences) {
    const sum = sums.get(cause) ?? { count: 0, value: 0 };
    sums.set(cause, { count: sum.count + 1, value: cash(sum.value + value) });
  }
  return sums;
}
