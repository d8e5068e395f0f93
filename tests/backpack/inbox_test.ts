// The queue of the loop: nothing is lost but what a later book says anyway.

import assert from "node:assert/strict";
import fc from "fast-check";
import { Book, type BookSide } from "../../lib/core/book.ts";
import type { Event } from "../../lib/core/event.ts";
import { lots, type Micros, ticks } from "../../lib/core/units.ts";
import { Inbox, MOST_DEPTHS, MOST_WAITING } from "../../lib/backpack/inbox.ts";
import { level, START } from "../support/core.ts";
import { at } from "./orders.ts";

type Depth = Extract<Event, { kind: "depth" }>;

function depth(ms: number, changes: Partial<Depth> = {}): Depth {
  return { kind: "depth", time: at(ms), bids: [], asks: [], snapshot: false, ...changes };
}

function trade(ms: number): Event {
  const [price, quantity] = [ticks(1), lots(1)];
  return { kind: "trade", time: at(ms), price, quantity, aggressor: "bid" };
}

function inbox(now: () => Micros = () => START) {
  let overflows = 0;
  const queue = new Inbox({ now, onOverflow: () => overflows++ });
  return { queue, overflows: () => overflows };
}

/** All that waits. */
function drain(queue: Inbox): Event[] {
  const events: Event[] = [];
  while (queue.waiting > 0) {
    const event = queue.next();
    assert.ok(event !== undefined && !(event instanceof Promise));
    events.push(event);
  }
  return events;
}

function levels(side: BookSide): unknown {
  return side.others(() => 0, 1_000);
}

const someLevels = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 6 }), fc.nat({ max: 3 })).map(([price, quantity]) =>
    level(price, quantity)
  ),
  { maxLength: 3 },
);

Deno.test("a loop that falls behind ends with the same book, every trade, and time that goes on", () => {
  const change = fc.record({ bids: someLevels, asks: someLevels, snapshot: fc.boolean() });
  const said = fc.oneof({ weight: 8, arbitrary: change }, {
    weight: 1,
    arbitrary: fc.constant("trade"),
  });
  fc.assert(fc.property(fc.array(said, { minLength: 1, maxLength: 120 }), (things) => {
    const { queue } = inbox();
    const whole = new Book();
    let trades = 0;
    things.forEach((thing, ms) => {
      if (typeof thing === "string") {
        trades++;
        return queue.push(trade(ms));
      }
      whole.apply(thing.bids, thing.asks, thing.snapshot ? "snapshot" : "changes");
      queue.push(depth(ms, thing));
    });
    const events = drain(queue);
    const late = new Book();
    for (const event of events) {
      if (event.kind === "depth") {
        late.apply(event.bids, event.asks, event.snapshot ? "snapshot" : "changes");
      }
    }
    assert.deepEqual(levels(late.bids), levels(whole.bids));
    assert.deepEqual(levels(late.asks), levels(whole.asks));
    assert.equal(events.filter(({ kind }) => kind === "trade").length, trades);
    assert.ok(events.filter(({ kind }) => kind === "depth").length <= MOST_DEPTHS);
    assert.deepEqual(events, events.toSorted((a, b) => a.time - b.time));
  }));
});

Deno.test("few changes of the book stay as they are", () => {
  const { queue } = inbox();
  const said = Array.from({ length: MOST_DEPTHS }, (_, ms) => depth(ms));
  for (const event of said) queue.push(event);
  assert.deepEqual(drain(queue), said);
});

Deno.test("a loop hopelessly behind is told once, and our own events still find a place", () => {
  const { queue, overflows } = inbox();
  for (let i = 0; i < MOST_WAITING + 5; i++) queue.push(trade(i));
  assert.equal(overflows(), 1);
  assert.equal(queue.waiting, MOST_WAITING);
  queue.push({ kind: "accepted", time: at(9), id: 1 });
  assert.equal(queue.waiting, MOST_WAITING + 1);
  assert.equal(drain(queue).at(-1)?.kind, "accepted");
});

Deno.test("who waits is served by the next event, or by the end", async () => {
  const { queue } = inbox();
  const first = queue.next();
  queue.push(trade(1));
  assert.deepEqual(await first, trade(1));
  const second = queue.next();
  queue.end();
  assert.equal(await second, undefined);
  queue.push(trade(2));
  assert.equal(queue.next(), undefined);
});

Deno.test("a failure reaches who waits and who comes later", async () => {
  const { queue } = inbox();
  const waiting = queue.next();
  queue.fail(new Error("planted"));
  await assert.rejects(async () => await waiting, { message: "planted" });
  assert.throws(() => queue.next(), { message: "planted" });
});

Deno.test("a command of a person is served before what waits, and not at a later time", () => {
  let now = at(1);
  const { queue } = inbox(() => now);
  queue.push({ kind: "timer", time: queue.stamp() });
  now = at(9);
  queue.ask("stop");
  assert.deepEqual(queue.next(), { kind: "stop", time: at(1) });
  assert.deepEqual(queue.next(), { kind: "timer", time: at(1) });
});
