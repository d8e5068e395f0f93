// What can go wrong with the files of a journal, as one line and one type. Whoever meets one must
// stop placing orders: an order that cannot be written down first would be lost with the process.

/**
 * full: no room. newer: of a later version of this program. damaged: not what was once written.
 * missing: not there and not to be made.
 */
export type JournalFaultKind =
  | "full"
  | "readOnly"
  | "locked"
  | "newer"
  | "damaged"
  | "missing"
  | "failed";

/** Thrown for a journal that cannot be written or read. The message is one line to be shown as it is. */
export class JournalFault extends Error {
  override readonly name = "JournalFault";
  constructor(readonly kind: JournalFaultKind, readonly path: string, rule: string) {
    super(`Cannot use journal "${path}" as ${rule}`);
  }
}

/** What the database or the file system says, by a part of its text. */
const signs: readonly (readonly [RegExp, JournalFaultKind, string])[] = [
  [/disk is full|no space left|ENOSPC|EDQUOT|quota/i, "full", "the disk is full"],
  [
    /readonly|read-only|permission denied|EACCES|EROFS|requires (read|write) access/i,
    "readOnly",
    "it may not be written",
  ],
  [/database( table)? is locked|database is busy/i, "locked", "another process holds it locked"],
  [/malformed|not a database|file is encrypted/i, "damaged", "its content is damaged"],
  [/unable to open|no such file|not found/i, "missing", "its folder must exist and be writable"],
];

/** Runs `action` on the journal at `path`. What disk or database refuse is thrown as `JournalFault`. */
export function guarded<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw faultOf(path, error);
  }
}

/** The fault behind an error of disk or database; any other error as it is. */
export function faultOf(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof JournalFault) return error;
  const text = error.message.replace(/\s+/g, " ");
  const sign = signs.find(([shape]) => shape.test(text));
  if (sign !== undefined) return new JournalFault(sign[1], path, sign[2]);
  const isOfDisk = "code" in error && typeof error.code === "string";
  return isOfDisk ? new JournalFault("failed", path, `the disk or database says: ${text}`) : error;
}
