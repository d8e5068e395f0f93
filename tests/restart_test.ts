// A process that is replaced in the middle of a run, at a random moment, by one that knows nothing but
// the state that went through JSON and what the exchange says on connecting. What it plans first is
// what the old one would have planned then; and where that asks for nothing new, so that both go on
// with the same orders, every later plan is that of the run never broken, to the last word.

import assert from "node:assert/strict";
import { Engine } from "../lib/core/engine.ts";
import { defaultLimits, stricter } from "../lib/core/limits.ts";
import type { Market } from "../lib/core/market.ts";
import { defaultParams, type RawParam } from "../lib/core/params.ts";
import { inProcess } from "../lib/core/planner.ts";
import { Random } from "../lib/core/random.ts";
import { readState } from "../lib/core/state.ts";
import type { Strategy } from "../lib/core/strategy.ts";
import { lots, type Micros, ticks } from "../lib/core/units.ts";
import { type Rig, rig } from "../lib/lab/rig.ts";
import { SynthMarket } from "../lib/sim/synth.ts";
import { marketShapes, synthDefaults, type SynthOptions } from "../lib/sim/synth_options.ts";
import { TapeFeed } from "../lib/sim/tape_feed.ts";
import amm from "../strategies/amm.ts";
import flow from "../strategies/flow.ts";
import grid from "../strategies/grid.ts";
import points from "../strategies/points.ts";
import { perpMarket, spotMarket } from "./support/core.ts";

/** How many moments each run is broken at; with BPX_LONG enough to meet the rare ones. */
const BREAKS = Deno.env.get("BPX_LONG") === undefined ? 1 : 40;

interface Scene {
  readonly strategy: Strategy;
  readonly market: Market;
  readonly params: { readonly [name: string]: RawParam };
  readonly latencyMs?: number;
  readonly position?: number;
}

const perp = perpMarket();
const spot = spotMarket();
const narrow = { autoPrice: true, priceRange: 0.002, levels: 9, quantity: 0.5 };
const ladder = { stepBps: 3, orderUsd: 60, maxHoldSec: 40, exitPatienceSec: 5, takeProfitPct: 0.1 };
const bands = { bandWidth: 0.2, usdPerBand: 100, target: 0.001, feeBuffer: 0, everyMs: 1000 };

const scenes: { readonly [name: string]: Scene } = {
  "grid": { strategy: grid, market: perp, params: narrow },
  "grid trailing on spot": {
    ...{ strategy: grid, market: spot, latencyMs: 60 },
    params: { ...narrow, priceRange: 0.001, levels: 6, outOfRange: "trail" },
  },
  "grid recentring": {
    ...{ strategy: grid, market: perp, latencyMs: 5 },
    params: { ...narrow, priceRange: 0.0008, levels: 5, outOfRange: "recentre", outsideSec: 5 },
  },
  "grid buying first": {
    ...{ strategy: grid, market: spot },
    params: { ...narrow, startInventory: "buy" },
  },
  "amm": { strategy: amm, market: perp, params: ladder },
  "amm on both sides": {
    ...{ strategy: amm, market: perp, latencyMs: 60 },
    params: { ...ladder, bias: "neutral", skewBps: 2 },
  },
  "amm with a stock": {
    ...{ strategy: amm, market: spot, position: 200 },
    params: { ...ladder, bias: "neutral" },
  },
  "flow": { strategy: flow, market: perp, params: { maxOrderUsd: 200, sizePct: 2 } },
  "flow at its limit": {
    ...{ strategy: flow, market: perp, latencyMs: 60 },
    params: { maxOrderUsd: 200, sizePct: 2, maxExposurePct: 3 },
  },
  "points": { strategy: points, market: perp, params: bands },
  "points on spot, adapting": {
    ...{ strategy: points, market: spot, latencyMs: 60 },
    params: { ...bands, bandDelayMs: 200, adaptWidth: true, weeklyVolumeUsd: 1e6 },
  },
};

const limits = { ...defaultLimits, staleMs: 600_000, maxDrawdownPct: 50, maxPositionUsd: 1500 };
const fees = { maker: 1, taker: 5 };
const SEED = 3;

/** A run that notes each plan with its moment, and may be broken once. */
class Run {
  plans: string[] = [];
  /** Numbers of events after which a run may be broken, and those of them where it needs nothing new. */
  readonly moments: number[] = [];
  readonly calm: number[] = [];
  fills = 0;
  /** Commands that left at the restart. A price that was refused is quiet for a second: that is forgotten. */
  sentAnew = 0;
  readonly #scene: Scene;
  readonly #strategy: Strategy;
  readonly #rig: Rig;
  #lastId = 0;

  constructor(scene: Scene, shape: Partial<SynthOptions>) {
    const { strategy, market, latencyMs = 0, position = 0 } = scene;
    this.#scene = scene;
    this.#strategy = {
      ...strategy,
      plan: (memory, view, setup) => {
        const plan = strategy.plan(memory, view, setup);
        this.plans.push(`${view.time} ${JSON.stringify(plan)}`);
        return plan;
      },
    };
    const synth = new SynthMarket(market, { ...shape, seed: SEED, durationSec: 40 });
    this.#rig = rig({
      ...{ market, strategy: this.#strategy, limits, fees, latencyMs, seed: SEED },
      params: this.#params,
      balances: { [market.quote]: "10000" },
      position: lots(position),
      fillModel: "queue",
      feed: new TapeFeed(() => synth.chunk()),
      price: ticks(15_000),
      time: synthDefaults.start,
      quickLane: "off",
    });
  }

  get #params() {
    return { ...defaultParams(this.#scene.strategy.params), ...this.#scene.params };
  }

  /** Plays to the end; what was planned until `broken`, an event by its number, is forgotten. */
  play(broken?: number): this {
    const { venue } = this.#rig;
    let { engine } = this.#rig;
    let planned = 0;
    let number = 0;
    for (let event = venue.next(); event !== undefined; event = venue.next(), number++) {
      const commands = engine.handle(event);
      for (const { id } of commands) this.#lastId = Math.max(this.#lastId, id);
      if (event.kind === "fill") this.fills++;
      // Of what happens at one moment the book comes last: then it is what the exchange would tell.
      const isTold = event.kind === "depth" || event.kind === "timer";
      if (broken === undefined && isTold && this.#isClear(engine)) {
        this.moments.push(number);
        const made = this.plans.length > planned && engine.riskState.name === "ACTIVE";
        if (made && this.plans.at(-1) === this.#planNow(engine)) this.calm.push(number);
      }
      planned = this.plans.length;
      venue.send(commands);
      if (number === broken) engine = this.#beginAnew(engine, event.time);
    }
    return this;
  }

  /** While a second order of ours is on its way to a price, nobody can say whose is what stands there. */
  #isClear(engine: Engine): boolean {
    const view = engine.view();
    const [bid, ask] = [view?.bids[0], view?.asks[0]];
    return bid !== undefined && bid.price === view?.bestBid && ask?.price === view.bestAsk;
  }

  /** What the strategy would plan at this moment, with the memory it has. */
  #planNow(engine: Engine): string {
    const { strategy, market } = this.#scene;
    const [view, { memory }] = [engine.view(), engine.snapshot()];
    assert.ok(view !== undefined && memory !== undefined, "the run has begun");
    const { capital } = this.#rig;
    const plan = strategy.plan(memory, view, { market, params: this.#params, fees, capital });
    return `${view.time} ${JSON.stringify(plan)}`;
  }

  /** From the state as a disk gives it back, and the market as the exchange tells whoever connects. */
  #beginAnew(old: Engine, time: Micros): Engine {
    const { market, strategy: { cadence } } = this.#scene;
    const { capital, exchange } = this.#rig;
    const setup = { market, params: this.#params, fees, capital };
    const engine = new Engine({
      ...{ market, capital, time, seed: SEED },
      planner: inProcess(this.#strategy, setup),
      limits: stricter(limits, this.#strategy.limits?.(setup) ?? {}),
      everyMs: cadence?.(setup).everyMs ?? 1000,
      looks: "cadence",
      nextId: () => ++this.#lastId,
      restored: { state: readState(JSON.parse(JSON.stringify(old.snapshot()))), since: [] },
    });
    const book = exchange.book(market.symbol);
    const { mark, index = mark } = book;
    const [bids, asks] = [book.depth("bid", 10_000), book.depth("ask", 10_000)];
    const expected = this.#planNow(old);
    this.plans = [];
    if (old.view()?.mark !== undefined && mark !== undefined && index !== undefined) {
      engine.handle({ kind: "mark", time, price: mark, indexPrice: index });
    }
    const commands = engine.handle({ kind: "depth", time, bids, asks, snapshot: true });
    this.#rig.venue.send(commands);
    this.sentAnew = commands.length;
    assert.deepEqual(this.plans, [expected], "what it plans first");
    return engine;
  }
}

for (const [name, scene] of Object.entries(scenes)) {
  Deno.test(`replaced at a random moment, the plans are those of an unbroken run: ${name}`, () => {
    let [fills, plans] = [0, 0];
    for (const [shape, options] of Object.entries(marketShapes)) {
      const whole = new Run(scene, options).play();
      fills += whole.fills;
      const random = new Random(SEED, shape.length);
      const draw = (moments: readonly number[]) => moments[random.integer(0, moments.length - 1)];
      for (let i = 0; i < BREAKS; i++) {
        new Run(scene, options).play(draw(whole.moments));
        const at = draw(whole.calm);
        const broken = new Run(scene, options).play(at);
        if (broken.sentAnew > 0) continue;
        const [first, ...rest] = broken.plans;
        assert.ok(first !== undefined && whole.plans.includes(first), `${shape}, event ${at}`);
        assert.deepEqual(
          rest,
          whole.plans.slice(-rest.length || Infinity),
          `${shape}, event ${at}`,
        );
        plans += rest.length;
      }
    }
    assert.ok(fills > 20 && plans > 100, `only ${fills} fills and ${plans} plans after a restart`);
  });
}
