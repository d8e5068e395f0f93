// The exact sequence of events a run was given, and what it answered: rows and side file put together
// again by number. Nothing is guessed: a number that is missing ends the sequence, and is a fault if
// the run went on to give commands after it.

import type { Command, Event } from "../core/event.ts";
import { JournalFault } from "./fault.ts";
import type { Journal } from "./journal.ts";
import type { KeptRow } from "./rows.ts";
import { type SideEvent, sideEvents } from "./side_files.ts";

/** One event of a run and the commands it led to. */
export interface ReplayStep {
  readonly n: number;
  readonly event: Event;
  readonly commands: readonly Command[];
  readonly reason: string | undefined;
}

/** A run to be gone through once more. */
export class ReplaySource {
  readonly #journal: Journal;
  readonly #id: string;
  #lost: string | undefined;

  constructor(journal: Journal, id: string) {
    this.#journal = journal;
    this.#id = id;
  }

  /**
   * Why the sequence ends before the run did; undefined where it does not. A process that is killed
   * takes the market events of its last tenth of a second with it, which led to no command.
   */
  get lost(): string | undefined {
    return this.#lost;
  }

  /** The events in order. Throws `JournalFault` or `DataFault` where one that matters is missing. */
  async *steps(): AsyncGenerator<ReplayStep> {
    const rows = eventRows(this.#journal.rows(this.#id));
    const market = sideEvents(this.#journal.sideFiles(this.#id), 0);
    let row = nextOf(rows);
    let side: SideEvent | undefined = await nextSide(market);
    for (let n = 1; row !== undefined || side !== undefined; n++) {
      const own = row?.n === n ? row : undefined;
      const event = side?.n === n ? side.event : own?.event;
      if (event === undefined) return this.#endBefore(n, row, rows);
      yield { n, event, commands: own?.commands ?? [], reason: own?.reason };
      if (side?.n === n) side = await nextSide(market);
      if (own !== undefined) row = nextOf(rows);
    }
  }

  #endBefore(n: number, row: KeptRow | undefined, rows: Iterator<KeptRow>): void {
    this.#lost = `event ${n} was not kept`;
    for (let left = row; left !== undefined; left = nextOf(rows)) {
      if (left.commands.length === 0) continue;
      const rule = n === 1
        ? "its beginning has been pruned"
        : `event ${n} is missing, and the run gave commands up to event ${left.n}`;
      throw new JournalFault("damaged", this.#journal.path, `in run ${this.#id} ${rule}`);
    }
  }
}

function* eventRows(rows: Iterable<KeptRow>): Generator<KeptRow> {
  for (const row of rows) if (row.note === undefined) yield row;
}

function nextOf(rows: Iterator<KeptRow>): KeptRow | undefined {
  const { done, value } = rows.next();
  return done === true ? undefined : value;
}

async function nextSide(events: AsyncIterator<SideEvent>): Promise<SideEvent | undefined> {
  const { done, value } = await events.next();
  return done === true ? undefined : value;
}
