// The commands around the market: its data, a local exchange, the way to the real one, and the files
// of older bots.

import type { Command } from "commander";
import { collect, kept, located } from "./cli_options.ts";
import type { DataFlags, DataImportFlags, DownloadFlags, RecordFlags } from "./commands/data.ts";
import type { DoctorFlags } from "./commands/doctor.ts";
import type { ExchangeFlags } from "./exchange_flags.ts";
import type { ImportFlags } from "./commands/import_config.ts";
import type { Shell } from "./shell.ts";

/** Adds them; `ended` is told the exit code. */
export function describeMarket(
  program: Command,
  shell: Shell,
  ended: (exitCode: number) => void,
): void {
  const data = program.command("data").description("market data: load, take over, record, list");
  located(kept(data.command("download").description("load a market's past from the exchange")))
    .requiredOption("-m, --market <symbol>", "the market, see: list markets")
    .requiredOption("--timerange <range>", "20250101-20250401; open at its end: up to now")
    .option("--interval <length>", "of the candles: 1s to 1w (default: 1m, without --trades)")
    .option("--trades", "load the trades")
    .option("--json", "one JSON document on stdout")
    .action(async (flags: DownloadFlags) =>
      ended(await (await import("./commands/data.ts")).downloadCommand(flags, shell))
    );
  kept(data.command("import").description("take over files of other programs"))
    .argument("<files...>", "candles of ccxt, freqtrade, Coinbase (JSON); Binance's archives (zip)")
    .option("-m, --market <symbol>", "name the files after this market")
    .option("--force", "overwrite files that are there")
    .option("--json", "one JSON document on stdout")
    .action(async (files: readonly string[], flags: DataImportFlags) =>
      ended(await (await import("./commands/data.ts")).dataImportCommand(files, flags, shell))
    );
  kept(data.command("list").description("what the data folder holds"))
    .option("--json", "one JSON document on stdout")
    .action(async (flags: DataFlags) =>
      ended(await (await import("./commands/data.ts")).dataListCommand(flags, shell))
    );
  located(kept(data.command("record").description("record a market as its socket tells it")))
    .requiredOption("-m, --market <symbol>", "the market, see: list markets")
    .option("--duration <time>", "stop after this time: 55m, 1h; 0 for ever", "0")
    .option("--json", "one JSON document on stdout")
    .action(async (flags: RecordFlags) =>
      ended(await (await import("./commands/data.ts")).recordCommand(flags, shell))
    );

  program.command("exchange")
    .description("a local exchange that Backpack's clients can trade on")
    .option("-m, --market <symbol>", "repeatable (default: SOL_USDC and SOL_USDC_PERP)", collect)
    .option("--seed <n>", "draws the markets and the faults", "1")
    .option("--tape <file>", "play recorded ticks in the one market")
    .option("--keys <file>", "JSON list of {publicKey, balances}")
    .option("--demo-key", "make an account with 10,000 USDC and 50 SOL, and print its key")
    .option("--faults <rates>", "what goes wrong: drop=0.02,429=0.01,kill=0.01")
    .option(
      "--post-only-reply <form>",
      "to a post-only order that would take: error or expired",
      "error",
    )
    .option("--port <n>", "0 picks one", "0")
    .option("--speed <times>", "seconds of the market per second", "1")
    .option("--data-dir <folder>", "keep accounts and orders over a restart")
    .option("--no-limits", "answer any number of requests")
    .action(async (flags: ExchangeFlags) =>
      ended(await (await import("./commands/exchange.ts")).exchangeCommand(flags, shell))
    );

  located(program.command("doctor").description("everything to know before a live run"))
    .option("-m, --market <symbol>", "look at this market too")
    .option("--env-file <file>", "file with keys (default: .env if there)")
    .option("--json", "one JSON document on stdout")
    .action(async (flags: DoctorFlags) =>
      ended(await (await import("./commands/doctor.ts")).doctorCommand(flags, shell))
    );

  program.command("import-config")
    .description("turn an old bot's file into a configuration of this one")
    .argument("<file>", "a DeFi grid's .env, or the config.json of a grid or points bot")
    .option("--out <folder>", "where the files are written", ".")
    .option("--force", "overwrite files that are there")
    .option("--json", "one JSON document on stdout")
    .action(async (file: string, flags: ImportFlags) =>
      ended(
        await (await import("./commands/import_config.ts")).importCommand(file, flags, shell),
      )
    );
}
