// The rules of the house as functions from sources (path → text) to findings, one line each. They
// read text, not a running program, so that a rule holds for code no test ever calls.

import { strip } from "./source_text.ts";

/** Sources by their path from the top of the repository. */
export type Sources = { readonly [path: string]: string };

/** Which rooms a room may import from; `core:types` means types of core only, `wire*` files so named. */
const doors: { readonly [room: string]: readonly string[] } = {
  core: ["core"],
  signals: ["core"],
  run: ["core"],
  exchange: ["core"],
  sim: ["core", "exchange", "run"],
  backpack: ["core", "run"],
  data: ["core", "backpack/wire*"],
  local: ["core", "exchange", "sim", "data", "backpack/sign", "backpack/wire*"],
  journal: ["core", "run", "data"],
  lab: ["core", "exchange", "sim", "data", "run", "journal"],
  notify: ["core:types", "run"],
  dashboard: ["core:types", "run", "journal", "lab"],
  app: [
    ...["core", "signals", "run", "exchange", "sim", "backpack", "data", "local", "journal"],
    ...["lab", "notify", "dashboard", "strategies"],
  ],
  main: ["app"],
  strategies: [],
};

const pureRooms = ["core", "exchange", "sim", "signals", "strategies"];
const strategyDoors = ["bpx-bot/strategy", "bpx-bot/signals"];
const tryRooms = ["backpack", "local", "notify", "journal", "data", "dashboard", "app"];
const castFiles = ["units.ts", "risk.ts", "wire.ts"];
const impureWords = [
  ...["Date", "performance", "Math.random", "setTimeout", "setInterval", "fetch", "WebSocket"],
  ...["Deno", "async", "await", "Promise", "console"],
];

/** Imports through a wall. */
export function wrongDoors(sources: Sources): string[] {
  return eachImport(sources, ({ path, specifier, target, typesOnly }) => {
    const room = roomOf(path);
    if (room === "tests") return [];
    const allowed = doors[room];
    if (allowed === undefined) return [`${path}: the house has no room "${room}"`];
    if (target === undefined) {
      if (room === "strategies") {
        return strategyDoors.includes(specifier) ? [] : [`${path}: imports ${specifier}`];
      }
      return pureRooms.includes(room) ? [`${path}: imports ${specifier}`] : [];
    }
    const to = roomOf(target);
    const file = target.replace(/^lib\/|\.ts$/g, "");
    const open = to === room && to !== "strategies" || allowed.includes(to) ||
      allowed.some((door) => isDoorOf(door, file)) ||
      (typesOnly && allowed.includes(`${to}:types`)) ||
      target.endsWith(".json") && room === "app";
    return open ? [] : [`${path}: imports ${target}`];
  });
}

function isDoorOf(door: string, file: string): boolean {
  return door.endsWith("*") ? file.startsWith(door.slice(0, -1)) : door === file;
}

/** Words that bring in time, chance or the world, in rooms that must stay pure. */
export function impurities(sources: Sources): string[] {
  return eachLine(sources, (path, line) => {
    if (!pureRooms.includes(roomOf(path))) return [];
    return impureWords
      .filter((word) => new RegExp(`(?<![\\w$])${word.replace(".", "\\.")}(?![\\w$])`).test(line))
      .map((word) => `the word ${word}`);
  });
}

/** `try` where errors must pass through. */
export function wrongTries(sources: Sources): string[] {
  return eachLine(
    sources,
    (path, line) =>
      isCode(path) && !tryRooms.includes(roomOf(path)) && /\btry\b/.test(line) ? ["try"] : [],
  );
}

/** Files that are two ideas. */
export function longFiles(sources: Sources): string[] {
  return Object.entries(sources)
    .filter(([path]) => isCode(path))
    .map(([path, text]) => ({ path, lines: text.replace(/\n$/, "").split("\n").length }))
    .filter(({ lines }) => lines > 300)
    .map(({ path, lines }) => `${path}: ${lines} lines`);
}

/** Casts outside the three files that may make a unit or an approval. */
export function wrongCasts(sources: Sources): string[] {
  const found: string[] = [];
  for (const [path, text] of Object.entries(sources)) {
    if (!isCode(path) || castFiles.some((name) => path.endsWith(`/${name}`))) continue;
    const code = strip(text).code
      .replace(/^(import|export)\s[^;]*?\bfrom\b/gm, blank)
      .replace(/^export\s*(type\s*)?\{[^}]*\}/gm, blank)
      .replace(/\[\s*\w+\s+in\s[^\]]*\]/g, blank);
    code.split("\n").forEach((line, i) => {
      if (/(?<![\w$.])as(?:\s+(?!const\b)|$)/.test(line)) found.push(`${path}:${i + 1}: as`);
    });
  }
  return found;
}

/** Files that do not begin with what they are and why; barrels. */
export function namelessFiles(sources: Sources): string[] {
  return Object.entries(sources)
    .filter(([path, text]) =>
      isCode(path) && (!text.startsWith("// ") || /(^|\/)(mod|index)\.ts$/.test(path))
    )
    .map(([path]) => `${path}: no module comment, or a barrel`);
}

/** Files of lib and strategies that main.ts never reaches, unless `spared` (a file, or a folder ending in /). */
export function deadFiles(sources: Sources, spared: readonly string[]): string[] {
  const next = new Map<string, string[]>();
  eachImport(sources, ({ path, target }) => {
    if (target !== undefined) next.set(path, [...(next.get(path) ?? []), target]);
    return [];
  });
  const reached = new Set<string>();
  const walk = (path: string) => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const target of next.get(path) ?? []) walk(target);
  };
  walk("main.ts");
  const dead = Object.keys(sources).filter((path) => isCode(path) && !reached.has(path));
  const covers = (entry: string, path: string) =>
    entry.endsWith("/") ? path.startsWith(entry) : path === entry;
  return [
    ...dead.filter((path) => !spared.some((entry) => covers(entry, path)))
      .map((path) => `${path}: nobody uses it`),
    ...spared.filter((entry) => !dead.some((path) => covers(entry, path)))
      .map((entry) => `${entry}: spared in vain`),
  ];
}

/** Exports of `path`, its own and those it passes on, that no comment describes. */
export function undocumented(sources: Sources, path: string): string[] {
  const text = sources[path];
  if (text === undefined) return [`${path}: not there`];
  const passedOn = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from "([^"]+)"/gm)]
    .flatMap(([, names = "", specifier = ""]) => {
      const source = sources[resolve(path, specifier) ?? ""] ?? "";
      return names.split(",").map((name) => name.trim().replace(/^type /, ""))
        .filter((name) => name !== "" && !isDocumented(source, name))
        .map((name) => `${path}: ${name} (of ${specifier})`);
    });
  const own = [...text.matchAll(declaration(String.raw`(\w+)`))]
    .map(([, name = ""]) => name)
    .filter((name) => !isDocumented(text, name))
    .map((name) => `${path}: ${name}`);
  return [...passedOn, ...own];
}

/** Tests of nothing: `tests/core/book_test.ts` tests `lib/core/book.ts`. */
export function strayTests(sources: Sources, rooms: readonly string[]): string[] {
  return Object.keys(sources)
    .filter((path) => path.startsWith("tests/") && path.endsWith("_test.ts"))
    .filter((path) => {
      const name = path.slice("tests/".length, -"_test.ts".length);
      const [room = ""] = name.split("/");
      if (!name.includes("/")) return !rooms.includes(name) && !(`lib/${name}.ts` in sources);
      if (room === "bench" || room === "peers") return false;
      return !(`${room === "strategies" ? "" : "lib/"}${name}.ts` in sources);
    })
    .map((path) => `${path}: tests no file`);
}

/** What stands at the top of the repository but not in the plan, and the other way round. */
export function groundPlan(names: readonly string[], plan: readonly string[]): string[] {
  return [
    ...names.filter((name) => !plan.includes(name)).map((name) => `${name}: not in the plan`),
    ...plan.filter((name) => !names.includes(name)).map((name) => `${name}: missing`),
  ];
}

interface Import {
  readonly path: string;
  readonly specifier: string;
  /** The file meant, if it is one of the house. */
  readonly target: string | undefined;
  readonly typesOnly: boolean;
}

function eachImport(sources: Sources, judge: (found: Import) => string[]): string[] {
  const shape =
    /\b(?:(import|export)\s+(type\s)?([^;"'`()]*?)\bfrom\s*|import\s*\(\s*|import\s+|new URL\(\s*)"([^"]+)"/g;
  return Object.entries(sources).filter(([path]) => path.endsWith(".ts")).flatMap(([path, text]) =>
    [...strip(text).noComments.matchAll(shape)].flatMap((match) => {
      const [, , type, names = "", specifier = ""] = match;
      if (match[0].startsWith("new URL") && !specifier.endsWith(".ts")) return [];
      const inner = names.replace(/[{}]/g, "").split(",").map((name) => name.trim()).filter(
        Boolean,
      );
      const typesOnly = type !== undefined ||
        inner.length > 0 && inner.every((name) => name.startsWith("type "));
      return judge({ path, specifier, target: resolve(path, specifier), typesOnly });
    })
  );
}

function eachLine(sources: Sources, judge: (path: string, line: string) => string[]): string[] {
  return Object.entries(sources).filter(([path]) => path.endsWith(".ts")).flatMap(([path, text]) =>
    strip(text).code.split("\n").flatMap((line, i) =>
      judge(path, line).map((finding) => `${path}:${i + 1}: ${finding}`)
    )
  );
}

/** The file a relative specifier names, from the top of the repository; undefined for a package. */
function resolve(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return new URL(specifier, `file:///${path}`).pathname.slice(1);
}

/** `lib/core/book.ts` → core, `lib/run.ts` → run, `main.ts` → main, `strategies/grid.ts` → strategies. */
function roomOf(path: string): string {
  const parts = path.replace(/^lib\//, "").split("/");
  return (parts[0] ?? "").replace(/\.ts$/, "");
}

function isCode(path: string): boolean {
  return path.endsWith(".ts") && !path.startsWith("tests/");
}

function declaration(name: string): RegExp {
  return new RegExp(
    String
      .raw`^export (?:declare )?(?:abstract )?(?:async )?(?:const|function|class|interface|type|let) ${name}\b`,
    "gm",
  );
}

/** Whether a doc comment ends on the line above the (first) declaration of `name`. */
function isDocumented(text: string, name: string): boolean {
  const at = text.search(declaration(name));
  return at > 0 && text.slice(0, at).trimEnd().endsWith("*/");
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}
