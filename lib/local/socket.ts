// One client's socket: what it may ask for, and what is told to it. A valid request is not
// acknowledged, a wrong one is answered and the socket stays open (PROTOCOL 8). Whoever reads too
// slowly is cut off rather than waited for: the exchange must not fill its memory for one client.

import type { AccountId } from "../exchange/report.ts";
import type { Clock, Faults } from "./faults.ts";
import type { NameVerdict } from "./stream_names.ts";

/** The end of a WebSocket that is ours. */
export interface Wire {
  /** Bytes that the other side has not taken yet. */
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code: number, reason: string): void;
}

/** What a socket needs of the exchange. */
export interface SessionTerms {
  readonly faults: Faults;
  readonly clock: Clock;
  judge(name: string): NameVerdict;
  /** The account whose signature this is: key, signature, timestamp, window. Undefined: of none. */
  accountOf(signature: readonly string[]): AccountId | undefined;
  /** A stream was asked for, or given up. */
  joined(session: Session, name: string): void;
  left(session: Session, name: string): void;
}

/** Bytes a client may be behind. A busy market is some 100 kB a second. */
export const MOST_BUFFERED = 4 * 2 ** 20;
/** Far more than all streams of all markets take. */
const LONGEST_REQUEST = 64 * 2 ** 10;

const refusals = {
  parse: { code: 4002, message: "Parse error" },
  signature: { code: 4003, message: "Invalid signature" },
  invalidStream: { code: 4006, message: "Invalid stream" },
  invalidWindow: { code: 4008, message: "Invalid depth window" },
} as const;

/** The streams of one socket. */
export class Session {
  readonly #wire: Wire;
  readonly #terms: SessionTerms;
  readonly #ended = new AbortController();
  /** The account of a private stream; undefined for a public one. */
  readonly #streams = new Map<string, AccountId | undefined>();
  /** Frames of a stream that is late, which later ones of the same stream do not overtake. */
  readonly #late = new Map<string, string[]>();
  #lateBytes = 0;
  #silent = false;

  constructor(wire: Wire, terms: SessionTerms) {
    this.#wire = wire;
    this.#terms = terms;
  }

  /** The account a private stream was asked for with; undefined where it was not. */
  accountIn(name: string): AccountId | undefined {
    return this.#streams.get(name);
  }

  /** Takes a text frame of the client. */
  hear(text: string): void {
    const request = text.length <= LONGEST_REQUEST ? requestOf(text) : undefined;
    if (request === undefined) return this.#refuse("parse");
    const { method, names, signature } = request;
    if (method === "UNSUBSCRIBE") return names.forEach((name) => this.#leave(name));
    const verdicts = names.map((name) => this.#terms.judge(name));
    for (const verdict of verdicts) {
      if (verdict === "invalidStream" || verdict === "invalidWindow") return this.#refuse(verdict);
    }
    const isPrivate = verdicts.includes("private");
    const account = isPrivate ? this.#terms.accountOf(signature) : undefined;
    if (isPrivate && account === undefined) return this.#refuse("signature");
    names.forEach((name, i) => {
      if (verdicts[i] === "quiet") return;
      this.#join(name, verdicts[i] === "private" ? account : undefined);
    });
  }

  /** Sends a frame of a stream, as the faults allow. */
  tell(name: string, frame: string): void {
    if (this.#silent || this.#ended.signal.aborted) return;
    const { copies, delayMs } = this.#terms.faults.frame();
    for (let i = 0; i < copies; i++) {
      const queue = this.#late.get(name);
      if (queue !== undefined) this.#hold(queue, frame);
      else if (delayMs === 0) this.#send(frame);
      else this.#delay(name, frame, delayMs);
    }
  }

  /** A second has passed: the socket may fail. */
  second(): void {
    const fate = this.#terms.faults.second();
    if (fate === "kill") this.close(1001, "");
    if (fate === "silence") this.#silent = true;
  }

  /** Ends the socket from our side. */
  close(code: number, reason: string): void {
    if (this.#ended.signal.aborted) return;
    this.end();
    this.#wire.close(code, reason);
  }

  /** The socket is gone: forgets what it asked for. */
  end(): void {
    this.#ended.abort();
    for (const name of [...this.#streams.keys()]) this.#leave(name);
    this.#late.clear();
  }

  #join(name: string, account: AccountId | undefined): void {
    const known = this.#streams.has(name) && this.#streams.get(name) === account;
    this.#streams.set(name, account);
    if (!known) this.#terms.joined(this, name);
  }

  #leave(name: string): void {
    if (!this.#streams.delete(name)) return;
    this.#terms.left(this, name);
  }

  #refuse(reason: keyof typeof refusals): void {
    if (!this.#silent) this.#send(JSON.stringify({ id: null, error: refusals[reason] }));
  }

  #delay(name: string, frame: string, delayMs: number): void {
    const queue: string[] = [];
    this.#late.set(name, queue);
    this.#hold(queue, frame);
    this.#terms.clock.sleep(delayMs, this.#ended.signal).then(() => {
      if (this.#late.get(name) !== queue) return;
      this.#late.delete(name);
      for (const text of queue) {
        this.#lateBytes -= text.length;
        if (!this.#silent) this.#send(text);
      }
    });
  }

  #hold(queue: string[], frame: string): void {
    this.#lateBytes += frame.length;
    queue.push(frame);
    this.#cutIfBehind();
  }

  #send(frame: string): void {
    if (this.#ended.signal.aborted) return;
    this.#wire.send(frame);
    this.#cutIfBehind();
  }

  #cutIfBehind(): void {
    const behind = this.#wire.bufferedAmount + this.#lateBytes;
    if (behind > MOST_BUFFERED) this.close(1008, "too slow");
  }
}

interface StreamRequest {
  readonly method: "SUBSCRIBE" | "UNSUBSCRIBE";
  readonly names: readonly string[];
  /** Empty where there is none. */
  readonly signature: readonly string[];
}

/** Undefined for anything but the two methods with a list of names. */
function requestOf(text: string): StreamRequest | undefined {
  const fields = objectOf(text);
  const { method, params, signature = [] } = fields;
  if (method !== "SUBSCRIBE" && method !== "UNSUBSCRIBE") return undefined;
  if (!isTexts(params) || !isTexts(signature)) return undefined;
  return { method, names: params, signature };
}

function objectOf(text: string): { readonly [name: string]: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
