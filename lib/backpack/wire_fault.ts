// What is wrong with something the exchange sent: where, which field, which rule, and what stood
// there. A message that breaks a rule is never half understood, and nothing but this leaves the
// wire files, so that a caller has one thing to catch.

/** Where a fault lies and which rule it breaks. */
export interface FaultPlace {
  /** The stream or the request it came from, with the row of a list. */
  readonly place: string;
  /** Backpack's name of the field, or `body` for the whole text. */
  readonly field: string;
  /** Continues "as <field> …": `must be true or false`. */
  readonly rule: string;
  /** What stood there. */
  readonly value: unknown;
}

/** Thrown (by replies) or returned (by frames) for what the exchange sent and we cannot read. */
export class WireFault extends Error {
  override readonly name = "WireFault";
  readonly place: string;
  readonly field: string;
  readonly rule: string;
  /** Shortened to one line. */
  readonly value: string;

  constructor({ place, field, rule, value }: FaultPlace) {
    const shown = show(value);
    super(`Cannot read ${place} as ${field} ${rule}: current value is ${shown}`);
    this.place = place;
    this.field = field;
    this.rule = rule;
    this.value = shown;
  }
}

// A page of HTML from a proxy must not fill the log.
const LONGEST_VALUE = 60;

/** Text of the outside world on one line and short enough for a log. */
export function shorten(text: string, longest: number): string {
  // deno-lint-ignore no-control-regex -- control characters would break the one line
  const clean = text.slice(0, longest).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "?");
  return text.length > longest ? `${clean}…` : clean;
}

function show(value: unknown): string {
  if (value === undefined) return "absent";
  if (typeof value === "string") return `"${shorten(value, LONGEST_VALUE)}"`;
  // Objects are only named: printing a deeply nested one would overflow the stack.
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
