// A bot that buys once and holds, in a live run against a local exchange: what it has there, and a way
// to wait for what happens.

import assert from "node:assert/strict";
import type { LiveOptions } from "../../lib/app/live_run.ts";
import type { RunResult } from "../../lib/app/watched.ts";
import type { Lots } from "../../lib/core/units.ts";
import type { LiveScene } from "../support/live.ts";
import { holding } from "./holding_bot.ts";

export const PERP = "SOL_USDC_PERP";
const PATIENCE_MS = 15_000;

/** The bot's account. */
export function accountOf({ exchange, publicKey }: LiveScene) {
  return exchange.world.account(publicKey) ?? assert.fail("no account");
}

/** The stops that wait at the exchange. */
export function stopsOf(scene: LiveScene) {
  return scene.exchange.world.openOrders(accountOf(scene))
    .filter(({ status }) => status === "TriggerPending");
}

/** What the account holds. */
export function positionOf(scene: LiveScene): Lots {
  return scene.exchange.world.exchange.position(accountOf(scene).id, PERP);
}

/** Waits for what happens at the exchange to make it so. */
export async function until(scene: LiveScene, what: string, isSo: () => boolean): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const late = setTimeout(
    () => reject(new Error(`not in time: ${what}\n${scene.notices.join("\n")}`)),
    PATIENCE_MS,
  );
  const deaf = scene.exchange.world.listen(() => isSo() && resolve());
  if (isSo()) resolve();
  await promise.finally(deaf).finally(() => clearTimeout(late));
}

/** Starts a bot that holds; its wish to stop, and how it ends. */
export async function hold(
  scene: LiveScene,
  set: readonly string[],
  given: Partial<LiveOptions> = {},
) {
  const stop = new AbortController();
  const config = await holding(set);
  const over: Promise<RunResult> = scene.run([], {
    ...given,
    config,
    durationSec: 0,
    stop: stop.signal,
  });
  return { over, stop: () => stop.abort() };
}
