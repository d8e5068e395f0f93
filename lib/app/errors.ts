// What ends a command and with which exit code. A mistake of a person is one line that names the
// key, the rule and the value; a mistake of this program is shown whole, with its stack, and never
// passed off as the other.

import { Bug } from "../core/assert.ts";
import { nearest } from "./nearest.ts";

/** Exit codes of the program, by what they mean. */
export const ExitCode = {
  done: 0,
  failure: 1,
  usage: 2,
  notRunning: 3,
  pluginStopped: 4,
  timeOut: 5,
  riskHalt: 6,
  keysRefused: 7,
  ordersMayRemain: 8,
  bug: 70,
  locked: 75,
} as const;

/** Something a person can put right. The message is the one line they read. */
export class UserError extends Error {
  override readonly name = "UserError";
  constructor(message: string, readonly exitCode: number = ExitCode.usage) {
    super(oneLine(message));
  }
}

/** The complaint about one value: "Cannot <doing> as <key> <rule>: current value is <value>". */
export function badValue(
  complaint: {
    readonly doing: string;
    readonly key: string;
    readonly rule: string;
    readonly value: unknown;
  },
): UserError {
  const { doing, key, rule, value } = complaint;
  return new UserError(`Cannot ${doing} as ${key} ${rule}: current value is ${shown(key, value)}`);
}

/** `badValue` for a name that is none of `names`: names the nearest of them. */
export function unknownName(
  complaint: {
    readonly doing: string;
    readonly key: string;
    readonly kind: string;
    readonly value: unknown;
    readonly given: string;
    readonly names: readonly string[];
  },
): UserError {
  const { doing, key, kind, value, given, names } = complaint;
  const hint = nearest(given, names);
  const rule = hint === undefined
    ? `must be ${kind}, and there is none`
    : `must be ${kind} (nearest: ${hint})`;
  return badValue({ doing, key, rule, value });
}

/** Calls `read`; a `RangeError` it throws becomes "Cannot <doing> as <its message>". */
export function orComplain<T>(doing: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Error) || !isComplaint(error)) throw error;
    throw new UserError(`Cannot ${doing} as ${error.message}`);
  }
}

/** What to print of an error, and the exit code it ends the program with. */
export function verdict(error: unknown): { readonly text: string; readonly exitCode: number } {
  if (error instanceof UserError) return { text: error.message, exitCode: error.exitCode };
  if (!(error instanceof Error)) return bug(`thrown: ${String(error)}`);
  if (error instanceof Bug) return bug(error.stack ?? error.message);
  // By name: the readers of `lib/data` are not loaded just to recognise their error.
  if (error.name === "DataFault") return { text: oneLine(error.message), exitCode: ExitCode.usage };
  if (error.name === "JournalFault") {
    return { text: oneLine(error.message), exitCode: ExitCode.failure };
  }
  if (isComplaint(error)) {
    return { text: oneLine(`Cannot start as ${error.message}`), exitCode: ExitCode.usage };
  }
  const refusal = refusalOf(error);
  if (refusal !== undefined) {
    return { text: `Cannot go on: ${refusal}`, exitCode: ExitCode.failure };
  }
  return bug(error.stack ?? error.message);
}

/** Joins the lines of a text and trims it. */
export function oneLine(text: string): string {
  return plain(text).trim();
}

/** Replaces line ends and what else would move the cursor of a terminal by a space. */
export function plain(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ");
}

// `RangeError` is also what the engine throws for an array that is too long or a stack too deep.
// Only one that names a value is about the person's settings; any other is a bug.
function isComplaint(error: Error): boolean {
  return error instanceof RangeError && error.message.includes("current value is");
}

/**
 * What the machine said that the program runs on: a full disk, a missing right, a lost connection.
 * Undefined for any other error. Deno's advice is left out: a compiled program has no such flag.
 */
export function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (!Object.values(Deno.errors).some((kind) => error instanceof kind)) return undefined;
  return oneLine(error.message).replace(/, run again with the --allow-[a-z]+ flag$/, "");
}

function bug(text: string): { readonly text: string; readonly exitCode: number } {
  return { text: `This is a bug in bpx-bot, please report it: ${text}`, exitCode: ExitCode.bug };
}

/** A value as an error may show it: never a secret by its key, nor what may have one inside. */
function shown(key: string, value: unknown): string {
  if (/secret|token|password|private|api_?key/i.test(key)) return "(hidden)";
  if (value === undefined) return "not set";
  if (value === "") return "empty";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
