// Bars made by hand, played into a whole exchange, and what the run hears of it: the walk through a
// bar, what it fills under each model, and what it must never fill. A price of 10000 is 100.00; a bar
// lasts 60 s, so its points are at 0, 20, 40 and 60 s.

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Candles } from "../../lib/core/columns.ts";
import type { Command, Event } from "../../lib/core/event.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import type { Market } from "../../lib/core/market.ts";
import { defineStrategy, type PlannedOrder } from "../../lib/core/strategy.ts";
import { cash, lots, NEVER, SECOND, ticks } from "../../lib/core/units.ts";
import type { FillModel } from "../../lib/exchange/crowd.ts";
import { type Rig, rig } from "../../lib/lab/rig.ts";
import { type BarPath, CandleFeed } from "../../lib/sim/candle_feed.ts";
import { ask, bid, ordersOf, perpMarket, place, spotMarket, START } from "../support/core.ts";

/** Open, high, low, close, volume. */
type Bar = readonly [number, number, number, number, number];

const flat: Bar = [10_000, 10_000, 10_000, 10_000, 1_000];
const models = ["touch", "through", "queue"] as const;

function candlesOf(bars: readonly Bar[], barSec = 60): Candles {
  const column = (i: 0 | 1 | 2 | 3) => Int32Array.from(bars, (bar) => bar[i]);
  return {
    length: bars.length,
    barSec,
    time: Float64Array.from(bars, (_, i) => START + i * barSec * SECOND),
    open: column(0),
    high: column(1),
    low: column(2),
    close: column(3),
    volume: Float64Array.from(bars, (bar) => bar[4]),
  };
}

/** Wants nothing; the tests send orders past it. */
const idle = defineStrategy({
  api: 1,
  name: "idle",
  summary: "Wants nothing.",
  params: {},
  observes: ["fill", "bar"],
  start: () => ({}),
  plan: () => ({ orders: [] }),
});

interface Given {
  readonly bars: readonly Bar[];
  readonly barSec?: number;
  readonly market?: Market;
  readonly fillModel?: FillModel;
  readonly path?: BarPath;
  readonly balances?: { readonly [asset: string]: string };
  /** Sent at once: they rest from the first open on. */
  readonly orders?: readonly PlannedOrder[];
  /** What is sent when an event is heard. */
  answer?(event: Event): readonly PlannedOrder[];
}

interface Heard {
  readonly parts: Rig;
  readonly events: readonly Event[];
  /** Mid after each event that changed the book: "20 9950". */
  readonly walk: readonly string[];
  /** The exchange's mark price then. */
  readonly marks: readonly string[];
  /** "40 fill 1 10@9990", "60 bar", "0 rejected 2 PostOnlyTaker". */
  readonly lines: readonly string[];
}

function play(given: Given): Heard {
  const {
    market = perpMarket(),
    fillModel = "touch",
    path = "nearer",
    barSec,
  } = given;
  const feed = new CandleFeed(candlesOf(given.bars, barSec), {
    fillModel,
    path,
  });
  const parts = rig({
    market,
    strategy: idle,
    params: {},
    limits: defaultLimits,
    fees: { maker: 0, taker: 0 },
    balances: given.balances ?? { USDC: "1000000", SOL: "1000" },
    capital: cash(1e14),
    seed: 1,
    fillModel,
    latencyMs: 0,
    feed,
    price: ticks(given.bars[0]?.[0] ?? 0),
    time: START,
    quickLane: "off",
  });
  const { venue, exchange, engine } = parts;
  let id = 0;
  const send = (orders: readonly PlannedOrder[]) =>
    venue.send(orders.map((order): Command => place(++id, order)));
  send(given.orders ?? []);
  const events: Event[] = [];
  const walk: string[] = [];
  const marks: string[] = [];
  for (let event = venue.next(); event !== undefined; event = venue.next()) {
    events.push(event);
    engine.handle(event);
    const book = exchange.book(market.symbol);
    const mid = ((book.best("bid") ?? NaN) + (book.best("ask") ?? NaN)) / 2;
    if (event.kind === "depth") {
      walk.push(`${secondsOf(event)} ${mid}`);
      marks.push(`${secondsOf(event)} ${book.mark}`);
    }
    send(given.answer?.(event) ?? []);
  }
  const lines = events.flatMap((event) => {
    const line = lineOf(event);
    return line === undefined ? [] : [`${secondsOf(event)} ${line}`];
  });
  return { parts, events, walk, marks, lines };
}

function secondsOf({ time }: Event): number {
  return (time - START) / SECOND;
}

function lineOf(event: Event): string | undefined {
  switch (event.kind) {
    case "fill":
      return `fill ${event.id} ${event.quantity}@${event.price}`;
    case "foreignFill":
      return `foreign ${event.side} ${event.quantity}@${event.price}`;
    case "rejected":
    case "expired":
      return `${event.kind} ${event.id} ${event.reason}`;
    default:
      return undefined;
  }
}

function fillsOf({ lines }: Heard): readonly string[] {
  return lines.filter((line) => line.includes("fill"));
}

Deno.test("a bar is walked open, nearer extreme, other extreme, close, at 0, 1/3, 2/3 and its end", () => {
  const rows: readonly (readonly [Bar, readonly number[]])[] = [
    [[10_000, 10_100, 9_950, 10_050, 10], [10_000, 9_950, 10_100, 10_050]],
    [[10_000, 10_040, 9_900, 9_950, 10], [10_000, 10_040, 9_900, 9_950]],
    // Equally near: the low first.
    [[10_000, 10_050, 9_950, 10_020, 10], [10_000, 9_950, 10_050, 10_020]],
  ];
  for (const [bar, prices] of rows) {
    const { walk, marks } = play({ bars: [bar] });
    const expected = prices.map((price, i) => `${20 * i} ${price}`);
    assert.deepEqual([walk, marks], [expected, expected], String(bar));
  }
});

Deno.test("an extreme that is the open is the nearest there is", () => {
  assert.ok(
    play({ bars: [[10_000, 10_000, 9_900, 9_950, 10]] }).walk.includes(
      "40 9900",
    ),
  );
  assert.ok(
    play({ bars: [[10_000, 10_200, 10_000, 10_100, 10]] }).walk.includes(
      "40 10200",
    ),
  );
});

Deno.test("points of a bar that thirds do not divide are rounded down to a microsecond", () => {
  const { walk } = play({
    bars: [[10_000, 10_100, 9_950, 10_050, 10]],
    barSec: 1,
  });
  assert.deepEqual(walk, [
    "0 10000",
    "0.333333 9950",
    "0.666666 10100",
    "1 10050",
  ]);
});

Deno.test("a bar ends with its own figures, before the next one opens at the same moment", () => {
  const { events } = play({
    bars: [[10_000, 10_100, 9_950, 10_050, 7], [
      10_070,
      10_070,
      10_070,
      10_070,
      0,
    ]],
  });
  const bars = events.filter((event) => event.kind === "bar");
  assert.deepEqual(bars[0], {
    kind: "bar",
    time: START + 60 * SECOND,
    barSec: 60,
    open: 10_000,
    high: 10_100,
    low: 9_950,
    close: 10_050,
    volume: 7,
  });
  assert.deepEqual(bars.map(secondsOf), [60, 120]);
  const at = events.findIndex((event) => event.kind === "bar");
  const opened = events.findIndex((event) =>
    event.kind === "depth" &&
    event.bids.some(({ price, quantity }) => price === 10_069 && quantity > 0)
  );
  assert.ok(
    opened > at,
    `open of the next bar told as ${opened}, the bar as ${at}`,
  );
  assert.equal(secondsOf(events[opened] ?? assert.fail()), 60);
});

Deno.test("between bars there are no timers, and after the last there is nothing", () => {
  const { parts, events } = play({ bars: [flat, flat] });
  assert.equal(events.some((event) => event.kind === "timer"), false);
  assert.deepEqual([
    parts.venue.next(),
    secondsOf(events.at(-1) ?? assert.fail()),
  ], [
    undefined,
    120,
  ]);
  assert.equal(
    new CandleFeed(candlesOf([]), { fillModel: "touch", path: "nearer" })
      .nextAt,
    NEVER,
  );
});

Deno.test("on the adverse path the extreme that is worse for the position comes first", () => {
  const nearLow: Bar = [10_000, 10_100, 9_950, 10_000, 100];
  const nearHigh: Bar = [10_000, 10_050, 9_900, 10_000, 100];
  const rows = [
    ["", "nearer", nearLow, 9_950],
    ["", "nearer", nearHigh, 10_050],
    ["", "adverse", nearLow, 9_950],
    ["", "adverse", nearHigh, 10_050],
    ["bid 5 @ 10001 taker", "nearer", nearHigh, 10_050],
    ["bid 5 @ 10001 taker", "adverse", nearLow, 9_950],
    ["bid 5 @ 10001 taker", "adverse", nearHigh, 9_900],
    ["ask 5 @ 9999 taker", "nearer", nearLow, 9_950],
    ["ask 5 @ 9999 taker", "adverse", nearLow, 10_100],
    ["ask 5 @ 9999 taker", "adverse", nearHigh, 10_050],
  ] as const;
  for (const [order, path, bar, first] of rows) {
    const { walk } = play({ bars: [flat, bar], path, orders: ordersOf(order) });
    assert.equal(
      walk.find((line) => line.startsWith("80 ")),
      `80 ${first}`,
      `${order} ${path}`,
    );
  }
});

Deno.test("base in the wallet that is not the run's is no position of an adverse path", () => {
  const { walk } = play({
    market: spotMarket(),
    bars: [flat, [10_000, 10_050, 9_900, 10_000, 100]],
    path: "adverse",
    balances: { USDC: "10000", SOL: "20" },
  });
  assert.equal(walk.find((line) => line.startsWith("80 ")), "80 10050");
});

/** A bid of 10 lots at 9990 and bars after a first one at 10000: fills by model. */
const bidRows: readonly {
  readonly name: string;
  readonly bars: readonly Bar[];
  readonly fills: { readonly [model in FillModel]: readonly string[] };
}[] = [
  {
    name: "a tick short of it",
    bars: [[10_000, 10_000, 9_991, 10_000, 100]],
    fills: { touch: [], through: [], queue: [] },
  },
  {
    name: "to it",
    bars: [[10_000, 10_020, 9_990, 10_000, 100]],
    fills: { touch: ["80 fill 1 10@9990"], through: [], queue: [] },
  },
  {
    name: "a tick beyond it",
    bars: [[10_000, 10_020, 9_989, 10_000, 100]],
    fills: {
      touch: ["80 fill 1 10@9990"],
      through: ["80 fill 1 10@9990"],
      queue: ["80 fill 1 10@9990"],
    },
  },
  {
    name: "beyond it as the second extreme",
    bars: [[10_000, 10_005, 9_980, 10_000, 100]],
    fills: {
      touch: ["100 fill 1 10@9990"],
      through: ["100 fill 1 10@9990"],
      queue: ["100 fill 1 10@9990"],
    },
  },
  {
    name: "with less volume than the order, and more in the next bar",
    bars: [[10_000, 10_030, 9_980, 9_980, 4], [9_980, 9_980, 9_980, 9_980, 5]],
    fills: {
      touch: ["80 fill 1 10@9990"],
      through: ["80 fill 1 10@9990"],
      queue: ["80 fill 1 4@9990", "120 fill 1 5@9990"],
    },
  },
  {
    name: "over a gap: at its own price, not at the better one the bar opened at",
    bars: [[9_900, 9_900, 9_900, 9_900, 100]],
    fills: {
      touch: ["60 fill 1 10@9990"],
      through: ["60 fill 1 10@9990"],
      queue: ["60 fill 1 10@9990"],
    },
  },
  {
    name: "over a gap to its very price",
    bars: [[9_990, 9_990, 9_990, 9_990, 100]],
    fills: { touch: ["60 fill 1 10@9990"], through: [], queue: [] },
  },
  {
    name: "without volume, however far, until a bar has some",
    bars: [[9_000, 9_500, 8_000, 9_000, 0], [9_000, 9_000, 9_000, 9_000, 0], [
      9_500,
      9_500,
      9_500,
      9_500,
      3,
    ]],
    fills: {
      touch: ["200 fill 1 10@9990"],
      through: ["200 fill 1 10@9990"],
      queue: ["200 fill 1 3@9990"],
    },
  },
];

Deno.test("a resting bid fills where a price comes to it, beyond it, or as far as volume goes", () => {
  for (const { name, bars, fills } of bidRows) {
    for (const fillModel of models) {
      const heard = play({
        bars: [flat, ...bars],
        fillModel,
        orders: [bid(9_990, 10)],
      });
      assert.deepEqual(
        fillsOf(heard),
        fills[fillModel],
        `${fillModel}: ${name}`,
      );
    }
  }
});

Deno.test("a resting ask fills as a bid does in the mirror", () => {
  const mirror = (price: number) => 20_000 - price;
  for (const { name, bars, fills } of bidRows) {
    const mirrored = bars.map(([open, high, low, close, volume]): Bar => [
      ...[mirror(open), mirror(low), mirror(high)] as const,
      ...[mirror(close), volume] as const,
    ]);
    for (const fillModel of models) {
      const heard = play({
        bars: [flat, ...mirrored],
        fillModel,
        orders: [ask(10_010, 10)],
      });
      const expected = fills[fillModel].map((line) => line.replace("9990", "10010"));
      assert.deepEqual(fillsOf(heard), expected, `${fillModel}: ${name}`);
    }
  }
});

Deno.test("a bar's volume is spent once over all its legs and orders, the best price first", () => {
  const orders = [bid(9_980, 10), bid(9_990, 10), ask(10_010, 10)];
  const bars: Bar[] = [flat, [10_000, 10_100, 9_970, 10_000, 25], [
    10_000,
    10_020,
    10_000,
    10_000,
    9,
  ]];
  const heard = play({ bars, fillModel: "queue", orders });
  assert.deepEqual(fillsOf(heard), [
    ...[
      "80 fill 2 10@9990",
      "80 fill 1 10@9980",
      "100 fill 3 5@10010",
      "160 fill 3 5@10010",
    ],
  ]);
});

Deno.test("one bid under any bars: filled by the lows beyond it, and in the queue model by their volumes", () => {
  const point = fc.integer({ min: 9_960, max: 10_030 });
  const anyBar = fc.tuple(point, point, point, point, fc.nat(12)).map((
    [a, b, c, d, volume],
  ): Bar => [
    ...[a, Math.max(a, b, c, d), Math.min(a, b, c, d)] as const,
    ...[d, volume] as const,
  ]);
  const anyBars = fc.array(anyBar, { minLength: 1, maxLength: 6 });
  const price = fc.integer({ min: 9_965, max: 9_998 });
  fc.assert(
    fc.property(
      anyBars,
      price,
      fc.constantFrom(...models),
      (bars, at, fillModel) => {
        const reached = bars.filter(([, , low, , volume]) =>
          volume > 0 && (fillModel === "touch" ? low <= at : low < at)
        );
        const volume = reached.reduce((sum, bar) => sum + bar[4], 0);
        const wanted = fillModel === "queue" ? Math.min(20, volume) : reached.length > 0 ? 20 : 0;
        const { events } = play({
          bars: [flat, ...bars],
          fillModel,
          orders: [bid(at, 20)],
        });
        const fills = events.flatMap((event) => event.kind === "fill" ? [event] : []);
        assert.equal(
          fills.reduce((sum, { quantity }) => sum + quantity, 0),
          wanted,
        );
        for (const { price, maker } of fills) {
          assert.deepEqual(
            [price, maker],
            [at, true],
          );
        }
      },
    ),
  );
});

Deno.test("an order placed in answer to a fill is live from the next leg, not from the present one", () => {
  const rows = [
    // The way back up reaches it.
    ["ask 10 @ 9995", [10_000, 10_020, 9_980, 10_000, 100], [
      "100 fill 2 10@9995",
    ]],
    // The leg that filled the first order passed here, and no later one does.
    ["bid 10 @ 9980", [10_000, 10_020, 9_980, 10_000, 100], []],
    // It does: after the high the price falls once more.
    ["bid 10 @ 9980", [10_000, 10_020, 9_980, 9_980, 100], [
      "120 fill 2 10@9980",
    ]],
    // Where the price has gone through it, it would take and is refused.
    ["bid 10 @ 9985", [10_000, 10_020, 9_980, 9_980, 100], [
      "80 rejected 2 PostOnlyTaker",
    ]],
  ] as const;
  for (const [order, bar, expected] of rows) {
    const { lines } = play({
      bars: [flat, bar],
      orders: [bid(9_990, 10)],
      answer: (event) => event.kind === "fill" && event.id === 1 ? ordersOf(order) : [],
    });
    assert.deepEqual(lines, ["80 fill 1 10@9990", ...expected], order);
  }
});

Deno.test("quotes fill nothing: where volume ran out the book stays behind the own order", () => {
  for (const fillModel of models) {
    const heard = play({
      bars: [flat, [10_000, 10_000, 9_900, 9_900, 0], [
        9_900,
        9_900,
        9_800,
        9_800,
        0,
      ]],
      fillModel,
      orders: [bid(9_990, 10)],
    });
    assert.deepEqual(fillsOf(heard), [], fillModel);
    const book = heard.parts.exchange.book("SOL_USDC_PERP");
    assert.deepEqual(
      [book.best("bid"), book.best("ask")],
      [9_990, 9_991],
      fillModel,
    );
    assert.equal(book.levelQuantity("bid", ticks(9_799)) > 0, true, fillModel);
  }
});

Deno.test("who takes on bars pays a tick either way, so a spread of two there and back", () => {
  for (const fillModel of models) {
    const heard = play({
      bars: [flat, flat],
      fillModel,
      orders: [bid(10_050, 10, { role: "taker" })],
      answer: (event) =>
        event.kind === "fill" && event.id === 1 ? [ask(9_950, 10, { role: "taker" })] : [],
    });
    assert.deepEqual(fillsOf(heard), [
      "0.1 fill 1 10@10001",
      "0.2 fill 2 10@9999",
    ], fillModel);
  }
});

Deno.test("no price below a tick is quoted", () => {
  const bars: Bar[] = [[3, 4, 1, 2, 50], [2, 2, 1, 1, 50]];
  const { events } = play({ bars });
  for (const event of events) {
    if (event.kind !== "depth") continue;
    for (const { price } of [...event.bids, ...event.asks]) {
      assert.ok(price >= 1, `${price}`);
    }
  }
});

/** A perp that may be held at 50 times, as on the exchange. */
const leveraged = perpMarket({
  initialMargin: { base: 0.02, factor: 0 },
  maintenanceMargin: { base: 0.0135, factor: 0 },
});

Deno.test("a position worth less than its margin is closed by force at prices of that moment", () => {
  const rows = [
    // Ten at 100.01 with 100 of their own: at 90 nothing is left.
    [
      "bid 1000 @ 10001 taker",
      [9_000, 9_000, 9_000, 9_000, 5_000],
      "ask",
      (at: number) => at <= 9_000,
    ],
    [
      "ask 1000 @ 9999 taker",
      [11_000, 11_000, 11_000, 11_000, 5_000],
      "bid",
      (at: number) => at >= 11_000,
    ],
  ] as const;
  for (const [order, bar, side, isFair] of rows) {
    const heard = play({
      market: leveraged,
      bars: [[10_000, 10_000, 10_000, 10_000, 5_000], bar],
      balances: { USDC: "100" },
      orders: ordersOf(order),
    });
    const forced = heard.events.flatMap((event) => event.kind === "foreignFill" ? [event] : []);
    assert.equal(forced.length > 0, true, order);
    for (const event of forced) {
      assert.equal(event.side, side);
      assert.ok(isFair(event.price), `${order} was closed at ${event.price}`);
      assert.match(event.origin, /^LiquidatePosition/);
    }
  }
});

Deno.test("a position that keeps its margin is left alone", () => {
  const heard = play({
    market: leveraged,
    bars: [[10_000, 10_000, 10_000, 10_000, 5_000], [9_200, 9_200, 9_200, 9_200, 5_000]],
    balances: { USDC: "100" },
    orders: [bid(10_001, 1_000, { role: "taker" })],
  });
  assert.equal(
    heard.parts.exchange.position(heard.parts.account, "SOL_USDC_PERP"),
    lots(1_000),
  );
  assert.equal(
    heard.events.some((event) => event.kind === "foreignFill"),
    false,
  );
});

Deno.test("of bars that reach one order the run is told of little but the point that reaches it", () => {
  const quiet: Bar = [10_000, 10_010, 9_990, 10_000, 1_000];
  const reaching: Bar = [10_000, 10_010, 9_940, 10_000, 1_000];
  const bars = Array.from({ length: 300 }, (_, i) => i === 150 ? reaching : quiet);
  const waiting = defineStrategy({
    ...idle,
    observes: ["fill"],
    plan: (_memory, view) => ({
      orders: view.position > 0 ? [] : [bid(9_950, 5)],
      holds: { below: ticks(1), above: ticks(20_000) },
    }),
  });
  const candles = candlesOf(bars);
  const parts = rig({
    market: perpMarket(),
    strategy: waiting,
    params: {},
    limits: defaultLimits,
    fees: { maker: 0, taker: 0 },
    balances: { USDC: "1000000" },
    seed: 1,
    fillModel: "through",
    latencyMs: 0,
    feed: new CandleFeed(candles, { fillModel: "through", path: "nearer" }),
    price: ticks(10_000),
    time: START,
    // So long that equity is sampled once in four hours.
    span: 12_000_000 * SECOND,
  });
  const { venue, engine, record } = parts;
  const told: string[] = [];
  for (let event = venue.next(); event !== undefined; event = venue.next()) {
    const commands = engine.handle(event);
    record.seen(event, commands);
    venue.send(commands);
    const inside = secondsOf(event) > 8_000 && secondsOf(event) < 10_000;
    if (inside) told.push(`${secondsOf(event) - 9_000} ${event.kind}`);
  }
  assert.equal(record.fills.length, 1);
  assert.equal(venue.played, bars.length);
  // The nearer extreme is the high, at 20 s; the low comes at 40 s.
  assert.deepEqual(told, ["20 depth", "40 trade", "40 depth", "40 fill"]);
  assert.ok(record.events < 30, `${record.events} events`);
});
