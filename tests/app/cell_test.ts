// A cell from the outside: it answers what it is asked, and whatever else it does ends it. What an
// endless loop does is in `tests/sandbox_test.ts`, in processes of their own.

import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import { Cell, CellStopped, PluginFault } from "../../lib/app/cell.ts";
import { entryOf, readable } from "../../lib/app/plugins.ts";
import { aFolder, counting } from "../support/plugins.ts";

const rogue = new URL("../support/rogue_host.ts", import.meta.url);
const honest = new URL("../../lib/app/cell_host.ts", import.meta.url);
const patience = { ms: 10_000 };

Deno.test("a host that cheats is stopped, and the reason says how", async () => {
  const rows = [
    ["twice", /answered what nobody asked/],
    ["another", /answered what nobody asked/],
    ["object", /cannot be read/],
    ["long", /cannot be read/],
    ["broken", /cannot be read/],
    ["beside", /sent what nobody asked for/],
    ["throws", /it threw: .*out of nowhere/],
    ["gone", /did not answer within 400 ms/],
  ] as const;
  await Promise.all(rows.map(async ([how, reason]) => {
    using cell = new Cell({ host: rogue, files: [new URL("../support/", import.meta.url)] });
    const asked = cell.ask({ kind: "describe", entry: { url: `file:///${how}`, files: [] } }, {
      ms: how === "gone" ? 400 : patience.ms,
    });
    if (how === "twice") await asked;
    else await rejects(asked, CellStopped);
    await cell.ended;
    match(cell.reason ?? "", reason, how);
    await rejects(cell.ask({ kind: "beat" }, patience), CellStopped);
    throws(() => cell.askNow({ kind: "beat" }, 10), CellStopped);
  }));
});

Deno.test("an answer is told, and so is what the plugin printed", async () => {
  using folder = aFolder({ "a.ts": `console.log("one", { two: 2 }, "\\x1b[2J"); ${counting()}` });
  const said: string[] = [];
  const entry = entryOf(`${folder.path}/a.ts`);
  const onSaid = (line: string) => said.push(line);
  using cell = new Cell({ host: honest, files: readable(entry), onSaid });
  await cell.ask({ kind: "describe", entry }, patience);
  deepEqual(said, ['one {"two":2}  [2J']);
  await cell.ask({ kind: "beat" }, patience);
  equal(said.length, 1);
});

Deno.test("what a plugin throws fails its question and not the cell", async () => {
  using folder = aFolder({ "a.ts": counting(`cadence() { throw new TypeError("none"); },`) });
  const entry = entryOf(`${folder.path}/a.ts`);
  using cell = new Cell({ host: honest, files: readable(entry) });
  await cell.ask({ kind: "describe", entry }, patience);
  const view = { kind: "plan" as const, observations: [] };
  await rejects(cell.ask(view, patience), PluginFault);
  throws(() => cell.askNow(view, patience.ms), /asked for a plan before the setup/);
  equal(cell.reason, undefined);
  match(JSON.stringify(await cell.ask({ kind: "beat" }, patience)), /^\{"heapBytes":\d+\}$/);
});

Deno.test("whoever waits for a cell that is stopped learns why, and only the first reason counts", async () => {
  using cell = new Cell({ host: rogue, files: [new URL("../support/", import.meta.url)] });
  const entry = { url: "file:///silent", files: [] };
  const asked = cell.ask({ kind: "describe", entry }, patience);
  cell.stop("it is enough");
  cell.stop("something else");
  await rejects(asked, /stopped as it is enough/);
  equal(cell.reason, "it is enough");
});
