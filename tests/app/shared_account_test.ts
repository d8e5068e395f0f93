// What a live run tells the other bots of its account, and what it learns from them.

import { deepEqual, equal } from "node:assert/strict";
import { SharedAccount, stakeOf } from "../../lib/app/shared_account.ts";
import { Engine } from "../../lib/core/engine.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { notional } from "../../lib/core/market.ts";
import type { Planner } from "../../lib/core/planner.ts";
import { cash, lots, type Micros, ticks } from "../../lib/core/units.ts";
import { ManualWall } from "../backpack/scripted.ts";
import { Folder } from "../data/files.ts";
import { aFill, after, bid, level, perpMarket, START } from "../support/core.ts";

const market = perpMarket();
const resting: Planner = {
  name: "resting",
  observes: new Set(),
  memory: {},
  start: () => {},
  observe: () => {},
  plan: () => ({ orders: [bid(9_980, 10)] }),
  restore: () => {},
};

function anEngine(): Engine {
  let id = 0;
  const capital = cash(1_000_000_000_000);
  const parts = { market, planner: resting, limits: defaultLimits, capital, seed: 1, time: START };
  return new Engine({ ...parts, everyMs: 1000, nextId: () => ++id });
}

/** The book at these prices, and the limits looked at. */
function book(engine: Engine, ms: number, bestBid: number): void {
  const time: Micros = after(ms);
  const sides = { bids: [level(bestBid, 50)], asks: [level(bestBid + 20, 50)] };
  engine.handle({ kind: "depth", time, ...sides, snapshot: true });
}

Deno.test("a stake is the position with its orders filled, and the loss of the day", () => {
  const engine = anEngine();
  equal(stakeOf(engine), undefined, "nothing is known before the first mark");
  book(engine, 0, 9_990);
  const worth = (quantity: number, price: number) => notional(market, ticks(price), lots(quantity));
  deepEqual(stakeOf(engine), { exposure: worth(10, 10_000), lossToday: 0 });
  engine.handle(aFill({ id: 1, price: 9_980, quantity: 4, time: after(10) }));
  book(engine, 1_500, 9_870);
  // The rest of the plan is topped up: 4 held, 10 resting.
  deepEqual(stakeOf(engine), { exposure: worth(14, 9_880), lossToday: worth(4, 100) });
});

Deno.test("each learns what the others hold, and a dead one frees its part of the budget", async () => {
  using folder = new Folder();
  const wall = new ManualWall();
  const bots = ["SOL_USDC_PERP", "BTC_USDC_PERP"].map((market) => {
    const engine = anEngine();
    book(engine, 0, 9_990);
    const limiter = { share: 1 };
    const pair = { account: "a", market, tag: 130 };
    const dataDir = folder.path("");
    return {
      engine,
      limiter,
      over: new AbortController(),
      shared: new SharedAccount({ dataDir, pair, engine, limiter, now: wall.now }),
    };
  });
  const [sol, btc] = bots;
  if (sol === undefined || btc === undefined) throw new Error("two bots");
  const clock = { now: wall.localMs, sleep: wall.sleep };
  const kept = bots.map(({ shared, over }) => shared.keep(clock, over.signal));
  await wall.advance(4_000);
  deepEqual([sol.limiter.share, btc.limiter.share], [0.5, 0.5]);
  const { exposure = cash(0) } = stakeOf(btc.engine) ?? {};
  deepEqual(sol.shared.others, { exposure, lossToday: 0 });
  // It falls silent without a farewell: its position counts on.
  btc.over.abort();
  await wall.advance(14_000);
  equal(sol.limiter.share, 1);
  deepEqual(sol.shared.others.exposure, exposure);
  sol.over.abort();
  await Promise.all(kept);
  for (const { shared } of bots) shared[Symbol.dispose]();
});
