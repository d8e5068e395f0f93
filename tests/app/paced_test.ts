// A simulated market at the pace of a clock that the tests turn: when events are handed on, and that
// a person's command or the end never waits for the market.

import assert from "node:assert/strict";
import { type Clock, PacedVenue, type Request } from "../../lib/app/paced.ts";
import { emptyTape, ROW } from "../../lib/core/columns.ts";
import type { Event } from "../../lib/core/event.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { defineStrategy } from "../../lib/core/strategy.ts";
import { ticks } from "../../lib/core/units.ts";
import { rig } from "../../lib/lab/rig.ts";
import type { SimVenue } from "../../lib/sim/venue.ts";
import { tapeFeed } from "../../lib/sim/tape_feed.ts";
import { after, bid, perpMarket, place, START } from "../support/core.ts";

/** A clock that stands still until it is turned, or that a sleeper turns. */
class TestClock implements Clock {
  ms = 5_000;
  readonly slept: number[] = [];
  #wakers: (() => void)[] = [];

  constructor(readonly turning: "by sleepers" | "by hand") {}

  now(): number {
    return this.ms;
  }

  sleep(ms: number, wake: AbortSignal): Promise<void> {
    assert.equal(wake.aborted, false, "a sleep that could not last");
    this.slept.push(ms);
    if (this.turning === "by sleepers") {
      this.ms += ms;
      return Promise.resolve();
    }
    const until = this.ms + ms;
    return new Promise((resolve) => {
      wake.addEventListener("abort", () => resolve(), { once: true });
      this.#wakers.push(() => this.ms >= until && resolve());
    });
  }

  turn(ms: number): void {
    this.ms += ms;
    for (const wake of this.#wakers) wake();
  }
}

/** A market whose best bid rises by a tick at each of the given ms. */
function marketOf(moments: readonly number[], latencyMs = 0): SimVenue {
  const tape = emptyTape(moments.length);
  moments.forEach((ms, i) => {
    tape.kind[i] = ROW.bbo;
    tape.time[i] = after(ms);
    tape.price[i] = 9_000 + i;
    tape.askPrice[i] = 20_000;
  });
  tape.quantity.fill(5);
  tape.askQuantity.fill(5);
  const idle = defineStrategy({
    ...{ api: 1, name: "idle", summary: "Wants nothing.", params: {} },
    cadence: () => ({ everyMs: 86_400_000 }),
    start: () => ({}),
    plan: () => ({ orders: [] }),
  });
  return rig({
    market: perpMarket(),
    strategy: idle,
    params: {},
    limits: defaultLimits,
    fees: { maker: 0, taker: 0 },
    balances: { USDC: "1000" },
    seed: 1,
    fillModel: "queue",
    latencyMs,
    feed: tapeFeed(tape),
    price: ticks(9_000),
    time: START,
  }).venue;
}

/** "depth 10": the kind and the ms of its time. */
function lineOf(event: Event | undefined): string {
  return event === undefined ? "end" : `${event.kind} ${(event.time - START) / 1_000}`;
}

/** Lets everything that need not wait for the clock happen. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** Asks for the next event; `told` says what came, or "waiting". */
function asking(
  venue: PacedVenue,
): { told: string; readonly done: Promise<void> } {
  const asked = { told: "waiting", done: Promise.resolve() };
  asked.done = venue.next().then((event) => {
    asked.told = lineOf(event);
  });
  return asked;
}

Deno.test("an event is handed on when its moment has come, at the speed of the run", async () => {
  const rows = [
    [1, [0, 10, 1_000, 1_500]],
    [10, [0, 0, 100, 150]],
    [0.5, [0, 20, 2_000, 3_000]],
  ] as const;
  for (const [speed, expected] of rows) {
    const clock = new TestClock("by sleepers");
    const venue = new PacedVenue(marketOf([0, 10, 1_000, 1_500]), clock, speed);
    const at: number[] = [];
    for (
      let event = await venue.next();
      event !== undefined;
      event = await venue.next()
    ) {
      at.push(clock.ms - 5_000);
    }
    assert.deepEqual(at, expected, `speed ${speed}`);
  }
});

Deno.test("a few milliseconds are not worth a timer, and time that has passed is not waited for", async () => {
  const clock = new TestClock("by sleepers");
  const venue = new PacedVenue(marketOf([0, 3, 500, 600]), clock, 1);
  for (const expected of ["depth 0", "depth 3"]) {
    assert.equal(lineOf(await venue.next()), expected);
  }
  assert.deepEqual(clock.slept, []);
  clock.ms += 550;
  assert.equal(lineOf(await venue.next()), "depth 500");
  assert.deepEqual(clock.slept, []);
  // What the run lost by being slow it does not lose again.
  assert.equal(lineOf(await venue.next()), "depth 600");
  assert.deepEqual(clock.slept, [50]);
  assert.equal(await venue.next(), undefined);
});

Deno.test("a person's command ends the waiting at once, and the event still comes at its own time", async () => {
  const clock = new TestClock("by hand");
  const venue = new PacedVenue(marketOf([0, 1_000]), clock, 1);
  await venue.next();
  const asked = asking(venue);
  await settle();
  assert.equal(asked.told, "waiting");
  clock.turn(300);
  await settle();
  assert.equal(asked.told, "waiting");
  venue.ask("pause");
  await asked.done;
  assert.match(asked.told, /^pause /);
  assert.equal(clock.ms, 5_300);
  const next = asking(venue);
  await settle();
  assert.equal(next.told, "waiting");
  assert.equal(clock.slept.at(-1), 700);
  clock.turn(700);
  await next.done;
  assert.equal(next.told, "depth 1000");
});

Deno.test("commands of a person come in their order, before the events that wait", async () => {
  const requests: readonly Request[] = ["pause", "flatten", "resume", "stop"];
  const clock = new TestClock("by sleepers");
  const venue = new PacedVenue(marketOf([0, 1_000, 1_001]), clock, 1);
  await venue.next();
  for (const request of requests) venue.ask(request);
  const told: string[] = [];
  for (const _ of requests) told.push((await venue.next())?.kind ?? "end");
  assert.deepEqual(told, requests);
  assert.deepEqual(clock.slept, []);
  assert.equal(lineOf(await venue.next()), "depth 1000");
});

Deno.test("a command lies in time between the events around it", async () => {
  const clock = new TestClock("by hand");
  const venue = new PacedVenue(marketOf([0, 1_000]), clock, 1);
  await venue.next();
  venue.ask("pause");
  assert.equal(lineOf(await venue.next()), "pause 0");
  const asked = asking(venue);
  await settle();
  venue.ask("resume");
  await asked.done;
  const at = Number(asked.told.replace("resume ", ""));
  assert.ok(at >= 0 && at <= 1_000, asked.told);
});

Deno.test("the end is at once, while waiting and after", async () => {
  const clock = new TestClock("by hand");
  const venue = new PacedVenue(marketOf([0, 1_000]), clock, 1);
  await venue.next();
  const asked = asking(venue);
  await settle();
  venue.end();
  await asked.done;
  assert.equal(asked.told, "end");
  assert.equal(clock.ms, 5_000);
  venue.ask("pause");
  assert.equal(await venue.next(), undefined);
});

Deno.test("others are let in now and then though no event has to wait", async () => {
  const moments = Array.from({ length: 6_500 }, (_, i) => i);
  const clock = new TestClock("by sleepers");
  clock.ms = 0;
  const venue = new PacedVenue(marketOf(moments), clock, 1e9);
  let events = 0;
  while (await venue.next() !== undefined) events++;
  assert.equal(events, 6_500);
  assert.equal(clock.slept.length, 3);
  assert.ok(clock.slept.every((ms) => ms < 1), clock.slept.join());
});

Deno.test("what is asked during such a moment comes before the next event, and an end ends", async () => {
  const rows = [
    [(venue: PacedVenue) => venue.ask("stop"), /^stop /],
    [(venue: PacedVenue) => venue.end(), /^end$/],
  ] as const;
  for (const [act, expected] of rows) {
    const clock = new TestClock("by hand");
    clock.ms = 1e6;
    const venue = new PacedVenue(
      marketOf(Array.from({ length: 3_000 }, (_, i) => i)),
      clock,
      1e9,
    );
    let asked = asking(venue);
    await settle();
    while (clock.slept.length === 0) {
      await asked.done;
      asked = asking(venue);
      await settle();
    }
    act(venue);
    clock.turn(0);
    await asked.done;
    assert.match(asked.told, expected);
  }
});

Deno.test("commands of the run reach the exchange and are answered at the pace of the clock", async () => {
  const clock = new TestClock("by sleepers");
  const venue = new PacedVenue(marketOf([0, 900], 60), clock, 1);
  await venue.next();
  venue.send([place(1, bid(8_000, 5))]);
  const told: string[] = [];
  for (
    let event = await venue.next();
    event !== undefined;
    event = await venue.next()
  ) {
    if (event.kind === "accepted") {
      told.push(`${lineOf(event)} at ${clock.ms - 5_000}`);
    }
  }
  assert.deepEqual(told, ["accepted 120 at 120"]);
});
