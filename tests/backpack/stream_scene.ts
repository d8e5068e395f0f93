// A stream and the exchange it listens to, on loopback: what each socket of the exchange does, and
// everything that was told on either side, with a way to wait until enough was.

import assert from "node:assert/strict";
import * as ed25519 from "@noble/ed25519";
import { keyPair, Signer, signingString } from "../../lib/backpack/sign.ts";
import { Stream, type StreamOptions } from "../../lib/backpack/stream.ts";
import { markets } from "./examples.ts";

/** What the exchange does with a socket. */
export type Behaviour = "open" | "refuse" | "hang";

/** What a client asked for. */
export interface Asked {
  readonly method: string;
  readonly params: readonly string[];
  readonly signature?: readonly string[];
}

/** What a test may say of its stream. */
export type SceneChange = {
  readonly [Name in keyof StreamOptions]?: StreamOptions[Name] | undefined;
};

/** The key the stream signs with. */
export const pair = keyPair();
export const TOUCH = "bookTicker.SOL_USDC";
export const TRADE = "trade.SOL_USDC";
export const ORDERS = "account.orderUpdate.SOL_USDC";

/** Long enough for two busy cores; only a failing test waits for it. */
const PATIENCE_MS = 5_000;

/** A stream that was started, told of by a server of which `behaviours` are the first sockets'. */
export class Scene implements AsyncDisposable {
  readonly stream: Stream;
  readonly abort = new AbortController();
  /** What came to the exchange. */
  readonly requests: Asked[] = [];
  readonly sockets: WebSocket[] = [];
  /** What the stream told. */
  readonly states: string[] = [];
  readonly events: string[] = [];
  readonly faults: string[] = [];
  readonly frames: string[] = [];
  nowMs = 1_788_368_290_000;
  localMs = 1_000;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #behaviours: Behaviour[];
  readonly #released = Promise.withResolvers<Response>();
  readonly #waiting = new Set<() => void>();

  constructor(change: SceneChange = {}, behaviours: readonly Behaviour[] = []) {
    this.#behaviours = [...behaviours];
    const address = { hostname: "127.0.0.1", port: 0, onListen() {} };
    this.#server = Deno.serve(address, (request) => this.#answer(request));
    this.stream = new Stream(this.#options(change));
    this.stream.start();
  }

  /** Sends a frame to the newest socket. */
  tell(data: string | Uint8Array<ArrayBuffer>): void {
    const socket = this.sockets.at(-1);
    if (socket?.readyState === WebSocket.OPEN) socket.send(data);
  }

  /** Resolves when something happens after which `condition` holds, or at once. */
  async until(condition: () => boolean): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new assert.AssertionError({ message: `in vain: ${condition}` })),
      PATIENCE_MS,
    );
    try {
      while (!condition()) {
        const happened = new Promise<void>((resolve) => this.#waiting.add(resolve));
        await Promise.race([happened, late.promise]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Closes both sides and waits until the sockets are gone. */
  async end(): Promise<void> {
    this.stream.close();
    this.#released.resolve(new Response());
    await this.#server.shutdown();
    await this.until(() => this.sockets.every((one) => one.readyState === WebSocket.CLOSED));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  #answer(request: Request): Response | Promise<Response> {
    const behaviour = this.#behaviours.shift() ?? "open";
    if (behaviour === "hang") return this.#released.promise;
    if (behaviour === "refuse") return new Response("<html>", { status: 503 });
    const { socket, response } = Deno.upgradeWebSocket(request);
    this.sockets.push(socket);
    socket.onmessage = ({ data }) => this.#happened(this.requests, JSON.parse(data));
    socket.onclose = () => this.#ring();
    return response;
  }

  #options(change: SceneChange): StreamOptions {
    const signer = "signer" in change ? change.signer : new Signer(pair.secret);
    return {
      url: `ws://127.0.0.1:${this.#server.addr.port}`,
      ...signer === undefined ? {} : { signer },
      nowMs: () => this.nowMs,
      publicStreams: change.publicStreams ?? [TOUCH, TRADE],
      privateStreams: change.privateStreams ?? [ORDERS],
      markets: () => markets,
      localMs: () => this.localMs,
      random: change.random ?? (() => 0),
      signal: change.signal ?? this.abort.signal,
      connectLimitMs: change.connectLimitMs ?? PATIENCE_MS,
      onEvent: (event, stream, at) => {
        this.#happened(this.events, `${event.kind} of ${stream} at ${at}`);
        change.onEvent?.(event, stream, at);
      },
      onFault: ({ message }) => this.#happened(this.faults, message),
      onState: (state, reason) => {
        this.#happened(this.states, state === "down" ? `${state}: ${reason}` : state);
        change.onState?.(state, reason);
      },
      onFrame: (text) => this.#happened(this.frames, text),
    };
  }

  #happened<T>(log: T[], what: T): void {
    log.push(what);
    this.#ring();
  }

  #ring(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** Whether a subscription was signed by `pair` at that time; a second implementation looks. */
export async function verifies(asked: Asked | undefined, timestampMs: number): Promise<boolean> {
  const [key = "", signature = "", timestamp = "", window = ""] = asked?.signature ?? [];
  assert.deepEqual([key, timestamp], [pair.publicKey, String(timestampMs)]);
  const stamp = { timestampMs: Number(timestamp), windowMs: Number(window) };
  const text = new TextEncoder().encode(signingString("subscribe", {}, stamp));
  const bytes = (base64: string) => Uint8Array.fromBase64(base64);
  return await ed25519.verifyAsync(bytes(signature), text, bytes(key));
}

/** Writes down the waits asked of the system from now on, but for those of `exceptMs`. */
export function recordWaits(exceptMs: number): { restore(): number[] } {
  const { setTimeout } = globalThis;
  const waits: number[] = [];
  globalThis.setTimeout = Object.assign(
    (...[callback, ms = 0, ...rest]: Parameters<typeof setTimeout>) => {
      if (ms !== exceptMs) waits.push(ms);
      return setTimeout(callback, ms, ...rest);
    },
    setTimeout,
  );
  const restore = () => {
    globalThis.setTimeout = setTimeout;
    return waits;
  };
  return { restore };
}
