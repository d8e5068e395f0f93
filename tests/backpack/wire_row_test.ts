// Each reader of a field as a table of values and what becomes of them.

import assert from "node:assert/strict";
import { WireFault } from "../../lib/backpack/wire_fault.ts";
import { readJson, readRow, readRows, Row, words } from "../../lib/backpack/wire_row.ts";
import { defineMarket } from "../../lib/core/market.ts";
import { markets } from "./examples.ts";

/** Prices in steps of 0.25, quantities in steps of 100. */
const coarse = defineMarket({
  symbol: "X_USDC",
  base: "X",
  quote: "USDC",
  kind: "spot",
  tickSize: "0.25",
  lotSize: "100",
  minPrice: "0.25",
  minQuantity: "100",
});

/** What a reader gives for each value, or the rule that was broken. */
function table(
  read: (row: Row) => unknown,
  cases: readonly (readonly [unknown, unknown])[],
): void {
  for (const [value, expected] of cases) {
    const row = new Row("here", { x: value });
    if (expected instanceof RegExp) {
      assert.throws(() => read(row), (error) => {
        assert(error instanceof WireFault, String(error));
        assert.equal(error.field, "x");
        assert.match(error.rule, expected);
        return true;
      }, String(value));
    } else assert.deepEqual(read(row), expected, String(value));
  }
}

Deno.test("text, flags and words", () => {
  table((row) => row.text("x"), [["a", "a"], ["", ""], [1, /text/], [null, /text/]]);
  table((row) => row.flag("x"), [[true, true], [false, false], ["true", /true or false/], [
    0,
    /t/,
  ]]);
  table((row) => row.flagIfAny("x"), [[true, true], [null, false], [undefined, false], [
    1,
    /true/,
  ]]);
  const animals = words("cat", "dog");
  table((row) => row.word("x", animals), [["cat", "cat"], ["cow", /one of cat, dog/], [1, /text/]]);
  table((row) => row.side("x"), [["Bid", "bid"], ["Ask", "ask"], ["bid", /one of Bid, Ask/]]);
  table((row) => row.has("x"), [[0, true], ["", true], [false, true], [null, false]]);
});

Deno.test("whole numbers and ids come as numbers or as digits", () => {
  table((row) => row.whole("x"), [
    [7, 7],
    ["7", 7],
    [0, 0],
    ["9007199254740991", 9_007_199_254_740_991],
    ["9007199254740992", /whole number/],
    [9_007_199_254_740_992, /whole number/],
    [1.5, /whole number/],
    [-1, /whole number/],
    [Infinity, /whole number/],
    ["1.0", /whole number/],
    ["", /whole number/],
    ["1e3", /whole number/],
    [null, /whole number/],
  ]);
  table((row) => row.id("x"), [
    ["111063114377265150", "111063114377265150"],
    [5411399049, "5411399049"],
    ["", /digits/],
    ["12x", /digits/],
    ["9".repeat(41), /digits/],
    // Digits are lost beyond 2^53: another order's id would be believed.
    [111063114377265150, /whole number/],
    [null, /digits/],
  ]);
  table((row) => row.clientId("x"), [
    [0, 0],
    ["4294967295", 4_294_967_295],
    [4_294_967_296, /at most 4294967295/],
    [null, undefined],
    [undefined, undefined],
    ["abc", /whole number/],
  ]);
});

Deno.test("times in each of their units", () => {
  table((row) => row.time("x"), [[1_788_285_151_083_123, 1_788_285_151_083_123], ["T", /whole/]]);
  table((row) => row.timeMs("x"), [[5, 5_000], [9_007_199_254_741, /ms/], [1.5, /whole/]]);
  table((row) => row.timeMicrosOrMs("x"), [[1_684_026_955_123, 1_684_026_955_123_000]]);
  table((row) => row.timeUtc("x"), [["1970-01-01 00:00:01", 1_000_000], ["soon", /UTC/], [
    1,
    /text/,
  ]]);
});

Deno.test("what trades lies on the grid", () => {
  table((row) => row.price("x", coarse), [
    ["1.25", 5],
    ["1.2500", 5],
    ["1.3", /tick grid/],
    ["0", /tick grid/],
    ["-1", /tick grid/],
    ["1e2", /tick grid/],
    ["99999999999999999999", /tick grid/],
    [1.25, /text/],
    [null, /text/],
  ]);
  table((row) => row.quantity("x", coarse), [
    ["300", 3],
    ["0", 0],
    ["0.00000", 0],
    ["350", /lot grid/],
    ["-100", /below zero/],
    [100, /text/],
  ]);
  table((row) => row.positiveQuantity("x", coarse), [["300", 3], ["0", /above zero/], [
    "-100",
    /above/,
  ]]);
  table((row) => row.signedQuantity("x", coarse), [["-300", -3], ["-0", 0], ["-350", /lot grid/]]);
});

Deno.test("what Backpack computes is rounded", () => {
  table((row) => row.nearPrice("x", coarse), [
    ["1.37", 5],
    ["1.375", 6],
    ["1.374999999999999999999999999", 5],
    ["0.13", 1],
    ["0.12", /a tick or more/],
    ["0", /a tick or more/],
    ["-1", /a tick or more/],
    ["x", /decimal number/],
    ["9".repeat(65), /text/],
  ]);
  table((row) => row.cash("x", "down"), [
    ["1.000000019", 100_000_001],
    ["-1.000000011", -100_000_002],
    ["45035996.27370496", 2 ** 52],
    ["45035996.27370497", /2\^52/],
    ["-45035996.27370497", /2\^52/],
    ["999999999999", /too large/],
    [5, /text/],
  ]);
  table((row) => row.coins("x", "up"), [["0.000000011", 2]]);
  table((row) => row.ratio("x"), [["-0.02", -0.02], ["N/A", /decimal number/], [0.5, /text/]]);
});

Deno.test("objects in objects", () => {
  table((row) => row.row("x").text("y"), [[{ y: "z" }, "z"], [[], /object/], [null, /object/]]);
  table((row) => row.rows("x").map((one) => one.text("y")), [[[{ y: "z" }], ["z"]], [{}, /list/]]);
  table((row) => row.rowOrRows("x", "there").length, [[{}, 1], [[{}, {}], 2], [[], 0], [
    7,
    /object/,
  ]]);
  table((row) => row.market("x", markets).symbol, [["SOL_USDC", "SOL_USDC"], ["X", /of this run/]]);
  const row = new Row("here", { n: 5.25, s: "5", o: {}, l: null }).withNumbersAsText();
  assert.deepEqual([row.text("n"), row.text("s"), row.has("l")], ["5.25", "5", false]);
  assert.deepEqual(new Row("here", { b: 1, a: 2 }).names, ["b", "a"]);
});

Deno.test("a text that is not what it should be is a fault of the body, and of the row that is wrong", () => {
  const cases: readonly (readonly [() => unknown, string, string])[] = [
    [() => readJson("here", "<html>"), "here", "body"],
    [() => readRow("here", "[]"), "here", "body"],
    [() => readRow("here", "null"), "here", "body"],
    [() => readRows("here", "{}"), "here", "body"],
    [() => readRows("here", "[{},7]"), "here row 2", "row"],
    [() => readRow("here", '{"x":[{},7]}').rows("x"), "here x row 2", "row"],
  ];
  for (const [read, place, field] of cases) {
    assert.throws(read, (error) => {
      assert(error instanceof WireFault);
      assert.deepEqual([error.place, error.field], [place, field]);
      return true;
    });
  }
});
