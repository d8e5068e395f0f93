// The ladder on SOL_USDC_PERP around 150.00: steps of 15 ticks, 100 lots or a little less to a rung.
// A picture of a plan lists each side from mid outward, in ticks: "14985 14970 | 15015"; ":40" is
// a quantity below the rung's own, in lots; "!" is reduce-only, "*" takes. Whole runs are at the end.

import { deepEqual, equal, notDeepEqual, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { defaultLimits, stricter } from "../../lib/core/limits.ts";
import { defaultParams, type ParamValues } from "../../lib/core/params.ts";
import { approve } from "../../lib/core/risk.ts";
import type { Command, Event } from "../../lib/core/event.ts";
import type { Observation, Plan, Side } from "../../lib/core/strategy.ts";
import { cash, cashOf, lots, micros, SECOND, ticks } from "../../lib/core/units.ts";
import { feedOf, type Source } from "../../lib/lab/backtest.ts";
import { rig } from "../../lib/lab/rig.ts";
import { readCandles } from "../../lib/data/candles.ts";
import { readTape } from "../../lib/data/tape.ts";
import { run } from "../../lib/run.ts";
import { marketShapes, synthDefaults } from "../../lib/sim/synth_options.ts";
import amm from "../../strategies/amm.ts";
import { sharedFile } from "../data/files.ts";
import { level, START } from "../support/core.ts";
import { aMarketOf } from "../support/known_market.ts";
import { aMarket, aSetup, aView, aViewAt, resting, type Seen } from "../support/views.ts";

type Params = Partial<ParamValues<typeof amm.params>>;

const spot = aMarket();
const perp = aMarket({ kind: "perp" });
/** Three rungs a side that all may be quoted, and a nearest one that stays where it is. */
const ladder: Params = {
  ...{ stepBps: 10, windowBids: 3, windowAsks: 3, maxDeviationBps: 50, chaseTicks: 0 },
  ...{ orderUsd: 150, maxPositionUsd: 1800 },
};
const neutral: Params = { bias: "neutral" };

function setupOf(params: Params = {}, { market = perp, maker = 2, capitalUsd = 10_000 } = {}) {
  const fees = { maker, taker: 5 };
  return aSetup(amm, { market, fees, capitalUsd, params: { ...ladder, ...params } });
}

function at(seconds: number) {
  return micros(START + Math.round(seconds * SECOND));
}

function fill(side: Side, quantity: number, seconds = 0, price = 15_000, fee = 0): Observation {
  const terms = { price: ticks(price), quantity: lots(quantity), fee: cash(fee) };
  return { kind: "fill", time: at(seconds), side, maker: true, ...terms };
}

/** What a position of `seen` would be planned with, held since the start. */
function planOf(params: Params, seen: Seen = {}, { market = perp, first = 0, mid = 15_000 } = {}) {
  const setup = setupOf(params, { market });
  const memory = amm.start(setup, aView({ position: first }));
  const position = seen.position ?? first;
  const held = position === 0 ? {} : { entryTicks: 15_000, oldestAt: START };
  if (position !== first) {
    const side = position > first ? "bid" : "ask";
    amm.observe?.(memory, fill(side, Math.abs(position - first)), setup);
  }
  return amm.plan(memory, aViewAt(mid, { position, ...held, ...seen }), setup);
}

function picture({ orders }: Plan): string {
  const of = (side: Side, away: number) =>
    orders.filter((order) => order.side === side).sort((a, b) => away * (a.price - b.price))
      .map(({ price, quantity, reduceOnly, role }) =>
        `${price}${quantity === Math.floor(1_500_000 / price) ? "" : `:${quantity}`}` +
        (reduceOnly === true ? "!" : "") + (role === "taker" ? "*" : "")
      ).join(" ");
  return `${of("bid", -1)} | ${of("ask", 1)}`;
}

const wide = { bestBid: 14_950, bestAsk: 15_050 };
const odd = { bestBid: 14_999, bestAsk: 15_002 };
const late = { time: at(3600) };
const rows: [
  string,
  Params,
  Parameters<typeof planOf>[1],
  string,
  Parameters<typeof planOf>[2]?,
][] = [
  ["flat and long: bids alone", {}, {}, "14985 14970 14955 | "],
  ["flat and short: asks alone", { bias: "short" }, {}, " | 15015 15030 15045"],
  ["neutral opens both ways", neutral, {}, "14985 14970 14955 | 15015 15030 15045"],
  ["an odd mid rounds away from it", neutral, odd, "14985 14970 14955 | 15016 15031 15046"],
  [
    "the ladder exits first, the take profit carries the rest",
    {},
    { position: 350 },
    "14985 14970 14955 | 15015! 15030! 15045! 15155:53!",
  ],
  [
    "the last rung that exits carries a part",
    {},
    { position: 150 },
    "14985 14970 14955 | 15015! 15030:51!",
  ],
  [
    "short is the mirror",
    { bias: "short" },
    { position: -350 },
    "14985! 14970! 14955! 14845:50! | 15015 15030 15045",
  ],
  [
    "neutral asks may pass through zero",
    neutral,
    { position: 150 },
    "14985 14970 14955 | 15015 15030 15045",
  ],
  [
    "neutral rests a take profit for what the ladder leaves",
    neutral,
    { position: 350 },
    "14985 14970 14955 | 15015 15030 15045 15155:53!",
  ],
  [
    "the cap leaves room for one and a half",
    {},
    { position: 1050 },
    "14985 14970:50 | 15015! 15030! 15045! 15155:753!",
  ],
  ["at the cap nothing opens", {}, { position: 1200 }, " | 15015! 15030! 15045! 15155:903!"],
  [
    "levels × orderUsd is a cap too",
    { levels: 2 },
    { position: 150 },
    "14985:50 | 15015! 15030:51!",
  ],
  [
    "the cap is counted at the mark, as the gate does",
    {},
    { position: 1050, mark: 16_000 },
    "14985:75 | 15015! 15030! 15045! 15155:753!",
  ],
  ["nothing is farther than maxDeviationBps", { maxDeviationBps: 20 }, {}, "14985 14970 | "],
  ["bids off", { ...neutral, enableBids: false }, {}, " | 15015 15030 15045"],
  [
    "asks off: the take profit has it all",
    { enableAsks: false },
    { position: 150 },
    "14985 14970 14955 | 15155:150!",
  ],
  [
    "without a guard it stays",
    { enableAsks: false, tpGuard: false },
    { position: 150 },
    "14985 14970 14955 | ",
  ],
  ["a take profit that mid has passed rests at the touch", { enableAsks: false }, {
    position: 100,
    entryTicks: 14_000,
  }, "14985 14970 14955 | 15000!"],
  ["an exact take profit is not rounded up", { enableAsks: false, tpOffsetBps: 0 }, {
    position: 100,
    entryTicks: 15_000,
  }, "14985 14970 14955 | 15150:100!"],
  ["the nearest one joins the best", { chaseTicks: 20 }, {}, "14999 14970 14955 | "],
  ["even past a skewed ladder's centre", { ...neutral, chaseTicks: 99, skewBps: 20 }, {
    position: -600,
  }, "15000 14985 14970 14845:300! | 15001 15045 15060"],
  ["or comes nearer to it", { chaseTicks: 3 }, {}, "14988 14970 14955 | "],
  ["unless it may not", { chaseTicks: 20, joinBest: false }, {}, "14985 14970 14955 | "],
  [
    "in a wide spread it is the best, and stays",
    { ...neutral, chaseTicks: 20 },
    wide,
    "14985 14970 14955 | 15015 15030 15045",
  ],
  [
    "skew is full at the cap",
    { skewBps: 10 },
    { position: 1200 },
    " | 15000! 15015! 15030! 15155:902!",
  ],
  [
    "and half at half of it",
    { ...neutral, skewBps: 10 },
    { position: 600 },
    "14977 14962 14947 | 15008 15023 15038 15155:303!",
  ],
  [
    "skew through the touch: the nearest keeps a tick off",
    { skewBps: 20 },
    { position: 1200 },
    " | 15000! 15015! 15155:1001!",
  ],
  [
    "and none takes with it, strict or not",
    { skewBps: 40, strictMaker: false },
    { position: 1200 },
    " | 15000! 15155:1100!",
  ],
  [
    "or is left out",
    { skewBps: 20, strictNearTop: false },
    { position: 1200 },
    " | 15000! 15015! 15155:1001!",
  ],
  [
    "or takes",
    { skewBps: 20, strictNearTop: false, strictMaker: false },
    { position: 1200 },
    " | 14985!* 15000! 15015! 15155:901!",
  ],
  ["too old: at the touch", {}, { position: 150, ...late }, "14985 14970 14955 | 15001:150!"],
  [
    "far too old: taken, and no bid meets it",
    { chaseTicks: 20 },
    { position: 150, time: at(3630) },
    "14970 14955 | 14999:150!*",
  ],
  [
    "a short too old",
    { bias: "short" },
    { position: -150, ...late },
    "14999:150! | 15015 15030 15045",
  ],
  [
    "a short far too old",
    { bias: "short" },
    { position: -150, time: at(3630) },
    "15001:150!* | 15015 15030 15045",
  ],
  [
    "neutral room is what the aged exit leaves",
    { ...neutral, windowAsks: 20, maxDeviationBps: 500 },
    { position: 1150, ...late },
    "14985:50 | 15001:1150! 15015 15030 15045 15060 15075 15090 15105 15120 15135 15150 15165 15180 15195:14",
  ],
  [
    "spot sells what it can",
    {},
    { position: 150, sellable: 120 },
    "14985 14970 14955 | 15015! 15030:21!",
    { market: spot },
  ],
  [
    "spot and neutral turns its stock around",
    neutral,
    {},
    "14985 14970 14955 | 15015 15030 15045",
    { market: spot, first: 500 },
  ],
  [
    "and has nothing to take profit from",
    neutral,
    { position: 450 },
    "14985 14970 14955 | 15015 15030 15045",
    { market: spot, first: 500 },
  ],
  ["nor sells more than it has", neutral, { position: 150 }, "14985 14970 14955 | 15015 15030:51", {
    market: spot,
    first: 500,
  }],
  [
    "what it bought beyond its stock gets old",
    neutral,
    { position: 550, ...late },
    "14985 14970 14955 | 15001:50! 15015 15030 15045",
    { market: spot, first: 500 },
  ],
];

Deno.test("the plan of a moment is the picture in the table", () => {
  for (const [name, params, seen, expected, more] of rows) {
    const plan = planOf(params, seen, more);
    equal(picture(plan), expected, `${name}: ${plan.reason}`);
  }
});

/** For each parameter a scene, and a value that must change what rests in it. */
const changes: { [K in keyof Required<Params>]: [Params[K], Params, Seen] } = {
  bias: ["short", {}, {}],
  stepBps: [11, {}, {}],
  levels: [1, {}, {}],
  windowBids: [2, {}, {}],
  windowAsks: [2, {}, { position: 300 }],
  orderUsd: [140, {}, {}],
  maxPositionUsd: [200, {}, {}],
  refreshSec: [5, {}, {
    time: at(7),
    open: [{ side: "bid", ...level(14_980, 100), since: START }],
  }],
  everyMs: [500, {}, {}],
  chaseTicks: [2, {}, {}],
  joinBest: [false, { chaseTicks: 5 }, {}],
  maxDeviationBps: [25, {}, {}],
  takeProfitPct: [1.2, {}, { position: 500 }],
  tpOffsetBps: [5, {}, { position: 500 }],
  tpGuard: [false, {}, { position: 500 }],
  maxHoldSec: [500, {}, { position: 100, time: at(501) }],
  exitPatienceSec: [5, {}, { position: 100, time: at(3605) }],
  enableBids: [false, {}, {}],
  enableAsks: [false, {}, { position: 100 }],
  strictMaker: [false, { skewBps: 20, strictNearTop: false }, { position: 1200 }],
  strictNearTop: [false, { skewBps: 20 }, { position: 1200 }],
  skewBps: [5, {}, { position: 300 }],
  leverage: [2, {}, { equityUsd: 100, position: 10 }],
};

Deno.test("each parameter changes what rests, or when the strategy is asked", () => {
  deepEqual(Object.keys(changes).sort(), Object.keys(amm.params).sort());
  for (const [name, [value, scene, seen]] of Object.entries(changes)) {
    const outcome = (params: Params) => [
      planOf(params, seen).orders,
      amm.cadence?.(setupOf(params)),
    ];
    notDeepEqual(outcome({ ...scene, [name]: value }), outcome(scene), name);
  }
});

const refusals: [Params, RegExp, { market?: typeof spot; capitalUsd?: number; maker?: number }?][] =
  [
    [{ bias: "short" }, /^bias must not be short on spot: current value is short$/, {
      market: spot,
    }],
    [neutral, /^bias must be long on spot without inventory: /, { market: spot }],
    [{ enableBids: false, enableAsks: false }, /^enableBids must be on if enableAsks is off: /],
    [
      { stepBps: 0.5 },
      /^stepBps must be at least 0.67 for a step of one tick: current value is 0.5$/,
      { maker: 0.3 },
    ],
    [{ stepBps: 2 }, /^stepBps must be above 2, as each side pays the fee: current value is 2$/],
    [
      { takeProfitPct: 0.08, tpOffsetBps: 8 },
      /^takeProfitPct must be above 0.08 to earn its fees: current value is 0.08$/,
      { maker: 8 },
    ],
    [{ maxDeviationBps: 9 }, /^maxDeviationBps must be at least stepBps, 10: current value is 9$/],
    [{ orderUsd: 1.5 }, /^orderUsd must be at least 1.51 for the market's minimum: /],
    [{ orderUsd: 1.6 }, /^orderUsd must be at least 3.02 /, { market: spot, maker: 8 }],
    [
      { maxPositionUsd: 100 },
      /^maxPositionUsd must be at least orderUsd, 150: current value is 100$/,
    ],
    [{ leverage: 3 }, /^leverage must not be set on spot: /, { market: spot }],
    [{ leverage: 60 }, /^leverage must be at most 50 on SOL_USDC_PERP: /, {
      market: aMarketOf("SOL_USDC_PERP"),
    }],
    [{ leverage: 2 }, /^levels must be at most 8 to fit the capital: current value is 12$/, {
      capitalUsd: 600,
    }],
    [{ leverage: 2, maxPositionUsd: 1500 }, /^maxPositionUsd must be at most 1200 to /, {
      capitalUsd: 600,
    }],
    [{ levels: 1 }, /^orderUsd must be at most 149.99 to fit the capital: /, {
      market: spot,
      capitalUsd: 149.99,
    }],
  ];

Deno.test("a start that cannot work is refused with the nearest value that can", () => {
  for (const [params, message, setup] of refusals) {
    throws(() => amm.start(setupOf(params, setup), aView()), (error) => {
      ok(error instanceof RangeError);
      ok(message.test(error.message), error.message);
      const [, name = "", nearest = ""] =
        /^(\w+) must be at (?:least|most) (?:stepBps, |orderUsd, )?([\d.]+)/
          .exec(error.message) ?? [];
      if (name !== "") amm.start(setupOf({ ...params, [name]: Number(nearest) }, setup), aView());
      return true;
    });
  }
});

Deno.test("what cannot be quoted is named", () => {
  const named: [Params, Seen, string][] = [
    [
      {},
      {},
      "3 orders; cap 1800 USDC by levels × orderUsd; 5 rungs within maxDeviationBps; 3 asks with nothing to close",
    ],
    [{ maxPositionUsd: 200 }, { position: 90 }, "cap 200 USDC by maxPositionUsd"],
    [{ leverage: 1.5 }, { equityUsd: 80 }, "cap 120 USDC by leverage"],
    [{ maxDeviationBps: 20 }, {}, "1 bids beyond maxDeviationBps"],
    [{}, { position: 1200 }, "3 bids beyond the cap"],
    [{ skewBps: 20, strictNearTop: false }, { position: 1200 }, "1 asks that would take"],
    [{ orderUsd: 1.51 }, { bestBid: 15_200, bestAsk: 15_202 }, "3 bids below the market's minimum"],
    [{ chaseTicks: 20 }, { position: 9, time: at(4000) }, "1 bids that meet an exit"],
  ];
  for (const [params, seen, text] of named) {
    const reason = planOf(params, seen).reason ?? "";
    ok(reason.includes(text), `${text}: ${reason}`);
  }
  const banded = aMarket({ kind: "perp", bands: { mark: { min: 0.97, max: 1.03 } } });
  const plan = planOf({ takeProfitPct: 4 }, { position: 500 }, { market: banded });
  ok(plan.reason?.includes("1 asks outside the market's prices"), plan.reason);
});

Deno.test("each rung of a window is quoted, or the reason counts why not", () => {
  fc.assert(fc.property(moments, ({ params, mid, below, above, position, entry }) => {
    const { stepBps, maxDeviationBps } = params;
    const apart = { stepBps: stepBps + 2, maxDeviationBps: maxDeviationBps + 2 };
    const setup = setupOf({ ...params, bias: "neutral", ...apart });
    const view = aView({
      ...{ bestBid: mid - below, bestAsk: mid + above, position },
      ...(position === 0 ? {} : { entryTicks: entry, oldestAt: START }),
    });
    const { orders, reason = "" } = amm.plan(amm.start(setup, aView()), view, setup);
    for (const side of ["bid", "ask"] as const) {
      const rungs = orders.filter((one) => one.side === side && one.tag?.startsWith("rung"));
      const named = [...reason.matchAll(new RegExp(`(\\d+) ${side}s `, "g"))]
        .reduce((sum, [, count]) => sum + Number(count), 0);
      const window = side === "bid" ? params.windowBids : params.enableAsks ? params.windowAsks : 0;
      ok(rungs.length + named >= window, `${side}s: ${reason}`);
    }
  }));
});

Deno.test("the gate is asked for the cap, but not for a stock nobody knows before the start", () => {
  deepEqual(amm.limits?.(setupOf({ levels: 3 })), { maxPositionUsd: 450 });
  deepEqual(amm.limits?.(setupOf({ levels: 99 })), { maxPositionUsd: 1800 });
  deepEqual(amm.limits?.(setupOf(neutral, { market: spot })), {});
});

/** Where a quote of 14985, 15015 and their neighbours goes when mid is here and it is this old. */
const rolls: [string, number, number, string][] = [
  ["young and half a step off: all stay", 15_006, 9, "14985 14970 14955 | 15015 15030 15045"],
  ["old: all move", 15_006, 10, "14990 14975 14960 | 15022 15037 15052"],
  ["a step up: only the ends change", 15_015, 9, "14999 14985 14970 | 15030 15045 15061"],
  ["a step down: only the ends change", 14_985, 9, "14970 14955 14940 | 15000 15015 15030"],
  ["a jump moves all", 15_100, 1, "15084 15069 15054 | 15116 15131 15146"],
];

Deno.test("a ladder that rests rolls with mid instead of being placed anew", () => {
  const first = planOf(neutral);
  for (const [name, mid, age, expected] of rolls) {
    const seen = { open: resting(first.orders), time: at(age) };
    equal(picture(planOf(neutral, seen, { mid })), expected, name);
  }
  const doubled = resting([...first.orders, ...first.orders]).map((own, i) =>
    i < 6 ? own : { ...own, since: at(9) }
  );
  const moved = picture(planOf(neutral, { open: doubled, time: at(11) }, { mid: 15_006 }));
  equal(moved, rolls[1]?.[3], "a quote that was topped up is as old as its oldest part");
});

Deno.test("a quote stands for one rung, and not where a quote may not be", () => {
  const one = (price: number) => ({
    open: [{ side: "bid", ...level(price, 100), since: START }] as const,
  });
  const between = { windowBids: 2, stepBps: 20 };
  equal(picture(planOf(between, one(14_955))), "14955 14940 | ", "half way between two rungs");
  const far = picture(planOf({ maxDeviationBps: 21 }, one(14_970), { mid: 15_005 }));
  equal(far, "14989 14974 | ", "it is beyond maxDeviationBps now");
  const filled = picture(planOf({ chaseTicks: 20, windowBids: 1 }, one(15_001)));
  equal(filled, "14999 | ", "others ask there: it has been filled, and nobody has told yet");
});

Deno.test("while mid stays within half a step of where they were placed, quotes do not move", () => {
  const prices = (plan: Plan) => picture(plan).replaceAll(/:\d+/g, "");
  const moves = fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 1, maxLength: 20 });
  fc.assert(fc.property(moves, fc.constantFrom(0, 3), (offsets, chaseTicks) => {
    const params = { ...neutral, chaseTicks };
    let plan = planOf(params);
    const before = prices(plan);
    for (const [i, offset] of offsets.entries()) {
      const seen = { open: resting(plan.orders), time: at(i / 3) };
      plan = planOf(params, seen, { mid: 15_000 + offset });
      equal(prices(plan), before);
    }
  }));
});

Deno.test("only what is too old is closed, first in, first out, whatever was traded before", () => {
  const trade = fc.record({
    side: fc.constantFrom<Side>("bid", "ask"),
    quantity: fc.integer({ min: 1, max: 40 }),
    seconds: fc.integer({ min: 0, max: 900 }),
  });
  fc.assert(fc.property(fc.array(trade, { maxLength: 30 }), (trades) => {
    const setup = setupOf({ ...neutral, maxHoldSec: 1000, exitPatienceSec: 500 });
    const memory = amm.start(setup, aView());
    let [position, now]: [number[], number] = [[], 0];
    let sign = 0;
    for (const { side, quantity, seconds } of trades) {
      now += seconds;
      amm.observe?.(memory, fill(side, quantity, now), setup);
      for (let lot = 0; lot < quantity; lot++) {
        const way = side === "bid" ? 1 : -1;
        if (position.length > 0 && sign !== way) position = position.slice(1);
        else [position, sign] = [[...position, now], way];
      }
      const [oldest] = position;
      const held = oldest === undefined ? {} : { entryTicks: 15_000, oldestAt: at(oldest) };
      const seen = { ...held, time: at(now), position: sign * position.length };
      const { orders } = amm.plan(JSON.parse(JSON.stringify(memory)), aView(seen), setup);
      const closing = (role: string) =>
        orders.find((order) => order.tag === "max hold" && order.role === role);
      const older = (age: number) => position.filter((time) => now - time >= age).length;
      equal(closing("taker")?.quantity ?? 0, older(1500));
      equal(closing("maker")?.quantity ?? 0, older(1000) - older(1500));
      ok(
        orders.every(({ tag, side }) => tag !== "max hold" || side === (sign > 0 ? "ask" : "bid")),
      );
    }
  }));
});

Deno.test("on spot a lot counts less the fee it paid in base, and dust never makes the young old", () => {
  const setup = setupOf({}, { market: spot });
  const memory = amm.start(setup, aView());
  const fee = 1000 * 15_000 * spot.cashPerTickLot / 1000;
  amm.observe?.(memory, fill("bid", 1000, 0, 15_000, fee), setup);
  amm.observe?.(memory, fill("ask", 999, 10), setup);
  deepEqual(memory, { stock: 0, held: [] });
  amm.observe?.(memory, fill("bid", 1000, 4000, 15_000, fee), setup);
  const seen = { position: 999, entryTicks: 15_000, oldestAt: START, time: at(4001) };
  ok(amm.plan(memory, aView(seen), setup).orders.every(({ tag }) => tag !== "max hold"));
});

Deno.test("a position memory has not seen grow is as old as the ledger says", () => {
  const setup = setupOf();
  const held = { position: 70, entryTicks: 15_000 };
  const oldest = (seconds: number) => {
    const memory = amm.start(setup, aView());
    const { orders } = amm.plan(
      memory,
      aView({ ...held, oldestAt: START, time: at(seconds) }),
      setup,
    );
    return orders.filter(({ tag }) => tag === "max hold").map(({ quantity }) => Number(quantity));
  };
  deepEqual([oldest(3599), oldest(3600)], [[], [70]]);
  const taken = amm.start(setup, aView(held));
  amm.observe?.(taken, fill("ask", 50, 3599), setup);
  const view = aView({ ...held, position: 20, oldestAt: START, time: at(3600) });
  equal(amm.plan(taken, view, setup).orders.find(({ tag }) => tag === "max hold")?.quantity, 20);
});

/** Any setting and any moment that may occur: own quotes rest at random places and ages, uncrossed. */
const moments = fc.record({
  kind: fc.constantFrom("spot" as const, "perp" as const),
  params: fc.record({
    bias: fc.constantFrom("long" as const, "short" as const, "neutral" as const),
    stepBps: fc.double({ min: 1, max: 40, noNaN: true }),
    levels: fc.integer({ min: 1, max: 30 }),
    windowBids: fc.integer({ min: 1, max: 12 }),
    windowAsks: fc.integer({ min: 1, max: 12 }),
    orderUsd: fc.double({ min: 4, max: 400, noNaN: true }),
    maxPositionUsd: fc.integer({ min: 400, max: 3000 }),
    chaseTicks: fc.integer({ min: 0, max: 60 }),
    joinBest: fc.boolean(),
    maxDeviationBps: fc.integer({ min: 40, max: 300 }),
    enableAsks: fc.boolean(),
    tpGuard: fc.boolean(),
    strictMaker: fc.boolean(),
    strictNearTop: fc.boolean(),
    skewBps: fc.integer({ min: 0, max: 90 }),
  }),
  mid: fc.integer({ min: 14_000, max: 16_000 }),
  below: fc.integer({ min: 1, max: 60 }),
  above: fc.integer({ min: 1, max: 60 }),
  position: fc.integer({ min: -2500, max: 2500 }),
  entry: fc.double({ min: 13_000, max: 17_000, noNaN: true }),
  age: fc.integer({ min: 0, max: 4000 }),
  own: fc.array(
    fc.record({
      side: fc.constantFrom<Side>("bid", "ask"),
      distance: fc.integer({ min: 0, max: 300 }),
      age: fc.integer({ min: 0, max: 30 }),
    }),
    { maxLength: 12 },
  ),
});

Deno.test("whatever happens, a plan keeps what the parameters promise and passes the gate whole", () => {
  let [takers, exits, refusing] = [0, 0, 0];
  fc.assert(
    fc.property(moments, ({ kind, params, mid, below, above, entry, age, own, ...rest }) => {
      const market = aMarket({ kind });
      const isSpot = kind === "spot";
      const bias = isSpot && params.bias === "short" ? "long" : params.bias;
      const position = isSpot ? Math.abs(rest.position) : rest.position;
      const setup = setupOf({ ...params, bias }, { market, maker: 0.9 });
      const first = isSpot && bias === "neutral" ? 500 : 0;
      const memory = amm.start(setup, aView({ position: first }));
      const time = at(age);
      const view = aView({
        time,
        bestBid: mid - below,
        bestAsk: mid + above,
        position,
        ...(position === 0 ? {} : { entryTicks: entry, oldestAt: START }),
        open: own.map(({ side, distance, age: quoted }) => ({
          side,
          ...level(side === "bid" ? mid - distance : mid + 1 + distance, 10),
          since: micros(time - quoted * SECOND),
        })),
      });
      const plan = amm.plan(memory, view, setup);
      deepEqual(amm.plan(JSON.parse(JSON.stringify(memory)), view, setup), plan, "plans again");

      const rungs = plan.orders.filter(({ tag }) => tag?.startsWith("rung"));
      for (const { side, price, role } of rungs) {
        const off = Math.abs(price - view.midTicks);
        ok(off <= view.midTicks * params.maxDeviationBps / 10_000, `${off} ticks from mid`);
        ok(role === "maker" || !params.strictMaker, "a rung takes");
        takers += role === "taker" ? 1 : 0;
        if (role === "maker") ok(side === "bid" ? price < view.bestAsk : price > view.bestBid);
      }
      const count = (side: Side) => rungs.filter((order) => order.side === side).length;
      ok(count("bid") <= params.windowBids && count("ask") <= params.windowAsks, "a window");
      const others = plan.orders.filter((order) => !rungs.includes(order)).map(({ tag }) => tag);
      const most = ["max hold", "max hold", "take profit"];
      ok(others.every((tag) => most.includes(tag ?? "")) && others.length <= 3, `${others}`);
      const places = rungs.map(({ side, price }) => `${side} ${price}`);
      equal(new Set(places).size, places.length, "two rungs at one price");
      const net = position - first;
      const closing = net > 0 ? "ask" : "bid";
      const reducing = plan.orders.filter(({ reduceOnly }) => reduceOnly === true);
      const sum = reducing.reduce((all, { quantity }) => all + quantity, 0);
      ok(sum <= Math.abs(net) && reducing.every(({ side }) => side === closing), "exits");
      exits += reducing.length;

      const limits = stricter(defaultLimits, amm.limits?.(setup) ?? {});
      const { refused } = approve(plan, {
        ...{ market, limits, state: "ACTIVE", position: lots(position), live: [] },
        ...{
          sellable: view.sellable,
          freeCash: cashOf(1_000_000),
          mark: ticks(Math.floor(view.midTicks)),
        },
        ...{ bestBid: view.bestBid, bestAsk: view.bestAsk, midTicks: view.midTicks },
      });
      refusing += Math.sign(refused.length);
      deepEqual(refused.map(({ rule, order }) => `${rule} ${order.tag} ${order.side}`), []);
    }),
    { numRuns: 1500 },
  );
  ok(takers > 20 && exits > 1000 && refusing === 0, `${takers} takers, ${exits} exits`);
});

interface Played {
  readonly source: Source;
  readonly params?: Params;
  readonly market?: typeof spot;
  readonly position?: number;
  readonly latencyMs?: number;
  readonly fillModel?: "through" | "queue";
  readonly price: number;
  readonly time: number;
}

/** A whole run: after each event books agree, orders do not cross or pile up, and the cap holds. */
async function play({ source, price, time, position = 0, market = perp, ...played }: Played) {
  const params = { ...defaultParams(amm.params), ...played.params };
  const fees = { maker: 1, taker: 5 };
  const fillModel = played.fillModel ?? "queue";
  const parts = rig({
    ...{ market, strategy: amm, params, fees, fillModel, seed: 1, position: lots(position) },
    limits: { ...defaultLimits, staleMs: 600_000, maxDrawdownPct: 100 },
    balances: { [market.quote]: "10000", [market.base]: String(position / 100) },
    latencyMs: played.latencyMs ?? 50,
    feed: feedOf(source, { market, path: "nearer", fillModel, seed: 1 }),
    price: ticks(price),
    time: micros(time),
  });
  const { engine: { facts }, venue, record, exchange, account } = parts;
  const capUsd = amm.limits?.({ market, params, fees, capital: parts.capital })?.maxPositionUsd;
  const takes = new Set<string>();
  let checks = 0;
  function seen(_event: Event, commands: readonly Command[]): void {
    const { touch, ledger, orders } = facts;
    const prices = new Set<string>();
    const worst = { bid: Number(ledger.position), ask: -ledger.position };
    for (const { side, price, state, remaining, reduceOnly } of orders.live) {
      if (state !== "cancelling") prices.add(`${side} ${price}`);
      if (!reduceOnly) worst[side] += remaining;
    }
    ok(prices.size <= params.windowBids + params.windowAsks + 3, `${prices.size} prices quoted`);
    for (const command of commands) {
      if (command.kind === "cancel") continue;
      const { role, tag = "", side, reduceOnly } = command;
      if (role === "taker") takes.add(tag.replace(/ \d+/, ""));
      if (role === "taker" && params.strictMaker) equal(tag, "max hold");
      if (capUsd === undefined || touch === undefined || reduceOnly) continue;
      if (market.kind === "spot" && side === "ask") continue;
      const most = Math.floor(cashOf(capUsd) / (touch.mark * market.cashPerTickLot));
      ok(worst[side] <= most, `worst case of ${side}s ${worst[side]} lots beyond ${most}`);
    }
    // At the exchange too: a ladder that moves never rests on top of the one before.
    const places = new Set(
      exchange.openOrders(account).map(({ side, limit }) => `${side} ${limit}`),
    );
    const window = params.windowBids + params.windowAsks + 3;
    ok(places.size <= window, `${places.size} prices rest, the window and exits are ${window}`);
    const limitsOf = (wanted: Side) =>
      exchange.openOrders(account).filter(({ side }) => side === wanted).map(({ limit }) => limit);
    ok(Math.max(...limitsOf("bid")) < Math.min(...limitsOf("ask")), "own orders cross");
    if (touch === undefined || venue.reportsOnTheWay > 0) return;
    equal(parts.identityError(), 0, "ledger and exchange agree");
    checks++;
  }
  await run(parts.engine, venue, [record, { seen }]);
  equal(parts.identityError(), 0);
  return { fills: record.fills, checks, tally: facts.tally, takes };
}

const scenes: { readonly [name: string]: Omit<Played, "source" | "price" | "time"> } = {
  aggressive: {
    params: {
      stepBps: 6,
      levels: 22,
      windowBids: 10,
      windowAsks: 10,
      orderUsd: 25,
      refreshSec: 7,
      everyMs: 900,
      chaseTicks: 3,
      maxDeviationBps: 45,
    },
    latencyMs: 5,
  },
  neutral: { params: { bias: "neutral", stepBps: 2, orderUsd: 40, skewBps: 3, refreshSec: 3 } },
  short: {
    params: { bias: "short", stepBps: 2, maxHoldSec: 20, exitPatienceSec: 3 },
    latencyMs: 400,
  },
  taking: {
    params: {
      bias: "neutral",
      stepBps: 2,
      levels: 3,
      skewBps: 8,
      strictMaker: false,
      strictNearTop: false,
    },
    latencyMs: 0,
  },
  spot: { params: { stepBps: 2, orderUsd: 30, takeProfitPct: 0.02 }, market: spot },
  stock: {
    params: { bias: "neutral", stepBps: 2, orderUsd: 30, maxHoldSec: 15 },
    market: spot,
    position: 200,
  },
};

Deno.test("over every shape of market the promises of the house hold, and quotes do not pile up", async () => {
  let [fills, checks] = [0, 0];
  const takes = new Set<string>();
  const rules = new Set<string>();
  for (const [name, scene] of Object.entries(scenes)) {
    for (const [shape, synth] of Object.entries(marketShapes)) {
      const source: Source = { kind: "sim", synth: { ...synth, durationSec: 90 } };
      const played = await play({ source, price: 15_000, time: synthDefaults.start, ...scene })
        .catch((error) => {
          console.error(`${name} in ${shape} fails`);
          throw error;
        });
      fills += played.fills.length;
      checks += played.checks;
      for (const tag of played.takes) takes.add(tag);
      for (const rule of played.tally.refused.keys()) rules.add(rule);
    }
  }
  ok(fills > 500 && checks > 20_000, `${fills} fills, ${checks} checks`);
  deepEqual([...takes].sort(), ["max hold", "rung"]);
  // At the cap a quote that moves waits until the gate knows that its old place is gone.
  deepEqual([...rules].sort(), ["maxPositionUsd", "sellable"]);
});

Deno.test("in a quiet market nothing is sent but what has grown old", async () => {
  const synth = {
    ...marketShapes.calm,
    volatilityPct: 0,
    informed: 0,
    tradesPerSecond: 0,
    durationSec: 60,
  };
  const params: Params = { ...ladder, bias: "neutral", refreshSec: 10 };
  const { tally } = await play({
    source: { kind: "sim", synth },
    price: 15_000,
    time: synthDefaults.start,
    params,
  });
  ok(tally.placed >= 6 && tally.placed <= 6 * 7, `${tally.placed} orders in 60 s`);
});

Deno.test("over recorded ticks the promises hold", async () => {
  const files = [
    "trades/SOLUSDC-PERP-HYPERLIQUID-20250904.csv.gz",
    "book/SOLUSDC-PERP-HYPERLIQUID-20250904-bbo.csv.gz",
    "book/SOLUSDC-PERP-HYPERLIQUID-20250904-top10.csv.gz",
  ].flatMap((name) => sharedFile(name) ?? []);
  if (files.length < 3) return;
  const market = aMarketOf("SOL_USDC_PERP");
  const { tape } = await readTape(files, market, { errors: "refuse" });
  const price = tape.price.find((price) => price > 0) ?? 0;
  const ticksOf = {
    source: { kind: "tape", tape } as const,
    market,
    price,
    time: tape.time[0] ?? 0,
  };
  for (const name of ["aggressive", "neutral"]) {
    const { fills, checks, takes } = await play({ ...ticksOf, ...scenes[name], market });
    ok(fills.length > 20 && checks > 1000, `${name}: ${fills.length} fills, ${checks} checks`);
    ok(takes.size === 0 && fills.every(({ maker }) => maker));
  }
});

Deno.test("over recorded candles the promises hold, and exits by age and by profit happen", async () => {
  const file = sharedFile("klines/SOLUSDC-PERP-HYPERLIQUID-1m-20250721-20250726.csv.gz");
  if (file === undefined) return;
  const market = aMarketOf("SOL_USDC_PERP");
  const from = micros(Date.parse("2025-07-23T00:00:00Z") * 1000);
  const to = micros(from + 8 * 3600 * SECOND);
  const { candles } = await readCandles([file], market, { errors: "refuse", from, to });
  const source = { kind: "candles", candles } as const;
  const morning = { source, market, price: candles.open[0] ?? 0, time: from };
  const params = { stepBps: 10, maxDeviationBps: 60, maxHoldSec: 1800, takeProfitPct: 0.2 };
  const { fills } = await play({ ...morning, fillModel: "through", params });
  const tags = new Set(fills.map(({ tag }) => tag?.replace(/ \d+/, "")));
  deepEqual([...tags].sort(), ["max hold", "rung", "take profit"]);
});
