import assert from "node:assert/strict";
import { Book } from "../../lib/core/book.ts";
import { Ledger } from "../../lib/core/ledger.ts";
import { Orders } from "../../lib/core/orders.ts";
import { cash, lots, ticks } from "../../lib/core/units.ts";
import { Account } from "../../lib/core/account.ts";
import { type Moment, openOrders, viewOf } from "../../lib/core/view.ts";
import {
  aFill,
  after,
  ask,
  bid,
  level,
  perpMarket,
  place,
  rest,
  spotMarket,
  START,
  told,
} from "../support/core.ts";

const CAPITAL = cash(1_000_000_000_000);

/** A moment around 100.00 with nothing of ours; `parts` replace what a test needs. */
function aMoment(parts: Partial<Moment> = {}): Moment {
  const market = parts.market ?? perpMarket();
  return {
    time: after(5),
    touch: {
      bestBid: ticks(9_999),
      bestAsk: ticks(10_002),
      midTicks: 10_000.5,
      mark: ticks(10_000),
    },
    mark: undefined,
    market,
    book: new Book(),
    orders: new Orders(),
    ledger: new Ledger(market, CAPITAL, undefined, START),
    account: new Account(),
    seed: 1,
    ...parts,
  };
}

Deno.test("a flat run sees the touch, and no entry, age or mark", () => {
  const view = viewOf(aMoment());
  assert.equal(view.time, after(5));
  assert.equal(view.bestBid, 9_999);
  assert.equal(view.bestAsk, 10_002);
  assert.equal(view.midTicks, 10_000.5);
  assert.equal(view.position, 0);
  assert.equal(view.equity, CAPITAL);
  assert.deepEqual([view.bids, view.asks, view.openOrders], [[], [], []]);
  for (const key of ["mark", "entryTicks", "oldestAt"]) assert.equal(key in view, false, key);
});

Deno.test("a position is seen with its entry, its age and its worth at the mark", () => {
  const moment = aMoment({ mark: ticks(10_000) });
  moment.ledger.fill(aFill({ side: "ask", price: 10_010, quantity: 5, time: after(3) }));
  const view = viewOf(moment);
  assert.equal(view.mark, 10_000);
  assert.equal(view.position, -5);
  assert.equal(view.sellable, -5);
  assert.equal(view.entryTicks, 10_010);
  assert.equal(view.oldestAt, after(3));
  assert.equal(view.equity, CAPITAL + 500_000);
});

Deno.test("spot sells whole lots that are held, and nothing else", () => {
  const market = spotMarket();
  const held = (position: number) =>
    new Ledger(market, CAPITAL, { position: lots(position), price: ticks(10_000) }, START);
  const seen = (ledger: Ledger) => viewOf(aMoment({ market, ledger })).sellable;
  assert.equal(seen(held(7)), 7);
  assert.equal(seen(held(-7)), 0);
  const ledger = held(0);
  ledger.fill(aFill({ quantity: 10, feeBase: 1 }));
  assert.equal(seen(ledger), 9);
});

Deno.test("levels are those of others, best first, twenty at most", () => {
  const moment = aMoment();
  for (let i = 0; i < 30; i++) {
    moment.book.bids.set(ticks(9_999 - i), lots(10));
    moment.book.asks.set(ticks(10_002 + i), lots(10));
  }
  rest(moment.orders, 1, bid(9_999, 10));
  rest(moment.orders, 2, ask(10_002, 4));
  const { bids, asks } = viewOf(moment);
  assert.equal(bids.length, 20);
  assert.equal(asks.length, 20);
  assert.deepEqual(bids[0], level(9_998, 10));
  assert.deepEqual(bids[19], level(9_979, 10));
  assert.deepEqual(asks.slice(0, 2), [level(10_002, 6), level(10_003, 10)]);
});

Deno.test("open orders are the maker orders that rest or are on their way", () => {
  const orders = new Orders();
  rest(orders, 1, bid(9_990, 10, { tag: "rung 1" }), after(1));
  orders.apply(aFill({ id: 1, quantity: 4 }));
  orders.command(place(2, ask(10_010, 3)), after(2));
  orders.command(place(3, ask(9_000, 3, { role: "taker" })), after(2));
  rest(orders, 4, bid(9_980, 10));
  orders.command({ kind: "cancel", id: 4 }, after(2));
  rest(orders, 5, bid(9_970, 10));
  orders.apply(told("unknown", 5));
  rest(orders, 6, bid(9_960, 10));
  orders.apply(told("cancelled", 6));
  const expected = [
    { side: "bid", ...level(9_990, 6), tag: "rung 1", since: after(1) },
    { side: "ask", ...level(10_010, 3), since: after(2) },
  ];
  assert.deepEqual(openOrders(orders), expected);
  assert.deepEqual(viewOf(aMoment({ orders })).openOrders, expected);
});

Deno.test("asking twice at one moment draws the same numbers, another moment or seed draws others", () => {
  const three = (parts: Partial<Moment>) => {
    const view = viewOf(aMoment(parts));
    return [view.random(), view.random(), view.random()];
  };
  const first = three({ seed: 4, time: after(10) });
  assert.equal(new Set(first).size, 3);
  assert.deepEqual(three({ seed: 4, time: after(10) }), first);
  assert.notDeepEqual(three({ seed: 4, time: after(11) }), first);
  assert.notDeepEqual(three({ seed: 5, time: after(10) }), first);
});
