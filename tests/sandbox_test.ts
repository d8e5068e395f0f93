// Nothing a plugin does reaches beyond its cell: each attempt of `support/sandbox_attempts.ts` is made
// from source and in a compiled binary, behind the fence, where its effect must be absent, and without
// it, where it must be there. An attempt that fails in both would prove nothing.

import { deepEqual, equal, ok } from "node:assert/strict";
import type { Outcome } from "./support/sandbox_stage.ts";
import { type Attempt, attempts, pluginOf } from "./support/sandbox_attempts.ts";

const top = new URL("../", import.meta.url);
const CANARY = "canary-6f1d0c";
const base = Deno.env.get("DENORT_BIN");

Deno.test("from source no attempt gets out, and each does without the fence", async () => {
  const stage = new URL("tests/support/sandbox_stage.ts", top).pathname;
  const config = new URL("deno.json", top).pathname;
  await everyAttempt("source", [
    Deno.execPath(),
    "run",
    "-A",
    "--no-prompt",
    "--no-check",
    "-c",
    config,
    stage,
  ]);
});

Deno.test({
  name: "in a compiled binary no attempt gets out, and each does without the fence",
  ignore: base === undefined,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      await everyAttempt("binary", [await compiled(`${folder}/stage`)]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
if (base === undefined) console.log("Skipped: DENORT_BIN names no base to compile with");

Deno.test("every attempt has a name of its own, and there are enough", () => {
  equal(new Set(attempts.map(({ name }) => name)).size, attempts.length);
  ok(attempts.length >= 109);
});

/** Makes all attempts with a program that was started by these words. */
async function everyAttempt(
  made: "source" | "binary",
  stage: readonly string[],
): Promise<void> {
  await Promise.all([
    inScene(async ({ paths, calls, left }) => {
      const before = left();
      const shut = await play(stage, "fenced", attempts, paths);
      equal(shut.code, 0, shut.stderr);
      deepEqual(attempts.flatMap((attempt) => escaped(attempt, shut)), []);
      ok(!shut.stdout.includes(CANARY) && !shut.stderr.includes(CANARY), "the canary got out");
      equal(calls(), 0, "somebody called");
      deepEqual(left(), before);
    }),
    inScene(async ({ paths, calls, left }) => {
      const before = left();
      const together = attempts
        .filter(({ alone, only }) => alone !== true && (only ?? made) === made);
      const open = await play(stage, "open", together, paths);
      const missed = together.filter((attempt) => !worked(attempt, open));
      for (const attempt of attempts.filter(({ alone }) => alone === true)) {
        if (!worked(attempt, await play(stage, "open", [attempt], paths))) missed.push(attempt);
      }
      deepEqual(missed.map(({ name }) => name), []);
      ok(open.stdout.includes(CANARY), "no attempt found the canary");
      ok(calls() > 0, "nobody called");
      deepEqual(left(), [...before, "left.db", "left.txt"].sort());
    }),
  ]);
}

/** Where attempts are made, and what is seen of them from outside. */
interface Scene {
  /** The plugin of each attempt. */
  readonly paths: ReadonlyMap<string, string>;
  /** Requests that a server on this machine got. */
  calls(): number;
  /** Files beside the plugin's folder. */
  left(): readonly string[];
}

async function inScene(act: (scene: Scene) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  let calls = 0;
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    calls++;
    return new Response(`export default "REACHED"`, {
      headers: { "content-type": "text/javascript" },
    });
  });
  try {
    const paths = await written(folder, server.addr.port);
    const left = () => [...Deno.readDirSync(`${folder}/outside`)].map(({ name }) => name).sort();
    await act({ paths, left, calls: () => calls });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What an attempt got in spite of the fence. */
function escaped({ name, shows, used }: Attempt, { outcomes, stdout }: Played): readonly string[] {
  const outcome = outcomes.get(name);
  if (outcome === undefined) return [`${name}: nothing is known of it`];
  const found = [];
  if (outcome.got.includes("REACHED")) found.push(outcome.got);
  if (shows === "used" && outcome.used !== "") found.push(`used ${outcome.used}`);
  if (used?.test(outcome.used)) found.push(`used ${outcome.used}`);
  if (outcome.strayed > 0) found.push(`${outcome.strayed} messages strayed`);
  if (shows === "grew" && outcome.grewMb > 1500) found.push(`it grew by ${outcome.grewMb} MB`);
  const endless = shows === "silent" || shows === "dead" || shows === "grew";
  if (endless && !/stopped|refused/.test(outcome.got)) found.push(`not stopped: ${outcome.got}`);
  if (shows === "printed" && /^RAW/m.test(stdout)) found.push("it printed");
  return found.map((text) => `${name}: ${text}`);
}

/** Whether an attempt had its effect. */
function worked({ name, shows, used }: Attempt, { outcomes, stdout, code }: Played): boolean {
  const outcome = outcomes.get(name);
  switch (shows) {
    case undefined:
      return outcome?.got.startsWith("REACHED") === true;
    case "used":
      return outcome !== undefined && used?.test(outcome.used) === true;
    case "strayed":
      return (outcome?.strayed ?? 0) > 0;
    case "grew":
      return (outcome?.grewMb ?? 0) > 500;
    case "dead":
      return outcome === undefined && code !== 0;
    case "silent":
      return outcome?.got === "no answer";
    default:
      return /^RAW/m.test(stdout);
  }
}

interface Played {
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** Runs the program over the attempts. */
async function play(
  [program = "", ...words]: readonly string[],
  mode: "fenced" | "open",
  made: readonly Attempt[],
  paths: ReadonlyMap<string, string>,
): Promise<Played> {
  const list = await Deno.makeTempFile();
  await Deno.writeTextFile(list, JSON.stringify(made.map(({ name }) => [name, paths.get(name)])));
  const env = { BPX_API_SECRET: CANARY, NO_COLOR: "1" };
  const output = await new Deno.Command(program, { args: [...words, mode, list], env }).output();
  await Deno.remove(list);
  const decoder = new TextDecoder();
  const [stdout, stderr] = [decoder.decode(output.stdout), decoder.decode(output.stderr)];
  const outcomes = stdout.split("\n").filter((line) => line.startsWith('{"name"'))
    .map((line): Outcome => JSON.parse(line));
  return {
    outcomes: new Map(outcomes.map((outcome) => [outcome.name, outcome])),
    ...{ stdout, stderr, code: output.code },
  };
}

/** Writes every attempt as a plugin, with what there is to find around it. */
async function written(folder: string, port: number): Promise<ReadonlyMap<string, string>> {
  const [here, outside] = [`${folder}/plugin`, `${folder}/outside`];
  await Deno.mkdir(here);
  await Deno.mkdir(outside);
  await Deno.writeTextFile(`${outside}/secret.txt`, "REACHED a file");
  await Deno.writeTextFile(`${outside}/secret.json`, '"a file"');
  await Deno.writeTextFile(`${outside}/code.ts`, 'export default "REACHED code outside";\n');
  await Deno.writeTextFile(`${outside}/.env`, "FROM_FILE=1\n");
  await Deno.writeTextFile(`${here}/own.ts`, "export default 1;\n");
  await Deno.writeTextFile(
    `${here}/head.ts`,
    'export { default as process } from "node:process";\n',
  );
  await Deno.symlink("/proc/self/environ", `${here}/environ.txt`);
  await Deno.symlink(`${outside}/code.ts`, `${here}/link.ts`);
  const known = { OUTSIDE: outside, PORT: port, HOUSE: top.href };
  const paths = new Map<string, string>();
  for (const [i, attempt] of attempts.entries()) {
    const path = `${here}/attempt_${i}.ts`;
    await Deno.writeTextFile(path, pluginOf(attempt, known));
    paths.set(attempt.name, path);
  }
  return paths;
}

async function compiled(output: string): Promise<string> {
  const path = (file: string) => new URL(file, top).pathname;
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["compile", "-A", "--no-prompt", "--no-check", "-c", path("deno.json")],
      ...["--include", path("lib/app/cell_host.ts")],
      ...["--include", path("tests/support/sandbox_open_host.ts")],
      ...["--include", path("lib/app/keys.ts")],
      ...["--output", output, path("tests/support/sandbox_stage.ts")],
    ],
    cwd: top,
  }).output();
  equal(code, 0, new TextDecoder().decode(stderr));
  return output;
}
