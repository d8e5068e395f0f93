// Public replies: the book turned best first, times in their three units, marks to the nearest tick.

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  readDepth,
  readFundingRates,
  readMarkPrices,
  readStatus,
  readTime,
  readTrades,
} from "../../lib/backpack/wire_public.ts";
import { WireFault } from "../../lib/backpack/wire_fault.ts";
import { formatPrice, formatQuantity } from "../../lib/core/market.ts";
import { lots, ticks } from "../../lib/core/units.ts";
import { marketOf, markets, plain } from "./examples.ts";

const sol = marketOf("SOL_USDC");

Deno.test("the exchange is at work, or says why not", () => {
  assert.deepEqual(readStatus('{"status":"Ok","message":null}'), {
    state: "Ok",
    message: undefined,
  });
  assert.deepEqual(readStatus('{"status":"Maintenance","message":"Soon"}'), {
    state: "Maintenance",
    message: "Soon",
  });
  assert.throws(() => readStatus('{"status":"Asleep"}'), { name: "WireFault", field: "status" });
});

Deno.test("the time is plain text", () => {
  assert.equal(readTime("1788285151083"), 1_788_285_151_083_000);
  assert.equal(readTime("1788285151083\n"), 1_788_285_151_083_000);
  for (const text of ["", "pong", "-1", "1e12", "1788285151083.5", "999999999999999", "<html>"]) {
    assert.throws(() => readTime(text), { name: "WireFault", field: "body" }, text);
  }
});

Deno.test("the book is best first, whatever the order of the reply", () => {
  const level = fc.record({
    price: fc.integer({ min: 1, max: 1e6 }).map(ticks),
    quantity: fc.integer({ min: 1, max: 1e9 }).map(lots),
  }, { noNullPrototype: true });
  const side = fc.uniqueArray(level, { selector: ({ price }) => price });
  fc.assert(fc.property(side, side, (bids, asks) => {
    const print = (levels: typeof bids) =>
      levels.map(({ price, quantity }) => [formatPrice(sol, price), formatQuantity(sol, quantity)]);
    const text = JSON.stringify({
      ...{ asks: print(asks), bids: print(bids) },
      ...{ lastUpdateId: "4324419962", timestamp: 1_788_283_696_669_335 },
    });
    assert.deepEqual(readDepth(text, sol), {
      time: 1_788_283_696_669_335,
      lastId: 4_324_419_962,
      bids: [...bids].sort((a, b) => b.price - a.price),
      asks: [...asks].sort((a, b) => a.price - b.price),
    });
  }));
});

Deno.test("a buyer who was the maker was hit by a seller", () => {
  const row = { id: 1, price: "98.96", quantity: "0.16", timestamp: 1_753_123_916_819 };
  const text = JSON.stringify([
    { ...row, isBuyerMaker: true },
    { ...row, id: undefined, isBuyerMaker: false },
  ]);
  const trade = { time: 1_753_123_916_819_000, price: 9_896, quantity: 16 };
  assert.deepEqual(readTrades(text, sol), [
    { ...trade, tradeId: 1, aggressor: "ask" },
    { ...trade, tradeId: undefined, aggressor: "bid" },
  ]);
});

Deno.test("mark prices, of markets of this run only; a spot market has no funding", () => {
  const text = JSON.stringify([
    { symbol: "X_USDC_PREDICTION", markPrice: "0.5" },
    { symbol: "SOL_USDC", markPrice: "98.945" },
    {
      symbol: "SOL_USDC_PERP",
      markPrice: "98.94",
      indexPrice: "98.94499999",
      fundingRate: "-0.0000125",
      nextFundingTimestamp: 1_789_340_400_000,
    },
  ]);
  assert.deepEqual(plain(readMarkPrices(text, markets)), [
    { market: "SOL_USDC", price: 9_895 },
    {
      market: "SOL_USDC_PERP",
      price: 9_894,
      indexPrice: 9_894,
      fundingRate: -0.0000125,
      nextFundingAt: 1_789_340_400_000_000,
    },
  ]);
  assert.throws(
    () => readMarkPrices('[{"symbol":"SOL_USDC","markPrice":"0"}]', markets),
    WireFault,
  );
});

Deno.test("funding rates are as they came", () => {
  const text = JSON.stringify([
    { intervalEndTimestamp: "2026-09-13T23:00:00", fundingRate: "0.000001254" },
    { intervalEndTimestamp: "2026-09-13T22:00:00", fundingRate: "-0.000008311" },
  ]);
  assert.deepEqual(readFundingRates(text), [
    { time: 1_789_340_400_000_000, rate: 0.000001254 },
    { time: 1_789_336_800_000_000, rate: -0.000008311 },
  ]);
  assert.deepEqual(readFundingRates("[]"), []);
});
