// `run --live`: flags, settings and keys become a live run. A terminal must say --yes; cron has said
// it by its line.

import { defaultTag } from "../journal/ids.ts";
import { parsePosition } from "./account.ts";
import { type RunFlags, timeToCome } from "./commands/run.ts";
import { loadConfig } from "./config.ts";
import { parseDuration } from "./duration.ts";
import { badValue, ExitCode, UserError } from "./errors.ts";
import { choiceFlag, seedFlag } from "./flags.ts";
import { readKeys } from "./keys.ts";
import { pluginOf, sayStopped } from "./plugin_flags.ts";
import { type Shell, warn } from "./shell.ts";
import { exchangeUrls } from "./urls.ts";
import { version } from "./version.ts";
import { watched } from "./watched.ts";

const SECONDS_PER_DAY = 86_400;

/** Trades live until the end and gives the exit code of the run. */
export async function liveCommand(flags: RunFlags, shell: Shell): Promise<number> {
  if (flags.feed !== "backpack") {
    const rule = "must be backpack for a live run, which trades where it listens";
    throw badValue({ doing: "trade live", key: "--feed", rule, value: flags.feed });
  }
  const urls = exchangeUrls(flags, shell);
  const durationSec = parseDuration("--duration", flags.duration);
  const until = flags.until === undefined ? {} : { until: timeToCome(flags.until) };
  const onStart = choiceFlag("--on-start", flags.onStart, ["adopt", "cancel", "refuse"]);
  const onStop = choiceFlag("--on-stop", flags.onStop, ["keep", "cancel", "flatten"]);
  const policies = ["halt", "ignore", "adopt"] as const;
  const onForeignFill = choiceFlag("--on-foreign-fill", flags.onForeignFill, policies);
  const keepDays = parseDuration("--keep", flags.keep) / SECONDS_PER_DAY;
  using plugin = await pluginOf(flags, shell);
  const config = await loadConfig(flags, shell, plugin);
  const { market } = config;
  const signer = readKeys(shell, flags.envFile);
  if (signer === undefined) {
    const text = "Cannot trade live as no key is set: BPX_API_SECRET_FILE names the file with one";
    throw new UserError(text, ExitCode.keysRefused);
  }
  const { liveRun } = await import("./live_run.ts");
  const exitCode = await watched(shell, flags.json ? "json" : "people", (eyes) =>
    liveRun({
      ...{ config, urls, signer, onStart, onStop, durationSec, ...until, version, ...eyes },
      ...(flags.position === undefined ? {} : { position: parsePosition(flags.position, market) }),
      tag: tagOf(flags, market.symbol),
      ...{ dataDir: flags.dataDir, onForeignFill, keepDays },
      feed: flags.stream ? "socket" : "requests",
      seed: seedFlag(flags.seed),
      signal: new AbortController().signal,
      confirm: (lines) => {
        for (const line of lines) warn(shell, line);
        return flags.yes === true || shell.outSize() === undefined;
      },
      onRun: (id) => warn(shell, `Run ${id}`),
      onNotice: ({ level, text }) => warn(shell, `${level}: ${text}`),
      onFault: (fault) => warn(shell, `warn: ${fault.message}`),
    }));
  sayStopped(plugin, shell);
  return exitCode;
}

/** The tag of the run's orders: the same for the same market and preset, so that a restart finds them. */
function tagOf({ tag, preset, plugin, strategy }: RunFlags, symbol: string): number {
  if (tag === undefined) return defaultTag(symbol, preset ?? plugin ?? strategy ?? "");
  const value = Number(tag);
  if (Number.isInteger(value) && value >= 0 && value <= 255) return value;
  const rule = "must be a whole number from 0 to 255";
  throw badValue({ doing: "read the command line", key: "--tag", rule, value: tag });
}
