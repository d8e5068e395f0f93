// A live run in this process, against a local exchange in this process: real HTTP, real sockets, real
// signatures, and both sides' books open to the test.

import { keyPair, Signer } from "../../lib/backpack/sign.ts";
import { loadConfig } from "../../lib/app/config.ts";
import { type LiveOptions, liveRun } from "../../lib/app/live_run.ts";
import type { RunResult } from "../../lib/app/watched.ts";
import type { Status } from "../../lib/app/status.ts";
import { COIN } from "../../lib/core/units.ts";
import { parseFaults } from "../../lib/local/faults.ts";
import { type ExchangeSettings, type OpenExchange, openExchange } from "../../lib/local/open.ts";
import { findMarket } from "../../lib/data/markets.ts";

/** Where a live run trades. */
export interface LiveScene extends AsyncDisposable {
  readonly exchange: OpenExchange;
  readonly secret: string;
  readonly publicKey: string;
  readonly dataDir: string;
  readonly notices: string[];
  readonly statuses: Status[];
  /** Runs the bot to its end. */
  run(settings: readonly string[], given?: Partial<LiveOptions>): Promise<RunResult>;
}

/** A perpetual and its spot market, and an account with 10,000 USDC. */
export function aLiveScene(settings: Partial<ExchangeSettings> = {}): LiveScene {
  const stop = new AbortController();
  const { secret, publicKey } = keyPair();
  const exchange = openExchange({
    markets: ["SOL_USDC_PERP", "SOL_USDC"].flatMap((symbol) => findMarket(symbol) ?? []),
    seed: 3,
    pastSec: 5,
    accounts: [{ publicKey, balances: { USDC: 10_000 * COIN } }],
    faults: parseFaults(""),
    postOnlyReply: "error",
    limits: "on",
    speed: 1,
    port: 0,
    ...settings,
    stop: stop.signal,
  });
  const dataDir = Deno.makeTempDirSync();
  const notices: string[] = [];
  const statuses: Status[] = [];
  return {
    ...{ exchange, secret, publicKey, dataDir, notices, statuses },
    async run(set, given = {}) {
      const config = await loadConfig(
        { strategy: "grid", market: "SOL_USDC_PERP", set },
        undefined,
      );
      return await liveRun({
        ...{ config, dataDir, seed: 1, tag: 200, version: "0", onStart: "adopt", feed: "socket" },
        urls: { api: exchange.url, ws: exchange.ws },
        signer: new Signer(secret),
        durationSec: 10,
        signal: new AbortController().signal,
        stop: new AbortController().signal,
        confirm: () => true,
        onRun: () => {},
        onNotice: ({ level, text }) => notices.push(`${level}: ${text}`),
        onFault: (fault) => notices.push(`fault: ${fault.message}`),
        onStatus: (status) => statuses.push(status),
        ...given,
      });
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await exchange.shut;
      Deno.removeSync(dataDir, { recursive: true });
    },
  };
}

/** A grid close enough around the market to trade. */
export const tightGrid = [
  "autoPrice=on",
  "priceRange=0.004",
  "levels=12",
  "maxPositionUsd=2000",
  "outOfRange=trail",
  "maxShifts=10000",
];
