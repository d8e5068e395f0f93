// One run per account, market and tag: two bots that take the same orders for their own would cancel
// each other's. The kernel holds the lock and frees it when the process dies, however it dies, so a
// lock is never stale; the text in the file only says who holds it.

import { createHash } from "node:crypto";
import { type Micros, micros } from "../core/units.ts";
import { guarded } from "./fault.ts";
import type { Pair } from "./runs.ts";

/** Who holds a lock, as the file says. */
export interface Holder {
  readonly pid: number;
  /** By the wall clock of the holder. */
  readonly since: Micros;
}

/** A lock that is held until it is released or the process ends. */
export class RunLock implements Disposable {
  readonly #file: Deno.FsFile;
  #state: "held" | "released" = "held";

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /**
   * Takes the lock of `pair` in `folder`, or answers who holds it; "unknown" while that one has not
   * yet said so. Throws `JournalFault` when the folder cannot be written.
   */
  static take(folder: string, pair: Pair, self: Holder): RunLock | Holder | "unknown" {
    const path = `${folder}/${nameOf(pair)}`;
    return guarded(path, () => {
      // Never removed: a file taken away under another process would let two of them in.
      const file = Deno.openSync(path, { read: true, write: true, create: true });
      if (!file.tryLockSync(true)) {
        file.close();
        return holderIn(Deno.readTextFileSync(path));
      }
      file.truncateSync(0);
      file.writeSync(new TextEncoder().encode(`${JSON.stringify(self)}\n`));
      return new RunLock(file);
    });
  }

  /** Lets the next one in. Does nothing the second time. */
  release(): void {
    if (this.#state === "released") return;
    this.#state = "released";
    this.#file.truncateSync(0);
    this.#file.close();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** Accounts and markets may hold what a file name may not, or should not show. */
function nameOf({ account, market, tag }: Pair): string {
  const account8 = createHash("sha256").update(account).digest("hex").slice(0, 8);
  return `${market.replace(/[^\w.-]/g, "_")}-${tag}-${account8}.lock`;
}

function holderIn(text: string): Holder | "unknown" {
  const match = /^\{"pid":(\d+),"since":(\d+)\}/.exec(text);
  if (match === null) return "unknown";
  return { pid: Number(match[1]), since: micros(Number(match[2])) };
}
