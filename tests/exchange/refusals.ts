// What the exchange refuses for the order's own sake: its shape, its price and quantity, the state
// of the market, the book it meets. Each reason by the shortest way there, and the limits
// themselves, which are allowed. The account's reasons are in checks_test.ts, which runs them all.

import type { Market } from "../../lib/core/market.ts";
import { cash, lots, ticks } from "../../lib/core/units.ts";
import type { AccountTerms } from "../../lib/exchange/accounts.ts";
import type { Reason } from "../../lib/exchange/report.ts";
import { aPerp, NOW, type Scene } from "./scene.ts";

export interface Refusal {
  readonly name: string;
  /** How it ends, and why; "" where nothing is refused. */
  readonly ends: "rejected" | "expired" | "triggerFailed" | "";
  readonly reason: Reason | "";
  readonly steps: (scene: Scene) => void;
  readonly market: Market;
  readonly account: Partial<AccountTerms>;
}

type Row = [
  name: string,
  reason: Reason,
  steps: Refusal["steps"],
  market?: Market,
  account?: Partial<AccountTerms>,
];

function row(ends: Refusal["ends"], [name, reason, steps, market, account]: Row): Refusal {
  return { name, ends, reason, steps, market: market ?? aPerp(), account: account ?? {} };
}

export function refused(...cells: Row): Refusal {
  return row("rejected", cells);
}

export function ended(...cells: Row): Refusal {
  return row("expired", cells);
}

export function failed(...cells: Row): Refusal {
  return row("triggerFailed", cells);
}

export function taken(
  name: string,
  steps: Refusal["steps"],
  market = aPerp(),
  account = {},
): Refusal {
  return { name, ends: "", reason: "", steps, market, account };
}

const banded = aPerp({
  bands: {
    last: { min: 0.25, max: 2 },
    mark: { min: 0.96, max: 1.04 },
    impact: { min: 0.99, max: 1.01 },
  },
});
const limited = aPerp({ minQuantity: "0.05", maxQuantity: "1", minPrice: "0.10", maxPrice: "100" });

export const orderRefusals: readonly Refusal[] = [
  refused(
    "a limit order without a price",
    "InvalidOrder",
    (s) => s.place(s.me, { type: "limit", quantity: 1 }),
  ),
  refused(
    "a market order with a price",
    "InvalidOrder",
    (s) => s.bid(s.me, 100, 1, { type: "market" }),
  ),
  refused("an order without a quantity", "InvalidOrder", (s) => s.place(s.me, {})),
  refused(
    "a quantity and a quote quantity",
    "InvalidOrder",
    (s) => s.place(s.me, { quantity: 1, quoteQuantity: cash(1) }),
  ),
  refused(
    "post-only and immediate",
    "InvalidOrder",
    (s) => s.bid(s.me, 100, 1, { postOnly: true, timeInForce: "IOC" }),
  ),
  refused("a price below the least", "InvalidPrice", (s) => s.bid(s.me, 9, 5), limited),
  refused("a price above the most", "InvalidPrice", (s) => s.bid(s.me, 10_001, 5), limited),
  taken("the least price and quantity", (s) => s.bid(s.me, 10, 5), limited),
  refused("a quantity below the least", "InvalidQuantity", (s) => s.bid(s.me, 10, 4), limited),
  refused("a quantity above the most", "InvalidQuantity", (s) => s.bid(s.me, 10, 101), limited),
  refused("a quantity of zero", "InvalidQuantity", (s) => s.bid(s.me, 10, 0)),
  refused("a quote quantity that buys no lot", "InvalidQuantity", (s) => {
    s.crowd.crowdLevel("ask", 100, 5, NOW);
    s.place(s.me, { quoteQuantity: cash(999_999) });
  }),
  refused("a price beyond the last-trade band", "PriceOutOfBounds", (s) => {
    s.crowd.crowdTrade("bid", 100, 1, NOW);
    s.bid(s.me, 201, 1);
  }, banded),
  taken("a price on the last-trade band", (s) => {
    s.crowd.crowdTrade("bid", 100, 1, NOW);
    s.bid(s.me, 200, 1);
  }, banded),
  refused("a price beyond the mark band", "PriceOutOfBounds", (s) => {
    s.mark(1000);
    s.ask(s.me, 959, 1);
  }, banded),
  taken("a price on the mark band", (s) => {
    s.mark(1000);
    s.ask(s.me, 960, 1);
  }, banded),
  ended("a market order into the impact band", "PriceImpact", (s) => {
    s.crowd.crowdLevel("ask", 1000, 5, NOW);
    s.crowd.crowdLevel("ask", 1010, 5, NOW);
    s.crowd.crowdLevel("ask", 1011, 5, NOW);
    s.place(s.me, { quantity: 11 });
  }, banded),
  ended("a market order beyond its tolerance in ticks", "SlippageToleranceExceeded", (s) => {
    s.crowd.crowdLevel("ask", 1000, 5, NOW);
    s.crowd.crowdLevel("ask", 1003, 5, NOW);
    s.place(s.me, { quantity: 6, slippageTolerance: { ticks: 2 } });
  }, banded),
  ended("a market order beyond its tolerance in percent", "SlippageToleranceExceeded", (s) => {
    s.crowd.crowdLevel("bid", 1000, 5, NOW);
    s.crowd.crowdLevel("bid", 994, 5, NOW);
    s.place(s.me, { side: "ask", quantity: 6, slippageTolerance: { percent: 0.5 } });
  }, banded),
  ended(
    "a market order on an empty book",
    "InsufficientLiquidity",
    (s) => s.place(s.me, { quantity: 1 }),
  ),
  ended(
    "what an immediate order did not get",
    "ImmediateOrCancel",
    (s) => s.bid(s.me, 100, 1, { timeInForce: "IOC" }),
  ),
  ended(
    "a fill-or-kill order on an empty book",
    "FillOrKill",
    (s) => s.bid(s.me, 100, 1, { timeInForce: "FOK" }),
  ),
  ended("a taker that meets its own order", "SelfTradePrevention", (s) => {
    s.ask(s.me, 100, 1);
    s.bid(s.me, 100, 1);
  }),
  refused("a post-only order that would take", "PostOnlyTaker", (s) => {
    s.crowd.crowdLevel("ask", 100, 5, NOW);
    s.bid(s.me, 100, 1, { postOnly: true });
  }),
  refused("any other order while the market is post-only", "PostOnlyMode", (s) => {
    s.exchange.setState(s.symbol, "PostOnly");
    s.bid(s.me, 100, 1);
  }),
  taken("a post-only order while the market is post-only", (s) => {
    s.exchange.setState(s.symbol, "PostOnly");
    s.bid(s.me, 100, 1, { postOnly: true });
  }),
  refused("a market order while the market is limit-only", "TradingPaused", (s) => {
    s.exchange.setState(s.symbol, "LimitOnly");
    s.place(s.me, { quantity: 1 });
  }),
  taken("a limit order while the market is limit-only", (s) => {
    s.exchange.setState(s.symbol, "LimitOnly");
    s.bid(s.me, 100, 1);
  }),
  refused("an order while only cancels are taken", "TradingPaused", (s) => {
    s.exchange.setState(s.symbol, "CancelOnly");
    s.bid(s.me, 100, 1);
  }),
  refused("an order while the market is closed", "TradingPaused", (s) => {
    s.exchange.setState(s.symbol, "Closed");
    s.bid(s.me, 100, 1, { postOnly: true });
  }),
  refused("a trigger while the market is closed", "TradingPaused", (s) => {
    s.mark(100);
    s.exchange.setState(s.symbol, "Closed");
    s.place(s.me, { trigger: { price: ticks(110), by: "MarkPrice", quantity: lots(1) } });
  }),
];
