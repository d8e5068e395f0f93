// `run`: trade one market until told to stop. Paper unless `--live`, on the market that `--feed` names.

import { parseBalances, parseFees, parsePosition } from "../account.ts";
import { loadConfig, type Selectors } from "../config.ts";
import { parseDuration, parseTime } from "../duration.ts";
import { badValue } from "../errors.ts";
import { cleared } from "../first_plan.ts";
import { latencyFlag, numberFlag, seedFlag } from "../flags.ts";
import type { PaperOptions } from "../paper_run.ts";
import { type PluginFlags, pluginOf, sayStopped } from "../plugin_flags.ts";
import { type Shell, warn } from "../shell.ts";
import type { Market } from "../../core/market.ts";
import { exchangeUrls } from "../urls.ts";
import { version } from "../version.ts";
import { watched } from "../watched.ts";
import type { Notice } from "../../backpack/notice.ts";
import { lots, type Micros, MILLISECOND, type Ticks } from "../../core/units.ts";

/** Flags of `run`. */
export interface RunFlags extends Selectors, PluginFlags {
  readonly live?: true;
  readonly yes?: true;
  readonly tag?: string;
  readonly dataDir: string;
  readonly onStart: string;
  readonly onStop: string;
  readonly onForeignFill: string;
  readonly keep: string;
  /** False with `--no-stream`. */
  readonly stream: boolean;
  readonly feed: string;
  readonly speed: string;
  readonly duration: string;
  readonly until?: string;
  readonly balance?: string;
  readonly fees?: string;
  readonly position?: string;
  readonly latency: string;
  readonly seed: string;
  readonly force?: true;
  readonly json?: true;
}

/** Runs on paper and gives the exit code of the run. */
export async function runCommand(flags: RunFlags, shell: Shell): Promise<number> {
  if (flags.live) return await (await import("../live.ts")).liveCommand(flags, shell);
  const speed = numberFlag("--speed", flags.speed, { type: "number", min: 0.01, max: 100_000 });
  const durationSec = parseDuration("--duration", flags.duration);
  const until = flags.until === undefined ? {} : { until: timeToCome(flags.until) };
  const seed = seedFlag(flags.seed);
  const latencyMs = latencyFlag(flags.latency);
  using plugin = await pluginOf(flags, shell);
  const config = await loadConfig(flags, shell, plugin);
  const { market } = config;
  const { strategy, params, limits, capital } = config;
  const settled = {
    ...{ market, strategy, params, limits, version, seed, latencyMs, speed, durationSec, ...until },
    ...(plugin && { plugin }),
    ...(capital === undefined ? {} : { capital }),
    ...(flags.position === undefined ? {} : { position: parsePosition(flags.position, market) }),
    balances: parseBalances(flags.balance, market),
    fees: parseFees(flags.fees, market),
    journal: { folder: flags.dataDir, settings: config.settings },
    onRun: (id: string) => warn(shell, `Run ${id}`),
  };
  using _stopped = { [Symbol.dispose]: () => sayStopped(plugin, shell) };
  const form = flags.json ? "json" : "people";
  const clear = (market: Market, price: Ticks) => {
    const { position = lots(0), balances, fees } = settled;
    const at = { price, position, balances, fees, seed };
    const start = cleared({ ...config, market }, at, { force: flags.force === true });
    for (const text of start.warnings) warn(shell, `Warning: ${text}`);
    return { strategy: start.config.strategy, warnings: start.warnings };
  };
  if (flags.feed === "backpack") {
    const { heardRun } = await import("../heard_run.ts");
    const heard = {
      urls: exchangeUrls(flags, shell),
      source: flags.stream ? "socket" as const : "requests" as const,
      onNotice: ({ level, text }: Notice) => warn(shell, `${level}: ${text}`),
      onFault: (fault: Error) => warn(shell, `warn: ${fault.message}`),
    };
    return await watched(shell, form, (eyes) => heardRun({ ...settled, ...heard, ...eyes, clear }));
  }
  const { paperRun, synthTicks } = await import("../paper_run.ts");
  const { firstPrice } = await import("../../lab/backtest.ts");
  const recorded = flags.feed === "sim" ? undefined : await recordedTape(flags.feed, market);
  const price = recorded === undefined ? synthTicks(market) : firstPrice(recorded.tape);
  const start = { ...settled, ...clear(market, price), ...(recorded && { recorded }) };
  return await watched(shell, form, (eyes) => paperRun({ ...start, ...eyes }));
}

/** Reads the recording that is played as if it happened now. */
async function recordedTape(
  path: string,
  market: Market,
): Promise<NonNullable<PaperOptions["recorded"]>> {
  const { readRecording } = await import("../recording.ts");
  const { source, data } = await readRecording([path], market, { errors: "refuse" }, undefined);
  if (source.kind === "tape") return { tape: source.tape, data };
  const rule = "must be backpack, sim or a file of ticks: bars are for backtest";
  throw badValue({ doing: "run", key: "--feed", rule, value: path });
}

/** Reads `--until`. A run that is over before it begins is a mistake in the date. */
export function timeToCome(text: string): Micros {
  const time = parseTime("--until", text);
  if (time > Date.now() * MILLISECOND) return time;
  const rule = "must be a time to come (UTC)";
  throw badValue({ doing: "run", key: "--until", rule, value: text });
}
