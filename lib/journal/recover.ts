// What a new run finds of the one before it: the last state kept and everything after it, so that it
// goes on as if nothing had happened. A run that ended with proof that nothing of it is left leaves
// nothing to go on with.

import type { OrderId } from "../core/event.ts";
import type { JournalRow } from "../core/state.ts";
import type { Micros } from "../core/units.ts";
import { DataFault } from "../data/fault.ts";
import { JournalFault } from "./fault.ts";
import type { Journal } from "./journal.ts";
import type { KeptRow } from "./rows.ts";
import type { Pair, RunRecord } from "./runs.ts";
import { lastSideEvents, type SideEvent } from "./side_files.ts";

/** Where an earlier process left its orders. */
export interface Recovery {
  /** The run to be continued. */
  readonly run: RunRecord;
  /** Its last state as parsed JSON, for `readState`; undefined where it never kept one. */
  readonly state: unknown;
  /** What came after the state, in order, market events included. */
  readonly since: readonly JournalRow[];
  /** Orders placed since the state whose end is not journaled. */
  readonly unresolved: readonly OrderId[];
  /** When the last journaled fill was, by the clock that stamps events. */
  readonly lastFillTime: Micros | undefined;
  /** Why market events after the state are missing; undefined where they are not. */
  readonly marketLost: string | undefined;
}

/** What the last run of `pair` left; undefined where nothing of it is left. Throws `JournalFault`. */
export async function recover(journal: Journal, pair: Pair): Promise<Recovery | undefined> {
  const [run] = journal.runsOf(pair);
  if (run === undefined || run.end?.remains === "none") return undefined;
  const runs = chainOf(journal, run);
  const since: JournalRow[] = [];
  let marketLost: string | undefined;
  let state: unknown;
  for (const { id } of runs) {
    const snapshot = journal.snapshot(id);
    state ??= snapshot?.state;
    const market = await marketEvents(journal.sideFiles(id), snapshot?.n ?? 0);
    if (typeof market === "string") marketLost ??= market;
    const rows = journal.rows(id, snapshot);
    since.push(...merged(rows, typeof market === "string" ? [] : market));
  }
  const fillTimes = runs.map(({ id }) => journal.lastFillTime(id));
  return {
    run,
    state,
    since,
    unresolved: unresolvedOf(since),
    lastFillTime: fillTimes.findLast((time) => time !== undefined),
    marketLost,
  };
}

/** The run and those it goes on with, oldest first, back to the last that kept a state. */
function chainOf(journal: Journal, last: RunRecord): readonly RunRecord[] {
  const chain = [last];
  for (let run = last; journal.snapshot(run.id) === undefined;) {
    const before = run.continues === undefined ? undefined : journal.run(run.continues);
    if (before === undefined) break;
    chain.unshift(before);
    run = before;
  }
  return chain;
}

/** Without them only what a strategy has seen of the market is lost: no reason to lose the orders too. */
async function marketEvents(
  paths: readonly string[],
  after: number,
): Promise<readonly SideEvent[] | string> {
  try {
    return await lastSideEvents(paths, after);
  } catch (error) {
    if (error instanceof DataFault || error instanceof JournalFault) return error.message;
    throw error;
  }
}

function merged(rows: Iterable<KeptRow>, market: readonly SideEvent[]): readonly JournalRow[] {
  const all: JournalRow[] = [];
  let next = 0;
  const marketUpTo = (n: number) => {
    for (let side = market[next]; side !== undefined && side.n <= n; side = market[++next]) {
      all.push({ event: side.event });
    }
  };
  for (const { n, time, event, commands, note } of rows) {
    if (note !== undefined) continue;
    marketUpTo(n);
    if (event !== undefined) all.push({ event });
    if (commands.length > 0) all.push({ commands, time });
  }
  marketUpTo(Infinity);
  return all;
}

function unresolvedOf(since: readonly JournalRow[]): readonly OrderId[] {
  const left = new Map<OrderId, number>();
  const fills = new Set<number>();
  for (const row of since) {
    if ("commands" in row) {
      for (const command of row.commands) {
        if (command.kind === "place") left.set(command.id, command.quantity);
      }
      continue;
    }
    const { event } = row;
    if (event.kind === "rejected" || event.kind === "cancelled" || event.kind === "expired") {
      left.delete(event.id);
    }
    // Told twice it is one fill.
    if (event.kind !== "fill" || fills.has(event.fillId)) continue;
    fills.add(event.fillId);
    const rest = (left.get(event.id) ?? 0) - event.quantity;
    if (rest > 0) left.set(event.id, rest);
    else left.delete(event.id);
  }
  return [...left.keys()];
}
