// One message of every kind a trader reads, typed in from recordings, with its reader and the fields
// that may be missing. They are the seeds of the tests that break messages on purpose, and what the
// tests of single files vary.

import { parseFrame } from "../../lib/backpack/wire.ts";
import {
  readAccount,
  readCapital,
  readCollateral,
  readPositions,
} from "../../lib/backpack/wire_account.ts";
import { readKlines, readTicker, readTickers } from "../../lib/backpack/wire_bar.ts";
import {
  readFills,
  readFundingHistory,
  readOrderHistory,
} from "../../lib/backpack/wire_history.ts";
import { readMarket } from "../../lib/backpack/wire_market.ts";
import { readBatch, readOrder, readOrders } from "../../lib/backpack/wire_order.ts";
import {
  readDepth,
  readFundingRates,
  readMarkPrices,
  readStatus,
  readTrades,
} from "../../lib/backpack/wire_public.ts";
import { marketOf, markets } from "./examples.ts";

/** A JSON object. */
export type Message = { readonly [name: string]: unknown };

/** An order, accepted. */
export const accepted = {
  e: "orderAccepted",
  E: 1788368290063153,
  T: 1788368290062979,
  s: "SOL_USDC",
  S: "Ask",
  o: "LIMIT",
  f: "GTC",
  V: "RejectTaker",
  i: "59887375336",
  c: 2147483649,
  X: "New",
  q: "20.00",
  Q: "2015.2000",
  p: "100.76",
  z: "0",
  Z: "0",
  t: null,
  y: true,
  r: false,
  O: "USER",
};

/** The same order, partly filled. */
export const filled = {
  ...accepted,
  e: "orderFill",
  X: "PartiallyFilled",
  z: "5.00",
  Z: "503.800",
  t: 2888471,
  l: "5.00",
  L: "100.76",
  m: true,
  n: "0.403040",
  N: "USDC",
};

/** A position that was opened; numbers as text, as on the wire. */
export const opened = {
  e: "positionOpened",
  E: 1754943862040486,
  T: 1754943862040487,
  s: "SOL_USDC_PERP",
  i: 5411399049,
  q: "-1.50",
  Q: "-2.00",
  n: "200.5",
  B: "100.255",
  b: "100.3",
  M: "100.249",
  p: "0",
  P: "0.009",
  f: "0.02",
  m: "0.0125",
  l: "0",
};

/** The best level of both sides. */
export const touch = {
  e: "bookTicker",
  E: 1788367430247487,
  T: 1788367430246081,
  s: "SOL_USDC",
  a: "98.97",
  A: "22.39",
  b: "98.96",
  B: "288.77",
  u: 4330360995,
};

/** A change of the book; a quantity of zero removes a level. */
export const depth = {
  e: "depth",
  E: 1788367430247494,
  T: 1788367430246081,
  s: "SOL_USDC",
  U: 4330360995,
  u: 4330360997,
  a: [["98.97", "22.39"], ["99.00", "0.00"]],
  b: [["98.96", "1.10"]],
};

/** A trade between strangers. */
export const trade = {
  e: "trade",
  E: 1788367430247494,
  T: 1788367430246081,
  s: "SOL_USDC",
  p: "98.96",
  q: "0.25",
  a: "5121860761",
  b: "5121861755",
  t: 10782547,
  m: true,
};

/** A mark price with a long index and a long rate. */
export const mark = {
  e: "markPrice",
  E: 1788367430422109,
  T: 1788367430421396,
  s: "SOL_USDC_PERP",
  p: "98.94",
  i: "98.94998504",
  f: "0.0000120665067208220919909789",
  n: 1788368400000,
};

/** A candle that closed. */
export const kline = {
  e: "kline",
  E: 1788367440511558,
  s: "SOL_USDC",
  t: "2026-09-02T16:43:00",
  T: "2026-09-02T16:44:00",
  o: "98.95",
  h: "98.99",
  l: "98.90",
  c: "98.96",
  v: "12.34",
  n: 7,
  X: true,
};

/** A day. */
export const ticker = {
  e: "ticker",
  E: 1788367430549233,
  s: "SOL_USDC",
  o: "100.87",
  c: "98.98",
  h: "101.19",
  l: "97.38",
  v: "15089.56",
  V: "1498114.9234",
  n: 6796,
};

/** A balance that changed. */
export const balance = {
  e: "balanceUpdate",
  E: 1788368290063168,
  T: 1788368290062981,
  a: "USDC",
  A: "10",
  L: "20.123456789",
  S: "0",
};

/** An order in a reply. */
export const order = {
  id: "59669287267",
  clientId: 2147483650,
  symbol: "SOL_USDC_PERP",
  side: "Bid",
  orderType: "Limit",
  status: "New",
  createdAt: 1788285244094,
  price: "100.77",
  quantity: "20",
  executedQuantity: "0.5",
  executedQuoteQuantity: "50.385",
  timeInForce: "GTC",
  postOnly: true,
  reduceOnly: null,
  selfTradePrevention: "RejectTaker",
  triggerPrice: null,
  triggeredAt: null,
};

/** The market of the official client's test. */
export const marketRow = {
  symbol: "SOL_USDC_PERP",
  baseSymbol: "SOL",
  quoteSymbol: "USDC",
  marketType: "PERP",
  orderBookState: "Open",
  createdAt: "2025-01-21T06:34:54.691858",
  visible: true,
  filters: {
    price: {
      tickSize: "0.01",
      minPrice: "0.01",
      maxPrice: "1000",
      minMultiplier: "0.25",
      maxMultiplier: "2",
      minImpactMultiplier: "0.99",
      maxImpactMultiplier: "1.01",
      meanMarkPriceBand: { minMultiplier: "0.9", maxMultiplier: "1.1" },
      meanPremiumBand: { tolerancePct: "0.05" },
    },
    quantity: { stepSize: "0.01", minQuantity: "0.01", maxQuantity: null },
  },
  fundingInterval: 3600000,
  fundingRateLowerBound: "-100",
  fundingRateUpperBound: "100",
  imfFunction: { type: "sqrt", base: "0.02", factor: "0.00006" },
  mmfFunction: { type: "sqrt", base: "0.0135", factor: "0.000036" },
  openInterestLimit: "4000000",
  positionLimitWeight: "1",
};

/** A fill in the history, where the client id is text. */
export const pastFill = {
  tradeId: 9748827,
  orderId: "4238907375",
  clientId: "2147483650",
  symbol: "SOL_USDC",
  side: "Bid",
  price: "98.96",
  quantity: "2.60",
  fee: "0.00208",
  feeSymbol: "SOL",
  isMaker: false,
  timestamp: "2025-07-27T17:39:00.092",
  systemOrderType: null,
};

/** An order in the history. */
export const pastOrder = {
  id: "59669287267",
  clientId: null,
  symbol: "SOL_USDC",
  side: "Ask",
  orderType: "Limit",
  status: "Expired",
  createdAt: "2026-09-01T17:54:04.094",
  price: "100.77",
  quantity: "20",
  quoteQuantity: "2015.4",
  executedQuantity: "1",
  executedQuoteQuantity: "100.77",
  timeInForce: "IOC",
  postOnly: false,
  selfTradePrevention: "RejectTaker",
  expiryReason: "ImmediateOrCancel",
  systemOrderType: null,
  triggerPrice: null,
};

/** A position in a reply. */
export const position = {
  symbol: "SOL_USDC_PERP",
  positionId: "4238420454",
  netQuantity: "0.36",
  netCost: "36.05",
  netExposureQuantity: "0.36",
  netExposureNotional: "36.034885278944",
  entryPrice: "100.1388888888888888888888889",
  breakEvenPrice: "100.3",
  markPrice: "100.09690355",
  estLiquidationPrice: "81.2345",
  imf: "0.02",
  mmf: "0.0125",
  pnlRealized: "0",
  pnlUnrealized: "-0.141914",
  cumulativeFundingPayment: "-0.009218",
  cumulativeInterest: "0",
  userId: 1813870,
  subaccountId: null,
};

/** A message with its reader, and the fields of it (`data` of a frame) that may be missing. */
export interface Sample {
  readonly name: string;
  readonly message: Message | readonly Message[];
  readonly optional: readonly string[];
  readonly read: (text: string) => unknown;
}

function inFrame(stream: string, message: Message, optional: readonly string[]): Sample {
  const read = (text: string) => parseFrame(`{"stream":"${stream}","data":${text}}`, markets);
  return { name: stream, message, optional, read };
}

const sol = marketOf("SOL_USDC");

const reply = (
  name: string,
  message: Message | readonly Message[],
  read: (text: string) => unknown,
  optional: readonly string[],
): Sample => ({ name, message, read, optional });

/** Every kind. */
export const samples: readonly Sample[] = [
  inFrame("account.orderUpdate.SOL_USDC", accepted, ["E", "V", "c", "Q", "t", "y", "r"]),
  inFrame("account.orderUpdate", filled, ["E", "V", "c", "Q", "y", "r"]),
  // Without T the time is E; without e it is the first message.
  inFrame("account.positionUpdate", opened, ["e", "E", "T", "i", "b", "l"]),
  inFrame("account.balanceUpdate", balance, ["E"]),
  // Without a price the side is empty.
  inFrame("bookTicker.SOL_USDC", touch, ["e", "E", "a", "b"]),
  inFrame("depth.200ms.SOL_USDC", depth, ["e", "E"]),
  inFrame("trade.SOL_USDC", trade, ["e", "E", "a", "b"]),
  inFrame("markPrice.SOL_USDC_PERP", mark, ["e", "E", "i", "f", "n"]),
  inFrame("kline.1m.SOL_USDC", kline, ["e"]),
  inFrame("ticker.SOL_USDC", ticker, ["e"]),
  reply("order", order, (text) => readOrder(text, markets), [
    ...["clientId", "postOnly", "reduceOnly", "selfTradePrevention", "triggerPrice", "triggeredAt"],
  ]),
  reply("orders", [order], (text) => readOrders(text, markets), [
    ...["clientId", "postOnly", "reduceOnly", "selfTradePrevention", "triggerPrice", "triggeredAt"],
  ]),
  reply("batch", [{ operation: "Ok", ...order }], (text) => readBatch(text, markets), [
    ...["clientId", "postOnly", "reduceOnly", "selfTradePrevention", "triggerPrice", "triggeredAt"],
  ]),
  reply(
    "refused batch",
    [{ operation: "Err", code: "INSUFFICIENT_FUNDS", message: "Insufficient funds" }],
    (text) => readBatch(text, markets),
    [],
  ),
  reply("fills", [pastFill], (text) => readFills(text, markets), [
    ...["tradeId", "clientId", "systemOrderType"],
  ]),
  reply("order history", [pastOrder], (text) => readOrderHistory(text, markets), [
    ...["clientId", "quoteQuantity", "postOnly", "selfTradePrevention", "expiryReason"],
    ...["systemOrderType", "triggerPrice"],
  ]),
  reply(
    "funding history",
    [{
      userId: 1,
      subaccountId: 0,
      symbol: "SOL_USDC_PERP",
      quantity: "-0.001301",
      intervalEndTimestamp: "2025-08-01T16:00:00",
      fundingRate: "0.0001",
    }],
    (text) => readFundingHistory(text, markets),
    ["userId", "subaccountId"],
  ),
  reply("positions", [position], (text) => readPositions(text, markets), [
    ...["positionId", "netCost", "breakEvenPrice", "cumulativeInterest", "userId", "subaccountId"],
  ]),
  reply(
    "account",
    {
      autoBorrowSettlements: true,
      autoLend: false,
      autoRealizePnl: true,
      autoRepayBorrows: true,
      borrowLimit: "1000000",
      futuresMakerFee: "-0.5",
      futuresTakerFee: "5",
      leverageLimit: "10",
      limitOrders: 3,
      liquidating: false,
      positionLimit: "1000000",
      spotMakerFee: "8",
      spotTakerFee: "10",
      triggerOrders: 0,
    },
    readAccount,
    ["borrowLimit", "positionLimit"],
  ),
  reply(
    "capital",
    { USDC: { available: "30.5", locked: "1", staked: "0" } },
    readCapital,
    ["USDC"],
  ),
  reply(
    "collateral",
    {
      assetsValue: "28.49145",
      borrowLiability: "0",
      collateral: [{
        symbol: "USDT",
        assetMarkPrice: "0.9997",
        totalQuantity: "30",
        balanceNotional: "29.991",
        collateralWeight: "0.95",
        collateralValue: "28.49145",
        openOrderQuantity: "0",
        lendQuantity: "0",
        availableQuantity: "30",
      }],
      imf: "1",
      liabilitiesValue: "0",
      marginFraction: "0.5",
      mmf: "0.007",
      netEquity: "28.49145",
      netEquityAvailable: "28.49145",
      netEquityLocked: "0",
      netExposureFutures: "0",
      pnlUnrealized: "0",
      unsettledEquity: "0",
    },
    readCollateral,
    ["borrowLiability", "marginFraction"],
  ),
  reply("market", marketRow, readMarket, [
    ...["createdAt", "visible", "fundingInterval", "imfFunction", "mmfFunction"],
    ...["openInterestLimit", "positionLimitWeight"],
  ]),
  reply("status", { status: "Maintenance", message: "Back soon" }, readStatus, ["message"]),
  reply(
    "depth",
    {
      asks: [["101.01", "191.66"], ["101.02", "228.03"]],
      bids: [["100.96", "188.09"], ["100.97", "36.76"]],
      lastUpdateId: "4324419962",
      timestamp: 1788283696669335,
    },
    (text) => readDepth(text, sol),
    [],
  ),
  reply(
    "klines",
    [{
      start: "2026-09-01 17:23:00",
      end: "2026-09-01 17:24:00",
      open: "101.13",
      high: "101.13",
      low: "101.1",
      close: "101.1",
      volume: "0.44",
      quoteVolume: "44.4906",
      trades: "2",
    }],
    (text) => readKlines(text, sol),
    ["quoteVolume"],
  ),
  reply(
    "trades",
    [{
      id: 8721563,
      isBuyerMaker: false,
      price: "98.96",
      quantity: "0.16",
      quoteQuantity: "15.8336",
      timestamp: 1753123916819,
    }],
    (text) => readTrades(text, sol),
    ["id", "quoteQuantity"],
  ),
  reply(
    "mark prices",
    [{
      symbol: "SOL_USDC_PERP",
      markPrice: "98.94",
      indexPrice: "98.94998504",
      fundingRate: "-0.0000125",
      nextFundingTimestamp: 1789340400000,
    }],
    (text) => readMarkPrices(text, markets),
    ["indexPrice", "fundingRate", "nextFundingTimestamp"],
  ),
  reply(
    "funding rates",
    [{ symbol: "X", intervalEndTimestamp: "2026-09-13T23:00:00", fundingRate: "0.000001254" }],
    readFundingRates,
    ["symbol"],
  ),
  ...[
    ["tickers", (text: string) => readTickers(text, markets)] as const,
    ["ticker", (text: string) => readTicker(text, markets)] as const,
  ].map(([name, read]) => {
    const day = {
      symbol: "SOL_USDC",
      firstPrice: "101.5",
      lastPrice: "99.75",
      priceChange: "-1.75",
      priceChangePercent: "N/A",
      high: "102.31",
      low: "99.43",
      volume: "6614.08",
      quoteVolume: "666909.497",
      trades: "2424",
    };
    const optional = ["priceChange", "priceChangePercent"];
    return reply(name, name === "tickers" ? [day] : day, read, optional);
  }),
];
