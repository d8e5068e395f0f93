// Tests lib/journal/prune.ts: what is old goes, in small steps, and what a restart needs never does.

import assert from "node:assert/strict";
import { cash, DAY, lots, type Micros, micros } from "../../lib/core/units.ts";
import type { Journal } from "../../lib/journal/journal.ts";
import type { RunJournal } from "../../lib/journal/run_journal.ts";
import type { RunEnd, RunStart } from "../../lib/journal/runs.ts";
import { anAccepted, anEnd, aPlace, aStart, at, aTrade, House } from "./samples.ts";

/** Equity and position of nothing. */
const zeros = { equity: cash(0), position: lots(0) };

/** So many days after START. */
function day(days: number): Micros {
  return micros(at(0) + days * DAY);
}

/** A run with some of everything that ended, or was killed, on the first day. */
function anOldRun(house: House, journal: Journal, start: Partial<RunStart>, end?: Partial<RunEnd>) {
  const run = journal.begin(aStart(start), house.hand);
  run.seen(aTrade(0), [aPlace(1)]);
  for (let i = 0; i < 600; i++) run.seen(anAccepted(i), []);
  run.snapshot({});
  run.sample({ time: at(0), ...zeros });
  run.flush();
  if (end !== undefined) run.end(anEnd(end));
  return run;
}

/** Prunes to the end on a day; returns the steps it took. */
function pruneOn(run: RunJournal, days: number, oldestLive?: Micros): number {
  for (let steps = 1; steps < 100; steps++) {
    if (run.prune({ keepDays: 30, now: day(days), oldestLive }) === "done") return steps;
  }
  return assert.fail("pruning does not end");
}

Deno.test("a run that ended with proof goes whole after its days, a bounded step at a time", async () => {
  await using house = new House();
  const journal = house.open();
  const old = anOldRun(house, journal, { tag: 140 }, {});
  const own = journal.begin(aStart(), house.hand);
  assert.equal(pruneOn(own, 29), 1);
  assert.equal([...journal.rows(old.id)].length, 602);
  const before = [...journal.rows(old.id)].length;
  assert.equal(own.prune({ keepDays: 30, now: day(31), oldestLive: undefined }), "more");
  assert.equal(before - [...journal.rows(old.id)].length, 500);
  assert.equal(pruneOn(own, 31), 3);
  assert.equal(journal.run(old.id), undefined);
  assert.deepEqual(house.names("recordings"), []);
});

Deno.test("no place of a row is given out twice, though all behind the last run is gone", async () => {
  await using house = new House();
  const journal = house.open();
  const own = journal.begin(aStart(), house.hand);
  const old = anOldRun(house, journal, { tag: 140 }, {});
  pruneOn(own, 31);
  assert.notEqual(journal.run(old.id), undefined, "the last rows of all are its");
  const third = journal.begin(aStart({ tag: 141, started: day(31) }), house.hand);
  pruneOn(own, 31);
  assert.equal(journal.run(old.id), undefined);
  own.seen(anAccepted(1), []);
  third.seen(anAccepted(2), []);
  assert.deepEqual([own, third].map(({ id }) => [...journal.rows(id)].map(({ n }) => n)), [
    ...[[0, 1], [0, 1]],
  ]);
});

const needed: readonly (readonly [string, Partial<RunEnd> | undefined])[] = [
  ["was killed", undefined],
  ["left orders on purpose", { remains: "kept" }],
  ["ended without proof", { remains: "unknown" }],
];
for (const [how, end] of needed) {
  Deno.test(`the last run of a pair that ${how} stays however old it is`, async () => {
    await using house = new House();
    const journal = house.open();
    const earlier = anOldRun(house, journal, { tag: 140 }, {});
    const old = anOldRun(house, journal, { tag: 140 }, end);
    const own = journal.begin(aStart(), house.hand);
    assert.equal(pruneOn(own, 400), 1);
    assert.equal([...journal.rows(old.id)].length, 602);
    assert.equal([...journal.rows(earlier.id)].length, 602);
    // Its successor ends with proof: now nobody will ask for either.
    journal.begin(aStart({ tag: 140, started: day(399) }), house.hand)
      .end(anEnd({ time: day(399) }));
    pruneOn(own, 400);
    assert.deepEqual([journal.run(old.id), journal.run(earlier.id)], [undefined, undefined]);
  });
}

Deno.test("what a run goes on from stays until its own state is kept and no old order rests", async () => {
  await using house = new House();
  const journal = house.open();
  const old = anOldRun(house, journal, {});
  house.hand.time = day(40);
  const own = journal.begin(aStart({ started: day(40), continues: old.id }), house.hand);
  own.seen(anAccepted(1), [aPlace(2)]);
  pruneOn(own, 40);
  assert.notEqual(journal.run(old.id), undefined, "no state yet");
  own.snapshot({});
  pruneOn(own, 40, at(5));
  assert.notEqual(journal.run(old.id), undefined, "an order of it may rest");
  pruneOn(own, 40, day(35));
  assert.equal(journal.run(old.id), undefined);
});

Deno.test("a long run keeps its last days, its state and all behind it, and what may still rest", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  const placed = () => [...journal.commandRows(run.id)].flatMap(({ commands }) => commands);
  for (let i = 0; i < 50; i++) {
    house.hand.time = day(i);
    run.seen(anAccepted(i), [aPlace(i)]);
    run.sample({ time: day(i), ...zeros });
    if (i === 45) run.snapshot({});
  }
  const left = () => [placed().at(-1)?.id, placed().length, journal.equity(run.id).length];
  pruneOn(run, 49, day(5));
  assert.deepEqual(left(), [5, 45, 45]);
  pruneOn(run, 49);
  assert.deepEqual(left(), [19, 31, 31]);
  house.hand.time = day(200);
  pruneOn(run, 200);
  assert.deepEqual(left(), [46, 4, 0], "what came after the state");
  run.snapshot({});
  pruneOn(run, 200);
  assert.deepEqual(left(), [49, 1, 0], "the last place is not given out twice");
});

Deno.test("side files of a long run go by their age, all but the last", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  for (let i = 0; i < 4; i++) run.seen({ ...aTrade(0), time: day(i) }, []);
  run.flush();
  const paths = journal.sideFiles(run.id);
  assert.equal(paths.length, 4);
  paths.forEach((path, i) => Deno.utimeSync(path, day(i) / 1e6, day(i) / 1e6));
  pruneOn(run, 31.5);
  assert.deepEqual(journal.sideFiles(run.id), paths.slice(2));
  pruneOn(run, 99);
  assert.deepEqual(journal.sideFiles(run.id), paths.slice(3));
});
