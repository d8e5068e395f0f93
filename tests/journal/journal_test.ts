// Tests lib/journal/journal.ts: runs of a mode in one file, for one writer and any number of readers.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Journal } from "../../lib/journal/journal.ts";
import {
  aCancel,
  aFill,
  anAccepted,
  anEnd,
  aPlace,
  assertFault,
  aStart,
  at,
  House,
  pair,
} from "./samples.ts";

Deno.test("live and paper runs are in files of their own", async () => {
  await using house = new House();
  house.open("live").begin(aStart(), house.hand);
  house.open("paper");
  assert.equal(house.open("paper", "read").runs({ most: 9 }).length, 0);
  const [run] = house.open("live", "read").runs({ most: 9 });
  assert.equal(run?.mode, "live");
  assert.ok(["live.sqlite", "paper.sqlite"].every((name) => house.names().includes(name)));
});

Deno.test("runs are listed newest first, with their ends, and found by name and by pair", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  run.end(anEnd({ exitCode: 8, reason: "2 orders may remain", remains: "unknown" }));
  const second = journal.begin(aStart({ tag: 131, started: at(1) }), house.hand);
  const third = journal.begin(aStart({ started: at(2) }), house.hand);
  assert.deepEqual(journal.runs({ most: 2 }).map(({ id }) => id), [third.id, second.id]);
  assert.deepEqual(journal.runsOf(pair).map(({ id }) => id), [third.id, run.id]);
  assert.deepEqual(journal.run(run.id)?.end, {
    ...{ time: at(60), exitCode: 8, reason: "2 orders may remain", remains: "unknown" },
  });
  assert.equal(journal.run("nobody"), undefined);
  assertFault("missing", () => [...journal.rows("nobody")]);
});

Deno.test("one process reads while another writes, and never half of an event", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  const reader = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", readerScript, house.folder, run.id],
    ...{ stdout: "piped", stderr: "inherit" },
  }).spawn();
  const words = reader.stdout.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  assert.equal((await words.next()).value, "reading\n");
  for (let id = 0; id < 3000; id++) {
    run.seen(anAccepted(id), [aPlace(id), aCancel(id)]);
    if (id % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal((await words.next()).value, "read 3000 rows, 0 halves\n");
  await reader.status;
  assert.equal([...journal.rows(run.id)].length, 3001);
});

Deno.test("two bots write into one journal and each finds its own rows", async () => {
  await using house = new House();
  const sol = house.begin();
  const btc = house.begin({ market: "BTC_USDC" });
  for (let i = 1; i <= 1500; i++) {
    sol.run.seen(anAccepted(i), i % 500 === 0 ? [aPlace(i)] : []);
    btc.run.seen(anAccepted(-i + 5000), []);
  }
  const rows = [...sol.journal.rows(sol.run.id)].slice(1);
  assert.deepEqual(rows.map(({ n }) => n), Array.from({ length: 1500 }, (_, i) => i + 1));
  const placed = [...sol.journal.commandRows(sol.run.id)];
  assert.deepEqual(placed.map(({ n }) => n), [1500, 1000, 500]);
  assert.deepEqual([...btc.journal.commandRows(btc.run.id)], []);
});

Deno.test("a journal that another process holds is refused after a while, and works again after", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  using other = new DatabaseSync(journal.path);
  other.exec("BEGIN IMMEDIATE");
  assertFault("locked", () => run.seen(anAccepted(1), [aPlace(1)]));
  other.exec("COMMIT");
  run.seen(anAccepted(2), []);
  assert.deepEqual([...journal.rows(run.id)].map(({ n }) => n), [0, 2]);
});

Deno.test("fills are given once each, and the last one's time is known", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  assert.equal(journal.lastFillTime(run.id), undefined);
  for (const [fillId, seconds] of [[70, 1], [71, 2], [70, 3]] as const) {
    house.hand.time = at(seconds);
    run.seen(aFill(5, fillId, { at: seconds }), []);
  }
  house.hand.time = at(9);
  run.seen(anAccepted(6), []);
  assert.deepEqual(journal.fills(run.id), [aFill(5, 70, { at: 1 }), aFill(5, 71, { at: 2 })]);
  assert.equal(journal.lastFillTime(run.id), at(3));
});

Deno.test("commands and fills are tables for whoever looks with a tool of their own", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  run.seen(aFill(5, 70), [aPlace(6), aCancel(4)]);
  run.seen(aFill(5, 70), []);
  using database = new DatabaseSync(journal.path, { readOnly: true });
  const rows = (table: string) =>
    database.prepare(`SELECT * FROM ${table}`).all().map((row) => ({ ...row }));
  assert.deepEqual(rows("commands"), [
    {
      ...{ run: 1, n: 1, time: at(0), kind: "place", id: 6, side: "bid", price: 14_120 },
      ...{ quantity: 10, role: "maker", reduceOnly: 0, tag: "rung 1" },
      reason: "grid around 141.25",
    },
    {
      ...{ run: 1, n: 1, time: at(0), kind: "cancel", id: 4, side: null, price: null },
      ...{ quantity: null, role: null, reduceOnly: null, tag: null },
      reason: "grid around 141.25",
    },
  ]);
  assert.deepEqual(rows("fills"), [{
    ...{ run: 1, n: 1, time: at(0), fillId: 70, id: 5, side: "bid", price: 14_120 },
    ...{ quantity: 10, maker: 1, feeCash: 0, feeBase: 3 },
  }]);
});

Deno.test("a record that was changed by hand is refused by its event and field", async () => {
  await using house = new House();
  const { journal, run } = house.begin();
  run.seen(aFill(5, 70), [aPlace(6)]);
  run.snapshot({});
  const changes = [
    ["rows SET event = replace(event, '14120', '1.5')", /event 1 is damaged: event\.price must be/],
    ["rows SET event = '{'", /record of event 1 is damaged/],
    [
      `rows SET event = '{"kind":"accepted","time":1,"id":2}', commands = '[{"kind":"pay"}]'`,
      /kind/,
    ],
  ] as const;
  for (const [change, rule] of changes) {
    {
      using database = new DatabaseSync(journal.path);
      database.exec(`UPDATE ${change} WHERE kind = 'fill'`);
    }
    assert.throws(() => [...journal.rows(run.id)], rule);
    assertFault("damaged", () => [...journal.rows(run.id)]);
  }
  using database = new DatabaseSync(journal.path);
  database.exec("UPDATE snapshots SET state = '{'");
  assertFault("damaged", () => journal.snapshot(run.id));
});

Deno.test("a log cut off anywhere by a power cut keeps every row before the cut, whole", async () => {
  await using house = new House();
  const { run } = house.begin();
  for (let id = 1; id <= 30; id++) run.seen(anAccepted(id), [aPlace(id)]);
  const [file, log] = ["", "-wal"].map((end) =>
    Deno.readFileSync(`${house.folder}paper.sqlite${end}`)
  );
  for (let length = log?.length ?? 0; length > 40_000; length -= 4999) {
    await using copy = new House();
    Deno.writeFileSync(`${copy.folder}paper.sqlite`, file ?? assert.fail());
    Deno.writeFileSync(`${copy.folder}paper.sqlite-wal`, log?.subarray(0, length) ?? assert.fail());
    const rows = [...copy.open().rows(run.id)];
    assert.deepEqual(rows.map(({ n }) => n), Array.from(rows, (_, i) => i));
    // A page and its head for a row, or more where a row begins a new page.
    const cut = Math.ceil(((log?.length ?? 0) - length) / 4120);
    assert.ok(rows.length >= 31 - cut, `${rows.length} rows with ${length} bytes`);
  }
});

Deno.test("a block of ids is given once, to whichever process asks, and to none again", async () => {
  await using house = new House();
  const asked = { count: 10, modulus: 35, fresh: () => 20 };
  const journals = [house.open(), house.open()];
  const first = [0, 1, 0, 1].map((i) => journals[i]?.reserve(130, asked));
  assert.deepEqual(first, [20, 30, 5, 15]);
  assert.equal(journals[0]?.reserve(131, { ...asked, fresh: () => 3 }), 3);
  await using later = Journal.open({ folder: house.folder, mode: "paper", access: "write" });
  assert.equal(later.reserve(130, asked), 25);
});

/** Reads the rows of a run over and over; a place and its cancel must always come together. */
const readerScript = `
  const { Journal } = await import("${new URL("../../lib/journal/journal.ts", import.meta.url)}");
  const [folder, id] = Deno.args;
  const journal = Journal.open({ folder, mode: "paper", access: "read" });
  let [most, halves] = [0, 0];
  console.log("reading");
  while (most < 3000) {
    const rows = [...journal.rows(id)].slice(1);
    most = Math.max(most, rows.length);
    if (rows.some(({ n }, i) => n !== i + 1)) halves++;
    if (rows.some(({ commands }) => commands.length !== 2)) halves++;
  }
  console.log("read " + most + " rows, " + halves + " halves");
`;
