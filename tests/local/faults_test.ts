// Faults are drawn from the seed, refuse before they act unless they say otherwise, and can be told
// anew while the exchange runs.

import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { Random } from "../../lib/core/random.ts";
import {
  type Clock,
  drawFrame,
  drawRequest,
  drawSecond,
  faultKinds,
  type FaultRates,
  Faults,
  parseFaults,
} from "../../lib/local/faults.ts";

const none = parseFaults("");

Deno.test("rates are read from a flag or from JSON, and what is not named never happens", () => {
  deepEqual(parseFaults("drop=0.02, 429=1"), { ...none, drop: 0.02, 429: 1 });
  deepEqual(parseFaults('{"5xx": 0.5, "kill": "0.1"}'), { ...none, "5xx": 0.5, kill: 0.1 });
  deepEqual(new Set(Object.values(parseFaults("  "))), new Set([0]));
});

Deno.test("nonsense is refused by name", () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ["drpo=0.1", /^faults must name only .*429.*drop.*: current value is drpo$/],
    ["drop", /^faults must be like drop=0\.02,429=0\.01: current value is drop$/],
    ["drop=1.5", /^faults drop must be between 0 and 1: current value is 1\.5$/],
    ["drop=", /^faults drop must be between 0 and 1: current value is $/],
    ["drop=-0.1", /^faults drop must be between 0 and 1/],
    ['{"drop": null}', /^faults drop must be between 0 and 1/],
    ['{"drop": ', /^faults must be JSON/],
  ];
  for (const [text, message] of rows) {
    throws(() => parseFaults(text), { name: "RangeError", message });
  }
});

Deno.test("the same seed draws the same faults, each about as often as its rate says", () => {
  const rates = Object.fromEntries(faultKinds.map((kind) => [kind, 0.1]));
  const all = parseFaults(JSON.stringify(rates));
  const drawn = (seed: number) => {
    const dice = new Random(seed);
    return Array.from({ length: 4_000 }, () => [
      drawRequest(all, dice),
      drawFrame(all, dice),
      drawSecond(all, dice),
    ]);
  };
  const first = drawn(7);
  deepEqual(drawn(7), first);
  const text = JSON.stringify(first);
  const often = (word: string) => text.split(word).length - 1;
  for (const word of ['"429"', '"status"', '"timeout"', '"maintenance"', '"kill"', '"silence"']) {
    ok(often(word) > 250 && often(word) < 500, `${word}: ${often(word)} of 4000`);
  }
  const halves = [often('"before"'), often('"after"')];
  for (const half of halves) ok(half > 120, `5xx before and after: ${halves}`);
  const late = first.map(([, frame]) => frame).flatMap((frame) =>
    typeof frame === "object" && "delayMs" in frame && frame.delayMs > 0 ? [frame.delayMs] : []
  );
  ok(late.length > 250 && Math.min(...late) >= 50 && Math.max(...late) <= 500);
});

Deno.test("each fault of a request answers as it should and carries out what it should", async () => {
  const rows: readonly {
    readonly faults: string;
    readonly status: number;
    readonly body: RegExp;
    readonly carriedOut: number;
  }[] = [
    { faults: "", status: 200, body: /^"done"$/, carriedOut: 1 },
    { faults: "delay=1", status: 200, body: /^"done"$/, carriedOut: 1 },
    { faults: "429=1", status: 429, body: /TOO_MANY_REQUESTS/, carriedOut: 0 },
    { faults: "timeout=1", status: 504, body: /TIMEOUT/, carriedOut: 1 },
    { faults: "maintenance=1", status: 503, body: /MAINTENANCE/, carriedOut: 0 },
  ];
  for (const { faults, status, body, carriedOut } of rows) {
    const scene = aScene(faults);
    const reply = await scene.ask();
    equal(reply.status, status, faults);
    ok(body.test(await reply.text()), faults);
    equal(scene.carriedOut, carriedOut, faults);
  }
});

Deno.test("a server that is down has carried out about half of what it refuses", async () => {
  const scene = aScene("5xx=1");
  const statuses = new Set<number>();
  for (let i = 0; i < 60; i++) statuses.add((await scene.ask()).status);
  deepEqual([...statuses].sort(), [500, 502, 503]);
  ok(scene.carriedOut > 15 && scene.carriedOut < 45, `${scene.carriedOut} of 60`);
});

Deno.test("maintenance lasts a second and says so where it is asked", async () => {
  const scene = aScene("maintenance=1");
  await scene.ask();
  scene.faults.rates = none;
  equal((await scene.ask()).status, 503);
  const status = await scene.ask("/api/v1/status");
  deepEqual([status.status, (await status.json()).status], [200, "Maintenance"]);
  scene.wait(1_000);
  equal((await scene.ask()).status, 200);
});

Deno.test("a request without an answer is let go when the exchange shuts", async () => {
  const exchange = new AbortController();
  const faults = new Faults({
    rates: parseFaults("timeout=1"),
    seed: 1,
    clock: { now: () => 0, sleep: untilStopped },
    stop: exchange.signal,
  });
  const request = new Request("http://127.0.0.1/api/v1/order");
  const answer = faults.disturb(request, () => Promise.resolve(new Response("done")));
  equal(await Promise.race([answer, Promise.resolve("none yet")]), "none yet");
  exchange.abort();
  equal((await answer).status, 504);
  equal(faults.counts.timeout, 1);
});

/** Requests to an exchange with these faults, and a clock that is set by hand. */
function aScene(text: string) {
  let nowMs = 1_000_000;
  const clock: Clock = {
    now: () => nowMs,
    sleep: (ms) => {
      nowMs += ms;
      return Promise.resolve();
    },
  };
  const rates: FaultRates = parseFaults(text);
  const faults = new Faults({ rates, seed: 3, clock, stop: new AbortController().signal });
  const scene = {
    faults,
    carriedOut: 0,
    wait: (ms: number) => nowMs += ms,
    ask: (path = "/api/v1/capital") =>
      faults.disturb(new Request(`http://127.0.0.1${path}`), () => {
        scene.carriedOut++;
        return Promise.resolve(Response.json("done"));
      }),
  };
  return scene;
}

function untilStopped(_ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener("abort", () => resolve(), { once: true });
  });
}
