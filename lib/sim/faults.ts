// A connection that fails: between a run and its simulated exchange it loses, repeats, delays and
// misorders what is told, and leaves the fate of commands open. Each fault is one that a real
// connection has, no fault begins after `until`, and in the end the truth about each order arrives.
// A process that died may connect anew; what was told while nobody heard it has to be asked for.

import { assert } from "../core/assert.ts";
import type { Command, Event, OrderEvent, OrderId, Reason } from "../core/event.ts";
import type { MarketState } from "../core/market.ts";
import type { Found } from "../core/settle.ts";
import { MILLISECOND, SECOND } from "../core/units.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { AccountId } from "../exchange/report.ts";
import type { Venue } from "../run.ts";
import type { FaultKind, OperatorCommand } from "./fault_rates.ts";
import { History } from "./history.ts";
import { isOwn, Line } from "./line.ts";
import { Mishaps, type MishapsOptions } from "./mishaps.ts";
import { type SimVenue, SPEED_BUMP_MS } from "./venue.ts";

/** What a failing connection is made of. */
export interface FaultyVenueOptions extends MishapsOptions {
  /** The venue behind it, which never fails. */
  readonly venue: SimVenue;
  readonly exchange: Exchange;
  readonly account: AccountId;
  readonly symbol: string;
  readonly operator: readonly OperatorCommand[];
}

/** A request that the exchange has not taken by then it never takes: the window of orders (2 s), the bump, and a little. */
const PROOF = (2_000 + SPEED_BUMP_MS + 200) * MILLISECOND;
/** Why requests are refused before they are orders (Backpack's error codes and expiry reasons). */
export const refusedWith: readonly Reason[] = [
  "TOO_MANY_REQUESTS",
  "INVALID_ORDER",
  "INSUFFICIENT_FUNDS",
  "PostOnlyTaker",
  "SERVICE_UNAVAILABLE",
];

/** Stands between a run and its venue, and fails by the dice. */
export class FaultyVenue implements Venue {
  readonly #options: FaultyVenueOptions;
  readonly #mishaps: Mishaps;
  readonly #line: Line;
  readonly #history = new History();
  /** What is not to be heard yet of orders whose fate is open. */
  readonly #secret = new Map<OrderId, Event[]>();
  constructor(options: FaultyVenueOptions) {
    this.#options = options;
    const mishaps = new Mishaps(options, options.venue.now);
    this.#mishaps = mishaps;
    this.#line = new Line({ ...options, mishaps });
    for (const { at, kind } of options.operator) {
      mishaps.at(at, () => this.#line.tell({ kind, time: at }));
    }
    mishaps.eachNowAndThen("disconnect", () => this.#line.disconnect());
    mishaps.eachNowAndThen("forgotten", () => this.#forget());
    mishaps.eachNowAndThen("maintenance", () => this.#maintain());
    mishaps.eachNowAndThen("clockJump", () => {
      const most = mishaps.draw() < 0.5 ? 10 * SECOND : -3_600 * SECOND;
      this.#line.clockShift += Math.round(most * mishaps.draw());
      return true;
    });
  }

  /** Faults that happened, by kind. */
  get counts(): ReadonlyMap<FaultKind, number> {
    return this.#mishaps.counts;
  }

  /** True while nothing is held back or on its way, neither told nor commanded. */
  get isQuiet(): boolean {
    return this.#line.isQuiet && !this.#mishaps.isOwing && this.#secret.size === 0 &&
      this.#options.venue.reportsOnTheWay === 0;
  }

  /** Funding payments the exchange has told of, whoever heard it. */
  get fundings(): History["fundings"] {
    return this.#history.fundings;
  }

  next(): Event | undefined {
    for (;;) {
      const event = this.#line.next();
      if (event !== undefined) return event;
      const heard = this.#options.venue.next();
      if (heard === undefined && !this.#mishaps.isOwing) return undefined;
      this.#mishaps.advance(heard?.time);
      if (heard !== undefined) this.#hear(heard);
    }
  }

  send(commands: readonly Command[]): void {
    const passed = commands.filter((command) =>
      command.kind === "cancel" ? this.#cancels(command) : this.#places(command)
    );
    if (passed.length > 0) this.#options.venue.send(passed);
  }

  /**
   * A new process connects: nothing of the old connection is told any more, whatever was sent still
   * arrives, and this is what the exchange says when asked.
   */
  restart(): Found {
    this.#line.connectAnew();
    this.#secret.clear();
    return this.#history.found(this.#resting(), this.#line.time);
  }

  /** Tells of an order that was nowhere found once no request for it can arrive any more. */
  prove(id: OrderId): void {
    const seconds = PROOF / SECOND;
    this.#line.later([seconds, seconds + 1], () => {
      const kind = this.#rests(id) ? "accepted" : "cancelled";
      this.#line.arrive({ kind, time: this.#mishaps.now, id });
    });
  }

  /** Whether a new order goes on to the exchange now. */
  #places(command: Extract<Command, { kind: "place" }>): boolean {
    const { id } = command;
    if (this.#mishaps.happens("reject")) {
      const reason = this.#mishaps.pick(refusedWith);
      assert(reason !== undefined, "no reason to refuse");
      this.#line.later(
        [0.01, 0.5],
        () => this.#line.tell({ kind: "rejected", time: this.#mishaps.now, id, reason }),
      );
      return false;
    }
    if (this.#mishaps.happens("timeoutLost")) {
      this.#leaveOpen(id, PROOF / SECOND, () => {
        this.#line.arrive({ kind: "cancelled", time: this.#mishaps.now, id });
      });
      return false;
    }
    if (this.#mishaps.happens("timeoutAccepted")) this.#leaveOpen(id, 2, () => {});
    return true;
  }

  /** Whether a cancel goes on to the exchange now. */
  #cancels(command: Extract<Command, { kind: "cancel" }>): boolean {
    const { id } = command;
    // What is open already is not left open twice.
    if (this.#secret.has(id)) return true;
    if (this.#mishaps.happens("accepted202")) {
      this.#mishaps.later([0.1, 3], () => this.#options.venue.send([command]));
      return false;
    }
    if (this.#mishaps.happens("timeoutLost")) {
      // Looked up, it rests as before; if it does not, its end is told by itself.
      this.#leaveOpen(id, PROOF / SECOND, () => {
        if (this.#rests(id)) {
          this.#line.arrive({ kind: "accepted", time: this.#mishaps.now, id });
        }
      });
      return false;
    }
    if (this.#mishaps.happens("timeoutAccepted")) this.#leaveOpen(id, 2, () => {});
    return true;
  }

  /** The answer does not come: the order is unknown, and the truth is told seconds later. */
  #leaveOpen(id: OrderId, leastSec: number, truth: () => void): void {
    const held: Event[] = [];
    this.#secret.set(id, held);
    this.#line.later(
      [0.2, 1],
      () => this.#line.tell({ kind: "unknown", time: this.#mishaps.now, id }),
    );
    this.#line.later([1 + leastSec, 4 + leastSec], () => {
      this.#secret.delete(id);
      for (const event of held) this.#line.arrive(event);
      truth();
    });
  }

  /** Takes what the venue says, as far as the faults let it. */
  #hear(event: Event): void {
    const line = this.#line;
    if (event.kind === "timer") return line.tell(event);
    if (!isOwn(event)) {
      if (line.isDown || !this.#mishaps.happens("drop")) return line.arrive(event);
      return line.lose(event);
    }
    this.#history.note(event);
    if ("id" in event && this.#isSecret(event)) return;
    if (this.#mishaps.happens("drop")) return line.lose(event);
    if (line.canReorder && this.#mishaps.happens("reorder")) return line.reorder(event);
    if (this.#mishaps.happens("delay")) line.later([0.1, 2], () => line.arrive(event));
    else line.arrive(event);
    // Funding has no number by which a repetition is known: it is asked for, not pushed.
    if (event.kind === "funding") return;
    if (event.kind === "fill" && this.#mishaps.happens("doubledFill")) line.arrive(event);
    if (this.#mishaps.happens("duplicate")) line.later([0, 3], () => line.arrive(event));
  }

  #isSecret(event: OrderEvent): boolean {
    const held = this.#secret.get(event.id);
    held?.push(event);
    return held !== undefined;
  }

  #forget(): boolean {
    const { exchange, account } = this.#options;
    const order = this.#mishaps.pick(this.#resting());
    if (order?.request.clientId === undefined) return false;
    const time = this.#mishaps.now;
    exchange.cancel(account, order.id, time);
    // Its report goes no further: whoever asks anew finds it.
    const report = exchange.reports.pop();
    assert(report?.kind === "cancelled", "no report of a cancel");
    const event: Event = { kind: "cancelled", time, id: order.request.clientId };
    this.#history.note(event);
    this.#line.lose(event);
    return true;
  }

  #maintain(): boolean {
    if (this.#line.state !== "Open") return false;
    this.#setState(this.#mishaps.draw() < 0.5 ? "CancelOnly" : "Closed");
    this.#mishaps.later([1, 8], () => this.#setState("Open"));
    return true;
  }

  #setState(state: MarketState): void {
    const { exchange, symbol } = this.#options;
    this.#line.state = state;
    exchange.setState(symbol, state);
    this.#line.later(
      [0, 0.5],
      () => this.#line.arrive({ kind: "state", time: this.#mishaps.now, state }),
    );
  }

  #rests(id: OrderId): boolean {
    return this.#resting().some(({ request }) => request.clientId === id);
  }

  #resting() {
    const { exchange, account, symbol } = this.#options;
    return exchange.openOrders(account, symbol);
  }
}
