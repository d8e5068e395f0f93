// Each at its pace, never twice at once, and no timer left behind.

import assert from "node:assert/strict";
import { Chores, sleepMs } from "../../lib/backpack/chores.ts";
import { ManualWall, turns } from "./scripted.ts";

function chores() {
  const wall = new ManualWall();
  const stop = new AbortController();
  const failures: unknown[] = [];
  const made = new Chores({ wall, signal: stop.signal, fail: (error) => failures.push(error) });
  return { chores: made, wall, stop, failures };
}

Deno.test("chores run at their pace, which may change, until the end", async () => {
  const { chores: made, wall, stop } = chores();
  let paceMs = 1_000;
  const runs = { now: 0, later: 0, changing: 0, never: 0 };
  made.add({ everyMs: () => 1_000, run: () => void runs.now++ }, "now");
  made.add({ everyMs: () => 1_000, run: () => void runs.later++ }, "later");
  made.add({ everyMs: () => paceMs, run: () => void runs.changing++ }, "now");
  made.add({ everyMs: () => Infinity, run: () => void runs.never++ }, "later");
  const done = made.run();
  await wall.advance(2_500);
  assert.deepEqual(runs, { now: 3, later: 2, changing: 3, never: 0 });
  paceMs = 100;
  await wall.advance(500);
  assert.equal(runs.changing, 8);
  stop.abort();
  await done;
  await wall.advance(5_000);
  assert.equal(runs.changing, 8);
});

Deno.test("a chore that takes long is not begun again", async () => {
  const { chores: made, wall, stop } = chores();
  const waiting: (() => void)[] = [];
  made.add(
    { everyMs: () => 100, run: () => new Promise((resolve) => waiting.push(resolve)) },
    "now",
  );
  const done = made.run();
  await wall.advance(1_000);
  assert.equal(waiting.length, 1);
  waiting[0]?.();
  await wall.advance(200);
  assert.equal(waiting.length, 2);
  stop.abort();
  await done;
});

Deno.test("what a chore throws is told, at once or late, and the others go on", async () => {
  const { chores: made, wall, stop, failures } = chores();
  let runs = 0;
  made.add({
    everyMs: () => 10_000,
    run() {
      throw new Error("at once");
    },
  }, "now");
  made.add({ everyMs: () => 10_000, run: () => Promise.reject(new Error("late")) }, "now");
  made.add({ everyMs: () => 100, run: () => void runs++ }, "now");
  const done = made.run();
  await wall.advance(300);
  assert.deepEqual(failures.map(String), ["Error: at once", "Error: late"]);
  assert.equal(runs, 4);
  stop.abort();
  await done;
});

Deno.test("a wait ends at once when it is called off, and leaves no timer", async () => {
  const stop = new AbortController();
  const waiting = sleepMs(60_000, stop.signal);
  await turns();
  stop.abort();
  await waiting;
  await sleepMs(60_000, stop.signal);
  await sleepMs(0, new AbortController().signal);
});
