// Where the exchange is: flags, then the environment, then Backpack itself. Plain http and ws are
// taken on loopback only, since a signed order on an open wire is anybody's to read.

import { badValue } from "./errors.ts";
import type { Shell } from "./shell.ts";

/** Flags that name the exchange. */
export interface UrlFlags {
  readonly apiUrl?: string;
  readonly wsUrl?: string;
}

/** The two doors of an exchange, without a slash at the end. */
export interface Urls {
  readonly api: string;
  readonly ws: string;
}

const BACKPACK: Urls = { api: "https://api.backpack.exchange", ws: "wss://ws.backpack.exchange" };
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** The exchange's addresses. Throws `UserError` on one that is none, or that is not encrypted. */
export function exchangeUrls(flags: UrlFlags, shell: Shell): Urls {
  return {
    api: address("--api-url", flags.apiUrl ?? shell.env("BPX_API_URL") ?? BACKPACK.api, "http"),
    ws: address("--ws-url", flags.wsUrl ?? shell.env("BPX_WS_URL") ?? BACKPACK.ws, "ws"),
  };
}

/** True where both addresses are this machine's own. */
export function isLoopback({ api, ws }: Urls): boolean {
  return [api, ws].every((url) => LOOPBACK.includes(new URL(url).hostname));
}

function address(key: string, text: string, scheme: "http" | "ws"): string {
  const url = URL.parse(text);
  const bad = (rule: string) =>
    badValue({ doing: "reach the exchange", key, rule, value: shown(url) });
  if (url === null) throw bad(`must be an address like ${scheme}s://host`);
  if (url.username !== "" || url.password !== "") throw bad("must hold no name and no password");
  if (url.protocol === `${scheme}s:`) return text.replace(/\/+$/, "");
  if (url.protocol !== `${scheme}:`) throw bad(`must begin with ${scheme}s://`);
  if (!LOOPBACK.includes(url.hostname)) throw bad(`must begin with ${scheme}s:// off this machine`);
  return text.replace(/\/+$/, "");
}

/** What an error may show of an address: never what stands before the host. */
function shown(url: URL | null): string {
  return url === null ? "not an address" : `${url.protocol}//${url.host}`;
}
