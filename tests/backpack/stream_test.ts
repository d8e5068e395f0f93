// The stream against a real server on loopback that refuses, hangs, cuts, falls silent and talks
// nonsense. What must hold: it always comes back, subscribes again with a signature that verifies,
// says at once when it is down, and leaves nothing behind when it is closed.

import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { FIRST_WAIT_MS, SETTLED_MS, Stream, streamOf } from "../../lib/backpack/stream.ts";
import { markets } from "./examples.ts";
import { accepted, depth, type Message, touch, trade } from "./samples.ts";
import { ORDERS, pair, recordWaits, Scene, TOUCH, TRADE, verifies } from "./stream_scene.ts";

// Deno 2.9 looks for what a test leaves behind only when asked.
const watched = { sanitizeOps: true, sanitizeResources: true };

const frame = (stream: string, data: Message) => JSON.stringify({ data, stream });

Deno.test("a signed subscription verifies and is apart from the public one", watched, async () => {
  await using scene = new Scene({ privateStreams: [ORDERS, "account.balanceUpdate"] });
  scene.nowMs = 1_788_368_290_000.4;
  await scene.until(() => scene.requests.length === 2);
  const [open, signed] = scene.requests;
  deepEqual(open, { method: "SUBSCRIBE", params: [TOUCH, TRADE] });
  deepEqual(signed?.params, [ORDERS, "account.balanceUpdate"]);
  ok(await verifies(signed, 1_788_368_290_000));
});

Deno.test("what is not wanted, or needs a key, is not asked for", watched, async () => {
  for (const change of [{ signer: undefined }, { privateStreams: [] }]) {
    await using scene = new Scene(change);
    await scene.until(() => scene.requests.length === 1);
    scene.tell(frame(TRADE, trade));
    await scene.until(() => scene.events.length === 1);
    deepEqual(scene.requests, [{ method: "SUBSCRIBE", params: [TOUCH, TRADE] }]);
    equal(scene.stream.ageMs(ORDERS), Infinity);
  }
  await using scene = new Scene({ publicStreams: [] });
  await scene.until(() => scene.requests.length === 1);
  deepEqual(scene.requests[0]?.params, [ORDERS]);
});

Deno.test("frames are told in order, with their stream and receipt", watched, async () => {
  await using scene = new Scene();
  await scene.until(() => scene.stream.state === "open");
  scene.localMs = 1_000.0624;
  const frames = [
    frame(TOUCH, touch),
    frame(TRADE, trade),
    frame(ORDERS, accepted),
    frame("depth.200ms.SOL_USDC", depth),
    frame("rfq.SOL_USDC", {}),
    '{"id":null,"error":{"code":4006,"message":"Invalid stream"}}',
    frame(TRADE, trade),
  ];
  for (const text of frames) scene.tell(text);
  await scene.until(() => scene.events.length === 6);
  deepEqual(scene.events, [
    `touch of ${TOUCH} at 1000062`,
    `trade of ${TRADE} at 1000062`,
    `order of ${ORDERS} at 1000062`,
    "depth of depth.200ms.SOL_USDC at 1000062",
    "refusal of  at 1000062",
    `trade of ${TRADE} at 1000062`,
  ]);
  deepEqual(scene.frames, frames, "recordings hold every frame as it came");
  deepEqual(scene.faults, []);
  equal(scene.stream.ageMs("depth.200ms.SOL_USDC"), Infinity, "what was not asked for has no age");
});

Deno.test("every refusal is told, and the stream goes on", watched, async () => {
  await using scene = new Scene();
  await scene.until(() => scene.stream.state === "open");
  for (const code of [4002, 4003, 4006, 4008]) {
    scene.tell(JSON.stringify({ id: null, error: { code, message: "No" } }));
  }
  await scene.until(() => scene.events.length === 4);
  deepEqual([scene.stream.state, scene.stream.reconnects], ["open", 0]);
});

Deno.test("a frame nobody can read is a fault, and the stream goes on", watched, async () => {
  await using scene = new Scene();
  await scene.until(() => scene.stream.state === "open");
  const garbage = [
    ...["", "no JSON", "null", "[]", "{}", '{"stream":5,"data":{}}', '{"error":5}'],
    frame(TRADE, { ...trade, p: "98.965" }),
    frame(TRADE, { ...trade, s: "NO_MARKET" }),
  ];
  for (const text of garbage) scene.tell(text);
  scene.tell(new Uint8Array(3));
  scene.tell(frame(TRADE, trade));
  await scene.until(() => scene.events.length === 1);
  equal(scene.faults.length, garbage.length + 1);
  match(scene.faults.at(-1) ?? "", /as body must be text/);
  deepEqual(scene.states, ["connecting", "open"]);
});

Deno.test("after every cut it subscribes again with a fresh signature", watched, async () => {
  await using scene = new Scene();
  for (let round = 0; round < 4; round++) {
    await scene.until(() => scene.requests.length === 2 * (round + 1));
    equal(scene.stream.reconnects, round);
    const signed = scene.requests[2 * round + 1];
    ok(await verifies(signed, scene.nowMs), "signed at the time of this socket");
    scene.nowMs += 60_000;
    scene.sockets.at(-1)?.close(1001, "maintenance");
  }
  await scene.until(() => scene.requests.length === 10);
  deepEqual(scene.states.slice(0, 5), [
    ...["connecting", "open", "down: closed with code 1001 maintenance", "connecting", "open"],
  ]);
  equal(scene.sockets.length, 5, "one socket at a time");
});

Deno.test("an exchange that refuses or hangs at first is tried again", watched, async () => {
  await using scene = new Scene({ connectLimitMs: 100 }, ["refuse", "refuse", "hang", "open"]);
  await scene.until(() => scene.stream.state === "open");
  const downs = scene.states.filter((state) => state.startsWith("down"));
  equal(downs.length, 3);
  match(downs[0] ?? "", /503/);
  equal(downs[2], "down: not open after 100 ms");
  deepEqual([scene.stream.reconnects, scene.sockets.length], [0, 1]);
});

Deno.test("waits grow while sockets die young, and only then", watched, async () => {
  await using scene = new Scene({ connectLimitMs: 5_000, random: () => 0.001 });
  const waits = recordWaits(5_000);
  const livesMs = [0, SETTLED_MS, 0, SETTLED_MS + 1, 0];
  for (const [round, livedMs] of livesMs.entries()) {
    await scene.until(() => scene.requests.length === 2 * (round + 1));
    scene.localMs += livedMs;
    scene.sockets.at(-1)?.close();
  }
  await scene.until(() => scene.requests.length === 2 * (livesMs.length + 1));
  const first = FIRST_WAIT_MS / 1_000;
  deepEqual(waits.restore(), [first, 2 * first, 4 * first, first, 2 * first]);
});

Deno.test("waits go on growing while nobody answers, however long that is", watched, async () => {
  const behaviours = ["open", "refuse", "refuse", "refuse"] as const;
  await using scene = new Scene({ connectLimitMs: 5_000, random: () => 0.001 }, behaviours);
  const waits = recordWaits(5_000);
  await scene.until(() => scene.requests.length === 2);
  scene.localMs += SETTLED_MS + 1;
  scene.sockets[0]?.close();
  await scene.until(() => scene.requests.length === 4);
  const first = FIRST_WAIT_MS / 1_000;
  deepEqual(waits.restore(), [first, 2 * first, 4 * first, 8 * first]);
});

Deno.test("what cannot be read does not renew a stream's age", watched, async () => {
  await using scene = new Scene();
  equal(scene.stream.ageMs(TRADE), Infinity);
  await scene.until(() => scene.stream.state === "open");
  const ages = () => [TOUCH, TRADE, ORDERS].map((name) => scene.stream.ageMs(name));
  scene.localMs += 700;
  deepEqual(ages(), [700, 700, 700], "since it was subscribed");
  scene.tell(frame(TRADE, trade));
  await scene.until(() => scene.events.length === 1);
  scene.localMs += 50;
  deepEqual(ages(), [750, 50, 750]);
  scene.tell(frame(TRADE, { ...trade, p: "no price" }));
  await scene.until(() => scene.faults.length === 1);
  deepEqual(ages(), [750, 50, 750]);
  scene.sockets[0]?.close();
  await scene.until(() => scene.states.length === 3);
  await scene.until(() => scene.stream.state === "open");
  deepEqual(ages(), [0, 0, 0], "a new socket begins anew");
});

Deno.test("a restart cuts a silent socket at once and for good", watched, async () => {
  await using scene = new Scene();
  scene.stream.restart("not open yet");
  await scene.until(() => scene.requests.length === 2);
  scene.stream.restart("trades are silent for 20 s");
  equal(scene.states.at(-1), "down: trades are silent for 20 s");
  equal(scene.stream.ageMs(TRADE), Infinity);
  scene.stream.restart("down already");
  scene.tell(frame(TRADE, trade));
  await scene.until(() => scene.requests.length === 4);
  scene.tell(frame(TOUCH, touch));
  await scene.until(() => scene.events.length === 1);
  match(scene.events[0] ?? "", /^touch/);
  const expected = [
    "connecting",
    "open",
    "down: trades are silent for 20 s",
    "connecting",
    "open",
  ];
  deepEqual([scene.states, scene.stream.reconnects], [expected, 1]);
});

Deno.test("closed or aborted in any state, it leaves nothing behind", watched, async () => {
  for (const state of ["connecting", "open", "down"] as const) {
    for (const way of ["close", "abort"] as const) {
      const behaviour = state === "open" ? "open" : state === "down" ? "refuse" : "hang";
      // A wait of most of the bound: only closing can end it.
      await using scene = new Scene({ random: () => 0.999 }, [behaviour]);
      await scene.until(() => scene.states.at(-1)?.startsWith(state) === true);
      const before = scene.states.length;
      if (way === "close") scene.stream.close();
      else scene.abort.abort();
      scene.stream.restart("closed");
      scene.tell(frame(TRADE, trade));
      await scene.end();
      equal(scene.stream.state, "down");
      deepEqual([scene.states.length, scene.events], [before, []], `${way} while ${state}`);
    }
  }
});

Deno.test("what is called back may close the stream", watched, async () => {
  await using atEvent = new Scene({ onEvent: () => atEvent.stream.close() });
  await atEvent.until(() => atEvent.requests.length === 2);
  for (let i = 0; i < 3; i++) atEvent.tell(frame(TRADE, trade));
  await atEvent.until(() => atEvent.events.length > 0);
  await atEvent.end();
  equal(atEvent.events.length, 1);

  await using atLoss = new Scene({ onState: (state) => state === "down" && atLoss.stream.close() });
  await atLoss.until(() => atLoss.sockets.length === 1);
  atLoss.sockets[0]?.close();
  await atLoss.until(() => atLoss.states.length > 2);
  await atLoss.end();
  deepEqual([atLoss.sockets.length, atLoss.states.length], [1, 3]);
});

Deno.test("a stream starts once, and not at all after its end", watched, async () => {
  await using scene = new Scene();
  throws(() => scene.stream.start(), /starts once/);
  await using aborted = new Scene({ signal: AbortSignal.abort() });
  const closed = new Stream({ ...idle, url: "ws://127.0.0.1:1" });
  closed.close();
  closed.start();
  deepEqual([aborted.stream.state, aborted.states, closed.state], ["down", [], "down"]);
});

Deno.test("an address off this machine must be encrypted, and its refusal shows no secret", () => {
  const rows: readonly (readonly [string, boolean])[] = [
    ["wss://ws.backpack.exchange", true],
    ["ws://127.0.0.1:1", true],
    ["ws://localhost:1", true],
    ["ws://[::1]:1", true],
    ["ws://ws.backpack.exchange", false],
    ["ws://127.0.0.1.example:1", false],
    ["http://127.0.0.1:1", false],
    ["ws://me:canary@example.com/canary", false],
    ["canary", false],
  ];
  for (const [url, good] of rows) {
    const make = () => new Stream({ ...idle, url });
    if (good) equal(make().state, "down");
    else {
      throws(make, (error) =>
        error instanceof RangeError && /--ws-url/.test(error.message) &&
        !error.message.includes("canary"), url);
    }
  }
});

Deno.test("nothing that is told holds a key or a signature", watched, async () => {
  await using scene = new Scene();
  await scene.until(() => scene.requests.length === 2);
  scene.tell(JSON.stringify({ id: null, error: { code: 4003, message: "Invalid signature" } }));
  scene.tell("garbage");
  await scene.until(() => scene.faults.length === 1);
  scene.sockets[0]?.close(1008, "no");
  await scene.until(() => scene.stream.reconnects === 1);
  const all = [...scene.states, ...scene.events, ...scene.faults].join("\n");
  const [, signature = ""] = scene.requests[1]?.signature ?? [];
  for (const secret of [pair.secret, pair.publicKey, signature]) equal(all.includes(secret), false);
});

Deno.test("the name of a frame's stream is found wherever it stands", () => {
  const rows: readonly (readonly [string, string])[] = [
    [frame(TRADE, trade), TRADE],
    [JSON.stringify({ stream: TRADE, data: trade }), TRADE],
    [`{ "data": {}, "stream": "${TRADE}" }\n`, TRADE],
    [`{"data":{},"stream": "${TRADE}"}`, TRADE],
    [JSON.stringify({ stream: TRADE, data: { stream: "other" } }), TRADE],
    [JSON.stringify({ stream: TRADE, data: {}, note: "other" }), TRADE],
    [JSON.stringify({ stream: TRADE, note: '"stream":"other' }), TRADE],
  ];
  for (const [text, name] of rows) equal(streamOf(text), name, text);
});

/** A stream that is never started needs nobody to tell. */
const idle = {
  publicStreams: [TRADE],
  privateStreams: [],
  signal: new AbortController().signal,
  markets: () => markets,
  nowMs: () => 0,
  localMs: () => 0,
  random: () => 0,
  onEvent() {},
  onFault() {},
  onState() {},
};
