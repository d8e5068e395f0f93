// Journaled paper runs in a folder of their own: a rig on a synthetic market, written down as the
// program writes down a run, as fast as it goes.

import { JournalKeeper, momentOf } from "../../lib/app/journaled.ts";
import type { Command, Event } from "../../lib/core/event.ts";
import { defaultLimits, type RiskLimits } from "../../lib/core/limits.ts";
import type { Market } from "../../lib/core/market.ts";
import type { ParamSpecs, ParamValues } from "../../lib/core/params.ts";
import type { Strategy } from "../../lib/core/strategy.ts";
import { micros, ticks } from "../../lib/core/units.ts";
import { Journal } from "../../lib/journal/journal.ts";
import { termsOf } from "../../lib/journal/replay_terms.ts";
import type { RunJournal } from "../../lib/journal/run_journal.ts";
import { type Rig, rig } from "../../lib/lab/rig.ts";
import { run, type Venue } from "../../lib/run.ts";
import { SynthMarket } from "../../lib/sim/synth.ts";
import type { SynthOptions } from "../../lib/sim/synth_options.ts";
import { TapeFeed } from "../../lib/sim/tape_feed.ts";
import { perpMarket, START } from "./core.ts";

/** What a journaled run is made of. */
export interface JournaledRun {
  readonly folder: string;
  readonly strategy: Strategy;
  readonly params: ParamValues<ParamSpecs>;
  readonly market?: Market;
  readonly limits?: RiskLimits;
  readonly latencyMs?: number;
  readonly seed?: number;
  readonly version?: string;
  readonly synth?: Partial<SynthOptions>;
  /** Events come from here instead of straight from the simulated exchange. */
  venue?(parts: Rig): Venue;
  /** Called after each event has been written down. */
  after?(n: number, event: Event, commands: readonly Command[], journal: RunJournal): void;
  /** Whether the process is killed instead of ending the run. */
  readonly ends?: "in order" | "killed";
}

/** Runs to the end of the market and gives the run's name and parts. */
export async function journaledRun(
  given: JournaledRun,
): Promise<{ readonly id: string; readonly parts: Rig }> {
  const { folder, strategy, params, market = perpMarket(), latencyMs = 50, seed = 5 } = given;
  const fees = { maker: 2, taker: 5 };
  const balances = { USDC: "10000" };
  const synth = new SynthMarket(market, { seed, start: START, durationSec: 120, ...given.synth });
  const parts = rig({
    ...{ market, strategy, params, fees, balances, seed, latencyMs, fillModel: "queue" },
    ...{ limits: given.limits ?? defaultLimits, quickLane: "off", price: ticks(15_000) },
    ...{ feed: new TapeFeed(() => synth.chunk()), time: START },
  });
  const { engine, capital } = parts;
  const terms = termsOf({
    settings: Object.entries(params).map(([key, value]) => ({ key, value })),
    ...{ strategy, setup: { market, params, fees, capital }, limits: engine.limits },
    ...{ time: START, paper: { latencyMs, balances } },
  });
  await using journal = Journal.open({ folder, mode: "paper", access: "write" });
  const kept = journal.begin({
    ...{ account: "paper", market: market.symbol, tag: 200, started: micros(START) },
    ...{ strategy: strategy.name, config: terms, version: given.version ?? "0.1.0", seed },
  }, momentOf(engine));
  using keeper = new JournalKeeper(engine, kept);
  let n = 0;
  const watch = {
    seen: (event: Event, commands: readonly Command[]) => given.after?.(++n, event, commands, kept),
  };
  const venue = given.venue?.(parts) ?? parts.venue;
  await run(engine, venue, [parts.record, keeper, watch]);
  parts.record.sample();
  if (given.ends === "killed") kept.flush();
  else {
    const time = engine.facts.time;
    kept.end({ time, exitCode: 0, reason: "the market ended", remains: "none" });
  }
  return { id: kept.id, parts };
}
