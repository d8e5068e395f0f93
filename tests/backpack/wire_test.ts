// The door as a whole: every recorded message and what it means, then messages broken on purpose.
// Whatever comes in, an event, a fault or nothing comes out, and never another exception.

import assert from "node:assert/strict";
import fc from "fast-check";
import { parseFrame } from "../../lib/backpack/wire.ts";
import {
  readAccount,
  readCapital,
  readCollateral,
  readPositions,
} from "../../lib/backpack/wire_account.ts";
import { readKlines, readTicker, readTickers } from "../../lib/backpack/wire_bar.ts";
import { WireFault } from "../../lib/backpack/wire_fault.ts";
import {
  readFills,
  readFundingHistory,
  readOrderHistory,
} from "../../lib/backpack/wire_history.ts";
import { readMarket, readMarkets } from "../../lib/backpack/wire_market.ts";
import { readBatch, readOrder, readOrders } from "../../lib/backpack/wire_order.ts";
import {
  readDepth,
  readFundingRates,
  readMarkPrices,
  readStatus,
  readTime,
  readTrades,
} from "../../lib/backpack/wire_public.ts";
import { readRefusal } from "../../lib/backpack/wire_refusal.ts";
import { marketOf, markets, plain, sharedTest } from "./examples.ts";
import { accepted, depth, type Message, type Sample, samples, touch, trade } from "./samples.ts";

const sol = marketOf("SOL_USDC");
const btc = marketOf("BTC_USDC_PERP");

const some = (...names: string[]) => new Map(names.map((name) => [name, marketOf(name)]));
const frame = (text: string) => parseFrame(text, markets);
/** A recorded payload without its envelope. */
const payload = (stream: string) => (text: string) =>
  frame(JSON.stringify({ stream, data: JSON.parse(text) }));

const usdtAsk = {
  market: "USDT_USDC",
  orderId: "59669287267",
  side: "ask",
  type: "limit",
  timeInForce: "GTC",
  price: 10_077,
  quantity: 200,
  executed: 0,
  executedQuote: 0,
  postOnly: true,
};
const usdtReply = { ...usdtAsk, reduceOnly: false, createdAt: 1_788_285_244_094_000 };

/** Every recorded message a trader reads, the reader for it and what it means. */
const meanings: readonly (readonly [string, (text: string) => unknown, unknown])[] = [
  ["rest.get-status.json", readStatus, { state: "Ok" }],
  ["rest.get-time.txt", readTime, 1_788_285_151_083_000],
  ["rest.get-ticker.USDT_USDC.json", (text) => readTicker(text, markets), {
    market: "USDT_USDC",
    prices: { open: 9_999, high: 9_999, low: 9_996, close: 9_998 },
    volume: 80_813_000,
    quoteVolume: 8_079_299.2523,
    trades: 3_073,
  }],
  ["rest.get-depth.SOL_USDC.json", (text) => readDepth(text, sol), {
    time: 1_788_283_696_669_335,
    lastId: 4_324_419_962,
    bids: [{ price: 10_097, quantity: 3_676 }, { price: 10_096, quantity: 18_809 }],
    asks: [{ price: 10_101, quantity: 19_166 }, { price: 10_102, quantity: 22_803 }],
  }],
  ["rest.get-depth.spec-example.json", (text) => readDepth(text, marketOf("ETH_MILLI")), {
    time: 1_684_026_955_123_000,
    lastId: 1_684_026_955_123,
    bids: [{ price: 2_050, quantity: 499_555 }, { price: 2_012, quantity: 255_123 }],
    asks: [{ price: 2_190, quantity: 500_123 }, { price: 2_210, quantity: 2_321_110 }],
  }],
  ["rest.get-klines.json", (text) => readKlines(text, sol), [{
    start: 1_788_283_380_000_000,
    end: 1_788_283_440_000_000,
    prices: { open: 10_113, high: 10_113, low: 10_110, close: 10_110 },
    volume: 44,
    trades: 2,
  }]],
  ["rest.get-klines.empty-interval.json", (text) => readKlines(text, sol), [{
    start: 1_788_283_380_000_000,
    end: 1_788_283_440_000_000,
    volume: 0,
    trades: 0,
  }]],
  ["rest.get-trades.json", (text) => readTrades(text, btc), [{
    tradeId: 8_721_563,
    time: 1_753_123_916_819_000,
    price: 1_174_276,
    quantity: 16,
    aggressor: "bid",
  }]],
  ["rest.get-tickers.json", (text) => readTickers(text, some("SOL_USDC", "ETH_USDC_PERP")), [
    {
      market: "SOL_USDC",
      prices: { open: 10_150, high: 10_231, low: 9_943, close: 9_975 },
      volume: 661_408,
      quoteVolume: 666_909.497,
      trades: 2_424,
    },
    {
      market: "ETH_USDC_PERP",
      prices: { open: 252_301, high: 252_749, low: 246_089, close: 247_853 },
      volume: 33_197_944,
      quoteVolume: 8_280_596.044234,
      trades: 7_259,
    },
  ]],
  [
    "rest.get-markPrices.json",
    (text) => readMarkPrices(text, some("QQQ.US_USDC_PERP", "ETH_USDC_PERP")),
    [
      {
        market: "QQQ.US_USDC_PERP",
        price: 70_798,
        indexPrice: 70_875,
        fundingRate: -0.000067905249028866543811955,
        nextFundingAt: 1_789_340_400_000_000,
      },
      {
        market: "ETH_USDC_PERP",
        price: 247_792,
        indexPrice: 247_925,
        fundingRate: 0.0000120665067208220919909789,
        nextFundingAt: 1_789_340_400_000_000,
      },
    ],
  ],
  ["rest.get-fundingRates.json", (text) => readFundingRates(text).slice(0, 2), [
    { time: 1_789_340_400_000_000, rate: 0.000001254 },
    { time: 1_789_336_800_000_000, rate: 0.000008311 },
  ]],
  ["rest.get-market.SOL_USDC_PERP.json", readMarket, "SOL_USDC_PERP"],
  ["rest.get-markets.json", (text) => [...readMarkets(text).markets.keys()], [
    ...["SOL_USDC", "BTC_USDC_PERP", "IP_USDC_PERP", "kPEPE_USDC_PERP", "MU.US_USDC_PERP"],
  ]],
  ["rest.get-account.constructed.json", readAccount, {
    spotFees: { maker: 8, taker: 10 },
    perpFees: { maker: 2, taker: 5 },
    leverageLimit: 10,
    liquidating: false,
    autoLend: true,
    autoBorrowSettlements: true,
    autoRepayBorrows: true,
    autoRealizePnl: true,
    limitOrders: 0,
    triggerOrders: 0,
  }],
  ["rest.get-capital.json", readCapital, {
    USDT: { available: 3_000_000_000, locked: 0, staked: 0 },
  }],
  ["rest.get-capital-collateral.json", readCollateral, {
    assetsValue: 2_849_145_000,
    liabilitiesValue: 0,
    netEquity: 2_849_145_000,
    netEquityAvailable: 2_849_145_000,
    netEquityLocked: 0,
    netExposureFutures: 0,
    unrealised: 0,
    unsettled: 0,
    initialMargin: 1,
    maintenanceMargin: 0.007,
    assets: [{
      asset: "USDT",
      total: 3_000_000_000,
      available: 3_000_000_000,
      lent: 0,
      inOrders: 0,
      markPrice: 0.9997,
      weight: 0.95,
    }],
  }],
  ["rest.get-position.empty.json", (text) => readPositions(text, markets), []],
  ["rest.get-position.json", (text) => readPositions(text, markets), [{
    market: "ETH_USDC_PERP",
    quantity: 36,
    entryTicks: 382_688.8888888889,
    mark: 378_747,
    realised: 0,
    unrealised: -14_191_400,
    exposureQuantity: 36,
    exposureNotional: 1_363_488_528,
    initialMargin: 0.02,
    maintenanceMargin: 0.0125,
    fundingPayment: -921_800,
  }]],
  ["rest.post-order.limit-post-only.response.json", (text) => readOrder(text, markets), {
    ...usdtReply,
    status: "open",
  }],
  ["rest.get-orders.response.json", (text) => readOrders(text, markets), [{
    ...usdtReply,
    status: "open",
  }]],
  ["rest.delete-order.response.json", (text) => readOrder(text, markets), {
    ...usdtReply,
    status: "cancelled",
  }],
  ["rest.post-order.market-filled.response.json", (text) => readOrder(text, markets), {
    market: "ETH_USDC",
    orderId: "4227701917",
    side: "bid",
    type: "market",
    status: "filled",
    timeInForce: "GTC",
    quantity: 10,
    executed: 10,
    executedQuote: 381_428_000,
    postOnly: false,
    reduceOnly: false,
    createdAt: 1_753_624_283_415_000,
  }],
  ["rest.post-orders.batch.response.json", (text) => readBatch(text, markets), [
    {
      kind: "placed",
      order: {
        market: "SOL_USDC",
        orderId: "114",
        side: "bid",
        type: "limit",
        status: "open",
        timeInForce: "GTC",
        price: 5_000,
        quantity: 100,
        executed: 0,
        executedQuote: 0,
        postOnly: false,
        reduceOnly: false,
        createdAt: 1_788_283_696_669_000,
      },
    },
    { kind: "refused", refusal: { code: "INSUFFICIENT_FUNDS", message: "Insufficient funds" } },
  ]],
  ["rest.get-history-orders.response.json", (text) => readOrderHistory(text, markets), [
    { ...usdtAsk, status: "cancelled", createdAt: 1_788_285_244_094_000, origin: "user" },
    {
      ...usdtAsk,
      orderId: "59669039887",
      status: "cancelled",
      createdAt: 1_788_285_157_776_000,
      origin: "user",
    },
  ]],
  ["rest.get-history-fills.response.json", (text) => readFills(text, markets), [{
    market: "ETH_USDC_PERP",
    time: 1_753_637_940_092_000,
    fillId: 9_748_827,
    orderId: "4238907375",
    side: "bid",
    price: 382_615,
    quantity: 26,
    maker: false,
    origin: "user",
    feeCash: 497_400,
    feeBase: 0,
  }]],
  ["rest.get-history-funding.response.json", (text) => readFundingHistory(text, markets), [{
    market: "ETH_USDC_PERP",
    time: 1_754_064_000_000_000,
    payment: -130_100,
    rate: 0.0001,
  }]],
  ["error.400.invalid-market-symbol.json", readRefusal, {
    code: "INVALID_CLIENT_REQUEST",
    message: "Invalid market symbol",
  }],
  ["error.400.parameter-parse.txt", readRefusal, {
    message: 'failed to parse parameter `limit`: failed to parse "DepthLimit": ' +
      "Expect a valid enumeration value.",
  }],
  ["error.400.price-too-far.json", readRefusal, {
    code: "INVALID_PRICE",
    message: "Price is too far from the last active price",
  }],
  ["error.400.trigger-pair.json", readRefusal, {
    code: "INVALID_CLIENT_REQUEST",
    message: "Must specify both `triggerPrice` and `triggerQuantity` or neither",
  }],
  ["error.404.closed-market-depth.json", readRefusal, {
    code: "RESOURCE_NOT_FOUND",
    message: "Not Found",
  }],
  ["ws.account.balanceUpdate.locked.json", frame, {
    kind: "balance",
    time: 1_788_368_290_062_981,
    asset: "USDT",
    available: 1_000_000_000,
    locked: 2_000_000_000,
    staked: 0,
  }],
  ["ws.account.orderUpdate.accepted.json", frame, {
    ...usdtAsk,
    kind: "order",
    time: 1_788_368_290_062_979,
    change: { kind: "accepted" },
    orderId: "59887375336",
    status: "open",
    price: 10_076,
    reduceOnly: false,
    origin: "user",
  }],
  ["ws.account.orderUpdate.fill.json", frame, {
    kind: "order",
    time: 1_754_939_110_174_705,
    change: {
      kind: "fill",
      fillId: 2_888_471,
      price: 429_916,
      quantity: 10,
      maker: false,
      feeCash: 0,
      feeBase: 100,
    },
    market: "ETH_USDC",
    orderId: "5406825793",
    side: "bid",
    type: "market",
    status: "filled",
    timeInForce: "GTC",
    quantity: 10,
    executed: 10,
    executedQuote: 429_916_000,
    postOnly: false,
    reduceOnly: false,
    origin: "user",
  }],
  ["ws.account.orderUpdate.spec.json", payload("account.orderUpdate"), {
    kind: "order",
    time: 1_694_687_692_989_999,
    change: { kind: "accepted" },
    market: "SOL_USD",
    orderId: "1111343026172067",
    clientId: 123,
    side: "bid",
    type: "limit",
    status: "open",
    timeInForce: "GTC",
    price: 2_000,
    quantity: 3_212_300,
    executed: 32_100,
    executedQuote: 12_300_000_000,
    postOnly: true,
    reduceOnly: false,
    origin: "user",
  }],
  ["ws.account.positionUpdate.opened.json", frame, {
    kind: "positions",
    time: 1_754_943_862_040_487,
    change: "opened",
    positions: [{
      market: "ETH_USDC_PERP",
      quantity: 10,
      entryTicks: 423_636,
      mark: 423_589,
      realised: 0,
      unrealised: -47_300,
      exposureQuantity: 10,
      exposureNotional: 423_588_651,
      initialMargin: 0.02,
      maintenanceMargin: 0.0125,
    }],
  }],
  ["ws.account.positionUpdate.spec.json", payload("account.positionUpdate"), {
    kind: "positions",
    time: 1_694_687_692_989_999,
    change: "opened",
    positions: [{
      market: "SOL_USDC_PERP",
      quantity: 500,
      entryTicks: 12_200,
      mark: 12_200,
      realised: -100_000_000,
      unrealised: 0,
      exposureQuantity: 600,
      exposureNotional: 73_200_000_000,
      initialMargin: 0.5,
      maintenanceMargin: 0.01,
    }],
  }],
  ["ws.depth.200ms.ETH_USDC_PERP.json", frame, {
    kind: "depth",
    market: "ETH_USDC_PERP",
    time: 1_790_134_357_900_446,
    firstId: 7_501_116_422,
    lastId: 7_501_116_464,
    bids: [
      { price: 275_443, quantity: 450_537 },
      { price: 275_533, quantity: 0 },
      { price: 276_310, quantity: 1_579 },
    ],
    asks: [
      { price: 276_695, quantity: 69_498 },
      { price: 276_698, quantity: 228_939 },
      { price: 276_699, quantity: 2_710 },
    ],
  }],
  ["ws.depth.empty-levels.json", frame, {
    kind: "depth",
    market: "ETH_USDC",
    time: 1_754_903_057_554_352,
    firstId: 1_345_937_436,
    lastId: 1_345_937_436,
    bids: [],
    asks: [],
  }],
  ["ws.error.invalid-signature.json", frame, {
    kind: "refusal",
    code: 4003,
    message: "Invalid signature",
  }],
  ["ws.error.invalid-stream.json", frame, {
    kind: "refusal",
    code: 4006,
    message: "Invalid stream",
  }],
  ["ws.error.parse.json", frame, { kind: "refusal", code: 4002, message: "Parse error" }],
  ["ws.kline.empty-closed.json", frame, {
    kind: "bar",
    market: "SOL_USDC",
    time: 1_788_367_440_511_558,
    bar: {
      start: 1_788_367_380_000_000,
      end: 1_788_367_440_000_000,
      volume: 0,
      trades: 0,
    },
    closed: true,
  }],
  ["ws.markPrice.json", frame, {
    kind: "mark",
    time: 1_788_367_430_421_396,
    market: "SOL_USDC_PERP",
    price: 9_894,
    indexPrice: 9_895,
    fundingRate: 0.0000125,
    nextFundingAt: 1_788_368_400_000_000,
  }],
  ["ws.ticker.json", frame, {
    kind: "ticker",
    time: 1_788_367_430_549_233,
    market: "SOL_USDC",
    prices: { open: 10_087, high: 10_119, low: 9_738, close: 9_898 },
    volume: 1_508_956,
    quoteVolume: 1_498_114.9234,
    trades: 6_796,
  }],
  ["ws.trade.json", frame, {
    kind: "trade",
    market: "ETH_USDC_PERP",
    time: 1_754_601_477_744_000,
    tradeId: 10_782_547,
    price: 387_025,
    quantity: 8,
    aggressor: "bid",
  }],
  // Streams nobody here reads.
  ["ws.liquidation.spec.json", payload("liquidation"), undefined],
  ["ws.openInterest.spec.json", payload("openInterest.SOL_USDC_PERP"), undefined],
];

/** Recorded files that are no message to a trader: requests, headers, routes nobody here asks. */
const others = /request|response-headers|get-ping|get-assets|get-openInterest|ws\.sequence|INDEX/;

for (const [file, read, meaning] of meanings) {
  sharedTest(`the recorded ${file} means what it says`, `backpack/examples/${file}`, (text) => {
    assert.deepEqual(plain(read(text)), meaning);
  });
}

sharedTest("no recorded message is left out", "backpack/examples/INDEX.json", (text) => {
  const index: { readonly files: readonly { readonly file: string }[] } = JSON.parse(text);
  const read = new Set(meanings.map(([file]) => file));
  const left = index.files.map(({ file }) => file)
    .filter((file) => !read.has(file) && !others.test(file));
  assert.deepEqual(left, []);
});

sharedTest(
  "a recorded sequence of frames keeps its order of ids",
  "backpack/examples/ws.sequence.bookTicker-depth.SOL_USDC.jsonl",
  (text) => {
    const told = lines(text).map((line) => {
      const event = frame(line);
      assert(event !== undefined && "lastId" in event, line);
      return `${event.kind} ${event.lastId}`;
    });
    assert.deepEqual(told, [
      ...["touch 4330360995", "depth 4330360995", "depth 4330360996", "depth 4330360997"],
      ...["touch 4330360998", "depth 4330360998", "depth 4330360999", "touch 4330361000"],
      ...["depth 4330361000", "depth 4330361001"],
    ]);
  },
);

sharedTest(
  "recorded frames of many days are read",
  "data/samples/backpack-ws-messages.jsonl",
  (text) => {
    const told = lines(text).map((line) => plain(frame(line)));
    assert.deepEqual(told.slice(0, 3), [
      {
        kind: "touch",
        market: "SOL_USDC",
        time: 1_736_172_777_497_712,
        lastId: 1_802_083_092,
        bid: { price: 21_858, quantity: 5_602 },
        ask: { price: 21_861, quantity: 1_960 },
      },
      {
        kind: "depth",
        market: "SOL_USDC",
        time: 1_736_172_778_151_673,
        firstId: 1_802_083_134,
        lastId: 1_802_083_137,
        bids: [
          { price: 21_812, quantity: 2 },
          { price: 21_860, quantity: 2_235 },
          { price: 21_861, quantity: 1_388 },
        ],
        asks: [{ price: 21_900, quantity: 298 }],
      },
      {
        kind: "trade",
        market: "SOL_USDC",
        time: 1_736_186_248_744_398,
        tradeId: 341_399_899,
        price: 21_850,
        quantity: 7,
        aggressor: "ask",
      },
    ]);
    const kinds = lines(text).map((line) => {
      const event = frame(line);
      return event === undefined || event instanceof WireFault ? event : event.kind;
    });
    assert.deepEqual(kinds.slice(3), [
      ...["touch", "depth", "touch", "touch", "depth", "touch", "depth", "depth", "mark", "ticker"],
      ...["refusal", "refusal", "refusal"],
    ]);
  },
);

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

// From here on: messages broken on purpose.

/** What came of reading: the value, or the fault, thrown or returned. Anything else passes through. */
function outcome(read: (text: string) => unknown, text: string): unknown {
  try {
    return read(text);
  } catch (error) {
    if (error instanceof WireFault) return error;
    throw error;
  }
}

function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function first({ message }: Sample): Message {
  const one = isMessage(message) ? message : message[0];
  assert(one !== undefined);
  return one;
}

function wrapped(sample: Sample, message: unknown): string {
  return JSON.stringify(isMessage(sample.message) ? message : [message]);
}

Deno.test("each kind of message is read as it is", () => {
  for (const sample of samples) {
    const got = outcome(sample.read, wrapped(sample, first(sample)));
    assert(got !== undefined && !(got instanceof WireFault), `${sample.name}: ${got}`);
  }
});

Deno.test("a missing field is a fault that names it, unless it may be missing; null is missing", () => {
  for (const sample of samples) {
    for (const absent of [undefined, null]) {
      const missed = Object.keys(first(sample)).filter((name) => {
        const got = outcome(sample.read, wrapped(sample, { ...first(sample), [name]: absent }));
        if (!(got instanceof WireFault)) return true;
        assert.equal(got.field, name, sample.name);
        return false;
      });
      // A balance that is null is not an asset that is not held.
      const optional = absent === null
        ? sample.optional.filter((name) => name !== "USDC")
        : sample.optional;
      assert.deepEqual(missed.sort(), [...optional].sort(), sample.name);
    }
  }
});

Deno.test("a field of the wrong type is a fault that names it, if anybody reads it", () => {
  for (const sample of samples) {
    const names = Object.keys(first(sample)).filter((name) => {
      const got = outcome(sample.read, wrapped(sample, { ...first(sample), [name]: {} }));
      return got instanceof WireFault;
    });
    const required = Object.keys(first(sample)).filter((name) => !sample.optional.includes(name));
    for (const name of required) assert(names.includes(name), `${sample.name}: ${name}`);
  }
});

Deno.test("fields nobody knows change nothing", () => {
  for (const sample of samples) {
    if (sample.name === "capital") continue;
    const more = { ...first(sample), zz: { deep: [1] }, constructor: "x", toString: null };
    assert.deepEqual(
      outcome(sample.read, wrapped(sample, more)),
      outcome(sample.read, wrapped(sample, first(sample))),
      sample.name,
    );
  }
});

/** Values nobody expects, as JSON. */
const junk = fc.oneof(
  fc.constantFrom(
    ...["null", "true", "0", "-1", "1e400", "-0", "1e21", "9007199254740993", "0.1", '""', '" "'],
    ...['"NaN"', '"1e5"', '"-5"', '"0"', '"99999999999999999999"', '"0.000000000000000000001"'],
    ...['"__proto__"', '"constructor"', '"2026-13-01T00:00:00"', "[]", "[[]]", "{}", "[null]"],
    ...['{"__proto__":{"s":"SOL_USDC"}}', '{"toString":1,"valueOf":2}', '[["1","1"],["1"]]'],
    ...[
      '[{"toString":null},{"length":1}]',
      `"${"9".repeat(400)}"`,
      `${"[".repeat(99)}${"]".repeat(99)}`,
    ],
  ),
  fc.json({ maxDepth: 2 }),
  fc.string().map((text) => JSON.stringify(text)),
  fc.integer().map(String),
);

/** A message in which one member somewhere is dropped or is something else. */
function broken(value: unknown): fc.Arbitrary<string> {
  const whole = JSON.stringify(value);
  const members = Array.isArray(value)
    ? value.map((member: unknown, i) => ({ name: i, member }))
    : isMessage(value)
    ? Object.entries(value).map(([name, member]) => ({ name, member }))
    : [];
  if (members.length === 0) return junk;
  const inside = fc.constantFrom(...members).chain(({ name, member }) =>
    fc.oneof(junk, broken(member), fc.constant(undefined)).map((text) => {
      const parts = members.filter((other) => other.name !== name || text !== undefined)
        .map((other) => {
          const shown = other.name === name ? text : JSON.stringify(other.member);
          return isMessage(value) ? `${JSON.stringify(other.name)}:${shown}` : shown;
        });
      return isMessage(value) ? `{${parts.join(",")}}` : `[${parts.join(",")}]`;
    })
  );
  const cut = fc.nat(whole.length).map((length) => whole.slice(0, length));
  return fc.oneof({ weight: 8, arbitrary: inside }, cut, junk);
}

Deno.test("whatever is broken, nothing but a WireFault comes of it", () => {
  for (const sample of samples) {
    let faults = 0;
    fc.assert(
      fc.property(broken(sample.message), (text) => {
        if (outcome(sample.read, text) instanceof WireFault) faults++;
      }),
      { numRuns: 400 },
    );
    assert(faults > 100, `${sample.name}: ${faults} faults only`);
  }
});

Deno.test("whatever the text, a frame is an event, a fault or nothing", () => {
  const frames = [touch, depth, accepted].map((data) => ({ stream: "bookTicker.SOL_USDC", data }));
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), ...frames.map(broken)), (text) => {
      const got = frame(text);
      assert(got === undefined || got instanceof WireFault || typeof got.kind === "string");
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("frames of every odd kind", () => {
  const data = JSON.stringify(touch);
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["", "body"],
    ["pong", "body"],
    ["null", "body"],
    ["[]", "body"],
    [`${"[".repeat(100_000)}${"]".repeat(100_000)}`, "body"],
    ["{}", "stream"],
    ['{"stream":7,"data":{}}', "stream"],
    ['{"stream":"bookTicker.SOL_USDC"}', "data"],
    ['{"stream":"bookTicker.SOL_USDC","data":[]}', "data"],
    [`{"stream":"bookTicker.DOGE_USDC","data":${data.replace("SOL_USDC", "DOGE_USDC")}}`, "s"],
    ['{"error":null,"id":1}', "stream"],
    ['{"error":{"code":"x","message":"y"}}', "code"],
    ['{"error":{"code":4002}}', "message"],
    // A market of that name would be found if look-ups went to the prototype.
    [`{"stream":"bookTicker.x","data":${data.replace("SOL_USDC", "__proto__")}}`, "s"],
    [`{"stream":"constructor","data":${data}}`, undefined],
    [`{"stream":"account.rfqUpdate.SOL_USDC_RFQ","data":${data}}`, undefined],
    [`{"stream":"bookTickers.SOL_USDC","data":${data}}`, undefined],
    ['{"stream":"account.positionUpdate","data":[]}', undefined],
  ];
  for (const [text, field] of cases) {
    const got = frame(text);
    assert.equal(got instanceof WireFault ? got.field : got, field, text.slice(0, 80));
  }
});

Deno.test("a frame that cannot be read says where and why in one line", () => {
  const text = JSON.stringify({ stream: "trade.SOL_USDC", data: { ...trade, p: "98.965" } });
  const fault = frame(text);
  assert(fault instanceof WireFault);
  assert.equal(
    fault.message,
    'Cannot read trade.SOL_USDC as p must be a price on the tick grid: current value is "98.965"',
  );
});
