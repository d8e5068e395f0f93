// Numbers of other programs keep every digit; candles that cannot be are told by their column.

import { equal } from "node:assert/strict";
import fc from "fast-check";
import { candleFlaw, plainDecimal } from "../../lib/data/imported.ts";

Deno.test("a number is plain digits, or none", () => {
  const rows = [
    ["1", "1"],
    ["001.50", "001.50"],
    ["7e-05", "0.00007"],
    ["7.25E-3", "0.00725"],
    ["1.5e3", "1500"],
    ["1.23456e2", "123.456"],
    ["5.", "5"],
    ["0e0", "0"],
    ["123456789012345678901234567890.1", "123456789012345678901234567890.1"],
    ["-1", undefined],
    ["", undefined],
    ["null", undefined],
    ["NaN", undefined],
    ["1,5", undefined],
    ["1e9999", undefined],
    ["0x10", undefined],
  ] as const;
  for (const [text, plain] of rows) equal(plainDecimal(text), plain, text);
});

Deno.test("an exponent moves the point and changes no digit", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.integer({ min: -30, max: 30 }), (whole, part, power) => {
      const plain = plainDecimal(`${whole}.${part}e${power}`) ?? "";
      const digits = (text: string) => text.replace(".", "").replace(/^0+|0+$/g, "");
      equal(digits(plain), digits(`${whole}.${part}`));
      const expected = Number(`${whole}.${part}e${power}`);
      equal(Number(plain), expected);
    }),
    { numRuns: 300 },
  );
});

Deno.test("a candle that cannot be is told by its column", () => {
  const good = { open: "2", high: "3", low: "1", close: "2", volume: "0" };
  const rows = [
    [{}, undefined],
    [{ open: "1.0", high: "1.00", low: "1", close: "1.0" }, undefined],
    [{ low: "0" }, "low"],
    [{ high: "0.5" }, "high"],
    [{ open: "3.1" }, "open"],
    [{ open: "0.9" }, "open"],
    [{ close: "3.1" }, "close"],
    [{ close: "0.9" }, "close"],
  ] as const;
  for (const [flaw, column] of rows) {
    equal(candleFlaw({ ...good, ...flaw })?.column, column, JSON.stringify(flaw));
  }
});
