// The lives of a run's orders at the exchange, put together from what the run sent and heard: when each
// was sent, came to the book, filled and left it. Reports take their time on the way back, so what is
// heard now happened that much earlier.

import type { Command, Event, OrderId, Reason } from "../core/event.ts";
import type { Side } from "../core/strategy.ts";
import { type Micros, micros, MILLISECOND, type Ticks } from "../core/units.ts";

/** One order. Times are the exchange's, but `sentAt`. */
export interface OrderLife {
  readonly id: OrderId;
  readonly side: Side;
  readonly price: Ticks;
  readonly role: "maker" | "taker";
  /** In lots. */
  readonly quantity: number;
  readonly sentAt: Micros;
  readonly restedAt?: Micros;
  readonly endedAt?: Micros;
  readonly filled: number;
  /** Why it was never taken, or did not stay. */
  readonly refused?: Reason;
}

/** How the quantity of a run's own orders at one price changes. */
export interface OwnChange {
  readonly time: Micros;
  readonly side: Side;
  readonly price: Ticks;
  /** In lots, signed. */
  readonly change: number;
}

/** What a taker order of the run took. */
export interface OwnTaking {
  readonly time: Micros;
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: number;
}

type Mutable = { -readonly [K in keyof OrderLife]: OrderLife[K] };

/** Follows a run; an `Observer`. */
export class OrderLives {
  readonly #back: number;
  readonly #lives = new Map<OrderId, Mutable>();
  /** What of each order is shown in the book. */
  readonly #shown = new Map<OrderId, number>();
  readonly #changes: OwnChange[] = [];
  readonly #takings: OwnTaking[] = [];
  readonly #fills = new Set<number>();

  /** `backMs` is how long reports take. */
  constructor({ backMs }: { readonly backMs: number }) {
    this.#back = Math.round(backMs * MILLISECOND);
  }

  get all(): Iterable<OrderLife> {
    return this.#lives.values();
  }

  /** In order of time. */
  get changes(): readonly OwnChange[] {
    return this.#changes.sort((a, b) => a.time - b.time);
  }

  /** In order of time. */
  get takings(): readonly OwnTaking[] {
    return this.#takings.sort((a, b) => a.time - b.time);
  }

  seen(event: Event, commands: readonly Command[]): void {
    this.#hear(event, micros(event.time - this.#back));
    for (const command of commands) {
      if (command.kind === "cancel") continue;
      const { id, side, price, role, quantity } = command;
      this.#lives.set(id, { id, side, price, role, quantity, filled: 0, sentAt: event.time });
    }
  }

  #hear(event: Event, time: Micros): void {
    const life = "id" in event ? this.#lives.get(event.id) : undefined;
    if (life === undefined) return;
    switch (event.kind) {
      case "accepted":
        return this.#rest(life, time);
      case "fill":
        if (!this.#fills.has(event.fillId)) this.#fill(life, event, time);
        this.#fills.add(event.fillId);
        return;
      case "modified": {
        const left = Math.max(0, event.quantity - life.filled);
        return this.#show(life, Math.min(0, left - (this.#shown.get(life.id) ?? 0)), time);
      }
      case "rejected":
        life.refused = event.reason;
        return this.#end(life, time);
      case "expired":
        if (life.role === "maker" && life.filled === 0) life.refused = event.reason;
        return this.#end(life, time);
      case "cancelled":
        return this.#end(life, time);
    }
  }

  #rest(life: Mutable, time: Micros): void {
    if (life.restedAt !== undefined) return;
    life.restedAt = time;
    if (life.role === "maker") this.#show(life, life.quantity - life.filled, time);
  }

  #fill(life: Mutable, fill: Extract<Event, { kind: "fill" }>, time: Micros): void {
    // News of one order may come in any order.
    if (fill.maker) this.#rest(life, time);
    else this.#takings.push({ ...fill, time });
    life.filled += fill.quantity;
    if (fill.maker) this.#show(life, -fill.quantity, time);
    if (life.filled >= life.quantity) life.endedAt = time;
  }

  #end(life: Mutable, time: Micros): void {
    life.endedAt ??= time;
    this.#show(life, -(this.#shown.get(life.id) ?? 0), time);
  }

  #show({ id, side, price }: OrderLife, change: number, time: Micros): void {
    if (change === 0) return;
    this.#shown.set(id, (this.#shown.get(id) ?? 0) + change);
    this.#changes.push({ time, side, price, change });
  }
}
