// Taking away what a run that is gone has left resting, with nothing but its ids and the exchange's
// own list. Requests of the dead process may still be on their way, so the list must stay empty until
// none of them can be accepted any more. Orders of others are never touched.

import type { OrderId } from "../core/event.ts";
import type { Market } from "../core/market.ts";
import { ORDER_WINDOW_MS, type Rest } from "./rest.ts";
import type { WireOrder } from "./wire_order.ts";

/** What is swept, and with what. */
export interface SweepOptions {
  readonly market: Market;
  readonly rest: Pick<Rest, "openOrders" | "cancel">;
  /** Whose an order is, by its number in the run. */
  isOurs(id: OrderId): boolean;
  /** Ms from any start, never set back. */
  readonly localMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Between two looks at the list. */
const LOOK_MS = 250;
/** After this much time what is left is told. */
const GIVE_UP_MS = 20_000;
/** The speed bump, and the way of a request. */
const SLACK_MS = 500;

/**
 * Cancels our orders until the exchange lists none. Gives those it still listed when time was up;
 * undefined where it never answered.
 */
export async function sweep(options: SweepOptions): Promise<readonly WireOrder[] | undefined> {
  const { market, rest, isOurs, localMs, sleep, signal } = options;
  const start = localMs();
  let left: readonly WireOrder[] | undefined;
  while (localMs() - start < GIVE_UP_MS && !signal.aborted) {
    const open = await rest.openOrders(market, signal);
    if (open.kind === "ok") {
      left = open.value.filter(({ clientId }) => clientId !== undefined && isOurs(clientId));
      const nothingComes = localMs() - start > ORDER_WINDOW_MS + SLACK_MS;
      if (left.length === 0 && nothingComes) return left;
      // A cancel told twice is one cancel, and each answer is only the next look's business.
      await Promise.all(left.map(({ orderId }) => rest.cancel(market, { orderId }, signal)));
    }
    await sleep(LOOK_MS, signal);
  }
  return left;
}
