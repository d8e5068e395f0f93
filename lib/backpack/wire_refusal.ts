// A refused request. The body is JSON with a code and a message, or plain text where Backpack's own
// parser refused (and HTML where a proxy did), so reading one never fails: whatever came is kept,
// shortened, for a person to read.

import type { Reason } from "../core/event.ts";
import { shorten, WireFault } from "./wire_fault.ts";
import { readRow, type Row } from "./wire_row.ts";

/** What the exchange answered instead of doing it. */
export interface Refusal {
  /** Backpack's code (`INSUFFICIENT_FUNDS`); undefined where the body had none. */
  readonly code: string | undefined;
  /** One line. */
  readonly message: string;
}

const LONGEST_MESSAGE = 200;

/** Texts with a meaning that their code does not carry, and the expiry reason that says the same. */
const meanings: readonly (readonly [RegExp, Reason])[] = [
  // INVALID_ORDER; newer replies may be an order expired with this reason instead.
  [/immediately match and take/i, "PostOnlyTaker"],
  [/reduce only order not reduced/i, "ReduceOnlyNotReduced"],
];

/** The body of a reply that is not a success. Never throws. */
export function readRefusal(text: string): Refusal {
  try {
    return refusalOf(readRow("refusal", text));
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    return { code: undefined, message: shorten(text.trim(), LONGEST_MESSAGE) };
  }
}

/** The refusal of one order of a batch, and of a frame. Throws `WireFault`. */
export function refusalOf(row: Row): Refusal {
  return { code: row.text("code"), message: shorten(row.text("message"), LONGEST_MESSAGE) };
}

/** The refusal in the core's words: an expiry reason where one says the same, else code, else message. */
export function reasonOf({ code, message }: Refusal): Reason {
  const meaning = meanings.find(([text]) => text.test(message));
  return meaning?.[1] ?? code ?? message;
}
