// What a reader did to the files it was given. Every row that did not arrive exactly as recorded
// is counted here, so that a backtest can show how much of its data was bent to fit the market.

import type { Micros } from "../core/units.ts";

/** What a file holds, told from its header. */
export type FileKind = "klines" | "trades" | "bbo" | "topN" | "depth" | "funding" | "recording";

/** Whether a bad row ends the reading or is left out and counted. */
export type OnError = "refuse" | "skip";

/** How to read, and which stretch of time to keep: `from` ≤ time < `to`, in µs. */
export interface ReadOptions {
  readonly errors: OnError;
  readonly from?: Micros;
  readonly to?: Micros;
}

/** One file as it was read. */
export interface FileReport {
  readonly path: string;
  readonly kind: FileKind;
  /** Rows below the header, those skipped included. */
  readonly rows: number;
  /** Of the file as it lies on the disk, in hexadecimal. */
  readonly sha256: string;
}

/** Everything read in one call. */
export interface DataReport {
  readonly files: readonly FileReport[];
  /** Rows delivered. */
  readonly rows: number;
  /** Bad rows left out (`errors: "skip"` only). */
  readonly skipped: number;
  /** Prices moved to the tick grid. */
  readonly rounded: number;
  /** Quantities below one lot, and depth rows that the snapshot already contains. */
  readonly dropped: number;
  /** Quantities cut to the most a column holds, 2^31 - 1 lots. */
  readonly clamped: number;
  /** Candles: missing bars. Depth: breaks in the chain of message ids. */
  readonly gaps: number;
  /** Time of the first and last row delivered; undefined when there is none. */
  readonly from: Micros | undefined;
  readonly to: Micros | undefined;
}
