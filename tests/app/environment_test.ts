// Settings from the environment: which names are read, which source wins.

import { deepEqual, equal, match, throws } from "node:assert/strict";
import { envSettings } from "../../lib/app/environment.ts";
import { aShell } from "../support/shell.ts";

Deno.test("names with the prefix are settings, two underscores are a dot", () => {
  const shell = aShell({
    env: { BPX_SET__levels: "20", BPX_SET__risk__staleMs: "900", BPX_API_SECRET: "s" },
  });
  deepEqual(envSettings(shell, [], undefined), [
    { key: "levels", text: "20", origin: "BPX_SET__levels" },
    { key: "risk.staleMs", text: "900", origin: "BPX_SET__risk__staleMs" },
  ]);
});

Deno.test("where the environment may not be listed, every known name is asked for", () => {
  const env = { BPX_SET__risk__staleMs: "900", BPX_SET__other: "1" };
  const shell = aShell({ env, listing: "denied" });
  deepEqual(envSettings(shell, ["levels", "risk.staleMs"], undefined).map(({ key }) => key), [
    "risk.staleMs",
  ]);
});

Deno.test("an environment file speaks first, the process has the last word", () => {
  inFolder((folder) => {
    const path = `${folder}/my.env`;
    const text = "# comment\nBPX_SET__levels=10\nBPX_SET__lower=140\nBPX_API_SECRET=canary\n";
    Deno.writeTextFileSync(path, text, { mode: 0o600 });
    const shell = aShell({ env: { BPX_SET__levels: "20" } });
    deepEqual(envSettings(shell, [], path), [
      { key: "levels", text: "20", origin: "BPX_SET__levels" },
      { key: "lower", text: "140", origin: `BPX_SET__lower in ${path}` },
    ]);
    equal(shell.printed.err, "");
  });
});

Deno.test("an environment file that others can read is warned of", () => {
  inFolder((folder) => {
    const path = `${folder}/open.env`;
    Deno.writeTextFileSync(path, "");
    Deno.chmodSync(path, 0o644);
    const shell = aShell();
    envSettings(shell, [], path);
    match(
      shell.printed.err,
      /^Warning: .*open\.env can be read by others \(mode 644\): chmod 600 .*\n$/,
    );
  });
});

Deno.test("an environment file a person named must be there", () => {
  throws(
    () => envSettings(aShell(), [], "no/such.env"),
    /Cannot load environment file "no\/such.env" as the file must be readable/,
  );
});

function inFolder(test: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
