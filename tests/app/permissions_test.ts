// One list of permissions: what the program asks for is in it, and the task that runs it from a
// checkout has the same.

import { deepEqual, equal, ok } from "node:assert/strict";
import { loadConfig } from "../../lib/app/config.ts";
import { readKeys } from "../../lib/app/keys.ts";
import { closedHosts, permissionFlags, permissions } from "../../lib/app/permissions.ts";
import { processShell, type Shell } from "../../lib/app/shell.ts";
import { strategyNames } from "../../lib/app/strategies.ts";
import { exchangeUrls } from "../../lib/app/urls.ts";
import { aShell } from "../support/shell.ts";

Deno.test("the task bot runs with exactly these permissions", async () => {
  const top = new URL("../../deno.json", import.meta.url);
  const { tasks, permissions: sets } = JSON.parse(Deno.readTextFileSync(top));
  deepEqual(sets, { bot: { read: true, write: true, ...await permissions() } });
  // Quiet, since Deno warns each time that sets of permissions may change; 2.9.4 will not.
  equal(tasks.bot, "deno run --quiet --no-prompt -P=bot main.ts");
});

Deno.test("a compiled program asks nobody, and is open to nothing else", () => {
  deepEqual(permissionFlags({ net: ["a:1", "b"], env: ["C", "D"] }), [
    ...["--no-prompt", "--allow-read", "--allow-write", "--allow-net=a:1,b", "--allow-env=C,D"],
  ]);
});

Deno.test("every name the program asks the environment for is in the list", async () => {
  const asked = new Set<string>();
  const shell: Shell = {
    ...aShell({ listing: "denied" }),
    env(name) {
      asked.add(name);
      return undefined;
    },
  };
  for (const strategy of strategyNames) await loadConfig({ strategy, market: "SOL_USDC" }, shell);
  readKeys(shell, undefined);
  exchangeUrls({}, shell);
  const { env } = await permissions();
  deepEqual([...asked].filter((name) => !env.includes(name)), []);
  const settings = env.filter((name) => name.startsWith("BPX_SET__"));
  deepEqual(settings.filter((name) => !asked.has(name)), [], "nothing is open in vain");
});

Deno.test("no host and no name is a pattern, and none is listed twice", async () => {
  const { net, env } = await permissions(["smtp.example.com:587"]);
  for (const list of [net, env]) {
    ok(list.every((entry) => entry !== "" && !/[*,\s]/.test(entry)));
    equal(new Set(list).size, list.length);
  }
  ok(net.includes("smtp.example.com:587"));
});

Deno.test({
  name: "a host that is not open is named with its port, once",
  permissions: { net: ["a.example.com:443", "b.example.com"] },
  fn() {
    deepEqual(
      closedHosts([
        ...["https://a.example.com", "wss://a.example.com:443", "https://b.example.com:99"],
        ...["https://c.example.com", "wss://c.example.com/stream", "http://a.example.com"],
      ]),
      ["c.example.com:443", "a.example.com:80"],
    );
  },
});

Deno.test({
  name: "a name that is given up cannot be read again, and the others can",
  permissions: { env: ["BPX_API_SECRET", "BPX_SET__levels"] },
  fn() {
    const shell = processShell();
    shell.forget(["BPX_API_SECRET"]);
    const state = (variable: string) =>
      Deno.permissions.querySync({ name: "env", variable }).state === "granted";
    deepEqual([state("BPX_API_SECRET"), state("BPX_SET__levels")], [false, true]);
  },
});
