// Tests lib/exchange/matching.ts: orders of one account never trade with each other, and every fill of
// a long random session agrees with a second matching engine that is too simple to be wrong.
// BPX_LONG=1 makes the session five times as long.

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Random } from "../../lib/core/random.ts";
import { anAccount, aPerp, aSpot, NOW, Scene, type Wish } from "./scene.ts";

const selfTrades: readonly {
  readonly mode: "RejectTaker" | "RejectMaker" | "RejectBoth";
  readonly said: readonly string[];
}[] = [
  {
    mode: "RejectTaker",
    said: [
      "accepted 3",
      "fill 1 ask 1@100 maker",
      "fill 3 bid 1@100 taker",
      "print 1 bid 1@100",
      "expired 3 SelfTradePrevention",
    ],
  },
  {
    mode: "RejectMaker",
    said: [
      "accepted 3",
      "fill 1 ask 1@100 maker",
      "fill 3 bid 1@100 taker",
      "print 1 bid 1@100",
      "expired 2 SelfTradePrevention",
      "fill 3 bid 2@101 taker",
      "print 2 bid 2@101",
    ],
  },
  {
    mode: "RejectBoth",
    said: [
      "accepted 3",
      "fill 1 ask 1@100 maker",
      "fill 3 bid 1@100 taker",
      "print 1 bid 1@100",
      "expired 2 SelfTradePrevention",
      "expired 3 SelfTradePrevention",
    ],
  },
];

Deno.test("self-trade prevention ends the order its mode names, after what came before", async (t) => {
  for (const { mode, said } of selfTrades) {
    await t.step(mode, () => {
      const scene = new Scene();
      scene.ask(scene.other, 100, 1);
      scene.ask(scene.me, 100, 4);
      scene.crowd.crowdLevel("ask", 101, 9, NOW);
      scene.said();
      scene.bid(scene.me, 101, 3, { selfTradePrevention: mode });
      deepStrictEqual(scene.said(), said);
    });
  }
});

Deno.test("in a locked book of the through model nothing trades with itself", () => {
  const scene = new Scene({ fillModel: "through" });
  scene.crowd.crowdBest(99, 5, 103, 5, NOW);
  scene.bid(scene.me, 100, 5);
  scene.crowd.crowdBest(99, 5, 100, 5, NOW);
  scene.said();
  scene.bid(scene.me, 100, 2, { timeInForce: "IOC" });
  scene.ask(scene.me, 100, 2, { timeInForce: "IOC" });
  deepStrictEqual(scene.said(), [
    "accepted 2",
    "fill 2 bid 2@100 taker",
    "print 1 bid 2@100",
    "accepted 3",
    "expired 3 SelfTradePrevention",
  ]);
});

// One array, sorted anew for every order. Nothing shared with the real one.
interface Naive {
  id: number;
  account: number;
  bid: boolean;
  price: number;
  left: number;
}

function naiveMatch(book: Naive[], taker: Naive, rests: boolean): string[] {
  const fills: string[] = [];
  for (;;) {
    const against = book
      .filter((o) =>
        o.bid !== taker.bid && (taker.bid ? o.price <= taker.price : o.price >= taker.price)
      )
      .sort((a, b) => (taker.bid ? a.price - b.price : b.price - a.price) || a.id - b.id);
    const maker = against[0];
    if (maker === undefined || taker.left === 0 || maker.account === taker.account) {
      if (taker.left > 0 && rests && maker === undefined) book.push(taker);
      return fills;
    }
    const quantity = Math.min(maker.left, taker.left);
    maker.left -= quantity;
    taker.left -= quantity;
    fills.push(`${maker.id} ${quantity}@${maker.price}`, `${taker.id} ${quantity}@${maker.price}`);
    if (maker.left === 0) book.splice(book.indexOf(maker), 1);
  }
}

Deno.test("every fill of a random session agrees with a naive engine", () => {
  const commands = Deno.env.get("BPX_LONG") === undefined ? 20_000 : 100_000;
  for (const market of [aPerp(), aSpot()]) {
    const random = new Random(20260901);
    const rich = anAccount({ balances: { USDC: 2 ** 51, SOL: 2 ** 51 } });
    const scene = new Scene({ markets: [market] }, [rich, rich]);
    const third = scene.exchange.openAccount(rich);
    const accounts = [scene.me, scene.other, third];
    const book: Naive[] = [];
    let trades = 0;
    for (let i = 1; i <= commands / 2; i++) {
      if (random.chance(0.2) && book.length > 0) {
        const index = random.integer(0, book.length - 1);
        const order = book[index];
        ok(
          order !== undefined && scene.exchange.cancel(order.account, order.id, NOW) !== undefined,
        );
        book.splice(index, 1);
        scene.exchange.reports.length = 0;
        continue;
      }
      const rests = random.chance(0.8);
      const wish: Wish = {
        side: random.chance(0.5) ? "bid" : "ask",
        price: random.integer(1000, 1020),
        quantity: random.integer(1, 30),
        timeInForce: rests ? "GTC" : "IOC",
      };
      const account = accounts[random.integer(0, 2)] ?? scene.me;
      const order = scene.place(account, wish);
      const fills = scene.exchange.reports.splice(0).flatMap((report) =>
        report.kind === "fill" ? [`${report.orderId} ${report.quantity}@${report.price}`] : []
      );
      const taker = {
        id: order.id,
        account,
        bid: wish.side === "bid",
        price: wish.price ?? 0,
        left: wish.quantity ?? 0,
      };
      deepStrictEqual(fills, naiveMatch(book, taker, rests), `command ${i}`);
      trades += fills.length / 2;
    }
    strictEqual(
      book.length,
      accounts.flatMap((account) => scene.exchange.openOrders(account)).length,
    );
    ok(trades > commands / 20, `only ${trades} trades`);
  }
});
