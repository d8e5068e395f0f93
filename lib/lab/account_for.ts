// Accounts for a run: turns its engine and record into the report. Every figure comes from the run
// itself; nothing is estimated here.

import { cash } from "../core/units.ts";
import { formatCash } from "../core/market.ts";
import type { ParamSpecs, ParamValues } from "../core/params.ts";
import { crossings, efficiency, type Path } from "./efficiency.ts";
import { isoTime, measure, openingOf } from "./metrics.ts";
import { gridProfit, inventoryProfit, roundTrips } from "./pairs.ts";
import { pointsOf } from "./points_week.ts";
import { type DataSummary, marketFacts, type Report } from "./report.ts";
import type { Rig, RigOptions } from "./rig.ts";

/** What the report says beside the run itself. */
export interface Told {
  /** Where market data came from. */
  readonly feed: string;
  /** Wall time of the run. */
  readonly seconds: number;
  readonly run:
    & Pick<
      RigOptions,
      "market" | "strategy" | "params" | "fees" | "seed" | "fillModel" | "latencyMs" | "position"
    >
    & { readonly version: string; readonly data: DataSummary };
  /** Prices as the data has them, for the efficiency of a grid; absent = not known. */
  readonly path?: Path;
  readonly notes: readonly string[];
}

/** The parts of a run that a report is made of. */
export interface Accounted extends Pick<Rig, "engine" | "record" | "capital"> {
  readonly venue: { readonly played: number };
  /** Absent where the account is not the run's alone. */
  identityError?(): number;
}

/** The report of a run that is over. Reads the commands digest, so it may be asked once. */
export function reportOf(parts: Accounted, told: Told): Report {
  const { engine, record, capital } = parts;
  const { market, strategy, params, fees, seed, fillModel, latencyMs, version, data } = told.run;
  const { tally, ledger, lastMark } = engine.facts;
  const { samples, fills, firstMid, lastMid } = record;
  const maxDrawdown = engine.drawdown.deepest;
  const end = samples.at(-1);
  const pairs = roundTrips(market, fills, openingOf({ samples, firstMid }), "newest");
  const change = cash((end?.equity ?? capital) - capital);
  const state = engine.riskState;
  const commandsDigest = record.commandsDigest();
  return {
    run: {
      id: commandsDigest.slice(0, 12),
      seed,
      strategy: strategy.name,
      market: market.symbol,
      params: plain(params),
      version,
      feed: told.feed,
      fillModel,
      latencyMs,
      fees: { makerBps: fees.maker, takerBps: fees.taker },
    },
    market: marketFacts(market),
    data,
    fills: fills.length,
    orders: {
      placed: tally.placed,
      cancelled: tally.cancelled,
      rejected: tally.rejected,
      refused: [...tally.refused.values()].reduce((sum, count) => sum + count, 0),
    },
    ledger: {
      equityStart: formatCash(capital),
      equityEnd: formatCash(end?.equity ?? capital),
      realised: formatCash(ledger.realised),
      unrealised: formatCash(lastMark === undefined ? cash(0) : ledger.unrealised(lastMark)),
      fees: formatCash(ledger.fees),
      funding: formatCash(ledger.funding),
      identityError: parts.identityError === undefined
        ? null
        : formatCash(cash(parts.identityError())),
    },
    profit: {
      grid: formatCash(gridProfit(pairs)),
      inventory: formatCash(inventoryProfit(pairs, change)),
      gridEfficiency: told.path === undefined || record.rungs.size === 0 ? null : efficiency(
        pairs,
        record.rungLots / record.rungOrders,
        crossings(told.path, record.rungs),
      ),
    },
    metrics: measure({ market, capital, samples, fills, maxDrawdown, firstMid, lastMid }),
    flow: record.quoting.facts(engine.facts.time),
    points: pointsOf(market, fills, { fees, end: engine.facts.time }),
    state: {
      name: state.name,
      rule: state.rule ?? null,
      text: state.text ?? null,
      since: state.rule === undefined ? null : isoTime(state.since),
    },
    refusals: Object.fromEntries(tally.refused),
    reason: engine.plan.reason ?? null,
    commandsDigest,
    timing: {
      events: parts.venue.played,
      seconds: told.seconds,
      eventsPerSecond: told.seconds > 0 ? Math.round(parts.venue.played / told.seconds) : null,
    },
    notes: [...told.notes, ...engine.breakers.notes],
  };
}

function plain(params: ParamValues<ParamSpecs>): Report["run"]["params"] {
  return Object.fromEntries(Object.entries(params));
}
