// Points farming. Bands cut the price at multiples of their width: an empty one bids at its floor, one
// that holds asks at its own cost × (1 + target). A fill finds its band by price alone, and together
// they are the position. Bands that hold and bands that bid are never planned to be more than `bands`.

import { COIN, defineStrategy, formatPrice, formatQuantity, lots, ticks } from "bpx-bot/strategy";
import { MILLISECOND, priceNumber, priceTicks, SECOND, STRATEGY_API } from "bpx-bot/strategy";
import type { Observation, ParamSpecs, Plan, PlannedOrder, Setup, View } from "bpx-bot/strategy";
import { clamp, mean, realisedVolatility } from "bpx-bot/signals";

const number = <D extends number | null>(preset: D, max: number, unit: string, help: string) =>
  ({ type: "number", default: preset, min: 0, max, unit, help }) as const;
const span = (preset: number, min: number, help: string) =>
  ({ type: "integer", default: preset, min, max: 3_600_000, unit: "ms", help }) as const;
const flag = (help: string) => ({ type: "flag", default: false, help }) as const;

const params = {
  bandWidth: number(40, 1e9, "quote", "from the floor of one band to that of the next"),
  usdPerBand: number(50, 1e9, "USD", "what one band buys for"),
  capitalFraction: number(null, 1, "of capital", "for all bands; replaces usdPerBand"),
  compound: flag("capitalFraction is of the equity when nothing was held last"),
  bands: { type: "integer", default: 3, min: 1, max: 100, help: "bands that hold or bid" },
  target: number(0.004, 1, "of cost", "what a band asks over its cost"),
  feeBuffer: number(0.001, 1, "of cost", "what target must leave after the fees"),
  role: { type: "choice", default: "maker", choices: ["maker", "taker"], help: "of every order" },
  bandDelayMs: span(1000, 0, "least time between orders of two bands"),
  everyMs: span(3000, 100, "how often the bands are looked at"),
  adaptWidth: flag("width × volatility of the last hour ÷ its mean of 24 h, from 0.5 to 2"),
  adaptSize: flag("size ÷ the same"),
  weeklyVolumeUsd: number(0, 1e12, "USD", "a goal, behind which width and target tighten; 0: none"),
} as const satisfies ParamSpecs;

type PointsSetup = Setup<typeof params>;
type Memory = ReturnType<typeof start>;
type Terms = ReturnType<typeof termsOf>;
type Fill = Observation & { readonly kind: "fill" };
/** `floor` in ticks; `held` in lots, or (spot pays fees in base) 1e-8; its `cost` in `Cash`, without fees. */
type Band = { readonly floor: number; readonly held: number; readonly cost: number };

const WEEK = 7 * 86_400 * SECOND; // points weeks end on Thursday 00:00 UTC, as 1970 began
const FULL = 0.9; // a band or an order filled this far is left: sizes that adapt must not drip
const adapts = (set: PointsSetup["params"]) => set.adaptWidth || set.adaptSize;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

export default defineStrategy({
  api: STRATEGY_API,
  name: "points",
  summary: "Buys at the floors of price bands and sells each at its own cost plus a target.",
  params,
  observes: ["fill", "book", "bar"],
  cadence: ({ params: { everyMs } }) => ({ everyMs }),
  warmup: ({ params }) => ({ bars: adapts(params) ? 25 * 60 : 0, barSec: 60 }),
  start,
  observe,
  plan,
});

function start(setup: PointsSetup, view: View) {
  const memory = {
    bands: new Array<Band>(), // those that hold anything
    from: view.midTicks, // taker: where floors are crossed from
    sinceFlat: 0, // `Cash` made after fees since nothing was held
    weeks: Object.fromEntries<number>([]), // volume of each in `Cash`
    lastFill: { tag: "", time: -WEEK },
    minute: 0, // the one `mid` is of
    mid: 0,
    closes: new Array<number>(), // of the last hour's minutes
    hours: new Array<number>(), // volatility of the last 24
    factor: 1, // volatility against its mean; 1 until it is known
  };
  const { entryTicks = view.midTicks, position } = view;
  const now = termsOf(memory, setup, entryTicks, view.time);
  check(setup, view, now);
  // What is taken over is a band too, at what the run counts it as having cost.
  const cost = Math.round(entryTicks * position * setup.market.cashPerTickLot);
  const floor = Math.floor(entryTicks / now.width) * now.width;
  if (position > 0) memory.bands.push({ floor, held: position * now.perLot, cost });
  return memory;
}

function observe(memory: Memory, event: Observation, setup: PointsSetup): void {
  if (event.kind === "fill") filled(memory, event, setup);
  if (event.kind !== "book" && event.kind !== "bar") return;
  const mid = event.kind === "bar" ? event.close : (event.bestBid + event.bestAsk) / 2;
  if (event.kind === "book") memory.from = Math.max(memory.from, mid);
  if (adapts(setup.params)) measure(memory, event.time, mid);
}

function plan(memory: Readonly<Memory>, view: View, setup: PointsSetup): Plan {
  const { market, market: { bands: { last, mark } }, params } = setup;
  const now = termsOf(memory, setup, view.midTicks, view.time);
  const held = lots(Math.trunc(sum(memory.bands.map(({ held }) => held)) / now.perLot));
  const [own, whole] = [held, view.position].map((quantity) => formatQuantity(market, quantity));
  // A fee in base is told in quote currency and may be a unit off: at the edge of a lot, a lot.
  if (Math.abs(held - view.position) > (now.spot ? 1 : 0)) {
    return { orders: [], reason: `nothing: the bands hold ${own} but the position is ${whole}` };
  }
  let reason = `${now.holding.length} of ${params.bands} bands hold ${own} ${market.base}`;
  reason += `; width ${formatPrice(market, now.width)}, target ${now.target}`;
  if (params.role === "taker") reason += "; each waits for best ask or best bid to reach it";
  if (adapts(params) && memory.hours.length === 0) reason += "; volatility is not known yet";
  const asks = asksOf(view, setup, now);
  const orders = asks.concat(bidsOf(asks, memory, view, setup, now)).filter((one) => {
    const away = one.price / view.midTicks;
    const fits = one.price >= market.minPrice && one.price <= (market.maxPrice ?? Infinity) &&
      [last, mark].every((band) => !band || (away >= band.min && away <= band.max));
    if (fits && one.quantity >= now.least) return true;
    const obstacle = fits ? "below the market's minimum" : "outside the market's prices";
    reason += `; ${one.side} of ${one.tag} waits: ${obstacle}`;
    return false;
  });
  const planned = paced(orders, memory, view, setup);
  const late = orders.filter(({ price }) => planned.every((one) => one.price !== price));
  if (late.length > 0) reason += `; bandDelayMs holds ${late.map((one) => one.tag).join(", ")}`;
  return { orders: planned, reason };
}

/** Width in ticks and target as they are now, the least target that earns, and who holds. */
function termsOf(memory: Memory, setup: PointsSetup, price: number, time: number) {
  const { market, fees, params } = setup;
  const done = (memory.weeks[Math.floor(time / WEEK)] ?? 0) / COIN / params.weeklyVolumeUsd;
  const behind = params.weeklyVolumeUsd === 0 ? 0 : (time % WEEK) / WEEK - done;
  const earning = Number((2 * fees[params.role] / 10_000 + params.feeBuffer).toFixed(9));
  // In tenths: floors on multiples of a width that creeps would never stand still.
  const tight = (value: number, least: number) =>
    value * (1 - Math.floor(10 * Math.max(0, Math.min(behind, 1 - least / (value || 1)))) / 10);
  const wide = params.bandWidth * (params.adaptWidth ? memory.factor : 1);
  const narrow = priceTicks(market, tight(wide, earning * priceNumber(market, price)), "down");
  const width = ticks(Math.max(1, narrow));
  const target = Number(tight(params.target, earning).toFixed(9));
  const [spot, least] = [market.kind === "spot", Math.max(1, market.minQuantity)];
  const perLot = spot ? market.basePerLot : 1;
  const holding = memory.bands.filter(({ held }) => held >= least * perLot);
  const askOf = ({ held, cost }: Band) => {
    const average = cost / ((held / perLot) * market.cashPerTickLot);
    return priceTicks(market, priceNumber(market, average) * (1 + target), "up");
  };
  const tagOf = (floor: number) => `band ${formatPrice(market, ticks(floor))}`;
  return { width, target, earning, spot, perLot, least, holding, askOf, tagOf };
}

/** A maker whose target the market has passed asks a tick above the best bid of others. */
function asksOf(view: View, { params: { role } }: PointsSetup, now: Terms) {
  const asks = new Map<number, PlannedOrder>();
  for (const band of now.holding) {
    const target = now.askOf(band);
    if (role === "taker" && target > view.bestBid) continue;
    const rests = view.openOrders.some((own) => own.side === "ask" && own.price === target);
    const price = ticks(role === "taker" || rests ? target : Math.max(target, view.bestBid + 1));
    const same = asks.get(price); // one order for all that ask the same
    const quantity = lots(Math.floor(band.held / now.perLot) + (same?.quantity ?? 0));
    const tag = same?.tag ?? now.tagOf(band.floor);
    asks.set(price, { side: "ask", price, quantity, role, reduceOnly: true, tag });
  }
  return [...asks.values()];
}

/** Bids at the nearest floors of bands that hold nothing, and for the rest of one filled in part. */
function bidsOf(asks: PlannedOrder[], memory: Memory, view: View, setup: PointsSetup, now: Terms) {
  const { market, params: { role, bands } } = setup;
  const { width, holding, perLot, least } = now;
  const taker = role === "taker";
  // A floor that mid has come to keeps its bid: it is about to be filled. No bid meets an own ask.
  const own = view.openOrders.filter(({ side }) => side === "bid").map(({ price }) => price);
  const below = asks.map(({ price }) => price - 1);
  const top = Math.min(Math.max(view.midTicks, ...taker ? [memory.from] : own), ...below);
  const floors = taker ? [] : holding.map(({ floor }) => floor).filter((floor) => floor <= top);
  let free = bands - holding.length;
  for (let at = Math.floor(top / width) * width; free > 0 && at > 0; at -= width) {
    if (holding.some(({ floor }) => floor >= at && floor < at + width)) continue;
    if (!taker || at >= view.bestAsk) floors.push(at);
    free--;
  }
  const money = cashPerBand(memory, view, setup, now) / market.cashPerTickLot;
  return floors.flatMap((floor): PlannedOrder[] => {
    const whole = Math.floor(money / floor);
    const held = (memory.bands.find((band) => band.floor === floor)?.held ?? 0) / perLot;
    if (held >= least && held >= FULL * whole) return [];
    const quantity = lots(Math.max(0, Math.floor(whole - Math.max(0, held))));
    return [{ side: "bid", price: ticks(floor), quantity, role, tag: now.tagOf(floor) }];
  });
}

function cashPerBand(memory: Memory, view: View, setup: PointsSetup, now: Terms) {
  const { market, capital, params: { adaptSize, usdPerBand, capitalFraction, bands } } = setup;
  const size = adaptSize ? 1 / memory.factor : 1;
  if (capitalFraction === null) return usdPerBand * COIN * size;
  const mark = (view.mark ?? Math.floor(view.midTicks)) * market.cashPerTickLot / now.perLot;
  // Equity without what was made, lost or paid since nothing was held: it moves only when flat.
  const open = sum(memory.bands.map(({ held, cost }) => Math.round(held * mark) - cost));
  const own = setup.params.compound ? view.equity - open - memory.sinceFlat : capital;
  return Math.max(0, own) * capitalFraction / bands * size;
}

/** What rests stays; of the bands that want more, one has its turn if no other had just before. */
function paced(orders: PlannedOrder[], { lastFill }: Memory, view: View, { params }: PointsSetup) {
  const delay = params.bandDelayMs * MILLISECOND;
  const placed = view.openOrders.map(({ side, price, quantity, since: time }) => {
    const order = orders.find((order) => order.side === side && order.price === price);
    return { order, quantity, tag: order?.tag, time };
  });
  const recent = [lastFill, ...placed].filter(({ time }) => view.time - time < delay);
  const rests = (to: PlannedOrder) => sum(placed.map((own) => own.order === to ? own.quantity : 0));
  const waits = (order: PlannedOrder) => recent.some(({ tag }) => tag !== order.tag);
  const wanting = orders.filter((order) => !waits(order) && rests(order) < FULL * order.quantity);
  // By turns, since an order the gate refuses would otherwise keep the others waiting for ever.
  const turn = Math.floor(view.time / Math.max(params.everyMs * MILLISECOND, delay));
  const next = wanting[turn % wanting.length]?.tag;
  return orders.map((order) => {
    const free = delay === 0 || order.tag === next;
    return free ? order : { ...order, quantity: lots(Math.min(order.quantity, rests(order))) };
  }).filter(({ quantity }) => quantity > 0);
}

function filled(memory: Memory, fill: Fill, setup: PointsSetup): void {
  const now = termsOf(memory, setup, fill.price, fill.time);
  const worth = fill.price * fill.quantity * setup.market.cashPerTickLot;
  const week = Math.floor(fill.time / WEEK);
  memory.weeks[week] = (memory.weeks[week] ?? 0) + worth;
  memory.sinceFlat += (fill.side === "ask" ? worth : 0) - fill.fee;
  const floor = (fill.side === "bid" ? bought : sold)(memory, fill, worth, now);
  memory.lastFill = { tag: now.tagOf(floor), time: fill.time };
  if (memory.bands.every(({ held }) => held < now.least * now.perLot)) memory.sinceFlat = 0;
}

/** A maker paid its floor, or a tick less where that was refused; a taker at most one it crossed. */
function bought(memory: Memory, fill: Fill, worth: number, now: Terms): number {
  const { price, quantity, fee, maker } = fill;
  let floor = Math.ceil(price / now.width) * now.width;
  if (maker && floor > price + 1) floor = price;
  while (!maker && now.holding.some((band) => band.floor === floor)) floor += now.width;
  // What is too little to be sold goes along, at its cost.
  const joined = memory.bands.filter((band) => band.floor === floor || !now.holding.includes(band));
  const feeBase = now.spot ? Math.round((fee / worth) * quantity * now.perLot) : 0;
  const held = sum(joined.map((band) => band.held)) + quantity * now.perLot - feeBase;
  const cost = sum(joined.map((band) => band.cost)) + worth - (now.spot ? fee : 0);
  memory.bands = memory.bands.filter((band) => !joined.includes(band));
  if (held !== 0) memory.bands.push({ floor, held, cost });
  return floor;
}

/** The band whose ask was met sells, of equal ones the lowest; what it cannot sell, the next does. */
function sold(memory: Memory, { price, quantity }: Fill, worth: number, now: Terms): number {
  const unfit = (band: Band) => now.holding.includes(band) ? Number(now.askOf(band) > price) : 2;
  const far = (band: Band) => Math.abs(now.askOf(band) - price);
  const rank = (a: Band, b: Band) => unfit(a) - unfit(b) || far(a) - far(b) || a.floor - b.floor;
  const bands = memory.bands.toSorted(rank);
  let left = quantity * now.perLot;
  memory.bands = bands.flatMap(({ floor, held, cost }) => {
    const part = Math.min(left, held);
    const paid = Number(BigInt(cost) * BigInt(part) / BigInt(held));
    memory.sinceFlat -= paid;
    left -= part;
    return part === held ? [] : [{ floor, held: held - part, cost: cost - paid }];
  });
  // Sold beyond what they held, as after a cancel that came too late: the next to buy makes up for it.
  const owed = Math.round((left / (quantity * now.perLot)) * worth);
  if (left > 0) memory.bands.push({ floor: price, held: -left, cost: -owed });
  memory.from = price;
  return bands[0]?.floor ?? 0;
}

/** Keeps the closes of the last hour's minutes, and each hour what its volatility was. */
function measure(memory: Memory, time: number, mid: number): void {
  const minute = Math.floor((time - 1) / (60 * SECOND));
  for (let at = Math.max(memory.minute, minute - 60); at < minute && memory.minute > 0; at++) {
    memory.closes = [...memory.closes, memory.mid].slice(-61);
    const volatility = memory.closes.length > 60 ? realisedVolatility(memory.closes) : undefined;
    if (volatility === undefined) continue;
    if ((at + 1) % 60 === 0) memory.hours = [...memory.hours, volatility].slice(-24);
    const factor = clamp(volatility / (mean(memory.hours) ?? volatility), 0.5, 2);
    if (Math.abs(factor / memory.factor - 1) > 0.1) memory.factor = factor; // less is noise
  }
  if (minute >= memory.minute) Object.assign(memory, { minute, mid });
}

/** Refuses what cannot work, naming what can. */
function check({ market, capital, params }: PointsSetup, view: View, now: Terms): void {
  const { bands, bandWidth, usdPerBand, capitalFraction, compound, target } = params;
  const fault = (name: string, rule: string, value: unknown) =>
    new RangeError(`${name} ${rule}: current value is ${value}`);
  if (view.position < 0) throw fault("position", "must not be short", `${view.position} lots`);
  const lacks = compound && capitalFraction === null;
  if (lacks) throw fault("compound", "needs capitalFraction set", true);
  const gain = `must be above ${now.earning}, the fees of a round trip and feeBuffer`;
  if (target <= now.earning) throw fault("target", gain, target);
  const width = priceTicks(market, bandWidth, "down");
  const widest = Math.floor(view.midTicks / bands);
  const room = `must be between ${priceNumber(market, 1)} and ${priceNumber(market, widest)}`;
  if (width < 1 || width > widest) throw fault("bandWidth", room, bandWidth);
  // Spot pays for its bids, and their fee in base; the leverage of a perp is unknown, but has an end.
  const [quantity, most] = now.spot ? [now.least + 1, capital] : [now.least, 10 * capital];
  const lot = Math.floor(view.midTicks / width) * width * market.cashPerTickLot;
  const unit = capitalFraction === null ? COIN : capital / bands;
  const low = Math.ceil(quantity * lot * (params.adaptSize ? 2 : 1) / unit * 10_000) / 10_000;
  const high = Math.floor(most / bands / unit * 10_000) / 10_000;
  const fit = `must be between ${low} and ${high} to fit the market and the capital`;
  const value = capitalFraction ?? usdPerBand;
  const name = capitalFraction === null ? "usdPerBand" : "capitalFraction";
  if (value < low || value > high) throw fault(name, fit, value);
}
