// The exchange as commands reach it: one client with its clock and its budget, and replies turned
// into values or into the one line a person reads.

import { Limiter } from "../backpack/limiter.ts";
import type { Reply } from "../backpack/reply.ts";
import { Rest } from "../backpack/rest.ts";
import { ServerClock } from "../backpack/server_clock.ts";
import type { Signer } from "../backpack/sign.ts";
import type { WireFault } from "../backpack/wire_fault.ts";
import type { Refusal } from "../backpack/wire_refusal.ts";
import type { Market } from "../core/market.ts";
import { ExitCode, unknownName, UserError } from "./errors.ts";
import type { Urls } from "./urls.ts";

/** A way to one exchange. */
export interface Connection extends Disposable {
  readonly urls: Urls;
  readonly signer: Signer | undefined;
  readonly clock: ServerClock;
  readonly limiter: Limiter;
  readonly rest: Rest;
  /** The markets whose messages are understood, by symbol. Filled by `marketOf`. */
  readonly markets: Map<string, Market>;
}

/** Opens a way; nothing is sent yet. */
export function connect(
  urls: Urls,
  signer: Signer | undefined,
  onFault: (fault: WireFault) => void = () => {},
): Connection {
  const clock = new ServerClock();
  const limiter = new Limiter();
  const markets = new Map<string, Market>();
  const rest = new Rest({
    url: urls.api,
    ...(signer === undefined ? {} : { signer }),
    clock,
    limiter,
    markets: () => markets,
    onFault,
  });
  return {
    urls,
    signer,
    clock,
    limiter,
    rest,
    markets,
    [Symbol.dispose]: () => rest.close(),
  };
}

/** The rules of a market as the exchange has them now. Throws `UserError` naming the nearest symbol. */
export async function marketOf(
  { rest, markets, urls }: Connection,
  symbol: string,
  signal: AbortSignal,
): Promise<Market> {
  const list = valueOf(await rest.markets(signal), "read the markets", urls);
  const market = list.markets.get(symbol);
  if (market === undefined) {
    throw unknownName({
      doing: "choose the market",
      key: "its symbol",
      kind: `a market of ${new URL(urls.api).host}`,
      value: symbol,
      given: symbol,
      names: [...list.markets.keys()],
    });
  }
  markets.set(symbol, market);
  return market;
}

/** The value of a reply. Throws `UserError` in one line: exit 7 where the keys were refused, else 1. */
export function valueOf<T>(reply: Reply<T>, doing: string, { api }: Urls): T {
  const host = new URL(api).host;
  const fail = (why: string, exitCode: number = ExitCode.failure) =>
    new UserError(`Cannot ${doing} as ${host} ${why}`, exitCode);
  switch (reply.kind) {
    case "ok":
      return reply.value;
    case "refused":
      throw fail(
        `refused it: ${said(reply.refusal)} (HTTP ${reply.status})`,
        refusesKeys(reply) ? ExitCode.keysRefused : ExitCode.failure,
      );
    case "limited":
      throw fail("takes no more requests for a while (HTTP 429)");
    case "unknown":
    case "failed":
      throw fail(`gave no answer: ${reply.reason}`);
  }
}

/** The exchange knows the request, and not the key or its signature. */
export function refusesKeys(
  { status, refusal }: { readonly status: number; readonly refusal: Refusal },
): boolean {
  const { code = "", message } = refusal;
  return status === 401 || status === 403 || code === "INVALID_SIGNATURE" ||
    code === "UNAUTHORIZED" || code === "FORBIDDEN" || /signature|api.?key/i.test(message);
}

function said({ code, message }: Refusal): string {
  return code === undefined ? message : `${code}, ${message}`;
}
