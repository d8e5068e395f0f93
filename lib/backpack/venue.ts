// Backpack itself as a venue: the socket tells, requests command, and what the one loses the other
// finds. While the socket is down everything is asked for each second; while it is up it is still
// compared every few seconds, since a subscription is never acknowledged and its loss makes no sound.

import { assert } from "../core/assert.ts";
import type { Command, Event, OrderId } from "../core/event.ts";
import type { Market } from "../core/market.ts";
import type { FoundOrder, Whose } from "../core/settle.ts";
import type { Observation } from "../core/strategy.ts";
import { micros, MILLISECOND } from "../core/units.ts";
import type { Venue } from "../run.ts";
import { type Others, positionOf, redeemsLent } from "./account_news.ts";
import { type AccountRest, AccountWatch } from "./account_watch.ts";
import { Chores, sleepMs, type Wall } from "./chores.ts";
import { Inbox, type Request } from "./inbox.ts";
import { Listener, type StreamTerms, type VenueStream } from "./listener.ts";
import { type FeedRest, MarketFeed, streamsOf } from "./market_feed.ts";
import type { Notice } from "./notice.ts";
import { insist, type Known, type Opening, OpeningFault } from "./opening.ts";
import { OrderDesk, type OrderRest } from "./order_desk.ts";
import type { Rest } from "./rest.ts";
import type { ServerClock } from "./server_clock.ts";
import type { WireFault } from "./wire_fault.ts";

/** The requests a venue makes. */
export type VenueRest = AccountRest & FeedRest & OrderRest & Pick<Rest, "time" | "warm">;

/** What a live venue is made of. */
export interface LiveVenueOptions {
  readonly market: Market;
  readonly rest: VenueRest;
  /** Makes the socket; not called with `pollOnly`. */
  readonly stream: (terms: StreamTerms) => VenueStream;
  readonly clock: Pick<ServerClock, "nowMs" | "measure" | "offsetMs" | "skewed" | "strayed">;
  /** With a key. Without one only public data is heard, trades included, and nothing is ever sent. */
  readonly signed: boolean;
  /** Kinds of observation that are wanted; the book and marks come in any case. */
  readonly observes: ReadonlySet<Observation["kind"]>;
  /** How old a book may be that nobody confirms. */
  readonly staleMs: number;
  /** Between two timer events. */
  readonly timerMs: number;
  /** Ask for everything, listen to nothing. */
  readonly pollOnly?: boolean;
  /** This machine's time in ms from any start, never set back. */
  readonly localMs: () => number;
  /** Default: a timer. */
  readonly sleep?: Wall["sleep"];
  readonly signal: AbortSignal;
  /** What other runs on the account hold and have lost; absent where nobody knows. */
  readonly others?: () => Others;
  isOurs(id: OrderId): Whose;
  onNotice(notice: Notice): void;
  /** A message nobody can read; the venue goes on. */
  onFault(fault: WireFault): void;
}

/** While the socket carries nothing the market is asked for this often. */
const POLL_MS = 1_000;
const CHECK_BOOK_MS = 5_000;
const ACCOUNT_MS = 5_000;
const RULES_MS = 60_000;
/** Paid once an hour; asked for more often so that it counts soon. */
const FUNDING_MS = 300_000;
const CLOCK_MS = 600_000;

/** Backpack, or a local exchange that speaks like it. */
export class LiveVenue implements Venue {
  readonly #options: LiveVenueOptions;
  readonly #ended = new AbortController();
  readonly #signal: AbortSignal;
  readonly #inbox: Inbox;
  readonly #feed: MarketFeed;
  readonly #account: AccountWatch;
  readonly #desk: OrderDesk | undefined;
  readonly #chores: Chores;
  readonly #listener: Listener | undefined;
  /** While the venue opens, what happened to our orders; then undefined, and all goes to the loop. */
  #early: Event[] | undefined = [];

  constructor(options: LiveVenueOptions) {
    const { market, rest, clock, localMs, sleep = sleepMs, signed, staleMs, onNotice } = options;
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#ended.signal]);
    this.#inbox = new Inbox({
      now: () => micros(clock.nowMs() * MILLISECOND),
      onOverflow: () => this.#stop("The loop has fallen behind the market"),
    });
    const wall: Wall = { localMs, sleep };
    const nowMs = () => clock.nowMs();
    const shared = {
      market,
      wall,
      localMs,
      nowMs,
      signal: this.#signal,
      now: () => this.#inbox.stamp(),
      tell: (event: Event) => this.#tell(event),
      fail: (error: unknown) => this.#inbox.fail(error),
      onNotice: (notice: Notice) => onNotice(notice),
    };
    const restart = (reason: string) => this.#listener?.restart(reason);
    // What is played into a paper exchange needs its trades.
    const wants = signed ? options.observes : new Set([...options.observes, "trade" as const]);
    this.#feed = new MarketFeed({ ...shared, rest, wants, staleMs, onSilence: restart });
    this.#account = new AccountWatch({
      ...shared,
      rest,
      others: options.others,
      onEnd: (reason) => this.#stop(reason),
    });
    this.#desk = !signed ? undefined : new OrderDesk({
      ...shared,
      rest,
      market: () => this.#account.market,
      redeemsLent: () => this.#redeemsLent,
      isOurs: (id) => options.isOurs(id),
      onLost: restart,
    });
    this.#listener = options.pollOnly === true ? undefined : new Listener({
      ...shared,
      stream: options.stream,
      publicStreams: streamsOf(market, wants),
      privateStreams: signed ? [`account.orderUpdate.${market.symbol}`] : [],
      onPublic: (event) => this.#feed.take(event),
      onOrder: (update) => this.#desk?.hear(update),
      onUp: () => {
        this.#feed.up();
        this.#desk?.resumed();
      },
      onDown: () => this.#feed.down(),
      onFault: (fault) => options.onFault(fault),
    });
    this.#chores = new Chores(shared);
    options.signal.addEventListener("abort", () => this.end(), { once: true });
  }

  /** Everything the socket should carry, it carries, and nothing was missed. */
  get isReady(): boolean {
    if (this.#early !== undefined) return false;
    if (this.#listener === undefined) return true;
    return this.#feed.isLive && this.#desk?.isCompared !== false;
  }

  /** Opens the venue; to be awaited before the first `next`. Throws `OpeningFault`, and has ended then. */
  async start(known: Known = { live: [] }): Promise<Opening> {
    try {
      return await this.#open(known);
    } catch (error) {
      this.end();
      throw error;
    }
  }

  async #open(known: Known): Promise<Opening> {
    const { rest, localMs, sleep = sleepMs } = this.#options;
    const pace = { wall: { localMs, sleep }, signal: this.#signal };
    const askAccount = () => insist("the account", () => this.#account.ask(this.#signal), pace);
    await this.#setClock();
    await insist("the exchange", () => rest.warm(this.#signal), pace);
    const live = [...known.live];
    this.#desk?.own.adopt(live);
    // Keys that are not taken must show before anything is subscribed.
    if (this.#desk !== undefined) await askAccount();
    await this.#listener?.open();
    const orders = await this.#desk?.open({ ...known, live }, this.#signal);
    const holdings = this.#desk && await askAccount();
    const position = holdings && positionOf(this.#account.market, holdings);
    if (position !== undefined && this.#options.market.kind === "perp") {
      this.#desk?.expect(position);
    }
    this.#account.resume(known.fundingSince ?? this.#inbox.stamp());
    const events = this.#early ?? [];
    this.#early = undefined;
    this.#addChores();
    this.#chores.run().catch((error) => this.#inbox.fail(error));
    const { foreign = [], strange = [] } = orders ?? {};
    return { time: this.#inbox.stamp(), holdings, position, foreign, strange, events };
  }

  next(): Event | undefined | Promise<Event | undefined> {
    return this.#inbox.next();
  }

  send(commands: readonly Command[]): void {
    assert(this.#desk !== undefined, "a command to a venue that is only listened to");
    if (!this.#signal.aborted) this.#desk.send(commands);
  }

  /** Puts a person's command into the loop. */
  ask(request: Request): void {
    this.#inbox.ask(request);
  }

  /** No more events from now on. The requests under way are let go. */
  end(): void {
    this.#ended.abort();
    this.#listener?.close();
    this.#inbox.end();
  }

  /** Our open orders by the exchange's own word; undefined where it could not be asked. Also after `end`. */
  async prove(): Promise<readonly FoundOrder[] | undefined> {
    if (this.#desk === undefined) return [];
    return await this.#desk.prove(new AbortController().signal);
  }

  get #redeemsLent(): boolean {
    const { holdings, market } = this.#account;
    return holdings !== undefined && redeemsLent(market, holdings);
  }

  async #setClock(): Promise<void> {
    const { clock, rest, onNotice } = this.#options;
    let reason = "it does not tell its time";
    await clock.measure(async () => {
      const reply = await rest.time(this.#signal);
      if (reply.kind === "failed" || reply.kind === "unknown") ({ reason } = reply);
      return reply;
    }, this.#signal);
    if (clock.offsetMs === undefined) {
      throw new OpeningFault("unreachable", `Cannot reach the exchange: ${reason}`);
    }
    if (!clock.skewed) return;
    const text = `The clock of this machine is ${
      Math.round(clock.offsetMs)
    } ms behind the exchange's`;
    onNotice({ level: "warn", text });
  }

  #addChores(): void {
    const { timerMs, market, clock } = this.#options;
    const chores = this.#chores;
    const desk = this.#desk;
    const timer = (): Event => ({ kind: "timer", time: this.#inbox.stamp() });
    chores.add({ everyMs: () => timerMs, run: () => this.#tell(timer()) }, "later");
    chores.add({
      everyMs: () => this.#feed.isLive ? Infinity : POLL_MS,
      run: (signal) => this.#feed.poll(signal),
    }, "now");
    chores.add({ everyMs: () => 0, run: () => this.#feed.expire() }, "now");
    chores.add({ everyMs: () => 0, run: () => this.#listener?.watch() }, "now");
    chores.add(
      { everyMs: () => CHECK_BOOK_MS, run: (signal) => this.#feed.check(signal) },
      "later",
    );
    chores.add({ everyMs: () => RULES_MS, run: (signal) => this.#account.rules(signal) }, "later");
    const measureMs = () => clock.strayed ? POLL_MS : CLOCK_MS;
    chores.add({ everyMs: measureMs, run: () => this.#measure() }, "later");
    if (desk === undefined) return;
    chores.add({ everyMs: () => 0, run: () => desk.beat() }, "now");
    chores.add({
      everyMs: () => desk.lookEveryMs(this.#stream),
      run: (signal) => desk.look(this.#stream, signal),
    }, "later");
    chores.add({ everyMs: () => ACCOUNT_MS, run: (signal) => this.#askAccount(signal) }, "now");
    if (market.kind === "spot") return;
    chores.add(
      { everyMs: () => FUNDING_MS, run: (signal) => this.#account.funding(signal) },
      "now",
    );
  }

  get #stream(): "up" | "down" {
    return this.#listener?.state ?? "down";
  }

  async #askAccount(signal: AbortSignal): Promise<void> {
    const holdings = await this.#account.account(signal);
    if (holdings === undefined) return;
    this.#desk?.checkPosition(positionOf(this.#account.market, holdings));
  }

  async #measure(): Promise<void> {
    const { clock, rest } = this.#options;
    await clock.measure(() => rest.time(this.#signal), this.#signal);
  }

  #stop(reason: string): void {
    this.#options.onNotice({ level: "error", text: `${reason}: the run is stopped` });
    this.#inbox.ask("stop");
  }

  #tell(event: Event): void {
    if (this.#early === undefined || isOfMarket(event)) this.#inbox.push(event);
    else this.#early.push(event);
  }
}

/** What waits for the loop even while the venue opens: only the latest book matters then. */
function isOfMarket({ kind }: Event): boolean {
  return kind === "depth" || kind === "trade" || kind === "mark" || kind === "bar";
}
