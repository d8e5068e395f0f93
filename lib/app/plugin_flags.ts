// The flags of a plugin, shared by every command that runs a strategy: which file, what it is granted,
// and how long it may think.

import { numberFlag, seedFlag } from "./flags.ts";
import { loadPlugin, type Plugin } from "./plugins.ts";
import { type Shell, warn } from "./shell.ts";
import { exchangeUrls, type UrlFlags } from "./urls.ts";

/** Flags of a plugin. */
export interface PluginFlags extends UrlFlags {
  readonly plugin?: string;
  readonly allow?: readonly string[];
  readonly planTimeout?: string;
  readonly seed?: string;
}

/** Time one plan may take where nobody says, in ms. */
const PLAN_TIMEOUT_MS = "250";

/** Loads the plugin that was named, if one was; says what it asked for and was not granted. */
export async function pluginOf(flags: PluginFlags, shell: Shell): Promise<Plugin | undefined> {
  const { plugin: path, allow = [], planTimeout = PLAN_TIMEOUT_MS, seed } = flags;
  if (path === undefined) return undefined;
  const { api, ws } = exchangeUrls(flags, shell);
  const plugin = await loadPlugin(path, {
    planTimeoutMs: numberFlag("--plan-timeout", planTimeout, {
      ...{ type: "integer", min: 1, max: 60_000, unit: "ms" },
    }),
    seed: seedFlag(seed),
    allow,
    exchange: [api, ws],
    env: (name) => shell.env(name),
    onSaid: (line) => warn(shell, `${path}: ${line}`),
  });
  for (const name of plugin.missing) {
    warn(shell, `warn: ${path} asks for ${name}, which was not granted: --allow ${name}`);
  }
  return plugin;
}

/** Says why the plugin was stopped, if it was. */
export function sayStopped(plugin: Plugin | undefined, shell: Shell): void {
  if (plugin?.stopped === undefined) return;
  warn(shell, `The plugin was stopped as ${plugin.stopped}: its orders were cancelled`);
}

/** What a plugin asks for, with what of it was granted, for `check`. */
export function asksOf({ capabilities: { net, env }, missing }: Plugin): string {
  const asked = [...env.map((name) => `env=${name}`), ...net.map((name) => `net=${name}`)];
  if (asked.length === 0) return "nothing";
  return asked.map((name) => `${name} (${missing.includes(name) ? "not granted" : "granted"})`)
    .join(", ");
}
