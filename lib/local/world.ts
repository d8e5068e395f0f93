// A whole exchange that lives in real time: an engine, the markets that play into it, accounts with
// their past, and everything that is due at some time (orders behind the speed bump, marks, funding).
// It has no clock of its own and never waits: `advance` brings it up to its clock, step by step in
// the order of time, so that the same seed and the same commands at the same times give the same
// exchange, however often it is called.

import { assert } from "../core/assert.ts";
import type { Market, MarketState } from "../core/market.ts";
import { type Lots, lots, type Micros, micros, MILLISECOND } from "../core/units.ts";
import { Exchange } from "../exchange/exchange.ts";
import type { OrderRequest } from "../exchange/order.ts";
import type { Reason } from "../exchange/report.ts";
import { Queue } from "../sim/queue.ts";
import { SPEED_BUMP_MS } from "../sim/venue.ts";
import type { Account, Settings } from "./account.ts";
import { Accounts } from "./accounts.ts";
import { Announcer } from "./announcer.ts";
import type { Command, Rules } from "./commands.ts";
import { positionFacts } from "./holdings.ts";
import { engineIdOf, sentOrder, wireOrderId } from "./orders.ts";
import { Play } from "./play.ts";
import type { OrderRecord, PositionFacts, Published } from "./published.ts";
import { PublicRecord } from "./public_record.ts";
import type { OrderName, Placement, WorldOptions } from "./world_options.ts";

/** Open orders an account may have; Backpack has such a limit but publishes no number. */
const MOST_OPEN = 2_000;
/** Orders of all accounts that may wait behind the speed bump at once. */
const MOST_WAITING = 10_000;

interface Waiting {
  readonly account: Account;
  readonly request: OrderRequest;
  readonly answer: (placement: Placement) => void;
}

type Draft = { -readonly [K in keyof Market]: Market[K] };

/** The exchange behind the local server. */
export class World {
  /** For looking, not for trading: commands go through the world. */
  readonly exchange: Exchange;
  readonly records: ReadonlyMap<string, PublicRecord>;
  readonly #options: WorldOptions;
  readonly #markets: ReadonlyMap<string, Draft>;
  readonly #announcer: Announcer;
  readonly #play: Play;
  readonly #accounts: Accounts;
  readonly #listeners = new Set<(event: Published) => void>();
  readonly #waiting = new Queue<Waiting>();
  #time: Micros;

  constructor(options: WorldOptions) {
    const markets = options.markets.map((market): Draft => ({ ...market }));
    this.#options = options;
    this.#time = options.start;
    this.#markets = new Map(markets.map((market) => [market.symbol, market]));
    this.exchange = new Exchange({ markets, fillModel: "queue", prints: "all" });
    this.records = new Map(
      markets.map((market) => [market.symbol, new PublicRecord(market, options.start)]),
    );
    this.#accounts = new Accounts(this.exchange, options.fees);
    this.#announcer = new Announcer({
      exchange: this.exchange,
      records: this.records,
      accountOf: (id) => this.#accounts.get(id),
      publish: (event) => this.#listeners.forEach((listener) => listener(event)),
    });
    this.#play = new Play({
      exchange: this.exchange,
      records: this.records,
      feeds: options.feeds,
      start: options.start,
      onSecond: (time) => {
        this.#announcer.announce(time);
        if (this.#listeners.size > 0) this.#announcer.second(time);
      },
    });
  }

  /** What the clock says. */
  get now(): Micros {
    return this.#options.clock();
  }

  /** How far the exchange has come; never goes back. */
  get time(): Micros {
    return this.#time;
  }

  get markets(): readonly Market[] {
    return [...this.#markets.values()];
  }

  /** Every account, in the order they were opened. */
  get accounts(): readonly Account[] {
    return this.#accounts.all;
  }

  /** Does everything that is due by now. */
  advance(): void {
    const now = this.now;
    for (let next = this.#soonest(); next <= now; next = this.#soonest()) {
      this.#time = micros(Math.max(this.#time, next));
      this.#act(next);
      this.#announcer.announce(this.#time);
    }
    this.#time = micros(Math.max(this.#time, now));
  }

  /** Calls `listener` with everything that happens, as it happens; gives what ends that. */
  listen(listener: (event: Published) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The account of a key (base64). */
  account(publicKey: string): Account | undefined {
    return this.#accounts.ofKey(publicKey);
  }

  /**
   * Opens an account with balances in 1e-8 by asset. Throws `RangeError` on what is no public key
   * (base64 of 32 bytes), on a key that has an account, and on a balance that is no whole number
   * from 0 to 2^52.
   */
  open(publicKey: string, balances: { readonly [asset: string]: number }): Account {
    this.#note({ kind: "open", publicKey, balances });
    const account = this.#accounts.open(publicKey, balances);
    this.#announcer.begin(account);
    return account;
  }

  /** Changes settings of an account. */
  set(account: Account, settings: Partial<Settings>): void {
    this.#note({ kind: "set", publicKey: account.publicKey, settings });
    Object.assign(account.terms, settings);
  }

  /** What a market takes from now on. */
  setState(symbol: string, state: MarketState): void {
    this.#note({ kind: "state", symbol, state });
    this.exchange.setState(symbol, state);
  }

  /** New rules for a market; what prices and quantities are counted in stays. */
  setRules(symbol: string, rules: Rules): void {
    const market = this.#markets.get(symbol);
    assert(market !== undefined, `no market ${symbol}`);
    this.#note({ kind: "rules", symbol, rules });
    // The engine and every record hold this same object.
    Object.assign(market, rules);
  }

  /** Sends an order; the answer comes when the engine has taken it, after the speed bump. */
  place(account: Account, request: OrderRequest): Promise<Placement> {
    this.#note({ kind: "place", publicKey: account.publicKey, request });
    const { speedBumpMs = SPEED_BUMP_MS } = this.#options;
    const rests = request.postOnly || request.trigger !== undefined;
    if (rests || speedBumpMs === 0) return Promise.resolve(this.#enter(account, request));
    if (this.#waiting.length >= MOST_WAITING) {
      return Promise.resolve({ kind: "refused", reason: "TooManyOrders" });
    }
    const { promise, resolve } = Promise.withResolvers<Placement>();
    const at = micros(this.#time + speedBumpMs * MILLISECOND);
    this.#waiting.push(at, { account, request, answer: resolve });
    return promise;
  }

  /** Cancels an open order; undefined if the account has none of that name in that market. */
  cancel(account: Account, symbol: string, name: OrderName): OrderRecord | undefined {
    this.advance();
    const order = this.#engineOrder(account, symbol, name);
    return order === undefined ? undefined : this.#cancel(account, symbol, [order.id])[0];
  }

  /** Cancels the resting or the waiting orders of an account in a market, or both; gives them. */
  cancelAll(
    account: Account,
    symbol: string,
    which: "resting" | "waiting" | "both",
  ): OrderRecord[] {
    this.advance();
    const orders = this.exchange.openOrders(account.id, symbol).filter(({ status }) =>
      which === "both" || (which === "waiting") === (status === "TriggerPending")
    );
    return this.#cancel(account, symbol, orders.map(({ id }) => id));
  }

  /** Resting and waiting orders, oldest first; without a symbol those of all markets. */
  openOrders(account: Account, symbol?: string): OrderRecord[] {
    const orders = this.exchange.openOrders(account.id, symbol);
    return orders.flatMap(({ id }) => this.#recordOf(account, id) ?? []);
  }

  /** An open order. */
  openOrder(account: Account, symbol: string, name: OrderName): OrderRecord | undefined {
    const order = this.#engineOrder(account, symbol, name);
    return order === undefined ? undefined : this.#recordOf(account, order.id);
  }

  /** Open positions in perp markets. */
  positions(account: Account): PositionFacts[] {
    return [...this.records.keys()].flatMap((symbol) => positionFacts(this, account, symbol) ?? []);
  }

  /** Lots of all longs in a perp market, or of all shorts, which are as many: the crowd holds the rest. */
  openInterest(symbol: string): Lots {
    const held = this.accounts.map(({ id }) => this.exchange.position(id, symbol));
    const long = held.reduce((sum, quantity) => sum + Math.max(0, quantity), 0);
    const short = held.reduce((sum, quantity) => sum + Math.max(0, -quantity), 0);
    return lots(Math.max(long, short));
  }

  #note(command: Command): void {
    this.advance();
    this.#options.onCommand?.(command, this.#time);
  }

  #cancel(account: Account, symbol: string, ids: readonly number[]): OrderRecord[] {
    const orderIds = ids.map(wireOrderId);
    this.#note({ kind: "cancel", publicKey: account.publicKey, symbol, orderIds });
    for (const id of ids) this.exchange.cancel(account.id, id, this.#time);
    this.#announcer.announce(this.#time);
    return ids.flatMap((id) => this.#recordOf(account, id) ?? []);
  }

  #recordOf(account: Account, engineId: number): OrderRecord | undefined {
    const order = account.order(engineId);
    return order === undefined ? undefined : { ...order };
  }

  #engineOrder(account: Account, symbol: string, name: OrderName) {
    return this.exchange.openOrders(account.id, symbol).find((order) =>
      "orderId" in name
        ? order.id === engineIdOf(name.orderId)
        : order.request.clientId === name.clientId
    );
  }

  #soonest(): Micros {
    return micros(Math.min(this.#waiting.nextAt, this.#play.nextAt));
  }

  /** Does one thing that is due: at one moment the market moves first, then orders arrive. */
  #act(time: Micros): void {
    if (this.#play.nextAt <= time) return this.#play.step(this.#time);
    const waiting = this.#waiting.shift();
    waiting?.answer(this.#enter(waiting.account, waiting.request));
  }

  #enter(account: Account, request: OrderRequest): Placement {
    const { clientId, symbol } = request;
    const open = this.exchange.openOrders(account.id);
    if (clientId !== undefined && open.some((order) => order.request.clientId === clientId)) {
      return { kind: "refused", reason: "DuplicateClientId" };
    }
    if (open.length >= MOST_OPEN) return { kind: "refused", reason: "TooManyOrders" };
    const market = this.#markets.get(symbol);
    assert(market !== undefined, `no market ${symbol}`);
    const order = this.exchange.place(account.id, request, this.#time);
    const record = sentOrder(market, order, this.#time);
    const reason = this.#refusalOf(order.id);
    if (reason === undefined) {
      account.addOrder(order.id, record);
      this.#announcer.follow(order);
    }
    this.#announcer.announce(this.#time);
    return reason === undefined
      ? { kind: "order", order: { ...record } }
      : { kind: "refused", reason };
  }

  #refusalOf(engineId: number): Reason | undefined {
    for (const report of this.exchange.reports) {
      if (report.kind !== "rejected" || report.orderId !== engineId) continue;
      const expires = this.#options.postOnlyReply === "expired";
      return expires && report.reason === "PostOnlyTaker" ? undefined : report.reason;
    }
    return undefined;
  }
}
