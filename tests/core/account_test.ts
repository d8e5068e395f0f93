// The account as the exchange tells of it: each of its limits at its boundary, what a spot wallet that
// holds less than the books say leaves to spend, and that without a report none of it is asked.

import assert from "node:assert/strict";
import {
  Account,
  accountGauges,
  type AccountPulse,
  type AccountReport,
} from "../../lib/core/account.ts";
import { Breakers } from "../../lib/core/breakers.ts";
import { Engine } from "../../lib/core/engine.ts";
import type { Command, Event } from "../../lib/core/event.ts";
import { Ledger } from "../../lib/core/ledger.ts";
import { defaultLimits, type RiskLimits } from "../../lib/core/limits.ts";
import { inProcess } from "../../lib/core/planner.ts";
import { Orders } from "../../lib/core/orders.ts";
import { defineStrategy, type Plan, type PlannedOrder } from "../../lib/core/strategy.ts";
import { base, cashOf, COIN, lots, ticks } from "../../lib/core/units.ts";
import {
  aFill,
  after,
  ask,
  bid,
  level,
  perpMarket,
  rest,
  spotMarket,
  START,
} from "../support/core.ts";

const CAPITAL = cashOf(10_000);

interface Given {
  readonly availableUsd?: number;
  readonly netEquityUsd?: number;
  readonly liquidation?: number;
  readonly position?: number;
  readonly quoteUsd?: number;
  readonly base?: number;
  readonly othersUsd?: { readonly exposure: number; readonly lossToday: number };
  readonly ms?: number;
}

/** An account in good order: half of 10,000 USD available, no liquidation near. */
function report(given: Given = {}): AccountReport {
  const { liquidation, othersUsd } = given;
  return {
    kind: "account",
    time: after(given.ms ?? 0),
    netEquity: cashOf(given.netEquityUsd ?? 10_000),
    available: cashOf(given.availableUsd ?? 5_000),
    positionOfAccount: lots(given.position ?? 0),
    free: { quote: cashOf(given.quoteUsd ?? 10_000), base: base((given.base ?? 0) * COIN) },
    ...(liquidation === undefined ? {} : { liquidationPrice: ticks(liquidation) }),
    ...(othersUsd === undefined ? {} : {
      others: {
        exposure: cashOf(othersUsd.exposure),
        lossToday: cashOf(othersUsd.lossToday),
      },
    }),
  };
}

interface Gauged {
  readonly report?: AccountReport;
  readonly kind?: "spot" | "perp";
  readonly position?: number;
  readonly hourlyFunding?: number;
}

/** What a rule measures; undefined where it is not asked. */
function measured(rule: string, given: Gauged): number | undefined {
  const pulse: AccountPulse = {
    kind: given.kind ?? "perp",
    report: given.report,
    mark: ticks(10_000),
    position: lots(given.position ?? 0),
    hourlyFunding: given.hourlyFunding,
  };
  const own = { limits: defaultLimits, lossToday: cashOf(30) };
  return accountGauges(pulse, own).find((gauge) => gauge.rule === rule)?.value;
}

const others = (lossToday: number) => ({ othersUsd: { exposure: 0, lossToday } });

const gauges: readonly (readonly [string, string, Gauged, number | undefined])[] = [
  ["headroom without a report", "marginHeadroomPct", {}, undefined],
  ["headroom", "marginHeadroomPct", { report: report({ availableUsd: 1_999 }) }, 19.99],
  ["headroom of nothing", "marginHeadroomPct", { report: report({ netEquityUsd: 0 }) }, 0],
  ["headroom on spot", "marginHeadroomPct", { report: report(), kind: "spot" }, undefined],
  ["distance without a report", "liquidationDistancePct", {}, undefined],
  [
    "distance without a price",
    "liquidationDistancePct",
    { report: report({ position: 5 }) },
    undefined,
  ],
  ["distance of nobody's position", "liquidationDistancePct", {
    report: report({ liquidation: 9_900 }),
  }, undefined],
  ["distance of a long", "liquidationDistancePct", {
    report: report({ position: 5, liquidation: 9_600 }),
  }, 4],
  ["distance of a short", "liquidationDistancePct", {
    report: report({ position: -5, liquidation: 10_600 }),
  }, 6],
  ["distance beyond the price", "liquidationDistancePct", {
    report: report({ position: 5, liquidation: 10_100 }),
  }, -1],
  ["funding that is not known", "fundingLimitPct", { position: 5 }, undefined],
  ["funding a long pays", "fundingLimitPct", { position: 5, hourlyFunding: 0.0004 }, 0.04],
  ["funding a short receives", "fundingLimitPct", { position: -5, hourlyFunding: 0.0004 }, -0.04],
  ["funding of nothing held", "fundingLimitPct", { hourlyFunding: 0.0004 }, 0],
  ["loss where no other run is known", "accountDailyLossUsd", { report: report() }, undefined],
  ["loss with others", "accountDailyLossUsd", { report: report(others(12)) }, 42],
  ["loss on spot", "accountDailyLossUsd", { report: report(others(12)), kind: "spot" }, 42],
];

for (const [name, rule, given, value] of gauges) {
  Deno.test(`the account's ${name}`, () => {
    const got = measured(rule, given);
    if (value === undefined || got === undefined) assert.equal(got, value);
    else assert.ok(Math.abs(got - value) < 1e-9, `${got}, wanted ${value}`);
  });
}

Deno.test("a rate of eight hours is an eighth of itself an hour", () => {
  const account = new Account();
  assert.equal(account.pulse(perpMarket(), lots(1), ticks(1)), undefined);
  account.fundingRate = 0.0008;
  const market = perpMarket({ fundingIntervalMs: 28_800_000 });
  assert.equal(account.pulse(market, lots(1), ticks(1))?.hourlyFunding, 0.0001);
  assert.equal(account.pulse(perpMarket(), lots(1), ticks(1))?.hourlyFunding, undefined);
});

/** A spot run with 10,000 USD that has bought 10 SOL for 1,000 and rests a bid of 5 at 90 and an ask of 4. */
function spotRun() {
  const market = spotMarket();
  const ledger = new Ledger(market, CAPITAL, undefined, START);
  ledger.fill(aFill({ quantity: 1_000 }));
  const orders = new Orders();
  rest(orders, 1, bid(9_000, 500));
  rest(orders, 2, ask(11_000, 400));
  return { market, ledger, orders };
}

const wallets: readonly (readonly [string, number, number, number, number])[] = [
  ["all there is", 8_550, 6, 9_000, 1_000],
  ["more than the run's", 50_000, 100, 9_000, 1_000],
  ["less money", 8_549, 6, 8_999, 1_000],
  ["less base, to the lot", 8_550, 5.995, 9_000, 999],
  ["nothing but what orders lock", 0, 0, 450, 400],
];

for (const [name, quoteUsd, free, spendUsd, sell] of wallets) {
  Deno.test(`a spot run in a wallet with ${name} spends and sells no more than there is`, () => {
    const run = spotRun();
    const account = new Account();
    account.take(report({ quoteUsd, base: free }), run);
    assert.equal(account.freeCash(run.ledger), cashOf(spendUsd));
    assert.equal(account.sellable(run.market, run.ledger), sell);
  });
}

Deno.test("a fill between two reports counts at once, and a report that says the same is no news", () => {
  const run = spotRun();
  const account = new Account();
  assert.equal(account.take(report({ quoteUsd: 8_450, base: 6 }), run), true);
  assert.equal(account.take(report({ quoteUsd: 8_450, base: 6 }), run), false);
  const fill = aFill({ id: 1, fillId: 2, price: 9_000, quantity: 100 });
  run.ledger.fill(fill);
  run.orders.apply(fill);
  assert.equal(account.freeCash(run.ledger), cashOf(8_900 - 90));
  assert.equal(account.take(report({ quoteUsd: 8_450, base: 7 }), run), false);
});

Deno.test("before the first report, and on perps, the books alone count", () => {
  const run = spotRun();
  assert.equal(new Account().freeCash(run.ledger), run.ledger.freeCash);
  const market = perpMarket();
  const ledger = new Ledger(market, CAPITAL, undefined, START);
  ledger.fill(aFill({ side: "ask", quantity: 7 }));
  const account = new Account();
  account.take(report({ quoteUsd: 0 }), { market, ledger, orders: new Orders() });
  assert.equal(account.freeCash(ledger), ledger.freeCash);
  assert.equal(account.sellable(market, ledger), -7);
});

/** An engine that wants `orders`, long 100 lots at 100.00. */
function engineOf(
  orders: readonly PlannedOrder[],
  limits: Partial<RiskLimits>,
  holds?: Plan["holds"],
): Engine {
  const market = perpMarket({ fundingIntervalMs: 3_600_000 });
  const strategy = defineStrategy({
    api: 1,
    name: "fixed",
    summary: "Wants the same for ever.",
    params: {},
    start: () => ({}),
    plan: () => holds === undefined ? { orders } : { orders, holds },
  });
  const fees = { maker: 0, taker: 0 };
  let id = 0;
  const engine = new Engine({
    market,
    planner: inProcess(strategy, { market, params: {}, fees, capital: CAPITAL }),
    limits: { ...defaultLimits, cooldownMs: 2_000, ...limits },
    capital: CAPITAL,
    everyMs: 1000,
    seed: 1,
    time: START,
    nextId: () => ++id,
  });
  engine.handle(aFill({ quantity: 100 }));
  return engine;
}

function book(ms: number): Event {
  const [bids, asks] = [[level(9_990, 500)], [level(10_010, 500)]];
  return { kind: "depth", time: after(ms), bids, asks, snapshot: true };
}

function sides(commands: readonly Command[]): string[] {
  return commands.map((command) =>
    command.kind === "place" ? command.side : `cancel ${command.id}`
  );
}

const breaches: readonly (readonly [string, Partial<RiskLimits>, Event, Event])[] = [
  ["marginHeadroomPct", {}, report({ availableUsd: 1_999 }), report({ availableUsd: 2_000 })],
  [
    "liquidationDistancePct",
    { liquidationDistancePct: 5 },
    report({ position: 100, liquidation: 9_501 }),
    report({ position: 100, liquidation: 9_500 }),
  ],
  [
    "fundingLimitPct",
    { fundingLimitPct: 0.05 },
    { kind: "mark", time: START, price: ticks(10_000), fundingRate: 0.00051 },
    { kind: "mark", time: START, price: ticks(10_000), fundingRate: 0.0005 },
  ],
];

for (const [rule, limits, breach, fine] of breaches) {
  Deno.test(`beyond ${rule} a run only shrinks until it is well again, and at it trades on`, () => {
    const at = (event: Event, ms: number): Event => ({ ...event, time: after(ms) });
    const engine = engineOf([bid(9_980, 10), ask(10_020, 10)], limits);
    assert.deepEqual(sides(engine.handle(book(0))), ["bid", "ask"]);
    engine.handle(at(fine, 1_100));
    engine.handle(book(1_200));
    assert.equal(engine.riskState.name, "ACTIVE");
    engine.handle(at(breach, 2_100));
    engine.handle(book(3_200));
    assert.equal(engine.riskState.name, "REDUCING");
    assert.equal(engine.riskState.rule, rule);
    engine.handle(at(fine, 4_300));
    engine.handle(book(5_400));
    engine.handle(book(8_500));
    assert.equal(engine.riskState.name, "ACTIVE");
  });
}

Deno.test("a report that breaches is acted upon at once, not at the next pulse", () => {
  const engine = engineOf([bid(9_980, 10)], {});
  engine.handle(book(0));
  assert.deepEqual(sides(engine.handle(report({ availableUsd: 0, ms: 20 }))), ["cancel 1"]);
});

Deno.test("in a run without reports no limit of the account is asked", () => {
  const limits = { liquidationDistancePct: 100, accountDailyLossUsd: 0 };
  const engine = engineOf([bid(9_980, 10)], limits);
  engine.handle(book(0));
  engine.handle(book(5_000));
  assert.equal(engine.riskState.name, "ACTIVE");
});

Deno.test("losses of other runs halt this one beyond accountDailyLossUsd", () => {
  const engine = engineOf([bid(9_980, 10)], { accountDailyLossUsd: 50 });
  engine.handle(book(0));
  engine.handle(report({ ...others(50), ms: 20 }));
  assert.equal(engine.riskState.name, "ACTIVE");
  engine.handle(report({ ...others(50.01), ms: 30 }));
  assert.equal(engine.riskState.name, "HALTED");
  assert.match(engine.riskState.text ?? "", /^accountDailyLossUsd is 50.01 USD, limit 50 USD$/);
});

Deno.test("what other runs hold is taken from what this one may hold", () => {
  const limits = { maxAccountExposureUsd: 1_000 };
  const worst = (exposure: number) => {
    const engine = engineOf([bid(10_000, 1_000)], limits);
    engine.handle(report({ othersUsd: { exposure, lossToday: 0 } }));
    const [command] = engine.handle(book(10));
    return command?.kind === "place" ? command.quantity : 0;
  };
  assert.deepEqual([worst(0), worst(400), worst(900), worst(5_000)], [900, 500, 0, 0]);
  const holds = { below: ticks(1), above: ticks(99_999) };
  const engine = engineOf([bid(9_980, 500)], limits, holds);
  engine.handle(book(10));
  const more = engine.handle(report({ othersUsd: { exposure: 900, lossToday: 0 }, ms: 20 }));
  assert.deepEqual(sides(more), ["cancel 1"], "what rests gives way to what others took");
});

Deno.test("a run that watches its funding skips no mark", () => {
  for (const [limits, calm] of [[{}, true], [{ fundingLimitPct: 1 }, false]] as const) {
    const breakers = new Breakers({ ...defaultLimits, ...limits }, CAPITAL);
    assert.equal(breakers.calm, calm);
  }
});
