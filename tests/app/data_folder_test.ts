// What lies in the folder for market data, and what is said of what should not.

import { deepEqual, match, throws } from "node:assert/strict";
import { holdings, marketFolder, openMarketFolder } from "../../lib/app/data_folder.ts";
import { UserError } from "../../lib/app/errors.ts";
import { Folder } from "../data/files.ts";

const trades = ["ts_us,price,qty,side", "1700000000000000,1,2,buy"];

Deno.test("files are told in the order of their names, broken ones with their fault", async () => {
  using folder = new Folder();
  folder.write("b-trades.csv.gz", trades);
  folder.write("a-trades.csv", "nothing\n");
  folder.write("c.csv.gz.part", trades);
  folder.write("notes.txt", "x\n");
  const found = await holdings(folder.path("").replace(/\/$/, ""));
  deepEqual(found.map(({ kind }) => kind), ["fault", "holding"]);
  const [broken] = found;
  match(
    broken?.kind === "fault" ? broken.fault : "",
    /^Cannot read ".*a-trades\.csv" as row 1 must/,
  );
});

Deno.test("a folder that is not there holds nothing, and is made when something is to be kept", async () => {
  using folder = new Folder();
  const dataDir = folder.path("data");
  deepEqual(await holdings(marketFolder(dataDir)), []);
  openMarketFolder(dataDir);
  openMarketFolder(dataDir);
  deepEqual(Deno.statSync(marketFolder(dataDir)).isDirectory, true);
});

Deno.test("a file where the folder should be is one line", () => {
  using folder = new Folder();
  const path = folder.write("data", "x");
  throws(
    () => openMarketFolder(path),
    (error) => error instanceof UserError && /^Cannot keep market data as /.test(error.message),
  );
});
