// Orders as the local exchange remembers them, and the numbers the wire knows them by. The engine
// counts orders from one; on the wire they begin far from trade and client ids, so that no client
// that mixes them up gets away with it.

import type { Market } from "../core/market.ts";
import { cash, lots, type Micros } from "../core/units.ts";
import type { Order } from "../exchange/order.ts";
import type { FillReport } from "../exchange/report.ts";
import type { OrderDraft } from "./account.ts";

const FIRST_ID = 10_000_000_000;

/** The wire's order id; "0" for the crowd. */
export function wireOrderId(engineId: number): string {
  return engineId === 0 ? "0" : String(FIRST_ID + engineId);
}

/** The engine's number of an order id, which may be of no order; undefined for what is no id. */
export function engineIdOf(wireId: string): number | undefined {
  return /^\d{1,15}$/.test(wireId) ? Number(wireId) - FIRST_ID : undefined;
}

/** An order that has just been sent, before any of its reports. */
export function sentOrder(market: Market, order: Order, time: Micros): OrderDraft {
  const { request } = order;
  const { trigger } = request;
  const waiting = trigger !== undefined && "quantity" in trigger ? trigger.quantity : undefined;
  return {
    market,
    id: wireOrderId(order.id),
    request,
    createdAt: time,
    status: "New",
    quantity: request.quantity ?? waiting,
    executed: lots(0),
    executedQuote: cash(0),
    expiryReason: undefined,
    triggeredAt: undefined,
    systemOrderType: order.systemOrderType,
  };
}

/** An order the engine made by itself, as far as its first fill tells. */
export function systemOrder(market: Market, fill: FillReport): OrderDraft {
  return {
    market,
    id: wireOrderId(fill.orderId),
    request: {
      symbol: market.symbol,
      side: fill.side,
      type: "market",
      timeInForce: "IOC",
      postOnly: false,
      reduceOnly: true,
      selfTradePrevention: "RejectTaker",
    },
    createdAt: fill.time,
    status: "New",
    quantity: undefined,
    executed: lots(0),
    executedQuote: cash(0),
    expiryReason: undefined,
    triggeredAt: undefined,
    systemOrderType: fill.systemOrderType,
  };
}
