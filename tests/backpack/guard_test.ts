// What the guard decides, row by row, and what must hold whatever the mark does: the stop looks the
// right way, is for the whole position and no more, and a trail never gives way.

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Best,
  decide,
  follow,
  isPassed,
  type KnownStop,
  type Situation,
  targetOf,
} from "../../lib/backpack/guard.ts";
import { lots, micros, SECOND, ticks } from "../../lib/core/units.ts";

const NOW = micros(1_000 * SECOND);

/** A long of 10 from 10,000, guarded at 5 %; the mark is where it was entered. */
function situation(changes: Partial<Situation> = {}): Situation {
  const position = lots(changes.position ?? 10);
  const mark = changes.mark ?? ticks(10_000);
  return {
    ...{ position, mark, entryTicks: 10_000, best: follow(undefined, { position, mark }) },
    ...{ limits: { guardStopPct: 5 }, minQuantity: lots(1), stops: [], time: NOW, ...changes },
  };
}

function aStop(changes: Partial<KnownStop> = {}): KnownStop {
  return {
    ...{ id: 1, side: "ask", price: ticks(9_500), quantity: lots(10), state: "resting" },
    ...{ passedAt: undefined, ...changes },
  };
}

function said(changes: Partial<Situation>): string {
  const step = decide(situation(changes));
  if (step.kind === "nothing") return "nothing";
  if (step.kind === "remove") return `remove ${step.ids.join(" ")}`;
  return `${step.stop.side} ${step.stop.quantity} at ${step.stop.price}`;
}

Deno.test("where the stop is wanted", () => {
  const up: Best = { side: "ask", price: ticks(10_400) };
  const down: Best = { side: "bid", price: ticks(9_600) };
  const rows: readonly (readonly [string, Partial<Situation>, number | undefined])[] = [
    ["a long's lies below its entry", {}, 9_500],
    ["a short's above", { position: lots(-10) }, 10_500],
    ["nearer to the entry, where it is not whole", { entryTicks: 10_000.7 }, 9_501],
    ["for a short too", { entryTicks: 10_000.3, position: lots(-1) }, 10_500],
    ["it trails the best mark", { best: up, limits: { trailPct: 2 } }, 10_192],
    ["of a short the lowest", { best: down, position: lots(-3), limits: { trailPct: 2 } }, 9_792],
    ["of both the nearer", { best: up, limits: { guardStopPct: 1, trailPct: 5 } }, 9_900],
    ["whichever it is", { best: up, limits: { guardStopPct: 5, trailPct: 1 } }, 10_296],
    ["never at nothing", { limits: { guardStopPct: 100 } }, 1],
    ["nowhere when flat", { position: lots(0) }, undefined],
    ["nowhere without a limit", { limits: {} }, undefined],
  ];
  for (const [name, changes, expected] of rows) {
    assert.equal(targetOf(situation(changes)), expected, name);
  }
});

Deno.test("what is done about it", () => {
  const bidStop = aStop({ side: "bid", price: ticks(10_500) });
  const trail = { limits: { trailPct: 2 }, best: { side: "ask", price: ticks(10_000) } } as const;
  const early = micros(NOW - 4 * SECOND);
  const late = micros(NOW - 5 * SECOND);
  const beyond = { mark: ticks(9_400) };
  const rows: readonly (readonly [string, Partial<Situation>, string])[] = [
    ["the first is placed", {}, "ask 10 at 9500"],
    ["one that fits stays", { stops: [aStop()] }, "nothing"],
    ["flat, it goes", { position: lots(0), stops: [aStop()] }, "remove 1"],
    ["flat, and there is none", { position: lots(0) }, "nothing"],
    ["the limit is gone", { limits: {}, stops: [aStop()] }, "remove 1"],
    ["a fill grew the position", { position: lots(12), stops: [aStop()] }, "ask 12 at 9500"],
    ["the entry moved", { entryTicks: 9_800, stops: [aStop()] }, "ask 10 at 9310"],
    [
      "the old goes once the new rests",
      { stops: [aStop({ quantity: lots(8) }), aStop({ id: 2 })] },
      "remove 1",
    ],
    [
      "two, and neither fits: the older goes first",
      { position: lots(9), stops: [aStop({ quantity: lots(8) }), aStop({ id: 2 })] },
      "remove 1",
    ],
    [
      "not a third, while one is leaving",
      { position: lots(9), stops: [aStop({ state: "leaving" }), aStop({ id: 2 })] },
      "nothing",
    ],
    ["one sent counts", { position: lots(0), stops: [aStop({ state: "sent" })] }, "nothing"],
    ["one unknown is not sent again", { stops: [aStop({ state: "unknown" })] }, "nothing"],
    ["one that goes off is let go off", { stops: [aStop({ state: "fired" })] }, "nothing"],
    ["the position turned", { stops: [bidStop] }, "ask 10 at 9500"],
    ["and then the other side's goes", { stops: [bidStop, aStop({ id: 2 })] }, "remove 1"],
    ["less than an order may be", { position: lots(4), minQuantity: lots(5) }, "nothing"],
    [
      "nor does a stop for it stay",
      { position: lots(4), minQuantity: lots(5), stops: [aStop()] },
      "remove 1",
    ],
    [
      "a small step of the trail is let be",
      { ...trail, stops: [aStop({ price: ticks(9_791) })] },
      "nothing",
    ],
    [
      "a larger is followed",
      { ...trail, stops: [aStop({ price: ticks(9_789) })] },
      "ask 10 at 9800",
    ],
    ["beyond the stop, as near as may be", beyond, "ask 10 at 9390"],
    ["and short", { mark: ticks(10_600), position: lots(-10) }, "bid 10 at 10611"],
    [
      "beyond it, the exchange is at it",
      { ...beyond, stops: [aStop({ passedAt: early })] },
      "nothing",
    ],
    [
      "until it is clear that it is not",
      { ...beyond, stops: [aStop({ passedAt: late })] },
      "ask 10 at 9390",
    ],
    [
      "then the one that looks the wrong way goes",
      { ...beyond, stops: [aStop({ passedAt: late }), aStop({ id: 2, price: ticks(9_390) })] },
      "remove 1",
    ],
    [
      "it does not run away",
      { mark: ticks(9_395), stops: [aStop({ price: ticks(9_390) })] },
      "nothing",
    ],
    [
      "nor when it grows",
      { mark: ticks(9_395), stops: [aStop({ price: ticks(9_390), quantity: lots(8) })] },
      "ask 10 at 9390",
    ],
    [
      "it follows back",
      { mark: ticks(9_450), stops: [aStop({ price: ticks(9_390) })] },
      "ask 10 at 9440",
    ],
    ["the mark comes near: it stays", { mark: ticks(9_501), stops: [aStop()] }, "nothing"],
  ];
  for (const [name, changes, expected] of rows) assert.equal(said(changes), expected, name);
});

Deno.test("the best mark is of one position only", () => {
  const long = follow(undefined, { position: lots(3), mark: ticks(100) });
  assert.deepEqual(long, { side: "ask", price: 100 });
  assert.deepEqual(follow(long, { position: lots(9), mark: ticks(120) }), {
    side: "ask",
    price: 120,
  });
  assert.equal(follow(long, { position: lots(1), mark: ticks(90) }), long);
  assert.deepEqual(follow(long, { position: lots(-1), mark: ticks(90) }), {
    side: "bid",
    price: 90,
  });
  assert.equal(follow(long, { position: lots(0), mark: ticks(90) }), undefined);
});

const walk = fc.array(fc.integer({ min: -60, max: 60 }), { minLength: 1, maxLength: 60 });
const limits = fc.record({
  guardStopPct: fc.integer({ min: 1, max: 20 }),
  trailPct: fc.integer({ min: 1, max: 20 }),
}, { requiredKeys: [] });

Deno.test("whatever the mark does: the right side, the whole position, never back, never a third", () => {
  fc.assert(fc.property(walk, limits, fc.constantFrom(10, -10), (steps, limits, held) => {
    const position = lots(held);
    let mark = ticks(10_000);
    let best: Best | undefined;
    let stops: KnownStop[] = [];
    let id = 0;
    for (const step of steps) {
      mark = ticks(mark + step);
      best = follow(best, { position, mark });
      const chosen = decide(situation({ position, mark, best, limits, stops, time: NOW }));
      if (chosen.kind === "remove") stops = stops.filter((stop) => !chosen.ids.includes(stop.id));
      if (chosen.kind === "place") {
        const { stop } = chosen;
        const before = stops.at(-1)?.price ?? stop.price;
        assert.equal(stop.side, held > 0 ? "ask" : "bid");
        assert.equal(stop.quantity, 10);
        assert(!isPassed(stop, mark), `${stop.price} is behind ${mark}`);
        assert(held > 0 ? stop.price >= before : stop.price <= before, "it gave way");
        stops = [...stops, aStop({ ...stop, id: ++id })];
      }
      assert(stops.length <= 2);
      // The exchange does its part.
      if (stops.some((stop) => isPassed(stop, mark))) return;
      assert(stops.length > 0 || Object.keys(limits).length === 0, "a position without its stop");
    }
  }));
});
