// Writes recordings. Lines are gathered and appended as whole gzip members, since members one after
// the other are one gzip file: whatever instant the process dies at, all but the last tenth of a
// second is readable. Everything is synchronous, because a journal must know that it is written.

import { gzipSync } from "node:zlib";
import { assert } from "../core/assert.ts";
import { DAY, type Micros, MILLISECOND } from "../core/units.ts";
import { RECORDING_VERSION, TAIL } from "./recording.ts";

/** Where a recording goes: files `name.001.jsonl.gz`, `name.002.jsonl.gz` … of a folder that exists. */
export interface RecorderOptions {
  readonly folder: string;
  readonly name: string;
  /** Backpack's name of the one market recorded. */
  readonly symbol: string;
  /** A file that has grown to this, compressed, is followed by the next. */
  readonly maxBytes?: number;
}

/** Lines younger than this may be lost with the process. */
const FLUSH_EVERY = 100 * MILLISECOND;
/** So much text is not gathered however fast it comes. */
const MOST_GATHERED = 1_048_576;
const MOST_BYTES = 268_435_456;

/**
 * One recording, a new file for each UTC day and after `maxBytes`. It has no clock: lines are written
 * out when one comes 100 ms after the first gathered, so call `flush` every 100 ms for markets that
 * fall silent. Methods throw what the file system throws; the file then ends in a whole line.
 */
export class RecordingWriter implements Disposable {
  readonly #options: RecorderOptions;
  #file: WholeFile | undefined;
  #path: string | undefined;
  #gathered = "";
  /** A plain file for what has to be safe before it is compressed, and what is gathered and in it. */
  #tail: WholeFile | undefined;
  #secured = "";
  #since = 0;
  #day = 0;
  #state: "open" | "closed" = "open";

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /**
   * The file last written to; undefined before the first. When it changes, record a new snapshot of
   * the book, so that the file can be played on its own.
   */
  get path(): string | undefined {
    return this.#path;
  }

  /** Records a frame as it was sent, `at` the local time it came. */
  frame(at: Micros, text: string): void {
    this.#write(at, `{"at":${at},"frame":${oneLine(text)}}\n`);
  }

  /** Records the reply to a GET of `path` (with its query); the snapshot of a book is one. */
  reply(at: Micros, path: string, text: string): void {
    this.#write(at, `{"at":${at},"path":${JSON.stringify(path)},"reply":${oneLine(text)}}\n`);
  }

  /** Records an event as an engine was given it; `n` is its number in the run, `text` its JSON. */
  event(at: Micros, n: number, text: string): void {
    this.#write(at, `{"n":${n},"at":${at},"event":${text}}\n`);
  }

  /**
   * Puts what is gathered where the end of the process cannot take it, at a fraction of the cost of
   * compressing: into `name.tail.jsonl`, whose lines are written out with the others later.
   */
  secure(): void {
    if (this.#gathered === "") return;
    const { folder, name } = this.#options;
    const tail = this.#tail ??= new WholeFile(`${folder}/${name}${TAIL}`);
    const header = tail.bytes === 0 ? this.#header() : "";
    tail.append(encoder.encode(header + this.#gathered));
    this.#secured += this.#gathered;
    this.#gathered = "";
  }

  /** Writes out what is gathered. */
  flush(): void {
    const text = this.#secured + this.#gathered;
    if (text === "") return;
    const file = this.#file ??= this.#open();
    const header = file.bytes === 0 ? this.#header() : "";
    file.append(gzipSync(header + text));
    const isInTail = this.#secured !== "";
    this.#secured = "";
    this.#gathered = "";
    // Its first line stays: a file without one is no recording.
    if (isInTail) this.#tail?.cutTo(this.#header().length);
    if (file.bytes >= (this.#options.maxBytes ?? MOST_BYTES)) this.#end();
  }

  /** Writes out the rest and closes the file. Does nothing the second time. */
  close(): void {
    if (this.#state === "closed") return;
    this.flush();
    this.#state = "closed";
    this.#end();
    this.#tail?.remove();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #write(at: Micros, line: string): void {
    assert(this.#state === "open", "a line for a recording that is closed");
    const day = Math.floor(at / DAY);
    if (day > this.#day) {
      this.flush();
      this.#end();
      this.#day = day;
    }
    if (this.#length === 0) this.#since = at;
    this.#gathered += line;
    const waited = at - this.#since;
    // A clock set back says nothing about how long the first line has waited.
    if (waited >= FLUSH_EVERY || waited < 0 || this.#length >= MOST_GATHERED) this.flush();
  }

  /** Of what waits to be compressed. */
  get #length(): number {
    return this.#secured.length + this.#gathered.length;
  }

  #open(): WholeFile {
    const { folder, name } = this.#options;
    this.#path = nextPath(folder, name);
    return new WholeFile(this.#path);
  }

  #header(): string {
    const { symbol } = this.#options;
    return `${JSON.stringify({ recording: RECORDING_VERSION, venue: "backpack", symbol })}\n`;
  }

  #end(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

const encoder = new TextEncoder();

/** A new file that holds whole blocks only, whatever the disk refuses. */
class WholeFile {
  bytes = 0;
  readonly #path: string;
  readonly #file: Deno.FsFile;

  constructor(path: string) {
    this.#path = path;
    this.#file = Deno.openSync(path, { write: true, createNew: true });
  }

  append(block: Uint8Array): void {
    try {
      for (let at = 0; at < block.length;) at += this.#file.writeSync(block.subarray(at));
    } catch (error) {
      // Half a block would make all that follows unreadable.
      this.cutTo(this.bytes);
      throw error;
    }
    this.bytes += block.length;
  }

  cutTo(bytes: number): void {
    this.#file.truncateSync(bytes);
    this.#file.seekSync(bytes, Deno.SeekMode.Start);
    this.bytes = bytes;
  }

  remove(): void {
    this.close();
    Deno.removeSync(this.#path);
  }

  close(): void {
    this.#file.close();
  }
}

/** Behind every file there is, so that the order of numbers is the order of time. */
function nextPath(folder: string, name: string): string {
  let last = 0;
  for (const entry of Deno.readDirSync(folder)) {
    const { name: found } = entry;
    if (!found.startsWith(`${name}.`) || !found.endsWith(".jsonl.gz")) continue;
    const number = found.slice(name.length + 1, -".jsonl.gz".length);
    if (/^\d{3,}$/.test(number)) last = Math.max(last, Number(number));
  }
  return `${folder}/${name}.${String(last + 1).padStart(3, "0")}.jsonl.gz`;
}

/** A frame is one line already; were it not, a line feed in JSON means no more than a space. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, " ");
}
