// What the compiled program costs before it does anything, beside a compiled hello on the same base:
// its size, the time to the first byte of output, the most memory. A run says its name when its loop
// begins, and its first plan is the answer to the first event. Rounds take turns and the best of each
// counts: what else the machine does only ever adds. Needs GNU time.
// Run: deno task compile && deno run -A tests/bench/start_bench.ts

import { shown } from "./show.ts";

const ROUNDS = 25;
const program = new URL("../../dist/bpx-bot", import.meta.url).pathname;
const folder = Deno.makeTempDirSync();
const hello = `${folder}/hello`;

/** Milliseconds from the start of a process to the first it writes, wherever it writes it. */
async function firstOutput([path = "", ...args]: readonly string[]): Promise<number> {
  const start = performance.now();
  await using child = new Deno.Command(path, {
    ...{ args, cwd: folder, clearEnv: true, stdout: "piped", stderr: "piped" },
  }).spawn();
  const readers = [child.stdout.getReader(), child.stderr.getReader()];
  const ms = await Promise.race(
    readers.map((reader) => reader.read().then(() => performance.now() - start)),
  );
  await Promise.all(readers.map((reader) => reader.cancel()));
  return ms;
}

/** The most memory a process had, in MB. */
function mostMemory(command: readonly string[]): number {
  const { stderr } = new Deno.Command("/usr/bin/time", {
    ...{ args: ["--format=%M", ...command], cwd: folder, clearEnv: true },
  }).outputSync();
  return Number(new TextDecoder().decode(stderr).trim().split("\n").at(-1)) / 1024;
}

Deno.writeTextFileSync(`${hello}.ts`, 'console.log("hello");\n');
new Deno.Command(Deno.execPath(), {
  args: [
    ...["compile", "--quiet", "--no-config", "--no-code-cache"],
    ...["--output", hello, `${hello}.ts`],
  ],
}).outputSync();

const commands = {
  hello: [hello],
  "--version": [program, "--version"],
  "--help": [program, "--help"],
  "run on the embedded exchange": [
    ...[program, "run", "-p", "grid-perp", "--feed", "sim", "--json"],
  ],
};
const best = new Map<string, number>();
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, command] of Object.entries(commands)) {
    best.set(name, Math.min(best.get(name) ?? Infinity, await firstOutput(command)));
  }
}
for (const [name, ms] of best) shown(name, ms, "ms to its first output");
for (const name of ["hello", "--version"] as const) {
  shown(name, mostMemory(commands[name]), "MB of memory at most");
}
shown("hello", Deno.statSync(hello).size / 1e6, "MB on disk");
shown("bpx-bot", Deno.statSync(program).size / 1e6, "MB on disk");
Deno.removeSync(folder, { recursive: true });
