// What the local exchange says to whoever listens, in the order the engine did it and with the
// engine's time. Streams are made of nothing else; replies show the same order records. Numbers are
// the house's own units: how the wire writes them is the business of those who print.

import type { Market } from "../core/market.ts";
import type { Level, Side } from "../core/strategy.ts";
import type { Cash, Lots, Micros, Ticks } from "../core/units.ts";
import type { PositionView } from "../exchange/margin.ts";
import type { OrderRequest } from "../exchange/order.ts";
import type { AccountId, Reason, Status, SystemOrderType } from "../exchange/report.ts";
import type { Bar, Interval } from "./bars.ts";

/** An order as it stood after the event that carries it. */
export interface OrderRecord {
  readonly market: Market;
  /** Digits; what the wire knows the order by. */
  readonly id: string;
  readonly request: OrderRequest;
  readonly createdAt: Micros;
  readonly status: Status;
  /** The whole order; undefined where an amount of money or a part of a position says how much. */
  readonly quantity: Lots | undefined;
  readonly executed: Lots;
  readonly executedQuote: Cash;
  readonly expiryReason: Reason | undefined;
  readonly triggeredAt: Micros | undefined;
  /** Present for orders the exchange itself made. */
  readonly systemOrderType: SystemOrderType | undefined;
}

/** A part of an order that traded. */
export interface FillFacts {
  readonly tradeId: number;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly maker: boolean;
  readonly feeAsset: string;
  /** In 1e-8 of `feeAsset`; negative = rebate. */
  readonly fee: number;
}

/** What happened to an order. */
export type OrderChange =
  | { readonly kind: "accepted" | "cancelled" | "modified" | "triggerPlaced" | "triggerFailed" }
  | { readonly kind: "expired"; readonly reason: Reason }
  | { readonly kind: "fill" } & FillFacts;

/** A public trade. */
export interface TradeFacts {
  /** Ascending in a market. */
  readonly tradeId: number;
  readonly time: Micros;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly aggressor: Side;
  /** "0" for an order of the crowd. */
  readonly buyerOrderId: string;
  readonly sellerOrderId: string;
}

/** The last 24 hours or 7 days of a market. */
export interface TickerFacts {
  readonly first: Ticks;
  readonly last: Ticks;
  readonly high: Ticks;
  readonly low: Ticks;
  /** In lots. */
  readonly volume: number;
  /** In 1e-8 of the quote currency; a plain number, as a busy day is more than `Cash` holds. */
  readonly quoteVolume: number;
  readonly trades: number;
}

/** The prices a market is valued at. */
export interface MarkFacts {
  readonly price: Ticks;
  readonly indexPrice: Ticks;
  /** Perps only: of the running interval, a fraction; positive: longs pay. */
  readonly fundingRate: number | undefined;
  /** Perps only, in ms. */
  readonly nextFundingMs: number | undefined;
}

/** A perp position as its holder sees it. */
export interface PositionFacts {
  readonly market: Market;
  /** Digits; a new one each time a position is opened from flat. */
  readonly id: string;
  readonly view: PositionView;
  readonly mark: Ticks;
}

/** One thing that happened. */
export type Published =
  /** New whole quantities of changed levels; 0 deletes. The next event begins at `lastId` + 1. */
  | {
    readonly kind: "depth";
    readonly market: Market;
    readonly time: Micros;
    readonly firstId: number;
    readonly lastId: number;
    readonly bids: readonly Level[];
    readonly asks: readonly Level[];
  }
  /** The best level of either side changed; undefined: that side is empty. */
  | {
    readonly kind: "touch";
    readonly market: Market;
    readonly time: Micros;
    readonly lastId: number;
    readonly bid: Level | undefined;
    readonly ask: Level | undefined;
  }
  | { readonly kind: "trade"; readonly market: Market } & TradeFacts
  /** Every second, also unchanged. */
  | { readonly kind: "mark"; readonly market: Market; readonly time: Micros } & MarkFacts
  /** At most once a second where it changed, and once more, `closed`, at its end. */
  | {
    readonly kind: "bar";
    readonly market: Market;
    readonly time: Micros;
    readonly interval: Interval;
    readonly bar: Bar;
    readonly closed: boolean;
  }
  /** Every second, once there is a trade to tell of. */
  | { readonly kind: "ticker"; readonly market: Market; readonly time: Micros } & TickerFacts
  /** A part of somebody's position was closed by force. */
  | {
    readonly kind: "liquidation";
    readonly market: Market;
    readonly time: Micros;
    readonly side: Side;
    readonly price: Ticks;
    readonly quantity: Lots;
  }
  | {
    readonly kind: "order";
    readonly account: AccountId;
    readonly time: Micros;
    readonly change: OrderChange;
    readonly order: OrderRecord;
  }
  | {
    readonly kind: "position";
    readonly account: AccountId;
    readonly time: Micros;
    readonly change: "opened" | "adjusted" | "closed";
    readonly position: PositionFacts;
  }
  /** In 1e-8 of the asset. */
  | {
    readonly kind: "balance";
    readonly account: AccountId;
    readonly time: Micros;
    readonly asset: string;
    readonly available: number;
    readonly locked: number;
  };
