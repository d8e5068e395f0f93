// What the exchange says, in the exact order it happened. Plain data: the simulator turns it into
// events, the local exchange into frames of the wire, a test compares it. The names of statuses and
// reasons are Backpack's own, so that nobody has to translate them.

import type { Base, Cash, Lots, Micros, Ticks } from "../core/units.ts";
import type { Side } from "../core/strategy.ts";

/** An account's number. Zero is the crowd, which holds no account. */
export type AccountId = number;

/** Where an order stands (Backpack `OrderStatus`). */
export type Status =
  | "New"
  | "PartiallyFilled"
  | "Filled"
  | "Cancelled"
  | "Expired"
  | "TriggerPending"
  | "TriggerFailed";

/**
 * Why an order was refused or ended. All but the last two are Backpack's `OrderExpiryReason`; it has
 * none for a request that contradicts itself or a market that takes no such order, and answers with
 * the error codes INVALID_ORDER and TRADING_PAUSED, whose names these two borrow.
 */
export type Reason =
  | "FillOrKill"
  | "ImmediateOrCancel"
  | "InsufficientFunds"
  | "InsufficientLiquidity"
  | "InsufficientMargin"
  | "InvalidPrice"
  | "InvalidQuantity"
  | "Liquidation"
  | "MaxStopOrdersPerPosition"
  | "NegativeEquity"
  | "PositionLimit"
  | "PostOnlyMode"
  | "PostOnlyTaker"
  | "PriceImpact"
  | "PriceOutOfBounds"
  | "ReduceOnlyNotReduced"
  | "SelfTradePrevention"
  | "SlippageToleranceExceeded"
  | "StopWithoutPosition"
  | "InvalidOrder"
  | "TradingPaused";

/** Who sent an order, when it was not the account itself (Backpack `SystemOrderType`). */
export type SystemOrderType = "LiquidatePositionOnBook" | "LiquidatePositionOnAdl";

/** Which order of whom a report is about. */
export interface AboutOrder {
  readonly time: Micros;
  readonly account: AccountId;
  readonly symbol: string;
  /** The exchange's own number, ascending. */
  readonly orderId: number;
  readonly clientId: number | undefined;
}

/** An account's order traded. One trade between two accounts makes two of these and one print. */
export interface FillReport extends AboutOrder {
  readonly kind: "fill";
  /** Ascending in a market, and the `tradeId` of the print; no account sees a number twice. */
  readonly fillId: number;
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly maker: boolean;
  /** The asset the fee was taken in: the quote, or the base of a spot bid. */
  readonly feeAsset: string;
  /** Charged in quote currency, negative = rebate; zero where the fee is in base. */
  readonly feeCash: Cash;
  /** Charged in base currency, negative = rebate; zero where the fee is in quote. */
  readonly feeBase: Base;
  readonly systemOrderType: SystemOrderType | undefined;
}

/** Everything the exchange reports. */
export type Report =
  /** The order passed every check. Also said of orders that fill at once, before their fills. */
  | AboutOrder & { readonly kind: "accepted" }
  /** The order was never on the book. */
  | AboutOrder & { readonly kind: "rejected"; readonly reason: Reason }
  | FillReport
  | AboutOrder & { readonly kind: "cancelled" }
  /** The exchange ended an accepted order, or what was left of it. */
  | AboutOrder & { readonly kind: "expired"; readonly reason: Reason }
  /** A reduce-only order was shrunk: its whole quantity, what traded included, is now this. */
  | AboutOrder & { readonly kind: "modified"; readonly quantity: Lots }
  | AboutOrder & { readonly kind: "triggerPlaced" }
  /** The reference price was reached; `accepted` or `triggerFailed` follows. */
  | AboutOrder & { readonly kind: "triggered" }
  | AboutOrder & { readonly kind: "triggerFailed"; readonly reason: Reason }
  /**
   * A part of a position was closed by force; the fill says the rest. Both parties of an ADL get
   * one.
   */
  | AboutOrder & {
    readonly kind: "liquidation" | "adl";
    readonly side: Side;
    readonly price: Ticks;
    readonly quantity: Lots;
  }
  | {
    readonly kind: "funding";
    readonly time: Micros;
    readonly account: AccountId;
    readonly symbol: string;
    /** Received; negative = paid. */
    readonly payment: Cash;
    /** The rate applied, after the market's bounds; a fraction, positive: longs pay. */
    readonly rate: number;
  }
  /** A public trade. Order numbers are zero for the crowd's. */
  | {
    readonly kind: "print";
    readonly time: Micros;
    readonly symbol: string;
    readonly tradeId: number;
    readonly price: Ticks;
    readonly quantity: Lots;
    readonly aggressor: Side;
    readonly bidOrderId: number;
    readonly askOrderId: number;
  };
