// Tests lib/exchange/clearing.ts: reduce-only orders follow the position they may reduce, down to
// nothing, even in the middle of somebody else's sweep.

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { lots } from "../../lib/core/units.ts";
import { NOW, Scene } from "./scene.ts";

Deno.test("a reduce-only order is cut to the position and follows it down", () => {
  const scene = new Scene();
  scene.crowd.crowdBest(99, 50, 100, 50, NOW);
  scene.bid(scene.me, 100, 10); // long 10
  scene.said();
  scene.ask(scene.me, 105, 12, { reduceOnly: true });
  scene.ask(scene.me, 106, 8, { reduceOnly: true });
  deepStrictEqual(scene.said(), ["accepted 2", "modified 2 to 10", "accepted 3"]);
  scene.ask(scene.me, 99, 4, { timeInForce: "IOC" }); // long 6
  deepStrictEqual(scene.said().slice(3), ["modified 2 to 6", "modified 3 to 6"]);
  scene.crowd.crowdTrade("bid", 106, 2, NOW); // through 105: 2 of the first, long 4
  deepStrictEqual(scene.said(), [
    "fill 2 ask 2@105 maker",
    "print 3 bid 2@105",
    "modified 3 to 4",
  ]);
  deepStrictEqual(scene.shown().asks, ["40@100", "4@105", "4@106"]);
  scene.crowd.crowdTrade("bid", 107, 9, NOW);
  deepStrictEqual(scene.said(), [
    "fill 2 ask 4@105 maker",
    "print 4 bid 4@105",
    "expired 3 ReduceOnlyNotReduced",
  ]);
  strictEqual(scene.exchange.position(scene.me, scene.symbol), lots(0));
});

Deno.test("one taker through two reduce-only orders never turns the position", () => {
  const scene = new Scene();
  scene.crowd.crowdBest(90, 50, 100, 10, NOW);
  scene.bid(scene.me, 100, 10);
  scene.ask(scene.me, 101, 10, { reduceOnly: true });
  scene.ask(scene.me, 102, 10, { reduceOnly: true });
  scene.said();
  const order = scene.bid(scene.other, 102, 20);
  strictEqual(order.executed, lots(10));
  strictEqual(scene.exchange.position(scene.me, scene.symbol), lots(0));
  ok(scene.said().includes("expired 3 ReduceOnlyNotReduced"));
});
