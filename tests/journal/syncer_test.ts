// Tests lib/journal/syncer.ts: what was asked for is on the disk, and a worker that fails is heard of.

import assert from "node:assert/strict";
import { openDatabase } from "../../lib/journal/schema.ts";
import { Syncer } from "../../lib/journal/syncer.ts";
import { Folder } from "../data/files.ts";
import { faultIn } from "./samples.ts";

Deno.test("what was written when it was asked for is in the database itself afterwards", async () => {
  using folder = new Folder();
  const path = folder.path("a.sqlite");
  const database = openDatabase(path, { access: "write", migrations: ["CREATE TABLE a (x)"] });
  const syncer = new Syncer(path);
  const isHome = () => new TextDecoder().decode(Deno.readFileSync(path)).includes("the word");
  database.exec("INSERT INTO a VALUES ('the word')");
  assert.equal(isHome(), false);
  for (let i = 0; i < 100; i++) syncer.ask();
  await syncer.settled();
  assert.equal(isHome(), true);
  syncer.check();
  await syncer.close();
  database.close();
});

Deno.test("what is written while it is at it is synced as well", async () => {
  using folder = new Folder();
  const path = folder.path("a.sqlite");
  const database = openDatabase(path, { access: "write", migrations: ["CREATE TABLE a (x)"] });
  const syncer = new Syncer(path);
  const isHome = (word: string) => new TextDecoder().decode(Deno.readFileSync(path)).includes(word);
  database.exec("INSERT INTO a VALUES ('early')");
  syncer.ask();
  while (!isHome("early"));
  // It is done, but its answer cannot have been heard yet.
  database.exec("INSERT INTO a VALUES ('late')");
  syncer.ask();
  assert.equal(isHome("late"), false);
  await syncer.settled();
  assert.equal(isHome("late"), true);
  await syncer.close();
  database.close();
});

Deno.test("a database that cannot be synced is a fault at the next look", async () => {
  using folder = new Folder();
  const syncer = new Syncer(folder.write("a.sqlite", "nothing of the kind".repeat(99)));
  syncer.check();
  syncer.ask();
  await assert.rejects(syncer.settled(), { name: "JournalFault", kind: "damaged" });
  assert.equal(faultIn(() => syncer.check()).kind, "damaged");
  await syncer.close();
});
