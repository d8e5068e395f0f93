// How much an account could order: an estimate for people and bots who want to size an order, made
// of the same figures the engine checks an order by.

import { cashNumber, type Market } from "../core/market.ts";
import type { Side } from "../core/strategy.ts";
import { type Lots, lots, type Ticks } from "../core/units.ts";
import type { Account } from "./account.ts";
import type { World } from "./world.ts";

/**
 * The most an account could order in a market at a price, in lots: what it can pay for or owns, and
 * on a perp what its free collateral carries as new exposure.
 */
export function mostOrderable(
  world: World,
  account: Account,
  { market, side, price }: {
    readonly market: Market;
    readonly side: Side;
    readonly price: Ticks;
  },
): Lots {
  const { exchange } = world;
  if (market.kind === "spot") {
    const funds = exchange.spendable(account.id, side === "ask" ? market.base : market.quote);
    const each = side === "ask" ? market.basePerLot : price * market.cashPerTickLot;
    return lots(Math.floor(funds / each));
  }
  const { base: least, factor } = market.initialMargin ?? { base: 0, factor: 0 };
  const free = exchange.spendable(account.id, market.quote);
  const carries = (quantity: number) => {
    const worth = quantity * price * market.cashPerTickLot;
    const fraction = Math.max(least, factor * Math.sqrt(cashNumber(worth)));
    return worth * Math.max(fraction, 1 / account.terms.leverage) <= free;
  };
  let [most, beyond] = [0, Math.floor(free / (price * market.cashPerTickLot)) * 100 + 1];
  while (beyond - most > 1) {
    const middle = Math.floor((most + beyond) / 2);
    if (carries(middle)) most = middle;
    else beyond = middle;
  }
  return lots(most);
}
