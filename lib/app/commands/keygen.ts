// `keygen`: an Ed25519 key pair for the exchange. The secret goes to a file only its owner can read
// and, unless asked for, nowhere else; a file that exists is never overwritten, since a lost secret
// cannot be made again.

import { dirname } from "node:path";
import { keyPair } from "../../backpack/sign.ts";
import { badValue, ExitCode, refusalOf, UserError } from "../errors.ts";
import { print, type Shell } from "../shell.ts";

/** Flags of `keygen`. */
export interface KeygenFlags {
  readonly showSecret?: true;
}

/** Makes a key pair, writes the secret seed to `file` and prints the public key, both as base64. */
export function keygenCommand(file: string, flags: KeygenFlags, shell: Shell): number {
  const { secret, publicKey } = keyPair();
  writeSecret(file, `${secret}\n`);
  print(shell, `Public key   ${publicKey}`);
  print(shell, `Secret       ${flags.showSecret ? secret : `in ${file} (mode 600)`}`);
  print(shell, "Register the public key at backpack.exchange under Settings, API Keys.");
  print(shell, "Nothing asks for the pair yet: live trading is not built.");
  return ExitCode.done;
}

function writeSecret(path: string, text: string): void {
  writable(path, () => Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 }));
  writable(path, () => {
    try {
      Deno.writeTextFileSync(path, text, { createNew: true, mode: 0o600 });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      const rule = "must not exist yet, a secret is never overwritten";
      throw badValue({ doing: "write the key", key: "the file", rule, value: path });
    }
  });
}

function writable(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    throw new UserError(`Cannot write the key as "${path}" must be writable: ${refusal}`);
  }
}
