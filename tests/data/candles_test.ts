// Tests lib/data/candles.ts: bars arrive exactly or are moved inward, and impossible ones are refused.

import assert from "node:assert/strict";
import fc from "fast-check";
import { priceNumber } from "../../lib/core/market.ts";
import { micros } from "../../lib/core/units.ts";
import { readCandles } from "../../lib/data/candles.ts";
import { coarse, faultOf, Folder, sol } from "./files.ts";
import { marketOf, stated } from "./stated.ts";

const HEADER = "ts_ms,open,high,low,close,volume";
const refuse = { errors: "refuse" } as const;
const skip = { errors: "skip" } as const;

/** Rows of one-minute bars from minute 1 on, the named ones replaced. */
function minutes(count: number, replaced: Readonly<Record<number, string>> = {}): string[] {
  return [
    HEADER,
    ...Array.from(
      { length: count },
      (_, i) => replaced[i + 1] ?? `${(i + 1) * 60_000},10.1,10.4,10,10.2,3`,
    ),
  ];
}

Deno.test("bars arrive in ticks, lots and microseconds", async () => {
  using folder = new Folder();
  const path = folder.write("a.csv.gz", [
    HEADER,
    "60000,10.10,10.4,10,10.2,3.456",
    "120000,10.2,10.2,9.99,10,0",
  ]);
  const { candles, report } = await readCandles([path], sol, refuse);
  assert.deepEqual(candles, {
    length: 2,
    barSec: 60,
    time: new Float64Array([60e6, 120e6]),
    open: new Int32Array([1010, 1020]),
    high: new Int32Array([1040, 1020]),
    low: new Int32Array([1000, 999]),
    close: new Int32Array([1020, 1000]),
    volume: new Float64Array([345, 0]),
  });
  const { files, ...counts } = report;
  assert.deepEqual(counts, {
    rows: 2,
    skipped: 0,
    rounded: 0,
    dropped: 0,
    clamped: 0,
    gaps: 0,
    from: 60e6,
    to: 120e6,
  });
  assert.equal(files[0]?.kind, "klines");
  assert.equal(files[0]?.rows, 2);
});

const refusals: readonly (readonly [string, string, string])[] = [
  [
    "a high below the low",
    "120000,10,9.9,10,10,1",
    'column "high" must be at least low: current value is 9.9',
  ],
  [
    "an open above the high",
    "120000,10.5,10.4,10,10,1",
    'column "open" must be within low and high: current value is 10.5',
  ],
  [
    "an open below the low",
    "120000,9.9,10.4,10,10,1",
    'column "open" must be within low and high: current value is 9.9',
  ],
  [
    "a close above the high",
    "120000,10,10.4,10,10.5,1",
    'column "close" must be within low and high: current value is 10.5',
  ],
  [
    "a close below the low",
    "120000,10,10.4,10,9.99,1",
    'column "close" must be within low and high: current value is 9.99',
  ],
  [
    "a price of zero",
    "120000,10,10.4,0,10,1",
    'column "low" must be above zero: current value is 0',
  ],
  [
    "a negative price",
    "120000,10,10.4,-10,10,1",
    'column "low" must not be negative: current value is -10',
  ],
  [
    "a price below a tick",
    "120000,0.003,0.004,0.002,0.003,1",
    'column "close" must be at least one tick of the market: current value is 0.003',
  ],
  [
    "a negative volume",
    "120000,10,10.4,10,10,-1",
    'column "volume" must not be negative: current value is -1',
  ],
  [
    "a price that is not a number",
    "120000,10,NaN,10,10,1",
    'column "high" must be a number: current value is NaN',
  ],
  [
    "an empty cell",
    "120000,10,10.4,,10,1",
    'column "low" must be a number: current value is empty',
  ],
  [
    "a time twice",
    "60000,10.1,10.4,10,10.2,3",
    'column "ts_ms" must not repeat the time of the row before: current value is 60000',
  ],
  [
    "a time going back",
    "30000,10.1,10.4,10,10.2,3",
    'column "ts_ms" must not be before the row above: current value is 30000',
  ],
  [
    "a bar off the grid of bars",
    "150000,10.1,10.4,10,10.2,3",
    'column "ts_ms" must be a whole number of 60 s bars after the one before: current value is 150000',
  ],
];

for (const [name, row, fault] of refusals) {
  Deno.test(`${name} is refused, or skipped and counted`, async () => {
    using folder = new Folder();
    const path = folder.write("a.csv", minutes(5, { 2: row }));
    const message = await faultOf(() => readCandles([path], sol, refuse));
    assert.equal(message, `Cannot read "a.csv" as row 3 ${fault}`);
    const { candles, report } = await readCandles([path], sol, skip);
    assert.deepEqual([...candles.time], [60e6, 180e6, 240e6, 300e6]);
    assert.equal(report.skipped, 1);
    assert.equal(report.gaps, 1);
    assert.equal(report.files[0]?.rows, 5);
  });
}

const structural: readonly (readonly [string, readonly string[], string])[] = [
  [
    "a missing column",
    ["ts_ms,open,low,close,volume", "1,1,1,1,1"],
    'the header must have a column "high"',
  ],
  ["a single bar", minutes(1), "two bars are needed to know their length"],
  [
    "bars of part of a second",
    [HEADER, "60,1,1,1,1,1", "120,1,1,1,1,1"],
    'column "ts_ms" must step by whole seconds: current value is 0.06 s',
  ],
  ["no good row", [HEADER, "60,1,1,2,1,1"], "the file must have a good row"],
];

for (const [name, rows, rule] of structural) {
  Deno.test(`${name} is refused even when told to skip`, async () => {
    using folder = new Folder();
    const path = folder.write("a.csv", rows);
    assert.equal(
      await faultOf(() => readCandles([path], sol, skip)),
      `Cannot read "a.csv" as ${rule}`,
    );
  });
}

// Ticks of 0.25: prices are written open, high, low, close; expected in ticks with the count moved.
const roundings: readonly (readonly [string, readonly number[], number])[] = [
  ["10,11,9,10.25", [40, 44, 36, 41], 0],
  ["10,11.24,9,10", [40, 44, 36, 40], 1],
  ["10,11,8.76,10", [40, 44, 36, 40], 1],
  ["10.12,11,9,10.13", [40, 44, 36, 41], 2],
  ["10.125,11,9,10.1249", [41, 44, 36, 40], 2],
  // The open was the high: it may not stay beyond the high that was moved inward.
  ["11.2,11.2,9,9", [44, 44, 36, 36], 2],
  ["9.1,11,9.1,9.1", [37, 44, 37, 37], 3],
  // The whole bar between two ticks.
  ["10.1,10.2,10.05,10.15", [41, 41, 41, 41], 4],
  ["10.1,10.12,10.05,10.06", [40, 40, 40, 40], 4],
];

for (const [prices, expected, moved] of roundings) {
  Deno.test(`prices off the grid are moved inward: ${prices}`, async () => {
    using folder = new Folder();
    const path = folder.write("a.csv", [HEADER, `60000,${prices},0.74`, "120000,5,5,5,5,1"]);
    const { candles, report } = await readCandles([path], coarse, refuse);
    const bar = [candles.open[0], candles.high[0], candles.low[0], candles.close[0]];
    assert.deepEqual(bar, expected);
    assert.equal(report.rounded, moved);
    assert.equal(candles.volume[0], 1, "0.74 is one lot of 0.5");
  });
}

Deno.test("a rounded bar never reaches beyond the recorded one, unless it is a single price", async () => {
  const price = fc.integer({ min: 1000, max: 1300 });
  await fc.assert(
    fc.asyncProperty(fc.tuple(price, price, price, price), async (four) => {
      using folder = new Folder();
      const [low = 0, a = 0, b = 0, high = 0] = [...four].sort((x, y) => x - y);
      const row = [a, high, low, b].map((cents) => (cents / 100).toFixed(2)).join(",");
      const path = folder.write("a.csv", [HEADER, `60000,${row},1`, "120000,5,5,5,5,1"]);
      const { candles } = await readCandles([path], coarse, refuse);
      const [open = 0, top = 0, bottom = 0, close = 0] = [
        candles.open[0],
        candles.high[0],
        candles.low[0],
        candles.close[0],
      ];
      assert.ok(bottom <= Math.min(open, close) && top >= Math.max(open, close));
      if (top !== bottom) assert.ok(top * 25 <= high && bottom * 25 >= low);
      assert.ok(Math.abs(close * 25 - b) < 25 && Math.abs(open * 25 - a) < 25);
    }),
    { numRuns: 200 },
  );
});

Deno.test("the bar length is the most common step; longer steps are missing bars", async () => {
  using folder = new Folder();
  const rows = minutes(9).filter((_, i) => i !== 4 && i !== 5 && i !== 8);
  const { candles, report } = await readCandles([folder.write("a.csv", rows)], sol, refuse);
  assert.equal(candles.barSec, 60);
  assert.equal(candles.length, 6);
  assert.equal(report.gaps, 3);
});

Deno.test("files are joined by time, whatever order they are given in", async () => {
  using folder = new Folder();
  const all = minutes(8);
  const early = folder.write("early.csv", all.slice(0, 4));
  const late = folder.write("late.csv.gz", [HEADER, ...all.slice(6)]);
  const { candles, report } = await readCandles([late, early], sol, refuse);
  assert.deepEqual([...candles.time], [1, 2, 3, 6, 7, 8].map((minute) => minute * 60e6));
  assert.deepEqual(report.files.map(({ rows }) => rows), [3, 3]);
  assert.equal(report.gaps, 2);
});

Deno.test("files that overlap are refused at the first bar that does", async () => {
  using folder = new Folder();
  const all = minutes(8);
  const early = folder.write("early.csv", all.slice(0, 6));
  const late = folder.write("late.csv", [HEADER, ...all.slice(4)]);
  assert.equal(
    await faultOf(() => readCandles([early, late], sol, refuse)),
    'Cannot read "late.csv" as row 2 column "ts_ms" must be after the bars of the file before: ' +
      "current value is 240000",
  );
  const { candles, report } = await readCandles([early, late], sol, skip);
  assert.equal(candles.length, 8);
  assert.equal(report.skipped, 2);
});

Deno.test("a long file is whole", async () => {
  using folder = new Folder();
  const path = folder.write("a.csv.gz", minutes(9000));
  const { candles } = await readCandles([path], sol, refuse);
  assert.ok(candles.time.every((time, bar) => time === (bar + 1) * 60e6));
  assert.ok(candles.high.every((high) => high === 1040));
});

Deno.test("a stretch of time is cut out, its end left out", async () => {
  using folder = new Folder();
  const path = folder.write("a.csv", minutes(9));
  const range = { ...refuse, from: micros(150e6), to: micros(300e6) };
  const { candles, report } = await readCandles([path], sol, range);
  assert.deepEqual([...candles.time], [180e6, 240e6]);
  assert.deepEqual([report.from, report.to, report.rows], [180e6, 240e6, 2]);
  const none = await readCandles([path], sol, { ...refuse, from: micros(1e15) });
  assert.equal(none.candles.length, 0);
  assert.equal(none.report.from, undefined);
});

Deno.test("recorded candles hold what their README states, and every bar is possible", async () => {
  for (const file of stated("klines")) {
    const market = marketOf(file.path);
    const { candles, report } = await readCandles([file.path], market, refuse);
    assert.equal(candles.length, file.rows, file.path);
    assert.equal(report.files[0]?.sha256, file.sha256, file.path);
    assert.equal(report.gaps, file.missing, file.path);
    assert.deepEqual([report.from, report.to], [file.from, file.to], file.path);
    const { open, high, low, close, volume } = candles;
    assert.ok(
      open.every((price, bar) => {
        const [top = 0, bottom = Infinity, end = 0] = [high[bar], low[bar], close[bar]];
        return bottom > 0 && bottom <= Math.min(price, end) && top >= Math.max(price, end);
      }),
      file.path,
    );
    // The README gives the extremes with six digits; ours are moved inward by less than a tick.
    const near = (price: number, extreme: number) =>
      Math.abs(price - extreme) <= priceNumber(market, 1) + extreme * 5e-6;
    assert.ok(near(priceNumber(market, low.reduce((a, b) => Math.min(a, b))), file.lowest));
    assert.ok(near(priceNumber(market, high.reduce((a, b) => Math.max(a, b))), file.highest));
    assert.equal(volume.filter((lots) => lots === 0).length, file.zeroVolume, file.path);
  }
});
