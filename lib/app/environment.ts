// Settings from the environment: `BPX_SET__levels=20`, from a `.env` file and from the process, which
// has the last word. Only names with that prefix are ever read here; secrets have their own door, and
// a name that begins like ours and is none is a mistake.

import { parseEnv } from "node:util";
import type { Shell } from "./shell.ts";
import { warn } from "./shell.ts";
import { readText } from "./config_file.ts";
import { UserError } from "./errors.ts";
import { nearest } from "./nearest.ts";

const prefix = "BPX_SET__";

/** The other names that something here reads. `.env.example` says what each is for. */
export const ownNames: readonly string[] = [
  ...["BPX_API_KEY", "BPX_API_SECRET", "BPX_API_SECRET_FILE", "BPX_API_URL", "BPX_WS_URL"],
  ...["BPX_TELEGRAM_TOKEN", "BPX_SMTP_URL"],
];

/** One setting as the environment has it; `key` is without the prefix, `__` read as a dot. */
export interface EnvSetting {
  readonly key: string;
  readonly text: string;
  readonly origin: string;
}

/**
 * The settings of the environment, those that win last. `known` are the keys there are: where the
 * program may not list the environment, it asks for each of them, and a mistyped name cannot be
 * noticed. `file` is the `.env` file; by default `.env` where there is one. Throws `UserError` on a
 * file that cannot be read, and on a name that nothing reads.
 */
export function envSettings(
  shell: Shell,
  known: readonly string[],
  file: string | undefined,
): readonly EnvSetting[] {
  const names = shell.envNames() ?? known.map(nameOf);
  // The tests of this program have BPX_ names of their own, so the process's are not all looked at.
  refuseUnknown("the environment", names.filter((name) => name.startsWith("BPX_SET")), known);
  const own = names.filter((name) => name.startsWith(prefix)).sort().flatMap((name) => {
    const text = shell.env(name);
    return text === undefined ? [] : [{ key: keyOf(name), text, origin: name }];
  });
  return [...fileSettings(shell, known, file), ...own];
}

function fileSettings(
  shell: Shell,
  known: readonly string[],
  file: string | undefined,
): readonly EnvSetting[] {
  const path = file ?? ".env";
  if (file === undefined && !exists(path)) return [];
  const origin = `environment file "${path}"`;
  const values = parseEnv(readText(origin, path));
  warnIfOpen(shell, path);
  const names = Object.keys(values).filter((name) => name.startsWith("BPX_"));
  refuseUnknown(origin, names, known);
  return names.filter((name) => name.startsWith(prefix)).sort().map((name) => ({
    key: keyOf(name),
    text: values[name] ?? "",
    origin: `${name} in ${path}`,
  }));
}

/** A mistyped name would be ignored in silence. Its value is not shown: it may be a secret. */
function refuseUnknown(
  origin: string,
  names: readonly string[],
  known: readonly string[],
): void {
  const strange = names.find((name) => !name.startsWith(prefix) && !ownNames.includes(name));
  if (strange === undefined) return;
  const hint = nearest(strange, [...ownNames, ...known.map(nameOf)]);
  throw new UserError(
    `Cannot use ${origin} as ${strange} must be a name that is read (nearest: ${hint})`,
  );
}

function nameOf(key: string): string {
  return prefix + key.replace(".", "__");
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
