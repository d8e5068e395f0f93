// Builders shared by the tests of the core: a perp and a spot market like SOL's (tick 0.01, lot 0.01)
// and the commands, events and plans that tests talk about. Each asks only for what its test is
// about, in plain numbers; the units are put on here.

import assert from "node:assert/strict";
import type { Command, OrderEvent } from "../../lib/core/event.ts";
import { defaultLimits } from "../../lib/core/limits.ts";
import { defineMarket, type Market, type MarketRules } from "../../lib/core/market.ts";
import type { Orders } from "../../lib/core/orders.ts";
import { approve, type ApprovedPlan } from "../../lib/core/risk.ts";
import type { Level, PlannedOrder, Side } from "../../lib/core/strategy.ts";
import { base, cash, lots, type Micros, micros, MILLISECOND, ticks } from "../../lib/core/units.ts";

/** When tests begin: 2023-11-14 22:13:20 UTC. */
export const START = micros(1_700_000_000_000_000);

/** So many milliseconds after `START`. */
export function after(ms: number): Micros {
  return micros(START + ms * MILLISECOND);
}

/** SOL_USDC_PERP with tick 0.01, lot 0.01 and a least quantity of one lot; `rules` replace what a test needs. */
export function perpMarket(rules: Partial<MarketRules> = {}): Market {
  return defineMarket({ ...solRules, symbol: "SOL_USDC_PERP", kind: "perp", ...rules });
}

/** SOL_USDC, spot, counted as `perpMarket`. */
export function spotMarket(rules: Partial<MarketRules> = {}): Market {
  return defineMarket({ ...solRules, symbol: "SOL_USDC", kind: "spot", ...rules });
}

const solRules = {
  base: "SOL",
  quote: "USDC",
  tickSize: "0.01",
  lotSize: "0.01",
  minQuantity: "0.01",
  minPrice: "0.01",
};

export function level(price: number, quantity: number): Level {
  return { price: ticks(price), quantity: lots(quantity) };
}

/** What may be said of an order beside its price and quantity. */
export interface Extras {
  readonly role?: "maker" | "taker";
  readonly reduceOnly?: boolean;
  readonly tag?: string;
}

/** A planned bid, maker unless said otherwise. */
export function bid(price: number, quantity: number, extras: Extras = {}): PlannedOrder {
  return { side: "bid", role: "maker", ...level(price, quantity), ...extras };
}

/** A planned ask, maker unless said otherwise. */
export function ask(price: number, quantity: number, extras: Extras = {}): PlannedOrder {
  return { side: "ask", role: "maker", ...level(price, quantity), ...extras };
}

/** The command that sends `order` under `id`. */
export function place(id: number, order: PlannedOrder): Extract<Command, { kind: "place" }> {
  const { side, price, quantity, role, reduceOnly = false, tag } = order;
  return { kind: "place", id, side, price, quantity, role, reduceOnly, tag };
}

/** Sends `order` and has the exchange accept it. */
export function rest(orders: Orders, id: number, order: PlannedOrder, time: Micros = START): void {
  orders.command(place(id, order), time);
  orders.apply({ kind: "accepted", time, id });
}

/** Orders from text: "bid 5 @ 9990, ask 6 @ 10010 reduce". */
export function ordersOf(text: string): PlannedOrder[] {
  return text.split(", ").filter((one) => one !== "").map((one) => {
    const [, side, quantity, price, kind] = /^(bid|ask) (\d+) @ (\d+)(.*)$/.exec(one) ?? [];
    assert.ok(side !== undefined, one);
    return (side === "bid" ? bid : ask)(Number(price), Number(quantity), {
      role: kind === " taker" ? "taker" : "maker",
      ...(kind === " reduce" ? { reduceOnly: true } : {}),
    });
  });
}

/** Commands as text: "cancel 3, bid 5 @ 9990 reduce". */
export function textOf(commands: readonly Command[]): string {
  return commands.map((command) => {
    if (command.kind === "cancel") return `cancel ${command.id}`;
    const { side, quantity, price, role, reduceOnly } = command;
    const kind = role === "taker" ? " taker" : reduceOnly ? " reduce" : "";
    return `${side} ${quantity} @ ${price}${kind}`;
  }).join(", ");
}

/** Events of an order that carry nothing but their kind. */
export function told(
  kind: "accepted" | "rejected" | "cancelled" | "expired" | "unknown" | "cancelRefused",
  id: number,
  time: Micros = START,
): OrderEvent {
  return { kind, time, id, reason: "of a test" };
}

/** A fill of order 1: 10 lots bought at 100.00 as maker, without a fee. */
export function aFill(
  given: {
    readonly id?: number;
    readonly fillId?: number;
    readonly side?: Side;
    readonly price?: number;
    readonly quantity?: number;
    readonly maker?: boolean;
    readonly feeCash?: number;
    readonly feeBase?: number;
    readonly time?: Micros;
  },
): Extract<OrderEvent, { kind: "fill" }> {
  return {
    kind: "fill",
    time: given.time ?? START,
    id: given.id ?? 1,
    fillId: given.fillId ?? 1,
    side: given.side ?? "bid",
    price: ticks(given.price ?? 10_000),
    quantity: lots(given.quantity ?? 10),
    maker: given.maker ?? true,
    feeCash: cash(given.feeCash ?? 0),
    feeBase: base(given.feeBase ?? 0),
  };
}

/**
 * `orders` as a plan that the gate passed whole, in a quiet market around 100.00 with limits that
 * bind nobody. Throws where the gate cut something, since the test would then be about less than it says.
 */
export function passed(
  orders: readonly PlannedOrder[],
  market: Market = perpMarket(),
  position = 0,
): ApprovedPlan {
  const plan = approve({ orders }, {
    market,
    limits: { ...defaultLimits, maxOpenOrders: 1000, priceCollarPct: 100 },
    state: "ACTIVE",
    position: lots(position),
    sellable: lots(1_000_000),
    freeCash: cash(1_000_000_000_000_000),
    bestBid: ticks(9_999),
    bestAsk: ticks(10_001),
    midTicks: 10_000,
    mark: ticks(10_000),
    live: [],
  });
  assert.deepEqual(plan.refused, []);
  return plan;
}
