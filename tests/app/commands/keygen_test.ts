// Keys: a pair that belongs together, a secret only its owner can read and never written twice.

import { equal, match, throws } from "node:assert/strict";
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { keygenCommand } from "../../../lib/app/commands/keygen.ts";
import { UserError } from "../../../lib/app/errors.ts";
import { aShell } from "../../support/shell.ts";

Deno.test("the secret in the file signs what the printed public key verifies", () => {
  inFolder((folder) => {
    const shell = aShell();
    const path = `${folder}/keys/secret`;
    equal(keygenCommand(path, {}, shell), 0);
    const seed = base64url(Deno.readTextFileSync(path).trim());
    const publicKey = base64url(/^Public key +(\S+)$/m.exec(shell.printed.out)?.[1] ?? "");
    const jwk = { kty: "OKP", crv: "Ed25519", x: publicKey };
    const text = new TextEncoder().encode("instruction=orderExecute");
    const signature = sign(
      null,
      text,
      createPrivateKey({ key: { ...jwk, d: seed }, format: "jwk" }),
    );
    equal(verify(null, text, createPublicKey({ key: jwk, format: "jwk" }), signature), true);
  });
});

Deno.test("the secret is readable for its owner alone, and printed only on demand", () => {
  inFolder((folder) => {
    const [quiet, loud] = [aShell(), aShell()];
    keygenCommand(`${folder}/a`, {}, quiet);
    keygenCommand(`${folder}/b`, { showSecret: true }, loud);
    const secretOf = (name: string) => Deno.readTextFileSync(`${folder}/${name}`).trim();
    equal((Deno.statSync(`${folder}/a`).mode ?? 0) & 0o777, 0o600);
    equal(quiet.printed.out.includes(secretOf("a")), false);
    equal(loud.printed.out.includes(secretOf("b")), true);
    match(quiet.printed.out, /Register the public key at backpack\.exchange/);
  });
});

Deno.test("a file that exists is never overwritten", () => {
  inFolder((folder) => {
    const path = `${folder}/secret`;
    Deno.writeTextFileSync(path, "precious");
    throws(() => keygenCommand(path, {}, aShell()), {
      message:
        "Cannot write the key as the file must not exist yet, a secret is never overwritten: " +
        `current value is ${path}`,
    });
    equal(Deno.readTextFileSync(path), "precious");
  });
});

Deno.test("a file that cannot be written is one line that names it", () => {
  inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "");
    const path = `${folder}/file/secret`;
    throws(() => keygenCommand(path, {}, aShell()), (error: unknown) => {
      match(String(error), /^UserError: Cannot write the key as "[^"]+" must be writable: [^\n]+$/);
      return error instanceof UserError && error.exitCode === 2;
    });
  });
});

function base64url(text: string): string {
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function inFolder(test: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
