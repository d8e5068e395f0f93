// A past to be loaded: an exchange of two questions on a clock of its own, and the terms of a download
// from it. Every pause is a jump of the clock.

import { COUNTED_MS, Limiter } from "../../lib/backpack/limiter.ts";
import type { Reply } from "../../lib/backpack/reply.ts";
import type { KlinesOptions } from "../../lib/backpack/rest_public.ts";
import type { Page } from "../../lib/backpack/pages.ts";
import type { Bar } from "../../lib/backpack/wire_bar.ts";
import type { PastTrade } from "../../lib/backpack/wire_public.ts";
import { type Micros, micros } from "../../lib/core/units.ts";
import type { DownloadTerms } from "../../lib/app/download.ts";
import { aMarketOf } from "../support/known_market.ts";

/** The market of the scene. */
export const market = aMarketOf("SOL_USDC");

/** What the exchange answers; what is absent is never asked. */
export interface Answers {
  readonly klines?: (options: KlinesOptions) => Reply<readonly Bar[]>;
  readonly tradeHistory?: (page: Page) => Reply<readonly PastTrade[]>;
}

/** A download into `path`, with what it said and how long it paused. */
export function aDownload(
  path: string,
  range: { readonly from: Micros; readonly to: Micros },
  { klines, tradeHistory }: Answers,
) {
  const stop = new AbortController();
  const waits: string[] = [];
  let nowMs = 0;
  const limiter = new Limiter({ nowMs: () => nowMs, random: () => 0.5 });
  const asked = <T>(reply: Reply<T> | undefined): Promise<Reply<T>> => {
    limiter.spend("history");
    if (reply === undefined) throw new Error("nobody answers this");
    if (reply.kind === "limited") limiter.limited("history");
    return Promise.resolve(reply);
  };
  const terms: DownloadTerms = {
    connection: {
      rest: {
        klines: (_, options) => asked(klines?.(options)),
        tradeHistory: (_, page) => asked(tradeHistory?.(page)),
      },
      urls: { api: "http://127.0.0.1:1", ws: "ws://127.0.0.1:1" },
    },
    market,
    ...range,
    path,
    patience: {
      limiter,
      signal: stop.signal,
      random: () => 0.5,
      clock: {
        now: () => nowMs,
        sleep: (ms) => {
          nowMs += ms;
          return Promise.resolve();
        },
      },
      onWait: (reason) => waits.push(reason),
    },
    onPage: () => {},
  };
  return { terms, waits, stop, limiter, nowMs: () => nowMs };
}

/** Longer than any wait for the budget. */
export const A_MINUTE_MS = COUNTED_MS;

/** A time on 14 November 2023, so many seconds in. */
export function second(seconds: number): Micros {
  return micros(1_699_920_000_000_000 + seconds * 1_000_000);
}
