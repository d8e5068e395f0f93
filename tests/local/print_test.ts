// Decimals without zeros at the end and without exponents, times in each of Backpack's forms.

import { equal } from "node:assert/strict";
import { micros } from "../../lib/core/units.ts";
import {
  averagePrice,
  coins,
  milliseconds,
  naive,
  naiveSecond,
  quantityText,
  ratio,
} from "../../lib/local/print.ts";
import { aMarket, NOON, PERP } from "./scene.ts";

const kPepe = aMarket("kPEPE_USDC_PERP");

const rows: readonly (readonly [string, string])[] = [
  [coins(0), "0"],
  [coins(-0), "0"],
  [coins(1), "0.00000001"],
  [coins(-150_000_000), "-1.5"],
  [coins(4.5e19), "450000000000"],
  [ratio(1e-10), "0.0000000001"],
  [ratio(-1e-12), "0"],
  [ratio(0.0000125), "0.0000125"],
  [ratio(100), "100"],
  [quantityText(aMarket(PERP), 150), "1.5"],
  [quantityText(kPepe, 3), "300"],
  [averagePrice(aMarket(PERP), 10_000 + 1 / 3), "100.0033333333"],
  [averagePrice(kPepe, 1), "0.0000001"],
  [naive(NOON), "2026-09-06T12:00:00"],
  [naive(micros(NOON + 94_999)), "2026-09-06T12:00:00.094"],
  [naiveSecond(NOON / 1e6), "2026-09-06 12:00:00"],
  [String(milliseconds(micros(NOON + 1_999))), "1788696000001"],
];

Deno.test("numbers and times are written as Backpack writes them", () => {
  for (const [found, expected] of rows) equal(found, expected);
});
