// Tests lib/app/recording.ts: recordings of the socket are played like other data, and not with it.

import assert from "node:assert/strict";
import { readRecording } from "../../lib/app/recording.ts";
import { Folder, sol } from "../data/files.ts";
import { HEADER, line, START, trade } from "../data/frames.ts";

const read = (...paths: readonly string[]) =>
  readRecording(paths, sol, { errors: "refuse" }, undefined);

Deno.test("a recording is played, and a torn end is told as a row skipped", async () => {
  using folder = new Folder();
  const frames = [line(START, trade(START, "10")), line(START + 1, trade(START + 1, "11"))];
  const path = folder.write("a.jsonl.gz", [HEADER, ...frames, '{"at":']);
  const cut = folder.write("b.jsonl.gz", `${[HEADER, ...frames].join("\n")}\n{"at":`);
  await assert.rejects(() => read(path), /row 4 must be a frame or a reply/);
  const { source, data } = await read(cut);
  assert.equal(source.kind, "tape");
  assert.deepEqual([data.rows, data.skipped, data.files[0]?.kind], [2, 1, "recording"]);
});

Deno.test("a recording is not played together with files of other kinds", async () => {
  using folder = new Folder();
  const recording = folder.write("a.jsonl.gz", [HEADER, line(START, trade(START, "10"))]);
  const trades = folder.write("t.csv", ["ts_us,price,qty,side", "1,10,1,buy"]);
  const rule = /--data must all be candles or all be ticks, like the first, (recording|trades)/;
  await assert.rejects(() => read(recording, trades), rule);
  await assert.rejects(() => read(trades, recording), rule);
});
