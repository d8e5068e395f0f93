// What a person reads: that it fits the screen, that the sum printed is the sum meant, and that a
// ledger which does not add up cannot be overlooked.

import assert from "node:assert/strict";
import fc from "fast-check";
import { formatCash } from "../../lib/core/market.ts";
import { cash } from "../../lib/core/units.ts";
import type { Report } from "../../lib/lab/report.ts";
import { ledgerGap, reportText } from "../../lib/lab/report_text.ts";
import { aReport } from "../support/report.ts";

function linesOf(report: Report, width = 80): readonly string[] {
  return reportText(report, { width }).split("\n");
}

/** The value printed behind a label. */
function fact(report: Report, label: string): string | undefined {
  return linesOf(report, 200).map((line) => line.trim()).find((line) =>
    line.startsWith(`${label} `)
  )?.slice(label.length).trim();
}

Deno.test("the sections stand in the order a person asks", () => {
  const titles = linesOf(aReport()).filter((line) => /^\S/.test(line));
  assert.deepEqual(titles, [
    "grid on SOL_USDC_PERP",
    "Result",
    "Orders and fills",
    "Quoting",
    "Points weeks",
    "Risk",
    "Ledger identity",
    "Data and assumptions",
  ]);
});

Deno.test("every line fits, whatever the texts are", () => {
  const text = fc.oneof(fc.string({ maxLength: 300 }), fc.constant("x".repeat(300)));
  fc.assert(
    fc.property(text, text, fc.integer({ min: 64, max: 120 }), (one, two, width) => {
      const report = aReport({
        reason: one,
        notes: [two, one],
        state: { name: "HALTED", rule: "maxDrawdownPct", text: two, since: null },
        data: { ...aReport().data, files: [{ path: one, kind: "klines", rows: 1 }] },
        ledger: { ...aReport().ledger, equityEnd: "45035996.12345678", identityError: "-0.1" },
      });
      for (const line of linesOf(report, width)) assert(line.length <= width, line);
    }),
  );
});

Deno.test("markouts, sides and points weeks are told in words, and what is not known is not a zero", () => {
  const report = aReport();
  const text = reportText(report, { width: 200 });
  for (
    const part of [
      "12.50 % of what was sent as maker",
      "out for 59 min",
      "-0.50, +0.25, not known bps after 1, 5 and 30 s",
      "1; tier 2 (1.9 and 4.5 bps) is 488000 USD of 30 days' volume away",
      "fees 2.85 USDC, realised 20.50 USDC; cost -1.47 per 1,000 of volume",
    ]
  ) assert(text.includes(part), part);
  const none = aReport({
    flow: { ...report.flow, fillRatioPct: null },
    points: { weeks: [], tier: { now: null, next: null, toNextUsd: null } },
  });
  assert.equal(fact(none, "Filled"), "nothing was sent");
  assert.equal(fact(none, "Fee tier"), "these fees are in no row of the table");
});

Deno.test("a year of points weeks does not hide the rest", () => {
  const report = aReport();
  const [week] = report.points.weeks;
  assert(week !== undefined);
  const weeks = Array.from({ length: 52 }, () => week);
  const text = reportText(aReport({ points: { ...report.points, weeks } }), { width: 80 });
  assert(text.includes("44 weeks, in the JSON"));
  assert.equal(text.split("To 2025-01-02").length, 9);
});

Deno.test("nothing of a long text is lost", () => {
  const note = "bars say nothing about their inside ".repeat(12).trim();
  const text = reportText(aReport({ notes: [note] }), { width: 70 });
  assert(text.replace(/\s+/g, " ").includes(note));
});

Deno.test("the ledger is a sum that can be added up again", () => {
  const lines = linesOf(aReport());
  const section = lines.slice(lines.indexOf("Ledger identity") + 1);
  assert.deepEqual(section.slice(0, 9), [
    "    equity at the end   10016.42000000 USDC",
    "  − equity at the start 10000.00000000 USDC",
    "  = equity change          16.42000000 USDC",
    "    realised               20.50000000 USDC",
    "  + unrealised             -1.25000000 USDC",
    "  − fees                    2.85000001 USDC",
    "  + funding                 0.02000001 USDC",
    "  equity change +16.42 = realised + unrealised − fees + funding",
    "  exchange account says the same: difference 0",
  ]);
});

Deno.test("a ledger that is off by the last unit says so", () => {
  const { ledger } = aReport();
  const off = { ...ledger, fees: "2.85000002", identityError: "-0.00000001" };
  const text = reportText(aReport({ ledger: off }), { width: 80 });
  assert.match(text, /DOES NOT ADD UP: equity change \+16\.42, sum off by \+0\.00000001/);
  assert.match(text, /EXCHANGE ACCOUNT DISAGREES: difference -0\.00000001/);
  assert.doesNotMatch(text, /says the same/);
  assert.doesNotMatch(text, /= realised/);
});

Deno.test("the gap is the equity change less its parts, over any figures", () => {
  const amount = fc.integer({ min: -1e14, max: 1e14 });
  fc.assert(fc.property(amount, amount, amount, amount, amount, (start, a, b, c, d) => {
    const end = start + a + b - c + d;
    const gap = (extra: number) =>
      ledgerGap({
        equityStart: formatCash(cash(start)),
        equityEnd: formatCash(cash(end + extra)),
        realised: formatCash(cash(a)),
        unrealised: formatCash(cash(b)),
        fees: formatCash(cash(c)),
        funding: formatCash(cash(d)),
        identityError: "0",
      });
    assert.equal(gap(0), 0);
    assert.equal(gap(3), 3);
  }));
});

Deno.test("what is not known is said in words", () => {
  const report = aReport();
  assert.equal(fact(report, "Parameters"), "levels=20 autoPrice=true spacing=arithmetic");
  assert.equal(fact(report, "Sharpe, Sortino"), "not defined from 1 hourly returns");
  assert.equal(fact(report, "Growth a year"), "not stated under 30 days");
  assert.equal(fact(report, "won"), "none to count");
  assert.equal(fact(report, "Calmar"), "not defined");
  assert.equal(fact(report, "Max drawdown"), "none");
  assert.doesNotMatch(reportText(report, { width: 80 }), /null|NaN|undefined|Infinity/);
});

Deno.test("figures carry their unit, and small ones do not become zero", () => {
  const { metrics } = aReport();
  const small = aReport({
    metrics: { ...metrics, netPnl: "0.00000123", returnPct: 0.0000123, expectancy: "-0.001" },
    profit: { grid: "-0.00999", inventory: "1234.5678", gridEfficiency: null },
  });
  assert.equal(fact(small, "Net profit"), "0.00000123 USDC (0.000012 %)");
  assert.equal(fact(small, "completed pairs"), "-0.00999 USDC after fees");
  assert.equal(fact(small, "inventory"), "1234.56 USDC, the rest of it");
  assert.equal(fact(small, "mean after fees"), "-0.001 USDC");
  assert.equal(fact(aReport(), "Net profit"), "16.42 USDC (0.16 %)");
});

Deno.test("the risk state names its rule, its time and its reason", () => {
  const state = {
    name: "HALTED",
    rule: "maxDrawdownPct",
    text: "equity fell 5.2 % from its peak, the limit is 5 %",
    since: "2025-01-01T00:31:00.000000Z",
  };
  const report = aReport({ state });
  assert.equal(fact(report, "State"), "HALTED by maxDrawdownPct at 2025-01-01 00:31:00 UTC");
  assert.equal(fact(report, "because"), state.text);
  assert.equal(fact(report, "Refusals"), "maxPositionUsd 4, minQuantity 1");
  assert.equal(fact(aReport({ refusals: {} }), "Refusals"), "none");
});
