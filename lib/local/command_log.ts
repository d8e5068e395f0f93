// The commands of a local exchange in a file, one JSON line each, written before they are carried
// out. The first line says what the exchange was born with: its markets are drawn from that, so a
// file is only read by an exchange that was born alike. It grows by some 200 bytes a command and is
// never shortened: whoever wants a fresh exchange takes a fresh folder.

import { z } from "zod";
import { type Micros, micros } from "../core/units.ts";
import { type Command, type Noted, notedOf, repeat } from "./commands.ts";
import type { World } from "./world.ts";

/** What decides how an exchange lives, commands apart. */
export interface Birth {
  readonly seed: number;
  readonly markets: readonly string[];
  /** The recording that is played, if any. */
  readonly tape: string | null;
  /** When the markets began. */
  readonly start: Micros;
}

const birth = z.strictObject({
  seed: z.number(),
  markets: z.array(z.string()),
  tape: z.string().nullable(),
  start: z.number().transform(micros),
});

/** An open log. */
export class CommandLog implements Disposable {
  /** As first written: the start is that of the first run. */
  readonly birth: Birth;
  /** What was asked in earlier runs. */
  readonly past: readonly Noted[];
  readonly #file: Deno.FsFile;
  readonly #encoder = new TextEncoder();

  /**
   * Opens or makes the file. Throws `RangeError` on one of an exchange born otherwise or with a line
   * in it that is no command; a last line that was cut off is dropped.
   */
  constructor(path: string, born: Birth) {
    this.#file = Deno.openSync(path, { read: true, write: true, create: true });
    const text = Deno.readTextFileSync(path);
    const end = text.lastIndexOf("\n") + 1;
    const [first, ...lines] = text.slice(0, end).split("\n").slice(0, -1);
    this.birth = first === undefined ? born : birthOf(path, first, born);
    this.past = lines.map((line, i) => {
      const noted = notedOf(line);
      if (noted === undefined) throw new RangeError(`${path} line ${i + 2} is no command`);
      return noted;
    });
    this.#file.truncateSync(this.#encoder.encode(text.slice(0, end)).length);
    this.#file.seekSync(0, Deno.SeekMode.End);
    if (first === undefined) this.#write(born);
  }

  /** Takes a command down. */
  note(command: Command, at: Micros): void {
    this.#write({ at, ...command });
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #write(value: unknown): void {
    const bytes = this.#encoder.encode(`${JSON.stringify(value)}\n`);
    for (let from = 0; from < bytes.length;) from += this.#file.writeSync(bytes.subarray(from));
  }
}

/** Lives the past again: `setClock` makes the world's clock show a time. */
export function relive(
  world: World,
  past: readonly Noted[],
  setClock: (at: Micros) => void,
): void {
  for (const { at, ...command } of past) {
    setClock(at);
    repeat(world, command);
  }
}

function birthOf(path: string, line: string, born: Birth): Birth {
  const found = birth.safeParse(JSON.parse(line)).data;
  const alike = found !== undefined && found.seed === born.seed && found.tape === born.tape &&
    found.markets.join() === born.markets.join();
  if (alike) return found;
  throw new RangeError(`${path} is of an exchange with other markets, seed or tape: ${line}`);
}
