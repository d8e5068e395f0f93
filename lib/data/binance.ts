// The rows of Binance's public archives. A file of an archive may lack its header, times are in ms or
// (spot from 2025 on) in µs, and spot and futures differ in their columns: so what a file holds is
// told from the shape of its first row and not from its name.

import { DataFault } from "./fault.ts";
import {
  candleFlaw,
  candleLine,
  type ImportedCounts,
  type ImportedKind,
  type ImportedRow,
  plainDecimal,
} from "./imported.ts";

/** A complaint about one column. */
interface Flaw {
  readonly column: string;
  readonly rule: string;
}

/** What a file holds and where its columns are, counted from 0. */
interface Form {
  readonly kind: ImportedKind;
  /** Ascends from row to row; absent where only time does. */
  readonly id?: number;
  readonly time: number;
  readonly line: (row: CellsOf, timeUs: number) => string | Flaw;
}

const LINE_LIMIT = 65_536;
const FLAG = /^(true|false)$/i;
const DIGITS = /^\d+$/;
/** What a header calls the time: klines, trades, aggTrades, bookTicker. */
const headerTimes: readonly string[] = ["open_time", "time", "transact_time", "transaction_time"];

/** Hands the rows of a .csv to `take` in their order. Throws `DataFault`. */
export async function readBinance(
  path: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  take: (row: ImportedRow) => void,
): Promise<ImportedCounts> {
  const rows = new Rows(path, take);
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LINE_LIMIT) {
      throw new DataFault({ file: path, rule: `a line must be below ${LINE_LIMIT} bytes` });
    }
    for (const line of lines) rows.take(line);
  }
  if (rest !== "") rows.take(rest);
  return rows.finish();
}

class Rows {
  readonly #path: string;
  readonly #take: (row: ImportedRow) => void;
  #form: Form | undefined;
  #line = 0;
  #rows = 0;
  #time = 0;
  #id = -1;
  #late = 0;

  constructor(path: string, take: (row: ImportedRow) => void) {
    this.#path = path;
    this.#take = take;
  }

  take(line: string): void {
    this.#line++;
    const cells = line.trimEnd().split(",");
    const [first = ""] = cells;
    if (this.#line === 1 && !DIGITS.test(first)) return this.#header(line.trimEnd(), cells);
    if (line.trim() === "") return;
    const form = this.#form ??= this.#formOf(cells);
    const row = new CellsOf(cells);
    const flaw = this.#idFlaw(form, row) ?? this.#row(form, row);
    if (flaw === undefined) return;
    const { column, rule } = flaw;
    throw new DataFault({ file: this.#path, row: this.#line, column, rule, value: line.trimEnd() });
  }

  finish(): ImportedCounts {
    if (this.#rows > 0) return { late: this.#late, repeated: 0 };
    throw new DataFault({ file: this.#path, rule: "the file must hold a row" });
  }

  /** Only what cannot be told from the rows below: an inverse contract looks like any other. */
  #header(line: string, names: readonly string[]): void {
    const isKnown = names.some((name) => headerTimes.includes(name));
    if (isKnown && !names.includes("base_qty")) return;
    throw new DataFault({
      file: this.#path,
      row: 1,
      rule: names.includes("base_qty")
        ? "cannot be played: an inverse contract is worth quote currency, not base"
        : "must be a row of Binance's klines, trades, aggTrades or bookTicker",
      value: line,
    });
  }

  #formOf(cells: readonly string[]): Form {
    const form = forms.find(({ fits }) => fits(cells));
    if (form !== undefined) return form;
    throw new DataFault({
      file: this.#path,
      row: this.#line,
      rule: "must be a row of Binance's klines, trades, aggTrades or bookTicker",
      value: cells.join(","),
    });
  }

  #idFlaw({ id: at }: Form, row: CellsOf): Flaw | undefined {
    if (at === undefined) return undefined;
    const id = row.whole(at);
    if (id === undefined) return { column: "id", rule: "must be a whole number" };
    if (id <= this.#id) return { column: "id", rule: "must be above that of the row before" };
    this.#id = id;
    return undefined;
  }

  #row({ kind, time: at, line }: Form, row: CellsOf): Flaw | undefined {
    let timeUs = row.timeUs(at);
    if (timeUs === undefined) return { column: "time", rule: "must be a time in ms or µs" };
    if (kind === "klines" && timeUs <= this.#time) {
      return { column: "time", rule: "must be after the row before" };
    }
    if (timeUs < this.#time) {
      timeUs = this.#time;
      this.#late++;
    }
    const text = line(row, timeUs);
    if (typeof text !== "string") return text;
    this.#time = timeUs;
    this.#rows++;
    this.#take({ kind, text });
    return undefined;
  }
}

/** The cells of one row. */
class CellsOf {
  readonly #cells: readonly string[];

  constructor(cells: readonly string[]) {
    this.#cells = cells;
  }

  text(at: number): string {
    return this.#cells[at] ?? "";
  }

  whole(at: number): number | undefined {
    const text = this.text(at);
    const value = Number(text);
    return DIGITS.test(text) && Number.isSafeInteger(value) ? value : undefined;
  }

  decimal(at: number): string | undefined {
    return plainDecimal(this.text(at));
  }

  /** 13 digits are ms and 16 are µs. */
  timeUs(at: number): number | undefined {
    const text = this.text(at);
    if (!/^(\d{13}|\d{16})$/.test(text)) return undefined;
    return text.length === 13 ? Number(text) * 1_000 : Number(text);
  }
}

/** Columns behind each other that must be decimals; those named `price` above zero. */
function decimals(
  row: CellsOf,
  columns: readonly (readonly [string, number])[],
): readonly string[] | Flaw {
  const found: string[] = [];
  for (const [column, at] of columns) {
    const value = row.decimal(at);
    if (value === undefined) return { column, rule: "must be a number not below zero" };
    if (column === "price" && Number(value) === 0) return { column, rule: "must be above zero" };
    found.push(value);
  }
  return found;
}

function candle(row: CellsOf, timeUs: number): string | Flaw {
  const found = decimals(row, [["open", 1], ["high", 2], ["low", 3], ["close", 4], ["volume", 5]]);
  if (!isList(found)) return found;
  if (timeUs % 1_000 !== 0) return { column: "time", rule: "must be a whole ms" };
  const [open = "", high = "", low = "", close = "", volume = ""] = found;
  const cells = { open, high, low, close, volume };
  return candleFlaw(cells) ?? candleLine(timeUs / 1_000, cells);
}

/** `flag`: where the file says whether the bid was the maker, and so the aggressor an ask. */
function trade(flag: number) {
  return (row: CellsOf, timeUs: number): string | Flaw => {
    const found = decimals(row, [["price", 1], ["quantity", 2]]);
    if (!isList(found)) return found;
    const word = row.text(flag).toLowerCase();
    if (!FLAG.test(word)) return { column: "is_buyer_maker", rule: "must be true or false" };
    const [price = "", quantity = ""] = found;
    return `${timeUs},${price},${quantity},${word === "true" ? "sell" : "buy"}`;
  };
}

function touch(row: CellsOf, timeUs: number): string | Flaw {
  const found = decimals(row, [["bid", 1], ["bid quantity", 2], ["ask", 3], ["ask quantity", 4]]);
  if (!isList(found)) return found;
  const [bid, bidQuantity, ask, askQuantity] = found.map(Number);
  const isTwoSided = bidQuantity !== 0 && askQuantity !== 0;
  if (isTwoSided && Number(ask) < Number(bid)) {
    return { column: "ask", rule: "must be at least the bid" };
  }
  return `${timeUs},${found.join(",")}`;
}

function isList(found: readonly string[] | Flaw): found is readonly string[] {
  return Array.isArray(found);
}

const isFlag = (cells: readonly string[], at: number) => FLAG.test(cells[at] ?? "");
const isWhole = (cells: readonly string[], at: number) => DIGITS.test(cells[at] ?? "");

/** The forms there are, each with the shape that no other has. */
const forms: readonly (Form & { readonly fits: (cells: readonly string[]) => boolean })[] = [
  // open_time, open, high, low, close, volume, close_time, …, ignore
  { kind: "klines", time: 0, line: candle, fits: (cells) => cells.length === 12 },
  // id, price, quantity, first id, last id, time, is_buyer_maker[, best match]
  {
    kind: "trades",
    id: 0,
    time: 5,
    line: trade(6),
    fits: (cells) => [7, 8].includes(cells.length) && isFlag(cells, 6) && isWhole(cells, 5),
  },
  // id, price, quantity, quote quantity, time, is_buyer_maker[, best match]
  {
    kind: "trades",
    id: 0,
    time: 4,
    line: trade(5),
    fits: (cells) => [6, 7].includes(cells.length) && isFlag(cells, 5),
  },
  // update id, bid, bid quantity, ask, ask quantity, time, time sent
  {
    kind: "bbo",
    id: 0,
    time: 5,
    line: touch,
    fits: (cells) => cells.length === 7 && isWhole(cells, 5) && isWhole(cells, 6),
  },
];
