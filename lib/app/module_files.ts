// The files a module is made of: itself and what it imports by a relative path, found by reading the
// sources. An import said by halves is refused later; but one in the head of a module is resolved by
// Deno before anybody is asked if it names a part of Node, so no other word may follow `from` at all.

import { plain, UserError } from "./errors.ts";

/** Files of one plugin, and letters of one of them. */
const MOST_FILES = 100;
const MOST_LETTERS = 2_000_000;

/**
 * What may be an import: the word, then a text after spaces and comments. Keywords have no other
 * spelling, so none is missed; a comment that looks like one is taken for one.
 */
const imports = new RegExp(
  String.raw`(?:from|import|require)` +
    String.raw`(?:\s|\(|/\*(?:[^*]|\*(?!/))*\*/|//[^\n\r\u2028\u2029]*[\n\r\u2028\u2029])*` +
    String.raw`(["'])((?:\\[^]|(?!\1)[^\\\n\r])*)\1`,
  "y",
);
const keyword = /from|import|require/g;
const contract = ["bpx-bot/strategy", "bpx-bot/signals"];

/** One file of a module. */
export interface ModuleFile {
  /** The URL it is imported by. */
  readonly written: string;
  /** The URL of the file itself, with no link on the way. */
  readonly real: string;
  readonly source: string;
}

/**
 * The files of the module at `entry`, itself first. Throws `UserError` on a file that is neither .ts
 * nor .js, on one that imports anything else, and on too many.
 */
export function moduleFiles(entry: URL): readonly ModuleFile[] {
  const files = new Map<string, ModuleFile>();
  const waiting = [entry];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (files.has(next.href)) continue;
    const file = next === entry ? fileAt(next) : importedFile(next);
    if (file === undefined) continue;
    files.set(next.href, file);
    if (files.size > MOST_FILES) {
      throw refused(entry, `must be made of at most ${MOST_FILES} files`);
    }
    for (const specifier of importsOf(file.source)) {
      if (contract.includes(specifier)) continue;
      if (!/^\.{1,2}\/[^\\]*$/.test(specifier)) {
        const said = plain(specifier).slice(0, 60);
        throw refused(next, `must import ./files, ${contract.join(" and ")} only: not "${said}"`);
      }
      // A module knows its imports by where it really is.
      waiting.push(new URL(specifier, file.real));
    }
  }
  return [...files.values()];
}

/** Every text that may be imported; one match may lie in another, so each keyword is looked at. */
function importsOf(source: string): readonly string[] {
  return [...source.matchAll(keyword)].flatMap(({ index }) => {
    imports.lastIndex = index;
    const specifier = imports.exec(source)?.[2];
    return specifier === undefined ? [] : [specifier];
  });
}

/** Undefined where there is no such file: the import may stand in a comment. */
function importedFile(url: URL): ModuleFile | undefined {
  try {
    return fileAt(url);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function fileAt(url: URL): ModuleFile {
  const real = realUrl(url);
  for (const path of [url.pathname, real.pathname]) {
    if (!/\.(ts|js)$/.test(path)) throw refused(url, "must be a .ts or .js file");
  }
  if (/[?#]/.test(url.href)) throw refused(url, "must be imported without ? and #");
  const source = Deno.readTextFileSync(real);
  if (source.length > MOST_LETTERS) throw refused(url, `must be at most ${MOST_LETTERS} letters`);
  return { written: url.href, real: real.href, source };
}

/** Where the file really is. What the program carries in itself is where it says. */
function realUrl(url: URL): URL {
  const real = new URL(url);
  // A path may hold what means something else in a URL.
  real.pathname = encodeURI(Deno.realPathSync(url)).replace(/[?#]/g, encodeURIComponent);
  return real;
}

function refused(url: URL, rule: string): UserError {
  return new UserError(`Cannot load the plugin as ${decodeURI(url.pathname)} ${rule}`);
}
