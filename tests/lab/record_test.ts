// What is kept of a run: each fill once with what it did, equity at the right moments, and a digest
// in which every command counts. Events are told by hand; a price of 10000 is 100.00.

import assert from "node:assert/strict";
import fc from "fast-check";
import { emptyTape } from "../../lib/core/columns.ts";
import type { Command, Event } from "../../lib/core/event.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { defineStrategy, type PlannedOrder } from "../../lib/core/strategy.ts";
import { ticks } from "../../lib/core/units.ts";
import { type Rig, rig } from "../../lib/lab/rig.ts";
import { tapeFeed } from "../../lib/sim/tape_feed.ts";
import { aFill, after, ask, bid, level, perpMarket, place, START } from "../support/core.ts";

/** Wants a bid and an ask with tags; the first commands are orders 1 and 2. */
const quoter = defineStrategy({
  api: 1,
  name: "quoter",
  summary: "Quotes one order a side.",
  params: {},
  start: () => ({}),
  plan: () => ({
    orders: [bid(9_980, 10, { tag: "low" }), ask(10_020, 10, { tag: "high" })],
  }),
});

function aRig(span?: number): Rig {
  return rig({
    market: perpMarket(),
    strategy: quoter,
    params: {},
    limits: { ...defaultLimits, maxDrawdownPct: 100 },
    fees: { maker: 1, taker: 5 },
    balances: { USDC: "10000" },
    seed: 1,
    fillModel: "queue",
    latencyMs: 0,
    feed: tapeFeed(emptyTape(0)),
    price: ticks(10_000),
    time: START,
    ...(span === undefined ? {} : { span }),
  });
}

/** Tells a run its events; gives the record. */
function recordOf(events: readonly Event[], parts = aRig()) {
  for (const event of events) {
    parts.record.seen(event, parts.engine.handle(event));
  }
  return parts.record;
}

function book(ms: number, bestBid = 9_990, bestAsk = 10_010): Event {
  return {
    kind: "depth",
    time: after(ms),
    bids: [level(bestBid, 500)],
    asks: [level(bestAsk, 500)],
    snapshot: true,
  };
}

function foreign(given: Parameters<typeof aFill>[0]): Event {
  const { id: _, ...fill } = aFill(given);
  return { ...fill, kind: "foreignFill", origin: "LiquidatePositionOnBook" };
}

const bought = {
  id: 1,
  fillId: 1,
  price: 9_980,
  quantity: 4,
  time: after(1_000),
  feeCash: 3_992,
};
const sold = {
  ...bought,
  id: 2,
  fillId: 2,
  side: "ask",
  price: 10_020,
  time: after(2_000),
} as const;

Deno.test("a fill is kept with what it cost, what it did, and the tag of its order", () => {
  const { fills } = recordOf([book(0), aFill(bought), aFill(sold)]);
  assert.deepEqual(fills, [
    {
      ...{
        time: after(1_000),
        side: "bid",
        price: 9_980,
        quantity: 4,
        maker: true,
        fee: 3_992,
      },
      ...{ feeBase: 0, tag: "low", positionAfter: 4, realised: 0 },
    },
    {
      ...{
        time: after(2_000),
        side: "ask",
        price: 10_020,
        quantity: 4,
        maker: true,
        fee: 3_992,
      },
      // Forty ticks on four lots at 10000 units a tick and lot.
      ...{
        feeBase: 0,
        tag: "high",
        positionAfter: 0,
        realised: 40 * 4 * 10_000,
      },
    },
  ]);
});

Deno.test("the record measures quoting: what was sent and filled, sides and markouts", () => {
  const parts = aRig();
  const { quoting } = recordOf([book(0), aFill(bought)], parts);
  assert.equal(parts.record.nextLookAt, after(2_000));
  recordOf([book(2_000, 9_970, 9_980), book(6_100, 9_980, 9_982)], parts);
  const { fillRatioPct, makerVolume, markoutBps, quotedSec } = quoting.facts(after(6_100));
  assert.deepEqual([fillRatioPct, makerVolume], [100 * 4 / 24, "3.992"]);
  assert.deepEqual(quotedSec, { bid: 6.1, ask: 6.1 });
  assert.deepEqual(markoutBps.bid, {
    ...{ after1s: -5 / 9_980 * 10_000, after5s: 1 / 9_980 * 10_000, after30s: null },
  });
});

Deno.test("a fill told twice is kept once, and one of an order nobody knows has no tag", () => {
  const { fills } = recordOf([
    book(0),
    aFill(bought),
    aFill({ ...bought, time: after(1_500) }),
    aFill({ ...bought, id: 77, fillId: 9 }),
  ]);
  assert.deepEqual(
    fills.map(({ tag, positionAfter }) => [tag, positionAfter]),
    [
      ["low", 4],
      [undefined, 8],
    ],
  );
  assert.equal("tag" in (fills[1] ?? {}), false);
});

Deno.test("what each fill realised adds up to what the ledger says", () => {
  const trade = fc.record({
    side: fc.constantFrom("bid" as const, "ask" as const),
    price: fc.integer({ min: 9_000, max: 11_000 }),
    quantity: fc.integer({ min: 1, max: 30 }),
  });
  fc.assert(fc.property(fc.array(trade, { maxLength: 20 }), (trades) => {
    const parts = aRig();
    const fills = trades.map((one, i) => aFill({ ...one, fillId: i + 1, time: after(i) }));
    const record = recordOf([book(0), ...fills], parts);
    const sum = record.fills.reduce(
      (total, { realised }) => total + realised,
      0,
    );
    assert.equal(sum, parts.engine.facts.ledger.realised);
    assert.equal(record.fills.length, trades.length);
  }));
});

Deno.test("what a stranger's fill realised is not put down to the next own fill", () => {
  const { fills } = recordOf([
    book(0),
    aFill({ ...bought, quantity: 10 }),
    // Half of it is closed by force a hundred ticks below; a fill of our own was on its way.
    foreign({
      fillId: 50,
      side: "ask",
      price: 9_880,
      quantity: 5,
      maker: false,
      time: after(1_500),
    }),
    aFill({ ...sold, quantity: 5 }),
  ]);
  assert.deepEqual(fills.map(({ realised }) => realised), [0, 40 * 5 * 10_000]);
});

Deno.test("equity is sampled at the first event of each minute and after each fill", () => {
  // The start is 20 s into a minute.
  const { samples, firstMid, lastMid } = recordOf([
    book(0),
    book(10_000),
    aFill({ ...bought, time: after(20_000) }),
    book(39_999, 9_980, 10_000),
    book(40_000, 9_970, 9_990),
    book(41_000, 9_960, 9_980),
    book(170_000, 9_950, 9_970),
  ]);
  const fee = 3_992;
  const worth = (mid: number) => 1e12 - fee + (mid - 9_980) * 4 * 10_000;
  assert.deepEqual(samples, [
    { time: after(0), equity: 1e12, position: 0 },
    { time: after(20_000), equity: worth(10_000), position: 4 },
    { time: after(40_000), equity: worth(9_980), position: 4 },
    { time: after(170_000), equity: worth(9_960), position: 4 },
  ]);
  assert.deepEqual([firstMid, lastMid], [10_000, 9_960]);
});

Deno.test("nothing is sampled before there is a price", () => {
  const oneSided: Event = {
    ...{ kind: "depth", time: after(0), snapshot: true },
    ...{ bids: [level(9_990, 5)], asks: [] },
  };
  const record = recordOf([oneSided, { kind: "timer", time: after(90_000) }]);
  record.sample();
  assert.deepEqual([record.samples, record.firstMid, record.lastMid], [
    [],
    0,
    0,
  ]);
});

Deno.test("a sample can be asked for, as at the end of a run", () => {
  const record = recordOf([book(0), book(5_000, 9_980, 10_000)]);
  record.sample();
  assert.deepEqual(record.samples.map(({ time }) => time), [
    after(0),
    after(5_000),
  ]);
  assert.equal(record.lastMid, 9_990);
});

Deno.test("samples of a long run are few, of a short one a minute apart", () => {
  const minutes = (span: number | undefined) => {
    const events = Array.from({ length: 600 }, (_, i) => book(i * 60_000));
    return recordOf(events, aRig(span)).samples.length;
  };
  const hour = 3_600e6;
  assert.equal(minutes(10 * hour), 600);
  assert.equal(minutes(undefined), 600);
  const year = minutes(365 * 24 * hour);
  assert.ok(
    year >= 2 && year < 600 / 60,
    `${year} samples in ten hours of a year`,
  );
});

const order = {
  side: "bid",
  role: "maker",
  ...level(9_980, 10),
  reduceOnly: false,
  tag: "a",
} as const;

/** The digest of commands told at their times. */
function digestOf(
  told: readonly (readonly [number, readonly Command[]])[],
): string {
  const { record } = aRig();
  for (const [ms, commands] of told) {
    record.seen({ kind: "timer", time: after(ms) }, commands);
  }
  return record.commandsDigest();
}

Deno.test("every part of a command is in the digest", () => {
  const commands: readonly (readonly [number, Command])[] = [
    [0, place(1, order)],
    [1, place(1, order)],
    [0, place(2, order)],
    [0, place(1, { ...order, side: "ask" })],
    [0, place(1, { ...order, price: ticks(9_981) })],
    [0, place(1, { ...order, ...level(9_980, 11) })],
    [0, place(1, { ...order, role: "taker" })],
    [0, place(1, { ...order, reduceOnly: true })],
    [0, place(1, { ...order, tag: "b" })],
    [0, { kind: "cancel", id: 1 }],
    [0, { kind: "cancel", id: 2 }],
    [1, { kind: "cancel", id: 2 }],
  ];
  const digests = commands.map(([ms, command]) => digestOf([[ms, [command]]]));
  assert.equal(new Set([digestOf([]), ...digests]).size, commands.length + 1);
  for (const digest of digests) assert.match(digest, /^[0-9a-f]{64}$/);
  assert.equal(digestOf([[0, [place(1, order)]]]), digests[0]);
});

Deno.test("a digest is of the commands in their order, not of the calls they came by", () => {
  const [one, two] = [place(1, order), place(2, order)];
  const whole = digestOf([[0, [one, two]]]);
  assert.equal(digestOf([[0, [one]], [0, []], [0, [two]]]), whole);
  assert.notEqual(digestOf([[0, [two, one]]]), whole);
});

Deno.test("in a long run the first command counts like the last", () => {
  const many = (change: number | undefined): string => {
    const planned = (i: number): PlannedOrder => ({
      ...order,
      tag: i === change ? "x" : "a",
    });
    const commands = Array.from(
      { length: 5_000 },
      (_, i) => place(i + 1, planned(i)),
    );
    return digestOf(commands.map((command, i) => [i, [command]]));
  };
  const digests = [undefined, 0, 1_000, 2_500, 4_999].map(many);
  assert.equal(new Set(digests).size, digests.length);
});
