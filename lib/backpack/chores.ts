// What is done again and again beside the loop: asking for the account, comparing orders, signing
// cancels. One beat looks what is due; a chore never runs twice at once, and its pace may change with
// the state of things. Time comes from outside, so that tests need not wait.

/** Time of the machine, and a way to wait. */
export interface Wall {
  /** Ms from any start, never set back. */
  readonly localMs: () => number;
  /** Resolves after `ms`, or at once when `signal` is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Something to do. */
export interface Chore {
  /** Ms from one start to the next, as things stand; Infinity = not now. */
  everyMs(): number;
  /** Throws only on a bug. */
  run(signal: AbortSignal): Promise<void> | void;
}

/** How often is looked what is due. */
const BEAT_MS = 100;

interface Entry {
  readonly chore: Chore;
  startedMs: number;
  isRunning: boolean;
}

/** Does chores until it is stopped. */
export class Chores {
  readonly #wall: Wall;
  readonly #signal: AbortSignal;
  readonly #fail: (error: unknown) => void;
  readonly #entries: Entry[] = [];

  /** `fail` is told of what a chore throws. */
  constructor(
    { wall, signal, fail }: {
      readonly wall: Wall;
      readonly signal: AbortSignal;
      readonly fail: (error: unknown) => void;
    },
  ) {
    this.#wall = wall;
    this.#signal = signal;
    this.#fail = fail;
  }

  /** Adds a chore, due at once or after its first wait. */
  add(chore: Chore, first: "now" | "later"): void {
    const startedMs = first === "now" ? -Infinity : this.#wall.localMs();
    this.#entries.push({ chore, startedMs, isRunning: false });
  }

  /** Beats until the signal is aborted. */
  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      this.beat();
      await this.#wall.sleep(BEAT_MS, this.#signal);
    }
  }

  /** Starts what is due. */
  beat(): void {
    const now = this.#wall.localMs();
    for (const entry of this.#entries) {
      if (entry.isRunning || now - entry.startedMs < entry.chore.everyMs()) continue;
      entry.startedMs = now;
      this.#start(entry);
    }
  }

  #start(entry: Entry): void {
    try {
      const done = entry.chore.run(this.#signal);
      if (done === undefined) return;
      entry.isRunning = true;
      done.catch(this.#fail).finally(() => {
        entry.isRunning = false;
      });
    } catch (error) {
      this.#fail(error);
    }
  }
}

/** Waits by a timer of the machine. */
export function sleepMs(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
