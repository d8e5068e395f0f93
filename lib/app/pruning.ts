// Keeps the journal of a run from growing for ever: what is older than it is to be kept goes in small
// steps with pauses between them, so that the loop beside it never waits for long.

import type { Engine } from "../core/engine.ts";
import { type Micros, micros } from "../core/units.ts";
import type { RunJournal } from "../journal/run_journal.ts";
import type { Clock } from "./paced.ts";

/** What is pruned, and what must stay. */
export interface PruningOptions {
  readonly run: Pick<RunJournal, "prune">;
  /** Days to keep; 0 = for ever. */
  readonly keepDays: number;
  readonly engine: Pick<Engine, "facts">;
  /** The stop at the exchange is an order too. */
  readonly guard: { readonly oldestAt: Micros | undefined } | undefined;
  readonly clock: Clock;
  /** The wall clock. */
  readonly now: () => Micros;
  readonly signal: AbortSignal;
}

/** A start has enough to do. */
const FIRST_MS = 60_000;
/** Between two steps, of a millisecond or so each. */
const STEP_MS = 250;
/** Once nothing is too old. */
const IDLE_MS = 3_600_000;

/** Prunes until the signal is aborted. Throws `JournalFault` where the disk refuses. */
export async function keepPruned(options: PruningOptions): Promise<void> {
  const { run, keepDays, engine, guard, clock, now, signal } = options;
  if (keepDays === 0) return;
  await clock.sleep(FIRST_MS, signal);
  while (!signal.aborted) {
    const oldestLive = oldestOf(engine, guard);
    const left = run.prune({ keepDays, now: now(), oldestLive });
    await clock.sleep(left === "more" ? STEP_MS : IDLE_MS, signal);
  }
}

/** When the oldest order was sent that may rest; undefined where there is none. */
function oldestOf(
  { facts: { orders } }: PruningOptions["engine"],
  guard: PruningOptions["guard"],
): Micros | undefined {
  const times = [...orders.live].map(({ since }) => since);
  if (guard?.oldestAt !== undefined) times.push(guard.oldestAt);
  return times.length === 0 ? undefined : micros(Math.min(...times));
}
