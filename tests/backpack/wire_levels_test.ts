// Levels of the book, and everything that looks like one and is none.

import assert from "node:assert/strict";
import { WireFault } from "../../lib/backpack/wire_fault.ts";
import { readLevels } from "../../lib/backpack/wire_levels.ts";
import { Row } from "../../lib/backpack/wire_row.ts";
import { marketOf } from "./examples.ts";

const read = (value: unknown) =>
  readLevels(new Row("here", { b: value }), "b", marketOf("SOL_USDC"));

Deno.test("levels come in the order they were sent, zero quantities included", () => {
  assert.deepEqual(read([["98.97", "22.39"], ["98.9", "0.00000"], ["99", "1", "more"]]), [
    { price: 9_897, quantity: 2_239 },
    { price: 9_890, quantity: 0 },
    { price: 9_900, quantity: 100 },
  ]);
  assert.deepEqual(read([]), []);
});

Deno.test("a level that is none is a fault of the side", () => {
  const cases: readonly (readonly [unknown, RegExp, string])[] = [
    [{}, /must be a list/, "an object"],
    ["98.97", /must be a list/, '"98.97"'],
    [[["98.97"]], /pairs/, "a list of 1"],
    [[[98.97, "1"]], /pairs/, "a list of 2"],
    [[["98.97", null]], /pairs/, "a list of 2"],
    [[null], /pairs/, "null"],
    [[{ 0: "98.97", 1: "1" }], /pairs/, "an object"],
    [[["98.975", "1"]], /tick grid/, '"98.975"'],
    [[["0", "1"]], /tick grid/, '"0"'],
    [[["-98.97", "1"]], /tick grid/, '"-98.97"'],
    [[["98.97", "1.001"]], /lot grid/, '"1.001"'],
    [[["98.97", "-1"]], /lot grid/, '"-1"'],
  ];
  for (const [value, rule, shown] of cases) {
    assert.throws(() => read(value), (error) => {
      assert(error instanceof WireFault);
      assert.match(error.rule, rule);
      assert.deepEqual([error.place, error.field, error.value], ["here", "b", shown]);
      return true;
    }, JSON.stringify(value));
  }
});
