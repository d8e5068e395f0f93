import assert from "node:assert/strict";
import fc from "fast-check";
import { defaultLimits } from "../../lib/core/limits.ts";
import { approve, type RiskFacts } from "../../lib/core/risk.ts";
import { isSamePlan, standingOf, standsAgain } from "../../lib/core/standing.ts";
import { cash, lots, ticks } from "../../lib/core/units.ts";
import { ask, bid, perpMarket } from "../support/core.ts";

const market = perpMarket({ bands: { mark: { min: 0.98, max: 1.02 } } });

const planned = fc.array(
  fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 500 }))
    .map(([buys, away, quantity]) =>
      buys ? bid(10_000 - away, quantity) : ask(10_000 + away, quantity)
    ),
  { maxLength: 12 },
);

Deno.test("what stands again would be approved whole again", () => {
  let stood = 0;
  fc.assert(
    fc.property(
      planned,
      fc.integer({ min: -600, max: 600 }),
      fc.integer({ min: 9_000, max: 11_000 }),
      fc.integer({ min: 100, max: 60_000 }),
      (orders, position, mid, maxPositionUsd) => {
        const limits = { ...defaultLimits, maxPositionUsd, priceCollarPct: 1 };
        const live = orders.map(({ side, price, quantity }) => ({
          side,
          price,
          remaining: quantity,
        }));
        const factsAt = (midTicks: number): RiskFacts => ({
          market,
          limits,
          state: "ACTIVE",
          position: lots(position),
          sellable: lots(position),
          freeCash: cash(0),
          bestBid: ticks(midTicks - 1),
          bestAsk: ticks(midTicks + 1),
          midTicks,
          mark: ticks(midTicks),
          live,
        });
        const approved = approve({ orders }, factsAt(10_000));
        const standing = standingOf(approved, factsAt(10_000));
        if (standing === undefined || !standsAgain(standing, factsAt(mid))) return;
        stood++;
        const again = approve({ orders }, factsAt(mid));
        assert.deepEqual(again.refused, []);
        assert.equal(again.orders.length, orders.length);
      },
    ),
    { numRuns: 2000 },
  );
  assert.ok(stood > 100, `only ${stood} cases stood`);
});

Deno.test("a plan repeats another only if every order does, and nothing takes or ends", () => {
  const plan = { orders: [bid(99, 5), ask(101, 5, { reduceOnly: true })] };
  assert.ok(isSamePlan(plan, { orders: [...plan.orders], reason: "other words" }));
  for (
    const other of [
      { orders: [bid(99, 5)] },
      { orders: [bid(98, 5), ask(101, 5, { reduceOnly: true })] },
      { orders: [bid(99, 6), ask(101, 5, { reduceOnly: true })] },
      { orders: [bid(99, 5), ask(101, 5)] },
      { orders: [ask(99, 5), ask(101, 5, { reduceOnly: true })] },
      { ...plan, finish: "stop" as const },
    ]
  ) assert.ok(!isSamePlan(plan, other));
  const taking = { orders: [bid(99, 5, { role: "taker" })] };
  assert.ok(!isSamePlan(taking, taking));
});

Deno.test("a plan at the position limit stands while the mark does not rise, what rests counted once", () => {
  // 10 lots long and 30 more at worst: 40 lots of 0.01 at 100.00 are 40 USD.
  const orders = [bid(9_990, 10), bid(9_980, 20), ask(10_010, 10)];
  const live = orders.map(({ side, price, quantity }) => ({ side, price, remaining: quantity }));
  const limits = { ...defaultLimits, maxPositionUsd: 40 };
  const approved = approve({ orders }, {
    market,
    limits,
    state: "ACTIVE",
    position: lots(10),
    sellable: lots(10),
    freeCash: cash(0),
    bestBid: ticks(9_999),
    bestAsk: ticks(10_001),
    midTicks: 10_000,
    mark: ticks(10_000),
    live,
  });
  const standing = standingOf(approved, { position: lots(10), live });
  assert.ok(standing !== undefined);
  const at = (mark: number) =>
    standsAgain(standing, { market, limits, midTicks: 10_000, mark: ticks(mark) });
  assert.deepEqual([9_900, 10_000, 10_001].map(at), [true, true, false]);
});
