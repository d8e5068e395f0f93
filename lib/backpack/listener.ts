// The socket as a venue listens to it: what is subscribed, who is told of what, and when silence is a
// fault. Marks and tickers are sent each second even where nothing changes, so a socket on which
// nothing at all has come for a while is dead, whatever it says of itself.

import type { Market } from "../core/market.ts";
import type { Wall } from "./chores.ts";
import type { Notice } from "./notice.ts";
import type { Stream, StreamOptions, StreamState } from "./stream.ts";
import type { WireEvent } from "./wire.ts";
import type { WireFault } from "./wire_fault.ts";
import type { OwnOrderUpdate } from "./wire_order.ts";
import type { PublicEvent } from "./wire_stream.ts";

/** The socket as it is used here. */
export type VenueStream = Pick<Stream, "start" | "close" | "restart" | "ageMs" | "state">;

/** What a socket is to listen to, and whom it tells. */
export type StreamTerms = Pick<
  StreamOptions,
  | "publicStreams"
  | "privateStreams"
  | "markets"
  | "nowMs"
  | "signal"
  | "onEvent"
  | "onFault"
  | "onState"
>;

/** What the listener is made of. */
export interface ListenerOptions {
  readonly market: Market;
  readonly stream: (terms: StreamTerms) => VenueStream;
  readonly publicStreams: readonly string[];
  readonly privateStreams: readonly string[];
  readonly nowMs: () => number;
  readonly wall: Wall;
  readonly signal: AbortSignal;
  onPublic(event: PublicEvent): void;
  onOrder(update: OwnOrderUpdate): void;
  /** Subscribed, and again after each reconnect. */
  onUp(): void;
  onDown(): void;
  onNotice(notice: Notice): void;
  onFault(fault: WireFault): void;
  /** Told of what those above throw. */
  fail(error: unknown): void;
}

/** How long `open` waits for the socket. */
const OPEN_WITHIN_MS = 5_000;
/** Marks come each second (PROTOCOL 8): a socket so long without any message is dead. */
const MOST_SILENCE_MS = 5_000;

/** Listens to one market. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #stream: VenueStream;
  #onOpen: (() => void) | undefined;

  constructor(options: ListenerOptions) {
    const { market, stream, publicStreams, privateStreams, nowMs, signal } = options;
    const markets = new Map([[market.symbol, market]]);
    this.#options = options;
    this.#stream = stream({
      publicStreams,
      privateStreams,
      markets: () => markets,
      nowMs,
      signal,
      onEvent: (event) => this.#orFail(() => this.#hear(event)),
      onFault: (fault) => this.#orFail(() => options.onFault(fault)),
      onState: (state, reason) => this.#orFail(() => this.#turn(state, reason)),
    });
  }

  get state(): "up" | "down" {
    return this.#stream.state === "open" ? "up" : "down";
  }

  /** Connects, and waits a while for it. */
  async open(): Promise<void> {
    const opened = new Promise<void>((resolve) => this.#onOpen = resolve);
    this.#stream.start();
    const late = new AbortController();
    await Promise.race([opened, this.#options.wall.sleep(OPEN_WITHIN_MS, late.signal)]);
    late.abort();
    if (this.state === "up") return;
    const text = `No socket after ${OPEN_WITHIN_MS} ms: asking each second instead`;
    this.#options.onNotice({ level: "warn", text });
  }

  /** Begins anew where nothing has come for too long. */
  watch(): void {
    if (this.state === "down") return;
    const silenceMs = Math.min(
      ...this.#options.publicStreams.map((name) => this.#stream.ageMs(name)),
    );
    if (silenceMs > MOST_SILENCE_MS) this.restart(`silent for ${MOST_SILENCE_MS} ms`);
  }

  restart(reason: string): void {
    this.#stream.restart(reason);
  }

  close(): void {
    this.#stream.close();
  }

  #turn(state: StreamState, reason: string): void {
    const { onUp, onDown, onNotice } = this.#options;
    if (state === "open") {
      this.#onOpen?.();
      onUp();
    } else if (state === "down") {
      onDown();
      const text = `The socket is down, asking each second instead: ${reason}`;
      onNotice({ level: "warn", text });
    }
  }

  /** What is thrown into a socket ends the process with its orders resting: the loop is told instead. */
  #orFail(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.fail(error);
    }
  }

  #hear(event: WireEvent): void {
    switch (event.kind) {
      case "refusal": {
        const text = `The exchange refused a subscription: ${event.code} ${event.message}`;
        return this.#options.onNotice({ level: "error", text });
      }
      case "positions":
      case "balance":
        return;
      case "order":
        if (event.market.symbol === this.#options.market.symbol) this.#options.onOrder(event);
        return;
      default:
        if (event.market.symbol === this.#options.market.symbol) this.#options.onPublic(event);
    }
  }
}
