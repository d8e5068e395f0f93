// `run`: trade one market until told to stop. Paper unless `--live`, and `--live` is refused until
// there is something behind it.

import { parseBalances, parseFees, parsePosition } from "../account.ts";
import { loadConfig, type Selectors } from "../config.ts";
import { parseDuration, parseTime } from "../duration.ts";
import { badValue, UserError } from "../errors.ts";
import { choiceFlag, latencyFlag, numberFlag, seedFlag } from "../flags.ts";
import { watchedPaperRun } from "../paper.ts";
import type { Shell } from "../shell.ts";
import { type Micros, MILLISECOND } from "../../core/units.ts";

/** Flags of `run`. */
export interface RunFlags extends Selectors {
  readonly live?: true;
  readonly feed: string;
  readonly speed: string;
  readonly duration: string;
  readonly until?: string;
  readonly balance?: string;
  readonly fees?: string;
  readonly position?: string;
  readonly latency: string;
  readonly seed: string;
  readonly json?: true;
}

/** Runs on paper and gives the exit code of the run. */
export async function runCommand(flags: RunFlags, shell: Shell): Promise<number> {
  if (flags.live) {
    throw new UserError("Cannot trade live as live trading is not built yet: leave --live out");
  }
  if (choiceFlag("--feed", flags.feed, ["backpack", "sim"]) === "backpack") {
    throw new UserError("Cannot run as the Backpack feed is not built yet: use --feed sim");
  }
  const speed = numberFlag("--speed", flags.speed, { type: "number", min: 0.01, max: 100_000 });
  const durationSec = parseDuration("--duration", flags.duration);
  const until = flags.until === undefined ? {} : { until: timeToCome(flags.until) };
  const seed = seedFlag(flags.seed);
  const latencyMs = latencyFlag(flags.latency);
  const config = await loadConfig(flags, shell);
  const { market } = config;
  return await watchedPaperRun(config, shell, {
    ...until,
    ...(flags.position === undefined ? {} : { position: parsePosition(flags.position, market) }),
    balances: parseBalances(flags.balance, market),
    fees: parseFees(flags.fees, market),
    seed,
    latencyMs,
    speed,
    durationSec,
    form: flags.json ? "json" : "people",
  });
}

/** Reads `--until`. A run that is over before it begins is a mistake in the date. */
function timeToCome(text: string): Micros {
  const time = parseTime("--until", text);
  if (time > Date.now() * MILLISECOND) return time;
  const rule = "must be a time to come (UTC)";
  throw badValue({ doing: "run", key: "--until", rule, value: text });
}
