// A market from a seed, for demos and tests: trades, quotes and depth of strangers, row by row as a
// recording would have them. It is no kinder than a real one: quotes lag the price, and the informed
// part of the trades knows where the price will be once it has typically moved by more than a spread,
// so that resting at the touch loses to them about what it earns from the others, before fees.

import { ROW, type Tape } from "../core/columns.ts";
import { cashNumber, type Market, priceNumber } from "../core/market.ts";
import { Random } from "../core/random.ts";
import { SECOND } from "../core/units.ts";
import { Rows } from "./rows.ts";
import {
  checkSynthOptions,
  fault,
  synthDefaults,
  type SynthOptions,
  usualStart,
} from "./synth_options.ts";
import { type PathBounds, SynthPath } from "./synth_path.ts";
import { type BookForm, SynthSide } from "./synth_side.ts";

// The largest number of a tape's columns.
const MOST = 2 ** 31 - 1;
// A spread drawn wider than this many times the mean is cut, so that the book has known bounds.
const WIDEST = 8;

/** Plays the market a second at a time. The same options give the same rows. */
export class SynthMarket {
  readonly #market: Market;
  readonly #options: SynthOptions;
  readonly #path: SynthPath;
  readonly #quotes: Random;
  readonly #flow: Random;
  readonly #bids: SynthSide;
  readonly #asks: SynthSide;
  #rows = new Rows(256);
  #second = 0;
  #spread: number;
  #lastSign = 0;
  #nextQuote: number;
  #nextTrade: number;

  /** Throws `RangeError` "<option> <rule>: current value is <value>". */
  constructor(market: Market, options: Partial<SynthOptions> = {}) {
    const all = { ...synthDefaults, ...usualStart(market), ...options };
    checkSynthOptions(all);
    this.#market = market;
    this.#options = all;
    this.#quotes = new Random(all.seed, 2);
    this.#flow = new Random(all.seed, 3);
    const form = bookOf(market, all);
    this.#path = new SynthPath(new Random(all.seed, 1), all, pathOf(market, all, form));
    const draw = () => this.#draw(this.#quotes, all.levelNotional);
    this.#spread = this.#drawSpread();
    const bid = this.#bidAt(this.#path.now.from);
    this.#bids = new SynthSide("bid", form, bid, draw);
    this.#asks = new SynthSide("ask", form, bid + this.#spread, draw);
    this.#nextQuote = all.start + this.#wait(this.#quotes, all.quotesPerSecond);
    this.#nextTrade = all.start + this.#wait(this.#flow, all.tradesPerSecond);
  }

  /**
   * The rows of the next second, possibly none; undefined once `durationSec` is over. Trades come
   * before the book rows they cause; of those `bbo` comes first, then levels that are gone, then
   * new quantities, so that no order of reading ever sees a crossed book.
   */
  chunk(): Tape | undefined {
    const { durationSec, start } = this.#options;
    if (durationSec !== undefined && this.#second >= durationSec) return undefined;
    const begin = start + this.#second * SECOND;
    const end = begin + SECOND;
    this.#rows = new Rows(this.#rows.length + 64);
    const { from, to } = this.#path.now;
    if (this.#second === 0) this.#open(begin);
    if (this.#market.kind === "perp") this.#mark(begin, from);
    for (;;) {
      const time = Math.min(this.#nextQuote, this.#nextTrade);
      if (time >= end) break;
      if (this.#nextQuote <= this.#nextTrade) {
        this.#quote(Math.floor(time), from + ((to - from) * (time - begin)) / SECOND);
        this.#nextQuote += this.#wait(this.#quotes, this.#options.quotesPerSecond);
      } else {
        this.#trade(Math.floor(time));
        this.#nextTrade += this.#wait(this.#flow, this.#options.tradesPerSecond);
      }
    }
    this.#path.advance();
    this.#second++;
    return this.#rows.tape();
  }

  #open(time: number): void {
    this.#rows.push(ROW.reset, time, 0, 0, 0, 0);
    this.#show(time);
  }

  #mark(time: number, price: number): void {
    const rate = Math.round(this.#options.fundingRate * 1e10);
    this.#rows.push(ROW.mark, time, Math.round(price), rate, Math.round(price), 0);
  }

  #quote(time: number, price: number): void {
    if (this.#quotes.chance(0.1)) this.#spread = this.#drawSpread();
    this.#requote(price);
    const side = this.#quotes.chance(0.5) ? this.#bids : this.#asks;
    if (this.#quotes.chance(0.5)) side.redraw(0);
    side.redraw(this.#quotes.integer(1, this.#options.levels - 1));
    this.#show(time);
  }

  #requote(price: number): void {
    const bid = this.#bidAt(price);
    this.#bids.move(bid);
    this.#asks.move(bid + this.#spread);
  }

  #bidAt(price: number): number {
    return Math.round(price - this.#spread / 2);
  }

  #trade(time: number): void {
    const sign = (this.#flow.chance(this.#options.informed) && this.#informed()) ||
      this.#uninformed();
    this.#lastSign = sign;
    // One in twenty is large enough to walk levels.
    const large = this.#flow.chance(0.05) ? 10 : 1;
    const quantity = this.#draw(this.#flow, this.#options.tradeNotional * large);
    const kind = sign > 0 ? ROW.tradeBid : ROW.tradeAsk;
    const hit = sign > 0 ? this.#asks : this.#bids;
    hit.take(quantity, (price, part) => this.#rows.push(kind, time, price, part, 0, 0));
    this.#show(time);
  }

  /** The side that will have paid; 0 where neither will. */
  #informed(): number {
    const { best: bid } = this.#bids;
    const { best: ask } = this.#asks;
    const { known } = this.#path;
    return known > ask ? 1 : known < bid ? -1 : 0;
  }

  #uninformed(): number {
    const { orderFlowImbalance, orderFlowPersistence } = this.#options;
    const mean = orderFlowImbalance + orderFlowPersistence * (this.#lastSign - orderFlowImbalance);
    return this.#flow.chance((1 + mean) / 2) ? 1 : -1;
  }

  #show(time: number): void {
    const bids = this.#bids;
    const asks = this.#asks;
    if (bids.touchChanged || asks.touchChanged) {
      this.#rows.push(ROW.bbo, time, bids.best, bids.touch, asks.best, asks.touch);
    }
    const bidLevel = (price: number, quantity: number) =>
      this.#rows.push(ROW.bidLevel, time, price, quantity, 0, 0);
    const askLevel = (price: number, quantity: number) =>
      this.#rows.push(ROW.askLevel, time, 0, 0, price, quantity);
    bids.drainGone(bidLevel);
    asks.drainGone(askLevel);
    bids.drainSet(bidLevel);
    asks.drainSet(askLevel);
  }

  /** A quantity in lots around a mean notional, never less than the market's minimum. */
  #draw(random: Random, notional: number): number {
    const perLot = this.#path.now.from * cashNumber(this.#market.cashPerTickLot);
    const drawn = Math.round((notional / perLot) * (0.2 + random.exponential(0.8)));
    return Math.min(Math.max(drawn, this.#market.minQuantity, 1), MOST);
  }

  /** Geometric with the mean `spreadTicks`, so mostly narrow and now and then wide. */
  #drawSpread(): number {
    const mean = this.#options.spreadTicks;
    if (mean === 1) return 1;
    const drawn = 1 + Math.floor(Math.log(1 - this.#quotes.next()) / Math.log(1 - 1 / mean));
    return Math.min(drawn, Math.floor(WIDEST * mean));
  }

  #wait(random: Random, perSecond: number): number {
    return perSecond === 0 ? Infinity : random.exponential(SECOND / perSecond);
  }
}

function bookOf(market: Market, { levelGapTicks, levels }: SynthOptions): BookForm {
  const least = Math.max(market.minPrice, 1);
  const most = Math.min(market.maxPrice ?? MOST, MOST);
  return { levels, gap: levelGapTicks, least, most };
}

/** Where the price may go, so that a whole book fits around it. */
function pathOf(market: Market, options: SynthOptions, book: BookForm): PathBounds {
  const { spreadTicks, startPrice } = options;
  const start = startPrice / priceNumber(market, 1);
  const room = (book.levels + 1) * book.gap + WIDEST * spreadTicks;
  const lowest = book.least + room;
  const highest = book.most - room;
  if (start < lowest || start > highest) {
    const [from, to] = [lowest, highest].map((price) => priceNumber(market, price));
    throw fault("startPrice", `must be between ${from} and ${to} on ${market.symbol}`, startPrice);
  }
  return { start, lowest, highest };
}
