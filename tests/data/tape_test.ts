// Tests lib/data/tape.ts and lib/data/window.ts: which file is what, the order of the merged rows,
// and a stretch cut out with the book it starts from.

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { detectKind, readTape } from "../../lib/data/tape.ts";
import { faultOf, Folder, sharedFile, sol } from "./files.ts";
import { tapeOf } from "./rows.ts";
import { marketOf, stated } from "./stated.ts";

const TRADES = "ts_us,price,qty,side";
const BBO = "ts_us,bid_px,bid_qty,ask_px,ask_qty";
const TOP1 = "ts_us,bid_px_1,bid_qty_1,ask_px_1,ask_qty_1";
const DEPTH = "ts_us,kind,first_id,last_id,prev_id,side,price,qty";

const kinds: readonly (readonly [string, string])[] = [
  ["ts_ms,open,high,low,close,volume", "klines"],
  // A header that lacks a column is still of its kind, so that the column can be named.
  ["ts_ms,open,low,close,volume", "klines"],
  [TRADES, "trades"],
  ["ts_us,recv_us,price,qty,side_inferred", "trades"],
  ["ts_us,price,qty_usd,side,seq", "trades"],
  [BBO, "bbo"],
  [TOP1, "topN"],
  ["ts_us,recv_us,kind,first_id,last_id,prev_id,side,price,qty", "depth"],
  ["ts_ms,funding_rate", "funding"],
];

for (const [header, kind] of kinds) {
  Deno.test(`a file is known by its header: ${header}`, async () => {
    using folder = new Folder();
    assert.equal(await detectKind(folder.write("a.csv.gz", [header, "1"])), kind);
  });
}

Deno.test("a header of no known kind is shown", async () => {
  using folder = new Folder();
  const path = folder.write("a.csv", ["name,age", "x,1"]);
  assert.equal(
    await faultOf(() => detectKind(path)),
    'Cannot read "a.csv" as row 1 must be the header of a klines, trades, bbo, topN, depth or ' +
      "funding file: current value is name,age",
  );
});

for (const header of ["ts_ms,open,high,low,close,volume", "ts_ms,funding_rate"]) {
  Deno.test(`a tape is not made of ${header}`, async () => {
    assert.match(await faultOf(() => tapeOf([[header, "1"]])), /this one holds (klines|funding)/);
  });
}

Deno.test("at equal times trades come before book rows, then files in the order given", async () => {
  const { rows, report } = await tapeOf([
    [BBO, "1,10,1,11,1", "3,10,2,11,2", "3,10,3,11,3"],
    [TRADES, "3,10,1,sell", "3,10,2,sell", "4,10,3,sell"],
    [TOP1, "3,9,1,12,1"],
    [TRADES, "2,11,8,buy", "3,11,9,buy"],
  ]);
  assert.deepEqual(rows, [
    "1 best 1000x100 1100x100",
    "2 buy 1100x800",
    "3 sell 1000x100",
    "3 sell 1000x200",
    "3 buy 1100x900",
    "3 best 1000x200 1100x200",
    "3 best 1000x300 1100x300",
    "3 reset",
    "3 bid 900x100",
    "3 ask 1200x100",
    "4 sell 1000x300",
  ]);
  assert.deepEqual(report.files.map(({ kind, rows }) => `${kind} ${rows}`), [
    "bbo 3",
    "trades 3",
    "topN 1",
    "trades 2",
  ]);
  assert.deepEqual([report.rows, report.from, report.to], [11, 1, 4]);
});

const book = [
  DEPTH,
  "1,snapshot,5,5,0,bid,10,1",
  "1,snapshot,5,5,0,bid,9,2",
  "1,snapshot,5,5,0,ask,11,3",
  "2,delta,6,6,0,bid,10,0",
  "2,delta,6,6,0,ask,12,4",
  "5,delta,7,7,0,ask,11,5",
  "7,delta,8,8,0,ask,11,6",
];

Deno.test("a stretch of time starts with the book as it stood", async () => {
  const bbo = [BBO, "1,10,1,11,3", "2,9,2,11,3", "6,9,2,11,5"];
  const trades = [TRADES, "3,11,1,buy", "6,11,2,buy"];
  const { rows, report } = await tapeOf([book, bbo, trades], { from: 4, to: 7 });
  assert.deepEqual(rows, [
    "4 reset",
    "4 bid 900x200",
    "4 ask 1100x300",
    "4 ask 1200x400",
    "4 best 900x200 1100x300",
    "5 ask 1100x500",
    "6 buy 1100x200",
    "6 best 900x200 1100x500",
  ]);
  assert.deepEqual([report.rows, report.from, report.to], [8, 4, 6]);
});

Deno.test("a stretch that begins before the recording is the recording", async () => {
  const whole = await tapeOf([book]);
  assert.deepEqual((await tapeOf([book], { from: 1 })).rows, whole.rows);
  assert.deepEqual((await tapeOf([book], { to: 8 })).rows, whole.rows);
  assert.deepEqual((await tapeOf([book], { to: 1 })).rows, []);
  assert.deepEqual((await tapeOf([book], { from: 8 })).rows, []);
});

Deno.test("a recording cut short is refused even when told to skip", async () => {
  using folder = new Folder();
  const text = [TRADES, ...Array.from({ length: 5000 }, (_, i) => `${i},1${i % 7},1,buy`)];
  const zipped = gzipSync(text.join("\n"));
  const path = folder.writeBytes("a.csv.gz", zipped.subarray(0, zipped.length - 9));
  assert.equal(
    await faultOf(() => readTape([path], sol, { errors: "skip" })),
    'Cannot read "a.csv.gz" as the gzip stream must not end early: the file is cut short',
  );
});

const files = [
  ["klines/SEED-SOLUSD-COINBASE-1h-300bars-20250707-20250720.csv.gz", "klines"],
  ["trades/BTCUSD-INVERSE-BYBIT-20191001.csv.gz", "trades"],
  ["trades/BTCUSD-PERP-STANDX-20260106.csv.gz", "trades"],
  ["book/SOLUSDC-PERP-HYPERLIQUID-20250904-bbo.csv.gz", "bbo"],
  ["book/SOLUSDC-PERP-HYPERLIQUID-20250904-top10.csv.gz", "topN"],
  ["book/BTCUSDT-SPOT-BINANCE-20240808-09-depth.csv.gz", "depth"],
  ["funding/SOLUSDT-PERP-BINANCE-8h-20250525-20250624.csv.gz", "funding"],
] as const;
for (const [name, kind] of files) {
  Deno.test(`a recorded file is known by its header: ${name}`, async () => {
    const path = sharedFile(name);
    if (path !== undefined) assert.equal(await detectKind(path), kind);
  });
}

Deno.test("recorded ticks hold what their README states", async () => {
  for (const file of [...stated("trades"), ...stated("book")]) {
    if (file.path.includes("INVERSE")) continue;
    const { tape, report } = await readTape([file.path], marketOf(file.path), { errors: "refuse" });
    assert.equal(report.files[0]?.rows, file.rows, file.path);
    assert.equal(report.files[0]?.sha256, file.sha256, file.path);
    assert.deepEqual([report.skipped, report.clamped, report.gaps], [0, 0, 0], file.path);
    assert.ok(tape.time.every((time, row) => row === 0 || time >= (tape.time[row - 1] ?? NaN)));
    const kind = report.files[0]?.kind;
    if (kind === "topN") continue;
    assert.equal(Math.floor(Number(report.to) / 1000) * 1000, file.to, file.path);
    // A depth file begins with messages from before its snapshot.
    if (kind === "depth") continue;
    assert.equal(tape.length, file.rows, file.path);
    assert.equal(Math.floor(Number(report.from) / 1000) * 1000, file.from, file.path);
  }
});

Deno.test("a long tape is whole", async () => {
  const rows = Array.from({ length: 9000 }, (_, i) => `${i + 1},${10 + i % 5},${i % 7 + 1},buy`);
  const { rows: read } = await tapeOf([[TRADES, ...rows]]);
  assert.deepEqual(
    read,
    rows.map((_, i) => `${i + 1} buy ${1000 + i % 5 * 100}x${(i % 7 + 1) * 100}`),
  );
});

Deno.test("a stretch after a second snapshot knows nothing of the first", async () => {
  const { rows } = await tapeOf([[
    ...book,
    "8,snapshot,20,20,0,bid,8,1",
    "8,snapshot,20,20,0,ask,13,1",
    "9,delta,21,21,0,bid,8,2",
  ]], { from: 9 });
  assert.deepEqual(rows, ["9 reset", "9 bid 800x100", "9 ask 1300x100", "9 bid 800x200"]);
});
