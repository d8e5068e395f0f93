import assert from "node:assert/strict";
import { emptyTape, ROW } from "../../lib/core/columns.ts";
import { crossings, efficiency, pathOfBars, pathOfTicks } from "../../lib/lab/efficiency.ts";
import { walkBars } from "../bench/bars.ts";

Deno.test("a crossing is a change of side of one rung", () => {
  const rungs = [300, 100, 200, 200];
  const cases: readonly (readonly [readonly number[], number])[] = [
    [[], 0],
    [[150], 0],
    [[150, 199, 200], 0],
    [[150, 201], 1],
    [[150, 201, 150], 2],
    [[50, 350], 3],
    [[350, 50, 350], 6],
    [[200.5, 200], 1],
  ];
  for (const [path, expected] of cases) assert.equal(crossings(path, rungs), expected, `${path}`);
});

Deno.test("bars are walked as they are played, quotes by their mid", () => {
  const bars = walkBars(1, 5);
  const [open, high, low, close] = [bars.open, bars.high, bars.low, bars.close].map((it) => it[0]);
  const path = [...pathOfBars(bars)];
  assert.equal(path.length, 4);
  assert.deepEqual([path[0], path[3]], [open, close]);
  assert.deepEqual(new Set(path.slice(1, 3)), new Set([high, low]));
  const tape = emptyTape(3);
  tape.kind.set([ROW.bbo, ROW.tradeBid, ROW.bbo]);
  tape.price.set([100, 500, 200]);
  tape.quantity.set([1, 1, 1]);
  tape.askPrice.set([103, 0, 202]);
  tape.askQuantity.set([1, 0, 0]);
  assert.deepEqual([...pathOfTicks(tape)], [101.5]);
});

Deno.test("efficiency is pairs by crossings, and not known without them", () => {
  assert.equal(efficiency([], 50, 0), null);
  assert.equal(efficiency([], 0, 5), null);
  assert.equal(efficiency([], 50, 4), 0);
});
