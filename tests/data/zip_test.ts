// What comes out of an archive is what went in, or a fault that says why not.

import { equal, match } from "node:assert/strict";
import { DataFault } from "../../lib/data/fault.ts";
import { isZip, openZip } from "../../lib/data/zip.ts";
import { faultOf } from "./files.ts";
import { type ZipFlaws, zipOf } from "./zip.ts";

const text = "1,2\n".repeat(200_000);

async function contentOf(bytes: Uint8Array): Promise<string> {
  const decoder = new TextDecoder();
  let found = "";
  for await (const chunk of openZip("a.zip", bytes).chunks()) {
    found += decoder.decode(chunk, { stream: true });
  }
  return found;
}

Deno.test("a file comes out as it went in, deflated or stored, with or without a comment", async () => {
  const kinds: readonly ZipFlaws[] = [
    {},
    { method: 0 },
    { comment: "from Binance" },
    { extra: 28 },
  ];
  for (const kind of kinds) {
    const bytes = zipOf("SOLUSDT-1m-2025-01.csv", text, kind);
    equal(isZip(bytes), true);
    equal(openZip("a.zip", bytes).name, "SOLUSDT-1m-2025-01.csv");
    equal(await contentOf(bytes) === text, true, JSON.stringify(kind));
  }
});

Deno.test("an archive that lies or is cut short is refused by name", async () => {
  const rows: readonly (readonly [Uint8Array, RegExp])[] = [
    [zipOf("a.csv", text, { sum: 7 }), /"a\.zip" as the file in the archive must have its own/],
    [zipOf("a.csv", text, { length: 7 }), /must have its own checksum/],
    [zipOf("a.csv", text, { files: 2 }), /must hold one file and holds 2/],
    [zipOf("a.csv", text, { flags: 1 }), /must not be encrypted/],
    [zipOf("a.csv", text, { method: 12 }), /must be stored or deflated/],
    [zipOf("a.csv", text, { length: 0xffffffff }), /below 4 GiB: take the daily files/],
    [zipOf("a.csv", text).slice(0, -30), /must be whole: its directory is missing/],
    [zipOf("a.csv", text).slice(9), /must have a directory where it says/],
    [new Uint8Array([0x50, 0x4b, 3, 4]), /its directory is missing/],
  ];
  for (const [bytes, message] of rows) match(await faultOf(() => contentOf(bytes)), message);
});

Deno.test("a byte changed anywhere in the data never passes for another text", async () => {
  const short = "1735689600000,1,2,1,2\n".repeat(40);
  const sound = zipOf("a.csv", short);
  const start = 30 + "a.csv".length;
  const end = sound.length - 22 - 46 - "a.csv".length;
  for (let at = start; at < end; at++) {
    const bytes = sound.slice();
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    // Bits that only fill the last byte say nothing.
    const found = await contentOf(bytes).catch((error: unknown) => error);
    equal(found instanceof DataFault || found === short, true, `byte ${at}`);
  }
});
