// What a strategy sees when it is asked for a plan. Everything is computed when it is read, since
// most plans read a few fields; what is read twice is the same, since nothing moves meanwhile.

import type { Account } from "./account.ts";
import type { Book } from "./book.ts";
import type { Touch } from "./facts.ts";
import type { Ledger } from "./ledger.ts";
import type { Market } from "./market.ts";
import { isResting, type Orders } from "./orders.ts";
import { Random } from "./random.ts";
import type { Level, OpenOrder, View } from "./strategy.ts";
import { type Cash, type Lots, type Micros, type Ticks } from "./units.ts";

/** Levels a side of the view has at most. */
const LEVELS = 20;

/** What the engine knows of the moment. */
export interface Moment {
  readonly time: Micros;
  readonly touch: Touch;
  /** The exchange's own mark price, where there is one. */
  readonly mark: Ticks | undefined;
  readonly market: Market;
  readonly book: Book;
  readonly orders: Orders;
  readonly ledger: Ledger;
  readonly account: Account;
  readonly seed: number;
}

/** The view of a moment; valid until the engine handles the next event. */
export function viewOf(moment: Moment): View {
  const { touch, book, orders, ledger, mark } = moment;
  let dice: Random | undefined;
  let open: readonly OpenOrder[] | undefined;
  return {
    time: moment.time,
    bestBid: touch.bestBid,
    bestAsk: touch.bestAsk,
    midTicks: touch.midTicks,
    ...(mark === undefined ? {} : { mark }),
    get bids(): readonly Level[] {
      return book.bids.others((price) => orders.shownAt("bid", price), LEVELS);
    },
    get asks(): readonly Level[] {
      return book.asks.others((price) => orders.shownAt("ask", price), LEVELS);
    },
    position: ledger.position,
    get sellable(): Lots {
      return moment.account.sellable(moment.market, ledger);
    },
    ...optional("entryTicks", ledger.entryTicks),
    ...optional("oldestAt", ledger.oldestAt),
    get equity(): Cash {
      return ledger.equity(touch.mark);
    },
    get openOrders(): readonly OpenOrder[] {
      return open ??= openOrders(orders);
    },
    random() {
      dice ??= new Random(moment.time, moment.seed);
      return dice.next();
    },
  };
}

/** Own maker orders that rest or are on their way. */
export function openOrders(orders: Orders): OpenOrder[] {
  const open: OpenOrder[] = [];
  for (const order of orders.live) {
    if (order.role === "taker" || !isResting(order)) continue;
    const { side, price, remaining, tag, since } = order;
    open.push({ side, price, quantity: remaining, since, ...optional("tag", tag) });
  }
  return open;
}

function optional<K extends string, V>(
  key: K,
  value: V | undefined,
): { readonly [P in K]?: V } {
  const entry: { [P in K]?: V } = {};
  if (value !== undefined) entry[key] = value;
  return entry;
}
