// Presets and configuration files: what they may say, and one line for what they may not.

import { deepEqual, equal, notEqual, throws } from "node:assert/strict";
import {
  parseConfigFile,
  presetNames,
  readConfigFile,
  readPreset,
} from "../../lib/app/config_file.ts";

const origin = 'preset "p"';

Deno.test("a file says market, strategy, parameters and risk settings, each if it likes", () => {
  const text = `{
    "$schema": "./schema.json", "description": "d", "market": "SOL_USDC", "strategy": "grid", // note
    "params": { "levels": 20, "autoPrice": true, "lower": null, "spacing": "geometric" },
    "risk": { "maxPositionUsd": 2500 },
    "notify": {},
  }`;
  deepEqual(parseConfigFile(origin, text), {
    origin,
    description: "d",
    market: "SOL_USDC",
    strategy: "grid",
    params: { levels: 20, autoPrice: true, lower: null, spacing: "geometric" },
    risk: { maxPositionUsd: 2500 },
  });
  const empty = { description: undefined, market: undefined, strategy: undefined };
  deepEqual(parseConfigFile(origin, "{}"), { origin, ...empty, params: {}, risk: {} });
});

Deno.test("a mistake in a file is one line that names the key and the value", () => {
  const rows = [
    [
      '{"markt": "X"}',
      "markt must be a key that is known here (nearest: market): current value is X",
    ],
    [
      '{"api": {"secret": "s"}}',
      "api must be a key that is known here (nearest: risk): current value is an object",
    ],
    [
      '{"api_secret": "s"}',
      "api_secret must be a key that is known here (nearest: market): current value is (hidden)",
    ],
    [
      '{"notify": {"telegram": true}}',
      "notify.telegram must be a key that is known here, and there is none: current value is true",
    ],
    ['{"market": 5}', "market must be text: current value is 5"],
    ['{"params": []}', "params must be an object: current value is a list"],
    [
      '{"params": {"levels": [1]}}',
      "params.levels must be text, a number, true, false or null: current value is a list",
    ],
    ["[]", "the file must be an object: current value is a list"],
  ] as const;
  for (const [text, rest] of rows) {
    throws(
      () => parseConfigFile(origin, text),
      { message: `Cannot load ${origin} as ${rest}` },
      text,
    );
  }
});

Deno.test("a file that is no JSON is named in one line", () => {
  for (const text of ["", "{", '{"a":\n\n}']) {
    throws(
      () => parseConfigFile(origin, text),
      /^UserError: Cannot load preset "p" as the file must be JSON: line \d: [^\n]+$/,
    );
  }
});

Deno.test("a key given twice is named, since only one of its values could count", () => {
  const text = '{"params": {"levels": 20},\n"risk": {"staleMs": 900, "staleMs": 9000}}';
  throws(() => parseConfigFile(origin, text), {
    message: `Cannot load ${origin} as the file must be JSON: line 2: risk.staleMs is given twice`,
  });
});

Deno.test("a byte order mark at the beginning is no part of the file", () => {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeTextFileSync(path, '\ufeff{ "market": "SOL_USDC" }');
    equal(readConfigFile(path).market, "SOL_USDC");
  } finally {
    Deno.removeSync(path);
  }
});

Deno.test("a file that is not there is named in one line", () => {
  throws(
    () => readConfigFile("no/such.json"),
    /^UserError: Cannot load configuration "no\/such.json" as the file must be readable: [^\n]+$/,
  );
});

Deno.test("every preset that comes with the program can be read, and describes itself", () => {
  notEqual(presetNames().length, 0);
  equal(presetNames().includes("schema"), false);
  for (const name of presetNames()) {
    const preset = readPreset(name);
    equal(preset.origin, `preset "${name}"`);
    notEqual(preset.description ?? "", "", name);
  }
});

Deno.test("an unknown preset is answered with the nearest", () => {
  throws(() => readPreset("grid-prep"), /nearest: grid-perp\): current value is grid-prep$/);
  throws(
    () => readPreset("../deno"),
    /^UserError: Cannot load the preset as its name must be one of/,
  );
});
