// The guard of a live run: a stop order at the exchange for its position, written down like every
// other order. It watches the loop after the journal, and takes over at a start what earlier processes
// left waiting.

import { z } from "zod";
import { arrivedBy } from "../backpack/absence.ts";
import { GuardDesk, type GuardRest } from "../backpack/guard_desk.ts";
import type { NotedStop } from "../backpack/guard_stops.ts";
import { insist, OpeningFault } from "../backpack/opening.ts";
import { assert } from "../core/assert.ts";
import type { Engine } from "../core/engine.ts";
import type { Event } from "../core/event.ts";
import { formatPrice, formatQuantity } from "../core/market.ts";
import { lots, type Micros, micros, ticks } from "../core/units.ts";
import { GUARD_NOTE, guardNotes, type OrderIds } from "../journal/ids.ts";
import type { Journal } from "../journal/journal.ts";
import type { RunJournal } from "../journal/run_journal.ts";
import type { Pair } from "../journal/runs.ts";
import type { Observer } from "../run.ts";
import { ExitCode, UserError } from "./errors.ts";
import type { LiveTerms } from "./live_start.ts";
import type { Status } from "./status.ts";
import { wallClock } from "./wall.ts";

/** What a guard is made of. */
export interface GuardParts {
  readonly engine: Engine;
  readonly rest: GuardRest;
  readonly ids: Pick<OrderIds, "next" | "whose">;
  /** The exchange's clock. */
  readonly now: () => Micros;
  readonly terms: Pick<LiveTerms, "signal" | "onNotice">;
}

const noted: z.ZodType<NotedStop> = z.object({
  id: z.int(),
  side: z.enum(["bid", "ask"]),
  price: z.int().positive().transform(ticks),
  quantity: z.int().positive().transform(lots),
  best: z.int().positive().transform(ticks),
  since: z.int().transform(micros),
});

const wall = { localMs: wallClock.now, sleep: wallClock.sleep };

/** Guards the position of one run. */
export class Guard implements Observer {
  readonly #engine: Engine;
  readonly #desk: GuardDesk;
  #journal: Pick<RunJournal, "note"> | undefined;
  #fault: unknown;

  constructor({ engine, rest, ids, now, terms }: GuardParts) {
    this.#engine = engine;
    this.#desk = new GuardDesk({
      ...{ rest, now, signal: terms.signal },
      market: () => engine.facts.market,
      wall,
      nextId: () => ids.next(),
      isOurs: (id) => ids.whose(id),
      onPlace: (stop) => this.#note(stop),
      onNotice: (notice) => terms.onNotice(notice),
      fail: (error) => this.#fault ??= error,
    });
  }

  /** When the oldest stop was sent that may be there. */
  get oldestAt(): Micros | undefined {
    return this.#desk.oldestAt;
  }

  /** As a status shows it: the stop that rests. */
  get status(): Pick<Status, "guard"> {
    const { resting } = this.#desk;
    if (resting === undefined) return {};
    const { side, price, quantity } = resting;
    return { guard: { side, price, quantity } };
  }

  has(id: number): boolean {
    return this.#desk.has(id);
  }

  /** Finds what earlier processes of the pair left waiting. Throws `UserError` where nobody answers. */
  async takeOver(
    { journal, pair, rest, ids, now, terms }: Omit<GuardParts, "engine"> & {
      readonly journal: Journal;
      readonly pair: Pair;
    },
  ): Promise<void> {
    const { market } = this.#engine.facts;
    const { signal } = terms;
    const open = await insist("the guard's stop", () => rest.openOrders(market, signal), {
      wall,
      signal,
    }).catch(toUserError);
    const waiting = new Set(
      open.flatMap(({ clientId: id, status }) =>
        id !== undefined && status === "waiting" && ids.whose(id) === "ours" ? [id] : []
      ),
    );
    let isLatest = true;
    for (const stop of notedStops(journal, pair, () => waiting.size > 0)) {
      const mayArrive = isLatest && now() < arrivedBy(stop.since);
      isLatest = false;
      if (waiting.delete(stop.id)) this.#desk.adopt(stop, "resting");
      // Sent just before the process died: nobody knows, and a look will tell.
      else if (mayArrive) this.#desk.adopt(stop, "unknown");
    }
    // Of these nobody could say what they are for.
    for (const id of waiting) await rest.cancel(market, { id }, signal);
  }

  /** From now on stops are written down there, and may leave. */
  begin(journal: Pick<RunJournal, "note">): void {
    this.#journal = journal;
  }

  /** Throws `JournalFault` where a stop cannot be written down, and bugs. */
  seen(event: Event): void {
    if (this.#fault !== undefined) throw this.#fault;
    if (event.kind === "fill") this.#desk.filled(event.id);
    const { facts: { ledger, lastMark: mark }, limits } = this.#engine;
    if (mark === undefined) return;
    const { position, entryTicks } = ledger;
    this.#desk.watch({ position, entryTicks, mark }, limits);
  }

  /** Ends it. Gives how many stops are left that should not be; undefined: the exchange did not answer. */
  end(then: "keep" | "remove"): Promise<number | undefined> {
    return this.#desk.end(then);
  }

  /** The stop that stays, for a person; undefined where none does. */
  get left(): string | undefined {
    const { resting } = this.#desk;
    if (resting === undefined) return undefined;
    const { market } = this.#engine.facts;
    const { id, side, price, quantity } = resting;
    const what = `${side} ${formatQuantity(market, quantity)} ${market.symbol}`;
    return `The guard's stop ${id} stays at the exchange: ${what} ` +
      `when the mark reaches ${formatPrice(market, price)}`;
  }

  #note(stop: NotedStop): void {
    assert(this.#journal !== undefined, "a stop before the journal of its run");
    this.#journal.note(GUARD_NOTE, stop);
  }
}

function toUserError(error: unknown): never {
  if (error instanceof OpeningFault) throw new UserError(error.message, ExitCode.failure);
  throw error;
}

/** What a process did just before it died is in these pieces of its notes. */
const LAST_PIECES = 2;

/**
 * The stops that runs of a pair have placed, the latest first: those of the last moments, and all
 * before them while `wantsMore`. Notes of another shape are passed over.
 */
function* notedStops(journal: Journal, pair: Pair, wantsMore: () => boolean): Generator<NotedStop> {
  let pieces = 0;
  for (const { id } of journal.runsOf(pair)) {
    for (const notes of guardNotes(journal, id)) {
      for (const { note } of notes.toReversed()) {
        const { data } = noted.safeParse(note);
        if (data !== undefined) yield data;
      }
      if (++pieces >= LAST_PIECES && !wantsMore()) return;
    }
  }
}
