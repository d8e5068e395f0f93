// One order's life: what was asked, what has traded, what is left and where it stands in its queue.
// The request is kept as it came, so that whoever shows the order shows what was sent; everything
// that changes is a field here and changes in `matching.ts`, `clearing.ts` and `exchange.ts` only.

import { type Cash, cash, type Lots, lots, type Ticks, ticks } from "../core/units.ts";
import type { Side } from "../core/strategy.ts";
import type { PriceLevel } from "./levels.ts";
import type { AccountId, Status, SystemOrderType } from "./report.ts";

/** Which price a trigger watches. */
export type Reference = "LastPrice" | "MarkPrice" | "IndexPrice";

/** When a waiting order becomes a real one, and how large it is then. */
export type Trigger =
  & { readonly price: Ticks; readonly by: Reference }
  /** In lots, or a percentage of the position at the moment it is triggered. */
  & ({ readonly quantity: Lots } | { readonly percentOfPosition: number });

/** An order as it is sent. */
export interface OrderRequest {
  readonly symbol: string;
  readonly clientId?: number;
  readonly side: Side;
  readonly type: "limit" | "market";
  /** Limit orders only. */
  readonly price?: Ticks;
  /** Left out where `quoteQuantity` or a trigger says how much. */
  readonly quantity?: Lots;
  /** Market orders only: spend (bid) or receive (ask) as much as fits. */
  readonly quoteQuantity?: Cash;
  readonly timeInForce: "GTC" | "IOC" | "FOK";
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly selfTradePrevention: "RejectTaker" | "RejectMaker" | "RejectBoth";
  /** Market orders only: how far beyond the best opposite price. */
  readonly slippageTolerance?: { readonly ticks: number } | { readonly percent: number };
  readonly trigger?: Trigger;
  /** May use funds that are lent. */
  readonly autoLendRedeem?: boolean;
}

/** An order of an account. Read it freely; only the exchange changes it. */
export class Order {
  readonly id: number;
  readonly account: AccountId;
  readonly request: OrderRequest;
  readonly systemOrderType: SystemOrderType | undefined;
  status: Status = "New";
  /** The worst price it may trade at: its price, or the bound of a market order. */
  limit: Ticks;
  /** In lots, still to trade. Of no meaning while `quoteLeft` is set. */
  remaining: Lots;
  /** Money still to spend or receive, for a market order by quote quantity. */
  quoteLeft: Cash | undefined;
  executed: Lots = lots(0);
  executedQuote: Cash = cash(0);
  /** Lots of the crowd standing before it at its level; infinite while the level was never seen. */
  ahead = 0;
  level: PriceLevel | undefined;
  next: Order | undefined;
  previous: Order | undefined;

  constructor(
    id: number,
    account: AccountId,
    request: OrderRequest,
    systemOrderType?: SystemOrderType,
  ) {
    this.id = id;
    this.account = account;
    this.request = request;
    this.systemOrderType = systemOrderType;
    this.limit = request.price ?? ticks(0);
    const waiting = request.trigger !== undefined && "quantity" in request.trigger
      ? request.trigger.quantity
      : lots(0);
    this.remaining = request.quantity ?? waiting;
    this.quoteLeft = request.quoteQuantity;
  }

  get side(): Side {
    return this.request.side;
  }

  get symbol(): string {
    return this.request.symbol;
  }

  /** The whole quantity, what has traded included, in lots. */
  get quantity(): Lots {
    return lots(this.executed + (this.quoteLeft === undefined ? this.remaining : 0));
  }

  /** Lots it still wants at a price where one lot costs `lotCash`. */
  wanted(lotCash: number): number {
    if (this.quoteLeft === undefined) return this.remaining;
    return Math.floor(this.quoteLeft / lotCash);
  }

  /** Takes a trade into account. */
  execute(quantity: Lots, paid: Cash): void {
    this.executed = lots(this.executed + quantity);
    this.executedQuote = cash(this.executedQuote + paid);
    if (this.quoteLeft === undefined) this.remaining = lots(this.remaining - quantity);
    else this.quoteLeft = cash(this.quoteLeft - paid);
    const done = this.quoteLeft === undefined && this.remaining === 0;
    this.status = done ? "Filled" : "PartiallyFilled";
  }
}

/** The other side. */
export function opposite(side: Side): Side {
  return side === "bid" ? "ask" : "bid";
}
