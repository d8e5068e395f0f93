// The schema for editors: the committed one is the generated one, and it takes what the program takes.

import { deepEqual, equal } from "node:assert/strict";
import { Ajv } from "ajv";
import { presetNames } from "../../lib/app/config_file.ts";
import { parseJson } from "../../lib/app/json_text.ts";
import { presetSchema } from "../../lib/app/preset_schema.ts";

const presets = new URL("../../presets/", import.meta.url);

Deno.test("the schema beside the presets is the one that is generated: deno task schema", async () => {
  equal(Deno.readTextFileSync(new URL("schema.json", presets)), await presetSchema());
});

Deno.test("every preset points at the schema and keeps it", async () => {
  const takes = new Ajv({ strict: false }).compile(JSON.parse(await presetSchema()));
  for (const name of presetNames()) {
    const preset = Object(parseJson(Deno.readTextFileSync(new URL(`${name}.json`, presets))));
    equal(preset.$schema, "./schema.json", name);
    deepEqual(takes(preset) ? [] : takes.errors, [], name);
  }
});

const files: readonly (readonly [object, boolean])[] = [
  [{}, true],
  [{ strategy: "grid", params: { lower: null, levels: 9, autoPrice: true } }, true],
  [{ params: { stepBps: 4 } }, true],
  [{ risk: { capital: 500, maxDrawdownPct: null, drawdownAction: "flatten" } }, false],
  [{ risk: { capital: 500, maxPositionUsd: null, drawdownAction: "flatten" } }, true],
  [{ strategy: "gird" }, false],
  [{ strategy: "grid", params: { levls: 9 } }, false],
  [{ strategy: "grid", params: { levels: 1 } }, false],
  [{ strategy: "grid", params: { levels: 2.5 } }, false],
  [{ strategy: "grid", params: { spacing: "round" } }, false],
  [{ strategy: "amm", params: { levels: 9, spacing: "geometric" } }, false],
  [{ risk: { stale: 1 } }, false],
  [{ notify: { telegram: true } }, false],
  [{ extra: 1 }, false],
];

Deno.test("an editor marks what the program would refuse", async () => {
  const takes = new Ajv({ strict: false }).compile(JSON.parse(await presetSchema()));
  for (const [file, right] of files) equal(takes(file), right, JSON.stringify(file));
});
