// Tests lib/exchange/margin.ts: margins and liquidation prices worked out by hand.

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { lots, ticks } from "../../lib/core/units.ts";
import { anAccount, aPerp, aSpot, coins, NOW, PERP, Scene, SPOT } from "./scene.ts";

interface Case {
  readonly name: string;
  readonly quantity: number;
  readonly price: number;
  readonly leverage?: number;
  readonly initial: number;
  readonly maintenance: number;
}

const cases: readonly Case[] = [
  {
    name: "the base of a small position",
    quantity: 100,
    price: 10_000,
    initial: 2,
    maintenance: 1.35,
  },
  {
    // sqrt(150,000) = 387.298334...; × 0.00006 = 2.3238 % and × 0.000036 = 1.3943 %, rounded up.
    name: "the square root of a large one",
    quantity: 100_000,
    price: 15_000,
    initial: 3485.68501159,
    maintenance: 2091.41100696,
  },
  {
    name: "the account's leverage where that is more",
    quantity: 100,
    price: 10_000,
    leverage: 5,
    initial: 20,
    maintenance: 1.35,
  },
  {
    name: "the market's base where leverage is less",
    quantity: 100,
    price: 10_000,
    leverage: 100,
    initial: 2,
    maintenance: 1.35,
  },
];

Deno.test("a margin is max(base, factor × sqrt(notional)), never below 1 / leverage", async (t) => {
  for (const { name, quantity, price, leverage, initial, maintenance } of cases) {
    await t.step(name, () => {
      const terms = anAccount(leverage === undefined ? {} : { leverage });
      const scene = new Scene({}, [terms]);
      scene.crowd.crowdLevel("ask", price, quantity, NOW);
      scene.bid(scene.me, price, quantity);
      const view = scene.exchange.viewPosition(scene.me, PERP);
      deepStrictEqual(
        [view.initialMargin, view.maintenanceMargin],
        [coins(initial), coins(maintenance)],
      );
    });
  }
});

Deno.test("net exposure counts the orders that could add to the position, not those that reduce it", () => {
  const scene = new Scene();
  scene.crowd.crowdBest(9_000, 500, 10_000, 500, NOW);
  scene.bid(scene.me, 10_000, 500);
  const exposure = () => scene.exchange.viewPosition(scene.me, PERP).exposureLots;
  strictEqual(exposure(), 500);
  scene.bid(scene.me, 9_000, 300);
  strictEqual(exposure(), 800);
  scene.ask(scene.me, 11_000, 1200); // 700 short at worst: the bids are worse
  strictEqual(exposure(), 800);
  scene.ask(scene.me, 11_000, 200); // 900 short at worst
  strictEqual(exposure(), 900);
  scene.ask(scene.me, 11_000, 500, { reduceOnly: true });
  strictEqual(exposure(), 900);
});

Deno.test("an order that only reduces needs no margin", () => {
  const scene = new Scene({}, [anAccount({ balances: { USDC: coins(2) } })]);
  scene.crowd.crowdBest(9_950, 500, 10_000, 500, NOW);
  scene.bid(scene.me, 10_000, 100); // all of the margin
  scene.mark(9_950);
  scene.said();
  scene.bid(scene.me, 9_000, 1);
  scene.ask(scene.me, 10_100, 100);
  deepStrictEqual(scene.said(), ["rejected 2 InsufficientMargin", "accepted 3"]);
});

Deno.test("an order at a worse price than the mark needs the difference besides", () => {
  const scene = new Scene({}, [anAccount({ balances: { USDC: coins(2.5) } })]);
  scene.mark(10_000);
  scene.bid(scene.me, 10_051, 100); // 2 of margin and 0.51 of loss at once
  scene.bid(scene.me, 10_050, 100);
  deepStrictEqual(scene.said(), ["rejected 1 InsufficientMargin", "accepted 2"]);
});

Deno.test("one collateral carries all positions and the spot orders beside them", () => {
  const scene = new Scene({ markets: [aPerp(), aSpot()] }, [
    anAccount({ balances: { USDC: coins(100) } }),
  ]);
  scene.exchange.crowd(SPOT).crowdLevel("ask", 10_000, 500, NOW);
  scene.crowd.crowdLevel("ask", 10_000, 3000, NOW);
  scene.bid(scene.me, 10_000, 3000); // 3000 USDC: 60 of margin
  strictEqual(scene.exchange.spendable(scene.me, "USDC"), coins(40));
  scene.place(scene.me, { symbol: SPOT, price: 4_000, quantity: 101 });
  scene.place(scene.me, { symbol: SPOT, price: 4_000, quantity: 100 });
  strictEqual(scene.exchange.spendable(scene.me, "USDC"), 0);
  scene.bid(scene.me, 10_000, 1);
  deepStrictEqual(scene.said().filter((said) => said.startsWith("rejected")), [
    "rejected 2 InsufficientFunds",
    "rejected 4 InsufficientMargin",
  ]);
});

const prices: readonly {
  readonly name: string;
  readonly side: "bid" | "ask";
  readonly collateral: number;
  readonly liquidation: number | undefined;
}[] = [
  // 100 + 10 (P - 100) < 0.0135 × 10 P below 91.2316…
  { name: "a long", side: "bid", collateral: 100, liquidation: 9_123 },
  // 100 - 10 (P - 100) < 0.0135 × 10 P above 108.5347…
  { name: "a short", side: "ask", collateral: 100, liquidation: 10_854 },
  { name: "a long that is paid for", side: "bid", collateral: 2000, liquidation: undefined },
  // 2000 - 10 (P - 100) < 0.0135 × 10 P above 296.003…
  { name: "a short that is paid for", side: "ask", collateral: 2000, liquidation: 29_601 },
];

Deno.test("the liquidation price is the first tick at which the margin is missing", async (t) => {
  for (const { name, side, collateral, liquidation } of prices) {
    await t.step(name, () => {
      const scene = new Scene({}, [anAccount({ balances: { USDC: coins(collateral) } })]);
      scene.crowd.crowdLevel(side === "bid" ? "ask" : "bid", 10_000, 1000, NOW);
      scene.place(scene.me, { side, quantity: 1000 });
      const estimate = scene.exchange.viewPosition(scene.me, PERP).liquidationTicks;
      strictEqual(estimate, liquidation);
      if (estimate === undefined) return;
      scene.mark(side === "bid" ? estimate + 1 : estimate - 1);
      strictEqual(Math.abs(scene.exchange.position(scene.me, PERP)), 1000);
      scene.mark(estimate);
      strictEqual(Math.abs(scene.exchange.position(scene.me, PERP)) < 1000, true);
    });
  }
});

Deno.test("a market without margin functions wants everything paid", () => {
  const market = aPerp();
  const bare = { ...market, initialMargin: undefined, maintenanceMargin: undefined };
  const scene = new Scene({ markets: [bare] }, [anAccount({ balances: { USDC: coins(10) } })]);
  scene.bid(scene.me, 100, 1001);
  scene.bid(scene.me, 100, 1000);
  deepStrictEqual(scene.said(), ["rejected 1 InsufficientMargin", "accepted 2"]);
  deepStrictEqual(scene.book.depth("bid", 1), [{ price: ticks(100), quantity: lots(1000) }]);
});
