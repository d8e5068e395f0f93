// Writes recorded data as .csv.gz, whole or not at all. Rows go into a file beside the target, which
// takes the target's name when told to, so that whatever instant the process dies at, the target holds
// whole pages. Gzip members one after the other are one gzip file: what is there is never compressed
// again.

import { gzipSync } from "node:zlib";

/** Text gathered before it is compressed: larger members are hardly smaller files. */
const MOST_GATHERED = 1_048_576;
const encoder = new TextEncoder();

/** Where rows go, and behind what. */
export interface CsvTerms {
  /** Ends in .csv.gz. */
  readonly path: string;
  /** The line of column names, written where the file begins. */
  readonly header: string;
  /** Whether the rows replace the file or follow those that are in it. */
  readonly begins: "anew" | "behind";
}

/** One file being written. Methods throw what the file system throws. */
export class CsvWriter implements Disposable {
  readonly #terms: CsvTerms;
  readonly #draft: string;
  #file: Deno.FsFile | undefined;
  #gathered: string[];
  #length = 0;
  #begins: CsvTerms["begins"];

  constructor(terms: CsvTerms) {
    this.#terms = terms;
    this.#draft = `${terms.path}.part`;
    this.#begins = terms.begins;
    this.#gathered = terms.begins === "anew" ? [terms.header] : [];
  }

  /** Takes one row, without its line feed. */
  row(text: string): void {
    this.#gathered.push(text);
    this.#length += text.length;
    if (this.#length >= MOST_GATHERED) this.#flush();
  }

  /** Gives the file its name, if there are rows; what is written later needs another `commit`. */
  commit(): void {
    this.#flush();
    if (this.#file === undefined) return;
    // A name that outlives a power cut must not be that of an empty file.
    this.#file.syncSync();
    this.#close();
    Deno.renameSync(this.#draft, this.#terms.path);
    this.#begins = "behind";
  }

  /** Forgets what was not committed. */
  [Symbol.dispose](): void {
    if (this.#file === undefined) return;
    this.#close();
    Deno.removeSync(this.#draft);
  }

  #flush(): void {
    // A header alone is no data.
    if (this.#length === 0) return;
    const block = gzipSync(encoder.encode(`${this.#gathered.join("\n")}\n`));
    const file = this.#file ??= this.#open();
    for (let at = 0; at < block.length;) at += file.writeSync(block.subarray(at));
    this.#gathered = [];
    this.#length = 0;
  }

  #open(): Deno.FsFile {
    if (this.#begins === "behind") Deno.copyFileSync(this.#terms.path, this.#draft);
    else Deno.writeFileSync(this.#draft, new Uint8Array());
    return Deno.openSync(this.#draft, { append: true });
  }

  #close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
