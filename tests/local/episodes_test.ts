// The history of positions agrees with the engine, which counts the same money another way.

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { lots, ticks } from "../../lib/core/units.ts";
import { Episodes, type Traded } from "../../lib/local/episodes.ts";
import { aMarket, COIN, NOON, PERP, Scene } from "./scene.ts";
import { cash } from "../../lib/core/units.ts";

const market = aMarket(PERP);

function traded(side: "bid" | "ask", price: number, quantity: number): Traded {
  const none = cash(0);
  return {
    time: NOON,
    side,
    price: ticks(price),
    quantity: lots(quantity),
    fee: none,
    forced: false,
  };
}

Deno.test("a position goes from flat to flat, and a fill through zero begins the next", () => {
  const episodes = new Episodes(2);
  equal(episodes.fill(market, traded("bid", 100, 10)), undefined);
  equal(episodes.fill(market, traded("bid", 110, 10)), undefined);
  equal(episodes.fill(market, traded("ask", 120, 5)), undefined);
  equal(episodes.fill(market, traded("ask", 120, 20)), (120 * 20 - 105 * 20) * 10_000);
  const [first, second] = episodes.all;
  deepEqual([first?.id, first?.held, first?.opened, first?.closed], ["2000001", 0, 20, 20]);
  deepEqual([second?.id, second?.held, second?.cost], ["2000002", -5, -120 * 5 * 10_000]);
  equal(episodes.open(PERP), second);
});

Deno.test("what is settled, held and realised is what the engine says, whatever is traded", async () => {
  const order = fc.record({
    side: fc.constantFrom("bid" as const, "ask" as const),
    quantity: fc.integer({ min: 1, max: 700 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(order, { maxLength: 12 }), async (orders) => {
      const scene = new Scene({
        world: { fees: { spot: { maker: 0, taker: 0 }, perp: { maker: 0, taker: 3.3 } } },
      });
      const { account } = scene.trader({ USDC: 100_000 * COIN });
      for (const { side, quantity } of orders) {
        await scene.world.place(account, {
          symbol: PERP,
          side,
          type: "market",
          quantity: lots(quantity),
          timeInForce: "IOC",
          postOnly: false,
          reduceOnly: false,
          selfTradePrevention: "RejectTaker",
        });
        const open = account.episodes.open(PERP);
        equal(open?.held ?? 0, scene.world.exchange.position(account.id, PERP));
        if (open !== undefined) {
          const view = scene.world.exchange.viewPosition(account.id, PERP);
          equal(open.realised, view.realised);
        }
      }
      const settled = account.settlements.reduce((sum, { quantity }) => sum + quantity, 0);
      const { available, locked } = scene.world.exchange.balance(account.id, "USDC");
      equal(100_000 * COIN + settled, available + locked);
    }),
    { numRuns: 40 },
  );
});
