// `backtest`: one run over recorded data or a synthetic market. Everything a person typed is checked
// before the first file is read, and nothing is written before the run is over.

import type { BacktestOptions } from "../../lab/backtest.ts";
import { parseBalances, parseFees, parsePosition } from "../account.ts";
import { loadConfig, type Selectors } from "../config.ts";
import { parseDuration, parseTimeRange } from "../duration.ts";
import { badValue, ExitCode, UserError } from "../errors.ts";
import { choiceFlag, latencyFlag, seedFlag } from "../flags.ts";
import type { Market } from "../../core/market.ts";
import { type PluginFlags, pluginOf } from "../plugin_flags.ts";
import { openProgress } from "../progress.ts";
import { readRecording } from "../recording.ts";
import { print, type Shell, warn } from "../shell.ts";
import { listenForStop } from "../stop.ts";
import { version } from "../version.ts";

/** Flags of `backtest`. */
export interface BacktestFlags extends Selectors, PluginFlags {
  readonly data?: readonly string[];
  readonly feed?: string;
  readonly duration?: string;
  readonly timerange?: string;
  readonly balance?: string;
  readonly fees?: string;
  readonly position?: string;
  readonly fillModel?: string;
  readonly path: string;
  readonly latency: string;
  readonly dataErrors: string;
  readonly seed: string;
  readonly out?: string;
  readonly dataDir: string;
  readonly cache: boolean;
  readonly json?: true;
  readonly quickLane: boolean;
}

/** How often a backtest lets signals in and draws its progress, in ms. */
const BREATH_MS = 100;

/** Runs the backtest, prints its report and gives the exit code. */
export async function backtestCommand(flags: BacktestFlags, shell: Shell): Promise<number> {
  using plugin = await pluginOf(flags, shell);
  const config = await loadConfig(flags, shell, plugin);
  const { market, strategy, params, limits, capital } = config;
  const play = feedOf(flags, market);
  const settled = {
    market,
    strategy,
    params,
    limits,
    version,
    ...(capital === undefined ? {} : { capital }),
    ...(flags.position === undefined ? {} : { position: parsePosition(flags.position, market) }),
    balances: parseBalances(flags.balance, market),
    fees: parseFees(flags.fees, market),
    seed: seedFlag(flags.seed),
    latencyMs: latencyFlag(flags.latency),
    path: choiceFlag("--path", flags.path, ["nearer", "adverse"]),
    quickLane: flags.quickLane ? "on" as const : "off" as const,
  };
  const asked = flags.fillModel === undefined
    ? undefined
    : choiceFlag("--fill-model", flags.fillModel, ["touch", "through", "queue"]);
  const { source, data } = await play();
  if (flags.out !== undefined) refuseUnwritable(flags.out);
  const fillModel = asked ?? (source.kind === "candles" ? "through" : "queue");
  const progress = openProgress(shell);
  using stop = listenForStop(() => progress.close());
  const breathe = { everyMs: BREATH_MS, tell: progress.tell };
  try {
    const options = { ...settled, source, data, fillModel, breathe, stop: stop.signal };
    const { report, fills, equity } = plugin === undefined
      ? await (await import("../../lab/backtest.ts")).backtest(options)
      : await (await import("../cell_backtest.ts")).cellBacktest(
        plugin,
        options,
        (line) => warn(shell, line),
      );
    progress.close();
    if (stop.signal.aborted) {
      // Half a backtest is no result: it is neither printed nor written.
      throw new UserError("Cannot finish the backtest as it was stopped", ExitCode.failure);
    }
    const { reportJson, writeReport } = await import("../../lab/report.ts");
    if (flags.out !== undefined) await writeReport(flags.out, report, fills, equity);
    if (flags.json) {
      shell.out(reportJson(report));
    } else {
      const { reportText } = await import("../../lab/report_text.ts");
      print(shell, reportText(report, { width: shell.outSize()?.columns ?? 80 }));
    }
    if (flags.out !== undefined) warn(shell, `Report written to ${flags.out}`);
    return ExitCode.done;
  } finally {
    progress.close();
  }
}

/** Says before the run, not after it, that its report could not be written. */
function refuseUnwritable(dir: string): void {
  try {
    Deno.mkdirSync(dir, { recursive: true });
    Deno.removeSync(Deno.makeTempFileSync({ dir }));
  } catch {
    const rule = "must be a folder that can be written";
    throw badValue({ doing: "backtest", key: "--out", rule, value: dir });
  }
}

type Play = () => Promise<Pick<BacktestOptions, "source" | "data">>;

/** Checks the flags that say what is played, and gives what reads it. */
function feedOf(flags: BacktestFlags, market: Market): Play {
  const errors = choiceFlag("--data-errors", flags.dataErrors, ["refuse", "skip"]);
  if (flags.feed === undefined) {
    const paths = flags.data;
    if (paths === undefined) {
      const rule = "must name files, or --feed must be sim";
      throw badValue({ doing: "backtest", key: "--data", rule, value: undefined });
    }
    if (flags.duration !== undefined) throw useless("--duration", "--feed sim", flags.duration);
    const range = flags.timerange === undefined ? {} : parseTimeRange(flags.timerange);
    const cache = flags.cache ? { folder: `${flags.dataDir}/columns` } : undefined;
    return () => readRecording(paths, market, { errors, ...range }, cache);
  }
  choiceFlag("--feed", flags.feed, ["sim"]);
  if (flags.data !== undefined) throw useless("--data", "no --feed", flags.data.join(" "));
  if (flags.timerange !== undefined) throw useless("--timerange", "--data", flags.timerange);
  const durationSec = parseDuration("--duration", flags.duration ?? "1h");
  if (durationSec === 0) {
    const rule = "must be above 0, a backtest ends";
    throw badValue({ doing: "backtest", key: "--duration", rule, value: flags.duration });
  }
  const data = { files: [], rows: 0, from: null, to: null, skipped: 0, rounded: 0, gaps: 0 };
  return () => Promise.resolve({ source: { kind: "sim", synth: { durationSec } }, data });
}

/** A flag that nothing would read is a mistake, not a detail. */
function useless(key: string, other: string, value: string): UserError {
  return badValue({ doing: "backtest", key, rule: `must go with ${other}`, value });
}
