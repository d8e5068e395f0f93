// Points with bands of 10 USD, 150 USD to a band, mid at 155 to begin with. The picture of a plan lists
// its orders from the lowest price up, in whole USD: "140 | 153" is a bid and an ask; ":50" is a
// quantity that is not the whole band's, in lots. Whole runs are at the end: on the simulated exchange
// with faults, and over recorded ticks and candles where they are at hand.

import assert from "node:assert/strict";
import fc from "fast-check";
import { defaultLimits } from "../../lib/core/limits.ts";
import type { Fees } from "../../lib/core/market.ts";
import { defaultParams, type ParamValues } from "../../lib/core/params.ts";
import type { Observation, OpenOrder, Plan, Setup, Side } from "../../lib/core/strategy.ts";
import { cash, COIN, lots, micros, MILLISECOND, SECOND, ticks } from "../../lib/core/units.ts";
import { readCandles } from "../../lib/data/candles.ts";
import { readTape } from "../../lib/data/tape.ts";
import { rig } from "../../lib/lab/rig.ts";
import { run } from "../../lib/run.ts";
import { CandleFeed } from "../../lib/sim/candle_feed.ts";
import type { Feed } from "../../lib/sim/feed.ts";
import { tapeFeed } from "../../lib/sim/tape_feed.ts";
import points from "../../strategies/points.ts";
import { sharedFile } from "../data/files.ts";
import { caseOf, lineOf, simulate } from "../support/campaign.ts";
import { after, START } from "../support/core.ts";
import { Coverage } from "../support/coverage.ts";
import { aMarketOf } from "../support/known_market.ts";
import { aMarket, aSetup, aView, aViewAt, resting, type Seen, Walk } from "../support/views.ts";

type Params = Partial<ParamValues<typeof points.params>>;
type PointsSetup = Setup<typeof points.params>;
type Memory = ReturnType<typeof points.start>;

const spot = aMarket();
const perp = aMarket({ kind: "perp" });
const free = { maker: 0, taker: 0 };
const tens: Params = { bandWidth: 10, usdPerBand: 150, target: 0.02, feeBuffer: 0, bandDelayMs: 0 };

function setupOf(params: Params = {}, { market = perp, fees = free, capitalUsd = 10_000 } = {}) {
  return aSetup(points, { market, fees, capitalUsd, params: { ...tens, ...params } });
}

function picture({ orders }: Plan, setup: PointsSetup): string {
  const of = (side: Side) =>
    orders.filter((order) => order.side === side).sort((a, b) => a.price - b.price)
      .map(({ price, quantity, tag = "" }) => {
        const floor = Number(tag.replace("band ", ""));
        const whole = Math.floor((setup.params.usdPerBand + 1e-9) / floor * 100);
        return `${price / 100}${quantity === whole ? "" : `:${quantity}`}`;
      }).join(" ");
  return `${of("bid")} | ${of("ask")}`.trim();
}

/** A fill as the engine tells it; price in ticks, quantity in lots, fee in 1e-8 USD. */
function fill(
  { side = "bid", price = 15_000, quantity = 100, maker = true, fee = 0, time = START }: {
    side?: Side;
    price?: number;
    quantity?: number;
    maker?: boolean;
    fee?: number;
    time?: number;
  },
): Observation {
  return {
    kind: "fill",
    time: micros(time),
    side,
    price: ticks(price),
    quantity: lots(quantity),
    maker,
    fee: cash(fee),
  };
}

function book(mid: number, time: number = START): Observation {
  const some = lots(100);
  const best = { bestBid: ticks(mid - 1), bestAsk: ticks(mid + 1) };
  return { kind: "book", time: micros(time), ...best, bidQuantity: some, askQuantity: some };
}

/** A memory that has seen these observations, begun at mid 155. */
function after155(setup: PointsSetup, events: readonly Observation[], seen: Seen = {}): Memory {
  const memory = points.start(setup, aViewAt(15_500, seen));
  for (const event of events) points.observe?.(memory, event, setup);
  return memory;
}

/** What the bands hold together, in lots. */
function heldBy({ bands }: Memory, setup: PointsSetup): number {
  const perLot = setup.market.kind === "spot" ? setup.market.basePerLot : 1;
  return Math.trunc(bands.reduce((sum, { held }) => sum + held, 0) / perLot);
}

const walks = `
            ;                 ; 130 140 150 |                   ; floors on multiples below mid
            ; 165             ; 140 150 160 |                   ; the window follows mid up
            ; 165 155         ; 140 150 | 163.2                 ; and sells at cost plus target
            ; 160             ; 140 150 160 |                   ; a floor at mid is one
            ; 149             ; 130 140 | 153                   ; bought at its floor
            ; 151 149 151     ; 130 140 | 153                   ; a band that holds buys no more
            ; 139             ; 130 | 142.8 153                 ; each at its own cost
            ; 125             ; | 132.6 142.8 153               ; all hold
            ; 125 105         ; | 132.6 142.8 153               ; never more bands than asked for
            ; 125 134         ; 130 | 142.8 153                 ; sold, and bid for again
            ; 125 155         ; 130 140 150 |                   ; all sold
            ; 149 162         ; 140 150 160 |                   ; sold, the window follows
target 0.2  ; 149             ; 130 140 | 180                   ; another target
target 0.2  ; 149 171         ; 160 170 | 180                   ; what holds stays, and keeps its place
target 0.2  ; 149 171 161 171 ; 160 | 180 204                   ; in a window that has moved on
bands 1     ; 139             ; | 153                           ; one band
bands 5     ; 139             ; 110 120 130 | 142.8 153         ; five
bandWidth 20; 139             ; 100 120 | 142.8                 ; wider bands
spot        ; 139 147 138     ; 130 | 142.8 153                 ; spot is no different
`.trim().split("\n").map((row) => row.split(";").map((cell) => cell.trim()));

Deno.test("after a walk the plan is the picture in the table", () => {
  for (const [what = "", path = "", expected, why] of walks) {
    const [name = "", value] = what.split(" ");
    const market = name === "spot" ? spot : perp;
    const params: Params = value === undefined ? {} : { [name]: Number(value) };
    const setup = setupOf(params, { market });
    const walk = new Walk(points, setup, { mid: 15_500 });
    for (const price of path.split(" ").filter(Boolean)) walk.to(Number(price) * 100);
    assert.equal(picture(walk.plan, setup), expected, `${what} ${path}: ${why}`);
    assert.equal(heldBy(walk.memory, setup), walk.position, `${what} ${path}`);
  }
});

Deno.test("each parameter changes the plan", () => {
  const path = [14_900, 14_850, 15_250];
  const plansOf = (params: Params): string => {
    const setup = setupOf(params);
    const memory = after155(setup, hours([10, 10, 40]));
    const walk = new Walk(points, setup, { mid: 15_500 });
    Object.assign(walk.memory, memory);
    const equityUsd = 12_000;
    const plans = [points.plan(walk.memory, aViewAt(15_500, { equityUsd }), setup)];
    for (const mid of path) plans.push(walk.to(mid).plan);
    return JSON.stringify([plans, points.cadence?.(setup)]);
  };
  const fraction: Params = { capitalFraction: 0.05 };
  const rows: readonly (readonly [Params, Params?])[] = [
    [{ bandWidth: 7 }],
    [{ usdPerBand: 170 }],
    [fraction],
    [{ ...fraction, compound: true }, fraction],
    [{ bands: 4 }],
    [{ target: 0.03 }],
    // The buffer is a floor: it shows where the goal would go below it.
    [{ weeklyVolumeUsd: 1e6, feeBuffer: 0.019 }, { weeklyVolumeUsd: 1e6 }],
    [{ role: "taker" }],
    [{ bandDelayMs: 1000 }],
    [{ everyMs: 5000 }],
    [{ adaptWidth: true }],
    [{ adaptSize: true }],
    [{ weeklyVolumeUsd: 1e6 }],
  ];
  const named = new Set(rows.flatMap(([changed]) => Object.keys(changed)));
  assert.deepEqual([...named].sort(), Object.keys(points.params).sort());
  for (const [changed, before = {}] of rows) {
    assert.notEqual(plansOf(changed), plansOf(before), JSON.stringify(changed));
  }
  assert.equal(plansOf({}), plansOf({ ...tens }), "and nothing else does");
});

Deno.test("an order asks no less than its band cost and bids no more than its floor", () => {
  const setup = setupOf({ bandWidth: 0.333, target: 0.0001, usdPerBand: 10 });
  const plan = points.plan(after155(setup, []), aViewAt(15_500), setup);
  assert.equal(plan.orders[0]?.price, 15_477, "33 ticks to a band, in whole ticks: 469 of them");
  const memory = after155(setup, [fill({ price: 15_477, quantity: 6 })]);
  const [ask] = points.plan(memory, aViewAt(15_500, { position: 6 }), setup).orders;
  assert.equal(ask?.price, 15_500, "the target passed by others asks a tick above their best bid");
  const low = points.plan(memory, aViewAt(15_470, { position: 6 }), setup).orders;
  assert.equal(low.find(({ side }) => side === "ask")?.price, 15_479, "15478.5477 rounded up");
  const most = low.filter(({ side }) => side === "bid").map((bid) => bid.price * bid.quantity);
  assert.ok(most.every((worth) => worth <= 100_000 && worth > 100_000 - 15_500), `${most}`);
});

Deno.test("an order stays where mid has come to, and is not placed anew there", () => {
  const setup = setupOf();
  const memory = after155(setup, []);
  const seen = { bestBid: 14_997, bestAsk: 15_001 };
  const bidsOf = (seen: Seen) => picture(points.plan(memory, aView(seen), setup), setup);
  const open = resting(points.plan(memory, aViewAt(15_100), setup).orders);
  assert.equal(bidsOf({ ...seen, open }), "130 140 150 |");
  assert.equal(bidsOf(seen), "120 130 140 |");
  const passed = { bestBid: 14_900, bestAsk: 14_901 };
  assert.equal(bidsOf({ ...passed, open }), "130 140 150 |", "its fill is on the way");
  assert.equal(bidsOf(passed), "120 130 140 |");
  const held = after155(setup, [fill({})]);
  const [ask] = points.plan(held, aViewAt(15_100, { position: 100 }), setup).orders;
  assert.equal(ask?.price, 15_300);
  const raised = { bestBid: 15_340, bestAsk: 15_342, position: 100 };
  const asksOf = (open: OpenOrder[]) =>
    points.plan(held, aView({ ...raised, open }), setup).orders
      .filter(({ side }) => side === "ask").map(({ price }) => price);
  assert.deepEqual(asksOf([]), [15_341]);
  assert.deepEqual(asksOf(resting(ask ? [ask] : [])), [15_300], "and so does an ask");
});

Deno.test("a fill belongs to the band whose price it met, of equal ones to the lowest", () => {
  const setup = setupOf();
  const ask = (price: number, quantity: number) => fill({ side: "ask", price, quantity });
  const bid = (price: number, quantity = 100) => fill({ price, quantity });
  const three = [bid(15_000), bid(14_000), bid(13_000)];
  const rows: readonly (readonly [string, readonly Observation[], string])[] = [
    ["its floor", [bid(15_000, 40), bid(15_000, 60)], "15000:100"],
    ["a tick behind it", [bid(14_999, 40)], "15000:40"],
    ["a price of no floor", [bid(14_711)], "14711:100"],
    ["its ask", [...three, ask(14_280, 30)], "13000:100 14000:70 15000:100"],
    ["the ask above it was not met", [...three, ask(15_299, 30)], "13000:100 14000:70 15000:100"],
    ["more than it held", [...three, ask(14_280, 130)], "13000:70 15000:100"],
    ["no ask was met", [...three, ask(10_000, 30)], "13000:70 14000:100 15000:100"],
    ["all of it", [...three, ask(10_000, 300)], ""],
    ["more than all of it", [bid(15_000), ask(15_300, 130)], "15300:-30"],
    ["what is owed is bought first", [bid(15_000), ask(15_300, 130), bid(14_000)], "14000:70"],
    ["owed to the lot", [bid(15_000), ask(15_300, 130), bid(14_000, 30)], ""],
    ["owed still", [bid(15_000), ask(15_300, 130), ask(15_300, 5)], "15300:-35"],
    ["equal asks", [bid(14_999), bid(14_711), ask(99_999, 30)], "14711:100 15000:70"],
  ];
  for (const [why, events, expected] of rows) {
    const { bands } = after155(setup, events);
    const text = bands.toSorted((a, b) => a.floor - b.floor)
      .map(({ floor, held }) => `${floor}:${held}`).join(" ");
    assert.equal(text, expected, why);
  }
  // Two bands of one cost ask the same: one order for both, and the lowest sells first.
  const memory = after155(setup, []);
  memory.bands = [{ floor: 15_000, held: 50, cost: 50 * 14_000 * 10_000 }];
  memory.bands.push({ floor: 14_000, held: 60, cost: 60 * 14_000 * 10_000 });
  const { orders } = points.plan(memory, aViewAt(13_500, { position: 110 }), setup);
  const asks = orders.filter(({ side }) => side === "ask");
  assert.deepEqual(asks.map(({ price, quantity }) => [price, quantity]), [[14_280, 110]]);
  points.observe?.(memory, ask(14_280, 20), setup);
  assert.deepEqual(memory.bands.find(({ floor }) => floor === 14_000)?.held, 40);
});

Deno.test("a taker buys when the best ask has come down to a floor, and sells at its target", () => {
  const setup = setupOf({ role: "taker" });
  const memory = after155(setup, []);
  const planAt = (mid: number, position = 0) => {
    points.observe?.(memory, book(mid), setup);
    const { orders } = points.plan(memory, aViewAt(mid, { position }), setup);
    assert.ok(orders.every(({ role }) => role === "taker"));
    return orders.map((one) => `${one.side} ${one.price}`).join(", ");
  };
  assert.equal(planAt(15_000), "", "the ask is a tick above the floor");
  assert.equal(planAt(14_999), "bid 15000");
  assert.equal(planAt(15_300), "", "missed");
  assert.equal(planAt(13_950), "bid 15000, bid 14000", "both were crossed");
  const bought = (price: number) =>
    points.observe?.(memory, fill({ price, quantity: 100, maker: false }), setup);
  bought(13_951);
  assert.deepEqual(memory.bands.map(({ floor }) => floor), [14_000]);
  assert.equal(planAt(13_950, 100), "bid 15000");
  bought(13_951);
  assert.deepEqual(memory.bands.map(({ floor }) => floor), [14_000, 15_000]);
  assert.equal(planAt(13_950, 200), "");
  assert.equal(planAt(14_231, 200), "", "13951 × 1.02 is 14230.02");
  assert.equal(planAt(14_232, 200), "ask 14231");
  points.observe?.(memory, fill({ side: "ask", price: 14_231, quantity: 200 }), setup);
  assert.equal(planAt(14_100), "", "floors count from the sale");
  assert.equal(planAt(13_990), "bid 14000");
});

Deno.test("spot fees in base leave dust, and what is too little joins the next band at its cost", () => {
  const fees = { maker: 50, taker: 50 };
  const setup = setupOf({ target: 0.02 }, { market: spot, fees });
  const walk = new Walk(points, setup, { mid: 15_500 }).to(14_900);
  // 100 lots less 0.5 % of them.
  assert.equal(walk.position, 99);
  assert.deepEqual(walk.memory.bands, [
    { floor: 15_000, held: 99_500_000, cost: 150 * COIN * 0.995 },
  ]);
  walk.to(15_400);
  assert.equal(walk.position, 0);
  assert.deepEqual(walk.memory.bands.map(({ floor, held }) => [floor, held]), [[15_000, 500_000]]);
  walk.to(13_900);
  const held = walk.memory.bands.map((band) => [band.floor, band.held]);
  // 99 lots are bought where half a lot is left, and 107 below them.
  assert.deepEqual(held, [[15_000, 500_000 + 99 * 995_000], [14_000, 107 * 995_000]]);
  assert.equal(heldBy(walk.memory, setup), walk.position);
  const half = 0.7e8; // of a lot at 140
  const little = fill({ price: 14_000, quantity: 1, fee: half });
  const { bands } = after155(setup, [little, fill({ price: 13_000, quantity: 10 })]);
  assert.deepEqual(bands, [{ floor: 13_000, held: 10_500_000, cost: half + 13e8 }]);
});

/** Two observations a minute for three hours and a minute, an hour at a time of this many ticks up and down. */
function hours(swings: readonly number[]): Observation[] {
  return [...swings, 0].flatMap((swing, hour) =>
    Array.from({ length: hour < swings.length ? 60 : 1 }, (_, minute) => {
      const time = START + (60 * hour + minute) * 60 * SECOND;
      return [book(15_600, time), book(15_500 + (minute % 2) * swing, time + 30 * SECOND)];
    }).flat()
  );
}

Deno.test("width grows with volatility and size shrinks, within a half and two, once it is known", () => {
  const day = (first: number, last: number) =>
    Array.from({ length: 60 }, (_, hour) => hour < 30 ? first : last);
  // Ticks of swing by the hour; the least and the most the factor may be; whether it is known.
  const rows: readonly (readonly [readonly number[], number, number, boolean])[] = [
    [[], 1, 1, false],
    [[10], 1, 1, false],
    [[10, 10, 10], 1, 1, true],
    [[10, 10, 11], 1, 1, true], // a small change moves nothing
    [[10, 10, 15], 1.1, 1.4, true],
    [[10, 10, 10, 10, 10, 1000], 2, 2, true],
    [[10, 10, 10, 10, 0], 0.5, 0.56, true],
    [day(1000, 10), 0.9, 1.1, true], // after a day the wild hours are forgotten
  ];
  for (const [swings, least, most, known] of rows) {
    const why = swings.join(" ");
    const setup = setupOf({ adaptWidth: true, adaptSize: true });
    const memory = after155(setup, swings.length === 0 ? [] : hours(swings));
    assert.ok(memory.factor >= least && memory.factor <= most, `${why}: ${memory.factor}`);
    const { orders: [first], reason = "" } = points.plan(memory, aViewAt(15_500), setup);
    const width = Math.floor(1000 * memory.factor + 1e-6);
    assert.ok(reason.includes(`width ${width / 100},`), `${why}: ${reason}`);
    assert.equal(!reason.includes("volatility is not known yet"), known, why);
    const price = Math.floor(15_500 / width) * width;
    const worth = 150 / memory.factor;
    assert.deepEqual([first?.price, first?.quantity], [price, Math.floor(worth * 10_000 / price)]);
    assert.ok(memory.closes.length <= 61 && memory.hours.length <= 24);
  }
});

Deno.test("bars of the warm-up and books that follow measure the same minutes", () => {
  const setup = setupOf({ adaptWidth: true });
  const bars = hours([10, 10, 1000]).flatMap((event): Observation[] => {
    if (event.kind !== "book" || event.time % (60 * SECOND) === START % (60 * SECOND)) return [];
    const close = ticks((event.bestBid + event.bestAsk) / 2);
    // The bar ends with the minute.
    const time = micros(Math.ceil(event.time / (60 * SECOND)) * 60 * SECOND);
    return [{ kind: "bar", time, open: close, high: close, low: close, close, volume: lots(1) }];
  });
  const fromBars = after155(setup, bars);
  const fromBooks = after155(setup, hours([10, 10, 1000]));
  assert.ok(fromBars.factor > 1.5, `${fromBars.factor}`);
  assert.equal(fromBars.factor, fromBooks.factor);
  assert.deepEqual(fromBars.hours, fromBooks.hours);
  // A bar told late changes nothing.
  const before = structuredClone(fromBars);
  for (const bar of bars.slice(0, 5)) points.observe?.(fromBars, bar, setup);
  assert.deepEqual(fromBars, before);
  assert.deepEqual(points.warmup?.(setup), { bars: 1500, barSec: 60 });
  assert.deepEqual(points.warmup?.(setupOf()), { bars: 0, barSec: 60 });
});

/** Thursday, 2 January 2025, 00:00 UTC: a points week begins. */
const THURSDAY = Date.UTC(2025, 0, 2) * MILLISECOND;
const DAY = 86_400 * SECOND;

Deno.test("behind the goal of the points week width and target tighten in tenths, not below the fees", () => {
  const goal: Params = { weeklyVolumeUsd: 1000, target: 0.2 };
  // What was bought and when; when is looked; width and target.
  const rows: readonly (readonly [Params, number, number, number, number, number])[] = [
    [goal, 0, 0, 0, 10, 0.2],
    [goal, 0, 0, 0.69, 10, 0.2], // not a tenth behind
    [goal, 0, 0, 0.71, 9, 0.18],
    [goal, 0, 0, 3.5, 5, 0.1],
    [goal, 0, 0, 6.99, 1, 0.02], // never to nothing
    [goal, 300, 1, 3.5, 8, 0.16],
    [goal, 300, 3.49, 3.5, 8, 0.16],
    [goal, 300, -0.01, 3.5, 5, 0.1], // of the week before
    [goal, 900, 1, 3.5, 10, 0.2],
    [goal, 0, 0, 7, 10, 0.2], // the next week
    [{ ...goal, feeBuffer: 0.05 }, 0, 0, 6.99, 8, 0.06], // 5 % of 155 are 7.75
    [{ ...goal, target: 0.01, feeBuffer: 0.0099 }, 0, 0, 6.99, 2, 0.01],
    [{ ...goal, weeklyVolumeUsd: 0 }, 0, 0, 6.99, 10, 0.2],
  ];
  for (const [params, usd, bought, day, width, target] of rows) {
    const setup = setupOf(params);
    const time = THURSDAY + bought * DAY;
    // Bought and sold again: volume is of both, and nothing is held.
    const trip = (side: Side) => fill({ side, price: 15_000, quantity: usd / 3, time });
    const memory = after155(setup, usd === 0 ? [] : [trip("bid"), trip("ask")]);
    const view = aViewAt(15_500, { time: micros(THURSDAY + day * DAY) });
    const { reason } = points.plan(memory, view, setup);
    const expected = `0 of 3 bands hold 0 SOL; width ${width}, target ${target}`;
    assert.equal(reason, expected, JSON.stringify([params, usd, bought, day]));
  }
});

Deno.test("a compounding band is sized by the equity of the last time nothing was held", () => {
  const params: Params = { capitalFraction: 0.3, compound: true };
  const sizes = (memory: Memory, seen: Seen, given = params) => {
    const { orders } = points.plan(memory, aViewAt(15_500, seen), setupOf(given));
    return orders.filter(({ side }) => side === "bid").map(({ quantity }) => quantity).join(" ");
  };
  const setup = setupOf(params);
  const flat = after155(setup, []);
  // 10,000 × 0.3 ÷ 3 buys 6.66, 7.14 and 7.69.
  assert.equal(sizes(flat, {}), "666 714 769");
  assert.equal(sizes(flat, { equityUsd: 20_000 }), "1333 1428 1538");
  assert.equal(sizes(flat, { equityUsd: -5 }), "");
  assert.equal(sizes(flat, { equityUsd: 20_000 }, { capitalFraction: 0.3 }), "666 714 769");
  // Held, at a mark far from cost, after fees and a sale: as when nothing was held.
  const bought = after155(setup, [fill({ quantity: 666, fee: 2 * COIN })]);
  const worth = (held: number, mark: number) => (held * mark) / 10_000;
  const equity = (held: number, mark: number, made: number) => 10_000 + made + worth(held, mark);
  for (const mark of [15_500, 12_000]) {
    const equityUsd = equity(666, mark, -2 - worth(666, 15_000));
    assert.equal(sizes(bought, { equityUsd, mark, position: 666 }), "714 769");
  }
  points.observe?.(bought, fill({ side: "ask", price: 16_000, quantity: 333, fee: COIN }), setup);
  const made = -3 - worth(666, 15_000) + worth(333, 16_000);
  const half = sizes(bought, { equityUsd: equity(333, 15_500, made), position: 333 });
  assert.equal(half, "333 714 769");
  points.observe?.(bought, fill({ side: "ask", price: 16_000, quantity: 333, fee: COIN }), setup);
  assert.equal(bought.sinceFlat, 0);
  assert.equal(sizes(bought, { equityUsd: 12_000 }), "800 857 923");
});

Deno.test("what a run takes over is a band at the cost the run counts it at", () => {
  const setup = setupOf({}, { market: spot });
  const seen = { position: 250, entryTicks: 15_432.5 };
  const memory = after155(setup, [], seen);
  assert.deepEqual(memory.bands, [{ floor: 15_000, held: 250e6, cost: 250 * 15_432.5 * 10_000 }]);
  const plan = points.plan(memory, aViewAt(15_500, seen), setup);
  assert.equal(picture(plan, setup), "130 140 | 157.42:250");
});

Deno.test("where bands and position disagree nothing is quoted", () => {
  const setup = setupOf();
  const memory = after155(setup, [fill({})]);
  for (const position of [99, 101, 0, -100]) {
    const { orders, reason = "" } = points.plan(memory, aViewAt(15_500, { position }), setup);
    assert.deepEqual(orders, []);
    assert.match(reason, /^nothing: the bands hold 1 but the position is /);
  }
});

Deno.test("what cannot be quoted is named", () => {
  const rows: readonly (readonly [Parameters<typeof aMarket>[0], Params, string])[] = [
    [{ bands: { last: { min: 0.9, max: 1.1 } } }, {}, "bid of band 130"],
    [{ bands: { mark: { min: 0.95, max: 1.1 } } }, {}, "bid of band 140"],
    [{ minPrice: "135" }, {}, "bid of band 130"],
    [{ bands: { last: { min: 0.5, max: 1.1 } } }, { target: 0.2 }, "ask of band 150"],
    [{ maxPrice: "170" }, { target: 0.2 }, "ask of band 150"],
  ];
  for (const [rules, params, name] of rows) {
    const setup = setupOf(params, { market: aMarket({ kind: "perp", ...rules }) });
    const held = name.startsWith("ask") ? 100 : 0;
    const memory = after155(setup, held > 0 ? [fill({})] : []);
    const { orders, reason = "" } = points.plan(memory, aViewAt(15_500, { position: held }), setup);
    assert.ok(reason.includes(`${name} waits: outside the market's prices`), reason);
    assert.ok(!orders.some(({ side, tag }) => `${side} of ${tag}` === name));
  }
  const setup = setupOf({}, { market: aMarket({ kind: "perp", minQuantity: "1.02" }) });
  const memory = points.start(setup, aViewAt(14_500));
  const { reason = "" } = points.plan(memory, aViewAt(15_500), setup);
  assert.match(reason, /; bid of band 150 waits: below the market's minimum$/);
});

Deno.test("nonsense and what cannot work is refused, naming what can", () => {
  const base = { maker: 8, taker: 10 };
  const rows: readonly (readonly [Params, { market?: typeof spot; fees?: Fees }, string])[] = [
    [
      { target: 0.0026, feeBuffer: 0.001 },
      { fees: base },
      "target must be above 0.0026, the fees of a round trip and feeBuffer: current value is 0.0026",
    ],
    [
      { target: 0.0029, feeBuffer: 0.001, role: "taker" },
      { fees: base },
      "target must be above 0.003, the fees of a round trip and feeBuffer: current value is 0.0029",
    ],
    [
      { target: 0 },
      {},
      "target must be above 0, the fees of a round trip and feeBuffer: current value is 0",
    ],
    [
      { bandWidth: 0 },
      {},
      "bandWidth must be between 0.01 and 51.66: current value is 0",
    ],
    [
      { bandWidth: 0.009 },
      {},
      "bandWidth must be between 0.01 and 51.66: current value is 0.009",
    ],
    [
      { bandWidth: 51.67 },
      {},
      "bandWidth must be between 0.01 and 51.66: current value is 51.67",
    ],
    [{ compound: true }, {}, "compound needs capitalFraction set: current value is true"],
    [
      { usdPerBand: 1.4 },
      {},
      "usdPerBand must be between 1.5 and 33333.3333 to fit the market and the capital: current value is 1.4",
    ],
    [
      { usdPerBand: 2 },
      { market: spot },
      "usdPerBand must be between 3 and 3333.3333 to fit the market and the capital: current value is 2",
    ],
    [
      { usdPerBand: 2, adaptSize: true },
      {},
      "usdPerBand must be between 3 and 33333.3333 to fit the market and the capital: current value is 2",
    ],
    [
      { usdPerBand: 3334 },
      { market: spot },
      "usdPerBand must be between 3 and 3333.3333 to fit the market and the capital: current value is 3334",
    ],
    [
      { usdPerBand: 33_334 },
      {},
      "usdPerBand must be between 1.5 and 33333.3333 to fit the market and the capital: current value is 33334",
    ],
    [
      { capitalFraction: 0.0004 },
      {},
      "capitalFraction must be between 0.0005 and 10 to fit the market and the capital: current value is 0.0004",
    ],
  ];
  for (const [params, given, message] of rows) {
    const start = () => points.start(setupOf(params, given), aViewAt(15_500));
    assert.throws(start, { name: "RangeError", message });
  }
  const short = () => points.start(setupOf(), aViewAt(15_500, { position: -5 }));
  assert.throws(short, { message: "position must not be short: current value is -5 lots" });
  const feasible: readonly (readonly [Params, { market?: typeof spot; fees?: Fees }])[] = [
    [{ target: 0.00261, feeBuffer: 0.001 }, { fees: base }],
    [{ bandWidth: 51.66 }, {}],
    [{ bandWidth: 0.01 }, {}],
    [{ usdPerBand: 1.5 }, {}],
    [{ usdPerBand: 33_333.3333 }, {}],
    [{ usdPerBand: 3333.3333 }, { market: spot }],
    [{ capitalFraction: 0.0005, compound: true }, {}],
  ];
  for (const [params, given] of feasible) {
    const setup = setupOf(params, given);
    const memory = points.start(setup, aViewAt(15_500));
    const { orders, reason = "" } = points.plan(memory, aViewAt(15_500), setup);
    assert.equal(orders.length, 3, `${JSON.stringify(params)}: ${reason}`);
    assert.ok(!reason.includes("waits"), reason);
  }
});

/**
 * The strategy with a desk that sends what is planned and is filled by mid. Throws when an order goes
 * out too soon after one of another band; orders that were withdrawn are not known to a strategy.
 */
class Desk {
  readonly memory: Memory;
  sent = 0;
  #open: (OpenOrder & { readonly tag: string })[] = [];
  #filled = { tag: "", time: 0 };
  #position = 0;
  #time: number = START;

  constructor(readonly setup: PointsSetup) {
    this.memory = points.start(setup, aViewAt(15_500));
  }

  get resting(): string {
    return this.#open.map(({ side, price }) => `${side} ${price}`).sort().join(", ");
  }

  /** So many milliseconds later mid is here: fills come first, each with a plan of its own. */
  step(mid: number, ms: number): Plan {
    this.#time += ms * MILLISECOND;
    const isReached = ({ side, price }: OpenOrder) => side === "bid" ? price > mid : price < mid;
    for (let own = this.#open.find(isReached); own; own = this.#open.find(isReached)) {
      const { side, price, quantity, tag } = own;
      this.#open = this.#open.filter((other) => other !== own);
      this.#position += side === "bid" ? quantity : -quantity;
      this.#filled = { tag, time: this.#time };
      points.observe?.(this.memory, fill({ side, price, quantity, time: this.#time }), this.setup);
      this.#plan(mid);
    }
    points.observe?.(this.memory, book(mid, this.#time), this.setup);
    return this.#plan(mid);
  }

  #plan(mid: number): Plan {
    const seen = { time: micros(this.#time), position: this.#position, open: this.#open };
    const plan = points.plan(this.memory, aViewAt(mid, seen), this.setup);
    const before = this.#open;
    this.#open = plan.orders.map(({ side, price, quantity, tag = "" }) => {
      const same = before.find((own) => own.side === side && own.price === price);
      return same ?? this.#send({ side, price, quantity, tag, since: micros(this.#time) });
    });
    return plan;
  }

  #send<O extends { readonly tag: string }>(order: O): O {
    const known = [...this.#open.map(({ tag, since }) => ({ tag, time: since })), this.#filled];
    for (const { time } of known.filter(({ tag }) => tag !== order.tag)) {
      const ms = (this.#time - time) / MILLISECOND;
      assert.ok(ms >= this.setup.params.bandDelayMs, `${ms} ms after another band`);
    }
    this.sent++;
    return order;
  }
}

Deno.test("orders of two bands are at least the delay apart, and each band has its turn", () => {
  const desk = new Desk(setupOf({ bandDelayMs: 1000, everyMs: 500 }));
  const counts = [0, 500, 500, 500, 500, 500].map((ms) => desk.step(15_500, ms).orders.length);
  assert.deepEqual(counts, [1, 1, 2, 2, 3, 3]);
  assert.equal(desk.resting, "bid 13000, bid 14000, bid 15000");
  // A fill is answered at once by its own band; another one waits.
  desk.step(14_900, 2000);
  assert.equal(desk.resting, "ask 15300, bid 13000, bid 14000");
  desk.step(16_100, 200);
  assert.equal(desk.resting, "bid 14000, bid 15000", "sold, bid for again; a new band waits");
  desk.step(16_100, 900);
  assert.equal(desk.resting, "bid 14000, bid 15000");
  desk.step(16_100, 100);
  assert.equal(desk.resting, "bid 14000, bid 15000, bid 16000");
});

Deno.test("an order that never rests does not keep the other bands waiting", () => {
  const setup = setupOf({ bandDelayMs: 1000, bands: 4 });
  const memory = after155(setup, []);
  const placed = new Set<number>();
  for (let i = 0; i < 8; i++) {
    // Nothing ever rests: as where the gate refuses all of it.
    const view = aViewAt(15_500, { time: after(3000 * i) });
    const { orders, reason = "" } = points.plan(memory, view, setup);
    for (const { price } of orders) placed.add(price);
    assert.equal(orders.length, 1);
    assert.match(reason, /; bandDelayMs holds band \d+, band \d+, band \d+$/);
  }
  assert.deepEqual([...placed].sort(), [12_000, 13_000, 14_000, 15_000]);
});

const steps = fc.array(
  fc.record({
    move: fc.integer({ min: -400, max: 400 }),
    ms: fc.integer({ min: 10, max: 5000 }),
    share: fc.constantFrom(1, 0.5, 0.1),
  }),
  { minLength: 1, maxLength: 60 },
);

Deno.test("on any walk the delay is kept", () => {
  let sent = 0;
  fc.assert(fc.property(steps, fc.integer({ min: 1, max: 4000 }), (walk, bandDelayMs) => {
    const desk = new Desk(setupOf({ bandWidth: 1, target: 0.004, bandDelayMs, bands: 4 }));
    let mid = 15_500;
    for (const { move, ms } of walk) desk.step(mid += Math.round(move / 3), ms);
    sent += desk.sent;
  }));
  assert.ok(sent > 200, `only ${sent} orders`);
});

const settings = fc.record({
  bandWidth: fc.constantFrom(0.4, 1, 2.5),
  bands: fc.integer({ min: 1, max: 6 }),
  target: fc.constantFrom(0.0011, 0.004, 0.05),
  capitalFraction: fc.constantFrom(null, 0.1),
  compound: fc.boolean(),
  adaptWidth: fc.boolean(),
  adaptSize: fc.boolean(),
  weeklyVolumeUsd: fc.constantFrom(0, 5000),
}).map((params) => ({
  ...params,
  compound: params.compound && params.capitalFraction !== null,
  feeBuffer: 0.0005,
}));

Deno.test("each band that neither holds nor bids is named with why", () => {
  const { orders, reason = "" } = new Desk(setupOf({ bandDelayMs: 1000 })).step(15_500, 0);
  const named = ["band 130", "band 140", "band 150"].filter((tag) => reason.includes(tag));
  assert.match(reason, /^0 of 3 bands hold .*; bandDelayMs holds band \d+, band \d+$/);
  assert.deepEqual([...orders.map(({ tag }) => tag), ...named].sort(), [
    ...["band 130", "band 140", "band 150"],
  ]);
  const setup = setupOf({ role: "taker" });
  const plan = points.plan(points.start(setup, aViewAt(15_500)), aViewAt(15_500), setup);
  assert.deepEqual(plan.orders, []);
  assert.match(plan.reason ?? "", /; each waits for best ask or best bid to reach it$/);
});

Deno.test("on any walk bands are the position, are never too many and never sell at a loss", () => {
  let trips = 0;
  fc.assert(fc.property(steps, settings, fc.boolean(), (path, params, isSpot) => {
    const fees = { maker: isSpot ? 2.5 : 2, taker: 5 };
    const setup = setupOf(params, { market: isSpot ? spot : perp, fees });
    const walk = new Walk(points, setup, { mid: 15_500 });
    const { perLot, cptl } = {
      perLot: isSpot ? spot.basePerLot : 1,
      cptl: setup.market.cashPerTickLot,
    };
    let mid = 15_500;
    for (const { move, share, ms } of path) {
      const { memory, plan, position } = walk.to(mid += move, { share, seconds: 1 + ms });
      assert.equal(heldBy(memory, setup), position, "the sum of bands is the position");
      const { bands } = memory;
      const holding = bands.filter(({ held }) => held >= perLot);
      // An order of a floor that is none any more may fill as a band of its own.
      const most = params.bands + (params.adaptWidth || params.weeklyVolumeUsd > 0 ? 1 : 0);
      assert.ok(holding.length <= most, "no more bands than asked for");
      const tags = new Set(holding.map(({ floor }) => `band ${floor / 100}`));
      for (const { tag = "" } of plan.orders) tags.add(tag);
      assert.ok(tags.size <= most, `${[...tags]}`);
      const asks = plan.orders.filter(({ side }) => side === "ask");
      assert.equal(asks.length, new Set(asks.map(({ price }) => price)).size);
      const offered = asks.reduce((sum, { quantity }) => sum + quantity, 0);
      assert.ok(offered <= position && position - offered <= (isSpot ? bands.length : 0));
      for (const ask of asks) {
        const owner = bands.find(({ floor }) => `band ${floor / 100}` === ask.tag);
        assert.ok(owner !== undefined && ask.price >= owner.cost / owner.held * perLot / cptl);
      }
      for (const bid of plan.orders.filter(({ side }) => side === "bid")) {
        assert.equal(bid.role, "maker");
        assert.ok(!asks.some(({ price }) => price <= bid.price), "no own cross");
      }
      assert.deepEqual(plan, points.plan(memory, walk.view(), setup), "asked twice, the same");
      const kept: Memory = JSON.parse(JSON.stringify(memory));
      assert.deepEqual(plan, points.plan(kept, walk.view(), setup), "after a restart, the same");
      // What is held has cost this; the fees of what is held are still to be earned.
      const cost = bands.reduce((sum, band) => sum + band.cost, 0);
      assert.ok(walk.cash + cost * 1.001 + 100 >= 0, `lost ${walk.cash + cost}`);
    }
    trips += walk.seen.filter((event) => event.kind === "fill" && event.side === "ask").length;
  }));
  assert.ok(trips > 50, `only ${trips} sales`);
});

/** The strategy with every change of a band held against the fill that made it. */
function audited() {
  const seen = { bought: 0, sold: 0, parts: 0 };
  const strategy: typeof points = {
    ...points,
    observe(memory, event, setup) {
      const before = structuredClone(memory.bands);
      points.observe?.(memory, event, setup);
      const { bands } = memory;
      if (event.kind !== "fill") return assert.deepEqual(bands, before, "only fills change bands");
      const { side, price, quantity, fee } = event;
      const isSpot = setup.market.kind === "spot";
      const worth = price * quantity * setup.market.cashPerTickLot;
      const changed = bands.filter(({ floor, held, cost }) =>
        !before.some((band) => band.floor === floor && band.held === held && band.cost === cost)
      );
      const total = (of: typeof bands) => of.reduce((sum, { cost }) => sum + cost, 0);
      if (side === "bid") {
        seen.bought++;
        assert.ok(changed.length <= 1, "a bid is one band's");
        assert.equal(total(bands) - total(before), worth - (isSpot ? fee : 0), "at its price");
        return;
      }
      seen.sold++;
      assert.ok(changed.length <= 1, "one band is sold in part, the others whole or not at all");
      for (const { floor, held, cost } of changed) {
        seen.parts++;
        const band = before.find((old) => old.floor === floor);
        assert.ok(band !== undefined && held < band.held, "a sale takes from a band");
        const share = band.cost * (held / band.held);
        assert.ok(
          Math.abs(cost - share) <= 1,
          `what is left of ${floor} cost ${share}, not ${cost}`,
        );
      }
    },
  };
  return { strategy, seen };
}

Deno.test("each band keeps its own cost through every fill of others and every move of the window", () => {
  const { strategy, seen } = audited();
  let moves = 0;
  fc.assert(fc.property(steps, settings, fc.boolean(), (path, params, isSpot) => {
    const fees = { maker: isSpot ? 2.5 : 2, taker: 5 };
    const setup = setupOf(params, { market: isSpot ? spot : perp, fees });
    const walk = new Walk(strategy, setup, { mid: 15_500 });
    const lowest = () => walk.plan.orders.find(({ side }) => side === "bid")?.price;
    let [mid, bid] = [15_500, lowest()];
    for (const { move, share, ms } of path) {
      walk.to(mid += move, { share, seconds: 1 + ms });
      if (walk.position > 0 && lowest() !== bid) moves++;
      bid = lowest();
      assert.equal(heldBy(walk.memory, setup), walk.position, "the sum of bands is the position");
    }
  }));
  assert.ok(
    moves > 100 && seen.bought > 100 && seen.sold > 50 && seen.parts > 10,
    JSON.stringify(seen),
  );
});

/** The strategy, asked twice for each plan: the second time with its memory as a restart would find it. */
function watched() {
  const seen = { fills: 0, plans: 0, reasons: new Set<string>() };
  const strategy: typeof points = {
    ...points,
    observe(memory, event, setup) {
      if (event.kind === "fill") seen.fills++;
      points.observe?.(memory, event, setup);
    },
    plan(memory, view, setup) {
      const plan = points.plan(memory, view, setup);
      const kept: Memory = JSON.parse(JSON.stringify(memory));
      assert.deepEqual(points.plan(kept, view, setup), plan, "after a restart, the same");
      assert.equal(heldBy(kept, setup), view.position, "the sum of bands is the position");
      seen.reasons.add(plan.reason?.replace(/;.*/, "") ?? "");
      seen.plans++;
      return plan;
    },
  };
  return { strategy, seen };
}

Deno.test("every promise holds in runs of every shape, with faults and at several latencies", async () => {
  const coverage = new Coverage();
  const { strategy, seen } = watched();
  const common: Params = { feeBuffer: 0, everyMs: 1000 };
  const variants: readonly Params[] = [
    { bandWidth: 0.2, usdPerBand: 100, target: 0.001 },
    { bandWidth: 0.1, capitalFraction: 1, compound: true, target: 0.0008, bands: 6 },
    { bandWidth: 0.1, usdPerBand: 100, role: "taker", target: 0.0012, everyMs: 500 },
    {
      ...{ bandWidth: 0.5, usdPerBand: 125, bandDelayMs: 0 },
      ...{ adaptWidth: true, adaptSize: true, weeklyVolumeUsd: 1e6 },
    },
  ];
  for (let seed = 1; seed <= 24; seed++) {
    const variant = variants[seed % variants.length];
    const params = { ...defaultParams(points.params), ...common, ...variant };
    const one = { ...caseOf(seed, [points]), strategy, params };
    await simulate(one, coverage).catch((error) => {
      console.error(lineOf(one), JSON.stringify(params));
      throw error;
    });
  }
  assert.ok(seen.fills > 300 && seen.reasons.size > 20, `${seen.fills} fills`);
});

/** A whole run on `feed` without faults; its fills, and every promise of ledger and bands held. */
async function played(feed: Feed, given: { params: Params; price: number; time: number }) {
  const market = aMarketOf("SOL_USDC_PERP");
  const { strategy, seen } = watched();
  const parts = rig({
    market,
    strategy,
    params: { ...defaultParams(points.params), ...given.params },
    limits: { ...defaultLimits, staleMs: 600_000, maxPositionUsd: 1000, maxDrawdownPct: 50 },
    fees: { maker: 2, taker: 5 },
    balances: { USDC: "10000" },
    seed: 1,
    fillModel: feed.ticking ? "queue" : "through",
    latencyMs: 60,
    feed,
    price: ticks(given.price),
    time: micros(given.time),
  });
  await run(parts.engine, parts.venue, [parts.record]);
  assert.equal(parts.identityError(), 0);
  const { fills } = parts.record;
  const volume = fills.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
  return {
    fills,
    reasons: [...seen.reasons],
    volumeUsd: volume * market.cashPerTickLot / COIN,
    parts,
  };
}

Deno.test("over recorded ticks of Hyperliquid bands are bought at floors and sold at their targets", async () => {
  const day = "SOLUSDC-PERP-HYPERLIQUID-20250904";
  const files = [`trades/${day}`, `book/${day}-bbo`, `book/${day}-top10`]
    .flatMap((name) => sharedFile(`${name}.csv.gz`) ?? []);
  if (files.length < 3) return;
  const { tape } = await readTape(files, aMarketOf("SOL_USDC_PERP"), { errors: "refuse" });
  const params: Params = { bandWidth: 0.2, usdPerBand: 100, target: 0.0016, bands: 4 };
  const first = tape.price.find((price) => price > 0) ?? 0;
  const from = { params, price: first, time: tape.time[0] ?? 0 };
  const { fills, reasons, volumeUsd } = await played(tapeFeed(tape), from);
  assert.ok(fills.length > 10 && volumeUsd > 500, `${fills.length} fills, ${volumeUsd} USD`);
  assert.ok(fills.every(({ maker }) => maker));
  assert.ok(fills.every(({ side, price }) => side === "ask" || (price % 20) % 19 === 0));
  assert.ok(fills.every(({ side, realised }) => side === "bid" || realised > 0), "none at a loss");
  assert.ok(reasons.every((reason) => /^[0-4] of 4 bands hold/.test(reason)));
});

Deno.test("over recorded candles a fall fills the bands, and no more is bought than they are for", async () => {
  const name = "klines/SOLUSDT-PERP-BINANCE-1m-20250127-20250226.csv.gz";
  const file = sharedFile(name);
  if (file === undefined) return;
  const market = aMarketOf("SOL_USDC_PERP");
  const { candles } = await readCandles([file], market, { errors: "refuse" });
  const week = 7 * 1440;
  const columns = { ...candles, length: week, time: candles.time.subarray(0, week) };
  const feed = new CandleFeed(columns, { fillModel: "through", path: "nearer" });
  const params: Params = { bandWidth: 2, usdPerBand: 200, bands: 3, adaptWidth: true };
  const from = { params, price: candles.open[0] ?? 0, time: candles.time[0] ?? 0 };
  const { fills, reasons, parts } = await played(feed, from);
  assert.ok(fills.length > 20, `${fills.length} fills`);
  assert.ok(reasons.some((reason) => reason.startsWith("3 of 3 bands hold")));
  let cost = 0;
  for (const { side, price, quantity, positionAfter } of fills) {
    cost += (side === "bid" ? 1 : -1) * price * quantity / 10_000;
    if (positionAfter === 0) cost = 0;
    assert.ok(cost <= 3 * 200, `${cost} USD are out`);
  }
  assert.equal(parts.engine.riskState.name, "ACTIVE");
});
