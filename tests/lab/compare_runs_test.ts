// Tests lib/lab/compare_runs.ts on sessions that were spoilt on purpose: what the run met and no
// backtest assumes is found by putting it in alone, and no simulation is run in vain.

import assert from "node:assert/strict";
import type { Command, Event } from "../../lib/core/event.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { defaultParams } from "../../lib/core/params.ts";
import type { Setup, Strategy } from "../../lib/core/strategy.ts";
import { cash, lots, SECOND, ticks } from "../../lib/core/units.ts";
import type { Cause, RunFill } from "../../lib/lab/compare.ts";
import { Decisions } from "../../lib/lab/compare_decisions.ts";
import { type ComparedResult, compareRuns } from "../../lib/lab/compare_runs.ts";
import { readSession, runFills, type Session } from "../../lib/lab/compare_session.ts";
import { rig } from "../../lib/lab/rig.ts";
import { run } from "../../lib/run.ts";
import { SynthMarket } from "../../lib/sim/synth.ts";
import { TapeFeed } from "../../lib/sim/tape_feed.ts";
import grid from "../../strategies/grid.ts";
import { chaos } from "../support/chaos.ts";
import { perpMarket, START } from "../support/core.ts";

const market = perpMarket();
const fees = { maker: 2, taker: 5 };
const balances = { USDC: "10000" };
const { needs: _, ...rest } = grid;
const toldAll: Strategy = { ...rest, observes: ["fill", "book", "trade"] };
const gridParams = {
  ...defaultParams(grid.params),
  ...{ autoPrice: true, priceRange: 0.004, levels: 13 },
};

const chaosTold: Strategy = { ...chaos, observes: ["fill", "trade"] };
const chaosParams = { ...defaultParams(chaos.params), takers: 0.3, reach: 4, most: 20 };

interface Asked {
  readonly strategy?: Strategy;
  readonly params?: Setup["params"];
  /** Leaves events out of the record. */
  keeps?(event: Event, fillTimes: readonly number[]): boolean;
  readonly durationSec?: number;
  /** Fills the run never had. */
  readonly plants?: readonly RunFill[];
  /** Spoils the session. */
  spoil?(session: Session): Session;
}

async function compared({ strategy = toldAll, params = gridParams, ...asked }: Asked) {
  const synth = new SynthMarket(market, {
    ...{ seed: 5, start: START, durationSec: asked.durationSec ?? 300, volatilityPct: 150 },
  });
  const parts = rig({
    ...{ market, strategy, params, fees, balances, seed: 5, latencyMs: 50, fillModel: "queue" },
    ...{ limits: defaultLimits, quickLane: "off", price: ticks(15_000), time: START },
    feed: new TapeFeed(() => synth.chunk()),
  });
  const steps: (readonly [Event, readonly Command[]])[] = [];
  await run(parts.engine, parts.venue, [
    parts.record,
    { seen: (event, commands) => void steps.push([event, commands]) },
  ]);
  const fillTimes = parts.record.fills.map(({ time }) => time);
  const kept = steps.filter(([event]) => asked.keeps?.(event, fillTimes) ?? true);
  const session = await readSession((observer) => {
    for (const [event, commands] of kept) observer.seen(event, commands);
    return Promise.resolve();
  }, { backMs: 50, staleMs: 5000 });
  const { ledger, lastMark = ticks(15_000) } = parts.engine.facts;
  const { capital } = parts;
  return await compareRuns({
    ...{ strategy, setup: { market, params, fees, capital }, limits: defaultLimits, balances },
    ...{ seed: 5, time: START, session: asked.spoil?.(session) ?? session },
    fills: [...runFills(market, parts.record.fills, { backMs: 50 }), ...asked.plants ?? []]
      .sort((a, b) => a.time - b.time),
    ...{ mark: lastMark, equity: ledger.equity(lastMark), decisions: new Decisions() },
    ...{ backMs: 50, latencyMs: 50 },
  });
}

function causes({ byCause }: ComparedResult): ReadonlySet<Cause> {
  return new Set(byCause.keys());
}

Deno.test("an unspoilt session does not differ, and one simulation is enough", async () => {
  const result = await compared({});
  assert.deepEqual([result.differences, result.runs], [[], 1]);
  assert.equal(result.matched, result.recorded);
});

Deno.test("fills of a time in which the market was not heard are missing data", async () => {
  let [from, to] = [0, 0];
  const result = await compared({
    keeps: (event, fillTimes) => {
      from = (fillTimes[8] ?? 0) - 3 * SECOND;
      to = from + 9 * SECOND;
      const isMarket = event.kind === "depth" || event.kind === "trade" || event.kind === "mark";
      return !isMarket || event.time < from || event.time > to;
    },
  });
  assert.ok(causes(result).has("missing data"), [...causes(result)].join(", "));
  assert.ok(!causes(result).has("unexplained"));
  const missed = result.differences.filter(({ cause }) => cause === "missing data");
  for (const { recorded } of missed) {
    assert.ok(recorded !== undefined && recorded.time >= from && recorded.time <= to + 60 * SECOND);
  }
});

Deno.test("without the trades between strangers the place in the queue is the cause", async () => {
  const own = new Set<number>();
  const result = await compared({
    keeps: (event, fillTimes) => {
      for (const time of fillTimes) own.add(time - 50_000);
      return event.kind !== "trade" || own.has(event.time);
    },
  });
  assert.ok(result.differences.length > 0);
  assert.deepEqual(causes(result), new Set(["queue"]));
});

Deno.test("own orders left in the book are own impact", async () => {
  const result = await compared({
    ...{ strategy: chaosTold, params: chaosParams, durationSec: 60 },
    // As if they had been taken out of the wrong one.
    spoil: (session) => ({ ...session, others: session.shown, shown: session.others }),
  });
  assert.ok(result.differences.length > 5);
  const impact = result.differences.filter(({ cause }) => cause === "own impact").length;
  assert.ok(impact > result.differences.length / 2, `${impact} of ${result.differences.length}`);
});

Deno.test("a fill of an order that the simulation refused is a rejection", async () => {
  const asked = { strategy: chaosTold, params: chaosParams, durationSec: 60 };
  const { orders, recorded } = await compared(asked);
  const refused = orders.simulated.find((order) => order.refused !== undefined);
  assert.ok(refused !== undefined, "the strategy must be refused something");
  const { side, price, sentAt } = refused;
  const planted = { side, price, time: sentAt, quantity: lots(3), fee: cash(0) };
  const result = await compared({ ...asked, plants: [planted] });
  const found = result.differences.filter(({ recorded }) => recorded === planted);
  assert.deepEqual(found.map(({ cause }) => cause), ["rejection"]);
  assert.equal(result.recorded, recorded + 1);
});
