// What happens to an account that is worth less than its maintenance margin: its orders end, then
// its largest position is closed on the book in steps of a tenth until the margin suffices; what
// the book cannot take is closed against those who gain most from it, at the mark, and in the end
// against the crowd. Backpack names the same stages; its backstop providers are part of our crowd.

import { lots, type Micros, type Ticks } from "../core/units.ts";
import { type Account, type Accounts, type Position, positionOf } from "./accounts.ts";
import { marketBound } from "./checks.ts";
import { about, type Desk } from "./clearing.ts";
import { isDeficient, maintenanceMargin, type PriceOf } from "./margin.ts";
import type { Book } from "./matching.ts";
import { opposite, Order } from "./order.ts";
import type { SystemOrderType } from "./report.ts";

/** What part of a position one step on the book closes (Backpack: 10 %). */
const STEPS = 10;

/** What liquidation needs of the exchange. */
export interface LiquidationTerms {
  readonly accounts: Accounts;
  readonly desk: Desk;
  readonly priceOf: PriceOf;
  bookOf(symbol: string): Book;
  nextOrderId(): number;
}

/** Closes positions until the account's margin in `quote` suffices; does nothing where it does. */
export function liquidate(
  terms: LiquidationTerms,
  account: Account,
  quote: string,
  time: Micros,
): void {
  if (!isDeficient(account, quote, terms.priceOf)) return;
  for (const order of [...account.open.values()]) {
    terms.desk.expire(terms.bookOf(order.symbol), order, "Liquidation", time);
  }
  while (isDeficient(account, quote, terms.priceOf)) {
    const position = largest(terms, account, quote);
    const step = Math.ceil(Math.abs(position.lots) / STEPS);
    for (let i = 0; i < STEPS && isDeficient(account, quote, terms.priceOf); i++) {
      const wanted = Math.min(step, Math.abs(position.lots));
      if (closeOnBook(terms, account, position, wanted, time) < wanted) {
        closeAtMark(terms, account, position, time);
        break;
      }
    }
  }
}

function largest(terms: LiquidationTerms, account: Account, quote: string): Position {
  const held = [...account.positions.values()].filter(({ lots, market }) =>
    lots !== 0 && market.quote === quote
  );
  const need = (position: Position) => {
    const price = terms.priceOf(position.market.symbol);
    return price === undefined ? 0 : maintenanceMargin(account, position, price);
  };
  return held.reduce((most, position) => need(position) > need(most) ? position : most);
}

function closeOnBook(
  terms: LiquidationTerms,
  account: Account,
  position: Position,
  quantity: number,
  time: Micros,
): number {
  const book = terms.bookOf(position.market.symbol);
  const order = systemOrder(terms, account, position, quantity, "LiquidatePositionOnBook");
  order.limit = marketBound(book, order.request).limit;
  book.match(order, time);
  if (order.executed > 0) {
    terms.desk.reports.push({
      kind: "liquidation",
      ...about(order, time),
      side: order.side,
      price: book.last ?? order.limit,
      quantity: order.executed,
    });
  }
  return order.executed;
}

function closeAtMark(
  terms: LiquidationTerms,
  account: Account,
  position: Position,
  time: Micros,
): void {
  const book = terms.bookOf(position.market.symbol);
  const price = terms.priceOf(position.market.symbol);
  if (price === undefined) return;
  for (const other of [...opponents(terms.accounts, account, position, price), undefined]) {
    const theirs = other === undefined
      ? Math.abs(position.lots)
      : Math.abs(positionOf(other, position.market).lots);
    const quantity = Math.min(Math.abs(position.lots), theirs);
    if (quantity === 0) continue;
    const parties = [
      systemOrder(terms, account, position, quantity, "LiquidatePositionOnAdl"),
      other === undefined ? undefined : systemOrder(
        terms,
        other,
        positionOf(other, position.market),
        quantity,
        "LiquidatePositionOnAdl",
      ),
    ] as const;
    tradeAtMark(terms, book, { parties, price, quantity, time });
  }
}

function tradeAtMark(
  { desk, accounts }: LiquidationTerms,
  book: Book,
  { parties, price, quantity, time }: {
    parties: readonly [Order, Order | undefined];
    price: Ticks;
    quantity: number;
    time: Micros;
  },
): void {
  const [liquidated, other] = parties;
  const tradeId = ++book.trades;
  const trade = { price, quantity: lots(quantity), time, tradeId };
  const side = liquidated.side;
  desk.settle(book, liquidated, { ...trade, side, role: "taker" });
  desk.settle(book, other, { ...trade, side: opposite(side), role: "maker" });
  for (const order of parties) {
    if (order === undefined) continue;
    const kind = order === liquidated ? "liquidation" : "adl";
    desk.reports.push({
      kind,
      ...about(order, time),
      side: order.side,
      price,
      quantity: lots(quantity),
    });
    desk.followPosition(book, accounts.get(order.account), time);
  }
}

// Those on the other side of the market, the largest gain per notional first, then the oldest
// account.
function opponents(
  accounts: Accounts,
  account: Account,
  position: Position,
  price: Ticks,
): Account[] {
  const { market } = position;
  const gain = (other: Account) => {
    const { flow, lots: held } = positionOf(other, market);
    const worth = held * price * market.cashPerTickLot;
    return (flow + worth) / Math.abs(worth);
  };
  return accounts.all()
    .filter((other) =>
      other !== account && (other.positions.get(market.symbol)?.lots ?? 0) * position.lots < 0
    )
    .sort((a, b) => gain(b) - gain(a) || a.id - b.id);
}

function systemOrder(
  terms: LiquidationTerms,
  account: Account,
  position: Position,
  quantity: number,
  systemOrderType: SystemOrderType,
): Order {
  const order = new Order(terms.nextOrderId(), account.id, {
    symbol: position.market.symbol,
    side: position.lots > 0 ? "ask" : "bid",
    type: "market",
    quantity: lots(quantity),
    timeInForce: "IOC",
    postOnly: false,
    reduceOnly: true,
    selfTradePrevention: "RejectTaker",
  }, systemOrderType);
  return order;
}
