// Groups of flags that several commands share, so that one flag means one thing everywhere.

import type { Command } from "commander";

/** The flags that choose what to run. */
export function selectors(command: Command): Command {
  return command
    .option("-s, --strategy <name>", "a built-in strategy, see: list strategies")
    .option("-p, --preset <name>", "a set of settings, see: list presets")
    .option("-c, --config <file>", "a file like a preset; repeatable, the later wins", collect)
    .option("--set <key=value>", "one setting; repeatable", collect)
    .option("-m, --market <symbol>", "the market, see: list markets")
    .option("--env-file <file>", "file with BPX_SET__key=value lines (default: .env if there)")
    .option("--json", "JSON on stdout, everything else on stderr");
}

/** The flags of a strategy in a file of its own. */
export function plugged(command: Command): Command {
  return command
    .option("--plugin <file>", "a strategy of your own, run in a cell; see: new")
    .option("--allow <what>", "grant what it asks for: env=NAME; repeatable", collect)
    .option("--plan-timeout <ms>", "time one plan of it may take", "250");
}

/** The flags that describe the simulated account and its surroundings. */
export function account(command: Command): Command {
  return command
    .option("--seed <n>", "every random draw follows from it", "1")
    .option("--balance <list>", "what the account holds: USDC=10000,SOL=2 (default: 10000 quote)")
    .option("--fees <maker/taker>", "in bps, negative = rebate (default: Backpack's published)")
    .option("--position <quantity>", "base the run takes over at its start");
}

/** The flag that says where running bots are found. */
export function kept(command: Command): Command {
  return command
    .option("--data-dir <folder>", "what the bot keeps between runs", "bpx-bot-data");
}

/** The flags that say where the exchange is. */
export function located(command: Command): Command {
  return command
    .option("--api-url <url>", "the exchange's REST address (default: Backpack's)")
    .option("--ws-url <url>", "the exchange's socket (default: Backpack's)");
}

/** How far away the simulated exchange is. */
export function latency(command: Command): Command {
  return command
    .option("--latency <ms>", "time an order takes to the exchange, and its answer back", "50");
}

/** Gathers the values of a flag that may be given more than once. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
