// Settings from the environment: `BPX_SET__levels=20`, from the process or from a `.env` file, the
// process first. Only names with that prefix are ever read here; secrets have their own door.

import { parseEnv } from "node:util";
import type { Shell } from "./shell.ts";
import { warn } from "./shell.ts";
import { readText } from "./config_file.ts";

const prefix = "BPX_SET__";

/** One setting as the environment has it; `key` is without the prefix, `__` read as a dot. */
export interface EnvSetting {
  readonly key: string;
  readonly text: string;
  readonly origin: string;
}

/**
 * The settings of the environment. `known` are the keys there are: where the program may not list
 * the environment, it asks for each of them, and a mistyped name cannot be noticed.
 * `file` is the `.env` file; by default `.env` where there is one.
 */
export function envSettings(
  shell: Shell,
  known: readonly string[],
  file: string | undefined,
): readonly EnvSetting[] {
  const found = new Map<string, EnvSetting>();
  for (const setting of fileSettings(shell, file)) found.set(setting.key, setting);
  const names = shell.envNames() ?? known.map((key) => prefix + key.replace(".", "__"));
  for (const name of names.filter((name) => name.startsWith(prefix))) {
    const text = shell.env(name);
    if (text === undefined) continue;
    found.set(keyOf(name), { key: keyOf(name), text, origin: name });
  }
  return [...found.values()].sort((a, b) => a.key < b.key ? -1 : 1);
}

function fileSettings(shell: Shell, file: string | undefined): readonly EnvSetting[] {
  const path = file ?? ".env";
  if (file === undefined && !exists(path)) return [];
  const text = readText(`environment file "${path}"`, path);
  warnIfOpen(shell, path);
  return Object.entries(parseEnv(text))
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => ({
      key: keyOf(name),
      text: value ?? "",
      origin: `${name} in ${path}`,
    }));
}

function keyOf(name: string): string {
  return name.slice(prefix.length).replace("__", ".");
}

/** True where there is such a file. */
export function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Such a file is where people keep their keys: others on the machine should not read it. */
export function warnIfOpen(shell: Shell, path: string): void {
  const mode = Deno.statSync(path).mode;
  if (mode === null || (mode & 0o077) === 0) return;
  const rights = (mode & 0o777).toString(8);
  warn(shell, `Warning: ${path} can be read by others (mode ${rights}): chmod 600 ${path}`);
}
