// How old the news is: by the clock of the machine, kind by kind.

import { deepEqual, equal } from "node:assert/strict";
import { StreamAges } from "../../lib/app/stream_ages.ts";
import { lots, ticks } from "../../lib/core/units.ts";
import { START } from "../support/core.ts";

const one = ticks(1);
const bar = { open: one, high: one, low: one, close: one, volume: lots(1) };

Deno.test("each kind of news has its age, and only what may not be silent becomes stale", () => {
  let now = 1_000;
  const ages = new StreamAges(() => now);
  deepEqual([ages.ages, ages.loopAgeMs], [[], 0]);
  now = 3_000;
  equal(ages.loopAgeMs, 2_000);
  ages.seen({ kind: "depth", time: START, bids: [], asks: [], snapshot: true });
  ages.seen({ kind: "bar", time: START, barSec: 60, ...bar });
  now = 18_000;
  ages.seen({ kind: "timer", time: START });
  const live = [["book", 15_000, "live"], ["bars", 15_000, "live"]];
  deepEqual(ages.ages.map(({ name, ageMs, state }) => [name, ageMs, state]), live);
  equal(ages.loopAgeMs, 0);
  now = 18_001;
  deepEqual(ages.ages.map(({ state }) => state), ["stale", "live"]);
  ages.seen({ kind: "depth", time: START, bids: [], asks: [], snapshot: false });
  deepEqual(ages.ages.map(({ state }) => state), ["live", "live"]);
});
