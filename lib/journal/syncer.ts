// Puts the journal on the disk for good, off the hot path. A written row survives the death of the
// process at once, and a power cut only once the disk has it; waiting for that takes milliseconds,
// which a worker may spend and the loop may not. It also keeps the write-ahead log short.

import { Worker } from "node:worker_threads";
import { faultOf, JournalFault } from "./fault.ts";

/** One worker on one journal. */
export class Syncer {
  readonly #path: string;
  readonly #worker: Worker;
  /** again: something was written while the worker was at it. */
  #state: "idle" | "syncing" | "again" | "closing" = "idle";
  #fault: unknown;
  #whenIdle: (() => void)[] = [];
  #whenClosed = () => {};

  constructor(path: string) {
    this.#path = path;
    this.#worker = new Worker(new URL("./sync_worker.ts", import.meta.url), {
      workerData: { path },
    });
    this.#worker.unref();
    this.#worker.on("message", (answer: unknown) => this.#answered(answer));
    this.#worker.on("error", (error: unknown) => this.#failed(error));
  }

  /** Throws the `JournalFault` the worker met, if it met one. */
  check(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** Asks for what is written by now to be synced; answers at once. Requests never pile up. */
  ask(): void {
    if (this.#state === "syncing") this.#state = "again";
    if (this.#state !== "idle") return;
    this.#state = "syncing";
    // While it is at it, the process does not end by itself.
    this.#worker.ref();
    this.#worker.postMessage("sync");
  }

  /** Resolves when all that was asked for is on the disk. Throws `JournalFault`. */
  async settled(): Promise<void> {
    if (this.#state !== "idle" && this.#fault === undefined) {
      await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
    }
    this.check();
  }

  /** Ends the worker, once it has let go of the files. */
  async close(): Promise<void> {
    if (this.#fault === undefined) {
      this.#state = "closing";
      this.#worker.ref();
      const closed = new Promise<void>((resolve) => this.#whenClosed = resolve);
      this.#worker.postMessage("close");
      await closed;
    }
    await this.#worker.terminate();
  }

  #answered(answer: unknown): void {
    if (answer === "closed") {
      this.#tellIdle();
      return this.#whenClosed();
    }
    if (answer !== "done") return this.#failed(new Error(String(answer)));
    if (this.#state === "closing") return;
    const isAsked = this.#state === "again";
    this.#state = "idle";
    if (isAsked) this.ask();
    else this.#tellIdle();
  }

  #failed(error: unknown): void {
    const fault = faultOf(this.#path, error);
    this.#whenClosed();
    this.#fault = fault instanceof JournalFault
      ? fault
      : new JournalFault("failed", this.#path, `it cannot be synced: ${String(error)}`);
    this.#tellIdle();
  }

  #tellIdle(): void {
    this.#worker.unref();
    for (const resolve of this.#whenIdle) resolve();
    this.#whenIdle = [];
  }
}
