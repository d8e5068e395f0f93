// What a reader finds after any number of rows and commits, and what a writer that ends early leaves.

import { deepEqual, equal, throws } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { CsvWriter } from "../../lib/data/csv_writer.ts";
import { Folder } from "./files.ts";

const header = "ts_ms,x";

function textOf(path: string): string {
  return new TextDecoder().decode(gunzipSync(Deno.readFileSync(path)));
}

function filesOf(folder: Folder): string[] {
  return [...Deno.readDirSync(folder.path(""))].map(({ name }) => name).sort();
}

Deno.test("each commit leaves a whole file, and nothing beside it", () => {
  using folder = new Folder();
  const path = folder.path("a.csv.gz");
  using writer = new CsvWriter({ path, header, begins: "anew" });
  writer.row("1,2");
  writer.commit();
  equal(textOf(path), "ts_ms,x\n1,2\n");
  writer.row("3,4");
  writer.row("5,6");
  equal(textOf(path), "ts_ms,x\n1,2\n");
  writer.commit();
  writer.commit();
  equal(textOf(path), "ts_ms,x\n1,2\n3,4\n5,6\n");
  deepEqual(filesOf(folder), ["a.csv.gz"]);
});

Deno.test("a file that is there is continued, or replaced where that is asked for", () => {
  using folder = new Folder();
  const path = folder.write("a.csv.gz", `${header}\n1,2\n`);
  {
    using writer = new CsvWriter({ path, header, begins: "behind" });
    writer.row("3,4");
    writer.commit();
  }
  equal(textOf(path), "ts_ms,x\n1,2\n3,4\n");
  using writer = new CsvWriter({ path, header, begins: "anew" });
  writer.row("7,8");
  writer.commit();
  equal(textOf(path), "ts_ms,x\n7,8\n");
});

Deno.test("rows that were not committed are forgotten, however many", () => {
  using folder = new Folder();
  const path = folder.write("a.csv.gz", `${header}\n1,2\n`);
  {
    using writer = new CsvWriter({ path, header, begins: "behind" });
    for (let i = 0; i < 3; i++) writer.row("9".repeat(1_000_000));
    deepEqual(filesOf(folder), ["a.csv.gz", "a.csv.gz.part"]);
  }
  deepEqual(filesOf(folder), ["a.csv.gz"]);
  equal(textOf(path), "ts_ms,x\n1,2\n");
});

Deno.test("without a row there is no file, as a header alone is no data", () => {
  using folder = new Folder();
  using writer = new CsvWriter({ path: folder.path("a.csv.gz"), header, begins: "anew" });
  writer.commit();
  deepEqual(filesOf(folder), []);
});

Deno.test("a folder that is not there is what the file system says", () => {
  using folder = new Folder();
  using writer = new CsvWriter({ path: folder.path("no/a.csv.gz"), header, begins: "anew" });
  writer.row("1,2");
  throws(() => writer.commit(), Deno.errors.NotFound);
});
