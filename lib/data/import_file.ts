// Another program's file as one of ours: archive or not, compressed or not, candles as JSON lists or
// rows of Binance's archives, told from what is in it. The new file has its name only when all of the
// old one was good.

import { createGunzip } from "node:zlib";
import { readBinance } from "./binance.ts";
import { readCandleArrays } from "./candle_arrays.ts";
import { CsvWriter } from "./csv_writer.ts";
import { DataFault } from "./fault.ts";
import {
  type ImportedCounts,
  importedHeaders,
  type ImportedKind,
  type ImportedRow,
} from "./imported.ts";
import { gzipFault, readBytes } from "./source.ts";
import { isZip, openZip } from "./zip.ts";

/** What became of a file. */
export interface Imported extends ImportedCounts {
  readonly kind: ImportedKind;
}

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Years of one-minute candles, and still one text. */
const MOST_JSON_BYTES = 400_000_000;
/** Binance's contracts that are settled in coins: their quantity is in dollars. */
const INVERSE = /USD_(PERP|\d{6})-/;

/** Writes what is in `path` to `target`, a .csv.gz, over what is there. Throws `DataFault`. */
export async function importFile(path: string, target: string): Promise<Imported> {
  const bytes = await readBytes(path);
  const entry = isZip(bytes) ? openZip(path, bytes) : undefined;
  if (INVERSE.test(entry?.name ?? path)) {
    const rule = "cannot be played: an inverse contract is worth quote currency, not base";
    throw new DataFault({ file: path, rule });
  }
  using file = new Target(target);
  const take = (row: ImportedRow) => file.take(row);
  const { begin, chunks } = await begun(entry?.chunks() ?? plain(path, bytes));
  const counts = /^\s*[[{]/.test(begin)
    ? readCandleArrays(path, await textOf(path, chunks), take)
    : await readBinance(path, chunks, take);
  return { ...counts, kind: file.commit(path) };
}

function plain(path: string, bytes: Uint8Array): Chunks {
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipped(path, bytes) : [bytes];
}

async function* gunzipped(path: string, bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  gunzip.end(bytes);
  try {
    for await (const chunk of gunzip) yield chunk;
  } catch (error) {
    throw gzipFault(path, error);
  }
}

/** How it begins, and all of it. */
async function begun(
  chunks: Chunks,
): Promise<{ readonly begin: string; readonly chunks: Chunks }> {
  const iterator = Symbol.asyncIterator in chunks
    ? chunks[Symbol.asyncIterator]()
    : chunks[Symbol.iterator]();
  const first = await iterator.next();
  if (first.done) return { begin: "", chunks: [] };
  const all = async function* () {
    yield first.value;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      yield next.value;
    }
  };
  return { begin: new TextDecoder().decode(first.value.subarray(0, 64)), chunks: all() };
}

async function textOf(path: string, chunks: Chunks): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > MOST_JSON_BYTES) {
      const rule = `a JSON file must be below ${MOST_JSON_BYTES} bytes`;
      throw new DataFault({ file: path, rule });
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

/** The new file, begun with its first row. */
class Target implements Disposable {
  readonly #path: string;
  #kind: ImportedKind | undefined;
  #writer: CsvWriter | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  take({ kind, text }: ImportedRow): void {
    this.#kind = kind;
    this.#writer ??= new CsvWriter({
      path: this.#path,
      header: importedHeaders[kind],
      begins: "anew",
    });
    this.#writer.row(text);
  }

  /** What it holds. Throws `DataFault` where nothing was taken from `source`. */
  commit(source: string): ImportedKind {
    if (this.#kind === undefined) {
      throw new DataFault({ file: source, rule: "the file must hold a row" });
    }
    this.#writer?.commit();
    return this.#kind;
  }

  [Symbol.dispose](): void {
    this.#writer?.[Symbol.dispose]();
  }
}
