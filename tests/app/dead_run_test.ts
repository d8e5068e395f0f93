// What a bot left that was killed: exactly its own orders go, by the keys alone, and 0 is the
// exchange's own word for it. Against the local exchange, with real signatures.

import { deepEqual, equal, fail, match, rejects } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { type DeadRunOptions, sweepDeadRun } from "../../lib/app/dead_run.ts";
import type { Clock } from "../../lib/app/paced.ts";
import { wallClock } from "../../lib/app/wall.ts";
import { keyPair, Signer } from "../../lib/backpack/sign.ts";
import { micros } from "../../lib/core/units.ts";
import { Journal } from "../../lib/journal/journal.ts";
import { RunLock } from "../../lib/journal/lock.ts";
import { aLiveScene, type LiveScene, tightGrid } from "../support/live.ts";

const PERP = "SOL_USDC_PERP";

function openOf({ exchange: { world }, publicKey }: LiveScene) {
  const account = world.account(publicKey) ?? fail("no account");
  return world.openOrders(account);
}

/** A run that ended with its orders resting. */
async function keptRun(scene: LiveScene): Promise<string> {
  let id = "";
  const { exitCode } = await scene.run(tightGrid, {
    ...{ durationSec: 1, onStop: "keep", onRun: (name) => id = name },
  });
  equal(exitCode, 0, scene.notices.join("\n"));
  return id;
}

/** As if the run had been killed: its end was never written down. */
function forgetEnd({ dataDir }: LiveScene, id: string): void {
  using journal = new DatabaseSync(`${dataDir}/live.sqlite`);
  journal.prepare("UPDATE runs SET ended = NULL, exitCode = NULL, remains = 'unknown' WHERE id = ?")
    .run(id);
}

async function personsOrder({ exchange, secret }: LiveScene): Promise<string> {
  const order = {
    ...{ symbol: PERP, side: "Bid", orderType: "Limit", price: "140", quantity: "0.1" },
    ...{ timeInForce: "GTC", postOnly: true, clientId: 77 },
  };
  const stamp = { timestampMs: Date.now(), windowMs: 5000 };
  const signed = new Signer(secret).headers("orderExecute", order, stamp);
  const reply = await fetch(`${exchange.url}/api/v1/order`, {
    method: "POST",
    headers: { ...signed, "Content-Type": "application/json" },
    body: JSON.stringify(order),
  });
  return (await reply.json()).id;
}

function terms(scene: LiveScene, id: string, given: Partial<DeadRunOptions> = {}) {
  const lines: string[] = [];
  const options: DeadRunOptions = {
    ...{ dataDir: scene.dataDir, id, signer: new Signer(scene.secret), clock: fastClock() },
    urls: { api: scene.exchange.url, ws: scene.exchange.ws },
    signal: new AbortController().signal,
    tell: (line) => lines.push(line),
    ...given,
  };
  return { lines, options };
}

/** Ten times as fast as the wall. */
function fastClock(): Clock {
  return {
    now: () => wallClock.now() * 10,
    sleep: (ms, wake) => wallClock.sleep(ms / 10, wake),
  };
}

Deno.test("a killed run's orders go and a person's stays; without its keys or lock none is touched", async () => {
  await using scene = aLiveScene();
  const theirs = await personsOrder(scene);
  const id = await keptRun(scene);
  const before = openOf(scene).length;
  equal(before > 3, true, `only ${before} open orders`);

  const inOrder = terms(scene, id);
  equal(await sweepDeadRun(inOrder.options), 0);
  match(inOrder.lines[0] ?? "", /ended in order: its orders were kept$/);
  forgetEnd(scene, id);

  const noKey = terms(scene, id, { signer: undefined });
  await rejects(sweepDeadRun(noKey.options), {
    ...{ exitCode: 8, message: /no key is set: set BPX_API_SECRET_FILE .* from 3355443200 to / },
  });
  const another = terms(scene, id, { signer: new Signer(keyPair().secret) });
  await rejects(sweepDeadRun(another.options), {
    ...{ exitCode: 8, message: /the keys are not those of run / },
  });
  const pair = { account: accountIn(scene, id), market: PERP, tag: 200 };
  const lock = RunLock.take(scene.dataDir, pair, { pid: 4711, since: micros(0) });
  if (!(lock instanceof RunLock)) fail("the lock is taken");
  const alive = terms(scene, id);
  await rejects(sweepDeadRun(alive.options), {
    ...{ exitCode: 8, message: /process 4711 trades SOL_USDC_PERP with tag 200: stop that one$/ },
  });
  lock.release();
  equal(openOf(scene).length, before);

  const { lines, options } = terms(scene, id);
  equal(await sweepDeadRun(options), 0);
  deepEqual(openOf(scene).map((order) => String(order.id)), [theirs]);
  match(lines.at(-1) ?? "", /^The exchange lists no order of run .*; 1 of others were left alone$/);
  equal(lines.join().includes(scene.secret), false);
});

Deno.test("orders of our tag that no journal has are named and left, with 8", async () => {
  await using scene = aLiveScene();
  const id = await keptRun(scene);
  forgetEnd(scene, id);
  {
    using journal = new DatabaseSync(`${scene.dataDir}/live.sqlite`);
    // As a power cut leaves it: the last commands were not on the disk yet.
    journal.exec("DELETE FROM rows WHERE commands IS NOT NULL");
  }
  const before = openOf(scene).length;
  await rejects(sweepDeadRun(terms(scene, id).options), {
    ...{ exitCode: 8, message: /these have tag 200 but are in no journal: \d+ \((bid|ask) / },
  });
  equal(openOf(scene).length, before);
});

Deno.test("without a journal, or of a run that it does not have, nothing is done", async () => {
  await using scene = aLiveScene();
  const { options } = terms(scene, "ghost");
  await rejects(sweepDeadRun(options), { exitCode: 8, message: /^Own orders may remain as / });
  await using journal = Journal.open({ folder: scene.dataDir, mode: "live", access: "write" });
  equal(journal.runs({ most: 1 }).length, 0);
  await rejects(sweepDeadRun(options), { exitCode: 3, message: /^No run is named "ghost"$/ });
});

function accountIn({ dataDir }: LiveScene, id: string): string {
  using journal = new DatabaseSync(`${dataDir}/live.sqlite`);
  return String(journal.prepare("SELECT account FROM runs WHERE id = ?").get(id)?.account);
}
