import assert from "node:assert/strict";
import fc from "fast-check";
import { BATCH, Budget } from "../../lib/core/budget.ts";
import { after } from "../support/core.ts";

Deno.test("a fresh budget allows a burst, and a batch counts as one request", () => {
  const budget = new Budget();
  assert.deepEqual(budget.allowed(after(0)), { places: 50, cancels: 320 });
  budget.spend(BATCH, 10);
  assert.equal(budget.left, 309);
  budget.spend(BATCH + 1, 0);
  assert.equal(budget.left, 307);
  budget.spend(0, 0);
  assert.equal(budget.left, 307);
});

Deno.test("what a whole book of orders takes is kept for cancels", () => {
  const budget = new Budget();
  budget.allowed(after(0));
  budget.spend(0, 59);
  assert.deepEqual(budget.allowed(after(0)), { places: 50, cancels: 261 });
  budget.spend(1, 0);
  assert.deepEqual(budget.allowed(after(0)), { places: 0, cancels: 260 });
  budget.spend(0, 260);
  assert.deepEqual(budget.allowed(after(0)), { places: 0, cancels: 0 });
});

Deno.test("requests come back at twenty-six a second, up to the burst", () => {
  const budget = new Budget();
  budget.allowed(after(0));
  budget.spend(0, 320);
  assert.equal(budget.allowed(after(38)).cancels, 0);
  assert.equal(budget.allowed(after(39)).cancels, 1);
  assert.equal(budget.allowed(after(1000)).cancels, 26);
  assert.equal(budget.allowed(after(2000)).cancels, 52);
  assert.equal(budget.allowed(after(3_600_000)).cancels, 320);
});

Deno.test("nothing is allowed while more was spent than there was", () => {
  const budget = new Budget();
  budget.allowed(after(0));
  budget.spend(1, 320);
  assert.equal(budget.left, -1);
  assert.deepEqual(budget.allowed(after(0)), { places: 0, cancels: 0 });
});

Deno.test("no minute has more requests than Backpack takes, however greedy the run", () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 50, maxLength: 200 });
  const wishes = fc.record({ places: fc.nat(200), cancels: fc.nat(200) });
  fc.assert(
    fc.property(gaps, fc.array(wishes, { minLength: 1, maxLength: 10 }), (waits, wanted) => {
      const budget = new Budget();
      const sent: { ms: number; requests: number }[] = [];
      let ms = 0;
      waits.forEach((wait, i) => {
        ms += wait;
        const { places, cancels } = budget.allowed(after(ms));
        const wish = wanted[i % wanted.length] ?? { places: 0, cancels: 0 };
        const some = {
          places: Math.min(places, wish.places),
          cancels: Math.min(cancels, wish.cancels),
        };
        budget.spend(some.places, some.cancels);
        sent.push({ ms, requests: Math.ceil(some.places / 50) + some.cancels });
      });
      for (const { ms: end } of sent) {
        const minute = sent.filter((one) => one.ms > end - 60_000 && one.ms <= end);
        const requests = minute.reduce((sum, one) => sum + one.requests, 0);
        assert.ok(requests <= 1900, `${requests} requests in a minute`);
      }
    }),
    { numRuns: 50 },
  );
});
