// Each rule that leaves a market out, at its bound and beyond it, and the order of those that pass.

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { type MarketFacts, MOST_CHOSEN, pct, rankKinds, rankMarkets } from "../../lib/app/rank.ts";
import { aMarketOf } from "../support/known_market.ts";

const perp = aMarketOf("SOL_USDC_PERP");
const day = { quoteVolume: 5_000_000, first: 100, high: 104, low: 98, last: 101 };
const book = { bestBid: 100.99, bestAsk: 101.01, bidDepth: 20_000 };

/** A market fit for all three kinds. */
function facts(more: Partial<MarketFacts> = {}): MarketFacts {
  return { market: perp, visible: true, fees: { maker: 2, taker: 5 }, day, book, ...more };
}

function named(symbol: string, more: Partial<MarketFacts> = {}): MarketFacts {
  return facts({ ...more, market: { ...perp, symbol } });
}

/** Why a market is left out of a ranking of its own; undefined where it is chosen. */
function reason(kind: (typeof rankKinds)[number], more: Partial<MarketFacts>): string | undefined {
  return rankMarkets(kind, [facts(more)]).leftOut[0]?.reason;
}

Deno.test("a good market is chosen for each kind, with its figures", () => {
  for (const kind of rankKinds) {
    const { chosen, leftOut } = rankMarkets(kind, [facts()]);
    deepEqual(leftOut, []);
    equal(chosen[0]?.volumeUsd, 5_000_000);
    equal(chosen[0]?.spreadPct.toFixed(4), "0.0198");
    equal(chosen[0]?.rangePct.toFixed(3), "5.941");
  }
});

Deno.test("each rule leaves out what lies beyond its bound, and says why", () => {
  const withState = (state: "Closed" | "PostOnly") => ({ market: { ...perp, state } });
  const withSpread = (spread: number) => ({
    book: { ...book, bestBid: 100 - spread / 2, bestAsk: 100 + spread / 2 },
  });
  const rows: readonly (readonly [
    (typeof rankKinds)[number],
    Partial<MarketFacts>,
    string | undefined,
  ])[] = [
    ["flow", withState("Closed"), "is Closed"],
    ["grid", withState("PostOnly"), "is PostOnly"],
    ["flow", { visible: false }, "is not shown by the exchange"],
    ["flow", { market: aMarketOf("SOL_USDC") }, "is no perp"],
    ["grid", { market: aMarketOf("SOL_USDC") }, undefined],
    ["grid", { market: { ...perp, quote: "SOL" } }, "is counted in SOL, not in dollars"],
    ["flow", { day: undefined }, "did not trade in 24 h"],
    ["flow", { day: { ...day, quoteVolume: 200_000 } }, undefined],
    [
      "flow",
      { day: { ...day, quoteVolume: 199_999 } },
      "24 h volume 199,999 USD is below 200,000 USD",
    ],
    ["points", { day: { ...day, quoteVolume: 1_000_000 } }, undefined],
    [
      "points",
      { day: { ...day, quoteVolume: 900_000 } },
      "24 h volume 900,000 USD is below 1,000,000 USD",
    ],
    ["flow", { book: undefined }, "has an empty side of the book"],
    ["flow", withSpread(0), "has a book that is crossed"],
    ["flow", withSpread(1.5), undefined],
    ["flow", withSpread(1.6), "spread 1.6 % is above 1.5 %"],
    ["grid", withSpread(0.51), "spread 0.51 % is above 0.50 %"],
    ["points", withSpread(0.11), "spread 0.11 % is above 0.10 %"],
    ["flow", { book: { ...book, bidDepth: 5_001 } }, undefined],
    ["flow", { book: { ...book, bidDepth: 5_000 } }, "bid depth 5,000 USD is not above 5,000 USD"],
    [
      "grid",
      { day: { ...day, high: 101.5, low: 101 } },
      "range 0.50 % is below 10 × the 0.060 % of a round trip",
    ],
    [
      "grid",
      { day: { ...day, first: 98, low: 98, high: 103, last: 102 } },
      "is in a trend: 3.9 % of a range of 4.9 % was kept",
    ],
    ["points", { day: { ...day, high: 111, low: 100 } }, "range 11 % is above 10 %"],
  ];
  for (const [kind, more, expected] of rows) {
    equal(reason(kind, more), expected, `${kind}: ${expected}`);
  }
});

Deno.test("flow goes by volume × depth ÷ spread", () => {
  const twice = { ...day, quoteVolume: 10_000_000 };
  const all = [
    named("A"),
    named("B", { day: twice }),
    named("C", { book: { ...book, bidDepth: 60_000 } }),
    named("D", { book: { ...book, bestBid: 100.95, bestAsk: 101.05 } }),
  ];
  deepEqual(rankMarkets("flow", all).chosen.map(({ market }) => market.symbol), [
    "C",
    "B",
    "A",
    "D",
  ]);
});

Deno.test("a grid wants the range that price came back from, points want it cheap", () => {
  const all = [
    named("calm", { day: { ...day, first: 101 } }),
    named("drift", { day: { ...day, first: 98.5 } }),
    named("dear", { day: { ...day, first: 101 }, fees: { maker: 10, taker: 10 } }),
  ];
  const order = (kind: "grid" | "points") =>
    rankMarkets(kind, all).chosen.map(({ market }) => market.symbol);
  deepEqual(order("grid"), ["calm", "drift", "dear"]);
  deepEqual(order("points"), ["calm", "drift", "dear"]);
  equal(
    rankMarkets("points", [named("rebate", { fees: { maker: -1, taker: 3 } })]).chosen.length,
    1,
  );
});

Deno.test("at most five are chosen, every other is named once, whatever the order given", () => {
  const one = fc.record({
    volume: fc.integer({ min: 1, max: 9 }),
    depth: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 12 }), fc.constantFrom(...rankKinds), (all, kind) => {
      const markets = all.map(({ volume, depth }, i) =>
        named(`M${i}`, {
          day: { ...day, quoteVolume: volume * 400_000 },
          book: { ...book, bidDepth: depth * 2_000 },
        })
      );
      const { chosen, leftOut } = rankMarkets(kind, markets);
      equal(chosen.length <= MOST_CHOSEN, true);
      const names = [
        ...chosen.map(({ market }) => market.symbol),
        ...leftOut.map((out) => out.symbol),
      ];
      deepEqual(names.toSorted(), markets.map(({ market }) => market.symbol).toSorted());
      const again = rankMarkets(kind, markets.toReversed()).chosen;
      deepEqual(
        again.map(({ market }) => market.symbol),
        chosen.map(({ market }) => market.symbol),
      );
    }),
    { numRuns: 200 },
  );
});

Deno.test("a percentage keeps two digits that matter", () => {
  const rows = [[0, "0 %"], [0.00123, "0.0012 %"], [0.5, "0.50 %"], [5.94, "5.9 %"], [
    123.4,
    "123 %",
  ]] as const;
  for (const [value, text] of rows) equal(pct(value), text);
});
