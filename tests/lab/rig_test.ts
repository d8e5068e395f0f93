// A wired run against the exchange it trades on: two sets of books, kept by different code, must
// agree to the last unit, and must be seen to disagree when a fee is off by one.

import assert from "node:assert/strict";
import type { Event } from "../../lib/core/event.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { defineStrategy } from "../../lib/core/strategy.ts";
import { cash, lots, micros, ticks } from "../../lib/core/units.ts";
import { emptyTape, ROW } from "../../lib/core/columns.ts";
import { type Rig, rig, type RigOptions } from "../../lib/lab/rig.ts";
import { type Handler, run } from "../../lib/run.ts";
import { SynthMarket } from "../../lib/sim/synth.ts";
import { TapeFeed, tapeFeed } from "../../lib/sim/tape_feed.ts";
import { chaos } from "../support/chaos.ts";
import { after, ask, bid, perpMarket, spotMarket, START } from "../support/core.ts";

const spot = spotMarket();
/** Funding every second, so that a short run pays it often. */
const perp = perpMarket({
  fundingIntervalMs: 1_000,
  fundingBoundBps: { min: -100, max: 100 },
});

/** Two orders a tick inside the spread of a market at 100.00, and what it must not have to know. */
const quoter = defineStrategy({
  api: 1,
  name: "quoter",
  summary: "Quotes one order a side.",
  params: {},
  start: () => ({}),
  plan: (_, { sellable }) => ({
    orders: [
      bid(9_995, 7, { tag: "low" }),
      ...(sellable > 0 ? [ask(10_005, Math.min(7, sellable), { tag: "high" })] : []),
    ],
  }),
});

function optionsOf(given: Partial<RigOptions>): RigOptions {
  return {
    market: spot,
    strategy: chaos,
    params: {
      ...defaultParams(chaos.params),
      takers: 0.8,
      reach: 3,
      most: 100,
    },
    limits: { ...defaultLimits, maxDrawdownPct: 100 },
    fees: { maker: 1, taker: 5 },
    balances: { USDC: "10000" },
    seed: 1,
    fillModel: "queue",
    latencyMs: 5,
    feed: tapeFeed(emptyTape(0)),
    price: ticks(15_000),
    time: START,
    ...given,
  };
}

/** A run over a minute and a half of a synthetic market that pays a basis point of funding a second. */
async function synthRun(given: Partial<RigOptions>): Promise<Rig> {
  const options = optionsOf(given);
  const { market, seed } = options;
  const synth = new SynthMarket(market, {
    ...{
      seed,
      start: START,
      durationSec: 90,
      tradesPerSecond: 4,
      fundingRate: 0.0001,
    },
  });
  const parts = rig({ ...options, feed: new TapeFeed(() => synth.chunk()) });
  await run(parts.engine, parts.venue, [parts.record]);
  return parts;
}

const runs: readonly (readonly [string, Partial<RigOptions>])[] = [
  ["spot", {}],
  ["spot with a rebate", { fees: { maker: -0.7, taker: 3.1 } }],
  ["spot with base that is not the run's", {
    balances: { USDC: "10000", SOL: "20.12345678" },
  }],
  ["spot with base taken over", {
    balances: { USDC: "500", SOL: "20" },
    position: lots(2_000),
  }],
  [
    "spot with base of which a part is taken over",
    { balances: { USDC: "10000", SOL: "20.5" }, position: lots(500) },
  ],
  ["spot with a capital of its own", { capital: cash(500e8) }],
  ["perp", { market: perp }],
  ["perp with a rebate", { market: perp, fees: { maker: -0.5, taker: 4 } }],
  ["perp with a capital of its own", { market: perp, capital: cash(500e8) }],
];

for (const [name, given] of runs) {
  Deno.test(`ledger and account agree to the last unit: ${name}`, async () => {
    for (const seed of [1, 2, 3]) {
      const parts = await synthRun({ ...given, seed });
      const { tally, ledger } = parts.engine.facts;
      assert.ok(tally.fills > 20, `only ${tally.fills} fills of seed ${seed}`);
      assert.notEqual(ledger.realised, 0);
      if (given.market === perp) assert.notEqual(ledger.funding, 0);
      else assert.notEqual(ledger.dust, 0);
      assert.equal(parts.identityError(), 0, `seed ${seed}`);
    }
  });
}

/** Changes the first event that fits, as a bug in a fee would. */
function planted(
  engine: Handler,
  change: (event: Event) => Event | undefined,
): Handler {
  let changed: Event | undefined;
  return {
    handle(event) {
      changed ??= change(event);
      const given = changed !== undefined && changed.time === event.time &&
          changed.kind === event.kind && "fillId" in changed &&
          "fillId" in event &&
          changed.fillId === event.fillId
        ? changed
        : event;
      return engine.handle(given);
    },
  };
}

/** A market at 100.00 in which a bid and then an ask of the quoter are filled. */
function twoFills(last: readonly number[] = []): TapeFeed {
  const rows = [
    [ROW.bbo, 0, 9_990, 500, 10_010, 500],
    [ROW.tradeAsk, 2_000, 9_994, 100, 0, 0],
    [ROW.bbo, 2_000, 9_990, 500, 10_010, 500],
    [ROW.tradeBid, 4_000, 10_006, 3, 0, 0],
    [ROW.bbo, 4_000, 9_990, 500, 10_010, 500],
    [ROW.bbo, 5_000, 9_991, 500, 10_010, 500],
    ...(last.length === 0 ? [] : [last]),
  ];
  const tape = emptyTape(rows.length);
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

/** A run of the quoter with a fee off by `units` at the first fill of a side. */
async function withFee(
  given: Partial<RigOptions>,
  side: "bid" | "ask",
  units: number,
): Promise<{ readonly parts: Rig; readonly error: number }> {
  const options = {
    strategy: quoter,
    params: {},
    price: ticks(10_000),
    feed: twoFills(),
  };
  const parts = rig(optionsOf({ ...options, ...given }));
  const engine = planted(
    parts.engine,
    (event) =>
      event.kind === "fill" && event.side === side
        ? { ...event, feeCash: cash(event.feeCash + units) }
        : undefined,
  );
  await run(engine, parts.venue, [parts.record]);
  assert.deepEqual(parts.record.fills.map((fill) => fill.side).slice(0, 2), [
    "bid",
    "ask",
  ]);
  return { parts, error: parts.identityError() };
}

Deno.test("a fee off by one unit is seen as exactly that unit", async () => {
  const rows = [[perp, "bid"], [perp, "ask"], [spot, "ask"]] as const;
  for (const [market, side] of rows) {
    for (const units of [0, 1, -1, 250]) {
      const { error } = await withFee({ market }, side, units);
      assert.equal(error, 0 - units, `${market.kind} ${side} ${units}`);
    }
  }
});

Deno.test("a fill that never comes is seen as what it is worth", async () => {
  const feed = twoFills();
  const parts = rig(
    optionsOf({
      strategy: quoter,
      params: {},
      price: ticks(10_000),
      feed,
      market: perp,
    }),
  );
  const deaf: Handler = {
    handle: (event) => event.kind === "fill" ? [] : parts.engine.handle(event),
  };
  await run(deaf, parts.venue, []);
  assert.notEqual(parts.identityError(), 0);
});

Deno.test("a fee off by one unit is seen also when one side of the book is empty at the end", async () => {
  const emptied = [ROW.bbo, 6_000, 9_991, 500, 0, 0];
  const { parts, error } = await withFee(
    { market: perp, feed: twoFills(emptied) },
    "ask",
    1,
  );
  assert.equal(parts.engine.facts.touch, undefined);
  assert.equal(error, -1);
});

Deno.test("capital is what the run brings: its money and what it takes over, at the first price", () => {
  const rows: readonly (readonly [Partial<RigOptions>, number])[] = [
    [{ balances: { USDC: "123.45678901" } }, 12_345_678_901],
    [{ balances: { USDC: "100", SOL: "3" } }, 100e8],
    [{ balances: { USDC: "100", SOL: "3" }, position: lots(200) }, 400e8],
    [{ balances: { SOL: "3" }, position: lots(300) }, 450e8],
    [{ balances: { USDC: "100" }, capital: cash(7e8) }, 7e8],
    [{ market: perp, balances: { USDC: "100" } }, 100e8],
  ];
  for (const [given, expected] of rows) {
    const parts = rig(optionsOf(given));
    assert.equal(parts.capital, expected);
    assert.equal(parts.engine.facts.ledger.capital, expected);
  }
});

Deno.test("a run without capital and balances that are no money are refused by name", () => {
  const rows: readonly (readonly [Partial<RigOptions>, RegExp])[] = [
    [{ balances: {} }, /^capital must be above zero: current value is 0$/],
    [
      { balances: { USDC: "0" } },
      /^capital must be above zero: current value is 0$/,
    ],
    [
      { balances: { SOL: "5" } },
      /^capital must be above zero: current value is 0$/,
    ],
    [
      { capital: cash(-1) },
      /^capital must be above zero: current value is -0.00000001$/,
    ],
    [
      { balances: { USDC: "-1" } },
      /^balance of USDC must be .*: current value is -1$/,
    ],
    [
      { balances: { USDC: "1", SOL: "x" } },
      /^balance of SOL must be .*: current value is x$/,
    ],
    [
      { balances: { USDC: "0.123456789" } },
      /^balance of USDC must be .*: current value is 0.1234/,
    ],
    [
      { balances: { USDC: "45035997" } },
      /USDC.*: current value is 45035997$|capital/,
    ],
  ];
  for (const [given, message] of rows) {
    assert.throws(() => rig(optionsOf(given)), (error: unknown) => {
      assert.ok(error instanceof RangeError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("a perp position cannot be taken over: nobody could say what it cost", () => {
  const given = { market: perp, position: lots(100) };
  assert.throws(() => rig(optionsOf(given)), /position/);
});

Deno.test("inventory that is taken over can be sold", async () => {
  const parts = rig(optionsOf({
    ...{ strategy: quoter, params: {}, price: ticks(10_000), feed: twoFills() },
    position: lots(700),
  }));
  await run(parts.engine, parts.venue, [parts.record]);
  const { tally } = parts.engine.facts;
  assert.equal(
    tally.rejected,
    0,
    "the exchange refused to sell what the run says it holds",
  );
});

Deno.test("the operator's limits and the strategy's hold together, the stricter one each", () => {
  const asking = {
    ...quoter,
    limits: () => ({ maxOrderUsd: 5, maxOpenOrders: 500 }),
  };
  const parts = rig(optionsOf({
    strategy: asking,
    params: {},
    limits: { ...defaultLimits, maxOrderUsd: 1_000, maxOpenOrders: 50 },
    price: ticks(10_000),
    feed: twoFills(),
  }));
  const rules: string[] = [];
  for (
    let event = parts.venue.next();
    event !== undefined;
    event = parts.venue.next()
  ) {
    parts.venue.send(parts.engine.handle(event));
    rules.push(
      ...(parts.engine.approved?.refused ?? []).map(({ rule, limit }) => `${rule} ${limit}`),
    );
  }
  assert.match(rules[0] ?? "", /^maxOrderUsd .*5/);
});

Deno.test("strangers' trades are shown to a strategy that watches them, and only to it", async () => {
  const heard = async (observes: readonly ("fill" | "trade")[]) => {
    const parts = rig(optionsOf({
      strategy: { ...quoter, observes },
      params: {},
      price: ticks(10_000),
      feed: twoFills(),
    }));
    const quantities: number[] = [];
    await run(parts.engine, parts.venue, [{
      seen: (event) => event.kind === "trade" && quantities.push(event.quantity),
    }]);
    return quantities;
  };
  // Of a hundred that met our seven, ninety-three met others.
  assert.deepEqual(await heard(["fill", "trade"]), [7, 93, 3]);
  assert.deepEqual(await heard(["fill"]), [7, 3]);
});

Deno.test("a run ends with nothing on its way", async () => {
  const parts = await synthRun({ latencyMs: 3_000, market: perp });
  assert.equal(parts.venue.reportsOnTheWay, 0);
  assert.equal(parts.identityError(), 0);
  assert.ok(parts.venue.now > micros(START + 89e6));
});
