// Checks of plain data against the shape a type gives it. What does not fit is refused with the path
// to it. Small enough to need no library, which the core has none of.

/** Throws `RangeError` with the path of what does not fit. */
export type Check = (value: unknown, path: string) => void;

/** A check for each field of a type, optional ones too. */
export type Shape<T> = { readonly [K in keyof Required<T>]: Check };

/** Throws the `RangeError` of a value that is not what it must be. */
export function refuse(path: string, wanted: string, value: unknown): never {
  const shown = typeof value === "object" && value !== null ? "an object" : String(value);
  throw new RangeError(`${path} must be ${wanted}: current value is ${shown}`);
}

/** A whole number that a float holds exactly. */
export function whole(value: unknown, path: string): void {
  if (!Number.isSafeInteger(value)) refuse(path, "a whole number", value);
}

/** A whole number, not negative. */
export function count(value: unknown, path: string): void {
  if (!Number.isSafeInteger(value) || Number(value) < 0) refuse(path, "a count", value);
}

/** A whole number above zero. */
export function positive(value: unknown, path: string): void {
  if (!Number.isSafeInteger(value) || Number(value) <= 0) {
    refuse(path, "a whole number above zero", value);
  }
}

/** A finite number. */
export function number(value: unknown, path: string): void {
  if (!Number.isFinite(value)) refuse(path, "a number", value);
}

/** A string. */
export function text(value: unknown, path: string): void {
  if (typeof value !== "string") refuse(path, "a text", value);
}

/** true or false. */
export function flag(value: unknown, path: string): void {
  if (typeof value !== "boolean") refuse(path, "true or false", value);
}

/** An object of whatever kind. */
export function plain(value: unknown, path: string): void {
  if (!isObject(value)) refuse(path, "an object", value);
}

/** One of a few values. */
export function oneOf(...choices: readonly (string | number)[]): Check {
  return (value, path) => {
    if (!choices.some((choice) => choice === value)) refuse(path, choices.join(", "), value);
  };
}

/** What may be absent. */
export function optional(check: Check): Check {
  return (value, path) => {
    if (value !== undefined) check(value, path);
  };
}

/** An array of one kind of thing. */
export function list(check: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) return refuse(path, "a list", value);
    for (const [i, item] of value.entries()) check(item, `${path}[${i}]`);
  };
}

/** An array of two things. */
export function pair(first: Check, second: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value) || value.length !== 2) return refuse(path, "a pair", value);
    first(value[0], `${path}[0]`);
    second(value[1], `${path}[1]`);
  };
}

/** An object with these fields; others are left alone. */
export function record<T>(shape: Shape<T>): Check {
  const checks = Object.entries<Check>(shape);
  return (value, path) => {
    if (!isObject(value)) return refuse(path, "an object", value);
    const fields = new Map(Object.entries(value));
    for (const [name, check] of checks) check(fields.get(name), `${path}.${name}`);
  };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
