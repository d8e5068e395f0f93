// The promises that hold in every run, checked from outside after each event: against the exchange's
// own books where there are two sides, against plain sums where there is one. What needs both sides to
// agree is looked at when a timer comes and nothing is under way.

import assert from "node:assert/strict";
import type { Engine } from "../../lib/core/engine.ts";
import type { Command, Event, OrderId } from "../../lib/core/event.ts";
import type { RiskLimits } from "../../lib/core/limits.ts";
import { cashNumber } from "../../lib/core/market.ts";
import type { Plan } from "../../lib/core/strategy.ts";
import { MILLISECOND, SECOND } from "../../lib/core/units.ts";
import type { Rig } from "../../lib/lab/rig.ts";
import type { FaultyVenue } from "../../lib/sim/faults.ts";
import { compareBooks, compareWithPlan, conserved } from "./agreement.ts";
import type { Coverage } from "./coverage.ts";

/** Requests that may leave within any second: a full bucket and its refill. */
const MOST_PER_SECOND = 120;
/** An order is not longer without an answer than the worst faults one after another. */
const ANSWER_WITHIN = 30 * SECOND;
/** A clock set back by no more than has passed since the last event is noticed one event later. */
const STANDSTILL = 5 * SECOND;
/** Without market data this long a market is quiet. */
const QUIET = 5 * SECOND;

/** What one run is watched by. */
export interface Watch {
  readonly rig: Rig;
  readonly venue: FaultyVenue;
  /** As the gate must hold them. */
  readonly limits: RiskLimits;
  /** Plans made since the last event; emptied here. */
  readonly plans: Plan[];
  readonly coverage: Coverage;
}

/** Watches one run and throws at the first broken promise. */
export class Invariants {
  #watch: Watch;
  #engine: Engine;
  #sent: { readonly time: number; readonly requests: number }[] = [];
  readonly #fills = new Set<number>();
  readonly #unanswered = new Map<OrderId, number>();
  readonly #conserved: () => void;
  #marketAt: number;
  #clock = { now: 0, time: 0 };
  #bought: number;
  /** Base fees, in 1e-8. */
  #feeBase = 0;
  #events = 0;
  #agreed = 0;

  constructor(watch: Watch) {
    this.#watch = watch;
    const { engine, exchange, venue } = watch.rig;
    this.#engine = engine;
    this.#marketAt = venue.now;
    this.#bought = engine.facts.ledger.position;
    this.#conserved = conserved(exchange);
  }

  /** A new process goes on with the run; its request budget is its own. */
  goOn(rig: Rig): void {
    this.#watch = { ...this.#watch, rig };
    this.#engine = rig.engine;
    this.#sent = [];
    this.#clock = { now: rig.venue.now, time: rig.engine.facts.time };
    this.#watch.plans.length = 0;
    this.#unanswered.clear();
  }

  /** Before the engine is told of `event`. */
  before(event: Event): void {
    if (event.kind !== "timer") return;
    this.#answered();
    const { rig, venue, coverage } = this.#watch;
    const { facts } = this.#engine;
    const waits = [...facts.orders.live].some(({ state }) =>
      state !== "open" && state !== "partlyFilled"
    );
    if (waits || !venue.isQuiet) return;
    this.#agreed++;
    coverage.add("compared", "books");
    compareBooks(rig);
    this.#conserved();
    if (rig.venue.now - this.#marketAt < QUIET || facts.touch === undefined) return;
    coverage.add("compared", "books and plan in a quiet market");
    compareWithPlan(rig);
  }

  /** After the engine answered `event` with `commands`. */
  after(event: Event, commands: readonly Command[]): void {
    this.#events++;
    if (event.kind === "depth" || event.kind === "trade") {
      this.#marketAt = this.#watch.rig.venue.now;
    }
    if (event.kind === "timer") this.#timeGoesOn();
    this.#obeys(event);
    this.#positionIsFills(event);
    if (commands.length > 0) {
      this.#budget(commands);
      this.#exposure(commands);
      this.#state(commands);
      this.#takers(commands);
      this.#bounds(commands);
    }
    if ("id" in event || commands.length > 0) this.#noOwnCross();
    this.#watch.plans.length = 0;
    this.#note(event, commands);
  }

  /** After the last event: everything is stopped, told and agreed. */
  end(): void {
    const { rig, venue, coverage } = this.#watch;
    assert.ok(venue.isQuiet, "everything has been told");
    assert.equal(this.#engine.stage, "stopped", "a stop ends stopped");
    const own = rig.exchange.openOrders(rig.account);
    assert.equal(own.length, 0, `${own.length} orders rest after the stop`);
    compareBooks(rig);
    this.#conserved();
    assert.ok(this.#events >= 2_000, `only ${this.#events} events`);
    assert.ok(this.#agreed > 0, "both sides were never compared");
    for (const [rule, count] of this.#engine.facts.tally.refused) {
      coverage.add("refused by", rule, count);
    }
    for (const [kind, count] of venue.counts) coverage.add("fault", kind, count);
  }

  /** A person's word holds at once. */
  #obeys({ kind }: Event): void {
    const { name } = this.#engine.riskState;
    if (this.#engine.facts.touch === undefined) return;
    if (kind === "pause") assert.ok(name === "HALTED", `${name} after a pause`);
    if (kind === "flatten") assert.ok(name !== "ACTIVE", `${name} after flatten`);
    if (kind === "stop") assert.ok(this.#engine.stage.startsWith("stop"), "a stop was not heard");
  }

  #positionIsFills(event: Event): void {
    const { market, ledger } = this.#engine.facts;
    const isFill = event.kind === "fill" || event.kind === "foreignFill";
    if (isFill && !this.#fills.has(event.fillId)) {
      this.#fills.add(event.fillId);
      this.#bought += event.side === "bid" ? event.quantity : -event.quantity;
      this.#feeBase += event.feeBase;
    }
    const held = market.kind === "perp"
      ? this.#bought
      : Math.trunc((this.#bought * market.basePerLot - this.#feeBase) / market.basePerLot);
    assert.equal(ledger.position, held, "position is the sum of fills");
  }

  #budget(commands: readonly Command[]): void {
    const { time } = this.#engine.facts;
    const cancels = commands.filter((command) => command.kind === "cancel").length;
    const requests = cancels + (cancels < commands.length ? 1 : 0);
    this.#sent.push({ time, requests });
    while ((this.#sent[0]?.time ?? time) < time - SECOND) this.#sent.shift();
    const sum = this.#sent.reduce((total, { requests }) => total + requests, 0);
    assert.ok(sum <= MOST_PER_SECOND, `${sum} requests within a second`);
  }

  /** After sending an order that may add to a side, the worst case of that side is within the limit. */
  #exposure(commands: readonly Command[]): void {
    const { maxPositionUsd } = this.#watch.limits;
    const { touch, orders, ledger, market } = this.#engine.facts;
    if (maxPositionUsd === undefined || touch === undefined) return;
    const worst = { bid: Number(ledger.position), ask: -ledger.position };
    for (const { side, remaining, reduceOnly } of orders.live) {
      if (!reduceOnly) worst[side] += remaining;
    }
    const most = Math.floor((maxPositionUsd * 1e8) / (touch.mark * market.cashPerTickLot));
    for (const command of commands) {
      if (command.kind === "cancel" || command.reduceOnly) continue;
      if (market.kind === "spot" && command.side === "ask") continue;
      const { side } = command;
      assert.ok(worst[side] <= most, `worst case of ${side}s ${worst[side]} lots beyond ${most}`);
    }
  }

  /** Outside ACTIVE nothing leaves that could raise exposure, and nothing at all while HALTED. */
  #state(commands: readonly Command[]): void {
    const { riskState: { name }, facts: { ledger: { position }, market } } = this.#engine;
    if (name === "ACTIVE") return;
    for (const command of commands) {
      if (command.kind === "cancel") continue;
      assert.notEqual(name, "HALTED", "an order left while HALTED");
      const { side, quantity, reduceOnly } = command;
      const room = side === "bid" ? -position : position;
      assert.ok(quantity <= room, `${side} of ${quantity} left while ${name} at ${position}`);
      assert.ok(reduceOnly || market.kind === "spot", `an order not reduce-only while ${name}`);
    }
  }

  /** Each order is one that the market and the limits allow by itself. */
  #bounds(commands: readonly Command[]): void {
    const { maxOrderUsd = Infinity } = this.#watch.limits;
    const { market } = this.#engine.facts;
    const isShut = market.state === "Closed" || market.state === "CancelOnly";
    for (const command of commands) {
      if (command.kind === "cancel") continue;
      assert.ok(!isShut, `an order left while the market is ${market.state}`);
      const { price, quantity } = command;
      const worth = cashNumber(price * quantity * market.cashPerTickLot);
      assert.ok(worth <= maxOrderUsd, `an order of ${worth} USD beyond ${maxOrderUsd}`);
      const { minQuantity, maxQuantity = Infinity } = market;
      const fits = quantity >= minQuantity && quantity <= maxQuantity;
      assert.ok(fits, `an order of ${quantity} lots, market ${minQuantity} to ${maxQuantity}`);
    }
  }

  /** A taker order is sent with the plan that wants it, never again later. */
  #takers(commands: readonly Command[]): void {
    if (this.#engine.riskState.name === "FLATTENING") return;
    const wanted = this.#watch.plans.flatMap(({ orders }) => orders)
      .filter(({ role }) => role === "taker");
    for (const command of commands) {
      if (command.kind === "cancel" || command.role === "maker") continue;
      const mine = wanted.some(({ side, price }) =>
        side === command.side && price === command.price
      );
      assert.ok(mine, "a taker order left without a plan of this moment");
    }
  }

  #noOwnCross(): void {
    const { exchange, account } = this.#watch.rig;
    let bid = -Infinity;
    let ask = Infinity;
    for (const { side, limit } of exchange.openOrders(account)) {
      if (side === "bid") bid = Math.max(bid, limit);
      else ask = Math.min(ask, limit);
    }
    assert.ok(bid < ask, `own bid ${bid} at or above own ask ${ask}`);
  }

  /** Whatever the clock that stamps events does, the run's own time goes on. */
  #timeGoesOn(): void {
    const { now } = this.#watch.rig.venue;
    const { time } = this.#engine.facts;
    if (now - this.#clock.now < STANDSTILL) return;
    assert.ok(time > this.#clock.time, "the run's time stands still");
    this.#clock = { now, time };
  }

  /** No order is left for ever in a state that waits for an answer. */
  #answered(): void {
    const { now } = this.#watch.rig.venue;
    const before = new Map(this.#unanswered);
    this.#unanswered.clear();
    for (const { id, state } of this.#engine.facts.orders.live) {
      if (state === "open" || state === "partlyFilled") continue;
      const since = before.get(id) ?? now;
      this.#unanswered.set(id, since);
      const wait = now - since;
      assert.ok(wait < ANSWER_WITHIN, `order ${id} is ${state} for ${wait / MILLISECOND} ms`);
    }
  }

  #note(event: Event, commands: readonly Command[]): void {
    const { coverage } = this.#watch;
    const { facts, riskState } = this.#engine;
    coverage.add("event", event.kind);
    if ("id" in event) coverage.add("order state", facts.orders.find(event.id)?.state ?? "unheard");
    if ("reason" in event) coverage.add(event.kind, event.reason);
    for (const { kind } of commands) {
      coverage.add("order state", kind === "place" ? "sent" : "cancelling");
    }
    coverage.add("risk state", riskState.name);
    if (riskState.rule !== undefined) coverage.add("held by", riskState.rule);
  }
}
