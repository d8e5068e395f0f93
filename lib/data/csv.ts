// Rows of a CSV file as whole numbers, straight from the bytes: no strings, no floats in between,
// so a price arrives exactly as it was written and a file of a million rows in under a second.
// A cell that is not plain digits takes the slow way, where exponents and signs are judged.

import { Bug } from "../core/assert.ts";
import { DataFault } from "./fault.ts";
import { readOdd } from "./odd.ts";
import type { OnError } from "./report.ts";
import type { Source } from "./source.ts";

/** A column wanted from the file, wherever it stands there. */
export type Column =
  | {
    /**
     * whole: digits only (times, ids). decimal: not negative. signed: any.
     * The value comes × 10^decimals, digits beyond that are cut off and reported as cut.
     */
    readonly form: "whole" | "decimal" | "signed";
    readonly name: string;
    readonly decimals: number;
  }
  | {
    /** One of `words`; the value is its index. */
    readonly form: "word";
    readonly name: string;
    readonly words: readonly string[];
  };

/** What is wrong with a row; without a column it is the row as a whole. */
export interface Flaw {
  readonly column?: string;
  readonly rule: string;
}

/** The wanted cells of one row, in the order they were asked for. */
export class Cells {
  /** The line as an editor counts: the header is 1. */
  line = 1;
  readonly #values: Float64Array;
  readonly #cuts: Uint8Array;

  constructor(length: number) {
    this.#values = new Float64Array(length);
    this.#cuts = new Uint8Array(length);
  }

  /** The value of a number column, or the index of the word. */
  value(index: number): number {
    return this.#values[index] ?? noCell(index);
  }

  /** 1 where digits other than zero were cut off, else 0. */
  cut(index: number): number {
    return this.#cuts[index] ?? noCell(index);
  }

  /** Takes in what was read of one cell. */
  put(index: number, value: number, cut: number): void {
    this.#values[index] = value;
    this.#cuts[index] = cut;
  }
}

/** Takes one row, or says why it cannot be taken. The cells are only good until it returns. */
export type TakeRow = (cells: Cells) => Flaw | undefined;

/** Hands every row to `take`. Throws `DataFault` on the first bad row, or counts it when told to skip. */
export async function readRows(
  source: Source,
  columns: readonly Column[],
  errors: OnError,
  take: TakeRow,
): Promise<{ readonly rows: number; readonly skipped: number }> {
  const rows = new Rows(source, columns, errors, take);
  let rest: Uint8Array = new Uint8Array(0);
  for await (const chunk of source.chunks()) {
    const bytes = rest.length === 0 ? chunk : joined(rest, chunk);
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    rows.read(bytes, end);
    rest = bytes.slice(end);
    if (rest.length > LONGEST_LINE) {
      throw new DataFault({
        file: source.path,
        rule: `a line must be below ${LONGEST_LINE} bytes`,
      });
    }
  }
  if (rest.length > 0) rows.read(joined(rest, new Uint8Array([LINE_FEED])), rest.length + 1);
  if (rows.rows === 0) {
    throw new DataFault({ file: source.path, rule: "the file must have a row below its header" });
  }
  return { rows: rows.rows, skipped: rows.skipped };
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const COMMA = 44;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
/** No row of any venue is longer; a file without line ends must not be gathered whole. */
const LONGEST_LINE = 1_048_576;

class Rows {
  rows = 0;
  skipped = 0;
  readonly #source: Source;
  readonly #columns: readonly Column[];
  readonly #errors: OnError;
  readonly #take: TakeRow;
  readonly #cells: Cells;
  /** The words of each wanted column as bytes; none for numbers. */
  readonly #words: readonly (readonly Uint8Array[])[];
  /** For each cell of the file: which wanted column it is, or -1. */
  readonly #wanted: Int32Array;
  #inHeader = true;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(source: Source, columns: readonly Column[], errors: OnError, take: TakeRow) {
    this.#source = source;
    this.#columns = columns;
    this.#errors = errors;
    this.#take = take;
    this.#cells = new Cells(columns.length);
    const encoder = new TextEncoder();
    this.#words = columns.map((column) =>
      column.form === "word" ? column.words.map((word) => encoder.encode(word)) : []
    );
    this.#wanted = Int32Array.from(
      source.header,
      (name) => columns.findIndex((column) => column.name === name),
    );
    for (const { name } of columns) {
      if (!source.header.includes(name)) {
        throw new DataFault({ file: source.path, rule: `the header must have a column "${name}"` });
      }
    }
  }

  /** Reads the whole lines before `end`. */
  read(bytes: Uint8Array, end: number): void {
    this.#bytes = bytes.subarray(0, end);
    this.#at = 0;
    if (this.#inHeader && end > 0) {
      this.#at = this.#bytes.indexOf(LINE_FEED) + 1;
      this.#inHeader = false;
    }
    while (this.#at < end) {
      const start = this.#at;
      this.#cells.line++;
      this.rows++;
      const flaw = this.#row() ?? this.#take(this.#cells);
      if (flaw === undefined) continue;
      this.#at = this.#bytes.indexOf(LINE_FEED, start) + 1;
      if (this.#errors === "refuse") throw this.#fault(flaw, start);
      this.skipped++;
    }
  }

  #row(): Flaw | undefined {
    const last = this.#wanted.length - 1;
    for (let cell = 0; cell <= last; cell++) {
      const index = this.#wanted[cell] ?? noCell(cell);
      if (index < 0) this.#pass();
      else {
        const rule = this.#cell(index);
        if (rule !== undefined) return { column: this.#column(index).name, rule };
      }
      if (this.#byte(this.#at) === CARRIAGE_RETURN) this.#at++;
      if (this.#byte(this.#at) !== (cell === last ? LINE_FEED : COMMA)) {
        return { rule: `must have ${last + 1} cells` };
      }
      this.#at++;
    }
    return undefined;
  }

  /** Reads one cell; the position is behind it. Returns the rule it breaks. */
  #cell(index: number): string | undefined {
    const column = this.#column(index);
    if (column.form === "word") {
      return this.#word(index) ? undefined : `must be one of ${column.words.join(", ")}`;
    }
    if (this.#plainNumber(index, column)) return undefined;
    const start = this.#at;
    this.#pass();
    const text = new TextDecoder().decode(this.#bytes.subarray(start, this.#at));
    const number = readOdd(text, column.form, column.decimals);
    if (typeof number === "string") return number;
    this.#cells.put(index, number.value, number.cut);
    return undefined;
  }

  #word(index: number): boolean {
    const start = this.#at;
    this.#pass();
    const length = this.#at - start;
    const words = this.#words[index] ?? noCell(index);
    const found = words.findIndex((word) =>
      word.length === length && word.every((byte, offset) => this.#byte(start + offset) === byte)
    );
    if (found >= 0) this.#cells.put(index, found, 0);
    return found >= 0;
  }

  /** Reads `digits[.digits]`; false, with the position unmoved, where the cell is anything else. */
  #plainNumber(index: number, column: Column & { readonly decimals: number }): boolean {
    let at = this.#at;
    let byte = this.#byte(at);
    if (byte < ZERO || byte > NINE) return false;
    let value = 0;
    while (byte >= ZERO && byte <= NINE) {
      value = value * 10 + (byte - ZERO);
      byte = this.#byte(++at);
    }
    let missing = column.decimals;
    let cut = 0;
    if (byte === POINT && column.form !== "whole") {
      byte = this.#byte(++at);
      while (byte >= ZERO && byte <= NINE) {
        if (missing > 0) {
          value = value * 10 + (byte - ZERO);
          missing--;
        } else if (byte !== ZERO) cut = 1;
        byte = this.#byte(++at);
      }
    }
    value *= POWERS[missing] ?? noCell(missing);
    // Every step above grows, so a value that ever left the exact range is still outside it.
    if (value > Number.MAX_SAFE_INTEGER) return false;
    if (byte !== COMMA && byte !== LINE_FEED && byte !== CARRIAGE_RETURN) return false;
    this.#at = at;
    this.#cells.put(index, value, cut);
    return true;
  }

  /** Moves behind the present cell. */
  #pass(): void {
    let at = this.#at;
    let byte = this.#byte(at);
    while (byte !== COMMA && byte !== LINE_FEED && byte !== CARRIAGE_RETURN) {
      byte = this.#byte(++at);
    }
    this.#at = at;
  }

  /** What lies behind the end is a line end: the bytes always stop at one. */
  #byte(at: number): number {
    return this.#bytes[at] ?? LINE_FEED;
  }

  #column(index: number): Column {
    return this.#columns[index] ?? noCell(index);
  }

  #fault(flaw: Flaw, start: number): DataFault {
    const place = { file: this.#source.path, row: this.#cells.line, rule: flaw.rule };
    const line = this.#bytes.subarray(start, this.#bytes.indexOf(LINE_FEED, start));
    const cells = new TextDecoder().decode(line).replace(/\r$/, "").split(",");
    if (flaw.column === undefined) return new DataFault({ ...place, value: String(cells.length) });
    const value = cells[this.#source.header.indexOf(flaw.column)];
    if (value === undefined) return new DataFault({ ...place, column: flaw.column });
    return new DataFault({ ...place, column: flaw.column, value });
  }
}

const POWERS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function noCell(index: number): never {
  throw new Bug(`no such cell: ${index}`);
}
