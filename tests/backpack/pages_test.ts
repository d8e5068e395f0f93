// Histories that grow while they are read, that end early, and that have no end.

import assert from "node:assert/strict";
import fc from "fast-check";
import { MOST_PAGES, type Page, pages, ROWS_PER_PAGE } from "../../lib/backpack/pages.ts";
import type { Reply } from "../../lib/backpack/reply.ts";
import { micros } from "../../lib/core/units.ts";

interface Row {
  readonly id: number;
  readonly time: number;
}

/** `count` rows, newest first: row `id` happened at `id`. */
function rowsUpTo(count: number): Row[] {
  return Array.from({ length: count }, (_, i) => ({ id: count - i, time: count - i }));
}

/** A history that gets `growth` new rows between two pages. */
function history(count: number, growth = 0) {
  const asked: Page[] = [];
  const ask = (page: Page): Promise<Reply<readonly Row[]>> => {
    const rows = rowsUpTo(count + growth * asked.length);
    asked.push(page);
    const { limit, offset } = page;
    return Promise.resolve({ kind: "ok", value: rows.slice(offset, offset + limit) });
  };
  return { asked, ask };
}

function since(time: number) {
  return {
    since: micros(time),
    timeOf: (row: Row) => micros(row.time),
    keyOf: (row: Row) => row.id,
  };
}

Deno.test("pages are read until one holds nothing new enough, or is not full", async () => {
  const rows: readonly (readonly [number, number, number, number])[] = [
    // rows there are, since, rows wanted, pages asked
    [0, 0, 0, 1],
    [999, 0, 999, 1],
    [1000, 0, 1000, 2],
    [2500, 0, 2500, 3],
    [2500, 2500, 1, 2],
    [2500, 1501, 1000, 2],
    [2500, 1500, 1001, 3],
    [2500, 9999, 0, 1],
  ];
  for (const [count, from, wanted, pagesAsked] of rows) {
    const { ask, asked } = history(count);
    const reply = await pages(ask, since(from));
    assert.ok(reply.kind === "ok");
    assert.equal(reply.value.rows.length, wanted);
    assert.equal(reply.value.complete, true);
    assert.deepEqual(
      asked,
      Array.from({ length: pagesAsked }, (_, i) => ({ limit: 1000, offset: i * 1000 })),
    );
  }
});

Deno.test("however a history grows, no row is lost and none is doubled", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 4000 }),
      fc.integer({ min: 0, max: 700 }),
      fc.integer({ min: 0, max: 4000 }),
      async (count, growth, from) => {
        const reply = await pages(history(count, growth).ask, since(from));
        assert.ok(reply.kind === "ok" && reply.value.complete);
        const expected = rowsUpTo(count).filter(({ time }) => time >= from);
        const found = new Set(reply.value.rows.map(({ id }) => id));
        assert.equal(found.size, reply.value.rows.length);
        assert.ok(expected.every(({ id }) => found.has(id)));
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("rows that stand in no order at one instant are all found", async () => {
  const mixed = [...rowsUpTo(ROWS_PER_PAGE)].map((row, i) => ({ ...row, time: i % 2 ? 5 : 4 }));
  const rest = [{ id: 5000, time: 5 }];
  const reply = await pages(
    ({ offset }) =>
      Promise.resolve<Reply<readonly Row[]>>({ kind: "ok", value: offset === 0 ? mixed : rest }),
    {
      ...since(5),
    },
  );
  assert.ok(reply.kind === "ok");
  assert.equal(reply.value.rows.length, ROWS_PER_PAGE / 2 + 1);
});

Deno.test("a history without end is given up at the bound, and says so", async () => {
  const { ask, asked } = history(MOST_PAGES * ROWS_PER_PAGE + 1);
  const reply = await pages(ask, since(0));
  assert.ok(reply.kind === "ok");
  assert.equal(asked.length, MOST_PAGES);
  assert.equal(reply.value.complete, false);
  assert.equal(reply.value.rows.length, MOST_PAGES * ROWS_PER_PAGE);
});

Deno.test("a page that fails is the reply: half a history is none", async () => {
  const { ask } = history(5000);
  const failed = { kind: "failed", reason: "no host" } as const;
  const reply = await pages(
    (page) => page.offset === 2000 ? Promise.resolve(failed) : ask(page),
    since(0),
  );
  assert.deepEqual(reply, failed);
});
