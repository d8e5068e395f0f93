// What the account may ask of itself. Histories come newest first and in pages; a fill is what the
// books are rebuilt from, so a row of another market is a fault of the whole page, never skipped.

import type { Market } from "../core/market.ts";
import { type Micros, MILLISECOND } from "../core/units.ts";
import type { Page } from "./pages.ts";
import type { Reply } from "./reply.ts";
import { only, PublicRest } from "./rest_public.ts";
import type { Params } from "./sign.ts";
import {
  type Account,
  type Balance,
  type Collateral,
  readAccount,
  readCapital,
  readCollateral,
  readPositions,
  type RestPosition,
} from "./wire_account.ts";
import { WireFault } from "./wire_fault.ts";
import {
  type PastFill,
  type PastFunding,
  type PastOrder,
  readFills,
  readFundingHistory,
  readOrderHistory,
} from "./wire_history.ts";
import { readOrder, readOrders, type WireOrder } from "./wire_order.ts";

/** Which order: by its number in the run, or by the exchange's. */
export type WhichOrder = { readonly clientId: number } | { readonly orderId: string };

/** Which fills. */
export interface FillsOptions extends Page {
  /** From this ms on. */
  readonly from?: Micros;
  readonly orderId?: string;
}

/** Which past orders. */
export interface PastOrdersOptions extends Page {
  readonly orderId?: string;
}

/** The order of pages that `pages` reads by; Backpack's own default. */
const newestFirst = { sortDirection: "Desc" } as const;

/** The account's side. Without a key everything private has failed before it is sent. */
export class PrivateRest extends PublicRest {
  /** Fees, leverage and settings. */
  account(signal?: AbortSignal): Promise<Reply<Account>> {
    const path = "/api/v1/account";
    return this.requests.query({ path, instruction: "accountQuery", read: readAccount }, signal);
  }

  /** Balances by asset; what is not held is not in it, nor is what is lent. */
  capital(signal?: AbortSignal): Promise<Reply<ReadonlyMap<string, Balance>>> {
    const path = "/api/v1/capital";
    return this.requests.query({ path, instruction: "balanceQuery", read: readCapital }, signal);
  }

  /** The account as margin sees it, lent funds included. */
  collateral(signal?: AbortSignal): Promise<Reply<Collateral>> {
    return this.requests.query({
      path: "/api/v1/capital/collateral",
      instruction: "collateralQuery",
      read: readCollateral,
    }, signal);
  }

  /** In one market, with a liquidation price, or in all known ones. Empty when flat. */
  async positions(
    market?: Market,
    signal?: AbortSignal,
  ): Promise<Reply<readonly RestPosition[]>> {
    const reply = await this.requests.query<readonly RestPosition[]>({
      path: "/api/v1/position",
      params: { symbol: market?.symbol },
      instruction: "positionQuery",
      read: (text) => readPositions(text, market === undefined ? this.known() : only(market)),
    }, signal);
    // A single position that is not there is documented as a 404, and recorded as an empty list.
    const isFlat = market !== undefined && reply.kind === "refused" &&
      reply.status === 404 && reply.refusal.code === "RESOURCE_NOT_FOUND";
    return isFlat ? { kind: "ok", value: [] } : reply;
  }

  /** All of the account, whoever placed them. */
  openOrders(market: Market, signal?: AbortSignal): Promise<Reply<readonly WireOrder[]>> {
    return this.requests.query({
      path: "/api/v1/orders",
      params: { symbol: market.symbol },
      instruction: "orderQueryAll",
      read: (text) => readOrders(text, only(market)),
    }, signal);
  }

  /** One order while it is open; afterwards it is refused with RESOURCE_NOT_FOUND. */
  order(market: Market, which: WhichOrder, signal?: AbortSignal): Promise<Reply<WireOrder>> {
    return this.requests.query({
      path: "/api/v1/order",
      params: { symbol: market.symbol, ...which },
      instruction: "orderQuery",
      read: (text) => sameOrder(readOrder(text, only(market)), which),
    }, signal);
  }

  /** Newest first. May lag behind what is open. */
  orderHistory(
    market: Market,
    { limit, offset, orderId }: PastOrdersOptions,
    signal?: AbortSignal,
  ): Promise<Reply<readonly PastOrder[]>> {
    return this.#history({
      name: "orders",
      instruction: "orderHistoryQueryAll",
      params: { symbol: market.symbol, orderId, limit, offset },
      read: (text) => readOrderHistory(text, only(market)),
    }, signal);
  }

  /** Newest first, of every kind: a person's, a liquidation's and ours. */
  fills(
    market: Market,
    { from, limit, offset, orderId }: FillsOptions,
    signal?: AbortSignal,
  ): Promise<Reply<readonly PastFill[]>> {
    const fromMs = from === undefined ? undefined : Math.floor(from / MILLISECOND);
    return this.#history({
      name: "fills",
      instruction: "fillHistoryQueryAll",
      params: { symbol: market.symbol, orderId, from: fromMs, limit, offset },
      read: (text) => readFills(text, only(market)),
    }, signal);
  }

  /** Funding paid and received, newest first. */
  funding(
    market: Market,
    { limit, offset }: Page,
    signal?: AbortSignal,
  ): Promise<Reply<readonly PastFunding[]>> {
    return this.#history({
      name: "funding",
      instruction: "fundingHistoryQueryAll",
      params: { symbol: market.symbol, limit, offset },
      read: (text) => readFundingHistory(text, only(market)),
    }, signal);
  }

  #history<T>(
    { name, instruction, params, read }: {
      readonly name: string;
      readonly instruction: string;
      readonly params: Params;
      readonly read: (text: string) => T;
    },
    signal: AbortSignal | undefined,
  ): Promise<Reply<T>> {
    return this.requests.query({
      path: `/wapi/v1/history/${name}`,
      params: { ...params, ...newestFirst },
      instruction,
      read,
    }, signal);
  }
}

/** The order if it is the one that was asked for. Throws `WireFault`. */
export function sameOrder(order: WireOrder, which: WhichOrder): WireOrder {
  const [field, wanted, value] = "orderId" in which
    ? ["id", which.orderId, order.orderId] as const
    : ["clientId", which.clientId, order.clientId] as const;
  if (value === wanted) return order;
  const rule = `must be that of the request, ${wanted}`;
  throw new WireFault({ place: "/api/v1/order", field, rule, value });
}
