// A venue without a network: a feed plays the market into the exchange, commands and reports take
// their time on the way, and what others would see comes out as events. At one moment the market
// moves first, then commands arrive: the run never gets in before what was already happening.

import type { Calm } from "../core/calm.ts";
import type { Command, Event, OrderId } from "../core/event.ts";
import type { Market } from "../core/market.ts";
import type { Level } from "../core/strategy.ts";
import { type Lots, type Micros, micros, MILLISECOND, NEVER } from "../core/units.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { AccountId, Report } from "../exchange/report.ts";
import type { Venue } from "../run.ts";
import type { Feed, Floor } from "./feed.ts";
import { Queue } from "./queue.ts";
import { eventOf } from "./reports.ts";

/** Backpack holds every order that is not post-only this long before it reaches the book. */
export const SPEED_BUMP_MS = 100;

/** What a simulated venue is made of. */
export interface SimVenueOptions {
  readonly exchange: Exchange;
  readonly market: Market;
  readonly account: AccountId;
  readonly feed: Feed;
  /** One way: commands to the exchange, and reports back. */
  readonly latencyMs: number;
  /** How often a timer event comes while the feed ticks. */
  readonly timerMs: number;
  /** The start of the run. */
  readonly time: Micros;
  /** The run wants to be told of bars. */
  readonly tellsBars: boolean;
  /** The run's own position: what else is in the wallet is not its. */
  position(): Lots;
  /** When the run need not be told of market data; absent: it is told everything. */
  calm?(): Calm | undefined;
}

type VenueFloor = { -readonly [K in keyof Floor]: Floor[K] };
type SafePrices = ReturnType<Floor["safePrices"]>;

/** One run's venue on a simulated exchange. */
export class SimVenue implements Venue {
  readonly #options: SimVenueOptions;
  readonly #floor: VenueFloor;
  readonly #latency: number;
  readonly #timer: number;
  /** Post-only orders and cancels on their way to the exchange. */
  readonly #quick = new Queue<Command>();
  /** Orders behind the speed bump. */
  readonly #bumped = new Queue<Command>();
  /** Market events, told without delay. */
  readonly #market = new Queue<Event>();
  /** Reports of own orders on their way back. */
  readonly #reports = new Queue<Event>();
  readonly #exchangeIds = new Map<OrderId, number>();
  #now: Micros;
  /** Prices of no liquidation, until the exchange says something: they change with fills and payments alone. */
  #safe: SafePrices | undefined;
  #closed = false;
  /** The feed is over and all it did has been told. */
  #ended = false;
  #nextTimer: Micros;
  #nextFunding: Micros;
  /** Of the running interval, as the data last said. */
  #fundingRate: number | undefined;

  constructor(options: SimVenueOptions) {
    this.#options = options;
    this.#latency = options.latencyMs * MILLISECOND;
    this.#timer = options.timerMs * MILLISECOND;
    this.#now = options.time;
    this.#nextTimer = options.feed.ticking ? this.#timerAfter(options.time) : NEVER;
    this.#floor = this.#makeFloor();
    this.#nextFunding = this.#fundingAfter(options.time);
  }

  /** The simulated time. */
  get now(): Micros {
    return this.#now;
  }

  /** Rows of data played so far. */
  get played(): number {
    return this.#options.feed.played;
  }

  /** Reports of own orders that the run has not heard yet. */
  get reportsOnTheWay(): number {
    return this.#reports.length;
  }

  /** The market ends here: what is on its way still arrives. */
  close(): void {
    this.#closed = true;
  }

  /** The next event no later than `limit`, which is as far as the market is known. */
  next(limit: Micros = NEVER): Event | undefined {
    for (;;) {
      const soonest = this.#soonest();
      const told = this.#market.nextAt <= this.#reports.nextAt ? this.#market : this.#reports;
      if (limit !== NEVER && Math.min(soonest, told.nextAt) > limit) return undefined;
      if (told.nextAt !== NEVER && told.nextAt <= soonest) {
        this.#now = told.nextAt;
        return told.shift();
      }
      this.#ended = this.#feedAt === NEVER;
      if (soonest === NEVER) return undefined;
      this.#now = soonest;
      const done = this.#act(soonest);
      if (done === "timer") return { kind: "timer", time: soonest };
      this.#listen(done);
    }
  }

  /** Commands given after the feed has ended go nowhere: there is no market left to answer them. */
  send(commands: readonly Command[]): void {
    if (this.#ended) return;
    const at = micros(this.#now + this.#latency);
    for (const command of commands) {
      if (command.kind === "place" && command.role === "taker") {
        this.#bumped.push(micros(at + SPEED_BUMP_MS * MILLISECOND), command);
      } else this.#quick.push(at, command);
    }
  }

  get #feedAt(): Micros {
    return this.#closed ? NEVER : this.#options.feed.nextAt;
  }

  /** When something next happens at the exchange. Timers end with the feed. */
  #soonest(): Micros {
    const feed = this.#feedAt;
    const timer = feed === NEVER ? NEVER : this.#nextTimer;
    const funding = feed === NEVER ? NEVER : this.#nextFunding;
    return micros(Math.min(feed, this.#quick.nextAt, this.#bumped.nextAt, funding, timer));
  }

  /** Does the one thing that is due first. */
  #act(time: Micros): "feed" | "other" | "timer" {
    const { feed } = this.#options;
    if (this.#feedAt === time) {
      this.#floor.calm = this.#calmUntil();
      this.#now = feed.step(this.#floor);
      return "feed";
    }
    if (this.#quick.nextAt === time) this.#arrive(this.#quick.shift(), time);
    else if (this.#bumped.nextAt === time) this.#arrive(this.#bumped.shift(), time);
    else if (this.#nextFunding === time) this.#fund(time);
    else {
      this.#nextTimer = this.#timerAfter(time);
      return "timer";
    }
    return "other";
  }

  /** The run's calm, as far as nothing else is due. */
  #calmUntil(): Calm | undefined {
    const calm = this.#options.calm?.();
    if (calm === undefined) return undefined;
    const { nextAt } = this.#reports;
    const until = Math.min(
      calm.until,
      nextAt,
      this.#quick.nextAt,
      this.#bumped.nextAt,
      this.#nextFunding,
      this.#nextTimer,
    );
    return { ...calm, until: micros(until) };
  }

  #arrive(command: Command | undefined, time: Micros): void {
    if (command === undefined) return;
    const { exchange, account, market } = this.#options;
    if (command.kind === "cancel") {
      const id = this.#exchangeIds.get(command.id);
      if (id === undefined || exchange.cancel(account, id, time) === undefined) {
        this.#report({ kind: "cancelRefused", time, id: command.id, reason: "RESOURCE_NOT_FOUND" });
      }
      return;
    }
    const { id, side, price, quantity, role, reduceOnly } = command;
    const order = exchange.place(account, {
      symbol: market.symbol,
      clientId: id,
      side,
      type: "limit",
      price,
      quantity,
      timeInForce: role === "taker" ? "IOC" : "GTC",
      postOnly: role === "maker",
      reduceOnly,
      // A taker closes or hedges: an own maker in its way is on its way out and must not stop it.
      selfTradePrevention: role === "taker" ? "RejectMaker" : "RejectTaker",
    }, time);
    this.#exchangeIds.set(id, order.id);
  }

  #timerAfter(time: Micros): Micros {
    return micros((Math.floor(time / this.#timer) + 1) * this.#timer);
  }

  #fund(time: Micros): void {
    const { exchange, market } = this.#options;
    if (this.#fundingRate !== undefined) exchange.fund(market.symbol, this.#fundingRate, time);
    this.#nextFunding = this.#fundingAfter(time);
  }

  /** Funding is paid at whole intervals since midnight, on perps only. */
  #fundingAfter(time: Micros): Micros {
    const { kind, fundingIntervalMs } = this.#options.market;
    if (kind !== "perp" || fundingIntervalMs === undefined) return NEVER;
    const interval = fundingIntervalMs * MILLISECOND;
    return micros((Math.floor(time / interval) + 1) * interval);
  }

  #makeFloor(): VenueFloor {
    const { exchange, market, tellsBars } = this.#options;
    const { symbol } = market;
    const queue = this.#market;
    return {
      calm: undefined,
      get isTold() {
        return exchange.reports.length > 0 || queue.length > 0;
      },
      tellsBars,
      crowd: exchange.crowd(symbol),
      position: this.#options.position,
      markAt: (price) => exchange.setMark(symbol, price, price, this.#now),
      safePrices: () => this.#safe ??= this.#findSafePrices(),
      tell: (event) => {
        if (event.kind === "mark") {
          this.#fundingRate = event.fundingRate;
          exchange.setMark(symbol, event.price, event.indexPrice, this.#now);
        }
        this.#market.push(this.#now, event);
      },
    };
  }

  #findSafePrices(): SafePrices {
    const { exchange, account, market: { kind, symbol } } = this.#options;
    const held = kind === "perp" ? exchange.viewPosition(account, symbol) : undefined;
    const price = held?.liquidationTicks;
    const anywhere = { below: -Infinity, above: Infinity };
    if (held === undefined || price === undefined) return anywhere;
    // The estimate is of this moment; an order's margin may move it a little.
    return held.lots > 0
      ? { ...anywhere, below: price * 1.02 }
      : { ...anywhere, above: price * 0.98 };
  }

  /** Turns what the exchange said since the last time into events. */
  #listen(cause: "feed" | "other"): void {
    const { exchange, market } = this.#options;
    const book = exchange.book(market.symbol);
    const bids: Level[] = [];
    const asks: Level[] = [];
    book.drainTouched((side, price) => {
      const level = { price, quantity: book.levelQuantity(side, price) };
      (side === "bid" ? bids : asks).push(level);
    });
    if (exchange.reports.length > 0) this.#safe = undefined;
    for (const report of exchange.reports) this.#hear(report);
    exchange.reports.length = 0;
    // A row that changes nothing still says that the data is alive.
    if (bids.length + asks.length > 0 || (cause === "feed" && this.#market.length === 0)) {
      this.#market.push(this.#now, { kind: "depth", time: this.#now, bids, asks, snapshot: false });
    }
  }

  #hear(report: Report): void {
    if (report.kind === "print") {
      const { price, quantity, aggressor } = report;
      this.#market.push(this.#now, { kind: "trade", time: this.#now, price, quantity, aggressor });
    } else if (report.account === this.#options.account) {
      const event = eventOf(report);
      if (event !== undefined) this.#report(event);
      this.#forgetEnded(report);
    }
  }

  /** An order that is over needs no number of the exchange's any more. */
  #forgetEnded(report: Exclude<Report, { kind: "print" }>): void {
    if (report.kind === "funding" || report.clientId === undefined) return;
    const { exchange, account } = this.#options;
    if (exchange.order(account, report.orderId) === undefined) {
      this.#exchangeIds.delete(report.clientId);
    }
  }

  #report(event: Event): void {
    const at = micros(this.#now + this.#latency);
    this.#reports.push(at, { ...event, time: at });
  }
}
