// How the journal of a run is pruned: step by step with pauses, never what an order at the exchange
// needs, and not at all where it is to be kept for ever.

import { deepEqual, equal, rejects } from "node:assert/strict";
import { keepPruned, type PruningOptions } from "../../lib/app/pruning.ts";
import { Facts } from "../../lib/core/facts.ts";
import { cash, type Micros } from "../../lib/core/units.ts";
import { ManualWall } from "../backpack/scripted.ts";
import { after, bid, perpMarket, rest, START } from "../support/core.ts";

/** A journal with so many steps of old rows; what each step was asked, and when. */
function aScene(steps: number, changes: Partial<PruningOptions> = {}) {
  const wall = new ManualWall();
  const facts = new Facts(perpMarket(), cash(1), undefined, START);
  const asked: { ms: number; keepDays: number; oldestLive: Micros | undefined }[] = [];
  const over = new AbortController();
  let left = steps;
  const done = keepPruned({
    run: {
      prune({ keepDays, oldestLive }) {
        asked.push({ ms: wall.localMs(), keepDays, oldestLive });
        return left-- > 0 ? "more" : "done";
      },
    },
    keepDays: 30,
    engine: { facts },
    guard: undefined,
    clock: { now: wall.localMs, sleep: wall.sleep },
    now: wall.now,
    signal: over.signal,
    ...changes,
  });
  return { wall, facts, asked, done, end: () => over.abort() };
}

Deno.test("old rows go in steps with pauses, then once an hour is looked again", async () => {
  const { wall, asked, done, end } = aScene(3);
  await wall.advance(59_000);
  equal(asked.length, 0, "a start has enough to do");
  await wall.advance(3_700_000);
  deepEqual(asked.map(({ ms }) => ms), [60_000, 60_250, 60_500, 60_750, 3_660_750]);
  equal(asked[0]?.keepDays, 30);
  end();
  await done;
});

Deno.test("what the oldest order at the exchange needs stays, a stop of the guard's included", async () => {
  const stop = { oldestAt: after(3) };
  for (const [guard, expected] of [[undefined, after(5)], [stop, after(3)]] as const) {
    const { wall, facts, asked, end } = aScene(9, { guard });
    await wall.advance(60_000);
    rest(facts.orders, 1, bid(100, 1), after(9));
    rest(facts.orders, 2, bid(99, 1), after(5));
    await wall.advance(250);
    deepEqual(asked.map(({ oldestLive }) => oldestLive), [guard?.oldestAt, expected]);
    end();
  }
});

Deno.test("kept for ever, nothing is pruned; and what the disk refuses is told", async () => {
  const { wall, asked, done } = aScene(1, { keepDays: 0 });
  await done;
  await wall.advance(100_000);
  deepEqual(asked, []);
  const broken = aScene(1, {
    run: {
      prune: () => {
        throw new Error("read-only");
      },
    },
  });
  const refused = rejects(broken.done, /read-only/);
  await broken.wall.advance(60_000);
  await refused;
});
