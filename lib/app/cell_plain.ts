// Plain data and nothing else: what a strategy remembers and plans must mean the same after it was
// written down and read again. What JSON would change in silence is refused by its name.

/** Values in one answer, and how deep they may lie in each other. */
const MOST_VALUES = 200_000;
const DEEPEST = 64;

/** `value` as JSON. Throws `Error` naming what is not plain data, and where it is. */
export function plainText(value: unknown): string {
  const walk = { values: 0 };
  const fault = faultIn(value, { path: "", depth: 0, walk });
  if (fault !== undefined) throw new Error(`its answer is not plain data: ${fault}`);
  return JSON.stringify(value);
}

interface Place {
  readonly path: string;
  readonly depth: number;
  readonly walk: { values: number };
}

function faultIn(value: unknown, { path, depth, walk }: Place): string | undefined {
  if (++walk.values > MOST_VALUES) return `more than ${MOST_VALUES} values`;
  if (depth > DEEPEST) return `${start(path)} lies ${depth} deep, or inside itself`;
  if (value === undefined || value === null) return undefined;
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : `${start(path)} is ${value}`;
    case "object":
      return faultOfObject(value, { path, depth, walk });
    default:
      return `${start(path)} is a ${typeof value}`;
  }
}

function faultOfObject(value: object, { path, depth, walk }: Place): string | undefined {
  const isList = Array.isArray(value);
  const prototype: unknown = Reflect.getPrototypeOf(value);
  const isPlain = isList || prototype === Object.prototype || prototype === null;
  if (!isPlain) return `${start(path)} is not a plain object`;
  // Before its keys are asked for: a list of a length alone has none, and JSON writes all of it.
  if (isList && value.length > MOST_VALUES) return `${start(path)} has ${value.length} values`;
  for (const key of Reflect.ownKeys(value)) {
    if (typeof key === "symbol") return `${start(path)} has a symbol for a key`;
    if (isList && key === "length") continue;
    const property = Reflect.getOwnPropertyDescriptor(value, key);
    const inner = path === "" ? key : `${path}.${key}`;
    if (property === undefined || !("value" in property)) return `${start(inner)} is a getter`;
    const fault = faultIn(property.value, { path: inner, depth: depth + 1, walk });
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The place as a person reads it; keys are the plugin's own and may be of any length. */
function start(path: string): string {
  return path === "" ? "it" : path.slice(0, 80);
}
