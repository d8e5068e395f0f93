// An order and its fills as REST writes them: in the replies about open orders, and in the history,
// which has fewer members and another kind of time.

import { formatPrice, formatQuantity, notional } from "../core/market.ts";
import type { Trigger } from "../exchange/order.ts";
import type { FillRow } from "./account.ts";
import { coins, milliseconds, naive, quantityText, ratio, sideWord } from "./print.ts";
import type { OrderRecord } from "./published.ts";
import { expiryWord } from "./refuse.ts";

/** Members that attached and strategy orders would have; this exchange takes none. */
const NEVER_SET = {
  strategyId: null,
  stopLossTriggerPrice: null,
  stopLossLimitPrice: null,
  stopLossTriggerBy: null,
  takeProfitTriggerPrice: null,
  takeProfitLimitPrice: null,
  takeProfitTriggerBy: null,
};

/** The order of a reply to a request about orders. */
export function printOrder(order: OrderRecord) {
  const { request, triggeredAt } = order;
  return {
    ...printFacts(order),
    ...(request.type === "limit"
      ? { ...printLimit(order) }
      : { ...printMarketOrder(order), ...printSlippage(order) }),
    createdAt: milliseconds(order.createdAt),
    reduceOnly: request.reduceOnly ? true : null,
    relatedOrderId: null,
    triggeredAt: triggeredAt === undefined ? null : milliseconds(triggeredAt),
  };
}

/** A row of /wapi/v1/history/orders. */
export function printPastOrder(order: OrderRecord) {
  const { request, market, expiryReason, systemOrderType } = order;
  const { price, type } = request;
  const value = type === "limit" && price !== undefined && order.quantity !== undefined
    ? { quoteQuantity: coins(notional(market, price, order.quantity)) }
    : {};
  return {
    ...printFacts(order),
    ...(type === "limit" ? { ...printLimit(order), ...value } : {
      ...printMarketOrder(order),
      price: null,
      postOnly: null,
    }),
    ...printSlippage(order),
    createdAt: naive(order.createdAt),
    expiryReason: expiryReason === undefined ? null : expiryWord(expiryReason),
    systemOrderType: systemOrderType ?? null,
  };
}

/** A row of /wapi/v1/history/fills. */
export function printFill(fill: FillRow) {
  const { market, clientId } = fill;
  return {
    tradeId: fill.tradeId,
    orderId: fill.orderId,
    clientId: clientId === undefined ? null : String(clientId),
    symbol: market.symbol,
    side: sideWord(fill.side),
    price: formatPrice(market, fill.price),
    quantity: quantityText(market, fill.quantity),
    fee: coins(fill.fee),
    feeSymbol: fill.feeAsset,
    isMaker: fill.maker,
    timestamp: naive(fill.time),
    systemOrderType: fill.systemOrderType ?? null,
  };
}

function printFacts(order: OrderRecord) {
  const { request, market } = order;
  return {
    id: order.id,
    clientId: request.clientId ?? null,
    symbol: market.symbol,
    side: sideWord(request.side),
    orderType: request.type === "limit" ? "Limit" : "Market",
    status: order.status,
    executedQuantity: quantityText(market, order.executed),
    executedQuoteQuantity: coins(order.executedQuote),
    timeInForce: request.timeInForce,
    selfTradePrevention: request.selfTradePrevention,
    ...printTrigger(order, request.trigger),
    ...NEVER_SET,
  };
}

function printLimit({ market, request, quantity }: OrderRecord) {
  return {
    price: request.price === undefined ? null : formatPrice(market, request.price),
    quantity: quantity === undefined ? null : formatQuantity(market, quantity),
    postOnly: request.postOnly,
  };
}

/** Whichever of the two was not sent is filled in by what was traded, as Backpack does. */
function printMarketOrder({ market, request, quantity, executed, executedQuote }: OrderRecord) {
  const filled = executed > 0;
  const wanted = quantity ?? (filled ? executed : undefined);
  const worth = request.quoteQuantity ?? (filled ? executedQuote : undefined);
  return {
    quantity: wanted === undefined ? null : quantityText(market, wanted),
    quoteQuantity: worth === undefined ? null : coins(worth),
  };
}

function printSlippage({ request: { slippageTolerance } }: OrderRecord) {
  if (slippageTolerance === undefined) {
    return { slippageTolerance: null, slippageToleranceType: null };
  }
  return "ticks" in slippageTolerance
    ? {
      slippageTolerance: ratio(slippageTolerance.ticks),
      slippageToleranceType: "TickSize",
    }
    : { slippageTolerance: ratio(slippageTolerance.percent), slippageToleranceType: "Percent" };
}

function printTrigger({ market }: OrderRecord, trigger: Trigger | undefined) {
  if (trigger === undefined) return { triggerBy: null, triggerPrice: null, triggerQuantity: null };
  return {
    triggerBy: trigger.by,
    triggerPrice: formatPrice(market, trigger.price),
    triggerQuantity: "quantity" in trigger
      ? formatQuantity(market, trigger.quantity)
      : `${ratio(trigger.percentOfPosition)}%`,
  };
}
