// What one socket may ask for, what it is answered, and what becomes of a client that fails or is
// made to fail.

import { deepEqual, equal, ok } from "node:assert/strict";
import { parseFrame } from "../../lib/backpack/wire.ts";
import { type Clock, Faults, parseFaults } from "../../lib/local/faults.ts";
import { MOST_BUFFERED, Session, type Wire } from "../../lib/local/socket.ts";
import { judgeName } from "../../lib/local/stream_names.ts";
import { sharedText } from "../backpack/examples.ts";

const subscribe = (params: unknown, more: object = {}) =>
  JSON.stringify({ method: "SUBSCRIBE", params, ...more });
const signature = ["key", "signature", "1", "5000"];

Deno.test("a valid request is not acknowledged, and its streams are told", () => {
  const { session, sent, joined } = aSocket();
  session.hear(subscribe(["trade.SOL_USDC", "depth.NO_MARKET"], { id: 7 }));
  session.hear(subscribe(["trade.SOL_USDC"]));
  deepEqual([sent, joined], [[], ["+trade.SOL_USDC"]]);
  session.tell("trade.SOL_USDC", "a trade");
  deepEqual(sent, ["a trade"]);
});

Deno.test("a wrong request is answered with Backpack's code, and nothing of it is taken", () => {
  const good = "trade.SOL_USDC";
  const rows: readonly (readonly [string, number, string, string])[] = [
    ["not JSON", 4002, "Parse error", "parse"],
    ["null", 4002, "Parse error", "parse"],
    ['{"method":"PING"}', 4002, "Parse error", "parse"],
    [subscribe("trade.SOL_USDC"), 4002, "Parse error", "parse"],
    [subscribe([good, 5]), 4002, "Parse error", "parse"],
    [subscribe([good], { padding: "x".repeat(100_000) }), 4002, "Parse error", "parse"],
    [subscribe([good, "account.orderUpdate"]), 4003, "Invalid signature", "invalid-signature"],
    [
      subscribe(["account.balanceUpdate"], { signature: ["other", "", "1", "5000"] }),
      4003,
      "Invalid signature",
      "invalid-signature",
    ],
    [subscribe([good, "trades.SOL_USDC"]), 4006, "Invalid stream", "invalid-stream"],
    [subscribe([good, "depth.50ms.SOL_USDC"]), 4008, "Invalid depth window", "none"],
  ];
  for (const [request, code, message, example] of rows) {
    const { session, sent, joined, closed } = aSocket();
    session.hear(request);
    deepEqual(sent.map((text) => JSON.parse(text)), [{ id: null, error: { code, message } }]);
    deepEqual([joined, closed], [[], []], "nothing is taken, and the socket stays open");
    deepEqual(parseFrame(sent[0] ?? "", new Map()), { kind: "refusal", code, message });
    const recorded = sharedText(`backpack/examples/ws.error.${example}.json`);
    if (recorded !== undefined) deepEqual(JSON.parse(sent[0] ?? ""), JSON.parse(recorded));
  }
});

Deno.test("a private stream is its signer's, and is given up without a signature", () => {
  const { session, joined } = aSocket();
  session.hear(subscribe(["account.orderUpdate", "ticker.SOL_USDC"], { signature }));
  deepEqual([session.accountIn("account.orderUpdate"), session.accountIn("ticker.SOL_USDC")], [
    1,
    undefined,
  ]);
  session.hear(JSON.stringify({ method: "UNSUBSCRIBE", params: ["account.orderUpdate", "none"] }));
  equal(session.accountIn("account.orderUpdate"), undefined);
  deepEqual(joined, ["+account.orderUpdate", "+ticker.SOL_USDC", "-account.orderUpdate"]);
});

Deno.test("a socket that is gone leaves its streams and is told nothing", () => {
  const { session, sent, joined } = aSocket();
  session.hear(subscribe(["trade.SOL_USDC", "ticker.SOL_USDC"]));
  session.end();
  session.tell("trade.SOL_USDC", "a trade");
  deepEqual(joined.slice(2), ["-trade.SOL_USDC", "-ticker.SOL_USDC"]);
  deepEqual(sent, []);
});

Deno.test("a client that reads too slowly is cut off, and memory stops growing", () => {
  const { session, wire, sent, closed } = aSocket();
  session.hear(subscribe(["trade.SOL_USDC"]));
  wire.bufferedAmount = MOST_BUFFERED + 1;
  for (let i = 0; i < 3; i++) session.tell("trade.SOL_USDC", "a trade");
  deepEqual([sent.length, closed], [1, [1008]]);
});

Deno.test("frames are lost and doubled by the faults", () => {
  for (const [faults, copies] of [["drop=1", 0], ["duplicate=1", 2], ["", 1]] as const) {
    const { session, sent } = aSocket(faults);
    session.tell("trade.SOL_USDC", "a trade");
    equal(sent.length, copies, faults);
  }
});

Deno.test("a late frame holds back its own stream and no other", async () => {
  const { session, sent, faults, wake } = aSocket("delay=1");
  session.tell("trade.SOL_USDC", "late");
  faults.rates = parseFaults("");
  session.tell("trade.SOL_USDC", "after it");
  session.tell("ticker.SOL_USDC", "of another stream");
  deepEqual(sent, ["of another stream"]);
  await wake();
  session.tell("trade.SOL_USDC", "in time again");
  deepEqual(sent, ["of another stream", "late", "after it", "in time again"]);
});

Deno.test("what is held back counts against a slow client", () => {
  const { session, closed } = aSocket("delay=1");
  const frame = "x".repeat(MOST_BUFFERED / 4);
  for (let i = 0; i < 5; i++) session.tell("trade.SOL_USDC", frame);
  deepEqual(closed, [1008]);
});

Deno.test("a socket is cut, or falls silent while it stays open", () => {
  const killed = aSocket("kill=1");
  killed.session.second();
  deepEqual(killed.closed, [1001]);
  const silent = aSocket("silence=1");
  silent.session.second();
  silent.session.tell("trade.SOL_USDC", "a trade");
  silent.session.hear("not JSON");
  deepEqual([silent.sent, silent.closed], [[], []]);
});

Deno.test("frames held back for a socket that is gone are never sent", async () => {
  const { session, sent, wake } = aSocket("delay=1");
  session.tell("trade.SOL_USDC", "late");
  session.end();
  await wake();
  deepEqual(sent, []);
  ok(session.accountIn("trade.SOL_USDC") === undefined);
});

/** A session whose signer is account 1, and everything that comes of it. */
function aSocket(text = "") {
  const sleepers: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    sleep: () => new Promise((resolve) => void sleepers.push(resolve)),
  };
  const stop = new AbortController().signal;
  const faults = new Faults({ rates: parseFaults(text), seed: 1, clock, stop });
  const sent: string[] = [];
  const closed: number[] = [];
  const joined: string[] = [];
  const wire = {
    bufferedAmount: 0,
    send: (frame) => void sent.push(frame),
    close: (code) => void closed.push(code),
  } satisfies Wire;
  const session = new Session(wire, {
    faults,
    clock,
    judge: (name) => judgeName(name, (symbol) => symbol === "SOL_USDC"),
    accountOf: ([key]) => key === "key" ? 1 : undefined,
    joined: (_session, name) => void joined.push(`+${name}`),
    left: (_session, name) => void joined.push(`-${name}`),
  });
  const wake = async () => {
    for (const resolve of sleepers.splice(0)) resolve();
    await Promise.resolve();
  };
  return { session, wire, sent, closed, joined, faults, wake };
}
