import assert from "node:assert/strict";
import type { AccountEvent, MarketEvent, OrderEvent } from "../../lib/core/event.ts";
import { type Effect, Facts } from "../../lib/core/facts.ts";
import type { Market } from "../../lib/core/market.ts";
import type { Level, Observation } from "../../lib/core/strategy.ts";
import { base, cash, lots, ticks } from "../../lib/core/units.ts";
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

function depth(bids: readonly Level[], asks: readonly Level[]): MarketEvent {
  return { kind: "depth", time: START, bids, asks, snapshot: true };
}

/** Facts of a market with others at 99.90 and 100.10, 10 lots each. */
function someFacts(market: Market = perpMarket()): Facts {
  const facts = new Facts(market, CAPITAL, undefined, START);
  facts.take(depth([level(9_990, 10)], [level(10_010, 10)]));
  return facts;
}

/** Facts with an own bid of 10 lots at 99.80 resting under number 1. */
function quotingFacts(): Facts {
  const facts = someFacts();
  rest(facts.orders, 1, bid(9_980, 10, { tag: "rung 1" }));
  return facts;
}

Deno.test("there is no touch until others stand on both sides", () => {
  const facts = new Facts(perpMarket(), CAPITAL, undefined, START);
  assert.equal(facts.touch, undefined);
  assert.equal(facts.view(1), undefined);
  facts.take(depth([level(9_990, 10)], []));
  assert.equal(facts.touch, undefined);
  facts.take({ kind: "mark", time: START, price: ticks(10_000) });
  assert.equal(facts.touch, undefined);
  facts.take(depth([level(9_990, 10)], [level(10_011, 1)]));
  assert.deepEqual(facts.touch, {
    bestBid: 9_990,
    bestAsk: 10_011,
    midTicks: 10_000.5,
    mark: 10_000,
  });
  facts.take(depth([], [level(10_011, 1)]));
  assert.equal(facts.touch, undefined);
});

Deno.test("the exchange's mark comes before mid, and stays", () => {
  const facts = someFacts();
  assert.equal(facts.touch?.mark, 10_000);
  facts.take({ kind: "mark", time: START, price: ticks(10_007) });
  assert.equal(facts.touch?.mark, 10_007);
  facts.take(depth([level(9_000, 1)], [level(9_002, 1)]));
  assert.equal(facts.touch?.mark, 10_007);
  assert.equal(facts.view(1)?.mark, 10_007);
});

Deno.test("the touch leaves out our own orders, from sending to their end", () => {
  const facts = someFacts();
  facts.orders.command(place(1, bid(9_995, 5)), START);
  facts.take(depth([level(9_995, 5), level(9_990, 10)], [level(10_010, 10)]));
  assert.equal(facts.touch?.bestBid, 9_990);
  facts.take(depth([level(9_995, 8), level(9_990, 10)], [level(10_010, 10)]));
  assert.equal(facts.touch?.bestBid, 9_995);
  facts.take(aFill({ id: 1, price: 9_995, quantity: 2 }));
  facts.take(depth([level(9_995, 3), level(9_990, 10)], [level(10_010, 10)]));
  assert.equal(facts.touch?.bestBid, 9_990);
  facts.take(told("cancelled", 1));
  assert.equal(facts.touch?.bestBid, 9_995);
});

const effects: readonly (readonly [string, MarketEvent | OrderEvent | AccountEvent, Effect])[] = [
  ["depth", depth([level(9_991, 1)], [level(10_009, 1)]), "market"],
  ["mark", { kind: "mark", time: START, price: ticks(10_000) }, "market"],
  [
    "trade",
    { kind: "trade", time: START, price: ticks(1), quantity: lots(1), aggressor: "bid" },
    "market",
  ],
  ["bar", bar(), "market"],
  ["state", { kind: "state", time: START, state: "PostOnly" }, "replan"],
  [
    "new rules",
    { kind: "rules", time: START, market: perpMarket({ minQuantity: "0.5" }) },
    "replan",
  ],
  ["a report of the account", account(), "market"],
  ["funding", { kind: "funding", time: START, payment: cash(5), rate: 0 }, "ours"],
  ["a fill that is not ours", foreign(), "replan"],
  ["accepted", told("accepted", 1), "ours"],
  ["fill", aFill({ id: 1, quantity: 4 }), "replan"],
  ["rejected", told("rejected", 1), "replan"],
  ["cancelled", told("cancelled", 1), "ours"],
  ["expired", told("expired", 1), "replan"],
  ["modified", { kind: "modified", time: START, id: 1, quantity: lots(6) }, "replan"],
  ["unknown", told("unknown", 1), "ours"],
  ["cancelRefused", told("cancelRefused", 1), "ours"],
  ["cancelled of an unknown order", told("cancelled", 99), "ours"],
];

for (const [name, event, effect] of effects) {
  Deno.test(`what ${name} means for deciding: ${effect}`, () => {
    assert.equal(quotingFacts().take(event), effect);
  });
}

function account(): AccountEvent {
  return {
    kind: "account",
    time: START,
    netEquity: cash(1),
    available: cash(1),
    positionOfAccount: lots(0),
    free: { quote: cash(0), base: base(0) },
  };
}

Deno.test("new rules of a market bind from then on, and what it counts in may not change", () => {
  const facts = quotingFacts();
  facts.take({
    kind: "rules",
    time: START,
    market: perpMarket({ minQuantity: "0.5", state: "PostOnly" }),
  });
  assert.equal(facts.market.minQuantity, 50);
  assert.equal(facts.market.state, "PostOnly");
  for (const rules of [{ tickSize: "0.02" }, { lotSize: "0.02", tickSize: "0.005" }]) {
    const market = perpMarket({ ...rules, minPrice: "0.02", minQuantity: "0.02" });
    assert.throws(() => facts.take({ kind: "rules", time: START, market }), {
      name: "Bug",
      message: /^new rules of SOL_USDC_PERP change /,
    });
  }
});

Deno.test("a fill of somebody else that is told twice is booked once, and no reason to plan anew", () => {
  const facts = quotingFacts();
  assert.equal(facts.take(foreign()), "replan");
  assert.equal(facts.take(foreign()), "ours");
  assert.equal(facts.ledger.position, -3);
});

/** A person sells 3 lots by hand. */
function foreign(): AccountEvent {
  const { id: _, ...fill } = aFill({ side: "ask", price: 9_980, quantity: 3, feeCash: 7 });
  return { ...fill, kind: "foreignFill", origin: "USER" };
}

function bar(): Extract<MarketEvent, { kind: "bar" }> {
  const [open, high, low, close] = [ticks(5), ticks(8), ticks(4), ticks(6)];
  return { kind: "bar", time: START, barSec: 60, open, high, low, close, volume: lots(9) };
}

Deno.test("time never goes back", () => {
  const facts = new Facts(perpMarket(), CAPITAL, undefined, START);
  facts.arrive(after(10));
  facts.arrive(after(5));
  assert.equal(facts.time, after(10));
});

Deno.test("each event has dice of its own, and they do not depend on who asked before", () => {
  const draw = (events: number) => {
    const facts = someFacts();
    for (let i = 0; i < events; i++) facts.arrive(after(i));
    return facts.view(1)?.random();
  };
  assert.equal(draw(3), draw(3));
  assert.notEqual(draw(3), draw(4));
});

Deno.test("the market's state is taken, and the rest of its rules stay", () => {
  const facts = someFacts();
  facts.take({ kind: "state", time: START, state: "CancelOnly" });
  assert.deepEqual(facts.market, { ...perpMarket(), state: "CancelOnly" });
});

Deno.test("a fill moves the ledger, the order and the count, and is told with its tag", () => {
  const facts = quotingFacts();
  const told: Observation[] = [];
  facts.listener = { observes: new Set(["fill"]), observe: (event) => told.push(event) };
  facts.take(aFill({ id: 1, price: 9_980, quantity: 4, feeCash: 7, time: after(2) }));
  assert.equal(facts.ledger.position, 4);
  assert.equal(facts.orders.find(1)?.remaining, 6);
  assert.equal(facts.tally.fills, 1);
  const { price, quantity } = level(9_980, 4);
  assert.deepEqual(told, [{
    kind: "fill",
    time: after(2),
    side: "bid",
    price,
    quantity,
    maker: true,
    fee: 7,
    tag: "rung 1",
  }]);
});

Deno.test("a fill that is not ours moves the ledger and leaves our orders alone", () => {
  const facts = quotingFacts();
  facts.take(foreign());
  facts.take(foreign());
  assert.equal(facts.ledger.position, -3);
  assert.equal(facts.ledger.fees, 7);
  assert.equal(facts.orders.find(1)?.remaining, 10);
});

Deno.test("a fee in base is told in quote currency", () => {
  const facts = someFacts(spotMarket());
  const fees: number[] = [];
  facts.listener = {
    observes: new Set(["fill"]),
    observe: (event) => event.kind === "fill" && fees.push(event.fee),
  };
  rest(facts.orders, 1, bid(9_980, 100));
  facts.take(aFill({ id: 1, price: 9_980, quantity: 100, feeBase: 100_000 }));
  assert.deepEqual(fees, [9_980_000]);
});

Deno.test("a listener is told the kinds it wants, and others are not even built", () => {
  const facts = someFacts();
  const kinds: string[] = [];
  const listener = { observe: (event: Observation) => kinds.push(event.kind) };
  facts.listener = { ...listener, observes: new Set(["trade"]) };
  facts.take(bar());
  facts.tell("timer", () => assert.fail("built without need"));
  assert.deepEqual(kinds, []);
  facts.listener = { ...listener, observes: new Set(["bar", "mark", "book", "trade"]) };
  facts.take(bar());
  facts.take({
    kind: "trade",
    time: START,
    price: ticks(1),
    quantity: lots(1),
    aggressor: "ask",
  });
  facts.take(depth([level(9_991, 1)], [level(10_009, 1)]));
  assert.deepEqual(kinds, ["bar", "trade", "book"]);
});

Deno.test("refusals quiet a price; an acceptance or the planned lapse of a taker does not", () => {
  const quiet = (event: OrderEvent["kind"], role: "maker" | "taker") => {
    const facts = someFacts();
    facts.orders.command(place(1, ask(10_020, 3, { role })), START);
    if (event === "rejected" || event === "expired" || event === "accepted") {
      facts.take(told(event, 1));
    }
    return facts.refusals.isQuiet("ask", ticks(10_020), START);
  };
  assert.equal(quiet("rejected", "maker"), true);
  assert.equal(quiet("rejected", "taker"), true);
  assert.equal(quiet("expired", "maker"), true);
  assert.equal(quiet("expired", "taker"), false);
  assert.equal(quiet("accepted", "maker"), false);
});

Deno.test("an acceptance clears what was refused at its price", () => {
  const facts = someFacts();
  facts.refusals.refused("bid", ticks(9_980), "PostOnlyTaker", START);
  facts.orders.command(place(1, bid(9_980, 3)), START);
  facts.take(told("accepted", 1));
  assert.equal(facts.refusals.isQuiet("bid", ticks(9_980), START), false);
});

Deno.test("a fill told twice changes neither the ledger nor what still rests", () => {
  const facts = quotingFacts();
  const fill = aFill({ id: 1, fillId: 5, quantity: 6 });
  facts.take(fill);
  facts.take(fill);
  assert.equal(facts.ledger.position, 6);
  assert.equal(facts.tally.fills, 1);
  assert.equal(facts.orders.find(1)?.remaining, 4);
  assert.equal(facts.orders.count, 1);
});

Deno.test("the end of an order told twice is one end and one refusal", () => {
  for (const kind of ["rejected", "expired", "cancelled"] as const) {
    const facts = quotingFacts();
    for (let i = 0; i < 3; i++) facts.take(told(kind, 1));
    const { rejected, expired, cancelled } = facts.tally;
    assert.equal(rejected + expired + cancelled, 1, kind);
    assert.equal(facts.refusals.isQuiet("bid", ticks(9_980), after(1000)), false, kind);
  }
});

Deno.test("a fill moves the position even when its order is long forgotten", () => {
  const facts = quotingFacts();
  facts.take(told("cancelled", 1));
  for (let id = 2; id < 4200; id++) {
    rest(facts.orders, id, bid(9_000, 1));
    facts.orders.apply(told("cancelled", id));
  }
  facts.take(aFill({ id: 1, quantity: 4 }));
  assert.equal(facts.ledger.position, 4);
});
