// The command line as a person meets it: what is printed where, and with which exit code it ends.
// Most of it runs in this process; what only a process has (signals, exit codes) in one of its own.

import { deepEqual, equal, match } from "node:assert/strict";
import { main } from "../../lib/app/cli.ts";
import { version } from "../../lib/app/version.ts";
import { aShell } from "../support/shell.ts";

const top = new URL("../../", import.meta.url);
const backtest = ["backtest", "-s", "grid", "-m", "SOL_USDC"];
const sim = [...backtest, "--feed", "sim"];

Deno.test("--version prints the version, and CHANGELOG.md begins with it", async () => {
  deepEqual(await call("--version"), { exitCode: 0, out: `${version}\n`, err: "" });
  const changes = Deno.readTextFileSync(new URL("CHANGELOG.md", top));
  equal(/^## (\S+)/m.exec(changes)?.[1], version);
});

Deno.test("--help names every command, and each command explains itself", async () => {
  const { out } = await call("--help");
  for (
    const command of ["run", "demo", "backtest", "list", "check", "exchange", "doctor", "keygen"]
  ) {
    match(out, new RegExp(`^  ${command}\\b`, "m"));
    const help = await call(command, "--help");
    equal(help.exitCode, 0);
    match(help.out, new RegExp(`^Usage: bpx-bot ${command} `));
  }
});

Deno.test("no command, or flags alone, means run", async () => {
  for (const args of [[], ["-m", "SOL_USDC"], ["run"]]) {
    const { exitCode, out, err } = await call(...args);
    deepEqual([exitCode, out], [2, ""]);
    match(err, /^Cannot start as strategy must be named with --strategy or in a --preset/);
  }
});

Deno.test("a mistake on the command line is one line on stderr, exit 2, nothing on stdout", async () => {
  const grid = ["-s", "grid", "-m", "SOL_USDC", "--set", "autoPrice=on"];
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [["bactest"], /command line as unknown command 'bactest' \(Did you mean backtest\?\)$/],
    [["run", "--sed", "1"], /command line as unknown option '--sed' /],
    [["backtest", "--seed"], /command line as option '--seed <n>' argument missing$/],
    [["backtest", "more"], /command line as too many arguments for 'backtest'/],
    [["list"], /command line as missing required argument 'what'$/],
    [
      ["list", "coins"],
      /list must be one of strategies, presets, markets, schema: current value is coins$/,
    ],
    [["run", "--live", "--feed", "sim"], /--feed must be backpack for a live run/],
    [["run", ...grid, "--feed", "moon"], /"moon"/],
    [["run", "--api-url", "http://example.com", ...grid], /--api-url must begin with https:/],
    [["run", "--feed", "sim", "--speed", "0"], /--speed must be between .*: current value is 0$/],
    [
      ["run", "--feed", "sim", "--duration", "soon"],
      /--duration must be .*: current value is soon$/,
    ],
    [["run", "--feed", "sim", "--until", "soon"], /--until must be .*: current value is soon$/],
    [["run", "--feed", "sim"], /^Cannot start as strategy must be named/],
    [["demo", "--seed", "x"], /--seed must be a number: current value is x$/],
    [["backtest", "-s", "gird", "-m", "SOL_USDC"], /\(nearest: grid\): current value is gird$/],
    [backtest, /--data must name files, or --feed must be sim: current value is not set$/],
    [[...backtest, "--data", "a.csv", "--duration", "1h"], /--duration must go with --feed sim/],
    [[...backtest, "--data", "a.csv", "--timerange", "x"], /--timerange must be like/],
    [
      [...backtest, "--data", "a.csv", "--data-errors", "fix"],
      /--data-errors must be one of refuse, skip/,
    ],
    [[...sim, "--data", "a.csv"], /--data must go with no --feed/],
    [[...sim, "--timerange", "20250101-"], /--timerange must go with --data/],
    [[...sim, "--duration", "0"], /--duration must be above 0, a backtest ends/],
    [[...sim, "--balance", "USDC"], /--balance must be like/],
    [[...sim, "--fees", "10"], /--fees must be MAKER\/TAKER/],
    [[...sim, "--fill-model", "kind"], /--fill-model must be one of touch, through, queue/],
    [[...sim, "--path", "kind"], /--path must be one of nearer, adverse/],
    [[...sim, "--latency", "-1"], /--latency must be between 0 and 60000 ms/],
    [[...sim, "--position", "x"], /--position must be a whole number of lots/],
    [[...sim, "--set", "levels"], /--set must be like key=value/],
    [[...sim, "-p", "no"], /^Cannot load the preset as its name must be one of/],
  ];
  for (const [args, message] of rows) {
    const { exitCode, out, err } = await call(...args);
    deepEqual([exitCode, out], [2, ""], args.join(" "));
    match(err, /^Cannot [^\n]+\n$/);
    match(err.trim(), message);
  }
});

Deno.test("list prints what there is, for people and for programs", async () => {
  match(
    (await call("list", "markets")).out,
    /^SOL_USDC_PERP +perp +0\.01 USDC +0\.01 SOL +0\.01$/m,
  );
  match((await call("list", "strategies")).out, /^grid: [^\n]+\n +lower +not set /);
  match((await call("list", "presets")).out, /^grid-perp +SOL_USDC_PERP +grid +\S/m);
  const [grid] = JSON.parse((await call("list", "strategies", "--json")).out);
  equal(grid.params.levels.default, 10);
  const presets: { name: string }[] = JSON.parse((await call("list", "presets", "--json")).out);
  equal(presets.some(({ name }) => name === "grid-perp"), true);
});

Deno.test("check shows who decided each setting, and the first plan", async () => {
  const args = ["check", "-p", "grid-perp", "--set", "levels=9", "--price", "150"];
  const { exitCode, out } = await call(...args);
  equal(exitCode, 0);
  match(out, /^levels +9 +--set$/m);
  match(out, /^priceRange +\S+ +preset "grid-perp"$/m);
  match(out, /^spacing +arithmetic +default$/m);
  match(out, /^Bids +\d+ from \S+ to \S+$/m);
  const { settings, start } = JSON.parse((await call(...args, "--json")).out);
  equal(settings.some(({ key }: { key: string }) => key === "levels"), true);
  equal(start.orders > 0, true);
});

Deno.test("check says what a start would refuse, exit 2", async () => {
  const at = ["check", "-s", "grid", "-m", "SOL_USDC", "--price", "150"];
  const rows = [
    [
      ["--set", "lower=180", "--set", "upper=120"],
      /^Cannot start grid as .*upper.*: current value is /,
    ],
    [["--set", "lower=149", "--set", "upper=151", "--set", "levels=200"], /^Cannot start grid as /],
    [
      ["--set", "lower=140", "--set", "upper=160", "--set", "quantity=0.001"],
      /^Cannot start grid as .*quantity/,
    ],
    [[], /^Cannot start grid as .*(lower|upper)/],
  ] as const;
  for (const [settings, message] of rows) {
    const { exitCode, err } = await call(...at, ...settings);
    equal(exitCode, 2);
    match(err, message);
    match(err, /^[^\n]+\n$/);
  }
});

Deno.test("a process ends with the exit code and keeps stdout clean", async () => {
  const child = await command("backtest", "-s", "gird", "-m", "SOL_USDC").output();
  equal(child.code, 2);
  equal(child.stdout.length, 0);
  match(new TextDecoder().decode(child.stderr), /^Cannot load the strategy as [^\n]+\n$/);
});

Deno.test("the commands need no right beyond those of the task, and never ask for one", async () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", top)));
  const task: string = typeof tasks.bot === "string" ? tasks.bot : tasks.bot.command;
  const flags = task.split(" ").filter((word) => word.startsWith("-") && word !== "--quiet");
  equal(flags.includes("--no-prompt"), true);
  for (
    const args of [["--help"], ["list", "presets"], ["check", "-p", "grid-perp", "--price", "150"]]
  ) {
    const child = await run(flags, args).output();
    equal(child.code, 0, new TextDecoder().decode(child.stderr));
  }
});

/** With an exchange that nobody answers for. */
async function call(...args: string[]) {
  const shell = aShell({ env: { BPX_API_URL: "http://127.0.0.1:9" } });
  const exitCode = await main(args, shell);
  return { exitCode, ...shell.printed };
}

function command(...args: string[]): Deno.Command {
  return run(["--allow-all"], args);
}

function run(flags: readonly string[], args: readonly string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...flags, "main.ts", ...args],
    cwd: top,
    stdout: "piped",
    stderr: "piped",
  });
}
