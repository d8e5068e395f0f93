import assert from "node:assert/strict";
import { Refusals } from "../../lib/core/refusals.ts";
import { ticks } from "../../lib/core/units.ts";
import { after, bid, ordersOf, place, textOf } from "../support/core.ts";

const PRICE = ticks(10_000);

Deno.test("a refused price rests for a second, on its own side only", () => {
  const refusals = new Refusals();
  assert.equal(refusals.isQuiet("bid", PRICE, after(0)), false);
  refusals.refused("bid", PRICE, "PostOnlyTaker", after(0));
  assert.equal(refusals.isQuiet("bid", PRICE, after(0)), true);
  assert.equal(refusals.isQuiet("bid", PRICE, after(999)), true);
  assert.equal(refusals.isQuiet("bid", PRICE, after(1000)), false);
  assert.equal(refusals.isQuiet("ask", PRICE, after(0)), false);
  assert.equal(refusals.isQuiet("bid", ticks(9_999), after(0)), false);
});

Deno.test("the third refusal in a row slows a price down", () => {
  const refusals = new Refusals();
  refusals.refused("ask", PRICE, "PostOnlyTaker", after(0));
  refusals.refused("ask", PRICE, "PostOnlyTaker", after(1000));
  assert.equal(refusals.isQuiet("ask", PRICE, after(2000)), false);
  refusals.refused("ask", PRICE, "PostOnlyTaker", after(2000));
  assert.equal(refusals.isQuiet("ask", PRICE, after(31_999)), true);
  assert.equal(refusals.isQuiet("ask", PRICE, after(32_000)), false);
});

Deno.test("an order taken at the price ends the row", () => {
  const refusals = new Refusals();
  refusals.refused("bid", PRICE, "PostOnlyTaker", after(0));
  refusals.refused("bid", PRICE, "PostOnlyTaker", after(1000));
  refusals.accepted("ask", PRICE);
  assert.equal(refusals.isQuiet("bid", PRICE, after(1500)), true);
  refusals.accepted("bid", PRICE);
  assert.equal(refusals.isQuiet("bid", PRICE, after(1500)), false);
  refusals.refused("bid", PRICE, "PostOnlyTaker", after(2000));
  assert.equal(refusals.isQuiet("bid", PRICE, after(3000)), false);
});

Deno.test("a price left alone for a minute starts from zero again", () => {
  const refusals = new Refusals();
  for (const ms of [0, 100_000, 200_000]) {
    refusals.refused("bid", PRICE, "PostOnlyTaker", after(ms));
  }
  assert.equal(refusals.isQuiet("bid", PRICE, after(200_999)), true);
  assert.equal(refusals.isQuiet("bid", PRICE, after(201_000)), false);
});

Deno.test("a price whose rest ended less than a minute ago is still in its row", () => {
  const refusals = new Refusals();
  for (const ms of [0, 60_000, 120_000]) {
    refusals.refused("bid", PRICE, "PostOnlyTaker", after(ms));
    refusals.anyQuiet(after(ms));
  }
  assert.equal(refusals.isQuiet("bid", PRICE, after(121_000)), true);
});

Deno.test("it is known whether any price waits", () => {
  const refusals = new Refusals();
  assert.equal(refusals.anyQuiet(after(0)), false);
  refusals.refused("bid", PRICE, "PostOnlyTaker", after(0));
  refusals.refused("ask", ticks(10_001), "PostOnlyTaker", after(500));
  assert.equal(refusals.anyQuiet(after(999)), true);
  assert.equal(refusals.anyQuiet(after(1499)), true);
  assert.equal(refusals.anyQuiet(after(1500)), false);
});

Deno.test("memory is bounded: old prices are forgotten by time and by number", () => {
  const refusals = new Refusals();
  refusals.refused("bid", PRICE, "PostOnlyTaker", after(0));
  assert.equal(refusals.anyQuiet(after(62_000)), false);
  assert.equal(refusals.size, 0);
  for (let i = 1; i <= 600; i++) refusals.refused("bid", ticks(i), "PostOnlyTaker", after(70_000));
  assert.equal(refusals.size, 512);
  assert.equal(refusals.isQuiet("bid", ticks(88), after(70_000)), false);
  assert.equal(refusals.isQuiet("bid", ticks(89), after(70_000)), true);
});

Deno.test("orders go around prices that refused lately", () => {
  const refusals = new Refusals();
  const around = (text: string, ms = 0) =>
    textOf(refusals.around(ordersOf(text), after(ms)).map((order, i) => place(i, order)));
  assert.equal(around("bid 5 @ 9990"), "bid 5 @ 9990");
  for (const price of [9_990, 9_980, 9_979, 1]) {
    refusals.refused("bid", ticks(price), "PostOnlyTaker", after(0));
  }
  refusals.refused("ask", ticks(10_010), "PostOnlyTaker", after(0));
  const cases: readonly (readonly [string, string])[] = [
    ["bid 5 @ 9991, ask 5 @ 9990", "bid 5 @ 9991, ask 5 @ 9990"],
    // A tick farther back, in kind.
    ["bid 5 @ 9990, bid 7 @ 9989", "bid 5 @ 9989, bid 7 @ 9989"],
    ["ask 6 @ 10010 reduce", "ask 6 @ 10011 reduce"],
    // The tick behind refused too, or there is none.
    ["bid 5 @ 9980, bid 5 @ 1", ""],
    ["bid 7 @ 9990 taker, bid 7 @ 9991 taker", "bid 7 @ 9991 taker"],
  ];
  for (const [wanted, sent] of cases) assert.equal(around(wanted), sent);
  assert.equal(around("bid 5 @ 9990, bid 5 @ 1", 1000), "bid 5 @ 9990, bid 5 @ 1");
});

Deno.test("only what would have taken is tried a tick back; other refusals leave the price alone", () => {
  const refusals = new Refusals();
  refusals.refused("bid", PRICE, "InsufficientMargin", after(0));
  assert.deepEqual(refusals.around([bid(PRICE, 5)], after(500)), []);
  assert.deepEqual(refusals.around([bid(PRICE, 5)], after(1000)), [bid(PRICE, 5)]);
});
