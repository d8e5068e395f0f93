// Tests lib/data/recording.ts with lines, frames and chain behind it: what a recorded socket becomes
// as a tape, and what is said of one that cannot be trusted.

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { defineMarket } from "../../lib/core/market.ts";
import { findMarket } from "../../lib/data/markets.ts";
import { readRecording } from "../../lib/data/recording.ts";
import { detectKind } from "../../lib/data/tape.ts";
import { marketOf, sharedTest } from "../backpack/examples.ts";
import { faultOf, Folder, sol } from "./files.ts";
import {
  at,
  depth,
  frame,
  HEADER,
  line,
  rowsOf,
  shown,
  snapshot,
  START,
  touch,
  trade,
} from "./frames.ts";

/** A line that came when it was stamped. */
function on(offset: number, make: (time: number) => string): string {
  return line(START + offset, make(START + offset));
}

const book = snapshot(START + 5, 10, [["10", "1"], ["9.5", "2"]], [["11", "2"]]);

Deno.test("each kind of frame becomes its row, and other streams and markets none", async () => {
  const { rows, report } = await rowsOf([[
    HEADER,
    on(1, (time) => trade(time, "10", { m: true, q: "0.25" })),
    on(2, (time) => trade(time, "10.01", { m: false })),
    on(3, (time) => touch(time, "10", "10.02")),
    on(4, (time) => touch(time, null, "10.02")),
    book,
    on(6, (time) => depth(time, 11, 11, [["10", "0.00"]], [["11", "3"]])),
    on(7, (T) => frame("markPrice", { T, p: "10.014", i: "10.02", f: "-0.0000125" })),
    on(8, (T) => frame("ticker", { E: T, nonsense: 1 }, "BTC_USDC")),
    on(9, (T) => frame("trade", { T }, "SOL_USDC_PERP")),
    on(9, (T) => frame("openInterest", { E: T, o: "100" })),
    line(START + 9, '{"id":null,"error":{"code":4006,"message":"Invalid stream"}}'),
    `{"at":${START + 9},"path":"/api/v1/depth?symbol=BTC_USDC","reply":{}}`,
    `{"at":${START + 9},"path":"/api/v1/time","reply":1700000000000}`,
  ]]);
  assert.deepEqual(rows, [
    "1 sell 1000x25",
    "2 buy 1001x100",
    "3 best 1000x100 1002x100",
    "4 best 0x0 1002x100",
    "5 reset",
    "5 bid 1000x100",
    "5 bid 950x200",
    "5 ask 1100x200",
    "6 bid 1000x0",
    "6 ask 1100x300",
    "7 mark 1001 1002 -125000",
  ]);
  const { files, from, to, ...counts } = report;
  assert.deepEqual([files[0]?.kind, files[0]?.rows, from, to], ["recording", 13, at(1), at(7)]);
  assert.deepEqual(counts, {
    ...{ rows: 11, skipped: 0, rounded: 0, dropped: 0, clamped: 0, gaps: 0, late: 0, torn: 0 },
  });
});

Deno.test("rows go by the exchange's time: trades come first, late ones wait, none goes back", async () => {
  const { rows, report } = await rowsOf([[
    HEADER,
    on(5, (time) => touch(time, "10", "11")),
    // Overtaken by the book that already shows it.
    line(START + 6, trade(START + 5, "10")),
    line(START + 7, trade(START + 3, "9")),
    line(START + 8, touch(START + 4, "8", "11")),
  ]]);
  assert.deepEqual(rows, [
    "5 sell 1000x100",
    "5 sell 900x100",
    "5 best 1000x100 1100x100",
    "5 best 800x100 1100x100",
  ]);
  assert.equal(report.late, 2);
});

const chains: readonly {
  readonly name: string;
  readonly lines: readonly string[];
  readonly rows: readonly string[];
  readonly counts: readonly [dropped: number, gaps: number];
}[] = [
  {
    name: "frames before the snapshot are played after it, but for those it contains",
    lines: [
      on(1, (time) => depth(time, 8, 9, [["7", "1"]])),
      on(2, (time) => depth(time, 10, 12, [["10", "3"]])),
      book,
      on(6, (time) => depth(time, 13, 13, [["10", "4"]])),
    ],
    rows: ["5 reset", "5 bid 1000x100", "5 bid 950x200", "5 ask 1100x200", "5 bid 1000x300"]
      .concat("6 bid 1000x400"),
    counts: [1, 0],
  },
  {
    name: "a frame the snapshot contains is dropped wherever it stands",
    lines: [book, on(6, (time) => depth(time, 9, 10, [["7", "1"]]))],
    rows: ["5 reset", "5 bid 1000x100", "5 bid 950x200", "5 ask 1100x200"],
    counts: [1, 0],
  },
  {
    name: "after a gap the book is forgotten until the next snapshot",
    lines: [
      book,
      on(6, (time) => depth(time, 12, 12, [["10", "5"]])),
      on(7, (time) => depth(time, 13, 14, [["10", "6"]])),
      on(8, (time) => depth(time, 15, 15, [["10", "7"]])),
      snapshot(START + 9, 14, [["10", "6"]]),
    ],
    rows: ["5 reset", "5 bid 1000x100", "5 bid 950x200", "5 ask 1100x200", "6 reset"]
      .concat("9 reset", "9 bid 1000x600", "9 bid 1000x700"),
    counts: [2, 1],
  },
  {
    name: "a snapshot too old to join on to is no help",
    lines: [
      on(1, (time) => depth(time, 12, 12, [["10", "5"]])),
      book,
      on(6, (time) => depth(time, 13, 13, [["10", "6"]])),
    ],
    rows: ["5 reset", "5 bid 1000x100", "5 bid 950x200", "5 ask 1100x200", "5 reset"],
    counts: [2, 1],
  },
  {
    name: "without a snapshot nothing is played",
    lines: [on(1, (time) => depth(time, 1, 1, [["10", "5"]]))],
    rows: [],
    counts: [1, 0],
  },
  {
    name: "a snapshot older than the book as it is known changes nothing",
    lines: [
      book,
      on(6, (time) => depth(time, 11, 12, [["10", "5"]])),
      snapshot(START + 7, 11, [["10", "9"]]),
      on(8, (time) => depth(time, 13, 13, [["10", "6"]])),
    ],
    rows: ["5 reset", "5 bid 1000x100", "5 bid 950x200", "5 ask 1100x200"]
      .concat("6 bid 1000x500", "8 bid 1000x600"),
    counts: [1, 0],
  },
  {
    name: "a venue that counts anew is a gap, and its snapshot is taken",
    lines: [
      book,
      on(2_000_000, (time) => depth(time, 3, 3, [["10", "5"]])),
      snapshot(START + 3_000_000, 3, [["10", "9"]]),
      snapshot(START + 5_000_000, 1, [["10", "8"]]),
    ],
    rows: ["5 reset", "5 bid 1000x100", "5 bid 950x200", "5 ask 1100x200", "2000000 reset"]
      .concat("3000000 reset", "3000000 bid 1000x900", "5000000 reset", "5000000 bid 1000x800"),
    counts: [1, 1],
  },
];
for (const { name, lines, rows, counts } of chains) {
  Deno.test(`depth: ${name}`, async () => {
    const read = await rowsOf([[HEADER, ...lines]]);
    assert.deepEqual(read.rows, rows);
    assert.deepEqual([read.report.dropped, read.report.gaps], counts);
  });
}

Deno.test("the files of one recording are one chain, in the order they were made", async () => {
  const first = [HEADER, book, on(6, (time) => depth(time, 11, 11, [["10", "5"]]))];
  const second = [HEADER, on(2_000_000, (time) => depth(time, 12, 12, [["10", "6"]]))];
  const { rows, report } = await rowsOf([first, second]);
  assert.deepEqual(rows.slice(-2), ["6 bid 1000x500", "2000000 bid 1000x600"]);
  assert.deepEqual([report.gaps, report.files.length], [0, 2]);
  assert.equal(
    await faultOf(() => rowsOf([second, first], { errors: "skip" })),
    'Cannot read "2.jsonl.gz" as row 2 column "at" must not be before the end of the file read ' +
      `before this one: current value is ${START + 5}`,
  );
});

Deno.test("a stretch of time starts with the book as it stood", async () => {
  const { rows } = await rowsOf([[
    HEADER,
    book,
    on(6, (time) => depth(time, 11, 11, [["10", "0"]])),
    on(8, (time) => trade(time, "9.5")),
  ]], { from: at(7) });
  assert.deepEqual(rows, ["7 reset", "7 bid 950x200", "7 ask 1100x200", "8 sell 950x100"]);
});

const good = on(1, (time) => trade(time, "10"));
const faults: readonly (readonly [name: string, line: string, fault: string])[] = [
  [
    "a price off the grid",
    on(2, (time) => trade(time, "10.001")),
    'column "trade.SOL_USDC p" must be a price on the tick grid: current value is "10.001"',
  ],
  [
    "a frame that is no JSON",
    line(START, "hello"),
    'column "frame body" must be JSON: current value is "hello"',
  ],
  [
    "a line of another shape",
    '{"frame":{}}',
    'must be a frame or a reply with the time it came, or a numbered event: current value is {"frame":{}}',
  ],
  [
    "an empty line",
    "",
    "must be a frame or a reply with the time it came, or a numbered event: current value is empty",
  ],
  [
    "half a line in the middle",
    good.slice(0, 40),
    `must be a frame or a reply with the time it came, or a numbered event: current value is ${
      good.slice(0, 40)
    }`,
  ],
  [
    "a book that is crossed",
    on(2, (time) => touch(time, "11", "10.99")),
    'column "a" must be at least b',
  ],
  [
    "a price no column holds",
    on(2, (time) => touch(time, "21474836.48", null)),
    "must hold prices of at most 2147483647 ticks",
  ],
  [
    "a reply that is no book",
    `{"at":1,"path":"/api/v1/depth","reply":{"code":"TOO_MANY_REQUESTS"}}`,
    'column "GET /api/v1/depth timestamp" must be a whole number: current value is absent',
  ],
];
for (const [name, bad, fault] of faults) {
  Deno.test(`${name} is refused by name, or skipped and counted when told to`, async () => {
    const lines = [HEADER, good, bad, on(3, (time) => trade(time, "11"))];
    const message = `Cannot read "1.jsonl.gz" as row 3 ${fault}`;
    assert.equal(await faultOf(() => rowsOf([lines])), message);
    const { rows, report } = await rowsOf([lines], { errors: "skip" });
    assert.deepEqual(rows, ["1 sell 1000x100", "3 sell 1100x100"]);
    assert.equal(report.skipped, 1);
  });
}

Deno.test("a perp's mark without a funding rate is refused: zero would be a claim", async () => {
  const market = findMarket("SOL_USDC_PERP") ?? assert.fail();
  const bare = on(1, (T) => frame("markPrice", { T, p: "10.01" }, market.symbol));
  const lines = [HEADER.replace("SOL_USDC", market.symbol), bare];
  assert.match(await faultOf(() => rowsOf([lines], { market })), /row 2 column "f" must be the/);
  const { rows } = await rowsOf([[HEADER, on(1, (T) => frame("markPrice", { T, p: "10.01" }))]]);
  assert.deepEqual(rows, ["1 mark 1001 0 0"]);
});

Deno.test("a quantity no column holds is cut and counted", async () => {
  const { rows, report } = await rowsOf([[
    HEADER,
    on(1, (time) => trade(time, "10", { q: "99999999" })),
  ]]);
  assert.deepEqual(rows, ["1 sell 1000x2147483647"]);
  assert.equal(report.clamped, 1);
});

const headers = [
  [HEADER.replace(":1", ":2"), 'column "recording" must be 1: current value is 2'],
  [
    HEADER.replace("backpack", "other"),
    'column "venue" must be backpack: current value is "other"',
  ],
  [HEADER.replace("_USDC", "_USD"), 'column "symbol" must be SOL_USDC: current value is "SOL_USD"'],
  [good, 'column "recording" must be 1: current value is absent'],
  ["ts_us,price", 'column "recording" must be 1: current value is absent'],
] as const;
for (const [header, fault] of headers) {
  Deno.test(`not a recording of this market: ${header.slice(0, 60)}`, async () => {
    const message = `Cannot read "1.jsonl.gz" as row 1 ${fault}`;
    assert.equal(await faultOf(() => rowsOf([[header, good]], { errors: "skip" })), message);
  });
}

Deno.test("a recording is known by its first line, cut short or not", async () => {
  using folder = new Folder();
  const bytes = gzipSync(`${HEADER}\n${good}\n`.repeat(20));
  for (const end of [bytes.length, bytes.length - 9]) {
    const path = folder.writeBytes("a.jsonl.gz", bytes.subarray(0, end));
    assert.equal(await detectKind(path), "recording");
  }
});

const ends: readonly (readonly [string, string, rows: number, torn: number])[] = [
  ["a line feed", `${good}\n`, 1, 0],
  ["a whole line without a line feed", good, 1, 0],
  ["half a line", `${good}\n${good.slice(0, -1)}`, 1, 1],
  ["a line cut inside its first member", `${good}\n{`, 1, 1],
];
for (const [name, text, count, torn] of ends) {
  Deno.test(`a recording may end in ${name}`, async () => {
    using folder = new Folder();
    for (const name of ["a.jsonl", "a.jsonl.gz"]) {
      const path = folder.write(name, `${HEADER}\n${text}`);
      const { tape, report } = await readRecording([path], sol, { errors: "refuse" });
      assert.deepEqual([tape.length, report.torn, report.skipped], [count, torn, torn], name);
    }
  });
}

Deno.test("a long recording cut short gives every line before the cut, once", async () => {
  using folder = new Folder();
  const lines = Array.from({ length: 9000 }, (_, i) => on(i, (time) => trade(time, "10")));
  const zipped = gzipSync(`${HEADER}\n${lines.join("\n")}\n`);
  const path = folder.writeBytes("a.jsonl.gz", zipped.subarray(0, zipped.length - 500));
  const { tape, report } = await readRecording([path], sol, { errors: "refuse" });
  assert.ok(tape.length > 8000 && tape.length < 9000, `${tape.length} rows`);
  assert.ok(tape.time.every((time, i) => time === START + i));
  assert.equal(report.torn, 1);
});

Deno.test("zeros behind the last member are a power cut; anything else behind it is a fault", async () => {
  using folder = new Folder();
  const whole = gzipSync(`${HEADER}\n${good}\n`);
  const read = async (...parts: readonly Uint8Array[]) => {
    const path = folder.writeBytes("a.jsonl.gz", new Uint8Array(parts.flatMap((one) => [...one])));
    const { tape, report } = await readRecording([path], sol, { errors: "skip" });
    return [tape.length, report.torn];
  };
  const zeros = new Uint8Array(64);
  assert.deepEqual(await read(whole), [1, 0]);
  assert.deepEqual(await read(whole, zeros), [1, 1]);
  assert.match(await faultOf(() => read(whole, zeros, whole)), /gzip stream must be whole/);
  assert.match(await faultOf(() => read(whole, new Uint8Array([7, 7, 7]))), /must be whole/);
  const flipped = whole.map((byte, i) => i === whole.length - 6 ? byte ^ 1 : byte);
  assert.match(await faultOf(() => read(flipped, whole)), /gzip stream must be whole: incorrect/);
  assert.match(await faultOf(() => read(new Uint8Array())), /the file must not be empty/);
  assert.match(await faultOf(() => read(whole.subarray(0, 14))), /must hold a whole first line/);
});

Deno.test("a line without an end is not gathered for ever", async () => {
  const lines = [HEADER, "x".repeat(2_000_000)];
  assert.match(await faultOf(() => rowsOf([lines])), /row 2 must be a line of at most 1048576/);
});

sharedTest(
  "recorded messages are read as what they are",
  "data/samples/backpack-ws-messages.jsonl",
  async (text) => {
    const frames = text.trim().split("\n");
    const read = (symbol: string) =>
      rowsOf([[
        HEADER.replace("SOL_USDC", symbol),
        ...frames.map((frame, i) => line(START + i, frame)),
      ]], { market: marketOf(symbol) });
    const spot = await read("SOL_USDC");
    assert.deepEqual(spot.rows.map((row) => row.slice(row.indexOf(" ") + 1)), [
      "best 21858x5602 21861x1960",
      "sell 21850x7",
      "best 21938x4630 21942x600",
      "best 20751x1646 20752x2052",
    ]);
    assert.deepEqual([spot.report.dropped, spot.report.files[0]?.rows], [2, frames.length]);
    const perp = await read("BTC_USDC_PERP");
    assert.deepEqual(perp.rows.map((row) => row.slice(row.indexOf(" ") + 1)), [
      "best 866559x194230 866560x201178",
    ]);
    assert.equal((await read("AAPL.US_USDC_PERP")).rows[0]?.split(" ")[1], "mark");
  },
);

sharedTest(
  "a recorded sequence of touches and depth is one chain",
  "backpack/examples/ws.sequence.bookTicker-depth.SOL_USDC.jsonl",
  async (text) => {
    const first = 1788367430246081;
    const whole = snapshot(first - 1, 4330360994, [["98.96", "288.77"]], [["98.97", "20.00"]]);
    const frames = text.trim().split("\n").map((frame, i) => line(first + i, frame));
    using folder = new Folder();
    const path = folder.write("a.jsonl.gz", [HEADER, whole, ...frames]);
    const { tape, report } = await readRecording([path], sol, { errors: "refuse" });
    assert.deepEqual([report.gaps, report.dropped, report.late], [0, 0, 0]);
    const texts = shown(tape).map((row) => row.slice(row.indexOf(" ") + 1));
    assert.deepEqual(texts.slice(0, 5), [
      "reset",
      "bid 9896x28877",
      "ask 9897x2000",
      "ask 9897x2239",
      "best 9896x28877 9897x2239",
    ]);
    assert.equal(texts.at(-1), "bid 9895x15990");
  },
);

Deno.test("a market whose name another name ends in is not mixed up with it", async () => {
  const market = defineMarket({
    ...{ symbol: "US_USDC", base: "US", quote: "USDC", kind: "spot" },
    ...{ tickSize: "0.01", lotSize: "0.01", minQuantity: "0.01", minPrice: "0.01" },
  });
  const other = on(1, (T) => frame("trade", { T, p: "1", q: "1", m: true, t: 1 }, "AAPL.US_USDC"));
  const lines = [HEADER.replace("SOL_USDC", "US_USDC"), other];
  assert.match(await faultOf(() => rowsOf([lines], { market })), /must be a market of this run/);
});
