// What points cost, by hand: the week ends where the exchange says, and money adds up.

import assert from "node:assert/strict";
import { base, cash, cashOf, lots, micros, SECOND, ticks } from "../../lib/core/units.ts";
import type { FillRow } from "../../lib/lab/metrics.ts";
import { costPerPoint, pointsOf, tierOf } from "../../lib/lab/points_week.ts";
import { perpMarket, spotMarket } from "../support/core.ts";

const fees = { maker: 2, taker: 5 };
/** A Wednesday, an hour before the points week ends. */
const wednesday = Date.parse("2025-07-23T23:00:00Z") * 1000;

/** One SOL at 150 USD, an hour after another. */
function aFill(hour: number, given: Partial<FillRow> = {}): FillRow {
  return {
    time: micros(wednesday + hour * 3600 * SECOND),
    side: "bid",
    price: ticks(15_000),
    quantity: lots(100),
    maker: true,
    fee: cashOf(0.03),
    feeBase: base(0),
    positionAfter: lots(100),
    realised: cash(0),
    ...given,
  };
}

Deno.test("a points week ends on Thursday 00:00 UTC, and its costs are its own", () => {
  const end = micros(wednesday + 2 * 86_400 * SECOND);
  const fills = [
    aFill(0),
    aFill(0.5, { side: "ask", maker: false, fee: cashOf(0.075), realised: cashOf(0.6) }),
    aFill(1),
    aFill(1.5, { side: "ask", realised: cashOf(-0.3) }),
  ];
  const { weeks } = pointsOf(perpMarket(), fills, { fees, end });
  assert.deepEqual(weeks, [
    {
      ...{ ends: "2025-07-24T00:00:00.000000Z", makerVolume: "150", takerVolume: "150" },
      ...{ fees: "0.105", realised: "0.6", costPer1000: (0.105 - 0.6) / 300 * 1000 },
    },
    {
      ...{ ends: "2025-07-31T00:00:00.000000Z", makerVolume: "300", takerVolume: "0" },
      ...{ fees: "0.06", realised: "-0.3", costPer1000: (0.06 + 0.3) / 300 * 1000 },
    },
  ]);
  assert.equal(costPerPoint(weeks, 2), (0.105 - 0.6 + 0.06 + 0.3) / 2);
});

Deno.test("a fee in base costs what the fill says it is worth", () => {
  const fill = aFill(0, { fee: cash(0), feeBase: base(80_000) });
  const { weeks: [week] } = pointsOf(spotMarket(), [fill], { fees, end: fill.time });
  assert.equal(week?.fees, "0.12");
});

Deno.test("without fills there are no weeks, and no points have no cost", () => {
  const { weeks } = pointsOf(perpMarket(), [], { fees, end: micros(wednesday) });
  assert.deepEqual(weeks, []);
  assert.equal(costPerPoint(weeks, 5), 0);
  for (const points of [0, -1, NaN]) {
    const message = `points must be above 0: current value is ${points}`;
    assert.throws(() => costPerPoint(weeks, points), { name: "RangeError", message });
  }
});

Deno.test("the tier is the row of the fees, and the next is as far as 30 days' volume leaves it", () => {
  const rows = [
    ["perp", 2, 5, 0, "1", "2", 500_000],
    ["perp", 1.9, 4.5, 600_000, "2", "3", 400_000],
    ["perp", 1, 2.6, 200e6, "VIP1", "VIP2", 0],
    ["perp", 0, 1.8, 0, "VIP5", undefined, null],
    ["perp", -0.5, 5, 0, undefined, undefined, null],
    ["spot", 8, 10, 25_000, "1", "2", 75_000],
    ["spot", 2, 5, 0, undefined, undefined, null],
  ] as const;
  for (const [kind, maker, taker, volume, now, next, toNext] of rows) {
    const tier = tierOf(kind, { maker, taker }, volume);
    assert.deepEqual([tier.now?.name, tier.next?.name, tier.toNextUsd], [now, next, toNext]);
  }
});

Deno.test("volume older than 30 days does not lead to a tier", () => {
  const end = micros(wednesday + 31 * 86_400 * SECOND);
  const fills = [aFill(0), aFill(31 * 24)];
  const { tier } = pointsOf(perpMarket(), fills, { fees, end });
  assert.equal(tier.toNextUsd, 500_000 - 150);
});
