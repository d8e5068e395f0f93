import assert from "node:assert/strict";
import fc from "fast-check";
import { Ledger } from "../../lib/core/ledger.ts";
import { baseFee, type Market } from "../../lib/core/market.ts";
import { base, cash, lots, micros, ticks } from "../../lib/core/units.ts";
import { aFill, after, perpMarket, spotMarket, START } from "../support/core.ts";

const CAPITAL = cash(1_000_000_000_000);
/** One tick × one lot is one unit of money, so that every division leaves a rest. */
const coarse = { tickSize: "0.00000001", lotSize: "1", minPrice: "0.00000001", minQuantity: "1" };

function ledgerOf(market: Market, held?: { position: number; price: number }): Ledger {
  const inventory = held && { position: lots(held.position), price: ticks(held.price) };
  return new Ledger(market, CAPITAL, inventory, START);
}

/** [signed lots, price] after [signed lots, price] … */
type Fills = readonly (readonly [number, number])[];

function book(ledger: Ledger, fills: Fills): void {
  fills.forEach(([signed, price], i) => {
    const side = signed > 0 ? "bid" : "ask";
    ledger.fill(aFill({ fillId: i, side, price, quantity: Math.abs(signed), time: after(i) }));
  });
}

/** Name, fills, then: position, cost, realised, entry, number of the oldest fill still held. */
const handWorked: readonly (readonly [string, Fills, readonly (number | undefined)[]])[] = [
  ["nothing", [], [0, 0, 0]],
  ["a purchase", [[10, 100]], [10, 1000, 0, 100, 0]],
  ["two purchases", [[10, 100], [20, 101]], [30, 3020, 0, 3020 / 30, 0]],
  ["a partial close", [[10, 100], [10, 110], [-12, 120]], [8, 840, 180, 105, 1]],
  ["a whole close", [[10, 100], [10, 110], [-20, 120]], [0, 0, 300]],
  ["a flip to short", [[10, 100], [-15, 110]], [-5, -550, 100, 110, 1]],
  ["a short bought back at a loss", [[-10, 100], [4, 130]], [-6, -600, -120, 100, 0]],
  ["a flip to long", [[-10, 100], [15, 90]], [5, 450, 100, 90, 1]],
  // 302 for three: 101 leave with each of the first two (half up), the remainder with the last.
  ["a close that does not divide", [[1, 100], [2, 101], [-1, 100], [-1, 100]], [
    1,
    100,
    -2,
    100,
    1,
  ]],
  ["its end", [[1, 100], [2, 101], [-1, 100], [-1, 100], [-1, 100]], [0, 0, -2]],
];

for (const [name, fills, [position = 0, cost = 0, realised = 0, entry, oldest]] of handWorked) {
  Deno.test(`${name}, worked by hand`, () => {
    for (const market of [perpMarket(coarse), spotMarket(coarse)]) {
      const ledger = ledgerOf(market);
      book(ledger, fills);
      assert.equal(ledger.position, position);
      assert.equal(ledger.cost, cost);
      assert.equal(ledger.realised, realised);
      assert.equal(ledger.entryTicks?.toFixed(9), entry?.toFixed(9));
      assert.equal(ledger.oldestAt, oldest === undefined ? undefined : after(oldest));
      assert.equal(ledger.unrealised(ticks(90)), position * 90 - cost);
      assert.equal(ledger.equity(ticks(90)), CAPITAL + realised + position * 90 - cost);
    }
  });
}

Deno.test("what was bought at one price has exactly that entry, or floor and ceil are a tick off", () => {
  const price = fc.integer({ min: 1, max: 100_000 });
  const quantity = fc.integer({ min: 1, max: 1000 });
  fc.assert(fc.property(price, quantity, fc.boolean(), (at, held, spot) => {
    const ledger = ledgerOf(spot ? spotMarket() : perpMarket());
    book(ledger, [[held, at]]);
    assert.equal(ledger.entryTicks, at);
  }));
});

Deno.test("inventory taken over counts as bought at the start price, out of the capital", () => {
  for (const market of [perpMarket(), spotMarket()]) {
    const ledger = ledgerOf(market, { position: 50, price: 10_000 });
    assert.equal(ledger.position, 50);
    assert.equal(ledger.entryTicks, 10_000);
    assert.equal(ledger.oldestAt, START);
    assert.equal(ledger.equity(ticks(10_000)), CAPITAL);
    assert.equal(ledger.freeCash, CAPITAL - 5_000_000_000);
    assert.equal(ledger.equity(ticks(10_001)), CAPITAL + 500_000);
  }
  assert.equal(ledgerOf(perpMarket(), { position: 0, price: 1 }).oldestAt, undefined);
});

Deno.test("a fill says what it realised and what it cost", () => {
  const ledger = ledgerOf(perpMarket());
  assert.deepEqual(ledger.fill(aFill({ fillId: 1, price: 10_000, quantity: 5, feeCash: 20 })), {
    realised: 0,
    fee: 20,
  });
  const sale = aFill({ fillId: 2, side: "ask", price: 10_010, quantity: 5, feeCash: -7 });
  assert.deepEqual(ledger.fill(sale), { realised: 500_000, fee: -7 });
  assert.equal(ledger.fees, 13);
});

Deno.test("a fee in base leaves the position at the price of its fill, as a fee and not as a loss", () => {
  const ledger = ledgerOf(spotMarket());
  // 1 SOL at 100 USDC with 10 bps in SOL.
  const booked = ledger.fill(aFill({ price: 10_000, quantity: 100, feeBase: 100_000 }));
  assert.deepEqual(booked, { realised: 0, fee: 10_000_000 });
  assert.equal(ledger.position, 99);
  assert.equal(ledger.dust, 900_000);
  assert.equal(ledger.entryTicks, 10_000);
  assert.equal(ledger.unrealised(ticks(10_000)), 0);
  assert.equal(ledger.equity(ticks(10_000)), CAPITAL - 10_000_000);
  assert.equal(ledger.freeCash, CAPITAL - 10_000_000_000);
});

Deno.test("dust joins the next purchase and is sold with it when it makes a lot", () => {
  const ledger = ledgerOf(spotMarket());
  ledger.fill(aFill({ fillId: 1, quantity: 100, feeBase: 400_000 }));
  ledger.fill(aFill({ fillId: 2, quantity: 100, feeBase: 600_000 }));
  assert.equal(ledger.position, 199);
  assert.equal(ledger.dust, 0);
  ledger.fill(aFill({ fillId: 3, side: "ask", quantity: 199 }));
  assert.equal(ledger.position, 0);
  assert.equal(ledger.cost, 0);
  assert.equal(ledger.entryTicks, undefined);
});

Deno.test("dust below a lot is no position: it has no entry and no age", () => {
  const ledger = ledgerOf(spotMarket());
  ledger.fill(aFill({ fillId: 1, quantity: 100, feeBase: 100_000, time: after(0) }));
  ledger.fill(aFill({ fillId: 2, side: "ask", quantity: 99, time: after(1) }));
  assert.equal(ledger.position, 0);
  assert.equal(ledger.entryTicks, undefined);
  assert.equal(ledger.oldestAt, undefined);
});

Deno.test("a new position is not as old as the dust it joins", () => {
  const ledger = ledgerOf(spotMarket());
  ledger.fill(aFill({ fillId: 1, quantity: 100, feeBase: 100_000, time: after(0) }));
  ledger.fill(aFill({ fillId: 2, side: "ask", quantity: 99, time: after(1) }));
  ledger.fill(aFill({ fillId: 3, quantity: 100, feeBase: 100_000, time: after(60_000) }));
  assert.equal(ledger.oldestAt, after(60_000));
});

Deno.test("a fill told twice is booked once", () => {
  const ledger = ledgerOf(perpMarket());
  const fill = aFill({ fillId: 7, quantity: 5, feeCash: 3 });
  assert.notEqual(ledger.fill(fill), undefined);
  assert.equal(ledger.fill(fill), undefined);
  assert.equal(ledger.fill({ ...fill, time: after(9) }), undefined);
  assert.equal(ledger.position, 5);
  assert.equal(ledger.fees, 3);
});

Deno.test("funding is received or paid", () => {
  const ledger = ledgerOf(perpMarket());
  const pay = (payment: number) =>
    ledger.fund({ kind: "funding", time: START, payment: cash(payment), rate: 0.0001 });
  pay(500);
  pay(-800);
  assert.equal(ledger.funding, -300);
  assert.equal(ledger.equity(ticks(1)), CAPITAL - 300);
});

Deno.test("an account too large to be exact is a bug, not a rounded number", () => {
  const ledger = new Ledger(perpMarket(), cash(2 ** 52), undefined, START);
  assert.equal(ledger.equity(ticks(1)), 2 ** 52);
  ledger.fund({ kind: "funding", time: START, payment: cash(1), rate: 0 });
  assert.throws(() => ledger.equity(ticks(1)), { name: "Bug", message: /beyond 2\^52/ });
});

const step = fc.record({
  signed: fc.integer({ min: -30, max: 30 }).filter((n) => n !== 0),
  price: fc.integer({ min: 1, max: 300 }),
  feeBps: fc.integer({ min: -3, max: 12 }),
  repeats: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  funding: fc.oneof(fc.constant(0), fc.integer({ min: -50, max: 50 })),
  mark: fc.integer({ min: 1, max: 300 }),
});

/** The same account kept another way: money in and out, and what is held; no cost, no average. */
class CashFlow {
  money = BigInt(CAPITAL);
  /** In units of base. */
  held = 0n;

  constructor(readonly market: Market) {}

  equity(mark: number): bigint {
    const value = this.held * BigInt(mark * this.market.cashPerTickLot);
    const lot = BigInt(this.market.basePerLot);
    return this.money + value / lot - (value % lot < 0n ? 1n : 0n);
  }
}

for (const market of [perpMarket(), perpMarket(coarse), spotMarket(), spotMarket(coarse)]) {
  const grain = market.cashPerTickLot === 1 ? "coarse" : "fine";
  Deno.test(`equity is what came in and went out plus what is held, ${grain} ${market.kind}`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const ledger = ledgerOf(market);
        const model = new CashFlow(market);
        /** Average cost in floats: near the truth, but for a rounding at each fill. */
        let cost = 0;
        let fees = 0;
        /** Each lot held, oldest first, by when it came. */
        const queue: { sign: number; time: number }[] = [];
        steps.forEach(({ signed: wish, price, feeBps, repeats, funding, mark }, i) => {
          // On spot nothing is sold that is not held.
          const signed = market.kind === "spot" ? Math.max(wish, -ledger.position) : wish;
          if (signed === 0) return;
          const [side, quantity] = [signed > 0 ? "bid" : "ask", Math.abs(signed)] as const;
          const inBase = market.kind === "spot" && side === "bid";
          const feeBase = inBase ? baseFee(base(quantity * market.basePerLot), feeBps) : 0;
          const feeCash = inBase ? 0 : feeBps * quantity;
          const fill = aFill({
            fillId: i,
            side,
            price,
            quantity,
            feeBase,
            feeCash,
            time: after(i),
          });

          const heldBefore = Number(model.held) / market.basePerLot;
          model.money -= BigInt(signed * price * market.cashPerTickLot) + BigInt(feeCash);
          model.held += BigInt(signed * market.basePerLot) - BigInt(feeBase);
          const closing = heldBefore * signed < 0 ? Math.min(Math.abs(heldBefore), quantity) : 0;
          if (closing > 0) cost *= 1 - closing / Math.abs(heldBefore);
          cost += Math.sign(signed) * (quantity - closing) * price * market.cashPerTickLot;
          const feeValue = (feeBase / market.basePerLot) * price * market.cashPerTickLot;
          cost -= feeValue;
          for (let n = 0; n < quantity; n++) {
            if (queue[0] !== undefined && queue[0].sign !== Math.sign(signed)) queue.shift();
            else queue.push({ sign: Math.sign(signed), time: after(i) });
          }

          const booked = ledger.fill(fill);
          if (repeats) assert.equal(ledger.fill(fill), undefined);
          assert.ok(booked !== undefined);
          assert.ok(Math.abs(booked.fee - feeCash - feeValue) < 1);
          fees += booked.fee;
          ledger.fund({ kind: "funding", time: micros(i), payment: cash(funding), rate: 0 });
          model.money += BigInt(funding);

          const { realised, funding: funded } = ledger;
          assert.equal(ledger.position, Number(model.held / BigInt(market.basePerLot)));
          const dust = Number(model.held % BigInt(market.basePerLot));
          assert.ok(ledger.dust === dust);
          assert.equal(ledger.freeCash, Number(model.money));
          assert.equal(ledger.equity(ticks(mark)), Number(model.equity(mark)));
          const unrealised = ledger.unrealised(ticks(mark));
          assert.equal(ledger.equity(ticks(mark)), CAPITAL + realised + unrealised - fees + funded);
          assert.equal(ledger.fees, fees);
          assert.ok(Math.abs(ledger.cost - cost) <= i + 1 + Math.abs(cost) * 1e-9, `${cost}`);
          if (model.held === 0n) assert.equal(ledger.cost, 0);
          if (market.kind === "perp") assert.equal(ledger.oldestAt, queue[0]?.time);
        });
      }),
      { numRuns: 150 },
    );
  });
}
