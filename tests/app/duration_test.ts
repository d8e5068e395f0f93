// Times as people type them: what is read, what is refused, and what is shown.

import { deepEqual, equal, throws } from "node:assert/strict";
import {
  parseDuration,
  parseTime,
  parseTimeRange,
  showSpan,
  showTime,
} from "../../lib/app/duration.ts";
import { UserError } from "../../lib/app/errors.ts";
import { micros } from "../../lib/core/units.ts";

const durations = [
  ["0", 0],
  ["90", 90],
  ["90s", 90],
  ["55m", 3_300],
  ["1h", 3_600],
  ["1.5h", 5_400],
  ["2d", 172_800],
] as const;
const noDurations = ["", "-1", "1w", "h", "1h30m", "1e3", "1 h", "NaN", "99999d", "1.h"];

const day = 86_400_000_000;
const newYear = 20_089 * day;
const ranges = [
  ["20250101-20250102", { from: newYear, to: newYear + day }],
  ["20250101-", { from: newYear }],
  ["-20250101", { to: newYear }],
  ["1735689600-1735776000", { from: newYear, to: newYear + day }],
  ["1735689600000-", { from: newYear }],
  ["-0000000001", { to: 1_000_000 }],
] as const;
const noRanges = [
  ...["", "-", "20250101", "20250101-20250101", "20250102-20250101", "20250230-", "2025-01-01"],
  ...["20251301-", "abc-", "202501-", "20250101--20250102", "20250101-x"],
];

Deno.test("a duration is a number with a unit, seconds where it has none", () => {
  for (const [text, seconds] of durations) equal(parseDuration("--duration", text), seconds);
});

Deno.test("what is no duration is refused in one line with the flag and the value", () => {
  for (const text of noDurations) {
    throws(() => parseDuration("--duration", text), complains("--duration", text));
  }
});

Deno.test("a time range takes days and epochs, and either end open", () => {
  for (const [text, expected] of ranges) deepEqual({ ...parseTimeRange(text) }, expected);
});

Deno.test("what is no time range is refused", () => {
  for (const text of noRanges) throws(() => parseTimeRange(text), complains("--timerange", text));
});

Deno.test("a point in time is UTC, with or without its hours", () => {
  equal(parseTime("--until", "2025-01-01"), newYear);
  equal(parseTime("--until", "2025-01-01T12:00Z"), newYear + day / 2);
  equal(parseTime("--until", "2025-01-01T12:00:00"), newYear + day / 2);
  for (
    const text of ["", "tomorrow", "2025-02-30", "2025-01-01 12:00", "2025-01-01T25:00Z", "12:00"]
  ) {
    throws(() => parseTime("--until", text), complains("--until", text));
  }
});

Deno.test("times and spans are shown for people", () => {
  equal(showTime(micros(newYear + 1_500_000)), "2025-01-01 00:00:01");
  const spans = [[45, "45 s"], [600, "10 min"], [5_400, "1 h 30 min"], [
    183_600,
    "2 d 3 h",
  ]] as const;
  for (const [seconds, text] of spans) equal(showSpan(seconds), text);
});

function complains(key: string, value: string): (error: unknown) => boolean {
  return (error) =>
    error instanceof UserError && error.message.includes(` as ${key} must `) &&
    error.message.endsWith(`: current value is ${value || "empty"}`);
}
