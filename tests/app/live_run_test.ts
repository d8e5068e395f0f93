// A live run that is not alone on its account: a person trades its market, and another bot another.

import assert from "node:assert/strict";
import { Signer } from "../../lib/backpack/sign.ts";
import { fingerprint } from "../../lib/app/live_start.ts";
import { micros, MILLISECOND } from "../../lib/core/units.ts";
import { AccountShare } from "../../lib/journal/shared.ts";
import { aLiveScene, type LiveScene, tightGrid } from "../support/live.ts";
import { HELD } from "./holding_bot.ts";
import { hold, PERP, positionOf, until } from "./holding_scene.ts";

/** A person buys 0.2 at the market, with the bot's account and without its tag. */
async function buyByHand({ exchange, secret }: LiveScene): Promise<void> {
  const signer = new Signer(secret);
  const order = { symbol: PERP, side: "Bid", orderType: "Market", quantity: "0.2" };
  const stamp = { timestampMs: Date.now(), windowMs: 5000 };
  const reply = await fetch(`${exchange.url}/api/v1/order`, {
    method: "POST",
    headers: {
      ...signer.headers("orderExecute", order, stamp),
      "Content-Type": "application/json",
    },
    body: JSON.stringify(order),
  });
  assert.equal(reply.status, 200, await reply.text());
}

const policies = [
  ["halt", 6, "HALTED", HELD + 20],
  ["ignore", 0, "ACTIVE", HELD],
  ["adopt", 0, "ACTIVE", HELD + 20],
] as const;

for (const [onForeignFill, code, state, position] of policies) {
  Deno.test(`a person trades the bot's market, --on-foreign-fill ${onForeignFill}`, async () => {
    await using scene = aLiveScene();
    const run = await hold(scene, [], { onForeignFill });
    const shows = (position: number) => scene.statuses.at(-1)?.position === position;
    await until(scene, "the bot holds", () => shows(HELD));
    await buyByHand(scene);
    await until(scene, "both know", () => positionOf(scene) === HELD + 20 && shows(position));
    const heard = scene.statuses.length;
    await until(scene, "and stay so", () => scene.statuses.length > heard + 4 || code !== 0);
    run.stop();
    const { exitCode, report } = await run.over;
    assert.deepEqual([exitCode, report.state.name], [code, state], scene.notices.join("\n"));
    assert.equal(scene.statuses.at(-1)?.position, position);
  });
}

Deno.test("two bots on one account share its budget, and know what the other holds", async () => {
  await using scene = aLiveScene();
  const account = fingerprint(new Signer(scene.secret));
  using third = new AccountShare(scene.dataDir, { account, market: "BTC_USDC", tag: 1 });
  const share = () => third.budgetShare(micros(Date.now() * MILLISECOND));
  const others = () => third.others(micros(Date.now() * MILLISECOND));
  // In one market each other's fills are a stranger's.
  const onForeignFill = "ignore";
  const holder = await hold(scene, [], { onForeignFill });
  const grid = new AbortController();
  const second = scene.run(tightGrid, {
    ...{ onForeignFill, tag: 201, durationSec: 0, stop: grid.signal },
  });
  await until(scene, "each has said that it is there", () => share() === 1 / 3);
  await until(scene, "the position is known", () => others().exposure > 50 * 100_000_000);
  holder.stop();
  assert.equal((await holder.over).exitCode, 0, scene.notices.join("\n"));
  assert.equal(share(), 1 / 2, "one that ends frees its part");
  grid.abort();
  assert.equal((await second).exitCode, 0, scene.notices.join("\n"));
  assert.equal(share(), 1);
});
