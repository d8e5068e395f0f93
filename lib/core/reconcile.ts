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
  /** Maker orders that may be live at once, those being cancelled included. */
  readonly mostOrders: number;
  /** How many new orders, and how many cancels, may be sent now. */
  readonly budget: { readonly places: number; readonly cancels: number };
  /** Ids for new orders. */
  nextId(): OrderId;
}

/** Commands that make the book agree with the plan; empty when it does. Cancels come first. */
export function reconcile(plan: ApprovedPlan, reality: Reality): Command[] {
  const orders = [...reality.live];
  const free = new Set<OwnOrder>();
  for (const order of orders) if (order.role === "maker" && isResting(order)) free.add(order);
  const matches = matched(merged(plan, reality), free, reality)
    .map(singles(free, reality));
  const taker = takerToSend(plan, orders);
  const makers = orders.filter((order) => order.role === "maker").length;
  const room = Math.max(0, reality.mostOrders - makers);
  const places = missing(matches, orders, reality.market).slice(0, room);
  if (taker !== undefined) places.unshift(taker);
  const cancels = [...free].map(({ id }): Command => ({ kind: "cancel", id }));
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

/**
 * Second orders at a price are for top-ups, and only as far as the most orders allow beside one for
 * each planned price; beyond it a price gives up what rests there, to be placed again as one.
 */
function singles(free: Set<OwnOrder>, { market, mostOrders }: Reality) {
  let spare: number | undefined;
  return (match: Match, _: number, matches: readonly Match[]): Match => {
    spare ??= mostOrders - matches.length;
    const { wanted, kept } = match;
    const seconds = Math.max(0, kept.length - 1) + (isShort(match, market) ? 1 : 0);
    if (kept.length === 0 || seconds <= spare) {
      spare -= kept.length === 0 ? 0 : seconds;
      return match;
    }
    for (const order of kept) free.add(order);
    return { wanted, kept: [] };
  };
}

/** Too little rests, by more than is let pass, and an order for the rest is not too small. */
function isShort({ wanted, kept }: Match, market: Market): boolean {
  const short = shortOf({ wanted, kept });
  if (kept.some((order) => order.shrunk) || short < Math.max(1, market.minQuantity)) return false;
  return kept.length === 0 || short > slackOf(wanted);
}

function shortOf({ wanted, kept }: Match): number {
  return wanted.quantity - kept.reduce((sum, order) => sum + order.remaining, 0);
}

/** Finds for each planned order what stands for it, and takes that from `free`; excess stays in it. */
function matched(
  plan: readonly PlannedOrder[],
  free: Set<OwnOrder>,
  { market, toleranceTicks }: Reality,
): Match[] {
  const byPrice = Map.groupBy(free, keyOf);
  const matches = plan.map((wanted) => {
    const mine = byPrice.get(keyOf(wanted)) ?? [];
    return { wanted, kept: keep(wanted, mine, { free, market }) };
  });
  if (toleranceTicks === 0) return matches;
  // An order at exactly a planned price stands for that one, however near others are.
  return matches.map(({ wanted, kept }) => {
    if (kept.length > 0) return { wanted, kept };
    return { wanted, kept: keep(wanted, nearest(wanted, free, toleranceTicks), { free, market }) };
  });
}

function keep(
  wanted: PlannedOrder,
  mine: readonly OwnOrder[],
  { free, market }: { readonly free: Set<OwnOrder>; readonly market: Market },
): readonly OwnOrder[] {
  const excess = tooMuch(wanted, mine, market);
  const kept = excess.length === 0 ? mine : mine.filter((order) => !excess.includes(order));
  for (const order of kept) free.delete(order);
  return kept;
}

/** One number for side, price and kind. */
function keyOf({ side, price, reduceOnly }: PlannedOrder | OwnOrder): number {
  return price * 4 + (side === "bid" ? 2 : 0) + (reduceOnly === true ? 1 : 0);
}

/** The planned maker orders, one for each side, price and kind, nearest the touch first. */
function merged(plan: ApprovedPlan, { market }: Reality): PlannedOrder[] {
  const byPrice = new Map<number, PlannedOrder>();
  for (const planned of plan.orders) {
    if (planned.role === "taker") continue;
    const reduceOnly = reducing(planned, market);
    const order = planned.reduceOnly === reduceOnly ? planned : { ...planned, reduceOnly };
    const key = keyOf(order);
    const same = byPrice.get(key);
    const quantity = same && lots(same.quantity + order.quantity);
    byPrice.set(key, quantity === undefined ? order : { ...order, ...same, quantity });
  }
  return [...byPrice.values()];
}

/** The resting orders of a planned one's side and kind at the price nearest to it. */
function nearest(
  wanted: PlannedOrder,
  free: ReadonlySet<OwnOrder>,
  tolerance: number,
): OwnOrder[] {
  let best: OwnOrder[] = [];
  let least = tolerance;
  for (const order of free) {
    if (order.side !== wanted.side || order.reduceOnly !== (wanted.reduceOnly ?? false)) continue;
    const distance = Math.abs(order.price - wanted.price);
    if (distance > least) continue;
    if (distance < least) {
      least = distance;
      best = [];
    }
    if (best.length === 0 || best[0]?.price === order.price) best.push(order);
  }
  return best;
}

/** The newest orders, where what stands for a planned order is more than it wants. */
function tooMuch(wanted: PlannedOrder, mine: readonly OwnOrder[], market: Market): OwnOrder[] {
  const most = wanted.quantity + (isExact(wanted, market) ? 0 : slackOf(wanted));
  let have = mine.reduce((sum, order) => sum + order.remaining, 0);
  const excess: OwnOrder[] = [];
  for (const order of mine.toReversed()) {
    if (have <= most) break;
    excess.push(order);
    have -= order.remaining;
  }
  return excess;
}

/** What is missing of the planned orders and may be placed now: what rests keeps its queue place. */
function missing(
  matches: readonly Match[],
  orders: readonly OwnOrder[],
  market: Market,
): PlannedOrder[] {
  const places: PlannedOrder[] = [];
  let leaving: readonly OwnOrder[] | undefined;
  for (const match of matches) {
    if (!isShort(match, market)) continue;
    const { wanted } = match;
    leaving ??= leavingOf(matches, orders);
    const waits = orders.some((order) => wouldMeet(order, wanted)) ||
      leaving.some((order) => order.side === wanted.side && order.price === wanted.price);
    if (!waits) places.push({ ...wanted, quantity: lots(shortOf(match)) });
  }
  return places;
}

/** Live orders that stand for nothing planned. */
function leavingOf(matches: readonly Match[], orders: readonly OwnOrder[]): readonly OwnOrder[] {
  const staying = new Set(matches.flatMap(({ kept }) => kept));
  return orders.filter((order) => !staying.has(order));
}

/** More than planned would be more than there is: the exchange refuses whatever comes after it. */
function isExact({ side, reduceOnly }: PlannedOrder, { kind }: Market): boolean {
  return reduceOnly === true || kind === "spot" && side === "ask";
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
