// The command line: which commands and flags there are, and the one place where errors become an
// exit code. Commands are loaded when they are called, so `--version` and `--help` cost nothing.

import { Command, CommanderError } from "commander";
import type { BacktestFlags } from "./commands/backtest.ts";
import type { CheckFlags } from "./commands/check.ts";
import type { DemoFlags } from "./commands/demo.ts";
import type { KeygenFlags } from "./commands/keygen.ts";
import type { ListFlags } from "./commands/list.ts";
import type { RunFlags } from "./commands/run.ts";
import { describeBots } from "./cli_bots.ts";
import { describeMarket } from "./cli_market.ts";
import { account, latency, located, plugged, selectors } from "./cli_options.ts";
import { ExitCode, UserError, verdict } from "./errors.ts";
import { type Shell, warn } from "./shell.ts";
import { version } from "./version.ts";

/** Runs one command line and gives its exit code. Never throws; what went wrong is on stderr. */
export async function main(args: readonly string[], shell: Shell): Promise<number> {
  try {
    return await call(args, shell);
  } catch (error) {
    const { text, exitCode } = verdict(error instanceof CommanderError ? unread(error) : error);
    warn(shell, text);
    return exitCode;
  }
}

async function call(args: readonly string[], shell: Shell): Promise<number> {
  let exitCode: number = ExitCode.done;
  const program = describe(shell, (code) => exitCode = code);
  try {
    await program.parseAsync(withCommand(args), { from: "user" });
  } catch (error) {
    // Commander ends `--help` and `--version` with an error whose exit code is 0.
    if (!(error instanceof CommanderError)) throw error;
    // A command that only groups others has said which by then.
    if (error.code === "commander.help") return ExitCode.usage;
    if (error.exitCode !== 0) throw error;
  }
  return exitCode;
}

/** No command means `run`. */
function withCommand(args: readonly string[]): readonly string[] {
  const [first = ""] = args;
  if (["--help", "-h", "--version", "-V"].includes(first)) return args;
  return first === "" || first.startsWith("-") ? ["run", ...args] : args;
}

/** Commander's complaint in the words of every other one. */
function unread(error: CommanderError): UserError {
  return new UserError(`Cannot read the command line as ${error.message.replace(/^error: /, "")}`);
}

function describe(shell: Shell, ended: (exitCode: number) => void): Command {
  const program = new Command("bpx-bot")
    .description("Trading bot for Backpack Exchange. Paper unless told otherwise.")
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: shell.out, writeErr: shell.err, outputError: () => {} })
    .addHelpText("after", "\nWithout a command: run. From a checkout: deno task bot COMMAND");

  const run = program.command("run").description("trade one market; on paper unless --live");
  plugged(located(latency(account(selectors(run)))))
    .option("--feed <feed>", "backpack, sim (a synthetic market) or a file of ticks", "backpack")
    .option("--speed <times>", "market seconds per second of the wall clock", "1")
    .option("--duration <time>", "stop after this much market time: 55m, 1h; 0 for ever", "0")
    .option("--until <time>", "stop at this UTC time: 2025-01-31T12:00:00Z")
    .option("--force", "start in spite of what speaks against it, with a standing warning")
    .option("--live", "real orders on the exchange")
    .option("--yes", "live: start without asking, as a terminal must")
    .option("--tag <n>", "live: 0 to 255, marks this bot's orders (default: by market and preset)")
    .option("--on-start <what>", "orders an earlier run left: adopt, cancel or refuse", "adopt")
    .option("--on-foreign-fill <what>", "live: fills not the bot's: halt, ignore or adopt", "halt")
    .option("--keep <time>", "live: how long the journal is kept; 0 for ever", "30d")
    .option("--on-stop <what>", "at the end: cancel, keep or flatten", "cancel")
    .option("--no-stream", "live: ask by requests, listen to no socket")
    .option("--data-dir <folder>", "what the bot keeps between runs", "bpx-bot-data")
    .action(async (flags: RunFlags) =>
      ended(await (await import("./commands/run.ts")).runCommand(flags, shell))
    );

  program.command("demo")
    .description("a short paper run on the embedded exchange; nothing to set")
    .option("--seed <n>", "another synthetic market", "1")
    .option("--json", "JSON lines on stdout")
    .action(async (flags: DemoFlags) =>
      ended(await (await import("./commands/demo.ts")).demoCommand(flags, shell))
    );

  const backtest = program.command("backtest").description("one run over recorded data");
  plugged(latency(account(selectors(backtest))))
    .option("--data <files...>", "recorded candles or ticks (.csv.gz)")
    .option("--feed <feed>", "sim: a synthetic market instead of --data")
    .option("--duration <time>", "length of the synthetic market (default: 1h)")
    .option("--timerange <range>", "part of the data: 20250101-20250401, either end open")
    .option("--fill-model <model>", "touch, through (default on candles) or queue (on ticks)")
    .option("--path <path>", "order of a candle's extremes: nearer or adverse", "nearer")
    .option("--data-errors <what>", "refuse bad rows, or skip and count them", "refuse")
    .option("--out <folder>", "write report.json, fills.csv and equity.csv there")
    .option("--data-dir <folder>", "what the bot keeps between runs", "bpx-bot-data")
    .option("--no-cache", "read --data anew, and keep nothing of it in the data folder")
    .option("--no-quick-lane", "hand every event to the engine: slower, same result")
    .action(async (flags: BacktestFlags) =>
      ended(await (await import("./commands/backtest.ts")).backtestCommand(flags, shell))
    );

  located(program.command("list"))
    .description("what there is: strategies, presets or markets")
    .argument("<what>", "strategies, presets or markets")
    .option("--json", "one JSON document on stdout")
    .option("--rank <kind>", "markets fit for flow, grid or points, best first")
    .action(async (what: string, flags: ListFlags) =>
      ended(await (await import("./commands/list.ts")).listCommand(what, flags, shell))
    );

  const check = program.command("check");
  check.description("the merged settings, and what start would refuse");
  plugged(account(selectors(check)))
    .option("--price <price>", "price to try the start at (default: the synthetic market's)")
    .option("--force", "show what a forced start would plan")
    .action(async (flags: CheckFlags) =>
      ended(await (await import("./commands/check.ts")).checkCommand(flags, shell))
    );

  program.command("new")
    .description("write a strategy of your own to begin with")
    .argument("<file>", "where to: my-strategy.ts")
    .action(async (file: string) =>
      ended((await import("./commands/new.ts")).newCommand(file, shell))
    );

  program.command("keygen")
    .description("make an Ed25519 key pair for the exchange")
    .argument("[file]", "file for the secret", "bpx-bot-data/api-secret")
    .option("--show-secret", "also print the secret")
    .action(async (file: string, flags: KeygenFlags) =>
      ended(await (await import("./commands/keygen.ts")).keygenCommand(file, flags, shell))
    );
  describeMarket(program, shell, ended);
  describeBots(program, shell, ended);
  return program;
}
