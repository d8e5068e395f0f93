// Tests lib/journal/fault.ts with what database and file system really say.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { faultOf, guarded, JournalFault, type JournalFaultKind } from "../../lib/journal/fault.ts";
import { Folder } from "../data/files.ts";
import { assertFault } from "./samples.ts";

const rows: readonly (readonly [string, JournalFaultKind, (folder: Folder) => unknown])[] = [
  ["no room in the database", "full", (folder) => {
    using database = new DatabaseSync(folder.path("a.sqlite"));
    database.exec("CREATE TABLE a (x); PRAGMA max_page_count = 3");
    for (let i = 0; i < 100; i++) database.exec(`INSERT INTO a VALUES ('${"x".repeat(1000)}')`);
  }],
  ["no room on the disk", "full", () => {
    throw Object.assign(new Error("No space left on device (os error 28)"), { code: "ENOSPC" });
  }],
  ["a database to be read only", "readOnly", (folder) => {
    new DatabaseSync(folder.path("a.sqlite")).close();
    using database = new DatabaseSync(folder.path("a.sqlite"), { readOnly: true });
    database.exec("CREATE TABLE a (x)");
  }],
  ["a folder that may not be written", "readOnly", () => {
    throw new Deno.errors.PermissionDenied("Permission denied (os error 13): open 'x'");
  }],
  ["a database another holds", "locked", (folder) => {
    using first = new DatabaseSync(folder.path("a.sqlite"));
    using second = new DatabaseSync(folder.path("a.sqlite"), { timeout: 1 });
    first.exec("CREATE TABLE a (x); BEGIN IMMEDIATE");
    second.exec("INSERT INTO a VALUES (1)");
  }],
  ["a file that is no database", "damaged", (folder) => {
    using database = new DatabaseSync(folder.write("a.sqlite", "nothing of the kind".repeat(99)));
    database.prepare("SELECT * FROM sqlite_master").all();
  }],
  ["a folder that is not there", "missing", (folder) => {
    new DatabaseSync(folder.path("nowhere/a.sqlite"));
  }],
  ["a file that is not there", "missing", (folder) => Deno.readTextFileSync(folder.path("a"))],
  ["what nobody has thought of", "failed", () => {
    throw Object.assign(new Error("bad\nsector"), { code: "EIO" });
  }],
];
for (const [name, kind, action] of rows) {
  Deno.test(`${name} is told in one line`, () => {
    using folder = new Folder();
    assertFault(kind, () => guarded("here.sqlite", () => action(folder)));
  });
}

Deno.test("a mistake of this program is not passed off as one of the disk", () => {
  const bug = new TypeError("x is undefined");
  assert.equal(faultOf("here.sqlite", bug), bug);
  const fault = new JournalFault("newer", "a", "it is");
  assert.equal(faultOf("b", fault), fault);
  assert.equal(guarded("here.sqlite", () => 5), 5);
});
