// Settings that are changed while a bot runs, by the same names and within the same bounds as --set,
// and taken back one by one. A limit of the risk gate may change at any time. A parameter only where
// it is known that the strategy's memory means the same under the new value; any other says: restart.

import { z } from "zod";
import { type RiskLimits, riskSpecs, stricter } from "../core/limits.ts";
import { type ParamSpec, type ParamSpecs, type RawParam, readParam } from "../core/params.ts";
import type { ParamValues, Setup, Strategy, View } from "../core/strategy.ts";
import { orComplain, unknownName, UserError } from "./errors.ts";

/** One change as it was made; `null` = not set. */
export interface Changed {
  readonly key: string;
  readonly before: RawParam;
  readonly after: RawParam;
}

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
/** A change as it goes over a wire. */
export const changedShape: z.ZodType<Changed> = z.object({
  key: z.string(),
  before: value,
  after: value,
});

/** Settings as a run has them at one moment. */
export interface Terms {
  readonly setup: Setup;
  /** In force: the operator's and the strategy's, the stricter of each. */
  readonly limits: RiskLimits;
}

/** The run that is changed. */
export interface Changeable {
  /** Undefined before the first book. */
  view(): View | undefined;
  /** These settings from the next event on. */
  change(terms: Terms): void;
}

/** What changes begin from. */
export interface ChangesOptions {
  readonly strategy: Strategy;
  readonly setup: Setup;
  /** The operator's own limits, without the strategy's. */
  readonly limits: RiskLimits;
  /** Limits that may be changed but not taken away. */
  readonly needed: readonly (keyof RiskLimits)[];
  readonly run: Changeable;
  /** To be shown and written down. */
  onChange(changed: Changed): void;
}

/** Changes that can be taken back. */
const MOST_CHANGES = 100;

/** Parameters of which nothing in the memory of their strategy depends; all others need a restart. */
const free: { readonly [strategy: string]: readonly string[] } = {
  grid: ["outOfRange", "maxShifts", "outsideSec", "takeProfitPct", "stopLossPct"],
  amm: [
    ...["stepBps", "levels", "windowBids", "windowAsks", "orderUsd", "maxPositionUsd"],
    ...["refreshSec", "chaseTicks", "joinBest", "maxDeviationBps", "takeProfitPct", "tpOffsetBps"],
    ...["tpGuard", "maxHoldSec", "exitPatienceSec", "enableBids", "enableAsks", "strictMaker"],
    ...["strictNearTop", "skewBps", "leverage"],
  ],
  flow: [
    ...["threshold", "emaAlpha", "minHoldMs", "offsetTicks", "requoteTicks", "maxAgeMs"],
    ...["sizePct", "maxOrderUsd", "maxExposurePct", "hedgePct", "minHedgeUsd", "breakerPct"],
    ...["maxSpreadPct", "cooldownMs"],
  ],
  points: [
    ...["bandWidth", "usdPerBand", "capitalFraction", "compound", "bands", "target", "feeBuffer"],
    ...["bandDelayMs", "weeklyVolumeUsd"],
  ],
};

/** Settings of the gate and the run that something was built from at the start. */
const built: readonly string[] = ["capital", "atrBars", "atrBarSec", "staleMs"];

/** The settings of one run. */
export class Changes {
  readonly #options: ChangesOptions;
  #own: RiskLimits;
  #terms: Terms;
  readonly #made: Changed[] = [];

  constructor(options: ChangesOptions) {
    const { strategy, setup, limits } = options;
    this.#options = options;
    this.#own = limits;
    this.#terms = { setup, limits: limitsOf(strategy, setup, limits) };
  }

  /** Changes one setting. Throws `UserError` where its value is wrong, or may not change now. */
  set({ key, value }: { readonly key: string; readonly value: string }): Changed {
    const { name, spec } = this.#find(key, value);
    const bare = name.slice(name.indexOf(".") + 1);
    this.#refuseFixed(key, name, bare);
    const after = orComplain(`set ${key}`, () => readParam(key, spec, value));
    if (after === null && this.#options.needed.some((needed) => name === `risk.${needed}`)) {
      throw refused(key, "must be set for this run");
    }
    const changed = { key: name, before: this.#valueOf(name, bare), after };
    if (changed.before === after) return changed;
    this.#make(changed);
    this.#made.push(changed);
    if (this.#made.length > MOST_CHANGES) this.#made.shift();
    return changed;
  }

  /** Takes the latest change back. Throws `UserError` where there is none. */
  undo(): Changed {
    const last = this.#made.at(-1);
    if (last === undefined) throw new UserError("Cannot undo as nothing was changed in this run");
    const changed = { key: last.key, before: last.after, after: last.before };
    this.#make(changed);
    this.#made.pop();
    return changed;
  }

  /** Without a prefix a key is the strategy's if it has it, else the gate's. */
  #find(key: string, value: RawParam): { readonly name: string; readonly spec: ParamSpec } {
    const specs = specsOf(this.#options.strategy);
    for (const name of [key, `params.${key}`, `risk.${key}`]) {
      const spec = specs.get(name);
      if (spec !== undefined) return { name, spec };
    }
    if (built.includes(key)) throw refused(key, "is what the run was started with: restart it");
    const kind = `a setting of ${this.#options.strategy.name} or of the risk gate`;
    const names = [...specs.keys()].map((name) => name.slice(name.indexOf(".") + 1));
    throw unknownName({ doing: `set ${key}`, key, kind, value, given: key, names });
  }

  #refuseFixed(key: string, name: string, bare: string): void {
    const { strategy } = this.#options;
    const isFree = name.startsWith("risk.")
      ? !built.includes(bare)
      : free[strategy.name]?.includes(bare) === true;
    if (isFree) return;
    const whose = name.startsWith("risk.") ? "the run" : `the memory of ${strategy.name}`;
    throw refused(key, `is what ${whose} was made with: restart the bot with it`);
  }

  #valueOf(name: string, bare: string): RawParam {
    const values: { readonly [key: string]: RawParam | undefined } = name.startsWith("risk.")
      ? { ...this.#own }
      : this.#terms.setup.params;
    return values[bare] ?? null;
  }

  #make(changed: Changed): void {
    const { strategy, run, onChange } = this.#options;
    const bare = changed.key.slice(changed.key.indexOf(".") + 1);
    const ofGate = changed.key.startsWith("risk.");
    const own = ofGate ? withLimit(this.#own, bare, changed.after) : this.#own;
    const setup = ofGate ? this.#terms.setup : withParam(this.#terms.setup, bare, changed.after);
    if (!ofGate) this.#refuseSetup(bare, setup);
    const terms = { setup, limits: limitsOf(strategy, setup, own) };
    run.change(terms);
    this.#own = own;
    this.#terms = terms;
    onChange(changed);
  }

  /** What a strategy would refuse to start with now, it is not given now either. */
  #refuseSetup(key: string, setup: Setup): void {
    const { strategy, run } = this.#options;
    if (shapeOf(strategy, setup) !== shapeOf(strategy, this.#terms.setup)) {
      throw refused(key, "changes what the strategy must be told: restart the bot with it");
    }
    const view = run.view();
    if (view === undefined) throw refused(key, "can be judged only once there is a book");
    const wrong = complaintOf(strategy, setup, view);
    if (wrong === undefined) return;
    // A start may be refused for what the market did since: only what is wrong anew is this change's.
    const isNew = wrong.startsWith(`${key} `) ||
      complaintOf(strategy, this.#terms.setup, view) === undefined;
    if (isNew) throw new UserError(`Cannot set ${key} as ${wrong}`);
  }
}

function specsOf(strategy: Strategy): ReadonlyMap<string, ParamSpec> {
  const named = (prefix: string, specs: ParamSpecs) =>
    Object.entries(specs).map(([name, spec]): [string, ParamSpec] => [prefix + name, spec]);
  return new Map([...named("params.", strategy.params), ...named("risk.", riskSpecs)]);
}

function limitsOf(strategy: Strategy, setup: Setup, own: RiskLimits): RiskLimits {
  return stricter(own, strategy.limits?.(setup) ?? {});
}

/** What the engine was built from and cannot be given anew. */
function shapeOf(strategy: Strategy, setup: Setup): string {
  const needs = strategy.needs?.(setup) ?? strategy.observes;
  return JSON.stringify([needs, strategy.cadence?.(setup), strategy.warmup?.(setup)]);
}

/** Why the strategy would not start like this; undefined where it would. */
function complaintOf(strategy: Strategy, setup: Setup, view: View): string | undefined {
  try {
    strategy.start(setup, view);
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** `readParam` has held the value to its spec, and `riskSpecs` to `RiskLimits`. */
function withLimit(limits: RiskLimits, key: string, value: RawParam): RiskLimits;
function withLimit(limits: RiskLimits, key: string, value: RawParam): object {
  const others = Object.entries(limits).filter(([name]) => name !== key);
  return Object.fromEntries(value === null ? others : [...others, [key, value]]);
}

function withParam(setup: Setup, key: string, value: RawParam): Setup {
  const params: ParamValues<ParamSpecs> = { ...setup.params, [key]: value };
  return { ...setup, params };
}

function refused(key: string, why: string): UserError {
  return new UserError(`Cannot set ${key} as it ${why}`);
}
