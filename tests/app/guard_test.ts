// The guard of a live run against a local exchange: the stop is there as long as the position is, also
// when the bot is not, and what it sells is the run's own.

import assert from "node:assert/strict";
import { ticks } from "../../lib/core/units.ts";
import { aLiveScene, type LiveScene } from "../support/live.ts";
import { HELD } from "./holding_bot.ts";
import { accountOf, hold, PERP, positionOf, stopsOf, until } from "./holding_scene.ts";

/** The mark falls by so much, for a moment; the book stays where it is. */
function fall({ exchange: { world } }: LiveScene, pct: number): void {
  world.advance();
  const { mark = ticks(0) } = world.exchange.book(PERP);
  world.exchange.setMark(PERP, ticks(Math.floor(mark * (1 - pct / 100))), undefined, world.time);
  world.advance();
}

Deno.test("while a position is held its stop rests, and at the end it is gone", async () => {
  await using scene = aLiveScene();
  const run = await hold(scene, ["guardStopPct=5"]);
  await until(scene, "a stop rests", () => stopsOf(scene).length > 0);
  const [stop] = stopsOf(scene);
  const [position] = scene.exchange.world.positions(accountOf(scene));
  const entryTicks = position?.view.entryTicks ?? assert.fail("flat");
  assert.deepEqual(stop?.request.trigger, {
    price: Math.ceil((entryTicks * 95) / 100),
    by: "MarkPrice",
    quantity: HELD,
  });
  assert.deepEqual([stop?.request.side, stop?.request.reduceOnly], ["ask", true]);
  await until(scene, "its status shows it", () => scene.statuses.at(-1)?.guard?.quantity === HELD);
  run.stop();
  const { exitCode } = await run.over;
  assert.deepEqual([exitCode, stopsOf(scene), positionOf(scene)], [0, [], HELD]);
  assert.equal(scene.statuses.at(-1)?.guard, undefined);
});

Deno.test("a stop that goes off is the run's own: booked, planned with, and no reason to halt", async () => {
  await using scene = aLiveScene();
  const run = await hold(scene, ["guardStopPct=5"]);
  await until(scene, "a stop rests", () => stopsOf(scene).length > 0);
  fall(scene, 6);
  await until(scene, "the bot knows of it", () => {
    return positionOf(scene) === 0 && scene.statuses.at(-1)?.lastFills[0]?.side === "ask";
  });
  run.stop();
  const { exitCode, report } = await run.over;
  assert.equal(exitCode, 0, scene.notices.join("\n"));
  assert.deepEqual([report.state.name, stopsOf(scene)], ["ACTIVE", []]);
  assert.deepEqual([scene.statuses.at(-1)?.position, report.fills >= 2], [0, true]);
});

Deno.test("killed, the bot leaves its position guarded; the next one books what the stop sold", async () => {
  await using scene = aLiveScene();
  const { exchange: { url, ws }, dataDir, secret } = scene;
  const bot = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", "--quiet", "tests/app/holding_bot.ts"],
      ...[url, ws, dataDir, "guardStopPct=5"],
    ],
    env: { BPX_API_SECRET: secret },
    stderr: "inherit",
  }).spawn();
  await until(scene, "a stop rests", () => stopsOf(scene).length > 0);
  bot.kill("SIGKILL");
  await bot.status;
  assert.equal(positionOf(scene), HELD);
  fall(scene, 6);
  await until(scene, "the position is closed", () => positionOf(scene) === 0);
  const run = await hold(scene, ["guardStopPct=5"]);
  await until(scene, "the next run goes on", () => scene.statuses.length > 0);
  run.stop();
  const { exitCode, report } = await run.over;
  assert.deepEqual([exitCode, report.state.name], [0, "ACTIVE"], scene.notices.join("\n"));
  assert.deepEqual([scene.statuses.at(-1)?.position, positionOf(scene)], [0, 0]);
  assert.deepEqual(stopsOf(scene), []);
});

Deno.test("--on-stop keep leaves the stop, and names it; the next run uses it again", async () => {
  await using scene = aLiveScene();
  const first = await hold(scene, ["guardStopPct=5"], { onStop: "keep" });
  await until(scene, "a stop rests", () => stopsOf(scene).length > 0);
  first.stop();
  assert.equal((await first.over).exitCode, 0, scene.notices.join("\n"));
  const [kept] = stopsOf(scene);
  assert.match(
    scene.notices.join("\n"),
    /guard's stop \d+ stays at the exchange: ask 0\.5 SOL_USDC_PERP /,
  );
  const next = await hold(scene, ["guardStopPct=5"]);
  const seen = scene.statuses.length;
  await until(scene, "the next run goes on", () => scene.statuses.length > seen + 4);
  assert.deepEqual(stopsOf(scene).map(({ id }) => id), [kept?.id]);
  next.stop();
  assert.equal((await next.over).exitCode, 0, scene.notices.join("\n"));
  assert.deepEqual(stopsOf(scene), []);
});
