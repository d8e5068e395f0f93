// Tests lib/data/funding.ts.

import assert from "node:assert/strict";
import { micros } from "../../lib/core/units.ts";
import { readFunding } from "../../lib/data/funding.ts";
import { faultOf, Folder, sharedFile } from "./files.ts";

const HEADER = "ts_ms,funding_rate";
const refuse = { errors: "refuse" } as const;

Deno.test("rates arrive as the fractions they are written as, joined by time", async () => {
  using folder = new Folder();
  const late = folder.write("late.csv", [HEADER, "7200000,-3.651e-05", "10800000,0"]);
  const early = folder.write("early.csv.gz", [HEADER, "3600000,0.0001"]);
  const { funding, report } = await readFunding([late, early], refuse);
  assert.deepEqual([...funding.time], [3.6e9, 7.2e9, 10.8e9]);
  assert.deepEqual([...funding.rate], [0.0001, -0.00003651, 0]);
  assert.deepEqual([report.rows, report.from, report.to], [3, 3.6e9, 10.8e9]);
});

Deno.test("a stretch of time is cut out, its end left out", async () => {
  using folder = new Folder();
  const path = folder.write("a.csv", [HEADER, "1,0.1", "2,0.2", "3,0.3"]);
  const range = { ...refuse, from: micros(2000), to: micros(3000) };
  assert.deepEqual([...(await readFunding([path], range)).funding.rate], [0.2]);
});

const refusals: readonly (readonly [string, string])[] = [
  ["1,0.2", 'column "ts_ms" must not be before the row above: current value is 1'],
  ["2,0.2", 'column "ts_ms" must not repeat the time of the row before: current value is 2'],
  ["3,", 'column "funding_rate" must be a number: current value is empty'],
];
for (const [row, fault] of refusals) {
  Deno.test(`a bad rate is refused, or skipped and counted: ${row}`, async () => {
    using folder = new Folder();
    const path = folder.write("a.csv", [HEADER, "2,0.1", row, "4,0.3"]);
    assert.equal(
      await faultOf(() => readFunding([path], refuse)),
      `Cannot read "a.csv" as row 3 ${fault}`,
    );
    const { funding, report } = await readFunding([path], { errors: "skip" });
    assert.deepEqual([...funding.rate], [0.1, 0.3]);
    assert.equal(report.skipped, 1);
  });
}

Deno.test("a time in two files is refused, or kept once", async () => {
  using folder = new Folder();
  const path = folder.write("a.csv", [HEADER, "1,0.1", "2,0.2"]);
  assert.match(await faultOf(() => readFunding([path, path], refuse)), /no time may stand in two/);
  const { funding, report } = await readFunding([path, path], { errors: "skip" });
  assert.equal(funding.length, 2);
  assert.equal(report.skipped, 2);
});

Deno.test("the recorded rates of SOLUSDT: 89 intervals of 8 hours", async () => {
  const path = sharedFile("funding/SOLUSDT-PERP-BINANCE-8h-20250525-20250624.csv.gz");
  if (path === undefined) return;
  const { funding } = await readFunding([path], refuse);
  assert.equal(funding.length, 89);
  assert.equal(funding.time[0], Date.parse("2025-05-25T16:00:00Z") * 1000);
  assert.equal(funding.time[88], Date.parse("2025-06-24T00:00:00Z") * 1000);
  assert.equal(funding.rate[0], -3.651e-5);
  assert.ok(funding.rate.every((rate) => Math.abs(rate) < 0.01));
});
