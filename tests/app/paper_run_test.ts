// Paper runs from start to end, at a speed at which an hour takes a moment: how they end, with which
// exit code, and that none of the run's orders is left where the run says so.

import assert from "node:assert/strict";
import { type PaperOptions, paperRun, synthPrice } from "../../lib/app/paper_run.ts";
import type { Status } from "../../lib/app/status.ts";
import { parseDecimal } from "../../lib/core/decimal.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { defineStrategy, type Plan, type View } from "../../lib/core/strategy.ts";
import { micros } from "../../lib/core/units.ts";
import grid from "../../strategies/grid.ts";
import { ask, bid } from "../support/core.ts";
import { aMarketOf } from "../support/known_market.ts";

const fast = 1_000_000;

function optionsOf(given: Partial<PaperOptions>): PaperOptions {
  return {
    market: aMarketOf("SOL_USDC_PERP"),
    strategy: grid,
    params: {
      ...defaultParams(grid.params),
      autoPrice: true,
      priceRange: 0.004,
      levels: 13,
    },
    limits: defaultLimits,
    fees: { maker: 2, taker: 5 },
    balances: { USDC: "10000" },
    seed: 3,
    latencyMs: 50,
    speed: fast,
    durationSec: 900,
    version: "0",
    stop: new AbortController().signal,
    onStatus: () => {},
    ...given,
  };
}

/** A strategy that plans what a test says. */
function planning(plan: (view: View) => Plan) {
  return defineStrategy({
    ...{
      api: 1,
      name: "planning",
      summary: "Plans what a test says.",
      params: {},
    },
    start: () => ({}),
    plan: (_, view) => plan(view),
  });
}

/** Two orders that stay far from a market that begins at 150.00. */
function resting(): Plan {
  return { orders: [bid(14_700, 5), ask(15_300, 5)] };
}

function units(text: string): number {
  const value = parseDecimal(text, 8);
  assert.ok(typeof value === "number", text);
  return value;
}

Deno.test("a run ends by itself when its time is over, with no order left, and accounts for its money", async () => {
  const seen: Status[] = [];
  const options = optionsOf({ onStatus: (status) => seen.push(status) });
  const { report, exitCode } = await paperRun(options);
  assert.equal(exitCode, 0);
  assert.ok(report.fills > 10, `only ${report.fills} fills`);
  const {
    equityStart,
    equityEnd,
    realised,
    unrealised,
    fees,
    funding,
    identityError,
  } = report.ledger;
  assert.equal(identityError, "0");
  const change = units(realised) + units(unrealised) - units(fees) +
    units(funding);
  assert.equal(units(equityEnd) - units(equityStart), change);
  const last = seen.at(-1) ?? assert.fail("no status");
  assert.deepEqual([last.openOrders, last.mode, last.fills], [
    [],
    "paper",
    report.fills,
  ]);
  const { from, to } = report.data;
  const minutes = (Date.parse(to ?? "") - Date.parse(from ?? "")) / 60_000;
  assert.ok(
    minutes >= 15 && minutes < 15.2,
    `${minutes} minutes of the market`,
  );
  assert.deepEqual([report.run.feed, report.run.fillModel], ["sim", "queue"]);
  assert.match(report.notes.join(), /no real order was sent/);
});

Deno.test("a loss limit that halts ends the run with 6, one that pauses does not", async () => {
  const takes = planning(({ bestAsk }) => ({
    orders: [bid(bestAsk, 50, { role: "taker" })],
  }));
  const rows = [
    ["halt", 6],
    ["flatten", 6],
    ["pause", 0],
    ["reduce", 0],
  ] as const;
  for (const [drawdownAction, code] of rows) {
    const limits = { ...defaultLimits, maxDrawdownPct: 0.01, drawdownAction };
    const given = { limits, strategy: takes, params: {}, durationSec: 120 };
    const { report, exitCode } = await paperRun(optionsOf(given));
    assert.equal(
      exitCode,
      code,
      `${drawdownAction}: ${JSON.stringify(report.state)}`,
    );
    assert.equal(report.ledger.identityError, "0", drawdownAction);
    if (code === 6) assert.equal(report.state.rule, "maxDrawdownPct");
  }
});

Deno.test("flattening by a limit leaves no position", async () => {
  const takes = planning(({ bestAsk }) => ({
    orders: [bid(bestAsk, 50, { role: "taker" })],
  }));
  let last: Status | undefined;
  await paperRun(optionsOf({
    ...{ strategy: takes, params: {}, durationSec: 120 },
    limits: {
      ...defaultLimits,
      maxDrawdownPct: 0.01,
      drawdownAction: "flatten",
    },
    onStatus: (status) => last = status,
  }));
  assert.equal(last?.position, 0);
});

Deno.test("a person's stop ends an endless run in order, at once even while it waits", async () => {
  const stop = new AbortController();
  let plans = 0;
  const strategy = planning(() => {
    // At the second plan both orders rest; the next event is some way off at the pace of the clock.
    if (++plans === 2) stop.abort();
    return resting();
  });
  let last: Status | undefined;
  const started = performance.now();
  const { report, exitCode } = await paperRun(optionsOf({
    ...{
      strategy,
      params: {},
      stop: stop.signal,
      durationSec: 0,
      speed: 2,
      latencyMs: 5,
    },
    onStatus: (status) => last = status,
  }));
  assert.deepEqual([exitCode, last?.openOrders], [0, []]);
  assert.deepEqual([report.orders.placed, report.orders.cancelled], [2, 2]);
  assert.ok(performance.now() - started < 5_000);
});

Deno.test("a stop asked for before the start ends the run before it trades", async () => {
  const given = {
    stop: AbortSignal.abort(),
    strategy: planning(resting),
    params: {},
  };
  const { report, exitCode } = await paperRun(
    optionsOf({ ...given, durationSec: 600 }),
  );
  assert.equal(exitCode, 0);
  assert.ok(report.orders.placed <= 2, `${report.orders.placed} orders placed`);
  const { from, to } = report.data;
  assert.ok(
    Date.parse(to ?? "0") - Date.parse(from ?? "0") < 10_000,
    `ran from ${from} to ${to}`,
  );
});

Deno.test("orders that the exchange has not given up are told by 8, however the run ended", async () => {
  // A cancel takes 40 s to arrive, and nobody waits that long.
  const given = {
    strategy: planning(resting),
    params: {},
    latencyMs: 40_000,
    durationSec: 120,
  };
  const { exitCode } = await paperRun(optionsOf(given));
  assert.equal(exitCode, 8);
});

Deno.test("a strategy ends the run when its work is done", async () => {
  const stops = planning(() => ({ ...resting(), finish: "stop" }));
  assert.equal(
    (await paperRun(optionsOf({ strategy: stops, params: {} }))).exitCode,
    0,
  );
  let last: Status | undefined;
  const closes = planning(({ position, bestAsk }) =>
    position === 0
      ? { orders: [bid(bestAsk, 10, { role: "taker" })] }
      : { orders: [], finish: "flatten" }
  );
  const given = {
    strategy: closes,
    params: {},
    onStatus: (status: Status) => last = status,
  };
  const { report, exitCode } = await paperRun(optionsOf(given));
  assert.deepEqual([exitCode, report.fills, last?.position], [0, 2, 0]);
  assert.equal(report.ledger.identityError, "0");
});

Deno.test("the wall clock ends a run that has a last moment", async () => {
  const { exitCode } = await paperRun(
    optionsOf({ durationSec: 0, speed: 50, until: micros(1) }),
  );
  assert.equal(exitCode, 0);
});

const watched = { sanitizeOps: true, sanitizeResources: true };

Deno.test(
  "what the strategy or the balances refuse is thrown, and nothing goes on running",
  watched,
  async () => {
    const { autoPrice: _, ...bare } = optionsOf({}).params;
    const rows = [
      [{ params: { ...bare, autoPrice: false } }, /lower/],
      [{ balances: {} }, /capital must be above zero/],
    ] as const;
    for (const [given, message] of rows) {
      await assert.rejects(paperRun(optionsOf(given)), (error: unknown) => {
        assert.ok(
          error instanceof RangeError && message.test(error.message),
          String(error),
        );
        return true;
      });
    }
  },
);

Deno.test("the start price is that of a market of its base", () => {
  for (
    const [symbol, price] of [["SOL_USDC", 150], ["BTC_USDC_PERP", 100_000], [
      "ETH_USDC",
      3_000,
    ]] as const
  ) {
    assert.equal(synthPrice(aMarketOf(symbol)), price);
  }
});
