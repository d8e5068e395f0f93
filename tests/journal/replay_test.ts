// Tests lib/journal/replay.ts: an engine that answers as it did is identical, and the first answer
// that differs is found with its number, whatever made it differ.

import assert from "node:assert/strict";
import type { Command, Event } from "../../lib/core/event.ts";
import { lots, ticks } from "../../lib/core/units.ts";
import { JournalFault } from "../../lib/journal/fault.ts";
import { replay, ReplayIds, type ReplayParts, textOf } from "../../lib/journal/replay.ts";
import type { ReplayStep } from "../../lib/journal/replay_source.ts";
import { aCancel, aPlace } from "./samples.ts";
import { session, type Step } from "./session.ts";

/** A source of steps that may break off. */
function sourceOf(steps: readonly Step[], tear?: { lost?: string; fault?: string }) {
  return {
    lost: tear?.lost,
    async *steps(): AsyncGenerator<ReplayStep> {
      for (const step of steps) yield { ...step, reason: "grid around 141.25" };
      if (tear?.fault !== undefined) throw new JournalFault("damaged", "paper.sqlite", tear.fault);
      await Promise.resolve();
    },
  };
}

/** An engine that gives the answers of a session, with the ids it is given. */
function engineOf(ids: ReplayIds, answers: readonly Step[] = session) {
  let n = 0;
  return {
    handle: (_: Event): readonly Command[] => {
      const { commands = [] } = answers[n++] ?? {};
      return commands.map((command) =>
        command.kind === "place" ? { ...command, id: ids.next() } : command
      );
    },
  };
}

function partsOf(given: Partial<ReplayParts> = {}): ReplayParts {
  const ids = given.ids ?? new ReplayIds(() => false);
  return {
    ...{ source: sourceOf(session), engine: engineOf(ids), ids, changes: new Map() },
    ...{ change: () => undefined, observers: [], onDifference: "stop", ...given },
  };
}

/** The session with the answer to event `n` replaced. */
function altered(n: number, commands: readonly Command[]): readonly Step[] {
  return session.map((step) => step.n === n ? { ...step, commands } : step);
}

const rows: readonly (readonly [string, readonly Command[]])[] = [
  ["a price", [{ ...aPlace(1000), price: ticks(14_121) }]],
  ["a quantity", [{ ...aPlace(1000), quantity: lots(11) }]],
  ["the other side", [{ ...aPlace(1000), side: "ask" }]],
  ["a taker", [{ ...aPlace(1000), role: "taker" }]],
  ["reduce-only", [{ ...aPlace(1000), reduceOnly: true }]],
  ["another tag", [{ ...aPlace(1000), tag: "rung 2" }]],
  ["a command more", [aPlace(1000), aCancel(7)]],
  ["a command less", []],
];

Deno.test("what is answered as it was is identical, event for event", async () => {
  const { events, commands, difference, lost } = await replay(partsOf());
  assert.deepEqual([events, commands, difference, lost], [60, 30, undefined, undefined]);
});

Deno.test("whatever is altered in one command of a journal is found, with its event's number", async () => {
  for (const [what, commands] of rows) {
    const source = sourceOf(altered(8, commands));
    const { difference, events } = await replay(partsOf({ source }));
    assert.equal(difference?.n, 8, what);
    assert.equal(events, 8, what);
    assert.equal(textOf(difference.recorded), textOf(commands), what);
    assert.equal(difference.reason, "grid around 141.25");
  }
});

Deno.test("an id that a changed journal names twice is a difference, not a contradiction", async () => {
  const taken = new Set<number>();
  const ids = new ReplayIds((id) => taken.has(id));
  const engine = engineOf(ids);
  const handle = (event: Event) => {
    const commands = engine.handle(event);
    for (const { id } of commands) taken.add(id);
    return commands;
  };
  const source = sourceOf(altered(8, [aPlace(1000)]));
  const { difference } = await replay(partsOf({ source, ids, engine: { handle } }));
  assert.equal(difference?.n, 8);
});

Deno.test("an engine that throws differs there, and its error is told", async () => {
  const engine = {
    handle: () => {
      throw new RangeError("levels must be above 1");
    },
  };
  const { difference } = await replay(partsOf({ engine }));
  assert.deepEqual([difference?.n, difference?.replayed], [
    1,
    "RangeError: levels must be above 1",
  ]);
});

Deno.test("told to go on, a replay keeps the first difference and plays the rest", async () => {
  const seen: number[] = [];
  const observers = [{ seen: (event: Event) => seen.push(event.time) }];
  const source = sourceOf(altered(8, []));
  const played = await replay(partsOf({ source, observers, onDifference: "go on" }));
  assert.deepEqual([played.difference?.n, played.events, seen.length], [8, 60, 60]);
});

Deno.test("a changed setting is carried out behind its event and before the next", async () => {
  const log: string[] = [];
  const ids = new ReplayIds(() => false);
  const engine = engineOf(ids);
  const one = { key: "levels", before: 5, after: 7 };
  await replay(partsOf({
    source: sourceOf(session.slice(0, 3)),
    ids,
    engine: {
      handle: (event) => {
        log.push("event");
        return engine.handle(event);
      },
    },
    changes: new Map([[0, [one]], [2, [one, { ...one, before: 7, after: 9 }]]]),
    change: ({ before, after }) => {
      log.push(`${before} to ${after}`);
      return undefined;
    },
  }));
  assert.deepEqual(log, ["5 to 7", "event", "event", "5 to 7", "7 to 9", "event"]);
});

Deno.test("a change that cannot be carried out ends the replay, and hides commands", async () => {
  const change = { key: "maxDrawdownPct", before: 5, after: 7 };
  const played = await replay(partsOf({
    changes: new Map([[10, [change]]]),
    change: () => "limit maxDrawdownPct was changed",
  }));
  assert.equal(played.events, 10);
  assert.deepEqual(played.lost, { text: "limit maxDrawdownPct was changed", hides: "commands" });
});

Deno.test("a torn journal is replayed up to the tear and says whether commands are missing", async () => {
  const short = session.slice(0, 20);
  const killed = await replay(
    partsOf({ source: sourceOf(short, { lost: "event 21 was not kept" }) }),
  );
  assert.deepEqual([killed.events, killed.lost?.hides], [20, "nothing"]);
  const torn = await replay(partsOf({ source: sourceOf(short, { fault: "event 21 is missing" }) }));
  assert.deepEqual([torn.events, torn.lost?.hides], [20, "commands"]);
  assert.match(torn.lost?.text ?? "", /event 21 is missing/);
});
