// A venue into which the answers of a cell come as events, between those of the venue itself; and
// which asks the run to stop once the cell was stopped. Whoever trades there knows nothing of cells.

import type { Command, Event } from "../core/event.ts";
import type { Micros } from "../core/units.ts";
import type { Cell } from "./cell.ts";
import type { Answered } from "./cell_planner.ts";
import type { Request } from "./paced.ts";
import type { RunVenue } from "./session.ts";

/** Where the answers of one cell wait. One plan is asked at a time, so there is room for one. */
export class Inbox {
  #answer: Answered | undefined;
  #wake = Promise.withResolvers<void>();

  put(answer: Answered): void {
    this.#answer = answer;
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }

  take(): Answered | undefined {
    const answer = this.#answer;
    this.#answer = undefined;
    return answer;
  }

  /** Resolves at the next `put`. */
  get filled(): Promise<void> {
    return this.#wake.promise;
  }
}

/** `inner` with the answers of `cell`. */
export class AnsweringVenue implements RunVenue {
  readonly #inner: RunVenue;
  readonly #cell: Cell;
  readonly #inbox: Inbox;
  /** The run's time of an answer that came now. */
  readonly #time: () => Micros;
  /** What the venue was asked for, and what it gave once it came. */
  #next: Promise<void> | undefined;
  #came: { readonly event: Event | undefined } | undefined;
  #stopAsked = false;

  constructor(inner: RunVenue, cell: Cell, inbox: Inbox, time: () => Micros) {
    this.#inner = inner;
    this.#cell = cell;
    this.#inbox = inbox;
    this.#time = time;
  }

  async next(): Promise<Event | undefined> {
    for (;;) {
      if (this.#cell.reason !== undefined && !this.#stopAsked) {
        this.#stopAsked = true;
        return { kind: "stop", time: this.#time() };
      }
      const answer = this.#inbox.take();
      // What a stopped cell has said is not believed any more.
      if (answer !== undefined && !this.#stopAsked) {
        return { kind: "planned", time: this.#time(), ...answer };
      }
      const came = this.#came;
      if (came !== undefined) {
        this.#came = this.#next = undefined;
        return came.event;
      }
      this.#next ??= this.#listen();
      await Promise.race([
        this.#next,
        this.#inbox.filled,
        ...(this.#stopAsked ? [] : [this.#cell.ended]),
      ]);
    }
  }

  send(commands: readonly Command[]): void {
    this.#inner.send(commands);
  }

  ask(request: Request): void {
    this.#inner.ask(request);
  }

  end(): void {
    this.#inner.end();
  }

  async #listen(): Promise<void> {
    this.#came = { event: await this.#inner.next() };
  }
}
