// What became of a request, in five words that a trader can act on. The line that matters runs
// between "nothing happened" and "it may have happened": an order on the wrong side of it is lost or
// doubled. So a refusal counts only where the exchange itself could have said it, and in doubt a
// command may have happened.

import { unreachable } from "../core/assert.ts";
import { shorten, WireFault } from "./wire_fault.ts";
import { readRefusal, type Refusal } from "./wire_refusal.ts";

/** The outcome of a request. Reasons are one line and hold no key and no signature. */
export type Reply<T> =
  | { readonly kind: "ok"; readonly value: T }
  /** The exchange said no: nothing happened. */
  | { readonly kind: "refused"; readonly status: number; readonly refusal: Refusal }
  /** 429, or our own budget is spent: nothing happened. */
  | { readonly kind: "limited" }
  /** It may have happened: time-out, 5xx, a lost connection, an unreadable answer to a command. */
  | { readonly kind: "unknown"; readonly reason: string }
  /** Certainly not done: it never left; or a query whose answer cannot be read. */
  | { readonly kind: "failed"; readonly reason: string };

/** What the network made of a request. */
export type Answer =
  | { readonly kind: "answer"; readonly status: number; readonly text: string }
  /** It never reached the host. */
  | { readonly kind: "unsent"; readonly reason: string }
  /** It left, or may have, and no whole answer came. */
  | { readonly kind: "lost"; readonly reason: string };

/** How to read an answer. */
export interface Reading<T> {
  /** A query changes nothing, so an answer that cannot be read leaves nothing in doubt. */
  readonly asks: "query" | "command";
  /** The body of a 200. Throws `WireFault`. */
  readonly read: (text: string) => T;
  /** A status that has a meaning without a body: 202, cancel accepted; 204, nothing to tell. */
  readonly bare?: { readonly status: number; readonly value: T };
}

/** The longest piece of a foreign text in a reason. */
const LONGEST_REASON = 160;
/** A proxy waited for us: whether it passed anything on is not known. */
const REQUEST_TIMEOUT = 408;
const TOO_MANY_REQUESTS = 429;
/** Codes of Backpack's that say it may have happened all the same. */
const uncertain: readonly (string | undefined)[] = ["TIMEOUT", "SERVER_ERROR"];

/** True where a refusal leaves open whether it happened; the element of a batch can be such a one. */
export function mayHaveHappened({ code }: Refusal): boolean {
  return uncertain.includes(code);
}

/** The reply in an answer; a fault in the wire is told to `onFault` too. Throws nothing. */
export function replyOf<T>(
  answer: Answer,
  reading: Reading<T>,
  onFault?: (fault: WireFault) => void,
): Reply<T> {
  switch (answer.kind) {
    case "unsent":
      return { kind: "failed", reason: answer.reason };
    case "lost":
      return { kind: "unknown", reason: answer.reason };
    case "answer":
      break;
    default:
      return unreachable(answer);
  }
  const { status, text } = answer;
  if (status === reading.bare?.status) return { kind: "ok", value: reading.bare.value };
  if (status === 200) return readReply(text, reading, onFault);
  if (status === TOO_MANY_REQUESTS) return { kind: "limited" };
  if (status < 400) return unreadable(reading, `HTTP ${status} is not an answer to this request`);
  if (status >= 500 || status === REQUEST_TIMEOUT) return unknown(status, text);
  if (isPage(text)) return unreadable(reading, `HTTP ${status} with a web page: ${shown(text)}`);
  return refused(status, text);
}

function readReply<T>(
  text: string,
  reading: Reading<T>,
  onFault?: (fault: WireFault) => void,
): Reply<T> {
  try {
    return { kind: "ok", value: reading.read(text) };
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    onFault?.(error);
    return unreadable(reading, error.message);
  }
}

function unreadable<T>({ asks }: Reading<T>, reason: string): Reply<T> {
  return { kind: asks === "query" ? "failed" : "unknown", reason };
}

function unknown(status: number, text: string): Reply<never> {
  const { code, message } = readRefusal(text);
  const words = [code, isPage(text) ? `a web page: ${shown(text)}` : message].filter(Boolean);
  return { kind: "unknown", reason: [`HTTP ${status}`, ...words].join(" ") };
}

function refused(status: number, text: string): Reply<never> {
  const refusal = readRefusal(text);
  if (refusal.code === "TOO_MANY_REQUESTS") return { kind: "limited" };
  if (mayHaveHappened(refusal)) return unknown(status, text);
  if (refusal.message !== "") return { kind: "refused", status, refusal };
  return { kind: "refused", status, refusal: { ...refusal, message: `HTTP ${status}` } };
}

/** A proxy or a firewall answered in the place of the exchange. */
function isPage(text: string): boolean {
  return text.trimStart().startsWith("<");
}

/** What a person would read first: the title of the page, or else how it begins. */
function shown(page: string): string {
  const title = /<title[^>]*>([^<]*)/i.exec(page)?.[1]?.trim() ?? "";
  return shorten(title === "" ? page.trim() : title, LONGEST_REASON);
}
