// The search behind the presets amm-conservative and amm-balanced: a few settings of each over blocks
// of five days of one-minute bars, judged walk-forward. In each block but the first two of a file the
// setting is traded that was best in the two blocks before; what that made is the evidence, and the
// preset is the setting that was best over all blocks. It takes a quarter of an hour:
// deno run -A tests/bench/amm_search.ts [PRESET]

import { play, type Span } from "./real_spans.ts";

/** What a preset of the family is, and how its settings are judged: by block, in USD. */
interface Family {
  readonly preset: string;
  readonly window: number;
  /** How many USD of profit a USD of drawdown outweighs. */
  readonly fear: number;
}

const families: readonly Family[] = [
  { preset: "amm-conservative", window: 3, fear: 1 },
  { preset: "amm-balanced", window: 6, fear: 0.25 },
];

const files = [
  ["klines/SOLUSDT-PERP-BINANCE-1m-20250127-20250226.csv.gz", "2025-01-28", 5],
  ["klines/SOLUSDT-PERP-BINANCE-1m-20250504-20250624.csv.gz", "2025-05-05", 8],
] as const;
const BLOCK_DAYS = 5;

/** Rungs planned for every ten seconds: bars say nothing about what is between, and it is much faster. */
const pace = "everyMs=10000";

/** Narrower steps lost several times as much in each block they were tried in: a bar fills them at once. */
const steps = [40, 80, 160];

function settings({ window }: Family): readonly string[][] {
  const all: string[][] = [];
  for (const stepBps of steps) {
    for (const maxHoldSec of [3600, 14_400]) {
      for (const bias of ["long", "neutral"]) {
        const maxDeviationBps = stepBps * (window + 1);
        const one = { bias, stepBps, maxDeviationBps, maxHoldSec };
        all.push(Object.entries(one).map((entry) => entry.join("=")));
      }
    }
  }
  return all;
}

function blocks(): readonly (readonly Span[])[] {
  return files.map(([file, first, count]) =>
    Array.from({ length: count }, (_, i) => {
      const day = (n: number) =>
        new Date(Date.parse(`${first}T00:00:00Z`) + n * BLOCK_DAYS * 86_400_000).toISOString()
          .slice(0, 10);
      return { name: day(i), files: [file], from: day(i), to: day(i + 1) };
    })
  );
}

interface Outcome {
  readonly net: number;
  readonly score: number;
}

async function outcome(family: Family, set: readonly string[], span: Span): Promise<Outcome> {
  const { preset, fear } = family;
  const played = await play({ preset, set: [...set, pace], span, fillModel: "through" });
  const { netPnl, maxDrawdown } = played.report.metrics;
  const net = Number(netPnl);
  return { net, score: net - fear * Number(maxDrawdown) };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const bestOf = (scores: readonly number[]) => scores.indexOf(Math.max(...scores));

for (const family of families) {
  if (Deno.args.length > 0 && !Deno.args.includes(family.preset)) continue;
  const candidates = settings(family);
  // By file, by block, by candidate.
  const table: Outcome[][][] = [];
  for (const spans of blocks()) {
    const rows: Outcome[][] = [];
    for (const span of spans) {
      const row: Outcome[] = [];
      for (const set of candidates) row.push(await outcome(family, set, span));
      rows.push(row);
      console.error(`${family.preset} ${span.name}: ${row.map(({ net }) => net.toFixed(1))}`);
    }
    table.push(rows);
  }
  const scoresOf = (rows: readonly Outcome[][]) =>
    candidates.map((_, c) => sum(rows.map((row) => row[c]?.score ?? 0)));
  const forward = table.flatMap((rows) =>
    rows.slice(2).map((row, i) => row[bestOf(scoresOf(rows.slice(i, i + 2)))]?.net ?? 0)
  );
  const all = table.flat();
  const scores = scoresOf(all);
  console.log(`\n${family.preset}`);
  console.log(
    `  walk-forward: ${sum(forward).toFixed(2)} USD in ${forward.length} blocks of ` +
      `${BLOCK_DAYS} days, ${forward.filter((net) => net > 0).length} won`,
  );
  const order = candidates.map((_, c) => c).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  for (const c of [...order.slice(0, 5), ...order.slice(-1)]) {
    const nets = all.map((row) => row[c]?.net ?? 0);
    const text = `${sum(nets).toFixed(2)} USD, ${nets.filter((net) => net > 0).length} won`;
    console.log(
      `  ${(scores[c] ?? 0).toFixed(2).padStart(9)}  ${text}  ${candidates[c]?.join(" ")}`,
    );
  }
}
