import assert from "node:assert/strict";
import fc from "fast-check";
import { closable, closingPlan } from "../../lib/core/closing.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import type { Market } from "../../lib/core/market.ts";
import { approve } from "../../lib/core/risk.ts";
import type { Plan } from "../../lib/core/strategy.ts";
import { cash, lots, ticks } from "../../lib/core/units.ts";
import { ask, bid, perpMarket, spotMarket } from "../support/core.ts";

const perp = perpMarket({ minQuantity: "0.05" });
const spot = spotMarket({ minQuantity: "0.05" });

function touchOf(bestBid: number, bestAsk: number) {
  const midTicks = (bestBid + bestAsk) / 2;
  return { bestBid: ticks(bestBid), bestAsk: ticks(bestAsk), midTicks };
}

/** The plan that closes `position`, between 99.90 and 100.10 with the usual collar if not said otherwise. */
function closing(
  market: Market,
  position: number,
  { touch = touchOf(9_990, 10_010), collarPct = 5 } = {},
): Plan {
  return closingPlan({ market, ledger: { position: lots(position) } }, touch, collarPct);
}

Deno.test("what may be closed is the position, where the market's minimum allows it", () => {
  const cases: readonly (readonly [number, number, number])[] = [
    // position, closable on perp, closable on spot
    [0, 0, 0],
    [4, 0, 0],
    [5, 5, 5],
    [100, 100, 100],
    [-4, 0, 0],
    [-5, -5, 0],
    [-100, -100, 0],
  ];
  for (const [position, onPerp, onSpot] of cases) {
    assert.equal(closable(perp, lots(position)), onPerp, `perp ${position}`);
    assert.equal(closable(spot, lots(position)), onSpot, `spot ${position}`);
  }
});

Deno.test("a position is closed by one reduce-only taker order", () => {
  const order = { role: "taker", reduceOnly: true, tag: "close" } as const;
  const reason = "closing the position";
  // 9,990 less 1 % is 9,890.1; 10,010 and 1 % is 10,110.1: never beyond.
  assert.deepEqual(closing(perp, 50), { orders: [ask(9_891, 50, order)], reason });
  assert.deepEqual(closing(perp, -50), { orders: [bid(10_110, 50, order)], reason });
  // The collar is 50.3 ticks of mid.
  const tight = { collarPct: 0.503 };
  assert.deepEqual(closing(perp, 50, tight), { orders: [ask(9_950, 50, order)], reason });
  assert.deepEqual(closing(perp, -50, tight), { orders: [bid(10_050, 50, order)], reason });
});

Deno.test("nothing is planned where nothing can be closed, and the plan says so", () => {
  const done = { orders: [], reason: "closing: nothing left to close" };
  for (const position of [0, 4, -4]) assert.deepEqual(closing(perp, position), done);
  assert.deepEqual(closing(spot, -50), done);
});

function prices(min: number) {
  return fc.integer({ min, max: 100_000_000 });
}

Deno.test("a closing order takes the touch and goes at most 1 % beyond it, at every price", () => {
  fc.assert(fc.property(prices(1), fc.integer({ min: 1, max: 500 }), (bestBid, gapBps) => {
    const touch = touchOf(bestBid, bestBid + 1 + Math.floor((bestBid * gapBps) / 10_000));
    const [sale] = closing(perp, 50, { touch, collarPct: 100 }).orders;
    const [purchase] = closing(perp, -50, { touch, collarPct: 100 }).orders;
    assert.ok(sale !== undefined && purchase !== undefined);
    assert.ok(sale.price >= 1 && sale.price <= touch.bestBid);
    assert.ok(100 * sale.price >= 99 * touch.bestBid);
    assert.ok(purchase.price >= touch.bestAsk && 100 * purchase.price <= 101 * touch.bestAsk);
  }));
});

Deno.test("the gate passes a closing order whole, whatever the price collar", () => {
  const collars = fc.constantFrom(0.1, 0.3, 0.5, 1, 1.7, 5, 100);
  const positions = fc.constantFrom(-50, 50);
  fc.assert(
    fc.property(
      prices(10_000),
      fc.nat(100),
      collars,
      positions,
      (bestBid, gap, collarPct, position) => {
        const touch = touchOf(bestBid + 1, bestBid + 2 + gap);
        const approved = approve(closing(perp, position, { touch, collarPct }), {
          ...touch,
          market: perp,
          limits: { ...defaultLimits, priceCollarPct: collarPct },
          state: "FLATTENING",
          position: lots(position),
          sellable: lots(position),
          freeCash: cash(0),
          mark: touch.bestBid,
          live: [],
        });
        assert.deepEqual(approved.refused, []);
        assert.equal(approved.orders[0]?.quantity, 50);
      },
    ),
    { numRuns: 1000 },
  );
});
