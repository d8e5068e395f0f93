// The gate: one table with a case per rule and side of its limit, then what must hold whatever is
// planned. Prices around 100.00, so bids stand at 9999 and below, asks at 10001 and above.

import assert from "node:assert/strict";
import fc from "fast-check";
import { defaultLimits } from "../../lib/core/limits.ts";
import type { MarketRules } from "../../lib/core/market.ts";
import { approve, type Exposed, type RiskFacts, worstCase } from "../../lib/core/risk.ts";
import type { PlannedOrder } from "../../lib/core/strategy.ts";
import { cash, cashOf, lots, ticks } from "../../lib/core/units.ts";
import { ask, bid, perpMarket, spotMarket } from "../support/core.ts";

const MID = 10_000;

function facts(given: Partial<RiskFacts> = {}): RiskFacts {
  return {
    market: perpMarket(),
    limits: defaultLimits,
    state: "ACTIVE",
    position: lots(0),
    sellable: lots(0),
    freeCash: cash(0),
    bestBid: ticks(MID - 1),
    bestAsk: ticks(MID + 1),
    midTicks: MID,
    mark: ticks(MID),
    live: [],
    ...given,
  };
}

function limited(limits: Partial<RiskFacts["limits"]>, given: Partial<RiskFacts> = {}): RiskFacts {
  return facts({ limits: { ...defaultLimits, ...limits }, ...given });
}

function live(side: "bid" | "ask", price: number, remaining: number): Exposed {
  return { side, price: ticks(price), remaining: lots(remaining) };
}

/** "bid 5@9999" for each order. */
function shown(orders: readonly PlannedOrder[]): string[] {
  return orders.map(({ side, price, quantity, reduceOnly }) =>
    `${side} ${quantity}@${price}${reduceOnly === true ? " reduce" : ""}`
  );
}

interface Case {
  readonly name: string;
  readonly orders: readonly PlannedOrder[];
  readonly facts: RiskFacts;
  readonly kept: readonly string[];
  /** "rule quantity" for each refusal. */
  readonly refused?: readonly string[];
}

const takerAsk = (price: number, quantity: number) => ask(price, quantity, { role: "taker" });
const takerBid = (price: number, quantity: number) => bid(price, quantity, { role: "taker" });
const market = (rules: Partial<MarketRules>) => facts({ market: perpMarket(rules) });
const spot = { market: spotMarket(), sellable: lots(1000), freeCash: cashOf(1_000_000) };

const cases: readonly Case[] = [
  { name: "an empty plan", orders: [], facts: facts(), kept: [] },
  {
    name: "nothing to refuse, nearest the touch first",
    orders: [bid(9990, 5), ask(10_001, 5), bid(9998, 5)],
    facts: facts(),
    kept: ["ask 5@10001", "bid 5@9998", "bid 5@9990"],
  },
  {
    name: "orders of one price count as one order, whatever stands as far on the other side",
    orders: [bid(9998, 5), ask(10_002, 6), bid(9998, 5), ask(10_002, 6), bid(9997, 5)],
    facts: limited({ maxOrderUsd: 8 }),
    kept: ["bid 5@9998", "ask 6@10002", "bid 3@9998", "ask 1@10002", "bid 5@9997"],
    refused: ["maxOrderUsd 2", "maxOrderUsd 5"],
  },
  // State
  {
    name: "HALTED lets nothing through",
    orders: [bid(9999, 5), takerAsk(9999, 5)],
    facts: facts({ state: "HALTED", position: lots(9) }),
    kept: [],
    refused: ["state 5", "state 5"],
  },
  {
    name: "REDUCING a long keeps asks up to the position, nearest first",
    orders: [bid(9999, 5), ask(10_002, 5), ask(10_001, 5)],
    facts: facts({ state: "REDUCING", position: lots(7) }),
    kept: ["ask 5@10001 reduce", "ask 2@10002 reduce"],
    refused: ["state 5", "reduceOnly 3"],
  },
  {
    name: "REDUCING a short keeps bids",
    orders: [bid(9999, 5), ask(10_001, 5)],
    facts: facts({ state: "REDUCING", position: lots(-3) }),
    kept: ["bid 3@9999 reduce"],
    refused: ["state 5", "reduceOnly 2"],
  },
  {
    name: "REDUCING when flat keeps nothing",
    orders: [bid(9999, 5), ask(10_001, 5)],
    facts: facts({ state: "REDUCING" }),
    kept: [],
    refused: ["state 5", "state 5"],
  },
  {
    name: "REDUCING on spot keeps asks up to what can be sold, without a flag spot does not know",
    orders: [bid(9999, 5), ask(10_001, 5)],
    facts: facts({ ...spot, state: "REDUCING", position: lots(4), sellable: lots(3) }),
    kept: ["ask 3@10001"],
    refused: ["state 5", "sellable 2"],
  },
  {
    name: "FLATTENING keeps takers and the touch only",
    orders: [takerAsk(9990, 2), ask(10_001, 2), ask(10_002, 2), bid(9999, 2)],
    facts: facts({ state: "FLATTENING", position: lots(9) }),
    kept: ["ask 2@9990 reduce", "ask 2@10001 reduce"],
    refused: ["state 2", "state 2"],
  },
  // The market
  ...(["Closed", "CancelOnly"] as const).map((state) => ({
    name: `a market that is ${state} takes nothing`,
    orders: [bid(9999, 5), takerAsk(9999, 5)],
    facts: market({ state }),
    kept: [],
    refused: ["marketState 5", "marketState 5"],
  })),
  {
    name: "a PostOnly market takes makers",
    orders: [bid(9998, 5), takerAsk(9999, 5)],
    facts: market({ state: "PostOnly" }),
    kept: ["bid 5@9998"],
    refused: ["marketState 5"],
  },
  {
    name: "a LimitOnly market takes both, for ours are limit orders",
    orders: [bid(9998, 5), takerAsk(9999, 5)],
    facts: market({ state: "LimitOnly" }),
    kept: ["ask 5@9999", "bid 5@9998"],
  },
  {
    name: "prices at the market's least and most pass, beyond they do not",
    orders: [bid(9990, 5), bid(9989, 5), ask(10_020, 5), ask(10_021, 5)],
    facts: market({ minPrice: "99.9", maxPrice: "100.2" }),
    kept: ["bid 5@9990", "ask 5@10020"],
    refused: ["priceLimits 5", "priceLimits 5"],
  },
  {
    name: "a price of nothing is refused even where the market names no least",
    orders: [bid(0, 5)],
    facts: market({ minPrice: "0" }),
    kept: [],
    refused: ["priceLimits 5"],
  },
  {
    name: "the narrower band counts",
    orders: [bid(9500, 5), bid(9499, 5), ask(12_000, 5), ask(12_001, 5)],
    facts: market({ bands: { last: { min: 0.5, max: 1.2 }, mark: { min: 0.95, max: 2 } } }),
    kept: ["bid 5@9500", "ask 5@12000"],
    refused: ["priceLimits 5", "priceLimits 5"],
  },
  {
    name: "less than the market's minimum is refused, never rounded up",
    orders: [bid(9999, 10), bid(9998, 9), bid(9997, 0)],
    facts: market({ minQuantity: "0.1" }),
    kept: ["bid 10@9999"],
    refused: ["minQuantity 9", "minQuantity 0"],
  },
  {
    name: "more than the market's maximum is trimmed",
    orders: [bid(9999, 10), bid(9998, 11)],
    facts: market({ maxQuantity: "0.1" }),
    kept: ["bid 10@9999", "bid 10@9998"],
    refused: ["maxQuantity 1"],
  },
  // The collar
  {
    name: "takers may go 5 % through mid and no farther",
    orders: [takerAsk(9500, 1), takerAsk(9499, 1)],
    facts: facts({ position: lots(5) }),
    kept: ["ask 1@9500"],
    refused: ["priceCollarPct 1"],
  },
  {
    name: "a maker beyond mid is held to the collar, one on its own side is not",
    orders: [bid(10_501, 1), bid(9000, 1)],
    facts: facts(),
    kept: ["bid 1@9000"],
    refused: ["priceCollarPct 1"],
  },
  // One order
  {
    name: "an order at the limit passes, a larger one is trimmed to whole lots",
    orders: [bid(9999, 10), bid(5000, 20), bid(4999, 21)],
    facts: limited({ maxOrderUsd: 10 }),
    kept: ["bid 10@9999", "bid 20@5000", "bid 20@4999"],
    refused: ["maxOrderUsd 1"],
  },
  {
    name: "an order that the limit leaves less than the minimum is refused whole",
    orders: [bid(9999, 20)],
    facts: limited({ maxOrderUsd: 9.99 }, { market: perpMarket({ minQuantity: "0.1" }) }),
    kept: [],
    refused: ["maxOrderUsd 20"],
  },
  // Own orders against each other
  {
    name: "of an own bid at an own ask the farther from mid is refused",
    orders: [bid(10_003, 5), ask(10_002, 5), ask(10_003, 5)],
    facts: facts(),
    kept: ["ask 5@10002", "ask 5@10003"],
    refused: ["ownCross 5"],
  },
  {
    name: "at equal distance the order that grows the position goes",
    orders: [bid(10_000, 5), ask(10_000, 5)],
    facts: facts({ position: lots(9) }),
    kept: ["ask 5@10000"],
    refused: ["ownCross 5"],
  },
  {
    name: "which is the ask of a short",
    orders: [ask(10_000, 5), bid(10_000, 5)],
    facts: facts({ position: lots(-9) }),
    kept: ["bid 5@10000"],
    refused: ["ownCross 5"],
  },
  {
    name: "makers make way for a taker, be it farther from mid",
    orders: [bid(9999, 5), bid(9998, 5), bid(9997, 5), takerAsk(9998, 5)],
    facts: facts(),
    kept: ["ask 5@9998", "bid 5@9997"],
    refused: ["ownCross 5", "ownCross 5"],
  },
  // Shared limits
  {
    name: "reduce-only orders share the position, others do not take part",
    orders: [
      ask(10_001, 3, { reduceOnly: true }),
      ask(10_002, 9),
      ask(10_003, 3, { reduceOnly: true }),
      bid(9999, 1, { reduceOnly: true }),
    ],
    facts: facts({ position: lots(4) }),
    kept: ["ask 3@10001 reduce", "ask 9@10002", "ask 1@10003 reduce"],
    refused: ["reduceOnly 1", "reduceOnly 2"],
  },
  {
    name: "spot asks share what can be sold",
    orders: [ask(10_001, 3), ask(10_002, 3)],
    facts: facts({ ...spot, position: lots(5), sellable: lots(4) }),
    kept: ["ask 3@10001", "ask 1@10002"],
    refused: ["sellable 2"],
  },
  {
    name: "spot bids share the free cash, to the last unit",
    orders: [bid(9999, 100), bid(9998, 100)],
    facts: facts({ ...spot, freeCash: cashOf(99.99 + 99.98) }),
    kept: ["bid 100@9999", "bid 100@9998"],
  },
  {
    name: "one unit of cash too little costs a lot",
    orders: [bid(9999, 100), bid(9998, 100)],
    facts: facts({ ...spot, freeCash: cash(cashOf(99.99 + 99.98) - 1) }),
    kept: ["bid 100@9999", "bid 99@9998"],
    refused: ["funds 1"],
  },
  {
    name: "spot bids without cash are refused",
    orders: [bid(9999, 1)],
    facts: facts({ ...spot, freeCash: cash(-1) }),
    kept: [],
    refused: ["funds 1"],
  },
  {
    name: "the nearest to mid stay open; a taker never rests",
    orders: [bid(9990, 1), ask(10_005, 1), bid(9999, 1), takerBid(10_001, 1)],
    facts: limited({ maxOpenOrders: 2 }),
    kept: ["bid 1@10001", "bid 1@9999", "ask 1@10005"],
    refused: ["maxOpenOrders 1"],
  },
  // Worst-case position: 100 USD at mark 100.00 are 100 lots
  {
    name: "the far end of each side is trimmed to the limit",
    orders: [bid(9999, 60), bid(9998, 60), ask(10_001, 60), ask(10_002, 40), ask(10_003, 1)],
    facts: limited({ maxPositionUsd: 100 }),
    kept: ["bid 60@9999", "ask 60@10001", "bid 40@9998", "ask 40@10002"],
    refused: ["maxPositionUsd 20", "maxPositionUsd 1"],
  },
  {
    name: "the position takes room on its side and gives it on the other",
    orders: [bid(9999, 80), ask(10_001, 180)],
    facts: limited({ maxPositionUsd: 100 }, { position: lots(70) }),
    kept: ["bid 30@9999", "ask 170@10001"],
    refused: ["maxPositionUsd 50", "maxPositionUsd 10"],
  },
  {
    name: "a position over the limit may shrink, not grow",
    orders: [bid(9999, 1), ask(10_001, 130)],
    facts: limited({ maxPositionUsd: 100 }, { position: lots(130) }),
    kept: ["ask 130@10001"],
    refused: ["maxPositionUsd 1"],
  },
  {
    name: "exposure is valued at the mark, rounded against the run",
    orders: [bid(9999, 200)],
    facts: limited({ maxPositionUsd: 100 }, { mark: ticks(10_001) }),
    kept: ["bid 99@9999"],
    refused: ["maxPositionUsd 101"],
  },
  {
    name: "what is left below the minimum is dropped",
    orders: [bid(9999, 95), bid(9998, 10)],
    facts: limited({ maxPositionUsd: 100 }, { market: perpMarket({ minQuantity: "0.1" }) }),
    kept: ["bid 95@9999"],
    refused: ["maxPositionUsd 10"],
  },
  {
    name: "an order that rests already takes no second room",
    orders: [bid(9999, 60), bid(9998, 40)],
    facts: limited({ maxPositionUsd: 100 }, { live: [live("bid", 9999, 60)] }),
    kept: ["bid 60@9999", "bid 40@9998"],
  },
  {
    name: "an order that is to go still takes room",
    orders: [bid(9999, 60), bid(9998, 40)],
    facts: limited({ maxPositionUsd: 100 }, { live: [live("bid", 9990, 70)] }),
    kept: ["bid 30@9999"],
    refused: ["maxPositionUsd 30", "maxPositionUsd 40"],
  },
  {
    name: "an order being cancelled takes room beside the plan, at its own price too",
    orders: [bid(9999, 60)],
    facts: limited({ maxPositionUsd: 100 }, {
      live: [{ ...live("bid", 9999, 70), cancelling: true }],
    }),
    kept: ["bid 30@9999"],
    refused: ["maxPositionUsd 30"],
  },
  {
    name: "a far order makes way before a near one takes its room",
    orders: [bid(9999, 100), bid(9990, 100)],
    facts: limited({ maxPositionUsd: 100 }, { live: [live("bid", 9990, 100)] }),
    kept: [],
    refused: ["maxPositionUsd 100", "maxPositionUsd 100"],
  },
  {
    name: "resting orders that the position has outgrown are withdrawn",
    orders: [bid(9999, 50), bid(9998, 50)],
    facts: limited({ maxPositionUsd: 100 }, {
      position: lots(40),
      live: [live("bid", 9999, 50), live("bid", 9998, 50)],
    }),
    kept: ["bid 50@9999", "bid 10@9998"],
    refused: ["maxPositionUsd 40"],
  },
];

for (const { name, orders, facts, kept, refused = [] } of cases) {
  Deno.test(`gate: ${name}`, () => {
    const result = approve({ orders }, facts);
    assert.deepEqual(shown(result.orders), kept);
    assert.deepEqual(result.refused.map(({ rule, quantity }) => `${rule} ${quantity}`), refused);
  });
}

const limitTexts: readonly (readonly [string, RiskFacts, PlannedOrder, string])[] = [
  ["minQuantity", market({ minQuantity: "0.1" }), bid(9999, 1), "0.1 SOL"],
  ["state", facts({ state: "HALTED" }), bid(9999, 1), "HALTED"],
  ["marketState", market({ state: "PostOnly" }), takerBid(9999, 1), "PostOnly"],
  ["priceLimits", market({ maxPrice: "90" }), bid(9999, 1), "0.01 to 90 USDC"],
  [
    "priceLimits",
    market({ bands: { mark: { min: 0.9, max: 1.1 } } }),
    ask(12_000, 1),
    "0.01 to none USDC, 0.9 to 1.1 of mid",
  ],
  ["priceCollarPct", facts(), takerAsk(1, 1), "5 % of mid"],
  ["maxQuantity", market({ maxQuantity: "0.5" }), bid(9999, 51), "0.5 SOL"],
  ["maxOrderUsd", limited({ maxOrderUsd: 0.5 }), bid(9999, 1), "0.5 USDC"],
  [
    "reduceOnly",
    facts({ position: lots(-150) }),
    ask(10_001, 1, { reduceOnly: true }),
    "position -1.5 SOL",
  ],
  ["sellable", facts({ ...spot, sellable: lots(25) }), ask(10_001, 26), "0.25 SOL"],
  ["funds", facts({ ...spot, freeCash: cashOf(0.5) }), bid(9999, 1), "0.5 USDC"],
  ["maxOpenOrders", limited({ maxOpenOrders: 0 }), bid(9999, 1), "0 orders"],
  ["maxPositionUsd", limited({ maxPositionUsd: 0.5 }), bid(9999, 1), "0.5 USDC"],
];

Deno.test("a refusal says the rule and the limit in people's units", () => {
  for (const [rule, facts, order, limit] of limitTexts) {
    const [refusal] = approve({ orders: [order] }, facts).refused;
    assert.equal(refusal?.rule, rule);
    assert.equal(refusal.limit, limit);
  }
});

Deno.test("an order cut by two rules is named by both, and its tag survives", () => {
  const orders = [bid(9999, 500, { tag: "rung 1" })];
  const result = approve({ orders }, limited({ maxOrderUsd: 200, maxPositionUsd: 100 }));
  assert.deepEqual(result.orders, [{ ...bid(9999, 100), tag: "rung 1" }]);
  assert.deepEqual(
    result.refused.map(({ rule, quantity, order }) => [rule, quantity, order.quantity]),
    [["maxOrderUsd", 300, 500], ["maxPositionUsd", 100, 200]],
  );
});

Deno.test("an absurd plan is refused, not computed into nonsense", () => {
  const huge = Number.MAX_SAFE_INTEGER;
  const orders = [bid(9999, huge), bid(9998, huge), ask(huge, huge), bid(9997, -5)];
  const result = approve({ orders }, limited({ maxPositionUsd: 100, maxOrderUsd: 1e6 }));
  assert.deepEqual(shown(result.orders), ["bid 100@9999"]);
});

Deno.test("worst case counts the greater of planned and live at a price, and both when one is being cancelled", () => {
  const planned = [bid(9999, 10), bid(9998, 10), ask(10_001, 4)];
  const resting = [live("bid", 9999, 7), live("bid", 9998, 13), live("bid", 9990, 1)];
  assert.deepEqual(worstCase(planned, { position: lots(5), live: resting }), {
    long: 5 + 10 + 13 + 1,
    short: 4 - 5,
  });
  const leaving = resting.map((order) => ({ ...order, cancelling: true }));
  assert.equal(worstCase(planned, { position: lots(5), live: leaving }).long, 5 + 20 + 21);
});

const anyOrder: fc.Arbitrary<PlannedOrder> = fc.record({
  side: fc.constantFrom("bid" as const, "ask" as const),
  price: fc.integer({ min: MID - 12, max: MID + 12 }).map(ticks),
  quantity: fc.integer({ min: 1, max: 60 }).map(lots),
  role: fc.constantFrom("maker" as const, "maker" as const, "taker" as const),
  reduceOnly: fc.boolean(),
});
const anyLive: fc.Arbitrary<Exposed> = fc.record({
  side: fc.constantFrom("bid" as const, "ask" as const),
  price: fc.integer({ min: MID - 12, max: MID + 12 }).map(ticks),
  remaining: fc.integer({ min: 1, max: 60 }).map(lots),
  cancelling: fc.boolean(),
});
const anyLimits = fc.record({
  maxPositionUsd: fc.option(fc.integer({ min: 0, max: 200 }), { nil: undefined }),
  maxOrderUsd: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
  maxOpenOrders: fc.integer({ min: 0, max: 12 }),
}).map(({ maxPositionUsd, maxOrderUsd, maxOpenOrders }) => ({
  ...defaultLimits,
  maxOpenOrders,
  ...(maxPositionUsd === undefined ? {} : { maxPositionUsd }),
  ...(maxOrderUsd === undefined ? {} : { maxOrderUsd }),
}));
const anyFacts: fc.Arbitrary<RiskFacts> = fc.record({
  market: fc.constantFrom(
    perpMarket(),
    perpMarket({ minQuantity: "0.07", maxQuantity: "0.5" }),
    spotMarket({ minQuantity: "0.03" }),
  ),
  limits: anyLimits,
  state: fc.constantFrom("ACTIVE", "ACTIVE", "REDUCING", "FLATTENING", "HALTED"),
  position: fc.integer({ min: -150, max: 150 }),
  freeUsd: fc.integer({ min: 0, max: 200 }),
  mark: fc.integer({ min: 9_000, max: 11_000 }),
  live: fc.array(anyLive, { maxLength: 6 }),
}).map(({ market, position, freeUsd, mark, ...rest }) => {
  const held = lots(market.kind === "spot" ? Math.abs(position) : position);
  return facts({
    ...rest,
    market,
    position: held,
    sellable: held,
    freeCash: cashOf(freeUsd),
    mark: ticks(mark),
  });
});
const anyOrders = fc.array(anyOrder, { maxLength: 12 });

/** Checks `holds` on plans at random. */
function always(
  holds: (facts: RiskFacts, orders: readonly PlannedOrder[]) => void,
): void {
  fc.assert(fc.property(anyFacts, anyOrders, holds), { numRuns: 1500 });
}

function total(orders: readonly PlannedOrder[], side: "bid" | "ask"): number {
  return orders.reduce((sum, order) => order.side === side ? sum + order.quantity : sum, 0);
}

Deno.test("the worst case stays within the limit, or is no worse than what is live already", () => {
  always((facts, planned) => {
    const { maxPositionUsd } = facts.limits;
    if (maxPositionUsd === undefined) return;
    const worst = worstCase(approve({ orders: planned }, facts).orders, facts);
    const before = worstCase([], facts);
    const within = (exposure: number) =>
      BigInt(exposure) * BigInt(facts.mark * facts.market.cashPerTickLot) <=
        BigInt(cashOf(maxPositionUsd));
    assert.ok(within(worst.long) || worst.long === before.long);
    assert.ok(within(worst.short) || worst.short === before.short);
  });
});

Deno.test("the plan alone fits the limit even where more rests already", () => {
  always((facts, planned) => {
    const { maxPositionUsd } = facts.limits;
    if (maxPositionUsd === undefined) return;
    const { orders } = approve({ orders: planned }, facts);
    const most = Math.floor(cashOf(maxPositionUsd) / (facts.mark * facts.market.cashPerTickLot));
    const bids = total(orders, "bid");
    const asks = total(orders, "ask");
    assert.ok(bids === 0 || facts.position + bids <= most);
    assert.ok(asks === 0 || asks - facts.position <= most);
  });
});

Deno.test("no own bid is at or above an own ask", () => {
  always((facts, planned) => {
    const { orders } = approve({ orders: planned }, facts);
    const bids = orders.filter(({ side }) => side === "bid").map(({ price }) => price);
    const asks = orders.filter(({ side }) => side === "ask").map(({ price }) => price);
    assert.ok(Math.max(-Infinity, ...bids) < Math.min(Infinity, ...asks));
  });
});

Deno.test("reduce-only orders never exceed the position of their side", () => {
  always((facts, planned) => {
    const reducing = approve({ orders: planned }, facts).orders.filter((o) => o.reduceOnly);
    assert.ok(total(reducing, "bid") <= Math.max(0, -facts.position));
    assert.ok(total(reducing, "ask") <= Math.max(0, facts.position));
  });
});

Deno.test("unless ACTIVE nothing raises exposure", () => {
  always((facts, planned) => {
    if (facts.state === "ACTIVE") return;
    const { orders } = approve({ orders: planned }, facts);
    assert.ok(facts.position - total(orders, "ask") >= Math.min(0, facts.position));
    assert.ok(facts.position + total(orders, "bid") <= Math.max(0, facts.position));
    assert.ok(facts.market.kind === "spot" || orders.every((order) => order.reduceOnly === true));
  });
});

Deno.test("spot orders never exceed what is there to sell and to spend", () => {
  always((facts, planned) => {
    if (facts.market.kind === "perp") return;
    const { orders } = approve({ orders: planned }, facts);
    const spent = orders.filter(({ side }) => side === "bid")
      .reduce((sum, { price, quantity }) => sum + price * quantity, 0);
    assert.ok(total(orders, "ask") <= facts.sellable);
    assert.ok(spent * facts.market.cashPerTickLot <= facts.freeCash);
  });
});

Deno.test("every planned lot is either approved or refused", () => {
  always((facts, planned) => {
    const result = approve({ orders: planned }, facts);
    const count = new Map<string, number>();
    const add = ({ side, price, role }: PlannedOrder, quantity: number) => {
      const key = `${side} ${price} ${role}`;
      count.set(key, (count.get(key) ?? 0) + quantity);
    };
    for (const order of planned) add(order, order.quantity);
    for (const order of result.orders) add(order, -order.quantity);
    for (const { order, quantity } of result.refused) {
      assert.ok(quantity > 0);
      add(order, -quantity);
    }
    for (const [key, rest] of count) assert.equal(rest, 0, key);
  });
});

Deno.test("every approved order is one the market takes", () => {
  always((facts, planned) => {
    const { minQuantity, maxQuantity = Infinity } = facts.market;
    for (const { quantity } of approve({ orders: planned }, facts).orders) {
      assert.ok(quantity >= minQuantity && quantity <= maxQuantity);
    }
  });
});

Deno.test("approving what is approved changes nothing", () => {
  always((facts, planned) => {
    const once = approve({ orders: planned }, facts);
    const twice = approve({ orders: once.orders }, facts);
    assert.deepEqual(twice.orders, once.orders);
    assert.deepEqual(twice.refused, []);
  });
});
