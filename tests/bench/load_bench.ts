// How fast recordings are read, and how fast the same columns come out of the cache:
// `deno run -A tests/bench/load_bench.ts`. The files are made up here and written to a folder that
// is removed afterwards, so that the figures need no recordings.

import { gzipSync } from "node:zlib";
import { type Asked, cached } from "../../lib/data/cache.ts";
import { readCandles } from "../../lib/data/candles.ts";
import type { ReadColumns } from "../../lib/data/columns_file.ts";
import { findMarket } from "../../lib/data/markets.ts";
import { readTape } from "../../lib/data/tape.ts";
import { median, shown } from "./show.ts";

const ROWS = 400_000;
const ROUNDS = 9;

const market = findMarket("SOL_USDC_PERP");
if (market === undefined) throw new Error("SOL_USDC_PERP is not known");

/** A price walk in cents, repeatable. */
function walk(): () => number {
  let seed = 1;
  let cents = 15_000;
  return () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    cents = Math.max(100, cents + (seed % 21) - 10);
    return cents;
  };
}

const price = (cents: number) => (cents / 100).toFixed(2);

function candleFile(): string {
  const next = walk();
  const rows = ["ts_ms,open,high,low,close,volume"];
  for (let i = 0; i < ROWS; i++) {
    const open = next();
    const close = next();
    const prices = [open, Math.max(open, close) + 3, Math.min(open, close) - 3, close].map(price);
    rows.push(`${1_700_000_000_000 + i * 60_000},${prices.join(",")},${(i % 977) + 0.25}`);
  }
  return `${rows.join("\n")}\n`;
}

function tradeFile(): string {
  const next = walk();
  const rows = ["ts_us,recv_us,price,qty,side,trade_id"];
  for (let i = 0; i < ROWS; i++) {
    const time = 1_700_000_000_000_000 + i * 12_345;
    const side = i % 3 === 0 ? "buy" : "sell";
    rows.push(`${time},${time + 99},${price(next())},${(i % 97) + 0.25},${side},${i}`);
  }
  return `${rows.join("\n")}\n`;
}

/** Reads and loads by turns, so that a slow moment of the machine falls on both. */
async function measure(
  name: string,
  asked: Asked,
  read: () => Promise<ReadColumns>,
): Promise<void> {
  const cache = { folder: `${folder}/columns` };
  const unexpected = () => Promise.reject(new Error("the cache was not used"));
  const start = performance.now();
  await cached(cache, asked, read);
  const keeping = performance.now() - start;
  const reading: number[] = [];
  const loading: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    reading.push(await timed(read));
    loading.push(await timed(() => cached(cache, asked, unexpected)));
  }
  shown(`${name}: read`, (ROWS / median(reading)) * 1000, "rows/s");
  shown(`${name}: from the cache`, (ROWS / median(loading)) * 1000, "rows/s");
  shown(`${name}: cache over reading`, median(reading) / median(loading), "");
  shown(`${name}: first time, kept`, (ROWS / keeping) * 1000, "rows/s");
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

const folder = await Deno.makeTempDir({ prefix: "bpx-bench-" });
try {
  const candles = `${folder}/candles.csv.gz`;
  const trades = `${folder}/trades.csv.gz`;
  await Deno.writeFile(candles, gzipSync(candleFile()));
  await Deno.writeFile(trades, gzipSync(tradeFile()));
  const options = { errors: "refuse" } as const;
  await measure(
    "candles",
    { paths: [candles], market, options },
    () => readCandles([candles], market, options),
  );
  await measure(
    "trades",
    { paths: [trades], market, options },
    () => readTape([trades], market, options),
  );
} finally {
  await Deno.remove(folder, { recursive: true });
}
