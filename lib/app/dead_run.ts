// What a live run left that is gone: its orders are cancelled with the account's keys and nothing
// else, by the ids that its journal has, until the exchange lists none of them. The lock of the run
// is held meanwhile, so that neither it nor another that goes on with it can place one more.

import { sweep } from "../backpack/sweep.ts";
import type { Signer } from "../backpack/sign.ts";
import type { WireOrder } from "../backpack/wire_order.ts";
import { formatPrice, formatQuantity, type Market } from "../core/market.ts";
import { micros, MILLISECOND } from "../core/units.ts";
import { OrderIds } from "../journal/ids.ts";
import { JournalFault } from "../journal/fault.ts";
import { Journal } from "../journal/journal.ts";
import { RunLock } from "../journal/lock.ts";
import type { RunRecord } from "../journal/runs.ts";
import { connect, marketOf, valueOf } from "./connect.ts";
import { ExitCode, UserError } from "./errors.ts";
import { fingerprint } from "./live_start.ts";
import type { Clock } from "./paced.ts";
import type { Urls } from "./urls.ts";

/** Which run, and with what it is swept. */
export interface DeadRunOptions {
  readonly dataDir: string;
  /** The name of the run. */
  readonly id: string;
  readonly urls: Urls;
  /** Undefined: no key is set. */
  readonly signer: Signer | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  tell(line: string): void;
}

/** A process that is ending may hold its lock for so long. */
const LOCK_MS = 15_000;
const LOCK_AGAIN_MS = 250;
/** Orders named one by one. */
const MOST_NAMED = 20;

/**
 * Cancels the orders of a run that is dead and gives the exit code: 0 with the exchange's word that
 * none is left, 8 without. Throws `UserError` where it cannot even begin, also with exit code 8.
 */
export async function sweepDeadRun(options: DeadRunOptions): Promise<number> {
  const { dataDir, id, urls, signer, clock, signal, tell } = options;
  await using journal = opened(dataDir);
  const run = journal.run(id);
  if (run === undefined) throw new UserError(`No run is named "${id}"`, ExitCode.notRunning);
  if (signer === undefined) throw mayRemain(`no key is set: ${keysOrByHand(run)}`);
  if (fingerprint(signer) !== run.account) {
    throw mayRemain(`the keys are not those of run ${id}: ${keysOrByHand(run)}`);
  }
  using _lock = await locked(run, options);
  // Only now: the run may have ended in order while the lock was waited for.
  const { remains } = journal.run(id)?.end ?? { remains: "unknown" };
  if (remains !== "unknown") {
    const how = remains === "none" ? "nothing of it was left" : "its orders were kept";
    tell(`Run ${id} ended in order: ${how}`);
    return ExitCode.done;
  }
  using connection = connect(urls, signer);
  await connection.clock.measure(() => connection.rest.time(signal), signal);
  const market = await marketOf(connection, run.market, signal);
  const ids = new OrderIds({
    ...{ journal, pair: run, found: [] },
    isTaken: () => true,
    random: Math.random,
  });
  tell(`Cancelling the orders of run ${id} in ${market.symbol}`);
  const left = await sweep({
    ...{ market, rest: connection.rest, signal },
    isOurs: (id) => ids.whose(id) === "ours",
    localMs: clock.now,
    sleep: clock.sleep,
  });
  if (left === undefined) throw mayRemain(`${new URL(urls.api).host} gave no answer`);
  if (left.length > 0) throw mayRemain(`these are still open: ${named(market, left)}`);
  const open = valueOf(
    await connection.rest.openOrders(market, signal),
    "ask for open orders",
    urls,
  );
  const strange = open.filter(({ clientId }) =>
    clientId !== undefined && ids.whose(clientId) === "strange"
  );
  if (strange.length > 0) {
    throw mayRemain(`these have tag ${run.tag} but are in no journal: ${named(market, strange)}`);
  }
  const others = open.length === 0 ? "" : `; ${open.length} of others were left alone`;
  tell(`The exchange lists no order of run ${id}${others}`);
  return ExitCode.done;
}

/** Without the journal nobody knows which orders are the run's. */
function opened(dataDir: string): Journal {
  try {
    return Journal.open({ folder: dataDir, mode: "live", access: "read" });
  } catch (error) {
    if (error instanceof JournalFault) throw mayRemain(error.message);
    throw error;
  }
}

/** Waits for the lock of the run: whoever holds it can still place orders. */
async function locked(run: RunRecord, options: DeadRunOptions): Promise<RunLock> {
  const { dataDir, clock, signal } = options;
  const self = { pid: Deno.pid, since: micros(Date.now() * MILLISECOND) };
  for (const start = clock.now();;) {
    const lock = RunLock.take(dataDir, run, self);
    if (lock instanceof RunLock) return lock;
    if (clock.now() - start >= LOCK_MS || signal.aborted) {
      const who = lock === "unknown" ? "another process" : `process ${lock.pid}`;
      throw mayRemain(`${who} trades ${run.market} with tag ${run.tag}: stop that one`);
    }
    await clock.sleep(LOCK_AGAIN_MS, signal);
  }
}

/** What a person can do who has to do it alone. */
function keysOrByHand({ market, tag }: RunRecord): string {
  return "set BPX_API_SECRET_FILE and stop it again, or cancel by hand its orders in " +
    `${market} (client ids from ${tag * 2 ** 24} to ${(tag + 1) * 2 ** 24 - 1})`;
}

function named(market: Market, orders: readonly WireOrder[]): string {
  const names = orders.slice(0, MOST_NAMED).map(({ orderId, side, price, quantity }) => {
    const what = quantity === undefined ? side : `${side} ${formatQuantity(market, quantity)}`;
    return price === undefined
      ? `${orderId} (${what})`
      : `${orderId} (${what} at ${formatPrice(market, price)})`;
  });
  const more = orders.length > MOST_NAMED ? ` and ${orders.length - MOST_NAMED} more` : "";
  return names.join(", ") + more;
}

function mayRemain(why: string): UserError {
  return new UserError(`Own orders may remain as ${why}`, ExitCode.ordersMayRemain);
}
