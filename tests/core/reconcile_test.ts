import assert from "node:assert/strict";
import fc from "fast-check";
import type { Command } from "../../lib/core/event.ts";
import { isResting, Orders } from "../../lib/core/orders.ts";
import { type Reality, reconcile } from "../../lib/core/reconcile.ts";
import type { PlannedOrder } from "../../lib/core/strategy.ts";
import { lots } from "../../lib/core/units.ts";
import {
  aFill,
  ask,
  bid,
  ordersOf,
  passed,
  perpMarket,
  place,
  rest,
  spotMarket,
  START,
  textOf,
  told,
} from "../support/core.ts";

/** The run is long by this many lots, so that asks may be reduce-only. */
const POSITION = 10_000;
const fiveLots = perpMarket({ minQuantity: "0.05" });

/** What reconcile sees; `parts` replace what a test needs. New orders are numbered from 100. */
function reality(orders: Orders, parts: Partial<Reality> = {}): Reality {
  let last = 99;
  return {
    market: perpMarket(),
    live: orders.live,
    toleranceTicks: 0,
    mostOrders: 200,
    budget: { places: 1000, cancels: 1000 },
    nextId: () => ++last,
    ...parts,
  };
}

/** Own orders before (numbered from 1), the plan, and what is to be sent; empty = nothing. */
const table = `
there is nothing to do where nothing is planned and nothing rests
  | |
what is missing is placed
  | bid 5 @ 9990, ask 6 @ 10010 | bid 5 @ 9990, ask 6 @ 10010
what is not planned is cancelled, and what is planned is left alone
  bid 5 @ 9990, ask 6 @ 10010 | bid 5 @ 9990 | cancel 2
a move is a cancel and a new order, and cancels come first
  bid 5 @ 9990, ask 5 @ 10010 | bid 5 @ 9991, ask 5 @ 10011 | cancel 1, cancel 2, bid 5 @ 9991, ask 5 @ 10011
what is planned twice at one price is one order
  ask 9 @ 10010 | bid 5 @ 9990, bid 7 @ 9990, ask 4 @ 10010, ask 5 @ 10010 | bid 12 @ 9990
up to 5 % too little or too much is the same
  bid 95 @ 9990, ask 105 @ 10010 | bid 100 @ 9990, ask 100 @ 10010 |
beyond 5 % too little is topped up and too much is cancelled
  bid 94 @ 9990, ask 106 @ 10010 | bid 100 @ 9990, ask 100 @ 10010 | cancel 2, bid 6 @ 9990
one lot too little or too much is the same
  bid 2 @ 9990, ask 4 @ 10010 | bid 3 @ 9990, ask 3 @ 10010 |
two lots of three are not
  bid 1 @ 9990, ask 5 @ 10010 | bid 3 @ 9990, ask 3 @ 10010 | cancel 2, bid 2 @ 9990
a single lot is placed where none rests
  | bid 1 @ 9990 | bid 1 @ 9990
of too much the newest is cancelled
  bid 6 @ 9990, bid 6 @ 9990, bid 6 @ 9990 | bid 12 @ 9990 | cancel 3
what is too little after a cancel is not placed before the cancel is confirmed
  bid 6 @ 9990, bid 6 @ 9990 | bid 10 @ 9990 | cancel 2
reduce-only is never larger than planned
  ask 101 @ 10010 reduce | ask 100 @ 10010 reduce | cancel 1
reduce-only may be 5 % smaller, and is topped up in kind
  ask 95 @ 10010 reduce, ask 94 @ 10011 reduce | ask 100 @ 10010 reduce, ask 100 @ 10011 reduce | ask 6 @ 10011 reduce
a price with an order of the other kind is not refilled before that one is gone
  ask 10 @ 10010 reduce | ask 10 @ 10010 | cancel 1
both kinds rest at a price that both are planned at
  ask 10 @ 10010 reduce | ask 10 @ 10010 reduce, ask 20 @ 10010 | ask 20 @ 10010
a bid waits for an own ask at its price or below it to be gone
  ask 5 @ 9990, ask 5 @ 9985, ask 5 @ 9996 | bid 5 @ 9990, bid 5 @ 9980 | cancel 1, cancel 2, cancel 3, bid 5 @ 9980
an ask waits for an own bid at its price or above it to be gone
  bid 5 @ 10010, bid 5 @ 10020, bid 5 @ 10004 | ask 5 @ 10010, ask 5 @ 10021 | cancel 1, cancel 2, cancel 3, ask 5 @ 10021
a taker order goes out beside the cancel of an own order in its way, which the exchange ends for it
  ask 5 @ 10005 | bid 7 @ 10005 taker | cancel 1, bid 7 @ 10005 taker
a taker order goes first, alone, and no maker order stands for it
  bid 7 @ 10005 | bid 5 @ 9990, bid 7 @ 10005 taker, bid 7 @ 10006 taker | cancel 1, bid 7 @ 10006 taker, bid 5 @ 9990
`.trim().split(/\n(?! )/);

for (const row of table) {
  const [name = "", cells = ""] = row.split("\n");
  const [resting, plan, expected] = cells.split("|").map((cell) => cell.trim());
  check({ name, resting, plan, expected });
}

interface Case {
  readonly name: string;
  readonly resting?: string | undefined;
  /** What else happened to own orders. */
  readonly then?: (orders: Orders) => void;
  readonly plan: string | undefined;
  readonly parts?: Partial<Reality>;
  readonly expected: string | undefined;
}

function check({ name, resting = "", then, plan, parts, expected }: Case): void {
  Deno.test(name, () => {
    assert.ok(plan !== undefined && expected !== undefined);
    const orders = new Orders();
    ordersOf(resting).forEach((order, i) => rest(orders, i + 1, order));
    then?.(orders);
    const approved = passed(ordersOf(plan), parts?.market, POSITION);
    assert.equal(textOf(reconcile(approved, reality(orders, parts))), expected);
  });
}

function send(text: string): (orders: Orders) => void {
  return (orders) =>
    ordersOf(text).forEach((order, i) => orders.command(place(i + 50, order), START));
}

check({
  name: "an order on its way counts as resting",
  then: send("bid 5 @ 9990"),
  plan: "bid 5 @ 9990",
  expected: "",
});
check({
  name: "a partly filled order keeps its place and is topped up by a second one",
  resting: "bid 10 @ 9990",
  then: (orders) => orders.apply(aFill({ id: 1, quantity: 4 })),
  plan: "bid 10 @ 9990",
  expected: "bid 4 @ 9990",
});
check({
  name: "the price of a cancelling order is not refilled, its neighbour is",
  resting: "bid 5 @ 9990",
  then: (orders) => orders.command({ kind: "cancel", id: 1 }, START),
  plan: "bid 5 @ 9990, bid 5 @ 9989",
  expected: "bid 5 @ 9989",
});
check({
  name: "the price of an unknown order is not refilled, and the order is not cancelled again",
  resting: "bid 5 @ 9990, bid 5 @ 9990, ask 5 @ 10010",
  then: (orders) => [2, 3].forEach((id) => orders.apply(told("unknown", id))),
  plan: "bid 10 @ 9990",
  expected: "",
});
check({
  name: "an own opposite order of unknown fate is in the way too",
  resting: "ask 5 @ 9985",
  then: (orders) => orders.apply(told("unknown", 1)),
  plan: "bid 5 @ 9990, bid 5 @ 9984",
  expected: "bid 5 @ 9984",
});
check({
  name: "a maker order waits for an own taker order that would meet it",
  then: send("ask 5 @ 9900 taker"),
  plan: "bid 5 @ 9990, bid 5 @ 9899",
  expected: "bid 5 @ 9899",
});
check({
  name: "what the exchange shrank is not topped up",
  resting: "ask 10 @ 10010",
  then: (orders) => orders.apply({ kind: "modified", time: START, id: 1, quantity: lots(6) }),
  plan: "ask 10 @ 10010",
  expected: "",
});
check({
  name: "a shortfall below the market's minimum is left",
  parts: { market: fiveLots },
  resting: "bid 16 @ 9990, bid 15 @ 9989",
  plan: "bid 20 @ 9990, bid 20 @ 9989",
  expected: "bid 5 @ 9989",
});
for (const fate of ["accepted", "unknown"] as const) {
  check({
    name: `while a taker order is ${fate} no other is sent`,
    then: (orders) => {
      send("bid 7 @ 10005 taker")(orders);
      orders.apply(told(fate, 50));
    },
    plan: "bid 7 @ 10006 taker",
    expected: "",
  });
}
check({
  name: "a short budget sends cancels first and then what is nearest the touch, on either side",
  parts: { budget: { places: 2, cancels: 1 } },
  resting: "bid 5 @ 9980, bid 5 @ 9979",
  plan: "ask 1 @ 10030, ask 1 @ 10010, bid 1 @ 9960, bid 1 @ 9970, bid 1 @ 9995",
  expected: "cancel 1, bid 1 @ 9995, ask 1 @ 10010",
});
check({
  name: "spot knows no reduce-only: it is dropped, and matched without",
  parts: { market: spotMarket() },
  resting: "ask 5 @ 10010",
  plan: "ask 5 @ 10010 reduce, ask 5 @ 10020 reduce",
  expected: "ask 5 @ 10020",
});
check({
  name: "with a tolerance too, an order at a planned price stands for that price",
  parts: { toleranceTicks: 1 },
  resting: "bid 5 @ 9990, bid 5 @ 9989",
  plan: "bid 5 @ 9991, bid 5 @ 9990, bid 5 @ 9989",
  expected: "bid 5 @ 9991",
});

const anOrder = (side: "bid" | "ask", min: number, max: number) =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min: 5, max: 200 }), fc.boolean())
    .map(([price, quantity, reduces]) =>
      side === "bid" ? bid(price, quantity) : ask(price, quantity, { reduceOnly: reduces })
    );
const plans = fc.array(fc.oneof(anOrder("bid", 9_990, 9_996), anOrder("ask", 10_004, 10_010)), {
  maxLength: 8,
});
const rests = fc.array(fc.oneof(anOrder("bid", 9_988, 10_006), anOrder("ask", 9_994, 10_012)), {
  maxLength: 8,
});
type Kind = Pick<PlannedOrder, "side" | "price" | "reduceOnly">;
const markets = fc.constantFrom(perpMarket(), fiveLots, spotMarket());

Deno.test("what is sent and confirmed makes the book agree with the plan, and then there is peace", () => {
  fc.assert(
    fc.property(plans, rests, markets, (plan, before, market) => {
      const orders = new Orders();
      // Spot orders rest without the flag.
      const kind = (order: Kind) => market.kind === "perp" && order.reduceOnly === true;
      before.forEach((order, i) => rest(orders, i + 1, { ...order, reduceOnly: kind(order) }));
      const approved = passed(plan, market, POSITION);
      const seen = reality(orders, { market });
      const step = () => reconcile(approved, { ...seen, live: orders.live });
      for (let round = 1; round <= 2; round++) {
        const commands = step();
        noneDoubled(commands, orders);
        for (const command of commands) orders.command(command, START);
        for (const { kind, ...command } of commands) {
          orders.apply(told(kind === "cancel" ? "cancelled" : "accepted", command.id));
        }
      }
      assert.equal(textOf(step()), "");
      const key = (order: Kind) => `${order.side} ${order.price} ${kind(order)}`;
      const keys = new Set([...approved.orders, ...orders.live].map(key));
      for (const at of keys) {
        const planned = sum(approved.orders.filter((order) => key(order) === at), "quantity");
        const held = sum([...orders.live].filter((order) => key(order) === at), "remaining");
        const slack = Math.max(1, Math.floor(planned / 20));
        const most = at.endsWith("true") ? planned : planned + slack;
        assert.ok(planned > 0 && held <= most, `${at}: ${held} for ${planned}`);
        const least = Math.min(planned - slack, planned - market.minQuantity + 1);
        assert.ok(held > 0 && held >= least, `${at}: ${held} for ${planned}`);
      }
    }),
    { numRuns: 500 },
  );
});

function sum<K extends string>(orders: readonly { readonly [P in K]: number }[], key: K): number {
  return orders.reduce((total, order) => total + order[key], 0);
}

/** Nothing is sent to a price where an order of ours is being cancelled, nor against an own order. */
function noneDoubled(commands: readonly Command[], orders: Orders): void {
  const leaving = new Set(commands.flatMap((one) => one.kind === "cancel" ? [one.id] : []));
  for (const command of commands) {
    if (command.kind === "cancel") continue;
    for (const order of orders.live) {
      const gap = command.side === "bid"
        ? order.price - command.price
        : command.price - order.price;
      if (order.side !== command.side) assert.ok(gap > 0, `${textOf([command])} meets ${order.id}`);
      else if (leaving.has(order.id) || !isResting(order)) {
        assert.notEqual(gap, 0, textOf([command]));
      }
    }
  }
}

check({
  name: "where no second order may rest, too little is cancelled, to be placed again as one",
  parts: { mostOrders: 2 },
  resting: "bid 5 @ 9990, bid 5 @ 9980",
  plan: "bid 9 @ 9990, bid 5 @ 9980",
  expected: "cancel 1",
});
check({
  name: "a second order makes way for a planned price that has none",
  parts: { mostOrders: 2 },
  resting: "bid 5 @ 9990, bid 4 @ 9990",
  plan: "bid 9 @ 9990, bid 5 @ 9980",
  expected: "cancel 1, cancel 2",
});
