// Recordings of the local exchange: each file can be played on its own, a lost socket is come back
// from, and a disk that refuses ends it in order.

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { readRecording } from "../../lib/data/recording.ts";
import { parseFaults } from "../../lib/local/faults.ts";
import { record, type Recorded, type RecordTerms } from "../../lib/app/record.ts";
import { wallClock } from "../../lib/app/wall.ts";
import { anAnswer, type ExchangeScene, onExchange, perp } from "./exchange_scene.ts";
import { connect } from "../../lib/app/connect.ts";
import { Folder } from "../data/files.ts";

/** So that a recorder that never has enough ends all the same. */
const MOST_SEC = 15;

/** An exchange with much to record. */
function onBusyExchange(use: (scene: ExchangeScene) => Promise<void>, faults = ""): Promise<void> {
  const synth = { quotesPerSecond: 60, tradesPerSecond: 20 };
  return onExchange(use, { synth, pastSec: 2, faults: parseFaults(faults) });
}

/** Records until `isEnough` says so; it is asked whenever the recorder waits. */
async function recorded(
  { connection, folder, stop }: Pick<ExchangeScene, "connection" | "folder" | "stop">,
  isEnough: (files: readonly string[]) => boolean,
  more: Partial<RecordTerms> = {},
  /** Seconds of the recorder's clock in one. */
  pace = 1,
): Promise<{ readonly recorded: Recorded; readonly notes: readonly string[] }> {
  const notes: string[] = [];
  const path = folder.path("").replace(/\/$/, "");
  const account = await record({
    ...{
      connection,
      market: perp,
      folder: path,
      durationSec: MOST_SEC * pace,
      signal: stop.signal,
    },
    clock: {
      now: () => wallClock.now() * pace,
      async sleep(_, wake) {
        await wallClock.sleep(10, wake);
        const files = [...Deno.readDirSync(path)].map(({ name }) => name);
        if (isEnough(files)) stop.abort();
      },
    },
    localMs: () => performance.timeOrigin + performance.now(),
    random: () => 0,
    onNote: (note) => notes.push(note),
    ...more,
  });
  return { recorded: account, notes };
}

Deno.test("each file begins with its book and can be played on its own", async () => {
  await onBusyExchange(async (scene) => {
    const isEnough = (files: readonly string[]) => files.length >= 4;
    const { recorded: account } = await recorded(scene, isEnough, { maxBytes: 6_000 });
    equal(account.paths.length >= 4, true);
    deepEqual([account.unreadable, account.reconnects], [0, 0]);
    equal(account.snapshots >= account.paths.length - 1, true);
    for (const path of account.paths.slice(0, -1)) {
      const { report } = await readRecording([path], perp, { errors: "refuse" });
      deepEqual([report.gaps, report.torn, report.skipped], [0, 0, 0], path);
      equal(report.rows > 20, true, `${report.rows} rows`);
    }
    const whole = await readRecording(account.paths, perp, { errors: "refuse" });
    equal(whole.report.gaps, 0);
    equal(account.paths[0]?.endsWith("/SOL_USDC_PERP-recording.001.jsonl.gz"), true);
  });
});

Deno.test("a socket that is cut is opened again, with a new book", async () => {
  await onBusyExchange(async (scene) => {
    const { recorded: account } = await recorded(scene, (files) => booksIn(scene, files) >= 2, {
      onNote: (note) => {
        match(note, /^The socket is down: /);
        scene.exchange.faults.rates = parseFaults("");
      },
    });
    deepEqual([account.reconnects, account.snapshots], [1, 2]);
    const { report } = await readRecording(account.paths, perp, { errors: "refuse" });
    equal(report.rows > 20, true);
  }, "kill=1");
});

Deno.test("a book that cannot be fetched is asked for until it comes", async () => {
  await onBusyExchange(async (scene) => {
    let asked = 0;
    await using door = anAnswer((path) =>
      ++asked <= 3 ? new Response("no", { status: 503 }) : fetch(`${scene.exchange.url}${path}`)
    );
    using connection = connect({ api: door.url, ws: scene.exchange.ws }, undefined);
    connection.markets.set(perp.symbol, perp);
    const isEnough = (files: readonly string[]) => booksIn(scene, files) >= 1;
    const { recorded: account, notes } = await recorded({ ...scene, connection }, isEnough, {}, 10);
    equal(account.snapshots, 1);
    deepEqual(notes, Array(3).fill("The book could not be fetched (HTTP 503 no): asking again"));
  });
});

/** Whole books that are in the files by now. */
function booksIn({ folder }: Pick<ExchangeScene, "folder">, files: readonly string[]): number {
  const texts = files.map((name) =>
    new TextDecoder().decode(gunzipSync(Deno.readFileSync(folder.path(name))))
  );
  return texts.join("").split('"reply":').length - 1;
}

Deno.test("where nothing comes it ends with one line", async () => {
  await using server = anAnswer(() => new Response("<html>no sockets here</html>"));
  using connection = connect({ api: server.url, ws: server.ws }, undefined);
  using folder = new Folder();
  const scene = { connection, folder, stop: new AbortController() };
  await rejects(
    () => recorded(scene, () => false, { durationSec: 0.3, onNote: () => {} }),
    /^UserError: Cannot record SOL_USDC_PERP as nothing came from the socket of 127\.0\.0\.1:\d+$/,
  );
});

Deno.test("a folder that is not there is what the file system says, and nothing is left open", async () => {
  await onBusyExchange(async (scene) => {
    const folder = scene.folder.path("none");
    // A long beat lets frames come to the disk by themselves.
    const clock = {
      now: wallClock.now,
      sleep: (_: number, wake: AbortSignal) => wallClock.sleep(400, wake),
    };
    for (const more of [{ folder }, { folder, clock }]) {
      await rejects(() => recorded(scene, () => false, more), Deno.errors.NotFound);
    }
  });
});
