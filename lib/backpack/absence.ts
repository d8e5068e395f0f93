// The proof that an order is nowhere. The exchange takes no request after its timestamp plus its
// window, and holds back what is not post-only for the speed bump; once that has passed on the
// exchange's clock, two looks at everything it knows, some time apart, must both find nothing.
// This says when to look and draws the conclusion; the looking is done elsewhere.

import type { OrderId } from "../core/event.ts";
import { type Micros, micros, MILLISECOND, SECOND } from "../core/units.ts";
import { ORDER_WINDOW_MS } from "./rest.ts";

/** An order of unknown fate. */
export interface Doubt {
  readonly id: OrderId;
  /** Since when; the request was made before. */
  readonly since: Micros;
}

/** A look at open orders, then the order history, then fills. */
export interface Look {
  /** When the first of the three was asked for. */
  readonly askedAt: Micros;
  /** Every id that any of the three named. */
  readonly known: ReadonlySet<OrderId>;
  /** The lists went back to before every order in doubt. */
  readonly isComplete: boolean;
}

/** After this the exchange refuses an order. */
const WINDOW = ORDER_WINDOW_MS * MILLISECOND;
/** Orders that are not post-only wait so long before they reach the book (help page "Taker Speed Bump"). */
const SPEED_BUMP = 100 * MILLISECOND;
/** Between two looks: the history may lag behind. */
const BETWEEN_LOOKS = 2 * SECOND;

interface Case {
  since: Micros;
  /** When the first look that found nothing began. */
  firstAt: Micros | undefined;
}

/** Watches over orders of unknown fate. Times are on the exchange's clock. */
export class Absence {
  readonly #cases = new Map<OrderId, Case>();

  /** The orders in doubt now; those no longer in doubt are forgotten. */
  watch(doubts: readonly Doubt[]): void {
    const ids = new Set(doubts.map(({ id }) => id));
    for (const id of this.#cases.keys()) if (!ids.has(id)) this.#cases.delete(id);
    for (const { id, since } of doubts) {
      const known = this.#cases.get(id);
      if (known?.since !== since) this.#cases.set(id, { since, firstAt: undefined });
    }
  }

  /** When the next look may prove something; undefined while nothing is in doubt. */
  get lookAt(): Micros | undefined {
    let soonest: number | undefined;
    for (const { since, firstAt } of this.#cases.values()) {
      const at = firstAt === undefined ? arrivedBy(since) : firstAt + BETWEEN_LOOKS;
      if (soonest === undefined || at < soonest) soonest = at;
    }
    return soonest === undefined ? undefined : micros(soonest);
  }

  /** Takes a look and gives the orders that are now proven to be nowhere. */
  looked({ askedAt, known, isComplete }: Look): readonly OrderId[] {
    const gone: OrderId[] = [];
    for (const [id, one] of this.#cases) {
      if (known.has(id)) one.firstAt = undefined;
      else if (!isComplete || askedAt < arrivedBy(one.since)) continue;
      else if (one.firstAt === undefined) one.firstAt = askedAt;
      else if (askedAt >= one.firstAt + BETWEEN_LOOKS) gone.push(id);
    }
    return gone;
  }
}

/** No request made before `since` can still take effect after this. */
export function arrivedBy(since: Micros): Micros {
  return micros(since + WINDOW + SPEED_BUMP);
}
