// The strategy that `new` writes is a working one: it type-checks where it is, without this repository,
// and trades the same in the cell and in process.

import { deepEqual, equal, match, notEqual, throws } from "node:assert/strict";
import { cellBacktest } from "../../../lib/app/cell_backtest.ts";
import { newCommand } from "../../../lib/app/commands/new.ts";
import { loadPlugin } from "../../../lib/app/plugins.ts";
import { defaultLimits } from "../../../lib/core/limits.ts";
import { defaultParams } from "../../../lib/core/params.ts";
import { backtest } from "../../../lib/lab/backtest.ts";
import { aMarketOf } from "../../support/known_market.ts";
import { aFolder, pluginOptions } from "../../support/plugins.ts";
import { aShell } from "../../support/shell.ts";

Deno.test("the strategy that is made type-checks, formatted and linted, without this repository", async () => {
  using folder = aFolder();
  const shell = aShell();
  equal(newCommand(`${folder.path}/my_first.ts`, shell), 0);
  match(shell.printed.out, /bpx-bot backtest --plugin .*my_first\.ts/);
  for (const words of [["check"], ["fmt", "--check", "--line-width", "100"], ["lint"]]) {
    const output = await new Deno.Command(Deno.execPath(), {
      args: [...words, "my_first.ts"],
      cwd: folder.path,
    }).output();
    equal(output.code, 0, new TextDecoder().decode(output.stderr));
  }
});

Deno.test("the strategy that is made trades, and the same in the cell and in process", async () => {
  using folder = aFolder();
  const path = `${folder.path}/my-first.ts`;
  newCommand(path, aShell());
  const { default: strategy } = await import(`file://${path}`);
  using plugin = await loadPlugin(path, pluginOptions());
  equal(plugin.strategy.name, "my-first");
  for (const symbol of ["SOL_USDC", "SOL_USDC_PERP"]) {
    const options = {
      ...{ market: aMarketOf(symbol), params: defaultParams(plugin.strategy.params) },
      ...{ limits: defaultLimits, fees: { maker: 2, taker: 5 }, balances: { USDC: "10000" } },
      ...{ seed: 1, latencyMs: 50, path: "nearer" as const, version: "0" },
      data: { files: [], rows: 0, from: null, to: null, skipped: 0, rounded: 0, gaps: 0 },
      fillModel: "queue" as const,
      source: { kind: "sim" as const, synth: { durationSec: 1800 } },
    };
    const inside = await cellBacktest(plugin, options, () => {});
    const outside = await backtest({ ...options, strategy });
    equal(inside.report.commandsDigest, outside.report.commandsDigest);
    notEqual(inside.report.fills, 0);
  }
});

Deno.test("nothing is overwritten, and a second strategy shares what is beside the first", () => {
  using folder = aFolder();
  newCommand(`${folder.path}/one.ts`, aShell());
  const files = () => [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();
  throws(() => newCommand(`${folder.path}/one.ts`, aShell()), /must not exist yet/);
  newCommand(`${folder.path}/two.ts`, aShell());
  deepEqual(files(), ["bpx-bot", "deno.json", "one.ts", "two.ts"]);
  using other = aFolder({ "deno.json": "{}\n" });
  throws(() => newCommand(`${other.path}/one.ts`, aShell()), /deno\.json/);
  deepEqual([...Deno.readDirSync(other.path)].length, 1);
});

Deno.test("a file that cannot be a strategy's is refused", () => {
  for (const name of ["mine", "Mine!.ts", "1.ts", `${"x".repeat(40)}.ts`]) {
    throws(() => newCommand(name, aShell()), /must be like my-strategy\.ts/);
  }
});
