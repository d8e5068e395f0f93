import assert from "node:assert/strict";
import { HeardVenue } from "../../lib/app/heard_venue.ts";
import type { Event } from "../../lib/core/event.ts";
import { Exchange } from "../../lib/exchange/exchange.ts";
import { HeardFeed } from "../../lib/sim/heard_feed.ts";
import { SimVenue } from "../../lib/sim/venue.ts";
import { after, bid, level, perpMarket, place, START } from "../support/core.ts";

const market = perpMarket();

function heardVenue(events: readonly Event[]): HeardVenue {
  const exchange = new Exchange({ markets: [market], fillModel: "queue" });
  const account = exchange.openAccount({
    fees: { spot: { maker: 0, taker: 0 }, perp: { maker: 2, taker: 5 } },
    balances: { USDC: 1e12 },
  });
  const feed = new HeardFeed(START);
  const paper = new SimVenue({
    ...{ exchange, market, account, feed, latencyMs: 10, timerMs: 1000 },
    ...{ time: START, tellsBars: false },
    position: () => exchange.position(account, market.symbol),
  });
  const left = [...events];
  const heard = { next: () => Promise.resolve(left.shift()), ask() {}, end() {} };
  return new HeardVenue(heard, paper, feed);
}

Deno.test("what is heard is played, orders stay on paper, and a person is heard at once", async () => {
  const venue = heardVenue([
    {
      ...{ kind: "depth", time: after(1), snapshot: true },
      ...{ bids: [level(9_990, 50)], asks: [level(10_010, 60)] },
    },
    { kind: "timer", time: after(50) },
    { kind: "stop", time: after(60) },
  ]);
  assert.equal((await venue.next())?.kind, "depth");
  venue.send([place(3, bid(9_980, 5))]);
  const seen: string[] = [];
  for (let event = await venue.next(); event !== undefined; event = await venue.next()) {
    seen.push(event.kind);
  }
  assert.deepEqual(seen, ["depth", "accepted", "stop"]);
});
