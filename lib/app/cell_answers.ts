// What a cell says, held against what it should be before anybody uses it. A plugin may say anything:
// nothing here is trusted for its shape, its length or its letters, and what is taken is a copy.

import { riskSpecs } from "../core/limits.ts";
import { type ParamSpec, type ParamSpecs, type RawParam, readParam } from "../core/params.ts";
import { faultOf } from "../core/planner.ts";
import {
  type Check,
  flag,
  list,
  oneOf,
  optional,
  plain as anObject,
  positive,
  record,
  refuse,
  type Shape,
  text,
  whole,
} from "../core/shape.ts";
import {
  type Observation,
  type Plan,
  type PlannedOrder,
  type RiskLimits,
  STRATEGY_API,
} from "../core/strategy.ts";
import { readCapabilities } from "./capabilities.ts";
import type { Description, Planned, Terms } from "./cell_protocol.ts";
import { plain } from "./errors.ts";

/** Letters of a tag, and of a reason, a summary or a help. */
const MOST_TAG = 64;
const MOST_TEXT = 500;
/** Parameters of one strategy. */
const MOST_PARAMS = 200;
/** The slowest a strategy may be asked. */
const DAY_MS = 86_400_000;

const kinds = [
  "book",
  "trade",
  "mark",
  "fill",
  "bar",
  "timer",
] as const satisfies readonly Observation[
  "kind"
][];
const kind = oneOf(...kinds);
const isFunction: Check = (value, path) => {
  if (value !== "function") refuse(path, "a function", value);
};

/** Takes the answer to a plan. Throws `RangeError` naming what is nonsense, and where. */
export function readPlanned(value: unknown): Planned {
  const { plan, memory } = held<{ plan: object; memory: object }>(value, "its answer", {
    plan: anObject,
    memory: anObject,
  });
  return { memory, plan: readPlan(plan) };
}

/** Takes the memory of an answer where no plan was asked for. Throws `RangeError` where it is none. */
export function readMemory(value: unknown): object {
  return held<{ memory: object }>(value, "its answer", { memory: anObject }).memory;
}

function readPlan(value: object): Plan {
  const { orders, reason, holds, finish } = held<Plan>(value, "plan", {
    orders: list(record<PlannedOrder>(orderShape)),
    reason: optional(text),
    holds: optional(record<NonNullable<Plan["holds"]>>({ below: whole, above: whole })),
    finish: optional(oneOf("stop", "flatten")),
  });
  const plan: Plan = {
    orders: orders.map(readOrder),
    ...(reason === undefined ? {} : { reason: shortened(reason, MOST_TEXT) }),
    ...(holds === undefined ? {} : { holds: { below: holds.below, above: holds.above } }),
    ...(finish === undefined ? {} : { finish }),
  };
  const fault = faultOf(plan);
  if (fault !== undefined) throw new RangeError(`the plan is nonsense: ${fault}`);
  return plan;
}

const orderShape: Shape<PlannedOrder> = {
  side: oneOf("bid", "ask"),
  price: positive,
  quantity: positive,
  role: oneOf("maker", "taker"),
  reduceOnly: optional(flag),
  tag: optional(text),
};

function readOrder({ side, price, quantity, role, reduceOnly, tag }: PlannedOrder): PlannedOrder {
  return {
    ...{ side, price, quantity, role },
    ...(reduceOnly === undefined ? {} : { reduceOnly }),
    ...(tag === undefined ? {} : { tag: shortened(tag, MOST_TAG) }),
  };
}

/** Takes what a plugin is. Throws `RangeError` where it is no strategy. */
export function readDescription(value: unknown): Description {
  const said = held<Said>(value, "the plugin", {
    api: oneOf(STRATEGY_API),
    name: text,
    summary: text,
    params: anObject,
    has: record<Said["has"]>({ start: isFunction, plan: isFunction }),
    capabilities: optional(anObject),
  });
  const { name, summary } = said;
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name)) {
    const wanted = "lower-case letters, digits and dashes, 32 at most";
    throw refuse("name", wanted, shortened(name, MOST_TAG));
  }
  return {
    name,
    summary: shortened(summary, MOST_TEXT),
    params: readSpecs(said.params),
    capabilities: readCapabilities(said.capabilities),
  };
}

interface Said {
  readonly api: number;
  readonly name: string;
  readonly summary: string;
  readonly params: object;
  readonly has: { readonly start: string; readonly plan: string };
  readonly capabilities?: object;
}

function readSpecs(value: object): ParamSpecs {
  const entries: [string, unknown][] = Object.entries(value);
  if (entries.length > MOST_PARAMS) refuse("params", `at most ${MOST_PARAMS}`, entries.length);
  return Object.fromEntries(entries.map(([name, spec]) => {
    if (!/^[a-zA-Z][a-zA-Z0-9]{0,39}$/.test(name)) {
      throw refuse("params", "named by letters and digits", shortened(name, MOST_TAG));
    }
    return [name, readSpec(spec, `params.${name}`)];
  }));
}

type NumberSpec = Extract<ParamSpec, { type: "number" | "integer" }>;
type ChoiceSpec = Extract<ParamSpec, { type: "choice" }>;
type FlagSpec = Extract<ParamSpec, { type: "flag" }>;

function readSpec(value: unknown, path: string): ParamSpec {
  const { type, help: written } = held<Pick<ParamSpec, "type" | "help">>(value, path, {
    type: oneOf("number", "integer", "choice", "flag"),
    help: text,
  });
  const help = shortened(written, MOST_TEXT);
  switch (type) {
    case "number":
    case "integer": {
      const given = held<Omit<NumberSpec, "type" | "help">>(value, path, {
        default: (one, at) => one === null || finite(one, at),
        min: finite,
        max: finite,
        unit: optional(text),
      });
      const { default: preset, min, max, unit } = given;
      const spec: NumberSpec = {
        ...{ type, default: preset, min, max, help },
        ...(unit === undefined ? {} : { unit: shortened(unit, MOST_TAG) }),
      };
      readParam(`${path}.default`, spec, preset);
      return spec;
    }
    case "choice": {
      const { default: preset, choices } = held<Omit<ChoiceSpec, "type" | "help">>(value, path, {
        default: text,
        choices: list(text),
      });
      const spec: ChoiceSpec = { type, default: preset, choices: choices.map(tagLike), help };
      readParam(`${path}.default`, spec, preset);
      return spec;
    }
    case "flag": {
      const spec = held<Pick<FlagSpec, "default">>(value, path, { default: flag });
      return { type, default: spec.default, help };
    }
  }
}

/** Takes what a plugin asks of a run. Throws `RangeError` naming what is nonsense. */
export function readTerms(value: unknown): Terms {
  const { observes, everyMs, limits, warmup } = held<Terms>(value, "its terms", {
    observes: list(kind),
    everyMs: optional(positive),
    limits: anObject,
    warmup: optional(record<NonNullable<Terms["warmup"]>>({ bars: positive, barSec: positive })),
  });
  if (everyMs !== undefined && everyMs > DAY_MS) refuse("everyMs", `at most ${DAY_MS}`, everyMs);
  return {
    observes: [...new Set(observes)],
    limits: readLimits(limits),
    ...(everyMs === undefined ? {} : { everyMs }),
    ...(warmup === undefined ? {} : { warmup: { bars: warmup.bars, barSec: warmup.barSec } }),
  };
}

function readLimits(value: object): Partial<RiskLimits>;
function readLimits(value: object): object {
  const specs = new Map<string, ParamSpec>(Object.entries(riskSpecs));
  const entries: [string, unknown][] = Object.entries(value);
  return Object.fromEntries(entries.map(([name, limit]) => {
    const spec = specs.get(name);
    if (spec === undefined) throw refuse("limits", "limits there are", shortened(name, MOST_TAG));
    return [name, readParam(`limits.${name}`, spec, raw(limit, `limits.${name}`))];
  }));
}

/** A number or a word; text is not turned into a number, nor is anything not set. */
function raw(value: unknown, path: string): RawParam {
  if (typeof value === "number") return value;
  if (typeof value === "string" && !/^[\d.+-]/.test(value) && value !== "null") return value;
  throw refuse(path, "a number or a word", typeof value);
}

function finite(value: unknown, path: string): void {
  if (!Number.isFinite(value)) refuse(path, "a number", value);
}

function tagLike(value: string): string {
  return shortened(value, MOST_TAG);
}

/** A text of the plugin as it may be shown: one line, of a length. */
function shortened(value: string, most: number): string {
  return plain(value).slice(0, most);
}

/** `value` as the type whose shape it has been held to. Throws `RangeError` naming what does not fit. */
function held<T>(value: unknown, path: string, shape: Shape<T>): T;
function held(value: unknown, path: string, shape: Shape<object>): unknown {
  record(shape)(value, path);
  return value;
}
