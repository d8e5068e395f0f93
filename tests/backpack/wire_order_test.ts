// Orders in every state and under both sets of names. A fill or a fee that cannot be booked to the
// last unit has to be a fault that names its field.

import assert from "node:assert/strict";
import { parseFrame } from "../../lib/backpack/wire.ts";
import { WireFault } from "../../lib/backpack/wire_fault.ts";
import { readBatch, readOrder, readOrders } from "../../lib/backpack/wire_order.ts";
import { marketOf, markets, plain } from "./examples.ts";
import { accepted, filled, type Message, order } from "./samples.ts";

const update = (data: Message) =>
  parseFrame(JSON.stringify({ stream: "account.orderUpdate", data }), markets);
const reply = (message: Message) => readOrder(JSON.stringify(message), markets);

const acceptedMeans = {
  kind: "order",
  time: 1_788_368_290_062_979,
  change: { kind: "accepted" },
  market: "SOL_USDC",
  orderId: "59887375336",
  clientId: 2_147_483_649,
  side: "ask",
  type: "limit",
  status: "open",
  timeInForce: "GTC",
  price: 10_076,
  quantity: 2_000,
  executed: 0,
  executedQuote: 0,
  postOnly: true,
  reduceOnly: false,
  origin: "user",
};

Deno.test("every change of an order, and the order after it", () => {
  const fill = {
    kind: "fill",
    fillId: 2_888_471,
    price: 10_076,
    quantity: 500,
    maker: true,
    feeCash: 40_304_000,
    feeBase: 0,
  };
  const partly = { executed: 500, executedQuote: 50_380_000_000, status: "partlyFilled" };
  const cases: readonly (readonly [Message, unknown])[] = [
    [accepted, acceptedMeans],
    [filled, { ...acceptedMeans, ...partly, change: fill }],
    [{ ...accepted, e: "orderCancelled", X: "Cancelled" }, {
      ...acceptedMeans,
      status: "cancelled",
      change: { kind: "cancelled" },
    }],
    [{ ...accepted, e: "orderExpired", X: "Expired", R: "PostOnlyTaker" }, {
      ...acceptedMeans,
      status: "expired",
      change: { kind: "expired", reason: "PostOnlyTaker" },
    }],
    // The docs show a spelling that no list has.
    [{ ...accepted, e: "orderExpired", X: "Expired", R: "PRICE_BAND" }, {
      ...acceptedMeans,
      status: "expired",
      change: { kind: "expired", reason: "PRICE_BAND" },
    }],
    [{ ...accepted, e: "orderExpired", X: "Expired" }, {
      ...acceptedMeans,
      status: "expired",
      change: { kind: "expired" },
    }],
    [{ ...accepted, e: "orderModified", q: "7.50", r: true }, {
      ...acceptedMeans,
      quantity: 750,
      reduceOnly: true,
      change: { kind: "modified", quantity: 750 },
    }],
    [{ ...accepted, e: "triggerPlaced", P: "99", q: undefined, Y: "50%", z: null, Z: null }, {
      ...acceptedMeans,
      quantity: undefined,
      change: { kind: "triggerPlaced" },
    }],
    [{ ...accepted, e: "triggerFailed", X: "TriggerFailed", P: "99" }, {
      ...acceptedMeans,
      status: "triggerFailed",
      change: { kind: "triggerFailed" },
    }],
    [{ ...accepted, c: undefined, O: "LIQUIDATION_AUTOCLOSE", o: "MARKET", p: undefined }, {
      ...acceptedMeans,
      clientId: undefined,
      price: undefined,
      type: "market",
      origin: "liquidation",
    }],
  ];
  for (const [data, meaning] of cases) {
    assert.deepEqual(plain(update(data)), plain(meaning), JSON.stringify(data));
  }
});

Deno.test("an order that cannot be booked exactly is a fault", () => {
  const cases: readonly (readonly [Message, string])[] = [
    [{ ...accepted, e: "orderVanished" }, "e"],
    [{ ...accepted, X: "Open" }, "X"],
    [{ ...accepted, S: "BUY" }, "S"],
    [{ ...accepted, f: "DAY" }, "f"],
    [{ ...accepted, o: "STOP" }, "o"],
    [{ ...accepted, O: "MAGIC" }, "O"],
    [{ ...accepted, s: "X_USDC" }, "s"],
    [{ ...accepted, p: "100.765" }, "p"],
    [{ ...accepted, q: "20.005" }, "q"],
    [{ ...accepted, q: undefined }, "q"],
    [{ ...accepted, z: undefined }, "z"],
    [{ ...accepted, c: 4_294_967_296 }, "c"],
    [{ ...accepted, i: 111_063_114_377_265_150 }, "i"],
    [{ ...accepted, e: "orderModified", q: undefined, P: "99" }, "q"],
    [{ ...filled, t: null }, "t"],
    [{ ...filled, l: "0" }, "l"],
    [{ ...filled, L: "100.7601" }, "L"],
    [{ ...filled, m: null }, "m"],
    [{ ...filled, n: undefined }, "n"],
    [{ ...filled, N: "BP" }, "N"],
  ];
  for (const [data, field] of cases) {
    const got = update(data);
    assert(got instanceof WireFault, JSON.stringify(data));
    assert.equal(got.field, field);
  }
});

Deno.test("a fee is in quote or in base, rounded half up against the account; a rebate is negative", () => {
  const cases: readonly (readonly [string, string, number, number])[] = [
    ["0.403040", "USDC", 40_304_000, 0],
    ["-0.02", "USDC", -2_000_000, 0],
    ["0", "USDC", 0, 0],
    ["0.000001", "SOL", 0, 100],
    ["0.000000005", "SOL", 0, 1],
    ["-0.000000005", "USDC", 0, 0],
    ["0.0000000049", "USDC", 0, 0],
  ];
  for (const [n, N, feeCash, feeBase] of cases) {
    const event = update({ ...filled, n, N });
    assert(event !== undefined && "change" in event && typeof event.change === "object");
    assert(event.change.kind === "fill");
    assert.deepEqual([event.change.feeCash, event.change.feeBase], [feeCash, feeBase], n);
  }
});

const replyMeans = {
  market: "SOL_USDC_PERP",
  orderId: "59669287267",
  clientId: 2_147_483_650,
  side: "bid",
  type: "limit",
  status: "open",
  timeInForce: "GTC",
  price: 10_077,
  quantity: 2_000,
  executed: 50,
  executedQuote: 5_038_500_000,
  postOnly: true,
  reduceOnly: false,
  createdAt: 1_788_285_244_094_000,
};

Deno.test("every status of a reply", () => {
  const statuses = [
    ["New", "open"],
    ["PartiallyFilled", "partlyFilled"],
    ["Filled", "filled"],
    ["Cancelled", "cancelled"],
    ["Expired", "expired"],
    ["TriggerPending", "waiting"],
    ["Triggered", "triggered"],
    ["TriggerFailed", "triggerFailed"],
  ] as const;
  for (const [status, meaning] of statuses) {
    assert.deepEqual(plain(reply({ ...order, status })), { ...replyMeans, status: meaning });
  }
});

Deno.test("a market order has no price; one by money has no quantity", () => {
  const market = { ...order, orderType: "Market", price: undefined, postOnly: undefined };
  const got = reply({ ...market, quantity: undefined, quoteQuantity: "5" });
  assert.deepEqual([got.type, got.price, got.quantity, got.postOnly], [
    ...["market", undefined, undefined, false],
  ]);
  assert.equal(reply(market).quantity, 2_000);
});

Deno.test("an order waiting for its trigger has executed nothing, and may lack a quantity", () => {
  const { quantity: _quantity, executedQuantity: _executed, ...rest } = order;
  const got = reply({
    ...rest,
    status: "TriggerPending",
    triggerPrice: "90",
    triggerQuantity: "50%",
  });
  assert.deepEqual([got.quantity, got.executed, got.executedQuote], [undefined, 0, 0]);
  assert.throws(() => reply(rest), { name: "WireFault", field: "quantity" });
  assert.throws(() => reply({ ...rest, quantity: "20" }), { field: "executedQuantity" });
});

Deno.test("reduce-only is what it says, null is no", () => {
  for (const [reduceOnly, meaning] of [[true, true], [false, false], [null, false]] as const) {
    assert.equal(reply({ ...order, reduceOnly }).reduceOnly, meaning);
  }
});

Deno.test("orders come as they are listed", () => {
  const text = JSON.stringify([order, { ...order, id: "7", clientId: null, side: "Ask" }]);
  assert.deepEqual(
    readOrders(text, markets).map(({ orderId, clientId, side }) => [orderId, clientId, side]),
    [["59669287267", 2_147_483_650, "bid"], ["7", undefined, "ask"]],
  );
  assert.deepEqual(readOrders("[]", markets), []);
  const known = new Map([["SOL_USDC", marketOf("SOL_USDC")]]);
  assert.throws(() => readOrders(text, known), { place: "/api/v1/orders row 1", field: "symbol" });
});

Deno.test("a batch is answered order by order", () => {
  const text = JSON.stringify([
    { operation: "Ok", ...order },
    { operation: "Err", code: "INVALID_ORDER", message: "Order would immediately match and take" },
  ]);
  assert.deepEqual(plain(readBatch(text, markets)), [
    { kind: "placed", order: replyMeans },
    {
      kind: "refused",
      refusal: { code: "INVALID_ORDER", message: "Order would immediately match and take" },
    },
  ]);
  assert.throws(() => readBatch('[{"operation":"Maybe"}]', markets), { field: "operation" });
});
