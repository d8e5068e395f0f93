// Tests lib/exchange/checks.ts: every reason the exchange can give, each reached by the shortest
// way there. Those of the order are in refusals.ts, those of the account here; the last test holds
// the list complete.

import { deepStrictEqual } from "node:assert/strict";
import { lots, ticks } from "../../lib/core/units.ts";
import type { Reason } from "../../lib/exchange/report.ts";
import { MOST_TRIGGERS } from "../../lib/exchange/triggers.ts";
import { ended, failed, orderRefusals, type Refusal, refused, taken } from "./refusals.ts";
import { anAccount, aPerp, aSpot, coins, NOW, Scene } from "./scene.ts";

const poor = { balances: { USDC: coins(1), SOL: coins(1) } };

const accountRefusals: readonly Refusal[] = [
  refused(
    "a reduce-only order without a position",
    "ReduceOnlyNotReduced",
    (s) => s.ask(s.me, 100, 1, { reduceOnly: true }),
  ),
  refused("a reduce-only order on the side of the position", "ReduceOnlyNotReduced", (s) => {
    s.crowd.crowdLevel("ask", 100, 5, NOW);
    s.bid(s.me, 100, 5);
    s.bid(s.me, 99, 1, { reduceOnly: true });
  }),
  refused(
    "a reduce-only order on spot",
    "ReduceOnlyNotReduced",
    (s) => s.ask(s.me, 100, 1, { reduceOnly: true }),
    aSpot(),
  ),
  refused(
    "a spot bid of more than the quote held",
    "InsufficientFunds",
    (s) => s.bid(s.me, 101, 100),
    aSpot(),
    poor,
  ),
  refused(
    "a spot bid of one unit more than the quote held",
    "InsufficientFunds",
    (s) => s.bid(s.me, 100, 100),
    aSpot(),
    { balances: { USDC: coins(1) - 1 } },
  ),
  refused(
    "a spot market ask of more than the base held, whatever the book takes",
    "InsufficientFunds",
    (s) => {
      s.crowd.crowdLevel("bid", 100, 5, NOW);
      s.place(s.me, { side: "ask", quantity: 101 });
    },
    aSpot(),
    poor,
  ),
  refused(
    "a spot ask that would bring the quote beyond 2^52",
    "PositionLimit",
    (s) => s.ask(s.me, 100, 1),
    aSpot(),
    { balances: { USDC: 2 ** 52, SOL: coins(1) } },
  ),
  taken("a spot bid of all the quote held", (s) => s.bid(s.me, 100, 100), aSpot(), poor),
  refused(
    "a spot bid of quote that another holds",
    "InsufficientFunds",
    (s) => {
      s.bid(s.me, 50, 100);
      s.bid(s.me, 51, 100);
    },
    aSpot(),
    poor,
  ),
  refused(
    "a spot ask of more than the base held",
    "InsufficientFunds",
    (s) => s.ask(s.me, 100, 101),
    aSpot(),
    poor,
  ),
  refused(
    "a spot market bid the funds cannot pay",
    "InsufficientFunds",
    (s) => {
      s.crowd.crowdLevel("ask", 100, 50, NOW);
      s.crowd.crowdLevel("ask", 200, 50, NOW);
      s.place(s.me, { quantity: 76 }); // 50 lots for 0.5 USDC, 26 for 0.52
    },
    aSpot(),
    poor,
  ),
  refused("funds that are lent", "InsufficientFunds", (s) => s.bid(s.me, 100, 1), aSpot(), {
    ...poor,
    autoLend: true,
  }),
  taken(
    "funds that are lent, redeemed by the order",
    (s) => s.bid(s.me, 100, 100, { autoLendRedeem: true }),
    aSpot(),
    { ...poor, autoLend: true },
  ),
  taken("a perp order whose margin is all there is", (s) => s.bid(s.me, 100, 5000), aPerp(), poor),
  refused(
    "a perp order of more than the margin",
    "InsufficientMargin",
    (s) => s.bid(s.me, 100, 5001),
    aPerp(),
    poor,
  ),
  refused(
    "a perp order of more than the account's leverage",
    "InsufficientMargin",
    (s) => s.bid(s.me, 100, 1001),
    aPerp(),
    { ...poor, leverage: 10 },
  ),
  refused(
    "a position worth more than 2^52",
    "PositionLimit",
    (s) => s.bid(s.me, 1_000_000, 450_360),
    aPerp(),
    { balances: { USDC: 2 ** 52 } },
  ),
  refused(
    "a new order of an account worth less than nothing",
    "NegativeEquity",
    (s) => {
      s.crowd.crowdBest(99, 50, 100, 5000, NOW);
      s.bid(s.me, 100, 4000);
      s.mark(70); // 1 USDC against a loss of 12
      s.bid(s.me, 50, 1);
    },
    aPerp(),
    poor,
  ),
  ended(
    "every order of an account in liquidation",
    "Liquidation",
    (s) => {
      s.crowd.crowdBest(99, 5000, 100, 5000, NOW);
      s.bid(s.me, 100, 4000);
      s.bid(s.me, 50, 1);
      s.mark(75);
    },
    aPerp(),
    poor,
  ),
  refused("a stop for a position that is not there", "StopWithoutPosition", (s) => {
    s.mark(100);
    s.place(s.me, {
      side: "ask",
      trigger: { price: ticks(90), by: "MarkPrice", percentOfPosition: 50 },
    });
  }),
  refused("a reduce-only stop on the side of the position", "StopWithoutPosition", (s) => {
    s.crowd.crowdLevel("ask", 100, 5, NOW);
    s.bid(s.me, 100, 5);
    s.place(s.me, {
      reduceOnly: true,
      trigger: { price: ticks(90), by: "LastPrice", quantity: lots(1) },
    });
  }),
  ended("a stop whose position was closed", "StopWithoutPosition", (s) => {
    s.crowd.crowdBest(99, 5, 100, 5, NOW);
    s.bid(s.me, 100, 5);
    s.place(s.me, {
      side: "ask",
      trigger: { price: ticks(90), by: "LastPrice", percentOfPosition: 100 },
    });
    s.place(s.me, { side: "ask", quantity: 5 });
  }),
  refused("one stop more than may wait", "MaxStopOrdersPerPosition", (s) => {
    s.mark(100);
    for (let i = 0; i <= MOST_TRIGGERS; i++) {
      s.place(s.me, { trigger: { price: ticks(110 + i), by: "MarkPrice", quantity: lots(1) } });
    }
  }),
  refused("a trigger on a price that is not known", "InvalidPrice", (s) => {
    s.place(s.me, { trigger: { price: ticks(90), by: "IndexPrice", quantity: lots(1) } });
  }),
  refused("a trigger for more than the whole position", "InvalidQuantity", (s) => {
    s.mark(100);
    s.place(s.me, { trigger: { price: ticks(90), by: "MarkPrice", percentOfPosition: 101 } });
  }),
  failed("a triggered order that would take against its word", "PostOnlyTaker", (s) => {
    s.mark(100);
    s.crowd.crowdLevel("ask", 110, 5, NOW);
    s.place(s.me, {
      price: 110,
      postOnly: true,
      trigger: { price: ticks(105), by: "MarkPrice", quantity: lots(1) },
    });
    s.mark(105);
  }),
];

const cases = [...orderRefusals, ...accountRefusals];

Deno.test("every refusal has its reason, and the limits themselves are allowed", async (t) => {
  for (const { name, ends, reason, steps, market, account } of cases) {
    await t.step(name, () => {
      const scene = new Scene({ markets: [market] }, [anAccount(account)]);
      steps(scene);
      const last = scene.exchange.reports.findLast(({ kind }) =>
        kind === "rejected" || kind === "expired" || kind === "triggerFailed"
      );
      const found = last !== undefined && "reason" in last ? [last.kind, last.reason] : ["", ""];
      deepStrictEqual(found, [ends, reason]);
    });
  }
});

Deno.test("every reason there is is reached above", () => {
  // A record, so that the compiler asks for a reason that was added.
  const all: Record<Reason, true> = {
    FillOrKill: true,
    ImmediateOrCancel: true,
    InsufficientFunds: true,
    InsufficientLiquidity: true,
    InsufficientMargin: true,
    InvalidOrder: true,
    InvalidPrice: true,
    InvalidQuantity: true,
    Liquidation: true,
    MaxStopOrdersPerPosition: true,
    NegativeEquity: true,
    PositionLimit: true,
    PostOnlyMode: true,
    PostOnlyTaker: true,
    PriceImpact: true,
    PriceOutOfBounds: true,
    ReduceOnlyNotReduced: true,
    SelfTradePrevention: true,
    SlippageToleranceExceeded: true,
    StopWithoutPosition: true,
    TradingPaused: true,
  };
  const reached = new Set(cases.map(({ reason }) => reason).filter((reason) => reason !== ""));
  deepStrictEqual([...reached].sort(), Object.keys(all).sort());
});
