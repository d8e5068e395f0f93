// Tests lib/journal/run_journal.ts: what is there when `seen` has returned, whatever happens next, and
// what a disk that refuses does to it.

import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { cash, lots, micros, SECOND } from "../../lib/core/units.ts";
import { Journal } from "../../lib/journal/journal.ts";
import { recover } from "../../lib/journal/recover.ts";
import { ReplaySource, type ReplayStep } from "../../lib/journal/replay_source.ts";
import { Folder } from "../data/files.ts";
import {
  aFill,
  anAccepted,
  anEnd,
  aPlace,
  assertFault,
  aStart,
  at,
  aTrade,
  faultIn,
  Hand,
  House,
  pair,
  tinyDisk,
} from "./samples.ts";
import { session } from "./session.ts";

Deno.test("an event of ours and its commands are one row, there for others when seen returns", async () => {
  await using house = new House();
  const { run } = house.begin();
  house.hand.time = at(9);
  run.seen(aFill(5, 70), [aPlace(6)]);
  const rows = [...house.open("paper", "read").rows(run.id)].slice(1);
  assert.equal(rows.length, 1);
  const { n, time, kind, event, commands, reason, note } = rows[0] ?? assert.fail();
  assert.deepEqual({ n, time, kind, event, commands, reason, note }, {
    ...{ n: 1, time: at(9), kind: "fill", event: aFill(5, 70), commands: [aPlace(6)] },
    ...{ reason: "grid around 141.25", note: undefined },
  });
});

Deno.test("what led to a command is on the disk before the command is", async () => {
  await using house = new House();
  const { run } = house.begin();
  const tail = () => {
    const name = house.names("recordings").find((name) => name.endsWith(".tail.jsonl"));
    if (name === undefined) return 0;
    return Deno.readTextFileSync(`${house.folder}recordings/${name}`).split("\n").length - 2;
  };
  run.seen(aTrade(0), []);
  assert.equal(tail(), 0);
  run.seen(anAccepted(4), []);
  assert.equal(tail(), 0, "an own event alone does not cost a write beside its row");
  run.seen(aTrade(0.01), [aPlace(6)]);
  assert.equal(tail(), 2);
  run.seen(aTrade(0.02), []);
  run.seen(anAccepted(6), [aPlace(7)]);
  assert.equal(tail(), 3);
});

Deno.test("market events are in rows only where they led to something, and in a side file always", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  for (const [seconds, price] of [[0, 1], [0.05, 2], [0.1, 3]] as const) {
    run.seen(aTrade(seconds, price), price === 2 ? [aPlace(6)] : []);
  }
  run.seen({ kind: "timer", time: at(0.11) }, []);
  const rows = [...journal.rows(run.id)].slice(1);
  assert.deepEqual(rows.map(({ n, kind, event }) => [n, kind, event]), [[2, "trade", undefined]]);
  const [path = "", ...more] = journal.sideFiles(run.id);
  assert.equal(more.length, 1, "a tail beside the compressed file");
  const lines = () => gunzipSync(Deno.readFileSync(path)).toString().trim().split("\n");
  assert.equal(lines().length, 4, "100 ms are over with the third");
  run.flush();
  assert.equal(
    lines()[4],
    `{"n":4,"at":${at(0.11)},"event":{"kind":"timer","time":${at(0.11)}}}`,
  );
  run.end(anEnd());
  assert.deepEqual(house.names("recordings"), [`${run.id}.001.jsonl.gz`]);
});

Deno.test("a state is due with the first row, then after 256 rows or a minute, and replaces the last", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  run.seen(aTrade(0), []);
  assert.equal(run.snapshotDue, false, "nothing of ours has happened");
  run.seen(aTrade(0.1), [aPlace(6)]);
  assert.equal(run.snapshotDue, true);
  run.snapshot({ first: true });
  assert.equal(run.snapshotDue, false);
  for (let id = 1; id < 256; id++) run.seen(anAccepted(id), []);
  assert.equal(run.snapshotDue, false);
  run.seen(anAccepted(256), []);
  assert.equal(run.snapshotDue, true);
  run.snapshot({ first: false });
  house.hand.time = micros(house.hand.time + 60 * SECOND);
  assert.equal(run.snapshotDue, false, "nothing new after a minute");
  run.seen(anAccepted(257), []);
  assert.equal(run.snapshotDue, true);
  const kept = journal.snapshot(run.id);
  assert.deepEqual([kept?.n, kept?.state], [258, { first: false }]);
  const behind = [...journal.rows(run.id, kept)];
  assert.deepEqual(behind.map(({ event }) => event), [anAccepted(257)]);
});

Deno.test("notes and equity are kept with the run they are of", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  const other = journal.begin(aStart({ market: "BTC_USDC" }), house.hand);
  run.seen(anAccepted(4), []);
  run.note("set", { maxOrderUsd: 50 });
  other.note("notice", { text: "not mine" });
  const rows = [...journal.rows(run.id)];
  assert.deepEqual(rows.map(({ n, kind, note }) => [n, kind, note]), [
    [0, "begin", { version: "0.1.0" }],
    [1, "accepted", undefined],
    [1, "set", { maxOrderUsd: 50 }],
  ]);
  const samples = [1, 2].map((i) => ({ time: at(i), equity: cash(i * 7), position: lots(-i) }));
  for (const sample of samples) run.sample(sample);
  assert.deepEqual(journal.equity(run.id), samples);
  assert.deepEqual(journal.equity(other.id), []);
});

for (const last of [1, 2, 3, 5, 17, 29, 60]) {
  Deno.test(`a process killed when event ${last} was seen has lost no row and no command`, async () => {
    using folder = new Folder();
    const script = new URL("killed_run.ts", import.meta.url).pathname;
    const { signal } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--no-prompt", "-A", script, folder.path(""), String(last)],
      ...{ stdout: "inherit", stderr: "inherit" },
    }).output();
    assert.equal(signal, "SIGKILL");
    await using journal = Journal.open({ folder: folder.path(""), mode: "paper", access: "write" });
    const [run] = journal.runs({ most: 1 });
    assert.equal(run?.end, undefined);
    const source = new ReplaySource(journal, run?.id ?? "");
    const steps: ReplayStep[] = [];
    for await (const step of source.steps()) steps.push(step);
    const seen = session.slice(0, last);
    const found = steps.map(({ n, event, commands }) => ({ n, event, commands }));
    assert.deepEqual(found, seen.slice(0, found.length));
    // Only what led to nothing may be missing: the market of the last 100 ms.
    assert.ok(seen.slice(found.length).every(({ commands }) => commands.length === 0));
    const own = seen.filter(({ event, commands }) => event.kind !== "trade" || commands.length > 0);
    const kept = [...journal.rows(run?.id ?? "")].slice(1);
    assert.deepEqual(kept.map(({ n }) => n), own.map(({ n }) => n));
    assert.deepEqual(kept.map(({ commands }) => commands), own.map(({ commands }) => commands));
    const recovery = await recover(journal, pair);
    const first = own[0];
    assert.deepEqual(recovery?.state, first && { after: first.n });
    const commands = recovery?.since.filter((row) => "commands" in row).length ?? 0;
    assert.equal(commands, own.slice(1).filter((step) => step.commands.length > 0).length);
  });
}

Deno.test("a full disk stops the run with one line, and what was written before stays readable", async () => {
  using disk = tinyDisk("1m");
  if (disk === undefined) return;
  await using journal = Journal.open({ folder: disk.path, mode: "live", access: "write" });
  const run = journal.begin(aStart(), new Hand());
  let written = 0;
  const fault = faultIn(() => {
    for (; written < 5000; written++) run.seen(anAccepted(written), [aPlace(written)]);
  });
  assert.equal(fault.message, `Cannot use journal "${journal.path}" as the disk is full`);
  assert.ok(written > 100, `${written} rows`);
  // What comes after it is refused too, whatever it is.
  assertFault("full", () => run.note("notice", { text: "x".repeat(9000) }));
  await using reader = Journal.open({ folder: disk.path, mode: "live", access: "read" });
  const ids = [...reader.rows(run.id)].slice(1).map(({ n }) => n);
  assert.deepEqual(ids, Array.from({ length: written }, (_, i) => i + 1));
});

Deno.test("a folder that may not be written is refused before anything is begun", async () => {
  using disk = tinyDisk("1m");
  if (disk === undefined) return;
  await Journal.open({ folder: disk.path, mode: "live", access: "write" }).close();
  disk.lock();
  for (const mode of ["live", "paper"] as const) {
    assertFault("missing", () => Journal.open({ folder: disk.path, mode, access: "write" }));
  }
});

Deno.test("a journal that cannot be brought to the disk stops the run at the next event", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  // The worker finds something else where the journal was; this process still has it open.
  Deno.renameSync(journal.path, `${journal.path}.away`);
  Deno.mkdirSync(journal.path);
  run.seen(aFill(1, 70), [aPlace(2)]);
  await assert.rejects(run.synced(), { name: "JournalFault", kind: "missing" });
  assertFault("missing", () => run.seen(anAccepted(2), [aPlace(3)]));
});

Deno.test("a side file that cannot be written stops the command it led to", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  Deno.removeSync(`${house.folder}recordings`, { recursive: true });
  run.seen(aTrade(0), []);
  assertFault("missing", () => run.seen(aTrade(0.01), [aPlace(6)]));
  assert.deepEqual([...journal.rows(run.id)].length, 1, "no command without what led to it");
});
