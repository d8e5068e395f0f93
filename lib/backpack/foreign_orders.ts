// Open orders that are not ours: a person's, another bot's, the exchange's own. They are listed so that
// a person can be told of them and nothing sweeping is ever sent while one is there.

import type { OrderFacts, OrderStatus } from "./wire_order.ts";

/** Orders kept; an account with more is listed short, never touched. */
const MOST = 4096;

const resting: ReadonlySet<OrderStatus> = new Set([
  "open",
  "partlyFilled",
  "waiting",
  "triggered",
]);

/** Orders of others by the exchange's number. */
export class ForeignOrders {
  readonly #orders = new Map<string, OrderFacts>();

  get list(): readonly OrderFacts[] {
    return [...this.#orders.values()];
  }

  /** Forgets all: a whole list follows. */
  clear(): void {
    this.#orders.clear();
  }

  /** Takes the latest word on one of them. */
  see(order: OrderFacts): void {
    if (!resting.has(order.status)) this.#orders.delete(order.orderId);
    else if (this.#orders.size < MOST) this.#orders.set(order.orderId, order);
  }
}
