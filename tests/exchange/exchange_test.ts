// Tests lib/exchange/exchange.ts as a whole: long random sessions of several accounts, two markets
// and a crowd, with what must hold after every single command. BPX_LONG=1 makes them five times as
// long.

import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { Random } from "../../lib/core/random.ts";
import { cash, lots, ticks } from "../../lib/core/units.ts";
import type { FillModel } from "../../lib/exchange/crowd.ts";
import type { OrderRequest } from "../../lib/exchange/order.ts";
import type { AccountId, Report } from "../../lib/exchange/report.ts";
import { anAccount, aPerp, aSpot, coins, line, NOW, PERP, Scene, SPOT } from "./scene.ts";

const COMMANDS = Deno.env.get("BPX_LONG") === undefined ? 8_000 : 40_000;
const bands = { last: { min: 0.5, max: 2 }, impact: { min: 0.95, max: 1.05 } };
// Far stricter margins than Backpack's, so that refusals and liquidations are no rarity.
const margins = {
  initialMargin: { base: 0.3, factor: 0 },
  maintenanceMargin: { base: 0.25, factor: 0 },
};
const markets = [aPerp({ bands, ...margins }), aSpot({ bands })];
const terms = anAccount({
  fees: { spot: { maker: 8, taker: 10 }, perp: { maker: -1, taker: 5 } },
  balances: { USDC: coins(60), SOL: coins(40) },
});

/** A session and the sums a reader of its reports would keep. */
class Session {
  readonly scene: Scene;
  readonly accounts: readonly AccountId[];
  /** Signed, by "account symbol" (lots) and "account asset" (1e-8), from reports alone. */
  readonly sums = new Map<string, number>();
  readonly counts = new Map<string, number>();
  readonly #random: Random;
  #mid = 1000;

  constructor(readonly fillModel: FillModel, seed: number) {
    this.scene = new Scene({ markets, fillModel }, [terms, terms]);
    this.accounts = [this.scene.me, this.scene.other, this.scene.exchange.openAccount(terms)];
    this.#random = new Random(seed);
  }

  step(): void {
    const random = this.#random;
    const symbol = random.chance(0.6) ? PERP : SPOT;
    const crowd = this.scene.exchange.crowd(symbol);
    this.#mid = Math.max(400, Math.min(2000, this.#mid + random.integer(-3, 3)));
    const near = (reach: number) => this.#mid + random.integer(-reach, reach);
    const side = random.chance(0.5) ? "bid" : "ask";
    switch (random.integer(0, 11)) {
      case 0: {
        const bid = near(4);
        crowd.crowdBest(
          bid,
          random.integer(0, 400),
          bid + random.integer(1, 4),
          random.integer(0, 400),
          NOW,
        );
        break;
      }
      case 1:
        crowd.crowdLevel(side, near(12), random.integer(0, 500), NOW);
        break;
      case 2:
        crowd.crowdTrade(side, near(6), random.integer(1, 300), NOW);
        break;
      case 3:
        if (random.chance(0.05)) crowd.crowdReset();
        else if (random.chance(0.1)) crowd.crowdSweep(side, near(15), random.integer(1, 500), NOW);
        break;
      case 4: {
        const mark = ticks(near(random.chance(0.05) ? 300 : 10));
        this.scene.exchange.setMark(PERP, mark, ticks(near(10)), NOW);
        break;
      }
      case 5:
        if (random.chance(0.1)) this.scene.exchange.fund(PERP, random.normal() / 1000, NOW);
        break;
      case 6:
      case 7: {
        const account = this.#account();
        const open = this.scene.exchange.openOrders(account);
        const order = open[random.integer(0, Math.max(0, open.length - 1))];
        if (order !== undefined) this.scene.exchange.cancel(account, order.id, NOW);
        break;
      }
      default:
        this.scene.exchange.place(this.#account(), this.#request(symbol, side, near), NOW);
    }
    for (const report of this.scene.exchange.reports.splice(0)) this.#add(report);
  }

  #account(): AccountId {
    return this.accounts[this.#random.integer(0, this.accounts.length - 1)] ?? this.scene.me;
  }

  #request(symbol: string, side: "bid" | "ask", near: (reach: number) => number): OrderRequest {
    const random = this.#random;
    const market = random.chance(0.15);
    const waits = random.chance(0.08);
    const quantity = lots(random.integer(1, 400));
    const forces = ["GTC", "GTC", "GTC", "IOC", "FOK"] as const;
    const modes = ["RejectTaker", "RejectMaker", "RejectBoth"] as const;
    const references = ["LastPrice", "MarkPrice", "IndexPrice"] as const;
    const timeInForce = forces[random.integer(0, 4)] ?? "GTC";
    const by = references[random.integer(0, 2)] ?? "LastPrice";
    const trigger = { price: ticks(near(10)), by };
    const quote = market && !waits && random.chance(0.3);
    return {
      symbol,
      side,
      type: market ? "market" : "limit",
      timeInForce: market ? "IOC" : timeInForce,
      postOnly: !market && timeInForce === "GTC" && random.chance(0.3),
      reduceOnly: symbol === PERP && !quote && random.chance(0.2),
      selfTradePrevention: modes[random.integer(0, 2)] ?? "RejectTaker",
      ...(market ? {} : { price: ticks(near(8)) }),
      ...(quote ? { quoteQuantity: cash(random.integer(1, 50) * 100_000_000) } : {}),
      ...(waits
        ? {
          trigger: random.chance(0.5)
            ? { ...trigger, quantity }
            : { ...trigger, percentOfPosition: random.integer(1, 100) },
        }
        : {}),
      ...(waits || quote ? {} : { quantity }),
    };
  }

  #add(report: Report): void {
    const name = "reason" in report ? `${report.kind} ${report.reason}` : report.kind;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    if (report.kind === "funding") this.#sum(report.account, "USDC", report.payment);
    if (report.kind !== "fill") return;
    const signed = report.side === "bid" ? report.quantity : -report.quantity;
    this.#sum(report.account, "USDC", -report.feeCash);
    if (report.symbol === PERP) {
      this.#sum(report.account, PERP, signed);
      this.#sum(report.account, "flow", -signed * report.price * 10_000);
    } else {
      this.#sum(report.account, "USDC", -signed * report.price * 10_000);
      this.#sum(report.account, "SOL", signed * 1_000_000 - report.feeBase);
    }
  }

  #sum(account: AccountId, what: string, amount: number): void {
    const key = `${account} ${what}`;
    this.sums.set(key, (this.sums.get(key) ?? 0) + amount);
  }
}

/** What must hold after every command. */
function assertSound({ scene, accounts, sums, fillModel }: Session): void {
  const { exchange } = scene;
  const totals = exchange.totals();
  const deposited = accounts.length;
  strictEqual(totals.assets.get("USDC"), BigInt(coins(60) * deposited), "USDC is conserved");
  strictEqual(totals.assets.get("SOL"), BigInt(coins(40) * deposited), "SOL is conserved");
  strictEqual(totals.lots.get(PERP) ?? 0n, 0n, "every long has a short");
  for (const account of accounts) {
    const told = (what: string) => sums.get(`${account} ${what}`) ?? 0;
    const open = exchange.openOrders(account);
    const spot = open.filter(({ symbol, level }) => symbol === SPOT && level !== undefined);
    const held = (side: "bid" | "ask") =>
      spot.filter((order) => order.side === side).reduce(
        (sum, { limit, remaining }) =>
          sum + remaining * (side === "bid" ? limit * 10_000 : 1_000_000),
        0,
      );
    const base = exchange.balance(account, "SOL");
    const quote = exchange.balance(account, "USDC");
    strictEqual(base.locked, held("ask"), "base is held for resting asks");
    strictEqual(quote.locked, held("bid"), "quote is held for resting bids");
    ok(base.available >= 0, `account ${account} owns ${base.available} free base`);
    strictEqual(base.available + base.locked, coins(40) + told("SOL"), "base as reported");
    const position = exchange.position(account, PERP);
    strictEqual(position, told(PERP), "position as reported");
    const mark = scene.exchange.book(PERP).mark ?? ticks(1000);
    strictEqual(
      exchange.equity(account, PERP, () => mark),
      coins(60) + told("USDC") + told("flow") + position * mark * 10_000,
      "equity as reported",
    );
    for (const order of open) {
      if (order.level === undefined) continue;
      ok(order.remaining > 0, `${order.id} rests with nothing left`);
      if (order.request.reduceOnly) {
        ok(order.remaining <= Math.abs(position), `${order.id} would turn the position`);
      }
    }
  }
  assertBooks(scene, fillModel);
}

// Only in the through model may a quote of the crowd rest at the price of an order it does not
// fill.
function assertBooks({ exchange }: Scene, fillModel: FillModel): void {
  const locked = fillModel === "through" ? 0 : 1;
  for (const symbol of [PERP, SPOT]) {
    const book = exchange.book(symbol);
    const bid = book.best("bid") ?? ticks(0);
    const ask = book.best("ask") ?? ticks(Number.MAX_SAFE_INTEGER);
    ok(bid + locked <= ask, `${symbol} is crossed: ${bid} and ${ask}`);
    for (const side of ["bid", "ask"] as const) {
      const prices = book.depth(side, 1000).map(({ price }) => side === "bid" ? -price : price);
      deepStrictEqual(prices, [...new Set(prices)].sort((a, b) => a - b), "sorted, each once");
    }
  }
}

Deno.test("money and lots are conserved and every promise held after every command", async (t) => {
  const counts = new Map<string, number>();
  const sessions = [["queue", 1], ["touch", 2], ["through", 3]] as const;
  for (const [fillModel, seed] of sessions) {
    await t.step(`${COMMANDS} commands, ${fillModel}, seed ${seed}`, () => {
      const session = new Session(fillModel, seed);
      for (let i = 0; i < COMMANDS; i++) {
        session.step();
        assertSound(session);
      }
      for (const [name, count] of session.counts) counts.set(name, (counts.get(name) ?? 0) + count);
    });
  }
  const needed = [
    "accepted",
    "fill",
    "cancelled",
    "modified",
    "print",
    "triggered",
    "triggerPlaced",
    "funding",
    "liquidation",
    "expired ReduceOnlyNotReduced",
    "expired SelfTradePrevention",
    "expired FillOrKill",
    "rejected InsufficientFunds",
    "rejected InsufficientMargin",
    "rejected PostOnlyTaker",
  ];
  deepStrictEqual(needed.filter((name) => !counts.has(name)), [], "reached by no command");
});

Deno.test("the same commands give the same reports", () => {
  const run = () => {
    const session = new Session("queue", 9);
    const said: string[] = [];
    for (let i = 0; i < 500; i++) {
      session.step();
      said.push(JSON.stringify([...session.sums]));
    }
    return said;
  };
  deepStrictEqual(run(), run());
});

Deno.test("a command on an unknown market or account is a bug of the caller", () => {
  const scene = new Scene();
  throws(() => scene.exchange.book("BTC_USDC"), /no market BTC_USDC/);
  throws(() => scene.bid(99, 100, 1), /no account 99/);
  strictEqual(scene.exchange.order(scene.me, 1), undefined);
});

Deno.test("reports are in the order things happened, with the time of the command", () => {
  const scene = new Scene();
  scene.crowd.crowdBest(99, 5, 100, 5, NOW);
  scene.bid(scene.me, 100, 5, { clientId: 7 });
  const [accepted, fill] = scene.exchange.reports;
  ok(accepted !== undefined && fill?.kind === "fill");
  deepStrictEqual(accepted, {
    kind: "accepted",
    time: NOW,
    account: scene.me,
    symbol: PERP,
    orderId: 1,
    clientId: 7,
  });
  strictEqual(line(fill), "fill 1 bid 5@100 taker");
});
