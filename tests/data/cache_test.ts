// Tests lib/data/cache.ts: from the cache comes what reading gives, and only while everything that
// decides it is the same; whatever is wrong with an entry or its folder, the answer is right.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { micros } from "../../lib/core/units.ts";
import { type Asked, cached, READERS_VERSION } from "../../lib/data/cache.ts";
import { readCandles } from "../../lib/data/candles.ts";
import type { ReadColumns } from "../../lib/data/columns_file.ts";
import { readTape } from "../../lib/data/tape.ts";
import { coarse, faultOf, Folder, sharedFile, sol } from "./files.ts";
import { marketOf } from "./stated.ts";

const HEADER = "ts_ms,open,high,low,close,volume";
const options = { errors: "refuse" } as const;

/** Bars of one minute, as many as asked, from a minute on. */
function bars(count: number, from = 1, price = 10): string[] {
  const row = (i: number) =>
    `${(i + from) * 60_000},${price},${price + i},${price},${price},${i}.5`;
  return [HEADER, ...Array.from({ length: count }, (_, i) => row(i))];
}

/** A cache, and a count of how often it had to read. */
class Kept {
  reads = 0;
  readonly folder: string;
  readonly mostBytes: number;

  constructor(folder: string, mostBytes = 1e9) {
    this.folder = folder;
    this.mostBytes = mostBytes;
  }

  candles(asked: Asked): Promise<ReadColumns> {
    return cached({ folder: this.folder, mostBytes: this.mostBytes }, asked, () => {
      this.reads++;
      return readCandles(asked.paths, asked.market, asked.options);
    });
  }

  /** The names in the folder. */
  names(): string[] {
    return [...Deno.readDirSync(this.folder)].map(({ name }) => name).sort();
  }

  /** The one entry there is. */
  entry(): string {
    const [name, ...more] = this.names();
    assert.ok(name !== undefined && more.length === 0, `one entry, not ${this.names().join(" ")}`);
    return `${this.folder}/${name}`;
  }
}

Deno.test("what was read once is loaded, and the same", async () => {
  using folder = new Folder();
  const asked = { paths: [folder.write("a.csv.gz", bars(9))], market: sol, options };
  const kept = new Kept(folder.path("a.columns/b"));
  const read = await readCandles(asked.paths, sol, options);
  for (let round = 0; round < 3; round++) assert.deepEqual(await kept.candles(asked), read);
  assert.equal(kept.reads, 1);
  assert.match(kept.entry(), /\/[0-9a-f]{64}\.columns$/);
});

Deno.test("without a cache everything is read", async () => {
  using folder = new Folder();
  const asked = { paths: [folder.write("a.csv", bars(3))], market: sol, options };
  let reads = 0;
  const read = () => {
    reads++;
    return readCandles(asked.paths, sol, options);
  };
  assert.deepEqual(await cached(undefined, asked, read), await cached(undefined, asked, read));
  assert.equal(reads, 2);
});

type Change = readonly [string, (asked: Asked, folder: Folder) => Asked, entries: 1 | 2];
const changes: readonly Change[] = [
  ["the bytes of a file", (asked, folder) => {
    folder.write("b.csv", bars(3, 4, 20));
    return asked;
  }, 1],
  ["bytes that change no row", (asked, folder) => {
    folder.write("b.csv", bars(3, 4).join("\r\n"));
    return asked;
  }, 1],
  ["the number of files", (asked) => ({ ...asked, paths: asked.paths.slice(1) }), 2],
  ["the order of the files", (asked) => ({ ...asked, paths: asked.paths.toReversed() }), 2],
  ["the name of a file", (asked, folder) => {
    Deno.renameSync(folder.path("b.csv"), folder.path("c.csv"));
    return { ...asked, paths: [folder.path("a.csv"), folder.path("c.csv")] };
  }, 2],
  ["errors", (asked) => ({ ...asked, options: { errors: "skip" } }), 2],
  ["from", (asked) => ({ ...asked, options: { ...options, from: micros(90e6) } }), 2],
  ["to", (asked) => ({ ...asked, options: { ...options, to: micros(90e6) } }), 2],
  ["the symbol", (asked) => ({ ...asked, market: { ...sol, symbol: "SOL_USDT" } }), 2],
  ["spot or perp", (asked) => ({ ...asked, market: { ...sol, kind: "perp" } }), 2],
  ["the tick", (asked) => ({ ...asked, market: { ...sol, tickUnits: 5 } }), 2],
  ["the tick's decimals", (asked) => ({ ...asked, market: { ...sol, priceDecimals: 3 } }), 2],
  ["the lot", (asked) => ({ ...asked, market: { ...sol, lotUnits: 10 } }), 2],
  ["the lot's decimals", (asked) => ({ ...asked, market: { ...sol, quantityDecimals: 1 } }), 2],
];

/** Two files that follow one another. */
function twoFiles(folder: Folder): Asked {
  const paths = [folder.write("a.csv", bars(3)), folder.write("b.csv", bars(3, 4))];
  return { paths, market: sol, options };
}

for (const [name, change, entries] of changes) {
  Deno.test(`an entry does not answer for another question: ${name}`, async () => {
    using folder = new Folder();
    const kept = new Kept(folder.path("columns"));
    const before = twoFiles(folder);
    await kept.candles(before);
    const asked = change(before, folder);
    const read = await readCandles(asked.paths, asked.market, asked.options);
    for (let round = 0; round < 2; round++) assert.deepEqual(await kept.candles(asked), read);
    assert.equal(kept.reads, 2);
    // Files that changed replace their entry; another question stands beside it.
    assert.equal(kept.names().length, entries);
  });
}

Deno.test("what else a market rules does not matter to its columns", async () => {
  using folder = new Folder();
  const kept = new Kept(folder.path("columns"));
  const asked = twoFiles(folder);
  await kept.candles(asked);
  await kept.candles({ ...asked, market: { ...sol, state: "PostOnly", bands: {} } });
  assert.equal(kept.reads, 1);
});

const damages: readonly (readonly [string, (good: Uint8Array) => Uint8Array])[] = [
  ["empty", () => new Uint8Array()],
  ["cut in its head", (good) => good.slice(0, 20)],
  ["cut in its columns", (good) => good.slice(0, -8)],
  ["too long", (good) => new Uint8Array([...good, ...new Uint8Array(8)])],
  ["a bit off at its end", (good) => good.with(-1, (good.at(-1) ?? 0) ^ 1)],
  ["a bit off in its checksum", (good) => good.with(0, (good[0] ?? 0) ^ 1)],
  ["of another key", (good) => good.with(9, (good[9] ?? 0) ^ 1)],
  ["text", () => new TextEncoder().encode("no columns at all ".repeat(99))],
];

for (const [name, damage] of damages) {
  Deno.test(`an entry that is ${name} is ignored and made anew`, async () => {
    using folder = new Folder();
    const kept = new Kept(folder.path("columns"));
    const asked = twoFiles(folder);
    const read = await kept.candles(asked);
    const good = Deno.readFileSync(kept.entry());
    Deno.writeFileSync(kept.entry(), damage(good));
    assert.deepEqual(await kept.candles(asked), read);
    assert.equal(kept.reads, 2);
    assert.deepEqual(Deno.readFileSync(kept.entry()), good);
    assert.deepEqual(await kept.candles(asked), read);
    assert.equal(kept.reads, 2);
  });
}

Deno.test("the fault of a file is the reader's own, and nothing is kept", async () => {
  using folder = new Folder();
  const kept = new Kept(folder.path("columns"));
  const asked = twoFiles(folder);
  const missing = { ...asked, paths: [folder.path("none.csv")] };
  const fault = 'Cannot read "none.csv" as the file must exist';
  assert.equal(await faultOf(() => kept.candles(missing)), fault);
  folder.write("b.csv", bars(3, 4).slice(0, 3).concat("x"));
  assert.match(await faultOf(() => kept.candles(asked)), /^Cannot read "b.csv" as row 4/);
  assert.throws(() => kept.names(), Deno.errors.NotFound);
});

Deno.test("a file that grew while it was read is not kept", async () => {
  using folder = new Folder();
  const asked = twoFiles(folder);
  const cache = { folder: folder.path("columns") };
  const grown = await cached(cache, asked, () => {
    folder.write("b.csv", bars(5, 4));
    return readCandles(asked.paths, sol, options);
  });
  assert.equal(grown.report.rows, 8);
  assert.throws(() => Deno.readDirSync(cache.folder), Deno.errors.NotFound);
});

Deno.test("a folder that cannot be written means no cache, and no error", async () => {
  using folder = new Folder();
  const asked = twoFiles(folder);
  const read = await readCandles(asked.paths, sol, options);
  const places = [`${folder.write("file", "")}/columns`, "/proc/columns", "/dev/null/columns"];
  for (const place of places) {
    const kept = new Kept(place);
    for (let round = 0; round < 2; round++) assert.deepEqual(await kept.candles(asked), read);
    assert.equal(kept.reads, 2, place);
  }
});

Deno.test("an entry that cannot be put in its place leaves nothing behind", async () => {
  using folder = new Folder();
  const kept = new Kept(folder.path("columns"));
  const asked = twoFiles(folder);
  const read = await kept.candles(asked);
  const entry = kept.entry();
  Deno.removeSync(entry);
  Deno.mkdirSync(`${entry}/in the way`, { recursive: true });
  assert.deepEqual(await kept.candles(asked), read);
  assert.equal(kept.entry(), entry);
});

Deno.test("two that read the same at once both have it right, and keep one entry", async () => {
  using folder = new Folder();
  const kept = new Kept(folder.path("columns"));
  const asked = twoFiles(folder);
  const read = await readCandles(asked.paths, sol, options);
  for (const answer of await Promise.all([kept.candles(asked), kept.candles(asked)])) {
    assert.deepEqual(answer, read);
  }
  assert.deepEqual(await kept.candles(asked), read);
  assert.equal(kept.reads, 2);
  assert.ok(kept.entry());
});

Deno.test("beyond its bound the oldest entries go, and nothing else in the folder", async () => {
  using folder = new Folder();
  const asked = (name: string): Asked => ({
    paths: [folder.write(`${name}.csv`, bars(50))],
    ...{ market: sol, options },
  });
  const first = new Kept(folder.path("columns"));
  await first.candles(asked("a"));
  const [oldest = "", size] = [first.entry(), Deno.statSync(first.entry()).size];
  Deno.utimeSync(oldest, 1000, 1000);
  const foreign = `${first.folder}/notes.txt`;
  Deno.writeTextFileSync(foreign, "mine ".repeat(1000));
  Deno.utimeSync(foreign, 10, 10);
  const remnant = `${first.folder}/x.columns-unfinished`;
  Deno.writeFileSync(remnant, new Uint8Array(size));
  Deno.utimeSync(remnant, 500, 500);
  const kept = new Kept(first.folder, 2.5 * size);
  await kept.candles(asked("b"));
  const names = kept.names().map((name) => `${kept.folder}/${name}`);
  assert.equal(names.length, 3, names.join(" "));
  assert.ok(names.includes(oldest) && names.includes(foreign) && !names.includes(remnant));
  await kept.candles(asked("c"));
  assert.equal(kept.names().length, 3);
  assert.ok(!kept.names().some((name) => oldest.endsWith(name)));
  await kept.candles(asked("b"));
  await kept.candles(asked("c"));
  assert.equal(kept.reads, 2);
});

Deno.test("an entry beyond the bound on its own is not kept, and drives none out", async () => {
  using folder = new Folder();
  const asked = twoFiles(folder);
  const kept = new Kept(folder.path("columns"));
  await kept.candles(asked);
  const entry = kept.entry();
  const small = new Kept(kept.folder, 100);
  await small.candles({ ...asked, paths: asked.paths.slice(1) });
  assert.equal(small.reads, 1);
  assert.equal(small.entry(), entry);
});

Deno.test("the recordings come out of the cache as they were read", async () => {
  const candles = sharedFile("klines/SOLUSDC-PERP-HYPERLIQUID-1m-20250721-20250726.csv.gz");
  const trades = sharedFile("trades/SOLUSDC-PERP-HYPERLIQUID-20250904.csv.gz");
  const top = sharedFile("book/SOLUSDC-PERP-HYPERLIQUID-20250904-top10.csv.gz");
  if (candles === undefined || trades === undefined || top === undefined) return;
  using folder = new Folder();
  const cache = { folder: folder.path("columns") };
  const market = marketOf(trades);
  const unexpected = () => Promise.reject(new Error("the cache was not used"));
  const tapes = { paths: [top, trades], market, options };
  const tape = await readTape(tapes.paths, market, options);
  await cached(cache, tapes, () => Promise.resolve(tape));
  assert.deepEqual(await cached(cache, tapes, unexpected), tape);
  const bars = { paths: [candles], market, options };
  const read = await readCandles(bars.paths, market, options);
  await cached(cache, bars, () => Promise.resolve(read));
  assert.deepEqual(await cached(cache, bars, unexpected), read);
});

/** A file of every kind, with prices between ticks, quantities off the lots and a bad row each. */
const samples: readonly (readonly string[])[] = [
  [
    "ts_us,price,qty,side",
    ...["1,10.1,2.7,buy", "2,10.104,0.004,sell", "2,10,1e9,sell", "x,1,1,buy", "3,10.404,1,sell"],
  ],
  ["ts_us,bid_px,bid_qty,ask_px,ask_qty", "1,9.904,2.7,10.1,3", "2,0,0,10.304,6", "3,9,1,8,1"],
  [
    "ts_us,bid_px_1,bid_qty_1,ask_px_1,ask_qty_1,bid_px_2,bid_qty_2,ask_px_2,ask_qty_2",
    ...["1,9.9,1,10.1,2,9.4,3,10.6,4", "2,9.404,3,10.6,4,9.1,1,11,1", "3,9,1,-1,1,8,1,9,1"],
  ],
  [
    "ts_us,kind,first_id,last_id,prev_id,side,price,qty",
    ...["1,snapshot,1,1,0,bid,9.9,1", "1,snapshot,1,1,0,ask,10.1,2", "2,delta,1,1,0,bid,9,3"],
    ...["2,delta,2,2,1,bid,9.404,3", "3,delta,4,4,3,bid,9.9,0", "4,delta,5,5,4,ask,x,0"],
  ],
];

// When this fails the readers make something else of the same files: raise READERS_VERSION, so that
// entries of before are made anew, then write the new digest here.
Deno.test("the readers are those that READERS_VERSION stands for", async () => {
  using folder = new Folder();
  const hash = createHash("sha256");
  const take = ({ files, ...counts }: ReadColumns["report"], columns: object) => {
    const named = files.map(({ kind, rows }) => [kind, rows]);
    hash.update(JSON.stringify([columns, named, counts]));
  };
  const paths = samples.map((rows, index) => folder.write(`${index}.csv`, rows));
  const rows = [...bars(4), "300000,10.13,10.13,10.12,10.12,0.7", "300000,1,1,1,1,1"];
  const path = folder.write("bars.csv", [...rows, "480000,10.104,10.6,10,10.4,2"]);
  const overlap = folder.write("more.csv", bars(4, 7));
  for (const market of [sol, coarse]) {
    for (const part of [{}, { from: micros(2), to: micros(3) }, { from: micros(180e6) }]) {
      const skip = { errors: "skip", ...part } as const;
      for (const files of [...paths.map((path) => [path]), paths]) {
        const { tape, report } = await readTape(files, market, skip);
        take(report, tape);
      }
      const { candles, report } = await readCandles([overlap, path], market, skip);
      take(report, candles);
    }
  }
  assert.deepEqual([READERS_VERSION, hash.digest("hex").slice(0, 16)], [1, "b2127c2fe0a1bebe"]);
});
