// Candles page by page into a file: whatever the exchange cuts off, however often it is stopped, the
// file holds each candle of the range once.

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import type { Bar } from "../../lib/backpack/wire_bar.ts";
import type { KlinesOptions } from "../../lib/backpack/rest_public.ts";
import { lots, micros, SECOND, ticks } from "../../lib/core/units.ts";
import { downloadKlines } from "../../lib/app/download.ts";
import { Folder } from "../data/files.ts";
import { aDownload, second } from "./history_scene.ts";

const MINUTE = 60 * SECOND;
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/** A bar of the minute that begins at second `start`; one without a trade has no prices. */
function bar(start: number, traded = true): Bar {
  const price = ticks(10_000 + start / 60);
  return {
    start: second(start),
    end: micros(second(start) + MINUTE),
    prices: traded ? { open: price, high: price, low: price, close: price } : undefined,
    volume: lots(traded ? 150 : 0),
    trades: traded ? 1 : 0,
  };
}

/** The exchange's answer: bars from `from` on, at most `most`, the last one running still. */
function answers(most: number, isTraded: (minute: number) => boolean = () => true) {
  const asked: KlinesOptions[] = [];
  return {
    asked,
    klines: (options: KlinesOptions) => {
      asked.push(options);
      const { from, to = second(1e9), interval } = options;
      const minutes = interval === "1d" ? 1_440 : interval === "1h" ? 60 : 1;
      const first = Math.max(0, Math.ceil((from - second(0)) / MINUTE / minutes) * minutes);
      const bars: Bar[] = [];
      for (let minute = first; bars.length < most && second(minute * 60) <= to; minute += minutes) {
        const traded = upTo(minutes).some((i) => isTraded(minute + i));
        bars.push({ ...bar(minute * 60, traded), end: second((minute + minutes) * 60) });
      }
      return { kind: "ok" as const, value: bars };
    },
  };
}

function minutesIn(path: string): number[] {
  const [head, ...rows] = new TextDecoder().decode(gunzipSync(Deno.readFileSync(path))).trim()
    .split("\n");
  equal(head, "ts_ms,open,high,low,close,volume");
  return rows.map((row) => (Number(row.split(",")[0]) * 1_000 - second(0)) / MINUTE);
}

const range = { from: second(0), to: second(2_500 * 60) };

Deno.test("pages join without a candle lost or doubled, and prices are exact", async () => {
  for (const most of [1_000, 5_000, 137]) {
    using folder = new Folder();
    const path = folder.path("a.csv.gz");
    const { terms } = aDownload(path, range, answers(most));
    await downloadKlines(terms, "1m");
    deepEqual(minutesIn(path), upTo(2_500), `${most}`);
    const text = new TextDecoder().decode(gunzipSync(Deno.readFileSync(path)));
    equal(text.split("\n")[8], `${second(420) / 1_000},100.07,100.07,100.07,100.07,1.5`);
  }
});

Deno.test("a bar that is running, or begins before the range, is left out", async () => {
  using folder = new Folder();
  const path = folder.path("a.csv.gz");
  const part = { from: second(90), to: second(330) };
  const { terms } = aDownload(path, part, {
    klines: () => ({ kind: "ok", value: [0, 60, 120, 180, 240, 300].map((at) => bar(at)) }),
  });
  await downloadKlines(terms, "1m");
  deepEqual(minutesIn(path), [2, 3, 4]);
});

Deno.test("minutes without a trade are missing in the file, and do not end it", async () => {
  using folder = new Folder();
  const path = folder.path("a.csv.gz");
  const isTraded = (minute: number) => minute < 10 || minute > 2_400;
  const { terms } = aDownload(path, range, answers(1_000, isTraded));
  await downloadKlines(terms, "1m");
  deepEqual(minutesIn(path), upTo(2_500).filter(isTraded));
});

Deno.test("years in which nothing traded are passed over, by looking at days and hours", async () => {
  using folder = new Folder();
  const path = folder.path("a.csv.gz");
  const year = 525_600;
  const begin = 2 * year + 777;
  const isTraded = (minute: number) => minute >= begin && minute % 1_440 !== 5;
  const good = answers(1_000, isTraded);
  const long = { from: second(0), to: second((begin + 1_500) * 60) };
  await downloadKlines(aDownload(path, long, good).terms, "1m");
  deepEqual(minutesIn(path), upTo(1_500).map((i) => begin + i).filter(isTraded));
  equal(good.asked.length < 6, true, `${good.asked.length} pages`);
  const never = answers(1_000, () => false);
  const none = folder.path("none.csv.gz");
  await downloadKlines(aDownload(none, long, never).terms, "1m");
  equal(never.asked.length, 2);
});

Deno.test("a day that is not over is not in a file of days", async () => {
  using folder = new Folder();
  const path = folder.path("a.csv.gz");
  const days = { from: second(0), to: second(3 * 86_400 + 5) };
  await downloadKlines(aDownload(path, days, answers(1_000)).terms, "1d");
  deepEqual(minutesIn(path), [0, 1_440, 2_880]);
});

Deno.test("a download that failed is continued where it was, and a whole one asks nothing", async () => {
  using folder = new Folder();
  const path = folder.path("a.csv.gz");
  const good = answers(1_000);
  const first = aDownload(path, range, {
    klines: (options) =>
      good.asked.length === 1
        ? { kind: "refused", status: 400, refusal: { code: "INVALID_RANGE", message: "no" } }
        : good.klines(options),
  });
  await rejects(
    () => downloadKlines(first.terms, "1m"),
    /^UserError: Cannot load candles of SOL_USDC as 127\.0\.0\.1:1 refused it: INVALID_RANGE, no/,
  );
  deepEqual(minutesIn(path), upTo(1_000));
  const rest = answers(1_000);
  await downloadKlines(aDownload(path, range, rest).terms, "1m");
  deepEqual(rest.asked[0]?.from, second(60_000));
  deepEqual(minutesIn(path), upTo(2_500));
  await downloadKlines(aDownload(path, range, {}).terms, "1m");
});

Deno.test("stopped between two pages, the file is whole up to the first", async () => {
  using folder = new Folder();
  const path = folder.path("a.csv.gz");
  const { terms, stop } = aDownload(path, range, answers(1_000));
  await downloadKlines({ ...terms, onPage: () => stop.abort() }, "1m");
  deepEqual(minutesIn(path), upTo(1_000));
});

Deno.test("where there is nothing there is no file", async () => {
  using folder = new Folder();
  const path = folder.path("a.csv.gz");
  const { terms } = aDownload(path, range, { klines: () => ({ kind: "ok", value: [] }) });
  await downloadKlines(terms, "1m");
  await rejects(() => Deno.stat(path), Deno.errors.NotFound);
});

Deno.test("a file of other candles, or of trades, is not continued", async () => {
  using folder = new Folder();
  const head = "ts_ms,open,high,low,close,volume";
  const hours = folder.write("a.csv.gz", [head, "0,1,1,1,1,1", "3600000,1,1,1,1,1"]);
  const trades = folder.write("b.csv.gz", ["ts_us,price,qty,side", "1,1,1,buy"]);
  const rows = [
    [hours, /must hold candles of 1m: current value is 3600 s$/],
    [trades, /must hold klines: current value is trades$/],
  ] as const;
  for (const [path, message] of rows) {
    await downloadKlines(aDownload(path, range, {}).terms, "1m").then(
      () => equal(path, "refused"),
      (error: Error) => match(error.message, message),
    );
  }
});

Deno.test("progress goes from nothing to all", async () => {
  using folder = new Folder();
  const told: number[] = [];
  const { terms } = aDownload(folder.path("a.csv.gz"), range, answers(1_000));
  await downloadKlines({ ...terms, onPage: ({ fraction }) => told.push(fraction) }, "1m");
  deepEqual(told, [0.4, 0.8, 1]);
});
