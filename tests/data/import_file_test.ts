// Files of other programs taken over whole, in whatever wrapping, and read back by the readers that a
// backtest uses.

import { deepEqual, equal, match } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { readCandles } from "../../lib/data/candles.ts";
import { importFile } from "../../lib/data/import_file.ts";
import { readTape } from "../../lib/data/tape.ts";
import { faultOf, Folder, sol } from "./files.ts";
import { zipOf } from "./zip.ts";

const candles = "[[1700000060000,1.5,2,1,1.5,7],[1700000000000,1.5,2,1,1.5,3]]";
const rows = "1704067200000,1,2,1,1.5,3,1704067259999,1,1,1,1,0\n" +
  "1704067260000,1.5,2,1,1.5,7,1704067319999,1,1,1,1,0\n";

function filesOf(folder: Folder): string[] {
  return [...Deno.readDirSync(folder.path(""))].map(({ name }) => name).sort();
}

Deno.test("candles are the same from JSON, gzip, an archive or a bare table", async () => {
  using folder = new Folder();
  const files = [
    folder.write("a.json", candles),
    folder.write("a.json.gz", ` \n${candles}`),
    folder.write("b.csv", rows),
    folder.writeBytes("b.zip", zipOf("SOLUSDT-1m-2024-01-01.csv", rows)),
  ];
  for (const file of files) {
    const target = folder.path("out.csv.gz");
    equal((await importFile(file, target)).kind, "klines");
    const read = await readCandles([target], sol, { errors: "refuse" });
    deepEqual([...read.candles.close], [150, 150], file);
    deepEqual([...read.candles.volume], [300, 700], file);
    equal(read.candles.barSec, 60);
  }
});

Deno.test("trades and best prices of an archive become one tape", async () => {
  using folder = new Folder();
  const touches = "1,1.50,2,1.51,3,1704067200040,1704067200041\n";
  const trades = "1,1.51,2,1,1,1704067200043,false\n";
  const targets = [folder.path("bbo.csv.gz"), folder.path("trades.csv.gz")] as const;
  await importFile(folder.writeBytes("a.zip", zipOf("bookTicker.csv", touches)), targets[0]);
  await importFile(folder.writeBytes("b.zip", zipOf("aggTrades.csv", trades)), targets[1]);
  const { tape } = await readTape(targets, sol, { errors: "refuse" });
  deepEqual([...tape.time], [1704067200040000, 1704067200043000]);
});

Deno.test("a fault in the last row leaves the target as it was, and nothing beside it", async () => {
  using folder = new Folder();
  const target = folder.write("out.csv.gz", "old\n");
  const many = Array.from(
    { length: 30_000 },
    (_, i) => `${1704067200000 + i},1,2,1,1,3,0,1,1,1,1,0`,
  );
  const bad = folder.write("bad.csv", `${many.join("\n")}\nnonsense\n`);
  match(await faultOf(() => importFile(bad, target)), /"bad\.csv" as row 30001 column "time"/);
  equal(new TextDecoder().decode(gunzipSync(Deno.readFileSync(target))), "old\n");
  deepEqual(filesOf(folder), ["bad.csv", "out.csv.gz"]);
});

Deno.test("what cannot be taken over says why", async () => {
  using folder = new Folder();
  const cut = folder.write("cut.json.gz", candles);
  Deno.truncateSync(cut, 30);
  const files = [
    [folder.path("none.json"), /the file must exist/],
    [folder.write("empty.json", ""), /the file must hold a row/],
    [cut, /cut short/],
    [folder.writeBytes("a.zip", zipOf("BTCUSD_PERP-1m-2024-01.csv", rows)), /inverse contract/],
    [folder.writeBytes("c.zip", zipOf("BTCUSD_240628-1m-2024-01.csv", rows)), /inverse contract/],
    [folder.writeBytes("d.zip", zipOf("a.csv", rows, { sum: 1 })), /its own checksum/],
    [folder.write("page.csv", "<html>\n"), /must be a row of Binance's/],
  ] as const;
  for (const [file, message] of files) {
    match(await faultOf(() => importFile(file, folder.path("out.csv.gz"))), message);
  }
  equal(filesOf(folder).some((name) => name.startsWith("out")), false);
});
