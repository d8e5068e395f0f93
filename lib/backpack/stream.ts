// Backpack's socket as a stream of events that outlives any one connection: it reconnects, signs and
// subscribes again, and says at once when it is down. A subscription is never acknowledged, so the
// only proof of life is the age of the last message of each stream; whoever needs one judges it and
// calls `restart`. There is no queue: each frame is told before the next is looked at.

import { assert } from "../core/assert.ts";
import { type Micros, micros, MILLISECOND } from "../core/units.ts";
import { Backoff } from "./backoff.ts";
import type { Signer } from "./sign.ts";
import { Socket } from "./socket.ts";
import { parseFrame, type WireEvent } from "./wire.ts";
import { WireFault } from "./wire_fault.ts";
import { type Markets, readRow } from "./wire_row.ts";

/** What to listen to, and whom to tell. What the callbacks throw is not caught. */
export interface StreamOptions {
  /** wss, or ws on loopback. */
  readonly url: string;
  /** Private streams are subscribed only with one. */
  readonly signer?: Signer;
  /** The exchange's time in ms, for signatures. */
  readonly nowMs: () => number;
  /** Such as "depth.SOL_USDC". */
  readonly publicStreams: readonly string[];
  /** Such as "account.orderUpdate.SOL_USDC". */
  readonly privateStreams: readonly string[];
  /** What frames may be of; asked for each, since markets change their rules while we run. */
  readonly markets: () => Markets;
  /** This machine's time in ms; fractions count. Stamps receipts and ages. */
  readonly localMs: () => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** Ends the stream, as `close` does. */
  readonly signal: AbortSignal;
  /** How long an attempt to connect may take. */
  readonly connectLimitMs?: number;
  /** `at` is when it came here. Error frames come as "refusal" with stream "". */
  onEvent(event: WireEvent, stream: string, at: Micros): void;
  /** A frame nobody can read; the stream goes on. */
  onFault(fault: WireFault): void;
  /** "open": SUBSCRIBE was sent. "down": the socket was lost, and is tried again after a wait. */
  onState(state: StreamState, reason: string): void;
  /** Every text frame as it came, before it is read. */
  onFrame?(text: string, at: Micros): void;
}

/** How a stream stands; "down" also before `start` and after `close`. */
export type StreamState = "connecting" | "open" | "down";

/** A handshake over TLS takes a few round trips; one that hangs is better begun anew. */
export const CONNECT_LIMIT_MS = 10_000;
/** Bound of the first wait before reconnecting. */
export const FIRST_WAIT_MS = 500;
/** Bound of every wait: Backpack gives 30 s of grace when it shuts down. */
export const MOST_WAIT_MS = 30_000;
/** A socket that lived longer worked: the next wait is a first one. */
export const SETTLED_MS = 30_000;

/** Backpack's default window. */
const SIGNATURE_WINDOW_MS = 5_000;
const KEY = '"stream":"';
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** Public and private streams over one socket at a time. Throws `RangeError` on an unsafe address. */
export class Stream {
  readonly #options: StreamOptions;
  readonly #backoff: Backoff;
  /** When each stream was last heard, or else subscribed, in local ms. */
  readonly #heardMs: Map<string, number>;
  #socket: Socket | undefined;
  #wait: ReturnType<typeof setTimeout> | undefined;
  #state: StreamState = "down";
  #openedMs = 0;
  #opened = 0;
  #phase: "new" | "started" | "closed" = "new";

  constructor(options: StreamOptions) {
    refuseUnsafe(options.url);
    const { publicStreams, privateStreams, signer, random } = options;
    this.#options = options;
    const names = signer === undefined ? publicStreams : [...publicStreams, ...privateStreams];
    this.#heardMs = new Map(names.map((name) => [name, 0]));
    this.#backoff = new Backoff({ firstMs: FIRST_WAIT_MS, mostMs: MOST_WAIT_MS, random });
  }

  get state(): StreamState {
    return this.#state;
  }

  /** How often it was open again. */
  get reconnects(): number {
    return Math.max(0, this.#opened - 1);
  }

  /** Connects, and goes on connecting until `close`. Once. */
  start(): void {
    assert(this.#phase !== "started", "a stream starts once");
    const { signal } = this.#options;
    if (this.#phase === "closed" || signal.aborted) return;
    this.#phase = "started";
    signal.addEventListener("abort", () => this.close(), { once: true });
    this.#connect();
  }

  /**
   * Ms since the last message of `stream` that could be read, or since it was subscribed; Infinity
   * when not open, and for a stream that is not subscribed.
   */
  ageMs(stream: string): number {
    const heardMs = this.#heardMs.get(stream);
    if (heardMs === undefined || this.#state !== "open") return Infinity;
    return this.#options.localMs() - heardMs;
  }

  /** Cuts an open socket, for instance since it has fallen silent, and connects again. */
  restart(reason: string): void {
    if (this.#state !== "open") return;
    this.#socket?.close();
    this.#lost(reason);
  }

  /** Ends it for good. Nothing is called back afterwards. */
  close(): void {
    this.#phase = "closed";
    this.#state = "down";
    clearTimeout(this.#wait);
    this.#socket?.close();
  }

  #connect(): void {
    this.#socket = new Socket({
      url: this.#options.url,
      connectLimitMs: this.#options.connectLimitMs ?? CONNECT_LIMIT_MS,
      onOpen: () => this.#open(),
      onFrame: (frame) => this.#hear(frame),
      onLost: (reason) => this.#lost(reason),
    });
    this.#tell("connecting", `to ${new URL(this.#options.url).host}`);
  }

  #open(): void {
    this.#opened++;
    this.#openedMs = this.#options.localMs();
    for (const name of this.#heardMs.keys()) this.#heardMs.set(name, this.#openedMs);
    this.#subscribe();
    this.#tell("open", `${this.#heardMs.size} streams`);
  }

  /** Apart, so that a refused signature costs the private streams only. */
  #subscribe(): void {
    const { publicStreams, privateStreams, signer } = this.#options;
    const method = "SUBSCRIBE";
    if (publicStreams.length > 0) this.#send({ method, params: publicStreams });
    if (signer === undefined || privateStreams.length === 0) return;
    const timestampMs = Math.round(this.#options.nowMs());
    const signature = signer.subscription({ timestampMs, windowMs: SIGNATURE_WINDOW_MS });
    this.#send({ method, params: privateStreams, signature });
  }

  #send(request: object): void {
    this.#socket?.send(JSON.stringify(request));
  }

  #hear(frame: unknown): void {
    const nowMs = this.#options.localMs();
    const at = micros(Math.round(nowMs * MILLISECOND));
    if (typeof frame !== "string") {
      const rule = "must be text";
      return this.#options.onFault(
        new WireFault({ place: "frame", field: "body", rule, value: frame }),
      );
    }
    this.#options.onFrame?.(frame, at);
    const event = parseFrame(frame, this.#options.markets());
    if (event instanceof WireFault) return this.#options.onFault(event);
    const stream = event?.kind === "refusal" ? "" : streamOf(frame);
    if (this.#heardMs.has(stream)) this.#heardMs.set(stream, nowMs);
    if (event !== undefined) this.#options.onEvent(event, stream, at);
  }

  #lost(reason: string): void {
    const worked = this.#state === "open" &&
      this.#options.localMs() - this.#openedMs > SETTLED_MS;
    if (worked) this.#backoff.reset();
    this.#wait = setTimeout(() => this.#connect(), this.#backoff.next());
    this.#tell("down", reason);
  }

  #tell(state: StreamState, reason: string): void {
    this.#state = state;
    this.#options.onState(state, reason);
  }
}

/**
 * The stream a frame that could be read is of. Backpack writes the name last, where it is found
 * without reading the frame a second time; elsewhere it is read.
 */
export function streamOf(text: string): string {
  const end = text.length - 2;
  const start = text.lastIndexOf('"', end - 1) + 1;
  const isLast = text.endsWith('"}') && text.startsWith(KEY, start - KEY.length);
  return isLast ? text.slice(start, end) : readRow("frame", text).text("stream");
}

function refuseUnsafe(text: string): void {
  const url = URL.parse(text);
  if (url?.protocol === "wss:") return;
  if (url?.protocol === "ws:" && LOOPBACK.includes(url.hostname)) return;
  const value = url === null ? "not an address" : `${url.protocol}//${url.host}`;
  throw new RangeError(
    `--ws-url must begin with wss://, or ws:// on this machine: current value is ${value}`,
  );
}
