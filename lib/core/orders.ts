// The run's own orders and every state of their life. An order leaves only on the exchange's word:
// sent orders may be resting, cancelling orders may still fill, and an unknown order counts as
// exposure until somebody proves that it is gone.

import type { Command, OrderEvent, OrderId } from "./event.ts";
import type { Side } from "./strategy.ts";
import { type Lots, lots, type Micros, type Ticks } from "./units.ts";
import { assert } from "./assert.ts";

/** Where an order is in its life. sent: unanswered; cancelling: a cancel is unanswered. */
export type OrderState = "sent" | "open" | "partlyFilled" | "cancelling" | "unknown" | "done";

/** One of the run's own orders. */
export interface OwnOrder {
  readonly id: OrderId;
  readonly side: Side;
  readonly price: Ticks;
  /** The whole order, filled part included. */
  readonly quantity: Lots;
  readonly filled: Lots;
  /** What may still fill. */
  readonly remaining: Lots;
  readonly role: "maker" | "taker";
  readonly reduceOnly: boolean;
  readonly tag: string | undefined;
  /** When it was sent. */
  readonly since: Micros;
  readonly state: OrderState;
  /** The exchange shrank it: its quantity is not to be topped up. */
  readonly shrunk: boolean;
}

type Mutable = { -readonly [K in keyof OwnOrder]: OwnOrder[K] };

/** An order as plain data. */
export type SavedOrder = Omit<OwnOrder, "tag"> & { readonly tag?: string };

/** `Orders` as plain data, each list oldest first. */
export interface OrdersSnapshot {
  readonly live: readonly SavedOrder[];
  readonly done: readonly SavedOrder[];
}

/** Ended orders kept so that a late fill still finds its tag. */
const KEPT_DONE = 4096;
/** Of these the newest that survive a restart. */
const SAVED_DONE = 256;

/** All own orders of a run that are not proven gone. */
export class Orders {
  readonly #live = new Map<OrderId, Mutable>();
  readonly #done = new Map<OrderId, Mutable>();
  /** Own quantity that the public book may show, by signed price (bids positive, asks negative). */
  readonly #shown = new Map<number, number>();

  /** Orders not proven gone, oldest first. */
  get live(): Iterable<OwnOrder> {
    return this.#live.values();
  }

  get count(): number {
    return this.#live.size;
  }

  /** Every live order is on the book as far as anybody knows: nothing is on its way. */
  get areSettled(): boolean {
    for (const { state } of this.#live.values()) {
      if (state !== "open" && state !== "partlyFilled") return false;
    }
    return true;
  }

  find(id: OrderId): OwnOrder | undefined {
    return this.#live.get(id) ?? this.#done.get(id);
  }

  /** Own quantity at a price that the public book may contain. */
  shownAt(side: Side, price: Ticks): number {
    return this.#shown.get(side === "bid" ? price : -price) ?? 0;
  }

  /** Takes the run's own command: the order is sent, or its cancel is. */
  command(command: Command, time: Micros): void {
    if (command.kind === "cancel") {
      const order = this.#live.get(command.id);
      assert(order !== undefined, `cancel of order ${command.id}, which is not live`);
      order.state = "cancelling";
      return;
    }
    const { id, side, price, quantity, role, reduceOnly, tag } = command;
    assert(this.find(id) === undefined, `order id ${id} used twice`);
    const order: Mutable = {
      id,
      side,
      price,
      quantity,
      filled: lots(0),
      remaining: quantity,
      role,
      reduceOnly,
      tag,
      since: time,
      state: "sent",
      shrunk: false,
    };
    this.#live.set(id, order);
    this.#show(order, quantity);
  }

  snapshot(): OrdersSnapshot {
    return {
      live: [...this.#live.values()].map(saved),
      done: [...this.#done.values()].slice(-SAVED_DONE).map(saved),
    };
  }

  /** Goes on where `from` ended. For orders of a run that has just begun. */
  restore({ live, done }: OrdersSnapshot): void {
    for (const order of done) this.#done.set(order.id, { tag: undefined, ...order });
    for (const one of live) {
      const order = { tag: undefined, ...one };
      this.#live.set(order.id, order);
      this.#show(order, order.remaining);
    }
  }

  /** Takes the exchange's word. Events out of order or told twice change nothing that is settled. */
  apply(event: OrderEvent): void {
    const order = this.#live.get(event.id);
    if (order === undefined) return;
    switch (event.kind) {
      case "accepted":
        if (order.state === "sent" || order.state === "unknown") order.state = stateOf(order);
        return;
      case "fill":
        this.#fill(order, event.quantity);
        return;
      case "modified":
        this.#resize(order, event.quantity);
        return;
      case "unknown":
        order.state = "unknown";
        return;
      case "cancelRefused":
        // It is not resting, but how it ended has not been said yet.
        order.state = "unknown";
        return;
      case "rejected":
      case "cancelled":
      case "expired":
        this.#end(order);
        return;
    }
  }

  #fill(order: Mutable, quantity: Lots): void {
    const remaining = Math.max(0, order.remaining - quantity);
    this.#show(order, remaining - order.remaining);
    order.filled = lots(order.filled + quantity);
    order.remaining = lots(remaining);
    if (remaining === 0) this.#end(order);
    else if (order.state === "sent" || order.state === "open") order.state = "partlyFilled";
  }

  #resize(order: Mutable, quantity: Lots): void {
    // The exchange only ever shrinks an order: what says otherwise is late or told again.
    if (quantity >= order.quantity) return;
    const remaining = Math.max(0, quantity - order.filled);
    this.#show(order, remaining - order.remaining);
    order.quantity = quantity;
    order.remaining = lots(remaining);
    order.shrunk = true;
    if (remaining === 0) this.#end(order);
  }

  #end(order: Mutable): void {
    this.#show(order, -order.remaining);
    order.state = "done";
    this.#live.delete(order.id);
    this.#done.set(order.id, order);
    if (this.#done.size > KEPT_DONE) {
      for (const id of this.#done.keys()) {
        this.#done.delete(id);
        break;
      }
    }
  }

  #show(order: OwnOrder, change: number): void {
    if (order.role === "taker" || change === 0) return;
    const key = order.side === "bid" ? order.price : -order.price;
    const shown = (this.#shown.get(key) ?? 0) + change;
    if (shown === 0) this.#shown.delete(key);
    else this.#shown.set(key, shown);
  }
}

function saved({ tag, ...order }: OwnOrder): SavedOrder {
  return tag === undefined ? order : { ...order, tag };
}

/** True for an order that counts as resting: on the book or on its way there. */
export function isResting(order: OwnOrder): boolean {
  return order.state === "sent" || order.state === "open" || order.state === "partlyFilled";
}

function stateOf(order: OwnOrder): OrderState {
  return order.filled > 0 ? "partlyFilled" : "open";
}
