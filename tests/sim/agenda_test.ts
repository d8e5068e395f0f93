import assert from "node:assert/strict";
import fc from "fast-check";
import { micros, NEVER } from "../../lib/core/units.ts";
import { Agenda } from "../../lib/sim/agenda.ts";

Deno.test("actions happen in order of time, of equal times in the order noted, and none too early", () => {
  fc.assert(fc.property(fc.array(fc.nat(20)), fc.nat(20), (times, now) => {
    const agenda = new Agenda();
    const done: (readonly [number, number])[] = [];
    times.forEach((at, i) => agenda.add(micros(at), () => done.push([at, i])));
    agenda.runUntil(micros(now));
    const due = times.map((at, i) => [at, i] as const).filter(([at]) => at <= now)
      .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    assert.deepEqual(done, due);
    const left = times.filter((at) => at > now);
    assert.equal(agenda.nextAt, left.length === 0 ? NEVER : Math.min(...left));
  }));
});

Deno.test("what an action adds for now happens too", () => {
  const agenda = new Agenda();
  const done: number[] = [];
  agenda.add(micros(1), () => agenda.add(micros(2), () => done.push(2)));
  agenda.runUntil(micros(2));
  assert.deepEqual(done, [2]);
});
