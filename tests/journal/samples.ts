// Runs, events and commands for the tests of this folder, and a journal in a folder that is removed.

import assert from "node:assert/strict";
import type { Command, Event } from "../../lib/core/event.ts";
import { base, cash, lots, micros, SECOND, ticks } from "../../lib/core/units.ts";
import { JournalFault, type JournalFaultKind } from "../../lib/journal/fault.ts";
import { Journal } from "../../lib/journal/journal.ts";
import type { RunJournal } from "../../lib/journal/run_journal.ts";
import type { Mode, Pair, RunEnd, RunStart } from "../../lib/journal/runs.ts";
import { Folder } from "../data/files.ts";

/** Noon of a day in 2026, in µs. */
export const START = 1_795_262_400_000_000;
/** The pair of every run unless told otherwise. */
export const pair: Pair = { account: "paper", market: "SOL_USDC", tag: 130 };

/** START and so many seconds. */
export function at(seconds: number) {
  return micros(START + Math.round(seconds * SECOND));
}

/** A run of `pair` that starts at START. */
export function aStart(more: Partial<RunStart> = {}): RunStart {
  return {
    ...{ ...pair, started: at(0), strategy: "grid", config: { rungs: 3 } },
    ...{ version: "0.1.0", seed: 7, ...more },
  };
}

/** How a run ends when the exchange said that nothing of it is left. */
export function anEnd(more: Partial<RunEnd> = {}): RunEnd {
  return { time: at(60), exitCode: 0, reason: "stopped", remains: "none", ...more };
}

/** A trade between strangers. */
export function aTrade(seconds: number, price = 14_125): Event {
  return {
    ...{ kind: "trade", time: at(seconds), price: ticks(price), quantity: lots(5) },
    aggressor: "bid",
  };
}

/** The exchange takes an order. */
export function anAccepted(id: number, seconds = 1): Event {
  return { kind: "accepted", time: at(seconds), id };
}

/** A fill of 10 lots. */
export function aFill(id: number, fillId: number, more: { quantity?: number; at?: number } = {}) {
  return {
    ...{ kind: "fill", time: at(more.at ?? 2), id, fillId, side: "bid", price: ticks(14_120) },
    ...{ quantity: lots(more.quantity ?? 10), maker: true, feeCash: cash(0), feeBase: base(3) },
  } as const satisfies Event;
}

/** A bid of 10 lots. */
export function aPlace(id: number): Extract<Command, { kind: "place" }> {
  return {
    ...{ kind: "place", id, side: "bid", price: ticks(14_120), quantity: lots(10) },
    ...{ role: "maker", reduceOnly: false, tag: "rung 1" },
  };
}

/** A cancel. */
export function aCancel(id: number): Command {
  return { kind: "cancel", id };
}

/** A moment that tests move on by hand. */
export class Hand {
  time = at(0);
  reason: string | undefined = "grid around 141.25";
}

/** A journal in a folder of its own; both go when the block ends. */
export class House implements AsyncDisposable {
  readonly hand = new Hand();
  readonly #folder = new Folder();
  readonly #open: Journal[] = [];

  get folder(): string {
    return this.#folder.path("");
  }

  open(mode: Mode = "paper", access: "read" | "write" = "write"): Journal {
    const journal = Journal.open({ folder: this.folder, mode, access });
    this.#open.push(journal);
    return journal;
  }

  /** A journal with one run begun. */
  begin(more: Partial<RunStart> = {}): { readonly journal: Journal; readonly run: RunJournal } {
    const journal = this.open();
    return { journal, run: journal.begin(aStart(more), this.hand) };
  }

  /** What lies in a folder of it, sorted. */
  names(under = ""): readonly string[] {
    return [...Deno.readDirSync(`${this.folder}${under}`)].map(({ name }) => name).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const journal of this.#open) await journal.close();
    this.#folder[Symbol.dispose]();
  }
}

/** Runs `action` and returns the fault it must end in. */
export function faultIn(action: () => unknown): JournalFault {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof JournalFault, String(error));
    return error;
  }
  return assert.fail("nothing was refused");
}

/** Asserts that `action` ends in a fault of a kind, told in one line. */
export function assertFault(kind: JournalFaultKind, action: () => unknown): void {
  const fault = faultIn(action);
  assert.equal(fault.kind, kind, fault.message);
  assert.match(fault.message, /^Cannot use journal "[^"\n]+" as [^\n]+$/);
}

/** A disk of its own, gone when the block ends. */
export interface TinyDisk extends Disposable {
  readonly path: string;
  /** From now on it may only be read. */
  lock(): void;
}

/** A disk of so many bytes; undefined, saying so, where none may be mounted. */
export function tinyDisk(size: string): TinyDisk | undefined {
  const path = Deno.makeTempDirSync({ prefix: "bpx-disk-" });
  const run = (command: string, ...args: string[]) =>
    new Deno.Command(command, { args, stdout: "null", stderr: "null" }).outputSync().success;
  const isMounted = Deno.build.os === "linux" &&
    run("mount", "-t", "tmpfs", "-o", `size=${size}`, "none", path);
  if (!isMounted) {
    console.log("skipped: no disk may be mounted here");
    Deno.removeSync(path);
    return undefined;
  }
  return {
    path,
    lock: () => void run("mount", "-o", "remount,ro", path),
    [Symbol.dispose]: () => {
      run("umount", "--lazy", path);
      Deno.removeSync(path);
    },
  };
}
