// The house holds its own rules. Each rule is tried twice: on the sources as they are, where it must
// find nothing, and on a small house with that one fault planted, where it must find just that.

import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import {
  deadFiles,
  groundPlan,
  impurities,
  longFiles,
  namelessFiles,
  type Sources,
  strayTests,
  undocumented,
  wrongCasts,
  wrongDoors,
  wrongTries,
} from "./support/house.ts";
import { ciRun } from "./support/ci_run.ts";
import { strip } from "./support/source_text.ts";

const top = new URL("../", import.meta.url);

/** Everything git would keep: what the build, the tests and a run leave behind is not of the house. */
const plan = [
  ...[".ci", ".env.example", ".github", ".gitignore", "CHANGELOG.md", "Dockerfile", "LICENSE"],
  ...["README.md", "deno.json", "deno.lock"],
  ...["lib", "main.ts", "presets", "strategies", "tests"],
];
const leftBehind = /^(\.git|dist|bpx-bot-data|coverage|\.env|.*\.cpuprofile|isolate-.*\.log)$/;

/** Tests of the whole house, which no single file stands behind. */
const wholeHouse = [
  ...[
    "house",
    "simulation",
    "replay",
    "end_to_end",
    "sandbox",
    "compile",
    "second_opinion",
    "real_data",
    "real_data_strategies",
    "quick_lane",
    "regressions",
    "restart",
  ],
];

/** Read by tests only, until the issue that needs them. */
const spared = [
  "lib/data/funding.ts",
  ...["agenda", "fault_rates", "faults", "history", "line", "mishaps"].map((name) =>
    `lib/sim/${name}.ts`
  ),
];

/** A house without a fault. */
const sound: Sources = {
  "main.ts": '// In.\nimport { main } from "./lib/app/cli.ts";\nmain();\n',
  "lib/run.ts": '// Loop.\nimport type { Event } from "./core/event.ts";\nexport type E = Event;\n',
  "lib/app/cli.ts": [
    "// Commands.",
    'import { loop } from "../sim/venue.ts";',
    'export const load = () => import("../../strategies/grid.ts");',
    "try { loop(); } catch { /* fine here */ }",
    "",
  ].join("\n"),
  "lib/sim/venue.ts": [
    "// A venue without await or Date.",
    'import { run } from "../run.ts";',
    'import { type Event as Happening, time } from "../core/event.ts";',
    'export const loop = () => run(time, "no await, no Date, no try");',
    "export const kinds = [`as ${time} as any`, /as try/] as const;",
    "",
  ].join("\n"),
  "lib/core/event.ts": [
    "// Events.",
    "/** Now. */",
    "export const time = 1;",
    "/** A thing that happened. */",
    "export type Event = { readonly [K in keyof Happening as K]: 1 };",
    "",
  ].join("\n"),
  "lib/core/units.ts": "// Units.\n/** A tick. */\nexport const tick = 1 as number;\n",
  "lib/core/strategy.ts": [
    "// The contract.",
    'export { time, type Event } from "./event.ts";',
    "/** Defines. */",
    "export function define() {}",
    "",
  ].join("\n"),
  "strategies/grid.ts": '// Grid.\nimport { define } from "bpx-bot/strategy";\ndefine();\n',
  "tests/core/event_test.ts": '// Tests.\nimport { time } from "../../lib/core/event.ts";\n',
  "tests/strategies/grid_test.ts": "// Tests.\n",
  "tests/house_test.ts": "// Tests.\n",
};

const doorRows = [
  ["strategies/grid.ts", 'import { x } from "../lib/core/event.ts";'],
  ["strategies/grid.ts", 'import { x } from "./amm.ts";'],
  ["strategies/grid.ts", 'import { z } from "zod";'],
  ["lib/core/event.ts", 'import { loop } from "../sim/venue.ts";'],
  ["lib/core/event.ts", 'import { readFileSync } from "node:fs";'],
  ["lib/core/event.ts", 'export * from "../run.ts";'],
  ["lib/core/event.ts", 'const late = import("../data/csv.ts");'],
  ["lib/sim/venue.ts", 'import { main } from "../app/cli.ts";'],
  ["lib/local/server.ts", 'import { rest } from "../backpack/rest.ts";'],
  ["lib/notify/telegram.ts", 'import { time } from "../core/event.ts";'],
  ["lib/app/cli.ts", 'import { aView } from "../../tests/support/views.ts";'],
  ["lib/attic/old.ts", 'import { time } from "../core/event.ts";'],
  ["main.ts", 'import { time } from "./lib/core/event.ts";'],
] as const;

const openDoorRows = [
  ["lib/local/server.ts", 'import { sign } from "../backpack/sign.ts";'],
  ["lib/notify/telegram.ts", 'import type { Event } from "../core/event.ts";'],
  ["lib/notify/telegram.ts", 'import { type Event } from "../core/event.ts";'],
  ["lib/app/cli.ts", 'import { Command } from "commander";'],
  ["tests/core/event_test.ts", 'import { main } from "../../lib/app/cli.ts";'],
] as const;

const impureRows = [
  ["Date", "const now = Date.now();"],
  ["performance", "const now = performance.now();"],
  ["Math.random", "const chance = Math.random();"],
  ["setTimeout", "setTimeout(() => 1, 2);"],
  ["setInterval", "globalThis.setInterval(tick);"],
  ["fetch", 'fetch("x");'],
  ["WebSocket", 'new WebSocket("x");'],
  ["Deno", "const here = `${Deno.cwd()}`;"],
  ["async", "export const f = async () => 1;"],
  ["await", "await f();"],
  ["Promise", "let p: Promise<number>;"],
  ["console", 'console.log("x");'],
] as const;

const castRows = [
  ["lib/sim/venue.ts", "const x = y as number;"],
  ["lib/app/cli.ts", "call({ a: b as unknown as string });"],
  ["strategies/grid.ts", "return <T>(x) => x as\n  T;"],
] as const;

Deno.test("the sources of this house break none of its rules", async () => {
  const sources = await readSources();
  notEqual(Object.keys(sources).length, 0);
  const found = findings(sources, spared);
  equal(found.length, 0, `\n${found.join("\n")}`);
});

Deno.test("the top of the repository is the ground plan", () => {
  const names = [...Deno.readDirSync(top)].map(({ name }) => name)
    .filter((name) => !leftBehind.test(name));
  deepEqual(groundPlan(names, plan), []);
  deepEqual(groundPlan([...plan, "util"], plan), ["util: not in the plan"]);
  deepEqual(groundPlan(plan.slice(1), plan), [`${plan[0]}: missing`]);
});

Deno.test("a sound house has no finding", () => {
  deepEqual(findings(sound, ["lib/core/units.ts", "lib/core/strategy.ts"]), []);
});

Deno.test("an import through a wall is found, and through a door is not", () => {
  for (const [path, line] of doorRows) {
    const found = wrongDoors(withLine(path, line));
    equal(found.length, 1, `${path}: ${line}`);
    match(found[0] ?? "", new RegExp(`^${path}: `));
  }
  for (const [path, line] of openDoorRows) deepEqual(wrongDoors(withLine(path, line)), []);
});

Deno.test("each impure word is found in each pure room, and in no other", () => {
  for (const [word, line] of impureRows) {
    for (const path of ["lib/core/event.ts", "lib/sim/venue.ts", "strategies/grid.ts"]) {
      const found = impurities(withLine(path, line));
      deepEqual(found.map((text) => text.replace(/^.*:\d+: /, "")), [`the word ${word}`]);
    }
    deepEqual(impurities(withLine("lib/app/cli.ts", line)), []);
  }
});

Deno.test("a try outside the rooms that may is found", () => {
  const line = "try { a(); } finally { b(); }";
  deepEqual(wrongTries(withLine("lib/core/units.ts", line)), ["lib/core/units.ts:4: try"]);
  deepEqual(wrongTries(withLine("lib/lab/grade.ts", line)), ["lib/lab/grade.ts:2: try"]);
  deepEqual(wrongTries(withLine("lib/journal/journal.ts", line)), []);
});

Deno.test("a file of 301 lines is found and one of 300 is not", () => {
  const lines = (count: number) => `${Array(count).fill("// x").join("\n")}\n`;
  deepEqual(longFiles({ "lib/core/long.ts": lines(300) }), []);
  deepEqual(longFiles({ "lib/core/long.ts": lines(301) }), ["lib/core/long.ts: 301 lines"]);
});

Deno.test("a cast is found, and what only looks like one is not", () => {
  for (const [path, line] of castRows) {
    equal(wrongCasts(withLine(path, line)).length, 1, line);
  }
  deepEqual(wrongCasts(withLine("lib/core/risk.ts", "const x = y as number;")), []);
});

Deno.test("a file without a module comment and a barrel are found", () => {
  deepEqual(namelessFiles({ "lib/core/a.ts": "export const a = 1;\n" }).length, 1);
  deepEqual(namelessFiles({ "lib/core/mod.ts": "// All.\n" }).length, 1);
});

Deno.test("a file only tests reach is dead, and one spared in vain is named", () => {
  const spareBoth = ["lib/core/units.ts", "lib/core/strategy.ts"];
  const orphan = { ...sound, "lib/core/old.ts": "// Old.\n" };
  deepEqual(deadFiles(orphan, spareBoth), ["lib/core/old.ts: nobody uses it"]);
  const tested = { ...orphan, "tests/core/old_test.ts": 'import "../../lib/core/old.ts";' };
  deepEqual(deadFiles(tested, spareBoth), ["lib/core/old.ts: nobody uses it"]);
  deepEqual(deadFiles(sound, [...spareBoth, "lib/run.ts"]), ["lib/run.ts: spared in vain"]);
  deepEqual(deadFiles(orphan, ["lib/core/"]), []);
  deepEqual(deadFiles(sound, [...spareBoth, "lib/lab/"]), ["lib/lab/: spared in vain"]);
  const worker = 'new Worker(new URL("../core/old.ts", import.meta.url));\n';
  deepEqual(deadFiles(withLine("lib/app/cli.ts", worker, orphan), spareBoth), []);
});

Deno.test("an export of the contract without a comment is found, its own or passed on", () => {
  const path = "lib/core/strategy.ts";
  const own = withLine(path, "export const bare = 1;");
  deepEqual(undocumented(own, path), [`${path}: bare`]);
  const event = withLine("lib/core/event.ts", "export const naked = 1;");
  const passedOn = withLine(path, 'export { naked } from "./event.ts";', event);
  deepEqual(undocumented(passedOn, path), [`${path}: naked (of ./event.ts)`]);
});

Deno.test("a test of no file is found", () => {
  const stray = { ...sound, "tests/core/ghost_test.ts": "// Tests.\n" };
  deepEqual(strayTests(stray, wholeHouse), ["tests/core/ghost_test.ts: tests no file"]);
  deepEqual(strayTests({ ...sound, "tests/ghost_test.ts": "// Tests.\n" }, wholeHouse).length, 1);
});

Deno.test("stripping keeps every letter's place and code inside templates", () => {
  const text =
    'const a = `x ${f("as") /* try */} await`; // try\nb = c / d / "e"; r = /"\\/[/]/;\n';
  const { code, noComments } = strip(text);
  equal(code.length, text.length);
  equal(code.includes("await") || code.includes("try"), false);
  equal(code.includes("f("), true);
  equal(code.includes("c / d /"), true);
  equal(noComments.includes('"as"'), true);
  equal(noComments.includes("try"), false);
});

Deno.test("the last line of .ci/run is Deno's own count, and its exit code tells any failure", async () => {
  const good = "ok | 12 passed (3 steps) | 0 failed (1s)";
  const rows = [
    [{ summary: good }, "12 passed, 0 failed", 0],
    [
      { summary: "\x1b[32mok\x1b[0m | 12 passed | 0 failed | 2 ignored (1s)" },
      "12 passed, 0 failed, 2 skipped",
      0,
    ],
    [
      { summary: "FAILED | 11 passed (3 steps) | 1 failed (2 steps) (1s)", fails: "test" },
      "11 passed, 1 failed",
      1,
    ],
    [{ summary: good, fails: "test" }, "12 passed, 0 failed", 1],
    [{ summary: "ok | 0 passed | 0 failed (0ms)" }, "0 passed, 0 failed", 1],
    [{ summary: "error: no test modules found", fails: "test" }, "0 passed, 0 failed", 1],
    [{ summary: good, fails: "fmt" }, "12 passed, 0 failed", 1],
    [{ summary: good, fails: "lint" }, "12 passed, 0 failed", 1],
    [{ summary: good, fails: "check" }, "12 passed, 0 failed", 1],
  ] as const;
  for (const [deno, lastLine, exitCode] of rows) {
    const { code, stdout } = await ciRun(deno);
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    deepEqual([lines.at(-1), code], [lastLine, exitCode], JSON.stringify(deno));
  }
});

/** Everything every rule finds. */
function findings(sources: Sources, spared: readonly string[]): string[] {
  return [
    ...wrongDoors(sources),
    ...impurities(sources),
    ...wrongTries(sources),
    ...longFiles(sources),
    ...wrongCasts(sources),
    ...namelessFiles(sources),
    ...undocumented(sources, "lib/core/strategy.ts"),
    ...strayTests(sources, wholeHouse),
    ...deadFiles(sources, spared),
  ];
}

function withLine(path: string, line: string, house = sound): Sources {
  return { ...house, [path]: `${house[path] ?? "// New.\n"}${line}\n` };
}

async function readSources(): Promise<Sources> {
  const sources: { [path: string]: string } = {};
  const walk = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder, top))) {
      if (isDirectory) await walk(`${folder}${name}/`);
      else if (name.endsWith(".ts")) {
        sources[`${folder}${name}`] = await Deno.readTextFile(new URL(`${folder}${name}`, top));
      }
    }
  };
  for (const folder of ["lib/", "strategies/", "tests/"]) await walk(folder);
  sources["main.ts"] = await Deno.readTextFile(new URL("main.ts", top));
  return sources;
}
