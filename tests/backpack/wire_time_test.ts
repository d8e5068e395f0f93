// Times as Backpack writes them, and texts that only look like times.

import assert from "node:assert/strict";
import fc from "fast-check";
import { fromMicrosOrMs, fromMs, parseUtc } from "../../lib/backpack/wire_time.ts";
import { micros } from "../../lib/core/units.ts";

Deno.test("datetimes of every place Backpack has them", () => {
  const cases: readonly (readonly [string, number | undefined])[] = [
    // History, with decimals from none to more than µs.
    ["2026-09-01T17:54:04.094", 1_788_285_244_094_000],
    ["2025-01-21T06:34:54.691858", 1_737_441_294_691_858],
    ["2026-09-01T17:54:04.1", 1_788_285_244_100_000],
    ["2026-09-01T17:54:04.000001", 1_788_285_244_000_001],
    ["2026-09-01T17:54:04.999999999", 1_788_285_244_999_999],
    ["2026-09-13T23:00:00", 1_789_340_400_000_000],
    // Candles: a space by REST, a T by socket.
    ["2026-09-01 17:23:00", 1_788_283_380_000_000],
    ["2026-09-01T17:23:00", 1_788_283_380_000_000],
    ["2026-09-01T17:23:00Z", 1_788_283_380_000_000],
    ["1970-01-01 00:00:00", 0],
    ["2024-02-29 23:59:59.5", 1_709_251_199_500_000],
    // What is no time.
    ["2026-02-29 00:00:00", undefined],
    ["2026-13-01 00:00:00", undefined],
    ["2026-00-01 00:00:00", undefined],
    ["2026-04-31 00:00:00", undefined],
    ["2026-04-30 24:00:00", undefined],
    ["2026-04-30 23:60:00", undefined],
    ["2026-04-30 23:59:60", undefined],
    ["1969-12-31 23:59:59", undefined],
    ["0070-01-01 00:00:00", undefined],
    ["2026-09-01T17:23:00+02:00", undefined],
    ["2026-09-01T17:23", undefined],
    ["2026-09-01", undefined],
    ["2026-09-01T17:23:00.", undefined],
    ["2026-09-01  17:23:00", undefined],
    [" 2026-09-01 17:23:00", undefined],
    ["1788283380", undefined],
    ["", undefined],
  ];
  for (const [text, time] of cases) assert.equal(parseUtc(text), time, text);
});

Deno.test("ms and µs", () => {
  assert.equal(fromMs(1_788_285_151_083), 1_788_285_151_083_000);
  assert.equal(fromMs(0), 0);
  assert.equal(fromMs(9_007_199_254_740), 9_007_199_254_740_000);
  assert.equal(fromMs(9_007_199_254_741), undefined);
  assert.equal(fromMicrosOrMs(1_788_283_696_669_335), 1_788_283_696_669_335);
  assert.equal(fromMicrosOrMs(1_684_026_955_123), 1_684_026_955_123_000);
});

Deno.test("any time printed is read back", () => {
  const time = fc.integer({ min: 0, max: 4_102_444_800_000_000 });
  fc.assert(fc.property(time, fc.constantFrom("T", " "), (us, between) => {
    const second = new Date(Math.floor(us / 1_000)).toISOString().slice(0, 19);
    const text = `${second.replace("T", between)}.${String(us % 1_000_000).padStart(6, "0")}`;
    assert.equal(parseUtc(text), micros(us));
  }));
});
