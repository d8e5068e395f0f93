// What must be the same on both sides once nothing is under way: orders, position and equity of the run
// and of the exchange's account, what rests and what was approved, and all money there is.

import assert from "node:assert/strict";
import { BATCH } from "../../lib/core/budget.ts";
import { reconcile } from "../../lib/core/reconcile.ts";
import { baseValue } from "../../lib/core/market.ts";
import type { Side } from "../../lib/core/strategy.ts";
import { type Base, base, type Cash, type Ticks } from "../../lib/core/units.ts";
import type { Exchange } from "../../lib/exchange/exchange.ts";
import type { Rig } from "../../lib/lab/rig.ts";

/** Quantities this close are equal, as a part of what is planned. */
const SLACK = 0.05;

/** What a run began with on an exchange where it is not alone in its wallet. */
export interface Beginning {
  readonly quote: Cash;
  readonly base: Base;
  /** What of the base it took over, in lots, and at which price. */
  readonly position: number;
  readonly price: Ticks;
}

/** Equity by the ledger minus equity by the exchange's account: zero, or there is a bug. */
export function equityGap(
  { engine, exchange, account, capital }: Pick<Rig, "engine" | "exchange" | "account" | "capital">,
  start: Beginning,
): number {
  const { facts: { market, ledger, lastMark: mark = start.price } } = engine;
  const { symbol } = market;
  if (market.kind === "perp") {
    const made = exchange.equity(account, symbol, () => mark) - start.quote;
    return ledger.equity(mark) - capital - made;
  }
  const all = (asset: string) => {
    const { available, locked } = exchange.balance(account, asset);
    return available + locked;
  };
  const paid = start.quote - all(market.quote);
  const held = all(market.base) - start.base + start.position * market.basePerLot;
  const spent = start.price * start.position * market.cashPerTickLot + paid;
  return ledger.equity(mark) - (capital - spent + baseValue(market, mark, base(held)));
}

/** The run and the exchange name the same orders, position and equity. */
export function compareBooks({ engine, exchange, account, identityError }: Rig): void {
  const { facts: { orders, market, ledger } } = engine;
  const known = [...orders.live].map(({ id, side, price, remaining, reduceOnly }) =>
    textOf({ id, side, price, remaining, reduceOnly })
  );
  const resting = exchange.openOrders(account, market.symbol).map((order) => {
    const { side, limit: price, remaining, request: { clientId: id, reduceOnly } } = order;
    return textOf({ id, side, price, remaining, reduceOnly });
  });
  assert.deepEqual(resting.sort(), known.sort(), "orders on the exchange are those the run knows");
  if (market.kind === "perp") {
    assert.equal(exchange.position(account, market.symbol), ledger.position, "positions agree");
  }
  assert.equal(identityError(), 0, "ledger equity is exchange equity");
}

/** What rests is what was approved, and there is nothing left to do. */
export function compareWithPlan({ engine, exchange, account }: Rig): void {
  const { facts: { orders, market }, approved } = engine;
  assert.ok(approved !== undefined, "nothing was ever approved");
  const makers = approved.orders.filter(({ role }) => role === "maker");
  const commands = reconcile({ ...approved, orders: makers }, {
    market,
    live: orders.live,
    toleranceTicks: 0,
    mostOrders: engine.limits.maxOpenOrders,
    budget: { places: BATCH, cancels: BATCH },
    nextId: () => 0,
  });
  assert.deepEqual(commands, [], "the difference between plan and book is empty");
  const keyOf = (side: Side, price: number, reduceOnly: boolean | undefined) =>
    `${side} ${price}${market.kind === "perp" && reduceOnly === true ? " reduce-only" : ""}`;
  const wanted = new Map<string, number>();
  for (const { side, price, quantity, reduceOnly } of makers) {
    const key = keyOf(side, price, reduceOnly);
    wanted.set(key, (wanted.get(key) ?? 0) + quantity);
  }
  const shrunk = new Set(
    [...orders.live].filter((order) => order.shrunk)
      .map(({ side, price, reduceOnly }) => keyOf(side, price, reduceOnly)),
  );
  const resting = new Map<string, number>();
  for (const { side, limit, remaining, request } of exchange.openOrders(account, market.symbol)) {
    const key = keyOf(side, limit, request.reduceOnly);
    resting.set(key, (resting.get(key) ?? 0) + remaining);
  }
  for (const key of new Set([...wanted.keys(), ...resting.keys()])) {
    const want = wanted.get(key) ?? 0;
    const have = resting.get(key) ?? 0;
    const slack = want === 0 ? 0 : Math.max(1, Math.floor(want * SLACK));
    const text = `${key}: ${have} lots rest, ${want} are approved`;
    assert.ok(have <= want + slack, text);
    // What is missing may be too little for an order of its own, and what the exchange shrank is left so.
    const least = Math.max(slack + 1, have === 0 ? 1 : market.minQuantity);
    assert.ok(want - have < least || shrunk.has(key), text);
  }
}

/** A check that all money and lots there are, over accounts and crowd, stay what they are now. */
export function conserved(exchange: Exchange): () => void {
  const { assets } = exchange.totals();
  return () => {
    const now = exchange.totals();
    for (const [asset, total] of now.assets) {
      assert.equal(total, assets.get(asset) ?? 0n, `${asset} of everybody together`);
    }
    for (const [symbol, lots] of now.lots) assert.equal(lots, 0n, `lots of ${symbol}`);
  };
}

function textOf(
  { id, side, price, remaining, reduceOnly }: {
    readonly id: number | undefined;
    readonly side: Side;
    readonly price: number;
    readonly remaining: number;
    readonly reduceOnly: boolean | undefined;
  },
): string {
  return `${id} ${side} ${remaining} @ ${price}${reduceOnly === true ? " reduce-only" : ""}`;
}
