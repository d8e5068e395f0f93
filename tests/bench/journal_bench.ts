// What it costs to have a command written before it is sent, against one bare row of the same length
// in the same kind of database (WAL, synchronous NORMAL, a statement prepared once), in turns.

import { DatabaseSync } from "node:sqlite";
import type { Command, Event } from "../../lib/core/event.ts";
import { base, cash, lots, micros, SECOND, ticks } from "../../lib/core/units.ts";
import { Journal } from "../../lib/journal/journal.ts";
import { median, shown } from "./show.ts";

const ROUNDS = Number(Deno.args[0] ?? 20_000);
/** Market events between two commands. */
const BETWEEN = 5;
const START = 1_790_134_357_000_000;

const folder = Deno.makeTempDirSync({ prefix: "bpx-bench-" });
const bare = new DatabaseSync(`${folder}/bare.sqlite`);
bare.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0");
bare.exec("CREATE TABLE rows (n INTEGER PRIMARY KEY, time INTEGER, kind TEXT, body TEXT)");
const bareRow = bare.prepare("INSERT INTO rows VALUES (?, ?, ?, ?)");

const moment = { time: micros(START), reason: "grid around 141.25" };
const journal = Journal.open({ folder, mode: "live", access: "write" });
const run = journal.begin({
  ...{ started: micros(START), account: "bench", market: "SOL_USDC", strategy: "grid", tag: 130 },
  ...{ config: {}, version: "0.0.0", seed: 1 },
}, moment);

const spent = { bare: [], ours: [], fill: [], market: [], quiet: [] } satisfies {
  [name: string]: number[];
};

function timed(list: number[], action: () => void): void {
  const start = performance.now();
  action();
  list.push((performance.now() - start) * 1000);
}

for (let round = 1; round <= ROUNDS; round++) {
  const time = micros(START + round * SECOND / 100);
  moment.time = time;
  const place: readonly Command[] = [{
    ...{ kind: "place", id: 2_181_038_080 + round, side: "bid", price: ticks(14_125) },
    ...{ quantity: lots(100), role: "maker", reduceOnly: false, tag: "rung 3" },
  }];
  const cancelled: Event = { kind: "cancelled", time, id: 2_181_038_080 + round };
  const fill: Event = {
    ...{ kind: "fill", time, id: 2_181_038_080 + round, fillId: round, side: "bid" },
    ...{
      price: ticks(14_125),
      quantity: lots(100),
      maker: true,
      feeCash: cash(0),
      feeBase: base(9),
    },
  };
  const depth: Event = {
    ...{ kind: "depth", time, snapshot: false, asks: [] },
    bids: [{ price: ticks(14_124), quantity: lots(round % 100) }],
  };
  timed(spent.bare, () => {
    bareRow.run(round, time, "cancelled", JSON.stringify(cancelled) + JSON.stringify(place));
  });
  timed(spent.ours, () => run.seen(cancelled, place));
  timed(spent.fill, () => run.seen(fill, place));
  for (let i = 0; i < BETWEEN; i++) timed(spent.quiet, () => run.seen(depth, []));
  timed(spent.market, () => run.seen(depth, place));
  // The worker answers between turns of the loop.
  if (round % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
}
await journal.close();
bare.close();
Deno.removeSync(folder, { recursive: true });

const row = median(spent.bare);
shown("bare row", row, "µs");
shown("own event and command", median(spent.ours), "µs");
shown("fill and command", median(spent.fill), "µs");
shown("market event and command", median(spent.market), "µs");
shown("market event alone", median(spent.quiet), "µs");
shown("ratio, own event", median(spent.ours) / row, "");
shown("ratio, fill", median(spent.fill) / row, "");
shown("ratio, market event", median(spent.market) / row, "");
