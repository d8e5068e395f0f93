// Tests lib/journal/runs.ts: what each run was and how it ended, and where its rows are among others.

import assert from "node:assert/strict";
import { openDatabase } from "../../lib/journal/schema.ts";
import { insertRun, selectRuns, spanOf } from "../../lib/journal/runs.ts";
import { Folder } from "../data/files.ts";
import { aStart, at } from "./samples.ts";

Deno.test("a run has a name a person can read and a file can have, and no two have the same", () => {
  using folder = new Folder();
  using database = openDatabase(folder.path("a.sqlite"), { access: "write" });
  const names = [aStart(), aStart(), aStart(), aStart({ strategy: "my grid/../x" })]
    .map((start) => insertRun(database, "paper", start).id);
  assert.deepEqual(names, [
    "20261121-120000-grid-SOL_USDC",
    "20261121-120000-grid-SOL_USDC-2",
    "20261121-120000-grid-SOL_USDC-3",
    "20261121-120000-my_grid_.._x-SOL_USDC",
  ]);
});

Deno.test("a run is read back as it was started", () => {
  using folder = new Folder();
  using database = openDatabase(folder.path("a.sqlite"), { access: "write" });
  const start = aStart({ continues: "an earlier one", started: at(0.5) });
  const { id } = insertRun(database, "live", start);
  assert.deepEqual(selectRuns(database, "WHERE id = ?", id), [
    { ...start, id, mode: "live", end: undefined },
  ]);
});

Deno.test("the rows of a killed run end where the next of its pair begins, and of no other", () => {
  using folder = new Folder();
  using database = openDatabase(folder.path("a.sqlite"), { access: "write" });
  const first = insertRun(database, "paper", aStart());
  const spans = () => spanOf(database, first.id);
  assert.deepEqual(spans(), { key: 1, behind: 0, upTo: Number.MAX_SAFE_INTEGER });
  insertRun(database, "paper", aStart({ tag: 131 }));
  insertRun(database, "paper", aStart({ account: "other" }));
  insertRun(database, "paper", aStart({ market: "BTC_USDC" }));
  assert.equal(spans()?.upTo, Number.MAX_SAFE_INTEGER);
  insertRun(database, "paper", aStart());
  insertRun(database, "paper", aStart());
  assert.equal(spans()?.upTo, 4);
  assert.equal(spanOf(database, "nothing"), undefined);
});
