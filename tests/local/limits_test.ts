// So many requests in any minute, by the exchange's clock.

import { equal } from "node:assert/strict";
import fc from "fast-check";
import { micros, SECOND } from "../../lib/core/units.ts";
import { Allowance } from "../../lib/local/limits.ts";
import { PERP, ServedScene } from "./scene.ts";

Deno.test("never more than allowed within any minute, and never fewer than that refused", () => {
  const steps = fc.array(fc.integer({ min: 0, max: 30 * SECOND }), { maxLength: 60 });
  fc.assert(fc.property(steps, fc.integer({ min: 1, max: 5 }), (waits, most) => {
    const allowance = new Allowance(most);
    const taken: number[] = [];
    let now = 0;
    for (const wait of waits) {
      now += wait;
      const recent = taken.filter((time) => now - time < 60 * SECOND).length;
      const isTaken = allowance.take(micros(now));
      equal(isTaken, recent < most);
      if (isTaken) taken.push(now);
    }
  }));
});

Deno.test("the 2001st request of an account in a minute is refused, the next minute's is not", async () => {
  await using scene = new ServedScene();
  const trader = scene.trader();
  const ask = async () =>
    (await scene.send(trader, "GET", "/api/v1/capital", { instruction: "balanceQuery" })).status;
  const other = scene.trader();
  const first = await Promise.all(Array.from({ length: 2_000 }, ask));
  equal(new Set(first).size, 1);
  const refused = await scene.send(trader, "GET", "/api/v1/capital", {
    instruction: "balanceQuery",
  });
  equal(refused.status, 429);
  equal(refused.json.code, "TOO_MANY_REQUESTS");
  equal(refused.headers.get("Retry-After"), null);
  const elses = await scene.send(other, "GET", "/api/v1/capital", { instruction: "balanceQuery" });
  equal(elses.status, 200);
  scene.pass(60_000);
  equal(await ask(), 200);
});

Deno.test("candles and past trades are asked for 30 times a minute, unless limits are off", async () => {
  for (const limits of ["on", "off"] as const) {
    await using scene = new ServedScene({ limits });
    const paths = [
      `/api/v1/klines?symbol=${PERP}&interval=1m&startTime=0`,
      `/api/v1/trades/history?symbol=${PERP}`,
    ];
    let refused = 0;
    for (let i = 0; i < 40; i++) {
      const { status } = await scene.get(paths[i % 2] ?? "");
      if (status === 429) refused++;
    }
    equal(refused, limits === "on" ? 10 : 0);
    equal((await scene.get(`/api/v1/trades?symbol=${PERP}`)).status, 200);
  }
});
