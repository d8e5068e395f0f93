// A recorded session played again in the simulator: once as a backtest assumes it, and, where that
// differs, once more with each of the circumstances that are known of it, one changed at a time.

import type { Tape } from "../core/columns.ts";
import type { RiskLimits } from "../core/limits.ts";
import type { Setup, Strategy } from "../core/strategy.ts";
import { type Cash, lots, type Micros, MILLISECOND, NEVER, type Ticks } from "../core/units.ts";
import type { FillModel } from "../exchange/crowd.ts";
import { run } from "../run.ts";
import { tapeFeed } from "../sim/tape_feed.ts";
import { firstPrice } from "./backtest.ts";
import {
  type Cause,
  compare,
  type Comparison,
  type Match,
  matchFills,
  NEAR_WITHIN,
  type RunFill,
  timeOf,
  type Trial,
} from "./compare.ts";
import { Decisions } from "./compare_decisions.ts";
import { type OrderLife, OrderLives } from "./compare_orders.ts";
import { recordedDelays, recordedRefusals, runFills, type Session } from "./compare_session.ts";
import { AlarmFeed, INNER_MS, RecordedVenue } from "./compare_venue.ts";
import { rig } from "./rig.ts";

/** What is compared with its own simulation. */
export interface ComparedRun {
  readonly strategy: Strategy;
  readonly setup: Setup;
  readonly limits: RiskLimits;
  readonly balances: { readonly [asset: string]: string };
  /** Base that the run took over, in lots, and the price it was counted at. */
  readonly inventory?: { readonly position: number; readonly price: Ticks };
  readonly seed: number;
  readonly time: Micros;
  readonly session: Session;
  readonly fills: readonly RunFill[];
  /** Of the recorded run at its end. */
  readonly mark: Ticks;
  readonly equity: Cash;
  readonly decisions: Decisions;
  /** How long the recorded run's reports took, in ms: on paper its latency, live none beyond hearing. */
  readonly backMs: number;
  /** What the simulation assumes, one way. */
  readonly latencyMs: number;
}

/** A comparison, and what both runs did. */
export interface ComparedResult extends Comparison {
  readonly equity: { readonly recorded: Cash; readonly simulated: Cash };
  /** Times the simulated strategy saw what the recorded one had seen, and planned the same. */
  readonly decisions: {
    readonly asked: number;
    readonly equalViews: number;
    readonly equal: number;
  };
  readonly orders: {
    readonly recorded: readonly OrderLife[];
    readonly simulated: readonly OrderLife[];
  };
  /** Simulations that were run. */
  readonly runs: number;
}

/** Which of the recorded circumstances a simulation has. */
interface Factors {
  readonly latency?: "recorded";
  readonly refusals?: "recorded";
  readonly person?: "recorded";
  readonly book?: "shown";
  readonly queue?: FillModel;
}

interface Simulated {
  readonly fills: readonly RunFill[];
  readonly orders: readonly OrderLife[];
  readonly equity: Cash;
}

/** In front of everybody at its price an order fills as in `touch`, behind them as in `through`. */
const places = ["touch", "through"] as const;

/** Compares a run with its simulation. */
export async function compareRuns(compared: ComparedRun): Promise<ComparedResult> {
  const { session, setup: { market }, mark, fills: recorded } = compared;
  const decisions = new Decisions();
  const base = await simulate(compared, {}, decisions);
  const differs = matchFills(recorded, base.fills).some(({ recorded, simulated }) =>
    recorded?.time !== simulated?.time
  );
  const singles = differs ? singleFactors(compared) : [];
  const trial = async ([cause, factors]: readonly [Cause, Factors]): Promise<Trial> => ({
    cause,
    simulated: (await simulate(compared, factors)).fills,
  });
  const trials: Trial[] = [];
  for (const single of singles) trials.push(await trial(single));
  const together: Trial[] = [];
  const all = differs ? jointFactors(singles) : [];
  for (const joint of all) together.push(await trial(["interaction", joint]));
  const known = (match: Match) => knownOf(match, session, base.orders);
  const comparison = compare({
    ...{ market, mark, recorded, simulated: base.fills, trials, together, known },
  });
  return {
    ...comparison,
    equity: { recorded: compared.equity, simulated: base.equity },
    decisions: decisions.against(compared.decisions),
    orders: { recorded: session.orders, simulated: base.orders },
    runs: 1 + trials.length + together.length,
  };
}

/** Each circumstance that the recorded run had and a backtest does not. */
function singleFactors({ session, latencyMs, backMs }: ComparedRun): readonly (readonly [
  Cause,
  Factors,
])[] {
  const { orders, person, others, shown } = session;
  const assumed = latencyMs * MILLISECOND;
  const delays = recordedDelays(orders, { assumed });
  const isLate = backMs !== latencyMs || orders.some(({ sentAt }) => delays(sentAt) !== assumed);
  const isRefused = orders.some(({ refused }) => refused !== undefined);
  return [
    ...(isLate ? [["latency", { latency: "recorded" }] as const] : []),
    ...(isRefused ? [["rejection", { refusals: "recorded" }] as const] : []),
    ...(person.length > 0 ? [["person", { person: "recorded" }] as const] : []),
    ...places.map((queue) => ["queue", { queue }] as const),
    ...(isSameTape(others, shown) ? [] : [["own impact", { book: "shown" }] as const]),
  ];
}

/** All circumstances at once, with each place in the queue and in either book. */
function jointFactors(singles: readonly (readonly [Cause, Factors])[]): readonly Factors[] {
  const fixed = singles.filter(([cause]) => cause !== "queue" && cause !== "own impact");
  const all = fixed.reduce<Factors>((sum, [, factors]) => ({ ...sum, ...factors }), {});
  const own = singles.filter(([cause]) => cause === "own impact").map(([, factors]) => factors);
  const inBooks = [all, ...own.map((book) => ({ ...all, ...book }))];
  const joint = inBooks.flatMap((one) => [one, ...places.map((queue) => ({ ...one, queue }))]);
  // One alone has been tried.
  return joint.filter((factors) => Object.keys(factors).length > 1);
}

async function simulate(
  compared: ComparedRun,
  factors: Factors,
  decisions = new Decisions(),
): Promise<Simulated> {
  const { session, setup, inventory, time, limits, balances, seed } = compared;
  const tape = factors.book === "shown" ? session.shown : session.others;
  const feed = new AlarmFeed(tapeFeed(tape));
  const { market, params, fees, capital } = setup;
  const strategy = decisions.watch(compared.strategy);
  const parts = rig({
    ...{ market, strategy, params, limits, fees, balances, capital, seed, feed, time },
    ...{ latencyMs: INNER_MS, quickLane: "off", fillModel: factors.queue ?? "queue" },
    ...(inventory === undefined ? {} : { position: lots(inventory.position) }),
    price: inventory?.price ?? firstPrice(tape),
  });
  const backMs = factors.latency === undefined ? compared.latencyMs : compared.backMs;
  const lives = new OrderLives({ backMs });
  const venue = new RecordedVenue(parts.venue, feed, circumstances(compared, factors, backMs));
  await run(parts.engine, venue, [parts.record, lives]);
  const { ledger, lastMark } = parts.engine.facts;
  return {
    fills: runFills(market, parts.record.fills, { backMs }),
    orders: [...lives.all],
    equity: ledger.equity(lastMark ?? compared.mark),
  };
}

function circumstances(
  { session, latencyMs }: ComparedRun,
  { latency, refusals, person }: Factors,
  backMs: number,
) {
  const assumed = latencyMs * MILLISECOND;
  const { said, orders } = session;
  return {
    out: latency === undefined ? () => assumed : recordedDelays(orders, { assumed }),
    back: backMs * MILLISECOND,
    said: person === undefined
      ? said
      : [...said, ...session.person].sort((a, b) => a.time - b.time),
    refusal: refusals === undefined ? () => undefined : recordedRefusals(orders),
  };
}

/** What is known of that time and place, beside what a simulation can repeat. */
function knownOf(
  match: Match,
  { gaps }: Session,
  simulated: readonly OrderLife[],
): Cause | undefined {
  const { side, price } = match.recorded ?? match.simulated ?? {};
  const time = timeOf(match);
  const isNear = (from: Micros, to: Micros = from) =>
    time >= from - NEAR_WITHIN && time <= Math.min(NEVER, to + NEAR_WITHIN);
  const wasRefused = simulated.some((order) =>
    order.refused !== undefined && order.side === side && order.price === price &&
    isNear(order.sentAt)
  );
  if (wasRefused && match.simulated === undefined) return "rejection";
  return gaps.some(({ from, to }) => isNear(from, to)) ? "missing data" : undefined;
}

function isSameTape(one: Tape, other: Tape): boolean {
  if (one.length !== other.length) return false;
  for (const column of ["kind", "time", "price", "quantity", "askPrice", "askQuantity"] as const) {
    for (let row = 0; row < one.length; row++) {
      if (one[column][row] !== other[column][row]) return false;
    }
  }
  return true;
}
