// A CSV file as a header and a stream of bytes, gzip or plain. The compressed file is held whole:
// it is far smaller than the columns it becomes, and its checksum says which recording a run used.
// Whether it is gzip is told from its first bytes, and a name that promises gzip must keep it.

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { constants, createGunzip, gunzipSync } from "node:zlib";
import { DataFault } from "./fault.ts";

/** A file that was found, has a header and can be streamed. */
export interface Source {
  readonly path: string;
  /** The column names, in the order of the file. */
  readonly header: readonly string[];
  /** Of the file as it lies on the disk. */
  readonly sha256: string;
  /** The text after decompression, the header line included. Throws `DataFault` where gzip breaks. */
  chunks(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** No header is longer: the search for its end stops here. */
const LONGEST_HEADER = 65_536;
/** Larger pieces do not read faster (measured from 16 KiB to 1 MiB). */
const CHUNK_BYTES = 262_144;

/** Opens a .csv or .csv.gz file. Throws `DataFault` when it is missing, empty or not what its name says. */
export async function openSource(path: string): Promise<Source> {
  const bytes = await readBytes(path);
  if (bytes.length === 0) throw new DataFault({ file: path, rule: "the file must not be empty" });
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (path.endsWith(".gz") && !zipped) {
    throw new DataFault({ file: path, rule: "a file named .gz must be in gzip format" });
  }
  return {
    path,
    header: readHeader(path, zipped ? unzipHead(path, bytes) : bytes),
    sha256: createHash("sha256").update(bytes).digest("hex"),
    chunks: () => zipped ? unzip(path, bytes) : [bytes],
  };
}

/** The whole file as it lies on the disk. Throws `DataFault` when it is missing or unreadable. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new DataFault({ file: path, rule: "the file must exist" });
    }
    throw new DataFault({ file: path, rule: `the file must be readable: ${textOf(error)}` });
  }
}

async function* unzip(path: string, bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  gunzip.end(bytes);
  try {
    for await (const chunk of gunzip) yield chunk;
  } catch (error) {
    throw gzipFault(path, error);
  }
}

function unzipHead(path: string, bytes: Uint8Array): Uint8Array {
  try {
    // Z_SYNC_FLUSH: the cut behind the head is ours and not a fault of the file.
    const head = Buffer.from(bytes.subarray(0, LONGEST_HEADER));
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw gzipFault(path, error);
  }
}

function readHeader(path: string, head: Uint8Array): readonly string[] {
  const end = head.subarray(0, LONGEST_HEADER).indexOf(10);
  if (end < 0 && head.length > LONGEST_HEADER) {
    throw new DataFault({ file: path, row: 1, rule: "must be a header of column names" });
  }
  // The decoder drops a byte order mark.
  const text = new TextDecoder().decode(head.subarray(0, end < 0 ? head.length : end)).trimEnd();
  if (text === "") throw new DataFault({ file: path, rule: "the file must not be empty" });
  const names = text.split(",");
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new DataFault({ file: path, row: 1, column: twice, rule: "must be named once" });
  }
  return names;
}

/** What zlib says of a broken file, as a fault of that file. */
export function gzipFault(path: string, error: unknown): DataFault {
  const text = textOf(error);
  return new DataFault({
    file: path,
    rule: text.includes("end of file")
      ? "the gzip stream must not end early: the file is cut short"
      : `the gzip stream must be whole: ${text}`,
  });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
