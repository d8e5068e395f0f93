// Tests lib/data/source.ts: what is wrong with a file as a whole, before any of its rows.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { openSource } from "../../lib/data/source.ts";
import { faultOf, Folder } from "./files.ts";

async function textOf(path: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of (await openSource(path)).chunks()) {
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

const text = `ts_ms,open\n${
  Array.from({ length: 40_000 }, (_, i) => `${i},${i * 7919 % 100_003}`).join("\n")
}\n`;
const zipped = gzipSync(text);

const broken: readonly (readonly [string, Uint8Array | string, string])[] = [
  ["empty.csv", "", "the file must not be empty"],
  ["empty.csv.gz", new Uint8Array(0), "the file must not be empty"],
  ["nothing.csv.gz", gzipSync(""), "the file must not be empty"],
  ["plain.csv.gz", text, "a file named .gz must be in gzip format"],
  ["half.csv.gz", zipped.subarray(0, zipped.length / 2), "the file is cut short"],
  ["tail.csv.gz", zipped.subarray(0, zipped.length - 1), "the file is cut short"],
  ["twice.csv", "open,open\n1,2\n", 'row 1 column "open" must be named once'],
  ["endless.csv", "a".repeat(70_000), "row 1 must be a header of column names"],
];

for (const [name, content, rule] of broken) {
  Deno.test(`a broken file is refused in one line: ${name}`, async () => {
    using folder = new Folder();
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const path = folder.writeBytes(name, bytes);
    const message = await faultOf(() => textOf(path));
    assert.ok(message.startsWith(`Cannot read "${name}" as `), message);
    assert.ok(message.includes(rule), message);
    assert.ok(!message.includes("\n"), message);
  });
}

Deno.test("a missing file is named", async () => {
  using folder = new Folder();
  const message = await faultOf(() => openSource(folder.path("nowhere.csv.gz")));
  assert.equal(message, 'Cannot read "nowhere.csv.gz" as the file must exist');
});

Deno.test("a folder is not a file", async () => {
  using folder = new Folder();
  assert.match(await faultOf(() => openSource(folder.path("."))), /must be readable/);
});

Deno.test("a flipped bit is found by the checksum of gzip", async () => {
  using folder = new Folder();
  const bytes = new Uint8Array(zipped);
  const at = bytes.length - 6;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  const path = folder.writeBytes("flipped.csv.gz", bytes);
  assert.match(await faultOf(() => textOf(path)), /the gzip stream must be whole/);
});

Deno.test("gzip and plain files give the same text, header included", async () => {
  using folder = new Folder();
  const plain = folder.write("a.csv", text);
  const packed = folder.write("a.csv.gz", text);
  assert.equal(await textOf(plain), text);
  assert.equal(await textOf(packed), text);
  assert.deepEqual((await openSource(packed)).header, ["ts_ms", "open"]);
});

Deno.test("gzip is known by its bytes, whatever the file is called", async () => {
  using folder = new Folder();
  assert.equal(await textOf(folder.writeBytes("a.csv", zipped)), text);
});

Deno.test("files appended to each other as gzip are read to the end", async () => {
  using folder = new Folder();
  const path = folder.writeBytes("two.csv.gz", new Uint8Array([...zipped, ...zipped]));
  assert.equal((await textOf(path)).length, 2 * text.length);
});

Deno.test("a byte order mark and Windows line ends stay out of the header", async () => {
  using folder = new Folder();
  const { header } = await openSource(folder.write("a.csv", "\ufeffts_ms,open\r\n1,2\r\n"));
  assert.deepEqual(header, ["ts_ms", "open"]);
});

Deno.test("the checksum is of the file on the disk", async () => {
  using folder = new Folder();
  const { sha256 } = await openSource(folder.writeBytes("a.csv.gz", zipped));
  assert.equal(sha256, createHash("sha256").update(zipped).digest("hex"));
});
