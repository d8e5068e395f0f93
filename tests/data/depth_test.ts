// Tests lib/data/depth.ts: deltas are applied to their snapshot by id, not by place or time.

import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { ROW, type Tape } from "../../lib/core/columns.ts";
import { type Market, parsePrice } from "../../lib/core/market.ts";
import type { Ticks } from "../../lib/core/units.ts";
import { rowAt } from "../../lib/data/rows.ts";
import { readTape } from "../../lib/data/tape.ts";
import { coarse, faultOf, sharedFile } from "./files.ts";
import { tapeOf } from "./rows.ts";
import { marketOf } from "./stated.ts";

const HEADER = "ts_us,recv_us,kind,first_id,last_id,prev_id,side,price,qty";

Deno.test("a snapshot is a reset and its levels, deltas follow in message order", async () => {
  const { rows, report } = await tapeOf([[
    HEADER,
    "5,9,snapshot,10,10,0,bid,10,1",
    "5,9,snapshot,10,10,0,ask,11,2",
    "6,9,delta,11,12,0,ask,12,3",
    "6,9,delta,11,12,0,bid,10,0",
    "7,9,delta,13,13,0,bid,9,4",
  ]]);
  assert.deepEqual(rows, [
    "5 reset",
    "5 bid 1000x100",
    "5 ask 1100x200",
    "6 ask 1200x300",
    "6 bid 1000x0",
    "7 bid 900x400",
  ]);
  assert.deepEqual([report.dropped, report.gaps], [0, 0]);
});

Deno.test("deltas before the snapshot are played after it, but for those it contains", async () => {
  const { rows, report } = await tapeOf([[
    HEADER,
    "1,9,delta,5,8,4,bid,10,7",
    "2,9,delta,9,10,8,bid,10,8",
    "2,9,delta,9,10,8,bid,9,8",
    "4,9,delta,11,12,10,ask,11,5",
    // Stamped before the delta above: the tape must not go back.
    "3,9,snapshot,10,10,0,bid,10,1",
    "3,9,snapshot,10,10,0,ask,11,2",
    "6,9,delta,13,14,12,ask,11,0",
  ]]);
  assert.deepEqual(rows, [
    "3 reset",
    "3 bid 1000x100",
    "3 ask 1100x200",
    "4 ask 1100x500",
    "6 ask 1100x0",
  ]);
  assert.equal(report.dropped, 3);
  assert.equal(report.gaps, 0);
});

Deno.test("a snapshot stamped before rows already played waits for them", async () => {
  const { rows } = await tapeOf([[
    HEADER,
    "5,9,snapshot,10,10,0,bid,10,1",
    "8,9,delta,11,11,0,bid,10,2",
    "7,9,snapshot,11,11,0,bid,10,3",
    "7,9,snapshot,11,11,0,ask,11,1",
  ]]);
  assert.deepEqual(rows, [
    "5 reset",
    "5 bid 1000x100",
    "8 bid 1000x200",
    "8 reset",
    "8 bid 1000x300",
    "8 ask 1100x100",
  ]);
});

Deno.test("a delta the snapshot contains is dropped wherever it stands", async () => {
  const { rows, report } = await tapeOf([[
    HEADER,
    "5,9,snapshot,10,10,0,bid,10,1",
    "6,9,delta,9,10,0,bid,10,9",
    "7,9,delta,9,11,0,bid,10,2",
  ]]);
  assert.deepEqual(rows, ["5 reset", "5 bid 1000x100", "7 bid 1000x200"]);
  assert.deepEqual([report.dropped, report.gaps], [1, 0]);
});

const chains: readonly (readonly [string, readonly string[], number])[] = [
  ["numbers that join on", ["11,12,0", "13,13,0"], 0],
  ["a first message that begins inside the snapshot", ["9,12,0", "13,13,0"], 0],
  ["a first message that begins too late", ["12,12,0", "13,13,0"], 1],
  ["a message lost on the way", ["11,12,0", "14,15,0", "16,16,0"], 1],
  ["previous numbers that join on, with holes between", ["50,60,10", "70,80,60"], 0],
  ["a previous number that does not join on", ["50,60,10", "70,80,65", "90,99,80"], 1],
];
for (const [name, ids, gaps] of chains) {
  Deno.test(`breaks in the chain of messages are counted: ${name}`, async () => {
    const { report } = await tapeOf([[
      HEADER,
      "5,9,snapshot,10,10,0,bid,10,1",
      ...ids.flatMap((numbers) => [
        `6,9,delta,${numbers},bid,10,2`,
        `6,9,delta,${numbers},bid,9,2`,
      ]),
    ]]);
    assert.equal(report.gaps, gaps);
  });
}

Deno.test("recorded levels that share a tick add up, and one may go without the other", async () => {
  const { rows, report } = await tapeOf([[
    HEADER,
    "5,9,snapshot,10,10,0,bid,10.2,1",
    "5,9,snapshot,10,10,0,bid,10,2",
    "5,9,snapshot,10,10,0,ask,10.3,2",
    "6,9,delta,11,11,0,bid,10.2,0",
    "7,9,delta,12,12,0,bid,10,0",
    "8,9,delta,13,13,0,ask,10.5,0.4",
  ]], { market: coarse });
  assert.deepEqual(rows, [
    "5 reset",
    "5 bid 40x2",
    "5 bid 40x6",
    "5 ask 42x4",
    "6 bid 40x4",
    "7 bid 40x0",
    "8 ask 42x4",
  ]);
  assert.deepEqual([report.rounded, report.dropped], [3, 1]);
});

const refusals: readonly (readonly [string, string])[] = [
  [
    "5,9,delta,12,12,0,bid,10,1",
    'column "ts_us" must not be before the row above: current value is 5',
  ],
  [
    "7,9,delta,10,10,0,bid,10,1",
    'column "last_id" must not be below that of the row above: current value is 10',
  ],
  [
    "7,9,update,12,12,0,bid,10,1",
    'column "kind" must be one of delta, snapshot: current value is update',
  ],
  [
    "7,9,delta,12,12.5,0,bid,10,1",
    'column "last_id" must be a whole number: current value is 12.5',
  ],
  [
    "7,9,delta,12,12,0,both,10,1",
    'column "side" must be one of buy, sell, bid, ask: current value is both',
  ],
  [
    "7,9,delta,12,12,0,bid,0,1",
    'column "price" must be at least one tick of the market: current value is 0',
  ],
  ["7,9,delta,12,12,0,bid,10,-1", 'column "qty" must not be negative: current value is -1'],
];
for (const [row, fault] of refusals) {
  Deno.test(`a bad depth row is refused, or skipped and counted: ${row}`, async () => {
    const file = [HEADER, "5,9,snapshot,10,10,0,bid,10,1", "6,9,delta,11,11,0,bid,10,2", row];
    assert.equal(await faultOf(() => tapeOf([file])), `Cannot read "1.csv" as row 4 ${fault}`);
    const { rows, report } = await tapeOf([file], { errors: "skip" });
    assert.deepEqual(rows, ["5 reset", "5 bid 1000x100", "6 bid 1000x200"]);
    assert.equal(report.skipped, 1);
  });
}

Deno.test("deltas alone make no book", async () => {
  assert.equal(
    await faultOf(() => tapeOf([[HEADER, "5,9,delta,10,10,0,bid,10,1"]])),
    'Cannot read "1.csv" as the file must hold a snapshot',
  );
});

Deno.test("a second snapshot starts a new book and a new chain", async () => {
  const { rows, report } = await tapeOf([[
    HEADER,
    "5,9,snapshot,10,10,0,bid,10.2,1",
    "5,9,snapshot,10,10,0,ask,10.7,1",
    "6,9,delta,11,11,0,bid,10,1",
    "7,9,snapshot,20,20,0,bid,10.2,2",
    "7,9,snapshot,20,20,0,ask,10.7,2",
    "8,9,delta,19,22,0,bid,10,1",
  ]], { market: coarse });
  assert.deepEqual(rows, [
    "5 reset",
    "5 bid 40x2",
    "5 ask 43x2",
    "6 bid 40x4",
    "7 reset",
    "7 bid 40x4",
    "7 ask 43x4",
    "8 bid 40x6",
  ]);
  assert.equal(report.gaps, 0);
});

Deno.test("a second snapshot older than what was played is a break in the chain", async () => {
  const { report } = await tapeOf([[
    HEADER,
    "5,9,snapshot,10,10,0,bid,10,1",
    "6,9,delta,11,15,0,bid,10,2",
    "7,9,snapshot,13,13,0,bid,10,3",
    "8,9,delta,16,17,0,bid,10,4",
  ]]);
  assert.equal(report.gaps, 1);
});

Deno.test("a book rebuilt from depth messages has the best prices recorded beside it", async () => {
  for (const name of ["PERP-BINANCE-20240808", "SPOT-BINANCE-20240808-09"]) {
    const depth = sharedFile(`book/BTCUSDT-${name}-depth.csv.gz`);
    const bbo = sharedFile(`book/BTCUSDT-${name}-bbo.csv.gz`);
    if (depth === undefined || bbo === undefined) return;
    const market = marketOf(depth);
    const { tape } = await readTape([depth], market, { errors: "refuse" });
    const { messages, equal } = compareBooks(tape, market, numbersAt(depth), quotesOf(bbo));
    console.log(`${name}: ${equal} of ${messages} depth messages agree`);
    assert.ok(messages > 3000, `${messages} messages`);
    assert.ok(equal >= 0.999 * messages, `${equal} of ${messages} agree`);
  }
});

/** A recorded best bid and ask with the number of the update that made them. */
interface Quote {
  readonly id: number;
  readonly bid: Ticks | undefined;
  readonly ask: Ticks | undefined;
}

function cellsOf(path: string): string[][] {
  return gunzipSync(Deno.readFileSync(path)).toString().trim().split("\n").map((line) =>
    line.split(",")
  );
}

/** The number of the last depth message of each moment. */
function numbersAt(path: string): ReadonlyMap<number, number> {
  const [head = [], ...rows] = cellsOf(path);
  const [time, kind, id] = ["ts_us", "kind", "last_id"].map((name) => head.indexOf(name));
  const deltas = rows.filter((row) => row[kind ?? 0] === "delta");
  return new Map(deltas.map((row) => [Number(row[time ?? 0]), Number(row[id ?? 0])]));
}

function quotesOf(path: string): { readonly cells: string[][]; readonly head: string[] } {
  const [head = [], ...cells] = cellsOf(path);
  return { head, cells };
}

/** At the end of each moment: are the best levels those of the last quote up to its number? */
function compareBooks(
  tape: Tape,
  market: Market,
  numbers: ReadonlyMap<number, number>,
  { head, cells }: ReturnType<typeof quotesOf>,
): { messages: number; equal: number } {
  const [id, bid, ask] = ["update_id", "bid_px", "ask_px"].map((name) => head.indexOf(name));
  const quotes = cells.map((row): Quote => ({
    id: Number(row[id ?? 0]),
    bid: parsePrice(market, row[bid ?? 0] ?? ""),
    ask: parsePrice(market, row[ask ?? 0] ?? ""),
  }));
  const bids = new Map<number, number>();
  const asks = new Map<number, number>();
  let next = 0;
  let messages = 0;
  let equal = 0;
  for (let index = 0; index < tape.length; index++) {
    const row = rowAt(tape, index);
    if (row.kind === ROW.bidLevel) put(bids, row.price, row.quantity);
    if (row.kind === ROW.askLevel) put(asks, row.askPrice, row.askQuantity);
    const number = numbers.get(row.time);
    if (tape.time[index + 1] === row.time || number === undefined) continue;
    while ((quotes[next]?.id ?? Infinity) <= number) next++;
    const quote = quotes[next - 1];
    if (quote === undefined || next === quotes.length) continue;
    messages++;
    if (quote.bid === Math.max(...bids.keys()) && quote.ask === Math.min(...asks.keys())) equal++;
  }
  return { messages, equal };
}

function put(side: Map<number, number>, price: number, quantity: number): void {
  if (quantity === 0) side.delete(price);
  else side.set(price, quantity);
}
