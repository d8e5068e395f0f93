// What is sent, to the letter, and that it comes back as the order that was meant.

import assert from "node:assert/strict";
import fc from "fast-check";
import { cancelBody, orderBody, type Place } from "../../lib/backpack/wire_print.ts";
import { readOrder } from "../../lib/backpack/wire_order.ts";
import { lots, ticks } from "../../lib/core/units.ts";
import { marketOf, markets } from "./examples.ts";

const perp = marketOf("SOL_USDC_PERP");
const bid: Place = {
  id: 2_147_483_648,
  side: "bid",
  price: ticks(14_125),
  quantity: lots(10),
  role: "maker",
  reduceOnly: false,
};

Deno.test("orders are printed exactly, with what is set and nothing else", () => {
  const cases: readonly (readonly [Place, string])[] = [
    [
      bid,
      '{"symbol":"SOL_USDC_PERP","side":"Bid","orderType":"Limit","price":"141.25",' +
      '"quantity":"0.1","timeInForce":"GTC","postOnly":true,"clientId":2147483648}',
    ],
    [
      { ...bid, side: "ask", role: "taker", reduceOnly: true, price: ticks(14_100), id: 0 },
      '{"symbol":"SOL_USDC_PERP","side":"Ask","orderType":"Limit","price":"141",' +
      '"quantity":"0.1","timeInForce":"IOC","reduceOnly":true,' +
      '"selfTradePrevention":"RejectMaker","clientId":0}',
    ],
    [
      { ...bid, redeemsLent: true },
      '{"symbol":"SOL_USDC_PERP","side":"Bid","orderType":"Limit","price":"141.25",' +
      '"quantity":"0.1","timeInForce":"GTC","postOnly":true,"autoLendRedeem":true,' +
      '"clientId":2147483648}',
    ],
  ];
  for (const [order, text] of cases) {
    assert.equal(JSON.stringify(orderBody(perp, order)), text);
  }
});

Deno.test("prices and quantities of every grain", () => {
  const cases = [
    ["BTC_USDC_PERP", 1_183_183, 1, "118318.3", "0.00001"],
    ["kPEPE_USDC_PERP", 33_455, 133_695, "0.0033455", "13369500"],
    ["USDT_USDC", 10_000, 200, "1", "20"],
    ["SOL_USDC", 1, 1, "0.01", "0.01"],
  ] as const;
  for (const [symbol, price, quantity, priceText, quantityText] of cases) {
    const order = { ...bid, price: ticks(price), quantity: lots(quantity) };
    const body = orderBody(marketOf(symbol), order);
    assert.deepEqual([body.symbol, body.price, body.quantity], [symbol, priceText, quantityText]);
  }
});

Deno.test("an order no market takes is a bug, and is not printed", () => {
  const wrong: readonly Partial<Place>[] = [
    ...[{ price: ticks(0) }, { price: ticks(-1) }, { quantity: lots(0) }, { quantity: lots(-5) }],
    ...[{ id: -1 }, { id: 4_294_967_296 }, { id: 1.5 }, { id: NaN }],
  ];
  for (const change of wrong) {
    assert.throws(() => orderBody(perp, { ...bid, ...change }), { name: "Bug" });
  }
});

Deno.test("a cancel names one id, ours or theirs", () => {
  assert.deepEqual(cancelBody(perp, { id: 7 }), { symbol: "SOL_USDC_PERP", clientId: 7 });
  assert.deepEqual(cancelBody(perp, { orderId: "28" }), { symbol: "SOL_USDC_PERP", orderId: "28" });
  assert.throws(() => cancelBody(perp, { id: 2 ** 32 }), { name: "Bug" });
});

Deno.test("what is printed and sent back is the order that was meant", () => {
  const order: fc.Arbitrary<Place> = fc.record({
    id: fc.integer({ min: 0, max: 4_294_967_295 }),
    side: fc.constantFrom("bid", "ask"),
    price: fc.integer({ min: 1, max: 1e9 }).map(ticks),
    quantity: fc.integer({ min: 1, max: 1e9 }).map(lots),
    role: fc.constantFrom("maker", "taker"),
    reduceOnly: fc.boolean(),
  });
  fc.assert(fc.property(order, fc.constantFrom(...markets.values()), (sent, market) => {
    const reply = {
      ...orderBody(market, sent),
      ...{ id: "1", status: "New", createdAt: 1, executedQuantity: "0" },
      executedQuoteQuantity: "0",
    };
    const got = readOrder(JSON.stringify(reply), markets);
    assert.equal(got.market, market);
    assert.equal(got.clientId, sent.id);
    assert.equal(got.timeInForce, sent.role === "maker" ? "GTC" : "IOC");
    assert.deepEqual(
      [got.side, got.price, got.quantity, got.postOnly, got.reduceOnly],
      [sent.side, sent.price, sent.quantity, sent.role === "maker", sent.reduceOnly],
    );
  }));
});
