// The backtest command: bad files are one line and leave nothing behind; a good one is a report that
// says the same twice, and files that agree with it.

import { deepEqual, equal, match, notEqual, throws } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { main } from "../../../lib/app/cli.ts";
import { aShell } from "../../support/shell.ts";

const head = "ts_ms,open,high,low,close,volume";
const hour = 3_600_000;
const start = 1_735_689_600_000;
const grid = [
  ...["-s", "grid", "-m", "SOL_USDC", "--set", "lower=140", "--set", "upper=160"],
  ...["--set", "levels=21", "--set", "quantity=0.5", "--set", "maxDrawdownPct=50"],
];

/** Hours in which the price swings between 142 and 158. */
function swinging(hours: number): string[] {
  return Array.from({ length: hours }, (_, i) => {
    const from = 150 + 8 * Math.sin(i / 5);
    const to = 150 + 8 * Math.sin((i + 1) / 5);
    const [low, high] = [Math.min(from, to) - 0.5, Math.max(from, to) + 0.5];
    const cells = [
      start + i * hour,
      ...[from, high, low, to].map((price) => price.toFixed(2)),
      1000,
    ];
    return cells.join(",");
  });
}

function csv(rows: readonly string[], header = head): string {
  return `${[header, ...rows].join("\n")}\n`;
}

Deno.test("a bad file is one line that says where, exit 2, and nothing is written", async () => {
  const [first = "", second = "", third = ""] = swinging(3);
  const cell = (row: string, column: number, text: string) =>
    row.split(",").map((old, i) => i === column ? text : old).join(",");
  const rows: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
    ["empty.csv", "", /the file must not be empty/],
    ["cut.csv.gz", gzipSync(csv(swinging(50))).subarray(0, 700), /gzip|cut|end/],
    ["plain.csv.gz", csv(swinging(3)), /gzip/],
    ["lacks.csv", csv([first], "ts_ms,open,high,low,volume"), /close/],
    [
      "nan.csv",
      csv([first, cell(second, 2, "NaN")]),
      /row 3 column "high" .*: current value is NaN/,
    ],
    ["order.csv", csv([first, third, second]), /row 4 column "ts_ms" /],
    ["twice.csv", csv([first, first]), /row 3 column "ts_ms" /],
    ["high.csv", csv([first, cell(second, 2, "1")]), /row 3 column "\w+" must be /],
  ];
  await inFolder(async (folder) => {
    for (const [name, content, message] of rows) {
      const path = `${folder}/${name}`;
      Deno.writeFileSync(path, typeof content === "string" ? bytes(content) : content);
      const out = `${folder}/out`;
      const { exitCode, printed } = await call(...grid, "--data", path, "--out", out);
      deepEqual([exitCode, printed.out], [2, ""], `${name}: ${printed.err}`);
      match(printed.err, /^Cannot read "[^\n]+\n$/);
      match(printed.err, message);
      equal([...Deno.readDirSync(folder)].some((entry) => entry.name === "out"), false);
    }
    const { exitCode, printed } = await call(...grid, "--data", `${folder}/none.csv`);
    equal(exitCode, 2);
    match(printed.err, /^Cannot read "[^\n]+none\.csv" as [^\n]+\n$/);
  });
});

Deno.test("candles and ticks together are refused, and so is a range without rows", async () => {
  await inFolder(async (folder) => {
    const candles = write(`${folder}/candles.csv`, csv(swinging(10)));
    const trades = write(
      `${folder}/trades.csv`,
      "ts_us,price,qty,side\n1735689600000000,150,1,buy\n",
    );
    const mixed = await call(...grid, "--data", candles, trades);
    equal(mixed.exitCode, 2);
    match(
      mixed.printed.err,
      /--data must all be candles or all be ticks.*: current value is trades in /,
    );
    const alone = await call(...grid, "--data", trades);
    equal(alone.exitCode, 2);
    match(alone.printed.err, /^Cannot [^\n]*--data must name best bid\/ask or depth[^\n]*\n$/);
    const taken = await call(...grid, "--data", candles, "--out", candles);
    equal(taken.exitCode, 2);
    match(taken.printed.err, /^Cannot [^\n]*--out must be a folder that can be written[^\n]*\n$/);
    const outside = await call(...grid, "--data", candles, "--timerange", "20200101-20200102");
    equal(outside.exitCode, 2);
    match(outside.printed.err, /^Cannot [^\n]*(row|bar|--timerange)[^\n]*\n$/);
  });
});

Deno.test("what the strategy refuses at its start is one line, exit 2", async () => {
  await inFolder(async (folder) => {
    const data = ["--data", write(`${folder}/candles.csv`, csv(swinging(10)))];
    for (const set of ["upper=130", "levels=200", "quantity=0.001", "quantity=100000"]) {
      const { exitCode, printed } = await call(...grid, ...data, "--set", set, "--fees", "30/30");
      deepEqual([exitCode, printed.out], [2, ""], `${set}: ${printed.err}`);
      match(printed.err, /^Cannot [^\n]+: current value is [^\n]+\n$/);
    }
  });
});

Deno.test("the same backtest twice is the same but for its timing, and its files agree", async () => {
  await inFolder(async (folder) => {
    const data = ["--data", write(`${folder}/candles.csv`, csv(swinging(100)))];
    const out = `${folder}/report`;
    const one = await call(...grid, ...data, "--json", "--out", out);
    const two = await call(...grid, ...data, "--json");
    const slow = await call(...grid, ...data, "--json", "--no-quick-lane");
    equal(one.exitCode, 0, one.printed.err);
    const { timing: _, ...report } = JSON.parse(one.printed.out);
    const { timing: __, ...again } = JSON.parse(two.printed.out);
    deepEqual(report, again);
    equal(JSON.parse(slow.printed.out).commandsDigest, report.commandsDigest);
    notEqual(report.fills, 0);
    equal(report.ledger.identityError, "0");
    equal(report.run.fillModel, "through");
    deepEqual(JSON.parse(Deno.readTextFileSync(`${out}/report.json`)), JSON.parse(one.printed.out));
    const fills = Deno.readTextFileSync(`${out}/fills.csv`).trim().split("\n");
    equal(fills.length - 1, report.fills);
  });
});

Deno.test("a backtest from the cache is the backtest from the files", async () => {
  await inFolder(async (folder) => {
    const candles = write(`${folder}/candles.csv`, csv(swinging(100)));
    const best = swinging(100).map((row, second) => {
      const bid = Number(row.split(",")[1]);
      return `${(start + second * 1000) * 1000},${bid.toFixed(2)},9,${(bid + 0.02).toFixed(2)},9`;
    });
    const books = write(`${folder}/bbo.csv`, csv(best, "ts_us,bid_px,bid_qty,ask_px,ask_qty"));
    for (const [index, data] of [candles, books].entries()) {
      const flags = [...grid, "--data", data, "--json", "--data-dir", `${folder}/${index}`];
      const report = async (...more: string[]) => {
        const { exitCode, printed } = await callAsIs(...flags, ...more);
        equal(exitCode, 0, printed.err);
        const { timing: _, ...rest } = JSON.parse(printed.out);
        return rest;
      };
      const columns = `${folder}/${index}/columns`;
      const plain = await report("--no-cache");
      throws(() => Deno.statSync(`${folder}/${index}`), Deno.errors.NotFound);
      notEqual(plain.fills, 0);
      deepEqual(await report(), plain);
      const entry = [...Deno.readDirSync(columns)].map(({ name }) => `${columns}/${name}`).join();
      Deno.utimeSync(entry, 1000, 1000);
      deepEqual(await report(), plain);
      equal(Deno.statSync(entry).mtime?.getTime(), 1_000_000, "it was read, not loaded");
      Deno.truncateSync(entry, 100);
      deepEqual(await report(), plain);
      notEqual(Deno.statSync(entry).size, 100);
    }
  });
});

Deno.test("a synthetic market follows from its seed", async () => {
  const sim = async (seed: string) => {
    const args = [
      "-p",
      "grid-perp",
      "--set",
      "priceRange=0.02",
      "--feed",
      "sim",
      "--duration",
      "10m",
    ];
    const { exitCode, printed } = await call(...args, "--seed", seed, "--json");
    equal(exitCode, 0, printed.err);
    return JSON.parse(printed.out);
  };
  const [one, same, other] = [await sim("7"), await sim("7"), await sim("8")];
  equal(one.commandsDigest, same.commandsDigest);
  notEqual(one.commandsDigest, other.commandsDigest);
  equal(one.ledger.identityError, "0");
  equal(one.run.fillModel, "queue");
});

Deno.test("for people the report fits the terminal and shows the identity", async () => {
  const args = ["-p", "grid-perp", "--feed", "sim", "--duration", "1m"];
  const { exitCode, printed } = await call(...args);
  equal(exitCode, 0, printed.err);
  for (const line of printed.out.split("\n")) equal(line.length <= 80, true, line);
  match(printed.out, /equity change/i);
});

/** A call that leaves nothing in the data folder of the checkout. */
function call(...args: string[]) {
  return callAsIs("--no-cache", ...args);
}

async function callAsIs(...args: string[]) {
  const shell = aShell();
  const exitCode = await main(["backtest", ...args], shell);
  return { exitCode, printed: shell.printed };
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function write(path: string, text: string): string {
  Deno.writeTextFileSync(path, text);
  return path;
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    await test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
