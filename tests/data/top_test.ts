// Tests lib/data/top.ts: only differences become rows, and what was not seen is not deleted.

import assert from "node:assert/strict";
import fc from "fast-check";
import { coarse, faultOf } from "./files.ts";
import { tapeOf } from "./rows.ts";

type Level = readonly [price: number, quantity: number];
interface Snapshot {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** A file of snapshots at times 1, 2, …; sides with fewer levels are filled up with zeros. */
function topFile(depth: number, snapshots: readonly Snapshot[]): string[] {
  const numbers = Array.from({ length: depth }, (_, i) => i + 1);
  // The columns interleave, as in the recordings.
  const names = numbers.flatMap((
    i,
  ) => [`bid_px_${i}`, `bid_qty_${i}`, `ask_px_${i}`, `ask_qty_${i}`]);
  const cells = (level: Level | undefined) => (level ?? [0, 0]).join(",");
  return [
    ["ts_us", "recv_us", ...names].join(","),
    ...snapshots.map(({ bids, asks }, row) =>
      [row + 1, 9, ...numbers.map((i) => `${cells(bids[i - 1])},${cells(asks[i - 1])}`)].join(",")
    ),
  ];
}

const steady: Level[] = [[11, 1], [12, 1]];

const differences:
  readonly (readonly [string, readonly (readonly Level[])[], readonly string[]])[] = [
    ["nothing changed", [[[10, 1], [9, 1]], [[10, 1], [9, 1]]], []],
    ["a quantity changed", [[[10, 1], [9, 1]], [[10, 2], [9, 1]]], ["2 bid 1000x200"]],
    ["the best is gone and a deeper one shows", [[[10, 1], [9, 1]], [[9, 1], [8, 5]]], [
      "2 bid 1000x0",
      "2 bid 800x500",
    ]],
    ["a better best pushes the worst out of sight, not out of the book", [
      [[9, 1], [8, 5]],
      [[10, 2], [9, 1]],
    ], ["2 bid 1000x200"]],
    ["what was out of sight comes back unchanged", [
      [[9, 1], [8, 5]],
      [[10, 2], [9, 1]],
      [[9, 1], [8, 5]],
    ], ["2 bid 1000x200", "3 bid 1000x0"]],
    ["what was out of sight turns out to be gone", [
      [[9, 1], [8, 5]],
      [[10, 2], [9, 1]],
      [[9, 1], [7, 4]],
    ], ["2 bid 1000x200", "3 bid 1000x0", "3 bid 800x0", "3 bid 700x400"]],
    ["with fewer levels than columns the rest is gone", [[[10, 1], [9, 1]], [[10, 1]]], [
      "2 bid 900x0",
    ]],
    ["an empty side is empty", [[[10, 1], [9, 1]], []], ["2 bid 1000x0", "2 bid 900x0"]],
  ];

for (const [name, bids, expected] of differences) {
  Deno.test(`of two snapshots only the difference is kept: ${name}`, async () => {
    const { rows } = await tapeOf([topFile(2, bids.map((side) => ({ bids: side, asks: steady })))]);
    assert.equal(rows[0], "1 reset");
    assert.deepEqual(rows.filter((row) => !row.startsWith("1 ")), expected);
    // The same on the other side of the book, mirrored at 20.
    const mirrored = bids.map((side) => ({
      bids: [],
      asks: side.map(([price, quantity]): Level => [20 - price, quantity]),
    }));
    const mirror = (row: string) =>
      row.replace(/bid (\d+)x/, (_, price) => `ask ${2000 - Number(price)}x`);
    const asks = await tapeOf([topFile(2, mirrored)]);
    assert.deepEqual(asks.rows.filter((row) => !row.startsWith("1 ")), expected.map(mirror));
  });
}

Deno.test("the first snapshot is a reset and all its levels", async () => {
  const { rows } = await tapeOf([topFile(2, [{ bids: [[10, 1], [9, 2]], asks: steady }])]);
  assert.deepEqual(rows, [
    "1 reset",
    "1 bid 1000x100",
    "1 bid 900x200",
    "1 ask 1100x100",
    "1 ask 1200x100",
  ]);
});

Deno.test("when the book moves, everything is removed before anything is added", async () => {
  const { rows } = await tapeOf([topFile(1, [
    { bids: [[10, 1]], asks: [[11, 1]] },
    { bids: [[12, 1]], asks: [[13, 1]] },
    { bids: [[8, 1]], asks: [[9, 1]] },
  ])]);
  assert.deepEqual(rows.slice(3), [
    "2 ask 1100x0",
    "2 bid 1200x100",
    "2 ask 1300x100",
    "3 bid 1200x0",
    "3 bid 1000x0",
    "3 bid 800x100",
    "3 ask 900x100",
  ]);
});

Deno.test("levels that share a tick after rounding add up", async () => {
  const { rows, report } = await tapeOf([topFile(3, [
    { bids: [[10.2, 1], [10.1, 2], [9.9, 0.4]], asks: [[10.3, 1], [10.4, 2], [10.5, 3]] },
  ])], { market: coarse });
  assert.deepEqual(rows, ["1 reset", "1 bid 40x6", "1 ask 42x12"]);
  assert.equal(report.rounded, 5);
  assert.equal(report.dropped, 1);
});

const ladder = fc.uniqueArray(
  fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 3 })),
  {
    selector: ([price]) => price,
    maxLength: 3,
  },
);

Deno.test("replaying the rows gives every snapshot back, and no row says what was known", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(ladder, { minLength: 1, maxLength: 12 }), async (sides) => {
      const snapshots = sides.map((side): Snapshot => ({
        bids: [...side].sort((a, b) => b[0] - a[0]),
        asks: [],
      }));
      const { rows } = await tapeOf([topFile(3, snapshots)]);
      const book = new Map<number, number>();
      let next = 1;
      for (let time = 1; time <= snapshots.length; time++) {
        for (; rows[next]?.startsWith(`${time} `) === true; next++) {
          const [, price = "", quantity = ""] = /bid (\d+)x(\d+)$/.exec(rows[next] ?? "") ?? [];
          assert.notEqual(book.get(Number(price)) ?? 0, Number(quantity), "a row without news");
          book.set(Number(price), Number(quantity));
        }
        const seen = snapshots[time - 1]?.bids ?? [];
        const worst = seen.length === 3 ? (seen[2]?.[0] ?? 0) * 100 : 0;
        const known = [...book].filter(([price, quantity]) => quantity > 0 && price >= worst);
        assert.deepEqual(
          known.sort((a, b) => b[0] - a[0]),
          seen.map(([price, quantity]) => [price * 100, quantity * 100]),
        );
      }
      assert.equal(next, rows.length);
    }),
    { numRuns: 200 },
  );
});

const refusals: readonly (readonly [string, Snapshot, string])[] = [
  [
    "bids out of order",
    { bids: [[9, 1], [10, 1]], asks: steady },
    'column "bid_px_2" must be worse than the level before: current value is 10',
  ],
  [
    "asks out of order",
    { bids: [], asks: [[12, 1], [11, 1]] },
    'column "ask_px_2" must be worse than the level before: current value is 11',
  ],
  [
    "a crossed book",
    { bids: [[11.5, 1]], asks: steady },
    'column "ask_px_1" must be at least bid_px_1: current value is 11',
  ],
  [
    "a negative quantity",
    { bids: [[10, -1]], asks: steady },
    'column "bid_qty_1" must not be negative: current value is -1',
  ],
  [
    "a cell that is not a number",
    { bids: [[NaN, 1]], asks: steady },
    'column "bid_px_1" must be a number: current value is NaN',
  ],
];
for (const [name, snapshot, fault] of refusals) {
  Deno.test(`${name} is refused, or skipped without a trace`, async () => {
    const good: Snapshot = { bids: [[10, 1]], asks: steady };
    const file = topFile(2, [good, snapshot, good]);
    assert.equal(await faultOf(() => tapeOf([file])), `Cannot read "1.csv" as row 3 ${fault}`);
    const { rows, report } = await tapeOf([file], { errors: "skip" });
    assert.deepEqual(rows, ["1 reset", "1 bid 1000x100", "1 ask 1100x100", "1 ask 1200x100"]);
    assert.equal(report.skipped, 1);
  });
}

Deno.test("a missing column of a deeper level is named", async () => {
  const file = topFile(2, [{ bids: [], asks: steady }]).map((row, i) =>
    i === 0 ? row.replace("ask_qty_2", "other") : row
  );
  assert.equal(
    await faultOf(() => tapeOf([file])),
    'Cannot read "1.csv" as the header must have a column "ask_qty_2"',
  );
});

Deno.test("snapshots going back in time are refused even if nothing changed between", async () => {
  const same: Snapshot = { bids: [[10, 1]], asks: steady };
  const file = topFile(2, [same, same, same]);
  file[3] = (file[3] ?? "").replace(/^3,/, "1,");
  assert.match(await faultOf(() => tapeOf([file])), /row 4 column "ts_us" must not be before/);
});
