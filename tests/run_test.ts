// The loop that every mode shares: who is asked, told and sent what, in which order, and that it
// waits only for a venue that makes it wait.

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Command, Event } from "../lib/core/event.ts";
import { type Handler, type Observer, run, type Venue } from "../lib/run.ts";
import { after } from "./support/core.ts";

/** Everything that happened in a run, in order: "next 1", "handle 1", "see 1", "send 1". */
type Log = string[];

function timer(ms: number): Event {
  return { kind: "timer", time: after(ms) };
}

function numberOf({ time }: Event): number {
  return (time - after(0)) / 1000;
}

/** Gives timers 1 to `count`, each at once or by a promise. */
function venueOf(
  log: Log,
  count: number,
  answer: (n: number) => "at once" | "later",
): Venue {
  let n = 0;
  return {
    next() {
      if (n === count) return undefined;
      n++;
      log.push(`next ${n}`);
      return answer(n) === "at once" ? timer(n) : Promise.resolve(timer(n));
    },
    send(commands) {
      log.push(`send ${commands.map(({ id }) => id).join(" ")}`);
    },
  };
}

/** Answers event n with a cancel of order n where `answers` says so. */
function handlerOf(log: Log, answers: (n: number) => boolean): Handler {
  return {
    handle(event) {
      const id = numberOf(event);
      log.push(`handle ${id}`);
      return answers(id) ? [{ kind: "cancel", id }] : [];
    },
  };
}

function observerOf(log: Log, name: string): Observer {
  return {
    seen(event: Event, commands: readonly Command[]) {
      log.push(`${name} ${numberOf(event)} ${commands.length}`);
    },
  };
}

Deno.test("an event is handled, then seen by the observers in their order, then its commands are sent", async () => {
  const log: Log = [];
  const venue = venueOf(log, 2, () => "at once");
  const observers = [observerOf(log, "a"), observerOf(log, "b")];
  await run(handlerOf(log, () => true), venue, observers);
  assert.deepEqual(log, [
    ...["next 1", "handle 1", "a 1 1", "b 1 1", "send 1"],
    ...["next 2", "handle 2", "a 2 1", "b 2 1", "send 2"],
  ]);
});

Deno.test("where there is nothing to send nothing is sent, and observers see the event all the same", async () => {
  const log: Log = [];
  const venue = venueOf(log, 2, () => "at once");
  await run(handlerOf(log, (n) => n === 2), venue, [observerOf(log, "see")]);
  assert.deepEqual(log, [
    ...["next 1", "handle 1", "see 1 0"],
    ...["next 2", "handle 2", "see 2 1", "send 2"],
  ]);
});

Deno.test("a venue that answers at once is never waited for", () => {
  const log: Log = [];
  const done = run(
    handlerOf(log, () => false),
    venueOf(log, 500, () => "at once"),
    [],
  );
  assert.equal(log.at(-1), "handle 500");
  return done;
});

Deno.test("however a venue answers, the order is the same", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ later: fc.boolean(), acts: fc.boolean() })),
      async (events) => {
        const [plain, mixed]: [Log, Log] = [[], []];
        const acts = (n: number) => events[n - 1]?.acts === true;
        const timing = (n: number) => events[n - 1]?.later === true ? "later" : "at once";
        const runs = [
          [plain, venueOf(plain, events.length, () => "at once")],
          [mixed, venueOf(mixed, events.length, timing)],
        ] as const;
        for (const [log, venue] of runs) {
          await run(handlerOf(log, acts), venue, [observerOf(log, "see")]);
        }
        assert.deepEqual(mixed, plain);
      },
    ),
  );
});

Deno.test("an error of handler, observer or venue ends the run before anything more is sent", async () => {
  const broken = (): never => {
    throw new RangeError("broken");
  };
  const rows: readonly (readonly [Partial<Handler & Observer & Venue>, Log])[] = [
    [{ next: broken }, []],
    [{ next: () => Promise.reject(new RangeError("broken")) }, []],
    [{ handle: broken }, ["next 1"]],
    [{ seen: broken }, ["next 1", "handle 1"]],
    [{ send: broken }, ["next 1", "handle 1", "see 1 1"]],
  ];
  for (const [fault, expected] of rows) {
    const log: Log = [];
    const engine = { ...handlerOf(log, () => true), ...fault };
    const venue = { ...venueOf(log, 3, () => "at once"), ...fault };
    const observer = { ...observerOf(log, "see"), ...fault };
    await assert.rejects(run(engine, venue, [observer]), /broken/);
    assert.deepEqual(log, expected);
  }
});
