// The whole bot against the local exchange: real HTTP, real sockets, real signatures, real processes
// killed for real. What must hold at the end is the same each time: nothing of ours rests, and both
// sides' books agree to the last unit.

import assert from "node:assert/strict";
import { parseDecimal } from "../lib/core/decimal.ts";
import { COIN } from "../lib/core/units.ts";
import { keyPair, Signer } from "../lib/backpack/sign.ts";
import { parseFaults } from "../lib/local/faults.ts";
import type { Report } from "../lib/lab/report.ts";
import { aLiveScene, type LiveScene, tightGrid } from "./support/live.ts";

const long = Deno.env.get("BPX_LONG") !== undefined;
const PERP = "SOL_USDC_PERP";
const everyFault = "drop=0.02,delay=0.05,duplicate=0.02,429=0.01,5xx=0.02,timeout=0.02,kill=0.01," +
  "silence=0.01,maintenance=0.001";

function accountOf({ exchange, publicKey }: LiveScene) {
  return exchange.world.account(publicKey) ?? assert.fail("no account");
}

/** Nothing rests, nothing is held, and what the ledger says was made is what the account has more. */
function assertSettled(scene: LiveScene, { ledger }: Report): void {
  const { world } = scene.exchange;
  const account = accountOf(scene);
  assert.deepEqual(world.openOrders(account), []);
  assert.equal(world.exchange.position(account.id, PERP), 0);
  const { available, locked } = world.exchange.balance(account.id, "USDC");
  const made = units(ledger.equityEnd) - units(ledger.equityStart);
  assert.equal(made, available + locked - 10_000 * COIN);
}

function units(text: string): number {
  const value = parseDecimal(text, 8);
  assert(typeof value === "number", text);
  return value;
}

Deno.test("ten minutes of market with every fault at once end clean, to the last unit", async () => {
  await using scene = aLiveScene({ speed: 30, faults: parseFaults(everyFault) });
  const { report, exitCode } = await scene.run(tightGrid, { durationSec: 20, onStop: "flatten" });
  assert.equal(exitCode, 0, scene.notices.join("\n"));
  assert(report.fills > 3, `only ${report.fills} fills`);
  assertSettled(scene, report);
});

Deno.test("a person's order is never touched: not by start, run, stop or flatten", async () => {
  await using scene = aLiveScene({ speed: 10 });
  const { url } = scene.exchange;
  const signer = new Signer(scene.secret);
  const order = {
    ...{ symbol: PERP, side: "Bid", orderType: "Limit", price: "146", quantity: "0.1" },
    ...{ timeInForce: "GTC", postOnly: true, clientId: 77 },
  };
  const stamp = { timestampMs: Date.now(), windowMs: 5000 };
  const reply = await fetch(`${url}/api/v1/order`, {
    method: "POST",
    headers: {
      ...signer.headers("orderExecute", order, stamp),
      "Content-Type": "application/json",
    },
    body: JSON.stringify(order),
  });
  const { id } = await reply.json();
  const banner: string[] = [];
  const { exitCode } = await scene.run(tightGrid, {
    ...{ durationSec: 4, onStop: "flatten" },
    confirm: (lines) => banner.push(...lines) > 0,
  });
  assert.equal(exitCode, 0, scene.notices.join("\n"));
  assert.match(banner.join("\n"), /1 open order of others in SOL_USDC_PERP: not touched/);
  const open = scene.exchange.world.openOrders(accountOf(scene));
  assert.deepEqual(open.map((one) => String(one.id)), [id]);
});

Deno.test("a new run is told of no fill of before it, whoever's it was", async () => {
  await using scene = aLiveScene({ speed: 200, seed: 5 });
  const before = await scene.run(tightGrid, { durationSec: 3 });
  assert(before.report.fills > 0);
  // The same books, where the fills are known as ours; and others, where they are a stranger's.
  const elsewhere = Deno.makeTempDirSync();
  for (const given of [{}, { dataDir: elsewhere, tag: 201 }]) {
    const { report, exitCode } = await scene.run(tightGrid, { ...given, durationSec: 2 });
    assert.deepEqual([exitCode, report.state.name], [0, "ACTIVE"], scene.notices.join("\n"));
  }
});

/** Kills the bot at each of `deaths` in turn, each process going on with what the last one left. */
async function killed(scene: LiveScene, at: "row" | "request", deaths: readonly number[]) {
  const { exchange, dataDir, secret } = scene;
  const settings = tightGrid.flatMap((set) => ["--set", set]);
  for (const n of deaths) {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-check", "--quiet", "tests/support/dying_bot.ts", at, String(n)],
        ...["run", "--live", "-s", "grid", "-m", PERP, ...settings, "--tag", "200"],
        ...["--api-url", exchange.url, "--ws-url", exchange.ws, "--data-dir", dataDir],
        // One that does not die by then ends in order: a row or request that never came.
        ...["--duration", "30s"],
      ],
      env: { BPX_API_SECRET: secret, BPX_API_SECRET_FILE: "" },
      stdout: "null",
      stderr: "piped",
    }).output();
    assert.equal(code, 137, `at ${at} ${n}: ${new TextDecoder().decode(stderr)}`);
  }
}

const deaths = {
  row: long ? Array.from({ length: 120 }, (_, i) => i + 1) : [1, 2, 3, 7, 14, 26],
  request: long ? Array.from({ length: 60 }, (_, i) => i + 1) : [1, 2, 3, 5, 9],
};

for (const at of ["row", "request"] as const) {
  Deno.test(`killed after its n-th ${at}, the bot goes on: no orphan, no fill lost or doubled`, async () => {
    await using scene = aLiveScene({ speed: 200, seed: 5 });
    await killed(scene, at, deaths[at]);
    const started = performance.now();
    let ready = 0;
    const { report, exitCode } = await scene.run(tightGrid, {
      ...{ durationSec: 3, onStop: "flatten" },
      onRun: () => ready = performance.now() - started,
    });
    assert.equal(exitCode, 0, scene.notices.join("\n"));
    assert(ready < 5_000, `ready after ${ready} ms`);
    assertSettled(scene, report);
  });
}

Deno.test("a key of another secret ends the start with exit 7, and nothing rests", async () => {
  await using scene = aLiveScene();
  const signer = new Signer(keyPair().secret);
  await assert.rejects(scene.run(tightGrid, { signer }), { exitCode: 7 });
});
