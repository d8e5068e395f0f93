// `data` as a person uses it: against the local exchange, over files of other programs, and with what
// can go wrong on the way, each in one line.

import { deepEqual, equal, match } from "node:assert/strict";
import {
  dataImportCommand,
  dataListCommand,
  downloadCommand,
  recordCommand,
} from "../../../lib/app/commands/data.ts";
import { readRecording } from "../../../lib/app/recording.ts";
import { UserError } from "../../../lib/app/errors.ts";
import { findMarket } from "../../../lib/data/markets.ts";
import { Folder } from "../../data/files.ts";
import { zipOf } from "../../data/zip.ts";
import { aShell } from "../../support/shell.ts";
import { anAnswer, onExchange, perp } from "../exchange_scene.ts";

/** The one line and the exit code a command ends with. */
async function complaint(call: () => Promise<number>): Promise<readonly [number, string]> {
  try {
    return [await call(), ""];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [error.exitCode, error.message];
  }
}

const anHourAgo = () => Math.floor(Date.now() / 1_000) - 3_600;

Deno.test("what was downloaded can be played, and the same command continues it", async () => {
  await onExchange(async ({ urls, folder }) => {
    const shell = aShell();
    const dataDir = folder.path("data");
    const flags = { ...urls, dataDir, market: "SOL_USDC_PERP", timerange: `${anHourAgo()}-` };
    equal(await downloadCommand({ ...flags, trades: true, interval: "1m", json: true }, shell), 0);
    const found = JSON.parse(shell.printed.out);
    deepEqual(
      found.map(({ kind, market, gaps }: Record<string, unknown>) => [kind, market, gaps]),
      [
        ["klines", "SOL_USDC_PERP", 0],
        ["trades", "SOL_USDC_PERP", null],
      ],
    );
    equal(found[0].rows >= 19, true);
    equal(found[1].rows > 500, true);
    match(shell.printed.err, /^The exchange has no trades before 20\d\d-.* UTC\n$/);
    const play = await readRecording([found[0].path], perp, { errors: "refuse" }, undefined);
    equal(play.data.rows, found[0].rows);
    // Once more: what is there is counted in, and nothing comes twice.
    const again = aShell();
    equal(await downloadCommand({ ...flags, json: true }, again), 0);
    const [whole] = JSON.parse(again.printed.out);
    deepEqual([whole.path, whole.gaps], [found[0].path, 0]);
    equal(whole.rows - found[0].rows <= 1, true);
  });
});

Deno.test("what was recorded is listed and can be played", async () => {
  await onExchange(async ({ urls, folder }) => {
    const shell = aShell();
    const dataDir = folder.path("data");
    const flags = { ...urls, dataDir, market: "SOL_USDC_PERP", duration: "2" };
    equal(await recordCommand(flags, shell), 0);
    match(shell.printed.out, /^frames +\d+\nwhole books +1\nreconnects +0\nnot readable +0\nfile /);
    const list = aShell();
    equal(await dataListCommand({ dataDir, json: true }, list), 0);
    const [one] = JSON.parse(list.printed.out);
    deepEqual([one.kind, one.market], ["recording", "SOL_USDC_PERP"]);
    const play = await readRecording([one.path], perp, { errors: "refuse" }, undefined);
    equal(play.source.kind, "tape");
  });
});

Deno.test("files of other programs are taken over under their own names, and never over others", async () => {
  using folder = new Folder();
  const dataDir = folder.path("data");
  const rows = "1704067200000,1,2,1,1.5,3,1704067259999,1,1,1,1,0\n" +
    "1704067260000,1,2,1,1.5,3,1704067319999,1,1,1,1,0\n";
  const zip = folder.writeBytes("BTCUSDT-1m-2024-01.zip", zipOf("BTCUSDT-1m-2024-01.csv", rows));
  const json = folder.write(
    "BTC_USDT-5m.json",
    "[[1700000000000,1,2,1,2,3],[1700000300000,1,2,1,2,3]]",
  );
  const shell = aShell();
  equal(await dataImportCommand([zip, json], { dataDir, json: true }, shell), 0);
  const found = JSON.parse(shell.printed.out);
  deepEqual(found.map(({ path }: { path: string }) => path), [
    `${dataDir}/market-data/BTCUSDT-1m-2024-01.csv.gz`,
    `${dataDir}/market-data/BTC_USDT-5m.csv.gz`,
  ]);
  const btc = findMarket("BTCUSDT");
  if (btc === undefined) throw new Error("no market");
  const play = await readRecording([found[0].path], btc, { errors: "refuse" }, undefined);
  equal(play.data.rows, 2);
  const again = () => dataImportCommand([zip], { dataDir }, aShell());
  const [exitCode, text] = await complaint(again);
  equal(exitCode, 2);
  match(
    text,
    /^Cannot import as the name of ".*zip" must lead to a file that is not there yet \(--force/,
  );
  equal(await dataImportCommand([zip], { dataDir, force: true }, aShell()), 0);
  const [, twice] = await complaint(() =>
    dataImportCommand([json, json], { dataDir, force: true }, aShell())
  );
  match(twice, /must not lead to the same file as/);
  const named = aShell();
  equal(await dataImportCommand([json], { dataDir, market: "BTC_USDC", json: true }, named), 0);
  match(JSON.parse(named.printed.out)[0].path, /\/BTC_USDC-5m\.csv\.gz$/);
});

Deno.test("the list is a table for people; a broken file is told on stderr and is exit 1", async () => {
  using folder = new Folder();
  const empty = aShell();
  equal(await dataListCommand({ dataDir: folder.path("none") }, empty), 0);
  match(empty.printed.out, /^No market data in .*none\/market-data\n$/);
  Deno.mkdirSync(folder.path("market-data"));
  folder.write("market-data/SOL_USDC-1m.csv", [
    "ts_ms,open,high,low,close,volume",
    "1700000040000,1,2,1,2,3",
    "1700000100000,1,2,1,2,3",
    "1700000220000,1,2,1,2,3",
  ]);
  folder.write("market-data/b.csv", "x\n");
  const shell = aShell();
  const dataDir = folder.path("").replace(/\/$/, "");
  equal(await dataListCommand({ dataDir }, shell), 1);
  const [head, row, ...rest] = shell.printed.out.trim().split("\n");
  match(head ?? "", /^kind +market +from \(UTC\) +to \(UTC\) +rows +gaps +file$/);
  match(
    row ?? "",
    /^klines +SOL_USDC +2023-11-14 22:14:00 +2023-11-14 22:17:00 +3 +1 +.*SOL_USDC-1m\.csv$/,
  );
  deepEqual(rest, []);
  match(shell.printed.err, /^Cannot read ".*b\.csv" as row 1 must be the header of .*\n$/);
});

Deno.test("what a person typed wrong is one line and exit 2, before anything is asked", async () => {
  using folder = new Folder();
  const nowhere = { apiUrl: "http://127.0.0.1:9", dataDir: folder.path("data") };
  const load = { ...nowhere, market: "SOL_USDC", timerange: "20250101-20250102" };
  const rows: readonly (readonly [() => Promise<number>, RegExp])[] = [
    [
      () => downloadCommand({ ...load, timerange: "-20250102" }, aShell()),
      /--timerange must say where it begins/,
    ],
    [
      () => downloadCommand({ ...load, timerange: "x" }, aShell()),
      /--timerange must be like 20250101-/,
    ],
    [
      () => downloadCommand({ ...load, interval: "1month" }, aShell()),
      /--interval must be one of 1s, 1m, /,
    ],
    [
      () => downloadCommand({ ...load, apiUrl: "http://example.com" }, aShell()),
      /--api-url must begin with https/,
    ],
    [
      () => recordCommand({ ...load, duration: "soon" }, aShell()),
      /--duration must be a time like/,
    ],
  ];
  for (const [call, message] of rows) {
    const [exitCode, text] = await complaint(call);
    equal(exitCode, 2, text);
    match(text, message);
  }
});

Deno.test("an exchange that is away, a stranger's page and an unknown market are one line each", async () => {
  using folder = new Folder();
  const flags = {
    dataDir: folder.path("data"),
    market: "SOL_USDC",
    timerange: "20250101-20250102",
  };
  const away = { ...flags, apiUrl: "http://127.0.0.1:9", wsUrl: "ws://127.0.0.1:9" };
  match(
    (await complaint(() => downloadCommand(away, aShell())))[1],
    /^Cannot read the markets as 127/,
  );
  equal((await complaint(() => recordCommand({ ...away, duration: "1" }, aShell())))[0], 1);
  await using proxy = anAnswer(() => new Response("<title>Sign in</title>"));
  const page = { ...flags, apiUrl: proxy.url, wsUrl: proxy.ws };
  const [code, text] = await complaint(() => downloadCommand(page, aShell()));
  equal(code, 1);
  match(text, /^Cannot read the markets as 127\.0\.0\.1:\d+ gave no answer: .*must be JSON/);
  await onExchange(async ({ urls }) => {
    const typo = { ...flags, ...urls, market: "SOL_USD" };
    const future = { ...flags, ...urls, timerange: "20990101-" };
    deepEqual((await complaint(() => downloadCommand(typo, aShell())))[0], 2);
    match((await complaint(() => downloadCommand(typo, aShell())))[1], /nearest: SOL_USDC\)/);
    match((await complaint(() => downloadCommand(future, aShell())))[1], /must begin in the past/);
    const before = { ...flags, ...urls };
    const [exitCode, none] = await complaint(() => downloadCommand(before, aShell()));
    deepEqual([exitCode, none], [
      1,
      "Cannot download candles of 1m of SOL_USDC as the exchange has none in 20250101-20250102",
    ]);
  });
});
