// What stands between a plugin and the machine, raised inside the cell's thread before the plugin is
// imported: no module but its own files and the contract, no global that the language itself does not
// have, no clock and no dice, and nothing shared that could be bent for whoever uses it next.
// The thread has no permission either; this closes what permissions leave open.

import { registerHooks } from "node:module";
// Behind the fence only what is loaded already can be had.
import "../core/strategy.ts";
import "../signals.ts";

/** What of the house a plugin may import, and where it is. */
const contract: ReadonlyMap<string, string> = new Map([
  ["bpx-bot/strategy", new URL("../core/strategy.ts", import.meta.url).href],
  ["bpx-bot/signals", new URL("../signals.ts", import.meta.url).href],
]);

/** Names of the language that stay. `URL` is here because the loader of modules needs it. */
const kept: ReadonlySet<PropertyKey> = new Set([
  ...["Object", "Function", "Array", "Number", "Boolean", "String", "Symbol", "BigInt", "Math"],
  ...["Map", "Set", "WeakMap", "WeakSet", "Iterator", "Promise", "Proxy", "Reflect", "RegExp"],
  ...["JSON", "Date", "Intl", "globalThis", "Infinity", "NaN", "undefined", "structuredClone"],
  ...["parseFloat", "parseInt", "isFinite", "isNaN", "eval", "escape", "unescape", "URL"],
  ...["decodeURI", "decodeURIComponent", "encodeURI", "encodeURIComponent"],
  ...["ArrayBuffer", "DataView", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array"],
  ...["Uint16Array", "Int32Array", "Uint32Array", "BigInt64Array", "BigUint64Array"],
  ...["Float16Array", "Float32Array", "Float64Array", "DisposableStack", "SuppressedError"],
  ...["Error", "AggregateError", "EvalError", "RangeError", "ReferenceError", "SyntaxError"],
  ...["TypeError", "URIError"],
]);

/** What the loader of events calls on the global object; without an event nobody else can. */
const dispatching: ReadonlySet<PropertyKey> = new Set(["dispatchEvent", "getParent"]);

const timers = [
  ...["setTimeout", "setInterval", "setImmediate", "clearTimeout", "clearInterval"],
  ...["clearImmediate", "queueMicrotask"],
];

/** Lines of `console` kept until they are fetched, and letters of each. */
const MOST_LINES = 20;
const MOST_LETTERS = 200;

/** A plugin's own files: each URL it may be imported by, with the URL of the real file. */
export type OwnFiles = ReadonlyMap<string, string>;

/** The fence of one cell. */
export interface Fence {
  /** What the plugin printed since it was last asked. */
  said(): readonly string[];
  /** Shut, a look at the clock throws; open, for code that is not the plugin's, it stands still. */
  readonly clock: { isShut: boolean };
}

/** Raises the fence; there is no way to take it down again. Call once, before the plugin is imported. */
export function raiseFence(files: OwnFiles): Fence {
  const lines: string[] = [];
  const clock = { isShut: true };
  guardImports(files);
  // Deno looks for it the first time it is used, which must not be later.
  queueMicrotask(() => {});
  Object.defineProperty(Math, "random", { value: noDice });
  Reflect.deleteProperty(Intl, "DateTimeFormat");
  Reflect.deleteProperty(URL, "createObjectURL");
  Reflect.deleteProperty(URL, "revokeObjectURL");
  const now = () => clock.isShut ? noClock() : 0;
  const replaced = new Map<PropertyKey, unknown>([
    ["Date", dateWithoutNow(Date)],
    ["performance", { now }],
    ["console", consoleInto(lines)],
    ...timers.map((name) => [name, () => noClock()] as const),
  ]);
  emptyGlobals(replaced);
  hardenAll();
  return { clock, said: () => lines.splice(0) };
}

function guardImports(files: OwnFiles): void {
  registerHooks({
    resolve(specifier, { parentURL, importAttributes }) {
      const url = contract.get(specifier) ??
        files.get(URL.parse(specifier, parentURL)?.href ?? specifier);
      if (url !== undefined && Object.keys(importAttributes ?? {}).length === 0) {
        return { url, shortCircuit: true };
      }
      throw new Error(
        "A plugin may import its own .ts and .js files, bpx-bot/strategy and bpx-bot/signals: " +
          `not ${specifier}`,
      );
    },
  });
}

/** Takes every global away that is not of the language, and fixes those that are or stand in for one. */
function emptyGlobals(replaced: ReadonlyMap<PropertyKey, unknown>): void {
  for (const key of Reflect.ownKeys(globalThis)) {
    // What has no name is Deno's own record of who listens to events: nobody is added to it.
    if (typeof key === "symbol") freezeDeep(Reflect.get(globalThis, key));
    else if (replaced.has(key)) lock(globalThis, key, replaced.get(key));
    else lock(globalThis, key, kept.has(key) ? Reflect.get(globalThis, key) : undefined);
  }
  let scope = Reflect.getPrototypeOf(globalThis);
  for (; scope !== null && scope !== Object.prototype; scope = Reflect.getPrototypeOf(scope)) {
    for (const key of Reflect.ownKeys(scope)) {
      if (typeof key === "string" && !dispatching.has(key)) Reflect.deleteProperty(scope, key);
    }
  }
}

function lock(target: object, key: PropertyKey, value: unknown): void {
  if (Reflect.defineProperty(target, key, { value, writable: false, configurable: false })) return;
  throw new Error(`the fence cannot be raised: ${String(key)} is fixed`);
}

/** `Date` for times that are given: it does not know the present one. */
function dateWithoutNow(real: DateConstructor): object {
  const construct = Reflect.construct;
  // A function, as a class could not be called like `Date()`, which tells the time too.
  const fenced = function (...given: unknown[]): object {
    if (new.target === undefined || given.length === 0) return noClock();
    return construct(real, given, new.target);
  };
  Object.defineProperty(fenced, "name", { value: "Date" });
  Object.defineProperty(real.prototype, "constructor", { value: fenced });
  Object.defineProperty(fenced, "prototype", { value: real.prototype, writable: false });
  lock(fenced, "now", () => noClock());
  lock(fenced, "parse", real.parse);
  lock(fenced, "UTC", real.UTC);
  return fenced;
}

function noClock(): never {
  throw new Error("A strategy has no clock: use view.time");
}

function noDice(): never {
  throw new Error("A strategy has no dice: use view.random()");
}

function consoleInto(lines: string[]): object {
  const print = (...given: unknown[]) => {
    if (lines.length >= MOST_LINES) return;
    const line = given.map(inText).join(" ");
    lines.push(line.slice(0, MOST_LETTERS));
  };
  return { log: print, info: print, debug: print, warn: print, error: print };
}

function inText(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  try {
    return JSON.stringify(value) ?? "undefined";
  } catch (error) {
    return error instanceof Error ? `(${error.message})` : "(an object)";
  }
}

/**
 * Freezes everything the language shares between pieces of code, so that a plugin cannot bend what
 * the host uses after it. Prototypes of errors stay open: `this.name = …` is how errors are made.
 */
function hardenAll(): void {
  const syntax = [
    [][Symbol.iterator](),
    new Map().entries(),
    new Set().values(),
    ""[Symbol.iterator](),
    "".matchAll(/x/g),
    function* () {},
    async function () {},
    async function* () {},
  ].flatMap((made) => [made, Reflect.getPrototypeOf(made)]);
  const open = new Set<unknown>([globalThis, Error.prototype]);
  const waiting: unknown[] = [...syntax];
  for (const name of kept) waiting.push(Reflect.get(globalThis, name));
  waiting.push(Reflect.get(globalThis, "console"), Reflect.get(globalThis, "performance"));
  for (
    let found = waiting.pop();
    waiting.length > 0 || found !== undefined;
    found = waiting.pop()
  ) {
    if (!isObject(found) || open.has(found)) continue;
    open.add(found);
    if (!(found instanceof Error)) Object.freeze(found);
    waiting.push(Reflect.getPrototypeOf(found));
    for (const key of Reflect.ownKeys(found)) {
      const { value, get, set } = Reflect.getOwnPropertyDescriptor(found, key) ?? {};
      for (const part of [value, get, set]) if (isObject(part)) waiting.push(part);
    }
  }
}

function freezeDeep(value: unknown): void {
  if (!isObject(value) || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const key of Reflect.ownKeys(value)) freezeDeep(Reflect.get(value, key));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null || typeof value === "function";
}
