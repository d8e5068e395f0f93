// The JSON Schema of presets and configuration files, for editors: made from the same tables that
// flags and checks are made from, so that it cannot say anything else.

import type { ParamSpec, ParamSpecs } from "../core/params.ts";
import { runSpecs } from "./config.ts";
import { loadStrategy, strategyNames } from "./strategies.ts";

type Schema = { readonly [key: string]: unknown };

/** The schema as text, as it lies beside the presets. */
export async function presetSchema(): Promise<string> {
  const strategies = await Promise.all(strategyNames.map(loadStrategy));
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "A preset or configuration file of bpx-bot",
    ...closed({
      $schema: { type: "string" },
      description: { type: "string" },
      market: { type: "string", description: "its symbol, as list markets shows it" },
      strategy: { type: "string", enum: strategyNames },
      params: { type: "object", description: "settings of the strategy" },
      risk: { description: "limits of the risk gate, and capital", ...settings(runSpecs) },
      notify: { description: "not built yet", ...closed({}) },
    }),
    // A file may leave the strategy to another one; where it names it, its settings are known.
    allOf: strategies.map(({ name, params }) => ({
      if: { properties: { strategy: { const: name } }, required: ["strategy"] },
      then: { properties: { params: settings(params) } },
    })),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function settings(specs: ParamSpecs): Schema {
  const entries = Object.entries(specs).map(([name, spec]) => [name, setting(spec)]);
  return closed(Object.fromEntries(entries));
}

function closed(properties: Schema): Schema {
  return { type: "object", additionalProperties: false, properties };
}

function setting(spec: ParamSpec): Schema {
  const { default: preset, help } = spec;
  switch (spec.type) {
    case "flag":
      return { type: "boolean", default: preset, description: help };
    case "choice":
      return { type: "string", enum: spec.choices, default: preset, description: help };
    case "number":
    case "integer": {
      const { type, min, max, unit } = spec;
      const bounds = { default: preset, minimum: min, maximum: max };
      const description = unit === undefined ? help : `${help} (${unit})`;
      return { type: preset === null ? [type, "null"] : type, ...bounds, description };
    }
  }
}
