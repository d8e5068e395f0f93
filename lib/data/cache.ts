// Recordings once read, kept as columns in the data folder: the next run loads them instead of
// reading text again. An entry counts only if the bytes of every recording, the market, the options
// and the readers are those it was made with and its own bytes are whole; anything else is read
// anew. The cache is a convenience: where the folder cannot be written there is none, and no error.

import { createHash } from "node:crypto";
import type { Market } from "../core/market.ts";
import { decodeColumns, encodeColumns, FORMAT_VERSION, type ReadColumns } from "./columns_file.ts";
import type { ReadOptions } from "./report.ts";

/** What the readers make of a file. Whoever changes that adds one, and every entry is made anew. */
export const READERS_VERSION = 1;

/** The most bytes a cache folder holds; beyond it the oldest entries go. */
export const MOST_CACHE_BYTES = 2 * 2 ** 30;

/** Where entries are kept, and how many bytes of them (default: `MOST_CACHE_BYTES`). */
export interface ColumnCache {
  readonly folder: string;
  readonly mostBytes?: number;
}

/** Everything that decides what reading gives. */
export interface Asked {
  readonly paths: readonly string[];
  readonly market: Market;
  readonly options: ReadOptions;
}

/**
 * What `read` gives for `asked`, from the cache where it is there and good; else it is read and
 * kept. Without a cache it is read. Throws what `read` throws, and nothing of its own.
 */
export async function cached(
  cache: ColumnCache | undefined,
  asked: Asked,
  read: () => Promise<ReadColumns>,
): Promise<ReadColumns> {
  if (cache === undefined) return await read();
  // Named by the question alone, so that an entry of older files or readers is written over.
  const question = JSON.stringify(questionOf(asked));
  const name = sha256(question).toString("hex");
  const [block, digests] = await Promise.all([
    contentOf(`${cache.folder}/${name}${ENTRY}`),
    digestsOf(asked.paths),
  ]);
  // A recording that cannot be read: the reader is the one who says so.
  if (digests === undefined) return await read();
  const key = sha256(JSON.stringify([FORMAT_VERSION, READERS_VERSION, question, digests]));
  const kept = block === undefined ? undefined : decoded(key, block);
  if (kept !== undefined) return kept;
  const fresh = await read();
  // A recorder may have added to a file between the two readings.
  const files = fresh.report.files.map((file) => file.sha256);
  if (files.join() === digests.join()) await keep(cache, name, encodeColumns(key, fresh));
  return fresh;
}

/** How the names of entries end, and those of entries not yet whole. */
const ENTRY = ".columns";
const UNFINISHED = ".columns-unfinished";

/** The paths as given: the report shows them, and a reader may go by the end of a name. */
function questionOf({ paths, market, options }: Asked): readonly unknown[] {
  const { symbol, kind, tickUnits, priceDecimals, lotUnits, quantityDecimals } = market;
  return [
    paths,
    [symbol, kind, tickUnits, priceDecimals, lotUnits, quantityDecimals],
    [options.errors, options.from ?? null, options.to ?? null],
  ];
}

async function digestsOf(paths: readonly string[]): Promise<string[] | undefined> {
  const digests: string[] = [];
  for (const path of paths) {
    const content = await contentOf(path);
    if (content === undefined) return undefined;
    digests.push(sha256(content).toString("hex"));
  }
  return digests;
}

async function contentOf(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(path);
  } catch {
    return undefined;
  }
}

function decoded(key: Uint8Array, block: Uint8Array<ArrayBuffer>): ReadColumns | undefined {
  try {
    return decodeColumns(key, block);
  } catch {
    return undefined;
  }
}

/** Writes an entry whole or not at all. */
async function keep(cache: ColumnCache, name: string, block: Uint8Array): Promise<void> {
  const unfinished = `${cache.folder}/${name}-${crypto.randomUUID()}${UNFINISHED}`;
  try {
    await Deno.mkdir(cache.folder, { recursive: true });
    if (!await makeRoom(cache, block.length)) return;
    await Deno.writeFile(unfinished, block, { createNew: true });
    await Deno.rename(unfinished, `${cache.folder}/${name}${ENTRY}`);
  } catch {
    await discard(unfinished);
  }
}

/** Removes the oldest entries until `length` bytes fit; false where they never will. */
async function makeRoom(cache: ColumnCache, length: number): Promise<boolean> {
  let room = (cache.mostBytes ?? MOST_CACHE_BYTES) - length;
  if (room < 0) return false;
  const entries: { path: string; size: number; writtenAt: number }[] = [];
  for await (const { name, isFile } of Deno.readDir(cache.folder)) {
    // Nothing but what was written here is counted or removed.
    if (!isFile || !(name.endsWith(ENTRY) || name.endsWith(UNFINISHED))) continue;
    const path = `${cache.folder}/${name}`;
    const { size, mtime } = await Deno.stat(path);
    entries.push({ path, size, writtenAt: mtime?.getTime() ?? 0 });
  }
  // The newest first: what no longer fits goes, and all that is older with it.
  for (const { path, size } of entries.sort((a, b) => b.writtenAt - a.writtenAt)) {
    room -= size;
    if (room < 0) await Deno.remove(path);
  }
  return true;
}

async function discard(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch {
    // Never written, or gone already; a remnant counts as an entry and goes when it is the oldest.
  }
}

function sha256(content: string | Uint8Array) {
  return createHash("sha256").update(content).digest();
}
