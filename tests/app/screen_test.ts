// What a person reads of a run. The screen must hold on any terminal: no line wider than it, none
// below it, and nothing in a text may move the cursor.

import { deepEqual, equal, match } from "node:assert/strict";
import fc from "fast-check";
import { fit, screen, statusJson, statusLine } from "../../lib/app/screen.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import type { PlannedOrder } from "../../lib/core/strategy.ts";
import { cash, lots, ticks } from "../../lib/core/units.ts";
import { aStatus } from "../support/status.ts";

Deno.test("the screen of a small run on an ordinary terminal", () => {
  deepEqual(screen(aStatus(), { columns: 80, rows: 24 }), [
    "bpx-bot  paper  SOL_USDC_PERP  grid  2025-01-01 00:00:00 UTC",
    "State      ACTIVE",
    "Market     bid 149.99  ask 150.01",
    "Position   -2.5 SOL",
    "Equity     10012.34 USDC",
    "PnL        +12.34  = realised +15.00  unrealised -2.00  fees -0.65  funding 0.00",
    "Plan       0 orders: 20 rungs, 3 held",
    "Fills      1",
    "           23:59:59  ask 0.2 at 150.5",
    "Orders     2",
    "           ask 0.2 at 151  rung 12",
    "           bid 0.2 at 149",
  ]);
});

Deno.test("on a narrow terminal no figure is cut short", () => {
  const lines = screen(aStatus(), { columns: 60, rows: 16 });
  deepEqual(lines.slice(5, 8), [
    "PnL        +12.34  = realised +15.00  unrealised -2.00  fees",
    "           -0.65  funding 0.00",
    "Plan       0 orders: 20 rungs, 3 held",
  ]);
});

Deno.test("a plan whose reason is its count is counted once", () => {
  const order = { side: "bid", role: "maker", price: ticks(1), quantity: lots(1) } as const;
  const planOf = (orders: readonly PlannedOrder[], reason: string) =>
    screen(aStatus({ plan: { orders, reason, refused: [] } }), { columns: 80, rows: 24 })[6];
  equal(planOf([order, order], "2 orders"), "Plan       2 orders");
  equal(planOf([order, order], "2 orders; cap"), "Plan       2 orders; cap");
  equal(planOf([order], "bid side"), "Plan       1 order: bid side");
});

Deno.test("what was refused and why it stands still is on the screen", () => {
  const refused = [{
    rule: "maxOrderUsd",
    limit: "25 USD",
    side: "bid",
    price: ticks(14_800),
  }] as const;
  const text = screen(
    aStatus({
      state: { name: "HALTED", text: "maxDrawdownPct 5 %: fell 5.2 %" },
      plan: { orders: [], refused },
    }),
    { columns: 80, rows: 24 },
  ).join("\n");
  match(text, /^State {6}HALTED: maxDrawdownPct 5 %: fell 5.2 %$/m);
  match(text, /^Refused {4}bid at 148 by maxOrderUsd: limit 25 USD$/m);
});

Deno.test("with many orders those nearest the touch are shown, from the highest price down", () => {
  const openOrders = Array.from({ length: 60 }, (_, i) => {
    const ask = i < 30;
    const price = ticks(ask ? 15_010 + i * 10 : 14_990 - (i - 30) * 10);
    return { side: ask ? "ask" as const : "bid" as const, price, quantity: lots(20) };
  });
  const lines = screen(aStatus({ openOrders }), { columns: 80, rows: 24 });
  equal(lines.length, 23);
  const prices = lines.slice(10).map((line) => Number(line.split(" ").at(-1)));
  deepEqual(prices, [...prices].sort((a, b) => b - a));
  equal(prices.includes(150.1) && prices.includes(149.9), true);
});

Deno.test("one side alone has the whole room", () => {
  for (const side of ["bid", "ask"] as const) {
    const openOrders = Array.from({ length: 60 }, (_, i) => (
      { side, price: ticks(15_000 + i), quantity: lots(20) }
    ));
    const lines = screen(aStatus({ openOrders }), { columns: 80, rows: 24 });
    equal(lines.filter((line) => line.includes(`${side} 0.2 at 150.`)).length, 23 - 10);
  }
});

Deno.test("no line is wider than the terminal and none is below it, whatever the texts", () => {
  const size = fc.record({
    columns: fc.integer({ min: 1, max: 120 }),
    rows: fc.integer({ min: 1, max: 50 }),
  });
  const text = fc.string({ unit: "binary", maxLength: 200 });
  fc.assert(fc.property(size, text, text, (size, reason, tag) => {
    const status = aStatus({
      strategy: tag,
      state: { name: "HALTED", text: reason },
      plan: { orders: [], reason, refused: [] },
      openOrders: [{ side: "bid", price: ticks(1), quantity: lots(1), tag }],
    });
    const lines = screen(status, size);
    equal(lines.length <= Math.max(1, size.rows - 1), true);
    for (const line of [...lines, fit(statusLine(status), size.columns)]) {
      // deno-lint-ignore no-control-regex
      equal(/[\u0000-\u001f\u007f-\u009f]/.test(line), false);
      equal([...line].length <= size.columns, true);
    }
  }));
});

Deno.test("a wide letter counts as two cells", () => {
  equal(fit("漢字kanji", 5), "漢字k");
  equal(fit("漢字kanji", 3), "漢");
  equal(fit("a\u001b[2Jb\nc", 80), "a [2Jb c");
});

Deno.test("a line of the log says what a person looks for first", () => {
  equal(
    statusLine(aStatus()),
    "2025-01-01 00:00:00 ACTIVE  bid 149.99  ask 150.01  position -2.5 SOL  " +
      "equity 10012.34  pnl +12.34 USDC  orders 2  fills 1",
  );
});

Deno.test("before the first book no price is made up", () => {
  const { bestBid: _, bestAsk: __, ...rest } = aStatus();
  match(statusLine(rest), /no book yet/);
  match(JSON.stringify(statusJson(rest)), /"bestBid":null,"bestAsk":null/);
});

Deno.test("the status of a program has every digit of the money", () => {
  const openOrders = aStatus().openOrders.map((open) => ({ ...open, since: 1 }));
  const status = JSON.parse(JSON.stringify(statusJson(aStatus({ openOrders }))));
  equal(status.kind, "status");
  equal(status.time, "2025-01-01T00:00:00.000Z");
  equal(status.equity, "10012.3456789");
  deepEqual(status.pnl, {
    ...{ realised: "15", unrealised: "-2", fees: "0.6543211", funding: "0" },
    ...{ grid: null, inventory: null },
  });
  deepEqual(status.openOrders[0], { side: "ask", price: "151", quantity: "0.2", tag: "rung 12" });
});

Deno.test("what stands around a run is shown where it is known, and null to a program where not", () => {
  const bare = JSON.parse(JSON.stringify(statusJson(aStatus())));
  deepEqual(
    [bare.run, bare.streams, bare.budget, bare.limits, bare.guard, bare.notices],
    [null, [], null, null, null, []],
  );
  const order = { side: "bid", role: "maker", price: ticks(14_900), quantity: lots(20) } as const;
  const status = aStatus({
    run: "20250101-000000-grid-SOL_USDC_PERP",
    pnl: { ...aStatus().pnl, grid: cash(1_200_000_000), inventory: cash(34_567_890) },
    plan: { orders: [{ ...order, tag: "rung 3" }], refused: [] },
    streams: [
      { name: "book", ageMs: 120, state: "live" },
      { name: "mark", ageMs: 61_000, state: "stale" },
    ],
    budget: { left: 1990 },
    limits: defaultLimits,
    guard: { side: "ask", price: ticks(14_000), quantity: lots(250) },
    notices: ["info: one", "warn: two", "error: three"],
  });
  const json = JSON.parse(JSON.stringify(statusJson(status)));
  deepEqual([json.run, json.budget, json.streams[1].state], [status.run, { left: 1990 }, "stale"]);
  deepEqual([json.pnl.grid, json.pnl.inventory], ["12", "0.3456789"]);
  deepEqual(json.plan.orders, [{ side: "bid", price: "149", quantity: "0.2", tag: "rung 3" }]);
  deepEqual(json.guard, { side: "ask", price: "140", quantity: "2.5" });
  equal(json.limits.maxDrawdownPct, 5);
  const lines = screen(status, { columns: 80, rows: 30 });
  deepEqual(lines.slice(7, 11), [
    "Guard      ask 2.5 at 140",
    "Heard      book 0.1 s  mark 61.0 s (stale)",
    "Notice     warn: two",
    "Notice     error: three",
  ]);
});
