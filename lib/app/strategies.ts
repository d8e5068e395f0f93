// The built-in strategies by name. Each is loaded when it is asked for, so a run loads the one it
// trades and `--version` none.

import type { Strategy } from "../core/strategy.ts";
import { unknownName } from "./errors.ts";

const builtIn: { readonly [name: string]: () => Promise<{ readonly default: Strategy }> } = {
  grid: () => import("../../strategies/grid.ts"),
  amm: () => import("../../strategies/amm.ts"),
  flow: () => import("../../strategies/flow.ts"),
  points: () => import("../../strategies/points.ts"),
};

/** Names of the built-in strategies. */
export const strategyNames: readonly string[] = Object.keys(builtIn);

/** Loads a built-in strategy. Throws `UserError` naming the nearest if there is none of that name. */
export async function loadStrategy(name: string): Promise<Strategy> {
  const load = Object.hasOwn(builtIn, name) ? builtIn[name] : undefined;
  if (load !== undefined) return (await load()).default;
  throw unknownName({
    doing: "load the strategy",
    key: "its name",
    kind: `one of ${strategyNames.join(", ")}`,
    value: name,
    given: name,
    names: strategyNames,
  });
}
