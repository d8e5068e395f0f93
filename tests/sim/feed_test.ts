// What every feed promises, tried on each of them: steps come in order of time, the end is told by
// NEVER and is final, and time passes between steps only where the recording says so.

import assert from "node:assert/strict";
import { type Candles, emptyTape, ROW } from "../../lib/core/columns.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { defineStrategy } from "../../lib/core/strategy.ts";
import { NEVER, SECOND, ticks } from "../../lib/core/units.ts";
import { rig } from "../../lib/lab/rig.ts";
import { CandleFeed } from "../../lib/sim/candle_feed.ts";
import type { Feed } from "../../lib/sim/feed.ts";
import { SynthMarket } from "../../lib/sim/synth.ts";
import { TapeFeed, tapeFeed } from "../../lib/sim/tape_feed.ts";
import { after, perpMarket, START } from "../support/core.ts";

const idle = defineStrategy({
  api: 1,
  name: "idle",
  summary: "Wants nothing.",
  params: {},
  cadence: () => ({ everyMs: 500 }),
  start: () => ({}),
  plan: () => ({ orders: [] }),
});

function bars(): Candles {
  const price = Int32Array.of(10_000, 10_010, 9_990);
  const time = Float64Array.of(0, 5, 10).map((second) => START + second * SECOND);
  const volume = Float64Array.of(5, 0, 7);
  const prices = { open: price, high: price, low: price, close: price };
  return { length: 3, barSec: 5, time, ...prices, volume };
}

/** Fifteen seconds with a row at 0, 1 and 15 s. */
function ticksOf(): Feed {
  const tape = emptyTape(3);
  tape.kind.fill(ROW.bbo);
  tape.time.set([START, after(1_000), after(15_000)]);
  tape.price.set([9_990, 9_991, 9_992]);
  tape.quantity.fill(5);
  tape.askPrice.fill(10_010);
  tape.askQuantity.fill(5);
  return tapeFeed(tape);
}

function synthetic(): Feed {
  const synth = new SynthMarket(perpMarket(), {
    seed: 5,
    start: START,
    durationSec: 15,
  });
  return new TapeFeed(() => synth.chunk());
}

const feeds: readonly (readonly [string, () => Feed, { timers: number; from: number }])[] = [
  [
    "bars",
    () => new CandleFeed(bars(), { fillModel: "through", path: "nearer" }),
    {
      timers: 0,
      from: 0,
    },
  ],
  // 500 ms, 1 s, 1.5 s and so on to the last row.
  ["ticks", ticksOf, { timers: 29, from: 0 }],
  ["synthetic market", synthetic, { timers: 29, from: 0 }],
];

Deno.test("every feed steps forward in time to its end, and timers run only where it ticks", () => {
  for (const [name, make, { timers }] of feeds) {
    const feed = make();
    const { venue } = rig({
      market: perpMarket(),
      strategy: idle,
      params: {},
      limits: defaultLimits,
      fees: { maker: 0, taker: 0 },
      balances: { USDC: "1000" },
      seed: 1,
      fillModel: "queue",
      latencyMs: 0,
      feed,
      price: ticks(10_000),
      time: START,
    });
    assert.equal(feed.nextAt, START, name);
    let last: number = START;
    let nextAt: number = START;
    let heard = 0;
    for (let event = venue.next(); event !== undefined; event = venue.next()) {
      assert.ok(
        event.time >= last,
        `${name}: ${event.kind} at ${event.time} after ${last}`,
      );
      assert.ok(
        feed.nextAt >= nextAt,
        `${name}: next step at ${feed.nextAt} after ${nextAt}`,
      );
      assert.ok(
        feed.nextAt >= event.time,
        `${name}: a step at ${feed.nextAt} was passed over`,
      );
      last = event.time;
      nextAt = feed.nextAt;
      if (event.kind === "timer") heard++;
    }
    assert.equal(feed.nextAt, NEVER, name);
    assert.ok(
      last <= after(15_000) && last > after(14_000),
      `${name} ended at ${last}`,
    );
    // The last row of the synthetic market comes a little before its end.
    assert.ok(
      Math.abs(heard - timers) <= (name === "synthetic market" ? 2 : 0),
      `${name}: ${heard}`,
    );
    assert.equal(feed.ticking, timers > 0, name);
    assert.equal(venue.next(), undefined, name);
  }
});
