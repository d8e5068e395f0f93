// Times and spans as people type them: `55m`, `20250101-20250401`. Everything is UTC, because a
// backtest must not depend on where the machine stands.

import { type Micros, micros, SECOND } from "../core/units.ts";
import { badValue } from "./errors.ts";

const doing = "read the command line";
const secondsPer: { readonly [unit: string]: number } = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Seconds in `90`, `90s`, `55m`, `1.5h` or `2d`; 0 means for ever. Throws `UserError` naming `key`. */
export function parseDuration(key: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text);
  const seconds = Number(match?.[1]) * (secondsPer[match?.[2] || "s"] ?? NaN);
  if (Number.isFinite(seconds) && seconds <= 10 * 365 * 86_400) return seconds;
  const rule = "must be a time like 90s, 55m, 1h or 2d, at most 3650d, 0 for ever";
  throw badValue({ doing, key, rule, value: text });
}

/** A stretch of time: `from` is in it, `to` is not; an absent end is open. */
export interface TimeRange {
  readonly from?: Micros;
  readonly to?: Micros;
}

/** Reads `A-B`, `A-` or `-B`, each a day (20250131) or an epoch in s (10 digits) or ms (13). */
export function parseTimeRange(text: string): TimeRange {
  const match = /^(\d*)-(\d*)$/.exec(text);
  const from = rangeEnd(match?.[1]);
  const to = rangeEnd(match?.[2]);
  if (match === null || text === "-" || Number.isNaN(from) || Number.isNaN(to)) {
    const rule = "must be like 20250101-20250401, with days or epochs and either end open";
    throw badValue({ doing, key: "--timerange", rule, value: text });
  }
  if (from !== undefined && to !== undefined && from >= to) {
    const rule = "must begin before it ends";
    throw badValue({ doing, key: "--timerange", rule, value: text });
  }
  return {
    ...(from === undefined ? {} : { from: micros(from) }),
    ...(to === undefined ? {} : { to: micros(to) }),
  };
}

/** A point in time: `2025-01-31`, or `2025-01-31T12:00:00Z` with or without its seconds. */
export function parseTime(key: string, text: string): Micros {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?Z?)?$/.exec(text);
  const time = match === null
    ? NaN
    : Date.parse(text.length > 10 && !text.endsWith("Z") ? `${text}Z` : text);
  const day = match === null ? NaN : utcDay(`${match[1]}${match[2]}${match[3]}`);
  if (Number.isNaN(time) || Number.isNaN(day)) {
    throw badValue({
      doing,
      key,
      rule: "must be a UTC time like 2025-01-31T12:00:00Z",
      value: text,
    });
  }
  return micros(time * 1_000);
}

/** A time for people: `2025-01-31 12:00:00`, UTC. */
export function showTime(time: Micros): string {
  return new Date(Math.floor(time / 1_000)).toISOString().slice(0, 19).replace("T", " ");
}

/** A span for people: `45 s`, `12 min`, `1 h 30 min`, `2 d 3 h`. */
export function showSpan(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 2_880) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1_440)} d ${Math.floor((minutes % 1_440) / 60)} h`;
}

/** Microseconds of one end; undefined where it is open, NaN where it is no time. */
function rangeEnd(text: string | undefined): number | undefined {
  if (text === undefined) return NaN;
  if (text === "") return undefined;
  if (text.length === 8) return utcDay(text);
  if (text.length === 10) return Number(text) * SECOND;
  return text.length === 13 ? Number(text) * 1_000 : NaN;
}

/** Microseconds of 00:00 UTC on `20250131`; NaN for a day the calendar does not have. */
function utcDay(text: string): number {
  const time = Date.UTC(
    Number(text.slice(0, 4)),
    Number(text.slice(4, 6)) - 1,
    Number(text.slice(6)),
  );
  const back = new Date(time).toISOString().slice(0, 10).replaceAll("-", "");
  return back === text ? time * 1_000 : NaN;
}
