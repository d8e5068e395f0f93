// The one file in a zip archive, as Binance publishes its history, inflated piece by piece: a day of
// best prices is gigabytes of text. Lengths and checksum are those of the directory at the end of the
// archive, and what does not agree with them is a fault and not data.

import { crc32, createInflateRaw } from "node:zlib";
import { DataFault } from "./fault.ts";

/** The file in an archive. */
export interface ZipEntry {
  readonly name: string;
  /** Its bytes. Throws `DataFault` where they are not what the archive promises. */
  chunks(): AsyncIterable<Uint8Array>;
}

const END_SIGN = 0x06054b50;
const DIRECTORY_SIGN = 0x02014b50;
const LOCAL_SIGN = 0x04034b50;
const END_LENGTH = 22;
const DIRECTORY_LENGTH = 46;
const LOCAL_LENGTH = 30;
const LONGEST_COMMENT = 65_535;
/** Stands where a number of 64 bits lies elsewhere. */
const ELSEWHERE = 0xffffffff;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
const CHUNK_BYTES = 262_144;

/** True for bytes that begin as an archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

/** The only file of the archive in `bytes`, read from `path`. Throws `DataFault`. */
export function openZip(path: string, bytes: Uint8Array): ZipEntry {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fault = (rule: string) => new DataFault({ file: path, rule });
  const end = endOf(view);
  if (end === undefined) throw fault("the archive must be whole: its directory is missing");
  const files = view.getUint16(end + 10, true);
  const at = view.getUint32(end + 16, true);
  if (at === ELSEWHERE) throw fault("the archive must be below 4 GiB: take the daily files");
  if (files !== 1) throw fault(`the archive must hold one file and holds ${files}`);
  if (at + DIRECTORY_LENGTH > end || view.getUint32(at, true) !== DIRECTORY_SIGN) {
    throw fault("the archive must have a directory where it says it has one");
  }
  const entry = {
    flags: view.getUint16(at + 8, true),
    method: view.getUint16(at + 10, true),
    sum: view.getUint32(at + 16, true),
    packed: view.getUint32(at + 20, true),
    length: view.getUint32(at + 24, true),
    nameLength: view.getUint16(at + 28, true),
    start: view.getUint32(at + 42, true),
  };
  const { method, packed, length, nameLength } = entry;
  if ([packed, length, entry.start].includes(ELSEWHERE)) {
    throw fault("the file in the archive must be below 4 GiB: take the daily files");
  }
  if ((entry.flags & ENCRYPTED) !== 0) throw fault("the archive must not be encrypted");
  if (method !== STORED && method !== DEFLATED) {
    throw fault("the archive must be stored or deflated");
  }
  const data = dataOf(view, entry.start);
  if (data === undefined || data + packed > at) {
    throw fault("the file in the archive must lie before its directory");
  }
  const nameAt = at + DIRECTORY_LENGTH;
  const body = bytes.subarray(data, data + packed);
  return {
    name: new TextDecoder().decode(bytes.subarray(nameAt, nameAt + nameLength)),
    chunks: () => checked(path, method === STORED ? pieces(body) : inflated(path, body), entry),
  };
}

/** Where the end record begins: it is the last thing but for a comment. */
function endOf(view: DataView): number | undefined {
  const last = view.byteLength - END_LENGTH;
  for (let at = last; at >= 0 && at >= last - LONGEST_COMMENT; at--) {
    if (view.getUint32(at, true) === END_SIGN) return at;
  }
  return undefined;
}

/** Where the bytes of the file begin: its own header may be longer than the directory says. */
function dataOf(view: DataView, start: number): number | undefined {
  if (start + LOCAL_LENGTH > view.byteLength) return undefined;
  if (view.getUint32(start, true) !== LOCAL_SIGN) return undefined;
  return start + LOCAL_LENGTH + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
}

function* pieces(body: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < body.length; at += CHUNK_BYTES) yield body.subarray(at, at + CHUNK_BYTES);
}

async function* inflated(path: string, body: Uint8Array): AsyncGenerator<Uint8Array> {
  const inflate = createInflateRaw({ chunkSize: CHUNK_BYTES });
  inflate.end(body);
  try {
    for await (const chunk of inflate) yield chunk;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new DataFault({ file: path, rule: `the archive must be whole: ${text}` });
  }
}

async function* checked(
  path: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  entry: { readonly sum: number; readonly length: number },
): AsyncGenerator<Uint8Array> {
  let sum = 0;
  let length = 0;
  for await (const chunk of chunks) {
    sum = crc32(chunk, sum);
    length += chunk.length;
    yield chunk;
  }
  if (sum === entry.sum && length === entry.length) return;
  throw new DataFault({ file: path, rule: "the file in the archive must have its own checksum" });
}
