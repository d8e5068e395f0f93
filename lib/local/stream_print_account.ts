// What an account is told by socket: its orders, positions and balances. Members that say nothing
// of an order are left out; `t` alone is null instead (PROTOCOL 8, private streams).

import { unreachable } from "../core/assert.ts";
import { type Market, notional } from "../core/market.ts";
import { type Cash, lots, type Micros } from "../core/units.ts";
import { averagePrice, coins, ratio, sideWord } from "./print.ts";
import type { OrderChange, OrderRecord, PositionFacts } from "./published.ts";
import { expiryWord } from "./refuse.ts";
import { paddedPrice, paddedQuantity, paddedQuote, type PublishedKind } from "./stream_print.ts";

const events = {
  accepted: "orderAccepted",
  cancelled: "orderCancelled",
  modified: "orderModified",
  triggerPlaced: "triggerPlaced",
  triggerFailed: "triggerFailed",
  expired: "orderExpired",
  fill: "orderFill",
} as const satisfies { readonly [K in OrderChange["kind"]]: string };

const origins = {
  LiquidatePositionOnBook: "LIQUIDATION_AUTOCLOSE",
  LiquidatePositionOnAdl: "ADL_AUTOCLOSE",
} as const;

/** `data` of account.orderUpdate. */
export function printOrder(event: PublishedKind<"order">, sentAt: Micros) {
  const { change, order, time } = event;
  const { market, request, systemOrderType } = order;
  const isLimit = request.type === "limit";
  return {
    ...printFill(market, change),
    ...printTrigger(order),
    E: sentAt,
    O: systemOrderType === undefined ? "USER" : origins[systemOrderType],
    Q: quoteQuantity(order),
    R: change.kind === "expired" ? expiryWord(change.reason) : undefined,
    S: sideWord(request.side),
    T: time,
    V: request.selfTradePrevention,
    X: order.status,
    Z: order.executedQuote === 0 ? "0" : paddedQuote(market, order.executedQuote),
    c: request.clientId,
    e: events[change.kind],
    f: request.timeInForce,
    i: order.id,
    o: isLimit ? "LIMIT" : "MARKET",
    p: request.price === undefined ? undefined : paddedPrice(market, request.price),
    q: order.quantity === undefined ? undefined : paddedQuantity(market, order.quantity),
    r: request.reduceOnly,
    s: market.symbol,
    y: isLimit ? request.postOnly : undefined,
    z: order.executed === 0 ? "0" : paddedQuantity(market, order.executed),
  };
}

function printFill(market: Market, change: OrderChange) {
  if (change.kind !== "fill") return { t: null };
  return {
    L: paddedPrice(market, change.price),
    N: change.feeAsset,
    l: paddedQuantity(market, change.quantity),
    m: change.maker,
    n: coins(change.fee),
    t: change.tradeId,
  };
}

function printTrigger({ market, request: { trigger } }: OrderRecord) {
  if (trigger === undefined) return {};
  return {
    B: trigger.by,
    P: paddedPrice(market, trigger.price),
    Y: "quantity" in trigger
      ? paddedQuantity(market, trigger.quantity)
      : `${ratio(trigger.percentOfPosition)}%`,
  };
}

/** Price times quantity; of a market order what was asked for in money, or else what it came to. */
function quoteQuantity({ market, request, quantity, executedQuote }: OrderRecord) {
  const { price, quoteQuantity } = request;
  if (quoteQuantity !== undefined) return coins(quoteQuantity);
  if (price !== undefined && quantity !== undefined) {
    return paddedQuote(market, notional(market, price, quantity));
  }
  return executedQuote === 0 ? undefined : paddedQuote(market, executedQuote);
}

/** Where sources disagree: strings were recorded, bare numbers are documented. */
export type PositionSpelling = "strings" | "numbers";

/** `data` of account.positionUpdate; `snapshot` is what is open as the stream begins. */
export function printPosition(
  { position, change, time }: {
    readonly position: PositionFacts;
    readonly change: "opened" | "adjusted" | "closed" | "snapshot";
    readonly time: Micros;
  },
  sentAt: Micros,
  spelling: PositionSpelling,
) {
  const { market, view, mark, id } = position;
  const exposure = notional(market, mark, lots(Math.abs(view.exposureLots)));
  const held = notional(market, mark, lots(Math.abs(view.lots)));
  const { initialMargin, maintenanceMargin } = market;
  const values = {
    B: averageText(market, view.entryTicks),
    M: paddedPrice(market, mark),
    Q: paddedQuantity(market, view.exposureLots),
    b: averageText(market, view.breakEvenTicks),
    f: fraction(view.initialMargin, exposure, initialMargin?.base),
    m: fraction(view.maintenanceMargin, held, maintenanceMargin?.base),
    n: coins(exposure),
    q: paddedQuantity(market, view.lots),
  };
  const asNumbers = Object.fromEntries(
    Object.entries(values).map(([name, text]) => [name, Number(text)]),
  );
  return {
    ...(spelling === "strings" ? values : asNumbers),
    E: sentAt,
    P: coins(view.unrealised),
    T: time,
    e: change === "snapshot" ? undefined : eventOf(change),
    i: spelling === "strings" ? Number(id) : id,
    l: spelling === "strings" ? "0" : undefined,
    p: coins(view.realised),
    s: market.symbol,
  };
}

function eventOf(change: "opened" | "adjusted" | "closed"): string {
  switch (change) {
    case "opened":
      return "positionOpened";
    case "adjusted":
      return "positionAdjusted";
    case "closed":
      return "positionClosed";
    default:
      return unreachable(change);
  }
}

/** A price between ticks; 0 where there is none. */
function averageText(market: Market, price: number | undefined): string {
  return price === undefined ? "0" : averagePrice(market, price);
}

/** The margin as a part of the notional; of nothing the part that the market begins with. */
function fraction(margin: Cash, worth: Cash, least = 1): string {
  return ratio(worth === 0 ? least : margin / worth);
}

/** `data` of account.balanceUpdate. Nothing is ever staked here. */
export function printBalance(event: PublishedKind<"balance">, sentAt: Micros) {
  return {
    A: coins(event.available),
    E: sentAt,
    L: coins(event.locked),
    S: "0",
    T: event.time,
    a: event.asset,
    e: "balanceUpdate",
  };
}
