// The guard's desk against a scripted exchange: written down before it leaves, never sent blindly
// again, at most two at once, and gone when the position is.

import assert from "node:assert/strict";
import { firstStop, GuardScene, stopRow } from "./guard_scene.ts";
import { ID } from "./orders.ts";
import { lostReply } from "./scripted.ts";

const refusal = { code: "ORDER_LIMIT", message: "Too many trigger orders" };

Deno.test("the first stop of a position leaves at once, and is written down before", async () => {
  const scene = new GuardScene();
  scene.answer = (value) => {
    assert.equal(scene.noted.length, 1, "before it is sent");
    return { kind: "ok", value };
  };
  await scene.watch(0);
  assert.deepEqual(scene.waiting, ["ask 10 at 9500"]);
  assert.deepEqual(scene.noted, [firstStop]);
  await scene.watch(3_000);
  assert.equal(scene.sent.length, 1, "and once");
  assert.equal(scene.desk.resting?.id, ID);
});

Deno.test("what cannot be written down does not leave", () => {
  const scene = new GuardScene();
  scene.noted.push = () => {
    throw new Error("the disk is full");
  };
  assert.throws(() => scene.desk.watch(scene.held, scene.limits), /the disk is full/);
  assert.deepEqual(scene.sent, []);
});

Deno.test("fills resize it, the new one before the old one goes, once a second at most", async () => {
  const scene = new GuardScene();
  await scene.watch(0);
  for (const position of [11, 12, 13, 14, 15]) await scene.watch(100, { position });
  assert.deepEqual(scene.waiting, ["ask 10 at 9500"]);
  let bare = 0;
  for (let i = 0; i < 30; i++) {
    await scene.watch(100, { position: 15 });
    if (scene.waiting.length === 0) bare++;
    assert(scene.waiting.length <= 2);
  }
  assert.deepEqual([scene.waiting, bare], [["ask 15 at 9500"], 0]);
  assert.equal(scene.sent.length, 2);
});

Deno.test("flat, the stop goes; a position that comes back within the second takes it over", async () => {
  const scene = new GuardScene();
  await scene.watch(0);
  await scene.watch(500, { position: 0 });
  await scene.watch(3_000, { position: 10 });
  assert.equal(scene.sent.length, 1);
  await scene.watch(2_000, { position: 0 });
  assert.deepEqual(scene.waiting, []);
  assert.equal(scene.desk.resting, undefined);
  const requests = scene.exchange.calls.length;
  await scene.watch(30_000, { position: 0 });
  assert.equal(scene.exchange.calls.length, requests, "nothing to ask for");
});

Deno.test("it follows the mark, and a turned position", async () => {
  const scene = new GuardScene();
  scene.limits = { trailPct: 2 };
  for (const mark of [10_000, 10_500, 10_450, 10_400]) await scene.watch(3_000, { mark });
  assert.deepEqual(scene.waiting, ["ask 10 at 10290"]);
  await scene.watch(3_000, { position: -4, mark: 10_400 });
  assert.deepEqual(scene.waiting, ["bid 4 at 10608"]);
});

Deno.test("of unknown outcome it is never sent again, but found", async () => {
  const scene = new GuardScene();
  scene.answer = (order) => {
    scene.exchange.open.push(order);
    return lostReply;
  };
  await scene.watch(0);
  await scene.watch(20_000);
  assert.equal(scene.sent.length, 1);
  assert.equal(scene.desk.resting?.id, ID);
  assert.match(scene.notices.join(), /Nobody knows whether the guard's stop rests/);
});

Deno.test("one that never arrived is placed again once that is proven, and not before", async () => {
  const scene = new GuardScene();
  scene.answer = () => lostReply;
  await scene.watch(0);
  scene.answer = undefined;
  await scene.watch(3_900);
  assert.equal(scene.sent.length, 1, "it may arrive for 2.1 s, and two looks are 2 s apart");
  await scene.watch(6_000);
  assert.deepEqual(scene.waiting, ["ask 10 at 9500"]);
  assert.equal(scene.sent.length, 2);
});

Deno.test("one that comes though it was given up is cancelled", async () => {
  const scene = new GuardScene();
  scene.answer = () => lostReply;
  await scene.watch(0);
  scene.answer = undefined;
  await scene.watch(10_000);
  scene.exchange.open.push(stopRow(firstStop));
  await scene.watch(11_000);
  assert.deepEqual(scene.waiting, ["ask 10 at 9500"]);
  assert.equal(scene.desk.resting?.id, ID + 1);
});

Deno.test("what is refused is tried again after a while, and said once", async () => {
  const scene = new GuardScene();
  scene.answer = () => ({ kind: "refused", status: 400, refusal });
  await scene.watch(10_000);
  assert(scene.sent.length >= 5 && scene.sent.length <= 6, `${scene.sent.length} tries`);
  assert.deepEqual(scene.notices, [
    "error: Cannot place the guard's stop, trying again: Too many trigger orders",
  ]);
  scene.answer = undefined;
  await scene.watch(3_000);
  assert.deepEqual(scene.waiting, ["ask 10 at 9500"]);
});

Deno.test("one that has gone off is followed by none while its fills are on their way", async () => {
  const scene = new GuardScene();
  await scene.watch(0);
  scene.end(ID, "filled");
  scene.desk.filled(ID);
  await scene.watch(1_500, { mark: 9_400 });
  assert.equal(scene.sent.length, 1);
  await scene.watch(20_000, { position: 0 });
  assert.equal(scene.sent.length, 1);
  assert.equal(scene.desk.has(ID), false);
  assert.deepEqual(scene.errors, []);
});

Deno.test("one that somebody cancelled is found out, and placed again", async () => {
  const scene = new GuardScene();
  await scene.watch(0);
  scene.end(ID, "cancelled");
  await scene.watch(15_000);
  assert.deepEqual(scene.waiting, ["ask 10 at 9500"]);
  assert.equal(scene.sent.length, 2);
  assert.match(scene.notices.join(), /has ended at the exchange: cancelled/);
});

Deno.test("a cancel that is lost is sent again until the list is without the stop", async () => {
  const scene = new GuardScene();
  await scene.watch(1_000);
  scene.exchange.answers.set("cancel", () => lostReply);
  await scene.watch(5_000, { position: 0 });
  assert.equal(scene.waiting.length, 1);
  assert(scene.exchange.count("cancel") >= 2);
  scene.exchange.answers.clear();
  await scene.watch(5_000);
  assert.deepEqual([scene.waiting, scene.desk.has(ID)], [[], false]);
});

Deno.test("one of an earlier process is taken over, with how far its trail had come", async () => {
  const scene = new GuardScene();
  scene.limits = { trailPct: 5 };
  scene.exchange.open.push(stopRow(firstStop));
  scene.desk.adopt(firstStop, "resting");
  await scene.watch(20_000, { mark: 9_700 });
  assert.deepEqual([scene.waiting, scene.sent], [["ask 10 at 9500"], []]);
});

Deno.test("at the end it goes with proof, or stays alone and is named", async () => {
  for (const [then, left] of [["remove", []], ["keep", ["ask 12 at 9500"]]] as const) {
    const scene = new GuardScene();
    await scene.watch(1_000);
    // The new one rests, and the old one is still there.
    await scene.watch(0, { position: 12 });
    assert.equal(scene.waiting.length, 2);
    let lost = 2;
    scene.exchange.answers.set("openOrders", () => lost-- > 0 ? lostReply : undefined);
    const end = scene.desk.end(then);
    await scene.wall.advance(10_000);
    assert.equal(await end, 0);
    assert.deepEqual(scene.waiting, left, then);
    assert.equal(scene.desk.resting?.quantity, then === "keep" ? 12 : undefined);
  }
});

Deno.test("an exchange that never answers, or never cancels, leaves no proof", async () => {
  for (const [request, expected] of [["openOrders", undefined], ["cancel", 1]] as const) {
    const scene = new GuardScene();
    await scene.watch(0);
    scene.exchange.answers.set(request, () => lostReply);
    const end = scene.desk.end("remove");
    await scene.wall.advance(60_000);
    assert.equal(await end, expected);
  }
});
