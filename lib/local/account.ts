// One account as its owner sees it: settings, and everything that ever happened to its orders and
// its money. The engine keeps what is; this keeps what was.

import type { Fees, Market } from "../core/market.ts";
import type { Side } from "../core/strategy.ts";
import type { Cash, Micros } from "../core/units.ts";
import type { AccountId, SystemOrderType } from "../exchange/report.ts";
import { Episodes } from "./episodes.ts";
import { keep } from "./keep.ts";
import type { FillFacts, OrderRecord } from "./published.ts";

/** Rows of each history that are kept; older ones are forgotten. */
const KEPT = 100_000;

/** What an owner may set. */
export interface Settings {
  autoBorrowSettlements: boolean;
  autoLend: boolean;
  autoRepayBorrows: boolean;
  /** Position notional per equity at most. */
  leverage: number;
}

/** Settings, and what the engine must know to open an account: it reads them here, as they stand. */
export interface Terms extends Settings {
  readonly fees: { readonly spot: Fees; readonly perp: Fees };
  readonly balances: { readonly [asset: string]: number };
}

/** A fill in the history. */
export interface FillRow extends FillFacts {
  readonly time: Micros;
  readonly market: Market;
  readonly side: Side;
  readonly orderId: string;
  readonly clientId: number | undefined;
  readonly systemOrderType: SystemOrderType | undefined;
}

/** A funding payment in the history. */
export interface FundingRow {
  readonly time: Micros;
  readonly market: Market;
  /** Received; negative = paid. */
  readonly payment: Cash;
  readonly rate: number;
}

/** Money that came into the wallet or left it because of a perp position. */
export interface SettlementRow {
  readonly time: Micros;
  /** Received; negative = paid. */
  readonly quantity: Cash;
  readonly source: "FundingPayment" | "RealizePnl" | "TradingFees";
  readonly positionId: string | undefined;
  /** Ascending over the whole exchange. */
  readonly sequence: number;
}

/** An order that is still changing. */
export type OrderDraft = { -readonly [K in keyof OrderRecord]: OrderRecord[K] };

/** One account. */
export class Account {
  readonly id: AccountId;
  /** Base64, as the owner's requests carry it. */
  readonly publicKey: string;
  readonly terms: Terms;
  readonly episodes: Episodes;
  readonly fills: FillRow[] = [];
  readonly fundings: FundingRow[] = [];
  readonly settlements: SettlementRow[] = [];
  /** By the engine's number, oldest first. */
  readonly #orders = new Map<number, OrderDraft>();

  constructor(id: AccountId, publicKey: string, terms: Terms) {
    this.id = id;
    this.publicKey = publicKey;
    this.terms = terms;
    this.episodes = new Episodes(id);
  }

  /** Every order that is remembered, oldest first. */
  get orders(): readonly OrderRecord[] {
    return [...this.#orders.values()];
  }

  /** The order of that number of the engine. */
  order(engineId: number): OrderDraft | undefined {
    return this.#orders.get(engineId);
  }

  addOrder(engineId: number, order: OrderDraft): void {
    this.#orders.set(engineId, order);
    if (this.#orders.size <= KEPT) return;
    for (const [oldest, { status }] of this.#orders) {
      if (status === "New" || status === "PartiallyFilled" || status === "TriggerPending") continue;
      this.#orders.delete(oldest);
      break;
    }
  }

  /** An order that was refused is not remembered. */
  forgetOrder(engineId: number): void {
    this.#orders.delete(engineId);
  }

  addFill(row: FillRow): void {
    keep(this.fills, row, KEPT);
  }

  addFunding(row: FundingRow): void {
    keep(this.fundings, row, KEPT);
  }

  addSettlement(row: SettlementRow): void {
    keep(this.settlements, row, KEPT);
  }
}
