// Tests lib/lab/compare_text.ts: each difference is a line with its cause, what is not explained shows
// what became of the order in both runs, and the parts of the difference add up.

import assert from "node:assert/strict";
import { type Cash, cash, lots, ticks } from "../../lib/core/units.ts";
import type { Cause, Difference, RunFill } from "../../lib/lab/compare.ts";
import type { OrderLife } from "../../lib/lab/compare_orders.ts";
import type { ComparedResult } from "../../lib/lab/compare_runs.ts";
import { compareDocument, compareText } from "../../lib/lab/compare_text.ts";
import { after, perpMarket } from "../support/core.ts";

const market = perpMarket();

function fill(ms: number): RunFill {
  const [price, quantity] = [ticks(9_990), lots(50)];
  return { time: after(ms), side: "bid", price, quantity, fee: cash(0) };
}

function difference(cause: Cause, recordedMs?: number, simulatedMs?: number): Difference {
  const recorded = recordedMs === undefined ? undefined : fill(recordedMs);
  const simulated = simulatedMs === undefined ? undefined : fill(simulatedMs);
  const kind = recorded === undefined
    ? "only simulated"
    : simulated === undefined
    ? "only recorded"
    : "later";
  return { kind, cause, recorded, simulated, quantity: lots(50), value: cash(150_000_000) };
}

function resultOf(differences: readonly Difference[], equity: number): ComparedResult {
  const groups = Map.groupBy(differences, ({ cause }) => cause);
  const sum = (all: readonly Difference[]): Cash =>
    cash(all.reduce((total, { value }) => total + value, 0));
  const life: OrderLife = {
    ...{ id: 7, side: "bid", price: ticks(9_990), role: "maker", quantity: 50, filled: 50 },
    ...{ sentAt: after(100), restedAt: after(150), endedAt: after(1000) },
  };
  return {
    ...{ matched: 3, recorded: 4, simulated: 5, differences, ofMatched: cash(-100) },
    byCause: new Map([...groups].map(([cause, all]) => [
      cause,
      { count: all.length, value: sum(all) },
    ])),
    equity: { recorded: cash(1e12 + equity), simulated: cash(1e12) },
    decisions: { asked: 10, equalViews: 8, equal: 8 },
    orders: { recorded: [life], simulated: [] },
    runs: 6,
  };
}

Deno.test("a difference is one line, and what several causes or none explain shows both orders", () => {
  const result = resultOf([
    ...[difference("latency", 1000), difference("queue", 3500, 1000)],
    difference("unexplained", 1000),
  ], 450_000_000);
  const [head, ...lines] = compareText(market, result, ["The run was short"]);
  assert.equal(head, "Fills: 4 recorded, 5 simulated, 3 the same");
  const text = lines.join("\n");
  assert.match(text, /21\.000000Z +bid 0\.5 @ 99\.9 +only recorded: latency$/m);
  assert.match(text, /bid 0\.5 @ 99\.9 +later by 2\.500 s: queue$/m);
  assert.match(
    text,
    /recorded: sent 22:13:20\.100000Z, on the book 22:13:20\.150000Z, gone 22:13:21/,
  );
  assert.match(text, /^ +simulated: no order at that price$/m);
  assert.equal(text.match(/recorded: sent/g)?.length, 1);
  assert.match(text, /^ +unexplained +1 +\+1\.50 USDC +nothing that is known/m);
  assert.match(text, /^Decisions: 10 simulated, 8 on views of both runs, 8 of these equal$/m);
  assert.match(text, /^Note: The run was short$/m);
});

Deno.test("the parts add up to the difference, with what fills do not explain as the rest", () => {
  const result = resultOf([difference("latency", 1000)], 150_000_000 + 7);
  const { profit } = JSON.parse(JSON.stringify(compareDocument(market, result, [])));
  assert.deepEqual(profit, {
    recorded: "10001.50000007",
    simulated: "10000",
    difference: "1.50000007",
    causes: {
      "latency": "1.5",
      "fees of the same fills": "-0.000001",
      "funding and last mark": "0.00000107",
    },
  });
});

Deno.test("of thousands of differences people see the first 200, and are told of the rest", () => {
  const many = Array.from({ length: 250 }, () => difference("queue", 1000));
  const lines = compareText(market, resultOf(many, 0), []);
  assert.equal(lines.filter((line) => line.endsWith(": queue")).length, 200);
  assert.ok(lines.includes("  and 50 more, see --json"));
});
