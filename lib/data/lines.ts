// A recording as lines of text, however it ended. A recorder that is killed leaves half a line, half
// a gzip member or, after a power cut, a tail of zeros: everything before that is as good as ever, so
// only the end of a file may be broken. Anything broken in the middle is a fault.

import { createHash } from "node:crypto";
import { constants, createGunzip } from "node:zlib";
import { DataFault } from "./fault.ts";
import { gzipFault, readBytes } from "./source.ts";

/** Takes one line without its line feed; `row` is 1 for the first. The last may lack its feed. */
export type TakeLine = (text: string, row: number) => void;

/** How a file was read. */
export interface LinesRead {
  /** Whole lines, the first included. */
  readonly rows: number;
  /** 1 where the file ends in something that is not a whole line, else 0. */
  readonly torn: 0 | 1;
  /** Of the file as it lies on the disk. */
  readonly sha256: string;
}

const LINE_FEED = 10;
const CHUNK_BYTES = 262_144;
/** A snapshot of 10,000 levels, the most Backpack sends, is a quarter of this. */
const LONGEST_LINE = 1_048_576;

/** Hands every whole line of a .jsonl or .jsonl.gz file to `take`. Throws `DataFault`. */
export async function readLines(path: string, take: TakeLine): Promise<LinesRead> {
  const bytes = await readBytes(path);
  if (bytes.length === 0) throw new DataFault({ file: path, rule: "the file must not be empty" });
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (path.endsWith(".gz") && !zipped) {
    throw new DataFault({ file: path, rule: "a file named .gz must be in gzip format" });
  }
  const lines = new Lines(path, take);
  const { read, end } = zipped ? await unzip(path, bytes, lines) : pour(bytes, lines);
  const left = bytes.subarray(read);
  if (left.some((byte) => byte !== 0)) {
    throw new DataFault({
      file: path,
      rule: "the gzip stream must be whole: it ends in the middle",
    });
  }
  const ends = [end, lines.finish(), left.length > 0 ? "torn" : "whole"];
  return {
    rows: lines.rows,
    torn: ends.includes("torn") ? 1 : 0,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

interface Poured {
  /** Bytes understood: zeros behind the last gzip member are not. */
  readonly read: number;
  readonly end: "whole" | "torn";
}

async function unzip(path: string, bytes: Uint8Array, lines: Lines): Promise<Poured> {
  const strict = createGunzip({ chunkSize: CHUNK_BYTES });
  strict.end(bytes);
  let taken = 0;
  for await (const piece of untilCut(path, strict)) {
    lines.put(piece);
    taken += piece.length;
  }
  if (strict.errored === null) return { read: strict.bytesWritten, end: "whole" };
  // zlib keeps back what it has of a member cut short, unless told to flush.
  const lenient = createGunzip({ chunkSize: CHUNK_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
  lenient.end(bytes);
  for await (const piece of untilCut(path, lenient)) {
    const known = Math.min(taken, piece.length);
    taken -= known;
    lines.put(piece.subarray(known));
  }
  return { read: bytes.length, end: "torn" };
}

async function* untilCut(
  path: string,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of pieces) yield piece;
  } catch (error) {
    if (!String(error).includes("unexpected end of file")) throw gzipFault(path, error);
  }
}

function pour(bytes: Uint8Array, lines: Lines): Poured {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    lines.put(bytes.subarray(at, at + CHUNK_BYTES));
  }
  return { read: bytes.length, end: "whole" };
}

class Lines {
  rows = 0;
  readonly #path: string;
  readonly #take: TakeLine;
  readonly #decoder = new TextDecoder();
  #rest: Uint8Array = new Uint8Array(0);

  constructor(path: string, take: TakeLine) {
    this.#path = path;
    this.#take = take;
  }

  put(piece: Uint8Array): void {
    const bytes = this.#rest.length === 0 ? piece : joined(this.#rest, piece);
    const end = bytes.lastIndexOf(LINE_FEED);
    if (end >= 0) {
      for (const text of this.#decoder.decode(bytes.subarray(0, end)).split("\n")) {
        this.#take(text, ++this.rows);
      }
    }
    this.#rest = bytes.slice(end + 1);
    if (this.#rest.length > LONGEST_LINE) {
      const rule = `must be a line of at most ${LONGEST_LINE} bytes`;
      throw new DataFault({ file: this.#path, row: this.rows + 1, rule });
    }
  }

  finish(): "whole" | "torn" {
    if (this.#rest.length === 0) return "whole";
    const text = this.#decoder.decode(this.#rest);
    // No beginning of an object is itself an object, so what can be read was not cut.
    if (jsonOf(text) === undefined) return "torn";
    this.#take(text, ++this.rows);
    return "whole";
  }
}

/** The JSON in `text`; undefined where there is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
