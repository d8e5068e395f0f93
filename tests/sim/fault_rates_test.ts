// Rates and operators from a seed: within their bounds, repeatable, and with each kind now left out and
// now not.

import assert from "node:assert/strict";
import { Random } from "../../lib/core/random.ts";
import { micros, SECOND } from "../../lib/core/units.ts";
import { drawOperator, drawRates, faultKinds, noFaults } from "../../lib/sim/fault_rates.ts";

Deno.test("each kind of fault is sometimes left out, sometimes not, and never above one in two", () => {
  const drawn = Array.from({ length: 100 }, (_, seed) => drawRates(new Random(seed)));
  for (const kind of faultKinds) {
    const rates = drawn.map((rates) => rates[kind]);
    assert.ok(rates.includes(0), kind);
    assert.ok(rates.some((rate) => rate > 0), kind);
    assert.ok(Math.max(...rates) < 0.5, kind);
    assert.equal(noFaults[kind], 0);
  }
  assert.deepEqual(drawRates(new Random(5)), drawRates(new Random(5)));
});

Deno.test("an operator lets the run go on after each pause or flatten, in order and in time", () => {
  const from = micros(1_000 * SECOND);
  const until = micros(2_000 * SECOND);
  for (let seed = 0; seed < 50; seed++) {
    const commands = drawOperator(new Random(seed), { from, until, everySec: 30 });
    let last = 0;
    for (const [i, { at, kind }] of commands.entries()) {
      assert.equal(kind === "resume", i % 2 === 1);
      assert.ok(at >= last && at > from && at <= until);
      last = at;
    }
    assert.equal(commands.length % 2, 0);
  }
});
