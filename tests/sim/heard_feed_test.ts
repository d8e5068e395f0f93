import assert from "node:assert/strict";
import type { Command, Event, MarketEvent } from "../../lib/core/event.ts";
import { ticks } from "../../lib/core/units.ts";
import { Exchange } from "../../lib/exchange/exchange.ts";
import { HeardFeed } from "../../lib/sim/heard_feed.ts";
import { SimVenue } from "../../lib/sim/venue.ts";
import { after, bid, level, perpMarket, place, START } from "../support/core.ts";

const market = perpMarket();

function venueOver(feed: HeardFeed): SimVenue {
  const exchange = new Exchange({ markets: [market], fillModel: "queue" });
  const account = exchange.openAccount({
    fees: { spot: { maker: 0, taker: 0 }, perp: { maker: 2, taker: 5 } },
    balances: { USDC: 1e12 },
  });
  return new SimVenue({
    ...{ exchange, market, account, feed, latencyMs: 10, timerMs: 1000 },
    ...{ time: START, tellsBars: false },
    position: () => exchange.position(account, market.symbol),
  });
}

function depth(
  ms: number,
  bids: readonly [number, number][],
  asks: readonly [number, number][],
  snapshot = false,
): MarketEvent {
  const levels = (side: readonly [number, number][]) => side.map(([p, q]) => level(p, q));
  return { kind: "depth", time: after(ms), bids: levels(bids), asks: levels(asks), snapshot };
}

function trade(ms: number, price: number, quantity: number): MarketEvent {
  const { quantity: traded } = level(price, quantity);
  return {
    kind: "trade",
    time: after(ms),
    price: ticks(price),
    quantity: traded,
    aggressor: "ask",
  };
}

function drain(venue: SimVenue, feed: HeardFeed): Event[] {
  const events: Event[] = [];
  for (;;) {
    const event = venue.next(feed.heardUntil);
    if (event === undefined) return events;
    events.push(event);
  }
}

Deno.test("nothing happens beyond what was heard, and what was heard happens once", () => {
  const feed = new HeardFeed(START);
  const venue = venueOver(feed);
  assert.deepEqual(drain(venue, feed), []);
  feed.hear(depth(5, [[9_990, 50]], [[10_010, 60]], true));
  const [first, ...rest] = drain(venue, feed);
  assert.deepEqual([first?.kind, first?.time, rest], ["depth", after(5), []]);
  assert.deepEqual(drain(venue, feed), []);
  assert.equal(feed.played, 1);
});

Deno.test("timers run in the silence, as far as it is known to be one", () => {
  const feed = new HeardFeed(START);
  const venue = venueOver(feed);
  feed.until(after(2_500));
  assert.deepEqual(drain(venue, feed).map(({ kind, time }) => [kind, time]), [
    ["timer", after(1_000)],
    ["timer", after(2_000)],
  ]);
});

Deno.test("an order rests behind the heard book and fills by what is heard", () => {
  const feed = new HeardFeed(START);
  const venue = venueOver(feed);
  feed.hear(depth(0, [[9_990, 50]], [[10_010, 60]], true));
  drain(venue, feed);
  const command: Command = place(7, bid(9_990, 5));
  venue.send([command]);
  feed.until(after(100));
  assert.deepEqual(kinds(drain(venue, feed)), ["depth", "accepted"]);
  feed.hear(trade(200, 9_990, 50));
  feed.until(after(300));
  assert(!kinds(drain(venue, feed)).includes("fill"));
  feed.hear(trade(400, 9_990, 5));
  feed.until(after(500));
  assert(kinds(drain(venue, feed)).includes("fill"));
});

Deno.test("a snapshot replaces the book, and no clock turns it back", () => {
  const feed = new HeardFeed(START);
  const venue = venueOver(feed);
  feed.hear(depth(50, [[9_990, 50], [9_980, 5]], [[10_010, 60]], true));
  drain(venue, feed);
  feed.hear(depth(20, [[9_970, 4]], [[10_000, 6]], true));
  const [event] = drain(venue, feed);
  assert(event?.kind === "depth");
  assert.equal(event.time, after(50));
  const sorted = event.bids.map(({ price, quantity }) => [price, quantity]).sort();
  assert.deepEqual(sorted, [[9_970, 4], [9_980, 0], [9_990, 0]]);
});

function kinds(events: readonly Event[]): string[] {
  return events.map(({ kind }) => kind);
}
