// Rules of markets: as listed, with what spot lacks, and each way in which one is refused alone.

import assert from "node:assert/strict";
import { WireFault } from "../../lib/backpack/wire_fault.ts";
import { readMarket, readMarkets } from "../../lib/backpack/wire_market.ts";
import { formatPrice, formatQuantity } from "../../lib/core/market.ts";
import { marketOf, sharedTest } from "./examples.ts";
import { marketRow, type Message } from "./samples.ts";

const withPrice = (change: Message): Message => ({
  ...marketRow,
  filters: { ...marketRow.filters, price: { ...marketRow.filters.price, ...change } },
});
const withQuantity = (change: Message): Message => ({
  ...marketRow,
  filters: { ...marketRow.filters, quantity: { ...marketRow.filters.quantity, ...change } },
});
const read = (row: Message) => readMarket(JSON.stringify(row));

Deno.test("a market is all its rules", () => {
  assert.deepEqual(read(marketRow), marketOf("SOL_USDC_PERP"));
});

Deno.test("what a spot market lacks is absent, and its stale funding is not read", () => {
  const spot = read({
    ...withPrice({ maxPrice: null, meanMarkPriceBand: null }),
    marketType: "SPOT",
    orderBookState: "PostOnly",
    fundingInterval: 28_800_000,
    fundingRateLowerBound: null,
    fundingRateUpperBound: null,
    imfFunction: null,
    mmfFunction: null,
  });
  assert.equal(spot.kind, "spot");
  assert.equal(spot.state, "PostOnly");
  assert.equal(spot.maxPrice, undefined);
  assert.equal(spot.maxQuantity, undefined);
  assert.equal(spot.fundingIntervalMs, undefined);
  assert.equal(spot.fundingBoundBps, undefined);
  assert.equal(spot.initialMargin, undefined);
  assert.deepEqual(Object.keys(spot.bands), ["last", "impact"]);
});

Deno.test("limits are read with their grid", () => {
  assert.equal(read(withQuantity({ maxQuantity: "1000.5" })).maxQuantity, 100_050);
  assert.equal(read(withQuantity({ minQuantity: "0.5" })).minQuantity, 50);
  assert.equal(read(withPrice({ tickSize: "0.0010" })).priceDecimals, 3);
});

Deno.test("a market that cannot be read or counted is refused by name, alone", () => {
  const cases: readonly (readonly [Message, string, RegExp])[] = [
    [{ ...marketRow, marketType: "PREDICTION" }, "marketType", /one of SPOT, PERP/],
    [{ ...marketRow, orderBookState: "Ajar" }, "orderBookState", /one of Open/],
    [{ ...marketRow, imfFunction: { type: "cube" } }, "type", /one of sqrt/],
    [{ ...marketRow, fundingRateLowerBound: null }, "fundingRateLowerBound", /text/],
    [withPrice({ tickSize: "0" }), "filters", /tickSize must be a decimal above zero/],
    [withPrice({ tickSize: "-0.01" }), "tickSize", /below zero/],
    [withPrice({ tickSize: "0.0000001" }), "filters", /whole number of 0.00000001/],
    [withPrice({ maxPrice: "99999999999999999" }), "filters", /too large/],
    [withPrice({ minMultiplier: null }), "minMultiplier", /text/],
    [withPrice({ meanMarkPriceBand: { minMultiplier: "0.9" } }), "maxMultiplier", /text/],
    [withQuantity({ minQuantity: "-1" }), "minQuantity", /below zero/],
    [withQuantity({ stepSize: 0.01 }), "stepSize", /text/],
  ];
  for (const [row, field, rule] of cases) {
    const { markets, refused } = readMarkets(JSON.stringify([row, { ...marketRow, symbol: "B" }]));
    assert.deepEqual([...markets.keys()], ["B"], field);
    assert.equal(refused.length, 1, field);
    assert.equal(refused[0]?.field, field);
    assert.match(refused[0]?.rule ?? "", rule);
    assert.equal(refused[0]?.place, "GET /api/v1/markets row 1");
    assert.throws(() => read(row), WireFault);
  }
});

Deno.test("a list that is none is a fault", () => {
  for (const text of ["", "{}", "[[]]", "[1]"]) assert.throws(() => readMarkets(text), WireFault);
});

sharedTest(
  "recorded markets are counted as listed",
  "backpack/examples/rest.get-markets.json",
  (text) => {
    const { markets, refused } = readMarkets(text);
    assert.deepEqual(refused, []);
    for (const symbol of ["SOL_USDC", "BTC_USDC_PERP", "IP_USDC_PERP", "kPEPE_USDC_PERP"]) {
      assert.deepEqual(markets.get(symbol), marketOf(symbol));
    }
    const pepe = markets.get("kPEPE_USDC_PERP");
    assert(pepe !== undefined);
    assert.equal(formatQuantity(pepe, pepe.minQuantity), "100");
    assert.equal(formatPrice(pepe, pepe.minPrice), "0.000001");
    assert.equal(markets.get("IP_USDC_PERP")?.state, "Closed");
    assert.equal(markets.get("MU.US_USDC_PERP")?.base, "MU.US");
  },
);
