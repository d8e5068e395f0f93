// One WebSocket from its first attempt to its end. Deno tells the same loss as an error, as a close,
// or as nothing at all while a handshake hangs; here it is told once, with a reason, and nothing is
// told after it or after `close`: what a socket says while it closes nobody may act on.

import { shorten } from "./wire_fault.ts";

/** Where to connect, and whom to tell. */
export interface SocketTerms {
  readonly url: string;
  /** An attempt that has not opened by then is lost. */
  readonly connectLimitMs: number;
  onOpen(): void;
  /** Text of a frame, or what a frame held that was not text. */
  onFrame(frame: unknown): void;
  /** At most once, at once, and last. `reason` is one line. */
  onLost(reason: string): void;
}

const LONGEST_REASON = 160;

/** Connects when made. */
export class Socket {
  readonly #socket: WebSocket;
  readonly #limit: ReturnType<typeof setTimeout>;
  #ended = false;

  constructor(terms: SocketTerms) {
    const socket = new WebSocket(terms.url);
    const { connectLimitMs } = terms;
    const lost = (reason: string) => {
      if (this.#ended) return;
      this.close();
      terms.onLost(shorten(reason, LONGEST_REASON));
    };
    this.#socket = socket;
    this.#limit = setTimeout(() => lost(`not open after ${connectLimitMs} ms`), connectLimitMs);
    socket.onopen = () => {
      clearTimeout(this.#limit);
      terms.onOpen();
    };
    socket.onmessage = ({ data }) => {
      if (!this.#ended) terms.onFrame(data);
    };
    socket.onerror = (event) => lost(event instanceof ErrorEvent ? event.message : "socket error");
    socket.onclose = ({ code, reason }) => lost(`closed with code ${code} ${reason}`.trimEnd());
  }

  /** Only after `onOpen`. What a socket that is going down no longer takes is lost with it. */
  send(text: string): void {
    this.#socket.send(text);
  }

  /**
   * Ends it without `onLost`. The other side is told; where nobody is left to answer, the system
   * gives the connection up in its own time.
   */
  close(): void {
    this.#ended = true;
    clearTimeout(this.#limit);
    this.#socket.close();
  }
}
