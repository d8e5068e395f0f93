// Lines of recordings for the tests of this folder, with quantities and prices as the wire has them.

import { ROW, type Tape } from "../../lib/core/columns.ts";
import type { Market } from "../../lib/core/market.ts";
import { type Micros, micros } from "../../lib/core/units.ts";
import { rowAt } from "../../lib/data/rows.ts";
import { readRecording, type RecordingReport } from "../../lib/data/recording.ts";
import type { OnError } from "../../lib/data/report.ts";
import { Folder, sol } from "./files.ts";
import { textOf } from "./rows.ts";

type Pairs = readonly (readonly [string, string])[];

/** The first line of a recording of SOL_USDC. */
export const HEADER = '{"recording":1,"venue":"backpack","symbol":"SOL_USDC"}';

/** A frame as it is sent. */
export function frame(type: string, data: object, symbol = "SOL_USDC"): string {
  return JSON.stringify({ data: { ...data, s: symbol }, stream: `${type}.${symbol}` });
}

/** A seller of 1.00 unless told otherwise. */
export function trade(T: number, p: string, more: { q?: string; m?: boolean } = {}): string {
  return frame("trade", { T, p, q: "1.00", m: true, t: 7, ...more });
}

/** Best prices with quantities of 1.00; null is an empty side. */
export function touch(T: number, b: string | null, a: string | null): string {
  return frame("bookTicker", { T, u: 1, b, B: b && "1.00", a, A: a && "1.00" });
}

/** A change of the book under update ids U to u. */
export function depth(T: number, U: number, u: number, b: Pairs, a: Pairs = []): string {
  return frame("depth", { T, U, u, b, a });
}

/** A line: a frame and when it came. */
export function line(at: number, text: string): string {
  return `{"at":${at},"frame":${text}}`;
}

/** A line with a whole book. */
export function snapshot(time: number, lastId: number, bids: Pairs, asks: Pairs = []): string {
  const reply = { bids, asks, lastUpdateId: String(lastId), timestamp: time };
  return `{"at":${time},"path":"/api/v1/depth","reply":${JSON.stringify(reply)}}`;
}

/** A time Backpack would send: µs, so that it is not taken for ms. */
export const START = 1_700_000_000_000_000;

/** Reads lists of lines as files of one recording, times shown from START on. */
export async function rowsOf(
  files: readonly (readonly string[])[],
  options: { market?: Market; errors?: OnError; from?: Micros } = {},
): Promise<{ rows: string[]; report: RecordingReport }> {
  using folder = new Folder();
  const paths = files.map((lines, i) => folder.write(`${i + 1}.jsonl.gz`, lines));
  const { market = sol, errors = "refuse", ...range } = options;
  const { tape, report } = await readRecording(paths, market, { errors, ...range });
  return { rows: shown(tape), report };
}

/** `textOf` with times from START on, and marks in words. */
export function shown(tape: Tape): string[] {
  return textOf(tape).map((text, i) => {
    const { kind, time, price, quantity, askPrice } = rowAt(tape, i);
    const words = kind === ROW.mark
      ? `mark ${price} ${askPrice} ${quantity}`
      : text.slice(text.indexOf(" ") + 1);
    return `${time - START} ${words}`;
  });
}

/** START and so many µs. */
export function at(offset: number): Micros {
  return micros(START + offset);
}
