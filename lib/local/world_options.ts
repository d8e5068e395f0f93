// What a world is set up with, and what it is asked and answers.

import type { Market } from "../core/market.ts";
import type { Micros } from "../core/units.ts";
import type { Reason } from "../exchange/report.ts";
import type { Feed } from "../sim/feed.ts";
import type { Terms } from "./account.ts";
import type { Command } from "./commands.ts";
import type { OrderRecord } from "./published.ts";

/** How a world is set up. */
export interface WorldOptions {
  readonly markets: readonly Market[];
  /** The exchange's time: what clients see under /time. */
  readonly clock: () => Micros;
  /** What plays in each market, by symbol; a market without a feed stands still. */
  readonly feeds: ReadonlyMap<string, Feed>;
  /** When the markets began; what lies between this and the clock is played by the first `advance`. */
  readonly start: Micros;
  /** In bps of notional; default: Backpack's first tier. */
  readonly fees?: Terms["fees"];
  /** How long orders that are not post-only wait; default 100. */
  readonly speedBumpMs?: number;
  /** expired: a post-only order that would take is one that expired; default error: it never was. */
  readonly postOnlyReply?: "error" | "expired";
  /** Told of every command before it is carried out, with its time. */
  readonly onCommand?: (command: Command, at: Micros) => void;
}

/** What became of an order that was sent. */
export type Placement =
  | { readonly kind: "order"; readonly order: OrderRecord }
  | { readonly kind: "refused"; readonly reason: Reason | "DuplicateClientId" | "TooManyOrders" };

/** How to name an order. */
export type OrderName =
  | { readonly orderId: string }
  | { readonly clientId: number };
