// Commands on their way out. Orders leave in batches and are never sent again; cancels leave one by one
// but all at once, signed beforehand where there was time, and one that did not leave is kept until it
// has: to give up a cancel is to give up an order.

import { assert } from "../core/assert.ts";
import { BATCH } from "../core/budget.ts";
import type { Command, OrderId } from "../core/event.ts";
import type { Market } from "../core/market.ts";
import type { Micros } from "../core/units.ts";
import type { OrderNews, OwnOrders } from "./own_orders.ts";
import type { Reply } from "./reply.ts";
import type { Prepared } from "./requests.ts";
import type { Rest } from "./rest.ts";
import type { WireOrder } from "./wire_order.ts";
import type { Place } from "./wire_print.ts";

/** What the sender is made of. */
export interface SenderOptions {
  readonly market: () => Market;
  readonly rest: Pick<Rest, "place" | "cancel" | "prepareCancel" | "sendPrepared">;
  readonly own: OwnOrders;
  /** Spot: orders may call back funds that are lent out. */
  readonly redeemsLent: () => boolean;
  readonly now: () => Micros;
  /** The exchange's clock in ms. */
  readonly nowMs: () => number;
  readonly localMs: () => number;
  tell(news: readonly OrderNews[]): void;
  /** What goes wrong in here is a bug, and nobody waits for it. */
  fail(error: unknown): void;
}

/** A cancel that could not leave is tried again after this. */
const RETRY_CANCEL_MS = 500;
/** Cancels signed in one go: a signature takes some 50 µs, and an event must not wait for a ladder. */
const SIGNED_AT_ONCE = 8;
/** A signed cancel with less time left than this is signed anew. */
const RENEW_MS = 15_000;
/** And with less than this it does not leave: the way there takes time. */
const LEAST_LEFT_MS = 2_000;

/** Sends for one run. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #prepared = new Map<OrderId, Prepared<WireOrder | "accepted">>();
  /** Cancels under way: none is sent twice at a time. */
  readonly #cancelling = new Set<OrderId>();
  /** Cancels that did not leave, and when to try again, in local ms; as many as there are orders. */
  readonly #kept = new Map<OrderId, number>();

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Cancels that have not left yet. */
  get keptCancels(): number {
    return this.#kept.size;
  }

  /** Everything leaves in this call, as far as it may. */
  send(commands: readonly Command[]): void {
    const places: Place[] = [];
    for (const command of commands) {
      if (command.kind === "cancel") this.cancel(command.id);
      else places.push(command);
    }
    for (let i = 0; i < places.length; i += BATCH) this.#place(places.slice(i, i + BATCH));
  }

  /** Cancels an order of ours, whether it is known to be live or not. */
  cancel(id: OrderId): void {
    if (this.#cancelling.has(id)) return;
    this.#cancelling.add(id);
    this.#kept.delete(id);
    this.#request(id).then((reply) => {
      this.#cancelling.delete(id);
      this.#cancelled(id, reply);
    }).catch((error) => this.#options.fail(error));
  }

  /** Tries again what was kept, and signs cancels for orders that have none. */
  beat(): void {
    const { localMs, own } = this.#options;
    const at = localMs();
    for (const [id, due] of this.#kept) if (due <= at) this.cancel(id);
    for (const id of this.#prepared.keys()) if (!own.isLive(id)) this.#prepared.delete(id);
    let signed = 0;
    for (const id of own.resting) {
      if (signed >= SIGNED_AT_ONCE) return;
      if (this.#leftMs(id) >= RENEW_MS) continue;
      const { rest, market } = this.#options;
      this.#prepared.set(id, rest.prepareCancel(market(), { id }));
      signed++;
    }
  }

  #place(places: readonly Place[]): void {
    const { rest, market, own, now, tell, redeemsLent, fail } = this.#options;
    assert(places.length > 0, "a batch of no orders");
    const orders = places.map((order) =>
      redeemsLent() ? { ...order, redeemsLent: true as const } : order
    );
    for (const order of orders) own.sent(order, now());
    const ids = orders.map(({ id }) => id);
    rest.place(market(), orders).then((reply) => tell(own.placed(ids, reply, now()))).catch(fail);
  }

  #request(id: OrderId): Promise<Reply<WireOrder | "accepted">> {
    const { rest, market } = this.#options;
    const prepared = this.#prepared.get(id);
    // The same signature is not used twice.
    this.#prepared.delete(id);
    return prepared !== undefined && this.#leftOf(prepared) >= LEAST_LEFT_MS
      ? rest.sendPrepared(prepared)
      : rest.cancel(market(), { id });
  }

  #cancelled(id: OrderId, reply: Reply<WireOrder | "accepted">): void {
    const { own, now, tell, localMs } = this.#options;
    if (reply.kind === "limited" || reply.kind === "failed") {
      this.#kept.set(id, localMs() + RETRY_CANCEL_MS);
    } else tell(own.cancelled(id, reply, now()));
  }

  #leftMs(id: OrderId): number {
    const prepared = this.#prepared.get(id);
    return prepared === undefined ? 0 : this.#leftOf(prepared);
  }

  #leftOf({ expiresMs }: Prepared<unknown>): number {
    return expiresMs - this.#options.nowMs();
  }
}
