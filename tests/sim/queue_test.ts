// Things on their way arrive in the order they were sent, however many have passed before.

import assert from "node:assert/strict";
import fc from "fast-check";
import { micros, NEVER } from "../../lib/core/units.ts";
import { Queue } from "../../lib/sim/queue.ts";

Deno.test("an empty queue holds nothing and nothing ever arrives", () => {
  const queue = new Queue<string>();
  assert.deepEqual([queue.nextAt, queue.length, queue.shift()], [
    NEVER,
    0,
    undefined,
  ]);
  queue.push(micros(5), "one");
  queue.shift();
  assert.deepEqual([queue.nextAt, queue.length, queue.shift()], [
    NEVER,
    0,
    undefined,
  ]);
});

Deno.test("what arrives at one time keeps its order", () => {
  const queue = new Queue<string>();
  for (const item of ["one", "two", "three"]) queue.push(micros(7), item);
  assert.deepEqual([queue.shift(), queue.shift(), queue.shift()], [
    "one",
    "two",
    "three",
  ]);
});

Deno.test("any run of pushes and shifts is that of a plain list", () => {
  const steps = fc.array(fc.integer({ min: -400, max: 400 }), {
    maxLength: 12,
  });
  fc.assert(fc.property(steps, (counts) => {
    const queue = new Queue<number>();
    const plain: number[] = [];
    let sent = 0;
    for (const count of counts) {
      for (let i = 0; i < Math.abs(count); i++) {
        if (count > 0) {
          queue.push(micros(sent), sent);
          plain.push(sent++);
        } else assert.equal(queue.shift(), plain.shift());
        assert.equal(queue.nextAt, plain[0] ?? NEVER);
        assert.equal(queue.length, plain.length);
      }
    }
  }));
});
