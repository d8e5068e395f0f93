// The rule that joins a snapshot and a stream of changes, case by case, and the promise it is for:
// whatever is lost, doubled or out of order, a book that may be believed is the exchange's own.

import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import {
  type DepthDelta,
  type DepthStep,
  DepthSync,
  MOST_BUFFERED,
  MOST_STALE,
} from "../../lib/backpack/depth_sync.ts";
import { parseFrame } from "../../lib/backpack/wire.ts";
import type { DepthSnapshot } from "../../lib/backpack/wire_public.ts";
import { Book, type BookSide } from "../../lib/core/book.ts";
import type { Level } from "../../lib/core/strategy.ts";
import { lots, micros, ticks } from "../../lib/core/units.ts";
import { marketOf, markets, sharedTest } from "./examples.ts";

const market = marketOf("SOL_USDC");
const time = micros(1_788_367_430_246_081);

/** What to do, in a word and the ids it is about: "apply S100 101 102", "buffered". */
function told(step: DepthStep): string {
  if (step.kind !== "apply") return step.kind;
  const snapshot = step.snapshot === undefined ? [] : [`S${step.snapshot.lastId}`];
  const deltas = step.deltas.map(({ firstId, lastId }) =>
    firstId === lastId ? `${firstId}` : `${firstId}-${lastId}`
  );
  return ["apply", ...snapshot, ...deltas].join(" ");
}

/** Plays "101 102-104 S100 reset": frames by their ids, snapshots by S and theirs. */
function play(sync: DepthSync, script: string): string[] {
  return script.split(" ").map((word) => {
    if (word === "reset") {
      sync.reset();
      return `reset, ${sync.state}`;
    }
    const step = word.startsWith("S")
      ? sync.snapshot(aSnapshot(Number(word.slice(1))))
      : sync.delta(aDelta(word));
    return `${told(step)}, ${sync.state}`;
  });
}

Deno.test("snapshot and frames are joined where they meet", () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ["the frame after the snapshot", "101 102 S100", "apply S100 101 102, live"],
    ["frames the snapshot holds are left out", "99 100 101 S100", "apply S100 101, live"],
    ["a frame that reaches over its end", "98-103 S100", "apply S100 98-103, live"],
    ["the last frame is its end", "99 100 S100", "apply S100, live"],
    ["too old", "102 103 S100", "needSnapshot, waiting"],
    ["too old, then a new one", "102 103 S100 S102", "apply S102 103, live"],
    ["ahead of the socket", "98 S100", "buffered, waiting"],
    ["before any frame", "S100", "buffered, waiting"],
    ["ahead, and still", "98 S100 99", "stale, waiting"],
    ["ahead until its end", "98 S100 99 100", "apply S100, live"],
    ["ahead until what follows", "S100 101", "apply S100 101, live"],
    ["ahead until a frame over its end", "S100 99-102", "apply S100 99-102, live"],
    ["ahead, and what followed was lost", "S100 102", "needSnapshot, waiting"],
    ["the lost frame's successor is kept", "S100 102 103 S101", "apply S101 102 103, live"],
    ["a newer one ahead takes its place", "S100 S103 101 102 103", "apply S103, live"],
    ["an older one takes its place, and is too old", "S103 S100 104", "needSnapshot, waiting"],
    ["a gap before any snapshot", "97 98 101", "buffered, waiting"],
    ["frames before a gap are no bridge", "97 98 101 S98", "needSnapshot, waiting"],
    ["frames after a gap are one", "97 98 101 S100", "apply S100 101, live"],
    ["a doubled frame before any snapshot", "101 101", "stale, waiting"],
    ["a frame late before any snapshot", "101 102 101 S100", "apply S100 101 102, live"],
    ["the next frame", "101 S100 102", "apply 102, live"],
    ["a frame of several ids", "101 S100 102-105", "apply 102-105, live"],
    ["a frame that repeats some", "101 S100 101-103", "apply 101-103, live"],
    ["a doubled frame", "101 S100 101", "stale, live"],
    ["a snapshot nobody asked for", "101 S100 S200", "stale, live"],
    ["a gap", "101 S100 103", "needSnapshot, waiting"],
    ["a gap, and what came after it", "101 S100 103 104 S102", "apply S102 103 104, live"],
    ["a gap, and a snapshot that is no newer", "101 S100 103 S101", "needSnapshot, waiting"],
    ["forgotten", "101 S100 reset", "reset, waiting"],
    ["a new socket proves nothing of the old one's", "101 S100 reset S101", "buffered, waiting"],
    ["ids that begin anew on a new socket", "101 S100 reset 5 S4", "apply S4 5, live"],
  ];
  for (const [name, script, last] of rows) {
    equal(play(new DepthSync(), script).at(-1), last, `${name}: ${script}`);
  }
});

Deno.test("a reason names the ids between which something is missing", () => {
  const sync = new DepthSync();
  play(sync, "101 S100");
  const gap = { kind: "needSnapshot", reason: "105 came after 101" };
  deepEqual(sync.delta(aDelta("105")), gap);
  const old = { ...gap, reason: "the snapshot ends at 103 and the frames begin at 105" };
  deepEqual(sync.snapshot(aSnapshot(103)), old);
});

const recording = "backpack/examples/ws.sequence.bookTicker-depth.SOL_USDC.jsonl";
sharedTest("a recorded sequence has no gap", recording, (text) => {
  const sync = new DepthSync();
  sync.snapshot(aSnapshot(4_330_360_994));
  const steps = text.trim().split("\n").map((line) => parseFrame(line, markets))
    .filter((event) => event !== undefined && "kind" in event && event.kind === "depth")
    .map((delta) => sync.delta(delta).kind);
  deepEqual(steps, Array(7).fill("apply"), "the touches between them do not count");
});

Deno.test("frames without a snapshot are kept up to a bound, then the chain begins anew", () => {
  const sync = new DepthSync();
  for (let id = 1; id <= MOST_BUFFERED; id++) equal(told(sync.delta(aDelta(`${id}`))), "buffered");
  const over = MOST_BUFFERED + 1;
  equal(told(sync.delta(aDelta(`${over}`))), "needSnapshot");
  equal(told(sync.snapshot(aSnapshot(over - 1))), `apply S${over - 1} ${over}`);
});

Deno.test("a count that begins anew does not freeze the book", () => {
  for (const before of ["101 S100", "101", "S100"]) {
    const sync = new DepthSync();
    play(sync, before);
    for (let id = 1; id < MOST_STALE; id++) equal(told(sync.delta(aDelta("5"))), "stale", before);
    equal(told(sync.delta(aDelta("5"))), "needSnapshot", before);
    equal(told(sync.snapshot(aSnapshot(4))), "apply S4 5", before);
  }
  const busy = new DepthSync();
  play(busy, "101 S100");
  for (let id = 102; id < 102 + 2 * MOST_STALE; id++) {
    equal(play(busy, `${id} ${id}`).at(-1), "stale, live", "old ones between new ones are nothing");
  }
});

/** The exchange's book after each change, and the frames that tell of them. */
interface World {
  /** By id. `FIRST - 1` is the book before the first change. */
  readonly books: ReadonlyMap<number, ReadonlyMap<string, number>>;
  readonly frames: readonly DepthDelta[];
}

const FIRST = 1_000;
const MOST_FRAMES = 40;

/** A change sets one level; a frame tells one to three changes as their last word. */
const worlds: fc.Arbitrary<World> = fc.array(
  fc.array(
    fc.record({
      side: fc.constantFrom("bids", "asks"),
      price: fc.integer({ min: 1, max: 6 }),
      quantity: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  { minLength: 1, maxLength: MOST_FRAMES },
).map((groups) => {
  const book = new Map<string, number>();
  const books = new Map<number, ReadonlyMap<string, number>>([[FIRST - 1, new Map()]]);
  let id = FIRST - 1;
  const frames = groups.map((group) => {
    const firstId = id + 1;
    const changed = new Set<string>();
    for (const { side, price, quantity } of group) {
      id++;
      const key = `${side} ${price}`;
      changed.add(key);
      if (quantity === 0) book.delete(key);
      else book.set(key, quantity);
      books.set(id, new Map(book));
    }
    const of = (side: string) =>
      [...changed].filter((key) => key.startsWith(side))
        .map((key) => levelOf(key, book.get(key) ?? 0));
    return { ...aDelta(`${firstId}-${id}`), bids: of("bids"), asks: of("asks") };
  });
  return { books, frames };
});

/** What befalls each frame, and how far into the world a snapshot is taken that comes after it. */
const fates = fc.array(
  fc.record({
    what: fc.oneof(
      { weight: 8, arbitrary: fc.constant("told") },
      { weight: 1, arbitrary: fc.constantFrom("lost", "doubled", "late", "again") },
    ),
    snapshotAt: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    reset: fc.integer({ min: 0, max: 19 }).map((draw) => draw === 0),
  }),
  { minLength: MOST_FRAMES, maxLength: MOST_FRAMES },
);

Deno.test("a book that may be believed is the exchange's, whatever is lost, doubled or out of order", () => {
  const seen: Seen = { apply: 0, buffered: 0, stale: 0, needSnapshot: 0 };
  const property = fc.property(worlds, fates, (world, fate) => disturb(world, fate, seen));
  fc.assert(property, { numRuns: 1_000 });
  for (const [kind, count] of Object.entries(seen)) ok(count > 100, `${kind}: ${count}`);
});

Deno.test("a loss brings the book back by one snapshot", () => {
  const property = fc.property(worlds, fates, (world, fate) => {
    const keeper = new Keeper();
    world.frames.forEach((frame, i) => {
      if (fate[i]?.what === "lost") return;
      keeper.delta(frame, world);
      if (keeper.waiting) keeper.snapshot(snapshotOf(world, frame.lastId), world);
      equal(keeper.waiting, false);
    });
  });
  fc.assert(property, { numRuns: 200 });
});

type Seen = Record<DepthStep["kind"], number>;
type Fate = typeof fates extends fc.Arbitrary<infer Value> ? Value : never;

/** Tells a keeper of `world` as `fate` has it. */
function disturb(world: World, fate: Fate, seen: Seen): void {
  const keeper = new Keeper();
  let late: DepthDelta | undefined;
  const tell = (frame: DepthDelta | undefined) => {
    if (frame !== undefined) seen[keeper.delta(frame, world)]++;
  };
  world.frames.forEach((frame, i) => {
    const { what, snapshotAt, reset } = fate[i] ?? { what: "told", snapshotAt: undefined };
    if (reset === true) keeper.reset();
    if (what !== "lost" && what !== "late") tell(frame);
    if (what === "doubled") tell(frame);
    if (what === "again") tell(world.frames[Math.floor(i / 2)]);
    tell(late);
    late = what === "late" ? frame : undefined;
    if (snapshotAt === undefined) return;
    const lastId = FIRST - 1 + Math.floor(snapshotAt * (world.books.size - 1));
    keeper.snapshot(snapshotOf(world, lastId), world);
  });
}

/** Does what a step says with a book of its own, and looks at it after every one. */
class Keeper {
  readonly #sync = new DepthSync();
  readonly #book = new Book();
  /** The id the book is at, and the newest id heard of on this socket. */
  #at = 0;
  #newest = 0;

  get waiting(): boolean {
    return this.#sync.state === "waiting";
  }

  delta(frame: DepthDelta, world: World): DepthStep["kind"] {
    this.#newest = Math.max(this.#newest, frame.lastId);
    return this.#take(this.#sync.delta(frame), world);
  }

  snapshot(snapshot: DepthSnapshot, world: World): void {
    this.#take(this.#sync.snapshot(snapshot), world);
  }

  reset(): void {
    this.#sync.reset();
    this.#newest = 0;
  }

  #take(step: DepthStep, { books }: World): DepthStep["kind"] {
    if (step.kind === "apply") {
      const { snapshot, deltas } = step;
      if (snapshot !== undefined) this.#book.apply(snapshot.bids, snapshot.asks, "snapshot");
      for (const { bids, asks } of deltas) this.#book.apply(bids, asks, "changes");
      this.#at = deltas.at(-1)?.lastId ?? snapshot?.lastId ?? this.#at;
    }
    if (!this.waiting) {
      deepEqual(levelsOf(this.#book), books.get(this.#at), `at ${this.#at}`);
      ok(this.#at >= this.#newest, `at ${this.#at}, and ${this.#newest} was heard`);
    }
    return step.kind;
  }
}

function levelsOf(book: Book): Map<string, number> {
  const all = (name: string, side: BookSide) =>
    side.others(() => 0, side.size)
      .map(({ price, quantity }) => [`${name} ${price}`, Number(quantity)] as const);
  return new Map([...all("bids", book.bids), ...all("asks", book.asks)]);
}

function snapshotOf({ books }: World, lastId: number): DepthSnapshot {
  const levels = [...books.get(lastId) ?? []];
  const of = (side: string) =>
    levels.filter(([key]) => key.startsWith(side)).map(([key, quantity]) => levelOf(key, quantity));
  return { time, lastId, bids: of("bids"), asks: of("asks") };
}

function levelOf(key: string, quantity: number): Level {
  return { price: ticks(Number(key.slice(5))), quantity: lots(quantity) };
}

function aSnapshot(lastId: number): DepthSnapshot {
  return { time, lastId, bids: [], asks: [] };
}

function aDelta(ids: string): DepthDelta {
  const [firstId = 0, lastId = firstId] = ids.split("-").map(Number);
  return { kind: "depth", market, time, firstId, lastId, bids: [], asks: [] };
}
