// Every refusal a trader can meet, with the status and the very body Backpack answers (PROTOCOL 6).

import { deepEqual, equal, match } from "node:assert/strict";
import type { Params } from "../../lib/backpack/sign.ts";
import { expiryWord, orderRefusal } from "../../lib/local/refuse.ts";
import {
  aMarket,
  aMarketOrder,
  anOrder,
  PERP,
  type Reply,
  ServedScene,
  SPOT,
  type Trader,
} from "./scene.ts";

/** An error with a code, as status, code and message; or with plain text, as status and text. */
type Expected = readonly [number, string, string] | readonly [number, string];

function check(reply: Reply, expected: Expected): void {
  const [status, codeOrText, message] = expected;
  equal(reply.status, status, reply.text);
  if (message === undefined) {
    equal(reply.text, codeOrText);
    match(reply.headers.get("Content-Type") ?? "", /^text\/plain/);
  } else deepEqual(reply.json, { code: codeOrText, message });
}

const invalid = "INVALID_CLIENT_REQUEST";
const payload = (rule: string) =>
  `parse request payload error: ${rule} (occurred while parsing "OrderExecutePayload")`;

const queries: readonly (readonly [string, Expected])[] = [
  ["/api/v1/depth?symbol=NO_SUCH", [400, invalid, "Invalid market symbol"]],
  ["/api/v1/market?symbol=sol_usdc", [400, invalid, "Invalid market symbol"]],
  ["/api/v1/markPrices?symbol=NO_SUCH", [400, invalid, "Symbol not found"]],
  ["/api/v1/markPrices?symbol=SOL_USDC", [400, invalid, "Symbol not found"]],
  ["/api/v1/depth?symbol=SOL_USDC", [404, "RESOURCE_NOT_FOUND", "Not Found"]],
  [
    "/api/v1/depth?symbol=SOL_USDC_PERP&limit=7",
    [
      400,
      'failed to parse parameter `limit`: failed to parse "DepthLimit": Expect a valid enumeration value.',
    ],
  ],
  [
    "/api/v1/trades?symbol=SOL_USDC_PERP&limit=1001",
    [
      400,
      "failed to parse parameter `limit`: verification failed. maximum(1000, exclusive: false)",
    ],
  ],
  [
    "/api/v1/klines?symbol=SOL_USDC_PERP&interval=1m",
    [400, 'failed to parse parameter `startTime`: Type "integer_int64" expects an input value.'],
  ],
  [
    "/api/v1/depth",
    [400, 'failed to parse parameter `symbol`: Type "MarketSymbol" expects an input value.'],
  ],
  ["/api/v1/no/such/route", [404, "not found"]],
];

Deno.test("queries are refused in Backpack's words", async () => {
  await using scene = new ServedScene();
  scene.world.setState(SPOT, "Closed");
  for (const [path, expected] of queries) check(await scene.get(path), expected);
});

const orders: readonly (readonly [string, Params, Expected])[] = [
  ["an unknown market", anOrder({ symbol: "NO_SUCH" }), [
    400,
    payload('failed to parse "MarketSymbol": Invalid market symbol'),
  ]],
  ["an unknown side", anOrder({ side: "Buy" }), [
    400,
    payload('failed to parse "Side": Expect a valid enumeration value.'),
  ]],
  ["too fine a price", anOrder({ price: "99.001" }), [400, invalid, "Price decimal too long"]],
  [
    "too fine a quantity",
    anOrder({ quantity: "0.001" }),
    [400, invalid, "Quantity decimal too long"],
  ],
  ["a quantity below the least", anOrder({ quantity: "0" }), [
    400,
    "INVALID_QUANTITY",
    "Quantity is below the minimum allowed value",
  ]],
  ["a price outside the bands", anOrder({ price: "20" }), [
    400,
    "INVALID_PRICE",
    "Price is too far from the last active price",
  ]],
  ["half a trigger", anOrder({ triggerPrice: "90" }), [
    400,
    invalid,
    "Must specify both `triggerPrice` and `triggerQuantity` or neither",
  ]],
  ["reduce-only without a position", anOrder({ reduceOnly: true }), [
    400,
    "INVALID_ORDER",
    "Reduce only order not reduced",
  ]],
  ["post-only that would take", anOrder({ price: "100" }), [
    400,
    "INVALID_ORDER",
    "Order would immediately match and take",
  ]],
  ["more than the funds", anOrder({ symbol: SPOT, quantity: "1000" }), [
    400,
    "INSUFFICIENT_FUNDS",
    "Insufficient funds",
  ]],
  ["more than the margin", anOrder({ quantity: "2000" }), [
    400,
    "INSUFFICIENT_MARGIN",
    "Insufficient margin",
  ]],
  ["a client id in use", anOrder({ clientId: 77 }), [
    400,
    "INVALID_ORDER",
    "client ID already exists",
  ]],
  ["a client id beyond 32 bits", anOrder({ clientId: 4_294_967_296 }), [
    400,
    payload('failed to parse "integer_uint32": number too large to fit in target type'),
  ]],
  ["a limit order without a price", { ...anOrder(), price: undefined }, [
    400,
    "INVALID_ORDER",
    "Invalid order",
  ]],
  ["attached orders", anOrder({ stopLossTriggerPrice: "90" }), [
    400,
    "NOT_IMPLEMENTED",
    "Attached take profit and stop loss orders are not implemented",
  ]],
];

Deno.test("orders are refused in Backpack's words, and nothing of them remains", async () => {
  await using scene = new ServedScene();
  const trader = scene.trader();
  await scene.place(trader, anOrder({ clientId: 77 }));
  const before = scene.world.exchange.totals();
  for (const [name, order, expected] of orders) {
    const params = Object.fromEntries(
      Object.entries(order).filter(([, value]) => value !== undefined),
    );
    const reply = await scene.place(trader, params);
    equal(reply.status, expected[0], name);
    check(reply, expected);
  }
  equal(scene.world.openOrders(trader.account).length, 1);
  equal(trader.account.orders.length, 1);
  deepEqual(scene.world.exchange.totals(), before);
});

const states: readonly (readonly [string, Params, Expected | undefined])[] = [
  ["CancelOnly", anOrder(), [400, "TRADING_PAUSED", "Market does not take this order now"]],
  ["LimitOnly", aMarketOrder(), [400, "TRADING_PAUSED", "Market does not take this order now"]],
  ["LimitOnly", anOrder(), undefined],
  ["PostOnly", aMarketOrder(), [400, "TRADING_PAUSED", "Market only takes post-only orders"]],
  ["PostOnly", anOrder(), undefined],
];

Deno.test("what a market takes depends on its state", async () => {
  await using scene = new ServedScene();
  const trader = scene.trader();
  for (const [state, order, expected] of states) {
    if (state === "CancelOnly" || state === "LimitOnly" || state === "PostOnly") {
      scene.world.setState(PERP, state);
    }
    const reply = await scene.place(trader, order);
    if (expected === undefined) equal(reply.status, 200);
    else check(reply, expected);
  }
});

async function lookUp(scene: ServedScene, trader: Trader, method: string, params: Params) {
  const instruction = method === "GET" ? "orderQuery" : "orderCancel";
  return await scene.send(trader, method, "/api/v1/order", { instruction, params });
}

Deno.test("an order that is not open is not found, whatever became of it", async () => {
  await using scene = new ServedScene();
  const trader = scene.trader();
  const filled = await scene.place(trader, aMarketOrder());
  const foreign = await scene.place(scene.trader(), anOrder());
  const absent: readonly Params[] = [
    { symbol: PERP, orderId: filled.json.id },
    { symbol: PERP, orderId: foreign.json.id },
    { symbol: PERP, orderId: "1" },
    { symbol: PERP, clientId: 12 },
  ];
  for (const method of ["GET", "DELETE"]) {
    for (const params of absent) {
      check(await lookUp(scene, trader, method, params), [404, "RESOURCE_NOT_FOUND", "Not Found"]);
    }
    const both = { symbol: PERP, clientId: 12, orderId: "1" };
    const message = "Must specify exactly one of `orderId` and `clientId`";
    check(await lookUp(scene, trader, method, both), [400, invalid, message]);
    check(await lookUp(scene, trader, method, { symbol: PERP }), [400, invalid, message]);
  }
});

Deno.test("a cancel in an unknown market is refused as the body it is", async () => {
  await using scene = new ServedScene();
  const reply = await lookUp(scene, scene.trader(), "DELETE", { symbol: "NO_SUCH", orderId: "1" });
  check(reply, [
    400,
    'parse request payload error: failed to parse "MarketSymbol": Invalid market symbol ' +
    '(occurred while parsing "OrderCancelPayload")',
  ]);
});

Deno.test("one order that cannot be valid refuses its whole batch", async () => {
  await using scene = new ServedScene();
  const trader = scene.trader();
  const batch = (params: readonly Params[]) =>
    scene.send(trader, "POST", "/api/v1/orders", { instruction: "orderExecute", params });
  check(await batch([anOrder(), anOrder({ price: "99.001" })]), [
    400,
    invalid,
    "Price decimal too long",
  ]);
  equal(scene.world.openOrders(trader.account).length, 0);
  const many = Array.from({ length: 51 }, () => anOrder({ quantity: "0.01" }));
  check(await batch(many), [400, invalid, "A batch holds at most 50 orders"]);
  equal((await batch(many.slice(0, 50))).status, 200);
  equal(scene.world.openOrders(trader.account).length, 50);
});

Deno.test("a body that is no JSON, and none at all, are refused as text", async () => {
  await using scene = new ServedScene();
  for (const body of ["{", "", "3"]) {
    const response = await fetch(`${scene.url}/api/v1/order`, { method: "POST", body });
    equal(response.status, 400);
    match(await response.text(), /^parse request payload error: /);
  }
});

Deno.test("reasons without a name of their own still have a word", () => {
  equal(orderRefusal("FillOrKill").message, "Invalid order");
  equal(expiryWord("TradingPaused"), "Unknown");
  equal(expiryWord("PostOnlyTaker"), "PostOnlyTaker");
});

Deno.test("a quantity above the most is refused by name", async () => {
  await using scene = new ServedScene({ markets: [aMarket(PERP, { maxQuantity: "1" })] });
  const trader = scene.trader();
  check(await scene.place(trader, anOrder({ quantity: "1.01" })), [
    400,
    "INVALID_QUANTITY",
    "Quantity is above the maximum allowed value",
  ]);
});
