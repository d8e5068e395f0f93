// What an earlier run left, and what becomes of it: its state and orders taken over, its orders
// cancelled with proof, or no start at all. Then the venue is opened with what the run holds, and a
// tag that somebody else uses ends the start.

import { type Opening, OpeningFault } from "../backpack/opening.ts";
import { sweep } from "../backpack/sweep.ts";
import type { LiveVenue } from "../backpack/venue.ts";
import type { Engine } from "../core/engine.ts";
import type { Market } from "../core/market.ts";
import { readState, type Restored } from "../core/state.ts";
import { DAY, type Micros, micros, SECOND } from "../core/units.ts";
import type { OrderIds } from "../journal/ids.ts";
import type { Journal } from "../journal/journal.ts";
import { recover, type Recovery } from "../journal/recover.ts";
import type { Pair, RunRecord } from "../journal/runs.ts";
import type { Connection } from "./connect.ts";
import { ExitCode, orComplain, UserError } from "./errors.ts";
import type { LiveTerms } from "./live_start.ts";
import { wallClock } from "./wall.ts";

/** A fill is heard of this much after it happened, at most. */
const HEARD_LATE = 60 * SECOND;

/** What an earlier run left, once it is dealt with as the operator said. */
export async function recovered(
  terms: Pick<LiveTerms, "onStart" | "signal">,
  { journal, pair, connection, market, ids }: {
    readonly journal: Journal;
    readonly pair: Pair;
    readonly connection: Connection;
    readonly market: Market;
    readonly ids: OrderIds;
  },
): Promise<Recovery | undefined> {
  const recovery = await recover(journal, pair);
  if (recovery === undefined || terms.onStart === "adopt") return recovery;
  const { id } = recovery.run;
  if (terms.onStart === "refuse") {
    throw new UserError(
      `Cannot start as run ${id} did not end with proof that nothing is left: ` +
        "--on-start adopt goes on with it, --on-start cancel cancels its orders",
      ExitCode.failure,
    );
  }
  const left = await sweep({
    market,
    rest: connection.rest,
    isOurs: (id) => ids.whose(id) === "ours",
    localMs: wallClock.now,
    sleep: wallClock.sleep,
    signal: terms.signal,
  });
  if (left?.length === 0) return undefined;
  const count = left === undefined ? "some" : String(left.length);
  throw new UserError(
    `Cannot start as ${count} orders of run ${id} may remain`,
    ExitCode.ordersMayRemain,
  );
}

/**
 * A run that never kept a state never sent an order either. One that was about to stop trades again:
 * whoever starts it now wants it to, unless the strategy itself was done.
 */
export function restoredOf({ state: kept, since }: Recovery): Restored | undefined {
  if (kept === undefined) return undefined;
  const state = orComplain("read the journal", () => readState(kept));
  const wasStopped = state.stage === "stopping" || state.stage === "stopped";
  return {
    state: wasStopped && state.finish === undefined ? { ...state, stage: "running" } : state,
    since: since.filter((row) => !("event" in row && row.event.kind === "stop")),
  };
}

/** Opens the venue with what the run holds. Throws `UserError`. */
export async function opened(
  { venue, engine, journal, recovery }: {
    readonly venue: Pick<LiveVenue, "start">;
    readonly engine: Pick<Engine, "facts">;
    readonly journal: Journal;
    readonly recovery: Recovery | undefined;
  },
): Promise<Opening> {
  const { orders } = engine.facts;
  const since = recovery === undefined ? {} : { fillsSince: fillsSince(journal, recovery) };
  try {
    const opening = await venue.start({
      live: orders.live,
      ...since,
      ...(recovery === undefined ? {} : { fundingSince: engine.facts.time }),
    });
    return opening;
  } catch (error) {
    if (!(error instanceof OpeningFault)) throw error;
    const exitCode = error.kind === "keys" ? ExitCode.keysRefused : ExitCode.failure;
    throw new UserError(error.message, exitCode);
  }
}

/**
 * From when on fills are the run's: shortly before the last that any of its processes heard of, so that
 * no more are told again than the ledger remembers. The journal has the time a fill was heard of.
 */
function fillsSince(journal: Journal, { run }: Recovery): Micros {
  let first = run;
  let lastFill: Micros | undefined;
  for (let one: RunRecord | undefined = run; one !== undefined;) {
    first = one;
    lastFill ??= journal.lastFillTime(one.id);
    one = one.continues === undefined ? undefined : journal.run(one.continues);
  }
  return micros(Math.max(beganAt(journal, first), (lastFill ?? 0) - HEARD_LATE));
}

/** By the exchange's clock, as the first row says; that it started is written by this machine's. */
function beganAt(journal: Journal, { id, started }: RunRecord): Micros {
  for (const { n, time } of journal.rows(id)) {
    if (n === 0) continue;
    // Days later it is only the first that is still kept.
    return Math.abs(time - started) < DAY ? time : started;
  }
  return started;
}

/** Somebody else places orders with our tag: each would take the other's for its own. */
export function refuseStrange({ strange }: Opening, tag: number): void {
  if (strange.length === 0) return;
  const ids = strange.slice(0, 5).map(({ orderId }) => orderId).join(", ");
  throw new UserError(
    `Cannot start as ${strange.length} open orders have tag ${tag} and are not in this journal ` +
      `(${ids}): give this run another --tag, or cancel them`,
    ExitCode.failure,
  );
}
