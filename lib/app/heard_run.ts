// A paper run on what the exchange says at this moment: its book, its trades, its marks, and orders
// that never leave. It needs no key, and with the same strategy it is the rehearsal of a live run.

import { OpeningFault } from "../backpack/opening.ts";
import { Stream } from "../backpack/stream.ts";
import { LiveVenue } from "../backpack/venue.ts";
import type { WireFault } from "../backpack/wire_fault.ts";
import type { Notice } from "../backpack/notice.ts";
import type { Market } from "../core/market.ts";
import { micros, MILLISECOND, type Ticks } from "../core/units.ts";
import { rig } from "../lab/rig.ts";
import { HeardFeed } from "../sim/heard_feed.ts";
import { connect, marketOf, valueOf } from "./connect.ts";
import { UserError } from "./errors.ts";
import { HeardVenue } from "./heard_venue.ts";
import { type PaperOptions, plannerOf, printsOf, runOnPaper } from "./paper_run.ts";
import type { Urls } from "./urls.ts";
import { wallClock } from "./wall.ts";
import type { RunResult } from "./watched.ts";

/** What a paper run on a real market is started with. */
export interface HeardOptions extends PaperOptions {
  readonly urls: Urls;
  /** socket: streams, and requests while they are down. requests: nothing is listened to. */
  readonly source: "socket" | "requests";
  /** What speaks against a start at this price, and the strategy that starts in spite of it. */
  clear(market: Market, price: Ticks): Pick<PaperOptions, "strategy" | "warnings">;
  onNotice(notice: Notice): void;
  onFault(fault: WireFault): void;
}

const TIMER_MS = 1000;

/** Listens and trades on paper. Throws `UserError` where the exchange cannot be heard. */
export async function heardRun(options: HeardOptions): Promise<RunResult> {
  const { urls, limits, onNotice, onFault } = options;
  const { signal } = new AbortController();
  using connection = connect(urls, undefined, onFault);
  const { rest, clock } = connection;
  await clock.measure(() => rest.time(signal), signal);
  const market = await marketOf(connection, options.market.symbol, signal);
  const { bids, asks } = valueOf(await rest.depth(market, 5, signal), "read the book", urls);
  const price = (bids[0] ?? asks[0])?.price;
  if (price === undefined) throw new UserError(`Cannot start as ${market.symbol} has no book`);
  const start = { ...options, ...options.clear(market, price), market };
  const time = micros(clock.nowMs() * MILLISECOND);
  const feed = new HeardFeed(time);
  const parts = rig({
    ...start,
    ...printsOf(options),
    ...plannerOf(options),
    ...{ feed, price, time, fillModel: "queue", quickLane: "off" },
  });
  const live = new LiveVenue({
    ...{ market, rest, clock, signal, onNotice, onFault, signed: false },
    stream: (given) =>
      new Stream({ ...given, url: urls.ws, localMs: wallClock.now, random: Math.random }),
    // What fills a paper order is a trade, so trades are heard whoever wants to be told of them.
    observes: new Set(["book", "trade", "mark", "bar"]),
    staleMs: limits.staleMs,
    timerMs: TIMER_MS,
    pollOnly: options.source === "requests",
    localMs: wallClock.now,
    isOurs: () => "other",
  });
  try {
    await live.start();
    const venue = new HeardVenue(live, parts.venue, feed);
    const host = new URL(urls.api).host;
    return await runOnPaper(parts, venue, start, {
      feed: "backpack",
      market: `what ${host} says`,
    });
  } catch (error) {
    if (error instanceof OpeningFault) throw new UserError(error.message, 1);
    throw error;
  } finally {
    live.end();
  }
}
