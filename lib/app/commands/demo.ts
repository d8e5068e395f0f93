// `demo`: what the bot does, in under a minute and with nothing to set: a grid on the embedded
// exchange, where hours of a synthetic market pass in seconds.

import { parseBalances, parseFees } from "../account.ts";
import { loadConfig } from "../config.ts";
import { seedFlag } from "../flags.ts";
import { paperRun } from "../paper_run.ts";
import { print, type Shell } from "../shell.ts";
import { version } from "../version.ts";
import { watched } from "../watched.ts";

/** Flags of `demo`. */
export interface DemoFlags {
  readonly seed: string;
  readonly json?: true;
}

const preset = "grid-perp";
/** Rungs closer together than the preset's, so that there is something to see within hours. */
const set = ["priceRange=0.02"];
/** Market seconds: four hours. */
const durationSec = 4 * 3_600;
/** Four hours in twenty seconds. */
const speed = 720;

/** Runs the demo and gives its exit code. */
export async function demoCommand(flags: DemoFlags, shell: Shell): Promise<number> {
  const seed = seedFlag(flags.seed);
  // A demo is the same everywhere: nothing is taken from the environment.
  const config = await loadConfig({ preset, set }, undefined);
  const { market } = config;
  if (!flags.json) {
    print(shell, `Demo: preset ${preset} with ${set.join(", ")} on a synthetic ${market.symbol}:`);
    print(shell, `four hours of it in ${durationSec / speed} seconds. Ctrl+C stops in order.`);
  }
  const { strategy, params, limits } = config;
  return await watched(shell, flags.json ? "json" : "people", (eyes) =>
    paperRun({
      ...{ market, strategy, params, limits, version, seed, speed, durationSec, ...eyes },
      balances: parseBalances(undefined, market),
      fees: parseFees(undefined, market),
      latencyMs: 50,
    }));
}
