// Flow alone: what it plans for a moment, how taker volume chooses its side, and what it refuses. Plans
// are written as text, "ask 16 @ 15001": 16 lots of 0.01 SOL at 150.01. Whole runs are in the second
// half: through the engine on a simulated exchange, over recorded ticks where they are at hand.

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Command, Event } from "../../lib/core/event.ts";
import { defaultLimits, type RiskLimits } from "../../lib/core/limits.ts";
import type { Market } from "../../lib/core/market.ts";
import { isResting } from "../../lib/core/orders.ts";
import { defaultParams, type ParamValues } from "../../lib/core/params.ts";
import type { Observation, OpenOrder, Plan, Side } from "../../lib/core/strategy.ts";
import { cash, lots, micros, MILLISECOND, SECOND, ticks } from "../../lib/core/units.ts";
import { emptyTape, ROW, type Tape } from "../../lib/core/columns.ts";
import { readCandles } from "../../lib/data/candles.ts";
import { readTape } from "../../lib/data/tape.ts";
import { type Rig, rig } from "../../lib/lab/rig.ts";
import { type Observer, run } from "../../lib/run.ts";
import { CandleFeed } from "../../lib/sim/candle_feed.ts";
import type { Feed } from "../../lib/sim/feed.ts";
import { SynthMarket } from "../../lib/sim/synth.ts";
import { marketShapes, synthDefaults } from "../../lib/sim/synth_options.ts";
import { TapeFeed, tapeFeed } from "../../lib/sim/tape_feed.ts";
import flow from "../../strategies/flow.ts";
import { sharedFile } from "../data/files.ts";
import { after, perpMarket, spotMarket, START, textOf } from "../support/core.ts";
import { caseOf, lineOf, simulate } from "../support/campaign.ts";
import { Coverage } from "../support/coverage.ts";
import { aMarketOf } from "../support/known_market.ts";
import { aSetup, aView, type Seen } from "../support/views.ts";

type Params = Partial<ParamValues<typeof flow.params>>;
type Memory = ReturnType<typeof flow.start>;

const fees = { maker: 2, taker: 5 };

function setupOf(params: Params = {}, market: Market = perpMarket(), capitalUsd = 10_000) {
  return aSetup(flow, { market, params, fees, capitalUsd });
}

/** On `side` since long ago, or since so many milliseconds. */
function on(side: Side | null, heldMs = 60_000): Memory {
  return { slots: [], lean: 0, side, since: START - heldMs * MILLISECOND };
}

function text({ orders }: Plan): string {
  return orders.map(({ side, quantity, price, role, reduceOnly }) =>
    `${side} ${quantity} @ ${price}${role === "taker" ? " taker" : ""}${
      reduceOnly === true ? " reduce" : ""
    }`
  ).join(", ");
}

/** Own orders from text, each so many milliseconds old: "ask 16 @ 15001 1000". */
function own(...rows: readonly string[]): { readonly open: OpenOrder[] } {
  const open = rows.map((row): OpenOrder => {
    const [side, quantity, , price, age] = row.split(" ");
    assert(side === "bid" || side === "ask");
    const since = after(-Number(age));
    return { side, price: ticks(Number(price)), quantity: lots(Number(quantity)), since };
  });
  return { open };
}

/** Side, what is seen (10,000 USD, best bid 149.99, best ask 150.01), settings, and the plan. */
const moments: readonly (readonly [string, Side | null, Seen, Params, string])[] = [
  ["no side yet", null, {}, {}, ""],
  ["takers buy: the ask", "ask", {}, {}, "ask 16 @ 15001"],
  ["takers sell: the bid", "bid", {}, {}, "bid 16 @ 14999"],
  ["behind the ask", "ask", {}, { offsetTicks: 3 }, "ask 16 @ 15004"],
  ["behind the bid", "bid", {}, { offsetTicks: 3 }, "bid 16 @ 14996"],
  ["a smaller part of equity", "ask", {}, { sizePct: 0.1 }, "ask 6 @ 15001"],
  ["less equity", "ask", { equityUsd: 2000 }, {}, "ask 6 @ 15001"],
  ["a larger cap", "ask", {}, { maxOrderUsd: 40 }, "ask 26 @ 15001"],
  ["equity that buys no lot", "ask", { equityUsd: 200 }, {}, ""],
  ["equity lost", "ask", { equityUsd: -5 }, {}, ""],
  ["what rests stays", "ask", own("ask 16 @ 15001 500"), {}, "ask 16 @ 15001"],
  ["a tick off is re-priced", "ask", own("ask 16 @ 15002 500"), {}, "ask 16 @ 15001"],
  [
    "unless that is near enough",
    "ask",
    own("ask 16 @ 15002 500"),
    { requoteTicks: 2 },
    "ask 16 @ 15002",
  ],
  [
    "too near the touch is off as well",
    "ask",
    own("ask 16 @ 15001 500"),
    { offsetTicks: 1 },
    "ask 16 @ 15002",
  ],
  [
    "its own offset is no distance",
    "bid",
    own("bid 16 @ 14989 500"),
    { offsetTicks: 10 },
    "bid 16 @ 14989",
  ],
  [
    "an old one is re-priced to the tick",
    "ask",
    own("ask 16 @ 15002 3000"),
    { requoteTicks: 2 },
    "ask 16 @ 15001",
  ],
  [
    "what is left of a fill stays while young",
    "ask",
    own("ask 5 @ 15001 2999"),
    {},
    "ask 5 @ 15001",
  ],
  ["and is filled up when old", "ask", own("ask 5 @ 15001 3000"), {}, "ask 16 @ 15001"],
  [
    "filling up is done once",
    "ask",
    own("ask 5 @ 15001 9000", "ask 8 @ 15001 9000"),
    {},
    "ask 13 @ 15001",
  ],
  [
    "a young refill makes all young",
    "ask",
    own("ask 5 @ 15002 9000", "ask 8 @ 15002 100"),
    { requoteTicks: 2 },
    "ask 13 @ 15002",
  ],
  [
    "old, both go to the tick as one",
    "ask",
    own("ask 5 @ 15002 9000", "ask 8 @ 15002 9000"),
    { requoteTicks: 2 },
    "ask 16 @ 15001",
  ],
  [
    "two prices become one",
    "ask",
    own("ask 5 @ 15002 10", "ask 8 @ 15001 10"),
    { requoteTicks: 9 },
    "ask 16 @ 15001",
  ],
  ["a quote the market ran through is re-priced", "bid", own("bid 16 @ 15001 10"), {
    requoteTicks: 9,
  }, "bid 16 @ 14999"],
  ["an ask is open: no bid", "bid", own("ask 16 @ 15001 500"), {}, ""],
  ["a bid is open: no ask", "ask", own("bid 16 @ 14999 500"), {}, ""],
  ["both are open: neither", "ask", own("bid 1 @ 14999 5", "ask 9 @ 15001 5"), {}, ""],
  ["long, but within the limit", "bid", { position: 1300 }, {}, "bid 16 @ 14999"],
  ["a bid fills the limit and no more", "bid", { position: 1325 }, {}, "bid 8 @ 14999"],
  ["at the limit no bid", "bid", { position: 1333 }, {}, ""],
  ["at the limit still an ask", "ask", { position: 1333 }, {}, "ask 16 @ 15001"],
  ["an ask fills the limit and no more", "ask", { position: -1325 }, {}, "ask 8 @ 15001"],
  ["at the limit no ask", "ask", { position: -1333 }, {}, ""],
  ["at the limit still a bid", "bid", { position: -1333 }, {}, "bid 16 @ 14999"],
  [
    "100 USD beyond, half is sold at the best bid",
    "bid",
    { position: 1400 },
    {},
    "ask 33 @ 14999 taker reduce",
  ],
  [
    "100 USD beyond, half is bought at the best ask",
    "ask",
    { position: -1400 },
    {},
    "bid 33 @ 15001 taker reduce",
  ],
  [
    "a hedge beside the quote that helps it",
    "ask",
    { position: 1400 },
    {},
    "ask 33 @ 14999 taker reduce, ask 16 @ 15001",
  ],
  ["a hedge needs no side", null, { position: 1400 }, {}, "ask 33 @ 14999 taker reduce"],
  [
    "a hedge does not wait for the old quote",
    "bid",
    { position: -1400, ...own("ask 16 @ 15001 5") },
    {},
    "bid 33 @ 15001 taker reduce",
  ],
  ["7.00 USD beyond: half is too little to hedge", "bid", { position: 1338 }, {}, ""],
  [
    "unless little is enough",
    "bid",
    { position: 1338 },
    { minHedgeUsd: 1 },
    "ask 2 @ 14999 taker reduce",
  ],
  ["another share", "bid", { position: 1400 }, { hedgePct: 100 }, "ask 66 @ 14999 taker reduce"],
  ["no share", "bid", { position: 1400 }, { hedgePct: 0 }, ""],
  ["another limit", "bid", { position: 1400 }, { maxExposurePct: 30 }, "bid 16 @ 14999"],
  [
    "exposure counts at the mark",
    "bid",
    { position: 1333, mark: 16_000 },
    {},
    "ask 41 @ 14999 taker reduce",
  ],
  [
    "and shrinks with equity",
    "bid",
    { position: 1333, equityUsd: 9_000 },
    {},
    "ask 66 @ 14999 taker reduce",
  ],
  [
    "without equity all of it is beyond",
    "bid",
    { position: 100, equityUsd: 0 },
    {},
    "ask 50 @ 14999 taker reduce",
  ],
  ["a bid below the market's prices", "bid", {}, { offsetTicks: 14_999 }, ""],
  ["the lowest bid there is", "bid", {}, { offsetTicks: 14_998 }, "bid 1333 @ 1"],
];

Deno.test("the plan for a moment is the one in the table", () => {
  for (const [name, side, seen, params, expected] of moments) {
    const plan = flow.plan(on(side), aView(seen), setupOf(params));
    assert.equal(text(plan), expected, name);
    const notes = plan.reason?.split("; ").slice(2) ?? [];
    assert.ok(plan.orders.length > 0 || notes.length > 0, `${name}: says why there is none`);
  }
});

Deno.test("a new side is quoted a whole cadence after it was chosen, whatever is open", () => {
  const setup = setupOf({ everyMs: 250 });
  for (const [heldMs, expected] of [[0, ""], [249, ""], [250, "bid 16 @ 14999"]] as const) {
    assert.equal(text(flow.plan(on("bid", heldMs), aView(), setup)), expected, `${heldMs} ms`);
  }
});

/**
 * Tells `memory` what happens after one moment and until another, the timer last: "50 bid 100" is a
 * bid that takes 100 USD at 50 ms, sold and bought are fills of own quotes, took is one of a hedge.
 */
function drive(
  memory: Memory,
  params: Params,
  rows: readonly string[],
  { fromMs = -1, untilMs }: { readonly fromMs?: number; readonly untilMs: number },
): Memory {
  const setup = setupOf(params);
  const told = rows.map((row): Observation => {
    const [ms, what, usd] = row.split(" ");
    const happened = { time: after(Number(ms)), price: ticks(10_000), quantity: lots(Number(usd)) };
    if (what === "bid" || what === "ask") return { kind: "trade", ...happened, aggressor: what };
    const side = what === "sold" ? "ask" : "bid";
    return { kind: "fill", ...happened, side, maker: what !== "took", fee: cash(0) };
  });
  const { everyMs } = setup.params;
  for (let ms = everyMs; ms <= untilMs; ms += everyMs) {
    told.push({ kind: "timer", time: after(ms) });
  }
  told.sort((a, b) => a.time - b.time);
  for (const event of told) {
    if (event.time <= after(fromMs) || event.time > after(untilMs)) continue;
    flow.observe?.(memory, event, setup);
  }
  return memory;
}

/** Settings, what happens, and the side from some moments on. */
const flows: readonly (readonly [string, Params, readonly string[], string])[] = [
  ["no taker, no side", {}, [], "9000 null"],
  ["takers buy", {}, ["50 bid 100"], "99 null, 100 ask"],
  ["takers sell", {}, ["50 ask 100"], "99 null, 100 bid"],
  ["takers do both", {}, ["50 bid 100", "60 ask 100"], "9000 null"],
  ["the side stays when takers stop", {}, ["50 bid 100"], "20000 ask"],
  ["a few dollars are no crowd", {}, ["50 bid 4"], "9000 null"],
  ["unless an order is as small", { maxOrderUsd: 4 }, ["50 bid 4"], "100 ask"],
  ["more of one is smoothed first", {}, ["50 bid 100", "60 ask 60"], "100 null, 200 ask"],
  ["or not", { emaAlpha: 1 }, ["50 bid 100", "60 ask 60"], "100 ask"],
  ["not enough more of one", { threshold: 1.5 }, ["50 bid 100", "60 ask 60"], "9000 null"],
  [
    "what has left the window is forgotten",
    {},
    ["50 bid 100", "3100 ask 40"],
    "3000 ask, 3500 bid",
  ],
  [
    "a longer window forgets later",
    { lookbackMs: 9000 },
    ["50 bid 100", "3100 ask 40"],
    "8700 ask, 9300 bid",
  ],
  ["a side is held for a while", {}, ["50 bid 100", "500 ask 900"], "2000 ask, 2100 bid"],
  ["for as long as is set", { minHoldMs: 400 }, ["50 bid 100", "300 ask 900"], "400 ask, 500 bid"],
  ["at another cadence", { everyMs: 300 }, ["50 bid 100"], "299 null, 300 ask"],
  ["whoever takes our ask buys", {}, ["50 sold 100"], "100 ask"],
  ["whoever takes our bid sells", {}, ["50 bought 100"], "100 bid"],
  ["what we take is not others'", {}, ["50 took 100"], "9000 null"],
  ["one giant does not blind it", {}, ["50 bid 900000000", "4000 ask 200"], "100 ask, 4300 bid"],
  ["a trade told late is not new", {}, ["0 ask 1", "50 bid 100", "60 ask 1"], "100 ask"],
];

Deno.test("takers choose the side as the table says", () => {
  for (const [name, params, rows, expected] of flows) {
    for (const part of expected.split(", ")) {
      const [ms, side] = part.split(" ");
      const { side: chosen } = drive(on(null), params, rows, { untilMs: Number(ms) });
      assert.equal(String(chosen), side, `${name}: ${part}`);
    }
  }
});

Deno.test("the ratio is that of both sides with a floor under each, smoothed", () => {
  const { lean } = drive(on(null), {}, ["50 bid 100", "60 ask 10"], { untilMs: 200 });
  const once = 0.3 * Math.log(125 / 35);
  assert.ok(Math.abs(lean - (once + 0.3 * (Math.log(125 / 35) - once))) < 1e-12);
  const big = drive(on(null), { emaAlpha: 1 }, ["50 bid 100000"], { untilMs: 100 });
  assert.ok(Math.abs(big.lean - Math.log(21)) < 1e-12, "5 % of the window is the floor");
});

Deno.test("a burst of trades without a pulse does not fill memory", () => {
  const rows = Array.from({ length: 500 }, (_, i) => `${i * 90} bid 1`);
  assert.equal(drive(on(null), { everyMs: 60_000 }, rows, { untilMs: 50_000 }).slots.length, 30);
});

/** What 13 s lead to: takers buy, then sell; price moves, a quote is filled in part, too much is held. */
function story(params: Params): string {
  const setup = setupOf(params);
  const { everyMs } = setup.params;
  const memory = on(null);
  const rows = ["50 bid 60", "400 bid 60", "900 bid 60", "2300 ask 40", "4500 ask 900"];
  const plans: string[] = [];
  let open: OpenOrder[] = [];
  for (let ms = everyMs; ms <= 13_000; ms += everyMs) {
    drive(memory, params, rows, { fromMs: ms - everyMs, untilMs: ms });
    if (ms === 8000) open = open.map((order) => ({ ...order, quantity: lots(3) }));
    const moved = ms < 2000 ? 0 : ms < 7000 ? 1 : 3;
    const [bestBid, bestAsk] = [14_999 + moved, 15_001 + moved];
    const position = ms < 11_000 ? 0 : ms < 12_000 ? 1000 : -1400;
    const plan = flow.plan(
      memory,
      aView({ time: after(ms), bestBid, bestAsk, position, open }),
      setup,
    );
    const before = open;
    open = plan.orders.filter(({ role }) => role === "maker").map(({ side, price, quantity }) => {
      const same = before.find((one) => one.price === price && one.quantity === quantity);
      return { side, price, quantity, since: same?.since ?? after(ms) };
    });
    if (text(plan) !== plans.at(-1)?.split(": ")[1]) plans.push(`${ms}: ${text(plan)}`);
  }
  return plans.join("\n");
}

const planned: Params = {
  lookbackMs: 500,
  threshold: 9,
  emaAlpha: 0.02,
  minHoldMs: 6000,
  everyMs: 500,
  offsetTicks: 2,
  requoteTicks: 3,
  maxAgeMs: 500,
  sizePct: 0.1,
  maxOrderUsd: 10,
  maxExposurePct: 12,
  hedgePct: 80,
  minHedgeUsd: 60,
};
const gated: Params = { breakerPct: 0.3, maxSpreadPct: 1, cooldownMs: 9000 };

Deno.test("every setting changes the plans, or what is asked of the gate", () => {
  const names = [...Object.keys(planned), ...Object.keys(gated)].sort();
  assert.deepEqual(names, Object.keys(flow.params).sort());
  const usual = story({});
  for (const [name, value] of Object.entries(planned)) {
    assert.notEqual(story({ [name]: value }), usual, name);
  }
  assert.deepEqual(flow.limits?.(setupOf()), { movePct1s: 0.6, maxSpreadPct: 2, cooldownMs: 5000 });
  assert.deepEqual(flow.limits?.(setupOf(gated)), {
    movePct1s: 0.3,
    maxSpreadPct: 1,
    cooldownMs: 9000,
  });
  assert.deepEqual(flow.cadence?.(setupOf({ everyMs: 70 })), { everyMs: 70 });
});

const refused: readonly (readonly [Params, number, string])[] = [
  [{ lookbackMs: 50 }, 10_000, "lookbackMs must be at least everyMs, 100: current value is 50"],
  [
    { maxOrderUsd: 1 },
    10_000,
    "maxOrderUsd must be at least 1.51 for an order of 0.01 SOL: current value is 1",
  ],
  [{}, 100, "sizePct must be at least 1.501 for an order of 0.01 SOL: current value is 0.5"],
  [
    { offsetTicks: 99_999 },
    1000,
    "sizePct must be at least 1.15 for an order of 0.01 SOL: current value is 0.5",
  ],
  [
    {},
    1,
    "sizePct of a capital of 1 USDC is too little for an order of 0.01 SOL: current value is 0.5",
  ],
  [
    { maxExposurePct: 0.01 },
    10_000,
    "maxExposurePct must be at least 0.016 for an order of 0.01 SOL: current value is 0.01",
  ],
];

Deno.test("what cannot work is refused with the nearest setting that can", () => {
  for (const [params, capitalUsd, message] of refused) {
    const start = () => flow.start(setupOf(params, perpMarket(), capitalUsd), aView());
    assert.throws(start, { name: "RangeError", message });
  }
  const twice = perpMarket({ initialMargin: { base: 0.5, factor: 0 } });
  assert.throws(() => flow.start(setupOf({ maxExposurePct: 201 }, twice), aView()), {
    message: "maxExposurePct must be at most 200 on SOL_USDC_PERP: current value is 201",
  });
  assert.doesNotThrow(() => flow.start(setupOf({ maxExposurePct: 200 }, twice), aView()));
  const message = "market must be a perp: current value is SOL_USDC";
  assert.throws(() => flow.start(setupOf({}, spotMarket()), aView()), {
    name: "RangeError",
    message,
  });
});

Deno.test("whoever follows the refusals gets quotes", () => {
  const capital = fc.integer({ min: 2, max: 1_000_000 });
  const least = fc.integer({ min: 1, max: 100_000 });
  fc.assert(
    fc.property(capital, least, (equityUsd, units) => {
      const market = perpMarket({ minQuantity: (units / 100).toFixed(2) });
      let params: Params = { sizePct: 0.001, maxOrderUsd: 0.01, maxExposurePct: 0.01 };
      for (let i = 0; i < 4; i++) {
        const setup = setupOf(params, market, equityUsd);
        const [, name = "", value] = /^(\w+) must be at least ([\d.]+)/.exec(refusalOf(setup)) ??
          [];
        if (name === "") break;
        params = { ...params, [name]: Number(value) };
      }
      const setup = setupOf(params, market, equityUsd);
      const refusal = refusalOf(setup);
      if (refusal !== "") return assert.match(refusal, /is too little for an order of/);
      assert.equal(flow.plan(on("ask"), aView({ equityUsd }), setup).orders.length, 1);
    }),
    { numRuns: 200 },
  );
});

function refusalOf(setup: ReturnType<typeof setupOf>): string {
  try {
    flow.start(setup, aView());
    return "";
  } catch (error) {
    assert(error instanceof RangeError);
    return error.message;
  }
}

const anyParams = fc.record({
  everyMs: fc.integer({ min: 10, max: 1000 }),
  minHoldMs: fc.integer({ min: 0, max: 5000 }),
  offsetTicks: fc.integer({ min: 0, max: 50 }),
  requoteTicks: fc.integer({ min: 1, max: 20 }),
  maxAgeMs: fc.integer({ min: 10, max: 5000 }),
  sizePct: fc.double({ min: 0.001, max: 100, noNaN: true }),
  maxOrderUsd: fc.double({ min: 0.01, max: 10_000, noNaN: true }),
  maxExposurePct: fc.double({ min: 0.01, max: 1000, noNaN: true }),
  hedgePct: fc.double({ min: 0, max: 100, noNaN: true }),
  minHedgeUsd: fc.double({ min: 0, max: 100, noNaN: true }),
});
const anySide = fc.constantFrom<Side>("bid", "ask");
const anyMoment = fc.record({
  bestBid: fc.integer({ min: 1, max: 100_000 }),
  spread: fc.integer({ min: 1, max: 500 }),
  position: fc.integer({ min: -3000, max: 3000 }),
  equityUsd: fc.oneof(fc.integer({ min: -100, max: 100_000 }), fc.constant(10_000)),
  side: fc.option(anySide),
  heldMs: fc.integer({ min: 0, max: 3000 }),
  // Most of what rests is near the touch; some of it is on the other side, or through the market.
  own: fc.array(
    fc.record({
      side: anySide,
      back: fc.integer({ min: -5, max: 60 }),
      quantity: fc.integer({ min: 1, max: 500 }),
      ageMs: fc.integer({ min: 0, max: 6000 }),
    }),
    { maxLength: 2 },
  ),
});

Deno.test("any moment: one side, never taking with a quote, never beyond the limits, and the same after a restart", () => {
  const market = perpMarket();
  let quotes = 0;
  let hedges = 0;
  fc.assert(
    fc.property(anyMoment, anyParams, (moment, params) => {
      const { bestBid, position, equityUsd, side, heldMs } = moment;
      const bestAsk = bestBid + moment.spread;
      const open = moment.own.map(({ side, back, quantity, ageMs }) => ({
        side,
        price: ticks(Math.max(1, side === "bid" ? bestBid - back : bestAsk + back)),
        quantity: lots(quantity),
        since: after(-ageMs),
      }));
      const setup = setupOf(params);
      const view = aView({ bestBid, bestAsk, position, equityUsd, open });
      const memory = on(side, heldMs);
      const plan = flow.plan(memory, view, setup);
      assert.ok(new Set(plan.orders.map((order) => order.side)).size <= 1, "one side");
      const kept: Memory = JSON.parse(JSON.stringify(memory));
      assert.deepEqual(flow.plan(kept, view, setup), plan);
      const lotUsd = Math.ceil(view.midTicks) * market.cashPerTickLot / 1e8;
      const most = Math.max(0, equityUsd) * params.maxExposurePct / 100 / lotUsd;
      const [hedge, ...more] = plan.orders.filter(({ role }) => role === "taker");
      const [quote, ...others] = plan.orders.filter(({ role }) => role === "maker");
      assert.deepEqual([...more, ...others], []);
      if (hedge !== undefined) {
        hedges++;
        const excess = Math.abs(position) - most;
        assert.ok(
          hedge.reduceOnly === true && hedge.quantity <= excess * params.hedgePct / 100 + 1e-6,
        );
        assert.ok(hedge.quantity * lotUsd >= params.minHedgeUsd - 1e-6, "worth it");
        assert.equal(hedge.side, position > 0 ? "ask" : "bid");
        assert.equal(hedge.price, position > 0 ? bestBid : bestAsk);
      }
      if (quote === undefined) return;
      quotes++;
      assert.equal(quote.side, side);
      assert.ok(heldMs >= params.everyMs && open.every((order) => order.side === side), "waits");
      const behind = side === "bid" ? bestBid - quote.price : quote.price - bestAsk;
      assert.ok(behind > -moment.spread, "takes nothing");
      assert.ok(Math.abs(behind - params.offsetTicks) < params.requoteTicks, "where it should be");
      const sign = side === "bid" ? 1 : -1;
      assert.ok(sign * position + quote.quantity <= most + 1e-6, "within the exposure");
      const rests = open.reduce((sum, { quantity }) => sum + quantity, 0);
      const usd = quote.quantity * quote.price * market.cashPerTickLot / 1e8;
      const cap = Math.min(params.maxOrderUsd, equityUsd * params.sizePct / 100);
      assert.ok(usd <= cap * (1 + 1e-12) || quote.quantity <= rests, "within the size");
    }),
    { numRuns: 3000 },
  );
  assert.ok(quotes > 100 && hedges > 100, `only ${quotes} quotes and ${hedges} hedges`);
});

const anyEvent = fc.record({
  gapMs: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 20_000 })),
  kind: fc.constantFrom("trade", "fill", "timer", "timer"),
  side: anySide,
  maker: fc.boolean(),
  price: fc.integer({ min: 1, max: 1_000_000 }),
  quantity: fc.integer({ min: 1, max: 2 ** 31 }),
});

Deno.test("any flow: memory stays small and finite, a side its least time, and a restart changes nothing", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 120 }), anyParams, (events, params) => {
      const setup = setupOf(params);
      const memory = on(null);
      let restarted = on(null);
      let [ms, chosenAt] = [0, -Infinity];
      for (const { gapMs, kind, side, maker, price, quantity } of events) {
        ms += gapMs;
        const at = { time: after(ms), price: ticks(price), quantity: lots(quantity) };
        const event: Observation = kind === "timer"
          ? { kind, time: at.time }
          : kind === "trade"
          ? { kind, ...at, aggressor: side }
          : { kind: "fill", ...at, side, maker, fee: cash(0) };
        const before = memory.side;
        flow.observe?.(memory, event, setup);
        restarted = JSON.parse(JSON.stringify(restarted));
        flow.observe?.(restarted, event, setup);
        assert.deepEqual(restarted, memory);
        assert.ok(memory.slots.length <= 30);
        assert.ok(Math.abs(memory.lean) <= Math.log(21) + 1e-9, `lean ${memory.lean}`);
        if (memory.side === before) continue;
        assert.ok(before === null || ms - chosenAt >= params.minHoldMs);
        chosenAt = ms;
      }
    }),
    { numRuns: 300 },
  );
});

/** What a run needs beside the strategy's defaults. */
interface RunOptions {
  readonly feed: Feed;
  readonly market?: Market;
  readonly params?: Params;
  readonly limits?: RiskLimits;
  readonly latencyMs?: number;
  readonly time?: number;
}

/** More than any run here has; one that answers its own echo for ever is a failure, not a hang. */
const MOST_EVENTS = 200_000;

/** One run, with what it sent ("200 ask 16 @ 15001", in ms from `START`) and the states it was in. */
class Played implements Observer {
  readonly sent: string[] = [];
  readonly states: string[] = [];
  readonly reasons = new Set<string>();
  readonly rig: Rig;
  readonly sides = new Set<Side>();

  constructor({ feed, market = perpMarket(), params = {}, time = START, ...options }: RunOptions) {
    const limits = options.limits ?? { ...defaultLimits, staleMs: 600_000 };
    this.rig = rig({
      market,
      strategy: flow,
      params: { ...defaultParams(flow.params), ...params },
      limits,
      fees,
      balances: { [market.quote]: "10000" },
      seed: 1,
      fillModel: "queue",
      latencyMs: options.latencyMs ?? 0,
      feed,
      price: ticks(15_000),
      time: micros(time),
    });
  }

  async through(): Promise<this> {
    await run(this.rig.engine, this.rig.venue, [this.rig.record, this]);
    assert.equal(this.rig.identityError(), 0, "ledger and exchange agree at the end");
    return this;
  }

  /** Never two sides at the exchange, and no order of one while the engine knows one of the other. */
  seen(event: Event, commands: readonly Command[]): void {
    const { engine, exchange, account } = this.rig;
    assert.ok(this.rig.record.events < MOST_EVENTS, "the run does not end");
    const sides = new Set(exchange.openOrders(account).map(({ side }) => side));
    for (const side of sides) this.sides.add(side);
    assert.ok(sides.size <= 1, `both sides rest at ${event.time}`);
    const known = [...engine.facts.orders.live].filter((order) =>
      order.role === "maker" && isResting(order)
    );
    assert.ok(new Set(known.map(({ side }) => side)).size <= 1, `both sides sent at ${event.time}`);
    const ms = (event.time - START) / MILLISECOND;
    for (const command of commands) this.sent.push(`${ms} ${textOf([command])}`);
    const { name, rule } = engine.riskState;
    const state = rule === undefined ? name : `${name} by ${rule}`;
    if (this.states.at(-1)?.endsWith(` ${state}`) !== true) this.states.push(`${ms} ${state}`);
    this.reasons.add(engine.plan.reason ?? "");
  }
}

/**
 * A tape from text, in ms, ticks and lots: "0 best 14999 15001" (100 SOL on each side), or with a
 * quantity for both; "50 bid 15001 100" is a bid that takes.
 */
function tapeOf(...rows: readonly string[]): Feed {
  const tape = emptyTape(rows.length);
  rows.forEach((row, i) => {
    const [ms, kind, price, other, quantity = "10000"] = row.split(" ");
    tape.time[i] = after(Number(ms));
    tape.price[i] = Number(price);
    tape.kind[i] = kind === "best" ? ROW.bbo : kind === "bid" ? ROW.tradeBid : ROW.tradeAsk;
    tape.quantity[i] = Number(kind === "best" ? quantity : other);
    if (kind !== "best") return;
    tape.askPrice[i] = Number(other);
    tape.askQuantity[i] = Number(quantity);
  });
  return tapeFeed(tape);
}

const still = ["0 best 14999 15001", "50 bid 15001 100"];
const end = "20000 best 14999 15001";

Deno.test("in a still market one quote is sent and left alone, whatever its offset", async () => {
  for (
    const [offsetTicks, price] of [[0, 15_001], [1, 15_002], [5, 15_006], [40, 15_041]] as const
  ) {
    for (const latencyMs of [0, 60, 400]) {
      const options = { feed: tapeOf(...still, end), params: { offsetTicks }, latencyMs };
      const { sent } = await new Played(options).through();
      assert.deepEqual(sent, [`200 ask 16 @ ${price}`], `offset ${offsetTicks}, ${latencyMs} ms`);
    }
  }
});

Deno.test("alone at the touch it goes back to others once and does not chase itself", async () => {
  const alone = ["3000 best 14999 15004", "20000 best 14999 15004"];
  for (const [offsetTicks, first, then] of [[0, 15_001, 15_004], [2, 15_003, 15_006]] as const) {
    const feed = tapeOf(...still, ...alone);
    const { sent } = await new Played({ feed, params: { offsetTicks } }).through();
    const expected = [`200 ask 16 @ ${first}`, "3000 cancel 1", `3000 ask 16 @ ${then}`];
    assert.deepEqual(sent, expected, `offset ${offsetTicks}`);
  }
  const feed = tapeOf(...still, ...alone);
  const near = await new Played({ feed, params: { requoteTicks: 4, maxAgeMs: 60_000 } }).through();
  assert.deepEqual(near.sent, ["200 ask 16 @ 15001"], "near enough, it stays the touch");
});

Deno.test("a new side comes a cadence after the old order was cancelled, at any latency", async () => {
  for (const latencyMs of [0, 30, 60, 400]) {
    const feed = tapeOf(...still, "5010 ask 14999 900", end);
    const { sent } = await new Played({ feed, latencyMs }).through();
    const expected = ["200 ask 16 @ 15001", "5100 cancel 1", "5200 bid 16 @ 14999"];
    assert.deepEqual(sent, expected, `${latencyMs} ms`);
  }
});

Deno.test("a fill of the order that leaves does not hurry the new side", async () => {
  // 10 lots stand before ours; the last trade takes them and 5 of ours while the cancel is on its way.
  const rows = [
    "0 best 14999 15001 10",
    "50 bid 15002 100",
    "5010 ask 14998 900",
    "5120 bid 15001 15",
    "5121 best 14999 15001 10",
  ];
  const feed = tapeOf(...rows, "20000 best 14999 15001 10");
  const played = await new Played({ feed, latencyMs: 30 }).through();
  assert.equal(played.rig.engine.facts.ledger.position, -5);
  assert.deepEqual(played.sent.slice(0, 3), [
    "200 ask 16 @ 15001",
    "5100 cancel 1",
    "5200 bid 16 @ 14999",
  ]);
});

/** Mid rises by so many ticks in steps of 50 ms, from 8 s on; takers sell before, so the bid rests. */
function rising(riseTicks: number, overMs: number): string[] {
  const rows = ["0 best 14999 15001", "50 ask 14999 100"];
  for (let ms = 50; ms <= overMs; ms += 50) {
    const moved = Math.round(riseTicks * ms / overMs);
    rows.push(`${8000 + ms} best ${14_999 + moved} ${15_001 + moved}`);
  }
  return [...rows, `20000 best ${14_999 + riseTicks} ${15_001 + riseTicks}`];
}

/** Rise in ticks of 150.00, over how long, settings, and whether the breaker pauses the run. */
const rises: readonly (readonly [number, number, Params, boolean])[] = [
  [105, 800, {}, true],
  [-105, 800, {}, true],
  [105, 2000, {}, false],
  [75, 800, {}, false],
  [105, 800, { breakerPct: 0.8 }, false],
  [75, 800, { breakerPct: 0.4 }, true],
];

Deno.test("the breaker pauses on 0.7 % in 0.8 s, for its cool-down, and on nothing slower or smaller", async () => {
  for (const [riseTicks, overMs, params, fires] of rises) {
    const name = `${riseTicks} ticks in ${overMs} ms ${JSON.stringify(params)}`;
    const played = await new Played({ feed: tapeOf(...rising(riseTicks, overMs)), params })
      .through();
    const paused = played.states.find((state) => state.includes("movePct1s"));
    assert.equal(paused !== undefined, fires, name);
    if (paused === undefined) continue;
    const at = parseInt(paused);
    assert.ok(at > 8000 && at <= 8000 + overMs, `${name}: ${paused}`);
    const back = played.states.map((state) => state.split(" ")).find(([ms, state]) =>
      Number(ms) > at && state === "ACTIVE"
    );
    const resumed = Number(back?.[0]);
    assert.ok(
      resumed >= at + 5000 && resumed <= 8000 + overMs + 5200 + 1000,
      `${name}: ${resumed}`,
    );
    const meanwhile = played.sent.filter((row) => parseInt(row) > at && parseInt(row) < resumed);
    assert.deepEqual(meanwhile, [], name);
    assert.ok(played.sent.some((row) => parseInt(row) >= resumed && row.includes("bid")), name);
  }
});

Deno.test("a spread beyond maxSpreadPct pauses for the cool-down that is set", async () => {
  const rows = [
    "0 best 14999 15001",
    "50 bid 15001 100",
    "5000 best 14999 15320",
    "5050 best 14999 15001",
  ];
  const feed = () => tapeOf(...rows, end);
  const limits = { ...defaultLimits, staleMs: 600_000, cooldownMs: 0 };
  const usual = await new Played({
    feed: feed(),
    limits,
    params: { cooldownMs: 1000, breakerPct: 9 },
  }).through();
  const expected = ["0 ACTIVE", "5000 HALTED by maxSpreadPct", "6000 ACTIVE"];
  assert.deepEqual(usual.states, expected);
  const wide = await new Played({
    feed: feed(),
    limits,
    params: { maxSpreadPct: 3, breakerPct: 9 },
  }).through();
  assert.deepEqual(wide.states, ["0 ACTIVE"]);
});

Deno.test("half of an excess is closed by a taker order, and a rest too small to hedge waits", async () => {
  // 133 lots at 150 are within 2 % of equity; at 165 they are 19 USD beyond, then 11.
  const params = { maxExposurePct: 2, sizePct: 2, maxOrderUsd: 200, breakerPct: 99 };
  const rows = ["0 best 14999 15001 10", "50 ask 14998 400", "300 ask 14998 200"];
  const risen = ["2000 best 16499 16501 500", "4000 best 16499 16501 500"];
  const played = await new Played({ feed: tapeOf(...rows, ...risen), params }).through();
  const hedges = played.sent.filter((row) => row.includes("taker"));
  assert.deepEqual(hedges, ["2000 ask 5 @ 16499 taker"]);
  assert.equal(played.rig.engine.facts.ledger.position, 128);
  assert.ok([...played.reasons].some((reason) => reason.includes("beyond maxExposurePct")));
});

const shapes = Object.entries(marketShapes);

Deno.test("one side at a time in markets of every shape, at several latencies", async () => {
  let fills = 0;
  const sides = new Set<Side>();
  for (const [i, [shape, options]] of shapes.entries()) {
    for (const seed of [1, 2]) {
      const market = perpMarket();
      const synth = new SynthMarket(market, {
        ...synthDefaults,
        ...options,
        seed,
        durationSec: 150,
      });
      const feed = new TapeFeed(() => synth.chunk());
      const latencyMs = [0, 5, 60, 400][(i + seed) % 4] ?? 0;
      const limits = {
        ...defaultLimits,
        staleMs: 60_000,
        maxPositionUsd: 1000,
        maxDrawdownPct: 50,
      };
      const params = seed === 1
        ? {}
        : { maxExposurePct: 0.5, offsetTicks: i % 3, requoteTicks: 1 + i % 2 };
      const time = synthDefaults.start;
      const played = new Played({ feed, market, params, latencyMs, limits, time });
      await played.through().catch((error) => {
        console.error(`${shape}, seed ${seed}, ${latencyMs} ms fails`);
        throw error;
      });
      fills += played.rig.record.fills.length;
      for (const side of played.sides) sides.add(side);
    }
  }
  assert.ok(fills > 200 && sides.size === 2, `${fills} fills on ${sides.size} sides`);
});

Deno.test("with faults, a person's commands and narrow limits the promises of every run hold", async () => {
  let seeds = 0;
  for (let seed = 1; seeds < 8; seed++) {
    const one = caseOf(seed, [flow]);
    if (one.strategy.name !== flow.name) continue;
    seeds++;
    await simulate(one, new Coverage()).catch((error) => {
      console.error(lineOf(one));
      throw error;
    });
  }
});

Deno.test("one side at a time over recorded ticks of Hyperliquid", async () => {
  const recorded = "SOLUSDC-PERP-HYPERLIQUID-20250904";
  const files = [`trades/${recorded}`, `book/${recorded}-bbo`, `book/${recorded}-top10`]
    .flatMap((name) => sharedFile(`${name}.csv.gz`) ?? []);
  if (files.length < 3) return;
  const market = aMarketOf("SOL_USDC_PERP");
  const { tape } = await readTape(files, market, { errors: "refuse" });
  const first = tape.time[0] ?? 0;
  const played = new Played({
    feed: tapeFeed(until(tape, first + 1800 * SECOND)),
    market,
    time: first,
    latencyMs: 60,
  });
  await played.through();
  const { fills, events } = played.rig.record;
  assert.ok(
    fills.length > 20 && played.sides.size === 2,
    `${fills.length} fills of ${events} events`,
  );
  assert.ok(fills.every((fill) => fill.maker));
});

function until(tape: Tape, time: number): Tape {
  const length = tape.time.findIndex((at) => at >= time);
  return { ...tape, length: length < 0 ? tape.length : length };
}

Deno.test("candles name no taker: over recorded ones it quotes nothing and says why", async () => {
  const file = sharedFile("klines/SOLUSDC-PERP-HYPERLIQUID-1m-20250721-20250726.csv.gz");
  if (file === undefined) return;
  const market = aMarketOf("SOL_USDC_PERP");
  const { candles } = await readCandles([file], market, { errors: "refuse" });
  const feed = new CandleFeed(candles, { fillModel: "through", path: "nearer" });
  const played = await new Played({ feed, market, time: candles.time[0] ?? 0 }).through();
  assert.deepEqual(played.sent, []);
  assert.ok(
    [...played.reasons].some((reason) => reason.includes("takers have not chosen one yet")),
  );
});
