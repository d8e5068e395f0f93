// Tests lib/data/markets.ts.

import assert from "node:assert/strict";
import { defineMarket } from "../../lib/core/market.ts";
import { findMarket, knownMarkets } from "../../lib/data/markets.ts";

for (const rules of knownMarkets) {
  Deno.test(`${rules.symbol} can be counted in whole ticks and lots`, () => {
    const market = findMarket(rules.symbol);
    assert.deepEqual(market, defineMarket(rules));
    assert.ok(rules.symbol.endsWith("_PERP") === (rules.kind === "perp"));
    assert.ok(rules.minQuantity === rules.lotSize);
    const initial = rules.initialMargin?.base ?? 1;
    assert.ok((rules.maintenanceMargin?.base ?? 0) < initial && initial <= 1);
    for (const band of Object.values(rules.bands ?? {})) {
      assert.ok(band.min < 1 && band.max > 1);
    }
  });
}

// Ticks and lots in units of the last decimal, as the exchange states them.
const grids: readonly (readonly [string, string, string])[] = [
  ["SOL_USDC", "0.01", "0.01"],
  ["SOL_USDC_PERP", "0.01", "0.01"],
  ["BTC_USDC", "0.1", "0.00001"],
  ["BTC_USDC_PERP", "0.1", "0.00001"],
  ["ETH_USDC", "0.01", "0.0001"],
  ["ETH_USDC_PERP", "0.01", "0.0001"],
  ["BTCUSDT", "0.01", "0.00001"],
  ["BTCUSDT_PERP", "0.1", "0.001"],
];
for (const [symbol, tickSize, lotSize] of grids) {
  Deno.test(`${symbol} has a tick of ${tickSize} and a lot of ${lotSize}`, () => {
    const rules = knownMarkets.find((market) => market.symbol === symbol);
    assert.deepEqual([rules?.tickSize, rules?.lotSize], [tickSize, lotSize]);
  });
}

Deno.test("every market is there once, and no other is made up", () => {
  const symbols = knownMarkets.map(({ symbol }) => symbol);
  assert.equal(new Set(symbols).size, symbols.length);
  assert.equal(findMarket("SOL_USD"), undefined);
});
