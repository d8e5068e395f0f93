// Events to be told by socket, made up after the recordings in ../shared/backpack/examples, and what
// the frames of some of them must say.

import { cash, lots, micros, SECOND, ticks } from "../../lib/core/units.ts";
import type {
  FillFacts,
  OrderChange,
  OrderRecord,
  PositionFacts,
  Published,
} from "../../lib/local/published.ts";
import { marketOf } from "../backpack/examples.ts";

/** The members of `data`. */
export type Data = { readonly [name: string]: unknown };

/** When it all happens. */
export const start = micros(1_788_367_430 * SECOND);
const spot = marketOf("SOL_USDC");
/** The perp market of the events. */
export const perp = marketOf("SOL_USDC_PERP");
const eth = marketOf("ETH_USDC_PERP");
const usdt = marketOf("USDT_USDC");

/** A change of the book with that number; `change` is what else is different. */
export const depth = (firstId: number, change: Partial<Published & { kind: "depth" }> = {}) => ({
  kind: "depth",
  market: spot,
  time: start,
  firstId,
  lastId: firstId,
  bids: [],
  asks: [{ price: ticks(9_897), quantity: lots(2_239) }],
  ...change,
} as const);

/** New best levels. */
export const touch = {
  kind: "touch",
  market: spot,
  time: start,
  lastId: 4330360995,
  bid: { price: ticks(9_896), quantity: lots(28_877) },
  ask: { price: ticks(9_900), quantity: lots(2_230) },
} as const;

const bar = {
  start: 1_788_367_380,
  end: 1_788_367_440,
  trades: 0,
  volume: 0,
  quoteVolume: 0,
};

/** A post-only ask. */
export const request = {
  symbol: "USDT_USDC",
  side: "ask",
  type: "limit",
  price: ticks(10_076),
  quantity: lots(200),
  timeInForce: "GTC",
  postOnly: true,
  reduceOnly: false,
  selfTradePrevention: "RejectTaker",
} as const;

/** It, resting. */
export const resting: OrderRecord = {
  market: usdt,
  id: "59887375336",
  request,
  createdAt: start,
  status: "New",
  quantity: lots(200),
  executed: lots(0),
  executedQuote: cash(0),
  expiryReason: undefined,
  triggeredAt: undefined,
  systemOrderType: undefined,
};

/** A part that traded. */
export const fill: FillFacts = {
  tradeId: 2888471,
  price: ticks(276_695),
  quantity: lots(10),
  maker: false,
  feeAsset: "USDC",
  fee: 138_348,
};

/** A market order, filled. */
export const bought: OrderRecord = {
  ...resting,
  market: eth,
  request: {
    symbol: eth.symbol,
    side: "bid",
    type: "market",
    quantity: lots(10),
    timeInForce: "GTC",
    postOnly: false,
    reduceOnly: false,
    selfTradePrevention: "RejectTaker",
  },
  status: "Filled",
  quantity: lots(10),
  executed: lots(10),
  executedQuote: cash(276_695_000),
};

/** Something that happened to an order of account 1. */
export const order = (record: OrderRecord, change: OrderChange) =>
  ({ kind: "order", account: 1, time: start, change, order: record }) as const;

/** A short with an order that would add to it. */
export const position: PositionFacts = {
  market: eth,
  id: "5411399049",
  mark: ticks(423_588),
  view: {
    symbol: eth.symbol,
    lots: lots(-10),
    exposureLots: lots(-20),
    entryTicks: 423_636.5,
    breakEvenTicks: 423_847.9,
    liquidationTicks: undefined,
    realised: cash(-12_345),
    unrealised: cash(-47_300),
    funding: cash(0),
    initialMargin: cash(16_943_520),
    maintenanceMargin: cash(5_294_850),
  },
};

/** An event, who hears it, and which recording it looks like. */
export const rows: readonly {
  readonly stream: string;
  readonly event: Published;
  readonly example: string;
  readonly data: Data;
}[] = [
  {
    stream: "bookTicker.SOL_USDC",
    event: touch,
    example: "ws.sequence.bookTicker-depth.SOL_USDC.jsonl",
    data: { a: "99.00", A: "22.30", b: "98.96", B: "288.77", u: 4330360995, T: start },
  },
  {
    stream: "depth.SOL_USDC",
    event: depth(7, { bids: [{ price: ticks(9_890), quantity: lots(0) }] }),
    example: "ws.depth.empty-levels.json",
    data: { U: 7, u: 7, a: [["98.97", "22.39"]], b: [["98.90", "0.00"]] },
  },
  {
    stream: "trade.ETH_USDC_PERP",
    event: {
      kind: "trade",
      market: eth,
      time: start,
      tradeId: 10782547,
      price: ticks(387_020),
      quantity: lots(8),
      aggressor: "ask",
      buyerOrderId: "5121861755",
      sellerOrderId: "0",
    },
    example: "ws.trade.json",
    data: { p: "3870.20", q: "0.0008", b: "5121861755", a: "0", t: 10782547, m: true },
  },
  {
    stream: "ticker.SOL_USDC",
    event: {
      kind: "ticker",
      market: spot,
      time: start,
      first: ticks(10_087),
      last: ticks(9_898),
      high: ticks(10_119),
      low: ticks(9_738),
      volume: 1_508_950,
      quoteVolume: 149_811_492_340_000,
      trades: 6796,
    },
    example: "ws.ticker.json",
    data: { o: "100.87", c: "98.98", v: "15089.50", V: "1498114.9234", n: 6796 },
  },
  {
    stream: "kline.1m.SOL_USDC",
    event: {
      kind: "bar",
      market: spot,
      time: start,
      interval: "1m",
      bar: { ...bar, prices: undefined },
      closed: true,
    },
    example: "ws.kline.empty-closed.json",
    data: { t: "2026-09-02T16:43:00", T: "2026-09-02T16:44:00", o: null, v: null, n: 0, X: true },
  },
  {
    stream: "markPrice.SOL_USDC_PERP",
    event: {
      kind: "mark",
      market: perp,
      time: start,
      price: ticks(9_890),
      indexPrice: ticks(9_895),
      fundingRate: 0.0000125,
      nextFundingMs: 1788368400000,
    },
    example: "ws.markPrice.json",
    data: { p: "98.90", i: "98.95", f: "0.0000125", n: 1788368400000 },
  },
  {
    stream: "account.orderUpdate",
    event: order(resting, { kind: "accepted" }),
    example: "ws.account.orderUpdate.accepted.json",
    data: { e: "orderAccepted", q: "20.0", Q: "20.15200", z: "0", Z: "0", p: "1.0076", t: null },
  },
  {
    stream: "account.orderUpdate.ETH_USDC_PERP",
    event: order(bought, { kind: "fill", ...fill }),
    example: "ws.account.orderUpdate.fill.json",
    data: { e: "orderFill", l: "0.0010", L: "2766.95", n: "0.00138348", N: "USDC", Z: "2.766950" },
  },
  {
    stream: "account.positionUpdate",
    event: { kind: "position", account: 1, time: start, change: "opened", position },
    example: "ws.account.positionUpdate.opened.json",
    data: { q: "-0.0010", Q: "-0.0020", n: "8.47176", B: "4236.365", f: "0.02", m: "0.0125" },
  },
  {
    stream: "account.balanceUpdate",
    event: {
      kind: "balance",
      account: 1,
      time: start,
      asset: "USDT",
      available: 1_000_000_000,
      locked: 2_000_000_000,
    },
    example: "ws.account.balanceUpdate.locked.json",
    data: { a: "USDT", A: "10", L: "20", S: "0" },
  },
];
