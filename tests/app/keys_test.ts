import assert from "node:assert/strict";
import { keyPair } from "../../lib/backpack/sign.ts";
import { readKeys } from "../../lib/app/keys.ts";
import { ExitCode, UserError } from "../../lib/app/errors.ts";
import { aShell } from "../support/shell.ts";

const pair = keyPair();
const NO_FILE = undefined;

function fileOf(text: string, mode = 0o600): string {
  const path = Deno.makeTempFileSync();
  Deno.writeTextFileSync(path, text);
  Deno.chmodSync(path, mode);
  return path;
}

Deno.test("no key is no signer", () => {
  assert.equal(readKeys(aShell(), NO_FILE), undefined);
  assert.equal(readKeys(aShell({ env: { BPX_API_SECRET: " " } }), NO_FILE), undefined);
});

Deno.test("keys come from the environment, a .env file or a file of their own", () => {
  const fromEnvironment = aShell({
    env: { BPX_API_SECRET: pair.secret, BPX_API_KEY: pair.publicKey },
  });
  assert.equal(readKeys(fromEnvironment, NO_FILE)?.publicKey, pair.publicKey);
  const secret = fileOf(`${pair.secret}\n`);
  const fromFile = aShell({ env: { BPX_API_SECRET_FILE: secret } });
  assert.equal(readKeys(fromFile, NO_FILE)?.publicKey, pair.publicKey);
  const envFile = fileOf(`BPX_API_SECRET=${pair.secret}\n`);
  assert.equal(readKeys(aShell(), envFile)?.publicKey, pair.publicKey);
});

Deno.test("the process's own environment wins over the file", () => {
  const envFile = fileOf(`BPX_API_SECRET=${keyPair().secret}\n`);
  const shell = aShell({ env: { BPX_API_SECRET: pair.secret } });
  assert.equal(readKeys(shell, envFile)?.publicKey, pair.publicKey);
});

Deno.test("once read, the names of the keys cannot be read again", () => {
  const shell = aShell({ env: { BPX_API_SECRET: pair.secret, BPX_SET__levels: "3" } });
  readKeys(shell, NO_FILE);
  assert.equal(shell.env("BPX_API_SECRET"), undefined);
  assert.equal(shell.env("BPX_SET__levels"), "3");
});

Deno.test("a secret that others may read is warned of", () => {
  const shell = aShell({ env: { BPX_API_SECRET_FILE: fileOf(pair.secret, 0o644) } });
  readKeys(shell, NO_FILE);
  assert.match(shell.printed.err, /can be read by others \(mode 644\)/);
});

const other = keyPair();
const wrong: readonly (readonly [string, { readonly [name: string]: string }, RegExp])[] = [
  ["a secret that is none", { BPX_API_SECRET: "canary" }, /base64 of 32 or 64 bytes/],
  [
    "a key of another secret",
    { BPX_API_SECRET: pair.secret, BPX_API_KEY: other.publicKey },
    /BPX_API_KEY must be the public key of the secret/,
  ],
  ["a key without its secret", { BPX_API_KEY: pair.publicKey }, /needs BPX_API_SECRET_FILE or/],
  [
    "two secrets",
    { BPX_API_SECRET: pair.secret, BPX_API_SECRET_FILE: fileOf(pair.secret) },
    /only one of/,
  ],
];

for (const [name, env, complaint] of wrong) {
  Deno.test(`${name} ends with exit code 7 and is not repeated`, () => {
    assert.throws(() => readKeys(aShell({ env }), NO_FILE), (error: unknown) => {
      assert(error instanceof UserError);
      assert.equal(error.exitCode, ExitCode.keysRefused);
      assert.match(error.message, complaint);
      for (const secret of [pair.secret, other.secret, "canary"]) {
        assert(!error.message.includes(secret));
      }
      return true;
    });
  });
}
