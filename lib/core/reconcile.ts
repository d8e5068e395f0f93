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
  const { matches, free } = matched(plan, orders, reality);
  giveUpSeconds(matches, free, reality);
  const taker = takerToSend(plan, orders);
  let room = reality.mostOrders;
  for (const order of orders) if (order.role === "maker") room--;
  const places = missing(matches, orders, reality.market).slice(0, Math.max(0, room));
  if (taker !== undefined) places.unshift(taker);
  const commands: Command[] = [];
  for (const { id } of free) {
    if (commands.length === reality.budget.cancels) break;
    commands.push({ kind: "cancel", id });
  }
  for (const order of places.slice(0, reality.budget.places)) commands.push(place(order, reality));
  return commands;
}

/** A planned order and the orders that stand for it, oldest first. */
interface Match {
  readonly wanted: PlannedOrder;
  kept: readonly OwnOrder[];
}

/**
 * Second orders at a price are for top-ups, and only as far as the most orders allow beside one for
 * each planned price; beyond it a price gives up what rests there, to be placed again as one.
 */
function giveUpSeconds(
  matches: readonly Match[],
  free: Set<OwnOrder>,
  { market, mostOrders }: Reality,
): void {
  let spare = mostOrders - matches.length;
  for (const match of matches) {
    const { kept } = match;
    if (kept.length === 0) continue;
    const seconds = kept.length - 1 + (isShort(match, market) ? 1 : 0);
    if (seconds <= spare) {
      spare -= seconds;
      continue;
    }
    for (const order of kept) free.add(order);
    match.kept = [];
  }
}

/** Too little rests, by more than is let pass, and an order for the rest is not too small. */
function isShort({ wanted, kept }: Match, market: Market): boolean {
  const short = wanted.quantity - remainingOf(kept);
  if (kept.some((order) => order.shrunk) || short < Math.max(1, market.minQuantity)) return false;
  return kept.length === 0 || short > slackOf(wanted);
}

function remainingOf(orders: readonly OwnOrder[]): number {
  let sum = 0;
  for (const { remaining } of orders) sum += remaining;
  return sum;
}

/**
 * Finds for each planned order what stands for it; what stands for none, excess included, is free.
 * Plans hold hundreds of orders and are looked at again after every answer, so each live order is
 * looked up by its price and no list is built for it.
 */
function matched(
  plan: ApprovedPlan,
  orders: readonly OwnOrder[],
  { market, toleranceTicks }: Reality,
): { readonly matches: readonly Match[]; readonly free: Set<OwnOrder> } {
  const byPrice = merged(plan, market);
  const matches = [...byPrice.values()];
  const resting = orders.filter((order) => order.role === "maker" && isResting(order));
  for (const order of resting) {
    const match = byPrice.get(keyOf(order));
    if (match !== undefined) {
      match.kept = match.kept.length === 0 ? [order] : [...match.kept, order];
    }
  }
  for (const match of matches) match.kept = withoutExcess(match, market);
  const free = new Set<OwnOrder>();
  for (const order of resting) {
    if (byPrice.get(keyOf(order))?.kept.includes(order) !== true) free.add(order);
  }
  // An order at exactly a planned price stands for that one, however near others are.
  for (const match of toleranceTicks === 0 ? [] : matches) {
    if (match.kept.length > 0) continue;
    match.kept = nearest(match.wanted, free, toleranceTicks);
    match.kept = withoutExcess(match, market);
    for (const order of match.kept) free.delete(order);
  }
  return { matches, free };
}

/** One number for side, price and kind. */
function keyOf({ side, price, reduceOnly }: PlannedOrder | OwnOrder): number {
  return price * 4 + (side === "bid" ? 2 : 0) + (reduceOnly === true ? 1 : 0);
}

/** The planned maker orders by side, price and kind, nearest the touch first. */
function merged(plan: ApprovedPlan, market: Market): Map<number, Match> {
  const byPrice = new Map<number, Match>();
  for (const planned of plan.orders) {
    if (planned.role === "taker") continue;
    const reduceOnly = reducing(planned, market);
    const order = (planned.reduceOnly === true) === reduceOnly
      ? planned
      : { ...planned, reduceOnly };
    const key = keyOf(order);
    const same = byPrice.get(key)?.wanted;
    const wanted = same === undefined
      ? order
      : { ...order, ...same, quantity: lots(same.quantity + order.quantity) };
    byPrice.set(key, { wanted, kept: [] });
  }
  return byPrice;
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

/** What stands for a planned order without the newest of it, where it is more than is wanted. */
function withoutExcess({ wanted, kept }: Match, market: Market): readonly OwnOrder[] {
  const most = wanted.quantity + (isExact(wanted, market) ? 0 : slackOf(wanted));
  let have = remainingOf(kept);
  let count = kept.length;
  for (; count > 0 && have > most; count--) have -= kept[count - 1]?.remaining ?? 0;
  return count === kept.length ? kept : kept.slice(0, count);
}

/** What is missing of the planned orders and may be placed now: what rests keeps its queue place. */
function missing(
  matches: readonly Match[],
  orders: readonly OwnOrder[],
  market: Market,
): PlannedOrder[] {
  const places: PlannedOrder[] = [];
  for (const match of matches) {
    if (!isShort(match, market)) continue;
    const { wanted, kept } = match;
    const waits = orders.some((order) =>
      wouldMeet(order, wanted) || isLeavingFrom(wanted, order, matches)
    );
    const short = wanted.quantity - remainingOf(kept);
    if (!waits) places.push({ ...wanted, quantity: lots(short) });
  }
  return places;
}

/** A live order at the planned price that stands for nothing planned. */
function isLeavingFrom(
  { side, price }: PlannedOrder,
  order: OwnOrder,
  matches: readonly Match[],
): boolean {
  return order.price === price && order.side === side &&
    !matches.some(({ kept }) => kept.includes(order));
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
