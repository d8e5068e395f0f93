// The rules that change the state of the run: loss, volatility, spread and stale data. Each breach puts
// a hold on the run, at most one per rule, and the strictest hold is the state: a weaker one cannot
// take its place, and one that ends uncovers the next. A limit is breached beyond it, not at it.

import { accountGauges, type AccountPulse } from "./account.ts";
import { assert } from "./assert.ts";
import { Bars, type BarsSnapshot, LastSecond, type LastSecondSnapshot } from "./motion.ts";
import { cashNumber } from "./market.ts";
import type { RiskLimits } from "./limits.ts";
import { effectOf, type Gauge, type Hold, type RiskState, strictestFirst } from "./holds.ts";
import {
  type Cash,
  cash,
  cashOf,
  DAY,
  type Micros,
  micros,
  MILLISECOND,
  type Ticks,
} from "./units.ts";

/** What the limits are held against. */
export interface Pulse {
  readonly time: Micros;
  /** Capital plus the profit of the run. */
  readonly equity: Cash;
  readonly midTicks: number;
  readonly bestBid: Ticks;
  readonly bestAsk: Ticks;
  /** Position zero and nothing live. */
  readonly flat: boolean;
  /** What is known of the account the run is on; absent = nothing. */
  readonly account?: AccountPulse | undefined;
}

/** `Breakers` as plain data. */
export interface BreakersSnapshot {
  readonly state: RiskState;
  readonly holds: readonly Hold[];
  readonly equity: Cash;
  readonly peak: Cash;
  readonly runBase: Cash;
  /** UTC days since 1970 and the equity at the first pulse of that day. */
  readonly day?: { readonly number: number; readonly base: Cash };
  readonly marketTime?: Micros;
  readonly second?: LastSecondSnapshot;
  readonly bars?: BarsSnapshot;
}

type LossRule = "maxDrawdownPct" | "dailyLossUsd" | "runLossPct";

/** Watches equity and mid, and says what state the run is in. Memory: one hold per rule, 101 mids, a day of ATRs. */
export class Breakers {
  readonly #limits: RiskLimits;
  readonly #capital: Cash;
  readonly #second: LastSecond | undefined;
  readonly #bars: Bars | undefined;
  /** Commands so far: one that ends where it began is a turn all the same. */
  #commands = 0;
  readonly #holds = new Map<string, Hold>();
  #state: RiskState = { name: "ACTIVE", since: micros(0) };
  #equity: Cash;
  #peak: Cash;
  #runBase: Cash;
  #day: { readonly number: number; readonly base: Cash } | undefined;
  #marketTime: Micros | undefined;

  /** `capital` is the equity the run starts from; above zero. */
  constructor(limits: RiskLimits, capital: Cash) {
    assert(capital > 0, `capital must be above zero: ${capital}`);
    this.#limits = limits;
    this.#capital = capital;
    this.#equity = capital;
    this.#peak = capital;
    this.#runBase = capital;
    if (limits.movePct1s !== undefined) this.#second = new LastSecond();
    if (limits.atrPauseMultiple !== undefined || limits.atrPausePct !== undefined) {
      this.#bars = new Bars({ count: limits.atrBars, barSec: limits.atrBarSec });
    }
  }

  get state(): RiskState {
    return this.#state;
  }

  /** The book moved. Cheap: measures what is limited, judges nothing. */
  market(time: Micros, midTicks: number): void {
    this.#marketTime = time;
    this.#second?.add(time, midTicks);
    this.#bars?.add(time, midTicks);
  }

  /** A person has paused the run. */
  get isPaused(): boolean {
    return this.#holds.has("pause");
  }

  /** What holds the run, and the day its loss counts from: it changes with them. */
  get heldBy(): string {
    const holds = [...this.#holds.values()].map(({ name, rule }) => `${name} by ${rule}`);
    return `${this.#day?.number} ${this.#commands} ${holds.join(", ")}`;
  }

  /** Nothing holds the run, and nothing is measured between pulses. */
  get calm(): boolean {
    const { maxSpreadPct, fundingLimitPct } = this.#limits;
    return this.#holds.size === 0 && this.#second === undefined && this.#bars === undefined &&
      maxSpreadPct === undefined && fundingLimitPct === undefined;
  }

  /** The equity from which the drawdown limit counts. */
  get peak(): Cash {
    return this.#peak;
  }

  /** Equity above this breaches no loss limit. */
  get leastEquity(): number {
    const { maxDrawdownPct, dailyLossUsd, runLossPct } = this.#limits;
    return Math.max(
      maxDrawdownPct === undefined ? -Infinity : this.#peak * (1 - maxDrawdownPct / 100),
      dailyLossUsd === undefined ? -Infinity : (this.#day?.base ?? Infinity) - cashOf(dailyLossUsd),
      runLossPct === undefined ? -Infinity : this.#runBase - this.#capital * (runLossPct / 100),
    );
  }

  /** Equity between pulses that breaches nothing: only its peak counts. */
  note(equity: Cash): void {
    if (equity > this.#peak) this.#peak = equity;
  }

  /** Holds every limit against the present. True if the state changed. */
  pulse(pulse: Pulse): boolean {
    const { time, equity } = pulse;
    this.#equity = equity;
    if (equity > this.#peak) this.#peak = equity;
    const today = Math.floor(time / DAY);
    if (today !== this.#day?.number) this.#day = { number: today, base: equity };
    this.#bars?.roll(time);
    for (const { rule, until } of this.#holds.values()) {
      if (until !== undefined && time >= until) this.#holds.delete(rule);
    }
    for (const gauges of [this.#losses(), this.#conditions(pulse), this.#account(pulse)]) {
      for (const gauge of gauges) if (this.#breached(gauge)) this.#hold(gauge, time);
    }
    if (pulse.flat) this.#endFlattening();
    return this.#settle(time);
  }

  /**
   * Pause and halt stop the run until `resume`, flatten closes it and then halts; the last of these
   * replaces the one before, and no limit stops a commanded flatten. Resume ends every hold, and a
   * loss limit breached at that moment counts from the equity of that moment (as peak, start of day
   * or start of run), or it would fire again at once. True if the state changed.
   */
  command(kind: "pause" | "resume" | "flatten" | "halt", time: Micros): boolean {
    this.#commands++;
    if (kind === "resume") {
      for (const gauge of this.#losses()) if (this.#breached(gauge)) this.#rebase(gauge.rule);
      this.#holds.clear();
      return this.#settle(time);
    }
    for (const command of ["pause", "flatten", "halt"]) this.#holds.delete(command);
    const name = kind === "flatten" ? "FLATTENING" : "HALTED";
    this.#holds.set(kind, { rule: kind, name, text: `${kind} by command` });
    return this.#settle(time);
  }

  /** Limits that are set but cannot be judged yet, one line each. */
  get notes(): readonly string[] {
    const { atrPauseMultiple, atrPausePct, atrBars } = this.#limits;
    const bars = this.#bars;
    const notes: string[] = [];
    if (bars === undefined) return notes;
    if (atrPauseMultiple !== undefined && bars.multiple === undefined) {
      notes.push(`atrPauseMultiple is not ready: has ${bars.seenSec} s of bars, needs an hour`);
    }
    if (atrPausePct !== undefined && bars.meanMove === undefined) {
      notes.push(`atrPausePct is not ready: has ${bars.moves} of ${atrBars} bar-to-bar moves`);
    }
    return notes;
  }

  snapshot(): BreakersSnapshot {
    return {
      state: this.#state,
      holds: [...this.#holds.values()],
      equity: this.#equity,
      peak: this.#peak,
      runBase: this.#runBase,
      ...(this.#day === undefined ? {} : { day: this.#day }),
      ...(this.#marketTime === undefined ? {} : { marketTime: this.#marketTime }),
      ...(this.#second === undefined ? {} : { second: this.#second.snapshot() }),
      ...(this.#bars === undefined ? {} : { bars: this.#bars.snapshot() }),
    };
  }

  /** Goes on where `from` ended. Holds stay even where their limit has changed: they end by time or command. */
  static restore(limits: RiskLimits, capital: Cash, from: BreakersSnapshot): Breakers {
    const breakers = new Breakers(limits, capital);
    breakers.#state = from.state;
    for (const hold of from.holds) breakers.#holds.set(hold.rule, hold);
    breakers.#equity = from.equity;
    breakers.#peak = from.peak;
    breakers.#runBase = from.runBase;
    breakers.#day = from.day;
    breakers.#marketTime = from.marketTime;
    if (from.second !== undefined) breakers.#second?.restore(from.second);
    if (from.bars !== undefined) breakers.#bars?.restore(from.bars);
    return breakers;
  }

  #losses(): readonly Gauge<LossRule>[] {
    const { drawdownAction, dailyLossAction, runLossAction } = this.#limits;
    const fall = percent(this.#peak - this.#equity, this.#peak);
    const today = this.#day && cashNumber(this.#day.base - this.#equity);
    const loss = percent(this.#runBase - this.#equity, this.#capital);
    return [
      { rule: "maxDrawdownPct", value: fall, unit: "%", action: drawdownAction },
      { rule: "dailyLossUsd", value: today, unit: "USD", action: dailyLossAction },
      { rule: "runLossPct", value: loss, unit: "%", action: runLossAction },
    ];
  }

  #conditions({ time, midTicks, bestBid, bestAsk }: Pulse): readonly Gauge[] {
    const { atrAction: action, moveAction, spreadAction } = this.#limits;
    const bars = this.#bars;
    const atr = bars?.meanMove === undefined ? undefined : percent(bars.meanMove, midTicks);
    const move = this.#second?.takeWorstPct();
    const spread = percent(bestAsk - bestBid, midTicks);
    const age = this.#marketTime === undefined ? Infinity : (time - this.#marketTime) / MILLISECOND;
    return [
      { rule: "atrPauseMultiple", value: bars?.multiple, unit: "× its median", action },
      { rule: "atrPausePct", value: atr, unit: "%", action },
      { rule: "movePct1s", value: move, unit: "%", action: moveAction },
      { rule: "maxSpreadPct", value: spread, unit: "%", action: spreadAction },
      { rule: "staleMs", value: age, unit: "ms", action: "pause" },
    ];
  }

  #account({ account }: Pulse): readonly Gauge[] {
    if (account === undefined) return [];
    const lossToday = cash((this.#day?.base ?? this.#equity) - this.#equity);
    return accountGauges(account, { limits: this.#limits, lossToday });
  }

  #breached({ rule, value, isLeast }: Gauge): boolean {
    const limit = this.#limits[rule];
    if (limit === undefined || value === undefined) return false;
    return isLeast ? value < limit : value > limit;
  }

  #hold({ rule, value, unit, action }: Gauge, time: Micros): void {
    const old = this.#holds.get(rule);
    // What ends by command only is not begun again, least of all a flattening that is done.
    if (old !== undefined && old.until === undefined) return;
    const shown = Number(value?.toPrecision(8));
    const text = `${rule} is ${shown} ${unit}, limit ${this.#limits[rule]} ${unit}`;
    // Fresh data is all that stale data lacks: no cool-down.
    const cooldown = rule === "staleMs" ? 0 : this.#limits.cooldownMs * MILLISECOND;
    const until = micros(time + cooldown);
    this.#holds.set(rule, { rule, text, ...effectOf(action, until) });
  }

  #endFlattening(): void {
    for (const hold of this.#holds.values()) {
      if (hold.name === "FLATTENING") this.#holds.set(hold.rule, { ...hold, name: "HALTED" });
    }
  }

  #rebase(rule: LossRule): void {
    const equity = this.#equity;
    if (rule === "maxDrawdownPct") this.#peak = equity;
    else if (rule === "runLossPct") this.#runBase = equity;
    else if (this.#day !== undefined) this.#day = { ...this.#day, base: equity };
  }

  #settle(time: Micros): boolean {
    if (this.#holds.size === 0 && this.#state.name === "ACTIVE") return false;
    const [top] = [...this.#holds.values()].sort(strictestFirst);
    const next: Omit<RiskState, "since"> = top ?? { name: "ACTIVE" };
    const old = this.#state;
    const changed = next.name !== old.name || next.rule !== old.rule ||
      (next.until === undefined) !== (old.until === undefined);
    this.#state = { ...next, since: changed ? time : old.since };
    return changed;
  }
}

/** Of nothing or less no part can be told: any loss there is beyond every limit. */
function percent(part: number, whole: number): number {
  return whole > 0 ? (100 * part) / whole : Infinity;
}
