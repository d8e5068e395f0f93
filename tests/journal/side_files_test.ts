// Tests lib/journal/side_files.ts: every market event once and in order, whatever instant the process
// that wrote them died at.

import assert from "node:assert/strict";
import { RecordingWriter } from "../../lib/data/recorder.ts";
import { lastSideEvents, sideEvents, sideFilesOf } from "../../lib/journal/side_files.ts";
import { Folder } from "../data/files.ts";
import { at, aTrade } from "./samples.ts";

const options = { name: "run", symbol: "SOL_USDC" } as const;

/** Writes events by number, `ms` apart, securing and flushing where told. */
function write(writer: RecordingWriter, from: number, to: number, ms = 1): void {
  for (let n = from; n <= to; n++) {
    writer.event(at(n * ms / 1000), n, JSON.stringify(aTrade(n * ms / 1000, n)));
  }
}

async function numbers(folder: Folder, after = 0): Promise<readonly number[]> {
  const found: number[] = [];
  for await (const { n, event } of sideEvents(sideFilesOf(folder.path(""), "run"), after)) {
    assert.ok(event.kind === "trade" && event.price === n);
    found.push(n);
  }
  return found;
}

function upTo(last: number, first = 1): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

Deno.test("files are found in order, with the tail last, and none of another run", () => {
  using folder = new Folder();
  for (
    const name of ["run.010.jsonl.gz", "run.tail.jsonl", "run.009.jsonl.gz", "run.1000.jsonl.gz"]
      .concat("run-2.001.jsonl.gz", "run.x.jsonl.gz", "run.sqlite")
  ) folder.write(name, "");
  assert.deepEqual(
    sideFilesOf(folder.path(""), "run").map((path) => path.slice(folder.path("").length + 1)),
    ["run.009.jsonl.gz", "run.010.jsonl.gz", "run.1000.jsonl.gz", "run.tail.jsonl"],
  );
  assert.deepEqual(sideFilesOf(folder.path("nowhere"), "run"), []);
});

Deno.test("what is in the tail and in the file before it is given once", async () => {
  using folder = new Folder();
  const writer = new RecordingWriter({ folder: folder.path(""), ...options });
  write(writer, 1, 10);
  writer.secure();
  write(writer, 11, 12);
  const tail = Deno.readFileSync(folder.path("run.tail.jsonl"));
  assert.deepEqual(await numbers(folder), upTo(10), "a process killed now");
  writer.flush();
  // Killed after the file was written and before the tail was emptied.
  folder.writeBytes("run.tail.jsonl", tail);
  assert.deepEqual(await numbers(folder), upTo(12));
  assert.deepEqual(await numbers(folder, 7), upTo(12, 8));
  const last = await lastSideEvents(sideFilesOf(folder.path(""), "run"), 7);
  assert.deepEqual(last.map(({ n }) => n), upTo(12, 8));
});

Deno.test("a file cut at any byte of its last member gives every event before, and the tail the rest", async () => {
  using folder = new Folder();
  const writer = new RecordingWriter({ folder: folder.path(""), ...options });
  write(writer, 1, 20);
  writer.flush();
  const whole = Deno.statSync(folder.path("run.001.jsonl.gz")).size;
  write(writer, 21, 40);
  writer.secure();
  const tail = Deno.readFileSync(folder.path("run.tail.jsonl"));
  write(writer, 41, 45);
  writer.flush();
  const bytes = Deno.readFileSync(folder.path("run.001.jsonl.gz"));
  folder.writeBytes("run.tail.jsonl", tail);
  for (let end = whole; end < bytes.length; end += 7) {
    folder.writeBytes("run.001.jsonl.gz", bytes.subarray(0, end));
    const found = await numbers(folder);
    assert.ok(found.length >= 40, `${found.length} events with ${end} bytes`);
    assert.deepEqual(found, upTo(found.length));
  }
});

Deno.test("a file and a tail that were only just made hold nothing and break nothing", async () => {
  using folder = new Folder();
  folder.writeBytes("run.001.jsonl.gz", new Uint8Array());
  folder.writeBytes("run.tail.jsonl", new Uint8Array());
  assert.deepEqual(await numbers(folder), []);
  assert.deepEqual(await lastSideEvents(sideFilesOf(folder.path(""), "run"), 0), []);
});

Deno.test("the last events are found without reading what is long past", async () => {
  using folder = new Folder();
  const writer = new RecordingWriter({ folder: folder.path(""), ...options, maxBytes: 1 });
  for (let file = 0; file < 5; file++) {
    write(writer, file * 10 + 1, file * 10 + 10);
    writer.flush();
  }
  write(writer, 51, 53);
  writer.secure();
  const paths = sideFilesOf(folder.path(""), "run");
  assert.equal(paths.length, 6);
  // Were the first three read, this would be found out.
  for (const path of paths.slice(0, 3)) Deno.writeFileSync(path, new Uint8Array([1, 2, 3]));
  for (const after of [30, 35, 39, 40, 52, 53]) {
    const found = await lastSideEvents(paths, after);
    assert.deepEqual(found.map(({ n }) => n), upTo(53, after + 1), `after ${after}`);
  }
  await assert.rejects(lastSideEvents(paths, 29), { name: "DataFault" });
});

Deno.test("a line that is no event is a fault that names its file", async () => {
  using folder = new Folder();
  const header = '{"recording":1,"venue":"backpack","symbol":"SOL_USDC"}';
  const good = `{"n":1,"at":${at(1)},"event":${JSON.stringify(aTrade(1, 1))}}`;
  const rows = [
    [`{"at":${at(1)},"frame":{}}`, /run\.001\.jsonl\.gz" as .* row 2 holds no event/],
    [good.replace('"price":1', '"price":1.5'), /event 1: event\.price must be a whole number/],
    [good.replace("trade", "trick"), /event 1: event\.kind must be a kind of event/],
    [good.replace('"bid"', "bid"), /event 1: /],
  ] as const;
  for (const [line, rule] of rows) {
    folder.write("run.001.jsonl.gz", [header, line, good]);
    await assert.rejects(numbers(folder), rule);
  }
});
