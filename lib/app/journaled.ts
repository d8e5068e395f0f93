// A run that is written down: the journal sees every event before its commands leave, and is given
// the engine's state whenever one is due. What the disk refuses reaches the loop at the next event,
// from wherever it came, and ends it.

import type { Engine } from "../core/engine.ts";
import type { Command, Event } from "../core/event.ts";
import type { Moment, RunJournal } from "../journal/run_journal.ts";
import type { Observer } from "../run.ts";

/** Market events wait no longer than this before they are written out. */
const FLUSH_MS = 100;
/** Equity is written down this often. */
const SAMPLE_MS = 60_000;

/** What the journal asks of a run when it writes. */
export function momentOf(engine: Engine): Moment {
  return {
    get time() {
      return engine.facts.time;
    },
    get reason() {
      return engine.plan.reason;
    },
  };
}

/** Writes a run down until it is disposed of. */
export class JournalKeeper implements Observer, Disposable {
  readonly #engine: Engine;
  readonly #journal: RunJournal;
  readonly #timers: readonly ReturnType<typeof setInterval>[];
  #turn = "";
  #state = "";
  #fault: unknown;

  constructor(engine: Engine, journal: RunJournal) {
    this.#engine = engine;
    this.#journal = journal;
    this.#timers = [
      setInterval(() => this.#aside(() => journal.flush()), FLUSH_MS),
      setInterval(() => this.#aside(() => this.#sample()), SAMPLE_MS),
    ];
  }

  /** Throws `JournalFault` where the disk or the database refuses, now or since the last event. */
  seen(event: Event, commands: readonly Command[]): void {
    if (this.#fault !== undefined) throw this.#fault;
    const [engine, journal] = [this.#engine, this.#journal];
    journal.seen(event, commands);
    const { name, rule, text } = engine.riskState;
    if (name !== this.#state) {
      journal.note("state", { name, rule: rule ?? null, text: text ?? null });
      this.#state = name;
    }
    const { turn } = engine;
    if (!journal.snapshotDue && turn === this.#turn) return;
    this.#turn = turn;
    journal.snapshot(engine.snapshot());
  }

  [Symbol.dispose](): void {
    this.#timers.forEach((timer) => clearInterval(timer));
  }

  #sample(): void {
    const { ledger, lastMark, time } = this.#engine.facts;
    if (lastMark === undefined) return;
    this.#journal.sample({ time, equity: ledger.equity(lastMark), position: ledger.position });
  }

  /** Outside the loop nobody could catch it. */
  #aside(write: () => void): void {
    try {
      if (this.#fault === undefined) write();
    } catch (error) {
      this.#fault = error;
    }
  }
}
