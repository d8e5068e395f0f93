// A broken invariant is a bug in this program, never something the world did. `assert` turns it
// into one exception type, which the shell answers by cancelling its orders and exiting 70.

/** Thrown when the program contradicts itself. Never thrown for bad input or a misbehaving exchange. */
export class Bug extends Error {
  override readonly name = "Bug";
}

/** Throws `Bug` with `text` unless `condition` holds. */
export function assert(condition: boolean, text: string): asserts condition {
  if (!condition) throw new Bug(text);
}

/** Ends an exhaustive switch: the compiler refuses the call while a case is missing. */
export function unreachable(value: never): never {
  throw new Bug(`unreachable: ${String(value)}`);
}
