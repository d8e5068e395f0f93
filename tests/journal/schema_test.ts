// Tests lib/journal/schema.ts: how a file of one version becomes one of the next, and what is never
// touched.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { MIGRATIONS, openDatabase, transaction } from "../../lib/journal/schema.ts";
import { Folder } from "../data/files.ts";
import { assertFault, faultIn } from "./samples.ts";

const one = "CREATE TABLE things (name TEXT)";
const two = "ALTER TABLE things ADD COLUMN colour TEXT DEFAULT 'grey'";

function open(folder: Folder, migrations: readonly string[] = MIGRATIONS) {
  return openDatabase(folder.path("a.sqlite"), { access: "write", migrations });
}

Deno.test("a new file has the newest schema, many readers and one writer that need not wait", () => {
  using folder = new Folder();
  using database = open(folder);
  const value = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  assert.deepEqual(
    ["user_version", "journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint"].map(
      value,
    ),
    [MIGRATIONS.length, "wal", 1, 1, 0],
  );
  assert.throws(() => database.exec("INSERT INTO equity VALUES (1, 1, 1, 1)"), /FOREIGN KEY/);
});

Deno.test("an older file is brought forward with everything in it, step by step and once", () => {
  using folder = new Folder();
  {
    using old = open(folder, [one]);
    old.exec("INSERT INTO things VALUES ('door')");
  }
  for (const round of [1, 2]) {
    using database = open(folder, [one, two]);
    const things = database.prepare("SELECT * FROM things").all().map((row) => ({ ...row }));
    assert.deepEqual(things, [{ name: "door", colour: "grey" }], `round ${round}`);
  }
});

Deno.test("a step that fails leaves the file as it was", () => {
  using folder = new Folder();
  open(folder, [one]).close();
  assert.throws(() => open(folder, [one, two, "CREATE TABLE things (again)"]), /things already/);
  using database = open(folder, [one]);
  assert.equal(database.prepare("PRAGMA user_version").get()?.user_version, 1);
  assert.equal(
    database.prepare("SELECT count(*) AS n FROM pragma_table_info('things')").get()?.n,
    1,
  );
});

Deno.test("a file of a newer version is refused by name and not touched", () => {
  using folder = new Folder();
  {
    using newer = open(folder, [one, two]);
    newer.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  const before = Deno.readFileSync(folder.path("a.sqlite"));
  const fault = faultIn(() => open(folder, [one]));
  assert.equal(fault.kind, "newer");
  assert.match(
    fault.message,
    /made by a newer version of bpx-bot \(its schema is 2, this one knows/,
  );
  assertFault(
    "newer",
    () => openDatabase(folder.path("a.sqlite"), { access: "read", migrations: [one] }),
  );
  assert.deepEqual(Deno.readFileSync(folder.path("a.sqlite")), before);
});

Deno.test("a database cut off in the middle of a page is refused, and not repaired in silence", () => {
  using folder = new Folder();
  {
    using database = open(folder, [one]);
    for (let i = 0; i < 300; i++) database.exec(`INSERT INTO things VALUES ('${"x".repeat(200)}')`);
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  const whole = Deno.readFileSync(folder.path("a.sqlite"));
  for (const length of [whole.length - 100, whole.length - 4096 * 3 - 5, 4096 + 17, 700, 50]) {
    folder.writeBytes("a.sqlite", whole.subarray(0, length));
    assertFault("damaged", () => open(folder, [one]));
    assert.equal(Deno.statSync(folder.path("a.sqlite")).size, length);
  }
});

Deno.test("a folder that is not there and one that may not be written are told apart", () => {
  using folder = new Folder();
  assertFault("missing", () => openDatabase(folder.path("no/a.sqlite"), { access: "write" }));
  assertFault("missing", () => openDatabase(folder.path("a.sqlite"), { access: "read" }));
});

Deno.test("a transaction is kept whole or not at all", () => {
  using folder = new Folder();
  using database = open(folder, [one]);
  const count = () => database.prepare("SELECT count(*) AS n FROM things").get()?.n;
  assert.equal(transaction(database, () => (database.exec("INSERT INTO things VALUES (1)"), 8)), 8);
  assert.throws(() =>
    transaction(database, () => {
      database.exec("INSERT INTO things VALUES (2)");
      throw new Error("no");
    }), /no/);
  assert.equal(count(), 1);
  database.exec("PRAGMA max_page_count = 3");
  assert.throws(() =>
    transaction(database, () => {
      for (let i = 0; i < 100; i++) {
        database.exec(`INSERT INTO things VALUES ('${"x".repeat(999)}')`);
      }
    }), /full/);
  assert.equal(count(), 1);
  using other = new DatabaseSync(folder.path("a.sqlite"));
  assert.equal(other.prepare("SELECT count(*) AS n FROM things").get()?.n, 1);
});
