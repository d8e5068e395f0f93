// Tests lib/data/event_rows.ts and how lib/data/recording.ts reads numbered events: the side file of a
// journal is played as the run saw it.

import assert from "node:assert/strict";
import { ROW } from "../../lib/core/columns.ts";
import type { Event } from "../../lib/core/event.ts";
import { lots, ticks } from "../../lib/core/units.ts";
import { EventRows } from "../../lib/data/event_rows.ts";
import { findMarket } from "../../lib/data/markets.ts";
import { readRecording } from "../../lib/data/recording.ts";
import { detectKind } from "../../lib/data/tape.ts";
import { faultOf, Folder, sol } from "./files.ts";
import { at, HEADER, line, rowsOf, shown, START, trade } from "./frames.ts";

const refuse = { errors: "refuse" } as const;

function numbered(n: number, offset: number, event: Event): string {
  return `{"n":${n},"at":${START + offset},"event":${JSON.stringify(event)}}`;
}

function aTrade(offset: number, price = 1000): Event {
  return {
    ...{ kind: "trade", time: at(offset), price: ticks(price), quantity: lots(5) },
    aggressor: "ask",
  };
}

function level(price: number, quantity: number) {
  return { price: ticks(price), quantity: lots(quantity) };
}

function freshCounts() {
  return { dropped: 0, gaps: 0, late: 0, clamped: 0 };
}

const events: readonly Event[] = [
  {
    ...{ kind: "depth", time: at(1), snapshot: true },
    ...{ bids: [level(999, 3), level(998, 4)], asks: [level(1001, 2)] },
  },
  aTrade(2),
  { kind: "depth", time: at(2), snapshot: false, bids: [level(999, 0)], asks: [] },
  { kind: "timer", time: at(3) },
  { kind: "state", time: at(3), state: "Open" },
  { kind: "mark", time: at(4), price: ticks(1000), indexPrice: ticks(1001), fundingRate: 0.0001 },
  aTrade(5, 1002),
];
const rows = [
  ...["1 reset", "1 bid 999x3", "1 bid 998x4", "1 ask 1001x2", "2 sell 1000x5", "2 bid 999x0"],
  ...["4 mark 1000 1001 1000000", "5 sell 1002x5"],
];

Deno.test("events become rows in the order they were given", async () => {
  const read = await rowsOf([[HEADER, ...events.map((event, i) => numbered(i + 1, i, event))]]);
  assert.deepEqual(read.rows, rows);
  assert.deepEqual([read.report.files[0]?.kind, read.report.files[0]?.rows], ["recording", 7]);
  assert.equal(read.report.skipped, 0);
});

Deno.test("a file of events is told to be a recording", async () => {
  using folder = new Folder();
  assert.equal(await detectKind(folder.write("a.jsonl.gz", [HEADER])), "recording");
});

Deno.test("a tail repeats nothing, and a second run begins to count anew", async () => {
  using folder = new Folder();
  const write = (name: string, from: number, to: number, offset: number) => {
    const numbers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
    return folder.write(name, [
      HEADER,
      ...numbers.map((n) => numbered(n, offset + n, aTrade(offset + n))),
    ]);
  };
  const paths = [
    ...[write("a.001.jsonl.gz", 1, 4, 0), write("a.002.jsonl.gz", 5, 6, 0)],
    ...[write("a.tail.jsonl", 5, 8, 0), write("b.001.jsonl.gz", 1, 2, 100)],
  ];
  const { tape } = await readRecording(paths, sol, refuse);
  const offsets = shown(tape).map((row) => Number(row.split(" ")[0]));
  assert.deepEqual(offsets, [1, 2, 3, 4, 5, 6, 7, 8, 101, 102]);
});

Deno.test("after a clock was set back time stands still, as a tape never goes back", async () => {
  const read = await rowsOf([[
    HEADER,
    numbered(1, 9, aTrade(9)),
    numbered(2, 5, aTrade(5, 1001)),
    numbered(3, 10, aTrade(10)),
  ]]);
  assert.deepEqual(read.rows, ["9 sell 1000x5", "9 sell 1001x5", "10 sell 1000x5"]);
  assert.equal(read.report.late, 1);
});

Deno.test("frames and events of one market may be read together", async () => {
  const read = await rowsOf([
    [HEADER, line(START, trade(START, "9"))],
    [HEADER, numbered(1, 1, aTrade(1))],
  ]);
  assert.deepEqual(read.rows, ["0 sell 900x100", "1 sell 1000x5"]);
});

const faults: readonly (readonly [string, Event | object, RegExp])[] = [
  ["a price no column holds", aTrade(1, 2 ** 31), /must hold prices of at most 2147483647 ticks/],
  ["a price that is no whole number", { ...aTrade(1), price: 1.5 }, /"event" event\.price must be/],
  ["a kind nobody knows", { kind: "trick", time: at(1) }, /event\.kind must be a kind of event/],
];
for (const [name, event, rule] of faults) {
  Deno.test(`${name} is refused by name, or skipped and counted when told to`, async () => {
    const bad = `{"n":1,"at":${START},"event":${JSON.stringify(event)}}`;
    const lines = [HEADER, bad, numbered(2, 2, aTrade(2))];
    assert.match(await faultOf(() => rowsOf([lines])), rule);
    const read = await rowsOf([lines], { errors: "skip" });
    assert.deepEqual([read.rows, read.report.skipped], [["2 sell 1000x5"], 1]);
  });
}

Deno.test("a mark without a funding rate is fine on spot, and refused on a perp", () => {
  const mark = { kind: "mark", time: at(1), price: ticks(7) } as const;
  const perp = findMarket("SOL_USDC_PERP") ?? assert.fail();
  assert.equal(new EventRows(sol, freshCounts()).take(mark), undefined);
  const flaw = new EventRows(perp, freshCounts()).take(mark);
  assert.deepEqual(flaw, { column: "fundingRate", rule: "must be the funding rate of a perp" });
  const rate = new EventRows(perp, freshCounts());
  assert.equal(rate.take({ ...mark, fundingRate: -0.2 }), undefined);
  assert.match(rate.take({ ...mark, fundingRate: 0.3 })?.rule ?? "", /below 0\.2/);
  const { kind, quantity } = rate.tape();
  assert.deepEqual([kind[0], quantity[0]], [ROW.mark, -2_000_000_000]);
});

Deno.test("a quantity no column holds is cut and counted", () => {
  const counts = freshCounts();
  const cut = new EventRows(sol, counts);
  cut.take({ ...aTrade(1), ...level(5, 2 ** 40) });
  assert.deepEqual([counts.clamped, cut.tape().quantity[0]], [1, 2 ** 31 - 1]);
});
