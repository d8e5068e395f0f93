// Merging settings: who wins, who is named, and what is refused. Runs on the grid strategy, because
// a person's settings are always some strategy's.

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { type Config, loadConfig, type Selectors } from "../../lib/app/config.ts";
import { UserError } from "../../lib/app/errors.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { aShell } from "../support/shell.ts";

const grid = { strategy: "grid", market: "SOL_USDC" } as const;

Deno.test("without settings every value is a default", async () => {
  const config = await load(grid);
  equal(config.strategy.name, "grid");
  equal(config.market.symbol, "SOL_USDC");
  equal(config.params["levels"], 10);
  deepEqual(config.limits, defaultLimits);
  equal(config.capital, undefined);
  deepEqual(originOf(config, "levels"), [10, "default"]);
  deepEqual(originOf(config, "market"), ["SOL_USDC", "--market"]);
});

Deno.test("preset, file, environment, flag: the later wins, and is named", async () => {
  await inFolder(async (folder) => {
    const first = write(`${folder}/1.json`, {
      market: "BTC_USDC",
      params: { levels: 11, lower: 1 },
    });
    const second = write(`${folder}/2.json`, {
      market: "SOL_USDC",
      strategy: "grid",
      params: { levels: 12 },
    });
    const files = { config: [first, second] };
    const inFiles = await load(files);
    equal(inFiles.market.symbol, "SOL_USDC");
    deepEqual(originOf(inFiles, "levels"), [12, `configuration "${second}"`]);
    deepEqual(originOf(inFiles, "lower"), [1, `configuration "${first}"`]);
    const env = { BPX_SET__levels: "13" };
    deepEqual(originOf(await load(files, env), "levels"), [13, "BPX_SET__levels"]);
    const flags = { ...files, market: "ETH_USDC", set: ["levels=14", "levels=15", "upper = 9"] };
    const all = await load(flags, env);
    deepEqual(originOf(all, "levels"), [15, "--set"]);
    equal(all.params["upper"], 9);
    equal(all.market.symbol, "ETH_USDC");
  });
});

Deno.test("under any of its names a setting of the process wins over one of the file", async () => {
  await inFolder(async (folder) => {
    const envFile = `${folder}/.env`;
    Deno.writeTextFileSync(envFile, "BPX_SET__params__levels=12\n", { mode: 0o600 });
    const config = await load({ ...grid, envFile }, { BPX_SET__levels: "13" });
    deepEqual(originOf(config, "levels"), [13, "BPX_SET__levels"]);
    deepEqual(originOf(await load({ ...grid, envFile }), "levels"), [
      12,
      `BPX_SET__params__levels in ${envFile}`,
    ]);
  });
});

Deno.test("a preset comes first of all", async () => {
  const config = await load({ preset: "grid-perp" });
  const levels = config.settings.find(({ key }) => key === "levels");
  equal(levels?.origin, 'preset "grid-perp"');
  const changed = await load({ preset: "grid-perp", set: ["levels=7"] });
  equal(changed.params["levels"], 7);
});

Deno.test("a setting of the gate is found with and without its prefix", async () => {
  for (const key of ["maxOrderUsd", "risk.maxOrderUsd"]) {
    const { limits } = await load({ ...grid, set: [`${key}=25.5`] });
    deepEqual(limits, { ...defaultLimits, maxOrderUsd: 25.5 });
  }
  const { limits } = await load(grid, { BPX_SET__risk__drawdownAction: "flatten" });
  equal(limits.drawdownAction, "flatten");
  const { capital } = await load({ ...grid, set: ["capital=1000.5"] });
  equal(capital, 100_050_000_000);
});

Deno.test("a mistake is one line that says who made it, with the nearest name", async () => {
  const rows: readonly (readonly [Selectors, RegExp])[] = [
    [
      {},
      /^Cannot start as strategy must be named with --strategy or .*: current value is not set$/,
    ],
    [{ strategy: "grid" }, /^Cannot start as market must be named with --market or .*not set$/],
    [
      { strategy: "gird", market: "SOL_USDC" },
      /^Cannot load the strategy as its name .*\(nearest: grid\): current value is gird$/,
    ],
    [{ strategy: "toString", market: "SOL_USDC" }, /^Cannot load the strategy as its name /],
    [
      { strategy: "grid", market: "SOL_USD" },
      /^Cannot choose the market as its symbol .*\(nearest: SOL_USDC\): current value is SOL_USD$/,
    ],
    [
      { ...grid, set: ["levels"] },
      /^Cannot read the command line as --set must be like key=value: current value is levels$/,
    ],
    [
      { ...grid, set: ["=5"] },
      /^Cannot read the command line as --set must be like key=value: current value is =5$/,
    ],
    [
      { ...grid, set: ["levls=5"] },
      /^Cannot use --set levls as levls must be a setting of grid .*\(nearest: levels\): current value is 5$/,
    ],
    [
      { ...grid, set: ["risk.levels=5"] },
      /^Cannot use --set risk.levels as risk.levels must be a setting/,
    ],
    [
      { ...grid, set: ["levels=1"] },
      /^Cannot use --set levels as levels must be between 2 and 200: current value is 1$/,
    ],
    [
      { ...grid, set: ["levels=2.5"] },
      /^Cannot use --set levels as levels must be a whole number: current value is 2.5$/,
    ],
    [
      { ...grid, set: ["levels="] },
      /^Cannot read the command line as --set must be like key=value, .*: current value is levels=$/,
    ],
    [
      { ...grid, set: ["quantity=NaN"] },
      /^Cannot use --set quantity as quantity must be a number: current value is NaN$/,
    ],
    [
      { ...grid, set: ["spacing=round"] },
      /^Cannot use --set spacing as spacing must be one of arithmetic, geometric: current value is round$/,
    ],
    [
      { ...grid, set: ["staleMs=1"] },
      /^Cannot use --set staleMs as staleMs must be between 100 and .*: current value is 1$/,
    ],
    [
      { ...grid, set: ["capital=0"] },
      /^Cannot start as capital must be above zero: current value is 0$/,
    ],
  ];
  for (const [selectors, message] of rows) await refuses(selectors, message);
});

Deno.test("a mistake in a file is found even where a flag would hide it", async () => {
  await inFolder(async (folder) => {
    const rows = [
      [{ params: { levels: 1 } }, /as levels must be between 2 and 200: current value is 1$/],
      [
        { params: { levls: 9 } },
        /as params.levls must be a setting of grid .*\(nearest: params.levels\)/,
      ],
      [{ params: { staleMs: 900 } }, /as params.staleMs must be a setting of grid/],
      [{ risk: { levels: 9 } }, /as risk.levels must be a setting of grid/],
    ] as const;
    for (const [content, message] of rows) {
      const path = write(`${folder}/bad.json`, content);
      await refuses({ ...grid, config: [path], set: ["levels=9"] }, message);
    }
  });
});

Deno.test("a mistyped variable is refused like a mistyped flag", async () => {
  await refuses(grid, /^Cannot use BPX_SET__levls as levls must be .*\(nearest: levels\)/, {
    BPX_SET__levls: "5",
  });
});

function load(
  selectors: Selectors,
  env: { readonly [name: string]: string } = {},
): Promise<Config> {
  return loadConfig(selectors, aShell({ env }));
}

async function refuses(
  selectors: Selectors,
  message: RegExp,
  env: { readonly [name: string]: string } = {},
): Promise<void> {
  await rejects(load(selectors, env), (error) => {
    if (!(error instanceof UserError)) return false;
    match(error.message, message);
    return error.exitCode === 2;
  });
}

function originOf(config: Config, key: string): readonly unknown[] {
  const found = config.settings.find((setting) => setting.key === key);
  return [found?.value, found?.origin];
}

function write(path: string, content: object): string {
  Deno.writeTextFileSync(path, JSON.stringify(content));
  return path;
}

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    await test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
