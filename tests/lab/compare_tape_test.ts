// Tests lib/lab/compare_tape.ts: what strangers showed and traded comes out of what the exchange showed,
// moment by moment, whatever the run's own orders did in between.

import assert from "node:assert/strict";
import { ROW, type Tape } from "../../lib/core/columns.ts";
import type { Event } from "../../lib/core/event.ts";
import type { Side } from "../../lib/core/strategy.ts";
import { lots, ticks } from "../../lib/core/units.ts";
import { type Own, SessionTape } from "../../lib/lab/compare_tape.ts";
import { after, level, perpMarket } from "../support/core.ts";

const nothing: Own = { changes: [], takings: [] };

function depth(ms: number, bids: [number, number][], asks: [number, number][] = []): Event {
  const levels = (side: [number, number][]) =>
    side.map(([price, quantity]) => level(price, quantity));
  return {
    kind: "depth",
    time: after(ms),
    bids: levels(bids),
    asks: levels(asks),
    snapshot: false,
  };
}

function snapshot(ms: number, bids: readonly [number, number][]): Event {
  const levels = bids.map(([price, quantity]) => level(price, quantity));
  return { kind: "depth", time: after(ms), bids: levels, asks: [], snapshot: true };
}

function trade(ms: number, price: number, quantity: number, aggressor: Side): Event {
  return {
    kind: "trade",
    time: after(ms),
    price: ticks(price),
    quantity: lots(quantity),
    aggressor,
  };
}

function change(ms: number, price: number, change: number, side: Side = "bid") {
  return { time: after(ms), side, price: ticks(price), change };
}

const names = Object.entries(ROW);

function rowsOf(tape: Tape): string[] {
  return Array.from({ length: tape.length }, (_, row) => {
    const name = names.find(([, kind]) => kind === tape.kind[row])?.[0] ?? "?";
    const price = (tape.price[row] ?? 0) + (tape.askPrice[row] ?? 0);
    const quantity = (tape.quantity[row] ?? 0) + (tape.askQuantity[row] ?? 0);
    return `${((tape.time[row] ?? 0) - after(0)) / 1000} ${name} ${price} ${quantity}`;
  });
}

function taped(own: Own, events: readonly Event[]) {
  const tape = new SessionTape(own, { staleMs: 5000 });
  for (const event of events) tape.take(event);
  return { rows: rowsOf(tape.end()), tape };
}

const rows: readonly {
  readonly what: string;
  readonly own?: Partial<Own>;
  readonly events: readonly Event[];
  readonly rows: readonly string[];
}[] = [
  {
    what: "without own orders the market is as it was shown",
    events: [depth(0, [[99, 5]], [[101, 7]]), trade(5, 99, 2, "ask"), depth(5, [[99, 3]])],
    rows: ["0 bidLevel 99 5", "0 askLevel 101 7", "5 tradeAsk 99 2", "5 bidLevel 99 3"],
  },
  {
    what: "an own order comes, is filled in part and goes, and strangers' quantity never moves",
    own: { changes: [change(1, 99, 4), change(2, 99, -1), change(3, 99, -3)] },
    events: [depth(0, [[99, 5]]), depth(1, [[99, 9]]), depth(2, [[99, 8]]), depth(3, [[99, 5]])],
    rows: ["0 bidLevel 99 5"],
  },
  {
    what: "an own order alone at a better price is not shown",
    own: { changes: [change(1, 100, 4)] },
    events: [depth(0, [[99, 5]]), depth(1, [[100, 4]]), depth(2, [[100, 6]])],
    rows: ["0 bidLevel 99 5", "2 bidLevel 100 2"],
  },
  {
    what: "told before the book shows it, an own order is never more than stands there",
    own: { changes: [change(1, 100, 4)] },
    events: [depth(0, [[99, 5], [100, 1]]), depth(1, [[99, 6]]), depth(2, [[100, 5]])],
    rows: [
      ...["0 bidLevel 99 5", "0 bidLevel 100 1"],
      ...["1 bidLevel 100 0", "1 bidLevel 99 6", "2 bidLevel 100 1"],
    ],
  },
  {
    what: "what goes is written before what comes",
    events: [depth(0, [[99, 5]]), depth(1, [[98, 2], [99, 0]])],
    rows: ["0 bidLevel 99 5", "1 bidLevel 99 0", "1 bidLevel 98 2"],
  },
  {
    what: "a message that changes nothing still says that the market is alive",
    events: [depth(0, [[99, 5]]), depth(1, [[99, 5]])],
    rows: ["0 bidLevel 99 5", "1 bidLevel 99 5"],
  },
  {
    what: "what the run took is not a trade of strangers, and no more than it took",
    own: { takings: [{ time: after(4), side: "bid", price: ticks(101), quantity: 3 }] },
    events: [
      ...[depth(0, [], [[101, 7]]), trade(4, 101, 2, "bid"), trade(5, 101, 2, "bid")],
      ...[trade(6, 101, 1, "ask"), trade(6, 102, 1, "bid"), trade(2000, 101, 1, "bid")],
    ],
    rows: [
      ...["0 askLevel 101 7", "5 tradeBid 101 1"],
      ...["6 tradeAsk 101 1", "6 tradeBid 102 1", "2000 tradeBid 101 1"],
    ],
  },
];

Deno.test("strangers' market is what is left of the shown one", () => {
  for (const { what, own, events, rows: wanted } of rows) {
    assert.deepEqual(taped({ ...nothing, ...own }, events).rows, wanted, what);
  }
});

Deno.test("a new book replaces the old one, own orders stay out of it, and the time before is a gap", () => {
  const own = { ...nothing, changes: [change(1, 99, 4)] };
  const { rows, tape } = taped(own, [
    ...[depth(0, [[99, 5], [98, 1]]), depth(1, [[99, 9]])],
    snapshot(50, [[99, 10]]),
    depth(9000, [[99, 11]]),
  ]);
  assert.deepEqual(rows, [
    ...["0 bidLevel 99 5", "0 bidLevel 98 1", "50 reset 0 0", "50 bidLevel 99 6"],
    "9000 bidLevel 99 7",
  ]);
  assert.deepEqual(tape.gaps, [
    { from: after(1), to: after(50), why: "a new book" },
    { from: after(50), to: after(9000), why: "silence" },
  ]);
});

Deno.test("marks keep the last rate that was told, and what a tape cannot hold is kept beside it", () => {
  const mark = { kind: "mark", price: ticks(100) } as const;
  const bar: Event = {
    ...{ kind: "bar", time: after(3), barSec: 60, volume: lots(5) },
    ...{ open: ticks(1), high: ticks(2), low: ticks(1), close: ticks(2) },
  };
  const rules: Event = { kind: "rules", time: after(4), market: perpMarket() };
  const { rows, tape } = taped(nothing, [
    { ...mark, time: after(1), fundingRate: 0.0001 },
    { ...mark, time: after(2), indexPrice: ticks(7) },
    ...[bar, rules],
  ]);
  assert.deepEqual(rows, ["1 mark 100 1000000", "2 mark 107 1000000"]);
  assert.deepEqual(tape.said, [bar, rules]);
});
