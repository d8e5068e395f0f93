// The compiled program, built once and then run as a person runs it: with an environment that holds
// nothing but what a test puts there, in an empty folder, against this machine alone.

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { compile } from "../.ci/compile.ts";
import { type Lock, sbom } from "../.ci/sbom.ts";
import { permissions } from "../lib/app/permissions.ts";
import { version } from "../lib/app/version.ts";

const top = new URL("../", import.meta.url);
const ready = await hasBase();
if (!ready) console.log("Not tested: the compiled program. There is no base to build it on");

const folder = Deno.makeTempDirSync();
const program = `${folder}/bpx-bot`;

Deno.test.beforeAll(async () => {
  if (ready) await compile({ output: program });
});
Deno.test.afterAll(() => Deno.removeSync(folder, { recursive: true }));

/** A test of the compiled program. */
function compiled(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !ready, fn });
}

compiled("it is at most a quarter larger than a compiled hello", async () => {
  Deno.writeTextFileSync(`${folder}/hello.ts`, 'console.log("hello");\n');
  const hello = `${folder}/hello`;
  const args = ["compile", "--quiet", "--no-config", "--output", hello, `${folder}/hello.ts`];
  const { code } = await new Deno.Command(Deno.execPath(), { args, cwd: folder }).output();
  equal(code, 0);
  const times = Deno.statSync(program).size / Deno.statSync(hello).size;
  ok(times <= 1.25, `${times.toFixed(3)} times as large`);
});

compiled("--version says which sources it is made of, and what is open to it", async () => {
  const { out } = await call(["--version"]);
  const lines = out.split("\n");
  deepEqual(lines.slice(0, 2), [`bpx-bot ${version}`, `Deno    ${Deno.version.deno}`]);
  match(lines[2] ?? "", /^Commit {2}([0-9a-f]{40}(-dirty)?|unknown)$/);
  const { commit: _, ...rest } = JSON.parse((await call(["--version", "--json"])).out);
  deepEqual(rest, { version, deno: Deno.version.deno, ...await permissions() });
  const words = out.split(/\s+/);
  const shown = [...rest.net, ...rest.env].filter((name) => !/^BPX_SET__/.test(name));
  deepEqual(shown.filter((name) => !words.includes(name)), []);
});

compiled("strategies and presets are inside, and what the environment sets counts", async () => {
  const names = ["grid", "amm", "flow", "points"];
  const listed = JSON.parse((await call(["list", "strategies", "--json"])).out);
  deepEqual(listed.map(({ name }: { readonly name: string }) => name), names);
  const env = { BPX_SET__risk__staleMs: "900" };
  const { out } = await call(["check", "-p", "grid-perp", "--price", "150", "--json"], env);
  const { settings } = JSON.parse(out);
  const found = settings.find(({ key }: { readonly key: string }) => key === "staleMs");
  deepEqual([found.value, found.origin], [900, "BPX_SET__risk__staleMs"]);
});

compiled("a demo ends in order when it is told to", async () => {
  await using child = spawn(["demo", "--json"]);
  let text = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    if (text === "") child.kill("SIGTERM");
    text += chunk;
  }
  equal((await child.status).code, 0);
  const report = JSON.parse(text.trim().split("\n").at(-1) ?? "");
  deepEqual([report.kind, report.run.strategy, report.run.version], ["report", "grid", version]);
});

compiled("a backtest gives the commands that the same sources give", async () => {
  const args = ["backtest", "-p", "grid-perp", "--feed", "sim", "--duration", "20m", "--json"];
  const here = await call(args);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    ...{ args: ["run", "--quiet", "--no-prompt", "-P=bot", "main.ts", ...args], cwd: top },
  }).output();
  const [one, other] = [here.out, new TextDecoder().decode(stdout)].map((text) => JSON.parse(text));
  ok(one.orders.placed > 0, "no order was placed");
  deepEqual(one.run.id, other.run.id);
});

compiled(
  "it trades live on its own local exchange, journal and all, and leaves nothing",
  async () => {
    await using exchange = spawn([
      "exchange",
      "-m",
      "SOL_USDC_PERP",
      "--demo-key",
      "--speed",
      "10",
    ]);
    const reader = exchange.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { url, ws, apiKey, apiSecret } = JSON.parse((await reader.read()).value ?? "");
    const at = ["--api-url", url, "--ws-url", ws];
    const env = { BPX_API_SECRET: apiSecret, BPX_SET__levels: "12" };
    const doctor = await call(["doctor", ...at, "-m", "SOL_USDC_PERP"], env);
    ok(doctor.out.includes(`public key ${apiKey}\n`), doctor.out);
    match(doctor.out, /^ok +open orders +none$/m);
    const grid = ["-s", "grid", "-m", "SOL_USDC_PERP", "--set", "autoPrice=on"];
    const limits = ["--set", "priceRange=0.004", "--set", "maxPositionUsd=2000"];
    const { out, err } = await call(
      ["run", "--live", ...grid, ...limits, ...at, "--duration", "3s", "--json"],
      env,
    );
    const report = JSON.parse(out.trim().split("\n").at(-1) ?? "");
    ok(report.orders.placed >= 10, `${report.orders.placed} orders\n${err}`);
    ok(Deno.statSync(`${folder}/bpx-bot-data/live.sqlite`).isFile);
    match((await call(["doctor", ...at], env)).out, /^ok +open orders +none$/m);
    exchange.kill("SIGTERM");
    await reader.cancel();
    equal((await exchange.status).code, 0);
  },
);

compiled(
  "a plugin that new wrote backtests in its cell, and trades on the local exchange",
  async () => {
    await call(["new", "mine/mine.ts"]);
    const mine = ["--plugin", "./mine/mine.ts", "-m", "SOL_USDC_PERP"];
    const test = await call(["backtest", ...mine, "--feed", "sim", "--duration", "20m", "--json"]);
    ok(JSON.parse(test.out).fills > 0);
    await using exchange = spawn([
      "exchange",
      "-m",
      "SOL_USDC_PERP",
      "--demo-key",
      "--speed",
      "20",
    ]);
    const reader = exchange.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { url, ws, apiSecret } = JSON.parse((await reader.read()).value ?? "");
    const at = ["--api-url", url, "--ws-url", ws, "--duration", "3s", "--json"];
    const live = ["run", "--live", ...mine, "--set", "maxPositionUsd=500", ...at];
    const { out, err } = await call(live, { BPX_API_SECRET: apiSecret });
    const report = JSON.parse(out.trim().split("\n").at(-1) ?? "");
    ok(report.orders.placed >= 2, `${report.orders.placed} orders\n${err}`);
    exchange.kill("SIGTERM");
    await reader.cancel();
    equal((await exchange.status).code, 0);
  },
);

compiled("a host that was not named when it was compiled is refused in one line", async () => {
  const args = ["run", "-p", "grid-perp", "--duration", "1", "--ws-url", "wss://127.0.0.1:20999"];
  const { code, out, err } = await run(program, [...args, "--api-url", "https://127.0.0.2:20999"]);
  deepEqual([code, out], [1, ""]);
  match(
    err,
    /^Cannot read the markets as 127\.0\.0\.2:20999 gave no answer: [^\n]*may not connect[^\n]*\n$/,
  );
});

compiled("a host that was named is open", async () => {
  const output = `${folder}/wider`;
  const { net } = await compile({ output, hosts: ["127.0.0.2:20999"] });
  deepEqual(net, (await permissions(["127.0.0.2:20999"])).net);
  const at = ["--api-url", "https://127.0.0.2:20999", "--ws-url", "wss://127.0.0.2:20999"];
  // Nobody listens there, which is for the world to say.
  match((await run(output, ["doctor", ...at])).out, /^fail +exchange .* cannot connect: /);
});

Deno.test("a host to be opened that is none is refused before anything is built", async () => {
  for (const host of ["*", "example.com", "*.example.com:443", "a:1,b:2", "https://a:1", ""]) {
    const wrong = await compile({ output: `${folder}/none`, hosts: [host] }).then(() => "", String);
    equal(
      wrong,
      `Error: Cannot compile as --allow-host must be HOST:PORT: current value is ${host}`,
    );
  }
});

Deno.test("the bill of materials has every package of the lock, its hash and what needs it", () => {
  const lock: Lock = JSON.parse(Deno.readTextFileSync(new URL("deno.lock", top)));
  const bill = sbom(lock, { version, deno: "2.9.4", imported: ["zod@4.6.7"] });
  deepEqual(
    bill.components.map((one) => one["bom-ref"]),
    ["deno@2.9.4", ...Object.keys(lock.npm)],
  );
  const refs = new Set([...bill.components.map((one) => one["bom-ref"]), `bpx-bot@${version}`]);
  deepEqual(bill.dependencies.flatMap((one) => one.dependsOn).filter((ref) => !refs.has(ref)), []);
});

Deno.test("the bill of materials reads scopes, peers and what only tests use", () => {
  const integrity = `sha512-${"A".repeat(86)}==`;
  const bill = sbom({
    specifiers: { "npm:@a/b@1": "1.0.0", "npm:t@2": "2.0.0" },
    npm: {
      "@a/b@1.0.0": { integrity, dependencies: ["c"] },
      "c@3.0.0_d@4.0.0": { integrity, optionalDependencies: ["d@4.0.0"] },
      "d@4.0.0": { integrity },
      "t@2.0.0": { integrity },
    },
  }, { version: "1.2.3", deno: "2.9.4", imported: ["@a/b@1.0.0"] });
  deepEqual(
    bill.components.map(({ purl, scope }) => [purl, scope]),
    [
      ["pkg:github/denoland/deno@v2.9.4", "required"],
      ["pkg:npm/%40a/b@1.0.0", "required"],
      ["pkg:npm/c@3.0.0", "required"],
      ["pkg:npm/d@4.0.0", "required"],
      ["pkg:npm/t@2.0.0", "excluded"],
    ],
  );
  deepEqual(bill.dependencies[0]?.dependsOn, ["deno@2.9.4", "@a/b@1.0.0", "t@2.0.0"]);
  ok(JSON.stringify(bill).includes(`{"alg":"SHA-512","content":"${"0".repeat(128)}"}`));
});

/** Runs the program to its end; it must end well. */
async function call(args: readonly string[], env: { readonly [name: string]: string } = {}) {
  const ended = await run(program, args, env);
  equal(ended.code, 0, ended.err);
  return ended;
}

async function run(
  path: string,
  args: readonly string[],
  env: { readonly [name: string]: string } = {},
) {
  const { code, stdout, stderr } = await new Deno.Command(path, {
    ...{ args: [...args], cwd: folder, clearEnv: true, env: { ...env } },
  }).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

function spawn(args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(program, {
    ...{ args: [...args], cwd: folder, clearEnv: true, stdout: "piped", stderr: "null" },
  }).spawn();
}

/** A base to build on: one that is named, one that can be had here, or one Deno has downloaded. */
async function hasBase(): Promise<boolean> {
  if (Deno.env.has("DENORT_BIN")) return true;
  const tool = new URL("../shared/tools/denort", top);
  const base = isFile(tool) ? await said("node", tool.pathname) : "";
  if (base !== "") {
    Deno.env.set("DENORT_BIN", base);
    return true;
  }
  const { denoDir } = JSON.parse(await said(Deno.execPath(), "info", "--json"));
  const kept = `dl/release/v${Deno.version.deno}/denort-${Deno.build.target}.zip`;
  return isFile(`${denoDir}/${kept}`);
}

function isFile(path: string | URL): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function said(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await new Deno.Command(program, { args: [...args] }).output();
  return new TextDecoder().decode(stdout).trim();
}
