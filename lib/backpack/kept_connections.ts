// Connections that wait for a command. Each carries one request at a time and is always read from, so
// that one the server has closed is known before it is used. A request is written in one piece, once:
// what becomes of it on a connection that dies is for the caller to find out.

import { AnswerReader, type ReadAnswer } from "./answer_reader.ts";
import { shorten } from "./wire_fault.ts";
import type { Answer } from "./reply.ts";

/** Where the connections lead, and how long they are kept. */
export interface KeptOptions {
  readonly url: URL;
  /** From the first byte out to the last byte in. */
  readonly timeoutMs: number;
  /** One that has carried nothing for longer is not used again. */
  readonly idleMs: number;
  /** Idle ones that are kept. */
  readonly most: number;
}

const LONGEST_REASON = 160;
const READ_BYTES = 16_384;
const encoder = new TextEncoder();

/** Commands to one host. */
export class KeptConnections {
  readonly #options: KeptOptions;
  /** The one used last comes last, and is used first. */
  readonly #idle: Connection[] = [];
  readonly #busy = new Set<Connection>();

  constructor(options: KeptOptions) {
    this.#options = options;
  }

  /** Opens connections until so many wait. Those that do not open are not missed. */
  async warm(count: number): Promise<void> {
    const wanted = Math.max(0, Math.min(count, this.#options.most) - this.#idle.length);
    await Promise.all(Array.from({ length: wanted }, async () => {
      const opened = await this.#open();
      if (opened instanceof Connection) this.#rest(opened);
    }));
  }

  /** Sends a request once and waits for the whole answer. Never throws. */
  async send(request: string, signal?: AbortSignal): Promise<Answer> {
    const connection = this.#waiting() ?? await this.#open();
    if (!(connection instanceof Connection)) return connection;
    if (signal?.aborted === true) {
      this.#rest(connection);
      return { kind: "unsent", reason: "stopped before it was sent" };
    }
    const { timeoutMs } = this.#options;
    let reason: string | undefined;
    const stopFor = (why: string) => {
      reason = why;
      connection.close();
    };
    const timer = setTimeout(() => stopFor(`no answer after ${timeoutMs} ms`), timeoutMs);
    const onAbort = () => stopFor("stopped before the answer came");
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#busy.add(connection);
    try {
      const { status, text, keeps } = await connection.send(encoder.encode(request));
      if (keeps) this.#rest(connection);
      else connection.close();
      if (status >= 300 && status < 400) {
        return { kind: "lost", reason: "a redirect, not followed" };
      }
      return { kind: "answer", status, text };
    } catch (error) {
      connection.close();
      const text = reason ?? `no whole answer: ${textOf(error)}`;
      return { kind: "lost", reason: shorten(text, LONGEST_REASON) };
    } finally {
      this.#busy.delete(connection);
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Ends all of them; requests under way are lost. */
  close(): void {
    for (const connection of [...this.#idle.splice(0), ...this.#busy]) connection.close();
  }

  #waiting(): Connection | undefined {
    for (let one = this.#idle.pop(); one !== undefined; one = this.#idle.pop()) {
      if (one.isOpen && performance.now() - one.usedMs < this.#options.idleMs) return one;
      one.close();
    }
    return undefined;
  }

  #rest(connection: Connection): void {
    if (this.#idle.length < this.#options.most) this.#idle.push(connection);
    else connection.close();
  }

  async #open(): Promise<Connection | Answer> {
    const { url, timeoutMs } = this.#options;
    const isOpen = new AbortController();
    try {
      const opening = connect(url);
      const late = new Promise<undefined>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs, undefined);
        isOpen.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
      });
      const conn = await Promise.race([opening, late]);
      if (conn !== undefined) return new Connection(conn);
      opening.then((conn) => conn.close(), () => {});
      return { kind: "unsent", reason: `cannot connect: not within ${timeoutMs} ms` };
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) {
        return { kind: "unsent", reason: "the program may not connect to this host" };
      }
      const reason = shorten(`cannot connect: ${textOf(error)}`, LONGEST_REASON);
      return { kind: "unsent", reason };
    } finally {
      isOpen.abort();
    }
  }
}

/** Without the delay that Deno's own TLS connections make their first request wait: 44 ms, measured. */
async function connect({ protocol, hostname, port }: URL): Promise<Deno.Conn> {
  const host = hostname.replace(/^\[|\]$/g, "");
  const isPlain = protocol === "http:";
  const conn = await Deno.connect({ hostname: host, port: Number(port || (isPlain ? 80 : 443)) });
  conn.setNoDelay(true);
  if (isPlain) return conn;
  const secret = await Deno.startTls(conn, { hostname: host, alpnProtocols: ["http/1.1"] });
  // Without it the handshake waits for the first request, and its failure would look like an answer lost.
  await secret.handshake();
  return secret;
}

/** One connection, always read from. */
class Connection {
  usedMs = performance.now();
  readonly #conn: Deno.Conn;
  #reader = new AnswerReader();
  #asked: PromiseWithResolvers<ReadAnswer> | undefined;
  #state: "open" | "closed" = "open";

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
    this.#read();
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Throws whatever went wrong on the way there and back. */
  async send(bytes: Uint8Array): Promise<ReadAnswer> {
    this.usedMs = performance.now();
    this.#reader = new AnswerReader();
    const asked = Promise.withResolvers<ReadAnswer>();
    this.#asked = asked;
    // An answer that fails while the rest is still written is met where it is awaited.
    asked.promise.catch(() => {});
    for (let done = 0; done < bytes.length;) {
      done += await this.#conn.write(bytes.subarray(done));
    }
    return await asked.promise;
  }

  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#conn.close();
    this.#fail(new Error("closed by us"));
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    try {
      for (;;) {
        const count = await this.#conn.read(buffer);
        if (count === null) break;
        // Nobody asked: whatever this is, it is no answer to the next request.
        if (this.#asked === undefined) return this.close();
        this.#told(this.#reader.push(buffer.subarray(0, count)));
      }
      if (this.#asked !== undefined) this.#told(this.#reader.end());
      this.close();
    } catch (error) {
      this.#fail(error);
      this.close();
    }
  }

  #told(answer: ReadAnswer | undefined): void {
    if (answer === undefined) return;
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.resolve(answer);
  }

  #fail(error: unknown): void {
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.reject(error);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
