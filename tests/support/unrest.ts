// Events without an exchange behind them: prices jump, orders are answered in any way or not at all,
// the account is poor and rich, a person asks this and that, and now and then the process begins anew.
// Whatever comes, a run that may only shrink does not grow.

import assert from "node:assert/strict";
import { Engine } from "../../lib/core/engine.ts";
import type { Command, Event, OrderEvent } from "../../lib/core/event.ts";
import type { OwnOrder } from "../../lib/core/orders.ts";
import { defaultParams } from "../../lib/core/params.ts";
import { inProcess } from "../../lib/core/planner.ts";
import { Random } from "../../lib/core/random.ts";
import { readState, type Restored } from "../../lib/core/state.ts";
import {
  base,
  cash,
  cashOf,
  lots,
  type Micros,
  micros,
  MILLISECOND,
  ticks,
} from "../../lib/core/units.ts";
import { chaos } from "./chaos.ts";
import { level, START } from "./core.ts";
import type { Coverage } from "./coverage.ts";
import { drawLimits, drawMarket } from "./settings.ts";

const CAPITAL = cashOf(10_000);

/** Tells a run so many random events, and holds what it sends against its state. */
export function disturb(seed: number, events: number, coverage: Coverage): void {
  const random = new Random(seed, 79);
  const begin = beginning(seed, random);
  const world = new Unrest(random);
  let engine = begin();
  for (let i = 0; i < events; i++) {
    if (random.chance(0.0005)) {
      const state = readState(JSON.parse(JSON.stringify(engine.snapshot())));
      engine = begin({ state, since: [] });
      coverage.add("event", "a new process");
    }
    const event = world.next([...engine.facts.orders.live]);
    const commands = engine.handle(event);
    coverage.add("event", event.kind);
    shrinks(engine, commands, coverage);
  }
}

function beginning(seed: number, random: Random): (restored?: Restored) => Engine {
  const market = drawMarket(random, { kind: seed % 2 === 0 ? "perp" : "spot", isOdd: true });
  const limits = {
    ...drawLimits(random),
    maxDrawdownPct: 50,
    fundingLimitPct: 0.01,
    liquidationDistancePct: 10,
    accountDailyLossUsd: 500,
  };
  const params = defaultParams(chaos.params);
  let id = 0;
  return (restored) =>
    new Engine({
      market,
      planner: inProcess(chaos, { market, params, fees: { maker: 0, taker: 0 }, capital: CAPITAL }),
      limits,
      capital: CAPITAL,
      everyMs: 1000,
      seed,
      time: START,
      nextId: () => ++id,
      ...(restored === undefined ? {} : { restored }),
    });
}

/** Outside ACTIVE only what closes position leaves, no more than there is, and nothing while HALTED. */
function shrinks(engine: Engine, commands: readonly Command[], coverage: Coverage): void {
  const { riskState: { name, rule }, facts: { ledger: { position }, market } } = engine;
  coverage.add("risk state", name);
  if (rule !== undefined) coverage.add("held by", rule);
  if (name === "ACTIVE") return;
  let left = Math.abs(position);
  for (const command of commands) {
    if (command.kind === "cancel") continue;
    const { side, quantity, reduceOnly } = command;
    coverage.add("placed while", name);
    assert.notEqual(name, "HALTED", "an order left while HALTED");
    assert.equal(side, position > 0 ? "ask" : "bid", `a ${side} left while ${name} at ${position}`);
    assert.ok((left -= quantity) >= 0, `${quantity} lots left while ${name} at ${position}`);
    assert.ok(reduceOnly || market.kind === "spot", `an order not reduce-only while ${name}`);
  }
}

/** A world that makes no sense, from dice. */
class Unrest {
  readonly #random: Random;
  #time: Micros = START;
  #mid = 15_000;
  #fills = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(live: readonly OwnOrder[]): Event {
    const random = this.#random;
    this.#time = micros(
      this.#time + random.integer(0, random.chance(0.01) ? 9_000 : 90) * MILLISECOND,
    );
    if (random.chance(0.35)) return this.#depth();
    const order = live[random.integer(0, live.length - 1)];
    if (order !== undefined && random.chance(0.7)) return this.#answer(order);
    return random.chance(0.15) ? this.#asked() : this.#told();
  }

  #depth(): Event {
    const random = this.#random;
    this.#mid = Math.max(1_000, this.#mid + Math.round(random.normal() * 4));
    const spread = random.integer(1, random.chance(0.02) ? 60 : 5);
    const side = (price: number) => random.chance(0.005) ? [] : [level(price, 500)];
    const [bids, asks] = [side(this.#mid - spread), side(this.#mid + spread)];
    return { kind: "depth", time: this.#time, bids, asks, snapshot: true };
  }

  #answer({ id, side, price, quantity, remaining }: OwnOrder): OrderEvent {
    const random = this.#random;
    const time = this.#time;
    const reason = "of the dice";
    switch (random.integer(0, 9)) {
      case 0:
        return { kind: "rejected", time, id, reason };
      case 1:
        return { kind: "cancelled", time, id };
      case 2:
        return { kind: "expired", time, id, reason };
      case 3:
        return { kind: "modified", time, id, quantity: lots(random.integer(1, quantity)) };
      case 4:
        return { kind: "unknown", time, id };
      case 5:
        return { kind: "cancelRefused", time, id, reason };
      case 6:
      case 7: {
        const part = lots(random.integer(1, Math.max(1, remaining)));
        const fees = { feeCash: cash(random.integer(-5, 50)), feeBase: base(0) };
        const fill = { fillId: this.#fills++, side, price, quantity: part, maker: true, ...fees };
        return { kind: "fill", time, id, ...fill };
      }
      default:
        return { kind: "accepted", time, id };
    }
  }

  #told(): Event {
    const random = this.#random;
    const time = this.#time;
    switch (random.integer(0, 4)) {
      case 0: {
        const price = ticks(this.#mid + random.integer(-20, 20));
        return { kind: "mark", time, price, fundingRate: random.normal() * 1e-4 };
      }
      case 1:
        return { kind: "funding", time, payment: cash(random.integer(-1e7, 1e7)), rate: 0 };
      case 2:
        return {
          kind: "account",
          time,
          netEquity: CAPITAL,
          available: cash(random.integer(0, CAPITAL)),
          liquidationPrice: ticks(random.chance(0.1) ? this.#mid : 100),
          positionOfAccount: lots(random.integer(-100, 100)),
          free: { quote: cash(random.integer(0, CAPITAL)), base: base(random.integer(0, 1e9)) },
          others: { exposure: cashOf(0), lossToday: cashOf(random.chance(0.01) ? 600 : 0) },
        };
      case 3:
        return { kind: "state", time, state: random.chance(0.8) ? "Open" : "PostOnly" };
      default:
        return { kind: "timer", time };
    }
  }

  #asked(): Event {
    const time = this.#time;
    const draw = this.#random.next();
    if (draw < 0.7) return { kind: "resume", time };
    return { kind: draw < 0.85 ? "flatten" : "pause", time };
  }
}
