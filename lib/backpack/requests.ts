// The one way out to Backpack's REST interface: asks the budget, stamps, signs, sends once and reads
// the answer. What a request is for is said by its caller; that nothing is sent twice, nothing leaves
// unsigned that should not, and no signature comes back in a reason is seen to here.

import { assert } from "../core/assert.ts";
import { Http, type HttpOptions, type Outgoing } from "./http.ts";
import type { Limiter, RequestKind } from "./limiter.ts";
import { type Answer, type Reading, type Reply, replyOf } from "./reply.ts";
import type { ServerClock } from "./server_clock.ts";
import type { Params, Signer } from "./sign.ts";
import type { WireFault } from "./wire_fault.ts";
import type { Markets } from "./wire_row.ts";

/** What every request needs. */
export interface RestOptions extends HttpOptions {
  /** Without one only what is public can be asked. */
  readonly signer?: Signer;
  readonly clock: ServerClock;
  /** Asked and told here for every request: nobody else spends. */
  readonly limiter: Limiter;
  /** The markets whose rows can be read where a request names none. */
  readonly markets: () => Markets;
  /** Told of every answer that cannot be read. */
  onFault?(fault: WireFault): void;
}

/** A request that changes nothing. */
export interface Query<T> {
  readonly path: string;
  readonly params?: Params;
  /** Backpack's name of what is asked, for the signature; without it the request is public. */
  readonly instruction?: string;
  readonly kind?: "query" | "history";
  /** The body of a 200. Throws `WireFault`. */
  readonly read: (text: string) => T;
  readonly bare?: Reading<T>["bare"];
}

/** A request that places or cancels. */
export interface Command<T> {
  readonly method: "POST" | "DELETE";
  readonly path: string;
  readonly instruction: string;
  readonly kind: "place" | "cancel";
  readonly body: Params | readonly Params[];
  /** How long the exchange may take it, in ms. */
  readonly windowMs: number;
  /** The body of a 200. Throws `WireFault`. */
  readonly read: (text: string) => T;
  readonly bare?: Reading<T>["bare"];
}

/** A command signed ahead of its time. */
export interface Prepared<T> {
  readonly outgoing: Outgoing;
  readonly kind: "place" | "cancel";
  readonly reading: Reading<T>;
  /** From then on the exchange refuses it, in ms on the exchange's clock. */
  readonly expiresMs: number;
}

/** Backpack's own default, in ms. */
const QUERY_WINDOW_MS = 5_000;

/** Sends requests to one exchange. */
export class Requests {
  readonly #options: RestOptions;
  readonly #http: Http;

  /** Throws `RangeError` on an address that is none or not encrypted. */
  constructor(options: RestOptions) {
    this.#options = options;
    this.#http = new Http(options);
  }

  /** Asks. */
  async query<T>(query: Query<T>, signal?: AbortSignal): Promise<Reply<T>> {
    const { path, params = {}, instruction, kind = "query", read, bare } = query;
    const { clock, signer } = this.#options;
    const reading: Reading<T> = { asks: "query", read, ...(bare === undefined ? {} : { bare }) };
    const outgoing: Outgoing = { method: "GET", path: path + searchOf(params) };
    if (instruction === undefined) return await this.#send(outgoing, kind, reading, signal);
    if (signer === undefined) return { kind: "failed", reason: "there is no API key" };
    const stamp = { timestampMs: clock.nowMs(), windowMs: QUERY_WINDOW_MS };
    const headers = signer.headers(instruction, params, stamp);
    return await this.#send({ ...outgoing, headers }, kind, reading, signal);
  }

  /** Commands, once. */
  async command<T>(command: Command<T>, signal?: AbortSignal): Promise<Reply<T>> {
    if (this.#options.signer === undefined) {
      return { kind: "failed", reason: "there is no API key" };
    }
    return await this.sendPrepared(this.prepare(command), signal);
  }

  /** Signs a command to be sent later. Throws `Bug` without a key. */
  prepare<T>(command: Command<T>): Prepared<T> {
    const { method, path, instruction, kind, body, windowMs, read, bare } = command;
    const { clock, signer } = this.#options;
    assert(signer !== undefined, "a command without an API key");
    const timestampMs = clock.nowMs();
    const headers = signer.headers(instruction, body, { timestampMs, windowMs });
    return {
      outgoing: { method, path, headers, body: JSON.stringify(body) },
      kind,
      reading: { asks: "command", read, ...(bare === undefined ? {} : { bare }) },
      expiresMs: timestampMs + windowMs,
    };
  }

  /** Sends what was prepared. Past its window it does not leave. */
  async sendPrepared<T>(prepared: Prepared<T>, signal?: AbortSignal): Promise<Reply<T>> {
    const { outgoing, kind, reading, expiresMs } = prepared;
    if (this.#options.clock.nowMs() >= expiresMs) {
      return { kind: "failed", reason: "its window was over before it was sent" };
    }
    return await this.#send(outgoing, kind, reading, signal);
  }

  /** Opens connections for commands. */
  async warm(count: number): Promise<void> {
    await this.#http.warm(count);
  }

  /** Ends the connections. */
  close(): void {
    this.#http.close();
  }

  async #send<T>(
    outgoing: Outgoing,
    kind: RequestKind,
    reading: Reading<T>,
    signal: AbortSignal | undefined,
  ): Promise<Reply<T>> {
    const { limiter } = this.#options;
    if (!limiter.may(kind)) return { kind: "limited" };
    limiter.spend(kind);
    const answer = await this.#http.send(outgoing, signal);
    const reply = replyOf(
      withoutProof(answer, outgoing),
      reading,
      (fault) => this.#options.onFault?.(fault),
    );
    if (reply.kind === "limited") limiter.limited(kind);
    return reply;
  }
}

/** The answer without our key and signature, should it repeat them: it may end up in a log. */
function withoutProof(answer: Answer, { headers }: Outgoing): Answer {
  if (headers === undefined) return answer;
  const clean = (text: string) =>
    text.replaceAll(headers["X-Signature"], "[signature]").replaceAll(
      headers["X-API-Key"],
      "[key]",
    );
  return answer.kind === "answer"
    ? { ...answer, text: clean(answer.text) }
    : { ...answer, reason: clean(answer.reason) };
}

function searchOf(params: Params): string {
  const pairs = Object.entries(params).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]
  );
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}
