import assert from "node:assert/strict";
import fc from "fast-check";
import { Book, BookSide, type OwnAt } from "../../lib/core/book.ts";
import type { Level, Side } from "../../lib/core/strategy.ts";
import { lots, type Ticks, ticks } from "../../lib/core/units.ts";
import { level } from "../support/core.ts";

const nothing: OwnAt = () => 0;

/** The book as anyone would write it first: a map, sorted when asked. */
class NaiveSide {
  readonly levels = new Map<number, number>();
  constructor(readonly side: Side) {}

  set(price: number, quantity: number): void {
    if (quantity === 0) this.levels.delete(price);
    else this.levels.set(price, quantity);
  }

  others(own: OwnAt): Level[] {
    return [...this.levels]
      .sort(([a], [b]) => this.side === "bid" ? b - a : a - b)
      .map(([price, quantity]) => {
        const ours = own(ticks(price));
        return [price, ours > quantity ? quantity : quantity - ours] as const;
      })
      .filter(([, quantity]) => quantity > 0)
      .map(([price, quantity]) => level(price, quantity));
  }
}

const changes = fc.array(
  fc.record({
    price: fc.integer({ min: 1, max: 12 }),
    quantity: fc.integer({ min: 0, max: 5 }),
    clear: fc.integer({ min: 0, max: 30 }).map((n) => n === 0),
  }),
  { maxLength: 60 },
);
const ownQuantities = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 13, maxLength: 13 });

for (const side of ["bid", "ask"] as const) {
  Deno.test(`${side} levels agree with a sorted map after any changes`, () => {
    fc.assert(
      fc.property(changes, ownQuantities, (steps, mine) => {
        const book = new BookSide(side);
        const naive = new NaiveSide(side);
        const own = (price: Ticks) => mine[price] ?? 0;
        for (const { price, quantity, clear } of steps) {
          if (clear) {
            book.clear();
            naive.levels.clear();
          }
          book.set(ticks(price), lots(quantity));
          naive.set(price, quantity);
          assert.equal(book.size, naive.levels.size);
          assert.equal(book.best(), naive.others(nothing)[0]?.price);
          assert.deepEqual(book.others(nothing, 100), naive.others(nothing));
          assert.deepEqual(book.others(own, 100), naive.others(own));
          assert.deepEqual(book.others(own, 2), naive.others(own).slice(0, 2));
          assert.deepEqual(book.bestOfOthers(own), naive.others(own)[0]);
        }
      }),
      { numRuns: 200 },
    );
  });
}

Deno.test("an empty side has no best", () => {
  const side = new BookSide("bid");
  assert.equal(side.best(), undefined);
  assert.equal(side.bestOfOthers(nothing), undefined);
  assert.deepEqual(side.others(nothing, 5), []);
  side.set(ticks(5), lots(0));
  assert.equal(side.size, 0);
});

Deno.test("a level that is wholly ours is nobody's, and one we share shows the rest", () => {
  const side = new BookSide("ask");
  side.set(ticks(101), lots(5));
  side.set(ticks(102), lots(9));
  const own: OwnAt = (price) => price === 101 ? 5 : price === 102 ? 4 : 0;
  assert.equal(side.best(), 101);
  assert.deepEqual(side.bestOfOthers(own), level(102, 5));
  // Just sent and larger than what stands there: it has not arrived, so the level is theirs.
  assert.deepEqual(side.bestOfOthers(() => 100), level(101, 5));
});

Deno.test("a snapshot replaces the book, changes add to it", () => {
  const book = new Book();
  book.apply([level(99, 1), level(98, 2)], [level(101, 3)], "snapshot");
  book.apply([level(99, 0), level(97, 4)], [level(101, 5), level(102, 6)], "changes");
  assert.deepEqual(book.bids.others(nothing, 9), [level(98, 2), level(97, 4)]);
  assert.deepEqual(book.asks.others(nothing, 9), [level(101, 5), level(102, 6)]);
  book.apply([level(90, 7)], [], "snapshot");
  assert.deepEqual(book.bids.others(nothing, 9), [level(90, 7)]);
  assert.equal(book.asks.size, 0);
});
