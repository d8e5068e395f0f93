// From a trigger to the last of 200 cancels: the whole bot with 200 orders resting on a local exchange
// in a process of its own, told to stop. When the last cancel left, and when the last was answered.
// Each round is a run of its own, since the trigger ends it.
// Run: deno run -A tests/bench/cancel_bench.ts [ROUNDS]

import { loadConfig } from "../../lib/app/config.ts";
import { liveRun } from "../../lib/app/live_run.ts";
import { KeptConnections } from "../../lib/backpack/kept_connections.ts";
import { Signer } from "../../lib/backpack/sign.ts";
import { defineStrategy, lots, type PlannedOrder, ticks } from "../../lib/core/strategy.ts";
import { median, shown } from "./show.ts";

const ROUNDS = Number(Deno.args[0] ?? 10);
const ORDERS = 200;
const MARKET = "SOL_USDC_PERP";

/** As many orders on each side, far enough away that nothing fills while they rest. */
const ladder = defineStrategy({
  ...{ api: 1, name: "ladder", summary: "Rests.", params: {} },
  start: ({ market: { minQuantity } }, { bestBid, bestAsk }) => ({ minQuantity, bestBid, bestAsk }),
  plan: ({ minQuantity, bestBid, bestAsk }) => ({
    orders: Array.from({ length: ORDERS }, (_, i): PlannedOrder => {
      const away = 200 + 2 * Math.floor(i / 2);
      const of = i % 2 === 0
        ? { side: "bid", price: ticks(bestBid - away) } as const
        : { side: "ask", price: ticks(bestAsk + away) } as const;
      return { ...of, role: "maker", quantity: lots(Math.max(1, minQuantity)) };
    }),
  }),
});

/** When cancels left, and when they were answered. */
const left: number[] = [];
const answered: number[] = [];
const { send } = KeptConnections.prototype;
KeptConnections.prototype.send = async function (request, signal) {
  const answer = send.call(this, request, signal);
  if (!request.startsWith("DELETE")) return await answer;
  left.push(performance.now());
  const told = await answer;
  answered.push(performance.now());
  return told;
};

/** An exchange in a process of its own, and its first line. */
async function exchange() {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check", "--quiet", "main.ts", "exchange", "--market", MARKET],
      ...["--port", "0", "--demo-key", "--no-limits"],
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const { value } = await child.stdout.pipeThrough(new TextDecoderStream()).getReader().read();
  return { child, ...JSON.parse(value ?? "{}") };
}

const { child, url, ws, apiSecret } = await exchange();
const set = ["maxPositionUsd=1000000", "maxOrderUsd=1000000", "capital=9000"];
const config = {
  ...await loadConfig(
    { strategy: "grid", market: MARKET, set: [...set, "autoPrice=on"] },
    undefined,
  ),
  strategy: ladder,
  params: {},
};
const [sentMs, doneMs]: [number[], number[]] = [[], []];
for (let round = 0; round < ROUNDS; round++) {
  const stop = new AbortController();
  const dataDir = Deno.makeTempDirSync();
  let [triggeredAt, restingFor] = [NaN, 0];
  const { exitCode } = await liveRun({
    ...{ config, dataDir, seed: round, tag: 200, version: "0", onStart: "adopt", feed: "socket" },
    urls: { api: url, ws },
    signer: new Signer(apiSecret),
    durationSec: 60,
    signal: new AbortController().signal,
    stop: stop.signal,
    confirm: () => true,
    onRun: () => {},
    onNotice: ({ text }) => console.error(text),
    onFault: (fault) => console.error(fault.message),
    onStatus: ({ openOrders }) => {
      // Long enough for the cancels to be signed ahead, as they are in a run of hours.
      if (openOrders.length < ORDERS || ++restingFor < 20 || stop.signal.aborted) return;
      [left.length, answered.length] = [0, 0];
      triggeredAt = performance.now();
      stop.abort();
    },
  });
  if (exitCode !== 0 || left.length < ORDERS) {
    throw new Error(`round ${round}: exit ${exitCode}, ${left.length} cancels`);
  }
  sentMs.push((left[ORDERS - 1] ?? NaN) - triggeredAt);
  doneMs.push((answered[ORDERS - 1] ?? NaN) - triggeredAt);
  Deno.removeSync(dataDir, { recursive: true });
}
child.kill("SIGTERM");
await child.status;
const p99 = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1] ?? NaN;
shown("last of 200 sent, p50", median(sentMs), "ms after the trigger");
shown("last of 200 sent, p99", p99(sentMs), "ms after the trigger");
shown("last of 200 answered, p50", median(doneMs), "ms after the trigger");
shown("last of 200 answered, p99", p99(doneMs), "ms after the trigger");
