import assert from "node:assert/strict";
import { Intent } from "../../lib/core/intent.ts";
import type { Plan } from "../../lib/core/strategy.ts";
import { ticks } from "../../lib/core/units.ts";
import { ask, bid } from "../support/core.ts";

const going = { isPaused: false };
const both: Plan = { orders: [bid(1, 1), ask(9, 1, { role: "taker" })] };

Deno.test("a plan's taker orders are taken up once, its makers each time", () => {
  const intent = new Intent();
  intent.adopt(both, going);
  assert.deepEqual(intent.takeUp().orders, both.orders);
  assert.deepEqual(intent.takeUp().orders, [bid(1, 1)]);
  intent.adopt(both, going);
  assert.equal(intent.takeUp().orders.length, 2);
});

Deno.test("a restart never sends the taker orders of an old plan", () => {
  const intent = new Intent();
  intent.adopt(both, going);
  intent.restore({ plan: both });
  assert.deepEqual(intent.takeUp().orders, [bid(1, 1)]);
});

Deno.test("the first word on finishing counts, and is told once", () => {
  const intent = new Intent();
  assert.equal(intent.adopt({ orders: [], finish: "stop" }, going), "stop");
  assert.equal(intent.adopt({ orders: [], finish: "flatten" }, going), undefined);
  assert.equal(intent.finish, "stop");
  const again = new Intent();
  again.restore({ plan: both, finish: "flatten" });
  assert.equal(again.adopt({ orders: [], finish: "stop" }, going), undefined);
  assert.equal(again.finish, "flatten");
});

Deno.test("a paused run may not close, but may stop", () => {
  const intent = new Intent();
  assert.equal(intent.adopt({ orders: [], finish: "flatten" }, { isPaused: true }), undefined);
  assert.equal(intent.finish, undefined);
  assert.equal(intent.adopt({ orders: [], finish: "stop" }, { isPaused: true }), "stop");
});

Deno.test("a plan's band is left beyond its ends", () => {
  const intent = new Intent();
  assert.equal(intent.hasLeftBand(5), false);
  intent.adopt({ orders: [], holds: { below: ticks(10), above: ticks(20) } }, going);
  for (const [mid, left] of [[10, false], [20, false], [9.5, true], [20.5, true]] as const) {
    assert.equal(intent.hasLeftBand(mid), left);
  }
});
