// Rows of the history, from which the books are rebuilt: times and ids in their own spelling, and
// one bad row that must not pass unseen among good ones.

import assert from "node:assert/strict";
import {
  readFills,
  readFundingHistory,
  readOrderHistory,
} from "../../lib/backpack/wire_history.ts";
import { markets, plain } from "./examples.ts";
import { type Message, pastFill, pastOrder } from "./samples.ts";

const fills = (...rows: Message[]) => readFills(JSON.stringify(rows), markets);
const orders = (...rows: Message[]) => readOrderHistory(JSON.stringify(rows), markets);

const fillMeans = {
  market: "SOL_USDC",
  time: 1_753_637_940_092_000,
  fillId: 9_748_827,
  orderId: "4238907375",
  clientId: 2_147_483_650,
  side: "bid",
  price: 9_896,
  quantity: 260,
  maker: false,
  origin: "user",
  feeCash: 0,
  feeBase: 208_000,
};

Deno.test("a fill, its client id as text or as a number", () => {
  assert.deepEqual(plain(fills(pastFill)), [fillMeans]);
  assert.deepEqual(plain(fills({ ...pastFill, clientId: 2_147_483_650 })), [fillMeans]);
  assert.equal(fills({ ...pastFill, clientId: null })[0]?.clientId, undefined);
  assert.deepEqual(fills(), []);
});

Deno.test("a fill the exchange made says so", () => {
  const cases = [
    ["LiquidatePositionOnBook", "liquidation"],
    ["LiquidatePositionOnAdl", "deleveraging"],
    ["LiquidatePositionOnBackstop", "backstop"],
    ["CollateralConversion", "conversion"],
    ["FutureExpiry", "settlement"],
    ["OrderBookClosed", "marketClosed"],
  ] as const;
  for (const [systemOrderType, origin] of cases) {
    const [fill] = fills({ ...pastFill, systemOrderType, tradeId: undefined });
    assert.deepEqual([fill?.origin, fill?.fillId], [origin, undefined]);
  }
  assert.throws(() => fills({ ...pastFill, systemOrderType: "Whim" }), {
    field: "systemOrderType",
  });
});

Deno.test("one fill that cannot be read spoils the page, and is named", () => {
  const cases: readonly (readonly [Message, string])[] = [
    [{ price: "98.961" }, "price"],
    [{ quantity: "2.601" }, "quantity"],
    [{ quantity: "0" }, "quantity"],
    [{ feeSymbol: "BP" }, "feeSymbol"],
    [{ fee: null }, "fee"],
    [{ timestamp: 1_753_637_940_092 }, "timestamp"],
    [{ symbol: "X_USDC" }, "symbol"],
    [{ isMaker: "true" }, "isMaker"],
  ];
  for (const [change, field] of cases) {
    assert.throws(() => fills(pastFill, { ...pastFill, ...change }), {
      name: "WireFault",
      place: "GET /wapi/v1/history/fills row 2",
      field,
    });
  }
});

Deno.test("an order of the past, with why it ended", () => {
  assert.deepEqual(plain(orders(pastOrder)), [{
    market: "SOL_USDC",
    orderId: "59669287267",
    side: "ask",
    type: "limit",
    status: "expired",
    timeInForce: "IOC",
    price: 10_077,
    quantity: 2_000,
    executed: 100,
    executedQuote: 10_077_000_000,
    postOnly: false,
    createdAt: 1_788_285_244_094_000,
    reason: "ImmediateOrCancel",
    origin: "user",
  }]);
  const [cancelled] = orders({
    ...pastOrder,
    status: "Cancelled",
    expiryReason: null,
    clientId: 5,
  });
  assert.deepEqual([cancelled?.status, cancelled?.reason, cancelled?.clientId], [
    ...["cancelled", undefined, 5],
  ]);
  assert.throws(() => orders({ ...pastOrder, executedQuantity: null }), {
    field: "executedQuantity",
  });
});

Deno.test("funding is received or paid; a tie goes against the account", () => {
  const cases: readonly (readonly [string, number])[] = [
    ["-0.001301", -130_100],
    ["0.001301", 130_100],
    ["0.000000015", 1],
    ["-0.000000015", -2],
    ["-0.0000000149", -1],
  ];
  for (const [quantity, payment] of cases) {
    const row = {
      symbol: "SOL_USDC_PERP",
      quantity,
      intervalEndTimestamp: "2025-08-01T16:00:00",
      fundingRate: "0.0001",
    };
    assert.deepEqual(plain(readFundingHistory(JSON.stringify([row]), markets)), [{
      ...{ market: "SOL_USDC_PERP", time: 1_754_064_000_000_000, payment, rate: 0.0001 },
    }]);
  }
});
