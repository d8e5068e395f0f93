// Who owns what, over all accounts and markets, kept by double entry: every coin an account gains
// is taken from another account, from the crowd or from the fees the exchange collected, so that
// the sum of everything is what was deposited, to the last unit. Gains are never computed from an
// average cost: a perp position is the money that flowed in and out of it, and its lots. (The cost
// kept beside it is for showing an entry price only.) That makes an account an independent check of
// a ledger.

import { assert } from "../core/assert.ts";
import { mulDivFloor } from "../core/decimal.ts";
import { baseFee, cashFee, type Fees, formatCash, type Market, notional } from "../core/market.ts";
import type { Side } from "../core/strategy.ts";
import { type Base, base, type Cash, cash, type Lots, lots, MOST_CASH } from "../core/units.ts";
import type { Ticks } from "../core/units.ts";
import type { Order } from "./order.ts";
import type { AccountId } from "./report.ts";

/** How an account begins. */
export interface AccountTerms {
  readonly fees: { readonly spot: Fees; readonly perp: Fees };
  /** By asset, in 1e-8 of it. */
  readonly balances: { readonly [asset: string]: number };
  /** Position notional per equity at most; absent: what the markets allow. */
  readonly leverage?: number;
  /** Idle funds are lent: not available, but to orders with `autoLendRedeem`. */
  readonly autoLend?: boolean;
}

/** One asset of one account, in 1e-8 of it. */
export interface Wallet {
  total: number;
  /** Held by resting spot orders. */
  locked: number;
}

/** One account's stake in one perp market. Money in `Cash`. */
export interface Position {
  readonly market: Market;
  /** Signed. */
  lots: Lots;
  /** Money received less money paid for the lots since the position was last flat. */
  flow: number;
  /** What the lots held now have cost on average; negative for a short. Only to be shown. */
  cost: number;
  /**
   * Fees paid and funding received since the position was last flat; both are in the wallet
   * already.
   */
  fees: number;
  funding: number;
  /** Resting orders that could add to the position, in lots. */
  openBids: number;
  openAsks: number;
  /** Resting reduce-only orders. */
  readonly reducers: Set<Order>;
}

/** One account. */
export interface Account {
  readonly id: AccountId;
  readonly terms: AccountTerms;
  readonly wallets: Map<string, Wallet>;
  readonly positions: Map<string, Position>;
  /** Resting and waiting orders by number. */
  readonly open: Map<number, Order>;
}

/** What a fill did to an account. */
export interface Charge {
  readonly feeCash: Cash;
  readonly feeBase: Base;
}

/** Everything there is, by asset and by perp market; what conservation is checked on. */
export interface Totals {
  /** Accounts, crowd, collected fees and open money flows: always what was deposited. */
  readonly assets: ReadonlyMap<string, bigint>;
  /** Lots of every perp market over accounts and crowd: always zero. */
  readonly lots: ReadonlyMap<string, bigint>;
}

/** The books of all accounts. */
export class Accounts {
  readonly #accounts: Account[] = [];
  readonly #crowdAssets = new Map<string, bigint>();
  readonly #crowdLots = new Map<string, bigint>();
  readonly #collected = new Map<string, bigint>();

  /** Opens an account. Throws `RangeError` on a balance that is no whole number from 0 to 2^52. */
  openAccount(terms: AccountTerms): Account {
    const wallets = new Map<string, Wallet>();
    for (const [asset, total] of Object.entries(terms.balances)) {
      if (!Number.isInteger(total) || total < 0 || total > MOST_CASH) {
        throw new RangeError(
          `balance of ${asset} must be between 0 and ${formatCash(cash(MOST_CASH))} in whole ` +
            `0.00000001: current value is ${total / 1e8}`,
        );
      }
      wallets.set(asset, { total, locked: 0 });
    }
    const id = this.#accounts.length + 1;
    const account = { id, terms, wallets, positions: new Map(), open: new Map() };
    this.#accounts.push(account);
    return account;
  }

  /** Every account, in the order they were opened. */
  all(): readonly Account[] {
    return this.#accounts;
  }

  /** The account of that number. Throws `Bug` if there is none. */
  get(id: AccountId): Account {
    const account = this.#accounts[id - 1];
    assert(account !== undefined, `no account ${id}`);
    return account;
  }

  /** Sets aside what a resting order may need. */
  hold(market: Market, order: Order, quantity: Lots): void {
    this.#hold(market, order, quantity, 1);
  }

  /** Gives back what `hold` set aside for so much of an order. */
  release(market: Market, order: Order, quantity: Lots): void {
    this.#hold(market, order, quantity, -1);
  }

  /** Books one side of a trade on an account and charges the fee. */
  fill(
    account: Account,
    market: Market,
    { side, price, quantity, feeBps }: {
      readonly side: Side;
      readonly price: Ticks;
      readonly quantity: Lots;
      readonly feeBps: number;
    },
  ): Charge {
    const paid = notional(market, price, quantity);
    const bought = side === "bid" ? 1 : -1;
    const got = base(quantity * market.basePerLot);
    const inBase = market.kind === "spot" && side === "bid";
    const feeCash = inBase ? cash(0) : cashFee(paid, feeBps);
    const feeBase = inBase ? baseFee(got, feeBps) : base(0);
    add(this.#collected, inBase ? market.base : market.quote, BigInt(inBase ? feeBase : feeCash));
    const quote = walletOf(account, market.quote);
    if (market.kind === "spot") {
      const asset = walletOf(account, market.base);
      asset.total = base(asset.total + bought * got - feeBase);
      quote.total = cash(quote.total - bought * paid - feeCash);
    } else {
      const position = positionOf(account, market);
      quote.total = cash(quote.total - feeCash);
      trade(position, quote, { side, price, quantity });
      if (position.lots !== 0) position.fees += feeCash;
    }
    return { feeCash, feeBase };
  }

  /** Books one side of a trade on the crowd, which pays no fee. */
  fillCrowd(market: Market, side: Side, price: Ticks, quantity: Lots): void {
    const bought = side === "bid" ? 1n : -1n;
    add(this.#crowdAssets, market.quote, -bought * BigInt(notional(market, price, quantity)));
    if (market.kind === "perp") add(this.#crowdLots, market.symbol, bought * BigInt(quantity));
    else add(this.#crowdAssets, market.base, bought * BigInt(quantity * market.basePerLot));
  }

  /**
   * Pays funding to a holder (negative: takes it), from the crowd, who stands for everyone else.
   */
  fund(account: Account, market: Market, payment: Cash): void {
    const quote = walletOf(account, market.quote);
    quote.total = cash(quote.total + payment);
    positionOf(account, market).funding += payment;
    add(this.#crowdAssets, market.quote, -BigInt(payment));
  }

  /** Everything there is. */
  totals(): Totals {
    const assets = new Map<string, bigint>();
    const held = new Map<string, bigint>();
    for (const account of this.#accounts) {
      for (const [asset, { total }] of account.wallets) add(assets, asset, BigInt(total));
      for (const { market, flow, lots } of account.positions.values()) {
        add(assets, market.quote, BigInt(flow));
        add(held, market.symbol, BigInt(lots));
      }
    }
    for (const [asset, total] of [...this.#crowdAssets, ...this.#collected]) {
      add(assets, asset, total);
    }
    for (const [symbol, total] of this.#crowdLots) add(held, symbol, total);
    return { assets, lots: held };
  }

  #hold(market: Market, order: Order, quantity: Lots, sign: 1 | -1): void {
    const account = this.get(order.account);
    const bid = order.side === "bid";
    if (market.kind === "perp") {
      if (order.request.reduceOnly) return;
      const position = positionOf(account, market);
      if (bid) position.openBids += sign * quantity;
      else position.openAsks += sign * quantity;
      return;
    }
    const wallet = walletOf(account, bid ? market.quote : market.base);
    const held = bid ? notional(market, order.limit, quantity) : quantity * market.basePerLot;
    wallet.locked += sign * held;
    assert(wallet.locked >= 0, `account ${account.id}: more released than held`);
  }
}

/** The account's wallet for an asset, empty if it never held any. */
export function walletOf(account: Account, asset: string): Wallet {
  const known = account.wallets.get(asset);
  if (known !== undefined) return known;
  const wallet = { total: 0, locked: 0 };
  account.wallets.set(asset, wallet);
  return wallet;
}

/** The account's position in a perp market, flat if it never had one. */
export function positionOf(account: Account, market: Market): Position {
  const known = account.positions.get(market.symbol);
  if (known !== undefined) return known;
  const position: Position = {
    market,
    lots: lots(0),
    flow: 0,
    cost: 0,
    fees: 0,
    funding: 0,
    openBids: 0,
    openAsks: 0,
    reducers: new Set(),
  };
  account.positions.set(market.symbol, position);
  return position;
}

// A trade through zero is two: one that closes the position, and one that opens the new one.
function trade(
  position: Position,
  quote: Wallet,
  { side, price, quantity }: { side: Side; price: Ticks; quantity: Lots },
): void {
  const signed = side === "bid" ? quantity : -quantity;
  const closes = signed * position.lots < 0 ? Math.min(quantity, Math.abs(position.lots)) : 0;
  if (closes > 0) {
    const lotsClosed = lots(Math.sign(signed) * closes);
    const held = Math.abs(position.lots);
    const costClosed = closes === held ? position.cost : mulDivFloor(position.cost, closes, held);
    position.cost -= costClosed;
    position.flow = cash(position.flow - notional(position.market, price, lotsClosed));
    position.lots = lots(position.lots + lotsClosed);
    if (position.lots === 0) settle(position, quote);
  }
  const opens = lots(signed - Math.sign(signed) * closes);
  if (opens === 0) return;
  const paid = notional(position.market, price, opens);
  position.cost += paid;
  position.flow = cash(position.flow - paid);
  position.lots = lots(position.lots + opens);
}

// A flat position has no unknown left: its money goes to the wallet.
function settle(position: Position, quote: Wallet): void {
  quote.total = cash(quote.total + position.flow);
  position.flow =
    position.cost =
    position.fees =
    position.funding =
      0;
}

function add(totals: Map<string, bigint>, key: string, value: bigint): void {
  totals.set(key, (totals.get(key) ?? 0n) + value);
}
