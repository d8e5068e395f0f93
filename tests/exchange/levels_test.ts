// Tests queue position in lib/exchange/levels.ts and crowd.ts: who stands before an order, and what
// brings it forward. Every number is small enough to be checked by hand; a lot filled beyond it
// would be kinder than the market.

import { ok } from "node:assert/strict";
import fc from "fast-check";
import { type CrowdCase, followRules } from "./crowd_case.ts";
import { NOW, Scene } from "./scene.ts";

const cases: readonly CrowdCase[] = [
  {
    name: "a trade of 8 through a queue of 6 before us fills 2 of ours",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
      s.bid(s.me, 100, 5);
      s.crowd.crowdTrade("ask", 100, 8, NOW);
    },
    fills: ["1 2@100"],
    bids: ["3@100"],
    asks: ["9@101"],
  },
  {
    name: "a trade no larger than the queue before us fills nothing",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
      s.bid(s.me, 100, 5);
      s.crowd.crowdTrade("ask", 100, 6, NOW);
    },
    fills: [],
    bids: ["5@100"],
  },
  {
    name: "trades add up until they reach us",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
      s.bid(s.me, 100, 5);
      s.crowd.crowdTrade("ask", 100, 4, NOW);
      s.crowd.crowdTrade("ask", 100, 3, NOW);
    },
    fills: ["1 1@100"],
  },
  {
    name: "growth joins behind us",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
      s.bid(s.me, 100, 5);
      s.crowd.crowdBest(100, 20, 101, 9, NOW);
      s.crowd.crowdTrade("ask", 100, 8, NOW);
    },
    fills: ["1 2@100"],
    bids: ["17@100"],
  },
  {
    name: "a shrinkage of what stands behind us does not advance us",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
      s.bid(s.me, 100, 5);
      s.crowd.crowdBest(100, 20, 101, 9, NOW);
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
      s.crowd.crowdTrade("ask", 100, 6, NOW);
    },
    fills: [],
  },
  {
    name: "a shrinkage larger than what stands behind us takes the rest from before us",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
      s.bid(s.me, 100, 5);
      s.crowd.crowdBest(100, 4, 101, 9, NOW);
      s.crowd.crowdTrade("ask", 100, 5, NOW);
    },
    fills: ["1 1@100"],
  },
  {
    name: "the shrinkage that a trade explains does not advance us again",
    steps: (s) => {
      s.crowd.crowdBest(100, 10, 101, 9, NOW);
      s.bid(s.me, 100, 5);
      s.crowd.crowdTrade("ask", 100, 3, NOW);
      s.crowd.crowdBest(100, 7, 101, 9, NOW);
      s.crowd.crowdTrade("ask", 100, 7, NOW);
    },
    fills: [],
  },
  {
    name: "a lagging row between trade and shrinkage does not advance us again",
    steps: (s) => {
      s.crowd.crowdBest(100, 10, 101, 9, NOW);
      s.bid(s.me, 100, 5);
      s.crowd.crowdTrade("ask", 100, 3, NOW);
      s.crowd.crowdBest(100, 10, 101, 9, NOW);
      s.crowd.crowdBest(100, 7, 101, 9, NOW);
      s.crowd.crowdTrade("ask", 100, 7, NOW);
    },
    fills: [],
  },
  {
    name: "what we took from a trade does not bring our second order forward",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
      s.bid(s.me, 100, 2);
      s.crowd.crowdBest(100, 9, 101, 9, NOW);
      s.bid(s.me, 100, 5); // 9 of the crowd and 2 of ours before it
      s.crowd.crowdTrade("ask", 100, 8, NOW); // 6 crowd, 2 of ours: 3 crowd still before the second
      s.crowd.crowdBest(100, 1, 101, 9, NOW); // the trade, as the recording saw it
      s.crowd.crowdTrade("ask", 100, 3, NOW);
    },
    fills: ["1 2@100"],
  },
  {
    name: "nor does a shrinkage of what our fill left before it",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
      s.bid(s.me, 100, 2);
      s.crowd.crowdBest(100, 12, 101, 9, NOW);
      s.bid(s.me, 100, 5);
      s.crowd.crowdTrade("ask", 100, 8, NOW); // 6 of the crowd still before the second, 4 by the recording
      s.crowd.crowdBest(100, 3, 101, 9, NOW); // one of them leaves
      s.crowd.crowdTrade("ask", 100, 6, NOW);
    },
    fills: ["1 2@100", "2 1@100"],
  },
  {
    name: "a queue alternates between crowd and orders",
    steps: (s) => {
      s.crowd.crowdBest(100, 3, 101, 9, NOW);
      s.bid(s.me, 100, 2);
      s.crowd.crowdBest(100, 7, 101, 9, NOW);
      s.bid(s.me, 100, 2);
      s.crowd.crowdTrade("ask", 100, 10, NOW); // 3 crowd, 2 ours, 4 crowd, 1 of our second
    },
    fills: ["1 2@100", "2 1@100"],
    bids: ["1@100"],
  },
  {
    name: "a better level is removed, and we stand first at a price nobody else quotes",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 103, 9, NOW);
      s.bid(s.me, 100, 5);
      s.crowd.crowdBest(99, 7, 103, 9, NOW);
      s.crowd.crowdTrade("ask", 100, 4, NOW);
    },
    fills: ["1 4@100"],
    bids: ["1@100", "7@99"],
  },
  {
    name: "an order inside the recorded spread stands before those who join it later",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 103, 9, NOW);
      s.bid(s.me, 101, 5);
      s.crowd.crowdBest(101, 7, 103, 9, NOW);
      s.crowd.crowdTrade("ask", 101, 4, NOW);
    },
    fills: ["1 4@101"],
  },
  {
    name: "an order at a level never seen stands behind the first quantity seen there",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
      s.bid(s.me, 98, 5);
      s.crowd.crowdBest(98, 7, 101, 9, NOW);
      s.crowd.crowdTrade("ask", 98, 8, NOW);
    },
    fills: ["1 1@98"],
  },
  {
    name: "a trade at a level never seen does not fill",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
      s.bid(s.me, 98, 5);
      s.crowd.crowdTrade("ask", 98, 800, NOW);
    },
    fills: [],
  },
  {
    name: "a trade through a level never seen fills up to its quantity",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
      s.bid(s.me, 98, 5);
      s.crowd.crowdTrade("ask", 97, 3, NOW);
    },
    fills: ["1 3@98"],
  },
  {
    name: "a trade that fills a better order has that much less for the next",
    steps: (s) => {
      s.crowd.crowdBest(98, 2, 105, 9, NOW);
      s.bid(s.me, 98, 5);
      s.bid(s.me, 99, 4);
      s.crowd.crowdTrade("ask", 98, 7, NOW); // 4 at 99, then 2 crowd, 1 ours at 98
    },
    fills: ["2 4@99", "1 1@98"],
  },
];

Deno.test("an order moves up only when what stood before it traded or left", async (t) => {
  await followRules(t, cases);
});

Deno.test("no recording fills an order with more than traded behind those before it", () => {
  const row = fc.oneof(
    fc.record({ kind: fc.constant("quantity"), value: fc.integer({ min: 0, max: 60 }) }),
    fc.record({ kind: fc.constant("trade"), value: fc.integer({ min: 1, max: 30 }) }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(row, { maxLength: 40 }),
      (before, mine, rows) => {
        const scene = new Scene();
        scene.crowd.crowdLevel("bid", 100, before, NOW);
        const order = scene.bid(scene.me, 100, mine);
        let recorded = before;
        let traded = 0;
        let cancelled = 0;
        for (const { kind, value } of rows) {
          if (kind === "trade") {
            scene.crowd.crowdTrade("ask", 100, value, NOW);
            traded += value;
            recorded = Math.max(0, recorded - value);
          } else {
            scene.crowd.crowdLevel("bid", 100, value, NOW);
            cancelled += Math.max(0, recorded - value);
            recorded = value;
          }
          // Even if all that was cancelled had stood before us, no more than this can be ours.
          ok(order.executed <= Math.max(0, traded + cancelled - before));
          ok(order.executed <= Math.min(mine, traded));
        }
      },
    ),
    { numRuns: 300 },
  );
});
