// Cancels are signed ahead a few at a time, renewed before their window ends, and used once.

import assert from "node:assert/strict";
import { OwnOrders } from "../../lib/backpack/own_orders.ts";
import { Sender } from "../../lib/backpack/sender.ts";
import { ticks } from "../../lib/core/units.ts";
import { bid, ID, isOurs, market } from "./orders.ts";
import { ManualWall, ScriptedExchange, turns } from "./scripted.ts";

function sender() {
  const wall = new ManualWall();
  const exchange = new ScriptedExchange(wall);
  const own = new OwnOrders({ isOurs, onStrange: () => {}, onGhost: () => {} });
  const signed: number[] = [];
  const { prepareCancel } = exchange.rest;
  const made = new Sender({
    market: () => market,
    rest: {
      ...exchange.rest,
      prepareCancel: (of, order) => {
        signed.push(order.id);
        return prepareCancel(of, order);
      },
    },
    own,
    redeemsLent: () => false,
    now: wall.now,
    nowMs: wall.nowMs,
    localMs: wall.localMs,
    tell: () => {},
    fail: (error) => assert.fail(String(error)),
  });
  return { sender: made, wall, exchange, own, signed };
}

const places = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    kind: "place" as const,
    ...bid,
    id: ID + i,
    price: ticks(9_000 + i),
    tag: undefined,
  }));

Deno.test("cancels are signed a few at each beat, and each but once until its window nears its end", async () => {
  const { sender: made, wall, signed } = sender();
  made.send(places(10));
  await turns();
  made.beat();
  assert.equal(signed.length, 8);
  made.beat();
  made.beat();
  assert.equal(signed.length, 10);
  await wall.advance(44_000);
  made.beat();
  assert.equal(signed.length, 10);
  await wall.advance(2_000);
  made.beat();
  assert.equal(signed.length, 18);
});

Deno.test("a signed cancel is used while its window lasts, otherwise one is signed on the spot", async () => {
  const { sender: made, wall, exchange } = sender();
  made.send(places(3));
  await turns();
  made.beat();
  made.cancel(ID);
  await turns();
  await wall.advance(59_000);
  made.cancel(ID + 1);
  await turns();
  assert.deepEqual(exchange.calls.filter((call) => /prepared|cancel/.test(call)), [
    `prepared ${ID}`,
    `cancel ${ID}`,
    `cancel ${ID + 1}`,
  ]);
});

Deno.test("a signature is not used a second time", async () => {
  const { sender: made, wall, exchange } = sender();
  made.send(places(1));
  await turns();
  made.beat();
  exchange.answers.set("cancel", () => ({ kind: "limited" }));
  made.cancel(ID);
  await turns();
  await wall.advance(500);
  made.beat();
  assert.deepEqual(exchange.calls.filter((call) => /prepared|cancel/.test(call)), [
    `prepared ${ID}`,
    `cancel ${ID}`,
    `cancel ${ID}`,
  ]);
  await turns();
});

Deno.test("takers are not signed ahead, nor is what has ended", async () => {
  const { sender: made, wall, signed } = sender();
  const [first, second] = places(2);
  assert.ok(first !== undefined && second !== undefined);
  made.send([{ ...first, role: "taker" }, second]);
  await turns();
  made.cancel(second.id);
  await turns();
  made.beat();
  await wall.advance(50_000);
  made.beat();
  assert.deepEqual(signed, []);
});

Deno.test("a cancel under way is not sent a second time", async () => {
  const { sender: made, exchange } = sender();
  made.send(places(1));
  await turns();
  made.cancel(ID);
  made.cancel(ID);
  await turns();
  assert.equal(exchange.count("cancel"), 1);
});

Deno.test("orders call lent funds back where they are lent", async () => {
  const { exchange, wall } = sender();
  const own = new OwnOrders({ isOurs, onStrange: () => {}, onGhost: () => {} });
  const made = new Sender({
    market: () => market,
    rest: exchange.rest,
    own,
    redeemsLent: () => true,
    now: wall.now,
    nowMs: wall.nowMs,
    localMs: wall.localMs,
    tell: () => {},
    fail: (error) => assert.fail(String(error)),
  });
  made.send(places(1));
  await turns();
  assert.equal(exchange.placed[0]?.redeemsLent, true);
});
