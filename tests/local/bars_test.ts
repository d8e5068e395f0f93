// Bars begin and end where the calendar says, and hold exactly the trades of their time.

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { lots, ticks } from "../../lib/core/units.ts";
import {
  Bars,
  endOf,
  type Interval,
  intervals,
  isInterval,
  startOf,
} from "../../lib/local/bars.ts";
import { aMarket, PERP } from "./scene.ts";

const at = (text: string) => Date.parse(`${text}Z`) / 1_000;

const spans: readonly (readonly [Interval, string, string])[] = [
  ["1s", "2026-09-06T13:37:42", "2026-09-06T13:37:43"],
  ["1m", "2026-09-06T13:37:00", "2026-09-06T13:38:00"],
  ["4h", "2026-09-06T12:00:00", "2026-09-06T16:00:00"],
  ["1d", "2026-09-06T00:00:00", "2026-09-07T00:00:00"],
  ["1w", "2026-08-31T00:00:00", "2026-09-07T00:00:00"],
  ["1month", "2026-09-01T00:00:00", "2026-10-01T00:00:00"],
];

Deno.test("a bar begins and ends where the calendar says", () => {
  for (const [interval, start, end] of spans) {
    const found = startOf(interval, at("2026-09-06T13:37:42"));
    equal(found, at(start), interval);
    equal(endOf(interval, found), at(end), interval);
  }
  equal(endOf("1month", at("2026-12-01T00:00:00")), at("2027-01-01T00:00:00"));
});

Deno.test("every second lies in exactly one bar of each length", () => {
  const second = fc.integer({ min: 0, max: 4_000_000_000 });
  fc.assert(fc.property(second, fc.constantFrom(...intervals), (second, interval) => {
    const start = startOf(interval, second);
    const end = endOf(interval, start);
    equal(start <= second && second < end, true);
    equal(startOf(interval, end), end);
    equal(startOf(interval, end - 1), start);
  }));
});

Deno.test("bars hold the trades of their time, and empty ones no prices", () => {
  const bars = new Bars(aMarket(PERP), "1m");
  for (const [second, price, quantity] of [[61, 10, 1], [62, 12, 2], [119, 9, 3], [240, 5, 1]]) {
    bars.add(second ?? 0, ticks(price ?? 0), lots(quantity ?? 0));
  }
  const found = bars.between(60, 301, 10);
  deepEqual(found.map(({ start, trades, volume }) => [start, trades, volume]), [
    [60, 3, 6],
    [120, 0, 0],
    [180, 0, 0],
    [240, 1, 1],
    [300, 0, 0],
  ]);
  deepEqual(found[0]?.prices, { open: 10, high: 12, low: 9, close: 9 });
  equal(found[0]?.quoteVolume, (10 + 24 + 27) * 10_000);
  equal(found[1]?.prices, undefined);
  deepEqual(bars.between(61, 301, 2).map(({ start }) => start), [120, 180]);
});

Deno.test("only Backpack's lengths are lengths", () => {
  equal(intervals.length, 16);
  equal(isInterval("1month"), true);
  equal(isInterval("7m"), false);
  equal(isInterval("toString"), false);
});
