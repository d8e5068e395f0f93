// Recorded ticks, played into a whole exchange: what each kind of row becomes, and that rows of one
// moment are one step however the recording is cut.

import assert from "node:assert/strict";
import fc from "fast-check";
import { emptyTape, ROW, sliceTape, type Tape } from "../../lib/core/columns.ts";
import type { Event } from "../../lib/core/event.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { defineStrategy, type PlannedOrder } from "../../lib/core/strategy.ts";
import { NEVER, ticks } from "../../lib/core/units.ts";
import { type Rig, rig } from "../../lib/lab/rig.ts";
import type { Feed } from "../../lib/sim/feed.ts";
import { SynthMarket } from "../../lib/sim/synth.ts";
import { TapeFeed, tapeFeed } from "../../lib/sim/tape_feed.ts";
import { after, ask, bid, perpMarket, place, START } from "../support/core.ts";

/** A row as columns: kind, then ms after the start, price, quantity, ask price, ask quantity. */
type Row = readonly [
  keyof typeof ROW,
  number,
  number?,
  number?,
  number?,
  number?,
];

function tapeOf(rows: readonly Row[]): Tape {
  const tape = emptyTape(rows.length);
  rows.forEach(
    ([kind, ms, price = 0, quantity = 0, askPrice = 0, askQuantity = 0], i) => {
      tape.kind[i] = ROW[kind];
      tape.time[i] = after(ms);
      tape.price[i] = price;
      tape.quantity[i] = quantity;
      tape.askPrice[i] = askPrice;
      tape.askQuantity[i] = askQuantity;
    },
  );
  return tape;
}

/** Wants nothing and is told every trade. */
const idle = defineStrategy({
  api: 1,
  name: "idle",
  summary: "Wants nothing.",
  params: {},
  observes: ["fill", "trade", "book", "mark"],
  cadence: () => ({ everyMs: 3_600_000 }),
  start: () => ({}),
  plan: () => ({ orders: [] }),
});

/** Plays a feed to its end with some orders sent at the start. */
function hear(feed: Feed, orders: readonly PlannedOrder[] = []) {
  const parts: Rig = rig({
    market: perpMarket(),
    strategy: idle,
    params: {},
    limits: defaultLimits,
    fees: { maker: 0, taker: 0 },
    balances: { USDC: "1000000" },
    seed: 1,
    fillModel: "queue",
    latencyMs: 0,
    feed,
    price: ticks(10_000),
    time: START,
  });
  parts.venue.send(orders.map((order, i) => place(i + 1, order)));
  const events: Event[] = [];
  for (
    let event = parts.venue.next();
    event !== undefined;
    event = parts.venue.next()
  ) {
    events.push(event);
  }
  return {
    events,
    lines: events.map(lineOf).filter((line) => line !== ""),
    parts,
  };
}

function lineOf(event: Event): string {
  const at = `${(event.time - START) / 1000}`;
  switch (event.kind) {
    case "depth": {
      const side = (levels: typeof event.bids) =>
        levels.map(({ price, quantity }) => `${quantity}@${price}`).join(" ");
      // A step that changes nothing may be told as an empty one.
      if (event.bids.length + event.asks.length === 0) return "";
      return `${at} depth ${side(event.bids)} | ${side(event.asks)}`;
    }
    case "trade":
      return `${at} trade ${event.aggressor} ${event.quantity}@${event.price}`;
    case "mark":
      return `${at} mark ${event.price} ${event.indexPrice} ${event.fundingRate}`;
    case "fill":
      return `${at} fill ${event.id} ${event.quantity}@${event.price}`;
    case "accepted":
      return `${at} accepted ${event.id}`;
    default:
      return `${at} ${event.kind}`;
  }
}

const book: Row = ["bbo", 0, 9_990, 50, 10_010, 60];

Deno.test("each kind of row is what the run hears", () => {
  const rows: readonly (readonly [readonly Row[], readonly string[]])[] = [
    [[["bbo", 5, 9_991, 7, 10_009, 8]], ["5 depth 7@9991 | 8@10009"]],
    [[["bidLevel", 5, 9_980, 3]], ["5 depth 3@9980 | "]],
    [[["askLevel", 5, 0, 0, 10_030, 4]], ["5 depth  | 4@10030"]],
    [[["bidLevel", 5, 9_990, 0]], ["5 depth 0@9990 | "]],
    [[["askLevel", 5, 0, 0, 10_010, 0]], ["5 depth  | 0@10010"]],
    [[["bbo", 5, 9_990, 50, 0, 0]], ["5 depth  | 0@10010"]],
    [[["tradeBid", 5, 10_010, 9]], [
      "5 trade bid 9@10010",
      "5 depth  | 51@10010",
    ]],
    [[["tradeAsk", 5, 9_990, 9]], ["5 trade ask 9@9990", "5 depth 41@9990 | "]],
    [[["reset", 5]], ["5 depth 0@9990 | 0@10010"]],
    [[["mark", 5, 10_001, 125_000, 10_002]], ["5 mark 10001 10002 0.0000125"]],
    [[["mark", 5, 10_001, -1_000_000]], ["5 mark 10001 undefined -0.0001"]],
  ];
  for (const [more, expected] of rows) {
    const { lines } = hear(tapeFeed(tapeOf([book, ...more])));
    assert.deepEqual(
      lines,
      ["0 depth 50@9990 | 60@10010", ...expected],
      String(more),
    );
  }
});

Deno.test("a mark row without an index price leaves the index unknown, not zero", () => {
  const { events } = hear(tapeFeed(tapeOf([["mark", 0, 10_001, 0, 0]])));
  assert.equal(events.some((event) => "indexPrice" in event), false);
});

Deno.test("rows of one moment are one step: the trades, then all that changed in the book, once", () => {
  const { lines } = hear(tapeFeed(tapeOf([
    book,
    ["tradeAsk", 5, 9_990, 20],
    ["tradeAsk", 5, 9_990, 10],
    ["bbo", 5, 9_990, 25, 10_010, 60],
    ["bidLevel", 5, 9_980, 40],
    ["bidLevel", 5, 9_980, 0],
    ["bidLevel", 6, 9_990, 26],
  ])));
  assert.deepEqual(lines, [
    "0 depth 50@9990 | 60@10010",
    "5 trade ask 20@9990",
    "5 trade ask 10@9990",
    "5 depth 25@9990 0@9980 | ",
    "6 depth 26@9990 | ",
  ]);
});

Deno.test("of one moment the trade comes first: it fills what the book row alone would not have", () => {
  // Fifty stand before ours; a trade of fifty-three passes, and the book that follows is what it left.
  const trade: Row = ["tradeAsk", 5, 9_990, 53];
  const left: Row = ["bbo", 5, 9_980, 10, 10_010, 60];
  const fills = (rows: readonly Row[]) =>
    hear(tapeFeed(tapeOf([book, ...rows])), [bid(9_990, 10)]).lines.filter((
      line,
    ) => line.includes("fill"));
  assert.deepEqual(fills([trade, left]), ["5 fill 1 3@9990"]);
  assert.deepEqual(fills([left]), []);
  // The other order of the same rows would put ours at the front and fill it whole.
  assert.deepEqual(fills([left, trade]), ["5 fill 1 10@9990"]);
});

Deno.test("a reset forgets the crowd and keeps own orders", () => {
  const { lines } = hear(
    tapeFeed(
      tapeOf([book, ["reset", 5], ["bidLevel", 5, 9_985, 5], [
        "askLevel",
        5,
        0,
        0,
        10_005,
        6,
      ]]),
    ),
    [bid(9_990, 10), ask(10_020, 4)],
  );
  assert.deepEqual(lines, [
    ...["0 depth 50@9990 | 60@10010", "0 depth 60@9990 | ", "0 accepted 1"],
    ...["0 depth  | 4@10020", "0 accepted 2"],
    "5 depth 10@9990 5@9985 | 0@10010 6@10005",
  ]);
});

Deno.test("the end of the tapes is the end, and empty tapes are passed over", () => {
  const tapes = [
    emptyTape(0),
    tapeOf([book]),
    emptyTape(0),
    emptyTape(0),
    tapeOf([["reset", 9]]),
  ];
  const feed = new TapeFeed(() => tapes.shift());
  assert.equal(feed.nextAt, START);
  const { lines } = hear(feed);
  assert.deepEqual(lines, [
    "0 depth 50@9990 | 60@10010",
    "9 depth 0@9990 | 0@10010",
  ]);
  assert.equal(feed.nextAt, NEVER);
  for (
    const nothing of [
      tapeFeed(emptyTape(0)),
      new TapeFeed(() => undefined),
    ]
  ) {
    assert.equal(nothing.nextAt, NEVER);
    assert.deepEqual(hear(nothing).events, []);
  }
});

Deno.test("however a recording is cut into tapes, the run hears the same", () => {
  const synth = new SynthMarket(perpMarket(), {
    seed: 3,
    start: START,
    durationSec: 20,
  });
  const chunks: Tape[] = [];
  for (let tape = synth.chunk(); tape !== undefined; tape = synth.chunk()) {
    chunks.push(tape);
  }
  const length = chunks.reduce((sum, tape) => sum + tape.length, 0);
  const whole = emptyTape(length);
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
  const orders = [bid(14_995, 30), ask(15_005, 30), bid(14_980, 200)];
  const { events } = hear(tapeFeed(whole), orders);
  assert.ok(events.length > 50, `only ${events.length} events`);
  const cuts = fc.array(fc.integer({ min: 0, max: length }), { maxLength: 30 });
  fc.assert(
    fc.property(cuts, (at) => {
      const edges = [0, ...at.sort((a, b) => a - b), length];
      const parts = edges.slice(1).map((to, i) => sliceTape(whole, edges[i] ?? 0, to));
      assert.deepEqual(
        hear(new TapeFeed(() => parts.shift()), orders).events,
        events,
      );
    }),
    { numRuns: 30 },
  );
});
