// Waits between attempts: how they grow, where they stop, and that they are drawn from their whole range.

import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { Backoff } from "../../lib/backpack/backoff.ts";

const bounds = { firstMs: 100, mostMs: 1_000 };

Deno.test("the bound doubles up to the most, and begins again after a reset", () => {
  const backoff = new Backoff({ ...bounds, random: () => 0.5 });
  const waits = () => Array.from({ length: 6 }, () => backoff.next());
  deepEqual(waits(), [50, 100, 200, 400, 500, 500]);
  backoff.reset();
  deepEqual(waits(), [50, 100, 200, 400, 500, 500]);
});

Deno.test("a wait is drawn from all of its range, and never exceeds the bound", () => {
  equal(new Backoff({ ...bounds, random: () => 0 }).next(), 0);
  const draws = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));
  fc.assert(fc.property(draws, (numbers) => {
    const left = [...numbers];
    const backoff = new Backoff({ ...bounds, random: () => left.shift() ?? 0 });
    numbers.forEach((_, i) => {
      const waitMs = backoff.next();
      ok(waitMs >= 0 && waitMs < Math.min(bounds.firstMs * 2 ** i, bounds.mostMs), `${waitMs}`);
    });
  }));
});
