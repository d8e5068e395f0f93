// Skimming is the crowd's own rules and nothing else: rows skimmed as far as possible, the rest played
// one by one, must leave the book as it is when every row is played.

import assert from "node:assert/strict";
import fc from "fast-check";
import { emptyTape, ROW, type Tape } from "../../lib/core/columns.ts";
import { Random } from "../../lib/core/random.ts";
import { NOW, Scene } from "./scene.ts";

const ROWS = 300;

/** Quotes that stay, move and empty, and trades at the touch, beside it, between and far beyond. */
function rowsOf(seed: number): Tape {
  const random = new Random(seed);
  const tape = emptyTape(ROWS);
  let [bid, spread] = [1_000, 1];
  for (let row = 0; row < ROWS; row++) {
    tape.time[row] = NOW + row;
    const quantity = () => random.chance(0.005) ? 0 : random.integer(1, 30);
    tape.quantity[row] = quantity();
    if (row > 0 && random.chance(0.4)) {
      const buys = random.chance(0.5);
      const beside = random.chance(0.5) ? random.integer(-3, 3) : 0;
      tape.kind[row] = buys ? ROW.tradeBid : ROW.tradeAsk;
      tape.price[row] = (buys ? bid + spread : bid) + beside;
      continue;
    }
    if (random.chance(0.1)) [bid, spread] = [bid + random.integer(-2, 2), random.integer(1, 3)];
    tape.kind[row] = ROW.bbo;
    tape.price[row] = bid;
    tape.askPrice[row] = bid + spread;
    tape.askQuantity[row] = quantity();
  }
  return tape;
}

function aScene(seed: number): Scene {
  const random = new Random(seed, 2);
  const scene = new Scene();
  scene.crowd.crowdBest(1_000, 10, 1_001, 10, NOW);
  for (let order = 0; order < 4; order++) {
    scene.bid(scene.me, 1_000 - random.integer(2, 9), random.integer(1, 20));
    scene.ask(scene.me, 1_001 + random.integer(2, 9), random.integer(1, 20));
  }
  return scene;
}

function playRow({ crowd }: Scene, tape: Tape, row: number): void {
  const [price = 0, quantity = 0, time = 0] = [tape.price[row], tape.quantity[row], tape.time[row]];
  if (tape.kind[row] === ROW.bbo) {
    crowd.crowdBest(price, quantity, tape.askPrice[row] ?? 0, tape.askQuantity[row] ?? 0, time);
  } else crowd.crowdTrade(tape.kind[row] === ROW.tradeBid ? "bid" : "ask", price, quantity, time);
}

/** The book as anybody sees it, the last trade, and how far forward each own order has come. */
function stateOf(scene: Scene) {
  const { book, exchange, me } = scene;
  const queue = exchange.openOrders(me).map(({ id, ahead, remaining }) => [id, ahead, remaining]);
  return { bids: book.depth("bid", 99), asks: book.depth("ask", 99), last: book.last, queue };
}

Deno.test("rows skimmed leave the book, the queues and the reports as rows played do", () => {
  let skimmed = 0;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 1, max: 40 }),
      (seed, until) => {
        const tape = rowsOf(seed);
        const [quick, slow] = [aScene(seed), aScene(seed)];
        for (let row = 0; row < ROWS;) {
          const bounds = { until: NOW + row + until, below: 990, above: 1_010 };
          const next = quick.crowd.skim(tape, row, bounds);
          assert.ok(next <= row + until, "skimmed past its time");
          skimmed += next - row;
          const end = Math.max(next, row + 1);
          if (next === row) playRow(quick, tape, row);
          for (; row < end; row++) playRow(slow, tape, row);
          assert.deepEqual(stateOf(quick), stateOf(slow), `after row ${end - 1}`);
        }
        assert.deepEqual(quick.said(), slow.said());
      },
    ),
    { numRuns: 60 },
  );
  assert.ok(skimmed > 60 * ROWS / 4, `only ${skimmed} rows were skimmed`);
});

Deno.test("skimming stops before mid leaves its band, and before a trade or quote comes to an own order", () => {
  const rows: readonly (readonly [kind: number, price: number, lots: number, ask: number])[] = [
    [ROW.bbo, 1_001, 5, 1_002],
    [ROW.tradeAsk, 995, 5, 0],
    [ROW.tradeBid, 1_006, 5, 0],
    [ROW.bbo, 995, 5, 1_001],
    [ROW.bbo, 1_000, 5, 1_006],
    [ROW.tradeBid, 1_001, 10, 0],
    [ROW.mark, 1_000, 5, 0],
  ];
  for (const [kind, price, quantity, ask] of rows) {
    const scene = new Scene();
    scene.crowd.crowdBest(1_000, 10, 1_001, 10, NOW);
    scene.bid(scene.me, 995, 1);
    scene.ask(scene.me, 1_006, 1);
    const tape = emptyTape(1);
    tape.kind[0] = kind;
    [tape.price[0], tape.quantity[0], tape.askPrice[0], tape.askQuantity[0]] = [
      price,
      quantity,
      ask,
      5,
    ];
    const bounds = { until: NOW + 1, below: 1_000, above: 1_001 };
    assert.equal(scene.crowd.skim(tape, 0, bounds), 0, `row ${kind} at ${price}`);
  }
});
