// What the readers of other programs' files have in common: the rows they become, and numbers kept
// as the digits they were written in, since a float in between would lose the last one.

/** The files that other programs' data becomes. */
export type ImportedKind = "klines" | "trades" | "bbo";

/** One row of such a file. */
export interface ImportedRow {
  readonly kind: ImportedKind;
  /** As one line of the file. */
  readonly text: string;
}

/** How a file was read. */
export interface ImportedCounts {
  /** Rows stamped before the one above them, and given its time. */
  readonly late: number;
  /** Candles found twice with the same numbers, and kept once. */
  readonly repeated: number;
}

/** The columns of each kind. */
export const importedHeaders: { readonly [kind in ImportedKind]: string } = {
  klines: "ts_ms,open,high,low,close,volume",
  trades: "ts_us,price,qty,side",
  bbo: "ts_us,bid_px,bid_qty,ask_px,ask_qty",
};

/** The five numbers of a candle, as decimals. */
export interface CandleCells {
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
}

const shape = /^(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** A number as plain digits, exact; undefined for one that is none, or below zero. */
export function plainDecimal(text: string): string | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return text;
  const match = shape.exec(text);
  if (match === null) return undefined;
  const [, whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `0.${"0".repeat(-point)}${digits}`;
  const head = digits.slice(0, point).padEnd(point, "0").replace(/^0+(?=\d)/, "");
  const tail = digits.slice(point);
  return tail === "" ? head : `${head}.${tail}`;
}

/** What is wrong with a candle: the column and the rule. */
export function candleFlaw(
  cells: CandleCells,
): { readonly column: keyof CandleCells; readonly rule: string } | undefined {
  const high = Number(cells.high);
  const low = Number(cells.low);
  const isInside = (text: string) => Number(text) >= low && Number(text) <= high;
  if (low === 0) return { column: "low", rule: "must be above zero" };
  if (high < low) return { column: "high", rule: "must be at least low" };
  if (!isInside(cells.open)) return { column: "open", rule: "must be within low and high" };
  if (!isInside(cells.close)) return { column: "close", rule: "must be within low and high" };
  return undefined;
}

/** A candle as a line of its file; `startMs` is in ms. */
export function candleLine(startMs: number, cells: CandleCells): string {
  const { open, high, low, close, volume } = cells;
  return `${startMs},${open},${high},${low},${close},${volume}`;
}
