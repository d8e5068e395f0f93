// A maker on one side at a time, chosen by what takers do: where they mostly buy it rests the ask,
// where they mostly sell the bid, and in between it keeps its side. It never quotes both: the first
// plan of a new side is empty, and so is every plan while an order of the old side is open. An order
// whose cancel is unanswered is not in the view, so no strategy can wait for the exchange's word; for
// that stretch it relies on cancels leaving first and on the gate, which still counts such orders.

import { cashNumber, COIN, defineStrategy, lots, MILLISECOND, ticks } from "bpx-bot/strategy";
import { formatQuantity, notional, priceNumber, quantityNumber } from "bpx-bot/strategy";
import { STRATEGY_API } from "bpx-bot/strategy";
import type { Level, Observation, ParamSpecs, Plan, PlannedOrder, Side } from "bpx-bot/strategy";
import type { Lots, Setup, Ticks, View } from "bpx-bot/strategy";
import { ewma } from "bpx-bot/signals";

const ms = (preset: number, min: number, max: number, help: string) =>
  ({ type: "integer", default: preset, min, max, unit: "ms", help }) as const;
const away = (preset: number, min: number, help: string) =>
  ({ type: "integer", default: preset, min, max: 100_000, unit: "ticks", help }) as const;
const usd = (preset: number, min: number, help: string) =>
  ({ type: "number", default: preset, min, max: 1_000_000, unit: "USD", help }) as const;
const percent = (preset: number, min: number, max: number, help: string) =>
  ({ type: "number", default: preset, min, max, unit: "%", help }) as const;

const specs = {
  lookbackMs: ms(3000, 10, 600_000, "window of taker volume"),
  threshold: { type: "number", default: 1.2, min: 1.01, max: 20, help: "ratio that decides" },
  emaAlpha: { type: "number", default: 0.3, min: 0.001, max: 1, help: "weight of the new ratio" },
  minHoldMs: ms(2000, 0, 3_600_000, "least time on a side"),
  everyMs: ms(100, 10, 60_000, "cadence"),
  offsetTicks: away(0, 0, "behind the touch of others"),
  requoteTicks: away(1, 1, "re-price a quote this far from where it should be"),
  maxAgeMs: ms(3000, 10, 3_600_000, "renew price and quantity at least this often"),
  sizePct: percent(0.5, 0.001, 100, "notional of a quote, of equity"),
  maxOrderUsd: usd(25, 0.01, "most notional of a quote"),
  maxExposurePct: percent(20, 0.01, 1000, "nothing is added beyond it, of equity"),
  hedgePct: percent(50, 0, 100, "part of what is beyond it that a taker order closes"),
  minHedgeUsd: usd(5, 0, "least notional of such an order"),
  breakerPct: percent(0.6, 0.01, 100, "of the gate: pause on such a move of mid within 1 s"),
  maxSpreadPct: percent(2, 0.001, 100, "of the gate: pause on a wider spread"),
  cooldownMs: ms(5000, 0, 86_400_000, "of the gate: how long a pause lasts"),
} as const satisfies ParamSpecs;

type FlowSetup = Setup<typeof specs>;

interface Memory {
  /** Taker notional by slot of time, in quote currency, oldest first. */
  slots: { readonly index: number; bought: number; sold: number }[];
  /** Smoothed ln of the ratio of bought to sold. */
  lean: number;
  side: Side | null;
  /** When the side was chosen, in µs. */
  since: number;
}

/** Slots in the window: memory stays small however many trades there are, and the window exact to a 30th. */
const SLOTS = 30;
/** The least weight of a side without any taker, of the notional in the window. */
const FLOOR = 0.05;

export default defineStrategy({
  api: STRATEGY_API,
  name: "flow",
  summary: "Rests one maker order on the side that takers are hitting, never on both.",
  params: specs,
  observes: ["trade", "fill", "timer"],
  cadence: ({ params: { everyMs } }) => ({ everyMs }),
  limits: ({ params: { breakerPct, maxSpreadPct, cooldownMs } }) => ({
    movePct1s: breakerPct,
    maxSpreadPct,
    cooldownMs,
  }),
  start,
  observe,
  plan,
});

function start(setup: FlowSetup, view: View): Memory {
  check(setup, view);
  return { slots: [], lean: 0, side: null, since: 0 };
}

function observe(memory: Memory, event: Observation, setup: FlowSetup): void {
  if (event.kind === "trade") return count(memory, event.aggressor, event, setup);
  // Trades are between strangers: whoever took from this run was a taker too.
  if (event.kind === "fill" && event.maker) {
    return count(memory, opposite(event.side), event, setup);
  }
  if (event.kind === "timer") choose(memory, event.time, setup);
}

function plan(memory: Readonly<Memory>, view: View, setup: FlowSetup): Plan {
  const parts = [hedgeOf(view, setup), quoteOf(memory, view, setup)];
  const orders = parts.filter((part) => typeof part === "object");
  const notes = parts.filter((part) => typeof part === "string");
  const ratio = `takers buy ${Math.exp(memory.lean).toFixed(2)} × what they sell`;
  return { orders, reason: [`${memory.side ?? "no"} side`, ratio, ...notes].join("; ") };
}

function count(
  { slots }: Memory,
  taker: Side,
  { time, price, quantity }: Level & { readonly time: number },
  { market, params }: FlowSetup,
): void {
  const index = slotAt(time, params);
  let slot = slots.find((one) => one.index === index);
  if (slot === undefined) {
    slot = { index, bought: 0, sold: 0 };
    slots.push(slot);
    while (slots.length > SLOTS) slots.shift();
  }
  // A stranger's trade may be worth more than exact money can count; this is a signal.
  const worth = priceNumber(market, price) * quantityNumber(market, quantity);
  if (taker === "bid") slot.bought += worth;
  else slot.sold += worth;
}

/** Once per cadence: forgets what has left the window, smooths the ratio, and takes the side it tells. */
function choose(memory: Memory, time: number, { params }: FlowSetup): void {
  const { threshold, emaAlpha, minHoldMs, maxOrderUsd } = params;
  const oldest = slotAt(time, params) - SLOTS;
  memory.slots = memory.slots.filter(({ index }) => index > oldest);
  let [bought, sold] = [0, 0];
  for (const slot of memory.slots) {
    bought += slot.bought;
    sold += slot.sold;
  }
  // Keeps a silent side from making the ratio endless, and a few dollars from looking like a crowd.
  const floor = Math.max(FLOOR * (bought + sold), maxOrderUsd);
  memory.lean = ewma(memory.lean, Math.log((bought + floor) / (sold + floor)), emaAlpha);
  if (Math.abs(memory.lean) < Math.log(threshold)) return;
  const side = memory.lean > 0 ? "ask" : "bid";
  const held = memory.side === null || time - memory.since >= minHoldMs * MILLISECOND;
  if (side === memory.side || !held) return;
  memory.side = side;
  memory.since = time;
}

function slotAt(time: number, { lookbackMs }: FlowSetup["params"]): number {
  return Math.floor(time * SLOTS / (lookbackMs * MILLISECOND));
}

/** Part of what is beyond the exposure limit, closed at the touch; a text says why it waits. */
function hedgeOf(view: View, setup: FlowSetup): PlannedOrder | string | undefined {
  const { market, params } = setup;
  const { perLot, limit } = exposureOf(view, setup);
  const excess = Math.abs(view.position) * perLot - limit;
  if (excess <= 0) return undefined;
  const share = partOf(excess, params.hedgePct);
  const quantity = lots(Math.min(Math.abs(view.position), Math.floor(share / perLot)));
  const small = quantity * perLot < inCash(params.minHedgeUsd) || quantity < leastOf(market);
  const beyond = `${cashNumber(excess).toFixed(2)} ${market.quote} beyond maxExposurePct`;
  if (small) return `${beyond}, the part to hedge is below minHedgeUsd or the market's minimum`;
  const taker = { quantity, role: "taker", reduceOnly: true, tag: "hedge" } as const;
  return view.position > 0
    ? { side: "ask", price: view.bestBid, ...taker }
    : { side: "bid", price: view.bestAsk, ...taker };
}

/** The one quote, or why there is none. */
function quoteOf(memory: Readonly<Memory>, view: View, setup: FlowSetup): PlannedOrder | string {
  const { market, params } = setup;
  const { side } = memory;
  if (side === null) return "takers have not chosen one yet";
  const early = view.time - memory.since < params.everyMs * MILLISECOND;
  if (early || view.openOrders.some((own) => own.side !== side)) {
    return `waits for the ${opposite(side)} to be gone`;
  }
  const { offsetTicks: back } = params;
  const target = ticks(side === "bid" ? view.bestBid - back : view.bestAsk + back);
  if (target < Math.max(1, market.minPrice) || target > (market.maxPrice ?? Infinity)) {
    return "the quote is outside the market's prices";
  }
  const { price, quantity } = standingAt(target, side, view, setup) ??
    { price: target, quantity: sizeAt(target, view.equity, setup) };
  const { most } = exposureOf(view, setup);
  const room = side === "bid" ? most - view.position : most + view.position;
  if (room < leastOf(market)) return `no ${side}: exposure is at maxExposurePct`;
  if (quantity < leastOf(market)) return "the quote is below the market's minimum";
  return { side, price, quantity: lots(Math.min(quantity, room)), role: "maker", tag: "quote" };
}

/** What rests already, where that is near enough to `target` and young enough to be left as it is. */
function standingAt(target: Ticks, side: Side, view: View, setup: FlowSetup): Level | undefined {
  const { market, params } = setup;
  const [first] = view.openOrders;
  if (first === undefined) return undefined;
  const { price } = first;
  const renewed = Math.max(...view.openOrders.map((own) => own.since));
  // Filling up is an order of its own behind the first; at the right price a third would only pile up.
  const renewable = price !== target || view.openOrders.length === 1;
  const old = renewable && view.time - renewed >= params.maxAgeMs * MILLISECOND;
  const far = Math.abs(price - target) >= params.requoteTicks;
  const takes = side === "bid" ? price >= view.bestAsk : price <= view.bestBid;
  if (old || far || takes || view.openOrders.some((own) => own.price !== price)) return undefined;
  const quantity = lots(view.openOrders.reduce((sum, own) => sum + own.quantity, 0));
  return quantity < leastOf(market) ? undefined : { price, quantity };
}

/** sizePct of equity, at most maxOrderUsd, in lots at `price`. */
function sizeAt(price: Ticks, equity: number, { market, params }: FlowSetup): Lots {
  const worth = Math.min(partOf(equity, params.sizePct), inCash(params.maxOrderUsd));
  return lots(Math.max(0, Math.floor(worth / (price * market.cashPerTickLot))));
}

/** In `Cash`: what a lot counts and the most all may; and that most in lots. */
function exposureOf(view: View, { market, params }: FlowSetup) {
  const price = view.mark ?? ticks(Math.ceil(view.midTicks));
  const perLot = price * market.cashPerTickLot;
  const limit = Math.max(0, partOf(view.equity, params.maxExposurePct));
  return { perLot, limit, most: Math.floor(limit / perLot) };
}

/** A part of an amount of `Cash`, to the nearest unit. */
function partOf(amount: number, pct: number): number {
  return Math.round(amount * pct / 100);
}

function inCash(usd: number): number {
  return Math.round(usd * COIN);
}

function leastOf({ minQuantity }: FlowSetup["market"]): number {
  return Math.max(1, minQuantity);
}

function opposite(side: Side): Side {
  return side === "bid" ? "ask" : "bid";
}

/** Refuses what cannot work, naming the nearest setting that can. */
function check({ market, params, capital }: FlowSetup, view: View): void {
  if (market.kind !== "perp") {
    throw new RangeError(`market must be a perp: current value is ${market.symbol}`);
  }
  const { lookbackMs, everyMs, maxOrderUsd, sizePct, maxExposurePct, offsetTicks } = params;
  if (lookbackMs < everyMs) {
    refuse("lookbackMs", `must be at least everyMs, ${everyMs}`, lookbackMs);
  }
  const least = lots(leastOf(market));
  const worth = notional(market, ticks(view.bestAsk + offsetTicks), least);
  const order = `for an order of ${formatQuantity(market, least)} ${market.base}`;
  if (inCash(maxOrderUsd) < worth) {
    const atLeast = Math.ceil(worth * 100 / COIN) / 100;
    refuse("maxOrderUsd", `must be at least ${atLeast} ${order}`, maxOrderUsd);
  }
  const most = Math.floor(100 / (market.initialMargin?.base ?? 0));
  if (maxExposurePct > most) {
    refuse("maxExposurePct", `must be at most ${most} on ${market.symbol}`, maxExposurePct);
  }
  const part = Math.ceil(worth / capital * 100_000) / 1000;
  const parts = [["sizePct", sizePct], ["maxExposurePct", maxExposurePct]] as const;
  for (const [name, value] of parts) {
    if (partOf(capital, value) >= worth) continue;
    const few = `of a capital of ${cashNumber(capital)} ${market.quote} is too little`;
    const rule = part > specs[name].max ? few : `must be at least ${part}`;
    refuse(name, `${rule} ${order}`, value);
  }
}

function refuse(name: keyof typeof specs, rule: string, value: number): never {
  throw new RangeError(`${name} ${rule}: current value is ${value}`);
}
