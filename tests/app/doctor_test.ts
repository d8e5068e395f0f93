// Every check of `doctor` shown well and shown ill, on the local exchange.

import assert from "node:assert/strict";
import { keyPair, Signer } from "../../lib/backpack/sign.ts";
import { connect } from "../../lib/app/connect.ts";
import { examine, exitCodeOf, type Finding } from "../../lib/app/doctor.ts";
import { parseFaults } from "../../lib/local/faults.ts";
import { type OpenExchange, openExchange } from "../../lib/local/open.ts";
import { aMarketOf } from "../support/known_market.ts";

const pair = keyPair();
const signer = new Signer(pair.secret);
const goodKeys: Finding = { check: "keys", verdict: "ok", text: "set" };

async function examined(
  given: {
    readonly signer?: Signer;
    readonly symbol?: string;
    readonly disturb?: (exchange: OpenExchange) => Promise<void> | void;
  } = {},
): Promise<readonly Finding[]> {
  const stop = new AbortController();
  const exchange = openExchange({
    markets: [aMarketOf("SOL_USDC_PERP")],
    seed: 1,
    accounts: [{ publicKey: pair.publicKey, balances: { USDC: 1e12 } }],
    faults: parseFaults(""),
    postOnlyReply: "error",
    limits: "on",
    speed: 1,
    port: 0,
    adminToken: "door",
    stop: stop.signal,
  });
  await given.disturb?.(exchange);
  try {
    using connection = connect({ api: exchange.url, ws: exchange.ws }, given.signer ?? signer);
    return await examine(
      { connection, keys: goodKeys, files: [], symbol: given.symbol ?? "SOL_USDC_PERP" },
      stop.signal,
    );
  } finally {
    stop.abort();
    await exchange.shut;
  }
}

function verdictOf(findings: readonly Finding[], check: string): string | undefined {
  return findings.find((finding) => finding.check === check)?.verdict;
}

Deno.test("a sound account on a sound exchange has nothing but good findings", async () => {
  const findings = await examined();
  assert.deepEqual(findings.filter(({ verdict }) => verdict !== "ok"), []);
  assert.equal(exitCodeOf(findings), 0);
  const checks = findings.map(({ check }) => check);
  for (const check of ["exchange", "clock", "keys", "market", "account", "fees", "money"]) {
    assert(checks.includes(check), check);
  }
});

Deno.test("a key the exchange does not know is exit 7", async () => {
  const findings = await examined({ signer: new Signer(keyPair().secret) });
  assert.equal(verdictOf(findings, "account"), "fail");
  assert.equal(exitCodeOf(findings), 7);
  assert(!JSON.stringify(findings).includes(pair.secret));
});

Deno.test("a market that does not exist is named", async () => {
  const findings = await examined({ symbol: "SOL_USDC" });
  assert.equal(verdictOf(findings, "market"), "fail");
  assert.equal(exitCodeOf(findings), 1);
});

Deno.test("an exchange that is not there is one finding, and nothing else is asked", async () => {
  using connection = connect({ api: "http://127.0.0.1:9", ws: "ws://127.0.0.1:9" }, signer);
  const findings = await examine(
    { connection, keys: goodKeys, files: [] },
    new AbortController().signal,
  );
  assert.deepEqual(findings.map(({ check, verdict }) => [check, verdict]), [
    ["exchange", "fail"],
    ["keys", "ok"],
  ]);
});

Deno.test("a page of somebody else's is not an exchange", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("<html>Sign in to the network</html>"),
  );
  const url = `127.0.0.1:${server.addr.port}`;
  using connection = connect({ api: `http://${url}`, ws: `ws://${url}` }, signer);
  const [found] = await examine(
    { connection, keys: goodKeys, files: [] },
    new AbortController().signal,
  );
  assert.equal(found?.verdict, "fail");
  assert(!found.text.includes("\n"));
});

Deno.test("a clock that is seconds away, and an exchange in maintenance, fail by name", async () => {
  const clock = await examined({
    disturb: async ({ url }) => {
      const reply = await fetch(`${url}/admin/clock`, {
        method: "POST",
        body: JSON.stringify({ offsetMs: 3_000 }),
        headers: { authorization: "Bearer door" },
      });
      await reply.body?.cancel();
    },
  });
  assert.equal(verdictOf(clock, "clock"), "fail");
  assert.equal(exitCodeOf(clock), 1);
  const closed = await examined({
    disturb: ({ faults }) => {
      faults.rates = parseFaults("maintenance=1");
    },
  });
  assert.deepEqual(closed.map(({ check, verdict }) => [check, verdict]), [
    ["exchange", "fail"],
    ["keys", "ok"],
  ]);
});
