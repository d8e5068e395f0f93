// Tests lib/journal/replay_source.ts: the sequence that comes out is the one that went in, or it is
// said from where on it is not.

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Command, Event } from "../../lib/core/event.ts";
import type { Journal } from "../../lib/journal/journal.ts";
import { ReplaySource } from "../../lib/journal/replay_source.ts";
import { aCancel, aFill, anAccepted, anEnd, aPlace, at, aTrade, House } from "./samples.ts";
import { session } from "./session.ts";

async function stepsOf(source: ReplaySource) {
  const steps: { n: number; event: Event; commands: readonly Command[] }[] = [];
  for await (const { n, event, commands } of source.steps()) steps.push({ n, event, commands });
  return steps;
}

/** A journal of the session up to a number, not ended. */
function played(house: House, last: number): { readonly journal: Journal; readonly id: string } {
  const { journal, run } = house.begin();
  for (const { n, event, commands } of session.slice(0, last)) {
    run.seen(event, commands);
    if (n % 7 === 0) run.note("notice", { n });
  }
  return { journal, id: run.id };
}

Deno.test("any mixture of events comes back exactly, with what it led to", async () => {
  const kinds = fc.constantFrom("market", "timer", "own", "fill", "planned");
  const answer = fc.constantFrom("none", "place", "both");
  const steps = fc.array(fc.tuple(kinds, answer, fc.integer({ min: 0, max: 90 })), {
    minLength: 1,
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(steps, async (shapes) => {
      await using house = new House();
      const { journal, run } = house.begin();
      let ms = 0;
      const session = shapes.map(([kind, answer, wait], i) => {
        const [n, when] = [i + 1, (ms += wait) / 1000];
        const commands = answer === "none" ? [] : answer === "place" ? [aPlace(n)] : both(n);
        return { n, event: eventOf(kind, n, when), commands };
      });
      for (const { event, commands } of session) run.seen(event, commands);
      run.end(anEnd());
      const source = new ReplaySource(journal, run.id);
      assert.deepEqual(await stepsOf(source), session);
      assert.equal(source.lost, undefined);
    }),
    { numRuns: 15 },
  );
});

Deno.test("a killed run is replayed up to the market it lost, and says so", async () => {
  await using house = new House();
  const { journal, id } = played(house, 15);
  const source = new ReplaySource(journal, id);
  const steps = await stepsOf(source);
  // 13 led to nothing and was not yet written; 14 led to a command and secured it.
  assert.deepEqual(steps, session.slice(0, 15));
  assert.equal(source.lost, undefined);
  const cut = played(house, 16);
  const cutSource = new ReplaySource(cut.journal, cut.id);
  assert.equal((await stepsOf(cutSource)).length, 15);
  assert.equal(cutSource.lost, undefined, "16 left no trace at all");
});

Deno.test("own events behind lost market events are not replayed, as nothing followed from them", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  run.seen(aTrade(0.01), [aPlace(1)]);
  run.seen(aTrade(0.02), []);
  run.seen(anAccepted(1), []);
  const source = new ReplaySource(journal, run.id);
  assert.deepEqual((await stepsOf(source)).map(({ n }) => n), [1]);
  assert.equal(source.lost, "event 2 was not kept");
});

Deno.test("a side file that lost what led to a command is a fault, and no shorter session", async () => {
  await using house = new House();
  const { journal, id } = played(house, 60);
  const [path = ""] = journal.sideFiles(id);
  Deno.truncateSync(path, Deno.statSync(path).size - 200);
  await assert.rejects(stepsOf(new ReplaySource(journal, id)), {
    name: "JournalFault",
    message: /event \d+ is missing, and the run gave commands up to event \d+/,
  });
  for (const file of journal.sideFiles(id)) Deno.removeSync(file);
  await assert.rejects(stepsOf(new ReplaySource(journal, id)), /its beginning has been pruned/);
});

function both(n: number): readonly Command[] {
  return [aCancel(n), aPlace(n + 100)];
}

function eventOf(kind: string, n: number, when: number): Event {
  if (kind === "market") return aTrade(when, n);
  if (kind === "timer") return { kind: "timer", time: at(when) };
  if (kind === "own") return anAccepted(n, when);
  if (kind === "fill") return aFill(n, n, { at: when });
  return { kind: "planned", time: at(when), plan: { orders: [] }, memory: { n } };
}
