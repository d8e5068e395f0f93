// An order as a client sends it, read into what the engine takes. What can be known to be wrong
// without looking at book or account is refused here, so that one such order refuses a whole batch.

import { parseDecimal } from "../core/decimal.ts";
import { type Market, parsePrice, parseQuantity } from "../core/market.ts";
import { type Cash, cash, COIN_DECIMALS, type Lots, type Ticks } from "../core/units.ts";
import { shapeFault } from "../exchange/checks.ts";
import type { OrderRequest, Trigger } from "../exchange/order.ts";
import { Fields, type Values } from "./fields.ts";
import { badRequest, orderRefusal, Refused } from "./refuse.ts";

/** Orders in one batch. */
export const MOST_IN_BATCH = 50;

const sides = new Map([["Bid", "bid"], ["Ask", "ask"]] as const);
const attached = [
  ...["takeProfitTriggerPrice", "takeProfitLimitPrice", "takeProfitTriggerBy"],
  ...["stopLossTriggerPrice", "stopLossLimitPrice", "stopLossTriggerBy"],
];

/** Reads an order. Throws `Refused`. */
export function orderRequestOf(
  values: Values,
  marketOf: (symbol: string) => Market | undefined,
): OrderRequest {
  const fields = new Fields(values, "OrderExecutePayload");
  const market = fields.market(marketOf);
  const side = sides.get(fields.neededWord("side", "Side", ["Bid", "Ask"])) ?? "bid";
  const type = fields.neededWord("orderType", "OrderTypeEnum", ["Limit", "Market"]);
  if (attached.some((name) => fields.has(name))) {
    const message = "Attached take profit and stop loss orders are not implemented";
    throw new Refused(400, "NOT_IMPLEMENTED", message);
  }
  const clientId = fields.clientId();
  const price = priceOf(fields, "price", market);
  const quantity = quantityOf(fields, "quantity", market);
  const quoteQuantity = moneyOf(fields);
  const trigger = triggerOf(fields, market);
  const slippageTolerance = slippageOf(fields);
  const request: OrderRequest = {
    symbol: market.symbol,
    side,
    type: type === "Limit" ? "limit" : "market",
    timeInForce: fields.word("timeInForce", "TimeInForce", ["GTC", "IOC", "FOK"]) ?? "GTC",
    postOnly: fields.flag("postOnly") ?? false,
    reduceOnly: fields.flag("reduceOnly") ?? false,
    selfTradePrevention: fields.word("selfTradePrevention", "SelfTradePrevention", [
      "RejectTaker",
      "RejectMaker",
      "RejectBoth",
    ]) ?? "RejectTaker",
    autoLendRedeem: fields.flag("autoLendRedeem") ?? false,
    ...(clientId === undefined ? {} : { clientId }),
    ...(price === undefined ? {} : { price }),
    ...(quantity === undefined ? {} : { quantity }),
    ...(quoteQuantity === undefined ? {} : { quoteQuantity }),
    ...(trigger === undefined ? {} : { trigger }),
    ...(slippageTolerance === undefined ? {} : { slippageTolerance }),
  };
  const fault = shapeFault(request) ?? quantityFault(request, market);
  if (fault !== undefined) throw orderRefusal(fault);
  return request;
}

/** A price that is given and on the grid. */
export function priceOf(fields: Fields, name: string, market: Market): Ticks | undefined {
  const text = fields.decimal(name);
  if (text === undefined) return undefined;
  const price = parsePrice(market, text);
  if (price !== undefined) return price;
  throw isFiner(text, market.priceDecimals)
    ? badRequest("Price decimal too long")
    : new Refused(400, "INVALID_PRICE", "Price is not a multiple of the tick size");
}

function quantityOf(fields: Fields, name: string, market: Market): Lots | undefined {
  const text = fields.decimal(name);
  if (text === undefined) return undefined;
  const quantity = parseQuantity(market, text);
  if (quantity !== undefined) return quantity;
  throw isFiner(text, market.quantityDecimals)
    ? badRequest("Quantity decimal too long")
    : new Refused(400, "INVALID_QUANTITY", "Quantity is not a multiple of the step size");
}

function isFiner(text: string, decimals: number): boolean {
  return parseDecimal(text, decimals) === "too many decimals";
}

function moneyOf(fields: Fields): Cash | undefined {
  const text = fields.decimal("quoteQuantity");
  if (text === undefined) return undefined;
  const amount = parseDecimal(text, COIN_DECIMALS);
  if (typeof amount === "number") return cash(amount);
  throw badRequest("Quantity decimal too long");
}

function triggerOf(fields: Fields, market: Market): Trigger | undefined {
  if (fields.has("triggerPrice") !== fields.has("triggerQuantity")) {
    throw badRequest("Must specify both `triggerPrice` and `triggerQuantity` or neither");
  }
  const price = priceOf(fields, "triggerPrice", market);
  if (price === undefined) return undefined;
  const words = ["LastPrice", "MarkPrice", "IndexPrice"] as const;
  // Backpack documents no default.
  const by = fields.word("triggerBy", "TriggerBy", words) ?? "LastPrice";
  const percent = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(fields.text("triggerQuantity") ?? "")?.[1];
  if (percent !== undefined) return { price, by, percentOfPosition: Number(percent) };
  const quantity = quantityOf(fields, "triggerQuantity", market);
  return quantity === undefined ? undefined : { price, by, quantity };
}

function slippageOf(fields: Fields): OrderRequest["slippageTolerance"] | undefined {
  const text = fields.decimal("slippageTolerance");
  if (text === undefined) return undefined;
  const type = fields.neededWord("slippageToleranceType", "SlippageToleranceType", [
    "TickSize",
    "Percent",
  ]);
  const value = Number(text);
  if (type === "Percent") return { percent: value };
  if (Number.isSafeInteger(value)) return { ticks: value };
  throw badRequest("Slippage tolerance must be whole ticks");
}

function quantityFault({ quantity }: OrderRequest, market: Market): "InvalidQuantity" | undefined {
  if (quantity === undefined) return undefined;
  const { minQuantity, maxQuantity } = market;
  if (maxQuantity !== undefined && quantity > maxQuantity) {
    throw new Refused(400, "INVALID_QUANTITY", "Quantity is above the maximum allowed value");
  }
  return quantity <= 0 || quantity < minQuantity ? "InvalidQuantity" : undefined;
}
