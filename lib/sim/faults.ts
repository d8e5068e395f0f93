// A connection that fails: between a run and its simulated exchange it loses, repeats, delays and
// misorders what is told, and leaves the fate of commands open. Each fault is one that a real
// connection has, no fault begins after `until`, and in the end the truth about each order arrives.
// An event is stamped with the moment it is told, as a live run stamps what it receives.

import { assert } from "../core/assert.ts";
import type { Command, Event, OrderEvent, OrderId, Reason } from "../core/event.ts";
import type { MarketState } from "../core/market.ts";
import { micros, MILLISECOND, SECOND } from "../core/units.ts";
import type { Exchange } from "../exchange/exchange.ts";
import type { AccountId } from "../exchange/report.ts";
import type { Venue } from "../run.ts";
import type { FaultKind, OperatorCommand } from "./fault_rates.ts";
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
/** Levels of a snapshot, each side. */
const DEPTH = 1_000;

/** Stands between a run and its venue, and fails by the dice. */
export class FaultyVenue implements Venue {
  readonly #options: FaultyVenueOptions;
  readonly #mishaps: Mishaps;
  /** To be told now. */
  readonly #ready: Event[] = [];
  /** Own events that nobody was told of, found at the next resynchronisation. */
  #lost: Event[] = [];
  /** Own events of the time without a connection. */
  #missed: Event[] = [];
  /** What is not to be heard yet of orders whose fate is open. */
  readonly #secret = new Map<OrderId, Event[]>();
  /** Orders the exchange dropped without a word. */
  readonly #forgotten = new Set<OrderId>();
  /** An own event that lets the next one pass. */
  #passed: Event | undefined;
  #isDown = false;
  #hasGap = false;
  #resyncPlanned = false;
  #state: MarketState = "Open";
  /** How far the clock that stamps events is off. */
  #clockShift = 0;

  constructor(options: FaultyVenueOptions) {
    this.#options = options;
    const mishaps = new Mishaps(options, options.venue.now);
    this.#mishaps = mishaps;
    for (const { at, kind } of options.operator) {
      mishaps.at(at, () => this.#tell({ kind, time: at }));
    }
    mishaps.eachNowAndThen("disconnect", () => this.#disconnect());
    mishaps.eachNowAndThen("forgotten", () => this.#forget());
    mishaps.eachNowAndThen("maintenance", () => this.#maintain());
    mishaps.eachNowAndThen("clockJump", () => {
      const most = mishaps.draw() < 0.5 ? 10 * SECOND : -3_600 * SECOND;
      this.#clockShift += Math.round(most * mishaps.draw());
      return true;
    });
  }

  /** Faults that happened, by kind. */
  get counts(): ReadonlyMap<FaultKind, number> {
    return this.#mishaps.counts;
  }

  /** True while nothing is held back or on its way, neither told nor commanded. */
  get isQuiet(): boolean {
    return !this.#isDown && !this.#mishaps.isOwing && this.#ready.length === 0 &&
      this.#lost.length === 0 && this.#missed.length === 0 && this.#secret.size === 0 &&
      this.#forgotten.size === 0 && this.#passed === undefined &&
      this.#options.venue.reportsOnTheWay === 0;
  }

  next(): Event | undefined {
    for (;;) {
      const event = this.#ready.shift();
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

  /** Whether a new order goes on to the exchange now. */
  #places(command: Extract<Command, { kind: "place" }>): boolean {
    const { id } = command;
    if (this.#mishaps.happens("reject")) {
      const reason = this.#mishaps.pick(refusedWith);
      assert(reason !== undefined, "no reason to refuse");
      this.#mishaps.later(
        [0.01, 0.5],
        () => this.#tell({ kind: "rejected", time: this.#mishaps.now, id, reason }),
      );
      return false;
    }
    if (this.#mishaps.happens("timeoutLost")) {
      this.#leaveOpen(id, PROOF / SECOND, () => {
        this.#arrive({ kind: "cancelled", time: this.#mishaps.now, id });
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
        if (this.#resting().some(({ request }) => request.clientId === id)) {
          this.#arrive({ kind: "accepted", time: this.#mishaps.now, id });
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
    this.#mishaps.later(
      [0.2, 1],
      () => this.#tell({ kind: "unknown", time: this.#mishaps.now, id }),
    );
    this.#mishaps.later([1 + leastSec, 4 + leastSec], () => {
      this.#secret.delete(id);
      for (const event of held) this.#arrive(event);
      truth();
    });
  }

  /** Takes what the venue says, as far as the faults let it. */
  #hear(event: Event): void {
    if (event.kind === "timer") return this.#tell(event);
    if (!isOwn(event)) {
      if (this.#isDown || !this.#mishaps.happens("drop")) return this.#arrive(event);
      // Depth is numbered: behind a gap it is of no use until there is a snapshot.
      this.#hasGap ||= event.kind === "depth";
      return this.#planResync();
    }
    if ("id" in event && this.#isSecret(event)) return;
    if (this.#mishaps.happens("drop")) return this.#lose(event);
    if (this.#passed === undefined && this.#mishaps.happens("reorder")) {
      this.#passed = event;
      this.#mishaps.later([1, 2], () => this.#endReorder());
      return;
    }
    if (this.#mishaps.happens("delay")) this.#mishaps.later([0.1, 2], () => this.#arrive(event));
    else this.#arrive(event);
    // Funding has no number by which a repetition is known: it is asked for, not pushed.
    if (event.kind === "funding") return;
    if (event.kind === "fill" && this.#mishaps.happens("doubledFill")) this.#arrive(event);
    if (this.#mishaps.happens("duplicate")) this.#mishaps.later([0, 3], () => this.#arrive(event));
  }

  #isSecret(event: OrderEvent): boolean {
    if (event.kind === "cancelled" && this.#forgotten.delete(event.id)) {
      this.#lose(event);
      return true;
    }
    const held = this.#secret.get(event.id);
    held?.push(event);
    return held !== undefined;
  }

  /** Something comes over the connection, if there is one. */
  #arrive(event: Event): void {
    if (this.#isDown) {
      if (isOwn(event)) this.#missed.push(event);
      return;
    }
    if (!this.#hasGap || event.kind !== "depth") this.#tell(event);
    if (isOwn(event)) this.#endReorder();
  }

  #endReorder(): void {
    const event = this.#passed;
    this.#passed = undefined;
    if (event !== undefined) this.#arrive(event);
  }

  #lose(event: Event): void {
    this.#lost.push(event);
    this.#planResync();
  }

  #planResync(): void {
    if (this.#resyncPlanned) return;
    this.#resyncPlanned = true;
    this.#mishaps.later([0.5, 5], () => {
      this.#resyncPlanned = false;
      if (!this.#isDown) this.#resync();
    });
  }

  /** Asks the exchange for everything anew: what was lost is found, in no order. */
  #resync(): void {
    const { exchange, symbol } = this.#options;
    const book = exchange.book(symbol);
    this.#hasGap = false;
    const time = this.#mishaps.now;
    const [bids, asks] = [book.depth("bid", DEPTH), book.depth("ask", DEPTH)];
    this.#tell({ kind: "state", time, state: this.#state });
    this.#tell({ kind: "depth", time, bids, asks, snapshot: true });
    const found = [...this.#missed, ...this.#mishaps.shuffled(this.#lost)];
    this.#missed = [];
    this.#lost = [];
    for (const event of found) this.#tell(event);
  }

  #disconnect(): boolean {
    if (this.#isDown) return false;
    this.#isDown = true;
    this.#mishaps.later([0.2, 8], () => {
      this.#isDown = false;
      this.#resync();
    });
    return true;
  }

  #forget(): boolean {
    const { exchange, account } = this.#options;
    const order = this.#mishaps.pick(this.#resting());
    if (order?.request.clientId === undefined) return false;
    this.#forgotten.add(order.request.clientId);
    exchange.cancel(account, order.id, this.#mishaps.now);
    return true;
  }

  #maintain(): boolean {
    if (this.#state !== "Open") return false;
    this.#setState(this.#mishaps.draw() < 0.5 ? "CancelOnly" : "Closed");
    this.#mishaps.later([1, 8], () => this.#setState("Open"));
    return true;
  }

  #setState(state: MarketState): void {
    const { exchange, symbol } = this.#options;
    this.#state = state;
    exchange.setState(symbol, state);
    this.#mishaps.later(
      [0, 0.5],
      () => this.#arrive({ kind: "state", time: this.#mishaps.now, state }),
    );
  }

  #resting() {
    const { exchange, account, symbol } = this.#options;
    return exchange.openOrders(account, symbol);
  }

  #tell(event: Event): void {
    const time = micros(this.#mishaps.now + this.#clockShift);
    this.#ready.push(time === event.time ? event : { ...event, time });
  }
}

/** What is said of the run's own orders and account. */
function isOwn(event: Event): boolean {
  return "id" in event || event.kind === "funding" || event.kind === "foreignFill";
}
