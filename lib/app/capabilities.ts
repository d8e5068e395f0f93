// What a plugin asks for beyond its market, and what the operator grants. A grant is asked by the
// plugin and repeated by the operator, name by name; it brings a value, never a way to reach out; and
// no key, no setting of this bot and no exchange can be granted at all.

import { list, text } from "../core/shape.ts";
import { badValue, plain, UserError } from "./errors.ts";

/** What a plugin asks for. */
export interface Capabilities {
  /** Hosts with their port. */
  readonly net: readonly string[];
  /** Names of environment variables. */
  readonly env: readonly string[];
}

/** What was granted: values by the name of their environment variable. */
export type Granted = { readonly [name: string]: string };

/** Names of each kind one plugin may ask for. */
const MOST_ASKED = 20;
/** Every host of the exchange is one of this or below it. */
const EXCHANGE = "backpack.exchange";

/** Reads what a plugin exports as `capabilities`. Throws `RangeError` on what is no list of names. */
export function readCapabilities(value: unknown): Capabilities {
  if (value === undefined || value === null) return { net: [], env: [] };
  const given = new Map(Object.entries(value));
  for (const key of given.keys()) {
    if (key === "net" || key === "env") continue;
    throw new RangeError(`capabilities must be net and env: current value is ${plain(key)}`);
  }
  const [net, env] = [namesIn("net", given.get("net")), namesIn("env", given.get("env"))];
  for (const name of net) {
    if (hostOf(name) === undefined) throw wrong("net", "must be like api.example.com:443", name);
  }
  for (const name of env) {
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name)) throw wrong("env", "must be a name", name);
  }
  return { net, env };
}

/** What the operator grants, checked against what the plugin asks. Throws `UserError`. */
export function grant(
  asked: Capabilities,
  allowed: readonly string[],
  surroundings: {
    /** Addresses of the exchange. */
    readonly exchange: readonly string[];
    env(name: string): string | undefined;
  },
): Granted {
  const granted: { [name: string]: string } = {};
  for (const text of allowed) {
    const [, kind, name = ""] = /^(net|env)=(.+)$/.exec(text) ?? [];
    if (kind === "net") refuseHost(name, surroundings.exchange, asked);
    else if (kind === "env") granted[name] = valueOf(name, asked, surroundings.env);
    else throw refused("must be like env=NAME or net=HOST:PORT", text);
  }
  return granted;
}

/** What the plugin asks for and did not get, as the operator would grant it. */
export function missing({ net, env }: Capabilities, granted: Granted): readonly string[] {
  return [
    ...env.filter((name) => !Object.hasOwn(granted, name)).map((name) => `env=${name}`),
    ...net.map((name) => `net=${name}`),
  ];
}

function valueOf(
  name: string,
  { env }: Capabilities,
  read: (name: string) => string | undefined,
): string {
  // A name of ours may be a key, and it is not worth knowing which.
  if (/^BPX_/i.test(name)) throw refused("must not be a name that begins with BPX_", name);
  if (!env.includes(name)) throw refused("must be asked for by the plugin", `env=${name}`);
  const value = read(name);
  if (value !== undefined) return value;
  throw new UserError(
    `Cannot grant env=${name} as it must be set, and among the names this program may read`,
  );
}

function refuseHost(name: string, exchange: readonly string[], { net }: Capabilities): never {
  const host = hostOf(name);
  const ours = exchange.map((url) => new URL(url).hostname);
  if (host !== undefined && (isBelow(host, EXCHANGE) || ours.includes(host))) {
    throw refused("must not be a host of the exchange", name);
  }
  if (!net.includes(name)) throw refused("must be asked for by the plugin", `net=${name}`);
  throw refused("must be env=NAME, as answers from the network are not delivered yet", name);
}

/** The host of `host:port` as a URL has it, so that no spelling of it is another host. */
function hostOf(name: string): string | undefined {
  const url = URL.parse(`https://${name}`);
  const isHostAndPort = /^[^/@?#\\]+:\d{1,5}$/.test(name);
  return url === null || !isHostAndPort ? undefined : url.hostname.replace(/\.+$/, "");
}

function isBelow(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

function namesIn(key: string, value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  const names: string[] = [];
  list((name, path) => {
    text(name, path);
    names.push(String(name));
  })(value, `capabilities.${key}`);
  if (names.length > MOST_ASKED) throw wrong(key, `must be at most ${MOST_ASKED}`, names.length);
  return names;
}

function wrong(key: string, rule: string, value: unknown): RangeError {
  const shown = plain(String(value)).slice(0, 80);
  return new RangeError(`capabilities.${key} ${rule}: current value is ${shown}`);
}

function refused(rule: string, value: string): UserError {
  return badValue({ doing: "grant what the plugin asks", key: "--allow", rule, value });
}
