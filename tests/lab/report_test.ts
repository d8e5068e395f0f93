// The report as files: every digit kept, nothing half-written, nothing turned into null unseen.

import assert from "node:assert/strict";
import { type Base, base, cash, cashOf, lots, micros, ticks } from "../../lib/core/units.ts";
import type { FillRow } from "../../lib/lab/metrics.ts";
import { equityCsv, fillsCsv, marketFacts, reportJson, writeReport } from "../../lib/lab/report.ts";
import { aReport } from "../support/report.ts";
import { perpMarket, spotMarket } from "../support/core.ts";

const spot = marketFacts(spotMarket());

function fill(fee: number, feeBase: Base, tag?: string): FillRow {
  return {
    time: micros(1_735_689_600_123_456),
    side: feeBase === 0 ? "ask" : "bid",
    price: ticks(14_150),
    quantity: lots(250),
    maker: true,
    fee: cash(fee),
    feeBase,
    positionAfter: lots(-3),
    realised: cash(0),
    ...(tag === undefined ? {} : { tag }),
  };
}

Deno.test("the units of a market survive as text", () => {
  assert.deepEqual(spot, {
    symbol: "SOL_USDC",
    kind: "spot",
    base: "SOL",
    quote: "USDC",
    tickSize: "0.01",
    lotSize: "0.01",
  });
  const coarse = marketFacts(perpMarket({ tickSize: "5", lotSize: "0.250" }));
  assert.deepEqual([coarse.tickSize, coarse.lotSize], ["5", "0.25"]);
});

Deno.test("fills are written in the market's units, the fee in its own currency", () => {
  const rows = [fill(12_345, base(0), 'rung 3, "top"'), fill(0, base(200_000), 'say "hi"')];
  assert.equal(
    fillsCsv(spot, rows),
    `time_us,side,price,quantity,maker,fee,fee_symbol,tag,position_after
1735689600123456,ask,141.5,2.5,true,0.00012345,USDC,"rung 3, ""top""",-0.03
1735689600123456,bid,141.5,2.5,true,0.002,SOL,"say ""hi""",-0.03
`,
  );
  assert.equal(fillsCsv(spot, []).split("\n").length, 2);
});

Deno.test("equity is written with its distance from the highest so far", () => {
  const rows = [100, 101.5, 99, 102, 101.99999999].map((usd, second) => ({
    time: micros(second * 1_000_000),
    equity: cashOf(usd),
    position: lots(second),
  }));
  assert.equal(
    equityCsv(spot, rows),
    `time_us,equity,position,drawdown
0,100,0,0
1000000,101.5,0.01,0
2000000,99,0.02,2.5
3000000,102,0.03,0
4000000,101.99999999,0.04,0.00000001
`,
  );
});

Deno.test("JSON reads back as the same report, and refuses what it cannot say", () => {
  const report = aReport();
  assert.deepEqual(JSON.parse(reportJson(report)), report);
  for (const value of [NaN, Infinity]) {
    const broken = { ...report, metrics: { ...report.metrics, sharpe: value } };
    assert.throws(() => reportJson(broken), { name: "Bug", message: `report: sharpe is ${value}` });
  }
});

Deno.test("a report is three whole files, and replaces an older one", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const target = `${dir}/runs/one`;
    await writeReport(target, aReport(), [fill(0, base(0))], []);
    await writeReport(target, { ...aReport(), fills: 7 }, [], []);
    const names = [...Deno.readDirSync(target)].map((entry) => entry.name).toSorted();
    assert.deepEqual(names, ["equity.csv", "fills.csv", "report.json"]);
    const read = JSON.parse(await Deno.readTextFile(`${target}/report.json`));
    assert.equal(read.fills, 7);
    const fills = await Deno.readTextFile(`${target}/fills.csv`);
    assert.equal(fills.split("\n").length, 2);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a report that cannot be written whole leaves the older one as it was", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await writeReport(dir, aReport(), [], []);
    const before = await Deno.readTextFile(`${dir}/fills.csv`);
    const report = aReport();
    const broken = { ...report, timing: { ...report.timing, seconds: NaN } };
    await assert.rejects(writeReport(dir, broken, [fill(0, base(0))], []), { name: "Bug" });
    assert.equal(await Deno.readTextFile(`${dir}/fills.csv`), before);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
