// What the exchange says of the run's orders against what the run holds, at start-up and after a lost
// connection. It answers with the events that were missed, and names what no event can settle: orders
// of others, orders nobody can explain, and orders nobody has found. Nothing is inferred from absence.

import type { Event, OrderEvent, OrderId } from "./event.ts";
import type { OwnOrder } from "./orders.ts";
import type { Side } from "./strategy.ts";
import { type Lots, lots, type Micros, type Ticks } from "./units.ts";

/** An order that rests at the exchange. */
export interface FoundOrder {
  /** The wire's `clientId`; undefined for an order placed without one. */
  readonly id: OrderId | undefined;
  /** The exchange's own. */
  readonly orderId: string;
  readonly side: Side;
  readonly price: Ticks;
  /** The whole order, filled part included. */
  readonly quantity: Lots;
  readonly filled: Lots;
  readonly reduceOnly: boolean;
}

/** A fill in the exchange's history, whoever's. `origin` is whose order it was, as the exchange names it. */
export interface FoundFill extends Omit<Extract<OrderEvent, { kind: "fill" }>, "kind" | "id"> {
  readonly id: OrderId | undefined;
  readonly origin: string;
}

/** What the exchange says, asked in this order: open orders, then ends, then fills. */
export interface Found {
  /** When the last answer came: what is settled is told at this time, as a stream is. */
  readonly time: Micros;
  readonly open: readonly FoundOrder[];
  /** Since before the oldest live order, oldest first. */
  readonly fills: readonly FoundFill[];
  readonly ended: ReadonlyMap<OrderId, End>;
  /** How much of an ended order filled, where the exchange says so (Backpack `executedQuantity`). */
  readonly executed?: ReadonlyMap<OrderId, Lots>;
}

/** How an order can have ended. */
export type End = "filled" | "cancelled" | "expired" | "rejected";

/** What follows. */
export interface Settled {
  /** To be told to the engine in this order: fills, then what rests, then ends. */
  readonly events: readonly Event[];
  /** Orders of others: never touched, always reported. */
  readonly foreign: readonly FoundOrder[];
  /** With our tag, but not as we placed them: somebody else uses it. */
  readonly strange: readonly FoundOrder[];
  /** Live here, neither open nor ended there: whoever asked must prove that they are gone. */
  readonly missing: readonly OrderId[];
  /** Open there, given up here: their cancels are to be sent again. */
  readonly toCancel: readonly OrderId[];
  /** Live here, and filled there by more than `fills` tells: the history lags, ask again. */
  readonly lagging: readonly OrderId[];
}

/** Whose an id is: journaled by us, of our tag but not journaled, or anybody's. */
export type Whose = "ours" | "strange" | "other";

/** Compares the orders of a run with what was found of them. */
export function settle(
  live: Iterable<OwnOrder>,
  isOurs: (id: OrderId) => Whose,
  found: Found,
): Settled {
  const whose = (id: OrderId | undefined) => id === undefined ? "other" : isOurs(id);
  const own = new Map([...live].map((order) => [order.id, order]));
  const filled = new Map<OrderId, number>();
  const events: Event[] = found.fills.map((fill) => {
    if (fill.id !== undefined) filled.set(fill.id, (filled.get(fill.id) ?? 0) + fill.quantity);
    return eventOf(fill, whose(fill.id), found.time);
  });
  const sorted = sortOut(found.open, own, whose);
  const rests = sorted.known.flatMap(([order, there]) => restEvents(order, there, found.time));
  const known = new Map(sorted.known.map(([{ id }, there]) => [id, there]));
  const ends: Event[] = [];
  const missing: OrderId[] = [];
  const lagging: OrderId[] = [];
  for (const [id, order] of own) {
    const told = lots(Math.max(order.filled, filled.get(id) ?? 0));
    const there = known.get(id);
    const end = found.ended.get(id);
    if (there !== undefined) {
      if (told < there.filled) lagging.push(id);
    } else if (end === undefined) missing.push(id);
    else if (told < executedOf(order, end, { told, executed: found.executed?.get(id) })) {
      lagging.push(id);
    } else ends.push(...endEvents(order, end, { told, time: found.time }));
  }
  const { foreign, strange, toCancel } = sorted;
  return { events: [...events, ...rests, ...ends], foreign, strange, missing, toCancel, lagging };
}

/** What is open there by what it is to us. */
function sortOut(
  open: readonly FoundOrder[],
  own: ReadonlyMap<OrderId, OwnOrder>,
  whose: (id: OrderId | undefined) => Whose,
) {
  const known: (readonly [OwnOrder, FoundOrder])[] = [];
  const foreign: FoundOrder[] = [];
  const strange: FoundOrder[] = [];
  const toCancel: OrderId[] = [];
  const seen = new Set<OrderId>();
  for (const there of open) {
    const { id } = there;
    const order = id === undefined ? undefined : own.get(id);
    const owner = whose(id);
    if (id === undefined || owner === "other") foreign.push(there);
    else if (owner === "strange") strange.push(there);
    else if (order === undefined) toCancel.push(id);
    else if (seen.has(id) || !isSame(order, there)) strange.push(there);
    else {
      seen.add(id);
      known.push([order, there]);
      if (order.state === "cancelling") toCancel.push(id);
    }
  }
  return { known, foreign, strange, toCancel };
}

/** The exchange shrinks reduce-only orders and no others; it never grows one. */
function isSame(order: OwnOrder, there: FoundOrder): boolean {
  if (order.side !== there.side || order.price !== there.price) return false;
  return order.reduceOnly ? there.quantity <= order.quantity : there.quantity === order.quantity;
}

function restEvents(order: OwnOrder, there: FoundOrder, time: Micros): OrderEvent[] {
  const { id, state } = order;
  const events: OrderEvent[] = [];
  if (state === "sent" || state === "unknown") events.push({ kind: "accepted", time, id });
  if (there.quantity < order.quantity) {
    events.push({ kind: "modified", time, id, quantity: there.quantity });
  }
  return events;
}

function eventOf({ origin, ...fill }: FoundFill, whose: Whose, time: Micros): Event {
  const { id, ...rest } = fill;
  if (id !== undefined && whose === "ours") return { kind: "fill", ...rest, time, id };
  return { kind: "foreignFill", ...rest, time, origin };
}

/** How much of it has filled. Where nobody says, one that filled whole may have been shrunk before. */
function executedOf(
  order: OwnOrder,
  end: End,
  { told, executed }: { readonly told: Lots; readonly executed: Lots | undefined },
): Lots {
  if (executed !== undefined || end !== "filled") return executed ?? told;
  return order.reduceOnly && told > 0 ? told : order.quantity;
}

function endEvents(
  { id, quantity }: OwnOrder,
  end: End,
  { told, time }: { readonly told: Lots; readonly time: Micros },
): OrderEvent[] {
  // A filled order ends by its fills, unless it was shrunk to them.
  if (end === "filled") {
    return told < quantity ? [{ kind: "modified", time, id, quantity: told }] : [];
  }
  // The list of ends does not say why.
  return [
    end === "cancelled" ? { kind: end, time, id } : { kind: end, time, id, reason: "unknown" },
  ];
}
