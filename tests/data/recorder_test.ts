// Tests lib/data/recorder.ts: what is written is read back as it was, in files that begin and end
// where they should, and a process killed at any byte loses no more than its last member.

import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { type Micros, micros } from "../../lib/core/units.ts";
import { RecordingWriter } from "../../lib/data/recorder.ts";
import { readRecording } from "../../lib/data/recording.ts";
import { faultOf, Folder, sol } from "./files.ts";
import { at, depth, HEADER, line, shown, snapshot, START, touch, trade } from "./frames.ts";

const DAY_START = 1_700_006_400_000_000;

Deno.test("lines come back as they were sent, behind a header", () => {
  using folder = new Folder();
  using writer = writerIn(folder);
  assert.equal(writer.path, undefined);
  writer.frame(at(1), trade(START, "10"));
  writer.reply(at(2), '/api/v1/depth?symbol="', '{"bids":\n[]}');
  writer.flush();
  assert.equal(writer.path, `${folder.path(".")}/sol.001.jsonl.gz`);
  assert.deepEqual(linesOf(folder, 1), [
    HEADER,
    line(START + 1, trade(START, "10")),
    `{"at":${START + 2},"path":"/api/v1/depth?symbol=\\"","reply":{"bids": []}}`,
  ]);
});

Deno.test("lines wait no longer than 100 ms for one another, and not at all when flushed", () => {
  using folder = new Folder();
  using writer = writerIn(folder);
  const written = () => filesOf(folder).length === 0 ? 0 : linesOf(folder, 1).length - 1;
  const counts: number[] = [];
  // The clock is set back at the last but one: what waited is written at once.
  const offsets = [0, 99_999, 100_000, 100_001, 200_000, 200_001, 300_000, 150_000, 150_001];
  for (const offset of offsets) {
    writer.frame(at(offset), trade(START, "10"));
    counts.push(written());
  }
  assert.deepEqual(counts, [0, 0, 3, 3, 3, 6, 6, 8, 8]);
  writer.flush();
  assert.equal(written(), 9);
  writer.flush();
  assert.equal(written(), 9);
});

Deno.test("a day or a full file ends a file, and the next number is behind every other", () => {
  using folder = new Folder();
  folder.write("sol.007.jsonl.gz", "not ours");
  folder.write("sol.x.jsonl.gz", "not counted");
  folder.write("sol_perp.050.jsonl.gz", "another name");
  using writer = writerIn(folder);
  writer.frame(micros(DAY_START - 1), trade(START, "10"));
  writer.frame(micros(DAY_START), trade(START, "11"));
  // The clock set back over midnight does not go back to yesterday's file.
  writer.frame(micros(DAY_START - 1), trade(START, "12"));
  writer.close();
  assert.deepEqual([linesOf(folder, 8).length, linesOf(folder, 9).length], [2, 3]);
  using second = writerIn(folder, 1);
  for (const offset of [0, 1, 2]) {
    second.frame(micros(DAY_START + offset), trade(START, "10"));
    second.flush();
  }
  const texts = [10, 11, 12].map((number) => linesOf(folder, number));
  for (const text of texts) assert.deepEqual([text.length, text[0]], [2, HEADER]);
  assert.equal(second.path, `${folder.path(".")}/sol.012.jsonl.gz`);
});

Deno.test("a closed recording is closed once and takes no more", () => {
  using folder = new Folder();
  const writer = writerIn(folder);
  writer.frame(at(0), trade(START, "10"));
  writer.close();
  writer.close();
  assert.equal(linesOf(folder, 1).length, 2);
  assert.throws(() => writer.frame(at(1), trade(START, "10")), /a recording that is closed/);
});

Deno.test("what the disk refuses is kept until it takes it", () => {
  using folder = new Folder();
  Deno.mkdirSync(folder.path("later"));
  Deno.removeSync(folder.path("later"));
  using writer = new RecordingWriter({
    ...{ folder: folder.path("later"), name: "sol", symbol: "SOL_USDC" },
  });
  writer.frame(at(0), trade(START, "10"));
  assert.throws(() => writer.flush(), Deno.errors.NotFound);
  Deno.mkdirSync(folder.path("later"));
  writer.flush();
  assert.equal(gunzip(folder.path("later/sol.001.jsonl.gz")).length, 2);
});

Deno.test("what is secured is in a plain file at once, and in the compressed one once it is written out", () => {
  using folder = new Folder();
  const writer = writerIn(folder);
  const tail = () => Deno.readTextFileSync(folder.path("sol.tail.jsonl")).trimEnd().split("\n");
  const event = (n: number) => `{"n":${n},"at":${START + n},"event":{"kind":"timer"}}`;
  const write = (n: number) => writer.event(at(n), n, '{"kind":"timer"}');
  writer.secure();
  assert.deepEqual(filesOf(folder), [], "nothing to secure");
  write(1);
  write(2);
  assert.deepEqual(filesOf(folder), []);
  writer.secure();
  write(3);
  assert.deepEqual(tail(), [HEADER, event(1), event(2)]);
  writer.secure();
  writer.secure();
  assert.deepEqual(tail(), [HEADER, event(1), event(2), event(3)]);
  writer.flush();
  assert.deepEqual(tail(), [HEADER]);
  assert.deepEqual(linesOf(folder, 1), [HEADER, event(1), event(2), event(3)]);
  write(4);
  writer.secure();
  assert.deepEqual(tail(), [HEADER, event(4)]);
  writer.close();
  assert.deepEqual(filesOf(folder), ["sol.001.jsonl.gz"]);
  assert.deepEqual(linesOf(folder, 1).length, 5);
});

const refuse = { errors: "refuse" } as const;

const price = fc.integer({ min: 900, max: 1100 }).map((ticks) => (ticks / 100).toFixed(2));
const quantity = fc.integer({ min: 1, max: 999 }).map((lots) => (lots / 100).toFixed(2));
const pairs = fc.array(fc.tuple(price, quantity), { maxLength: 4 });

type Sent = { readonly kind: "frame" | "reply"; readonly text: string };

/** Something a socket or a reply could bring, stamped near its place in the order. */
const sent: fc.Arbitrary<(time: number, id: number) => Sent> = fc.oneof(
  fc.tuple(price, quantity, fc.boolean()).map(([p, q, m]) => (time: number) =>
    asFrame(trade(time, p, { q, m }))
  ),
  fc.integer({ min: 901, max: 1099 }).map((bid) => (time: number) =>
    asFrame(touch(time, (bid / 100).toFixed(2), ((bid + 1) / 100).toFixed(2)))
  ),
  fc.tuple(pairs, pairs).map(([b, a]) => (time: number, id: number) =>
    asFrame(depth(time, id, id, b, a))
  ),
  pairs.map((bids) => (time: number, id: number): Sent => ({
    kind: "reply",
    text: snapshot(time, id, bids).replace(/^.*"reply":(.*)\}$/, "$1"),
  })),
);

Deno.test("what is written is read back as the same rows, whatever was flushed when", async () => {
  const step = fc.record({
    sent,
    waitUs: fc.integer({ min: 0, max: 80_000 }),
    flush: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      using folder = new Folder();
      const lines: string[] = [];
      {
        using writer = writerIn(folder, 400);
        let time = START;
        steps.forEach(({ sent, waitUs, flush }, id) => {
          time += waitUs;
          lines.push(put(writer, micros(time), sent(time, id + 1)));
          if (flush) writer.flush();
        });
      }
      const names = filesOf(folder);
      assert.deepEqual(names.flatMap((name) => gunzip(folder.path(name)).slice(1)), lines);
      const rows = await rowsFrom(names.map((name) => folder.path(name)));
      assert.deepEqual(rows, await rowsFrom([folder.write("all.jsonl", [HEADER, ...lines])]));
    }),
    { numRuns: 40 },
  );
});

Deno.test("a recorder killed at any byte loses no whole member", async () => {
  using folder = new Folder();
  using writer = writerIn(folder);
  const path = folder.path("sol.001.jsonl.gz");
  const ends: { readonly bytes: number; readonly rows: number }[] = [];
  for (let i = 1; i <= 12; i++) {
    writer.frame(at(i), trade(START + i, `${10 + i % 3}.${10 + i}`));
    if (i % 4 > 0) continue;
    writer.flush();
    ends.push({ bytes: Deno.statSync(path).size, rows: i });
  }
  const bytes = Deno.readFileSync(path);
  const all = await rowsFrom([path]);
  assert.equal(all.length, 12);
  const first = ends[0]?.bytes ?? assert.fail();
  for (let end = 0; end <= bytes.length; end++) {
    const cut = folder.writeBytes("cut.jsonl.gz", bytes.subarray(0, end));
    // Before the first member is whole its first line may be missing, and that is said.
    const read = await readRecording([cut], sol, refuse).catch((error: unknown) => {
      assert.ok(end < first && error instanceof Error && error.name === "DataFault", `${error}`);
    });
    if (read === undefined) continue;
    const rows = shown(read.tape);
    const least = ends.findLast((member) => member.bytes <= end)?.rows ?? 0;
    assert.equal(read.report.torn, ends.some((member) => member.bytes === end) ? 0 : 1);
    assert.ok(rows.length >= least, `${end} bytes give ${rows.length} rows of ${least}`);
    assert.deepEqual(rows, all.slice(0, rows.length));
  }
});

Deno.test("a file of a recorder that wrote nothing is refused", async () => {
  using folder = new Folder();
  const path = folder.writeBytes("sol.001.jsonl.gz", new Uint8Array());
  assert.match(await faultOf(() => rowsFrom([path])), /the file must not be empty/);
});

function writerIn(folder: Folder, maxBytes = 1_000_000): RecordingWriter {
  return new RecordingWriter({
    folder: folder.path("."),
    name: "sol",
    symbol: "SOL_USDC",
    maxBytes,
  });
}

/** Records it and gives the line it must become. */
function put(writer: RecordingWriter, time: Micros, { kind, text }: Sent): string {
  if (kind === "frame") {
    writer.frame(time, text);
    return line(time, text);
  }
  writer.reply(time, "/api/v1/depth", text);
  return `{"at":${time},"path":"/api/v1/depth","reply":${text}}`;
}

function asFrame(text: string): Sent {
  return { kind: "frame", text };
}

function filesOf(folder: Folder): string[] {
  return [...Deno.readDirSync(folder.path(""))].map(({ name }) => name).sort();
}

function linesOf(folder: Folder, number: number): string[] {
  return gunzip(folder.path(`sol.${String(number).padStart(3, "0")}.jsonl.gz`));
}

function gunzip(path: string): string[] {
  return gunzipSync(Deno.readFileSync(path)).toString().trimEnd().split("\n");
}

async function rowsFrom(paths: readonly string[]): Promise<string[]> {
  return shown((await readRecording(paths, sol, refuse)).tape);
}
