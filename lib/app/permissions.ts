// What the program may reach, in one place: hosts and names of the environment one by one, nothing
// by pattern. With a pattern, giving up one name (a key, once it is read) would give up all of them.
// Read and write are open, since their paths are the operator's to name. `deno task compile` bakes
// the list in, and a test holds the task `bot` to it.

import { riskSpecs } from "../core/limits.ts";
import { ownNames } from "./environment.ts";
import { loadStrategy, strategyNames } from "./strategies.ts";

/** What is open to the program beside files. */
export interface Permissions {
  /** Hosts, with the port where only one is open. */
  readonly net: readonly string[];
  /** Names of the environment. */
  readonly env: readonly string[];
}

const hosts = [
  "api.backpack.exchange:443",
  "ws.backpack.exchange:443",
  "api.telegram.org:443",
  // The local exchange, the control socket and the dashboard, on whatever port.
  ...["127.0.0.1", "localhost", "[::1]"],
];

const names = [
  // The command line asks for them to know whether help may have colours.
  ...["NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"],
  ...ownNames,
];

/** The permissions of a program that may also reach `extra` hosts, each like `smtp.example.com:587`. */
export async function permissions(extra: readonly string[] = []): Promise<Permissions> {
  return { net: [...hosts, ...extra], env: [...names, ...await settingNames()] };
}

/** The same as flags of `deno compile`. */
export function permissionFlags({ net, env }: Permissions): readonly string[] {
  return [
    ...["--no-prompt", "--allow-read", "--allow-write"],
    `--allow-net=${net.join(",")}`,
    `--allow-env=${env.join(",")}`,
  ];
}

/** Which hosts of these addresses, as `host:port`, the program may not reach. */
export function closedHosts(addresses: readonly string[]): readonly string[] {
  const named = new Set(addresses.map((address) => hostOf(new URL(address))));
  return [...named].filter((host) =>
    Deno.permissions.querySync({ name: "net", host }).state !== "granted"
  );
}

function hostOf({ hostname, port, protocol }: URL): string {
  const usual = protocol === "http:" || protocol === "ws:" ? "80" : "443";
  return `${hostname}:${port === "" ? usual : port}`;
}

/** Every name by which the environment may set something, as `loadConfig` asks for it. */
async function settingNames(): Promise<readonly string[]> {
  const strategies = await Promise.all(strategyNames.map(loadStrategy));
  const params = strategies.flatMap((strategy) => Object.keys(strategy.params));
  const keys = [
    ...["capital", ...Object.keys(riskSpecs)].flatMap((key) => [key, `risk__${key}`]),
    ...params.flatMap((key) => [key, `params__${key}`]),
  ];
  return [...new Set(keys)].sort().map((key) => `BPX_SET__${key}`);
}
