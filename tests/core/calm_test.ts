import assert from "node:assert/strict";
import fc from "fast-check";
import { Breakers } from "../../lib/core/breakers.ts";
import { nextDay, Watch } from "../../lib/core/calm.ts";
import { Drawdown } from "../../lib/core/drawdown.ts";
import { Ledger } from "../../lib/core/ledger.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { cashOf, DAY, lots, micros, ticks } from "../../lib/core/units.ts";
import { perpMarket, START } from "../support/core.ts";

Deno.test("between the watch's quiet prices nothing is noted and no limit is near, and just beyond them it may be", () => {
  const price = fc.integer({ min: 9_000, max: 11_000 });
  let bounded = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: -500, max: 500 }),
      fc.array(price, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 60 }),
      (position, prices, runLossPct) => {
        const inventory = { position: lots(position), price: ticks(10_000) };
        const capital = cashOf(1_000);
        const ledger = new Ledger(perpMarket(), capital, inventory, START);
        const breakers = new Breakers({ ...defaultLimits, runLossPct }, capital);
        const drawdown = new Drawdown();
        for (const at of prices) {
          const equity = ledger.equity(ticks(at));
          drawdown.add(START, equity);
          breakers.note(equity);
        }
        const watch = new Watch(ledger, breakers, drawdown, ticks(prices.at(-1) ?? 0));
        const { below, above } = watch.quiet;
        const isQuiet = (at: number) => {
          const worth = watch.sign * at;
          return worth > watch.stop && worth <= watch.peak && worth >= watch.trough;
        };
        for (let at = 8_900; at <= 11_100; at += 7) {
          assert.equal(at >= below && at <= above, isQuiet(at), `at ${at}`);
        }
        for (const edge of [Math.ceil(below), Math.floor(above)]) {
          if (!Number.isFinite(edge) || below > above) continue;
          bounded++;
          assert.ok(isQuiet(edge), `at the edge ${edge}`);
        }
      },
    ),
    { numRuns: 300 },
  );
  assert.ok(bounded > 50, `only ${bounded} edges`);
});

Deno.test("the next day begins at midnight UTC", () => {
  assert.equal(nextDay(micros(DAY)), 2 * DAY);
  assert.equal(nextDay(micros(DAY - 1)), DAY);
});
