// When the engine asks for a plan, and what it makes of it: with a planner that records each question
// and answers what the test says.

import assert from "node:assert/strict";
import { Engine } from "../../lib/core/engine.ts";
import type { EngineOptions } from "../../lib/core/engine_options.ts";
import type { Command, Event } from "../../lib/core/event.ts";
import { defaultLimits, type RiskLimits } from "../../lib/core/limits.ts";
import { inProcess, type Planner } from "../../lib/core/planner.ts";
import { defineStrategy, type Observation, type Plan, type View } from "../../lib/core/strategy.ts";
import { cash, cashOf, lots, type Micros, ticks } from "../../lib/core/units.ts";
import { aFill, after, ask, bid, level, perpMarket, START, told } from "../support/core.ts";

class Scripted implements Planner {
  readonly name = "scripted";
  readonly observes: ReadonlySet<Observation["kind"]>;
  readonly observed: Observation[] = [];
  readonly asked: Micros[] = [];
  memory: object | undefined;
  answer: Plan | undefined = { orders: [] };

  constructor(observes: readonly Observation["kind"][] = ["fill", "timer"]) {
    this.observes = new Set(observes);
  }
  start() {
    this.memory = {};
  }
  observe(event: Observation) {
    this.observed.push(event);
  }
  plan(view: View) {
    this.asked.push(view.time);
    return this.answer;
  }
  restore(memory: object) {
    this.memory = memory;
  }
}

function book(ms: number, bestBid = 9_990, bestAsk = 10_010): Event {
  const bids = [level(bestBid, 500)];
  const asks = [level(bestAsk, 500)];
  return { kind: "depth", time: after(ms), bids, asks, snapshot: true };
}

function engineWith(
  planner: Planner,
  limits: Partial<RiskLimits> = {},
  given: Pick<EngineOptions, "onForeignFill"> = {},
): Engine {
  let id = 0;
  return new Engine({
    ...given,
    market: perpMarket(),
    planner,
    limits: { ...defaultLimits, ...limits },
    capital: cash(1_000_000_000_000),
    everyMs: 1000,
    seed: 1,
    time: START,
    nextId: () => ++id,
  });
}

/** Short forms of commands: "bid 9980 10", "cancel 1". */
function said(commands: readonly Command[]): string[] {
  return commands.map((command) =>
    command.kind === "cancel"
      ? `cancel ${command.id}`
      : `${command.side} ${command.price} ${command.quantity}${
        command.role === "taker" ? " taker" : ""
      }`
  );
}

/** A running engine whose first plan rests one bid (id 1) and one ask (id 2). */
function quoting(
  limits: Partial<RiskLimits> = {},
  extra: Partial<Plan> = {},
  given: Pick<EngineOptions, "onForeignFill"> = {},
) {
  const planner = new Scripted();
  planner.answer = { orders: [bid(9_980, 10), ask(10_020, 10)], ...extra };
  const engine = engineWith(planner, limits, given);
  assert.deepEqual(said(engine.handle(book(0))), ["bid 9980 10", "ask 10020 10"]);
  engine.handle(told("accepted", 1, after(1)));
  engine.handle(told("accepted", 2, after(1)));
  return { planner, engine };
}

Deno.test("nothing happens before others stand on both sides", () => {
  const planner = new Scripted();
  const engine = engineWith(planner);
  const oneSided: Event = {
    kind: "depth",
    time: after(0),
    bids: [level(9_990, 5)],
    asks: [],
    snapshot: true,
  };
  assert.deepEqual(engine.handle(oneSided), []);
  assert.equal(engine.view(), undefined);
  assert.equal(engine.stage, "starting");
  engine.handle(book(1));
  assert.equal(engine.stage, "running");
  assert.equal(planner.asked.length, 1);
});

Deno.test("a book that loses a side pulls what rests, and quoting resumes with it", () => {
  const { engine } = quoting();
  const gone: Event = { kind: "depth", time: after(10), bids: [], asks: [], snapshot: true };
  assert.deepEqual(said(engine.handle(gone)), ["cancel 1", "cancel 2"]);
  engine.handle(told("cancelled", 1, after(20)));
  engine.handle(told("cancelled", 2, after(20)));
  assert.deepEqual(said(engine.handle(book(1500))), ["bid 9980 10", "ask 10020 10"]);
});

Deno.test("a plan is asked for at the cadence, and not between", () => {
  const { planner, engine } = quoting();
  for (const ms of [100, 400, 999]) engine.handle(book(ms));
  assert.equal(planner.asked.length, 1);
  engine.handle(book(1000));
  engine.handle(book(1500));
  engine.handle({ kind: "timer", time: after(2000) });
  assert.deepEqual(planner.asked.map((time) => (time - START) / 1000), [0, 1000, 2000]);
  assert.equal(planner.observed.filter(({ kind }) => kind === "timer").length, 3);
});

Deno.test("a plan that holds is asked again only when mid leaves its band or something of ours happens", () => {
  const { planner, engine } = quoting({}, { holds: { below: ticks(9_950), above: ticks(10_050) } });
  for (const ms of [1000, 2000, 3000]) engine.handle(book(ms));
  assert.equal(planner.asked.length, 1);
  engine.handle(book(3100, 9_930, 9_950));
  assert.equal(planner.asked.length, 2, "mid 9940 is below the band");
  engine.handle(aFill({ id: 1, price: 9_980, quantity: 4, time: after(3200) }));
  assert.equal(planner.asked.length, 3, "own fill");
  engine.handle({ ...told("expired", 2, after(3300)) });
  assert.equal(planner.asked.length, 4, "an order of ours ended");
});

Deno.test("a fill is observed before the plan that follows it", () => {
  const { planner, engine } = quoting();
  planner.answer = { orders: [ask(10_020, 10)] };
  const commands = engine.handle(aFill({ id: 1, price: 9_980, quantity: 10, time: after(5) }));
  assert.deepEqual(commands, [], "the ask rests already");
  assert.equal(planner.observed.at(-1)?.kind, "fill");
  assert.equal(engine.view()?.position, 10);
});

Deno.test("a taker order of a plan is sent once, the makers rest on", () => {
  const planner = new Scripted();
  planner.answer = { orders: [bid(9_980, 10), bid(10_010, 5, { role: "taker" })] };
  const engine = engineWith(planner);
  assert.deepEqual(said(engine.handle(book(0))), ["bid 10010 5 taker", "bid 9980 10"]);
  planner.answer = undefined;
  assert.deepEqual(engine.handle(told("accepted", 1, after(1))), []);
  assert.deepEqual(engine.handle(told("expired", 1, after(2))), [], "no new plan, no new taker");
});

Deno.test("a late plan is taken when it arrives", () => {
  const planner = new Scripted();
  planner.answer = undefined;
  const engine = engineWith(planner);
  assert.deepEqual(engine.handle(book(0)), []);
  const plan = { orders: [bid(9_980, 10)] };
  const late: Event = { kind: "planned", time: after(30), plan, memory: { n: 1 } };
  assert.deepEqual(said(engine.handle(late)), ["bid 9980 10"]);
  assert.deepEqual(planner.memory, { n: 1 });
});

Deno.test("a refused price is quoted a tick back, and again at its place after a second", () => {
  const { engine } = quoting();
  const commands = engine.handle({
    kind: "rejected",
    time: after(10),
    id: 1,
    reason: "PostOnlyTaker",
  });
  assert.deepEqual(said(commands), ["bid 9979 10"]);
  engine.handle(told("accepted", 3, after(20)));
  assert.deepEqual(said(engine.handle(book(1100))), ["cancel 3", "bid 9980 10"]);
});

Deno.test("stop cancels everything and is over when the exchange has said so", () => {
  const { engine } = quoting();
  assert.deepEqual(said(engine.handle({ kind: "stop", time: after(10) })), [
    "cancel 1",
    "cancel 2",
  ]);
  engine.handle(told("cancelled", 1, after(20)));
  assert.equal(engine.stage, "stopping");
  engine.handle(book(1500));
  assert.equal(engine.stage, "stopping", "order 2 is not proven gone");
  engine.handle(told("cancelled", 2, after(1600)));
  assert.equal(engine.stage, "stopped");
  assert.deepEqual(engine.handle(book(3000)), []);
});

Deno.test("flatten cancels, closes with a bounded taker and halts", () => {
  const { planner, engine } = quoting();
  planner.answer = { orders: [ask(10_020, 10)] };
  engine.handle(aFill({ id: 1, price: 9_980, quantity: 10, time: after(5) }));
  const commands = engine.handle({ kind: "flatten", time: after(10) });
  assert.deepEqual(said(commands), ["cancel 2", "ask 9891 10 taker"]);
  engine.handle(told("cancelled", 2, after(20)));
  const sale = { id: 3, fillId: 2, side: "ask", price: 9_985, quantity: 10, maker: false } as const;
  engine.handle(aFill({ ...sale, time: after(120) }));
  assert.equal(engine.riskState.name, "HALTED");
  assert.equal(engine.view()?.position, 0);
  assert.deepEqual(engine.handle(book(2000)), []);
});

Deno.test("a strategy that is finished stops the run, or closes it first", () => {
  const { planner, engine } = quoting();
  planner.answer = { orders: [], finish: "stop" };
  assert.deepEqual(said(engine.handle(book(1000))), ["cancel 1", "cancel 2"]);
  engine.handle(told("cancelled", 1, after(1001)));
  engine.handle(told("cancelled", 2, after(1001)));
  assert.equal(engine.stage, "stopped");

  const second = quoting();
  second.planner.answer = { orders: [ask(10_020, 10)] };
  second.engine.handle(aFill({ id: 1, price: 9_980, quantity: 10, time: after(5) }));
  second.planner.answer = { orders: [], finish: "flatten" };
  const commands = second.engine.handle(book(1000));
  assert.deepEqual(said(commands), ["cancel 2", "ask 9891 10 taker"]);
  second.engine.handle(told("cancelled", 2, after(1001)));
  const sale = { id: 3, fillId: 2, side: "ask", price: 9_985, quantity: 10 } as const;
  second.engine.handle(aFill({ ...sale, time: after(1100) }));
  assert.equal(second.engine.stage, "stopped");
});

Deno.test("a strategy that wants to close waits while a person has paused the run", () => {
  const { planner, engine } = quoting();
  planner.answer = { orders: [ask(10_020, 10)] };
  engine.handle(aFill({ id: 1, price: 9_980, quantity: 10, time: after(5) }));
  planner.answer = { orders: [], finish: "flatten" };
  assert.deepEqual(said(engine.handle({ kind: "pause", time: after(10) })), ["cancel 2"]);
  engine.handle(told("cancelled", 2, after(20)));
  assert.equal(engine.riskState.name, "HALTED");
  assert.deepEqual(engine.handle(book(1000)), []);
  const resumed = engine.handle({ kind: "resume", time: after(1500) });
  assert.deepEqual(said(resumed), ["ask 9891 10 taker"]);
});

Deno.test("data older than staleMs pulls the quotes; fresh data brings them back", () => {
  const { engine } = quoting({ staleMs: 3000 });
  assert.deepEqual(engine.handle({ kind: "timer", time: after(3000) }), []);
  assert.deepEqual(said(engine.handle({ kind: "timer", time: after(4000) })), [
    "cancel 1",
    "cancel 2",
  ]);
  assert.equal(engine.riskState.rule, "staleMs");
  engine.handle(told("cancelled", 1, after(4010)));
  engine.handle(told("cancelled", 2, after(4010)));
  assert.deepEqual(said(engine.handle(book(5000))), ["bid 9980 10", "ask 10020 10"]);
});

Deno.test("the first trade after a silence is fresh data: it pulls nothing", () => {
  const { engine } = quoting({ staleMs: 3000 });
  const trade = {
    kind: "trade",
    price: ticks(10_000),
    quantity: lots(3),
    aggressor: "bid",
  } as const;
  assert.deepEqual(engine.handle({ ...trade, time: after(60_000) }), []);
  assert.equal(engine.riskState.name, "ACTIVE");
});

Deno.test("a fill of somebody else's order is booked and halts the run", () => {
  const { engine } = quoting();
  const { id: _, ...fill } = aFill({ side: "ask", price: 9_990, quantity: 7, time: after(9) });
  const commands = engine.handle({ ...fill, kind: "foreignFill", origin: "LIQUIDATION_AUTOCLOSE" });
  assert.deepEqual(said(commands), ["cancel 1", "cancel 2"]);
  assert.equal(engine.view()?.position, lots(-7));
  assert.equal(engine.riskState.name, "HALTED");
});

Deno.test("a fill of somebody else's order does what the operator said, once", () => {
  const rows = [
    ["halt", "HALTED", -7, ["cancel 1", "cancel 2"]],
    ["adopt", "ACTIVE", -7, ["cancel 1", "bid 9985 7"]],
    ["ignore", "ACTIVE", 0, []],
  ] as const;
  for (const [onForeignFill, state, position, answer] of rows) {
    const { planner, engine } = quoting({}, {}, { onForeignFill });
    planner.answer = { orders: [bid(9_985, 7), ask(10_020, 10)] };
    const asked = planner.asked.length;
    const { id: _, ...fill } = aFill({ side: "ask", price: 9_990, quantity: 7, time: after(9) });
    const foreign: Event = { ...fill, kind: "foreignFill", origin: "user" };
    assert.deepEqual(said(engine.handle(foreign)), answer, onForeignFill);
    assert.equal(engine.riskState.name, state, onForeignFill);
    assert.equal(engine.view()?.position, lots(position), onForeignFill);
    assert.equal(planner.asked.length - asked, onForeignFill === "ignore" ? 0 : 1);
    engine.handle({ kind: "resume", time: after(10) });
    engine.handle({ ...foreign, time: after(11) });
    assert.equal(engine.riskState.name, "ACTIVE", `told twice: ${onForeignFill}`);
  }
});

Deno.test("a limit on moves is asked at every change of the book", () => {
  const { engine } = quoting({ movePct1s: 0.5, moveAction: "pause" });
  assert.deepEqual(engine.handle(book(300, 9_985, 10_005)), []);
  assert.deepEqual(said(engine.handle(book(600, 9_920, 9_940))), ["cancel 1", "cancel 2"]);
});

Deno.test("the same events give the same commands", () => {
  const script: Event[] = [
    book(0),
    told("accepted", 1, after(1)),
    aFill({ id: 1, price: 9_980, quantity: 3, time: after(400) }),
    book(1000, 9_900, 9_910),
    { kind: "stop", time: after(1200) },
  ];
  const once = () => {
    const planner = new Scripted();
    planner.answer = { orders: [bid(9_880, 10), ask(10_020, 10)] };
    const engine = engineWith(planner);
    return script.flatMap((event) => engine.handle(event));
  };
  assert.deepEqual(once(), once());
});

Deno.test("changed limits and parameters judge what rests at the next event; a hold stays", () => {
  const market = perpMarket();
  const strategy = defineStrategy({
    ...{
      api: 1,
      name: "two",
      summary: "Bids.",
      params: { n: { type: "integer", default: 10, min: 1, max: 99, help: "lots" } },
    },
    start: () => ({}),
    plan: (_memory, _view, { params }) => ({
      orders: [bid(9_980, params.n), bid(9_970, params.n)],
      holds: { below: ticks(1), above: ticks(99_999) },
    }),
  });
  const setup = {
    market,
    params: { n: 10 },
    fees: { maker: 0, taker: 0 },
    capital: cashOf(10_000),
  };
  let id = 0;
  const engine = new Engine({
    market,
    planner: inProcess(strategy, setup),
    limits: defaultLimits,
    capital: setup.capital,
    everyMs: 1000,
    seed: 1,
    time: START,
    nextId: () => ++id,
  });
  const depth = (i: number) =>
    engine.handle({
      kind: "depth",
      time: after(i),
      snapshot: true,
      bids: [level(9_990, 500)],
      asks: [level(10_010, 500)],
    });
  assert.deepEqual(depth(0).map((c) => c.kind), ["place", "place"]);
  for (const i of [1, 2]) engine.handle({ kind: "accepted", time: after(i), id: i });
  assert.deepEqual(depth(3), []);
  engine.change({ limits: { ...defaultLimits, maxOpenOrders: 1 }, setup });
  assert.deepEqual(depth(4).map((c) => c.kind), ["cancel"]);
  engine.handle({ kind: "cancelled", time: after(5), id: 2 });
  engine.change({ limits: defaultLimits, setup: { ...setup, params: { n: 30 } } });
  assert.deepEqual(depth(6).map((c) => [c.kind, "quantity" in c && c.quantity]), [["place", 20], [
    "place",
    30,
  ]]);
  engine.handle({ kind: "pause", time: after(7) });
  engine.change({ limits: defaultLimits, setup });
  depth(8);
  assert.equal(engine.riskState.name, "HALTED");
});
