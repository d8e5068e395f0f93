// One run's settings, merged from four places: preset, then configuration files, then environment,
// then flags; the later wins. Each value keeps its origin, so that `check` can say who decided, and
// each is checked where it was said, so that a mistake in a preset is found even if a flag hides it.

import { defaultLimits, type RiskLimits, riskSpecs } from "../core/limits.ts";
import type { Market } from "../core/market.ts";
import { defaultParams, type ParamSpec, type RawParam, readParam } from "../core/params.ts";
import type { ParamSpecs, ParamValues, Strategy } from "../core/strategy.ts";
import { type Cash, cashOf } from "../core/units.ts";
import { type ConfigFile, readConfigFile, readPreset } from "./config_file.ts";
import { envSettings } from "./environment.ts";
import { badValue, orComplain, unknownName, UserError } from "./errors.ts";
import type { Plugin } from "./plugins.ts";
import type { Shell } from "./shell.ts";
import { loadStrategy } from "./strategies.ts";

/** The flags that choose what to run; shared by all commands that run something. */
export interface Selectors {
  readonly strategy?: string;
  readonly preset?: string;
  readonly config?: readonly string[];
  readonly set?: readonly string[];
  readonly market?: string;
  readonly envFile?: string;
}

/** One setting with who decided it. */
export interface Setting {
  /** As `--set` takes it; a risk setting the strategy has a namesake of begins with `risk.`. */
  readonly key: string;
  readonly value: RawParam;
  readonly unit: string | undefined;
  readonly origin: string;
}

/** Everything that is settled before a run starts. */
export interface Config {
  /** Where the strategy lives, if not in this process. */
  readonly plugin?: Plugin;
  readonly strategy: Strategy;
  readonly market: Market;
  readonly params: ParamValues<ParamSpecs>;
  readonly limits: RiskLimits;
  /** Equity at the start; undefined where no one set it. */
  readonly capital: Cash | undefined;
  /** Who chose strategy and market, then every setting. */
  readonly settings: readonly Setting[];
}

/** A value as a person types it. */
export function showValue(value: RawParam): string {
  if (value === null) return "not set";
  return typeof value === "boolean" ? value ? "on" : "off" : String(value);
}

/** Settings of a run that are of the risk gate or of the run itself: everything but the strategy's. */
export const runSpecs: { readonly [key: string]: ParamSpec } = {
  capital: {
    type: "number",
    default: null,
    min: 0,
    max: 45_000_000,
    unit: "USD",
    help: "equity at the start; absent = what the account holds",
  },
  ...riskSpecs,
};

/** A setting as it was said, before it is known whose it is. */
interface Said {
  readonly key: string;
  readonly raw: RawParam;
  readonly origin: string;
  /** How a complaint about it begins. */
  readonly doing: string;
}

/**
 * Merges and checks all settings. Throws `UserError` at the first that is wrong.
 * Without a `shell` nothing is taken from the environment.
 */
export async function loadConfig(
  selectors: Selectors,
  shell: Shell | undefined,
  plugin?: Plugin,
): Promise<Config> {
  const files = [
    ...(selectors.preset === undefined ? [] : [readPreset(selectors.preset)]),
    ...(selectors.config ?? []).map(readConfigFile),
  ];
  const chosen = plugin === undefined
    ? choose("strategy", files, selectors.strategy)
    : { value: plugin.strategy.name, origin: "--plugin" };
  const strategy = plugin?.strategy ?? await loadStrategy(chosen.value);
  const { findMarket, knownMarkets } = await import("../data/markets.ts");
  const place = choose("market", files, selectors.market);
  const market = findMarket(place.value);
  if (market === undefined) {
    throw unknownName({
      doing: "choose the market",
      key: "its symbol",
      kind: "a known market, see: bpx-bot list markets",
      value: place.value,
      given: place.value,
      names: knownMarkets.map(({ symbol }) => symbol),
    });
  }
  const table = new Settings(strategy);
  for (const said of files.flatMap(saidInFile)) table.take(said);
  for (
    const { key, text, origin } of shell ? envSettings(shell, table.keys, selectors.envFile) : []
  ) {
    table.take({ key, raw: text, origin, doing: `use ${origin}` });
  }
  for (const text of selectors.set ?? []) table.take(saidByFlag(text));
  return {
    ...(plugin && { plugin }),
    strategy,
    market,
    params: table.params(),
    limits: limitsOf(table.run()),
    capital: capitalOf(table.run()),
    settings: [
      { key: "strategy", value: chosen.value, unit: undefined, origin: chosen.origin },
      { key: "market", value: place.value, unit: undefined, origin: place.origin },
      ...table.list(),
    ],
  };
}

/** The settings of one run: the strategy's as `params.NAME`, the gate's as `risk.NAME`. */
class Settings {
  readonly #specs = new Map<string, ParamSpec>();
  readonly #values = new Map<string, { value: RawParam; origin: string }>();

  constructor(readonly strategy: Strategy) {
    for (const [name, spec] of Object.entries(strategy.params)) {
      this.#specs.set(`params.${name}`, spec);
    }
    for (const [name, spec] of Object.entries(runSpecs)) this.#specs.set(`risk.${name}`, spec);
    for (const [name, spec] of this.#specs) {
      this.#values.set(name, { value: spec.default, origin: "default" });
    }
  }

  /** Every key that can be set. */
  get keys(): readonly string[] {
    const names = [...this.#specs.keys()];
    return [...new Set([...names.map((name) => this.#short(name)), ...names])];
  }

  take({ key, raw, origin, doing }: Said): void {
    // Without a prefix a key is the strategy's if it has it, else the gate's.
    const name = [key, `params.${key}`, `risk.${key}`].find((name) => this.#specs.has(name));
    const spec = name === undefined ? undefined : this.#specs.get(name);
    if (name === undefined || spec === undefined) {
      const kind = `a setting of ${this.strategy.name} or of the risk gate`;
      throw unknownName({ doing, key, kind, value: raw, given: key, names: this.keys });
    }
    const value = orComplain(doing, () => readParam(this.#short(name), spec, raw));
    this.#values.set(name, { value, origin });
  }

  params(): ParamValues<ParamSpecs> {
    return this.#under("params.", defaultParams(this.strategy.params));
  }

  /** The values of `runSpecs`, `null` = not set. */
  run(): { readonly [name: string]: RawParam } {
    return this.#under("risk.", runSpecs);
  }

  list(): readonly Setting[] {
    return [...this.#values].map(([name, { value, origin }]) => {
      const spec = this.#specs.get(name);
      const unit = spec !== undefined && "unit" in spec ? spec.unit : undefined;
      return { key: this.#short(name), value, unit, origin };
    });
  }

  #under(prefix: string, names: object): { readonly [name: string]: RawParam } {
    return Object.fromEntries(
      Object.keys(names).map((name) => [name, this.#values.get(prefix + name)?.value ?? null]),
    );
  }

  /** The key as a person says it: the prefix only where the strategy and the gate share the name. */
  #short(name: string): string {
    const bare = name.slice(name.indexOf(".") + 1);
    return name.startsWith("risk.") && this.#specs.has(`params.${bare}`) ? name : bare;
  }
}

/** The last who named a strategy or a market. */
function choose(
  key: "strategy" | "market",
  files: readonly ConfigFile[],
  flag: string | undefined,
): { readonly value: string; readonly origin: string } {
  if (flag !== undefined) return { value: flag, origin: `--${key}` };
  for (const file of [...files].reverse()) {
    const value = file[key];
    if (value !== undefined) return { value, origin: file.origin };
  }
  const rule = `must be named with --${key} or in a --preset or --config`;
  throw badValue({ doing: "start", key, rule, value: undefined });
}

function saidInFile({ origin, params, risk }: ConfigFile): readonly Said[] {
  const said = (prefix: string, values: { readonly [name: string]: RawParam }) =>
    Object.entries(values)
      .map(([name, raw]) => ({ key: prefix + name, raw, origin, doing: `load ${origin}` }));
  return [...said("params.", params), ...said("risk.", risk)];
}

function saidByFlag(text: string): Said {
  const cut = text.indexOf("=");
  if (cut < 1) {
    const rule = "must be like key=value";
    throw badValue({ doing: "read the command line", key: "--set", rule, value: text });
  }
  const key = text.slice(0, cut).trim();
  const raw = text.slice(cut + 1).trim();
  if (raw === "") {
    const rule = "must be like key=value, key=null where nothing shall be set";
    throw badValue({ doing: "read the command line", key: "--set", rule, value: text });
  }
  return { key, raw, origin: "--set", doing: `use --set ${key}` };
}

/** The limits of the gate: `readParam` has held each value to its spec, and `riskSpecs` to `RiskLimits`. */
function limitsOf(values: { readonly [name: string]: RawParam }): RiskLimits;
function limitsOf(values: { readonly [name: string]: RawParam }): object {
  const set = Object.keys(riskSpecs)
    .map((name) => [name, values[name]])
    .filter(([, value]) => value !== null);
  return { ...defaultLimits, ...Object.fromEntries(set) };
}

function capitalOf(values: { readonly [name: string]: RawParam }): Cash | undefined {
  const capital = values["capital"];
  if (typeof capital !== "number") return undefined;
  if (capital > 0) return cashOf(capital);
  throw new UserError(`Cannot start as capital must be above zero: current value is ${capital}`);
}
