import assert from "node:assert/strict";
import fc from "fast-check";
import {
  baseFee,
  baseValue,
  cashFee,
  cashNumber,
  defineMarket,
  feeOf,
  formatCash,
  formatPrice,
  formatQuantity,
  type MarketRules,
  notional,
  parsePrice,
  parseQuantity,
  priceNumber,
  priceTicks,
  quantityLots,
  quantityNumber,
  showCash,
} from "../../lib/core/market.ts";
import { base, cash, lots, ticks } from "../../lib/core/units.ts";
import { perpMarket, spotMarket } from "../support/core.ts";

Deno.test("a market is counted in whole numbers", () => {
  const market = perpMarket({ maxQuantity: "1000", maxPrice: "5000", minQuantity: "0.05" });
  assert.equal(market.tickUnits, 1);
  assert.equal(market.priceDecimals, 2);
  assert.equal(market.lotUnits, 1);
  assert.equal(market.quantityDecimals, 2);
  assert.equal(market.cashPerTickLot, 10_000);
  assert.equal(market.basePerLot, 1_000_000);
  assert.equal(market.minQuantity, 5);
  assert.equal(market.maxQuantity, 100_000);
  assert.equal(market.minPrice, 1);
  assert.equal(market.maxPrice, 500_000);
  assert.equal(market.state, "Open");
  assert.deepEqual(market.bands, {});
});

Deno.test("grains of every shape", () => {
  const cases: readonly (readonly [string, string, Partial<ReturnType<typeof perpMarket>>])[] = [
    ["0.10", "1.0", { tickUnits: 1, priceDecimals: 1, lotUnits: 1, quantityDecimals: 0 }],
    ["0.05", "10", { tickUnits: 5, priceDecimals: 2, lotUnits: 10, quantityDecimals: 0 }],
    ["0.0000001", "100", { tickUnits: 1, priceDecimals: 7, cashPerTickLot: 1000 }],
    ["0.00000001", "1", { cashPerTickLot: 1, basePerLot: 100_000_000 }],
    ["1", "0.00000001", { cashPerTickLot: 1, basePerLot: 1 }],
    ["0.5", "0.00000002", { cashPerTickLot: 1, basePerLot: 2 }],
    ["25", "0.001", { tickUnits: 25, cashPerTickLot: 2_500_000 }],
  ];
  for (const [tickSize, lotSize, expected] of cases) {
    const market = defineMarket({ ...rules, tickSize, lotSize, minPrice: "0", minQuantity: "0" });
    for (const [key, value] of Object.entries(expected)) {
      assert.deepEqual(
        Object.entries(market).find(([name]) => name === key),
        [key, value],
        `${tickSize} × ${lotSize}`,
      );
    }
  }
});

const rules: MarketRules = {
  symbol: "ODD_USDC",
  base: "ODD",
  quote: "USDC",
  kind: "perp",
  tickSize: "0.01",
  lotSize: "0.01",
  minQuantity: "0.01",
  minPrice: "0.01",
};

Deno.test("a market that cannot be counted exactly is refused by name", () => {
  const cases: readonly (readonly [Partial<MarketRules>, RegExp])[] = [
    [{ tickSize: "0" }, /^market ODD_USDC: tickSize must be a decimal above zero: .* is 0$/],
    [{ tickSize: "0.000" }, /tickSize must be a decimal above zero: current value is 0\.000$/],
    [{ tickSize: "-0.01" }, /tickSize must be a decimal above zero: current value is -0\.01$/],
    [{ tickSize: "" }, /tickSize must be a decimal above zero/],
    [{ tickSize: "1e-2" }, /tickSize must be a decimal above zero: current value is 1e-2$/],
    [{ lotSize: "0.0" }, /lotSize must be a decimal above zero: current value is 0\.0$/],
    [{ lotSize: "one" }, /lotSize must be a decimal above zero: current value is one$/],
    // Tick × lot is a tenth of the smallest money.
    [{ tickSize: "0.0001", lotSize: "0.00001" }, /tickSize times lotSize .* whole/],
    [{ tickSize: "0.000005", lotSize: "0.005" }, /tickSize times lotSize .* whole/],
    // Tick × lot is whole, but a lot is a tenth of the smallest base.
    [{ tickSize: "10", lotSize: "0.000000001" }, /lotSize must be a multiple of 0\.00000001/],
    [{ tickSize: "100000", lotSize: "1" }, /tickSize/],
    [{ minPrice: "free" }, /minPrice not a decimal number: current value is free$/],
    [{ minQuantity: "" }, /minQuantity not a decimal number/],
    [{ maxPrice: "99999999999999999999" }, /maxPrice too large/],
    [{ maxQuantity: "1e9" }, /maxQuantity not a decimal number/],
  ];
  for (const [change, message] of cases) {
    assert.throws(
      () => defineMarket({ ...rules, ...change }),
      (error) => error instanceof RangeError && message.test(error.message),
      JSON.stringify(change),
    );
  }
});

Deno.test("limits off the grid are rounded inward, never outward", () => {
  const market = defineMarket({
    ...rules,
    tickSize: "0.05",
    lotSize: "0.2",
    minPrice: "0.051",
    maxPrice: "9.99",
    minQuantity: "0.21",
    maxQuantity: "1.999",
  });
  assert.equal(market.minPrice, 2);
  assert.equal(market.maxPrice, 199);
  assert.equal(market.minQuantity, 2);
  assert.equal(market.maxQuantity, 9);
});

Deno.test("a limit is read however many zeros it is written with", () => {
  const market = defineMarket({
    ...rules,
    minQuantity: "0.0100",
    maxQuantity: "100000000.00000000",
  });
  assert.equal(market.minQuantity, 1);
  assert.equal(market.maxQuantity, 10_000_000_000);
});

Deno.test("a price off the tick grid is no price", () => {
  const market = defineMarket({ ...rules, tickSize: "0.05" });
  const cases: readonly (readonly [string, number | undefined])[] = [
    ["141.25", 2825],
    ["141.250", 2825],
    ["0.05", 1],
    ["0", 0],
    ["141.26", undefined],
    ["141.251", undefined],
    ["141,25", undefined],
    ["", undefined],
    ["999999999999999999", undefined],
  ];
  for (const [text, expected] of cases) assert.equal(parsePrice(market, text), expected, text);
});

Deno.test("a quantity off the lot grid is no quantity", () => {
  const market = defineMarket({ ...rules, lotSize: "0.2" });
  assert.equal(parseQuantity(market, "1.4"), 7);
  assert.equal(parseQuantity(market, "1.3"), undefined);
  assert.equal(parseQuantity(market, "1.41"), undefined);
});

const count = fc.integer({ min: 0, max: 1_000_000_000_000 });

Deno.test("prices and quantities survive being written and read", () => {
  for (
    const market of [perpMarket(), defineMarket({ ...rules, tickSize: "0.05", lotSize: "25" })]
  ) {
    fc.assert(fc.property(count, (n) => {
      assert.equal(parsePrice(market, formatPrice(market, ticks(n))), n);
      assert.equal(parseQuantity(market, formatQuantity(market, lots(n))), n);
    }));
  }
});

Deno.test("a person's price goes to the tick its side asks for", () => {
  const market = perpMarket();
  const cases: readonly (readonly [number, number, number])[] = [
    // price, down (bid), up (ask)
    [141.25, 14_125, 14_125],
    [141.254, 14_125, 14_126],
    [141.256, 14_125, 14_126],
    [0.29, 29, 29], // 0.29 × 100 is 28.999999999999996
    [1.1, 110, 110], // 1.1 × 100 is 110.00000000000001
    [100.1, 10_010, 10_010],
    [0.010_000_000_001, 1, 1],
    [0.010_001, 1, 2],
    [0.009_999, 0, 1],
  ];
  for (const [price, down, up] of cases) {
    assert.equal(priceTicks(market, price, "down"), down, `${price} down`);
    assert.equal(priceTicks(market, price, "up"), up, `${price} up`);
  }
  assert.throws(() => priceTicks(market, NaN, "down"), { name: "Bug" });
});

Deno.test("every price on the grid is its own tick both ways, and half a tick is not", () => {
  const market = perpMarket();
  fc.assert(fc.property(fc.integer({ min: 1, max: 100_000_000 }), (n) => {
    assert.equal(priceTicks(market, n / 100, "down"), n);
    assert.equal(priceTicks(market, n / 100, "up"), n);
    const between = (n + 0.5) / 100;
    assert.equal(priceTicks(market, between, "down"), n);
    assert.equal(priceTicks(market, between, "up"), n + 1);
  }));
});

Deno.test("a person's quantity is rounded down", () => {
  const market = perpMarket();
  assert.equal(quantityLots(market, 0.29), 29);
  assert.equal(quantityLots(market, 0.299), 29);
  assert.equal(quantityLots(market, 0.009), 0);
});

Deno.test("a quantity of very many lots is rounded down too", () => {
  const market = perpMarket({ lotSize: "1", tickSize: "0.00001", minQuantity: "1" });
  assert.equal(quantityLots(market, 123_456_789.95), 123_456_789);
  assert.equal(quantityLots(market, 1_234_567_890.7), 1_234_567_890);
});

Deno.test("price times quantity is money, exactly, or a bug where money is not exact any more", () => {
  const market = perpMarket();
  assert.equal(formatCash(notional(market, ticks(14_125), lots(50))), "70.625");
  assert.equal(notional(market, ticks(14_125), lots(-50)), -7_062_500_000);
  assert.throws(() => notional(market, ticks(10_000_000), lots(100_000)), { name: "Bug" });
});

Deno.test("base finer than a lot is worth its part, rounded down", () => {
  const market = spotMarket();
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.integer({ min: -10_000_000_000, max: 10_000_000_000 }),
      (price, held) => {
        const exact = BigInt(price) * BigInt(held) * 10_000n;
        const whole = exact / 1_000_000n - (exact % 1_000_000n < 0n ? 1n : 0n);
        assert.equal(baseValue(market, ticks(price), base(held)), Number(whole));
      },
    ),
  );
});

Deno.test("fees round half up against the account, rebates towards it", () => {
  const cases: readonly (readonly [number, number, number])[] = [
    [100_000_000, 2, 20_000],
    [100_000_000, -1, -10_000],
    [0, 5, 0],
    [0, -5, 0],
    [5_000, 1, 1], // 0.5 is paid as 1
    [4_999, 1, 0],
    [15_000, 1, 2], // 1.5
    [5_000, -1, 0], // a rebate of 0.5 is not paid out
    [5_001, -1, -1],
    [15_000, -1, -1], // a rebate of 1.5 pays 1
    [10_000_000, 0.0001, 0], // four decimals of a bps count: 0.1
    [50_000_000, 0.0001, 1],
    [4_000_000_000_000_000, 9.5, 3_800_000_000_000], // beyond 2^53 before the division
  ];
  for (const [amount, bps, expected] of cases) {
    assert.equal(feeOf(amount, bps), expected, `${amount} at ${bps}`);
    assert.equal(cashFee(cash(amount), bps), expected);
    assert.equal(baseFee(base(amount), bps), expected);
  }
});

Deno.test("money and floats for people", () => {
  const market = perpMarket({ tickSize: "0.05", lotSize: "0.2" });
  assert.equal(priceNumber(market, 2825), 141.25);
  assert.equal(quantityNumber(market, 7), 1.4);
  assert.equal(cashNumber(150_000_000), 1.5);
  assert.equal(formatCash(cash(-1)), "-0.00000001");
  const cases: readonly (readonly [number, string, string])[] = [
    [0, "0.00", "0.00"],
    [199_999_999, "1.99", "+1.99"],
    [-199_999_999, "-1.99", "-1.99"],
    [-999_999, "0.00", "0.00"],
  ];
  for (const [amount, plain, signed] of cases) {
    assert.equal(showCash(cash(amount)), plain);
    assert.equal(showCash(cash(amount), "signed"), signed);
  }
});
