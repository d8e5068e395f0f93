// Tests lib/journal/ids.ts: no two orders get one id, over kills and wraps, and only what was
// journaled counts as ours.

import assert from "node:assert/strict";
import {
  defaultTag,
  guardNotes,
  type OrderIdOptions,
  OrderIds,
  tagOf,
} from "../../lib/journal/ids.ts";
import type { Journal } from "../../lib/journal/journal.ts";
import { anAccepted, anEnd, aPlace, assertFault, aStart, House, pair } from "./samples.ts";

const FIRST = 130 * 2 ** 24;

function idsOf(journal: Journal, more: Partial<OrderIdOptions> = {}): OrderIds {
  return new OrderIds({
    ...{ journal, pair, found: [], isTaken: () => false, random: () => 0, ...more },
  });
}

function take(ids: OrderIds, count: number): number[] {
  return Array.from({ length: count }, () => ids.next() - FIRST);
}

Deno.test("a tag that nobody gave is 128 or more, and the same for the same market and preset", () => {
  const tags = ["SOL_USDC", "BTC_USDC", "ETH_USDC", "SOL_USDC_PERP"].map((market) =>
    ["grid", "amm", "flow"].map((preset) => defaultTag(market, preset))
  ).flat();
  assert.ok(tags.every((tag) => tag >= 128 && tag <= 255));
  assert.ok(new Set(tags).size >= 10, "hardly any two are the same");
  assert.equal(defaultTag("SOL_USDC", "grid"), tags[0]);
  assert.notEqual(defaultTag("AB", "C"), defaultTag("A", "BC"));
});

Deno.test("every id is a uint32 of its tag, and comes once, over blocks and over processes", async () => {
  await using house = new House();
  const first = take(idsOf(house.open()), 5000);
  assert.deepEqual(first, Array.from({ length: 5000 }, (_, i) => i));
  // A process that is killed takes the rest of its block with it.
  const [one, other] = [idsOf(house.open()), idsOf(house.open())];
  const second = [...take(one, 3), ...take(other, 3), ...take(one, 1)];
  assert.deepEqual(second, [8192, 8193, 8194, 12_288, 12_289, 12_290, 8195]);
  const highest = new OrderIds({
    ...{ journal: house.open(), pair: { ...pair, tag: 255 }, found: [], isTaken: () => false },
    random: () => 0.9999999,
  }).next();
  assert.ok(highest < 2 ** 32 && tagOf(highest) === 255);
});

Deno.test("an id is on the disk as taken before it is used", async () => {
  await using house = new House();
  idsOf(house.open()).next();
  const log = Deno.readFileSync(`${house.folder}paper.sqlite-wal`);
  await using copy = new House();
  Deno.copyFileSync(`${house.folder}paper.sqlite`, `${copy.folder}paper.sqlite`);
  Deno.writeFileSync(`${copy.folder}paper.sqlite-wal`, log);
  assert.deepEqual(take(idsOf(copy.open()), 1), [4096]);
});

Deno.test("a fresh journal begins at random behind every id of the tag that was found", async () => {
  const rows: readonly (readonly [readonly number[], number, number])[] = [
    [[], 0, 0],
    [[], 0.5, 2 ** 22],
    [[FIRST + 700, FIRST + 50, 5, FIRST + 2 ** 24 + 9999], 0, 701],
    [[FIRST + 700], 0.25, 701 + 2 ** 21],
    [[FIRST + 2 ** 24 - 1], 0, 0],
  ];
  for (const [found, random, start] of rows) {
    await using house = new House();
    assert.deepEqual(take(idsOf(house.open(), { found, random: () => random }), 1), [start]);
    // What was found says nothing any more once the journal knows better.
    const again = idsOf(house.open(), { found: [FIRST + 9_000_000], random: () => 0.9 });
    assert.deepEqual(take(again, 1), [start + 4096]);
  }
});

Deno.test("the counter wraps, and passes over ids whose orders may still be there", async () => {
  await using house = new House();
  const taken = new Set([2 ** 24 - 1, 0, 1, 5].map((count) => FIRST + count));
  const ids = idsOf(house.open(), {
    ...{ found: [FIRST + 2 ** 24 - 4], isTaken: (id) => taken.has(id) },
  });
  const given = take(ids, 6);
  assert.deepEqual(given, [2 ** 24 - 3, 2 ** 24 - 2, 2, 3, 4, 6]);
  assert.ok(given.every((count) => ids.whose(FIRST + count) === "ours"));
  assert.equal(ids.whose(FIRST + 7), "strange");
});

Deno.test("an id is ours only with our tag and in our journal, whichever run placed it", async () => {
  await using house = new House();
  const journal = house.open();
  const earlier = journal.begin(aStart(), house.hand);
  for (let i = 0; i < 2500; i++) earlier.seen(anAccepted(i), [aPlace(FIRST + i)]);
  earlier.end(anEnd({ remains: "kept" }));
  const other = journal.begin(aStart({ market: "BTC_USDC" }), house.hand);
  other.seen(anAccepted(1), [aPlace(FIRST + 7_000_000)]);
  const ids = idsOf(journal, { found: [FIRST + 2499] });
  const rows: readonly (readonly [number, string])[] = [
    [FIRST, "ours"],
    [FIRST + 2499, "ours"],
    [FIRST + 1200, "ours"],
    [FIRST + 2500, "strange"],
    [FIRST + 7_000_000, "strange"],
    [FIRST - 1, "other"],
    [FIRST + 2 ** 24, "other"],
    [17, "other"],
  ];
  for (const [id, whose] of rows) assert.equal(ids.whose(id), whose, `${id - FIRST}`);
  const mine = ids.next();
  assert.deepEqual([ids.whose(mine), ids.whose(mine + 1)], ["ours", "strange"]);
});

Deno.test("a stop of the guard is ours after a restart, however long ago it was noted", async () => {
  await using house = new House();
  const journal = house.open();
  const first = journal.begin(aStart(), house.hand);
  first.note("guard", { id: FIRST + 1, price: 1 });
  first.end(anEnd({ remains: "kept" }));
  const run = journal.begin(aStart(), house.hand);
  run.note("guard", { id: FIRST + 2, price: 2 });
  for (let i = 0; i < 5000; i++) run.seen(anAccepted(i), [aPlace(FIRST + 100 + i)]);
  run.note("guard", { id: FIRST + 3, price: 3 });
  run.snapshot({});
  run.note("guard", { id: FIRST + 4, price: 4 });
  run.note("state", { id: FIRST + 5 });
  const ids = idsOf(journal);
  const whose = [4, 3, 100, 5099, 2, 1, 5, 6].map((count) => ids.whose(FIRST + count));
  assert.deepEqual(whose, [...Array(6).fill("ours"), "strange", "strange"]);
  const notes = [...guardNotes(journal, run.id)].flat();
  assert.deepEqual(
    notes.map(({ note }) => note),
    [4, 3, 2].map((n) => ({ id: FIRST + n, price: n })),
  );
});

Deno.test("without a journal there is no id", async () => {
  await using house = new House();
  const journal = house.open();
  const ids = idsOf(journal);
  ids.next();
  await journal.close();
  for (let left = 4095; left > 0; left--) ids.next();
  assert.throws(() => ids.next());
  assertFault("readOnly", () => idsOf(house.open("paper", "read")).next());
});
