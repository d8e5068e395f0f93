// Tests lib/exchange/crowd.ts: how rows make the crowd's book, when a quote reaches an order, how
// the fill models differ, and that a row which touches nobody says nothing.

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { FillModel } from "../../lib/exchange/crowd.ts";
import { lots, ticks } from "../../lib/core/units.ts";
import { type CrowdCase, followRules } from "./crowd_case.ts";
import { NOW, Scene } from "./scene.ts";

const cases: readonly CrowdCase[] = [
  {
    name: "a recorded opposite quote fills us at our price up to its quantity",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 103, 9, NOW);
      s.bid(s.me, 101, 5);
      s.crowd.crowdBest(99, 6, 100, 3, NOW);
    },
    fills: ["1 3@101"],
    bids: ["2@101", "6@99"],
    asks: ["9@103"],
  },
  {
    name: "the same quote does not fill us twice, a larger one only by what is new",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 103, 9, NOW);
      s.bid(s.me, 101, 5);
      s.crowd.crowdBest(99, 6, 100, 3, NOW);
      s.crowd.crowdBest(98, 6, 100, 3, NOW);
      s.crowd.crowdBest(98, 6, 100, 4, NOW);
    },
    fills: ["1 3@101", "1 1@101"],
    bids: ["1@101", "6@98"],
    asks: ["9@103"],
  },
  {
    name: "what a quote has left after filling us stands there",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 103, 9, NOW);
      s.bid(s.me, 101, 5);
      s.crowd.crowdLevel("ask", 101, 8, NOW);
    },
    fills: ["1 5@101"],
    bids: ["6@100"],
    asks: ["3@101", "9@103"],
  },
  {
    name: "what our taker consumed stays consumed until the recorded quantity changes",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
      s.bid(s.me, 101, 4, { timeInForce: "IOC" });
      s.crowd.crowdBest(99, 2, 101, 9, NOW);
      s.bid(s.me, 101, 7, { timeInForce: "IOC" });
    },
    fills: ["1 4@101", "2 5@101"],
    asks: [],
  },
  {
    name: "a changed quantity replaces what our taker consumed",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
      s.bid(s.me, 101, 9, { timeInForce: "IOC" });
      s.crowd.crowdBest(100, 6, 101, 8, NOW);
    },
    fills: ["1 9@101"],
    asks: ["8@101"],
  },
  {
    name: "a consumed level that went away and came back is there again",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
      s.bid(s.me, 101, 9, { timeInForce: "IOC" });
      s.crowd.crowdBest(100, 6, 102, 9, NOW);
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
    },
    fills: ["1 9@101"],
    asks: ["9@101", "9@102"],
  },
  {
    name: "the crowd never trades with itself: a crossing level is removed",
    steps: (s) => {
      s.crowd.crowdLevel("ask", 101, 5, NOW);
      s.crowd.crowdLevel("ask", 102, 6, NOW);
      s.crowd.crowdLevel("bid", 101, 4, NOW);
    },
    fills: [],
    bids: ["4@101"],
    asks: ["6@102"],
  },
  {
    name: "deeper levels keep their last known quantity",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
      s.crowd.crowdBest(102, 5, 103, 8, NOW);
      s.crowd.crowdBest(101, 4, 104, 7, NOW);
    },
    fills: [],
    bids: ["4@101", "6@100"],
    asks: ["7@104"],
  },
  {
    name: "an empty side empties",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
      s.crowd.crowdBest(99, 6, 101, 9, NOW);
      s.crowd.crowdBest(0, 0, 102, 9, NOW);
    },
    fills: [],
    bids: [],
    asks: ["9@102"],
  },
  {
    name: "a reset forgets the crowd but not who stood before us",
    steps: (s) => {
      s.crowd.crowdBest(100, 6, 101, 9, NOW);
      s.bid(s.me, 100, 5);
      s.crowd.crowdReset();
      s.crowd.crowdTrade("ask", 100, 50, NOW);
      s.crowd.crowdLevel("bid", 100, 8, NOW);
      s.crowd.crowdTrade("ask", 100, 7, NOW);
    },
    fills: ["1 1@100"],
    bids: ["6@100"],
    asks: [],
  },
  {
    name: "a sweep fills strictly beyond its price, best first, at most its quantity",
    steps: (s) => {
      s.bid(s.me, 98, 5);
      s.bid(s.me, 100, 5);
      s.bid(s.me, 99, 5);
      s.crowd.crowdSweep("ask", 98, 7, NOW);
    },
    fills: ["2 5@100", "3 2@99"],
  },
];

Deno.test("rows make the crowd's book and fill what their quotes reach", async (t) => {
  await followRules(t, cases);
});

Deno.test("asks follow the same rules as bids", () => {
  const scene = new Scene();
  scene.crowd.crowdBest(100, 9, 101, 6, NOW);
  scene.ask(scene.me, 101, 5);
  scene.crowd.crowdTrade("bid", 101, 8, NOW);
  scene.crowd.crowdBest(102, 2, 104, 6, NOW);
  deepStrictEqual(scene.fills(), ["1 2@101", "1 2@101"]);
});

const modelCases: readonly {
  readonly name: string;
  readonly steps: (scene: Scene) => void;
  readonly filled: { readonly [M in FillModel]: number };
}[] = [
  {
    name: "a print at our price",
    steps: (s) => s.crowd.crowdTrade("ask", 100, 1, NOW),
    filled: { touch: 5, through: 0, queue: 0 },
  },
  {
    name: "a print beyond our price",
    steps: (s) => s.crowd.crowdTrade("ask", 99, 1, NOW),
    filled: { touch: 5, through: 5, queue: 1 },
  },
  {
    name: "a print short of our price",
    steps: (s) => s.crowd.crowdTrade("ask", 101, 50, NOW),
    filled: { touch: 0, through: 0, queue: 0 },
  },
  {
    name: "a print on the other side of the book",
    steps: (s) => s.crowd.crowdTrade("bid", 99, 50, NOW),
    filled: { touch: 0, through: 0, queue: 0 },
  },
  {
    name: "an opposite quote at our price",
    steps: (s) => s.crowd.crowdBest(98, 6, 100, 2, NOW),
    filled: { touch: 5, through: 0, queue: 2 },
  },
  {
    name: "an opposite quote beyond our price",
    steps: (s) => s.crowd.crowdBest(98, 6, 99, 2, NOW),
    filled: { touch: 5, through: 5, queue: 2 },
  },
  {
    name: "a sweep to our price",
    steps: (s) => void s.crowd.crowdSweep("ask", 100, undefined, NOW),
    filled: { touch: 5, through: 0, queue: 0 },
  },
  {
    name: "a sweep beyond our price",
    steps: (s) => void s.crowd.crowdSweep("ask", 99, undefined, NOW),
    filled: { touch: 5, through: 5, queue: 5 },
  },
];

Deno.test("the three fill models differ as their names say", async (t) => {
  for (const { name, steps, filled } of modelCases) {
    for (const fillModel of ["touch", "through", "queue"] as const) {
      await t.step(`${name}, ${fillModel}`, () => {
        const scene = new Scene({ fillModel });
        scene.crowd.crowdBest(100, 6, 103, 9, NOW);
        const order = scene.bid(scene.me, 100, 5);
        steps(scene);
        strictEqual(order.executed, filled[fillModel]);
      });
    }
  }
});

Deno.test("a print fills any number of orders in the touch model", () => {
  const scene = new Scene({ fillModel: "touch" });
  scene.crowd.crowdBest(100, 6, 103, 9, NOW);
  for (const price of [100, 101, 102]) scene.bid(scene.me, price, 50);
  scene.crowd.crowdTrade("ask", 100, 1, NOW);
  deepStrictEqual(scene.fills(), ["3 50@102", "2 50@101", "1 50@100"]);
});

Deno.test("the models touch and through still shorten the crowd by what traded", () => {
  const scene = new Scene({ fillModel: "through" });
  scene.crowd.crowdBest(100, 6, 103, 9, NOW);
  scene.bid(scene.me, 100, 5);
  scene.crowd.crowdTrade("ask", 100, 4, NOW);
  deepStrictEqual(scene.shown().bids, ["7@100"]);
});

Deno.test("a row that touches no order says nothing, whatever it changes", () => {
  const scene = new Scene();
  scene.crowd.crowdBest(100, 6, 101, 9, NOW);
  scene.crowd.crowdTrade("ask", 100, 6, NOW);
  scene.crowd.crowdBest(99, 6, 100, 9, NOW);
  scene.crowd.crowdSweep("ask", 90, undefined, NOW);
  deepStrictEqual(scene.said(), []);
  strictEqual(scene.book.last, ticks(90));
});

Deno.test("prints add up to what was recorded when all are asked for", () => {
  const scene = new Scene({ prints: "all" });
  scene.crowd.crowdBest(100, 6, 101, 9, NOW);
  scene.bid(scene.me, 100, 5);
  scene.said();
  scene.crowd.crowdTrade("ask", 100, 8, NOW);
  deepStrictEqual(scene.said(), [
    "fill 1 bid 2@100 maker",
    "print 1 ask 2@100",
    "print 2 ask 6@100",
  ]);
});

Deno.test("each changed level is told once, whoever changed it", () => {
  const scene = new Scene();
  scene.crowd.crowdBest(100, 6, 103, 9, NOW);
  scene.crowd.crowdBest(100, 7, 103, 9, NOW);
  scene.bid(scene.me, 101, 5);
  const drained = () => {
    const told: string[] = [];
    scene.book.drainTouched((side, price) => told.push(`${side} ${price}`));
    return told.sort();
  };
  deepStrictEqual(drained(), ["ask 103", "bid 100", "bid 101"]);
  deepStrictEqual(drained(), []);
  scene.crowd.crowdBest(100, 7, 103, 9, NOW);
  deepStrictEqual(drained(), []);
  strictEqual(scene.book.levelQuantity("bid", ticks(101)), lots(5));
  strictEqual(scene.book.levelQuantity("bid", ticks(50)), lots(0));
});

Deno.test("a trade goes on past reduce-only orders that its own fills end", () => {
  const scene = new Scene();
  scene.crowd.crowdBest(90, 50, 100, 10, NOW);
  scene.bid(scene.me, 100, 10);
  scene.ask(scene.me, 101, 10, { reduceOnly: true });
  scene.ask(scene.me, 105, 10, { reduceOnly: true });
  const last = scene.ask(scene.other, 110, 10);
  scene.crowd.crowdReset();
  scene.crowd.crowdTrade("bid", 111, 15, NOW);
  strictEqual(last.executed, lots(5));
});
