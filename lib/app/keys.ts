// The keys of the account: read once, made into a key object, and out of reach for the rest of the
// program. From the environment, from a `.env` file, or from a file of their own, which is the best
// of the three: a process's first environment stays readable under /proc.

import { parseEnv } from "node:util";
import { Signer } from "../backpack/sign.ts";
import { readText } from "./config_file.ts";
import { exists, warnIfOpen } from "./environment.ts";
import { ExitCode, UserError } from "./errors.ts";
import type { Shell } from "./shell.ts";

/** Every name of the environment that may hold a secret. */
export const secretNames = ["BPX_API_KEY", "BPX_API_SECRET", "BPX_API_SECRET_FILE"] as const;

type Secrets = { readonly [name in (typeof secretNames)[number]]?: string };

/**
 * The signer of the account, or undefined where no key is set. Afterwards the program may not read
 * the names of the keys again. Throws `UserError` on a secret that is none, or not of the key given.
 */
export function readKeys(shell: Shell, envFile: string | undefined): Signer | undefined {
  const secrets = { ...fromFile(shell, envFile), ...fromEnvironment(shell) };
  shell.forget(secretNames);
  const secret = secretOf(shell, secrets);
  if (secret === undefined) {
    if (secrets.BPX_API_KEY === undefined) return undefined;
    throw refused("BPX_API_KEY needs BPX_API_SECRET_FILE or BPX_API_SECRET beside it");
  }
  const signer = signerOf(secret);
  const { BPX_API_KEY: key } = secrets;
  if (key !== undefined && key.trim() !== signer.publicKey) {
    throw refused(`BPX_API_KEY must be the public key of the secret, ${signer.publicKey}`);
  }
  return signer;
}

function secretOf(shell: Shell, secrets: Secrets): string | undefined {
  const { BPX_API_SECRET: secret, BPX_API_SECRET_FILE: path } = secrets;
  if (secret !== undefined && path !== undefined) {
    throw refused("only one of BPX_API_SECRET and BPX_API_SECRET_FILE may be set");
  }
  if (path === undefined) return secret?.trim();
  const text = readText("the file that BPX_API_SECRET_FILE names", path);
  warnIfOpen(shell, path);
  return text.trim();
}

function signerOf(secret: string): Signer {
  try {
    return new Signer(secret);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw refused(error.message);
  }
}

function fromEnvironment(shell: Shell): Secrets {
  return picked((name) => shell.env(name));
}

function fromFile(shell: Shell, envFile: string | undefined): Secrets {
  const path = envFile ?? ".env";
  if (envFile === undefined && !exists(path)) return {};
  const values = parseEnv(readText(`environment file "${path}"`, path));
  const secrets = picked((name) => values[name]);
  if (Object.keys(secrets).length > 0) warnIfOpen(shell, path);
  return secrets;
}

/** Only what is set, and an empty text is not. */
function picked(read: (name: string) => string | undefined): Secrets {
  return Object.fromEntries(
    secretNames.flatMap((name) => {
      const value = read(name);
      return value === undefined || value.trim() === "" ? [] : [[name, value]];
    }),
  );
}

function refused(rule: string): UserError {
  return new UserError(`Cannot use the keys as ${rule}`, ExitCode.keysRefused);
}
