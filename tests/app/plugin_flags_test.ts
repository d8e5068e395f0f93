import { equal, match, rejects } from "node:assert/strict";
import { asksOf, pluginOf, sayStopped } from "../../lib/app/plugin_flags.ts";
import { aFolder, counting } from "../support/plugins.ts";
import { aShell } from "../support/shell.ts";

const asking = `export const capabilities = { env: ["A", "B"], net: ["x.example.com:443"] };
  console.log("hello");`;

Deno.test("without --plugin there is none", async () => {
  equal(await pluginOf({}, aShell()), undefined);
});

Deno.test("what a plugin asks for is said, and whether it was granted", async () => {
  using folder = aFolder({ "a.ts": asking + counting() });
  const shell = aShell({ env: { A: "1", B: "2" } });
  const flags = { plugin: `${folder.path}/a.ts`, allow: ["env=A"], planTimeout: "5000" };
  using plugin = await pluginOf(flags, shell);
  if (plugin === undefined) throw new Error("no plugin");
  equal(
    asksOf(plugin),
    "env=A (granted), env=B (not granted), net=x.example.com:443 (not granted)",
  );
  match(shell.printed.err, /a\.ts: hello\n/);
  match(shell.printed.err, /asks for env=B, which was not granted: --allow env=B/);
  equal(shell.printed.err.includes("env=A,"), false);
  sayStopped(plugin, shell);
  equal(shell.printed.err.includes("stopped"), false);
  plugin[Symbol.dispose]();
  sayStopped(plugin, shell);
  match(shell.printed.err, /The plugin was stopped as it is not needed any more/);
});

Deno.test("a plugin that asks for nothing is said to, and a wrong flag is refused", async () => {
  using folder = aFolder({ "a.ts": counting() });
  const plugin = `${folder.path}/a.ts`;
  using loaded = await pluginOf({ plugin }, aShell());
  equal(loaded && asksOf(loaded), "nothing");
  await rejects(pluginOf({ plugin, planTimeout: "0" }, aShell()), /--plan-timeout must be between/);
  await rejects(pluginOf({ plugin, allow: ["all"] }, aShell()), /--allow must be like env=NAME/);
  await rejects(
    pluginOf({ plugin, allow: ["net=127.0.0.1:9"], apiUrl: "http://127.0.0.1:9" }, aShell()),
    /must not be a host of the exchange/,
  );
});
