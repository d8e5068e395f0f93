// Only a request signed by its key, for this instruction, with these values and at this time, is let
// in. Backpack's vectors pass as they stand; each way to spoil one is refused.

import { equal, ok, throws } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { keyPair, type Params, Signer } from "../../lib/backpack/sign.ts";
import { type Micros, micros, MILLISECOND } from "../../lib/core/units.ts";
import { Account, type Terms } from "../../lib/local/account.ts";
import { authenticate, proofOf, subscriber } from "../../lib/local/auth.ts";
import type { Values } from "../../lib/local/fields.ts";
import { Refused } from "../../lib/local/refuse.ts";
import { sharedTest } from "../backpack/examples.ts";

const NOW_MS = 1_788_696_000_000;
const pair = keyPair();
const signer = new Signer(pair.secret);
const terms: Terms = {
  autoBorrowSettlements: false,
  autoLend: false,
  autoRepayBorrows: false,
  leverage: 10,
  fees: { spot: { maker: 0, taker: 0 }, perp: { maker: 0, taker: 0 } },
  balances: {},
};

function registryOf(publicKey: string, nowMs = NOW_MS) {
  const account = new Account(1, publicKey, terms);
  const now: Micros = micros(nowMs * MILLISECOND);
  return { now, account: (key: string) => key === publicKey ? account : undefined };
}

const registry = registryOf(pair.publicKey);

function proof(instruction: string, params: Params | readonly Params[], windowMs = 5_000) {
  const stamp = { timestampMs: NOW_MS, windowMs };
  return proofOf(new Headers(signer.headers(instruction, params, stamp)));
}

function refusal(run: () => unknown): string {
  let found = "let in";
  throws(() => {
    run();
    throw new Refused(200, undefined, "let in");
  }, (error) => {
    if (!(error instanceof Refused)) return false;
    found = `${error.status} ${error.code} ${error.message}`;
    return true;
  });
  return found;
}

interface Vector {
  readonly publicKey: string;
  readonly instruction: string;
  readonly params: Values | readonly Values[];
  readonly timestamp: number;
  readonly window: number;
  readonly signature: string;
}

sharedTest("every vector is let in as it was signed", "backpack/vectors.json", (text) => {
  const vectors: readonly Vector[] = JSON.parse(text).vectors ?? JSON.parse(text);
  ok(vectors.length >= 40);
  for (const { publicKey, instruction, params, timestamp, window, signature } of vectors) {
    const stamp = { timestamp: String(timestamp), window: String(window) };
    const found = authenticate(
      registryOf(publicKey, timestamp),
      { publicKey, signature, ...stamp },
      instruction,
      params ?? {},
    );
    equal(found.publicKey, publicKey);
  }
});

const order = { symbol: "SOL_USDC", quantity: "0.10", postOnly: true, clientId: 7 };

const spoiled: readonly (readonly [string, () => unknown, string])[] = [
  [
    "another value",
    () =>
      authenticate(registry, proof("orderExecute", order), "orderExecute", {
        ...order,
        quantity: "0.1",
      }),
    "400 INVALID_CLIENT_REQUEST Invalid signature",
  ],
  [
    "another instruction",
    () => authenticate(registry, proof("orderExecute", order), "orderCancel", order),
    "400 INVALID_CLIENT_REQUEST Invalid signature",
  ],
  [
    "a member more",
    () =>
      authenticate(registry, proof("orderExecute", order), "orderExecute", {
        ...order,
        side: "Bid",
      }),
    "400 INVALID_CLIENT_REQUEST Invalid signature",
  ],
  [
    "a nested value",
    () =>
      authenticate(registry, proof("orderExecute", order), "orderExecute", { ...order, side: {} }),
    "400 INVALID_CLIENT_REQUEST Invalid signature",
  ],
  [
    "an unknown key",
    () => authenticate(registryOf(keyPair().publicKey), proof("x", {}), "x", {}),
    "401 UNAUTHORIZED Unauthorized",
  ],
  [
    "half a signature",
    () => authenticate(registry, { ...proof("x", {}), signature: "AAAA" }, "x", {}),
    "400 INVALID_CLIENT_REQUEST Invalid X-Signature header",
  ],
  [
    "no signature",
    () => authenticate(registry, { ...proof("x", {}), signature: undefined }, "x", {}),
    "400 INVALID_CLIENT_REQUEST Missing X-Signature header",
  ],
  [
    "no key",
    () => authenticate(registry, { ...proof("x", {}), publicKey: undefined }, "x", {}),
    "400 INVALID_CLIENT_REQUEST Missing X-API-Key header",
  ],
  [
    "no time",
    () => authenticate(registry, { ...proof("x", {}), timestamp: undefined }, "x", {}),
    "400 INVALID_CLIENT_REQUEST Invalid X-Timestamp header",
  ],
  [
    "too wide a window",
    () => authenticate(registry, { ...proof("x", {}), window: "60001" }, "x", {}),
    "400 INVALID_CLIENT_REQUEST Invalid X-Window header",
  ],
  [
    "too late",
    () => authenticate(registryOf(pair.publicKey, NOW_MS + 5_001), proof("x", {}), "x", {}),
    "400 INVALID_CLIENT_REQUEST Request has expired",
  ],
  [
    "far too early",
    () => authenticate(registryOf(pair.publicKey, NOW_MS - 1_001), proof("x", {}), "x", {}),
    "400 INVALID_CLIENT_REQUEST Request has expired",
  ],
];

Deno.test("whatever was not signed, or not now, is refused", () => {
  for (const [name, run, expected] of spoiled) equal(refusal(run), expected, name);
});

Deno.test("a signature holds until its window ends, and the window is 5 s where none is sent", () => {
  const unsaid = { ...proof("x", {}), window: undefined };
  const late = registryOf(pair.publicKey, NOW_MS + 5_000);
  equal(authenticate(late, unsaid, "x", {}).publicKey, pair.publicKey);
  const wide = registryOf(pair.publicKey, NOW_MS + 60_000);
  equal(authenticate(wide, proof("x", {}, 60_000), "x", {}).publicKey, pair.publicKey);
});

Deno.test("texts that clients in use sign are let in beside the documented one", () => {
  const rows: readonly (readonly [Params, Values])[] = [
    [{ triggerQuantity: "50%" }, { triggerQuantity: "50%" }],
    // ccxt encodes what it signs.
    [{ triggerQuantity: "50%25" }, { triggerQuantity: "50%" }],
    // bpx-py signs true and sends True.
    [{ reduceOnly: true }, { reduceOnly: "True" }],
    [{ clientId: 7 }, { clientId: "7" }],
    [{ orderId: "28" }, { orderId: 28 }],
    [{ symbol: "SOL_USDC" }, { symbol: "SOL_USDC", clientId: null }],
  ];
  for (const [signed, sent] of rows) {
    equal(authenticate(registry, proof("x", signed), "x", sent).publicKey, pair.publicKey);
  }
});

Deno.test("a subscription is its account's, or nobody's", () => {
  const signature = signer.subscription({ timestampMs: NOW_MS, windowMs: 5_000 });
  equal(subscriber(registry, signature)?.publicKey, pair.publicKey);
  const spoilt = [signature[0], Buffer.alloc(64).toString("base64"), signature[2], signature[3]];
  equal(subscriber(registry, spoilt), undefined);
  equal(subscriber(registry, []), undefined);
});
