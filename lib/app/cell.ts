// A cell from the outside: a thread without permissions in which a plugin lives, and the eye on it.
// It answers one question at a time, in time, and says nothing unasked; whatever breaks that ends the
// cell for good. A thread in an endless loop cannot be stopped, only the process can end: so what
// holds here is that nobody waits for it and nobody believes it any more.

import type { Asked, Opening, Question } from "./cell_protocol.ts";
import { MOST_ANSWER, SHARED_HEAD } from "./cell_protocol.ts";
import { ExitCode, oneLine, UserError } from "./errors.ts";

/** What a cell is opened with. */
export interface CellOptions {
  /** The module that runs in the thread. */
  readonly host: URL;
  /** Files of the plugin; only `deno run` asks for the right to read them. */
  readonly files: readonly URL[];
  /** Most characters of an answer. Default `MOST_ANSWER`. */
  readonly mostAnswer?: number;
  /** What the plugin prints, a line each. */
  onSaid?(line: string): void;
}

/** How long an answer may take. */
export interface Patience {
  readonly ms: number;
  /** Where the answer is long in coming: begins the time anew as often as this number changes. */
  progress?(): number;
  /** By how much the memory of the process may grow meanwhile. Default `MOST_GROWTH`. */
  readonly growthBytes?: number;
}

/** Why a cell was stopped. */
export class CellStopped extends UserError {
  constructor(reason: string) {
    super(`The plugin was stopped as ${reason}`, ExitCode.pluginStopped);
  }
}

/** The plugin threw: its question failed, but the cell still stands. */
export class PluginFault extends UserError {
  constructor(readonly fault: string) {
    super(`The plugin failed: ${fault}`, ExitCode.pluginStopped);
  }
}

/** A cell that asks nothing for this long is asked whether it is still there. */
const BEAT_MS = 1000;
/** It must answer that within: another thread may have the machine. */
const BEAT_WITHIN_MS = 2000;
/** An answer that already waits behind the alarm has this long to be read. */
const GRACE_MS = 20;
/** The memory of the process may grow by no more than this while an answer is awaited. */
const MOST_GROWTH = 512 * 2 ** 20;
/** The plugin's own memory, between two questions. */
const MOST_HEAP = 512 * 2 ** 20;
/** How often the memory is looked at while an answer is awaited. */
const LOOK_MS = 50;
/** Sources of this house; the thread reads them under `deno run`, and nothing secret is among them. */
const house = new URL("../", import.meta.url);

type Timer = ReturnType<typeof setTimeout>;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: UserError): void;
  readonly timers: { alarm: Timer; readonly look: Timer };
}

/** One plugin's thread. */
export class Cell implements Disposable {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #shared: SharedArrayBuffer;
  readonly #options: CellOptions;
  readonly #mostAnswer: number;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended = Promise.withResolvers<void>();
  #lastId = 0;
  #reason: string | undefined;
  #beat: Timer | undefined;

  constructor(options: CellOptions) {
    this.#options = options;
    this.#mostAnswer = options.mostAnswer ?? MOST_ANSWER;
    this.#worker = new Worker(options.host, {
      type: "module",
      name: "cell",
      deno: { permissions: Deno.build.standalone ? "none" : { read: [house, ...options.files] } },
    });
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.stop(`it threw: ${event.message}`);
    };
    this.#worker.onmessage = () => this.stop("it sent what nobody asked for");
    this.#worker.onmessageerror = () => this.stop("it sent what cannot be read");
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#port.onmessage = ({ data }) => this.#take(data);
    this.#port.onmessageerror = () => this.stop("it sent what cannot be read");
    this.#shared = new SharedArrayBuffer(SHARED_HEAD + MOST_ANSWER);
    const opening: Opening = { port: port2, shared: this.#shared };
    this.#worker.postMessage(opening, [port2]);
  }

  /** Why the cell was stopped; undefined while it stands. */
  get reason(): string | undefined {
    return this.#reason;
  }
  /** Resolves when the cell was stopped or disposed of. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Begins to ask now and then whether the cell is still there. */
  watch(): void {
    this.#beat ??= setInterval(() => {
      if (this.#waiting.size > 0) return;
      this.ask({ kind: "beat" }, { ms: BEAT_WITHIN_MS }).then((answer) => {
        const heap = numberAt(answer, "heapBytes");
        if (!(heap <= MOST_HEAP)) this.stop(`it holds ${inMb(heap)} of memory`);
      }, () => {});
    }, BEAT_MS);
  }

  /** Asks. Rejects with `PluginFault` where the plugin threw, with `CellStopped` where it is stopped. */
  ask(question: Question, patience: Patience): Promise<unknown> {
    if (this.#reason !== undefined) return Promise.reject(new CellStopped(this.#reason));
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const asked: Asked = { id, now: false, question };
    this.#waiting.set(id, { resolve, reject, timers: this.#timers(id, patience) });
    this.#port.postMessage(asked);
    return promise;
  }

  /** Asks, and does nothing else until the answer is there. Throws what `ask` rejects with. */
  askNow(question: Question, withinMs: number): unknown {
    if (this.#reason !== undefined) throw new CellStopped(this.#reason);
    const head = new Int32Array(this.#shared, 0, 2);
    Atomics.store(head, 0, 0);
    const id = ++this.#lastId;
    const asked: Asked = { id, now: true, question };
    this.#port.postMessage(asked);
    if (Atomics.wait(head, 0, 0, withinMs) === "timed-out") {
      throw this.stop(`it did not answer within ${withinMs} ms`);
    }
    const length = Math.min(Math.max(0, Atomics.load(head, 1)), MOST_ANSWER);
    const bytes = new Uint8Array(this.#shared, SHARED_HEAD, length).slice();
    const answer = this.#read(new TextDecoder().decode(bytes));
    if (answer?.id !== id) throw this.stop("its answer cannot be read");
    if (answer.fault === undefined) return answer.value;
    throw new PluginFault(answer.fault);
  }

  /** Ends the cell. Only the first reason counts. */
  stop(reason: string): CellStopped {
    this.#reason ??= oneLine(reason);
    const stopped = new CellStopped(this.#reason);
    this.#end(stopped);
    return stopped;
  }

  [Symbol.dispose](): void {
    this.#reason ??= "it is not needed any more";
    this.#end(new CellStopped(this.#reason));
  }

  #end(error: CellStopped): void {
    clearInterval(this.#beat);
    this.#port.close();
    this.#worker.terminate();
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(error);
    this.#ended.resolve();
  }

  #take(data: unknown): void {
    if (this.#reason !== undefined) return;
    if (typeof data !== "string" || data.length > 2 * this.#mostAnswer) {
      this.stop("its answer cannot be read");
      return;
    }
    const answer = this.#read(data);
    if (answer === undefined) {
      this.stop("its answer cannot be read");
      return;
    }
    const waiting = this.#settle(answer.id);
    const { fault, value } = answer;
    if (waiting === undefined) {
      this.stop(fault === undefined ? "it answered what nobody asked" : `it threw: ${fault}`);
    } else if (fault !== undefined) waiting.reject(new PluginFault(fault));
    else waiting.resolve(value);
  }

  #read(text: string) {
    const answer = answerIn(text);
    for (const line of answer?.said ?? []) this.#options.onSaid?.(line);
    return answer;
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return undefined;
    clearTimeout(waiting.timers.alarm);
    clearInterval(waiting.timers.look);
    this.#waiting.delete(id);
    return waiting;
  }

  /** The alarm of a question, and the eye on the memory while it is out. */
  #timers(id: number, { ms, progress, growthBytes = MOST_GROWTH }: Patience): Waiting["timers"] {
    const before = Deno.memoryUsage().rss;
    let [due, reached] = [performance.now() + ms, progress?.()];
    const late = () => this.stop(`it did not answer within ${ms} ms`);
    const ring = () => {
      const overdue = performance.now() - due;
      const now = progress?.();
      // Where this thread itself was held up, the cell has not had its time, or is not heard yet.
      const again = now !== reached || overdue > GRACE_MS;
      reached = now;
      due = performance.now() + ms;
      const timers = this.#waiting.get(id)?.timers;
      if (timers !== undefined) {
        timers.alarm = setTimeout(again ? ring : late, again ? ms : GRACE_MS);
      }
    };
    const look = setInterval(() => {
      const growth = Deno.memoryUsage().rss - before;
      if (growth > growthBytes) this.stop(`it took ${inMb(growth)} of memory for one answer`);
    }, LOOK_MS);
    return { alarm: setTimeout(ring, ms), look };
  }
}

interface Answer {
  readonly id: number;
  readonly said: readonly string[];
  readonly value: unknown;
  readonly fault: string | undefined;
}

/** The envelope of an answer; undefined where it is none. */
function answerIn(text: string): Answer | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const parts = new Map<string, unknown>(Object.entries(parsed));
    const [said, fault] = [parts.get("said"), parts.get("fault")];
    const lines = Array.isArray(said) ? said.filter((line) => typeof line === "string") : [];
    return {
      id: numberAt(parsed, "id"),
      said: lines.map((line) => oneLine(line)),
      value: parts.get("value"),
      fault: fault === undefined ? undefined : oneLine(String(fault)),
    };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The number of that name, or NaN: which is no id, and within no limit. */
function numberAt(value: unknown, key: string): number {
  if (typeof value !== "object" || value === null) return NaN;
  const found: unknown = new Map(Object.entries(value)).get(key);
  return typeof found === "number" ? found : NaN;
}

function inMb(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}
