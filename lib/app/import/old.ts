// What an old bot's file is turned into, and the one place that judges it: every key of the file ends
// in the report, mapped, kept apart as a secret, left out with a reason, or in doubt. Values pass the
// same check as `--set`, so what is written is what `check` takes.

import { riskSpecs } from "../../core/limits.ts";
import { type ParamSpec, type RawParam, readParam } from "../../core/params.ts";
import type { ParamSpecs } from "../../core/strategy.ts";

/** What became of one key of the old file. */
export interface Fate {
  readonly key: string;
  readonly kind: "mapped" | "secret" | "ignored" | "doubt";
  /** Where it went, or why not; never the value of a secret. */
  readonly text: string;
}

/** The names of the environment that a secret may go to. */
export type SecretName = "BPX_API_KEY" | "BPX_API_SECRET" | "BPX_TELEGRAM_TOKEN";

/** An old file, understood. */
export interface Imported {
  /** What kind of file it was, for people. */
  readonly kind: string;
  readonly strategy: string;
  readonly market: string | undefined;
  readonly params: { readonly [name: string]: RawParam };
  readonly risk: { readonly [name: string]: RawParam };
  /** Lines of the `.env` file. */
  readonly secrets: ReadonlyMap<SecretName | "BPX_API_URL", string>;
  /** No keys yet: the old bot made a pair by itself. */
  readonly wantsPair: boolean;
  readonly fates: readonly Fate[];
}

/** What one old key means. Gets the value as text, number or flag; a list or an object is a doubt. */
export type Rule = (found: Found, value: RawParam) => void;
/** The keys of one format, lower-case paths joined by dots. */
export type Rules = { readonly [key: string]: Rule };

/** Collects what the rules of a format say. */
export class Found {
  readonly params = new Map<string, RawParam>();
  readonly risk = new Map<string, RawParam>();
  readonly secrets = new Map<SecretName | "BPX_API_URL", string>();
  readonly fates: Fate[] = [];
  market: string | undefined;
  wantsPair = false;
  #key = "";

  constructor(readonly specs: ParamSpecs) {}

  /** Applies the rule of each key; one without a rule is a doubt. */
  apply(rules: Rules, values: ReadonlyMap<string, unknown>): void {
    for (const [key, value] of values) {
      this.#key = key;
      const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
      if (rule === undefined) this.doubt("no such key is known in this format");
      else if (isRaw(value)) rule(this, value);
      else this.doubt("must be text, a number or true or false");
    }
  }

  /** A setting of the strategy. */
  param(name: string, value: RawParam, note?: string): void {
    this.#put(this.params, "params", name, this.specs[name], value, note);
  }

  /** A limit of the risk gate. */
  limit(name: keyof typeof riskSpecs, value: RawParam, note?: string): void {
    this.#put(this.risk, "risk", name, riskSpecs[name], value, note);
  }

  /** Kept apart from the preset. An empty one is left out. */
  secret(name: SecretName, value: RawParam): void {
    if (value === null || String(value).trim() === "") return this.ignored("empty");
    this.secrets.set(name, String(value).trim());
    this.#say("secret", `${name} in .env`);
  }

  /** Left out, and why. */
  ignored(reason: string): void {
    this.#say("ignored", reason);
  }

  mapped(text: string): void {
    this.#say("mapped", text);
  }

  /** Somebody must look at it: the import does not end well. */
  doubt(reason: string): void {
    this.#say("doubt", reason);
  }

  #put(
    into: Map<string, RawParam>,
    group: string,
    name: string,
    spec: ParamSpec | undefined,
    value: RawParam,
    note: string | undefined,
  ): void {
    if (spec === undefined) return this.doubt(`${group}.${name} does not exist`);
    const read = valueOf(name, spec, value);
    if (read instanceof RangeError) return this.doubt(read.message);
    into.set(name, read);
    this.#say("mapped", `${group}.${name} = ${read}${note === undefined ? "" : ` (${note})`}`);
  }

  #say(kind: Fate["kind"], text: string): void {
    this.fates.push({ key: this.#key, kind, text });
  }
}

/** A rule that takes the value as it is. */
export function toParam(name: string, note?: string): Rule {
  return (found, value) => found.param(name, value, note);
}

/** A rule that leaves the key out. */
export function left(reason: string): Rule {
  return (found) => found.ignored(reason);
}

/** A rule for a secret. */
export function toSecret(name: SecretName): Rule {
  return (found, value) => found.secret(name, value);
}

/** A rule for the address of the exchange: Backpack's own needs no line. */
export const toUrl: Rule = (found, value) => {
  const text = String(value ?? "").trim().replace(/\/+$/, "");
  if (text === "" || URL.parse(text)?.host === "api.backpack.exchange") {
    return found.ignored("Backpack's own address is the default");
  }
  found.secrets.set("BPX_API_URL", text);
  found.mapped("BPX_API_URL in .env");
};

function valueOf(name: string, spec: ParamSpec, value: RawParam): RawParam | RangeError {
  try {
    return readParam(name, spec, value);
  } catch (error) {
    if (error instanceof RangeError) return error;
    throw error;
  }
}

function isRaw(value: unknown): value is RawParam {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}
