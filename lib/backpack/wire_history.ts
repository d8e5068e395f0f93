// Rows of /wapi/v1/history: fills, ended orders and funding payments. Here times are datetimes in
// text and client ids too, unlike everywhere else. Fills are what the books are rebuilt from after
// a lost connection, so a row that cannot be read is a fault of the whole page.

import type { Reason } from "../core/event.ts";
import type { Market } from "../core/market.ts";
import type { Side } from "../core/strategy.ts";
import type { Cash, Lots, Micros, Ticks } from "../core/units.ts";
import { type Fee, feeOf, type OrderFacts, type Origin, pastFactsOf } from "./wire_order.ts";
import { type Markets, readRows, type Row, type Words } from "./wire_row.ts";

/** A fill of the account's. */
export interface PastFill extends Fee {
  readonly market: Market;
  readonly time: Micros;
  /** The trade id; undefined on some fills the exchange made itself. */
  readonly fillId: number | undefined;
  readonly orderId: string;
  readonly clientId: number | undefined;
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly maker: boolean;
  readonly origin: Origin;
}

/** An order of the account's, ended or not. The history does not say whether it was reduce-only. */
export interface PastOrder extends OrderFacts {
  readonly createdAt: Micros;
  /** Why it expired, in Backpack's word. */
  readonly reason: Reason | undefined;
  readonly origin: Origin;
}

/** One funding payment. */
export interface PastFunding {
  readonly market: Market;
  /** The end of the interval it is for. */
  readonly time: Micros;
  /** Received; negative = paid. */
  readonly payment: Cash;
  /** A fraction; positive: longs pay. */
  readonly rate: number;
}

const systemOrders: Words<Origin> = new Map([
  ["LiquidatePositionOnBook", "liquidation"],
  ["LiquidatePositionOnAdl", "deleveraging"],
  ["LiquidatePositionOnBackstop", "backstop"],
  ["CollateralConversion", "conversion"],
  ["FutureExpiry", "settlement"],
  ["OrderBookClosed", "marketClosed"],
]);

/** GET /wapi/v1/history/fills. Throws `WireFault`, as all of these. */
export function readFills(text: string, markets: Markets): PastFill[] {
  return readRows("GET /wapi/v1/history/fills", text).map((row) => {
    const market = row.market("symbol", markets);
    return {
      market,
      time: row.timeUtc("timestamp"),
      fillId: row.has("tradeId") ? row.whole("tradeId") : undefined,
      orderId: row.id("orderId"),
      clientId: row.clientId("clientId"),
      side: row.side("side"),
      price: row.price("price", market),
      quantity: row.positiveQuantity("quantity", market),
      maker: row.flag("isMaker"),
      origin: originOf(row),
      ...feeOf(row, market, { fee: "fee", asset: "feeSymbol" }),
    };
  });
}

/** GET /wapi/v1/history/orders. */
export function readOrderHistory(text: string, markets: Markets): PastOrder[] {
  return readRows("GET /wapi/v1/history/orders", text).map((row) => ({
    ...pastFactsOf(row, markets),
    createdAt: row.timeUtc("createdAt"),
    reason: row.has("expiryReason") ? row.text("expiryReason") : undefined,
    origin: originOf(row),
  }));
}

/** GET /wapi/v1/history/funding. */
export function readFundingHistory(text: string, markets: Markets): PastFunding[] {
  return readRows("GET /wapi/v1/history/funding", text).map((row) => ({
    market: row.market("symbol", markets),
    time: row.timeUtc("intervalEndTimestamp"),
    // A tie goes against the account, as for fees.
    payment: row.cash("quantity", "half-down"),
    rate: row.ratio("fundingRate"),
  }));
}

function originOf(row: Row): Origin {
  return row.has("systemOrderType") ? row.word("systemOrderType", systemOrders) : "user";
}
