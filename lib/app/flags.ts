// Flags that are numbers or one of a few words, read with the same rules and the same complaints as
// every other setting. Commander hands over text only.

import { readParam } from "../core/params.ts";
import { badValue, orComplain } from "./errors.ts";

const doing = "read the command line";

/** Reads a number between two bounds. Throws `UserError` naming `key`. */
export function numberFlag(
  key: string,
  text: string,
  bounds: {
    readonly type: "number" | "integer";
    readonly min: number;
    readonly max: number;
    readonly unit?: string;
  },
): number {
  const value = orComplain(
    doing,
    () => readParam(key, { ...bounds, default: bounds.min, help: "" }, text),
  );
  if (typeof value === "number") return value;
  throw badValue({ doing, key, rule: "must be a number", value: text });
}

/** Reads one word of `choices`. Throws `UserError` naming `key`. */
export function choiceFlag<const C extends string>(
  key: string,
  text: string,
  choices: readonly C[],
): C {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw badValue({ doing, key, rule: `must be one of ${choices.join(", ")}`, value: text });
}

/** Reads the seed of a run; without a text 1, so that a run without flags can be repeated. */
export function seedFlag(text = "1"): number {
  return numberFlag("--seed", text, { type: "integer", min: 0, max: 2 ** 32 - 1 });
}

/** Reads the time an order takes to the exchange, in ms; without a text 50. */
export function latencyFlag(text = "50"): number {
  return numberFlag("--latency", text, { type: "number", min: 0, max: 60_000, unit: "ms" });
}
