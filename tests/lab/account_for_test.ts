// The report against the run it accounts for: every figure is the engine's or the record's, the money
// adds up to the last unit however the run ends, and nothing unknown is printed as a zero.

import assert from "node:assert/strict";
import { emptyTape, ROW } from "../../lib/core/columns.ts";
import { parseDecimal } from "../../lib/core/decimal.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { formatCash, type Market } from "../../lib/core/market.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { defineStrategy } from "../../lib/core/strategy.ts";
import { cash, ticks } from "../../lib/core/units.ts";
import { reportOf } from "../../lib/lab/account_for.ts";
import { type Report, reportJson } from "../../lib/lab/report.ts";
import { type Rig, rig, type RigOptions } from "../../lib/lab/rig.ts";
import { run } from "../../lib/run.ts";
import type { Feed } from "../../lib/sim/feed.ts";
import { SynthMarket } from "../../lib/sim/synth.ts";
import { TapeFeed, tapeFeed } from "../../lib/sim/tape_feed.ts";
import { chaos } from "../support/chaos.ts";
import { after, bid, perpMarket, spotMarket, START } from "../support/core.ts";

const perp = perpMarket({
  fundingIntervalMs: 1_000,
  fundingBoundBps: { min: -100, max: 100 },
  initialMargin: { base: 0.02, factor: 0 },
  maintenanceMargin: { base: 0.0135, factor: 0 },
});

const data = {
  files: [{ path: "a.csv", kind: "trades", rows: 9 }],
  ...{ rows: 9, from: null, to: null, skipped: 1, rounded: 2, gaps: 3 },
};

/** Bids seven lots at 99.95 until it has them. */
const bidder = defineStrategy({
  api: 1,
  name: "bidder",
  summary: "Bids.",
  params: {
    wish: { type: "number", default: null, min: 0, max: 1, help: "of a test" },
  },
  start: () => ({}),
  plan: (_, { position }) => ({
    orders: position === 0 ? [bid(9_995, 7)] : [],
    reason: "one bid",
  }),
});

interface Given extends Partial<RigOptions> {
  readonly market?: Market;
}

async function accountFor(
  given: Given,
): Promise<{ report: Report; parts: Rig }> {
  const options: RigOptions = {
    market: perp,
    strategy: bidder,
    params: defaultParams(bidder.params),
    limits: { ...defaultLimits, maxDrawdownPct: 100 },
    fees: { maker: 1.5, taker: 5 },
    balances: { USDC: "10000" },
    seed: 4,
    fillModel: "queue",
    latencyMs: 20,
    feed: tapeFeed(emptyTape(0)),
    price: ticks(10_000),
    time: START,
    ...given,
  };
  const parts = rig(options);
  await run(parts.engine, parts.venue, [parts.record]);
  parts.record.sample();
  const told = { feed: "ticks", seconds: 2, notes: ["A note."] };
  const report = reportOf(parts, {
    ...told,
    run: { ...options, version: "0.1.0", data },
  });
  return { report, parts };
}

/** Ms after the start, then bid, its quantity, ask, its quantity; or a print of a price and quantity. */
type Row = readonly [number, number, number, number?, number?];

function feedOf(rows: readonly Row[]): Feed {
  const tape = emptyTape(rows.length);
  rows.forEach(([ms, price, quantity, askPrice, askQuantity], i) => {
    tape.kind[i] = askPrice === undefined ? ROW.tradeAsk : ROW.bbo;
    tape.time[i] = after(ms);
    tape.price[i] = price;
    tape.quantity[i] = quantity;
    tape.askPrice[i] = askPrice ?? 0;
    tape.askQuantity[i] = askQuantity ?? 0;
  });
  return tapeFeed(tape);
}

/** A bid is filled at 99.95 and the market falls to 90.00. */
const fall: readonly Row[] = [
  [0, 9_990, 500, 10_010, 500],
  [2_000, 9_994, 100],
  [2_000, 9_990, 500, 10_010, 500],
  [3_000, 8_995, 500, 9_005, 500],
];

function units(text: string): number {
  const value = parseDecimal(text, 8);
  assert.ok(typeof value === "number", text);
  return value;
}

/** What must hold of the money of any report. */
function assertAddsUp({ ledger, profit, metrics }: Report): void {
  const {
    equityStart,
    equityEnd,
    realised,
    unrealised,
    fees,
    funding,
    identityError,
  } = ledger;
  const change = units(equityEnd) - units(equityStart);
  const sum = units(realised) + units(unrealised) - units(fees) +
    units(funding);
  assert.equal(
    sum,
    change,
    "realised + unrealised − fees + funding = equity change",
  );
  assert.equal(
    units(profit.grid) + units(profit.inventory),
    change,
    "grid + inventory",
  );
  assert.equal(units(metrics.netPnl ?? "none"), change);
  assert.equal(identityError, "0");
}

Deno.test("a run in all its parts is told with its own figures", async () => {
  const { report, parts } = await accountFor({ feed: feedOf(fall) });
  assert.deepEqual(report.run, {
    id: report.commandsDigest.slice(0, 12),
    seed: 4,
    strategy: "bidder",
    market: "SOL_USDC_PERP",
    params: { wish: null },
    version: "0.1.0",
    feed: "ticks",
    fillModel: "queue",
    latencyMs: 20,
    fees: { makerBps: 1.5, takerBps: 5 },
  });
  // Seven lots are 0.07 SOL: 6.9965 USDC, a fee of 1.5 bps, a loss of 9.95 USDC a SOL.
  assert.deepEqual(report.ledger, {
    equityStart: "10000",
    equityEnd: "9999.30245052",
    realised: "0",
    unrealised: "-0.6965",
    fees: "0.00104948",
    funding: "0",
    identityError: "0",
  });
  assert.deepEqual(report.profit, { grid: "0", inventory: "-0.69754948", gridEfficiency: null });
  const { placed, cancelled, rejected, refused } = report.orders;
  const { tally } = parts.engine.facts;
  assert.deepEqual([report.fills, cancelled, rejected, refused], [1, 0, 0, 0]);
  assert.equal(placed, tally.placed);
  assert.deepEqual([report.reason, report.data], ["one bid", data]);
  assert.deepEqual(report.state, {
    name: "ACTIVE",
    rule: null,
    text: null,
    since: null,
  });
  assert.deepEqual(report.notes, ["A note."]);
  assert.equal(report.timing.seconds, 2);
  assert.equal(
    report.timing.eventsPerSecond,
    Math.round(report.timing.events / 2),
  );
  // From the moment after the fill, when seven lots were worth five ticks more than they cost.
  assert.equal(report.metrics.maxDrawdown, "0.7");
  assertAddsUp(report);
});

Deno.test("money adds up on spot and perp, with dust, funding, refusals and what a limit did", async () => {
  const rows: readonly Given[] = [
    {
      market: spotMarket(),
      balances: { USDC: "10000", SOL: "3.3" },
      fees: { maker: 1, taker: 9 },
    },
    { market: perp, fees: { maker: -0.5, taker: 4 } },
    {
      market: perp,
      limits: { ...defaultLimits, maxPositionUsd: 300, maxOrderUsd: 200 },
    },
    {
      market: perp,
      limits: {
        ...defaultLimits,
        maxDrawdownPct: 0.01,
        drawdownAction: "flatten",
      },
    },
  ];
  for (const given of rows) {
    const { market = perp } = given;
    const synth = new SynthMarket(market, {
      ...{
        seed: 11,
        start: START,
        durationSec: 120,
        tradesPerSecond: 4,
        fundingRate: 0.0001,
      },
    });
    const { report, parts } = await accountFor({
      ...given,
      strategy: chaos,
      params: {
        ...defaultParams(chaos.params),
        takers: 0.8,
        reach: 3,
        most: 100,
      },
      feed: new TapeFeed(() => synth.chunk()),
      price: ticks(15_000),
    });
    assertAddsUp(report);
    assert.ok(report.fills > 5, `${report.fills} fills`);
    assert.equal(report.fills, parts.record.fills.length);
    const refusals = Object.values(report.refusals).reduce(
      (sum, count) => sum + count,
      0,
    );
    assert.equal(report.orders.refused, refusals);
    assert.equal(report.state.name, parts.engine.riskState.name);
    reportJson(report);
  }
});

Deno.test("a limit that was reached is told with its rule, its value and its moment", async () => {
  const limits = { ...defaultLimits, maxDrawdownPct: 0.001 };
  const { report } = await accountFor({ feed: feedOf(fall), limits });
  assert.deepEqual([report.state.name, report.state.rule], [
    "HALTED",
    "maxDrawdownPct",
  ]);
  assert.match(
    report.state.text ?? "",
    /^maxDrawdownPct is \S+ %, limit 0.001 %$/,
  );
  assert.match(report.state.since ?? "", /^2023-11-14T22:13:2\d\.\d{6}Z$/);
  assertAddsUp(report);
});

Deno.test("a run in which nothing happened is a report without a made-up figure", async () => {
  const { report } = await accountFor({});
  assert.deepEqual([report.fills, report.orders.placed, report.timing.events], [
    0,
    0,
    0,
  ]);
  assert.equal(report.ledger.equityEnd, "10000");
  assert.equal(report.reason, null);
  const { netPnl, returnPct, winRatePct, profitFactor, sharpe } = report.metrics;
  assert.deepEqual(
    [netPnl, returnPct, winRatePct, profitFactor, sharpe],
    Array(5).fill(null),
  );
  reportJson(report);
});

Deno.test("where nobody measured the time, no speed is claimed", async () => {
  const { report, parts } = await accountFor({ feed: feedOf(fall) });
  assert.notEqual(report.timing.eventsPerSecond, null);
  const again = { ...parts, record: rigOf().record };
  const told = { feed: "ticks", seconds: 0, notes: [] };
  const options = { ...optionsOf(), version: "0", data };
  assert.equal(
    reportOf(again, { ...told, run: options }).timing.eventsPerSecond,
    null,
  );
});

function optionsOf(): RigOptions {
  return {
    market: perp,
    strategy: bidder,
    params: defaultParams(bidder.params),
    limits: defaultLimits,
    fees: { maker: 0, taker: 0 },
    balances: { USDC: "1" },
    seed: 1,
    fillModel: "queue",
    latencyMs: 0,
    feed: tapeFeed(emptyTape(0)),
    price: ticks(10_000),
    time: START,
  };
}

function rigOf(): Rig {
  return rig(optionsOf());
}

Deno.test("a position held when one side of the book is empty is still worth something", async () => {
  const { report, parts } = await accountFor({
    feed: feedOf([...fall, [4_000, 8_995, 500, 0, 0]]),
  });
  assert.equal(parts.engine.facts.touch, undefined);
  assert.equal(report.ledger.unrealised, "-0.6965");
  assertAddsUp(report);
});

Deno.test("a fill that came when one side of the book was empty is in the equity", async () => {
  const { report, parts } = await accountFor({
    // The asks go, and what is sold meets the bid on its way out.
    feed: feedOf([[0, 9_990, 500, 10_010, 500], [2_000, 9_990, 500, 0, 0], [
      2_005,
      9_994,
      100,
    ]]),
  });
  assert.equal(parts.engine.facts.ledger.position, 7);
  assert.notEqual(report.ledger.fees, "0");
  assertAddsUp(report);
});

Deno.test("a forced closing is in the money, and the run is halted", async () => {
  const market = perp;
  const all = defineStrategy({
    ...bidder,
    plan: (_, { position }) => ({
      orders: position === 0 ? [bid(10_010, 100, { role: "taker" })] : [],
    }),
  });
  const { report } = await accountFor({
    ...{ market, strategy: all, balances: { USDC: "10" }, feed: marked() },
    limits: { ...defaultLimits, maxDrawdownPct: 100, dailyLossAction: "halt" },
  });
  assert.equal(report.state.name, "HALTED");
  assert.equal(report.fills, 1);
  assert.notEqual(report.ledger.realised, "0");
  assertAddsUp(report);
});

/** A market whose mark falls from 100 to 91, book and all. */
function marked(): Feed {
  const tape = emptyTape(4);
  const rows = [
    [ROW.bbo, 0, 9_990, 500, 10_010, 500],
    [ROW.mark, 0, 10_000, 0, 10_000, 0],
    [ROW.bbo, 3_000, 9_090, 500, 9_110, 500],
    [ROW.mark, 3_000, 9_100, 0, 9_100, 0],
  ];
  rows.forEach(
    (
      [
        kind = 0,
        ms = 0,
        price = 0,
        quantity = 0,
        askPrice = 0,
        askQuantity = 0,
      ],
      i,
    ) => {
      tape.kind[i] = kind;
      tape.time[i] = after(ms);
      tape.price[i] = price;
      tape.quantity[i] = quantity;
      tape.askPrice[i] = askPrice;
      tape.askQuantity[i] = askQuantity;
    },
  );
  return tapeFeed(tape);
}

Deno.test("an identity error is told as it is", async () => {
  const { parts } = await accountFor({ feed: feedOf(fall) });
  const broken = { ...parts, record: rigOf().record, identityError: () => -3 };
  const told = { feed: "ticks", seconds: 1, notes: [] };
  const report = reportOf(broken, {
    ...told,
    run: { ...optionsOf(), version: "0", data },
  });
  assert.equal(report.ledger.identityError, formatCash(cash(-3)));
});
