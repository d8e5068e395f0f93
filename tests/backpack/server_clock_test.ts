// The exchange's time from here, with clocks that are off, answers that are slow and answers that
// never come.

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Reply } from "../../lib/backpack/reply.ts";
import { SAMPLES, ServerClock } from "../../lib/backpack/server_clock.ts";
import { type Micros, micros } from "../../lib/core/units.ts";

/** One look: how long it took each way, or that it failed. */
type Look = { readonly thereMs: number; readonly backMs: number } | "failed" | "limited";

const START_MS = 1_760_000_000_000;

/** A clock whose exchange is `aheadMs` ahead, and looks as listed; quick ones after those. */
function world(aheadMs: number, looks: readonly Look[]) {
  let localMs = START_MS;
  let asked = 0;
  const clock = new ServerClock(() => localMs);
  const time = (): Promise<Reply<Micros>> => {
    const look = looks[asked++] ?? { thereMs: 0, backMs: 0 };
    if (look === "limited") return Promise.resolve({ kind: "limited" });
    if (look === "failed") return Promise.resolve({ kind: "failed", reason: "no host" });
    localMs += look.thereMs;
    const value = micros((localMs + aheadMs) * 1000);
    localMs += look.backMs;
    return Promise.resolve({ kind: "ok", value });
  };
  return {
    clock,
    time,
    asked: () => asked,
    localMs: () => localMs,
    setBack: (ms: number) => localMs -= ms,
  };
}

const quick: Look = { thereMs: 10, backMs: 10 };

Deno.test("the offset is the median of looks, each halved by its round trip", async () => {
  const rows: readonly (readonly [number, readonly Look[], number | undefined])[] = [
    [0, [quick, quick, quick, quick, quick], 0],
    [-2500, [quick, quick, quick, quick, quick], -2500],
    // The first opens the connection; one is late on its way back.
    [40, [{ thereMs: 300, backMs: 10 }, quick, quick, { thereMs: 5, backMs: 900 }, quick], 40],
    [40, ["failed", quick, "failed", quick, "failed"], 40],
    [7, ["failed", "failed", "failed", "failed", quick], 7],
    [7, [quick, "limited", quick, quick, quick], 7],
    // A round trip of 6 s says nothing.
    [40, ["failed", "failed", "failed", "failed", { thereMs: 6000, backMs: 0 }], undefined],
    [40, ["limited"], undefined],
  ];
  for (const [ahead, looks, expected] of rows) {
    const { clock, time, localMs } = world(ahead, looks);
    await clock.measure(time);
    assert.equal(clock.offsetMs, expected, JSON.stringify(looks));
    assert.equal(clock.nowMs(), localMs() + (expected ?? 0));
  }
});

Deno.test("a budget that is spent is not asked again", async () => {
  const { clock, time, asked } = world(0, [quick, "limited"]);
  await clock.measure(time);
  assert.equal(asked(), 2);
});

Deno.test("until it is measured, and where it cannot be, the last word stands", async () => {
  const { clock, time, localMs } = world(300, [
    ...Array<Look>(SAMPLES).fill(quick),
    ...Array<Look>(SAMPLES).fill("failed"),
  ]);
  assert.equal(clock.offsetMs, undefined);
  assert.equal(clock.nowMs(), START_MS);
  await clock.measure(time);
  assert.equal(clock.offsetMs, 300);
  await clock.measure(time);
  assert.equal(clock.offsetMs, 300);
  assert.equal(clock.nowMs(), localMs() + 300);
});

Deno.test("more than a second apart is skewed, either way", async () => {
  for (const [ahead, expected] of [[1000, false], [1001, true], [-1000, false], [-1001, true]]) {
    const { clock, time } = world(Number(ahead), []);
    assert.equal(clock.skewed, false);
    await clock.measure(time);
    assert.equal(clock.skewed, expected);
  }
});

Deno.test("a clock that is set back while it is measured does not count", async () => {
  const { clock, time, setBack } = world(0, [quick, quick, quick, quick, quick]);
  let looks = 0;
  await clock.measure(() => {
    const reply = time();
    if (looks++ < 4) setBack(60_000);
    return reply;
  });
  assert.equal(clock.offsetMs, 0);
});

Deno.test("a machine's clock that is set, or a machine that slept, is known and measured away", async () => {
  let [passedMs, wallMs] = [START_MS, START_MS];
  const clock = new ServerClock(() => passedMs, () => wallMs);
  const time = (aheadMs: number) => () =>
    Promise.resolve({ kind: "ok", value: micros((passedMs + aheadMs) * 1000) } as const);
  await clock.measure(time(0));
  wallMs -= 3_600_000;
  assert.deepEqual([clock.nowMs(), clock.strayed], [START_MS, true]);
  await clock.measure(() => Promise.resolve({ kind: "failed", reason: "no host" }));
  assert.equal(clock.strayed, true, "nobody has said so yet");
  await clock.measure(time(0));
  assert.deepEqual([clock.nowMs(), clock.strayed], [START_MS, false]);
  passedMs += 10;
  wallMs += 60_010;
  assert.equal(clock.strayed, true);
  await clock.measure(time(60_000));
  assert.deepEqual([clock.nowMs(), clock.strayed], [START_MS + 60_010, false]);
});

Deno.test("an aborted measurement asks no more, and keeps what it has", async () => {
  const stop = new AbortController();
  const { clock, time, asked } = world(5, []);
  await clock.measure(() => {
    stop.abort();
    return time();
  }, stop.signal);
  assert.equal(asked(), 1);
  assert.equal(clock.offsetMs, 5);
});

Deno.test("time is in whole ms, and never off by more than half of the median round trip", async () => {
  const leg = fc.integer({ min: 0, max: 400 });
  const legs = fc.array(fc.record({ thereMs: leg, backMs: leg }), {
    minLength: SAMPLES,
    maxLength: SAMPLES,
  });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: -90_000, max: 90_000 }), legs, async (ahead, looks) => {
      const { clock, time, localMs } = world(ahead, looks);
      await clock.measure(time);
      const now = clock.nowMs();
      assert.ok(Number.isSafeInteger(now));
      const trips = looks.map(({ thereMs, backMs }) => thereMs + backMs).sort((a, b) => a - b);
      const median = trips[SAMPLES >> 1] ?? NaN;
      assert.ok(Math.abs(now - (localMs() + ahead)) <= median / 2 + 0.5);
    }),
    { numRuns: 100 },
  );
});
