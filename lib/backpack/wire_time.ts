// Backpack writes time in four ways: whole µs, whole ms, and datetimes in UTC without a zone, with a
// T or a space in the middle and any number of decimals. Each becomes whole µs here, exactly.

import { type Micros, micros, MILLISECOND } from "../core/units.ts";

const shape = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,12}))?Z?$/;

/** Below this a number of µs lies before March 1973, so it was meant in ms. */
const LEAST_MICROS = 1e14;

/** A UTC datetime, decimals beyond µs cut off; undefined for anything else, the 30th of February included. */
export function parseUtc(text: string): Micros | undefined {
  const match = shape.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7)
    .map(Number);
  if (year < 1970) return undefined;
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  // Date.UTC carries a 13th month or a 25th hour over; a date that moved was not one.
  const same = new Date(ms).toISOString().slice(0, 19) === text.slice(0, 19).replace(" ", "T");
  if (!same) return undefined;
  return micros(ms * MILLISECOND + Number((match[7] ?? "").slice(0, 6).padEnd(6, "0")));
}

/** Whole ms; undefined where µs would no longer be exact (after the year 2255). */
export function fromMs(ms: number): Micros | undefined {
  const time = ms * MILLISECOND;
  return Number.isSafeInteger(time) ? micros(time) : undefined;
}

/** A number documented in µs that some sources show in ms (`timestamp` of /depth). */
export function fromMicrosOrMs(value: number): Micros | undefined {
  return value < LEAST_MICROS ? fromMs(value) : micros(value);
}
