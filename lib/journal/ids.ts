// Ids of own orders, and whose an id is. An id is 8 bits of tag and 24 bits of counter; blocks of the
// counter are on the disk before the first of them is used, so that no order ever gets the id of
// another, whatever instant the process or the machine dies at. The guard's stops are orders too: they
// are journaled as notes, since no event led to them.

import { createHash } from "node:crypto";
import type { OrderId } from "../core/event.ts";
import type { Whose } from "../core/settle.ts";
import type { Journal } from "./journal.ts";
import type { Pair } from "./runs.ts";

/** Ids reserved at a time: one wait for the disk in so many orders. */
const BLOCK = 4096;
/** Where a note of this kind is, the guard has placed a stop: its body has the `id`. */
export const GUARD_NOTE = "guard";
/** The counter's values. */
const COUNTS = 2 ** 24;
/** Blocks remembered: the whole counter. */
const MOST_BLOCKS = COUNTS / BLOCK;

/** The tag of a run that was given none: the same for the same market and preset, and ≥ 128. */
export function defaultTag(market: string, preset: string): number {
  const [byte = 0] = createHash("sha256").update(`${market}\n${preset}`).digest();
  return 128 + byte % 128;
}

/** The tag in an id. */
export function tagOf(id: OrderId): number {
  return Math.floor(id / COUNTS);
}

/** What ids are given out for. */
export interface OrderIdOptions {
  readonly journal: Journal;
  readonly pair: Pair;
  /** Ids found open or filled at the exchange; where the journal knows no ids, it begins behind those of this tag. */
  readonly found: readonly OrderId[];
  /** True for an id whose order may still be there: it is passed over. */
  isTaken(id: OrderId): boolean;
  /** From 0 to 1: where a fresh journal begins. */
  random(): number;
}

/** The ids of one run. */
export class OrderIds {
  readonly #options: OrderIdOptions;
  /** Blocks of this process: where each begins, and how many of it are given out. */
  readonly #blocks: { readonly first: number; given: number }[] = [];
  readonly #earlier: EarlierIds;

  constructor(options: OrderIdOptions) {
    this.#options = options;
    this.#earlier = new EarlierIds(options.journal, options.pair);
  }

  /** An id that no order has. Throws `JournalFault` when a block cannot be reserved. */
  next(): OrderId {
    for (let tries = 0; tries <= COUNTS; tries++) {
      const id = this.#idOf(this.#count());
      if (!this.#options.isTaken(id)) return id;
    }
    throw new RangeError(`Cannot give out an id as all ${COUNTS} of the tag are taken`);
  }

  /** Whose an id is: only what was journaled is ours. Throws `JournalFault`. */
  whose(id: OrderId): Whose {
    if (tagOf(id) !== this.#options.pair.tag) return "other";
    const count = id % COUNTS;
    const isGivenOut = this.#blocks.some(({ first, given }) =>
      (count - first + COUNTS) % COUNTS < given
    );
    return isGivenOut || this.#earlier.has(id) ? "ours" : "strange";
  }

  #idOf(count: number): OrderId {
    return this.#options.pair.tag * COUNTS + count % COUNTS;
  }

  #count(): number {
    let block = this.#blocks.at(-1);
    if (block === undefined || block.given === BLOCK) {
      block = { first: this.#reserve(), given: 0 };
      this.#blocks.push(block);
      if (this.#blocks.length > MOST_BLOCKS) this.#blocks.shift();
    }
    return block.first + block.given++;
  }

  #reserve(): number {
    const { journal, pair: { tag }, found, random } = this.#options;
    return journal.reserve(tag, {
      count: BLOCK,
      modulus: COUNTS,
      fresh: () => {
        const counts = found.filter((id) => tagOf(id) === tag).map((id) => id % COUNTS);
        const behind = Math.max(-1, ...counts) + 1;
        return (behind + Math.floor(random() * (COUNTS / 2))) % COUNTS;
      },
    });
  }
}

/** The ids that earlier processes journaled, read from the newest back and only as far as asked. */
class EarlierIds {
  readonly #rows: Iterator<readonly OrderId[]>;
  readonly #known = new Set<OrderId>();

  constructor(journal: Journal, pair: Pair) {
    this.#rows = placedBackwards(journal, pair);
  }

  has(id: OrderId): boolean {
    while (!this.#known.has(id)) {
      const { done, value } = this.#rows.next();
      if (done === true) return false;
      for (const placed of value) this.#known.add(placed);
    }
    return true;
  }
}

/** Rows looked through for notes before the next commands are: most ids are of orders. */
const NOTES_EVERY = 1000;

function* placedBackwards(journal: Journal, pair: Pair): Generator<readonly OrderId[]> {
  for (const { id } of journal.runsOf(pair)) {
    const guards = guardsBackwards(journal, id);
    let read = 0;
    for (const { commands } of journal.commandRows(id)) {
      if (read++ % NOTES_EVERY === 0) yield guards.next().value ?? [];
      yield commands.filter(({ kind }) => kind === "place").map((command) => command.id);
    }
    yield* guards;
  }
}

function* guardsBackwards(journal: Journal, run: string): Generator<readonly OrderId[]> {
  for (const notes of guardNotes(journal, run)) yield notes.map(({ id }) => id);
}

/**
 * The guard's notes of a run, the latest pieces first and each in its order. Rows can only be read
 * forward, so they are read in pieces that double: what is looked for is near the end.
 */
export function* guardNotes(
  journal: Journal,
  run: string,
): Generator<readonly { readonly id: OrderId; readonly note: object }[]> {
  let upTo = Infinity;
  let behind = journal.snapshot(run)?.behind ?? 0;
  for (let piece = BLOCK;; piece *= 2) {
    const found: { readonly id: OrderId; readonly note: object }[] = [];
    for (const { seq, kind, note } of journal.rows(run, { behind })) {
      if (seq > upTo) break;
      const isGuard = kind === GUARD_NOTE && typeof note === "object" && note !== null;
      if (isGuard && "id" in note && typeof note.id === "number") found.push({ id: note.id, note });
    }
    yield found;
    if (behind === 0) return;
    upTo = behind;
    behind = Math.max(0, behind - piece);
  }
}
