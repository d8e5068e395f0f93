// What goes wrong without an error: told once, told when it is over, and memory ends the run.

import { deepEqual, equal, match } from "node:assert/strict";
import { keepWatch, type Vitals, Watchdog } from "../../lib/app/watchdog.ts";

const MB = 2 ** 20;
const well: Vitals = { loopAgeMs: 200, rssBytes: 100 * MB, streams: [] };

/** Looks each second with what a test says, and gives the lines. */
function watch(seconds: number, at: (second: number) => Partial<Vitals>): string[] {
  const watchdog = new Watchdog(0);
  const lines: string[] = [];
  for (let second = 1; second <= seconds; second++) {
    const { notices } = watchdog.look(second * 1000, { ...well, ...at(second) });
    lines.push(...notices.map(({ level, text }) => `${second} ${level} ${text}`));
  }
  return lines;
}

Deno.test("a run that is well is not spoken of", () => {
  deepEqual(watch(3 * 3600, (second) => ({ rssBytes: (100 + second % 60) * MB })), []);
});

Deno.test("a loop that takes nothing is told once, and so is its return", () => {
  const ages = (second: number) => second < 20 ? second * 1000 : 0;
  deepEqual(watch(30, (second) => ({ loopAgeMs: ages(second) })), [
    "16 warn The loop has taken nothing for 16.0 s",
    "20 info The loop turns again",
  ]);
});

Deno.test("each kind of news that stops is told by its name", () => {
  const lines = watch(5, (second) => ({
    streams: [
      { name: "book", ageMs: 20_000, state: second === 2 ? "stale" : "live" },
      { name: "mark", ageMs: 99_000, state: second > 3 ? "stale" : "live" },
    ],
  }));
  deepEqual(lines, [
    "2 warn Nothing was heard of the book for 20.0 s",
    "3 info The book is heard again",
    "4 warn Nothing was heard of the mark for 99.0 s",
  ]);
});

Deno.test("a program that stood still is told how long, each time", () => {
  const watchdog = new Watchdog(0);
  const texts = [1000, 5200, 6200, 9300].flatMap((nowMs) =>
    watchdog.look(nowMs, well).notices.map(({ text }) => text)
  );
  deepEqual(texts, ["The program stood still for 3.2 s", "The program stood still for 2.1 s"]);
});

Deno.test("memory that only grows is told after half an hour of it, a start that fills is not", () => {
  const leak = watch(3600, (second) => ({ rssBytes: (100 + second / 36) * MB }));
  equal(leak.length, 1);
  match(leak[0] ?? "", /^2[45]\d\d warn Memory grows by 100 MB an hour$/);
  deepEqual(watch(3600, (second) => ({ rssBytes: (100 + Math.min(second, 500)) * MB })), []);
  const over = watch(7200, (second) => ({ rssBytes: (100 + Math.min(second, 2600) / 36) * MB }));
  match(over[1] ?? "", /info Memory no longer grows$/);
});

Deno.test("memory beyond its bound ends the run, once", () => {
  const watchdog = new Watchdog(0, { mostRssMb: 300 });
  const stops = [300, 301, 400].map((megabytes, i) =>
    watchdog.look((i + 1) * 1000, { ...well, rssBytes: megabytes * MB }).stop
  );
  deepEqual(stops, [undefined, "memory is 301 MB, limit 300 MB", undefined]);
  equal(new Watchdog(0).look(1000, { ...well, rssBytes: 1025 * MB }).stop !== undefined, true);
});

Deno.test("it looks each second until the run is over", async () => {
  const over = new AbortController();
  let now = 0;
  const told: string[] = [];
  await keepWatch({
    clock: {
      now: () => now,
      sleep: (ms) => {
        now += ms;
        if (now === 4000) over.abort();
        return Promise.resolve();
      },
    },
    signal: over.signal,
    watchdog: new Watchdog(0, { mostRssMb: 50 }),
    vitals: () => ({ ...well, loopAgeMs: now < 3000 ? 0 : 20_000 }),
    onNotice: ({ text }) => told.push(text),
    onStop: (why) => told.push(`stop: ${why}`),
  });
  deepEqual(told, [
    "stop: memory is 100 MB, limit 50 MB",
    "The loop has taken nothing for 20.0 s",
  ]);
});
