// Candles as JSON lists of numbers, the form in which ccxt, freqtrade and Coinbase hand them out. They
// differ in the unit of time and the order of the columns, and nothing in the file says which it is:
// Coinbase alone counts seconds. Read by hand, since JSON.parse would make floats of the prices and
// forget the line they stood in.

import { DataFault } from "./fault.ts";
import {
  candleFlaw,
  candleLine,
  type ImportedCounts,
  type ImportedRow,
  plainDecimal,
} from "./imported.ts";

const names = ["open", "high", "low", "close", "volume"] as const;
type Name = (typeof names)[number];

/** Where each column stands behind the time. */
const forms = {
  /** ccxt and freqtrade: time in ms. */
  ms: ["open", "high", "low", "close", "volume"],
  /** Coinbase: time in s. */
  s: ["low", "high", "open", "close", "volume"],
} as const satisfies { readonly [unit: string]: readonly Name[] };
type Unit = keyof typeof forms;

/** Times in s have 9 or 10 digits from 1973 to 2286, times in ms 12 or 13. */
const timeShapes: { readonly [unit in Unit]: RegExp } = { s: /^\d{9,10}$/, ms: /^\d{12,13}$/ };

interface Candle {
  readonly startMs: number;
  readonly text: string;
  /** Where it begins in the file. */
  readonly at: number;
}

/**
 * Hands the candles of a JSON text to `take`, oldest first whatever their order in the file. One that
 * stands there twice with the same numbers is taken once. Throws `DataFault`.
 */
export function readCandleArrays(
  path: string,
  text: string,
  take: (row: ImportedRow) => void,
): ImportedCounts {
  const scanner = new Scanner(path, text);
  const candles = scanner.candles();
  if (candles.length === 0) {
    throw new DataFault({ file: path, rule: "the list must hold a candle" });
  }
  candles.sort((a, b) => a.startMs - b.startMs);
  let last: Candle | undefined;
  let repeated = 0;
  for (const candle of candles) {
    if (candle.startMs === last?.startMs) {
      if (candle.text !== last.text) {
        const rule = "must not be another candle of a time that has one";
        throw scanner.fault(candle.at, rule, { value: candle.text });
      }
      repeated++;
      continue;
    }
    take({ kind: "klines", text: candle.text });
    last = candle;
  }
  return { late: 0, repeated };
}

/** Reads `[[…], […]]` from the text, and knows where it is. */
class Scanner {
  readonly #path: string;
  readonly #text: string;
  readonly #token = /\s*(?:([[\],])|"([^"\\]*)"|([^\s[\],"]+))/y;
  #at = 0;

  constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
  }

  candles(): Candle[] {
    const found: Candle[] = [];
    let unit: Unit | undefined;
    this.#sign("[");
    if (this.#peek() === "]") this.#sign("]");
    else {
      do {
        const at = this.#at;
        const cells = this.#cells(found.length + 1);
        unit ??= unitOf(cells[0] ?? "");
        found.push(this.#candle(cells, unit, { at, name: `candle ${found.length + 1}` }));
      } while (this.#comma());
    }
    if (this.#text.slice(this.#at).trim() !== "") {
      throw this.fault(this.#at, "must end with its list");
    }
    return found;
  }

  /** A fault at a place of the text, told by its line. */
  fault(at: number, rule: string, more: { column?: string; value?: string } = {}): DataFault {
    const before = this.#text.slice(0, at + (/^\s*/.exec(this.#text.slice(at))?.[0].length ?? 0));
    const row = before.split("\n").length;
    return new DataFault({ file: this.#path, row, rule, ...more });
  }

  #cells(candle: number): string[] {
    const cells: string[] = [];
    this.#sign("[");
    do {
      const { sign, cell } = this.#next();
      if (sign !== undefined || cell === undefined) {
        throw this.fault(this.#at, `must have numbers in candle ${candle}`);
      }
      cells.push(cell);
    } while (this.#comma());
    return cells;
  }

  #candle(
    cells: readonly string[],
    unit: Unit | undefined,
    { at, name: of }: { readonly at: number; readonly name: string },
  ): Candle {
    const [time = "", ...rest] = cells;
    if (unit === undefined || !timeShapes[unit].test(time)) {
      const rule = `must be a time in ${
        unit === undefined ? "s or ms" : `${unit}, like the first`
      }`;
      throw this.fault(at, rule, { column: `${of} time`, value: time });
    }
    const columns = forms[unit];
    if (rest.length !== columns.length) {
      const rule = `must have 6 numbers, not ${cells.length}`;
      throw this.fault(at, rule, { column: of, value: cells.join(",") });
    }
    const number = (name: Name): string => {
      const value = rest[columns.findIndex((column) => column === name)] ?? "";
      const plain = plainDecimal(value);
      if (plain !== undefined) return plain;
      throw this.fault(at, "must be a number not below zero", { column: `${of} ${name}`, value });
    };
    const candle = {
      open: number("open"),
      high: number("high"),
      low: number("low"),
      close: number("close"),
      volume: number("volume"),
    };
    const flaw = candleFlaw(candle);
    if (flaw !== undefined) {
      const { column, rule } = flaw;
      throw this.fault(at, rule, { column: `${of} ${column}`, value: candle[column] });
    }
    const startMs = Number(time) * (unit === "s" ? 1_000 : 1);
    return { startMs, text: candleLine(startMs, candle), at };
  }

  /** True behind a comma, false behind the end of the list. */
  #comma(): boolean {
    const at = this.#at;
    const { sign } = this.#next();
    if (sign === "," || sign === "]") return sign === ",";
    throw this.fault(at, "must go on with a comma or end with ]");
  }

  #peek(): string | undefined {
    const at = this.#at;
    const { sign } = this.#next();
    this.#at = at;
    return sign;
  }

  #sign(wanted: "[" | "]"): void {
    const at = this.#at;
    if (this.#next().sign !== wanted) throw this.fault(at, "must be a list of lists of numbers");
  }

  #next(): { readonly sign?: string; readonly cell?: string } {
    this.#token.lastIndex = this.#at;
    const match = this.#token.exec(this.#text);
    if (match === null) throw this.fault(this.#text.length, "must be whole: the list does not end");
    this.#at = this.#token.lastIndex;
    const [, sign, quoted, bare] = match;
    if (sign !== undefined) return { sign };
    return { cell: quoted ?? bare ?? "" };
  }
}

function unitOf(time: string): Unit | undefined {
  if (timeShapes.s.test(time)) return "s";
  return timeShapes.ms.test(time) ? "ms" : undefined;
}
