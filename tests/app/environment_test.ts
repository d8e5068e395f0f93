// Settings from the environment: which names are read, which source wins.

import { deepEqual, equal, match, throws } from "node:assert/strict";
import { parseEnv } from "node:util";
import { envSettings, ownNames } from "../../lib/app/environment.ts";
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
    const text = "# comment\nBPX_SET__risk__lower=10\nBPX_SET__levels=140\nBPX_API_SECRET=canary\n";
    Deno.writeTextFileSync(path, text, { mode: 0o600 });
    const shell = aShell({ env: { BPX_SET__levels: "20" } });
    // The same setting may have two names: what comes later counts, so all of it must be there.
    deepEqual(envSettings(shell, [], path), [
      { key: "levels", text: "140", origin: `BPX_SET__levels in ${path}` },
      { key: "risk.lower", text: "10", origin: `BPX_SET__risk__lower in ${path}` },
      { key: "levels", text: "20", origin: "BPX_SET__levels" },
    ]);
    equal(shell.printed.err, "");
  });
});

Deno.test("a name that begins like ours and is none is refused, without its value", () => {
  inFolder((folder) => {
    const path = `${folder}/my.env`;
    const rows = [
      ["BPX_API_SECRT=canary", "BPX_API_SECRT", "BPX_API_SECRET"],
      ["BPX_SET_levels=canary", "BPX_SET_levels", "BPX_SET__levels"],
      ["BPX_SET_risk__staleMs=canary", "BPX_SET_risk__staleMs", "BPX_SET__risk__staleMs"],
    ] as const;
    for (const [line, name, nearest] of rows) {
      Deno.writeTextFileSync(path, `OTHER=1\n${line}\n`, { mode: 0o600 });
      throws(() => envSettings(aShell(), ["levels", "risk.staleMs"], path), {
        message: `Cannot use environment file "${path}" as ${name} must be a name that is read ` +
          `(nearest: ${nearest})`,
      });
    }
  });
  throws(
    () => envSettings(aShell({ env: { BPX_SET_levels: "1" } }), ["levels"], undefined),
    /^UserError: Cannot use the environment as BPX_SET_levels .* \(nearest: BPX_SET__levels\)$/,
  );
});

Deno.test("the example names all that is read, and with its marks taken away it is taken", () => {
  const example = Deno.readTextFileSync(new URL("../../.env.example", import.meta.url));
  const lines = example.split("\n").filter((line) => /^# [A-Z]\w+=/.test(line));
  const names = lines.map((line) => line.slice(2, line.indexOf("=")));
  deepEqual(names.filter((name) => !name.startsWith("BPX_SET__")).sort(), ownNames.toSorted());
  inFolder((folder) => {
    const path = `${folder}/.env`;
    Deno.writeTextFileSync(path, lines.map((line) => line.slice(2)).join("\n"), { mode: 0o600 });
    const settings = envSettings(aShell(), [], path).map(({ key, text }) => [key, text]);
    deepEqual(settings, [["capital", "5000"], ["levels", "20"], ["risk.maxPositionUsd", "1000"]]);
  });
  // As it stands every line of it is a comment.
  deepEqual(parseEnv(example), {});
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
