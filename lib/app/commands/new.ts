// `new`: a strategy of one's own to begin with, which runs as it is. Beside it come a deno.json and the
// contract by value, the very sources this program was built from, so that an editor and `deno check`
// know every type without this repository. Nothing that exists is overwritten.

import { basename, dirname, join } from "node:path";
import { badValue, ExitCode, refusalOf, UserError } from "../errors.ts";
import { moduleFiles } from "../module_files.ts";
import { newStrategy } from "../new_strategy.ts";
import { print, type Shell } from "../shell.ts";

const library = new URL("../../", import.meta.url);
const doing = "write a new strategy";

/** Writes the strategy and what an editor needs beside it, and says how to run it. */
export function newCommand(file: string, shell: Shell): number {
  const name = nameOf(file);
  const folder = dirname(file);
  const files = new Map([[file, newStrategy(name)]]);
  for (const [path, text] of surroundings()) {
    const place = join(folder, path);
    // A second strategy in the same folder shares them.
    if (textAt(place) !== text) files.set(place, text);
  }
  for (const path of files.keys()) {
    if (textAt(path) === undefined) continue;
    throw badValue({ doing, key: "the file", rule: "must not exist yet", value: path });
  }
  for (const [path, text] of files) write(path, text);
  for (const path of files.keys()) print(shell, `Written   ${path}`);
  print(shell, "");
  print(shell, `Try it    bpx-bot backtest --plugin ${file} --market SOL_USDC --feed sim`);
  print(shell, `On paper  bpx-bot --plugin ${file} --market SOL_USDC --feed sim`);
  return ExitCode.done;
}

/** The strategy's name as a preset writes it. */
function nameOf(file: string): string {
  const name = basename(file).replace(/\.ts$/, "").toLowerCase().replaceAll("_", "-");
  if (file.endsWith(".ts") && /^[a-z][a-z0-9-]{0,31}$/.test(name)) return name;
  const rule = "must be like my-strategy.ts: letters, digits and dashes, 32 at most";
  throw badValue({ doing, key: "the file", rule, value: file });
}

/** What makes `bpx-bot/strategy` and `bpx-bot/signals` known to an editor. */
function* surroundings(): Generator<readonly [string, string]> {
  const imports: { [specifier: string]: string } = {};
  const sources = new Map<string, string>();
  for (const [specifier, path] of [["strategy", "core/strategy.ts"], ["signals", "signals.ts"]]) {
    imports[`bpx-bot/${specifier}`] = `./bpx-bot/${path}`;
    for (const { real, source } of moduleFiles(new URL(`${path}`, library))) {
      sources.set(`bpx-bot/${real.slice(library.href.length)}`, source);
    }
  }
  const config = {
    imports,
    compilerOptions: { exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
  };
  yield ["deno.json", `${JSON.stringify(config, null, 2)}\n`];
  yield* sources;
}

/** Undefined where there is none. */
function textAt(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw unwritable(path, error);
  }
}

function write(path: string, text: string): void {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeTextFileSync(path, text, { createNew: true });
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): unknown {
  const refusal = refusalOf(error);
  if (refusal === undefined) return error;
  return new UserError(`Cannot ${doing} as "${path}" must be writable: ${refusal}`);
}
