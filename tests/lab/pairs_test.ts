// Round trips by hand, and the two sums that must hold for any fills: on a perp the pairs of a run
// that ends flat are its whole profit; on spot too, but for the dust that is left.

import assert from "node:assert/strict";
import fc from "fast-check";
import { baseFee, baseValue, cashFee, type Market, notional } from "../../lib/core/market.ts";
import { base, cash, lots, micros, ticks } from "../../lib/core/units.ts";
import type { FillRow } from "../../lib/lab/metrics.ts";
import {
  feeInQuote,
  gridProfit,
  inventoryProfit,
  type RoundTrip,
  roundTrips,
} from "../../lib/lab/pairs.ts";
import { perpMarket, spotMarket } from "../support/core.ts";

const perp = perpMarket();
const spot = spotMarket();

/** "bid 3 @ 100 fee 5": a fill of 3 lots at 100 ticks with 5 units of fee; one a second. */
function fillsOf(text: string): FillRow[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "").map(
    (line, i) => {
      const [side, quantity, , price, , fee = "0", tag] = line.split(" ");
      return {
        time: micros(i * 1_000_000),
        side: side === "bid" ? "bid" : "ask",
        price: ticks(Number(price)),
        quantity: lots(Number(quantity)),
        maker: true,
        fee: cash(Number(fee)),
        feeBase: base(0),
        positionAfter: lots(0),
        realised: cash(0),
        ...(tag === undefined ? {} : { tag }),
      };
    },
  );
}

/** "long 3 100 -> 110, 1 s, net 295": money in units of one tick × one lot, fees in 1e-8. */
function told(trip: RoundTrip): string {
  const side = trip.side === "bid" ? "long" : "short";
  const gross = trip.gross / perp.cashPerTickLot;
  const times = `${trip.entryTime / 1e6}-${trip.exitTime / 1e6}`;
  return `${side} ${trip.quantity} ${trip.entryTicks}>${trip.exitPrice} at ${times} gross ${gross} fees ${trip.fees}`;
}

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  ["a bid alone is no round trip", "bid 3 @ 100 fee 5", []],
  [
    "a long that is closed at once",
    `bid 3 @ 100 fee 5
     ask 3 @ 110 fee 7`,
    ["long 3 100>110 at 0-1 gross 30 fees 12"],
  ],
  [
    "a short earns when it falls",
    `ask 2 @ 100 fee 1
     bid 2 @ 90 fee 1`,
    ["short 2 100>90 at 0-1 gross 20 fees 2"],
  ],
  [
    "the oldest entry is closed first",
    `bid 1 @ 100 fee 0
     bid 1 @ 90 fee 0
     ask 1 @ 95 fee 0
     ask 1 @ 95 fee 0`,
    ["long 1 100>95 at 0-2 gross -5 fees 0", "long 1 90>95 at 1-3 gross 5 fees 0"],
  ],
  [
    "one exit closes two entries, and fees are shared by quantity",
    `bid 1 @ 100 fee 3
     bid 2 @ 90 fee 8
     ask 3 @ 110 fee 10`,
    ["long 1 100>110 at 0-2 gross 10 fees 6", "long 2 90>110 at 1-2 gross 40 fees 15"],
  ],
  [
    "an entry closed in parts pays its whole fee, to the last unit",
    `bid 3 @ 100 fee 10
     ask 1 @ 110 fee 0
     ask 1 @ 110 fee 0
     ask 1 @ 110 fee 0`,
    [
      "long 1 100>110 at 0-1 gross 10 fees 3",
      "long 1 100>110 at 0-2 gross 10 fees 4",
      "long 1 100>110 at 0-3 gross 10 fees 3",
    ],
  ],
  [
    "a fill may close a long and open a short",
    `bid 1 @ 100 fee 2
     ask 3 @ 110 fee 9
     bid 2 @ 105 fee 4`,
    ["long 1 100>110 at 0-1 gross 10 fees 5", "short 2 110>105 at 1-2 gross 10 fees 10"],
  ],
  [
    "a rebate is a negative fee",
    `bid 2 @ 100 fee -4
     ask 2 @ 101 fee -6`,
    ["long 2 100>101 at 0-1 gross 2 fees -10"],
  ],
];

for (const [name, fills, trips] of cases) {
  Deno.test(name, () => {
    assert.deepEqual(roundTrips(perp, fillsOf(fills)).map(told), trips);
  });
}

Deno.test("tags and the span held come along", () => {
  const [trip] = roundTrips(perp, fillsOf("bid 1 @ 100 fee 1 low\nask 1 @ 101 fee 2 high"));
  assert.equal(trip?.entryTag, "low");
  assert.equal(trip?.exitTag, "high");
  assert.equal(trip?.held, 1_000_000);
  assert.equal(trip?.net, perp.cashPerTickLot - 3);
});

Deno.test("inventory taken over is entered at the mid it was counted at", () => {
  const opening = { time: micros(0), position: lots(4), midTicks: 99.5 };
  const trips = roundTrips(perp, fillsOf("ask 4 @ 101 fee 2\nask 1 @ 102 fee 0"), opening);
  assert.deepEqual(trips.map(told), ["long 4 99.5>101 at 0-0 gross 6 fees 2"]);
  const short = { time: micros(0), position: lots(-2), midTicks: 100 };
  assert.deepEqual(roundTrips(perp, fillsOf("bid 1 @ 90 fee 0"), short).map(told), [
    "short 1 100>90 at 0-0 gross 10 fees 0",
  ]);
});

Deno.test("a spot bid pays in base, and its dust travels with the next entry", () => {
  // 10 lots with a fee of a quarter lot leave 9.75; the second bid's dust makes the 19th lot.
  const quarter = base(spot.basePerLot / 4);
  const [first, second, third, fourth] = fillsOf(
    "bid 10 @ 100 fee 0\nask 9 @ 120 fee 0\nbid 10 @ 100 fee 0\nask 10 @ 120 fee 0",
  );
  assert(first && second && third && fourth);
  const trips = roundTrips(spot, [
    { ...first, feeBase: quarter },
    second,
    { ...third, feeBase: quarter },
    fourth,
  ]);
  const unit = spot.cashPerTickLot;
  assert.deepEqual(trips.map((trip) => trip.quantity), [9, 10]);
  assert.deepEqual(trips.map((trip) => trip.entryTicks), [100, 100]);
  assert.deepEqual(trips.map((trip) => trip.gross), [9 * 20 * unit, 10 * 20 * unit]);
  // 25 paid on 9.75 lots, 9 of them sold; then the dust's 1.92 and 25 on 10.5, of which 10.
  const firstFee = Math.round(25 * unit * 9 / 9.75);
  const secondFee = Math.round((25 * unit - firstFee + 25 * unit) * 10 / 10.5);
  assert.deepEqual(trips.map((trip) => trip.fees), [firstFee, secondFee]);
});

Deno.test("a fill charged in two currencies is a bug", () => {
  const [fill] = fillsOf("bid 1 @ 100 fee 1");
  assert(fill);
  assert.throws(() => feeInQuote(spot, { ...fill, feeBase: base(1) }), { name: "Bug" });
  const [ask] = fillsOf("ask 1 @ 100 fee 0");
  assert(ask);
  assert.throws(() => feeInQuote(spot, { ...ask, feeBase: base(1) }), { name: "Bug" });
});

const someFills = fc.array(
  fc.record({
    side: fc.constantFrom("bid" as const, "ask" as const),
    price: fc.integer({ min: 9_000, max: 11_000 }),
    quantity: fc.integer({ min: 1, max: 40 }),
    feeBps: fc.constantFrom(-1, 0, 2.5, 8, 10),
  }),
  { minLength: 1, maxLength: 60 },
);

Deno.test("pairs of a perp run that ends flat are its whole profit, to the last unit", () => {
  fc.assert(fc.property(someFills, (some) => {
    const position = some.reduce((sum, f) => sum + signed(f.side, f.quantity), 0);
    const close = { side: flip(position), price: 10_000, quantity: Math.abs(position), feeBps: 5 };
    const fills = (position === 0 ? some : [...some, close]).map((fill, i) => made(perp, fill, i));
    const flow = fills.reduce((sum, fill) => sum + moneyOf(perp, fill) - fill.fee, 0);
    const trips = roundTrips(perp, fills);
    assert.equal(gridProfit(trips), flow);
    assert.equal(inventoryProfit(trips, cash(flow)), 0);
    for (const trip of trips) assert.equal(trip.net, trip.gross - trip.fees);
    const closed = trips.reduce((sum, trip) => sum + trip.quantity, 0);
    assert.equal(2 * closed, fills.reduce((sum, fill) => sum + fill.quantity, 0));
  }));
});

Deno.test("pairs of a spot run that sells all it can are its profit but for the dust", () => {
  fc.assert(fc.property(someFills, (some) => {
    let held = 0;
    let flow = 0;
    const fills: FillRow[] = [];
    const add = (fill: FillRow) => {
      fills.push(fill);
      flow += moneyOf(spot, fill) - fill.fee;
      held += signed(fill.side, fill.quantity) * spot.basePerLot - fill.feeBase;
    };
    some.forEach((fill, i) => {
      const sellable = Math.floor(held / spot.basePerLot);
      if (fill.side === "bid") add(made(spot, fill, i));
      else if (sellable > 0) {
        add(made(spot, { ...fill, quantity: Math.min(fill.quantity, sellable) }, i));
      }
    });
    const left = Math.floor(held / spot.basePerLot);
    const last = { side: "ask" as const, price: 10_000, quantity: left, feeBps: 5 };
    if (left > 0) add(made(spot, last, some.length));
    const dustCost = flow - gridProfit(roundTrips(spot, fills));
    // What is left over was bought, so it has cost between nothing and the dearest price.
    assert(held >= 0 && held < spot.basePerLot);
    assert(-dustCost >= -fills.length, `${dustCost}`);
    assert(-dustCost <= 1.002 * (baseValue(spot, ticks(11_000), base(held)) + fills.length));
  }));
});

function made(
  market: Market,
  fill: { side: "bid" | "ask"; price: number; quantity: number; feeBps: number },
  second: number,
): FillRow {
  const price = ticks(fill.price);
  const quantity = lots(fill.quantity);
  const inBase = market.kind === "spot" && fill.side === "bid";
  return {
    time: micros(second * 1_000_000),
    side: fill.side,
    price,
    quantity,
    maker: true,
    fee: inBase ? cash(0) : cashFee(notional(market, price, quantity), fill.feeBps),
    feeBase: inBase ? baseFee(base(quantity * market.basePerLot), fill.feeBps) : base(0),
    positionAfter: lots(0),
    realised: cash(0),
  };
}

function moneyOf(market: Market, { price, quantity, side }: FillRow): number {
  return -signed(side, notional(market, price, quantity));
}

function signed(side: "bid" | "ask", value: number): number {
  return side === "bid" ? value : -value;
}

function flip(position: number): "bid" | "ask" {
  return position > 0 ? "ask" : "bid";
}
