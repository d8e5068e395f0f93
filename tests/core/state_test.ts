// What survives a restart, and what a restart must not do: start a strategy twice, forget a loss or a
// halt, take orders for gone that nobody has cancelled, or go on from half a state.

import assert from "node:assert/strict";
import { Engine } from "../../lib/core/engine.ts";
import type { Command, Event } from "../../lib/core/event.ts";
import { defaultLimits, type RiskLimits } from "../../lib/core/limits.ts";
import type { Market } from "../../lib/core/market.ts";
import { inProcess, type Planner } from "../../lib/core/planner.ts";
import {
  assertFits,
  type EngineState,
  type JournalRow,
  readState,
  type Restored,
} from "../../lib/core/state.ts";
import { defineStrategy, type Plan } from "../../lib/core/strategy.ts";
import { cash, cashOf, DAY, lots, type Micros, SECOND, ticks } from "../../lib/core/units.ts";
import {
  aFill,
  after,
  ask,
  bid,
  level,
  perpMarket,
  place,
  spotMarket,
  START,
  told,
} from "../support/core.ts";

const CAPITAL = cashOf(10_000);

/** Quotes both sides of mid and counts what it is told and asked. */
const counting = defineStrategy({
  api: 1,
  name: "counting",
  summary: "Counts.",
  params: {},
  observes: ["fill", "trade"],
  start: () => ({ starts: 1, fills: 0, trades: 0 }),
  observe(memory, { kind }) {
    if (kind === "fill") memory.fills++;
    else memory.trades++;
  },
  plan: (): Plan => ({ orders: [bid(9_980, 10), ask(10_020, 10)], reason: "quoting" }),
});

interface Given {
  readonly limits?: Partial<RiskLimits>;
  readonly restored?: Restored;
  readonly plan?: () => Plan;
  readonly firstId?: number;
}

/** An engine and its planner; ids go on from `firstId`. */
function began({ limits, restored, plan, firstId = 0 }: Given = {}) {
  const market = perpMarket();
  const fees = { maker: 0, taker: 0 };
  const strategy = plan === undefined ? counting : { ...counting, plan };
  const planner: Planner = inProcess(strategy, { market, params: {}, fees, capital: CAPITAL });
  let id = firstId;
  const engine = new Engine({
    market,
    planner,
    limits: { ...defaultLimits, ...limits },
    capital: CAPITAL,
    everyMs: 1000,
    seed: 1,
    time: START,
    nextId: () => ++id,
    ...(restored === undefined ? {} : { restored }),
  });
  return { engine, planner };
}

/** Quoting: order 1 is the bid, 2 the ask, both accepted. */
function quoting(given: Given = {}) {
  const run = began(given);
  run.engine.handle(book(0));
  for (const id of [1, 2]) run.engine.handle(told("accepted", id, after(1)));
  return run;
}

/** What a disk gives back of an engine, with what came after. */
function kept(engine: Engine, since: readonly JournalRow[] = []): Restored {
  return {
    state: readState(JSON.parse(JSON.stringify(engine.snapshot()))),
    since: JSON.parse(JSON.stringify(since)),
  };
}

function book(ms: number, mid = 10_000): Event {
  const [bids, asks] = [[level(mid - 10, 500)], [level(mid + 10, 500)]];
  return { kind: "depth", time: after(ms), bids, asks, snapshot: true };
}

function kinds(commands: readonly Command[]): string[] {
  return commands.map(({ kind, id }) => `${kind} ${id}`);
}

Deno.test("a state is plain data that a disk gives back whole, and an engine takes over whole", () => {
  const { engine } = quoting({ limits: { movePct1s: 50, atrPausePct: 50 } });
  engine.handle(aFill({ id: 1, fillId: 7, quantity: 4, feeCash: 3, time: after(5) }));
  engine.handle(told("unknown", 2, after(6)));
  engine.handle({ kind: "funding", time: after(7), payment: cash(-9), rate: 0.1 });
  engine.handle({ kind: "pause", time: after(8) });
  const state = engine.snapshot();
  const restored = kept(engine);
  assert.deepEqual(restored.state, state);
  const again = began({ restored, limits: { movePct1s: 50, atrPausePct: 50 } }).engine.snapshot();
  assert.deepEqual(again, state);
});

Deno.test("a later change of the run does not reach a state taken before", () => {
  const { engine } = quoting();
  const state = engine.snapshot();
  const before = JSON.stringify(state);
  engine.handle(aFill({ id: 1, quantity: 4, time: after(5) }));
  assert.equal(JSON.stringify(state), before);
});

Deno.test("a strategy is started once, and remembers fills that came after the snapshot", () => {
  const { engine } = quoting();
  const since = [
    { event: aFill({ id: 1, fillId: 7, quantity: 4, time: after(5) }), time: after(5) },
    { commands: [{ kind: "cancel", id: 2 }], time: after(6) },
  ] as const;
  const { engine: next, planner } = began({ restored: kept(engine, since), firstId: 2 });
  assert.deepEqual(planner.memory, { starts: 1, fills: 1, trades: 0 });
  assert.equal(next.facts.ledger.position, 4);
  assert.deepEqual(
    [...next.facts.orders.live].map(({ id, state, remaining }) => [id, state, remaining]),
    [
      [1, "partlyFilled", 6],
      [2, "cancelling", 10],
    ],
  );
  next.handle(book(100));
  assert.equal(
    planner.memory !== undefined && "starts" in planner.memory && planner.memory.starts,
    1,
  );
  assert.equal(next.stage, "running");
  assert.ok(next.approved !== undefined, "the first book is planned upon at once");
});

Deno.test("a fill told again after the restart is booked once", () => {
  const { engine } = quoting();
  const fill = aFill({ id: 1, fillId: 7, quantity: 4, time: after(5) });
  engine.handle(fill);
  const { engine: next } = began({ restored: kept(engine), firstId: 2 });
  next.handle({ ...fill, time: after(50) });
  assert.equal(next.facts.ledger.position, 4);
});

Deno.test("orders that rest stay while the first book is waited for, and no longer than stale data may", () => {
  const { engine } = quoting();
  const { engine: next } = began({ restored: kept(engine), firstId: 2 });
  const tick = (ms: number) => kinds(next.handle({ kind: "timer", time: after(ms) }));
  assert.deepEqual([tick(600_000), tick(604_999)], [[], []]);
  assert.deepEqual(tick(605_000), ["cancel 1", "cancel 2"]);
});

Deno.test("with the first book what rests as planned is left alone", () => {
  const { engine } = quoting();
  const { engine: next } = began({ restored: kept(engine), firstId: 2 });
  assert.deepEqual(next.handle(book(600_000)), []);
  assert.deepEqual(next.approved?.orders.length, 2);
});

Deno.test("a run that may not quote does not wait for a book to pull", () => {
  for (const kind of ["pause", "flatten", "stop"] as const) {
    const { engine } = quoting();
    const since = [{ event: { kind, time: after(5) } as const }];
    const { engine: next } = began({ restored: kept(engine, since), firstId: 2 });
    const commands = next.handle({ kind: "timer", time: after(10) });
    assert.deepEqual(kinds(commands), ["cancel 1", "cancel 2"], kind);
  }
});

Deno.test("a pause, a halt and a flatten hold after a restart, and so does the end of a pause", () => {
  const { engine } = quoting();
  for (const [kind, name] of [["pause", "HALTED"], ["flatten", "FLATTENING"]] as const) {
    const since = [{ event: { kind, time: after(5) } }];
    const { engine: next } = began({ restored: kept(engine, since), firstId: 2 });
    next.handle(aFill({ id: 1, quantity: 4, time: after(6) }));
    next.handle(book(10));
    assert.equal(next.riskState.name, name);
    assert.equal(next.riskState.rule, kind);
  }
  const since: JournalRow[] = [
    { event: { kind: "pause", time: after(5) } },
    { event: { kind: "resume", time: after(6) } },
  ];
  assert.equal(began({ restored: kept(engine, since) }).engine.riskState.name, "ACTIVE");
});

Deno.test("a fill of somebody else halts once, not again when it is told again", () => {
  const { engine } = quoting();
  const { id: _, ...fill } = aFill({ quantity: 3, fillId: 70, time: after(5) });
  const foreign: Event = { ...fill, kind: "foreignFill", origin: "USER" };
  engine.handle(foreign);
  assert.equal(engine.riskState.rule, "halt");
  engine.handle({ kind: "resume", time: after(6) });
  const { engine: next } = began({ restored: kept(engine), firstId: 2 });
  next.handle({ ...foreign, time: after(50) });
  next.handle(book(60));
  assert.equal(next.riskState.name, "ACTIVE");
  assert.equal(next.facts.ledger.position, 3);
});

Deno.test("peak equity and the loss of the day and of the run survive", () => {
  const limits = { maxDrawdownPct: 2, dailyLossUsd: 150, runLossPct: 3 } as const;
  const { engine } = quoting({ limits });
  engine.handle(aFill({ id: 1, fillId: 7, quantity: 10_000, price: 9_980, time: after(5) }));
  engine.handle(book(2_000, 11_000));
  assert.ok(engine.breakers.peak > CAPITAL + cashOf(90));
  const { engine: next } = began({ restored: kept(engine), firstId: 2, limits });
  assert.equal(next.breakers.peak, engine.breakers.peak);
  assert.equal(next.breakers.leastEquity, engine.breakers.leastEquity);
  assert.equal(next.drawdown.peak, engine.drawdown.peak);
  next.handle(book(4_000, 7_000));
  assert.equal(next.riskState.rule, "maxDrawdownPct");
});

Deno.test("the taker order of a plan made before the restart is not sent again", () => {
  const plans: Plan[] = [{ orders: [bid(10_010, 5, { role: "taker" })] }];
  const plan = (): Plan => plans.shift() ?? { orders: [] };
  const { engine } = began({ plan });
  assert.deepEqual(kinds(engine.handle(book(0))), ["place 1"]);
  engine.handle(told("expired", 1, after(5)));
  const { engine: next } = began({ restored: kept(engine), firstId: 1, plan });
  assert.deepEqual(next.handle(book(10)), []);
});

Deno.test("what the strategy said on finishing holds after a restart", () => {
  const plan = (): Plan => ({ orders: [], finish: "flatten" });
  const { engine } = began({ plan });
  engine.handle(book(0));
  const { engine: next } = began({ restored: kept(engine), plan: () => ({ orders: [] }) });
  next.handle(book(1_100));
  next.handle(book(2_200));
  assert.equal(next.stage, "stopped");
});

Deno.test("time goes on from the last row, whatever the clock says", () => {
  const { engine } = quoting();
  const since = [{ event: told("unknown", 1, after(-9_000)), time: after(5_000) }];
  const { engine: next } = began({ restored: kept(engine, since), firstId: 2 });
  assert.equal(next.facts.time, after(5_000));
  next.handle(book(-8_000));
  next.handle(book(-7_500));
  assert.equal(next.facts.time, after(5_500));
});

Deno.test("a journal takes a state when the stage, a hold or the day changes, and not otherwise", () => {
  const { engine } = began();
  const turns: string[] = [];
  const tell = (event: Event) => {
    engine.handle(event);
    turns.push(engine.turn);
  };
  const tomorrow = (ms: number): Micros => after(ms + DAY / 1000);
  const asked = (kind: "pause" | "resume", ms: number): Event => ({ kind, time: after(ms) });
  tell(book(0));
  tell(book(1_500, 10_001));
  tell(asked("pause", 2_000));
  tell(asked("resume", 3_000));
  tell({ ...book(0), time: tomorrow(3_100) });
  const changes = turns.map((turn, i) => i > 0 && turn !== turns[i - 1]);
  assert.deepEqual(changes, [false, false, true, true, true]);
});

const damage: readonly (readonly [string, (state: EngineState) => unknown, RegExp])[] = [
  ["nothing at all", () => [], /^state must be an object/],
  ["another version", (state) => ({ ...state, version: 2 }), /^state.version must be 1/],
  [
    "no ledger",
    ({ facts, ...state }) => ({ ...state, facts: { ...facts, ledger: null } }),
    /^state\.facts\.ledger must be an object: current value is null/,
  ],
  [
    "a stage nobody knows",
    (state) => ({ ...state, stage: "paused" }),
    /^state\.stage must be starting/,
  ],
  [
    "a memory that is a text",
    (state) => ({ ...state, memory: "x" }),
    /^state\.memory must be an object/,
  ],
  ["no breakers", ({ breakers: _, ...state }) => state, /^state\.breakers must be an object/],
];

for (const [name, damaged, message] of damage) {
  Deno.test(`a state with ${name} is refused by the field`, () => {
    const state = quoting().engine.snapshot();
    assert.throws(() => readState(damaged(state)), { name: "RangeError", message });
  });
}

Deno.test("a state is refused wherever one of its numbers is not one", () => {
  const { engine } = quoting({ limits: { movePct1s: 50 } });
  engine.handle(aFill({ id: 1, quantity: 4, time: after(5) }));
  engine.handle(book(6));
  const text = JSON.stringify({ ...engine.snapshot(), memory: {} });
  const numbers = [...text.matchAll(/(?<=[:[,])-?\d+(\.\d+)?(?=[,\]}])/g)];
  assert.ok(numbers.length > 50, `${numbers.length} numbers`);
  for (const { index, 0: digits } of numbers) {
    const broken = `${text.slice(0, index)}"x"${text.slice(index + digits.length)}`;
    assert.throws(() => readState(JSON.parse(broken)), { name: "RangeError", message: /^state\./ });
  }
});

Deno.test("a state of another market, strategy or capital is refused by the field", () => {
  const state = quoting().engine.snapshot();
  const fits = { market: perpMarket(), strategy: "counting", capital: CAPITAL };
  assertFits(state, fits);
  const finer: Market = perpMarket({ tickSize: "0.001" });
  const rows = [
    [{ market: spotMarket() }, /^state\.market\.symbol must be the run's \(SOL_USDC\)/],
    [{ market: finer }, /^state\.market\.cashPerTickLot must be the run's/],
    [
      { market: perpMarket({ lotSize: "0.1", tickSize: "0.001", minQuantity: "0.1" }) },
      /^state\.market\.basePerLot/,
    ],
    [
      { strategy: "grid" },
      /^state\.strategy must be the run's \(grid\): current value is counting/,
    ],
    [{ capital: cashOf(9_999) }, /^state\.facts\.ledger\.capital/],
  ] as const;
  for (const [other, message] of rows) {
    assert.throws(() => assertFits(state, { ...fits, ...other }), { name: "RangeError", message });
  }
  const restored = { state: { ...state, strategy: "grid" }, since: [] };
  assert.throws(() => began({ restored }), { name: "RangeError" });
});

Deno.test("a day after the loss began a new day counts", () => {
  const limits = { maxDrawdownPct: 90, dailyLossUsd: 50 } as const;
  const { engine } = quoting({ limits });
  engine.handle(aFill({ id: 1, fillId: 7, quantity: 10_000, price: 9_980, time: after(5) }));
  engine.handle(book(2_000, 9_000));
  assert.equal(engine.riskState.rule, "dailyLossUsd");
  const { engine: next } = began({ restored: kept(engine), firstId: 2, limits });
  next.handle({ ...book(0, 9_000), time: after((DAY + SECOND) / 1000) });
  assert.equal(next.riskState.rule, "dailyLossUsd", "a halt ends by command");
  next.handle({ kind: "resume", time: after((DAY + 2 * SECOND) / 1000) });
  assert.equal(next.riskState.name, "ACTIVE");
});

Deno.test("a mark of before the restart values nothing: the first book does", () => {
  const { engine } = quoting();
  engine.handle(aFill({ id: 1, fillId: 7, quantity: 100, time: after(5) }));
  const mark = { kind: "mark", time: after(6), price: ticks(1) } as const;
  const { engine: next } = began({ restored: kept(engine, [{ event: mark }]), firstId: 2 });
  next.handle(book(600_000));
  assert.equal(next.view()?.mark, undefined);
  assert.equal(next.facts.touch?.mark, 10_000);
});

Deno.test("a journal's changes of a book make no book, and its trades are remembered", () => {
  const { engine } = quoting();
  const aggressor = "bid";
  const [price, quantity] = [ticks(9_999), lots(1)];
  const since: JournalRow[] = [
    { event: book(50) },
    { event: { kind: "trade", time: after(60), price, quantity, aggressor } },
  ];
  const { engine: next, planner } = began({ restored: kept(engine, since), firstId: 2 });
  assert.equal(next.facts.touch, undefined);
  assert.deepEqual(planner.memory, { starts: 1, fills: 0, trades: 1 });
});

Deno.test("orders that rest from before are not taken for others in the first book", () => {
  const { engine } = quoting();
  const { engine: next } = began({ restored: kept(engine), firstId: 2 });
  const bids = [level(9_980, 10), level(9_950, 500)];
  next.handle({ kind: "depth", time: after(50), bids, asks: [level(10_010, 9)], snapshot: true });
  assert.equal(next.facts.touch?.bestBid, 9_950);
});

Deno.test("a state keeps the newest of ended orders, and not more of them than late fills need", () => {
  const { engine } = quoting();
  for (let id = 100; id < 500; id++) {
    engine.facts.orders.command(place(id, bid(9_000, 1, { tag: `${id}` })), START);
    engine.facts.orders.apply(told("cancelled", id));
  }
  const { done } = engine.snapshot().facts.orders;
  assert.deepEqual([done.length, done[0]?.id, done.at(-1)?.tag], [256, 244, "499"]);
});
