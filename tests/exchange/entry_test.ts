// Tests lib/exchange/entry.ts over matching.ts: who trades with whom, at what price, in which order,
// and how an order ends.

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { cash, lots, ticks } from "../../lib/core/units.ts";
import { NOW, Scene } from "./scene.ts";

interface Case {
  readonly name: string;
  readonly steps: (scene: Scene) => void;
  readonly said: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: "better prices first, then earlier orders, at the maker's price",
    steps: (s) => {
      s.ask(s.other, 102, 1);
      s.ask(s.other, 101, 2);
      s.ask(s.other, 101, 3);
      s.said();
      s.bid(s.me, 102, 6);
    },
    said: [
      "accepted 4",
      "fill 2 ask 2@101 maker",
      "fill 4 bid 2@101 taker",
      "print 1 bid 2@101",
      "fill 3 ask 3@101 maker",
      "fill 4 bid 3@101 taker",
      "print 2 bid 3@101",
      "fill 1 ask 1@102 maker",
      "fill 4 bid 1@102 taker",
      "print 3 bid 1@102",
    ],
  },
  {
    name: "a good-till-cancelled order rests with what is left",
    steps: (s) => {
      s.ask(s.other, 101, 2);
      s.said();
      strictEqual(s.bid(s.me, 101, 5).status, "PartiallyFilled");
      deepStrictEqual(s.shown(), { bids: ["3@101"], asks: [] });
    },
    said: ["accepted 2", "fill 1 ask 2@101 maker", "fill 2 bid 2@101 taker", "print 1 bid 2@101"],
  },
  {
    name: "an immediate-or-cancel order ends with what is left",
    steps: (s) => {
      s.crowd.crowdBest(99, 1, 101, 2, NOW);
      s.bid(s.me, 101, 5, { timeInForce: "IOC" });
    },
    said: [
      "accepted 1",
      "fill 1 bid 2@101 taker",
      "print 1 bid 2@101",
      "expired 1 ImmediateOrCancel",
    ],
  },
  {
    name: "a fill-or-kill order that the book cannot fill does nothing",
    steps: (s) => {
      s.crowd.crowdBest(99, 1, 101, 2, NOW);
      s.bid(s.me, 101, 3, { timeInForce: "FOK" });
      strictEqual(s.book.levelQuantity("ask", ticks(101)), lots(2));
    },
    said: ["accepted 1", "expired 1 FillOrKill"],
  },
  {
    name: "a fill-or-kill order that the book can fill is filled over several levels",
    steps: (s) => {
      s.crowd.crowdLevel("ask", 101, 2, NOW);
      s.crowd.crowdLevel("ask", 102, 2, NOW);
      s.bid(s.me, 102, 3, { timeInForce: "FOK" });
    },
    said: [
      "accepted 1",
      "fill 1 bid 2@101 taker",
      "print 1 bid 2@101",
      "fill 1 bid 1@102 taker",
      "print 2 bid 1@102",
    ],
  },
  {
    name: "a fill-or-kill order does not count orders of its own account",
    steps: (s) => {
      s.ask(s.me, 101, 5);
      s.said();
      s.bid(s.me, 101, 3, { timeInForce: "FOK" });
    },
    said: ["accepted 2", "expired 2 FillOrKill"],
  },
  {
    name: "nor what stands behind them",
    steps: (s) => {
      s.ask(s.me, 101, 5);
      s.crowd.crowdLevel("ask", 102, 5, NOW);
      s.said();
      s.bid(s.me, 102, 3, { timeInForce: "FOK" });
    },
    said: ["accepted 2", "expired 2 FillOrKill"],
  },
  {
    name: "but does where its mode ends them instead",
    steps: (s) => {
      s.ask(s.me, 101, 5);
      s.crowd.crowdLevel("ask", 102, 5, NOW);
      s.said();
      s.bid(s.me, 102, 3, { timeInForce: "FOK", selfTradePrevention: "RejectMaker" });
    },
    said: [
      "accepted 2",
      "expired 1 SelfTradePrevention",
      "fill 2 bid 3@102 taker",
      "print 1 bid 3@102",
    ],
  },
  {
    name: "a post-only order that would take is refused",
    steps: (s) => {
      s.crowd.crowdBest(99, 1, 101, 2, NOW);
      s.bid(s.me, 101, 3, { postOnly: true });
    },
    said: ["rejected 1 PostOnlyTaker"],
  },
  {
    name: "a post-only order that only meets its own account is refused too",
    steps: (s) => {
      s.ask(s.me, 101, 5);
      s.said();
      s.bid(s.me, 101, 3, { postOnly: true });
    },
    said: ["rejected 2 PostOnlyTaker"],
  },
  {
    name: "a market order runs out of book",
    steps: (s) => {
      s.crowd.crowdBest(99, 1, 101, 2, NOW);
      s.place(s.me, { side: "bid", quantity: 5 });
    },
    said: [
      "accepted 1",
      "fill 1 bid 2@101 taker",
      "print 1 bid 2@101",
      "expired 1 InsufficientLiquidity",
    ],
  },
  {
    name: "a market bid by quote quantity spends what fits",
    steps: (s) => {
      s.crowd.crowdLevel("ask", 100, 2, NOW);
      s.crowd.crowdLevel("ask", 110, 9, NOW);
      // 2 lots at 100 cost 2,000,000; of the 1,500,000 left one lot at 110 takes 1,100,000.
      const order = s.place(s.me, { side: "bid", quoteQuantity: cash(3_500_000) });
      deepStrictEqual([order.status, order.executed, order.executedQuote], [
        "Filled",
        3,
        3_100_000,
      ]);
    },
    said: [
      "accepted 1",
      "fill 1 bid 2@100 taker",
      "print 1 bid 2@100",
      "fill 1 bid 1@110 taker",
      "print 2 bid 1@110",
    ],
  },
  {
    name: "a market ask by quote quantity receives what fits",
    steps: (s) => {
      s.crowd.crowdLevel("bid", 100, 9, NOW);
      const order = s.place(s.me, { side: "ask", quoteQuantity: cash(2_999_999) });
      deepStrictEqual([order.status, order.executed, order.executedQuote], [
        "Filled",
        2,
        2_000_000,
      ]);
    },
    said: ["accepted 1", "fill 1 ask 2@100 taker", "print 1 ask 2@100"],
  },
  {
    name: "cancelled orders leave the queue, and the next one moves up",
    steps: (s) => {
      s.bid(s.me, 100, 2);
      s.bid(s.me, 100, 3);
      s.exchange.cancel(s.me, 1, NOW);
      strictEqual(s.exchange.cancel(s.me, 1, NOW), undefined);
      strictEqual(s.exchange.cancel(s.other, 2, NOW), undefined);
      s.said();
      s.ask(s.other, 100, 1);
    },
    said: ["accepted 3", "fill 2 bid 1@100 maker", "fill 3 ask 1@100 taker", "print 1 ask 1@100"],
  },
  {
    name: "cancel-all takes the orders of one account in one market",
    steps: (s) => {
      s.bid(s.me, 100, 2);
      s.bid(s.other, 100, 2);
      s.ask(s.me, 110, 2);
      s.said();
      s.exchange.cancelAll(s.me, s.symbol, NOW);
      deepStrictEqual(s.shown(), { bids: ["2@100"], asks: [] });
    },
    said: ["cancelled 1", "cancelled 3"],
  },
];

Deno.test("orders meet by price, then time", async (t) => {
  for (const { name, steps, said } of cases) {
    await t.step(name, () => {
      const scene = new Scene();
      steps(scene);
      deepStrictEqual(scene.said(), said);
    });
  }
});
