// All that a run knows: the book of others, its own orders, its ledger, what was refused lately.
// Facts only take events; deciding what follows from them is the engine's.

import { Account } from "./account.ts";
import { assert, unreachable } from "./assert.ts";
import { Book } from "./book.ts";
import { Clock } from "./clock.ts";
import type { AccountEvent, Command, Event, MarketEvent, OrderEvent } from "./event.ts";
import { type Fill, type Inventory, Ledger, type LedgerSnapshot } from "./ledger.ts";
import type { Market } from "./market.ts";
import { Orders, type OrdersSnapshot } from "./orders.ts";
import { Refusals } from "./refusals.ts";
import type { Observation, View } from "./strategy.ts";
import { Tally, type TallySnapshot } from "./tally.ts";
import { type Cash, type Micros, type Ticks, ticks } from "./units.ts";
import { viewOf } from "./view.ts";

/** The best prices of others, and what the position is valued at. */
export interface Touch {
  readonly bestBid: Ticks;
  readonly bestAsk: Ticks;
  /** (bestBid + bestAsk) / 2. */
  readonly midTicks: number;
  /** The exchange's mark price, else mid rounded down to a tick. */
  readonly mark: Ticks;
}

/** What an event means for deciding: nothing new of ours, something of ours, or a reason to plan anew. */
export type Effect = "market" | "ours" | "replan";

/** Whom to tell of observations, and which kinds to build. */
export interface Listener {
  readonly observes: ReadonlySet<Observation["kind"]>;
  observe(event: Observation): void;
}

/** `Facts` as plain data: what the exchange would not say again. */
export interface FactsSnapshot {
  readonly time: Micros;
  readonly orders: OrdersSnapshot;
  readonly ledger: LedgerSnapshot;
  readonly tally: TallySnapshot;
}

/** What a run knows of itself and its market. */
export class Facts {
  readonly book = new Book();
  readonly orders = new Orders();
  readonly refusals = new Refusals();
  readonly tally = new Tally();
  readonly account = new Account();
  readonly ledger: Ledger;
  /** Told of observations from the moment it is set. */
  listener: Listener | undefined;
  #market: Market;
  readonly #clock: Clock;
  #mark: Ticks | undefined;
  #touch: Touch | undefined;
  #lookedAt: Ticks | undefined;

  constructor(market: Market, capital: Cash, inventory: Inventory | undefined, time: Micros) {
    this.#market = market;
    this.#clock = new Clock(time);
    this.ledger = new Ledger(market, capital, inventory, time);
  }

  get market(): Market {
    return this.#market;
  }
  /** The time of the latest event; never goes back. */
  get time(): Micros {
    return this.#clock.time;
  }
  /** Undefined until others stand on both sides of the book. */
  get touch(): Touch | undefined {
    return this.#touch;
  }

  /**
   * What the position is valued at: the mark, or that of the last look while a side of the book is
   * missing. Undefined before the first look.
   */
  get lastMark(): Ticks | undefined {
    return this.#touch?.mark ?? this.#lookedAt;
  }

  /** The limits are looked at with this touch. */
  look(touch: Touch): void {
    this.#lookedAt = touch.mark;
  }

  /** Moves time on; every event passes here first. */
  arrive(stamp: Micros): void {
    this.#clock.arrive(stamp);
  }

  /** The event at the run's own time. */
  timed<E extends Event>(event: E): E {
    return this.#clock.timed(event);
  }

  /** Takes what the market, the exchange or the account says. */
  take(event: MarketEvent | OrderEvent | AccountEvent): Effect {
    switch (event.kind) {
      case "depth":
        this.book.apply(event.bids, event.asks, event.snapshot ? "snapshot" : "changes");
        this.#findTouch("book");
        return "market";
      case "mark":
        this.#mark = event.price;
        this.account.fundingRate = event.fundingRate ?? this.account.fundingRate;
        this.tell(event.kind, () => event);
        this.#findTouch("other");
        return "market";
      case "trade":
      case "bar":
        this.tell(event.kind, () => event);
        return "market";
      case "state":
        this.#market = { ...this.#market, state: event.state };
        return "replan";
      case "rules":
        this.#follow(event.market);
        return "replan";
      case "account":
        return this.account.take(event, this) ? "replan" : "market";
      case "funding":
        this.ledger.fund(event);
        return "ours";
      case "foreignFill":
        return this.ledger.fill(event) === undefined ? "ours" : "replan";
      case "accepted":
      case "rejected":
      case "cancelled":
      case "expired":
      case "modified":
      case "fill":
      case "unknown":
      case "cancelRefused":
        return this.#takeOrderEvent(event);
      default:
        return unreachable(event);
    }
  }

  /** Tells the listener, if it wants the kind; only then is the observation built. */
  tell(kind: Observation["kind"], build: () => Observation): void {
    if (this.listener?.observes.has(kind) === true) this.listener.observe(build());
  }

  /** What a strategy sees now; undefined before the first book. */
  view(seed: number): View | undefined {
    if (this.#touch === undefined) return undefined;
    return viewOf({
      touch: this.#touch,
      time: this.time,
      mark: this.#mark,
      market: this.#market,
      book: this.book,
      orders: this.orders,
      ledger: this.ledger,
      account: this.account,
      seed,
    });
  }

  /** An earlier process has reached this time. */
  reach(time: Micros): void {
    this.#clock.reach(time);
  }

  /** Takes commands that were as good as sent then. */
  sent(commands: readonly Command[], time: Micros): void {
    for (const command of commands) {
      this.orders.command(command, time);
      if (command.kind === "place") this.tally.placed++;
    }
  }

  snapshot(): FactsSnapshot {
    return {
      time: this.time,
      orders: this.orders.snapshot(),
      ledger: this.ledger.snapshot(),
      tally: this.tally.snapshot(),
    };
  }

  /** Goes on where `from` ended, but for what the market has to say anew. */
  restore(from: FactsSnapshot): void {
    this.#clock.reach(from.time);
    this.orders.restore(from.orders);
    this.ledger.restore(from.ledger);
    this.tally.restore(from.tally);
  }

  /** The mark is of long ago: there is none until the exchange says one. */
  forgetMark(): void {
    this.#mark = undefined;
  }

  /** Bounds may change; everything that is kept is counted in ticks and lots, which may not. */
  #follow(market: Market): void {
    for (const key of ["symbol", "kind", "cashPerTickLot", "basePerLot"] as const) {
      const [now, then] = [market[key], this.#market[key]];
      assert(now === then, `new rules of ${this.#market.symbol} change ${key}: ${then} to ${now}`);
    }
    this.#market = market;
  }

  #takeOrderEvent(event: OrderEvent): Effect {
    const order = this.orders.find(event.id);
    if (event.kind === "fill") {
      const booked = this.#bookFill(event, order?.tag);
      if (booked) this.orders.apply(event);
      this.#findTouch("other");
      return booked ? "replan" : "ours";
    }
    // An end told twice is one end, and what is said of it afterwards changes nothing.
    if (order === undefined || order.state === "done") return "ours";
    const wasSent = order.state === "sent";
    this.orders.apply(event);
    this.tally.ended(event);
    // What the public book shows of others depends on what of it is ours.
    this.#findTouch("other");
    switch (event.kind) {
      case "accepted":
        this.refusals.accepted(order.side, order.price);
        // One that was sent counted as resting already: nothing follows from it.
        return wasSent ? "market" : "ours";
      case "rejected":
        this.refusals.refused(order.side, order.price, event.reason, this.time);
        return "replan";
      case "expired":
        // A taker's rest lapses as planned; a maker that expires was refused its place.
        if (order.role === "maker") {
          this.refusals.refused(order.side, order.price, event.reason, this.time);
        }
        return "replan";
      case "modified":
        return "replan";
      case "cancelled":
      case "unknown":
      case "cancelRefused":
        return "ours";
    }
  }

  /** Books a fill, whether its order is known or long forgotten; false for one told twice. */
  #bookFill(fill: Fill, tag: string | undefined): boolean {
    const booked = this.ledger.fill(fill);
    if (booked === undefined) return false;
    this.tally.fills++;
    const { time, side, price, quantity, maker } = fill;
    this.tell("fill", () => ({
      kind: "fill",
      time,
      side,
      price,
      quantity,
      maker,
      fee: booked.fee,
      ...(tag === undefined ? {} : { tag }),
    }));
    return true;
  }

  /** Finds the touch of others anew. */
  #findTouch(cause: "book" | "other"): void {
    const { book, orders } = this;
    const bid = book.bids.bestOfOthers((price) => orders.shownAt("bid", price));
    const ask = book.asks.bestOfOthers((price) => orders.shownAt("ask", price));
    // A crossed book is a lost message, and as good as none.
    if (bid === undefined || ask === undefined || bid.price > ask.price) {
      this.#touch = undefined;
      return;
    }
    const midTicks = (bid.price + ask.price) / 2;
    const mark = this.#mark ?? ticks(Math.floor(midTicks));
    this.#touch = { bestBid: bid.price, bestAsk: ask.price, midTicks, mark };
    if (cause !== "book") return;
    this.tell("book", () => ({
      kind: "book",
      time: this.time,
      bestBid: bid.price,
      bestAsk: ask.price,
      bidQuantity: bid.quantity,
      askQuantity: ask.quantity,
    }));
  }
}
