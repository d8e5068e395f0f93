// Tests lib/exchange/liquidation.ts: the stages of a forced close in numbers worked out by hand. In
// each, 10 SOL were bought at 100 on 100 USDC, so that 91.23 is the first price at which the margin
// (0.0135 × 912.30 = 12.316) is more than the account is worth (12.30).

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { lots, ticks } from "../../lib/core/units.ts";
import { anAccount, aPerp, coins, NOW, PERP, Scene } from "./scene.ts";

function aLong(): Scene {
  const scene = new Scene({}, [anAccount({ balances: { USDC: coins(100) } })]);
  scene.ask(scene.other, 10_000, 1000);
  scene.bid(scene.me, 10_000, 1000);
  scene.said();
  return scene;
}

Deno.test("a tenth is sold on the book for a fee of 1 %, and no more once that suffices", () => {
  const scene = aLong();
  scene.crowd.crowdLevel("bid", 9_120, 5000, NOW);
  scene.bid(scene.me, 9_000, 1);
  scene.said();
  scene.mark(9_123);
  deepStrictEqual(scene.said(), [
    "expired 3 Liquidation",
    "fill 4 ask 100@9120 taker",
    "print 2 ask 100@9120",
    "liquidation of 1 ask 100@9120",
  ]);
  strictEqual(scene.exchange.position(scene.me, PERP), lots(900));
  // 12.30 less 0.03 below the mark less 0.912 of fee.
  strictEqual(scene.exchange.equity(scene.me, PERP), coins(11.358));
});

Deno.test("a falling mark sells on, step by step", () => {
  const scene = aLong();
  scene.crowd.crowdLevel("bid", 9_000, 5000, NOW);
  scene.mark(9_000);
  // Worth 0 after the loss of 100: no step brings the margin back, so all ten are sold.
  const sold = scene.said().filter((said) => said.startsWith("liquidation"));
  strictEqual(sold.length, 10);
  strictEqual(scene.exchange.position(scene.me, PERP), lots(0));
  strictEqual(scene.exchange.equity(scene.me, PERP), coins(-9));
});

Deno.test("what the book cannot take is closed at the mark against who gains from it", () => {
  const scene = aLong();
  scene.ask(scene.other, 9_500, 300); // a second short order of the gainer, resting
  scene.said();
  scene.mark(9_123);
  deepStrictEqual(scene.said(), [
    "fill 5 ask 1000@9123 taker",
    "fill 6 bid 1000@9123 maker",
    "liquidation of 1 ask 1000@9123",
    "adl of 2 bid 1000@9123",
  ]);
  strictEqual(scene.exchange.position(scene.me, PERP), lots(0));
  strictEqual(scene.exchange.position(scene.other, PERP), lots(0));
  strictEqual(scene.exchange.equity(scene.me, PERP), coins(100 - 87.7 - 9.123));
  strictEqual(scene.exchange.equity(scene.other, PERP), coins(1_000_000 + 87.7));
});

Deno.test("the largest gain per notional is closed first, and the crowd takes the rest", () => {
  const scene = new Scene({}, [anAccount({ balances: { USDC: coins(100) } })]);
  const third = scene.exchange.openAccount(anAccount());
  scene.crowd.crowdLevel("bid", 9_500, 200, NOW);
  scene.ask(scene.other, 9_500, 200); // short at 95
  scene.crowd.crowdLevel("bid", 10_500, 300, NOW);
  scene.ask(third, 10_500, 300); // short at 105, gaining more
  scene.crowd.crowdReset();
  scene.crowd.crowdLevel("ask", 10_000, 1000, NOW);
  scene.bid(scene.me, 10_000, 1000);
  scene.said();
  scene.mark(9_123);
  const forced = scene.said().filter((said) => !said.startsWith("fill"));
  deepStrictEqual(forced, [
    `liquidation of 1 ask 300@9123`,
    `adl of ${third} bid 300@9123`,
    `liquidation of 1 ask 200@9123`,
    `adl of ${scene.other} bid 200@9123`,
    `liquidation of 1 ask 500@9123`,
  ]);
  strictEqual(scene.exchange.totals().lots.get(PERP), 0n);
});

Deno.test("the book stage stops at the impact band", () => {
  const market = aPerp({ bands: { impact: { min: 0.99, max: 1.01 } } });
  const scene = new Scene({ markets: [market] }, [anAccount({ balances: { USDC: coins(100) } })]);
  scene.crowd.crowdLevel("ask", 10_000, 1000, NOW);
  scene.bid(scene.me, 10_000, 1000);
  scene.crowd.crowdLevel("bid", 9_100, 30, NOW);
  scene.crowd.crowdLevel("bid", 5_000, 5000, NOW);
  scene.said();
  scene.mark(9_123);
  const said = scene.said();
  ok(said.includes("liquidation of 1 ask 30@9100"));
  ok(said.includes("liquidation of 1 ask 970@9123"));
  strictEqual(scene.book.levelQuantity("bid", ticks(5_000)), lots(5000));
});

Deno.test("a forced close may meet a reduce-only order, and ends it with the position", () => {
  const scene = aLong();
  scene.bid(scene.other, 5_000, 1000, { reduceOnly: true });
  scene.bid(scene.other, 4_000, 500, { reduceOnly: true });
  scene.said();
  scene.mark(9_123);
  const said = scene.said();
  ok(said.includes("fill 3 bid 100@5000 maker"));
  ok(said.includes("expired 4 ReduceOnlyNotReduced"));
  strictEqual(scene.exchange.position(scene.me, PERP), lots(0));
  strictEqual(scene.exchange.position(scene.other, PERP), lots(0));
});

Deno.test("a funding payment can be what liquidates", () => {
  const scene = aLong();
  scene.mark(9_124);
  scene.said();
  scene.exchange.fund(PERP, 0.001, NOW);
  ok(scene.said().some((said) => said.startsWith("liquidation of 1")));
});
