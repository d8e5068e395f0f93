// What a journal knows of a recorded session, in the words of a comparison: its fills and the lives of
// its orders, the market with and without them, how long orders were on their way, what was refused,
// what a person did, and when nobody heard the market.

import type { Tape } from "../core/columns.ts";
import type { Command, Event } from "../core/event.ts";
import type { FillRow } from "./metrics.ts";
import { type Market } from "../core/market.ts";
import { type Micros, micros, MILLISECOND, SECOND } from "../core/units.ts";
import type { Observer } from "../run.ts";
import type { RunFill } from "./compare.ts";
import { type OrderLife, OrderLives } from "./compare_orders.ts";
import { type Gap, SessionTape } from "./compare_tape.ts";
import type { Circumstances, Place } from "./compare_venue.ts";
import { feeInQuote } from "./pairs.ts";

/** A recorded session. */
export interface Session {
  /** Without the run's own orders. */
  readonly others: Tape;
  /** As the exchange showed it. */
  readonly shown: Tape;
  /** Bars and rulings of the exchange: of the market, but not of a tape. */
  readonly said: readonly Event[];
  /** What a person, the exchange or other runs did to this run's account. */
  readonly person: readonly Event[];
  readonly orders: readonly OrderLife[];
  readonly gaps: readonly Gap[];
  /** Trades that were told. */
  readonly trades: number;
}

/** Goes through the session once for each of the two observers, one after the other. */
export type Replaying = (observer: Observer) => Promise<void>;

/** How a run's own orders and a person's commands come out of its events. */
class OwnEvents implements Observer {
  readonly lives: OrderLives;
  readonly person: Event[] = [];

  constructor(backMs: number) {
    this.lives = new OrderLives({ backMs });
  }

  seen(event: Event, commands: readonly Command[]): void {
    this.lives.seen(event, commands);
    if (ofPerson.has(event.kind)) this.person.push(event);
  }
}

const ofPerson: ReadonlySet<Event["kind"]> = new Set(
  ["pause", "resume", "flatten", "stop", "foreignFill", "account"] as const,
);

/** Reads a session. `backMs` is how long its reports took. */
export async function readSession(
  replaying: Replaying,
  { backMs, staleMs }: { readonly backMs: number; readonly staleMs: number },
): Promise<Session> {
  const own = new OwnEvents(backMs);
  await replaying(own);
  const { changes, takings, all } = own.lives;
  const others = new SessionTape({ changes, takings }, { staleMs });
  const shown = new SessionTape({ changes: [], takings: [] }, { staleMs });
  await replaying({
    seen(event) {
      others.take(event);
      shown.take(event);
    },
  });
  return {
    ...{ others: others.end(), shown: shown.end(), said: others.said, person: own.person },
    ...{ orders: [...all], gaps: others.gaps, trades: others.trades },
  };
}

/** Fills of a run at the time of the exchange. */
export function runFills(
  market: Market,
  fills: readonly FillRow[],
  { backMs }: { readonly backMs: number },
): readonly RunFill[] {
  return fills.map((fill) => {
    const { time, side, price, quantity } = fill;
    const at = micros(time - Math.round(backMs * MILLISECOND));
    return { time: at, side, price, quantity, fee: feeInQuote(market, fill) };
  });
}

/** How long each recorded order was on its way, for whatever is sent at about the same time. */
export function recordedDelays(
  orders: readonly OrderLife[],
  { assumed }: { readonly assumed: number },
): Circumstances["out"] {
  const known = orders.flatMap(({ sentAt, restedAt, role }) =>
    // A taker waits for the speed bump too, which the simulation adds by itself.
    restedAt === undefined || role === "taker" ? [] : [{ sentAt, delay: restedAt - sentAt }]
  ).sort((a, b) => a.sentAt - b.sentAt);
  return (time) => {
    const after = firstFrom(known, time);
    const [before, next] = [known[after - 1], known[after]];
    if (before === undefined || next === undefined) return (before ?? next)?.delay ?? assumed;
    return time - before.sentAt <= next.sentAt - time ? before.delay : next.delay;
  };
}

/** An order like a refused one, sent at about the same time. */
const LIKE_WITHIN = SECOND;

/** Refuses what the exchange refused, each once. */
export function recordedRefusals(orders: readonly OrderLife[]): Circumstances["refusal"] {
  const refused = orders.filter((order) => order.refused !== undefined);
  const used = new Set<OrderLife>();
  return ({ side, price }: Place, time) => {
    const like = refused.find((order) =>
      !used.has(order) && order.side === side && order.price === price &&
      Math.abs(order.sentAt - time) <= LIKE_WITHIN
    );
    if (like !== undefined) used.add(like);
    return like?.refused;
  };
}

/** Index of the first that was sent at `time` or later. */
function firstFrom(sorted: readonly { readonly sentAt: Micros }[], time: Micros): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.sentAt ?? Infinity) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
