// How fast recordings are read: `deno run -A tests/bench/load_bench.ts`. The files are made up here
// and written to a folder that is removed afterwards, so that the figures need no recordings.

import { gzipSync } from "node:zlib";
import { readCandles } from "../../lib/data/candles.ts";
import { findMarket } from "../../lib/data/markets.ts";
import { readTape } from "../../lib/data/tape.ts";

const ROWS = 400_000;
const ROUNDS = 6;

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

async function measure(name: string, read: () => Promise<unknown>): Promise<void> {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await read();
    best = Math.min(best, performance.now() - start);
  }
  const rate = Math.round((ROWS / best) * 1000);
  console.log(`${name.padEnd(8)} ${rate.toLocaleString("en-US").padStart(10)} rows/s`);
}

const folder = await Deno.makeTempDir({ prefix: "bpx-bench-" });
try {
  const candles = `${folder}/candles.csv.gz`;
  const trades = `${folder}/trades.csv.gz`;
  await Deno.writeFile(candles, gzipSync(candleFile()));
  await Deno.writeFile(trades, gzipSync(tradeFile()));
  await measure("candles", () => readCandles([candles], market, { errors: "refuse" }));
  await measure("trades", () => readTape([trades], market, { errors: "refuse" }));
} finally {
  await Deno.remove(folder, { recursive: true });
}
