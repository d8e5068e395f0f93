// The simulated venue as a run meets it: what arrives when, in which order, and what the exchange
// says to it. Times are ms after the start; the market stands at 9990 and 10010 unless moved.

import assert from "node:assert/strict";
import { emptyTape, ROW, type Tape } from "../../lib/core/columns.ts";
import type { Command, Event } from "../../lib/core/event.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import type { Market } from "../../lib/core/market.ts";
import { defineStrategy, type PlannedOrder } from "../../lib/core/strategy.ts";
import { cash, ticks } from "../../lib/core/units.ts";
import { type Rig, rig } from "../../lib/lab/rig.ts";
import { SPEED_BUMP_MS } from "../../lib/sim/venue.ts";
import { tapeFeed } from "../../lib/sim/tape_feed.ts";
import { after, ask, bid, perpMarket, place, spotMarket, START } from "../support/core.ts";

/** A row as columns: kind, then ms after the start, price, quantity, ask price, ask quantity. */
type Row = readonly [
  keyof typeof ROW,
  number,
  number?,
  number?,
  number?,
  number?,
];

/** What is sent, and when: with the first event at or after that moment. */
type Sent = readonly [
  number,
  ...(PlannedOrder | { readonly cancel: number })[],
];

interface Given {
  readonly rows?: readonly Row[];
  readonly sends?: readonly Sent[];
  readonly market?: Market;
  readonly latencyMs?: number;
  readonly everyMs?: number;
  readonly makerBps?: number;
  readonly balances?: { readonly [asset: string]: string };
}

const HOUR = 3_600_000;
const book: Row = ["bbo", 0, 9_990, 50, 10_010, 60];

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

function idle(everyMs: number) {
  return defineStrategy({
    api: 1,
    name: "idle",
    summary: "Wants nothing.",
    params: {},
    observes: ["fill", "trade", "book", "mark"],
    cadence: () => ({ everyMs }),
    start: () => ({}),
    plan: () => ({ orders: [] }),
  });
}

function hear(given: Given): { lines: string[]; events: Event[]; parts: Rig } {
  const { market = perpMarket(), rows = [], sends = [], makerBps = 0 } = given;
  // A row that moves nothing keeps the tape running for a second.
  const last: Row = [
    "mark",
    Math.max(1_000, ...rows.map((row) => row[1])),
    10_000,
    0,
    10_000,
  ];
  const quiet = rows.some(([kind]) => kind === "mark") ? [] : [last];
  const parts = rig({
    market,
    strategy: idle(given.everyMs ?? HOUR * 24),
    params: {},
    limits: defaultLimits,
    fees: { maker: makerBps, taker: 5 },
    balances: given.balances ?? { USDC: "1000000", SOL: "100" },
    capital: cash(1e14),
    seed: 1,
    fillModel: "queue",
    latencyMs: given.latencyMs ?? 0,
    feed: tapeFeed(tapeOf([book, ...rows, ...quiet])),
    price: ticks(10_000),
    time: START,
  });
  const { venue } = parts;
  const events: Event[] = [];
  const lines: string[] = [];
  let id = 0;
  const commandOf = (one: Sent[1] & object): Command =>
    "cancel" in one ? { kind: "cancel", id: one.cancel } : place(++id, one);
  const waiting = [...sends];
  const sendDue = (ms: number) => {
    while (waiting[0] !== undefined && waiting[0][0] <= ms) {
      const [, ...wishes] = waiting.shift() ?? [0];
      venue.send(wishes.map(commandOf));
    }
  };
  for (let event = venue.next(); event !== undefined; event = venue.next()) {
    events.push(event);
    const line = lineOf(event);
    if (line !== undefined) lines.push(line);
    sendDue(msOf(event));
  }
  return { lines, events, parts };
}

function msOf({ time }: Event): number {
  return (time - START) / 1_000;
}

function lineOf(event: Event): string | undefined {
  const at = msOf(event);
  switch (event.kind) {
    case "depth":
    case "trade":
    case "mark":
      return undefined;
    case "fill":
      return `${at} fill ${event.id} ${event.quantity}@${event.price}`;
    case "foreignFill":
      return `${at} foreignFill ${event.side} ${event.quantity}@${event.price} ${event.origin}`;
    case "rejected":
    case "expired":
    case "cancelRefused":
      return `${at} ${event.kind} ${event.id} ${event.reason}`;
    case "funding":
      return `${at} funding ${event.payment} at ${event.rate}`;
    case "accepted":
    case "cancelled":
      return `${at} ${event.kind} ${event.id}`;
    default:
      return `${at} ${event.kind}`;
  }
}

const taker = { role: "taker" } as const;

Deno.test("a command takes the latency to the exchange, and its answer takes it back", () => {
  const rows = [
    [0, ["0 accepted 1"]],
    [1, ["2 accepted 1"]],
    [60, ["120 accepted 1"]],
  ] as const;
  for (const [latencyMs, expected] of rows) {
    assert.deepEqual(
      hear({ latencyMs, sends: [[0, bid(9_985, 5)]] }).lines,
      expected,
    );
  }
});

Deno.test("a fill is told the latency after it happened", () => {
  const { lines, events } = hear({
    latencyMs: 60,
    sends: [[0, bid(9_995, 5)]],
    rows: [["tradeAsk", 200, 9_995, 3]],
  });
  assert.deepEqual(lines, ["120 accepted 1", "260 fill 1 3@9995"]);
  // Others saw the trade when it happened.
  assert.ok(
    events.some((event) => event.kind === "trade" && msOf(event) === 200),
  );
});

Deno.test("an order that has not arrived is not there: the market passes it", () => {
  const trade: Row = ["tradeAsk", 59, 9_995, 3];
  const sends: Sent[] = [[0, bid(9_995, 5)]];
  assert.deepEqual(hear({ latencyMs: 60, sends, rows: [trade] }).lines, [
    "120 accepted 1",
  ]);
});

Deno.test("orders that may take wait 100 ms more, post-only orders and cancels do not", () => {
  assert.equal(SPEED_BUMP_MS, 100);
  const taking = hear({ latencyMs: 20, sends: [[0, bid(10_010, 5, taker)]] });
  assert.deepEqual(taking.lines, ["140 accepted 1", "140 fill 1 5@10010"]);
  const mixed = hear({
    latencyMs: 20,
    sends: [[0, bid(10_010, 5, taker), bid(9_985, 5)], [40, { cancel: 2 }]],
  });
  assert.deepEqual(mixed.lines, [
    ...[
      "40 accepted 2",
      "80 cancelled 2",
      "140 accepted 1",
      "140 fill 1 5@10010",
    ],
  ]);
});

Deno.test("what a taker finds is what stands there after the bump", () => {
  const { lines } = hear({
    sends: [[0, bid(10_010, 5, taker)]],
    rows: [["bbo", 99, 9_990, 50, 10_011, 60]],
  });
  assert.deepEqual(lines, [
    "100 accepted 1",
    "100 expired 1 ImmediateOrCancel",
  ]);
});

Deno.test("at one moment the market moves first, then commands arrive", () => {
  // The cancel reaches the exchange at the moment of the trade: too late.
  const late = hear({
    latencyMs: 10,
    sends: [[0, bid(9_995, 5)], [20, { cancel: 1 }]],
    rows: [["tradeAsk", 30, 9_995, 5]],
  });
  assert.deepEqual(late.lines, [
    ...[
      "20 accepted 1",
      "40 fill 1 5@9995",
      "40 cancelRefused 1 RESOURCE_NOT_FOUND",
    ],
  ]);
  // The order reaches it at the moment of the trade: not yet there.
  const early = hear({
    latencyMs: 10,
    sends: [[0, bid(9_995, 5)]],
    rows: [["tradeAsk", 10, 9_995, 5]],
  });
  assert.deepEqual(early.lines, ["20 accepted 1"]);
  // The order arrives with a quote that it would now take.
  const crossing = hear({
    latencyMs: 10,
    sends: [[0, bid(9_995, 5)]],
    rows: [["bbo", 10, 9_980, 50, 9_995, 60]],
  });
  assert.deepEqual(crossing.lines, ["20 rejected 1 PostOnlyTaker"]);
});

Deno.test("commands of one moment arrive in the order they were sent", () => {
  const { lines } = hear({
    sends: [[0, bid(9_985, 5), { cancel: 1 }, bid(9_984, 6)]],
  });
  assert.deepEqual(lines, ["0 accepted 1", "0 cancelled 1", "0 accepted 2"]);
});

Deno.test("a cancel of what does not rest is refused", () => {
  const rows: readonly (readonly [
    string,
    readonly Sent[],
    readonly Row[],
    readonly string[],
  ])[] = [
    ["never sent", [[0, { cancel: 9 }]], [], [
      "20 cancelRefused 9 RESOURCE_NOT_FOUND",
    ]],
    [
      "refused",
      [[0, bid(10_010, 5)], [50, { cancel: 1 }]],
      [["mark", 1_000, 10_000], ["mark", 55, 10_000]],
      [
        "20 rejected 1 PostOnlyTaker",
        "75 cancelRefused 1 RESOURCE_NOT_FOUND",
      ],
    ],
    [
      "cancelled before",
      [[0, bid(9_985, 5)], [20, { cancel: 1 }, { cancel: 1 }]],
      [],
      [
        "20 accepted 1",
        "40 cancelled 1",
        "40 cancelRefused 1 RESOURCE_NOT_FOUND",
      ],
    ],
    [
      "behind the bump",
      [[0, bid(10_010, 5, taker), { cancel: 1 }]],
      [],
      [
        "20 cancelRefused 1 RESOURCE_NOT_FOUND",
        "120 accepted 1",
        "120 fill 1 5@10010",
      ],
    ],
  ];
  for (const [name, sends, given, expected] of rows) {
    const sorted = [...given].sort((a, b) => a[1] - b[1]);
    assert.deepEqual(
      hear({ latencyMs: 10, sends, rows: sorted }).lines,
      expected,
      name,
    );
  }
});

Deno.test("what the exchange refuses is told with its reason", () => {
  const rows = [
    [bid(10_010, 5), spotMarket(), "PostOnlyTaker"],
    [bid(9_985, 5, { reduceOnly: true }), perpMarket(), "ReduceOnlyNotReduced"],
    [bid(9_985, 50_000_000), spotMarket(), "InsufficientFunds"],
    [ask(10_020, 10_001), spotMarket(), "InsufficientFunds"],
    [bid(9_985, 4), spotMarket({ minQuantity: "0.05" }), "InvalidQuantity"],
  ] as const;
  for (const [order, market, reason] of rows) {
    assert.deepEqual(hear({ market, sends: [[0, order]] }).lines, [
      `0 rejected 1 ${reason}`,
    ]);
  }
});

Deno.test("an own taker ends the own makers in its way, an own maker never ends another", () => {
  const { lines } = hear({
    sends: [[0, ask(10_005, 5), bid(10_010, 20, taker)], [200, bid(10_005, 1)]],
  });
  assert.deepEqual(lines, [
    ...["0 accepted 1", "100 accepted 2", "100 expired 1 SelfTradePrevention"],
    "100 fill 2 20@10010",
    "1000 accepted 3",
  ]);
});

Deno.test("timers come at whole periods while the feed ticks and end with it", () => {
  const { lines } = hear({
    everyMs: 400,
    rows: [["tradeAsk", 1_500, 9_980, 1]],
  });
  const timers = lines.filter((line) => line.endsWith("timer"));
  // The start is at 22:13:20.000, on a multiple of 400 ms.
  assert.deepEqual(timers, ["400 timer", "800 timer", "1200 timer"]);
});

Deno.test("a report that is still on its way when the feed ends is told all the same", () => {
  const { lines, parts } = hear({
    latencyMs: 300,
    sends: [[0, bid(9_995, 5)]],
    rows: [["tradeAsk", 950, 9_995, 5]],
  });
  assert.deepEqual(lines, ["600 accepted 1", "1250 fill 1 5@9995"]);
  assert.deepEqual([parts.venue.reportsOnTheWay, parts.venue.now], [
    0,
    after(1_250),
  ]);
});

Deno.test("a command sent with the last row still reaches the exchange", () => {
  const { lines } = hear({
    latencyMs: 900,
    sends: [[0, bid(9_985, 5)], [1_000, { cancel: 1 }]],
  });
  assert.deepEqual(lines, ["1800 accepted 1", "2800 cancelled 1"]);
});

Deno.test("depth tells what changed, own orders included, and each level once", () => {
  const { events } = hear({
    sends: [[0, bid(9_990, 5)]],
    rows: [
      ["tradeAsk", 10, 9_990, 52],
      ["bidLevel", 10, 9_980, 7],
      ["bidLevel", 10, 9_980, 8],
    ],
  });
  const depths = events.flatMap((event) =>
    event.kind === "depth" && event.bids.length + event.asks.length > 0
      ? [
        `${msOf(event)} ${event.bids.map(({ price, quantity }) => `${quantity}@${price}`)}`,
      ]
      : []
  );
  assert.deepEqual(depths, ["0 50@9990", "0 55@9990", "10 3@9990,8@9980"]);
  assert.ok(events.every((event) => event.kind !== "depth" || !event.snapshot));
});

Deno.test("a forced closing is told as somebody else's fill, with its fee", () => {
  const market = perpMarket({
    initialMargin: { base: 0.02, factor: 0 },
    maintenanceMargin: { base: 0.0135, factor: 0 },
  });
  const { events, parts } = hear({
    market,
    latencyMs: 10,
    balances: { USDC: "10" },
    // A second order of the run's own ends with the position.
    sends: [[0, bid(10_010, 60, taker)], [200, bid(8_000, 10)]],
    rows: [["mark", 500, 10_000], ["bbo", 600, 8_400, 500, 8_410, 500], [
      "mark",
      600,
      8_400,
    ]],
  });
  const forced = events.flatMap((event) => event.kind === "foreignFill" ? [event] : []);
  for (
    const { price, quantity, side, feeCash, maker, time, origin } of forced
  ) {
    const seen = [side, price, maker, time, origin];
    assert.deepEqual(seen, [
      "ask",
      8_400,
      false,
      after(610),
      "LiquidatePositionOnBook",
    ]);
    // A hundredth of the notional: price × quantity × 0.0001 USDC, in 1e-8.
    assert.equal(feeCash, price * quantity * 10_000 / 100);
  }
  const closed = forced.reduce((sum, { quantity }) => sum + quantity, 0);
  assert.ok(closed > 0, "nothing was closed");
  assert.equal(
    parts.exchange.position(parts.account, market.symbol),
    60 - closed,
  );
  const ended = events.flatMap((event) => event.kind === "expired" ? [event] : []);
  assert.deepEqual(ended.map(({ id, reason }) => [id, reason]), [[
    2,
    "Liquidation",
  ]]);
});

/** From the start, 22:13:20, to 23:00:00. */
const FUNDING = 46 * 60_000 + 40_000;

Deno.test("funding is paid at each whole hour, at the mark, at the rate the data last said", () => {
  const market = perpMarket({
    fundingIntervalMs: HOUR,
    fundingBoundBps: { min: -100, max: 100 },
  });
  const long: Sent = [0, bid(10_010, 50, taker)];
  const short: Sent = [0, ask(9_990, 50, taker)];
  /** The rate × 1e10, the mark, and the payment in 1e-8 on 0.5 SOL. */
  const rows = [
    [long, 1_000_000, 12_000, -60 * 1e8 / 1e4],
    [short, 1_000_000, 12_000, 60 * 1e8 / 1e4],
    [long, -1_000_000, 12_000, 60 * 1e8 / 1e4],
    // Bounded: a hundredth is the most an hour may cost.
    [long, 2_000_000_000, 10_000, -50 * 1e8 / 100],
  ] as const;
  for (const [sent, rate, mark, payment] of rows) {
    const { lines } = hear({
      market,
      latencyMs: 10,
      sends: [sent],
      rows: [
        ["mark", 200, 10_000, 77],
        ["mark", FUNDING, mark, rate, mark],
        ["mark", FUNDING + 1, 9_000, 5],
        ["mark", FUNDING + HOUR - 1, 9_000, 0],
        ["mark", FUNDING + HOUR + 1, 9_000, 0],
      ],
    });
    const applied = Math.min(0.01, rate / 1e10);
    assert.deepEqual(lines.filter((line) => line.includes("funding")), [
      // The market moves first: the mark and the rate of that very moment count.
      `${FUNDING + 10} funding ${payment} at ${applied}`,
      `${FUNDING + HOUR + 10} funding 0 at 0`,
    ]);
  }
});

Deno.test("without a rate in the data, without a position, and on spot there is no funding", () => {
  const perp = perpMarket({
    fundingIntervalMs: HOUR,
    fundingBoundBps: { min: -100, max: 100 },
  });
  const long: Sent = [0, bid(10_010, 50, taker)];
  const rows: readonly (readonly [Market, readonly Sent[], readonly Row[]])[] = [
    [perp, [long], [["tradeAsk", FUNDING + 5, 9_990, 1], [
      "mark",
      FUNDING + 6,
      10_000,
      9_999,
    ]]],
    [perp, [], [["mark", 5, 10_000, 9_999], [
      "mark",
      FUNDING + 6,
      10_000,
      9_999,
    ]]],
    [spotMarket(), [long], [["mark", 5, 10_000, 9_999], [
      "mark",
      FUNDING + 6,
      10_000,
      9_999,
    ]]],
  ];
  for (const [market, sends, given] of rows) {
    const { lines } = hear({ market, sends, rows: given });
    assert.equal(lines.some((line) => line.includes("funding")), false);
  }
});
