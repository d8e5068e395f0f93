// The classic grid. Two neighbouring rungs are a pair: held, it rests as an ask on its upper rung; not
// held, as a bid on its lower; in part, as both. The position alone says which are, from the top, so no
// restart or missed fill loses a rung. A one-sided grid ends at its anchor, which follows mid when flat.

import { COIN, defineStrategy, formatQuantity, isInsideBands, lots } from "bpx-bot/strategy";
import { notional, outsideWhile, priceNumber, priceTicks, quantityLots } from "bpx-bot/strategy";
import { SECOND, STRATEGY_API, ticks } from "bpx-bot/strategy";
import type { Observation, ParamSpecs, Plan, PlannedOrder, Setup, View } from "bpx-bot/strategy";

const OUTSIDE = "outside the price band";
const choice = <const C extends readonly [string, ...string[]]>(choices: C, help: string) =>
  ({ type: "choice", default: choices[0], choices, help }) as const;
const optional = (max: number, unit: string, help: string) =>
  ({ type: "number", default: null, min: 0, max, unit, help }) as const;

const params = {
  lower: optional(1e9, "quote", "lowest rung"),
  upper: optional(1e9, "quote", "highest rung"),
  autoPrice: { type: "flag", default: false, help: "bounds not set: first mid ± priceRange" },
  priceRange: { type: "number", default: 0.1, min: 0.001, max: 0.9, help: "a fraction of mid" },
  levels: { type: "integer", default: 10, min: 2, max: 200, help: "rungs, both bounds included" },
  spacing: choice(["arithmetic", "geometric"], "equal distances or equal ratios between rungs"),
  quantity: { type: "number", default: 0.1, min: 0, max: 1e9, unit: "base", help: "of an order" },
  quotePerOrder: optional(1e9, "quote", "worth of an order; replaces quantity"),
  direction: choice(["neutral", "long", "short"], "perp: neutral opens both ways, the others one"),
  startInventory: choice(["none", "buy", "assume"], "spot: what the asks sell at the start"),
  outOfRange: choice(["hold", "trail", "recentre", "exit"], "what mid outside the bounds leads to"),
  maxShifts: { type: "integer", default: 24, min: 0, max: 10_000, help: "trail: rungs a UTC day" },
  outsideSec: { type: "integer", default: 3600, min: 0, max: 1e7, unit: "s", help: "for recentre" },
  takeProfitPct: optional(10_000, "%", "of capital: flatten and finish at this profit"),
  stopLossPct: optional(100, "%", "of capital: flatten and finish at this loss"),
} as const satisfies ParamSpecs;

type GridSetup = Setup<typeof params>;
type Memory = ReturnType<typeof start>;
type Grid = ReturnType<typeof gridOf>;

export default defineStrategy({
  api: STRATEGY_API,
  name: "grid",
  summary: "Bids on the rungs below, asks on the rungs above; a fill is answered one rung away.",
  params,
  observes: ["fill", "book"],
  needs: ({ params: p }) => /trail|recentre/.test(p.outOfRange) ? ["fill", "book"] : ["fill"],
  start,
  observe,
  plan,
});

/** Rungs are numbered along an endless ladder: 0 at `low`, `levels - 1` at `high`. */
function start(setup: GridSetup, view: View) {
  const { market, params, params: { lower, upper, autoPrice, priceRange, startInventory } } = setup;
  if (lower === null && !autoPrice) refuse(params, "lower", "must be set unless autoPrice is on");
  if (upper === null && !autoPrice) refuse(params, "upper", "must be set unless autoPrice is on");
  const mid = priceNumber(market, view.midTicks);
  const memory = {
    low: priceTicks(market, lower ?? mid * (1 - priceRange), "up"),
    high: priceTicks(market, upper ?? mid * (1 + priceRange), "down"),
    first: 0, // the lowest rung of the window that is quoted
    anchor: 0, // the rung empty at position `zero`; a long grid ends at it, a short one begins
    zero: 0,
    own: Number(startInventory === "assume" ? 0 : view.position), // what is not the grid's to sell
    position: Number(view.position), // by fills; fees in base leave a fraction of a lot
    arming: 0, // inventory to buy before the grid opens
    shifts: { day: 0, count: 0 },
    outsideSince: 0, // in µs; 0 while mid is inside
  };
  check(memory, setup, view);
  settle(memory, setup, view.midTicks);
  if (startInventory !== "buy") return memory;
  const { pairs, last } = gridOf(memory, setup);
  for (const { rung, quantity } of pairs) if (rung >= memory.anchor) memory.arming += quantity;
  memory.anchor = last;
  return memory;
}

function observe(memory: Memory, event: Observation, setup: GridSetup): void {
  if (event.kind === "fill") filled(memory, event, setup);
  if (event.kind !== "book" || memory.arming > 0) return;
  const mid = (event.bestBid + event.bestAsk) / 2;
  if (setup.params.outOfRange === "trail") trail(memory, setup, mid, event.time);
  if (setup.params.outOfRange === "recentre") recentre(memory, setup, mid, event.time);
}

function plan(memory: Readonly<Memory>, view: View, setup: GridSetup): Plan {
  const over = reasonToFinish(memory, view, setup);
  if (over !== undefined) return { orders: [], reason: over, finish: "flatten" };
  if (memory.arming > 0) {
    const bid = { side: "bid", price: view.bestBid, quantity: lots(memory.arming) } as const;
    return { orders: [{ ...bid, role: "maker", tag: "inventory" }], reason: "inventory first" };
  }
  const grid = gridOf(memory, setup);
  const anchor = grid.isFlat(view.position) ? follow(grid, view) : memory.anchor;
  const { holdings, excess } = holdingsOf(grid, view.position, anchor);
  const wanted = ordersOf(grid, holdings, view);
  const sorted = Map.groupBy(wanted, (order) => obstacleTo(order, view, setup));
  const orders = sorted.get("") ?? [];
  const notes = [...sorted].filter(([why]) => why !== "").map(([obstacle, waiting]) =>
    `waiting, ${obstacle}: ${waiting.map(({ side, tag }) => `${side} on ${tag}`).join(", ")}`
  );
  const rungs = [...grid.pairs.map(({ rung }) => `rung ${rung}`), `rung ${grid.last}`];
  const idle = rungs.filter((rung) => wanted.every(({ tag }) => tag !== rung));
  if (idle.length > 0) notes.push(`nothing to buy or sell yet on ${idle.join(", ")}`);
  const far = sorted.get(OUTSIDE) ?? [];
  const edges = far.map(({ price }) => outsideWhile(setup.market, price, view.midTicks));
  const lowest = grid.priceOf(grid.kind === "short" ? anchor : grid.first);
  edges.push({ below: lowest, above: grid.priceOf(grid.long ? anchor : grid.last) });
  const below = ticks(Math.max(...edges.map((edge) => edge.below)));
  const above = ticks(Math.min(...edges.map((edge) => edge.above)));
  const target = setup.params.takeProfitPct ?? setup.params.stopLossPct;
  const steady = target === null && [...sorted.keys()].every((why) => !why || why === OUTSIDE);
  const holds = steady && below <= view.midTicks && view.midTicks <= above;
  const beyond = formatQuantity(setup.market, lots(excess));
  if (Math.abs(excess) > grid.dust) notes.unshift(`${beyond} of the position is beyond the grid`);
  const reason = [`${orders.length} orders`, ...notes].join("; ");
  return { orders, reason, ...(holds ? { holds: { below, above } } : {}) };
}

/** The window of the ladder as memory and settings have it. */
function gridOf(memory: Readonly<Memory>, setup: GridSetup) {
  const { market, fees, params: { levels, spacing, quantity, quotePerOrder, direction } } = setup;
  const { low, high, first, zero } = memory;
  const [spot, kind] = market.kind === "spot" ? [true, "long"] : [false, direction];
  const share = spot ? Math.max(0, fees.maker, fees.taker) / 10_000 : 0; // of bids, paid in base
  const [long, dust] = [kind === "long", share > 0 ? 1 : 0];
  const priceOf = (rung: number) => {
    const way = rung / (levels - 1);
    const price = spacing === "geometric" ? low * (high / low) ** way : low + (high - low) * way;
    return ticks(Math.round(price));
  };
  const pairs = Array.from({ length: levels - 1 }, (_, index) => {
    const [rung, price] = [first + index, priceOf(first + index)];
    const base = quotePerOrder === null ? quantity : quotePerOrder / priceNumber(market, price);
    return { rung, low: price, high: priceOf(rung + 1), quantity: quantityLots(market, base) };
  });
  const nearest = (price: number) => first + pairs.filter((p) => p.low + p.high < 2 * price).length;
  /** Whether a one-sided grid holds nothing but dust, so that its anchor may follow mid. */
  const isFlat = (position: number) =>
    kind !== "neutral" && (position - zero) * (long ? 1 : -1) < dust + 1;
  /** Whether every pair earns more than two maker fees, at prices the market takes. */
  const isSound = () =>
    pairs.every(({ low, high }) =>
      low >= Math.max(1, market.minPrice) && high <= (market.maxPrice ?? high) && high > low &&
      (high - low) * 10_000 > fees.maker * (high + low)
    );
  const ladder = { memory, first, last: first + levels - 1, pairs, priceOf, nearest };
  return { ...ladder, spot, kind, long, share, dust, isFlat, isSound };
}

function reasonToFinish(memory: Readonly<Memory>, view: View, { params, capital }: GridSetup) {
  const gain = (view.equity - capital) * 100;
  if (params.takeProfitPct !== null && gain >= params.takeProfitPct * capital) return "take profit";
  if (params.stopLossPct !== null && -gain >= params.stopLossPct * capital) return "stop loss";
  const outside = view.midTicks < memory.low || view.midTicks > memory.high;
  return params.outOfRange === "exit" && outside ? "mid is out of range" : undefined;
}

/** The anchor of a flat grid. A rung that mid has come to keeps its order: it is about to be filled. */
function follow({ long, first, last, pairs }: Grid, view: View): number {
  const quoted = pairs.map(({ low, high }) => long ? low : high).filter((price) =>
    (long ? price < view.midTicks : price > view.midTicks) ||
    view.openOrders.some((own) => own.price === price)
  );
  return long ? first + quoted.length : last - quoted.length;
}

/** What each pair holds at this position, and what is left that no pair can. */
function holdingsOf(grid: Grid, position: number, anchor: number) {
  const { kind, long, dust, share, memory } = grid;
  const pairs = grid.pairs.filter(({ rung }) => kind === "neutral" || long === rung < anchor);
  let excess = position - memory.zero;
  const slack = Math.ceil(Math.max(0, excess) * share) + dust;
  for (const { rung, quantity } of pairs) if (rung >= anchor) excess += quantity;
  const holdings = pairs.reverse().map((pair) => {
    const full = excess >= pair.quantity - Math.min(slack, Math.floor((pair.quantity - 1) / 2));
    const held = full ? pair.quantity : excess <= dust ? 0 : excess;
    excess = full ? Math.max(0, excess - held) : excess - held;
    return { ...pair, held };
  });
  return { holdings: holdings.reverse(), excess };
}

/** The nearest rungs sell their whole quantity; the farthest carries what fees in base have left. */
function ordersOf(grid: Grid, holdings: ReturnType<typeof holdingsOf>["holdings"], view: View) {
  const closing = grid.spot || grid.kind === "neutral" ? undefined : grid.long ? "ask" : "bid";
  let left = grid.spot ? Math.max(0, view.sellable - grid.memory.zero) : Infinity;
  const orders = holdings.flatMap(({ rung, low, high, quantity, held }, index): PlannedOrder[] => {
    const spare = index === holdings.length - 1 ? grid.dust : 0;
    const [rest, sold] = [lots(quantity - held), lots(held && Math.min(left, held + spare))];
    left -= sold;
    return [
      { side: "bid", price: low, quantity: rest, role: "maker", tag: `rung ${rung}` },
      { side: "ask", price: high, quantity: sold, role: "maker", tag: `rung ${rung + 1}` },
    ];
  }).filter((order) => order.quantity > 0);
  return orders.map((order) => order.side === closing ? { ...order, reduceOnly: true } : order);
}

/** Why an order cannot be placed now, or nothing. One that rests is past the checks. */
function obstacleTo({ side, price, quantity }: PlannedOrder, view: View, { market }: GridSetup) {
  if (view.openOrders.some((own) => own.side === side && own.price === price)) return "";
  if (quantity < market.minQuantity) return "below the least quantity";
  if (side === "bid" ? price >= view.bestAsk : price <= view.bestBid) return "as it would take";
  return isInsideBands(market, price, view.midTicks) ? "" : OUTSIDE;
}

/** A fill that opens from flat sets the anchor on the rung that answers it; one beyond moves it there. */
function filled(memory: Memory, fill: Observation & { kind: "fill" }, setup: GridSetup): void {
  const { side, price, quantity, fee } = fill;
  const { long, kind, spot, nearest, isFlat } = gridOf(memory, setup);
  const wasFlat = isFlat(memory.position);
  const feeLots = spot ? fee / (price * setup.market.cashPerTickLot) : 0;
  memory.position += side === "bid" ? quantity - feeLots : -quantity;
  if (memory.arming === 0 && kind !== "neutral" && side === (long ? "bid" : "ask")) {
    const rung = nearest(price) + (long ? 1 : -1);
    memory.anchor = (long ? Math.max : Math.min)(rung, wasFlat ? rung : memory.anchor);
  }
  const rest = memory.arming - quantity;
  memory.arming = rest < setup.market.minQuantity ? 0 : Math.max(0, rest);
}

/** Follows mid by one rung, where all that is held keeps its rung. */
function trail(memory: Memory, setup: GridSetup, mid: number, time: number): void {
  const { first, last, priceOf } = gridOf(memory, setup);
  const step = mid >= priceOf(last + 1) ? 1 : mid <= priceOf(first - 1) ? -1 : 0;
  const day = Math.floor(time / (86_400 * SECOND));
  const count = day === memory.shifts.day ? memory.shifts.count + 1 : 1;
  if (step === 0 || count > setup.params.maxShifts) return;
  const next = gridOf({ ...memory, first: first + step }, setup);
  const { excess } = holdingsOf(next, memory.position, memory.anchor);
  const moored = next.first <= memory.anchor && memory.anchor <= next.last;
  const keeps = Math.abs(excess) <= next.dust && (moored || next.isFlat(memory.position));
  if (keeps && next.isSound()) Object.assign(memory, { first: next.first, shifts: { day, count } });
}

/** Centres the window on mid once mid has been outside for long enough; what is held goes along. */
function recentre(memory: Memory, setup: GridSetup, mid: number, time: number): void {
  const outside = mid < memory.low || mid > memory.high;
  memory.outsideSince = outside ? memory.outsideSince || time : 0;
  if (!outside || time - memory.outsideSince < setup.params.outsideSec * SECOND) return;
  const low = ticks(Math.round(mid - (memory.high - memory.low) / 2));
  const moved = { low, high: ticks(low + memory.high - memory.low), outsideSince: 0 };
  if (!gridOf({ ...memory, ...moved }, setup).isSound()) return;
  settle(Object.assign(memory, moved), setup, mid);
}

/** Empties the rung nearest to mid. What a one-sided grid holds goes beyond it, or waits for the next time. */
function settle(memory: Memory, setup: GridSetup, mid: number): void {
  const { long, kind, dust, nearest, pairs } = gridOf(memory, setup);
  memory.anchor = nearest(mid);
  memory.zero = kind === "neutral" ? memory.position : memory.own;
  let rest = Math.floor(Math.abs(memory.position - memory.zero));
  const beyond = pairs.filter(({ rung }) => long === rung >= memory.anchor);
  for (const { rung, quantity } of long ? beyond : beyond.reverse()) {
    if (rest > dust) memory.anchor = long ? rung + 1 : rung;
    rest -= quantity;
  }
  if (rest > dust) memory.zero += long ? rest : -rest;
}

/** Refuses what cannot work, naming the nearest setting that can; bounds as autoPrice made them. */
function check(memory: Memory, setup: GridSetup, view: View): void {
  const { low, high } = memory;
  const { market, market: { symbol, base, quote, minPrice, maxPrice = high }, fees } = setup;
  const at = (price: number) => priceNumber(market, price);
  const set = { ...setup.params, lower: at(low), upper: at(high) };
  if (high <= low) refuse(set, "upper", "must be above lower");
  const lowest = at(minPrice || 1);
  if (at(low) < lowest) refuse(set, "lower", `must be at least ${lowest} on ${symbol}`);
  const { spot, dust, share, pairs, priceOf, last } = gridOf(memory, setup);
  const { direction, startInventory, levels, quantity, quotePerOrder } = set;
  if (spot && direction === "short") refuse(set, "direction", "must not be short on spot");
  const able = { none: true, buy: spot, assume: spot && view.position > dust }[startInventory];
  if (!able) refuse(set, "startInventory", "must be none on a perp or without a position");
  if (high > maxPrice) refuse(set, "upper", `must be at most ${at(maxPrice)} on ${symbol}`);
  let most = levels;
  const trial = () => gridOf(memory, { ...setup, params: { ...set, levels: most } });
  while (most > 1 && !trial().isSound()) most--;
  const earning = "for a step to earn more than two maker fees";
  const apart = Math.ceil(low * (10_000 + fees.maker) / (10_000 - fees.maker));
  if (most < 2) refuse(set, "upper", `must be above ${at(apart)} ${earning}`);
  if (most < levels) refuse(set, "levels", `must be at most ${most} ${earning}`);
  const name = quotePerOrder === null ? "quantity" : "quotePerOrder";
  const least = lots(Math.max(share > 0 ? 3 : 1, Math.ceil(market.minQuantity / (1 - share))));
  const cents = Math.ceil(100 * notional(market, priceOf(last - 1), least) / COIN) / 100;
  const worth = `at least ${formatQuantity(market, least)} ${base}, ${cents} ${quote}`;
  if (pairs.some((pair) => pair.quantity < least)) refuse(set, name, `must be worth ${worth}`);
  const paid = pairs.filter(({ low }) => !spot || startInventory === "buy" || low < view.midTicks);
  const need = paid.reduce((sum, p) => sum + p.low * p.quantity * market.cashPerTickLot, 0);
  const limit = spot ? setup.capital : 10 * setup.capital; // leverage is not known, but has an end
  if (need <= limit) return;
  const fits = quotePerOrder === null
    ? formatQuantity(market, lots(Math.floor(quantityLots(market, quantity) / (need / limit))))
    : Math.floor(100 * limit / COIN / paid.length) / 100;
  refuse(set, name, `must be at most ${fits} to fit the capital`);
}

function refuse(params: GridSetup["params"], name: keyof GridSetup["params"], rule: string): never {
  throw new RangeError(`${name} ${rule}: current value is ${params[name]}`);
}
