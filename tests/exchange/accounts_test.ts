// Tests lib/exchange/accounts.ts: what trades, fees, locks and funding do to balances, in numbers
// worked out by hand. Amounts are in whole coins here and compared to the last 1e-8.

import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { cash, lots, ticks } from "../../lib/core/units.ts";
import { anAccount, aPerp, aSpot, coins, NOW, PERP, Scene, SPOT } from "./scene.ts";

const terms = anAccount({
  fees: { spot: { maker: 8, taker: 10 }, perp: { maker: 2, taker: 5 } },
  balances: { USDC: coins(1000) },
});

Deno.test("a spot bid pays its fee in base, a spot ask in quote", () => {
  const scene = new Scene({ markets: [aSpot()] }, [terms]);
  scene.crowd.crowdLevel("ask", 15_000, 1000, NOW);
  scene.bid(scene.me, 15_000, 100); // 1 SOL for 150 USDC, 10 bps of it in SOL
  deepStrictEqual(scene.exchange.balance(scene.me, "USDC"), {
    available: coins(850),
    locked: 0,
    lent: 0,
  });
  strictEqual(scene.exchange.balance(scene.me, "SOL").available, coins(0.999));
  strictEqual(scene.exchange.position(scene.me, SPOT), lots(99));
  const bought = scene.exchange.reports.find(({ kind }) => kind === "fill");
  deepStrictEqual(
    bought?.kind === "fill" && [bought.feeAsset, bought.feeCash, bought.feeBase],
    ["SOL", 0, coins(0.001)],
  );
  // The dust beyond a lot is worth something too: 850 + 0.999 × 150.
  strictEqual(scene.exchange.equity(scene.me, SPOT, () => ticks(15_000)), coins(999.85));

  scene.exchange.reports.length = 0;
  scene.ask(scene.me, 15_100, 99);
  scene.crowd.crowdTrade("bid", 15_101, 99, NOW);
  const sold = scene.exchange.reports.find(({ kind }) => kind === "fill");
  deepStrictEqual(
    sold?.kind === "fill" && [sold.feeAsset, sold.feeCash, sold.feeBase],
    ["USDC", coins(0.119592), 0], // 8 bps of 149.49
  );
  strictEqual(scene.exchange.balance(scene.me, "USDC").available, coins(999.370408));
  strictEqual(scene.exchange.balance(scene.me, "SOL").available, coins(0.009));
});

Deno.test("a rebate is a fee below zero", () => {
  const rebate = { ...terms, fees: { ...terms.fees, perp: { maker: -1, taker: 5 } } };
  const scene = new Scene({ markets: [aPerp()] }, [rebate]);
  scene.crowd.crowdLevel("bid", 10_000, 1, NOW);
  scene.bid(scene.me, 10_001, 100);
  scene.crowd.crowdTrade("ask", 10_000, 100, NOW);
  // 1 bps of 100.01 USDC.
  strictEqual(scene.exchange.equity(scene.me, PERP, () => ticks(10_001)), coins(1000.010001));
});

Deno.test("fees are rounded half up against the account", () => {
  const odd = { ...terms, fees: { ...terms.fees, perp: { maker: 0, taker: 0.5 } } };
  const scene = new Scene({ markets: [aPerp()] }, [odd]);
  scene.crowd.crowdLevel("ask", 1, 5, NOW);
  scene.bid(scene.me, 1, 1); // 0.00005 of 10,000 units is half a unit
  const fill = scene.exchange.reports.find(({ kind }) => kind === "fill");
  strictEqual(fill?.kind === "fill" && fill.feeCash, 1);
});

Deno.test("a resting spot order holds its funds and gives back what it did not use", () => {
  const scene = new Scene({ markets: [aSpot()] }, [
    { ...terms, balances: { USDC: coins(1000), SOL: coins(5) } },
  ]);
  const wallet = (asset: string) => {
    const { available, locked } = scene.exchange.balance(scene.me, asset);
    return [available / 1e8, locked / 1e8];
  };
  scene.bid(scene.me, 10_000, 300);
  scene.ask(scene.me, 20_000, 200);
  deepStrictEqual([wallet("USDC"), wallet("SOL")], [[700, 300], [3, 2]]);
  scene.crowd.crowdTrade("ask", 9_999, 100, NOW); // one SOL for 100, fee 0.0008 SOL
  deepStrictEqual([wallet("USDC"), wallet("SOL")], [[700, 200], [3.9992, 2]]);
  scene.exchange.cancelAll(scene.me, SPOT, NOW);
  deepStrictEqual([wallet("USDC"), wallet("SOL")], [[900, 0], [5.9992, 0]]);
});

Deno.test("lent funds are not available but back a position", () => {
  const scene = new Scene({}, [{ ...terms, autoLend: true }]);
  deepStrictEqual(scene.exchange.balance(scene.me, "USDC"), {
    available: 0,
    locked: 0,
    lent: coins(1000),
  });
  scene.bid(scene.me, 10_000, 100);
  deepStrictEqual(scene.said(), ["accepted 1"]);
});

interface Round {
  readonly name: string;
  /** Signed lots and price, bought from or sold to the crowd as a taker at 5 bps. */
  readonly trades: readonly (readonly [number, number])[];
  readonly mark: number;
  readonly lots: number;
  readonly equity: number;
  readonly entry: number | undefined;
  readonly breakEven: number | undefined;
  readonly realised: number;
  readonly unrealised: number;
}

const rounds: readonly Round[] = [
  {
    name: "a long held",
    trades: [[200, 15_000]],
    mark: 15_500,
    lots: 200,
    equity: 1009.85, // 10 gained, 0.15 fee
    entry: 15_000,
    breakEven: 15_007.5,
    realised: 0,
    unrealised: 10,
  },
  {
    name: "a long partly closed at a gain",
    trades: [[200, 15_000], [-100, 15_500]],
    mark: 15_500,
    lots: 100,
    equity: 1009.7725, // 10 gained, fees 0.15 and 0.0775
    entry: 15_000,
    breakEven: 14_522.75, // (300 - 155 + 0.2275) / 1
    realised: 5,
    unrealised: 5,
  },
  {
    name: "a long built in two parts",
    trades: [[100, 15_000], [300, 15_400]],
    mark: 15_300,
    lots: 400,
    equity: 999.694, // 3 - 3 gained, fees 0.075 and 0.231
    entry: 15_300,
    breakEven: 15_307.65,
    realised: 0,
    unrealised: 0,
  },
  {
    name: "a short held at a loss",
    trades: [[-200, 15_000]],
    mark: 15_500,
    lots: -200,
    equity: 989.85,
    entry: 15_000,
    breakEven: 14_992.5,
    realised: 0,
    unrealised: -10,
  },
  {
    name: "a round trip",
    trades: [[200, 15_000], [-200, 15_500]],
    mark: 99,
    lots: 0,
    equity: 1009.695, // 10 gained, fees 0.15 and 0.155
    entry: undefined,
    breakEven: undefined,
    realised: 0, // already in the wallet
    unrealised: 0,
  },
  {
    name: "a long turned short",
    trades: [[100, 15_000], [-300, 16_000]],
    mark: 15_900,
    lots: -200,
    equity: 1011.685, // 10 + 2 gained, fees 0.075 and 0.24
    entry: 16_000,
    breakEven: 15_988, // the fee of the turning trade counts for what it opened
    realised: 0,
    unrealised: 2,
  },
];

Deno.test("a perp position is worth the money that flowed plus its lots at the mark", async (t) => {
  for (const round of rounds) {
    await t.step(round.name, () => {
      const scene = new Scene({}, [terms]);
      for (const [quantity, price] of round.trades) {
        const side = quantity > 0 ? "ask" : "bid";
        scene.crowd.crowdReset();
        scene.crowd.crowdLevel(side, price, 1000, NOW);
        scene.place(scene.me, { side: quantity > 0 ? "bid" : "ask", quantity: Math.abs(quantity) });
      }
      scene.mark(round.mark);
      const view = scene.exchange.viewPosition(scene.me, PERP);
      deepStrictEqual(
        {
          lots: view.lots,
          equity: scene.exchange.equity(scene.me, PERP),
          entry: view.entryTicks,
          breakEven: view.breakEvenTicks,
          realised: view.realised,
          unrealised: view.unrealised,
        },
        {
          lots: round.lots,
          equity: coins(round.equity),
          entry: round.entry,
          breakEven: round.breakEven,
          realised: coins(round.realised),
          unrealised: coins(round.unrealised),
        },
      );
    });
  }
});

const fundings = [
  { name: "longs pay a positive rate", lots: 1000, mark: 10_000, rate: 0.0001, paid: 10_000_000 },
  { name: "shorts receive it", lots: -1000, mark: 10_000, rate: 0.0001, paid: -10_000_000 },
  {
    name: "longs receive a negative rate",
    lots: 1000,
    mark: 10_000,
    rate: -0.0001,
    paid: -10_000_000,
  },
  { name: "the market's bound holds", lots: 1000, mark: 10_000, rate: 0.5, paid: 1_000_000_000 },
  { name: "the lower bound too", lots: 1000, mark: 10_000, rate: -0.5, paid: -1_000_000_000 },
  { name: "half a unit is paid in full", lots: 1, mark: 1, rate: 0.00005, paid: 1 },
  { name: "half a unit is not received", lots: -1, mark: 1, rate: 0.00005, paid: 0 },
];

Deno.test("funding is rate × quantity × mark", async (t) => {
  for (const { name, lots: held, mark, rate, paid } of fundings) {
    await t.step(name, () => {
      const scene = new Scene({}, [terms]);
      scene.crowd.crowdLevel(held > 0 ? "ask" : "bid", mark, 1000, NOW);
      scene.place(scene.me, { side: held > 0 ? "bid" : "ask", quantity: Math.abs(held) });
      scene.mark(mark);
      const before = scene.exchange.equity(scene.me, PERP);
      scene.exchange.fund(PERP, rate, NOW);
      strictEqual(scene.exchange.equity(scene.me, PERP), before - paid);
      const applied = Math.max(-0.01, Math.min(0.01, rate));
      deepStrictEqual(scene.said().slice(-1), [`funding ${scene.me} ${0 - paid} at ${applied}`]);
    });
  }
});

Deno.test("who holds nothing is not funded", () => {
  const scene = new Scene({}, [terms]);
  scene.mark(100);
  scene.exchange.fund(PERP, 0.0001, NOW);
  deepStrictEqual(scene.said(), []);
});

Deno.test("equity over all markets counts every wallet once", () => {
  const second = aPerp({ symbol: "BTC_USDC_PERP", base: "BTC" });
  const scene = new Scene({ markets: [aSpot(), aPerp(), second] }, [
    { ...terms, balances: { USDC: coins(1000), SOL: coins(2) } },
  ]);
  const prices = (symbol: string) => ticks(symbol === "BTC_USDC_PERP" ? 5_000 : 10_000);
  strictEqual(scene.exchange.equity(scene.me, "all", prices), coins(1200));
  strictEqual(scene.exchange.equity(scene.me, SPOT, prices), coins(1200));
  strictEqual(scene.exchange.equity(scene.me, PERP, prices), coins(1000));
  throws(() => scene.exchange.equity(scene.me, SPOT), /no price for SOL_USDC/);
});

Deno.test("a balance beyond 2^52 is refused by name", () => {
  const scene = new Scene();
  scene.exchange.openAccount(anAccount({ balances: { USDC: 2 ** 52 } }));
  throws(
    () => scene.exchange.openAccount(anAccount({ balances: { USDC: 2 ** 52 + 2 } })),
    /balance of USDC must be between 0 and 45035996.27370496/,
  );
  throws(() => scene.exchange.openAccount(anAccount({ balances: { USDC: -1 } })), RangeError);
  throws(() => scene.exchange.openAccount(anAccount({ balances: { USDC: 0.5 } })), RangeError);
});

Deno.test("two accounts trade with each other and only the fees leave them", () => {
  const scene = new Scene({}, [terms, terms]);
  scene.ask(scene.other, 10_000, 100);
  scene.bid(scene.me, 10_000, 100);
  const at = () => ticks(10_000);
  strictEqual(scene.exchange.equity(scene.me, PERP, at), coins(1000 - 0.05));
  strictEqual(scene.exchange.equity(scene.other, PERP, at), coins(1000 - 0.02));
  deepStrictEqual(scene.exchange.totals().assets.get("USDC"), BigInt(cash(coins(2000))));
});
