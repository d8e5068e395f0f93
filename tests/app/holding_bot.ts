// A live run that buys once and holds, for tests of what guards a position. As a process of its own it
// can be killed for real: arguments are the exchange's two addresses and the data folder, then
// settings; the key comes by BPX_API_SECRET.

import { Signer } from "../../lib/backpack/sign.ts";
import { type Config, loadConfig } from "../../lib/app/config.ts";
import { liveRun } from "../../lib/app/live_run.ts";
import { defineStrategy } from "../../lib/core/strategy.ts";
import { lots, ticks } from "../../lib/core/units.ts";

/** Lots that are bought. */
export const HELD = 50;

const holder = defineStrategy({
  api: 1,
  name: "holder",
  summary: "Buys once, at the market, and holds.",
  params: {},
  observes: ["fill"],
  start: () => ({ bought: 0 }),
  observe(memory, event) {
    if (event.kind === "fill" && event.side === "bid") memory.bought += event.quantity;
  },
  plan({ bought }, { bestAsk }) {
    if (bought >= HELD) return { orders: [] };
    const price = ticks(Math.ceil(bestAsk * 1.005));
    return { orders: [{ side: "bid", price, quantity: lots(HELD - bought), role: "taker" }] };
  },
});

/** Its configuration on the perp of the scene. */
export async function holding(set: readonly string[]): Promise<Config> {
  const settings = ["maxPositionUsd=2000", ...set];
  const selectors = { strategy: "grid", market: "SOL_USDC_PERP", set: settings };
  return { ...await loadConfig(selectors, undefined), strategy: holder, params: {} };
}

if (import.meta.main) {
  const [api = "", ws = "", dataDir = "", ...set] = Deno.args;
  const { signal } = new AbortController();
  await liveRun({
    ...{ dataDir, seed: 1, tag: 200, version: "0", onStart: "adopt", feed: "socket", signal },
    config: await holding(set),
    urls: { api, ws },
    signer: new Signer(Deno.env.get("BPX_API_SECRET") ?? ""),
    durationSec: 0,
    stop: signal,
    confirm: () => true,
    onRun: () => {},
    onNotice: ({ text }) => console.error(text),
    onFault: ({ message }) => console.error(message),
    onStatus: () => {},
  });
}
