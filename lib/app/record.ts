// Records one market as its socket tells it: every frame as it came with the time it came, and the
// whole book by request where a file begins and where the chain of changes broke, so that each file
// can be played on its own. What cannot be read is recorded all the same: the reader will judge.

import type { Requests } from "../backpack/requests.ts";
import { DepthSync } from "../backpack/depth_sync.ts";
import { Stream } from "../backpack/stream.ts";
import { type DepthSnapshot, readDepth } from "../backpack/wire_public.ts";
import type { Market } from "../core/market.ts";
import { type Micros, micros, MILLISECOND } from "../core/units.ts";
import { RecordingWriter } from "../data/recorder.ts";
import type { Connection } from "./connect.ts";
import { ExitCode, UserError } from "./errors.ts";
import type { Clock } from "./paced.ts";
import { requestsOf } from "./raw.ts";

/** What to record, and where. */
export interface RecordTerms {
  readonly connection: Connection;
  readonly market: Market;
  /** An existing folder. */
  readonly folder: string;
  /** 0 = until it is stopped. */
  readonly durationSec: number;
  /** A file that has grown to this is followed by the next; absent = as the recorder has it. */
  readonly maxBytes?: number;
  readonly clock: Clock;
  /** This machine's time in ms since 1970; fractions count. */
  readonly localMs: () => number;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Told what a person may want to know, a line each. */
  onNote(text: string): void;
}

/** What was recorded. */
export interface Recorded {
  readonly paths: readonly string[];
  readonly frames: number;
  readonly snapshots: number;
  readonly reconnects: number;
  /** Frames that could not be read, and are recorded as they came. */
  readonly unreadable: number;
}

/** How often the file is written to: what is younger dies with the process. */
const BEAT_MS = 100;
/** A market whose ticker comes each second has lost its socket when nothing came for so long. */
const SILENT_MS = 30_000;
const RETRY_MS = 1_000;
/** Levels of each side: changes may be of any of them. */
const WHOLE_BOOK = 1_000;

/** Records until the time is over or the person stops it. Throws `UserError` where nothing came. */
export async function record(terms: RecordTerms): Promise<Recorded> {
  using session = new Session(terms);
  await session.run();
  return session.finish();
}

class Session implements Disposable {
  readonly #terms: RecordTerms;
  readonly #streams: readonly string[];
  readonly #stream: Stream;
  readonly #requests: Requests;
  readonly #writer: RecordingWriter;
  readonly #sync = new DepthSync();
  readonly #end = new AbortController();
  readonly #paths: string[] = [];
  #counts = { frames: 0, snapshots: 0, unreadable: 0 };
  #wantsBook = true;
  #askAgainMs = 0;

  constructor(terms: RecordTerms) {
    const { connection, market: { symbol }, folder, maxBytes, localMs, random } = terms;
    const name = `${symbol}-recording`;
    this.#terms = terms;
    this.#streams = ["depth", "bookTicker", "trade", "markPrice", "ticker"]
      .map((type) => `${type}.${symbol}`);
    this.#writer = new RecordingWriter({
      ...{ folder, name, symbol },
      ...(maxBytes === undefined ? {} : { maxBytes }),
    });
    this.#requests = requestsOf(connection);
    this.#stream = new Stream({
      url: connection.urls.ws,
      nowMs: () => connection.clock.nowMs(),
      publicStreams: this.#streams,
      privateStreams: [],
      markets: () => connection.markets,
      localMs,
      random,
      signal: this.#end.signal,
      onFrame: (text, at) => this.#frame(text, at),
      onEvent: (event) => {
        if (event.kind === "refusal") {
          terms.onNote(`The exchange refused a stream: ${event.message}`);
        }
        if (event.kind !== "depth") return;
        if (this.#sync.delta(event).kind === "needSnapshot") this.#wantsBook = true;
      },
      onFault: () => this.#counts.unreadable++,
      onState: (state, reason) => {
        if (state === "down") terms.onNote(`The socket is down: ${reason}`);
        if (state !== "open") return;
        this.#sync.reset();
        this.#wantsBook = true;
      },
    });
  }

  async run(): Promise<void> {
    const { clock, signal, durationSec } = this.#terms;
    const endMs = durationSec === 0 ? Infinity : clock.now() + durationSec * 1_000;
    this.#stream.start();
    while (!signal.aborted && clock.now() < endMs) {
      await clock.sleep(Math.min(BEAT_MS, endMs - clock.now()), signal);
      this.#flush();
      if (this.#wantsBook && this.#stream.state === "open") await this.#book();
      const quietMs = Math.min(...this.#streams.map((stream) => this.#stream.ageMs(stream)));
      if (quietMs > SILENT_MS) this.#stream.restart(`nothing came for ${SILENT_MS / 1_000} s`);
    }
  }

  /** Ends the file and gives the account. */
  finish(): Recorded {
    this.#stream.close();
    this.#flush();
    this.#writer.close();
    const { market, connection } = this.#terms;
    if (this.#counts.frames === 0) {
      const { host } = new URL(connection.urls.ws);
      const why = `nothing came from the socket of ${host}`;
      throw new UserError(`Cannot record ${market.symbol} as ${why}`, ExitCode.failure);
    }
    return { ...this.#counts, paths: this.#paths, reconnects: this.#stream.reconnects };
  }

  [Symbol.dispose](): void {
    this.#end.abort();
    this.#requests.close();
    try {
      this.#writer.close();
    } catch {
      // A disk that refused a line refuses the end too; the first refusal is on its way.
    }
  }

  #frame(text: string, at: Micros): void {
    this.#counts.frames++;
    try {
      this.#writer.frame(at, text);
    } catch {
      // Nobody would hear a socket's callback. The line is kept, and the next beat writes it or throws.
    }
  }

  /** Writes out what is gathered. A file that begins without its book wants one. */
  #flush(): void {
    if (this.#turnPage()) this.#wantsBook = true;
  }

  /** Writes out what is gathered; true where that began a file. */
  #turnPage(): boolean {
    this.#writer.flush();
    const { path } = this.#writer;
    if (path === undefined || path === this.#paths.at(-1)) return false;
    this.#paths.push(path);
    return true;
  }

  /** Asks for the whole book and records the reply. */
  async #book(): Promise<void> {
    const { market, clock, signal, localMs, onNote } = this.#terms;
    if (clock.now() < this.#askAgainMs) return;
    const params = { symbol: market.symbol, limit: WHOLE_BOOK };
    const path = "/api/v1/depth";
    this.#wantsBook = false;
    const reply = await this.#requests.query<Book>({
      path,
      params,
      read: (text) => ({ text, snapshot: readDepth(text, market) }),
    }, signal);
    if (signal.aborted) return;
    if (reply.kind !== "ok") {
      onNote(`The book could not be fetched (${whyNot(reply)}): asking again`);
      this.#wantsBook = true;
      this.#askAgainMs = clock.now() + RETRY_MS;
      return;
    }
    const { text, snapshot } = reply.value;
    const at = micros(Math.round(localMs() * MILLISECOND));
    this.#writer.reply(at, `${path}?symbol=${market.symbol}&limit=${WHOLE_BOOK}`, text);
    this.#counts.snapshots++;
    if (this.#sync.snapshot(snapshot).kind === "needSnapshot") this.#wantsBook = true;
    this.#turnPage();
  }
}

interface Book {
  readonly text: string;
  readonly snapshot: DepthSnapshot;
}

function whyNot(reply: { readonly kind: string; readonly reason?: string }): string {
  return reply.reason ?? reply.kind;
}
