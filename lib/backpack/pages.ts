// A history is told in pages, newest row first, and grows at the front while it is read: rows come
// again on the next page, and none is lost. All rows back to a time, or the word that there are more
// than we read.

import type { Micros } from "../core/units.ts";
import type { Reply } from "./reply.ts";

/** Which rows of a history: `limit` of them after leaving out the newest `offset`. */
export interface Page {
  readonly limit: number;
  readonly offset: number;
}

/** What a history holds since a time. */
export interface PastRows<T> {
  /** Newest first, each once. */
  readonly rows: readonly T[];
  /** False where the bound was reached first: older rows are missing. */
  readonly complete: boolean;
}

/** How to read a history. */
export interface PagesOptions<T> {
  /** Rows before this are not wanted. */
  readonly since: Micros;
  readonly timeOf: (row: T) => Micros;
  /** What only this row has. */
  readonly keyOf: (row: T) => string | number;
}

/** Backpack gives no more rows at once. */
export const ROWS_PER_PAGE = 1_000;
/** Pages read at most: 20,000 rows. */
export const MOST_PAGES = 20;

/** Reads pages until one holds nothing new enough. The first that is not ok is the reply. */
export async function pages<T>(
  ask: (page: Page) => Promise<Reply<readonly T[]>>,
  { since, timeOf, keyOf }: PagesOptions<T>,
): Promise<Reply<PastRows<T>>> {
  const found = new Map<string | number, T>();
  for (let page = 0; page < MOST_PAGES; page++) {
    const reply = await ask({ limit: ROWS_PER_PAGE, offset: page * ROWS_PER_PAGE });
    if (reply.kind !== "ok") return reply;
    const wanted = reply.value.filter((row) => timeOf(row) >= since);
    for (const row of wanted) found.set(keyOf(row), row);
    // Rows of one instant stand in no order: only a page without a wanted one is the end.
    const isLast = reply.value.length < ROWS_PER_PAGE || wanted.length === 0;
    if (isLast) return { kind: "ok", value: { rows: [...found.values()], complete: true } };
  }
  return { kind: "ok", value: { rows: [...found.values()], complete: false } };
}
