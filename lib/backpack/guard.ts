// The guard's decisions: one stop order for the whole position rests at the exchange, so that a dead
// machine does not mean an unguarded position. A stop that must change is placed anew before the old
// one is cancelled: both can only reduce, so together they never sell more than there is, while the
// other order would leave the position bare at the very moment a machine may die.

import type { OrderId } from "../core/event.ts";
import type { RiskLimits, Side } from "../core/strategy.ts";
import { type Lots, lots, type Micros, SECOND, type Ticks, ticks } from "../core/units.ts";
import type { Trigger } from "./wire_trigger.ts";

/** How far the stop is kept: from the entry price, and from the best mark since. */
export type GuardLimits = Pick<RiskLimits, "guardStopPct" | "trailPct">;

/** What is to be guarded. */
export interface Held {
  /** Of the run, signed. */
  readonly position: Lots;
  /** Average entry price in ticks, may be fractional; undefined when flat. */
  readonly entryTicks: number | undefined;
  readonly mark: Ticks;
}

/** The best mark of a position, which the stop's side tells from the next one. */
export interface Best {
  /** Of the stop: ask guards a long. */
  readonly side: Side;
  readonly price: Ticks;
}

/**
 * A stop that may be at the exchange. sent: not answered yet; unknown: nobody knows whether it rests;
 * leaving: being cancelled; fired: the mark has set it off.
 */
export interface KnownStop extends Trigger {
  readonly state: "sent" | "unknown" | "resting" | "leaving" | "fired";
  /** Since when the mark is beyond it; undefined while it is not. */
  readonly passedAt: Micros | undefined;
}

/** What to do now. */
export type Step =
  | { readonly kind: "nothing" }
  | { readonly kind: "place"; readonly stop: Omit<Trigger, "id"> }
  | { readonly kind: "remove"; readonly ids: readonly OrderId[] };

/** What a decision is made of. */
export interface Situation extends Held {
  readonly best: Best | undefined;
  readonly limits: GuardLimits;
  /** A position of less cannot be guarded: the exchange takes no such order. */
  readonly minQuantity: Lots;
  /** Oldest first. */
  readonly stops: readonly KnownStop[];
  readonly time: Micros;
}

/**
 * No stop is placed nearer to the mark than this part of it: the mark may have gone by when it
 * arrives, and a stop behind the mark waits for it to come back.
 */
const LEAST_AWAY = 0.001;
/** A trail follows in steps of this part of its distance: each tick would be two requests. */
const TRAIL_STEP = 0.05;
/** A stop that the mark has passed for so long did not go off: it looks the wrong way. */
const PASSED_FOR = 5 * SECOND;

const NOTHING: Step = { kind: "nothing" };

/** The best mark of the position so far; undefined when flat. */
export function follow(
  best: Best | undefined,
  { position, mark }: Pick<Held, "position" | "mark">,
): Best | undefined {
  if (position === 0) return undefined;
  const side = sideOf(position);
  if (best?.side !== side) return { side, price: mark };
  return isTighter(side, mark, best.price) ? { side, price: mark } : best;
}

/** True once the mark is where it sets the stop off. */
export function isPassed({ side, price }: Pick<Trigger, "side" | "price">, mark: Ticks): boolean {
  return side === "ask" ? mark <= price : mark >= price;
}

/** Where the limits want the stop, wherever the mark is; undefined where none is wanted. */
export function targetOf(
  { position, entryTicks, best, limits }: Pick<
    Situation,
    "position" | "entryTicks" | "best" | "limits"
  >,
): Ticks | undefined {
  const { guardStopPct, trailPct } = limits;
  const side = sideOf(position);
  const prices: number[] = [];
  if (guardStopPct !== undefined && entryTicks !== undefined) {
    prices.push(away(side, entryTicks, guardStopPct));
  }
  if (trailPct !== undefined && best !== undefined) prices.push(away(side, best.price, trailPct));
  if (position === 0 || prices.length === 0) return undefined;
  return ticks(Math.max(1, side === "ask" ? Math.max(...prices) : Math.min(...prices)));
}

/** The next step from what rests to what is wanted; one at a time. */
export function decide(situation: Situation): Step {
  const { position, stops, mark, time, limits, minQuantity } = situation;
  // What is not known to rest or to leave must be found out first: never blindly again.
  if (stops.some(({ state }) => state !== "resting" && state !== "leaving")) return NOTHING;
  const resting = stops.filter(({ state }) => state === "resting");
  const target = Math.abs(position) < minQuantity ? undefined : targetOf(situation);
  if (target === undefined) return remove(resting);
  const side = sideOf(position);
  const own = resting.filter((stop) => stop.side === side);
  const passed = own.filter(({ passedAt }) => passedAt !== undefined);
  // The exchange is closing the position at this moment.
  if (passed.some(({ passedAt = time }) => time < passedAt + PASSED_FOR)) return NOTHING;
  const sound = own.filter((stop) => !passed.includes(stop));
  const nearest = within(side, target, mark);
  const slack = Math.floor((target * (limits.trailPct ?? 0) * TRAIL_STEP) / 100);
  const quantity = lots(Math.abs(position));
  const fitting = sound.findLast((stop) =>
    stop.quantity === quantity && isBetween(stop.price, [nearest, target], slack)
  );
  if (fitting !== undefined) return remove(resting.filter((stop) => stop !== fitting));
  if (stops.length > 1) {
    const kept = sound.at(-1);
    return remove(resting.filter((stop) => stop !== kept));
  }
  // Near the mark a stop that rests keeps its price: one that always gave way would never go off.
  const held = nearest === target
    ? undefined
    : sound.findLast(({ price }) => isBetween(price, [nearest, target], 0));
  return { kind: "place", stop: { side, price: held?.price ?? nearest, quantity } };
}

function sideOf(position: Lots): Side {
  return position > 0 ? "ask" : "bid";
}

function isTighter(side: Side, price: Ticks, than: Ticks): boolean {
  return side === "ask" ? price > than : price < than;
}

/** So many per cent from a price, to the tick that is nearer to it. */
function away(side: Side, price: number, pct: number): number {
  return side === "ask"
    ? Math.ceil((price * (100 - pct)) / 100)
    : Math.floor((price * (100 + pct)) / 100);
}

/** The target, or where it lies beyond the mark the price nearest to it that still looks the right way. */
function within(side: Side, target: Ticks, mark: Ticks): Ticks {
  const away = mark * LEAST_AWAY;
  return ticks(
    side === "ask"
      ? Math.max(1, Math.min(target, Math.floor(mark - away), mark - 1))
      : Math.max(target, Math.ceil(mark + away), mark + 1),
  );
}

function isBetween(price: Ticks, ends: readonly [Ticks, Ticks], slack: number): boolean {
  return price >= Math.min(...ends) - slack && price <= Math.max(...ends) + slack;
}

function remove(stops: readonly KnownStop[]): Step {
  return stops.length === 0 ? NOTHING : { kind: "remove", ids: stops.map(({ id }) => id) };
}
