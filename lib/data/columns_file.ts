// Columns as one block of bytes, made to be loaded fast: a number that follows its neighbour closely
// is kept as the step from it, in the narrowest whole number that holds every step of its column.
// Nothing is compressed beyond that: deflate at its fastest makes real recordings a quarter to three
// quarters as long, but loading them takes five to fifteen times as long (measured), and the time
// is what a cache is for. Little-endian throughout, as every machine is that Deno runs on.

import { crc32 } from "node:zlib";
import { Bug } from "../core/assert.ts";
import type { Candles, Tape } from "../core/columns.ts";
import { micros } from "../core/units.ts";
import type { DataReport } from "./report.ts";

/** What reading recordings gives: bars or ticks, and the account of how they were read. */
export type ReadColumns =
  | { readonly candles: Candles; readonly report: DataReport }
  | { readonly tape: Tape; readonly report: DataReport };

/** The layout below. Whoever changes it adds one, and blocks of before are no longer read. */
export const FORMAT_VERSION = 1;

/** Where the checksum of all that follows it stands, the length of the header, the key, the header. */
const [CHECKSUM_AT, LENGTH_AT, KEY_AT, HEADER_AT] = [0, 4, 8, 40] as const;

/** raw: as it stands in memory. The others: steps from row to row in so many bits. */
type Form = "raw" | "step8" | "step16" | "step32";
type Numbers = Uint8Array | Int32Array | Float64Array;
type Steps = Int8Array | Int16Array | Int32Array;

interface PackedColumn {
  readonly name: string;
  readonly form: Form;
  /** The value of row 0, which has no row before it; 0 where the form is raw. */
  readonly first: number;
}

interface Header {
  /** Of the candles; null for a tape. */
  readonly barSec: number | null;
  readonly rows: number;
  readonly columns: readonly PackedColumn[];
  readonly report: Omit<DataReport, "from" | "to"> & {
    readonly from: number | null;
    readonly to: number | null;
  };
}

/** `read` as a block of bytes under `key`, a SHA-256 digest. */
export function encodeColumns(key: Uint8Array, read: ReadColumns): Uint8Array {
  const table = "candles" in read ? read.candles : read.tape;
  const packed = columnsOf(read).map(([name, values]) => pack(name, values));
  const { report } = read;
  const header: Header = {
    barSec: "candles" in read ? read.candles.barSec : null,
    rows: table.length,
    columns: packed.map(({ column }) => column),
    report: { ...report, from: report.from ?? null, to: report.to ?? null },
  };
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = aligned(HEADER_AT + text.length);
  const length = packed.reduce((sum, { bytes }) => sum + aligned(bytes.length), start);
  const block = new Uint8Array(length);
  const view = new DataView(block.buffer);
  view.setUint32(LENGTH_AT, text.length, true);
  block.set(key, KEY_AT);
  block.set(text, HEADER_AT);
  let at = start;
  for (const { bytes } of packed) {
    block.set(bytes, at);
    at += aligned(bytes.length);
  }
  view.setUint32(CHECKSUM_AT, checksumOf(block), true);
  return block;
}

/**
 * What was encoded under `key`, sharing the memory of `block`, which must begin its buffer; undefined
 * where the block is of another key or not, to the byte, what `encodeColumns` gave.
 */
export function decodeColumns(
  key: Uint8Array,
  block: Uint8Array<ArrayBuffer>,
): ReadColumns | undefined {
  if (block.length < HEADER_AT || !same(block.subarray(KEY_AT, HEADER_AT), key)) return undefined;
  const view = new DataView(block.buffer, block.byteOffset);
  if (view.getUint32(CHECKSUM_AT, true) !== checksumOf(block)) return undefined;
  // The key and the checksum agree, so these bytes were written above: from here on they are trusted.
  const end = HEADER_AT + view.getUint32(LENGTH_AT, true);
  const header: Header = JSON.parse(new TextDecoder().decode(block.subarray(HEADER_AT, end)));
  const { rows, barSec, report: { from, to, ...counts } } = header;
  const next = new Unpacking(block, aligned(end), header);
  const report: DataReport = {
    ...counts,
    from: from === null ? undefined : micros(from),
    to: to === null ? undefined : micros(to),
  };
  if (barSec !== null) {
    const candles: Candles = {
      length: rows,
      barSec,
      time: next.float64("time"),
      open: next.int32("open"),
      high: next.int32("high"),
      low: next.int32("low"),
      close: next.int32("close"),
      volume: next.float64("volume"),
    };
    return { candles, report };
  }
  const tape: Tape = {
    length: rows,
    kind: next.uint8("kind"),
    time: next.float64("time"),
    price: next.int32("price"),
    quantity: next.int32("quantity"),
    askPrice: next.int32("askPrice"),
    askQuantity: next.int32("askQuantity"),
  };
  return { tape, report };
}

/** The columns in the order they are laid down and taken up. */
function columnsOf(read: ReadColumns): readonly (readonly [string, Numbers])[] {
  if ("candles" in read) {
    const { time, open, high, low, close, volume } = read.candles;
    return Object.entries({ time, open, high, low, close, volume });
  }
  const { kind, time, price, quantity, askPrice, askQuantity } = read.tape;
  return Object.entries({ kind, time, price, quantity, askPrice, askQuantity });
}

function pack(name: string, values: Numbers): {
  readonly column: PackedColumn;
  readonly bytes: Uint8Array;
} {
  const form = formOf(values);
  if (form === "raw") return { column: { name, form, first: 0 }, bytes: bytesOf(values) };
  const steps = new STEPS[form](values.length);
  const first = values[0] ?? 0;
  let before = first;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? noStep(row);
    steps[row] = value - before;
    before = value;
  }
  return { column: { name, form, first }, bytes: bytesOf(steps) };
}

const STEPS = { step8: Int8Array, step16: Int16Array, step32: Int32Array } as const;

/** The narrowest form that gives every value back exactly. */
function formOf(values: Numbers): Form {
  let widest = 0;
  let before = values[0] ?? 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? noStep(row);
    // Between safe integers a step is exact; a minus zero would come back as a plain one.
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) return "raw";
    widest = Math.max(widest, Math.abs(value - before));
    before = value;
  }
  const bits = widest < 2 ** 7 ? 8 : widest < 2 ** 15 ? 16 : widest < 2 ** 31 ? 32 : 64;
  if (bits >= values.BYTES_PER_ELEMENT * 8) return "raw";
  return bits === 8 ? "step8" : bits === 16 ? "step16" : "step32";
}

/** Takes the columns of a block up one after the other. */
class Unpacking {
  readonly #block: Uint8Array<ArrayBuffer>;
  readonly #header: Header;
  #at: number;
  #column = 0;

  constructor(block: Uint8Array<ArrayBuffer>, at: number, header: Header) {
    this.#block = block;
    this.#at = at;
    this.#header = header;
  }

  uint8(name: string): Uint8Array {
    this.#take(name, "raw");
    return new Uint8Array(this.#block.buffer, this.#advance(1), this.#header.rows);
  }

  int32(name: string): Int32Array {
    const { rows } = this.#header;
    const { form, first } = this.#take(name);
    if (form === "raw") return new Int32Array(this.#block.buffer, this.#advance(4), rows);
    return addUpInt32(new Int32Array(this.#steps(form)), first);
  }

  float64(name: string): Float64Array {
    const { rows } = this.#header;
    const { form, first } = this.#take(name);
    if (form === "raw") return new Float64Array(this.#block.buffer, this.#advance(8), rows);
    return addUpFloat64(new Float64Array(this.#steps(form)), first);
  }

  #steps(form: "step8" | "step16" | "step32"): Steps {
    const Shape = STEPS[form];
    const at = this.#advance(Shape.BYTES_PER_ELEMENT);
    return new Shape(this.#block.buffer, at, this.#header.rows);
  }

  #take(name: string, must?: Form): PackedColumn {
    const column = this.#header.columns[this.#column++];
    if (column?.name === name && (must ?? column.form) === column.form) return column;
    throw new Bug(`columns were laid down in another order: ${name}`);
  }

  /** Where the column begins, moving on to the next one. */
  #advance(bytesPerRow: number): number {
    const at = this.#at;
    this.#at += aligned(this.#header.rows * bytesPerRow);
    return this.#block.byteOffset + at;
  }
}

/** Adds steps up where they stand. Twice the same: one loop for both kinds takes twice as long. */
function addUpInt32(steps: Int32Array, first: number): Int32Array {
  let value = first;
  for (let row = 0; row < steps.length; row++) {
    value += steps[row] ?? noStep(row);
    steps[row] = value;
  }
  return steps;
}

function addUpFloat64(steps: Float64Array, first: number): Float64Array {
  let value = first;
  for (let row = 0; row < steps.length; row++) {
    value += steps[row] ?? noStep(row);
    steps[row] = value;
  }
  return steps;
}

function noStep(row: number): never {
  throw new Bug(`no step to row ${row}`);
}

/** The next place where any column may begin: a float64 must lie at a multiple of 8. */
function aligned(at: number): number {
  return Math.ceil(at / 8) * 8;
}

/** The memory of an array. */
function bytesOf(values: Numbers | Steps): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** CRC-32: against accidents, at a twentieth of the time of a digest (measured). */
function checksumOf(block: Uint8Array): number {
  return crc32(block.subarray(LENGTH_AT));
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
