// What an exchange can be asked about an account after the fact: its fills, how its orders ended and
// what funding it paid. Reports are told once; a process that was dead meanwhile asks here.

import type { AccountEvent, Event, OrderId } from "../core/event.ts";
import type { End, Found, FoundFill, FoundOrder } from "../core/settle.ts";
import type { Micros } from "../core/units.ts";
import type { Order } from "../exchange/order.ts";

/** Of each kind this many are kept, the newest. */
const KEPT = 100_000;

/** Fills, ends and fundings of one account in one market. */
export class History {
  readonly #fills: FoundFill[] = [];
  readonly #ended = new Map<OrderId, End>();
  readonly #fundings: Extract<AccountEvent, { kind: "funding" }>[] = [];

  /** Funding payments, oldest first. */
  get fundings(): readonly Extract<AccountEvent, { kind: "funding" }>[] {
    return this.#fundings;
  }

  /** Notes what the exchange reports. */
  note(event: Event): void {
    switch (event.kind) {
      case "fill": {
        const { kind: _, ...fill } = event;
        return keep(this.#fills, { ...fill, origin: "USER" });
      }
      case "foreignFill": {
        const { kind: _, ...fill } = event;
        return keep(this.#fills, { ...fill, id: undefined });
      }
      case "funding":
        return keep(this.#fundings, event);
      case "cancelled":
      case "expired":
      case "rejected":
        this.#ended.set(event.id, event.kind);
        return;
      default:
        return;
    }
  }

  /** What is found at `time` beside the orders that are `open` then. */
  found(open: readonly Order[], time: Micros): Found {
    const ids = new Set(open.map(({ request: { clientId } }) => clientId));
    const ended = new Map<OrderId, End>(this.#ended);
    for (const { id } of this.#fills) {
      if (id !== undefined && !ids.has(id) && !ended.has(id)) ended.set(id, "filled");
    }
    return { time, open: open.map(foundOrder), fills: [...this.#fills], ended };
  }
}

function foundOrder(order: Order): FoundOrder {
  const { id, side, limit: price, quantity, executed: filled, request } = order;
  const { clientId, reduceOnly } = request;
  return { id: clientId, orderId: String(id), side, price, quantity, filled, reduceOnly };
}

function keep<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > KEPT) list.shift();
}
