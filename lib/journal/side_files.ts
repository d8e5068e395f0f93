// The side files of a run: the market events it was given, numbered, in recordings of their own. What
// a process killed did not get to compress is in a plain file behind them, which may repeat their end.

import { type EventLine, eventLine, TAIL } from "../data/recording.ts";
import { readLines } from "../data/lines.ts";
import type { Event } from "../core/event.ts";
import { readEvent } from "../data/events.ts";
import { JournalFault } from "./fault.ts";

/** Where recordings of runs lie in the data folder. */
export const SIDE_FOLDER = "recordings";

/** A market event with its number in the run. */
export interface SideEvent {
  readonly n: number;
  readonly event: Event;
}

/** The side files of the run `id`, in the order they were written. */
export function sideFilesOf(folder: string, id: string): readonly string[] {
  const names = [...namesIn(folder)].filter((name) => name.startsWith(`${id}.`));
  const numbered = names.filter((name) => /^\d{3,}\.jsonl\.gz$/.test(name.slice(id.length + 1)));
  const number = (name: string) => Number.parseInt(name.slice(id.length + 1));
  const tail = names.filter((name) => name === `${id}${TAIL}`);
  return [...numbered.sort((a, b) => number(a) - number(b)), ...tail]
    .map((name) => `${folder}/${name}`);
}

/** Every event of `paths` behind number `after`, ascending, one file in memory at a time. */
export async function* sideEvents(
  paths: readonly string[],
  after: number,
): AsyncGenerator<SideEvent> {
  let last = after;
  for (const path of paths) {
    for (const line of await linesOf(path)) {
      if (line.n <= last) continue;
      last = line.n;
      yield { n: line.n, event: eventIn(path, line) };
    }
  }
}

/** As `sideEvents`, reading from the end no more files than it must. */
export async function lastSideEvents(
  paths: readonly string[],
  after: number,
): Promise<readonly SideEvent[]> {
  let first = paths.length;
  while (first > 0) {
    first--;
    const [head] = await linesOf(paths[first] ?? "");
    // A tail repeats what may be in the file before it.
    if (head !== undefined && head.n <= after + 1 && !paths[first]?.endsWith(TAIL)) break;
  }
  const events: SideEvent[] = [];
  for await (const event of sideEvents(paths.slice(first), after)) events.push(event);
  return events;
}

async function linesOf(path: string): Promise<readonly EventLine[]> {
  const lines: EventLine[] = [];
  // Killed between making the file and its first block.
  if ((await Deno.stat(path)).size === 0) return lines;
  await readLines(path, (text, row) => {
    const line = row === 1 ? undefined : eventLine(text);
    if (line !== undefined) lines.push(line);
    else if (row > 1) throw damaged(path, `row ${row} holds no event`);
  });
  return lines;
}

function eventIn(path: string, { n, text }: EventLine): Event {
  try {
    return readEvent(JSON.parse(text));
  } catch (error) {
    throw damaged(path, `event ${n}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function damaged(path: string, what: string): JournalFault {
  return new JournalFault("damaged", path, `its content is damaged: ${what}`);
}

function* namesIn(folder: string): Generator<string> {
  try {
    for (const { name, isFile } of Deno.readDirSync(folder)) if (isFile) yield name;
  } catch (error) {
    // A run that saw no market has none.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
