// The positions an account has had in the perp markets, from flat to flat. The engine knows only the
// present one, and merges what was realised into the wallet when it ends; the history of positions
// and of settlements is told from here, by the same exact sums of money in and out.

import { mulDivFloor } from "../core/decimal.ts";
import { type Market, notional } from "../core/market.ts";
import type { Side } from "../core/strategy.ts";
import { type Cash, cash, type Lots, lots, type Micros, type Ticks } from "../core/units.ts";
import { keep } from "./keep.ts";

/** Positions that are kept; older closed ones are forgotten. */
const KEPT = 10_000;

/** One position from its opening to its end. Money in `Cash`. */
export interface Episode {
  /** Digits. */
  readonly id: string;
  readonly market: Market;
  readonly openedAt: Micros;
  readonly closedAt: Micros | undefined;
  /** Signed. */
  readonly held: Lots;
  /** The most it held, without a sign: what was opened. */
  readonly opened: Lots;
  readonly closed: Lots;
  /** Money paid or received (positive) for what was opened and closed. */
  readonly openedFor: number;
  readonly closedFor: number;
  /** What the lots held now have cost on average; negative for a short. */
  readonly cost: number;
  readonly realised: number;
  readonly fees: number;
  readonly liquidationFees: number;
  readonly liquidated: Lots;
  /** Received; negative = paid. */
  readonly funding: number;
}

/** A part of a fill that opens or closes. */
export interface Traded {
  readonly time: Micros;
  readonly side: Side;
  readonly price: Ticks;
  readonly quantity: Lots;
  readonly fee: Cash;
  readonly forced: boolean;
}

type Draft = { -readonly [K in keyof Episode]: Episode[K] };

/** All positions of one account. */
export class Episodes {
  readonly #all: Draft[] = [];
  readonly #open = new Map<string, Draft>();
  /** Numbers that no other account uses: the account's own comes first. */
  readonly #base: number;
  #count = 0;

  constructor(account: number) {
    this.#base = account * 1_000_000;
  }

  /** Oldest first. */
  get all(): readonly Episode[] {
    return this.#all;
  }

  /** The position that is open in a market. */
  open(symbol: string): Episode | undefined {
    return this.#open.get(symbol);
  }

  /** Takes a fill; gives what was settled into the wallet where it made the position flat. */
  fill(market: Market, traded: Traded): Cash | undefined {
    const episode = this.#open.get(market.symbol) ?? this.#begin(market, traded.time);
    const signed = traded.side === "bid" ? traded.quantity : -traded.quantity;
    const closes = signed * episode.held < 0
      ? Math.min(traded.quantity, Math.abs(episode.held))
      : 0;
    episode.fees += traded.fee;
    if (traded.forced) episode.liquidationFees += traded.fee;
    if (closes > 0) close(episode, traded, lots(closes));
    const rest = lots(traded.quantity - closes);
    if (episode.held === 0 && closes > 0) {
      episode.closedAt = traded.time;
      this.#open.delete(market.symbol);
      if (rest > 0) enlarge(this.#begin(market, traded.time), traded, rest);
      return cash(episode.realised);
    }
    if (rest > 0) enlarge(episode, traded, rest);
    return undefined;
  }

  /** Takes a funding payment. */
  fund(symbol: string, payment: Cash): void {
    const episode = this.#open.get(symbol);
    if (episode !== undefined) episode.funding += payment;
  }

  #begin(market: Market, time: Micros): Draft {
    const episode: Draft = {
      id: String(this.#base + ++this.#count),
      market,
      openedAt: time,
      closedAt: undefined,
      held: lots(0),
      opened: lots(0),
      closed: lots(0),
      openedFor: 0,
      closedFor: 0,
      cost: 0,
      realised: 0,
      fees: 0,
      liquidationFees: 0,
      liquidated: lots(0),
      funding: 0,
    };
    keep(this.#all, episode, KEPT);
    this.#open.set(market.symbol, episode);
    return episode;
  }
}

function enlarge(episode: Draft, { side, price }: Traded, quantity: Lots): void {
  const paid = notional(episode.market, price, quantity);
  const sign = side === "bid" ? 1 : -1;
  episode.held = lots(episode.held + sign * quantity);
  episode.opened = lots(episode.opened + quantity);
  episode.openedFor += paid;
  episode.cost += sign * paid;
}

function close(episode: Draft, { price, forced }: Traded, quantity: Lots): void {
  const sign = Math.sign(episode.held);
  const before = Math.abs(episode.held);
  const got = notional(episode.market, price, quantity);
  // As the engine rounds it, so that the sums agree at every step and not only in the end.
  const cost = quantity === before ? episode.cost : mulDivFloor(episode.cost, quantity, before);
  episode.realised += sign * got - cost;
  episode.cost -= cost;
  episode.held = lots(episode.held - sign * quantity);
  episode.closed = lots(episode.closed + quantity);
  episode.closedFor += got;
  if (forced) episode.liquidated = lots(episode.liquidated + quantity);
}
