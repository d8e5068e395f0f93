// Each fault alone, on a calm market with one or two own orders, against what a real connection would
// do; and that without faults it is as if the connection were not there.

import assert from "node:assert/strict";
import type { Command, Event } from "../../lib/core/event.ts";
import { micros, SECOND } from "../../lib/core/units.ts";
import { Exchange } from "../../lib/exchange/exchange.ts";
import { run } from "../../lib/run.ts";
import { type FaultKind, noFaults, type OperatorCommand } from "../../lib/sim/fault_rates.ts";
import { FaultyVenue, refusedWith } from "../../lib/sim/faults.ts";
import { SynthMarket } from "../../lib/sim/synth.ts";
import { marketShapes, synthDefaults } from "../../lib/sim/synth_options.ts";
import { TapeFeed } from "../../lib/sim/tape_feed.ts";
import { SimVenue } from "../../lib/sim/venue.ts";
import { ask, bid, perpMarket, place } from "../support/core.ts";

const { start } = synthDefaults;
const resting = place(1, bid(14_000, 10));
const another = place(2, bid(13_900, 10));
const taking = place(1, ask(14_000, 10, { role: "taker" }));
const cancel: Command = { kind: "cancel", id: 1 };

/** What is sent, at the first event so many seconds after the start. */
type Script = readonly (readonly [atSec: number, ...commands: readonly Command[]])[];

interface Told {
  /** The simulated moment, in seconds from the start. */
  readonly atSec: number;
  readonly event: Event;
  /** Own orders on the exchange at that moment. */
  readonly open: number;
}

interface Options {
  readonly seed?: number;
  /** How often it happens, of all times that it can. */
  readonly rate?: number;
  readonly operator?: readonly OperatorCommand[];
}

/** A calm minute, 50 ms away, in the first half of which `kind` goes wrong. */
function play(kind: FaultKind | "nothing", script: Script, options: Options = {}) {
  const { seed = 1, rate = 1, operator = [] } = options;
  const { inner, exchange, account, market } = calmVenue();
  const venue = new FaultyVenue({
    venue: inner,
    exchange,
    account,
    symbol: market.symbol,
    rates: kind === "nothing" ? noFaults : { ...noFaults, [kind]: rate },
    seed,
    until: micros(start + 30 * SECOND),
    operator,
  });
  const told: Told[] = [];
  const waiting = [...script];
  let sentSec = NaN;
  for (let event = venue.next(); event !== undefined; event = venue.next()) {
    const atSec = (inner.now - start) / SECOND;
    told.push({ atSec, event, open: exchange.openOrders(account).length });
    const [next] = waiting;
    if (next === undefined || next[0] > atSec) continue;
    const [, ...commands] = next;
    waiting.shift();
    sentSec = atSec;
    venue.send(commands);
  }
  assert.ok(venue.isQuiet, "in the end everything is told");
  return { told, venue, sentSec };
}

function calmVenue() {
  const market = perpMarket();
  const exchange = new Exchange({ markets: [market], fillModel: "queue" });
  const free = { maker: 0, taker: 0 };
  const balances = { USDC: 1_000_000_000_000 };
  const account = exchange.openAccount({ fees: { spot: free, perp: free }, balances });
  const synth = new SynthMarket(market, { ...marketShapes.calm, seed: 1, durationSec: 60 });
  const feed = new TapeFeed(() => synth.chunk());
  const clock = { latencyMs: 50, timerMs: 1000, time: start };
  const inner = new SimVenue({
    exchange,
    market,
    account,
    feed,
    tellsBars: false,
    position: () => exchange.position(account, market.symbol),
    ...clock,
  });
  return { inner, exchange, account, market };
}

/** What was said of an order. */
function saidOf(told: readonly Told[], id: number): readonly Told[] {
  return told.filter(({ event }) => "id" in event && event.id === id);
}

function kindsOf(told: readonly Told[]): string {
  return told.map(({ event }) => event.kind).join(", ");
}

/** What goes wrong, what is sent, what is said of order 1, and within which seconds after sending. */
const rows: readonly (readonly [
  kind: FaultKind | "nothing",
  script: Script,
  said: string,
  within: readonly [number, number],
])[] = [
  ["nothing", [[5, resting]], "accepted", [0.1, 0.1]],
  ["reject", [[5, resting]], "rejected", [0.01, 2]],
  ["timeoutLost", [[5, resting]], "unknown, cancelled", [2.2, 9]],
  ["timeoutAccepted", [[5, resting]], "unknown, accepted", [2, 9]],
  ["delay", [[5, resting]], "accepted", [0.2, 4]],
  ["drop", [[5, resting]], "accepted", [0.6, 8]],
  ["duplicate", [[5, resting]], "accepted, accepted", [0.1, 5]],
  ["doubledFill", [[5, taking]], "accepted, fill, fill", [0.2, 0.2]],
  ["accepted202", [[5, resting], [6, cancel]], "accepted, cancelled", [0.2, 5]],
  ["forgotten", [[5, resting]], "accepted, cancelled", [0.6, 40]],
];

for (const [kind, script, said, [least, most]] of rows) {
  Deno.test(`what is told of an order, and when: ${kind}`, () => {
    const { told, venue, sentSec } = play(kind, script);
    const own = saidOf(told, 1);
    assert.equal(kindsOf(own), said);
    const after = (own.at(-1)?.atSec ?? NaN) - sentSec;
    assert.ok(after > least - 1e-6 && after < most + 1e-6, `the last word came after ${after} s`);
    assert.ok(kind === "nothing" || (venue.counts.get(kind) ?? 0) > 0);
  });
}

Deno.test("a refused or lost order never reaches the exchange, one of unknown fate may rest", () => {
  const most = (kind: FaultKind) =>
    Math.max(...play(kind, [[5, resting]]).told.map(({ open }) => open));
  assert.equal(most("reject"), 0);
  assert.equal(most("timeoutLost"), 0);
  assert.equal(most("timeoutAccepted"), 1);
  const [refused] = saidOf(play("reject", [[5, resting]]).told, 1);
  assert.ok(refused?.event.kind === "rejected" && refusedWith.includes(refused.event.reason));
});

Deno.test("a cancel may be lost or done without an answer, too", () => {
  const endings = (kind: FaultKind) =>
    new Set(Array.from({ length: 40 }, (_, seed) => {
      const { told } = play(kind, [[5, resting], [15, cancel]], { seed, rate: 0.5 });
      return `${kindsOf(saidOf(told, 1))}: ${told.at(-1)?.open} rests`;
    }));
  assert.ok(endings("timeoutLost").has("accepted, unknown, accepted: 1 rests"));
  assert.ok(endings("timeoutAccepted").has("accepted, unknown, cancelled: 0 rests"));
});

Deno.test("the same fill told twice has one number", () => {
  const numbers = play("doubledFill", [[5, taking]]).told.flatMap(({ event }) =>
    event.kind === "fill" ? [event.fillId] : []
  );
  assert.equal(numbers.length, 2);
  assert.equal(numbers[0], numbers[1]);
});

Deno.test("two events change places", () => {
  const ids = (kind: FaultKind | "nothing") =>
    play(kind, [[5, resting, another]]).told.flatMap(({ event }) =>
      event.kind === "accepted" ? [event.id] : []
    );
  assert.deepEqual(ids("nothing"), [1, 2]);
  assert.deepEqual(ids("reorder"), [2, 1]);
});

Deno.test("without a connection only timers come, then a snapshot, then own events", () => {
  const usual = play("nothing", []).told;
  let missed = 0;
  for (let seed = 0; seed < 20; seed++) {
    const { told } = play("disconnect", [[5, resting]], { seed, rate: 0.1 });
    assert.equal(kindsOf(saidOf(told, 1)), "accepted");
    for (const { event, atSec } of told) {
      if (event.kind !== "depth" || !event.snapshot) continue;
      // It was down for 0.2 s at least.
      const isBefore = (one: Told) => one.atSec < atSec && one.atSec > atSec - 0.2;
      assert.ok(told.filter(isBefore).every(({ event }) => event.kind === "timer"));
      missed += usual.filter(isBefore).filter(({ event }) => event.kind !== "timer").length;
    }
  }
  assert.ok(missed > 0, "something would have been told");
});

Deno.test("behind a lost change of the book nothing of it is told before the snapshot", () => {
  const { told } = play("drop", []);
  const early = told.filter(({ atSec }) => atSec < 30);
  const depths = early.flatMap(({ event }) => event.kind === "depth" ? [event] : []);
  assert.ok(depths.length > 3 && depths.every(({ snapshot }) => snapshot));
});

Deno.test("maintenance closes the market for seconds and refuses what is sent meanwhile", () => {
  const { told } = play("maintenance", [], { rate: 0.1 });
  const states = told.flatMap(({ event, atSec }) =>
    event.kind === "state" ? [{ atSec, state: event.state }] : []
  );
  assert.ok(states.length >= 2 && states.length % 2 === 0);
  states.forEach(({ state }, i) => assert.equal(state === "Open", i % 2 === 1));
  const shutAt = states[0]?.atSec ?? NaN;
  const again = play("maintenance", [[shutAt, resting]], { rate: 0.1 });
  const [refused] = saidOf(again.told, 1);
  assert.ok(refused?.event.kind === "rejected" && refused.event.reason === "TradingPaused");
});

Deno.test("a clock that jumps stamps all later events, forwards by seconds or back by up to an hour", () => {
  const shifts = new Set<number>();
  for (let seed = 0; seed < 20; seed++) {
    for (const { atSec, event } of play("clockJump", [], { seed, rate: 0.04 }).told) {
      shifts.add(Math.round((event.time - start) / SECOND - atSec));
    }
  }
  assert.ok([...shifts].some((shift) => shift < -60) && [...shifts].some((shift) => shift > 0));
  assert.ok(Math.max(...shifts) < 60);
});

Deno.test("no fault begins after its time", () => {
  const kinds = ["reject", "timeoutLost", "timeoutAccepted", "delay", "drop", "duplicate"] as const;
  for (const kind of [...kinds, "reorder"] as const) {
    const { told } = play(kind, [[31, resting]]);
    assert.equal(kindsOf(saidOf(told, 1)), "accepted", kind);
  }
});

Deno.test("the operator is heard at the right times, connection or not", () => {
  const operator = ([[5, "pause"], [9, "resume"], [40, "stop"]] as const)
    .map(([sec, kind]) => ({ at: micros(start + sec * SECOND), kind }));
  const { told } = play("disconnect", [], { rate: 1, operator });
  const heard = told.filter(({ event }) =>
    event.kind === "pause" || event.kind === "resume" || event.kind === "stop"
  );
  assert.equal(kindsOf(heard), "pause, resume, stop");
  for (const [i, { atSec }] of heard.entries()) {
    const at = ((operator[i]?.at ?? NaN) - start) / SECOND;
    assert.ok(atSec >= at && atSec <= at + 1, `${atSec} s instead of ${at} s`);
  }
});

Deno.test("a new process is told nothing of the old connection, and finds what was said on it", () => {
  const { inner, exchange, account, market } = calmVenue();
  const venue = new FaultyVenue({
    venue: inner,
    exchange,
    account,
    symbol: market.symbol,
    rates: { ...noFaults, delay: 1, duplicate: 1 },
    seed: 1,
    until: micros(start + 30 * SECOND),
    operator: [],
  });
  const pass = (untilSec: number) => {
    const heard: Event[] = [];
    while (inner.now < start + untilSec * SECOND) {
      const event = venue.next();
      if (event === undefined) break;
      heard.push(event);
    }
    return heard;
  };
  pass(5);
  venue.send([taking, another]);
  pass(5.4);
  const found = venue.restart();
  const [order] = found.open;
  assert.equal(found.open.length, 1);
  assert.deepEqual([order?.id, order?.price, order?.quantity, order?.filled], [2, 13_900, 10, 0]);
  assert.deepEqual(found.fills.map(({ id, quantity }) => [id, quantity]), [[1, 10]]);
  assert.deepEqual([...found.ended], [[1, "filled"]]);
  const heard = pass(20);
  assert.deepEqual(heard.slice(0, 2).map(({ kind }) => kind), ["state", "depth"]);
  assert.equal(heard.filter((event) => "id" in event).length, 0);
});

Deno.test("what a new process did not find is told once no request for it can arrive any more", () => {
  for (const [sent, end] of [[[another], "accepted"], [[], "cancelled"]] as const) {
    const { inner, exchange, account, market } = calmVenue();
    const venue = new FaultyVenue({
      venue: inner,
      exchange,
      account,
      symbol: market.symbol,
      rates: noFaults,
      seed: 1,
      until: micros(start + 30 * SECOND),
      operator: [],
    });
    while (inner.now < start + 5 * SECOND) venue.next();
    venue.send(sent);
    assert.deepEqual(venue.restart().open, []);
    venue.prove(2);
    const asked = inner.now;
    const told: Event[] = [];
    for (let event = venue.next(); event !== undefined; event = venue.next()) {
      if ("id" in event && inner.now > asked + 2 * SECOND) told.push(event);
    }
    assert.equal(told.map(({ kind }) => kind).join(), end);
    assert.ok((told[0]?.time ?? 0) >= asked + 2.3 * SECOND);
  }
});

Deno.test("the same seed gives the same events, another seed others", () => {
  const script: Script = [[5, resting], [9, cancel], [12, another]];
  const eventsOf = (seed: number) =>
    play("delay", script, { seed, rate: 0.5 }).told.map(({ event }) => event);
  assert.deepEqual(eventsOf(7), eventsOf(7));
  assert.notDeepEqual(eventsOf(7), eventsOf(8));
});

Deno.test("without faults a run hears what it would hear without the connection", async () => {
  const script: Script = [[5, resting], [9, cancel], [12, taking]];
  const direct: Event[] = [];
  const waiting = [...script];
  const { inner } = calmVenue();
  const handle = (event: Event): readonly Command[] => {
    direct.push(event);
    const [next] = waiting;
    if (next === undefined || next[0] > (inner.now - start) / SECOND) return [];
    waiting.shift();
    return next.slice(1).filter((command): command is Command => typeof command !== "number");
  };
  await run({ handle }, inner, []);
  assert.deepEqual(play("nothing", script).told.map(({ event }) => event), direct);
});
