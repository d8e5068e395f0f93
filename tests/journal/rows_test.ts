// Tests lib/journal/rows.ts: a run is read in pages, and no page is lost or given twice.

import assert from "node:assert/strict";
import { commandRowsOf, rowsOf } from "../../lib/journal/rows.ts";
import { insertRun } from "../../lib/journal/runs.ts";
import { openDatabase } from "../../lib/journal/schema.ts";
import { Folder } from "../data/files.ts";
import { aStart } from "./samples.ts";

/** As many rows of two runs, in turns, as told; each third row of the first holds a cancel. */
function filled(folder: Folder, count: number) {
  const path = folder.path("a.sqlite");
  const database = openDatabase(path, { access: "write" });
  const [own, other] = [aStart(), aStart({ tag: 131 })].map((start) =>
    insertRun(database, "paper", start)
  );
  const row = database.prepare(
    "INSERT INTO rows (run, n, time, kind, event, commands) VALUES (?, ?, 1, 'pause', ?, ?)",
  );
  database.exec("BEGIN");
  for (let n = 1; n <= count; n++) {
    const commands = n % 3 === 0 ? JSON.stringify([{ kind: "cancel", id: n }]) : null;
    row.run(own?.key ?? 0, n, '{"kind":"pause","time":1}', commands);
    row.run(other?.key ?? 0, n, null, '[{"kind":"cancel","id":9999}]');
  }
  database.exec("COMMIT");
  const all = { key: own?.key ?? 0, behind: own?.behind ?? 0, upTo: Number.MAX_SAFE_INTEGER };
  return { database, path, all };
}

for (const count of [0, 1, 999, 1000, 3005]) {
  Deno.test(`${count} rows are read once each, forwards and back`, () => {
    using folder = new Folder();
    const { database, path, all } = filled(folder, count);
    const numbers = [...rowsOf(database, path, all)].map(({ n }) => n);
    assert.deepEqual(numbers, Array.from({ length: count + 1 }, (_, i) => i));
    const back = [...commandRowsOf(database, path, all)].map(({ commands }) => commands[0]?.id);
    assert.deepEqual(back, numbers.filter((n) => n > 0 && n % 3 === 0).reverse());
    database.close();
  });
}

Deno.test("only rows of the span are read", () => {
  using folder = new Folder();
  const { database, path, all } = filled(folder, 9);
  const rows = [...rowsOf(database, path, all)];
  const [behind = 0, upTo = 0] = [rows[3]?.seq, rows[6]?.seq];
  const span = { ...all, behind, upTo };
  assert.deepEqual([...rowsOf(database, path, span)].map(({ n }) => n), [4, 5, 6]);
  assert.deepEqual([...commandRowsOf(database, path, span)].map(({ n }) => n), [6]);
  database.close();
});

Deno.test("a reader that pauses between pages holds nobody up", () => {
  using folder = new Folder();
  const { database, path, all } = filled(folder, 1500);
  const reading = rowsOf(database, path, all);
  reading.next();
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  using second = openDatabase(path, { access: "write" });
  second.exec("DELETE FROM rows WHERE n = 1400");
  const numbers = [...reading].map(({ n }) => n);
  assert.equal(numbers.length, 1499, "row 0 was read before, and 1400 is gone");
  assert.equal(Deno.statSync(`${path}-wal`).size > 0, true);
  database.close();
});
