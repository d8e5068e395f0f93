// Tests lib/journal/recover.ts: what a new run finds of the one before it, however that one ended.

import assert from "node:assert/strict";
import type { Command, Event } from "../../lib/core/event.ts";
import type { Journal } from "../../lib/journal/journal.ts";
import { recover } from "../../lib/journal/recover.ts";
import type { RunJournal } from "../../lib/journal/run_journal.ts";
import {
  aCancel,
  aFill,
  anAccepted,
  anEnd,
  aPlace,
  aStart,
  at,
  aTrade,
  House,
  pair,
} from "./samples.ts";

async function recoveryOf(journal: Journal) {
  return await recover(journal, pair) ?? assert.fail("nothing was found");
}

function play(run: RunJournal, steps: readonly (readonly [Event, readonly Command[]])[]): void {
  for (const [event, commands] of steps) run.seen(event, commands);
}

Deno.test("nothing is found where nothing ran, or where the last run left nothing", async () => {
  await using house = new House();
  const { journal, run } = house.begin({ tag: 131 });
  run.seen(anAccepted(1), []);
  assert.equal(await recover(journal, pair), undefined, "another tag is another bot");
  const own = journal.begin(aStart(), house.hand);
  own.seen(anAccepted(1), [aPlace(2)]);
  own.end(anEnd({ remains: "none" }));
  assert.equal(await recover(journal, pair), undefined);
});

for (const remains of ["kept", "unknown"] as const) {
  Deno.test(`a run that ended with its orders ${remains} is found`, async () => {
    await using house = new House();
    const { journal, run } = house.begin();
    run.end(anEnd({ remains }));
    assert.equal((await recoveryOf(journal)).run.id, run.id);
  });
}

Deno.test("a killed run is found with its state and, in order, all that came after it", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  play(run, [[aTrade(0.1), [aPlace(1)]], [anAccepted(1), []]]);
  run.snapshot({ some: "state" });
  run.note("set", { capital: 5 });
  house.hand.time = at(7);
  play(run, [
    [aTrade(0.2), []],
    [aFill(1, 70), [aPlace(2), aCancel(1)]],
    [aTrade(0.3), [aPlace(3)]],
    [{ kind: "pause", time: at(3) }, []],
  ]);
  const { state, since, marketLost, lastFillTime } = await recoveryOf(journal);
  assert.deepEqual(state, { some: "state" });
  assert.deepEqual(since, [
    { event: aTrade(0.2) },
    { event: aFill(1, 70) },
    { commands: [aPlace(2), aCancel(1)], time: at(7) },
    { event: aTrade(0.3) },
    { commands: [aPlace(3)], time: at(7) },
    { event: { kind: "pause", time: at(3) } },
  ]);
  assert.equal(marketLost, undefined);
  assert.equal(lastFillTime, at(2));
});

Deno.test("a run killed before it kept a state is found with that of the run it went on from", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  run.seen(anAccepted(1), [aPlace(1)]);
  run.snapshot({ of: "the first" });
  run.seen(aFill(1, 70), []);
  const second = journal.begin(aStart({ continues: run.id }), house.hand);
  second.seen(aFill(1, 71), []);
  const third = journal.begin(aStart({ continues: second.id }), house.hand);
  third.seen(anAccepted(1), [aPlace(3)]);
  const found = await recoveryOf(journal);
  assert.deepEqual([found.run.id, found.state], [third.id, { of: "the first" }]);
  assert.deepEqual(found.since.map((row) => "event" in row ? row.event.kind : "commands"), [
    ...["fill", "fill", "accepted", "commands"],
  ]);
  third.snapshot({ of: "the third" });
  const later = await recoveryOf(journal);
  assert.deepEqual([later.state, later.since], [{ of: "the third" }, []]);
});

Deno.test("a run that never kept a state is found with everything it saw", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  play(run, [[aTrade(0.1), []], [aTrade(0.2), [aPlace(1)]]]);
  const { state, since, unresolved } = await recoveryOf(journal);
  assert.equal(state, undefined);
  assert.equal(since.length, 3);
  assert.deepEqual(unresolved, [1]);
});

const fates: readonly (readonly [string, readonly Event[], boolean])[] = [
  ["unanswered", [], true],
  ["accepted", [anAccepted(1)], true],
  ["unknown", [{ kind: "unknown", time: at(1), id: 1 }], true],
  ["partly filled", [aFill(1, 70, { quantity: 9 })], true],
  [
    "partly filled, told twice",
    [aFill(1, 70, { quantity: 5 }), aFill(1, 70, { quantity: 5 })],
    true,
  ],
  ["filled", [aFill(1, 70, { quantity: 5 }), aFill(1, 71, { quantity: 5 })], false],
  ["rejected", [{ kind: "rejected", time: at(1), id: 1, reason: "PostOnlyTaker" }], false],
  ["cancelled", [{ kind: "cancelled", time: at(1), id: 1 }], false],
  ["expired", [{ kind: "expired", time: at(1), id: 1, reason: "x" }], false],
];
for (const [name, events, left] of fates) {
  Deno.test(`an order ${name} is ${left ? "unresolved" : "resolved"}`, async () => {
    await using house = new House();
    const { journal, run } = house.begin();
    run.seen(aTrade(0.1), [aPlace(1)]);
    for (const event of events) run.seen(event, []);
    assert.deepEqual((await recoveryOf(journal)).unresolved, left ? [1] : []);
  });
}

Deno.test("a side file that cannot be read loses what was seen of the market, and no order", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  play(run, [[aTrade(0.1), [aPlace(1)]], [aFill(1, 70), [aPlace(2)]]]);
  const [path = ""] = journal.sideFiles(run.id);
  Deno.writeTextFileSync(path, "nothing\nof the kind\n");
  const { since, marketLost, unresolved } = await recoveryOf(journal);
  assert.match(marketLost ?? "", /its content is damaged: row 2 holds no event/);
  assert.deepEqual(since.map((row) => "event" in row ? row.event.kind : "commands"), [
    ...["commands", "fill", "commands"],
  ]);
  assert.deepEqual(unresolved, [2]);
});
