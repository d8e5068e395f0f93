// Every stream in the shape that was recorded: the same members, the same JSON types, readable by
// our own client, and heard by exactly those who asked.

import { deepEqual, equal, ok } from "node:assert/strict";
import { parseFrame } from "../../lib/backpack/wire.ts";
import { WireFault } from "../../lib/backpack/wire_fault.ts";
import { lots, micros, MILLISECOND, SECOND, ticks } from "../../lib/core/units.ts";
import { parseFaults } from "../../lib/local/faults.ts";
import type { OrderChange, OrderRecord } from "../../lib/local/published.ts";
import { markets, sharedText } from "../backpack/examples.ts";
import {
  bought,
  type Data,
  depth,
  fill,
  order,
  perp,
  position,
  request,
  resting,
  rows,
  start,
  touch,
} from "./stream_events.ts";
import { aScene, type Frame } from "./stream_scene.ts";

Deno.test("each stream says what happened, in the shape that was recorded", () => {
  for (const { stream, event, example, data } of rows) {
    const scene = aScene();
    const client = scene.client(stream);
    scene.publish(event);
    const [frame, ...more] = client.frames();
    ok(frame !== undefined && more.length === 0, `${stream}: one frame`);
    equal(frame.stream, stream);
    for (const [name, value] of Object.entries(data)) {
      deepEqual(frame.data[name], value, `${stream} ${name}`);
    }
    compareShape(frame, example);
  }
});

Deno.test("our own client reads every frame", () => {
  const scene = aScene();
  const client = scene.client(...rows.map(({ stream }) => stream));
  for (const { event } of rows) scene.publish(event);
  // The stream of all orders hears of the ETH order too.
  equal(client.sent.length, rows.length + 1);
  for (const text of client.sent) {
    const read = parseFrame(text, markets);
    ok(read !== undefined && !(read instanceof WireFault), `${text}: ${read}`);
  }
});

Deno.test("the frame leaves after the engine did it", () => {
  const scene = aScene();
  const client = scene.client("trade.SOL_USDC", "bookTicker.SOL_USDC");
  scene.moment.time = micros(start + 150);
  scene.publish(touch);
  deepEqual(client.frames().map(({ data }) => [data["T"], data["E"]]), [[start, start + 150]]);
});

Deno.test("an empty side is null, and the documented spellings can be had", () => {
  const scene = aScene({ updateIds: "string", positions: "numbers" });
  const client = scene.client("bookTicker.SOL_USDC", "account.positionUpdate");
  scene.publish({ ...touch, ask: undefined });
  scene.publish({ kind: "position", account: 1, time: start, change: "adjusted", position });
  const [quote, held] = client.frames().slice(-2).map(({ data }) => data);
  deepEqual([quote?.["a"], quote?.["A"], quote?.["u"]], [null, null, "4330360995"]);
  deepEqual([held?.["q"], held?.["i"], held?.["p"]], [-0.001, "5411399049", "-0.00012345"]);
  equal(held?.["e"], "positionAdjusted");
  for (const text of client.sent) ok(!(parseFrame(text, markets) instanceof WireFault), text);
});

Deno.test("private streams are heard by their own account alone", () => {
  const scene = aScene();
  const names = ["account.orderUpdate", "account.orderUpdate.USDT_USDC", "account.balanceUpdate"];
  const [mine, other] = [scene.client(...names), scene.clientOf(2, ...names)];
  scene.publish(order(resting, { kind: "cancelled" }));
  deepEqual(mine.frames().map(({ stream }) => stream), names.slice(0, 2));
  deepEqual(other.frames(), []);
});

Deno.test("a stream of one market says nothing of another", () => {
  const scene = aScene();
  const client = scene.client("account.orderUpdate.SOL_USDC", "trade.SOL_USDC", "depth.SOL_USDC");
  for (const { event } of rows.filter(({ stream }) => !stream.includes("SOL"))) {
    scene.publish(event);
  }
  deepEqual(client.frames(), []);
});

Deno.test("every change of an order has its event", () => {
  const expired = { ...resting, status: "Expired", expiryReason: "PostOnlyTaker" } as const;
  const changes: readonly (readonly [OrderRecord, OrderChange, Data])[] = [
    [resting, { kind: "accepted" }, { e: "orderAccepted", X: "New" }],
    [
      { ...resting, status: "Cancelled" },
      { kind: "cancelled" },
      { e: "orderCancelled", X: "Cancelled" },
    ],
    [
      expired,
      { kind: "expired", reason: "PostOnlyTaker" },
      { e: "orderExpired", R: "PostOnlyTaker" },
    ],
    [{ ...resting, quantity: lots(50) }, { kind: "modified" }, { e: "orderModified", q: "5.0" }],
    [
      {
        ...resting,
        status: "TriggerPending",
        request: {
          ...request,
          trigger: { price: ticks(9_000), by: "MarkPrice", percentOfPosition: 50 },
        },
      },
      { kind: "triggerPlaced" },
      { e: "triggerPlaced", X: "TriggerPending", P: "0.9000", B: "MarkPrice", Y: "50%" },
    ],
    [{ ...resting, status: "TriggerFailed" }, { kind: "triggerFailed" }, { e: "triggerFailed" }],
    [
      { ...bought, systemOrderType: "LiquidatePositionOnBook" },
      { kind: "fill", ...fill },
      { O: "LIQUIDATION_AUTOCLOSE" },
    ],
    [
      { ...bought, systemOrderType: "LiquidatePositionOnAdl" },
      { kind: "fill", ...fill },
      { O: "ADL_AUTOCLOSE" },
    ],
    [
      { ...resting, request: { ...request, clientId: 7 } },
      { kind: "accepted" },
      { c: 7, O: "USER", V: "RejectTaker", y: true, r: false },
    ],
  ];
  const scene = aScene();
  const client = scene.client("account.orderUpdate");
  for (const [record, change, data] of changes) {
    scene.publish(order(record, change));
    const { data: last = {} } = client.frames().at(-1) ?? {};
    for (const [name, value] of Object.entries(data)) equal(last[name], value, `${data["e"]}`);
    ok(!(parseFrame(client.sent.at(-1) ?? "", markets) instanceof WireFault), client.sent.at(-1));
  }
});

Deno.test("open positions come first, without an event, and only to who subscribes", () => {
  const scene = aScene();
  const early = scene.clientOf(2, "account.positionUpdate");
  scene.held.push(position);
  const client = scene.client("account.positionUpdate", "account.positionUpdate.SOL_USDC_PERP");
  const [first, ...more] = client.frames();
  deepEqual([first?.data["q"], "e" in (first?.data ?? {}), more.length], ["-0.0010", false, 0]);
  client.hear("account.positionUpdate");
  deepEqual([client.sent.length, early.sent.length], [1, 0]);
});

Deno.test("a liquidation is told under both of its names", () => {
  const scene = aScene();
  const client = scene.client("liquidation", "liquidation.SOL_USDC_PERP", "liquidation.SOL_USDC");
  const liquidated = { side: "ask", price: ticks(1_870), quantity: lots(1_000) } as const;
  scene.publish({ kind: "liquidation", market: perp, time: start, ...liquidated });
  const told = client.frames();
  deepEqual(told.map(({ stream }) => stream), ["liquidation", "liquidation.SOL_USDC_PERP"]);
  deepEqual([told[0]?.data["p"], told[0]?.data["q"], told[0]?.data["S"]], [
    "18.70",
    "10.00",
    "Ask",
  ]);
  compareShape({ stream: "", data: told[0]?.data ?? {} }, "ws.liquidation.spec.json");
});

Deno.test("open interest is told once a minute", () => {
  const scene = aScene();
  const client = scene.client("openInterest.SOL_USDC_PERP");
  for (const seconds of [1, 59, 61, 62, 119, 122]) {
    scene.moment.time = micros(start + seconds * SECOND);
    scene.streams.beat();
  }
  deepEqual(client.frames().map(({ data }) => data["o"]), ["1.50", "1.50"]);
  compareShape({ stream: "", data: client.frames()[0]?.data ?? {} }, "ws.openInterest.spec.json");
});

Deno.test("a slower depth stream gathers changes and keeps the last of each level", () => {
  const scene = aScene();
  const client = scene.client("depth.200ms.SOL_USDC");
  const at = (ms: number) => micros(start + ms * MILLISECOND);
  scene.publish(depth(1, { time: at(10), bids: [{ price: ticks(9_890), quantity: lots(5) }] }));
  scene.publish(depth(2, { time: at(150), asks: [{ price: ticks(9_897), quantity: lots(0) }] }));
  scene.moment.time = at(199);
  scene.streams.beat();
  deepEqual(client.frames(), []);
  scene.moment.time = at(200);
  scene.streams.beat();
  // A change beyond the window ends it without a beat.
  scene.publish(depth(3, { time: at(390) }));
  scene.publish(depth(4, { time: at(410) }));
  const told = client.frames().map(({ data: { U, u, T, a, b } }) => ({ U, u, T, a, b }));
  deepEqual(told, [
    { U: 1, u: 2, T: at(150), a: [["98.97", "0.00"]], b: [["98.90", "0.05"]] },
    { U: 3, u: 3, T: at(390), a: [["98.97", "22.39"]], b: [] },
  ]);
  compareShape(client.frames()[0], "ws.depth.200ms.ETH_USDC_PERP.json");
});

Deno.test("a stream that was given up says nothing more, and what it gathered is forgotten", () => {
  const scene = aScene();
  const client = scene.client("depth.1000ms.SOL_USDC", "depth.SOL_USDC");
  scene.publish(depth(1));
  client.session.hear('{"method":"UNSUBSCRIBE","params":["depth.1000ms.SOL_USDC"]}');
  scene.moment.time = micros(start + 5 * SECOND);
  client.hear("depth.1000ms.SOL_USDC");
  scene.streams.beat();
  deepEqual(client.frames().map(({ stream }) => stream), ["depth.SOL_USDC"]);
});

Deno.test("faults meet frames and sockets", () => {
  const scene = aScene();
  const clients = [scene.client("trade.SOL_USDC"), scene.client("depth.SOL_USDC")];
  scene.faults.rates = parseFaults("drop=1");
  scene.publish(depth(1));
  equal(scene.faults.counts.drop, 1);
  scene.faults.rates = parseFaults("kill=1");
  scene.streams.second();
  deepEqual(clients.map(({ closed }) => closed), [[1001], [1001]]);
});

Deno.test("an exchange that shuts says so on every socket", async () => {
  const scene = aScene();
  const client = scene.client("trade.SOL_USDC");
  await scene.streams.close();
  deepEqual([client.closed, scene.listeners.size], [[1001], 0]);
});

/** Same members, same JSON types as the recording; skipped, as its own test says, where it is absent. */
function compareShape(frame: Frame | undefined, example: string): void {
  const text = sharedText(`backpack/examples/${example}`);
  if (text === undefined || frame === undefined) return;
  const recorded = example.endsWith(".jsonl") ? text.split("\n")[0] ?? "" : text;
  const whole = JSON.parse(recorded);
  deepEqual(shapeOf(frame.data), shapeOf("data" in whole ? whole.data : whole), example);
}

function shapeOf(data: Data): readonly string[] {
  return Object.entries(data).map(([name, value]) =>
    `${name}: ${value === null ? "null" : Array.isArray(value) ? "list" : typeof value}`
  ).sort();
}

Deno.test({
  name: "shapes are compared with ../shared/backpack/examples (skipped: they are not there)",
  ignore: sharedText("backpack/examples/ws.trade.json") !== undefined,
  fn() {},
});
