// Tests lib/lab/compare_venue.ts: with one delay for everything it is the simulated venue with that
// latency, to the last command; and it adds what a recorded run met, at its time.

import assert from "node:assert/strict";
import type { Command, Event, Reason } from "../../lib/core/event.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { MILLISECOND, SECOND, ticks } from "../../lib/core/units.ts";
import {
  AlarmFeed,
  type Circumstances,
  INNER_MS,
  RecordedVenue,
} from "../../lib/lab/compare_venue.ts";
import { type Rig, rig } from "../../lib/lab/rig.ts";
import { type Observer, run, type Venue } from "../../lib/run.ts";
import { SynthMarket } from "../../lib/sim/synth.ts";
import { TapeFeed } from "../../lib/sim/tape_feed.ts";
import { chaos } from "../support/chaos.ts";
import { after, perpMarket, START } from "../support/core.ts";

const market = perpMarket({ fundingIntervalMs: 30_000, fundingBoundBps: { min: -100, max: 100 } });
const params = { ...defaultParams(chaos.params), takers: 0.5, reach: 4, most: 40 };

function partsOf(
  seed: number,
  latencyMs: number,
): { readonly parts: Rig; readonly feed: AlarmFeed } {
  const synth = new SynthMarket(market, {
    seed,
    start: START,
    durationSec: 60,
    volatilityPct: 200,
  });
  const feed = new AlarmFeed(new TapeFeed(() => synth.chunk()));
  const parts = rig({
    ...{ market, strategy: chaos, params, feed, seed, latencyMs, time: START },
    ...{ limits: { ...defaultLimits, maxDrawdownPct: 50 }, fees: { maker: 2, taker: 5 } },
    ...{ balances: { USDC: "10000" }, price: ticks(15_000), fillModel: "queue", quickLane: "off" },
  });
  return { parts, feed };
}

function met(given: Partial<Circumstances> & { readonly ms: number }): Circumstances {
  const delay = given.ms * MILLISECOND;
  return { out: () => delay, back: delay, said: [], refusal: () => undefined, ...given };
}

interface Step {
  readonly event: Event;
  readonly commands: readonly Command[];
}

async function played(parts: Rig, venue: Venue): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const seen: Observer["seen"] = (event, commands) => void steps.push({ event, commands });
  await run(parts.engine, venue, [parts.record, { seen }]);
  return steps;
}

async function eventsOf(parts: Rig, venue: Venue): Promise<readonly Event[]> {
  return (await played(parts, venue)).map(({ event }) => event);
}

/** Behind the market's end, commands on their way meet nobody, and when they do is of no matter. */
function whileOpen(steps: readonly Step[]): readonly Step[] {
  return steps.filter(({ event }) => event.time < after(59_000));
}

Deno.test("with one delay for all it is the simulated venue of that latency", async () => {
  for (const [seed, ms] of [[1, INNER_MS], [2, 7], [3, 50], [4, 550], [5, 1300]] as const) {
    const plain = partsOf(seed, ms);
    const wanted = await played(plain.parts, plain.parts.venue);
    const { parts, feed } = partsOf(seed, INNER_MS);
    const found = await played(parts, new RecordedVenue(parts.venue, feed, met({ ms })));
    assert.ok(plain.parts.record.fills.length > 5);
    assert.ok(plain.parts.record.fills.some(({ maker }) => !maker), "no taker filled");
    assert.deepEqual(whileOpen(found), whileOpen(wanted), `seed ${seed}, ${ms} ms`);
  }
});

Deno.test("nothing overtakes what was sent before it, and each takes its own time", async () => {
  const { parts, feed } = partsOf(2, INNER_MS);
  let sent = 0;
  const out = () => (sent++ % 2 === 0 ? 300 : 10) * MILLISECOND;
  const events = await eventsOf(
    parts,
    new RecordedVenue(parts.venue, feed, met({ ms: 20, out })),
  );
  // A taker waits behind the speed bump, where makers pass it.
  const { orders } = parts.engine.facts;
  const isMaker = (id: number) => orders.find(id)?.role === "maker";
  const accepted = events.flatMap((event) =>
    event.kind === "accepted" && isMaker(event.id) ? [event.id] : []
  );
  assert.ok(accepted.length > 10);
  assert.deepEqual(accepted, accepted.toSorted((a, b) => a - b));
});

Deno.test("what is said enters at its time, and time never goes back", async () => {
  const { parts, feed } = partsOf(3, INNER_MS);
  const said: Event[] = [
    { kind: "pause", time: after(10_000.5) },
    { kind: "resume", time: after(20_000) },
    { kind: "stop", time: after(40_000) },
  ];
  const events = await eventsOf(
    parts,
    new RecordedVenue(parts.venue, feed, met({ ms: 20, said })),
  );
  const found = events.filter(({ kind }) => ["pause", "resume", "stop"].includes(kind));
  assert.deepEqual(found, said);
  events.forEach(({ time }, i) => assert.ok(time >= (events[i - 1]?.time ?? 0), `event ${i}`));
  const last = events.findLast(({ kind }) => kind === "accepted");
  assert.ok((last?.time ?? 0) < after(41_000), "stopped, it must not place again");
});

Deno.test("a refused order never reaches the exchange, and its refusal is heard after both ways", async () => {
  const { parts, feed } = partsOf(4, INNER_MS);
  const refused = new Map<number, number>();
  const refusal: Circumstances["refusal"] = ({ id }, time): Reason | undefined => {
    if (id % 3 !== 0) return undefined;
    refused.set(id, time);
    return "PostOnlyTaker";
  };
  const events = await eventsOf(
    parts,
    new RecordedVenue(parts.venue, feed, met({ ms: 40, refusal })),
  );
  const told = events.flatMap((event) =>
    event.kind === "rejected" && refused.has(event.id) ? [event] : []
  );
  assert.ok(told.length > 3);
  for (const { id, time, reason } of told) {
    assert.equal(reason, "PostOnlyTaker");
    assert.ok(time - (refused.get(id) ?? 0) >= 80 * MILLISECOND);
    assert.ok(time - (refused.get(id) ?? 0) < SECOND);
  }
  const others = events.filter((event) => "id" in event && refused.has(event.id));
  assert.deepEqual(new Set(others.map(({ kind }) => kind)), new Set(["rejected", "cancelRefused"]));
});
