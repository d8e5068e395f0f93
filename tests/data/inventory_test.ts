// What is said of a file without its market: kind, market by name, first and last time, rows, gaps.

import { deepEqual, match } from "node:assert/strict";
import { holdingOf } from "../../lib/data/inventory.ts";
import { faultOf, Folder } from "./files.ts";
import { HEADER, line, START, trade } from "./frames.ts";

async function said(name: string, lines: readonly string[]) {
  using folder = new Folder();
  const { path: _, step: __, ...rest } = await holdingOf(folder.write(name, lines));
  return rest;
}

const bar = (minute: number) => `${1_700_000_040_000 + minute * 60_000},1,2,1,2,3`;
const at = (minute: number) => (1_700_000_040_000 + minute * 60_000) * 1_000;

Deno.test("candles: missing bars are counted by the commonest step", async () => {
  const head = "ts_ms,open,high,low,close,volume";
  deepEqual(
    await said("SOL_USDC_PERP-1m-2023.csv.gz", [head, bar(0), bar(1), bar(2), bar(6), bar(7)]),
    { kind: "klines", market: "SOL_USDC_PERP", rows: 5, from: at(0), to: at(7), gaps: 3 },
  );
  deepEqual(await said("MU.US_USDC_PERP-1m.csv", [head, bar(0)]), {
    ...{ kind: "klines", market: "MU.US_USDC_PERP", rows: 1, from: at(0), to: at(0), gaps: 0 },
  });
});

Deno.test("ticks: no gaps are known, and a name without a dash names no market", async () => {
  const trades = ["ts_us,price,qty,side", "1700000000000000,1,2,buy", "1700000000000007,1,2,sell"];
  deepEqual(await said("ticks.csv.gz", trades), {
    ...{ kind: "trades", market: undefined, rows: 2, gaps: undefined },
    ...{ from: 1_700_000_000_000_000, to: 1_700_000_000_000_007 },
  });
});

Deno.test("recordings: the market is in the header, and a torn end is no fault", async () => {
  const lines = [HEADER, line(START, trade(START, "1.00")), line(START + 9, trade(START, "1.00"))];
  const expected = {
    ...{ kind: "recording", market: "SOL_USDC", rows: 2, gaps: undefined },
    ...{ from: START, to: START + 9 },
  };
  deepEqual(await said("a.001.jsonl.gz", lines), expected);
  using folder = new Folder();
  const torn = folder.write("b.jsonl", `${lines.join("\n")}\n{"at":17`);
  const { path: _, step: __, ...rest } = await holdingOf(torn);
  deepEqual(rest, expected);
});

Deno.test("a file that is broken or none of ours is a fault", async () => {
  using folder = new Folder();
  const files = [
    [folder.write("a.csv", "x,y\n1,2\n"), /must be the header of a klines, trades/],
    [
      folder.write("b.csv", ["ts_us,price,qty,side", "7,1,2,buy", "6,1,2,buy"]),
      /row 3 column "ts_us"/,
    ],
    [folder.write("c.csv", ["ts_ms,open,high,low,close,volume", "x,1,1,1,1,1"]), /must be a whole/],
    [folder.write("d.jsonl", [HEADER]), /must hold a line below its first/],
  ] as const;
  for (const [file, message] of files) match(await faultOf(() => holdingOf(file)), message);
});
