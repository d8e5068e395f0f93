// `compare`: a recorded run against its own simulation on the market it heard, fill by fill, and why
// they differ. It ends with 1 where something stays unexplained.

import { formatCash, formatQuantity, notional } from "../../core/market.ts";
import type { Strategy } from "../../core/strategy.ts";
import { cash, lots, ticks } from "../../core/units.ts";
import { Record } from "../../lab/record.ts";
import type { ComparedResult, ComparedRun } from "../../lab/compare_runs.ts";
import { ExitCode, UserError } from "../errors.ts";
import { latencyFlag } from "../flags.ts";
import { eventsOf, type KeptRun, rerunOf, withRun } from "../replay_run.ts";
import { print, type Shell } from "../shell.ts";

/** Flags of `compare`. */
export interface CompareFlags {
  readonly dataDir: string;
  /** What the simulation assumes, in ms; absent = as the run on paper, or 50. */
  readonly latency?: string;
  readonly json?: true;
}

/** Compares the run with its simulation. `given` stands for the strategy of its name. */
export async function compareCommand(
  id: string,
  flags: CompareFlags,
  shell: Shell,
  given?: Strategy,
): Promise<number> {
  const { dataDir } = flags;
  return await withRun({ dataDir, id, ...(given && { given }) }, async (kept) => {
    const { compareRuns } = await import("../../lab/compare_runs.ts");
    const { compareDocument, compareText } = await import("../../lab/compare_text.ts");
    const notes: string[] = [];
    const result = await compareRuns(await comparedRun(kept, flags.latency, notes));
    const { market } = kept.terms;
    if (flags.json) {
      const document = compareDocument(market, result, notes);
      print(shell, JSON.stringify({ run: kept.run.id, ...document }));
    } else {
      print(shell, `Run ${kept.run.id} and its simulation`);
      for (const line of compareText(market, result, notes)) print(shell, line);
    }
    return isExplained(result) ? ExitCode.done : ExitCode.failure;
  });
}

function isExplained({ byCause, decisions }: ComparedResult): boolean {
  return !byCause.has("unexplained") && decisions.equal === decisions.equalViews;
}

async function comparedRun(
  kept: KeptRun,
  latency: string | undefined,
  notes: string[],
): Promise<ComparedRun> {
  const { run, terms, setup } = kept;
  const { strategy, inventory } = simulable(kept);
  const { readSession, runFills } = await import("../../lab/compare_session.ts");
  const { Decisions } = await import("../../lab/compare_decisions.ts");
  const backMs = terms.paper?.latencyMs ?? 0;
  const decisions = new Decisions();
  const { engine, play } = rerunOf(kept, decisions.watch(strategy));
  const record = new Record(engine, undefined);
  const { difference, lost } = await play({ onDifference: "go on", observers: [record] });
  const { ledger, lastMark } = engine.facts;
  if (lastMark === undefined) throw new UserError(`Run ${run.id} never saw a book`, 1);
  const { staleMs } = terms.limits;
  const session = await readSession(async (observer) => {
    await eventsOf(kept, (event, commands) => observer.seen(event, commands));
  }, { backMs, staleMs });
  if (lost !== undefined) notes.push(`The journal ends before the run: ${lost.text}`);
  if (difference !== undefined) {
    notes.push(`This program decides otherwise from event ${difference.n} on, see: replay`);
  }
  // Its own fills are told as trades whatever it observes.
  if (session.trades <= record.fills.length && record.fills.length > 0) {
    notes.push("The run was told no trades between strangers: places in the queue are not known");
  }
  return {
    ...{ strategy, setup, limits: terms.limits, seed: run.seed, time: terms.time, session },
    ...(inventory === undefined ? {} : { inventory }),
    balances: terms.paper?.balances ?? balancesOf(kept),
    fills: runFills(terms.market, record.fills, { backMs }),
    ...{ mark: lastMark, equity: ledger.equity(lastMark), decisions, backMs },
    latencyMs: latency === undefined
      ? terms.paper?.latencyMs ?? latencyFlag()
      : latencyFlag(latency),
  };
}

/** The parts of a run that a simulation needs. Throws `UserError` where it cannot begin as the run did. */
function simulable(kept: KeptRun): Pick<ComparedRun, "strategy" | "inventory"> {
  const { run, strategy, terms: { inventory, market } } = kept;
  const refuse = (why: string) => new UserError(`Cannot compare run ${run.id} as ${why}`, 1);
  if (run.continues !== undefined) {
    throw refuse(
      `it goes on with ${run.continues}: a simulation begins with no order and no memory`,
    );
  }
  if (strategy === undefined) {
    throw refuse("its strategy ran elsewhere, and only its plans are kept");
  }
  if (inventory === undefined || inventory.position === 0) return { strategy };
  if (market.kind === "spot") return { strategy, inventory };
  throw refuse("it took over a position, which a simulation of a perp does not have");
}

/** Of a live run: what it may call its own, and nothing else of the wallet. */
function balancesOf({ terms: { market, capital, inventory } }: KeptRun): ComparedRun["balances"] {
  const { position, price } = inventory ?? { position: lots(0), price: ticks(0) };
  const taken = notional(market, price, position);
  return {
    [market.quote]: formatCash(cash(Math.max(0, capital - taken))),
    ...(position > 0 ? { [market.base]: formatQuantity(market, position) } : {}),
  };
}
