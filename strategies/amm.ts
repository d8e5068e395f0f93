// A ladder around mid that rolls with it, always maker. Rungs are counted from mid, not from fixed
// prices: when mid moves by a step, each quote that rests has become its neighbour's, and only the
// ends of the window change. What is held leaves by the other side of the ladder, by a take-profit
// order for the rest, and by age: memory is the lots still held, first in, first out.

import { cash, COIN, defineStrategy, formatCash, lots, notional, SECOND } from "bpx-bot/strategy";
import { priceNumber, priceTicks, STRATEGY_API, ticks } from "bpx-bot/strategy";
import type { Cash, Market, Observation, ParamSpecs, Plan, PlannedOrder } from "bpx-bot/strategy";
import type { Setup, Side, Ticks, View } from "bpx-bot/strategy";
import { clamp } from "bpx-bot/signals";

const choice = <const C extends readonly [string, ...string[]]>(choices: C, help: string) =>
  ({ type: "choice", default: choices[0], choices, help }) as const;
const integer = (preset: number, min: number, max: number, unit: string, help: string) =>
  ({ type: "integer", default: preset, min, max, unit, help }) as const;
const number = (preset: number, min: number, max: number, unit: string, help: string) =>
  ({ type: "number", default: preset, min, max, unit, help }) as const;
const flag = (help: string) => ({ type: "flag", default: true, help }) as const;

const specs = {
  bias: choice(["long", "short", "neutral"], "which position quotes may open: neutral both"),
  stepBps: number(10, 0.01, 1000, "bps", "between rungs, and from mid to the first"),
  levels: integer(12, 1, 1000, "rungs", "that may carry inventory"),
  windowBids: integer(5, 1, 100, "rungs", "of bids quoted"),
  windowAsks: integer(5, 1, 100, "rungs", "of asks quoted"),
  orderUsd: number(10, 0, 1e6, "USD", "worth of an order"),
  maxPositionUsd: number(1000, 0, 45e6, "USD", "the cap, unless levels × orderUsd is less"),
  refreshSec: number(10, 0, 86_400, "s", "a younger quote stays within half a step of its rung"),
  everyMs: integer(1200, 10, 3_600_000, "ms", "cadence"),
  chaseTicks: integer(1, 0, 100_000, "ticks", "the nearest quote moves at most to join the best"),
  joinBest: flag("whether the nearest quote moves to join the best"),
  maxDeviationBps: number(25, 0.01, 5000, "bps", "no quote of the ladder farther from mid"),
  takeProfitPct: number(1, 0.01, 90, "%", "of entry: where the rest of the position leaves"),
  tpOffsetBps: number(3, 0, 1000, "bps", "of that price, beyond it"),
  tpGuard: flag("a reduce-only take-profit order rests for what the ladder does not close"),
  maxHoldSec: number(3600, 1, 1e7, "s", "age at which a lot is closed, maker at the touch"),
  exitPatienceSec: number(30, 0, 1e6, "s", "after maxHoldSec; then the lot is closed as taker"),
  enableBids: flag("bids of the ladder"),
  enableAsks: flag("asks of the ladder"),
  strictMaker: flag("off, as strictNearTop: a rung that skew carries through the touch takes"),
  strictNearTop: flag("the nearest rung keeps a tick off the opposite touch"),
  skewBps: number(0, 0, 1000, "bps", "shift of both sides against inventory, full at the cap"),
  leverage: { ...number(0, 1, 100, "×", "perp: the cap is at most equity × this"), default: null },
} as const satisfies ParamSpecs;

type AmmSetup = Setup<typeof specs>;
type Moment = ReturnType<typeof momentOf>;
type Part = PlannedOrder | string; // a text says why there is no order

interface Memory {
  /** Neutral on spot: the inventory at the start, which the ladder turns around. Else 0. In lots. */
  readonly stock: number;
  /** Beyond `stock`, oldest first, signed; in lots, on spot a fraction less for fees in base. */
  readonly held: { readonly time: number; quantity: number }[];
}

export default defineStrategy({
  api: STRATEGY_API,
  name: "amm",
  summary: "Quotes a ladder on both sides of mid that rolls with it, and closes what gets old.",
  params: specs,
  cadence: ({ params: { everyMs } }) => ({ everyMs }),
  // The gate counts the whole position, and how much of it is stock is not known before the start.
  limits: (setup) => hasStock(setup) ? {} : { maxPositionUsd: capUsd(setup.params) },
  start,
  observe,
  plan,
});

function start(setup: AmmSetup, view: View): Memory {
  check(setup, view);
  const { time, position } = view;
  if (hasStock(setup)) return { stock: position, held: [] };
  return { stock: 0, held: position === 0 ? [] : [{ time, quantity: position }] };
}

function observe({ held }: Memory, event: Observation, { market }: AmmSetup): void {
  if (event.kind !== "fill") return;
  const { time, side, price, quantity, fee } = event;
  let left: number = side === "bid" ? quantity : -quantity;
  if (market.kind === "spot" && side === "bid") left -= fee / (price * market.cashPerTickLot);
  for (let oldest = held[0]; oldest !== undefined && oldest.quantity * left < 0; oldest = held[0]) {
    const rest = oldest.quantity + left;
    const isClosed = rest * left >= 0;
    left = isClosed ? rest : 0;
    if (isClosed) held.shift();
    else oldest.quantity = rest;
  }
  if (left !== 0) held.push({ time, quantity: left });
}

function plan(memory: Readonly<Memory>, view: View, setup: AmmSetup): Plan {
  const moment = momentOf(memory, view, setup);
  const aged = agedExits(moment);
  const leaving = [...aged, ...ladder(moment.closing, aged, moment)];
  const exits = [...leaving, ...takeProfit(leaving, moment)];
  const parts = [...exits, ...ladder(moment.closing === "bid" ? "ask" : "bid", exits, moment)];
  const orders = ordersIn(parts);
  const notes = Map.groupBy(parts.filter((part) => typeof part === "string"), (note) => note);
  const within = Math.floor(setup.params.maxDeviationBps / setup.params.stepBps);
  const facts = [`${orders.length} orders`, moment.cause, `${within} rungs within maxDeviationBps`];
  const waits = [...notes].map(([note, { length }]) => `${length} ${note}`);
  return { orders, reason: [...facts, ...waits].join("; ") };
}

/** What every part of a plan is made from. */
function momentOf(memory: Readonly<Memory>, view: View, setup: AmmSetup) {
  const { market, params, params: { leverage } } = setup;
  const asked = cashOf(capUsd(params));
  const carried = leverage === null ? asked : Math.floor(view.equity * leverage);
  const amount = cash(clamp(carried, 0, asked));
  const byLevels = params.levels * params.orderUsd <= params.maxPositionUsd;
  const by = amount < asked ? "leverage" : byLevels ? "levels × orderUsd" : "maxPositionUsd";
  // Valued as the gate does it, so that the gate lets pass what is planned.
  const cap = lotsWithin(amount, view.mark ?? ticks(Math.floor(view.midTicks)), market);
  const net = view.position - memory.stock;
  const lean = net === 0 ? 0 : clamp(net / cap, -1, 1);
  const bps = view.midTicks / 10_000;
  const closing: Side = net > 0 ? "ask" : "bid";
  /** What exits may close. A spot run that sold from its stock buys back by the ladder alone. */
  const held = market.kind === "spot" ? clamp(net, 0, view.sellable) : Math.abs(net);
  const cause = `cap ${formatCash(amount)} ${market.quote} by ${by}`;
  const centre = view.midTicks - bps * params.skewBps * lean;
  const [step, reach] = [bps * params.stepBps, bps * params.maxDeviationBps];
  return { memory, view, market, params, cap, cause, net, held, closing, centre, step, reach };
}

/** Closes what is too old: at the touch, and what has waited there for too long through the spread. */
function agedExits(moment: Moment): Part[] {
  const { view, closing: side, params: { maxHoldSec, exitPatienceSec } } = moment;
  const late = agedLots(maxHoldSec + exitPatienceSec, moment);
  const waiting = agedLots(maxHoldSec, moment) - late;
  const { touch, opposite } = facing(side, view);
  const exit = { side, reduceOnly: true, tag: "max hold" } as const;
  const orders: PlannedOrder[] = [
    { ...exit, price: opposite, quantity: lots(late), role: "taker" },
    { ...exit, price: touch, quantity: lots(waiting), role: "maker" },
  ];
  return orders.filter(({ quantity }) => quantity > 0).map((order) => orObstacle(order, moment));
}

/** How much of what is held is that old. Fills that memory missed are as old as the ledger's oldest. */
function agedLots(ageSec: number, { view, memory, held }: Moment): number {
  const since = view.time - ageSec * SECOND;
  if (view.oldestAt === undefined || view.oldestAt > since) return 0;
  const young = memory.held.filter(({ time }) => time > since);
  const sum = young.reduce((sum, { quantity }) => sum + Math.abs(quantity), 0);
  return Math.max(0, Math.floor(held - sum));
}

/** One side of the ladder, nearest first, as far as `before` leaves room and none of it is met. */
function ladder(side: Side, before: readonly Part[], moment: Moment): Part[] {
  const { view, market, params, net, cap, reach } = moment;
  const { bias, enableBids, enableAsks, orderUsd, strictNearTop, strictMaker } = params;
  const bids = enableBids ? params.windowBids : 0;
  const asks = enableAsks ? params.windowAsks : 0;
  const { away, opposite } = facing(side, view);
  const opens = bias === "neutral" || (bias === "long") === (side === "bid");
  const sellable = market.kind === "spot" && side === "ask" ? view.sellable : Infinity;
  let room = Math.min((opens ? cap : 0) + away * net, sellable) - quantityOn(side, before);
  const opposed = ordersIn(before).filter((order) => order.side !== side);
  const young = youngQuotes(side, moment);
  const taken = new Set<Ticks>();
  return Array.from({ length: side === "bid" ? bids : asks }, (_, index): Part => {
    const free = settled(rungPrice(side, index + 1, moment), young, moment);
    const keepsOff = strictNearTop && away * (free - opposite) <= 0;
    const price = keepsOff ? ticks(opposite + away) : free;
    const takes = away * (price - opposite) <= 0;
    if (takes && strictMaker) return `${side}s that would take`;
    if (Math.abs(price - view.midTicks) > reach) return `${side}s beyond maxDeviationBps`;
    if (opposed.some((own) => away * (price - own.price) <= 0)) return `${side}s that meet an exit`;
    if (taken.has(price)) return `${side}s on the price of a nearer one`;
    if (room <= 0) return opens ? `${side}s beyond the cap` : `${side}s with nothing to close`;
    const quantity = lots(Math.min(lotsWithin(cashOf(orderUsd), price, market), room));
    const tag = `rung ${index + 1}`;
    const order = { side, price, quantity, role: takes ? "taker" : "maker", tag } as const;
    const part = orObstacle(opens ? order : { ...order, reduceOnly: true }, moment);
    if (typeof part === "object") room -= quantity;
    taken.add(price);
    return part;
  });
}

/** Counted from mid, shifted by skew; the first one moves towards the best of its side. */
function rungPrice(side: Side, rung: number, moment: Moment): Ticks {
  const { view, market, centre, step, params: { joinBest, chaseTicks } } = moment;
  const { away, touch } = facing(side, view);
  const price = onGrid(side, centre + away * rung * step, market);
  const chase = rung === 1 && joinBest ? clamp(away * (price - touch), 0, chaseTicks) : 0;
  return ticks(price - away * chase);
}

/** Own quotes too young to be moved, and still where a quote may be. */
function youngQuotes(side: Side, { view, params: { refreshSec }, reach }: Moment): Set<Ticks> {
  const { away, opposite } = facing(side, view);
  const quotes = view.openOrders.filter((own) => own.side === side);
  const old = quotes.filter(({ since }) => view.time - since >= refreshSec * SECOND);
  const staying = quotes.filter(({ price }) =>
    away * (price - opposite) > 0 && Math.abs(price - view.midTicks) <= reach &&
    !old.some((own) => own.price === price)
  );
  return new Set(staying.map(({ price }) => price));
}

/** The price of the young quote that stands for a rung, else the rung's own. A quote stands for one. */
function settled(rung: Ticks, young: Set<Ticks>, { step }: Moment): Ticks {
  const distance = (price: Ticks) => Math.abs(price - rung);
  const [nearest] = [...young].sort((a, b) => distance(a) - distance(b));
  if (nearest === undefined || distance(nearest) > step / 2) return rung;
  young.delete(nearest);
  return nearest;
}

/** A reduce-only exit beyond the entry price, for whatever the other exits leave. */
function takeProfit(parts: readonly Part[], moment: Moment): Part[] {
  const { view, market, closing: side, held, params } = moment;
  const { takeProfitPct, tpOffsetBps, tpGuard } = params;
  const { away, opposite } = facing(side, view);
  const quantity = lots(Math.max(0, held - quantityOn(side, parts)));
  if (!tpGuard || quantity === 0 || view.entryTicks === undefined) return [];
  const gain = (1 + away * takeProfitPct / 100) * (1 + away * tpOffsetBps / 10_000);
  const wanted = onGrid(side, view.entryTicks * gain, market);
  const price = away * (wanted - opposite) > 0 ? wanted : ticks(opposite + away);
  const order = { side, price, quantity, role: "maker", reduceOnly: true } as const;
  return [orObstacle({ ...order, tag: "take profit" }, moment)];
}

/** The order, or what the market has against it. */
function orObstacle(order: PlannedOrder, { view, market }: Moment): Part {
  const { side, price, quantity } = order;
  if (quantity < Math.max(1, market.minQuantity)) return `${side}s below the market's minimum`;
  const bands = [market.bands.last, market.bands.mark].filter((band) => band !== undefined);
  const low = Math.max(1, market.minPrice, ...bands.map(({ min }) => min * view.midTicks));
  const high = Math.min(market.maxPrice ?? price, ...bands.map(({ max }) => max * view.midTicks));
  return low <= price && price <= high ? order : `${side}s outside the market's prices`;
}

/** Which way a side lies from mid, its own best price of others, and the other side's. */
const facing = (side: Side, { bestBid, bestAsk }: View) =>
  side === "bid"
    ? { away: -1, touch: bestBid, opposite: bestAsk }
    : { away: 1, touch: bestAsk, opposite: bestBid };

const ordersIn = (parts: readonly Part[]) => parts.filter((part) => typeof part === "object");

const quantityOn = (side: Side, parts: readonly Part[]) =>
  ordersIn(parts).reduce((sum, own) => sum + (own.side === side ? own.quantity : 0), 0);

/** A price in whole ticks, away from mid; float noise does not count as a tick. */
function onGrid(side: Side, price: number, market: Market): Ticks {
  return priceTicks(market, priceNumber(market, price), side === "bid" ? "down" : "up");
}

/** The most lots that are worth at most `amount`, exactly. */
const lotsWithin = (amount: Cash, price: Ticks, { cashPerTickLot: unit }: Market) =>
  (amount - amount % (price * unit)) / (price * unit);

const cashOf = (usd: number) => cash(Math.round(usd * COIN));
const capUsd = (params: AmmSetup["params"]) =>
  Math.min(params.levels * params.orderUsd, params.maxPositionUsd);
/** On spot, neutral means around what is held at the start. */
const hasStock = ({ market, params }: AmmSetup) =>
  market.kind === "spot" && params.bias === "neutral";

/** Refuses what cannot work, naming the nearest setting that can. */
function check(setup: AmmSetup, { midTicks, position }: View): void {
  const { market, params, params: { tpGuard, takeProfitPct: profit }, fees, capital } = setup;
  const { bias, stepBps, maxDeviationBps, levels, orderUsd, maxPositionUsd, leverage } = params;
  const spot = market.kind === "spot";
  const leastStep = Math.ceil(1_000_000 / midTicks) / 100;
  // The fee of a spot bid is taken from what it bought; what is left must be enough to sell.
  const share = spot ? Math.max(0, fees.maker) / 10_000 : 0;
  const smallest = lots(Math.ceil(Math.max(1, market.minQuantity) / (1 - share)));
  const farthest = ticks(Math.ceil(midTicks * (1 + maxDeviationBps / 10_000)));
  const least = Math.ceil(100 * notional(market, farthest, smallest) / COIN) / 100;
  const most = Math.floor(100 / (market.initialMargin?.base ?? 0)) / 100;
  const carried = (spot ? 1 : leverage ?? most) * capital / COIN;
  const tooMuch = capUsd(params) > carried;
  const fit = (usd: number) => `must be at most ${Math.floor(100 * usd) / 100} to fit the capital`;
  const paid = Number(((2 * fees.maker - params.tpOffsetBps) / 100).toFixed(6));
  const rules: [boolean, keyof typeof params, string][] = [
    [spot && bias === "short", "bias", "must not be short on spot"],
    [hasStock(setup) && position <= 0, "bias", "must be long on spot without inventory"],
    [!params.enableBids && !params.enableAsks, "enableBids", "must be on if enableAsks is off"],
    [stepBps < leastStep, "stepBps", `must be at least ${leastStep} for a step of one tick`],
    [stepBps <= fees.maker, "stepBps", `must be above ${fees.maker}, as each side pays the fee`],
    [tpGuard && profit <= paid, "takeProfitPct", `must be above ${paid} to earn its fees`],
    [maxDeviationBps < stepBps, "maxDeviationBps", `must be at least stepBps, ${stepBps}`],
    [orderUsd < least, "orderUsd", `must be at least ${least} for the market's minimum`],
    [maxPositionUsd < orderUsd, "maxPositionUsd", `must be at least orderUsd, ${orderUsd}`],
    [spot && leverage !== null, "leverage", "must not be set on spot"],
    [(leverage ?? 0) > most, "leverage", `must be at most ${most} on ${market.symbol}`],
    [carried < orderUsd, "orderUsd", fit(carried)],
    [tooMuch && maxPositionUsd < levels * orderUsd, "maxPositionUsd", fit(carried)],
    [tooMuch, "levels", fit(Math.floor(carried / orderUsd))],
  ];
  for (const [isBroken, name, rule] of rules) {
    if (isBroken) throw new RangeError(`${name} ${rule}: current value is ${params[name]}`);
  }
}
