// Presets and configuration files: one shape for both, checked key by key. A key that nothing reads
// is an error, because a limit that is only written in a file protects nobody.

import { z } from "zod";
import type { RawParam } from "../core/params.ts";
import { badValue, unknownName, UserError } from "./errors.ts";
import { parseJson } from "./json_text.ts";

const setting = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const shape = z.strictObject({
  /** Where an editor finds what may be said here; nothing else reads it. */
  $schema: z.string().optional(),
  description: z.string().optional(),
  market: z.string().optional(),
  strategy: z.string().optional(),
  params: z.record(z.string(), setting).optional(),
  risk: z.record(z.string(), setting).optional(),
  /** Notifications are not built yet: empty, so that none is asked for in vain. */
  notify: z.strictObject({}).optional(),
});

/** What one preset or configuration file says. */
export interface ConfigFile {
  /** How errors and `check` name it: `preset "grid-perp"`. */
  readonly origin: string;
  readonly description: string | undefined;
  readonly market: string | undefined;
  readonly strategy: string | undefined;
  readonly params: { readonly [name: string]: RawParam };
  readonly risk: { readonly [name: string]: RawParam };
}

const presetFolder = new URL("../../presets/", import.meta.url);
/** What lies beside the presets and is none. */
const schemaFile = "schema.json";

/** Names of the presets that come with the program, in order. */
export function presetNames(): readonly string[] {
  return [...Deno.readDirSync(presetFolder)]
    .filter(({ isFile, name }) => isFile && name.endsWith(".json") && name !== schemaFile)
    .map((entry) => entry.name.slice(0, -".json".length))
    .sort();
}

/** Reads a preset by name. Throws `UserError` naming the nearest if there is none of that name. */
export function readPreset(name: string): ConfigFile {
  const names = presetNames();
  if (!names.includes(name)) {
    const kind = `one of ${names.join(", ")}`;
    const doing = "load the preset";
    throw unknownName({ doing, key: "its name", kind, value: name, given: name, names });
  }
  const text = Deno.readTextFileSync(new URL(`${name}.json`, presetFolder));
  return parseConfigFile(`preset "${name}"`, text);
}

/** Reads a configuration file. Throws `UserError` naming the file and the key. */
export function readConfigFile(path: string): ConfigFile {
  const origin = `configuration "${path}"`;
  return parseConfigFile(origin, readText(origin, path));
}

/** Reads a text file a person named; `origin` is how the error calls it. */
export function readText(origin: string, path: string): string {
  try {
    // Editors on Windows begin a file with a byte order mark.
    return Deno.readTextFileSync(path).replace(/^\ufeff/, "");
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UserError(`Cannot load ${origin} as the file must be readable: ${error.message}`);
  }
}

/** Checks the text of a preset or configuration file. */
export function parseConfigFile(origin: string, text: string): ConfigFile {
  const doing = `load ${origin}`;
  const raw = parse(origin, text);
  const checked = shape.safeParse(raw);
  if (!checked.success) throw complaint(doing, raw, checked.error.issues);
  const { description, market, strategy, params = {}, risk = {} } = checked.data;
  return { origin, description, market, strategy, params, risk };
}

function parse(origin: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UserError(`Cannot load ${origin} as the file must be JSON: ${error.message}`);
  }
}

/** What zod expected, as a person says it. */
const inWords: { readonly [expected: string]: string } = {
  string: "text",
  object: "an object",
  record: "an object",
};

/** The first thing zod found, in the words of every other error. */
function complaint(doing: string, raw: unknown, issues: readonly z.core.$ZodIssue[]): UserError {
  const [issue] = issues;
  if (issue === undefined) return new UserError(`Cannot ${doing}`);
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const [given = ""] = issue.keys;
    const key = [...path, given].join(".");
    const value = inside(raw, [...path, given]);
    const known = Object.keys(shape.shape).filter((name) => name !== "$schema");
    const names = path.length === 0 ? known : [];
    return unknownName({ doing, key, kind: "a key that is known here", value, given, names });
  }
  const wanted = issue.code === "invalid_type" ? issue.expected : "";
  const rule = `must be ${inWords[wanted] ?? "text, a number, true, false or null"}`;
  return badValue({ doing, key: path.join(".") || "the file", rule, value: inside(raw, path) });
}

function inside(value: unknown, path: readonly string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (typeof value !== "object" || value === null) return undefined;
  return inside(new Map(Object.entries(value)).get(key), rest);
}
