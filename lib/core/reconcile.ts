// The difference between what should rest and what does, as the fewest commands. Orders are matched
// by side and price, never by name: after a restart or a lost answer the book itself is the truth.
// A price where an order is being cancelled, or whose fate is unknown, is not refilled before the
// exchange has said what became of it.

import type { Command, OrderId } from "./event.ts";
import type { Market } from "./market.ts";
import { isResting, type OwnOrder } from "./orders.ts";
import type { ApprovedPlan } from "./risk.ts";
import type { PlannedOrder } from "./strategy.ts";
import { lots } from "./units.ts";

/** Quantities this close count as equal: queue place is worth more than the difference. */
const SAME_QUANTITY = 0.05;

/** What reconcile needs to know beside the plan. */
export interface Reality {
  readonly market: Market;
  /** Orders not proven gone. */
  readonly live: Iterable<OwnOrder>;
  /** Own resting orders within this many ticks of a planned price may stand for it. */
  readonly toleranceTicks: number;
  /** How many new orders, and how many cancels, may be sent now. */
  readonly budget: { readonly places: number; readonly cancels: number };
  /** Ids for new orders. */
  nextId(): OrderId;
}

/** Commands that make the book agree with the plan; empty when it does. Cancels come first. */
export function reconcile(plan: ApprovedPlan, reality: Reality): Command[] {
  const orders = [...reality.live];
  const free = new Set(orders.filter((order) => order.role === "maker" && isResting(order)));
  const matches = matched(merged(plan, reality), free, reality.toleranceTicks);
  const staying = new Set(matches.flatMap(({ kept }) => kept));
  const leaving = orders.filter((order) => !staying.has(order));
  const cancels = [...free].map(({ id }): Command => ({ kind: "cancel", id }));
  const places = matches.flatMap((match) => topUp(match, { orders, leaving }, reality.market));
  const taker = takerToSend(plan, orders);
  if (taker !== undefined) places.unshift(taker);
  return [
    ...cancels.slice(0, reality.budget.cancels),
    ...places.slice(0, reality.budget.places).map((order) => place(order, reality)),
  ];
}

/** A planned order and the orders that stand for it. */
interface Match {
  readonly wanted: PlannedOrder;
  readonly kept: readonly OwnOrder[];
}

/** Finds for each planned order what stands for it, and takes that from `free`; excess stays in it. */
function matched(
  plan: readonly PlannedOrder[],
  free: Set<OwnOrder>,
  toleranceTicks: number,
): Match[] {
  const kept = new Map<PlannedOrder, readonly OwnOrder[]>();
  // An order at exactly a planned price stands for that one, however near others are.
  for (const tolerance of toleranceTicks === 0 ? [0] : [0, toleranceTicks]) {
    for (const wanted of plan) {
      if ((kept.get(wanted)?.length ?? 0) > 0) continue;
      const mine = standing(wanted, free, tolerance);
      const excess = tooMuch(wanted, mine);
      const staying = mine.filter((order) => !excess.includes(order));
      for (const order of staying) free.delete(order);
      kept.set(wanted, staying);
    }
  }
  return plan.map((wanted) => ({ wanted, kept: kept.get(wanted) ?? [] }));
}

/** The planned maker orders, one for each side, price and kind, nearest the touch first. */
function merged(plan: ApprovedPlan, reality: Reality): PlannedOrder[] {
  const byPrice = new Map<string, PlannedOrder>();
  for (const planned of plan.orders) {
    if (planned.role === "taker") continue;
    const order = { ...planned, reduceOnly: reducing(planned, reality.market) };
    const key = `${order.side}${order.price}${order.reduceOnly}`;
    const same = byPrice.get(key);
    byPrice.set(
      key,
      same === undefined ? order : { ...same, quantity: lots(same.quantity + order.quantity) },
    );
  }
  return [...byPrice.values()];
}

/** The resting orders that stand for a planned one: of its side and kind, at its price or the nearest within tolerance. */
function standing(
  wanted: PlannedOrder,
  resting: ReadonlySet<OwnOrder>,
  tolerance: number,
): OwnOrder[] {
  let best: OwnOrder[] = [];
  let nearest = tolerance;
  for (const order of resting) {
    if (order.side !== wanted.side || order.reduceOnly !== (wanted.reduceOnly ?? false)) continue;
    const distance = Math.abs(order.price - wanted.price);
    if (distance > nearest) continue;
    if (distance < nearest) {
      nearest = distance;
      best = [];
    }
    if (best.length === 0 || best[0]?.price === order.price) best.push(order);
  }
  return best;
}

/** The newest orders, where what stands for a planned order is more than it wants. */
function tooMuch(wanted: PlannedOrder, mine: readonly OwnOrder[]): OwnOrder[] {
  const most = wanted.quantity + (wanted.reduceOnly === true ? 0 : slackOf(wanted));
  let have = mine.reduce((sum, order) => sum + order.remaining, 0);
  const excess: OwnOrder[] = [];
  for (const order of mine.toReversed()) {
    if (have <= most) break;
    excess.push(order);
    have -= order.remaining;
  }
  return excess;
}

/** What is missing of a planned order, if it may be placed now: the first order keeps its queue place. */
function topUp(
  { wanted, kept }: Match,
  { orders, leaving }: { orders: readonly OwnOrder[]; leaving: readonly OwnOrder[] },
  market: Market,
): PlannedOrder[] {
  const missing = wanted.quantity - kept.reduce((sum, order) => sum + order.remaining, 0);
  const enough = kept.length > 0 && missing <= slackOf(wanted);
  if (enough || missing < Math.max(1, market.minQuantity)) return [];
  const waits = kept.some((order) => order.shrunk) ||
    leaving.some((order) => order.side === wanted.side && order.price === wanted.price) ||
    orders.some((order) => wouldMeet(order, wanted));
  return waits ? [] : [{ ...wanted, quantity: lots(missing) }];
}

function slackOf({ quantity }: PlannedOrder): number {
  return Math.max(1, Math.floor(quantity * SAME_QUANTITY));
}

/** An own opposite order at the price or through it: the new one would trade with ourselves. */
function wouldMeet(order: OwnOrder, wanted: PlannedOrder): boolean {
  if (order.side === wanted.side) return false;
  return wanted.side === "bid" ? order.price <= wanted.price : order.price >= wanted.price;
}

/** One taker order at a time: the next one is decided knowing what the last one did. */
function takerToSend(plan: ApprovedPlan, orders: readonly OwnOrder[]): PlannedOrder | undefined {
  if (orders.some((order) => order.role === "taker")) return undefined;
  return plan.orders.find((order) => order.role === "taker");
}

function place(order: PlannedOrder, reality: Reality): Command {
  return {
    kind: "place",
    id: reality.nextId(),
    side: order.side,
    price: order.price,
    quantity: order.quantity,
    role: order.role,
    reduceOnly: reducing(order, reality.market),
    tag: order.tag,
  };
}

/** Backpack knows reduce-only on futures alone; a spot ask can never do more. */
function reducing(order: PlannedOrder, market: Market): boolean {
  return market.kind === "perp" && order.reduceOnly === true;
}
