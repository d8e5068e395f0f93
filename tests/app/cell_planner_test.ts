// A run whose strategy lives in a cell: asked, it goes on; answered, it does what the same strategy
// does in process; and what a journal kept of it is enough to go on from, whenever it ended.

import { deepEqual, equal, match } from "node:assert/strict";
import { AnsweringVenue, Inbox } from "../../lib/app/answering_venue.ts";
import { Cell } from "../../lib/app/cell.ts";
import { type Answered, cellPlanner } from "../../lib/app/cell_planner.ts";
import { describe, entryOf, readable } from "../../lib/app/plugins.ts";
import type { Request } from "../../lib/app/paced.ts";
import { Engine } from "../../lib/core/engine.ts";
import type { Command, Event } from "../../lib/core/event.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { inProcess, type Planner } from "../../lib/core/planner.ts";
import { readState } from "../../lib/core/state.ts";
import type { Observation, Setup, View } from "../../lib/core/strategy.ts";
import { cash, lots, ticks } from "../../lib/core/units.ts";
import { run } from "../../lib/run.ts";
import { after, level, perpMarket, START, textOf } from "../support/core.ts";
import { aFolder } from "../support/plugins.ts";

/** Bids once a second at a price that depends on all it saw, on its own draws and on its memory. */
const source = `
  export default {
    api: 1, name: "walker", summary: "Walks.", params: {}, observes: ["fill", "trade", "timer"],
    start: (_, view) => ({ sum: view.midTicks, seen: 0 }),
    observe(memory, event) {
      memory.seen++;
      if (event.kind === "trade") memory.sum += event.price;
      if (event.kind === "fill") memory.sum += event.quantity;
    },
    plan: (memory, view) => ({
      orders: [{ side: "bid", price: 9900 + (memory.sum + Math.floor(view.random() * 7)) % 50,
        quantity: 5, role: "maker" }],
      reason: memory.seen + " seen at " + view.time,
    }),
  };`;
const setup: Setup = {
  market: perpMarket(),
  params: {},
  fees: { maker: 2, taker: 5 },
  capital: cash(100_000_000_000),
};
const timer: Observation = { kind: "timer", time: START };

Deno.test("in a cell and in process the same plans are made of the same events", async () => {
  await inCell(source, async ({ planner, settled }) => {
    const other = inProcess(await strategyOf(source), setup);
    const [inside, outside] = [engineOf(planner), engineOf(other)];
    const [sent, wanted]: [string[], string[]] = [[], []];
    for (const event of market(40)) {
      wanted.push(textOf(outside.handle(event)));
      const commands = [...inside.handle(event)];
      for (let answer = await settled(); answer !== undefined; answer = await settled()) {
        commands.push(...inside.handle({ kind: "planned", time: event.time, ...answer }));
      }
      sent.push(textOf(commands));
      for (const engine of [inside, outside]) accept(engine, event);
    }
    deepEqual(sent, wanted);
    equal(inside.plan.reason, outside.plan.reason);
    match(inside.plan.reason ?? "", /^[1-9]\d seen/);
  });
});

Deno.test("while an answer is awaited no other is asked for, and the last moment is the next", async () => {
  await inCell(source, async ({ planner, settled }) => {
    planner.start(aView(1));
    for (let i = 1; i <= 5; i++) {
      planner.observe(timer);
      equal(planner.plan(aView(i)), undefined);
    }
    const first = await settled();
    match(first?.plan.reason ?? "", /^1 seen at 1$/);
    // Not in the loop yet: nothing else is asked for.
    planner.plan(aView(6));
    equal(await settled(), undefined);
    planner.restore(first?.memory ?? {});
    match((await settled())?.plan.reason ?? "", /^5 seen at 6$/);
  });
});

Deno.test("a journal keeps what the memory has not taken, and a new cell goes on from it", async () => {
  let kept: object | undefined;
  let late: Answered | undefined;
  await inCell(source, async ({ planner, settled }) => {
    equal(planner.memory, undefined);
    planner.start(aView(1));
    planner.observe(timer);
    planner.plan(aView(1));
    planner.observe(timer);
    // The process may end here: an answer is on its way, and one thing happened since.
    kept = structuredClone(planner.memory);
    late = await settled();
  });
  await inCell(source, async ({ planner, settled }) => {
    planner.restore(JSON.parse(JSON.stringify(kept)));
    planner.plan(aView(2));
    match((await settled())?.plan.reason ?? "", /^2 seen at 2$/);
  });
  // The answer was journaled after that state: what it took is not taken twice.
  await inCell(source, async ({ planner, settled }) => {
    planner.restore(JSON.parse(JSON.stringify(kept)));
    planner.restore(JSON.parse(JSON.stringify(late?.memory)));
    planner.observe(timer);
    planner.plan(aView(3));
    match((await settled())?.plan.reason ?? "", /^3 seen at 3$/);
  });
});

Deno.test("an engine that is restored from its state plans as the one before", async () => {
  await inCell(source, async ({ planner, settled }) => {
    const engine = engineOf(planner);
    for (const event of market(10)) {
      engine.handle(event);
      const answer = await settled();
      if (answer !== undefined) engine.handle({ kind: "planned", time: event.time, ...answer });
    }
    const state = readState(JSON.parse(JSON.stringify(engine.snapshot())));
    const [last] = market(12).slice(-1);
    await inCell(source, async (again) => {
      const second = engineOf(again.planner, { state, since: [] });
      for (const one of [engine, second]) one.handle(last ?? { kind: "timer", time: START });
      const [wanted, given] = [await settled(), await again.settled()];
      equal(given?.plan.reason, wanted?.plan.reason);
      deepEqual(given?.plan, wanted?.plan);
    });
  });
});

Deno.test("other settings hold from the next plan on, with the memory as it was", async () => {
  const text = source.replace("(memory, view) =>", "(memory, view, { params }) =>")
    .replace('" seen at "', '" seen with " + params.x + " at "');
  await inCell(text, async ({ planner, settled }) => {
    planner.start(aView(1));
    planner.observe(timer);
    planner.plan(aView(1));
    planner.observe(timer);
    planner.change?.({ ...setup, params: { x: 7 } });
    planner.restore((await settled())?.memory ?? {});
    planner.plan(aView(2));
    match((await settled())?.plan.reason ?? "", /^2 seen with 7 at 2$/);
  });
});

Deno.test("a long time without a plan does not pile up what happened", async () => {
  await inCell(source, async ({ planner, cell, settled }) => {
    planner.start(aView(1));
    planner.plan(aView(1));
    planner.restore((await settled())?.memory ?? {});
    for (let i = 0; i < 2500; i++) planner.observe(timer);
    await cell.ask({ kind: "beat" }, { ms: 5000 });
    const kept: { waiting?: unknown[] } = JSON.parse(JSON.stringify(planner.memory));
    equal((kept.waiting?.length ?? 0) < 2500, true);
    planner.plan(aView(2));
    // Perhaps what happened is still on its way, and the plan is asked for after it.
    const answer = await settled() ?? await settled();
    match(answer?.plan.reason ?? "", /^2500 seen/);
  });
});

Deno.test("a cell that answers nonsense, or throws, is stopped with the reason", async () => {
  const plan = (text: string) =>
    source.replace(/plan: \(memory[^]*\}\),\n/, `plan() { ${text} },\n`);
  const rows = [
    [
      plan(`return { orders: [{ side: "bid", price: 1.5, quantity: 1, role: "maker" }] }`),
      /price must be/,
    ],
    [plan(`return undefined`), /plan must be an object/],
    [plan(`return Promise.resolve({ orders: [] })`), /plan is not a plain object/],
    [plan(`throw new Error("oh")`), /it failed: oh/],
    [source.replace("seen: 0", "seen: 0, big: 1n"), /memory\.big is a bigint/],
  ] as const;
  for (const [text, reason] of rows) {
    await inCell(text, async ({ planner, cell }) => {
      planner.start(aView(1));
      planner.plan(aView(1));
      await cell.ended;
      match(cell.reason ?? "", reason);
      equal(planner.plan(aView(2)), undefined);
    });
  }
});

Deno.test("answers come into the loop between events, and a stopped cell stops the run", async () => {
  await inCell(source, async ({ planner, cell, inbox }) => {
    const engine = engineOf(planner);
    const [depth] = market(1);
    const inner = new Quiet([depth ?? { kind: "timer", time: START }]);
    const venue = new AnsweringVenue(inner, cell, inbox, () => after(5));
    const kinds: string[] = [];
    const seen = (event: Event) => {
      kinds.push(event.kind);
      if (event.kind === "planned") cell.stop("it is enough");
      if (event.kind === "stop") venue.end();
    };
    await run(engine, venue, [{ seen }]);
    deepEqual(kinds, ["depth", "planned", "stop"]);
    equal(textOf(inner.sent).startsWith("bid 5 @ 99"), true);
    equal(engine.stage === "running", false);
  });
});

/** A venue that has a few events and then waits until it is ended. */
class Quiet {
  readonly sent: Command[] = [];
  readonly #events: Event[];
  readonly #end = Promise.withResolvers<undefined>();

  constructor(events: readonly Event[]) {
    this.#events = [...events];
  }
  next(): Event | Promise<undefined> {
    return this.#events.shift() ?? this.#end.promise;
  }
  send(commands: readonly Command[]): void {
    this.sent.push(...commands);
  }
  ask(_: Request): void {}
  end(): void {
    this.#end.resolve(undefined);
  }
}

interface Inside {
  readonly planner: Planner;
  readonly cell: Cell;
  readonly inbox: Inbox;
  /** The answer to what was asked last; undefined where nothing is out. */
  settled(): Promise<Answered | undefined>;
}

async function inCell(
  text: string,
  act: (inside: Inside) => Promise<void>,
): Promise<void> {
  using folder = aFolder({ "a.ts": text });
  const entry = entryOf(`${folder.path}/a.ts`);
  using cell = new Cell({
    host: new URL("../../lib/app/cell_host.ts", import.meta.url),
    files: readable(entry),
  });
  await describe(cell, "a.ts", entry);
  const inbox = new Inbox();
  const planner = cellPlanner({
    ...{ cell, name: "walker", setup, granted: {}, seed: 1, planTimeoutMs: 5000 },
    answers: (answer) => inbox.put(answer),
  });
  // A cell answers in order: when this is back, so is all that was asked before.
  const settled = async () => {
    if (cell.reason === undefined) await cell.ask({ kind: "beat" }, { ms: 5000 });
    return inbox.take();
  };
  await act({ planner, cell, inbox, settled });
}

async function strategyOf(text: string) {
  return (await import(`data:text/javascript,${encodeURIComponent(text)}`)).default;
}

function engineOf(
  planner: Planner,
  restored?: ConstructorParameters<typeof Engine>[0]["restored"],
) {
  let id = 0;
  return new Engine({
    ...{ market: setup.market, planner, limits: defaultLimits, capital: setup.capital },
    ...{ everyMs: 1000, seed: 1, time: START, nextId: () => ++id },
    ...(restored === undefined ? {} : { restored }),
  });
}

/** Says of every order that was sent that it rests, and fills some. */
function accept(engine: Engine, { time }: Event): void {
  for (const { id, state } of [...engine.facts.orders.live]) {
    if (state === "sent") engine.handle({ kind: "accepted", time, id });
    if (state === "cancelling") engine.handle({ kind: "cancelled", time, id });
  }
}

/** A book that walks, and trades in it, a step each 300 ms. */
function market(steps: number): readonly Event[] {
  return Array.from({ length: steps }, (_, i): Event => {
    const time = after(300 * i);
    if (i % 4 === 2) {
      return { kind: "trade", time, price: ticks(10_000 + i), quantity: lots(3), aggressor: "bid" };
    }
    const [bids, asks] = [[level(9_999 + i, 50)], [level(10_001 + i, 50)]];
    return { kind: "depth", time, bids, asks, snapshot: true };
  });
}

function aView(time: number): View {
  return {
    ...{ time: START, bestBid: ticks(9_999), bestAsk: ticks(10_001), midTicks: 10_000 },
    ...{ bids: [], asks: [], position: lots(0), sellable: lots(0), equity: cash(1) },
    ...{ openOrders: [], random: () => 0.5 },
    ...JSON.parse(JSON.stringify({ time })),
  };
}
