// The gate between what a strategy wants and what may leave: a list of small pure rules, read top to
// bottom. A rule says how much of each order it lets through and nothing else, so what is refused,
// by which rule and against which limit is written down in one place. Orders pass nearest the touch
// first, so every shared limit runs out at the far end. No rule minds an order getting smaller or
// leaving, so approving an approved plan changes nothing. Rules that change the state: breakers.ts.

import { isInsideBands } from "./bands.ts";
import { atOnePrice, cover, innermost, plannedOf, reach, reachOf, restingAt } from "./exposure.ts";
import { affordable, fit, least, lotsWithin, take } from "./fit.ts";
import { formatCash, formatPrice, formatQuantity, type Market } from "./market.ts";
import type { RiskStateName } from "./holds.ts";
import type { RiskLimits } from "./limits.ts";
import type { Plan, PlannedOrder, Side } from "./strategy.ts";
import { type Cash, type Lots, lots, type Ticks } from "./units.ts";

declare const approved: unique symbol;

/** A plan the gate has passed. Only `approve` makes one. */
export type ApprovedPlan = {
  /** Nearest the touch first. */
  readonly orders: readonly PlannedOrder[];
  readonly refused: readonly Refusal[];
  readonly [approved]: true;
};

/** One order, or a part of it, that the gate kept back. An order cut by two rules is named by both. */
export interface Refusal {
  /** The order as the rule saw it: rules above may have cut it already. */
  readonly order: PlannedOrder;
  /** The setting's name, or a standing rule's. */
  readonly rule: string;
  /** In people's units. */
  readonly limit: string;
  /** How much of the order was refused. */
  readonly quantity: Lots;
}

/** An own order that may still fill: resting, on its way, being cancelled or of unknown fate. */
export interface Exposed {
  readonly side: Side;
  readonly price: Ticks;
  readonly remaining: Lots;
  /** A cancel is on its way: it serves no plan any more and counts beside what is planned at its price. */
  readonly cancelling?: boolean;
}

/** What the gate judges a plan by. Best prices and mid leave out own orders. */
export interface RiskFacts {
  readonly market: Market;
  readonly limits: RiskLimits;
  readonly state: RiskStateName;
  /** The run's own, signed. */
  readonly position: Lots;
  /** Spot: base the run may sell, own resting asks included. */
  readonly sellable: Lots;
  /** Spot: quote currency the run may spend, own resting bids included. */
  readonly freeCash: Cash;
  readonly bestBid: Ticks;
  readonly bestAsk: Ticks;
  readonly midTicks: number;
  /** What exposure is valued at. Above zero. */
  readonly mark: Ticks;
  readonly live: readonly Exposed[];
}

/** The setting or standing rule held, its limit in people's units, and what it lets through. */
type Rule = readonly [name: string, limit: (facts: RiskFacts) => string, keep: Keep];
/** How many lots of each order pass, in the order given: nearest the touch first. */
type Keep = (orders: readonly PlannedOrder[], facts: RiskFacts) => readonly number[] | typeof ALL;
/** Every order passes whole, as nearly always: then no list is built. */
const ALL = "all";

const rules: readonly Rule[] = [
  // First, so that an order of nothing is named as what it is in every state.
  ["minQuantity", ({ market }) => inBase(market, market.minQuantity), whole(bigEnough)],
  ["state", ({ state }) => state, whole(allowedByState)],
  ["marketState", ({ market }) => market.state, whole(allowedByMarket)],
  ["priceLimits", priceLimitsText, whole(withinPriceLimits)],
  ["priceCollarPct", ({ limits }) => `${limits.priceCollarPct} % of mid`, whole(withinCollar)],
  ["maxQuantity", ({ market }) => inBase(market, market.maxQuantity), upTo(mostAtOnce)],
  ["maxOrderUsd", (facts) => inQuote(facts, facts.limits.maxOrderUsd), upTo(mostForLimit)],
  ["ownCross", () => "own bids below own asks", uncrossed],
  ["reduceOnly", ({ market, position }) => `position ${inBase(market, position)}`, upToPosition],
  ["sellable", ({ market, sellable }) => inBase(market, sellable), upToSellable],
  ["funds", (facts) => inQuote(facts, formatCash(facts.freeCash)), upToFunds],
  ["maxOpenOrders", ({ limits }) => `${limits.maxOpenOrders} orders`, upToMaxOpenOrders],
  ["maxPositionUsd", (facts) => inQuote(facts, facts.limits.maxPositionUsd), upToMaxPosition],
];

/** Trims `plan` to what every rule lets through. Each planned lot is either approved or refused. */
export function approve(plan: Plan, facts: RiskFacts): ApprovedPlan {
  const refused: Refusal[] = [];
  let orders = nearestFirst(reducing(plan.orders, facts), facts.midTicks);
  for (const [rule, limit, keep] of rules) {
    const passed = keep(orders, facts);
    if (passed === ALL || orders.every((order, i) => passed[i] === order.quantity)) continue;
    orders = orders.flatMap((order, i) => {
      const kept = lots(passed[i] ?? NaN);
      if (kept > 0 && kept === order.quantity) return order;
      const quantity = lots(order.quantity - kept);
      refused.push({ order, rule, limit: limit(facts), quantity });
      return kept > 0 ? { ...order, quantity: kept } : [];
    });
  }
  const trimmed: Pick<ApprovedPlan, "orders" | "refused"> = { orders, refused };
  return trimmed as ApprovedPlan;
}

/**
 * How far the position can go each way if everything planned and live fills: lots long if all bids
 * do, lots short if all asks do; negative where even that leaves the position on the other side.
 * A live order at a planned price is taken for the plan's own, unless it is being cancelled.
 */
export function worstCase(
  orders: readonly PlannedOrder[],
  facts: Pick<RiskFacts, "position" | "live">,
): { readonly long: Lots; readonly short: Lots } {
  const { bid, ask } = reach(orders, facts.live);
  return { long: lots(bid + facts.position), short: lots(ask - facts.position) };
}

/** While the run may only shrink, the exchange is told so too. Spot has no such flag. */
function reducing(orders: readonly PlannedOrder[], facts: RiskFacts): readonly PlannedOrder[] {
  const shrinking = facts.state === "REDUCING" || facts.state === "FLATTENING";
  if (!shrinking || facts.market.kind === "spot") return orders;
  return orders.map((order) => ({ ...order, reduceOnly: true }));
}

function nearestFirst(orders: readonly PlannedOrder[], midTicks: number): readonly PlannedOrder[] {
  const behind = ({ side, price }: PlannedOrder) =>
    side === "bid" ? midTicks - price : price - midTicks;
  return orders.toSorted((a, b) => behind(a) - behind(b));
}

/** A rule that cuts each order to the most it allows; makers at one price will be one order. */
function upTo(most: (order: PlannedOrder, facts: RiskFacts) => number): Keep {
  return (orders, facts) =>
    atOnePrice(
      orders,
      (order, before) => fit(order.quantity, most(order, facts) - before, facts.market),
    );
}

/** A rule that lets each order through whole or not at all. */
function whole(allows: (order: PlannedOrder, facts: RiskFacts) => boolean): Keep {
  return (orders, facts) =>
    orders.every((order) => allows(order, facts))
      ? ALL
      : orders.map((order) => allows(order, facts) ? order.quantity : 0);
}

function bigEnough({ quantity }: PlannedOrder, { market }: RiskFacts): boolean {
  return quantity >= least(market);
}

function allowedByState({ side, price }: PlannedOrder, facts: RiskFacts): boolean {
  if (facts.state === "ACTIVE") return true;
  // Nothing is owed on spot: a position below zero there waits for a fill to be told.
  const owed = facts.market.kind === "spot" ? 0 : -facts.position;
  const shrinks = side === "bid" ? owed > 0 : facts.position > 0;
  if (facts.state === "HALTED" || !shrinks) return false;
  // A taker order that can fill is at the touch or through it.
  const atTouch = side === "bid" ? price >= facts.bestBid : price <= facts.bestAsk;
  return facts.state === "REDUCING" || atTouch;
}

function allowedByMarket({ role }: PlannedOrder, { market }: RiskFacts): boolean {
  if (market.state === "Closed" || market.state === "CancelOnly") return false;
  return market.state !== "PostOnly" || role === "maker";
}

function withinPriceLimits(order: PlannedOrder, { market, midTicks, live }: RiskFacts): boolean {
  const { price, side } = order;
  if (price < Math.max(1, market.minPrice)) return false;
  if (market.maxPrice !== undefined && price > market.maxPrice) return false;
  // The exchange judges an order by its bands when it comes; one that rests may stay.
  return isInsideBands(market, price, midTicks) ||
    order.role === "maker" &&
      live.some((own) => own.side === side && own.price === price && own.cancelling !== true);
}

function withinCollar(order: PlannedOrder, { limits, midTicks }: RiskFacts): boolean {
  const beyond = order.side === "bid" ? order.price - midTicks : midTicks - order.price;
  if (order.role === "maker" && beyond <= 0) return true;
  return (100 * Math.abs(beyond)) / midTicks <= limits.priceCollarPct;
}

function mostAtOnce(_: PlannedOrder, { market }: RiskFacts): number {
  return market.maxQuantity ?? Infinity;
}

function mostForLimit({ price }: PlannedOrder, { limits, market }: RiskFacts): number {
  return lotsWithin(limits.maxOrderUsd, price, market);
}

/** Of a bid at or above an ask the one farther from mid goes, but a taker order before none. */
function uncrossed(orders: readonly PlannedOrder[], { midTicks, position }: RiskFacts) {
  const inner = innermost(orders);
  if (inner.highestBid < inner.lowestAsk) return ALL;
  const growing: Side = position < 0 ? "ask" : "bid";
  const claims = orders.toSorted((a, b) =>
    Number(a.role === "maker") - Number(b.role === "maker") ||
    Math.abs(a.price - midTicks) - Math.abs(b.price - midTicks) ||
    Number(a.side === growing) - Number(b.side === growing)
  );
  let highestBid = -Infinity;
  let lowestAsk = Infinity;
  const crossing = new Set<PlannedOrder>();
  for (const order of claims) {
    const { side, price } = order;
    if (side === "bid" ? price >= lowestAsk : price <= highestBid) crossing.add(order);
    else if (side === "bid") highestBid = Math.max(highestBid, price);
    else lowestAsk = Math.min(lowestAsk, price);
  }
  return orders.map((order) => crossing.has(order) ? 0 : order.quantity);
}

function upToPosition(orders: readonly PlannedOrder[], { market, position }: RiskFacts) {
  if (!orders.some(({ reduceOnly }) => reduceOnly === true)) return ALL;
  const room = { bid: -position, ask: Number(position) };
  return orders.map((order) => order.reduceOnly ? take(room, order, market) : order.quantity);
}

function upToSellable(orders: readonly PlannedOrder[], facts: RiskFacts) {
  const { market, sellable } = facts;
  if (market.kind === "perp") return ALL;
  return within(orders, facts, { bid: Infinity, ask: sellable });
}

function upToFunds(orders: readonly PlannedOrder[], { market, freeCash }: RiskFacts) {
  if (market.kind === "perp") return ALL;
  let room: number = freeCash;
  return orders.map(({ side, price, quantity }) => {
    if (side === "ask") return quantity;
    const kept = fit(quantity, affordable(room, price, market), market);
    room -= kept * price * market.cashPerTickLot;
    return kept;
  });
}

function upToMaxOpenOrders(orders: readonly PlannedOrder[], { limits }: RiskFacts) {
  if (orders.length <= limits.maxOpenOrders) return ALL;
  let resting = 0;
  return orders.map(({ role, quantity }) =>
    role === "taker" || ++resting <= limits.maxOpenOrders ? quantity : 0
  );
}

function upToMaxPosition(orders: readonly PlannedOrder[], facts: RiskFacts) {
  const { limits, market, position, mark } = facts;
  if (limits.maxPositionUsd === undefined) return ALL;
  const most = lotsWithin(limits.maxPositionUsd, mark, market);
  return within(orders, facts, { bid: most - position, ask: most + position });
}

/**
 * Two bounds at once. The plan alone must fit into `room`, which takes away the far end even where it
 * rests already. And what is new must fit beside everything still live, since any of that may fill
 * before its cancel arrives; what rests already at its price is nothing new.
 */
function within(
  orders: readonly PlannedOrder[],
  { market, live }: RiskFacts,
  room: Record<Side, number>,
): readonly number[] | typeof ALL {
  const reached = reachOf(live);
  const beside = { bid: room.bid - reached.bid, ask: room.ask - reached.ask };
  const planned = plannedOf(orders);
  if (planned.bid <= beside.bid && planned.ask <= beside.ask) return ALL;
  const resting = restingAt(live);
  return orders.map((order) => {
    const planned = take(room, order, market);
    const covered = cover(resting, order, planned);
    const kept = fit(planned, covered + Math.max(0, beside[order.side]), market);
    beside[order.side] -= Math.max(0, kept - covered);
    return kept;
  });
}

function inBase(market: Market, quantity: Lots | undefined): string {
  return quantity === undefined ? "none" : `${formatQuantity(market, quantity)} ${market.base}`;
}

function inQuote({ market }: RiskFacts, amount: number | string | undefined): string {
  return `${amount ?? "none"} ${market.quote}`;
}

function priceLimitsText({ market }: RiskFacts): string {
  const most = market.maxPrice === undefined ? "none" : formatPrice(market, market.maxPrice);
  const bands = [market.bands.last, market.bands.mark].map((band) =>
    band === undefined ? "" : `, ${band.min} to ${band.max} of mid`
  );
  return `${formatPrice(market, market.minPrice)} to ${most} ${market.quote}${bands.join("")}`;
}
