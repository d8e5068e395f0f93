// What a strategy lets a person set: types, defaults and bounds in one place, from which flags,
// presets, help, forms and the optimiser's search space are made.

/** One parameter. `null` as a default means "not set". */
export type ParamSpec =
  | {
    readonly type: "number" | "integer";
    readonly default: number | null;
    readonly min: number;
    readonly max: number;
    /** Shown behind the value: "bps", "s", "USD". */
    readonly unit?: string;
    readonly help: string;
  }
  | {
    readonly type: "choice";
    readonly default: string;
    readonly choices: readonly string[];
    readonly help: string;
  }
  | { readonly type: "flag"; readonly default: boolean; readonly help: string };

/** The parameters of a strategy by name. */
export type ParamSpecs = { readonly [name: string]: ParamSpec };

/** The value type one spec allows. */
export type ParamValue<S extends ParamSpec> = S extends { readonly type: "flag" } ? boolean
  : S extends { readonly type: "choice"; readonly choices: readonly (infer C)[] } ? C
  : S extends { readonly default: null } ? number | null
  : S extends { readonly default: number } ? number
  : number | null;

/** The values a strategy is started with, one for each of its parameters. */
export type ParamValues<P extends ParamSpecs> = { readonly [K in keyof P]: ParamValue<P[K]> };

/** A value as it comes from JSON or, always text, from a flag or the environment. */
export type RawParam = string | number | boolean | null;

/** The defaults of `specs`. */
export function defaultParams<P extends ParamSpecs>(specs: P): ParamValues<P>;
export function defaultParams(specs: ParamSpecs): { [name: string]: RawParam } {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.default]));
}

/**
 * Reads one value by its spec. Text is converted ("0.5", "on"/"true", "null" where not set is allowed).
 * Throws `RangeError` "<name> <rule>: current value is <value>".
 */
export function readParam(name: string, spec: ParamSpec, raw: RawParam): RawParam {
  switch (spec.type) {
    case "flag":
      return readFlag(name, raw);
    case "choice":
      if (typeof raw === "string" && spec.choices.includes(raw)) return raw;
      throw fault(name, `must be one of ${spec.choices.join(", ")}`, raw);
    case "number":
    case "integer":
      return readNumber(name, spec, raw);
  }
}

function readFlag(name: string, raw: RawParam): boolean {
  if (raw === true || raw === "true" || raw === "on" || raw === "yes") return true;
  if (raw === false || raw === "false" || raw === "off" || raw === "no") return false;
  throw fault(name, "must be on or off", raw);
}

function readNumber(
  name: string,
  spec: Extract<ParamSpec, { type: "number" | "integer" }>,
  raw: RawParam,
): number | null {
  if (raw === null || raw === "null") {
    if (spec.default === null) return null;
    throw fault(name, "must be set", raw);
  }
  const value = typeof raw === "string" && raw.trim() !== "" ? Number(raw) : raw;
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw fault(name, "must be a number", raw);
  }
  if (spec.type === "integer" && !Number.isInteger(value)) {
    throw fault(name, "must be a whole number", raw);
  }
  if (value < spec.min || value > spec.max) {
    const unit = spec.unit === undefined ? "" : ` ${spec.unit}`;
    throw fault(name, `must be between ${spec.min} and ${spec.max}${unit}`, raw);
  }
  return value;
}

function fault(name: string, rule: string, value: RawParam): RangeError {
  return new RangeError(`${name} ${rule}: current value is ${value}`);
}
