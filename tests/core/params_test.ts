import assert from "node:assert/strict";
import { defaultParams, type ParamSpec, type RawParam, readParam } from "../../lib/core/params.ts";

const spacing = {
  type: "number",
  default: 0.01,
  min: 0.0002,
  max: 0.1,
  unit: "of price",
  help: "",
} as const;
const levels = { type: "integer", default: 5, min: 1, max: 50, help: "" } as const;
const cap = { type: "number", default: null, min: 0, max: 1000, unit: "USD", help: "" } as const;
const mode = { type: "choice", default: "both", choices: ["both", "long"], help: "" } as const;
const trail = { type: "flag", default: true, help: "" } as const;

const accepted: readonly (readonly [string, ParamSpec, RawParam, RawParam])[] = [
  ["a number", spacing, 0.05, 0.05],
  ["a number as text", spacing, "0.05", 0.05],
  ["a number between blanks", spacing, " 5e-2 ", 0.05],
  ["the least", spacing, 0.0002, 0.0002],
  ["the most", spacing, "0.1", 0.1],
  ["a whole number", levels, 50, 50],
  ["a whole number as text", levels, "1", 1],
  ["a whole number written with a point", levels, "7.0", 7],
  ["not set", cap, null, null],
  ["not set as text", cap, "null", null],
  ["zero, which is not the same as not set", cap, "0", 0],
  ["a choice", mode, "long", "long"],
  ["a flag on", trail, true, true],
  ["a flag on as text", trail, "on", true],
  ["a flag true as text", trail, "true", true],
  ["a flag yes", trail, "yes", true],
  ["a flag off", trail, false, false],
  ["a flag off as text", trail, "off", false],
  ["a flag false as text", trail, "false", false],
  ["a flag no", trail, "no", false],
];

for (const [name, spec, raw, expected] of accepted) {
  Deno.test(`${name} is read`, () => {
    assert.equal(readParam("x", spec, raw), expected);
  });
}

const refused: readonly (readonly [string, ParamSpec, RawParam, string])[] = [
  ["below the least", spacing, 0.0001, "must be between 0.0002 and 0.1 of price"],
  ["above the most", spacing, "2", "must be between 0.0002 and 0.1 of price"],
  ["above the most, without a unit", levels, 51, "must be between 1 and 50"],
  ["a fraction", levels, 1.5, "must be a whole number"],
  ["a word", spacing, "wide", "must be a number"],
  ["an empty text", spacing, "", "must be a number"],
  ["blanks", cap, "  ", "must be a number"],
  ["a flag for a number", spacing, true, "must be a number"],
  ["not a number", spacing, NaN, "must be a number"],
  ["no end", cap, "Infinity", "must be a number"],
  ["not set where it must be", spacing, null, "must be set"],
  ["not set as text where it must be", levels, "null", "must be set"],
  ["an unknown choice", mode, "short", "must be one of both, long"],
  ["a choice in capitals", mode, "Long", "must be one of both, long"],
  ["a number for a choice", mode, 1, "must be one of both, long"],
  ["a number for a flag", trail, 1, "must be on or off"],
  ["not set for a flag", trail, null, "must be on or off"],
];

for (const [name, spec, raw, rule] of refused) {
  Deno.test(`${name} is refused with the name, the rule and the value`, () => {
    assert.throws(() => readParam("x", spec, raw), {
      name: "RangeError",
      message: `x ${rule}: current value is ${raw}`,
    });
  });
}

Deno.test("defaults are those of the specs", () => {
  const params = defaultParams({ spacing, levels, cap, mode, trail });
  assert.deepEqual(params, { spacing: 0.01, levels: 5, cap: null, mode: "both", trail: true });
  const narrow: { cap: number | null; mode: "both" | "long"; trail: boolean } = params;
  assert.ok(narrow);
});
