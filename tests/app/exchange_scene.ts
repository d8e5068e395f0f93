// The local exchange opened for one test, with a past of twenty minutes, a public connection to it and
// a folder that is gone afterwards.

import { parseFaults } from "../../lib/local/faults.ts";
import { type ExchangeSettings, type OpenExchange, openExchange } from "../../lib/local/open.ts";
import { connect, type Connection } from "../../lib/app/connect.ts";
import { Folder } from "../data/files.ts";
import { aMarketOf } from "../support/known_market.ts";

/** The perp and the spot market of the exchange. */
export const perp = aMarketOf("SOL_USDC_PERP");
/** The same coin without margin. */
export const spot = aMarketOf("SOL_USDC");

/** What a test may use. */
export interface ExchangeScene {
  readonly exchange: OpenExchange;
  readonly connection: Connection;
  readonly urls: { readonly apiUrl: string; readonly wsUrl: string };
  readonly folder: Folder;
  readonly stop: AbortController;
}

/** Opens an exchange for as long as `use` takes. */
export async function onExchange<T>(
  use: (scene: ExchangeScene) => Promise<T>,
  settings: Partial<ExchangeSettings> = {},
): Promise<T> {
  const shut = new AbortController();
  const exchange = openExchange({
    markets: [perp, spot],
    seed: 1,
    pastSec: 1_200,
    accounts: [],
    faults: parseFaults(""),
    postOnlyReply: "error",
    limits: "on",
    speed: 1,
    port: 0,
    ...settings,
    stop: shut.signal,
  });
  try {
    using folder = new Folder();
    using connection = connect({ api: exchange.url, ws: exchange.ws }, undefined);
    for (const market of [perp, spot]) connection.markets.set(market.symbol, market);
    const urls = { apiUrl: exchange.url, wsUrl: exchange.ws };
    return await use({ exchange, connection, urls, folder, stop: new AbortController() });
  } finally {
    shut.abort();
    await exchange.shut;
  }
}

/** A server of one function on loopback, as a proxy or a broken exchange is one. */
export function anAnswer(respond: (pathAndQuery: string) => Response | Promise<Response>) {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ url }) => respond(url.slice(new URL(url).origin.length)),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    ws: `ws://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
