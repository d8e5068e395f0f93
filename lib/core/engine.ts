// The middle of the one loop: an event goes in, commands come out. It asks the strategy for a plan
// when one is due, lets the risk gate trim it, and turns the difference to what rests into commands.
// No clock, no dice, no I/O: the same events give the same commands.

import { assert } from "./assert.ts";
import { Breakers } from "./breakers.ts";
import type { RiskState } from "./holds.ts";
import { type Calm, nextDay, Watch } from "./calm.ts";
import { closable, closingPlan } from "./closing.ts";
import { Desk } from "./desk.ts";
import { Drawdown } from "./drawdown.ts";
import { type Command, type Event, isMarketData } from "./event.ts";
import { type Effect, Facts, type Touch } from "./facts.ts";
import type { EngineOptions } from "./engine_options.ts";
import { EMPTY, Intent } from "./intent.ts";
import { besideOthers, isEager, type RiskLimits } from "./limits.ts";
import type { Planner } from "./planner.ts";
import type { ApprovedPlan } from "./risk.ts";
import { isSamePlan } from "./standing.ts";
import {
  assertFits,
  type EngineState,
  type JournalRow,
  type Restored,
  type Stage,
  stateOf,
} from "./state.ts";
import type { Plan, Setup, View } from "./strategy.ts";
import { micros, MILLISECOND, NEVER } from "./units.ts";

/** Observations of single market events: a strategy that wants one must be told each. */
const marketKinds = ["book", "trade", "mark", "bar"] as const;
const NOTHING: readonly Command[] = [];

/** One run in one market. */
export class Engine {
  readonly facts: Facts;
  breakers: Breakers;
  /** The limits in force: the operator's and the strategy's, the stricter of each. */
  limits: RiskLimits;
  readonly drawdown = new Drawdown();
  readonly #options: EngineOptions;
  readonly #planner: Planner;
  readonly #desk: Desk;
  readonly #intent = new Intent();
  readonly #every: number;
  #stage: Stage = "starting";
  #nextPulse: number;
  #planDue = false;
  /** After a restart: until when orders may rest without a book; NEVER = nothing was heard yet. */
  #patience = micros(0);

  constructor(options: EngineOptions) {
    const { market, limits, capital, inventory, everyMs, time } = options;
    this.#options = options;
    this.#planner = options.planner;
    this.facts = new Facts(market, capital, inventory, time);
    const { restored } = options;
    if (restored !== undefined) {
      assertFits(restored.state, { market, capital, strategy: this.#planner.name });
    }
    this.limits = limits;
    this.breakers = restored === undefined
      ? new Breakers(limits, capital)
      : Breakers.restore(limits, capital, restored.state.breakers);
    this.#desk = new Desk(this.facts, besideOthers(limits, this.facts.account), options.nextId);
    this.#every = everyMs * MILLISECOND;
    this.#nextPulse = time;
    if (restored !== undefined) this.#restore(restored);
  }

  get stage(): Stage {
    return this.#stage;
  }
  get riskState(): RiskState {
    return this.breakers.state;
  }
  /** The strategy's latest plan. */
  get plan(): Plan {
    return this.#intent.plan;
  }
  /** What the gate made of it, or of what stood in for it. */
  get approved(): ApprovedPlan | undefined {
    return this.#desk.approved;
  }

  /** Takes one event and answers with the commands to send, cancels first. */
  handle(given: Event): readonly Command[] {
    const { facts } = this;
    facts.arrive(given.time);
    const event = facts.timed(given);
    const effect = this.#take(event);
    const touch = facts.touch;
    if (touch === undefined) return this.#withoutBook();
    this.#patience = micros(0);
    if (isMarketData(event)) this.breakers.market(facts.time, touch.midTicks);
    if (this.#stage === "starting") this.#start();
    const pulse = facts.time >= this.#nextPulse;
    if (pulse) this.#beat();
    if (effect === "replan" || this.#intent.hasLeftBand(touch.midTicks)) this.#planDue = true;
    const looks = pulse || this.#planDue || isEager(this.limits) || event.kind === "account" ||
      this.#options.looks === "each event";
    if (effect === "market" && !looks) return NOTHING;
    const changed = this.#check(touch);
    const asked = this.#planDue || changed;
    const repeats = asked && this.#ask();
    if (effect === "market" && !changed) {
      const rests = asked ? repeats && this.#desk.standsAgain(touch) : this.#desk.isSettled;
      if (rests) return NOTHING;
    }
    return this.#decide(touch);
  }

  /**
   * The time and the band of mid within which market data changes nothing; undefined while each
   * event may matter. Valid until the next event is handled.
   */
  get calm(): Calm | undefined {
    const { touch, listener, ledger, orders, time } = this.facts;
    const quiet = this.#stage === "running" && !this.#planDue && !isEager(this.limits) &&
      this.breakers.calm && orders.areSettled &&
      !marketKinds.some((kind) => listener?.observes.has(kind));
    if (!quiet || touch === undefined) return undefined;
    const { below = -Infinity, above = Infinity } = this.#intent.plan.holds ?? {};
    const rests = this.#desk.isSettled && this.#intent.plan.holds !== undefined &&
      listener?.observes.has("timer") === false;
    if (!rests) return { until: micros(this.#nextPulse), below, above };
    const watch = new Watch(ledger, this.breakers, this.drawdown, touch.mark);
    return { until: nextDay(time), below, above, watch };
  }

  /** Another text than before: a journal must take a snapshot now, before what was answered leaves. */
  get turn(): string {
    return `${this.#stage} ${this.#intent.finish} ${this.breakers.heldBy}`;
  }

  /** Other settings from the next event on, which must let the memory mean the same. Holds and peaks stay. */
  change({ limits, setup }: { readonly limits: RiskLimits; readonly setup: Setup }): void {
    this.limits = limits;
    this.breakers = Breakers.restore(limits, this.#options.capital, this.breakers.snapshot());
    this.#desk.change(besideOthers(limits, this.facts.account));
    this.#planner.change?.(setup);
    this.#planDue = true;
  }

  /** The run as plain data. With the events and commands after it nothing of the run is lost. */
  snapshot(): EngineState {
    const { facts, breakers, drawdown } = this;
    const [planner, intent, stage] = [this.#planner, this.#intent, this.#stage];
    const nextPulse = this.#nextPulse;
    return stateOf({ facts, breakers, drawdown, planner, intent, stage, nextPulse });
  }

  /** What the strategy sees at this moment; undefined before the first book. */
  view(): View | undefined {
    return this.facts.view(this.#options.seed);
  }

  /** Goes on where an earlier process ended, and waits for a book. */
  #restore({ state, since }: Restored): void {
    this.facts.restore(state.facts);
    this.drawdown.restore(state.drawdown);
    this.#stage = state.stage;
    this.#intent.restore(state);
    this.#nextPulse = state.nextPulse;
    if (state.memory !== undefined) {
      this.#planner.restore(structuredClone(state.memory));
      this.facts.listener = this.#planner;
    }
    for (const row of since) this.#recall(row);
    this.facts.forgetMark();
    this.#planDue = true;
    this.#patience = NEVER;
  }

  /** Takes what has happened already: nothing is planned, and nothing leaves. */
  #recall(row: JournalRow): void {
    const { facts } = this;
    if ("commands" in row) return facts.sent(row.commands, row.time);
    const { event, time = event.time } = row;
    facts.reach(time);
    // Changes of a book that is not there would make a wrong one.
    if (event.kind !== "depth") this.#take({ ...event, time: facts.time });
  }

  /** Without a book nothing can be quoted. After a restart what rests may stay until there was time for one. */
  #withoutBook(): readonly Command[] {
    this.#endStop();
    const { time } = this.facts;
    if (this.#patience === NEVER) {
      this.#patience = micros(time + this.limits.staleMs * MILLISECOND);
    }
    const waits = time < this.#patience && this.#stage === "running" &&
      this.breakers.state.name === "ACTIVE";
    return waits ? NOTHING : this.#desk.pull();
  }

  #take(event: Event): Effect {
    switch (event.kind) {
      case "timer":
        return "market";
      case "pause":
      case "resume":
      case "flatten":
        this.breakers.command(event.kind, this.facts.time);
        return "replan";
      case "stop":
        this.#stage = "stopping";
        return "ours";
      case "planned":
        this.#planner.restore(event.memory);
        this.#adopt(event.plan);
        return "ours";
      case "foreignFill": {
        const { onForeignFill: then = "halt" } = this.#options;
        const effect = then === "ignore" ? "ours" : this.facts.take(event);
        // Somebody else moves this position: what the strategy knows of it no longer holds.
        if (effect === "replan" && then === "halt") this.breakers.command(then, this.facts.time);
        return effect;
      }
      default:
        return this.facts.take(event);
    }
  }

  #start(): void {
    const view = this.view();
    assert(view !== undefined, "start before the first book");
    this.#planner.start(view);
    this.facts.listener = this.#planner;
    this.#stage = "running";
    this.#planDue = true;
  }

  /** Keeps the cadence: tells the timer, and asks for a plan unless the last one still holds. */
  #beat(): void {
    const { time } = this.facts;
    this.#nextPulse = (Math.floor(time / this.#every) + 1) * this.#every;
    this.facts.tell("timer", () => ({ kind: "timer", time }));
    if (this.#intent.plan.holds === undefined) this.#planDue = true;
  }

  /** Asks every limit that may change the state of the run; true if one did. */
  #check(touch: Touch): boolean {
    const { bestBid, bestAsk, midTicks, mark } = touch;
    this.facts.look(touch);
    const { ledger, orders, time } = this.facts;
    const nothingToClose = closable(this.facts.market, ledger.position) === 0;
    const flat = nothingToClose && orders.count === 0;
    const equity = ledger.equity(mark);
    this.drawdown.add(time, equity);
    const account = this.facts.account.pulse(this.facts.market, ledger.position, mark);
    const pulse = { time, equity, midTicks, bestBid, bestAsk, flat, account };
    const changed = this.breakers.pulse(pulse);
    if (this.#intent.finish === "flatten" && flat && this.#stage === "running") {
      this.#stage = "stopping";
    }
    return changed;
  }

  /** Asks for a plan; true if it repeats the one before, or none was given. */
  #ask(): boolean {
    this.#planDue = false;
    if (this.#stage !== "running") return false;
    const view = this.view();
    const plan = view && this.#planner.plan(view);
    if (plan === undefined) return true;
    const repeats = isSamePlan(this.#intent.plan, plan);
    this.#adopt(plan);
    return repeats;
  }

  #adopt(plan: Plan): void {
    const finish = this.#intent.adopt(plan, this.breakers);
    if (finish === "stop") this.#stage = "stopping";
    else if (finish === "flatten") this.breakers.command("flatten", this.facts.time);
  }

  #decide(touch: Touch): readonly Command[] {
    const commands = this.#desk.carryOut(this.#wanted(touch), touch, this.breakers.state.name);
    this.#endStop();
    return commands;
  }

  #endStop(): void {
    if (this.#stage === "stopping" && this.facts.orders.count === 0) this.#stage = "stopped";
  }

  /** What should rest now. */
  #wanted(touch: Touch): Plan {
    if (this.#stage === "stopping" || this.#stage === "stopped") return EMPTY;
    if (this.breakers.state.name === "FLATTENING") {
      return closingPlan(this.facts, touch, this.limits.priceCollarPct);
    }
    return this.#intent.takeUp();
  }
}
