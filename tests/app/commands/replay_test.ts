// Tests lib/app/commands/replay.ts: what a person reads of a replay, and its exit code.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { replayCommand } from "../../../lib/app/commands/replay.ts";
import { defaultParams } from "../../../lib/core/params.ts";
import grid from "../../../strategies/grid.ts";
import { Folder } from "../../data/files.ts";
import { journaledRun } from "../../support/journaled.ts";
import { aShell } from "../../support/shell.ts";

const params = {
  ...defaultParams(grid.params),
  ...{ autoPrice: true, priceRange: 0.004, levels: 13 },
};

/** A data folder with one run in it; gone when the block ends. */
async function aRun(more: { readonly version?: string } = {}) {
  const folder = new Folder();
  const dataDir = folder.path("");
  const { id } = await journaledRun({ folder: dataDir, strategy: grid, params, ...more });
  return { dataDir, id, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

/** Changes the journal behind the program's back. */
function change(dataDir: string, sql: string, ...values: readonly (string | number)[]) {
  const database = new DatabaseSync(`${dataDir}/paper.sqlite`);
  database.prepare(sql).run(...values);
  database.close();
}

async function replayed(dataDir: string, id: string, json?: true) {
  const shell = aShell();
  const code = await replayCommand(id, { dataDir, ...(json && { json }) }, shell);
  return { code, ...shell.printed };
}

Deno.test("an identical replay is one line and exit code 0", async () => {
  using run = await aRun();
  const { code, out, err } = await replayed(run.dataDir, run.id);
  assert.match(out, /^Run \S+: \d+ events, \d+ commands: identical\n$/);
  assert.deepEqual([code, err], [0, ""]);
  const { out: json } = await replayed(run.dataDir, run.id, true);
  const document = JSON.parse(json);
  assert.deepEqual([document.identical, document.difference, document.lost], [true, null, null]);
});

Deno.test("one altered command is found with its event, both commands and the reason", async () => {
  using run = await aRun({ version: "0.0.9" });
  const { dataDir, id } = run;
  const sql = `SELECT n, commands FROM rows WHERE commands IS NOT NULL ORDER BY seq LIMIT 1`;
  const database = new DatabaseSync(`${dataDir}/paper.sqlite`);
  const row = database.prepare(sql).get();
  database.close();
  const n = Number(row?.n);
  const commands = JSON.parse(String(row?.commands));
  commands[0].price += 7;
  change(dataDir, "UPDATE rows SET commands = ? WHERE n = ?", JSON.stringify(commands), n);
  const { code, out } = await replayed(dataDir, id);
  assert.equal(code, 1);
  assert.match(out, new RegExp(`event +${n}, depth at 2023-11-14T22:13:2\\d`));
  assert.match(out, /journaled +place 1: bid 0\.1 @ \d+\.\d+ maker, rung \d+/);
  assert.match(out, /replayed +place 1: bid/);
  assert.match(out, /version: journaled by bpx-bot 0\.0\.9, replayed by/);
  const document = JSON.parse((await replayed(dataDir, id, true)).out);
  assert.deepEqual([document.identical, document.difference.n], [false, n]);
});

Deno.test("a changed clock and a missing setting are named as reasons", async () => {
  using run = await aRun();
  const { dataDir, id } = run;
  change(dataDir, "UPDATE rows SET time = time + 5, commands = '[]' WHERE commands IS NOT NULL");
  change(dataDir, "UPDATE runs SET config = json_remove(config, '$.settings.maxShifts')");
  const { code, out } = await replayed(dataDir, id);
  assert.equal(code, 1);
  assert.match(out, /config: the run did not have maxShifts; defaults are used/);
  assert.match(out, /clock: the run's time was \S+5Z, is \S+0Z/);
});

Deno.test("a torn side file is replayed up to the tear, which is said, with exit code 1", async () => {
  using run = await aRun();
  const { dataDir, id } = run;
  const side = `${dataDir}/recordings/${id}.001.jsonl.gz`;
  Deno.truncateSync(side, Math.round(Deno.statSync(side).size / 2));
  const { code, out, err } = await replayed(dataDir, id);
  assert.match(out, /: \d+ events, \d+ commands: identical\n$/);
  assert.match(err, /^The journal ends before the run: .*event \d+ is missing/);
  assert.equal(code, 1);
});
