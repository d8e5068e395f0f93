// Whole backtests over a synthetic market, hand-made candles and hand-made ticks: the same options
// give the same commands, whatever skips or watches them, and the report covers what was played.

import assert from "node:assert/strict";
import { type Candles, emptyTape, ROW, type Tape } from "../../lib/core/columns.ts";
import { parseDecimal } from "../../lib/core/decimal.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { defineStrategy } from "../../lib/core/strategy.ts";
import { lots, SECOND } from "../../lib/core/units.ts";
import { backtest, type BacktestOptions, type Source } from "../../lib/lab/backtest.ts";
import type { Report } from "../../lib/lab/report.ts";
import { SynthMarket } from "../../lib/sim/synth.ts";
import grid from "../../strategies/grid.ts";
import { chaos } from "../support/chaos.ts";
import { ask, bid, perpMarket, spotMarket, START } from "../support/core.ts";

const gridParams = {
  ...defaultParams(grid.params),
  ...{ autoPrice: true, priceRange: 0.004, levels: 13, quantity: 0.5 },
};
const chaosParams = {
  ...defaultParams(chaos.params),
  takers: 0.5,
  reach: 4,
  most: 80,
};
const perp = perpMarket({
  fundingIntervalMs: 60_000,
  fundingBoundBps: { min: -100, max: 100 },
});
const sim = (durationSec: number): Source => ({
  kind: "sim",
  synth: { durationSec, start: START },
});

function optionsOf(given: Partial<BacktestOptions>): BacktestOptions {
  return {
    market: perp,
    strategy: grid,
    params: gridParams,
    limits: { ...defaultLimits, maxDrawdownPct: 50 },
    fees: { maker: 2, taker: 5 },
    balances: { USDC: "10000" },
    seed: 1,
    fillModel: "queue",
    path: "nearer",
    latencyMs: 100,
    quickLane: "on",
    source: sim(600),
    data: {
      files: [],
      rows: 0,
      from: null,
      to: null,
      skipped: 0,
      rounded: 0,
      gaps: 0,
    },
    version: "0",
    ...given,
  };
}

async function reportOf(given: Partial<BacktestOptions>): Promise<Report> {
  return (await backtest(optionsOf(given))).report;
}

/** All of a report but what the clock of the machine says. */
function untimed({ timing: _, ...report }: Report): Omit<Report, "timing"> {
  return report;
}

/** A swing of 3 % around 150 in bars of a minute, with quiet stretches far from any rung. */
function swing(bars: number): Candles {
  const price = (i: number) => Math.round(15_000 + 450 * Math.sin(i / 40) * Math.cos(i / 400));
  const column = (of: (from: number, to: number) => number) =>
    Int32Array.from({ length: bars }, (_, i) => of(price(i), price(i + 1)));
  return {
    length: bars,
    barSec: 60,
    time: Float64Array.from(
      { length: bars },
      (_, i) => START + i * 60 * SECOND,
    ),
    open: column((from) => from),
    high: column((from, to) => Math.max(from, to) + 3),
    low: column((from, to) => Math.min(from, to) - 3),
    close: column((_, to) => to),
    volume: Float64Array.from(
      { length: bars },
      (_, i) => i % 7 === 0 ? 0 : 20 + (i % 50),
    ),
  };
}

/** The rows of a synthetic market as one recording. */
function recorded(durationSec: number): Tape {
  const synth = new SynthMarket(perp, { seed: 9, start: START, durationSec });
  const chunks: Tape[] = [];
  for (let tape = synth.chunk(); tape !== undefined; tape = synth.chunk()) {
    chunks.push(tape);
  }
  const whole = emptyTape(chunks.reduce((sum, { length }) => sum + length, 0));
  let row = 0;
  for (const tape of chunks) {
    for (
      const key of [
        "kind",
        "time",
        "price",
        "quantity",
        "askPrice",
        "askQuantity",
      ] as const
    ) {
      whole[key].set(tape[key], row);
    }
    row += tape.length;
  }
  return whole;
}

/** Backtests of every kind of source and model that must fill something. */
const kinds: readonly (readonly [string, Partial<BacktestOptions>])[] = [
  ["grid on a synthetic perp", {}],
  ["chaos on a synthetic perp", {
    strategy: chaos,
    params: chaosParams,
    source: sim(300),
  }],
  ["grid on synthetic spot", { market: spotMarket() }],
  [
    "chaos on synthetic spot",
    {
      ...{
        market: spotMarket(),
        strategy: chaos,
        params: chaosParams,
        source: sim(300),
      },
      balances: { USDC: "10000", SOL: "20" },
    },
  ],
  ["grid on ticks", { source: { kind: "tape", tape: recorded(600) } }],
  ...(["touch", "through", "queue"] as const).flatMap((fillModel) =>
    (["nearer", "adverse"] as const).map((path) =>
      [`grid on candles, ${fillModel}, ${path}`, {
        ...{ fillModel, path, params: { ...gridParams, priceRange: 0.02 } },
        source: { kind: "candles", candles: swing(1_500) },
      }] as const
    )
  ),
  [
    "grid on candles of spot, with a limit",
    {
      ...{
        market: spotMarket(),
        fillModel: "through",
        params: { ...gridParams, priceRange: 0.02 },
      },
      limits: {
        ...defaultLimits,
        maxPositionUsd: 300,
        maxDrawdownPct: 0.2,
        drawdownAction: "pause",
      },
      source: { kind: "candles", candles: swing(1_500) },
    },
  ],
];

for (const [name, given] of kinds) {
  Deno.test(`twice the same, skipped or not, and the money adds up: ${name}`, async () => {
    const one = await reportOf(given);
    assert.ok(one.fills >= 10, `only ${one.fills} fills`);
    assert.deepEqual(untimed(await reportOf(given)), untimed(one));
    assert.deepEqual(
      untimed(await reportOf({ ...given, quickLane: "off" })),
      untimed(one),
    );
    assertAddsUp(one);
  });
}

function assertAddsUp({ ledger, profit }: Report): void {
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
  assert.equal(
    units(realised) + units(unrealised) - units(fees) + units(funding),
    change,
  );
  assert.equal(units(profit.grid) + units(profit.inventory), change);
  assert.equal(identityError, "0");
}

function units(text: string): number {
  const value = parseDecimal(text, 8);
  assert.ok(typeof value === "number", text);
  return value;
}

Deno.test("another seed of the synthetic market gives other commands", async () => {
  const digests = [];
  for (const seed of [1, 2, 3, 4]) {
    digests.push((await reportOf({ seed })).commandsDigest);
  }
  assert.equal(new Set(digests).size, digests.length);
});

Deno.test("latency, fees and the fill model change what happens", async () => {
  const base = { strategy: chaos, params: chaosParams, source: sim(300) };
  const usual = await reportOf(base);
  for (const given of [{ latencyMs: 400 }, { fillModel: "touch" }] as const) {
    const other = await reportOf({ ...base, ...given });
    assert.notEqual(
      other.commandsDigest,
      usual.commandsDigest,
      JSON.stringify(given),
    );
  }
  const dearer = await reportOf({ ...base, fees: { maker: 3, taker: 6 } });
  assert.ok(units(dearer.ledger.fees) > units(usual.ledger.fees));
});

Deno.test("the kinder the fill model, the more a grid on candles is filled", async () => {
  const fills = [];
  for (const fillModel of ["touch", "through", "queue"] as const) {
    const source: Source = { kind: "candles", candles: swing(1_500) };
    const params = { ...gridParams, priceRange: 0.02, quantity: 1 };
    const { report, fills: rows } = await backtest(
      optionsOf({ fillModel, source, params }),
    );
    assert.equal(report.run.fillModel, fillModel);
    fills.push(rows.reduce((sum, { quantity }) => sum + quantity, 0));
  }
  const [touch = 0, through = 0, queue = 0] = fills;
  assert.ok(touch >= through && through >= queue && queue > 0, fills.join(" "));
});

Deno.test("the path through a bar is the one that was asked for", async () => {
  // With wicks that reach rungs on both sides, it matters which side is reached first.
  const candles = swing(300);
  candles.high.forEach((high, i) => candles.high[i] = high + 100);
  candles.low.forEach((low, i) => candles.low[i] = low - 150);
  const source: Source = { kind: "candles", candles };
  const params = { ...gridParams, priceRange: 0.04 };
  const nearer = await reportOf({ source, params });
  const adverse = await reportOf({ source, params, path: "adverse" });
  assert.notEqual(adverse.commandsDigest, nearer.commandsDigest);
});

Deno.test("the notes say how fills, paths and waiting were simulated", async () => {
  const notes = async (given: Partial<BacktestOptions>) =>
    (await reportOf({ source: sim(5), ...given })).notes.join("\n");
  const candles: Source = { kind: "candles", candles: swing(10) };
  assert.match(
    await notes({ fillModel: "touch" }),
    /touch.*Kinder than a market/,
  );
  assert.match(await notes({ fillModel: "through" }), /through/);
  assert.match(await notes({ fillModel: "queue" }), /queue/);
  assert.match(
    await notes({ latencyMs: 35 }),
    /Latency 35 ms each way.*100 ms more/,
  );
  assert.match(
    await notes({ source: candles }),
    /the extreme nearer to the open.*two ticks/,
  );
  assert.match(
    await notes({ source: candles, path: "adverse" }),
    /worse for the position/,
  );
  // Bars know no queue: there the model is through, capped by the volume of the bar.
  assert.match(
    await notes({ source: candles, fillModel: "queue" }),
    /volume of (the|a|its) bar|bar's volume/,
  );
  assert.doesNotMatch(await notes({}), /Bars/);
});

Deno.test("a perp on candles has no funding, and the report says so", async () => {
  const source: Source = { kind: "candles", candles: swing(200) };
  const { ledger, notes } = await reportOf({
    source,
    params: { ...gridParams, priceRange: 0.02 },
  });
  assert.equal(ledger.funding, "0");
  assert.match(notes.join("\n"), /funding/i);
});

Deno.test("fills and equity come with the report and agree with it", async () => {
  const { report, fills, equity } = await backtest(optionsOf({}));
  assert.equal(report.fills, fills.length);
  const [first, last] = [equity[0], equity.at(-1)];
  assert.equal(first?.time, START);
  assert.equal(last?.equity, units(report.ledger.equityEnd));
  assert.ok(equity.every(({ time }, i) => time >= (equity[i - 1]?.time ?? 0)));
  assert.equal(last?.position, fills.at(-1)?.positionAfter);
});

Deno.test("a backtest starts at the price and the moment of its data", async () => {
  const seen: string[] = [];
  const watcher = defineStrategy({
    ...{ api: 1, name: "watcher", summary: "Looks once.", params: {} },
    start(_, view) {
      seen.push(`${view.time - START} ${view.midTicks}`);
      return {};
    },
    plan: () => ({ orders: [] }),
  });
  const given = {
    strategy: watcher,
    params: {},
    balances: { USDC: "1", SOL: "2" },
    market: spotMarket(),
  };
  const capitals = [];
  // The first price of the ticks is that of an ask level; of the candles the open.
  const tape = emptyTape(3);
  tape.kind.set([ROW.reset, ROW.askLevel, ROW.bbo]);
  tape.time.fill(START);
  tape.askPrice.set([0, 12_002, 12_002]);
  tape.askQuantity.set([0, 5, 5]);
  tape.price[2] = 12_000;
  tape.quantity[2] = 5;
  const sources: readonly Source[] = [
    { kind: "candles", candles: swing(3) },
    { kind: "tape", tape },
    {
      kind: "sim",
      synth: { start: START, durationSec: 5, startPrice: 99, spreadTicks: 1 },
    },
  ];
  for (const source of sources) {
    const report = await reportOf({ ...given, source, position: lots(200) });
    capitals.push(report.ledger.equityStart);
  }
  assert.deepEqual(capitals, ["301", "241.04", "199"]);
  assert.deepEqual(seen.slice(0, 2), ["0 15000", "0 12001"]);
});

Deno.test("a recording without a price is refused", async () => {
  const tape = emptyTape(2);
  tape.kind.fill(ROW.reset);
  tape.time.fill(START);
  await assert.rejects(
    backtest(optionsOf({ source: { kind: "tape", tape } })),
    /holds no price/,
  );
});

Deno.test("what a strategy refuses at its start ends the backtest with its own words", async () => {
  const params = { ...gridParams, autoPrice: false };
  await assert.rejects(backtest(optionsOf({ params })), (error: unknown) => {
    assert.ok(
      error instanceof RangeError && /lower/.test(error.message),
      String(error),
    );
    return true;
  });
});

/** Quotes both sides of the touch all the time. */
const busy = defineStrategy({
  ...{ api: 1, name: "busy", summary: "Quotes the touch.", params: {} },
  cadence: () => ({ everyMs: 200 }),
  start: () => ({}),
  plan: (_, { bestBid, bestAsk }) => ({
    orders: [bid(bestBid, 20), ask(bestAsk, 20)],
  }),
});

/** A backtest of at least 1024 events that hands control back as often as it may. */
function breathing(given: Partial<BacktestOptions>): BacktestOptions {
  const breathe = { everyMs: 0, tell: () => {} };
  return optionsOf({
    strategy: busy,
    params: {},
    quickLane: "off",
    breathe,
    ...given,
  });
}

Deno.test("a backtest tells how far it is, ascending, and ends the same as one that does not", async () => {
  const told: number[] = [];
  const tell = ({ fraction, time }: { fraction: number; time: number }) => {
    assert.equal(fraction, (time - START) / (600 * SECOND));
    told.push(fraction);
  };
  const one = await backtest(breathing({ breathe: { everyMs: 0, tell } }));
  assert.ok(told.length > 2, `told ${told.length} times`);
  assert.ok(
    told.every((fraction, i) => fraction > (told[i - 1] ?? 0) && fraction <= 1),
    told.join(),
  );
  const { breathe: _, ...silent } = breathing({});
  assert.deepEqual(
    untimed((await backtest(silent)).report),
    untimed(one.report),
  );
});

Deno.test("a backtest that breathes lets others in meanwhile", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  await backtest(breathing({ source: sim(1_200) }));
  clearInterval(timer);
  assert.ok(turns > 0, "nobody was let in");
});

Deno.test("a stop ends a backtest early, and the report covers what was played to the last unit", async () => {
  const whole = await backtest(breathing({}));
  // Whatever the event at which it is stopped is: with these latencies fills and reports are on their way.
  for (const latencyMs of [0, 100, 1_000, 5_000]) {
    for (const seed of [1, 2, 3]) {
      const controller = new AbortController();
      const breathe = { everyMs: 0, tell: () => controller.abort() };
      const stop = controller.signal;
      const { report } = await backtest(
        breathing({ latencyMs, seed, breathe, stop }),
      );
      assert.ok(
        report.timing.events < whole.report.timing.events,
        "it was not stopped",
      );
      assert.ok(report.fills > 0, "nothing was played");
      assertAddsUp(report);
    }
  }
});

Deno.test("a stop that came before the start ends a backtest at once, whoever watches", async () => {
  const { breathe: _, ...silent } = breathing({ stop: AbortSignal.abort() });
  const { report } = await backtest(silent);
  assert.equal(report.fills, 0);
});
