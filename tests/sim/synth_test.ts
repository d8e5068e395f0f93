// The synthetic market is read here as a stranger would read it, in two ways: by best prices and
// levels, and by levels alone. Both must see a book that could exist, at every row.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { ROW, type Tape } from "../../lib/core/columns.ts";
import type { Market } from "../../lib/core/market.ts";
import { micros, SECOND } from "../../lib/core/units.ts";
import { SynthMarket } from "../../lib/sim/synth.ts";
import {
  marketShapes,
  synthDefaults,
  type SynthOptions,
  usualStart,
} from "../../lib/sim/synth_options.ts";
import { perpMarket, spotMarket } from "../support/core.ts";

const shapes: readonly (readonly [string, Partial<SynthOptions>])[] = [
  ["default", {}],
  ...Object.entries(marketShapes),
];

Deno.test("the same seed gives the same rows, another seed others", () => {
  for (const [name, shape] of shapes) {
    const one = digest(perpMarket(), { ...shape, seed: 5 });
    assert.equal(digest(perpMarket(), { ...shape, seed: 5 }), one, name);
    assert.notEqual(digest(perpMarket(), { ...shape, seed: 6 }), one, name);
    assert.notEqual(digest(perpMarket(), { ...shape, seed: 5 + 2 ** 32 }), one, name);
  }
});

Deno.test("every row leaves a book that could exist, over seeds and shapes", () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(...shapes), (seed, [, shape]) => {
      const reader = new Reader(perpMarket());
      for (const tape of seconds({ ...shape, seed }, 30)) reader.read(tape);
      assert(reader.books > 10);
    }),
    { numRuns: 60 },
  );
});

Deno.test("a book of odd options could exist too", () => {
  const odd = fc.record({
    seed: fc.nat(),
    levels: fc.integer({ min: 2, max: 12 }),
    levelGapTicks: fc.integer({ min: 1, max: 9 }),
    spreadTicks: fc.double({ min: 1, max: 30, noNaN: true }),
    volatilityPct: fc.constantFrom(0, 20, 2_000),
    levelNotional: fc.constantFrom(0, 10, 100_000),
    tradeNotional: fc.constantFrom(0, 10, 1_000_000),
    orderFlowImbalance: fc.double({ min: -1, max: 1, noNaN: true }),
    orderFlowPersistence: fc.double({ min: -1, max: 1, noNaN: true }),
    informed: fc.double({ min: 0, max: 1, noNaN: true }),
    tradesPerSecond: fc.constantFrom(0, 2, 50),
    quotesPerSecond: fc.constantFrom(0.01, 3, 50),
  });
  fc.assert(
    fc.property(odd, (options) => {
      const reader = new Reader(perpMarket());
      for (const tape of seconds(options, 5)) reader.read(tape);
    }),
    { numRuns: 100 },
  );
});

Deno.test("prices stay on the market, however far the price wants to go", () => {
  const narrow = perpMarket({ minPrice: "149", maxPrice: "151" });
  const pushed = { informed: 0, tradeNotional: 100_000, quotesPerSecond: 0.001 };
  const cases: readonly Partial<SynthOptions>[] = [
    { volatilityPct: 10_000, trendPctPerDay: 1_000 },
    { volatilityPct: 10_000, trendPctPerDay: -1_000 },
    { ...pushed, orderFlowImbalance: 1, orderFlowPersistence: 1 },
    { ...pushed, orderFlowImbalance: -1, orderFlowPersistence: 1 },
  ];
  for (const options of cases) {
    const reader = new Reader(narrow);
    for (const tape of seconds({ spreadTicks: 1, ...options }, 300, narrow)) reader.read(tape);
    assert(reader.trades > 100);
  }
});

Deno.test("a second is a chunk, and they end with the duration", () => {
  const start = micros(1_700_000_000 * SECOND);
  const market = new SynthMarket(perpMarket(), { start, durationSec: 3 });
  for (let second = 0; second < 3; second++) {
    const tape = market.chunk();
    assert(tape !== undefined && tape.length > 0);
    for (const time of tape.time) assert.equal(Math.floor((time - start) / SECOND), second);
  }
  assert.equal(market.chunk(), undefined);
  assert.equal(market.chunk(), undefined);
});

Deno.test("the first rows are a snapshot of the whole book", () => {
  const [tape] = [...seconds({ levels: 4, tradesPerSecond: 0 }, 1, spotMarket())];
  assert(tape !== undefined);
  assert.deepEqual([...tape.kind.subarray(0, 10)], [
    ROW.reset,
    ROW.bbo,
    ...Array<number>(4).fill(ROW.bidLevel),
    ...Array<number>(4).fill(ROW.askLevel),
  ]);
});

Deno.test("a perp has a mark each second with its funding rate, spot has none", () => {
  for (const tape of seconds({ fundingRate: 0.0002 }, 20)) {
    const marks = [...tape.kind.keys()].filter((row) => tape.kind[row] === ROW.mark);
    assert.equal(marks.length, 1);
    const [row = NaN] = marks;
    assert.equal(tape.quantity[row], 2_000_000);
    assert.equal(tape.askPrice[row], tape.price[row]);
    assert(Math.abs((tape.price[row] ?? NaN) - 15_000) < 500);
  }
  for (const tape of seconds({}, 20, spotMarket())) assert(!tape.kind.includes(ROW.mark));
});

Deno.test("realised volatility is what was asked", () => {
  for (const volatilityPct of [15, 60, 300]) {
    for (const seed of [1, 2, 3]) {
      const mids = midsOf({ seed, volatilityPct, jumpsPerDay: 0 }, 3 * 3600);
      const realised = 100 * Math.sqrt(365 * 86_400 / 60) * deviation(steps(mids, 60));
      assert(Math.abs(realised / volatilityPct - 1) < 0.25, `${volatilityPct}: ${realised}`);
    }
  }
});

Deno.test("trend, reversion and jumps move the price as asked", () => {
  const change = (options: Partial<SynthOptions>) => {
    const mids = midsOf({ volatilityPct: 5, jumpsPerDay: 0, ...options }, 2 * 3600);
    return Math.log((mids.at(-1) ?? NaN) / 15_000) * 100;
  };
  assert(Math.abs(change({ trendPctPerDay: 30 }) - 2.5) < 0.3);
  assert(Math.abs(change({ trendPctPerDay: -30 }) + 2.5) < 0.3);
  assert(change({ trendPctPerDay: 30, reversionPerHour: 1 }) < 1.5);
  const largest = (options: Partial<SynthOptions>) =>
    Math.max(...steps(midsOf(options, 3600), 2).map(Math.abs)) * 100;
  assert(largest({ volatilityPct: 5, jumpsPerDay: 2_000, jumpPct: 2 }) > 1);
  assert(largest({ volatilityPct: 5, jumpsPerDay: 0, jumpPct: 2 }) < 0.1);
});

Deno.test("rates, spread and flow are what was asked", () => {
  const options = { quotesPerSecond: 3, tradesPerSecond: 2, spreadTicks: 6, informed: 0 };
  const cases = [
    { orderFlowImbalance: 0, orderFlowPersistence: 0, mean: 0, repeats: 0.5 },
    { orderFlowImbalance: 0.8, orderFlowPersistence: 0, mean: 0.8, repeats: 0.82 },
    { orderFlowImbalance: -0.8, orderFlowPersistence: 0.5, mean: -0.8, repeats: 0.91 },
    { orderFlowImbalance: 0, orderFlowPersistence: 0.8, mean: 0, repeats: 0.9 },
    { orderFlowImbalance: 0, orderFlowPersistence: -0.6, mean: 0, repeats: 0.2 },
  ];
  for (const { mean, repeats, ...flow } of cases) {
    const reader = new Reader(perpMarket());
    for (const tape of seconds({ ...options, ...flow }, 2_000)) reader.read(tape);
    const { signs } = reader;
    assert(Math.abs(signs.length / 2_000 - 2) < 0.2);
    assert(Math.abs(average(signs) - mean) < 0.1, `${average(signs)} for ${mean}`);
    const repeated = average(signs.slice(1).map((sign, i) => (sign === signs[i] ? 1 : 0)));
    assert(Math.abs(repeated - repeats) < 0.05, `${repeated} for ${repeats}`);
    // Between quotes trades take the touch away, so the spread is the asked one or wider.
    assert(reader.meanSpread > 5 && reader.meanSpread < 8, `${reader.meanSpread}`);
  }
});

Deno.test("resting at the touch earns the half spread from the uninformed and nothing on the whole", () => {
  const earned = (informed: number) =>
    average([1, 2, 3].map((seed) => touchEarns({ seed, informed }, 6_000)));
  const alone = earned(0);
  assert(alone > 0.8 && alone < 1.2, `${alone} half spreads`);
  const mixed = earned(synthDefaults.informed);
  assert(mixed < 0.25, `${mixed} half spreads`);
});

Deno.test("a market starts at a price of the right size, or at the one set", () => {
  const bitcoin = perpMarket({ symbol: "BTC_USDC_PERP", base: "BTC", tickSize: "0.1" });
  assert.deepEqual(usualStart(bitcoin), { startPrice: 100_000 });
  const firstBid = (market: Market, options: Partial<SynthOptions> = {}) => {
    const [tape] = [...seconds(options, 1, market)];
    assert(tape !== undefined);
    return tape.price[tape.kind.indexOf(ROW.bbo)] ?? NaN;
  };
  assert(Math.abs(firstBid(bitcoin) / 1_000_000 - 1) < 0.001);
  assert(Math.abs(firstBid(bitcoin, { startPrice: 200 }) / 2_000 - 1) < 0.01);
  assert(Math.abs(firstBid(perpMarket()) / 15_000 - 1) < 0.01);
});

Deno.test("nonsense is refused by name", () => {
  const cases: readonly (readonly [Partial<SynthOptions>, RegExp])[] = [
    [{ seed: 1.5 }, /^seed must be a whole number: current value is 1.5$/],
    [{ volatilityPct: -1 }, /^volatilityPct must be between 0 and 10000: current value is -1$/],
    [{ volatilityPct: NaN }, /^volatilityPct .*NaN$/],
    [{ spreadTicks: 0.5 }, /^spreadTicks must be between 1/],
    [{ orderFlowImbalance: 1.1 }, /^orderFlowImbalance must be between -1 and 1/],
    [{ levels: 2.5 }, /^levels must be a whole number/],
    [{ levels: 1 }, /^levels must be between 2/],
    [{ durationSec: 0 }, /^durationSec must be above 0/],
    [{ startPrice: 0.05 }, /^startPrice must be between 0.28 and .* on SOL_USDC_PERP: .* 0.05$/],
  ];
  for (const [options, message] of cases) {
    assert.throws(() => new SynthMarket(perpMarket(), options), { name: "RangeError", message });
  }
});

/** A reader of rows that trusts nothing. */
class Reader {
  books = 0;
  trades = 0;
  readonly signs: number[] = [];
  readonly #market: Market;
  readonly #bids = new Map<number, number>();
  readonly #asks = new Map<number, number>();
  readonly #levelBids = new Map<number, number>();
  readonly #levelAsks = new Map<number, number>();
  #touch: TapeRow | undefined;
  #time = 0;
  #spreads = 0;
  #quotes = 0;
  /** The trades since the last book row: one aggressor walking the book. */
  #walk: { kind: number; time: number } | undefined;

  constructor(market: Market) {
    this.#market = market;
  }

  get meanSpread(): number {
    return this.#spreads / this.#quotes;
  }

  read(tape: Tape): void {
    for (let row = 0; row < tape.length; row++) this.#row(rowOf(tape, row));
  }

  #row(row: TapeRow): void {
    assert(row.time >= this.#time, "time went back");
    if (row.time > this.#time) this.#atRest();
    this.#time = row.time;
    if (row.kind === ROW.tradeBid || row.kind === ROW.tradeAsk) return this.#trade(row);
    this.#walk = undefined;
    if (row.kind === ROW.bbo) this.#bbo(row);
    if (row.kind === ROW.bidLevel) {
      this.#put(this.#bids, row.price, row.quantity);
      this.#put(this.#levelBids, row.price, row.quantity);
    }
    if (row.kind === ROW.askLevel) {
      this.#put(this.#asks, row.askPrice, row.askQuantity);
      this.#put(this.#levelAsks, row.askPrice, row.askQuantity);
    }
    this.#uncrossed(this.#bids, this.#asks);
    this.#uncrossed(this.#levelBids, this.#levelAsks);
  }

  #trade({ kind, price, quantity, time }: TapeRow): void {
    this.trades++;
    const bid = kind === ROW.tradeBid;
    const book = bid ? this.#asks : this.#bids;
    const touch = bid ? Math.min(...book.keys()) : Math.max(...book.keys());
    assert.equal(price, touch, "a trade away from the touch");
    const there = book.get(price) ?? NaN;
    assert(quantity >= 1 && quantity <= there, `${quantity} traded of ${there}`);
    const walk = this.#walk;
    if (walk === undefined) this.signs.push(bid ? 1 : -1);
    else assert(walk.kind === kind && walk.time === time, "two walks without a book between them");
    this.#walk = { kind, time };
    // What is left is told by the book rows that follow; the levels-alone reader waits for them.
    this.#put(book, price, there - quantity);
  }

  #bbo(row: TapeRow): void {
    const { askPrice, askQuantity, price, quantity } = row;
    this.#touch = row;
    assert(quantity >= 1 && askQuantity >= 1, "an empty touch");
    for (const bid of this.#bids.keys()) if (bid > price) this.#bids.delete(bid);
    for (const ask of this.#asks.keys()) if (ask < askPrice) this.#asks.delete(ask);
    this.#put(this.#bids, price, quantity);
    this.#put(this.#asks, askPrice, askQuantity);
    this.#spreads += askPrice - price;
    this.#quotes++;
  }

  #put(book: Map<number, number>, price: number, quantity: number): void {
    assert(price >= this.#market.minPrice && price <= (this.#market.maxPrice ?? 2 ** 31 - 1));
    assert(quantity >= 0);
    if (quantity === 0) book.delete(price);
    else book.set(price, quantity);
  }

  #uncrossed(bids: Map<number, number>, asks: Map<number, number>): void {
    if (bids.size === 0 || asks.size === 0) return;
    assert(Math.max(...bids.keys()) < Math.min(...asks.keys()), "crossed");
  }

  /** Once all rows of a moment are read, every way of reading sees the same book. */
  #atRest(): void {
    if (this.#time === 0) return;
    this.books++;
    assert.deepEqual(this.#bids, this.#levelBids);
    assert.deepEqual(this.#asks, this.#levelAsks);
    assert(this.#touch !== undefined);
    const bid = Math.max(...this.#bids.keys());
    const ask = Math.min(...this.#asks.keys());
    assert.equal(this.#touch.price, bid);
    assert.equal(this.#touch.quantity, this.#bids.get(bid));
    assert.equal(this.#touch.askPrice, ask);
    assert.equal(this.#touch.askQuantity, this.#asks.get(ask));
  }
}

interface TapeRow {
  readonly kind: number;
  readonly time: number;
  readonly price: number;
  readonly quantity: number;
  readonly askPrice: number;
  readonly askQuantity: number;
}

function rowOf(tape: Tape, row: number): TapeRow {
  return {
    kind: tape.kind[row] ?? NaN,
    time: tape.time[row] ?? NaN,
    price: tape.price[row] ?? NaN,
    quantity: tape.quantity[row] ?? NaN,
    askPrice: tape.askPrice[row] ?? NaN,
    askQuantity: tape.askQuantity[row] ?? NaN,
  };
}

function* seconds(
  options: Partial<SynthOptions>,
  count: number,
  market = perpMarket(),
): Generator<Tape> {
  const synth = new SynthMarket(market, { ...options, durationSec: count });
  for (let tape = synth.chunk(); tape !== undefined; tape = synth.chunk()) yield tape;
}

function digest(market: Market, options: Partial<SynthOptions>): string {
  const hash = createHash("sha256");
  for (const tape of seconds(options, 20, market)) {
    for (let row = 0; row < tape.length; row++) hash.update(JSON.stringify(rowOf(tape, row)));
  }
  return hash.digest("hex");
}

/** The mid at the end of each second, in ticks. */
function midsOf(options: Partial<SynthOptions>, count: number): number[] {
  const mids: number[] = [];
  let mid = NaN;
  for (const tape of seconds({ tradesPerSecond: 0, levels: 2, ...options }, count)) {
    for (let row = 0; row < tape.length; row++) {
      if (tape.kind[row] === ROW.bbo) {
        mid = ((tape.price[row] ?? NaN) + (tape.askPrice[row] ?? NaN)) / 2;
      }
    }
    mids.push(mid);
  }
  return mids;
}

/** What the maker at the touch has earned ten seconds after each trade, in half spreads. */
function touchEarns(options: Partial<SynthOptions>, count: number): number {
  const waiting: { second: number; sign: number; price: number }[] = [];
  let [bid, ask, last, second, earned, half, fills] = [NaN, NaN, 0, 0, 0, 0, 0];
  for (const tape of seconds(options, count)) {
    for (let row = 0; row < tape.length; row++) {
      const { askPrice, kind, price, time } = rowOf(tape, row);
      if (kind === ROW.bbo) [bid, ask] = [price, askPrice];
      if (kind > ROW.tradeAsk || time === last) continue;
      waiting.push({ second, sign: kind === ROW.tradeBid ? 1 : -1, price });
      half += (ask - bid) / 2;
      fills++;
      last = time;
    }
    second++;
    for (let due = waiting[0]; due !== undefined && due.second + 10 < second; due = waiting[0]) {
      earned += due.sign * (due.price - (bid + ask) / 2);
      waiting.shift();
    }
  }
  return fills === 0 ? NaN : earned / half;
}

function steps(values: readonly number[], every: number): number[] {
  const picked = values.filter((_, i) => i % every === 0);
  return picked.slice(1).map((value, i) => Math.log(value / (picked[i] ?? NaN)));
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  return Math.sqrt(average(values.map((value) => value ** 2)));
}
