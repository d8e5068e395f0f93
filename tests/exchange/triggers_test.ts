// Tests lib/exchange/triggers.ts and the waiting part of entry.ts: which price sets an order off,
// from which side, how large it is then, and that it happens between commands, never within one.

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { lots, ticks } from "../../lib/core/units.ts";
import type { Reference } from "../../lib/exchange/order.ts";
import { NOW, Scene, type Wish } from "./scene.ts";

function stop(price: number, by: Reference, wish: Wish = {}): Wish {
  return { side: "ask", ...wish, trigger: { price: ticks(price), by, quantity: lots(3) } };
}

interface Case {
  readonly name: string;
  readonly steps: (scene: Scene) => void;
  readonly said: readonly string[];
}

const sold = ["accepted 1", "fill 1 ask 3@95 taker", "print 1 ask 3@95"];

const cases: readonly Case[] = [
  {
    name: "a trigger below the reference waits for it to fall",
    steps: (s) => {
      s.mark(100);
      s.place(s.me, stop(90, "MarkPrice"));
      s.mark(150);
      s.mark(91);
      s.mark(90);
      s.mark(80);
    },
    said: ["triggerPlaced 1", "triggered 1", ...sold],
  },
  {
    name: "a trigger above the reference waits for it to rise",
    steps: (s) => {
      s.mark(100);
      s.place(s.me, stop(110, "MarkPrice"));
      s.mark(50);
      s.mark(109);
      s.mark(111);
    },
    said: ["triggerPlaced 1", "triggered 1", ...sold],
  },
  {
    name: "a trigger at the reference is triggered at once",
    steps: (s) => {
      s.mark(100);
      s.place(s.me, stop(100, "MarkPrice"));
    },
    said: ["triggerPlaced 1", "triggered 1", ...sold],
  },
  {
    name: "the index price has its own",
    steps: (s) => {
      s.mark(100, 100);
      s.place(s.me, stop(90, "IndexPrice"));
      s.mark(80);
      s.mark(100, 90);
    },
    said: ["triggerPlaced 1", "triggered 1", ...sold],
  },
  {
    name: "a recorded trade is a last price",
    steps: (s) => {
      s.crowd.crowdTrade("bid", 100, 1, NOW);
      s.place(s.me, stop(98, "LastPrice"));
      s.crowd.crowdTrade("bid", 99, 1, NOW);
      s.crowd.crowdTrade("bid", 98, 1, NOW);
    },
    said: ["triggerPlaced 1", "triggered 1", ...sold],
  },
  {
    name: "so is a swept candle",
    steps: (s) => {
      s.crowd.crowdTrade("bid", 100, 1, NOW);
      s.place(s.me, stop(98, "LastPrice"));
      s.crowd.crowdSweep("ask", 97, undefined, NOW);
    },
    said: ["triggerPlaced 1", "triggered 1", ...sold],
  },
  {
    name: "a cancelled trigger does nothing",
    steps: (s) => {
      s.mark(100);
      s.place(s.me, stop(90, "MarkPrice"));
      s.exchange.cancel(s.me, 1, NOW);
      s.mark(80);
    },
    said: ["triggerPlaced 1", "cancelled 1"],
  },
  {
    name: "a triggered limit order rests at its price",
    steps: (s) => {
      s.mark(100);
      s.place(s.me, stop(90, "MarkPrice", { price: 97 }));
      s.mark(90);
      deepStrictEqual(s.shown().asks, ["3@97"]);
    },
    said: ["triggerPlaced 1", "triggered 1", "accepted 1"],
  },
];

Deno.test("a trigger waits for its own price, from its own side", async (t) => {
  for (const { name, steps, said } of cases) {
    await t.step(name, () => {
      const scene = new Scene();
      scene.crowd.crowdLevel("bid", 95, 50, NOW);
      steps(scene);
      deepStrictEqual(scene.said(), said);
    });
  }
});

Deno.test("a percentage is of the position at the moment of the trigger, rounded down", () => {
  const scene = new Scene();
  scene.crowd.crowdBest(95, 50, 100, 50, NOW);
  scene.mark(100);
  scene.bid(scene.me, 100, 3);
  const order = scene.place(scene.me, {
    side: "ask",
    reduceOnly: true,
    trigger: { price: ticks(90), by: "MarkPrice", percentOfPosition: 50 },
  });
  scene.bid(scene.me, 100, 4);
  scene.mark(90);
  strictEqual(order.executed, lots(3)); // half of 7
  strictEqual(order.status, "Filled");
});

Deno.test("a waiting order keeps no funds and fails by name when they are gone", () => {
  const scene = new Scene();
  scene.mark(100);
  const order = scene.place(scene.me, {
    ...stop(90, "MarkPrice", { price: 90 }),
    side: "bid",
    trigger: { price: ticks(90), by: "MarkPrice", quantity: lots(4_000_000_000) },
  });
  scene.said();
  scene.mark(90);
  deepStrictEqual(scene.said(), ["triggered 1", "triggerFailed 1 InsufficientMargin"]);
  strictEqual(order.status, "TriggerFailed");
  deepStrictEqual(scene.exchange.openOrders(scene.me), []);
});

Deno.test("one stop sets off the next, after the first is done, oldest first", () => {
  const scene = new Scene();
  scene.crowd.crowdLevel("bid", 95, 5, NOW);
  scene.crowd.crowdLevel("bid", 94, 5, NOW);
  scene.crowd.crowdLevel("bid", 93, 50, NOW);
  scene.crowd.crowdTrade("bid", 100, 1, NOW);
  scene.place(scene.me, stop(95, "LastPrice"));
  scene.place(scene.me, stop(95, "LastPrice"));
  scene.place(scene.me, stop(94, "LastPrice"));
  scene.said();
  scene.place(scene.other, { side: "ask", quantity: 1 });
  deepStrictEqual(scene.said(), [
    "accepted 4",
    "fill 4 ask 1@95 taker",
    "print 1 ask 1@95",
    "triggered 1",
    "accepted 1",
    "fill 1 ask 3@95 taker",
    "print 2 ask 3@95",
    "triggered 2",
    "accepted 2",
    "fill 2 ask 1@95 taker",
    "print 3 ask 1@95",
    "fill 2 ask 2@94 taker",
    "print 4 ask 2@94",
    "triggered 3",
    "accepted 3",
    "fill 3 ask 3@94 taker",
    "print 5 ask 3@94",
  ]);
});

Deno.test("a stop ends with its position, even if its price is reached in the same moment", () => {
  const scene = new Scene();
  scene.crowd.crowdBest(95, 50, 100, 50, NOW);
  scene.mark(100);
  scene.bid(scene.me, 100, 5);
  for (let i = 0; i < 2; i++) {
    scene.place(scene.me, {
      side: "ask",
      trigger: { price: ticks(90), by: "MarkPrice", percentOfPosition: 100 },
    });
  }
  scene.said();
  scene.mark(90);
  deepStrictEqual(scene.said(), [
    "triggered 2",
    "accepted 2",
    "fill 2 ask 5@95 taker",
    "print 2 ask 5@95",
    "expired 3 StopWithoutPosition",
  ]);
});

Deno.test("a waiting reduce-only order is cut when it is triggered, not before", () => {
  const scene = new Scene();
  scene.crowd.crowdBest(95, 50, 100, 50, NOW);
  scene.mark(100);
  scene.bid(scene.me, 100, 3);
  scene.place(scene.me, stop(90, "MarkPrice", { reduceOnly: true }));
  scene.said();
  scene.ask(scene.me, 95, 1);
  deepStrictEqual(scene.said(), ["accepted 3", "fill 3 ask 1@95 taker", "print 2 ask 1@95"]);
  scene.mark(90);
  deepStrictEqual(scene.said().slice(0, 4), [
    "triggered 2",
    "accepted 2",
    "modified 2 to 2",
    "fill 2 ask 2@95 taker",
  ]);
});
