// Tests lib/app/commands/report.ts: the report of a journaled run is the one it had when it ended.

import assert from "node:assert/strict";
import { reportCommand } from "../../../lib/app/commands/report.ts";
import { defaultParams } from "../../../lib/core/params.ts";
import { reportOf } from "../../../lib/lab/account_for.ts";
import grid from "../../../strategies/grid.ts";
import { Folder } from "../../data/files.ts";
import { perpMarket } from "../../support/core.ts";
import { journaledRun } from "../../support/journaled.ts";
import { aShell } from "../../support/shell.ts";

const params = {
  ...defaultParams(grid.params),
  ...{ autoPrice: true, priceRange: 0.004, levels: 13 },
};
const data = { files: [], rows: 0, from: null, to: null, skipped: 0, rounded: 0, gaps: 0 };

Deno.test("the report of a journal is the report of its run", async () => {
  using folder = new Folder();
  const dataDir = folder.path("");
  const synth = { volatilityPct: 150, durationSec: 300 };
  const { id, parts } = await journaledRun({ folder: dataDir, strategy: grid, params, synth });
  const fees = { maker: 2, taker: 5 };
  const wanted = reportOf(parts, {
    ...{ feed: "sim", seconds: 1, notes: [] },
    run: {
      ...{ market: perpMarket(), strategy: grid, params, fees, seed: 5, data, version: "0.1.0" },
      ...{ fillModel: "queue", latencyMs: 50 },
    },
  });
  const shell = aShell();
  assert.equal(await reportCommand(id, { dataDir, json: true }, shell), 0);
  const found = JSON.parse(shell.printed.out);
  assert.ok(wanted.fills > 5, `${wanted.fills} fills`);
  for (
    const part of ["fills", "orders", "profit", "state", "refusals", "commandsDigest"] as const
  ) {
    assert.deepEqual(found[part], wanted[part], part);
  }
  assert.deepEqual(found.ledger, { ...wanted.ledger, identityError: null });
  assert.deepEqual(found.metrics.netPnl, wanted.metrics.netPnl);
  assert.deepEqual([found.run.id, found.run.seed, found.run.feed], [id, 5, "paper"]);
  assert.deepEqual(found.run.params, wanted.run.params);
});

Deno.test("points received give the cost of one", async () => {
  using folder = new Folder();
  const dataDir = folder.path("");
  const synth = { volatilityPct: 150 };
  const { id } = await journaledRun({ folder: dataDir, strategy: grid, params, synth });
  const shell = aShell();
  assert.equal(await reportCommand(id, { dataDir, points: "10" }, shell), 0);
  assert.match(
    shell.printed.out,
    /\nCost per point: -?\d+\.\d{4} USDC \(fees less realised profit\)\n$/,
  );
  const json = aShell();
  await reportCommand(id, { dataDir, points: "10", json: true }, json);
  const { costPerPoint, points: { weeks: [week] } } = JSON.parse(json.printed.out);
  assert.ok(Math.abs(costPerPoint - (week.fees - week.realised) / 10) < 1e-12);
  const none = reportCommand(id, { dataDir, points: "0" }, aShell());
  await assert.rejects(none, /--points must be between 0.0001 and/);
});

Deno.test("a run that was killed is reported, and that it did not end is noted", async () => {
  using folder = new Folder();
  const dataDir = folder.path("");
  const { id } = await journaledRun({ folder: dataDir, strategy: grid, params, ends: "killed" });
  const shell = aShell();
  await reportCommand(id, { dataDir, json: true }, shell);
  const { notes } = JSON.parse(shell.printed.out);
  assert.ok(notes.includes("The run has not ended, or its process was killed."));
});
