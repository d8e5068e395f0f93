import assert from "node:assert/strict";
import { defaultLimits } from "../../lib/core/limits.ts";
import { approve, type ApprovedPlan } from "../../lib/core/risk.ts";
import type { PlannedOrder } from "../../lib/core/strategy.ts";
import { Tally } from "../../lib/core/tally.ts";
import { cash, lots, ticks } from "../../lib/core/units.ts";
import { aFill, ask, bid, perpMarket, told } from "../support/core.ts";

/** A plan of which the gate refuses all that is below 5 lots. */
function judged(...orders: readonly PlannedOrder[]): ApprovedPlan {
  return approve({ orders }, {
    market: perpMarket({ minQuantity: "0.05" }),
    limits: defaultLimits,
    state: "ACTIVE",
    position: lots(0),
    sellable: lots(0),
    freeCash: cash(0),
    bestBid: ticks(9_999),
    bestAsk: ticks(10_001),
    midTicks: 10_000,
    mark: ticks(10_000),
    live: [],
  });
}

Deno.test("each end of an order is counted under its own name", () => {
  const tally = new Tally();
  for (const kind of ["cancelled", "cancelled", "rejected", "expired"] as const) {
    tally.ended(told(kind, 1));
  }
  for (const kind of ["accepted", "unknown", "cancelRefused"] as const) tally.ended(told(kind, 1));
  tally.ended(aFill({}));
  const { cancelled, rejected, expired, fills, placed } = tally;
  assert.deepEqual([cancelled, rejected, expired, fills, placed], [2, 1, 1, 0, 0]);
});

Deno.test("a refusal counts when it is new, not while it stands", () => {
  const tally = new Tally();
  const count = () => tally.refused.get("minQuantity") ?? 0;
  const small = bid(9_990, 1);
  tally.judged(judged(bid(9_990, 5)));
  assert.equal(count(), 0);
  tally.judged(judged(small));
  tally.judged(judged(small, bid(9_980, 5)));
  assert.equal(count(), 1);
  tally.judged(judged(small, ask(10_010, 1)));
  assert.equal(count(), 2);
  tally.judged(judged(ask(10_010, 1)));
  assert.equal(count(), 2);
  tally.judged(judged());
  tally.judged(judged(small));
  assert.equal(count(), 3);
});
