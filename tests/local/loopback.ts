// An exchange opened for one test, with a client of our own: signed requests, and sockets whose frames
// are read by the bot's own parser.

import { ok } from "node:assert/strict";
import { keyPair, type Params, Signer } from "../../lib/backpack/sign.ts";
import { parseFrame, type WireEvent } from "../../lib/backpack/wire.ts";
import { WireFault } from "../../lib/backpack/wire_fault.ts";
import { readDepth } from "../../lib/backpack/wire_public.ts";
import { COIN } from "../../lib/core/units.ts";
import { parseFaults } from "../../lib/local/faults.ts";
import { type ExchangeSettings, openExchange } from "../../lib/local/open.ts";
import { marketOf, markets } from "../backpack/examples.ts";

/** The markets of the exchange. */
export const spot = marketOf("SOL_USDC");
/** The same on margin. */
export const perp = marketOf("SOL_USDC_PERP");

/** An open exchange with a busy market, and a client that holds 10,000 USDC. */
export function aScene(settings: Partial<ExchangeSettings> = {}, pair = keyPair()) {
  const stop = new AbortController();
  const signer = new Signer(pair.secret);
  const exchange = openExchange({
    markets: [spot, perp],
    seed: 3,
    synth: { quotesPerSecond: 60, tradesPerSecond: 20 },
    pastSec: 5,
    accounts: [{ publicKey: pair.publicKey, balances: { USDC: 10_000 * COIN } }],
    faults: parseFaults(""),
    postOnlyReply: "error",
    limits: "on",
    speed: 1,
    port: 0,
    ...settings,
    stop: stop.signal,
  });
  const { url, ws } = exchange;
  const stamp = () => ({ timestampMs: Date.now(), windowMs: 5_000 });
  const sockets: Socket[] = [];
  return {
    exchange,
    url,
    signer,
    depth: async () =>
      readDepth(await (await fetch(`${url}/api/v1/depth?symbol=SOL_USDC`)).text(), spot),
    async send(
      method: string,
      path: string,
      instruction: string,
      params: Params,
      signal?: AbortSignal,
    ) {
      const headers = {
        ...signer.headers(instruction, params, stamp()),
        "Content-Type": "application/json",
      };
      const body = method === "GET" ? {} : { body: JSON.stringify(params) };
      return await (await fetch(`${url}${path}`, {
        method,
        headers,
        signal: signal ?? null,
        ...body,
      })).json();
    },
    async socket(params: readonly string[], as?: Signer): Promise<Socket> {
      const socket = await openSocket(ws);
      const signature = as === undefined ? {} : { signature: as.subscription(stamp()) };
      socket.send(JSON.stringify({ method: "SUBSCRIBE", params, ...signature }));
      sockets.push(socket);
      return socket;
    },
    /** Waits until a subscription is in force, which nobody says: the next frame after it proves it. */
    async known(socket: Socket): Promise<void> {
      socket.send('{"method":"SUBSCRIBE","params":["bookTicker.SOL_USDC"]}');
      await socket.until((events) => events.some(({ kind }) => kind === "touch"));
      socket.send('{"method":"UNSUBSCRIBE","params":["bookTicker.SOL_USDC"]}');
      socket.send('{"method":"SUBSCRIBE","params":["no such stream"]}');
      await socket.until((events) => events.some(({ kind }) => kind === "refusal"));
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await exchange.shut;
      await Promise.all(sockets.map(({ closed }) => closed));
    },
  };
}

/** What a socket has heard. */
export interface Socket {
  readonly events: readonly WireEvent[];
  /** The code it was closed with. */
  readonly closed: Promise<number>;
  send(text: string): void;
  /** Waits for what has been heard to be enough. */
  until(isEnough: (events: readonly WireEvent[]) => boolean): Promise<void>;
}

async function openSocket(url: string): Promise<Socket> {
  const socket = new WebSocket(url);
  const events: WireEvent[] = [];
  const waiting = new Set<() => void>();
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<number>();
  socket.onopen = () => opened.resolve();
  socket.onclose = ({ code }) => closed.resolve(code);
  socket.onmessage = ({ data }) => {
    const event = parseFrame(String(data), markets);
    ok(event !== undefined && !(event instanceof WireFault), `${data}: ${event}`);
    events.push(event);
    for (const look of waiting) look();
  };
  await opened.promise;
  return {
    events,
    closed: closed.promise,
    send: (text) => socket.send(text),
    async until(isEnough) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = () => {
        if (isEnough(events)) resolve();
      };
      waiting.add(look);
      look();
      await promise;
      waiting.delete(look);
    },
  };
}
