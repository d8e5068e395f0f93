// Signatures against vectors made by other clients, each also put before a second implementation,
// and everything a signer must not do: lose a rule of Backpack's, or show its secret.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { getPublicKeyAsync, verifyAsync } from "@noble/ed25519";
import fc from "fast-check";
import { keyPair, type Params, Signer, signingString } from "../../lib/backpack/sign.ts";
import { cancelBody, orderBody } from "../../lib/backpack/wire_print.ts";
import { lots, ticks } from "../../lib/core/units.ts";
import { marketOf, sharedTest } from "./examples.ts";

/** A vector as the shared file has it. */
interface Vector {
  readonly id: string;
  readonly seed: string;
  readonly publicKey: string;
  readonly instruction: string;
  readonly params: Params | readonly Params[];
  readonly timestamp: number;
  readonly window: number;
  readonly stringToSign: string;
  readonly signature: string;
}

const seed = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const publicKey = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
const stamp = { timestampMs: 1_760_000_000_000, windowMs: 5_000 };

/** Typed in from the shared file, so that some are tried everywhere. */
const typedIn: readonly Vector[] = [
  {
    id: "order-limit-post-only",
    seed: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    publicKey: "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
    instruction: "orderExecute",
    params: {
      symbol: "SOL_USDC",
      side: "Bid",
      orderType: "Limit",
      price: "141.25",
      quantity: "0.10",
      timeInForce: "GTC",
      postOnly: true,
    },
    timestamp: 1760000000000,
    window: 5000,
    stringToSign:
      "instruction=orderExecute&orderType=Limit&postOnly=true&price=141.25&quantity=0.10&side=Bid&symbol=SOL_USDC&timeInForce=GTC&timestamp=1760000000000&window=5000",
    signature:
      "Che/F9eGAVRUtPl1yUV7evQnI+zcHm1f1uZl+ifqQCYjaHXojsEL0P1+bReZXbcZnN0qeza952/Nv7ooyKNwAQ==",
  },
  {
    id: "order-trigger-percent-quantity",
    seed: "jGfNDU495xfeIbxBd9KIBP5LA0teFBErXUTG2AnhprI=",
    publicKey: "eVE7lNxK7/lHqZnio3e/Vu327keGf6N19jMMfQnL6TU=",
    instruction: "orderExecute",
    params: {
      symbol: "ETH_USDC_PERP",
      side: "Ask",
      orderType: "Market",
      triggerPrice: "3900",
      triggerQuantity: "50%",
      triggerBy: "LastPrice",
      reduceOnly: true,
    },
    timestamp: 1760000012000,
    window: 5000,
    stringToSign:
      "instruction=orderExecute&orderType=Market&reduceOnly=true&side=Ask&symbol=ETH_USDC_PERP&triggerBy=LastPrice&triggerPrice=3900&triggerQuantity=50%&timestamp=1760000012000&window=5000",
    signature:
      "aXvWAnCUJpzzqD45fy8fFA05aH7fo3xIpScqwEAiWkL46l8l9ku7GNgMMUA5NmFpv7z7O/8ogOwiqXiDnU4UDA==",
  },
  {
    id: "batch-quote-quantity",
    seed: "jGfNDU495xfeIbxBd9KIBP5LA0teFBErXUTG2AnhprI=",
    publicKey: "eVE7lNxK7/lHqZnio3e/Vu327keGf6N19jMMfQnL6TU=",
    instruction: "orderExecute",
    params: [{ symbol: "DOGE_USDC", side: "Bid", orderType: "Market", quoteQuantity: "5" }, {
      symbol: "ETH_USDC",
      side: "Ask",
      orderType: "Limit",
      price: "5000",
      quantity: "0.001",
      selfTradePrevention: "RejectBoth",
    }],
    timestamp: 1760000029500,
    window: 5000,
    stringToSign:
      "instruction=orderExecute&orderType=Market&quoteQuantity=5&side=Bid&symbol=DOGE_USDC&instruction=orderExecute&orderType=Limit&price=5000&quantity=0.001&selfTradePrevention=RejectBoth&side=Ask&symbol=ETH_USDC&timestamp=1760000029500&window=5000",
    signature:
      "wfzbgos8rOEgSYpYOTh4mQcZjdikiGQZRU7r5hVrTAKrVb86tnkb2h2nlA1eN9A0k9ffz6Ofi5VJIaQFAvrKDA==",
  },
  {
    id: "cancel-by-client-id-perp",
    seed: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    publicKey: "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
    instruction: "orderCancel",
    params: { clientId: 4294967295, symbol: "BTC_USDC_PERP" },
    timestamp: 1760000021500,
    window: 60000,
    stringToSign:
      "instruction=orderCancel&clientId=4294967295&symbol=BTC_USDC_PERP&timestamp=1760000021500&window=60000",
    signature:
      "Wc5glSG+R2RiGslpXUQ/fz1INjQDcjysZ9sSAq9ln9nzXsa+LLDOWB+2/RkKN4IagVHmcOr6ACvkaUfV3JmsBA==",
  },
  {
    id: "fills-full",
    seed: "jGfNDU495xfeIbxBd9KIBP5LA0teFBErXUTG2AnhprI=",
    publicKey: "eVE7lNxK7/lHqZnio3e/Vu327keGf6N19jMMfQnL6TU=",
    instruction: "fillHistoryQueryAll",
    params: {
      from: 1754062378000,
      to: 1754148778000,
      limit: 1000,
      offset: 0,
      symbol: "SOL_USDC_PERP",
      fillType: "User",
      marketType: "PERP",
      sortDirection: "Asc",
    },
    timestamp: 1760000037000,
    window: 5000,
    stringToSign:
      "instruction=fillHistoryQueryAll&fillType=User&from=1754062378000&limit=1000&marketType=PERP&offset=0&sortDirection=Asc&symbol=SOL_USDC_PERP&to=1754148778000&timestamp=1760000037000&window=5000",
    signature:
      "+5e1E6qsGKAsgykm2sGyMdiMYExGBrGujq5vFRG8s5ioR+3L9NmaPJhvRSRgYHp8+zjxjtQ67Vdc4DPZlkQGBw==",
  },
  {
    id: "ws-subscribe-orders",
    seed: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    publicKey: "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
    instruction: "subscribe",
    params: {},
    timestamp: 1760000042000,
    window: 5000,
    stringToSign: "instruction=subscribe&timestamp=1760000042000&window=5000",
    signature:
      "IGbOiWelVvq92Q/cplJNnWjCtVVM/Fwd7gugIqr/ZoSJtQk46QEqpyKXrlboUk+e5cK0U0vVnttnGePs5y+CCw==",
  },
  {
    id: "order-auto-lend-borrow-booleans",
    seed: "jGfNDU495xfeIbxBd9KIBP5LA0teFBErXUTG2AnhprI=",
    publicKey: "eVE7lNxK7/lHqZnio3e/Vu327keGf6N19jMMfQnL6TU=",
    instruction: "orderExecute",
    params: {
      symbol: "SOL_USDC",
      side: "Bid",
      orderType: "Limit",
      price: "140",
      quantity: "1",
      autoLend: true,
      autoLendRedeem: true,
      autoBorrow: false,
      autoBorrowRepay: true,
    },
    timestamp: 1760000009000,
    window: 5000,
    stringToSign:
      "instruction=orderExecute&autoBorrow=false&autoBorrowRepay=true&autoLend=true&autoLendRedeem=true&orderType=Limit&price=140&quantity=1&side=Bid&symbol=SOL_USDC&timestamp=1760000009000&window=5000",
    signature:
      "bhPTRz4njhwuSzGkfCdsD2X8hM5ttdElr2mhw28Hxid9qBVVapcNcUjMfJWaQj5JjfMpBD6SuSeJV+tO19PvAQ==",
  },
];

async function check(vector: Vector): Promise<void> {
  const { id, instruction, params, timestamp: timestampMs, window: windowMs } = vector;
  const signer = new Signer(vector.seed);
  assert.equal(signer.publicKey, vector.publicKey, id);
  const text = signingString(instruction, params, { timestampMs, windowMs });
  assert.equal(text, vector.stringToSign, id);
  assert.deepEqual(signer.headers(instruction, params, { timestampMs, windowMs }), {
    "X-API-Key": vector.publicKey,
    "X-Signature": vector.signature,
    "X-Timestamp": String(timestampMs),
    "X-Window": String(windowMs),
  }, id);
  await verified(vector.signature, text, vector.publicKey, id);
}

/** The second opinion: another implementation accepts the signature, and not for another text. */
async function verified(
  signature: string,
  text: string,
  key: string,
  about: string,
): Promise<void> {
  const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));
  const accepts = (message: string) =>
    verifyAsync(bytes(signature), new TextEncoder().encode(message), bytes(key));
  assert.equal(await accepts(text), true, about);
  assert.equal(await accepts(`${text} `), false, about);
}

Deno.test("vectors made by other clients are signed alike", async () => {
  for (const vector of typedIn) await check(vector);
});

sharedTest("every shared vector is signed alike", "backpack/vectors.json", async (text) => {
  const { vectors, count }: { vectors: readonly Vector[]; count: number } = JSON.parse(text);
  assert.equal(vectors.length, count);
  assert(count >= 48);
  for (const vector of vectors) await check(vector);
});

Deno.test("the four strings of a subscription", async () => {
  const [key, signature, timestamp, window, ...rest] = new Signer(seed).subscription(stamp);
  assert.deepEqual([key, timestamp, window, rest], [publicKey, "1760000000000", "5000", []]);
  const text = "instruction=subscribe&timestamp=1760000000000&window=5000";
  await verified(signature, text, publicKey, text);
});

Deno.test("parameters are signed in the order of their names, as plain text, without what is absent", () => {
  const cases: readonly (readonly [Params | readonly Params[], string])[] = [
    [{}, "instruction=x"],
    [{ b: 1, a: 2 }, "instruction=x&a=2&b=1"],
    [{ orderType: "Limit", orderId: "1" }, "instruction=x&orderId=1&orderType=Limit"],
    [{ a: false, b: true, c: 0, d: "" }, "instruction=x&a=false&b=true&c=0&d="],
    [{ clientId: 4_294_967_295, price: "0.10" }, "instruction=x&clientId=4294967295&price=0.10"],
    [{ a: undefined, b: "50%", c: "µ&=" }, "instruction=x&b=50%&c=µ&="],
    [{ b: "1", B: "2", a1: "3", a: "4" }, "instruction=x&B=2&a=4&a1=3&b=1"],
    [[{ b: 1, a: 2 }, {}], "instruction=x&a=2&b=1&instruction=x"],
  ];
  for (const [params, text] of cases) {
    assert.equal(
      signingString("x", params, stamp),
      `${text}&timestamp=1760000000000&window=5000`,
    );
  }
});

Deno.test("what wire_print prints can be signed as it is", () => {
  const market = marketOf("SOL_USDC_PERP");
  const place = {
    ...{ id: 7, side: "bid", role: "maker", reduceOnly: false } as const,
    ...{ price: ticks(14_125), quantity: lots(10) },
  };
  assert.equal(
    signingString("orderExecute", orderBody(market, place), stamp),
    "instruction=orderExecute&clientId=7&orderType=Limit&postOnly=true&price=141.25&quantity=0.1" +
      "&side=Bid&symbol=SOL_USDC_PERP&timeInForce=GTC&timestamp=1760000000000&window=5000",
  );
  assert.equal(
    signingString("orderCancel", cancelBody(market, { id: 7 }), stamp),
    "instruction=orderCancel&clientId=7&symbol=SOL_USDC_PERP&timestamp=1760000000000&window=5000",
  );
});

Deno.test("a stamp Backpack would reject is refused by name", () => {
  const cases = [
    [{ windowMs: 60_001 }, /windowMs must be from 1 to 60000: current value is 60001/],
    [{ windowMs: 0 }, /windowMs/],
    [{ windowMs: 1.5 }, /windowMs/],
    [{ windowMs: NaN }, /windowMs/],
    [{ timestampMs: 1.5 }, /timestampMs/],
    [{ timestampMs: -1 }, /timestampMs/],
    [{ timestampMs: Infinity }, /timestampMs/],
  ] as const;
  for (const [wrong, rule] of cases) {
    assert.throws(() => signingString("x", {}, { ...stamp, ...wrong }), {
      name: "RangeError",
      message: rule,
    });
  }
  signingString("x", {}, { timestampMs: 0, windowMs: 60_000 });
  assert.throws(() => signingString("x", [], stamp), { name: "Bug" });
});

Deno.test("seed and public key together are accepted if they belong together", () => {
  const both = (first: string, second: string) =>
    Buffer.concat([Buffer.from(first, "base64"), Buffer.from(second, "base64")]).toString("base64");
  assert.equal(new Signer(both(seed, publicKey)).publicKey, publicKey);
  assert.throws(() => new Signer(both(seed, keyPair().publicKey)), {
    name: "RangeError",
    message: "the API secret's second half must be the public key of its first",
  });
});

Deno.test("what is no secret is refused without being repeated", () => {
  const cases = [
    "",
    "canary",
    seed.slice(1),
    seed.slice(0, -1),
    `${seed}\n`,
    ` ${seed}`,
    `${seed}${seed}`,
    seed.replace("A", "*"),
    Buffer.from(seed, "base64").toString("base64url"),
    Buffer.alloc(33).toString("base64"),
  ];
  for (const secret of cases) {
    assert.throws(() => new Signer(secret), (error) => {
      assert(error instanceof RangeError);
      assert.equal(error.message, "the API secret must be base64 of 32 or 64 bytes");
      return true;
    }, secret);
  }
});

Deno.test("nothing that prints a signer prints its secret", () => {
  const { secret } = keyPair();
  const bytes = Buffer.from(secret, "base64");
  const signer = new Signer(secret);
  const shown = [
    String(signer),
    JSON.stringify(signer),
    Deno.inspect(signer, { depth: 100, showHidden: true, getters: true }),
    Deno.inspect({ signer }, { depth: 100 }),
    Object.entries(signer).join(),
    JSON.stringify(signer.headers("x", {}, stamp)),
  ].join("\n");
  assert(shown.includes(signer.publicKey));
  for (const leak of [secret, bytes.toString("hex"), bytes.toString("base64url"), "PRIVATE KEY"]) {
    assert.equal(shown.includes(leak), false, leak);
  }
});

Deno.test("a new key pair belongs together, and no two are alike", async () => {
  const pair = keyPair();
  assert.equal(new Signer(pair.secret).publicKey, pair.publicKey);
  const derived = await getPublicKeyAsync(new Uint8Array(Buffer.from(pair.secret, "base64")));
  assert.equal(Buffer.from(derived).toString("base64"), pair.publicKey);
  assert.notEqual(keyPair().secret, pair.secret);
});

Deno.test("another implementation accepts what any key signs", async () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean());
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.dictionary(fc.string(), value, { maxKeys: 4 }),
      async (bytes, params) => {
        const signer = new Signer(Buffer.from(bytes).toString("base64"));
        const text = signingString("x", params, stamp);
        await verified(signer.sign(text), text, signer.publicKey, text);
      },
    ),
    { numRuns: 20 },
  );
});
