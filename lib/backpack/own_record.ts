// What is known of one order of ours, and what of it has been told. The socket, the reply to a request
// and the history say the same things in any order, twice, or not at all, so each is taken as a claim;
// the loop hears each thing once, the fills before the end, and never an end that lacks fills.

import type { OrderEvent, OrderId, Reason } from "../core/event.ts";
import type { OwnOrder } from "../core/orders.ts";
import type { Side } from "../core/strategy.ts";
import { type Lots, lots, type Micros, micros, SECOND, type Ticks } from "../core/units.ts";
import type { Place } from "./wire_print.ts";

/** How an order ended, in the exchange's words. */
export type End =
  | { readonly kind: "filled" | "cancelled" }
  | { readonly kind: "expired" | "rejected"; readonly reason: Reason };

/** A fill as the loop is told it, without time and order. */
export type FillFacts = Omit<Extract<OrderEvent, { kind: "fill" }>, "kind" | "time" | "id">;

/** A cancel that was taken and still has not happened after this is asked for again. */
const CANCEL_PATIENCE = 5 * SECOND;

const NOTHING: readonly OrderEvent[] = [];

/** One order of ours. */
export class OwnRecord {
  readonly id: OrderId;
  readonly side: Side;
  readonly price: Ticks;
  readonly role: "maker" | "taker";
  readonly since: Micros;
  /** The exchange's own number, once it is known. */
  orderId: string | undefined;
  #quantity: Lots;
  /** Told here. All fills of an order that is taken over are told once more, and the ledger knows them. */
  #filled = lots(0);
  /** The most that any source says has filled. */
  #claimed = lots(0);
  #lackingSince: Micros | undefined;
  /** The loop believes it on the book, or being cancelled. */
  #answered: boolean;
  /** Anybody at the exchange has ever known it. */
  #existed: boolean;
  #doubtSince: Micros | undefined;
  #cancelAt: Micros | undefined;
  #heardAt: Micros;
  #end: End | undefined;
  #over = false;

  constructor(order: Place & Partial<Pick<OwnOrder, "filled" | "state">>, since: Micros) {
    const { id, side, price, quantity, role, filled = 0, state = "sent" } = order;
    this.id = id;
    this.side = side;
    this.price = price;
    this.role = role;
    this.since = since;
    this.#quantity = quantity;
    this.#answered = state !== "sent" && state !== "unknown";
    this.#existed = this.#answered || filled > 0;
    this.#heardAt = since;
  }

  /** Its end has been told. */
  get isOver(): boolean {
    return this.#over;
  }
  /** Since when nobody knows whether it rests; undefined while that is known. */
  get doubtSince(): Micros | undefined {
    return this.#doubtSince;
  }
  /** Since when more has filled than has been told; undefined while it has not. */
  get lackingSince(): Micros | undefined {
    return this.#claimed > this.#filled ? this.#lackingSince : undefined;
  }
  /** The request for it has been answered, or the stream has spoken of it. */
  get isAnswered(): boolean {
    return this.#answered;
  }

  /** It was on the book at `at`. */
  accepted(at: Micros, time: Micros): readonly OrderEvent[] {
    this.#hear(time);
    if (this.#over || this.#end !== undefined) return NOTHING;
    // What was true before the doubt arose does not end it.
    if (this.#doubtSince !== undefined && at <= this.#doubtSince) return NOTHING;
    this.#doubtSince = undefined;
    return this.#answer(time);
  }

  /** So much of it has filled, and so much is its whole quantity, as one source says. */
  claim(executed: Lots, quantity: Lots | undefined, time: Micros): readonly OrderEvent[] {
    if (this.#over) return NOTHING;
    this.#hear(time);
    if (executed > this.#claimed) {
      this.#claimed = executed;
      this.#lackingSince ??= time;
    }
    // The exchange only ever shrinks an order: what says otherwise is late.
    if (quantity === undefined || quantity >= this.#quantity) return NOTHING;
    const before = this.#doubtSince === undefined ? this.#answer(time) : NOTHING;
    this.#quantity = quantity;
    this.#over = this.#filled >= quantity;
    return [...before, { kind: "modified", time, id: this.id, quantity }];
  }

  /** A fill nobody has told yet. */
  fill(fill: FillFacts, time: Micros): readonly OrderEvent[] {
    this.#hear(time);
    const before = this.#doubtSince === undefined ? this.#answer(time) : NOTHING;
    this.#filled = lots(this.#filled + fill.quantity);
    if (this.#filled > this.#claimed) this.#claimed = this.#filled;
    if (this.#filled >= this.#claimed) this.#lackingSince = undefined;
    this.#over = this.#filled >= this.#quantity;
    return [...before, { kind: "fill", time, id: this.id, ...fill }, ...this.#finish(time)];
  }

  /** It ended, with so much filled in all; told once its fills have been. */
  end(end: End, executed: Lots, time: Micros): readonly OrderEvent[] {
    if (this.#over) return NOTHING;
    this.#existed = this.#existed || end.kind !== "rejected";
    this.#end ??= end;
    this.#doubtSince = undefined;
    const filled = end.kind === "filled" && executed === 0 ? this.#quantity : executed;
    return [...this.claim(filled, undefined, time), ...this.#finish(time)];
  }

  /** The exchange refused to take it. */
  refused(reason: Reason, time: Micros): readonly OrderEvent[] {
    // Refused and yet seen on the book: one of the two is wrong, and only a look can tell which.
    if (this.#existed) return this.lose(time);
    return this.end({ kind: "rejected", reason }, lots(0), time);
  }

  /** A request about it has an unknown outcome. */
  lose(time: Micros): readonly OrderEvent[] {
    if (this.#over || this.#end !== undefined) return NOTHING;
    const isTold = !this.#answered && this.#doubtSince !== undefined;
    this.#answered = false;
    this.#doubtSince = time;
    return isTold ? NOTHING : [{ kind: "unknown", time, id: this.id }];
  }

  /** Its cancel was taken, and is not done yet. */
  cancelTaken(time: Micros): void {
    this.#cancelAt ??= time;
  }

  /** Its cancel was refused: it does not rest, or does not rest yet. */
  cancelRefused(reason: Reason, time: Micros): readonly OrderEvent[] {
    this.#cancelAt = undefined;
    if (this.#over || this.#end !== undefined) return NOTHING;
    this.#answered = false;
    this.#doubtSince = time;
    return [{ kind: "cancelRefused", time, id: this.id, reason }];
  }

  /** It is in a list of open orders that was asked for at `askedAt`. */
  foundOpen(askedAt: Micros, time: Micros): readonly OrderEvent[] {
    const isStuck = this.#cancelAt !== undefined && this.#cancelAt + CANCEL_PATIENCE < askedAt;
    if (!isStuck) return this.accepted(askedAt, time);
    this.#cancelAt = undefined;
    // Told as lost and found again, so that whoever wanted it cancelled decides anew.
    const lost = this.lose(micros(askedAt - 1));
    return [...lost.map((event) => ({ ...event, time })), ...this.accepted(askedAt, time)];
  }

  /** It is not in a list of open orders that was asked for at `askedAt`. */
  notOpen(askedAt: Micros): void {
    const isKnown = this.#answered && this.#end === undefined && this.#heardAt < askedAt;
    if (isKnown && !this.#over) this.#doubtSince ??= askedAt;
  }

  /** Found nowhere, twice, after it could have arrived. */
  gone(time: Micros): readonly OrderEvent[] {
    if (this.#over || this.#doubtSince === undefined) return NOTHING;
    const end: End = this.#existed
      ? { kind: "expired", reason: "NotFound" }
      : { kind: "rejected", reason: "NeverArrived" };
    return this.end(end, this.#filled, time);
  }

  #answer(time: Micros): readonly OrderEvent[] {
    this.#existed = true;
    if (this.#answered || this.#end?.kind === "rejected") return NOTHING;
    this.#answered = true;
    return [{ kind: "accepted", time, id: this.id }];
  }

  #finish(time: Micros): readonly OrderEvent[] {
    const end = this.#end;
    if (this.#over || end === undefined || this.#filled < this.#claimed) return NOTHING;
    this.#over = true;
    const { id } = this;
    switch (end.kind) {
      case "filled":
        // Less than it once was, so it was shrunk and nobody said so.
        return [{ kind: "modified", time, id, quantity: this.#filled }];
      case "cancelled":
        return [{ kind: "cancelled", time, id }];
      case "rejected":
        return [{ kind: "rejected", time, id, reason: end.reason }];
      case "expired": {
        const { reason } = end;
        const kind = reason === "PostOnlyTaker" && this.#filled === 0 ? "rejected" : "expired";
        return [{ kind, time, id, reason }];
      }
    }
  }

  #hear(time: Micros): void {
    if (time > this.#heardAt) this.#heardAt = time;
    this.#existed = true;
  }
}
