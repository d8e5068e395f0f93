// One request, one answer: connections kept open, a time-out over the whole of it, and the truth on
// whether it can have arrived. Redirects are refused, so that a signed request goes nowhere but to
// the exchange. What has a body is a command and leaves by connections of our own: Deno's fetch sends
// a request again when its connection is cut, be it a POST (denoland/deno#35610), and an order would
// be placed twice.

import { Buffer } from "node:buffer";
import { KeptConnections } from "./kept_connections.ts";
import type { SignedHeaders } from "./sign.ts";
import { shorten } from "./wire_fault.ts";
import type { Answer } from "./reply.ts";

/** A request ready to leave. */
export interface Outgoing {
  readonly method: "GET" | "POST" | "DELETE";
  /** From the first slash, with the query. */
  readonly path: string;
  readonly headers?: SignedHeaders;
  /** JSON. */
  readonly body?: string;
}

/** Where to send. */
export interface HttpOptions {
  readonly url: string;
  /** From the first byte out to the last byte in. Default 5000. */
  readonly timeoutMs?: number;
  /** What sends requests without a body. */
  readonly fetch?: typeof fetch;
}

const TIMEOUT_MS = 5_000;
/** Shorter than servers commonly keep an idle connection, as one they just closed costs an order. */
const IDLE_MS = 30_000;
/** Idle connections kept: a ladder's cancels leave at once, each on its own where HTTP/2 is not spoken. */
const MOST_IDLE = 32;
const LONGEST_REASON = 160;
const loopback: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

/** Sends to one host. */
export class Http {
  readonly #base: string;
  readonly #timeoutMs: number;
  readonly #fetch: typeof fetch;
  readonly #client: Deno.HttpClient;
  readonly #commands: KeptConnections;
  #closed = false;

  /** Throws `RangeError` on an address that is none or not encrypted. */
  constructor(options: HttpOptions) {
    this.#base = baseOf(options.url);
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#fetch = options.fetch ?? fetch;
    this.#client = Deno.createHttpClient({
      poolIdleTimeout: IDLE_MS,
      poolMaxIdlePerHost: MOST_IDLE,
    });
    const [timeoutMs, url] = [this.#timeoutMs, new URL(this.#base)];
    this.#commands = new KeptConnections({ url, timeoutMs, idleMs: IDLE_MS, most: MOST_IDLE });
  }

  /** Opens connections for commands, so that none waits for a handshake. */
  async warm(count: number): Promise<void> {
    if (!this.#closed) await this.#commands.warm(count);
  }

  /** Sends once and waits for the whole answer. Never throws. */
  async send(outgoing: Outgoing, signal?: AbortSignal): Promise<Answer> {
    if (this.#closed) return { kind: "unsent", reason: "the connection was closed by us" };
    if (signal?.aborted === true) return { kind: "unsent", reason: "stopped before it was sent" };
    return outgoing.body === undefined
      ? await this.#fetched(outgoing, signal)
      : await this.#commands.send(this.#textOf(outgoing, outgoing.body), signal);
  }

  /** Ends the connections. What is sent afterwards does not leave. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#client.close();
    this.#commands.close();
  }

  #textOf({ method, path, headers }: Outgoing, body: string): string {
    const { host, pathname } = new URL(this.#base);
    let text = `${method} ${pathname.replace(/\/$/, "")}${path} HTTP/1.1\r\nHost: ${host}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
    for (const [name, value] of Object.entries(headers ?? {})) text += `${name}: ${value}\r\n`;
    return `${text}\r\n${body}`;
  }

  async #fetched(outgoing: Outgoing, signal: AbortSignal | undefined): Promise<Answer> {
    const stop = new AbortController();
    let reason: string | undefined;
    const stopFor = (why: string) => {
      reason = why;
      stop.abort();
    };
    const timer = setTimeout(
      () => stopFor(`no answer after ${this.#timeoutMs} ms`),
      this.#timeoutMs,
    );
    const onAbort = () => stopFor("stopped before the answer came");
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const response = await this.#fetch(this.#base + outgoing.path, {
        method: outgoing.method,
        headers: { ...outgoing.headers },
        client: this.#client,
        redirect: "error",
        signal: stop.signal,
      });
      return { kind: "answer", status: response.status, text: await response.text() };
    } catch (error) {
      return reason === undefined ? answerOf(error) : { kind: "lost", reason };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }
}

/** What an error of fetch says: only one that came while connecting proves that nothing left. */
function answerOf(error: unknown): Answer {
  if (error instanceof Deno.errors.NotCapable) {
    return { kind: "unsent", reason: "the program may not connect to this host" };
  }
  const text = textOf(error);
  // Beyond the stage stands the cause alone; before it, an address with the whole query.
  const [, stage, cause = text] = /client error \((\w+)\): (.*)/s.exec(text) ?? [];
  const reason = shorten(cause, LONGEST_REASON);
  return stage === "Connect"
    ? { kind: "unsent", reason: `cannot connect: ${reason}` }
    : { kind: "lost", reason: `no whole answer: ${reason}` };
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** The address without a slash at the end. */
function baseOf(text: string): string {
  const url = URL.parse(text);
  if (url === null) throw bad("must be an address like https://host", "not an address");
  // What stands before the host may be a password, and is not repeated.
  const shown = `${url.protocol}//${url.host}`;
  if (url.username !== "" || url.password !== "") {
    throw bad("must hold no name and no password", shown);
  }
  if (url.search !== "" || url.hash !== "") throw bad("must hold no query", shown);
  const isOwn = url.protocol === "http:" && loopback.includes(url.hostname);
  if (url.protocol !== "https:" && !isOwn) {
    throw bad("must be https, or http on this machine", shown);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function bad(rule: string, value: string): RangeError {
  return new RangeError(
    `Cannot reach the exchange as --api-url ${rule}: current value is ${value}`,
  );
}
