// Public market data as the loop hears it. By socket while there is one: a book kept by snapshot and
// changes, trades, marks. While the socket is down or the book is not joined to it, by requests, one
// whole book after the other. A book nobody has confirmed for too long is taken away, which pulls all
// quotes: marks and trades going on would hide that it has stopped.

import { unreachable } from "../core/assert.ts";
import type { MarketEvent } from "../core/event.ts";
import type { Market } from "../core/market.ts";
import type { Observation } from "../core/strategy.ts";
import { type Micros, SECOND } from "../core/units.ts";
import { type DepthStep, DepthSync } from "./depth_sync.ts";
import type { Notice } from "./notice.ts";
import { Recent } from "./recent.ts";
import type { Rest } from "./rest.ts";
import type { DepthSnapshot, MarkPrice, PastTrade } from "./wire_public.ts";
import type { PublicEvent } from "./wire_stream.ts";

/** The requests that are made. */
export type FeedRest = Pick<Rest, "depth" | "trades" | "markPrices">;

/** What the feed is made of. */
export interface MarketFeedOptions {
  readonly market: Market;
  readonly rest: FeedRest;
  readonly wants: ReadonlySet<Observation["kind"]>;
  /** How old a book may be that no stream keeps up to date. */
  readonly staleMs: number;
  readonly localMs: () => number;
  readonly now: () => Micros;
  tell(event: MarketEvent): void;
  onNotice(notice: Notice): void;
  /** The socket is up and does not carry the book. */
  onSilence(reason: string): void;
}

/** Levels of each side in a snapshot that changes are joined to (PROTOCOL 9). */
const WHOLE_BOOK = 1000;
/** A book that takes longer is asked for again: quotes rest on it. */
const BOOK_WITHIN_MS = 2_000;
/** Levels of each side that tell whether the book goes on: only its count is looked at. */
const GLANCE = 5;
/** Trades asked for at a time while there is no socket. */
const TRADES = 100;
/** Polled trades remembered, so that each is told once. */
const KEPT_TRADES = 1_000;

/** The streams of Backpack's that a feed of these kinds needs. */
export function streamsOf({ symbol }: Market, wants: ReadonlySet<Observation["kind"]>): string[] {
  return [
    `depth.${symbol}`,
    `markPrice.${symbol}`,
    // Sent each second on spot too, where a mark may not exist.
    `ticker.${symbol}`,
    ...(wants.has("trade") ? [`trade.${symbol}`] : []),
    ...(wants.has("bar") ? [`kline.1m.${symbol}`] : []),
  ];
}

/** One market. */
export class MarketFeed {
  readonly #options: MarketFeedOptions;
  readonly #sync = new DepthSync();
  readonly #trades = new Recent<string, Micros>(KEPT_TRADES);
  #isStreaming = false;
  /** When a whole book last came by request, in local ms. */
  #bookMs: number;
  #isBlank = true;
  /** The last id of the book we hold. */
  #lastId = 0;
  /** An id the exchange's book had reached when it was last glanced at. */
  #reachedId = 0;
  #isPrimed = false;

  constructor(options: MarketFeedOptions) {
    this.#options = options;
    this.#bookMs = options.localMs();
  }

  /** The socket keeps the book up to date: nothing has to be asked for. */
  get isLive(): boolean {
    return this.#isStreaming && this.#sync.state === "live";
  }

  /** Subscribed again, on a new socket. */
  up(): void {
    this.#isStreaming = true;
    this.#sync.reset();
  }

  /** The socket is lost. */
  down(): void {
    if (this.isLive) this.#bookMs = this.#options.localMs();
    this.#isStreaming = false;
    this.#sync.reset();
  }

  /** Takes what the socket says. */
  take(event: PublicEvent): void {
    const { wants } = this.#options;
    switch (event.kind) {
      case "depth":
        return this.#step(this.#sync.delta(event));
      case "trade":
        if (wants.has("trade")) this.#trade(event);
        return;
      case "mark":
        return this.#mark(event);
      case "bar":
        return this.#bar(event);
      case "touch":
      case "ticker":
        return;
      default:
        return unreachable(event);
    }
  }

  /** Asks for what the socket does not carry at this moment. */
  async poll(signal: AbortSignal): Promise<void> {
    if (this.isLive) return;
    const { market, rest } = this.#options;
    const asked = [this.#pollBook(signal)];
    if (!this.#isStreaming) {
      asked.push(this.#pollTrades(signal));
      asked.push(
        rest.markPrices(market, signal).then((reply) => {
          if (reply.kind !== "ok" || this.#isStreaming) return;
          for (const mark of reply.value) {
            if (mark.market.symbol === market.symbol) this.#mark(mark);
          }
        }),
      );
    }
    await Promise.all(asked);
  }

  /** Takes the book away if nobody has confirmed it for too long. */
  expire(): void {
    const { localMs, staleMs, now, tell, onNotice } = this.#options;
    if (this.isLive || this.#isBlank || localMs() - this.#bookMs <= staleMs) return;
    this.#isBlank = true;
    onNotice({ level: "warn", text: `No book for ${staleMs} ms: quotes are pulled` });
    tell({ kind: "depth", time: now(), bids: [], asks: [], snapshot: true });
  }

  /** Glances at the exchange's book: an id it had reached a while ago must have come here by now. */
  async check(signal: AbortSignal): Promise<void> {
    if (!this.isLive) return;
    const { market, rest, onSilence } = this.#options;
    const reply = await rest.depth(market, GLANCE, signal);
    if (reply.kind !== "ok" || !this.isLive) return;
    const missed = this.#reachedId;
    this.#reachedId = reply.value.lastId;
    if (missed <= this.#lastId) return;
    this.#reachedId = 0;
    this.down();
    onSilence(`the book stopped at ${this.#lastId} and the exchange was at ${missed}`);
  }

  async #pollBook(signal: AbortSignal): Promise<void> {
    const { market, rest } = this.#options;
    const soon = AbortSignal.any([signal, AbortSignal.timeout(BOOK_WITHIN_MS)]);
    const reply = await rest.depth(market, WHOLE_BOOK, soon);
    if (reply.kind !== "ok") return;
    if (this.#isStreaming) this.#step(this.#sync.snapshot(reply.value));
    // Until a change joins it to the socket the snapshot is the best book there is.
    if (!this.isLive) this.#snapshot(reply.value);
  }

  async #pollTrades(signal: AbortSignal): Promise<void> {
    const { market, rest, wants } = this.#options;
    if (!wants.has("trade")) return;
    const reply = await rest.trades(market, TRADES, signal);
    if (reply.kind !== "ok" || this.#isStreaming) return;
    for (const trade of reply.value.toSorted((a, b) => a.time - b.time)) {
      const { tradeId, time, price, quantity } = trade;
      const isNew = this.#trades.add(`${tradeId ?? `${time} ${price} ${quantity}`}`, time);
      // What traded before we looked is history.
      if (isNew && this.#isPrimed) this.#trade(trade);
    }
    this.#isPrimed = true;
  }

  #step(step: DepthStep): void {
    const { now, tell, onNotice } = this.#options;
    if (step.kind === "needSnapshot") {
      this.#bookMs = this.#options.localMs();
      onNotice({ level: "info", text: `The book is fetched again: ${step.reason}` });
    }
    if (step.kind !== "apply") return;
    if (step.snapshot !== undefined) this.#snapshot(step.snapshot);
    for (const { bids, asks, lastId } of step.deltas) {
      this.#lastId = lastId;
      tell({ kind: "depth", time: now(), bids, asks, snapshot: false });
    }
  }

  #snapshot({ bids, asks, lastId }: DepthSnapshot): void {
    const { localMs, now, tell } = this.#options;
    this.#bookMs = localMs();
    this.#isBlank = false;
    this.#lastId = lastId;
    tell({ kind: "depth", time: now(), bids, asks, snapshot: true });
  }

  #trade({ tradeId, time, price, quantity, aggressor }: PastTrade): void {
    const { now, tell } = this.#options;
    if (tradeId !== undefined) this.#trades.add(`${tradeId}`, time);
    tell({ kind: "trade", time: now(), price, quantity, aggressor });
  }

  #mark({ price, indexPrice, fundingRate }: MarkPrice): void {
    const { now, tell } = this.#options;
    tell({
      kind: "mark",
      time: now(),
      price,
      ...(indexPrice === undefined ? {} : { indexPrice }),
      ...(fundingRate === undefined ? {} : { fundingRate }),
    });
  }

  #bar({ bar, closed }: Extract<PublicEvent, { kind: "bar" }>): void {
    const { now, tell } = this.#options;
    // A bar without a trade has no prices, and says nothing.
    if (!closed || bar.prices === undefined) return;
    const barSec = Math.round((bar.end - bar.start) / SECOND);
    tell({ kind: "bar", time: now(), barSec, ...bar.prices, volume: bar.volume });
  }
}
