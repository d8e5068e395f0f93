// The budget: never more than it in any minute, a share that only cancels can touch, and after a
// 429 silence but for cancels.

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  COUNTED_MS,
  LEAST_BACK_OFF_MS,
  Limiter,
  MOST_BACK_OFF_MS,
  MOST_HISTORY_PER_MINUTE,
  MOST_PER_MINUTE,
  type RequestKind,
  RESERVED_FOR_CANCELS,
} from "../../lib/backpack/limiter.ts";

const kinds = ["query", "history", "place", "cancel"] as const;
const OPEN = MOST_PER_MINUTE - RESERVED_FOR_CANCELS;

/** A limiter and the hand of its clock. */
function aWatch(random = () => 0) {
  const watch = { ms: 5 };
  const limiter = new Limiter({ nowMs: () => watch.ms, random });
  const allowed = () => kinds.filter((kind) => limiter.may(kind)).join(" ");
  return { watch, limiter, allowed };
}

Deno.test("what may be sent after so much was", () => {
  const rows: readonly (readonly [RequestKind, number, string, number])[] = [
    ["query", 0, "query history place cancel", MOST_PER_MINUTE],
    ["query", OPEN - 1, "query history place cancel", RESERVED_FOR_CANCELS + 1],
    ["query", OPEN, "history cancel", RESERVED_FOR_CANCELS],
    ["place", OPEN, "history cancel", RESERVED_FOR_CANCELS],
    ["cancel", OPEN, "history cancel", RESERVED_FOR_CANCELS],
    ["cancel", MOST_PER_MINUTE - 1, "history cancel", 1],
    ["cancel", MOST_PER_MINUTE, "history", 0],
    ["cancel", MOST_PER_MINUTE + 9, "history", 0],
    ["history", MOST_HISTORY_PER_MINUTE - 1, "query history place cancel", MOST_PER_MINUTE],
    ["history", MOST_HISTORY_PER_MINUTE, "query place cancel", MOST_PER_MINUTE],
  ];
  for (const [kind, requests, expected, left] of rows) {
    const { limiter, allowed } = aWatch();
    limiter.spend(kind, requests);
    assert.equal(allowed(), expected, `${requests} of ${kind}`);
    assert.equal(limiter.left, left);
  }
});

Deno.test("a share of the budget is a share of what only cancels may use too", () => {
  const { limiter, allowed } = aWatch();
  limiter.share = 0.5;
  assert.equal(limiter.left, MOST_PER_MINUTE / 2);
  limiter.spend("place", OPEN / 2 - 1);
  assert.equal(allowed(), "query history place cancel");
  limiter.spend("place");
  assert.equal(allowed(), "history cancel");
  limiter.spend("history", MOST_HISTORY_PER_MINUTE / 2);
  limiter.spend("cancel", RESERVED_FOR_CANCELS / 2);
  assert.equal(allowed(), "");
  // Another bot has gone: its part is free at once.
  limiter.share = 1;
  assert.equal(allowed(), "query history place cancel");
});

Deno.test("several requests fit together or not at all", () => {
  const { limiter } = aWatch();
  limiter.spend("place", OPEN - 3);
  assert.equal(limiter.may("place", 3), true);
  assert.equal(limiter.may("place", 4), false);
  assert.equal(limiter.may("cancel", RESERVED_FOR_CANCELS + 3), true);
  assert.equal(limiter.may("cancel", RESERVED_FOR_CANCELS + 4), false);
});

Deno.test("a request counts for its minute and no longer", () => {
  const { watch, limiter } = aWatch();
  limiter.spend("query", OPEN - 1);
  watch.ms += 1000;
  limiter.spend("query");
  watch.ms += COUNTED_MS - 1001;
  assert.equal(limiter.may("query"), false);
  watch.ms += 1;
  assert.equal(limiter.may("query", OPEN - 1), true);
  assert.equal(limiter.may("query", OPEN), false);
  watch.ms += 1000;
  assert.equal(limiter.may("query", OPEN), true);
});

Deno.test("after a 429 only cancels go on, until the wait is over", () => {
  const { watch, limiter, allowed } = aWatch();
  limiter.limited();
  assert.equal(limiter.backOffMs, LEAST_BACK_OFF_MS);
  assert.equal(allowed(), "history cancel");
  watch.ms += LEAST_BACK_OFF_MS - 1;
  assert.equal(limiter.backOffMs, 1);
  assert.equal(allowed(), "history cancel");
  watch.ms += 1;
  assert.equal(limiter.backOffMs, 0);
  assert.equal(allowed(), "query history place cancel");
});

Deno.test("a 429 for history holds back history only", () => {
  const { limiter, allowed } = aWatch();
  limiter.limited("history");
  assert.equal(limiter.backOffMs, 0);
  assert.equal(allowed(), "query place cancel");
});

Deno.test("each 429 after a wait doubles the next up to the bound, and a quiet minute starts anew", () => {
  const { watch, limiter } = aWatch(() => 0.999_999);
  const waits: number[] = [];
  for (let i = 0; i < 9; i++) {
    limiter.limited();
    // Those that were under way say the same once more.
    limiter.limited("place");
    limiter.limited("cancel");
    waits.push(Math.round(limiter.backOffMs));
    watch.ms += limiter.backOffMs;
  }
  assert.deepEqual(waits, [2000, 3000, 5000, 9000, 17000, 33000, 60000, 60000, 60000]);
  assert.ok(Math.max(...waits) <= MOST_BACK_OFF_MS);
  watch.ms += COUNTED_MS;
  limiter.limited();
  assert.equal(Math.round(limiter.backOffMs), 2000);
});

Deno.test("two processes do not wait equally long", () => {
  const waits = [0.1, 0.9].map((chance) => {
    const { limiter } = aWatch(() => chance);
    limiter.limited();
    return limiter.backOffMs;
  });
  assert.notEqual(waits[0], waits[1]);
});

Deno.test("no minute ever sees more than the budget, and cancels always find their reserve", () => {
  const step = fc.record({
    kind: fc.constantFrom(...kinds),
    wanted: fc.integer({ min: 1, max: 2_500 }),
    laterMs: fc.integer({ min: 0, max: 9_000 }),
    limited: fc.integer({ min: 0, max: 19 }).map((draw) => draw === 0),
  });
  let refused = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
      const { watch, limiter } = aWatch();
      const sent: { readonly at: number; readonly kind: RequestKind; readonly count: number }[] =
        [];
      for (const { kind, wanted, laterMs, limited } of steps) {
        watch.ms += laterMs;
        const counted = (of: readonly RequestKind[], within: number) =>
          sent.filter((one) => of.includes(one.kind) && one.at > watch.ms - within)
            .reduce((sum, { count }) => sum + count, 0);
        // As fast as it lets us.
        let count = 0;
        while (count < wanted && limiter.may(kind)) {
          limiter.spend(kind);
          count++;
        }
        sent.push({ at: watch.ms, kind, count });
        if (limited) limiter.limited(kind);
        refused += wanted - count;
        assert.ok(counted(["query", "place", "cancel"], 60_000) <= MOST_PER_MINUTE);
        assert.ok(counted(["query", "place"], 60_000) <= OPEN);
        assert.ok(counted(["history"], 60_000) <= MOST_HISTORY_PER_MINUTE);
        const cancelsLeft = counted(["cancel"], COUNTED_MS) < RESERVED_FOR_CANCELS;
        assert.ok(!cancelsLeft || limiter.may("cancel"), "a cancel was held back");
      }
    }),
    { numRuns: 60 },
  );
  assert.ok(refused > 1000, "the budget was never reached");
});
