import assert from "node:assert/strict";
import { faultOf, inProcess } from "../../lib/core/planner.ts";
import type { Observation, Plan, Setup, Strategy, View } from "../../lib/core/strategy.ts";
import { cash, lots, ticks } from "../../lib/core/units.ts";
import { ask, bid, perpMarket, START } from "../support/core.ts";

const setup: Setup = {
  market: perpMarket(),
  params: {},
  fees: { maker: 2, taker: 5 },
  capital: cash(100),
};

const view: View = {
  time: START,
  bestBid: ticks(9_999),
  bestAsk: ticks(10_001),
  midTicks: 10_000,
  bids: [],
  asks: [],
  position: lots(0),
  sellable: lots(0),
  equity: cash(100),
  openOrders: [],
  random: () => 0.5,
};

/** Counts what it sees and quotes a bid; `parts` replace what a test needs. */
function counting(parts: Partial<Strategy<Record<never, never>, { seen: number }>> = {}): Strategy {
  return {
    api: 1,
    name: "counting",
    summary: "Counts what it sees.",
    params: {},
    start: () => ({ seen: 0 }),
    observe: (memory: { seen: number }) => {
      memory.seen++;
    },
    plan: (memory: { seen: number }) => ({ orders: [bid(9_990 + memory.seen, 5)] }),
    ...parts,
  };
}

const timer: Observation = { kind: "timer", time: START };

Deno.test("a strategy is started, told and asked, with its own memory and setup", () => {
  const planner = inProcess(counting(), setup);
  assert.equal(planner.name, "counting");
  assert.equal(planner.memory, undefined);
  planner.start(view);
  planner.observe(timer);
  planner.observe(timer);
  assert.deepEqual(planner.memory, { seen: 2 });
  assert.deepEqual(planner.plan(view), { orders: [bid(9_992, 5)] });
});

Deno.test("fills are observed unless a strategy names other kinds", () => {
  assert.deepEqual([...inProcess(counting(), setup).observes], ["fill"]);
  const picky = counting({ observes: ["book", "timer"] });
  assert.deepEqual([...inProcess(picky, setup).observes], ["book", "timer"]);
});

Deno.test("a strategy that only plans may leave observe out", () => {
  const { observe: _, ...silent } = counting();
  const planner = inProcess(silent, setup);
  planner.start(view);
  planner.observe(timer);
  assert.deepEqual(planner.memory, { seen: 0 });
});

Deno.test("memory kept from an earlier run survives the start", () => {
  const planner = inProcess(counting(), setup);
  planner.restore({ seen: 7 });
  planner.start(view);
  assert.deepEqual(planner.plan(view), { orders: [bid(9_997, 5)] });
});

Deno.test("nothing is asked of a strategy before its start", () => {
  const planner = inProcess(counting(), setup);
  assert.throws(() => planner.plan(view), { name: "Bug", message: "plan before start" });
  assert.throws(() => planner.observe(timer), { name: "Bug", message: "observe before start" });
});

Deno.test("a nonsensical plan is the bug of the strategy that made it", () => {
  const planner = inProcess(counting({ plan: () => ({ orders: [bid(1, 0)] }) }), setup);
  planner.start(view);
  assert.throws(() => planner.plan(view), {
    name: "Bug",
    message: "strategy counting: quantity is 0 lots",
  });
});

/** A plan as an untyped plugin may write it. */
function written(order: string): Plan {
  const good = `"side": "bid", "price": 1, "quantity": 1, "role": "maker"`;
  return JSON.parse(`{"orders": [{${good}}, {${good}, ${order}}]}`);
}

Deno.test("what makes a plan nonsense", () => {
  const cases: readonly (readonly [Plan, string | undefined])[] = [
    [{ orders: [] }, undefined],
    [{ orders: [bid(1, 1), ask(2, 1, { role: "taker", reduceOnly: true })] }, undefined],
    [written(`"tag": "rung 3"`), undefined],
    [written(`"side": "buy"`), "side is buy"],
    [written(`"side": null`), "side is null"],
    [written(`"role": "post"`), "role is post"],
    [written(`"price": 0`), "price is 0 ticks"],
    [written(`"price": -5`), "price is -5 ticks"],
    [written(`"price": 1.5`), "price is 1.5 ticks"],
    [written(`"price": "100"`), "price is 100 ticks"],
    [written(`"price": 1e300`), "price is 1e+300 ticks"],
    [written(`"quantity": 0`), "quantity is 0 lots"],
    [written(`"quantity": -1`), "quantity is -1 lots"],
    [written(`"quantity": 0.5`), "quantity is 0.5 lots"],
    [written(`"quantity": null`), "quantity is null lots"],
    [written(`"tag": 3`), "tag is 3"],
    [written(`"reduceOnly": "yes"`), "reduceOnly is yes"],
    [JSON.parse(`{"orders": [], "reason": 7}`), "reason is 7"],
    [JSON.parse(`{"orders": [], "finish": "now"}`), "finish is now"],
    [{ orders: [], reason: "done", finish: "stop" }, undefined],
    [{ orders: [], holds: { below: ticks(5), above: ticks(5) } }, undefined],
    [{ orders: [], holds: { below: ticks(6), above: ticks(5) } }, "holds is not a band"],
    [JSON.parse(`{"orders": [], "holds": {"below": 5}}`), "holds is not a band"],
    [{ orders: Array.from({ length: 1000 }, () => bid(1, 1)) }, undefined],
    [{ orders: Array.from({ length: 1001 }, () => bid(1, 1)) }, "1001 orders in one plan"],
  ];
  for (const [plan, fault] of cases) assert.equal(faultOf(plan), fault);
});
