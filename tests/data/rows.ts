// Tape rows as short texts, so that a test can show a whole tape at a glance.

import { ROW, type Tape } from "../../lib/core/columns.ts";
import { type Micros, micros } from "../../lib/core/units.ts";
import { rowAt } from "../../lib/data/rows.ts";
import type { DataReport, OnError } from "../../lib/data/report.ts";
import { readTape } from "../../lib/data/tape.ts";
import type { Market } from "../../lib/core/market.ts";
import { Folder, sol } from "./files.ts";

/** `3 buy 1000x5`: time, what happened, price in ticks, quantity in lots. */
export function textOf(tape: Tape): string[] {
  return Array.from({ length: tape.length }, (_, index) => {
    const { kind, time, price, quantity, askPrice, askQuantity } = rowAt(tape, index);
    switch (kind) {
      case ROW.tradeBid:
        return `${time} buy ${price}x${quantity}`;
      case ROW.tradeAsk:
        return `${time} sell ${price}x${quantity}`;
      case ROW.bbo:
        return `${time} best ${price}x${quantity} ${askPrice}x${askQuantity}`;
      case ROW.bidLevel:
        return `${time} bid ${price}x${quantity}`;
      case ROW.askLevel:
        return `${time} ask ${askPrice}x${askQuantity}`;
      case ROW.reset:
        return `${time} reset`;
      default:
        return `${time} kind ${kind}`;
    }
  });
}

/** Reads texts as files of one tape. */
export async function tapeOf(
  files: readonly (readonly string[])[],
  options: { market?: Market; errors?: OnError; from?: number; to?: number } = {},
): Promise<{ rows: string[]; report: DataReport }> {
  using folder = new Folder();
  const paths = files.map((rows, index) => folder.write(`${index + 1}.csv`, rows));
  const range: { from?: Micros; to?: Micros } = {};
  if (options.from !== undefined) range.from = micros(options.from);
  if (options.to !== undefined) range.to = micros(options.to);
  const { tape, report } = await readTape(paths, options.market ?? sol, {
    errors: options.errors ?? "refuse",
    ...range,
  });
  return { rows: textOf(tape), report };
}
