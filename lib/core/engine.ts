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
import type { Command, Event, OrderId } from "./event.ts";
import { type Effect, Facts, type Touch } from "./facts.ts";
import type { Inventory } from "./ledger.ts";
import type { RiskLimits } from "./limits.ts";
import type { Market } from "./market.ts";
import type { Planner } from "./planner.ts";
import type { ApprovedPlan } from "./risk.ts";
import { isSamePlan } from "./standing.ts";
import type { Plan, View } from "./strategy.ts";
import { type Cash, type Micros, micros, MILLISECOND } from "./units.ts";

/** Where a run is in its life. stopping: cancelling; stopped: nothing of ours is left. */
export type Stage = "starting" | "running" | "stopping" | "stopped";

/** What a run starts with. */
export interface EngineOptions {
  readonly market: Market;
  readonly planner: Planner;
  readonly limits: RiskLimits;
  readonly capital: Cash;
  /** What the run takes over; absent = nothing. */
  readonly inventory?: Inventory;
  /** How often the strategy is asked when nothing of ours happens. */
  readonly everyMs: number;
  /** When equity is held against the limits: at the cadence, or at each event, where events are far apart. */
  readonly looks?: "cadence" | "each event";
  readonly seed: number;
  /** The start of the run. */
  readonly time: Micros;
  /** Ids for orders; each call gives one never used before. */
  nextId(): OrderId;
}

/** Observations of single market events: a strategy that wants one must be told each. */
const marketKinds = ["book", "trade", "mark", "bar"] as const;
const NOTHING: readonly Command[] = [];
const EMPTY: Plan = { orders: [] };

/** One run in one market. */
export class Engine {
  readonly facts: Facts;
  readonly breakers: Breakers;
  readonly drawdown = new Drawdown();
  readonly #options: EngineOptions;
  readonly #planner: Planner;
  readonly #desk: Desk;
  readonly #every: number;
  /** Some limit must be asked at each move of the book, not only at the cadence. */
  readonly #eager: boolean;
  #stage: Stage = "starting";
  #plan: Plan = EMPTY;
  /** The plan has not been acted upon yet: its taker orders may go out. */
  #fresh = false;
  #nextPulse: number;
  #planDue = false;
  #finish: Plan["finish"];

  constructor(options: EngineOptions) {
    const { market, limits, capital, inventory, everyMs, time } = options;
    this.#options = options;
    this.#planner = options.planner;
    this.facts = new Facts(market, capital, inventory, time);
    this.breakers = new Breakers(limits, capital);
    this.#desk = new Desk(this.facts, limits, options.nextId);
    this.#every = everyMs * MILLISECOND;
    this.#eager = limits.movePct1s !== undefined || limits.maxSpreadPct !== undefined;
    this.#nextPulse = time;
  }

  get stage(): Stage {
    return this.#stage;
  }
  /** The limits in force: the operator's and the strategy's, the stricter of each. */
  get limits(): RiskLimits {
    return this.#options.limits;
  }
  get riskState(): RiskState {
    return this.breakers.state;
  }
  /** The strategy's latest plan. */
  get plan(): Plan {
    return this.#plan;
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
    if (touch === undefined) {
      this.#endStop();
      return this.#desk.pull();
    }
    if (isMarketData(event)) this.breakers.market(facts.time, touch.midTicks);
    if (this.#stage === "starting") this.#start();
    const pulse = facts.time >= this.#nextPulse;
    if (pulse) this.#beat();
    if (effect === "replan" || this.#leftBand(touch.midTicks)) this.#planDue = true;
    const looks = pulse || this.#planDue || this.#eager || this.#options.looks === "each event";
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
    const quiet = this.#stage === "running" && !this.#planDue && !this.#eager &&
      this.breakers.calm && orders.areSettled &&
      !marketKinds.some((kind) => listener?.observes.has(kind));
    if (!quiet || touch === undefined) return undefined;
    const { below = -Infinity, above = Infinity } = this.#plan.holds ?? {};
    const rests = this.#desk.isSettled && this.#plan.holds !== undefined &&
      listener?.observes.has("timer") === false;
    if (!rests) return { until: micros(this.#nextPulse), below, above };
    const watch = new Watch(ledger, this.breakers, this.drawdown, touch.mark);
    return { until: nextDay(time), below, above, watch };
  }

  /** What the strategy sees at this moment; undefined before the first book. */
  view(): View | undefined {
    return this.facts.view(this.#options.seed);
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
      case "foreignFill":
        // Somebody else moves this position: what the strategy knows of it no longer holds.
        this.breakers.command("halt", this.facts.time);
        return this.facts.take(event);
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
    if (this.#plan.holds === undefined) this.#planDue = true;
  }

  #leftBand(midTicks: number): boolean {
    const { holds } = this.#plan;
    return holds !== undefined && (midTicks < holds.below || midTicks > holds.above);
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
    const changed = this.breakers.pulse({ time, equity, midTicks, bestBid, bestAsk, flat });
    if (this.#finish === "flatten" && flat && this.#stage === "running") this.#stage = "stopping";
    return changed;
  }

  /** Asks for a plan; true if it repeats the one before, or none was given. */
  #ask(): boolean {
    this.#planDue = false;
    if (this.#stage !== "running") return false;
    const view = this.view();
    const plan = view && this.#planner.plan(view);
    if (plan === undefined) return true;
    const repeats = isSamePlan(this.#plan, plan);
    this.#adopt(plan);
    return repeats;
  }

  #adopt(plan: Plan): void {
    this.#plan = plan;
    this.#fresh = true;
    if (plan.finish === undefined || this.#finish !== undefined) return;
    // A person's pause holds: the strategy may close its position once it is resumed.
    if (plan.finish === "flatten" && this.breakers.isPaused) return;
    this.#finish = plan.finish;
    if (plan.finish === "stop") this.#stage = "stopping";
    else this.breakers.command("flatten", this.facts.time);
  }

  #decide(touch: Touch): readonly Command[] {
    const commands = this.#desk.carryOut(this.#wanted(touch), touch, this.breakers.state.name);
    this.#endStop();
    return commands;
  }

  #endStop(): void {
    if (this.#stage === "stopping" && this.facts.orders.count === 0) this.#stage = "stopped";
  }

  /** What should rest now. Taker orders of a plan are sent once; makers rest until the next plan. */
  #wanted(touch: Touch): Plan {
    if (this.#stage === "stopping" || this.#stage === "stopped") return EMPTY;
    if (this.breakers.state.name === "FLATTENING") {
      return closingPlan(this.facts, touch, this.#options.limits.priceCollarPct);
    }
    const fresh = this.#fresh;
    this.#fresh = false;
    if (fresh) return this.#plan;
    return { ...this.#plan, orders: this.#plan.orders.filter((order) => order.role === "maker") };
  }
}

/** Any of these says that the connection to the market is alive. */
function isMarketData({ kind }: Event): boolean {
  return kind === "depth" || kind === "trade" || kind === "mark" || kind === "bar";
}
