// Trades from a history that is told newest first and grows while it is read: none lost, none twice,
// whatever the moments they came in, with and without numbers, in one go or in several.

import { deepEqual, equal, rejects } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import type { Page } from "../../lib/backpack/pages.ts";
import type { PastTrade } from "../../lib/backpack/wire_public.ts";
import { lots, micros, ticks } from "../../lib/core/units.ts";
import { downloadTrades } from "../../lib/app/download_trades.ts";
import { Folder } from "../data/files.ts";
import { aDownload, second } from "./history_scene.ts";

const MS = 1_000;

/** A history of moments (ms from the start, ascending), and so many more trades with each page. */
class History {
  readonly trades: PastTrade[];
  readonly #ids: "ids" | "none";
  readonly #grows: number;
  asked = 0;

  constructor(moments: readonly number[], grows = 0, ids: "ids" | "none" = "none") {
    this.#ids = ids;
    this.#grows = grows;
    this.trades = moments.map((ms, i) => this.#trade(ms, i));
  }

  page({ limit, offset }: Page): PastTrade[] {
    this.asked++;
    const end = Math.max(0, this.trades.length - offset);
    const page = this.trades.slice(Math.max(0, end - limit), end).reverse();
    for (let i = 0; i < this.#grows; i++) this.trades.push(this.#trade(1e9, this.trades.length));
    return page;
  }

  /** The lines of the trades of a stretch of time. */
  lines(from: number, to: number): string[] {
    return this.trades.filter(({ time }) => time >= from && time < to)
      .map(({ time, price, aggressor }) =>
        `${time},${(price / 100).toFixed(2).replace(/\.?0+$/, "")},0.01,${
          aggressor === "bid" ? "buy" : "sell"
        }`
      );
  }

  #trade(ms: number, i: number): PastTrade {
    return {
      tradeId: this.#ids === "ids" ? i + 1 : undefined,
      time: micros(second(0) + ms * MS),
      // Each has a price of its own: that none was lost or doubled shows.
      price: ticks(1 + i),
      quantity: lots(1),
      aggressor: i % 2 === 0 ? "bid" : "ask",
    };
  }
}

function rowsOf(path: string): string[] {
  return new TextDecoder().decode(gunzipSync(Deno.readFileSync(path))).trim().split("\n").slice(1);
}

function answersOf(history: History) {
  return { tradeHistory: (page: Page) => ({ kind: "ok" as const, value: history.page(page) }) };
}

const all = { from: second(0), to: second(100_000) };

Deno.test("a history of many pages arrives whole and in order", async () => {
  const moments = Array.from({ length: 7_321 }, (_, i) => Math.floor(i / 3));
  for (const ids of ["ids", "none"] as const) {
    using folder = new Folder();
    const path = folder.path("a.csv.gz");
    const history = new History(moments, 7, ids);
    const { terms } = aDownload(path, all, answersOf(history));
    await downloadTrades(terms);
    deepEqual(rowsOf(path), history.lines(all.from, all.to));
  }
});

Deno.test("a stretch far back is found without reading all that came since", async () => {
  using folder = new Folder();
  const path = folder.path("a.csv.gz");
  const history = new History(Array.from({ length: 300_000 }, (_, i) => i), 50);
  const range = { from: second(20), to: second(22) };
  const { terms } = aDownload(path, range, answersOf(history));
  await downloadTrades(terms);
  deepEqual(rowsOf(path), history.lines(range.from, range.to));
  equal(history.asked < 40, true, `${history.asked} pages`);
});

Deno.test("whatever the moments, the growth and the stops, each trade of the range is there once", async () => {
  const run = fc.record({
    steps: fc.array(
      fc.oneof({ weight: 8, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.constant(-1) }),
      {
        minLength: 1,
        maxLength: 120,
      },
    ),
    grows: fc.nat(400),
    ids: fc.constantFrom("ids" as const, "none" as const),
    from: fc.nat(200),
    length: fc.integer({ min: 1, max: 600 }),
    stopAfter: fc.integer({ min: 1, max: 12 }),
  });
  await fc.assert(
    fc.asyncProperty(run, async ({ steps, grows, ids, from, length, stopAfter }) => {
      using folder = new Folder();
      const path = folder.path("a.csv.gz");
      // A step of -1 is a burst of trades in one moment; a step of 0 has some moments twice.
      let ms = 0;
      const moments = steps.flatMap((step) => {
        if (step === -1) return Array<number>(600).fill(ms += 2);
        return Array.from({ length: 40 }, (_, i) => ms += step === 0 ? i % 2 : step);
      });
      const history = new History(moments, grows, ids);
      const range = {
        from: micros(second(0) + from * MS),
        to: micros(second(0) + (from + length) * MS),
      };
      const wanted = history.lines(range.from, range.to);
      const first = aDownload(path, range, {
        tradeHistory: (page) => {
          if (history.asked >= stopAfter) first.stop.abort();
          return { kind: "ok", value: history.page(page) };
        },
      });
      await downloadTrades(first.terms);
      await downloadTrades(aDownload(path, range, answersOf(history)).terms);
      if (wanted.length === 0) await rejects(() => Deno.stat(path), Deno.errors.NotFound);
      else deepEqual(rowsOf(path), wanted);
    }),
    { numRuns: 60 },
  );
});

Deno.test("an exchange that forgets says from when on it knows", async () => {
  using folder = new Folder();
  const history = new History([5_000, 6_000, 7_000]);
  const early = aDownload(folder.path("a.csv.gz"), all, answersOf(history));
  equal((await downloadTrades(early.terms)).keptFrom, second(5));
  const late = aDownload(folder.path("b.csv.gz"), { ...all, from: second(5) }, answersOf(history));
  equal((await downloadTrades(late.terms)).keptFrom, undefined);
  const later = aDownload(folder.path("b.csv.gz"), all, answersOf(new History([9_000])));
  equal((await downloadTrades(later.terms)).keptFrom, second(9));
});

Deno.test("more trades in one moment than a page shows end it, and are not passed over", async () => {
  using folder = new Folder();
  const path = folder.path("a.csv.gz");
  const moments = [...Array<number>(50).fill(1), ...Array<number>(2_500).fill(2), 3, 4];
  const { terms } = aDownload(path, all, answersOf(new History(moments)));
  await rejects(
    () => downloadTrades(terms),
    /Cannot load trades of SOL_USDC as more come at a time than one request shows/,
  );
  deepEqual(rowsOf(path).length, 50);
});
