// Watches a run and keeps what its report is made of: fills, equity over time and a digest of the
// commands. Equity is sampled at the first event of each period and after each fill, so the samples
// do not depend on how many events that change nothing were skipped.

import { createHash } from "node:crypto";
import type { Engine } from "../core/engine.ts";
import type { Command, Event } from "../core/event.ts";
import { notional } from "../core/market.ts";
import { cash, DAY, type Micros, micros, SECOND, type Ticks } from "../core/units.ts";
import type { Observer } from "../run.ts";
import type { Side } from "../core/strategy.ts";
import { isResting } from "../core/orders.ts";
import type { EquitySample, FillRow } from "./metrics.ts";
import { Quoting } from "./quoting.ts";

/** Periods of the samples: the shortest of which no more than `MOST_SAMPLES` fit into the run. */
const PERIODS = [60, 300, 900, 3600, 14_400, 86_400].map((seconds) => seconds * SECOND);
const MOST_SAMPLES = 1000;
/** Commands are hashed in pieces of this many characters. */
const PIECE = 1 << 16;

/** What happened in a run. */
export class Record implements Observer {
  readonly fills: FillRow[] = [];
  readonly samples: EquitySample[] = [];
  readonly quoting: Quoting;
  events = 0;
  /** Prices of orders tagged as rungs, and what was ordered there in all: what a grid was. */
  readonly rungs = new Set<Ticks>();
  rungLots = 0;
  rungOrders = 0;
  firstMid = 0;
  lastMid = 0;
  readonly #engine: Engine;
  readonly #hash = createHash("sha256");
  #piece = "";
  readonly #period: number;
  #nextSample = micros(0);
  #booked = 0;
  #realised = 0;

  /** `span` is how long the run will last, as far as that is known. */
  constructor(engine: Engine, span: number | undefined, markouts?: "measured" | "none") {
    this.#engine = engine;
    this.quoting = new Quoting(markouts);
    this.#period = PERIODS.find((period) => (span ?? 0) / period <= MOST_SAMPLES) ?? DAY;
  }

  /** The first event from then on is looked at. */
  get nextLookAt(): Micros {
    return micros(Math.min(this.#nextSample, this.quoting.nextDue));
  }

  seen(event: Event, commands: readonly Command[]): void {
    this.events++;
    for (const command of commands) {
      this.#digest(event.time, command);
      if (command.kind === "place" && command.tag?.startsWith("rung ")) this.#rung(command);
      if (command.kind === "place" && command.role === "maker") this.quoting.sent(command.quantity);
    }
    const { facts } = this.#engine;
    if (commands.length > 0 || "id" in event) this.#noteSides();
    if (event.kind === "depth" && facts.touch !== undefined) {
      this.quoting.quote(facts.time, facts.touch.midTicks);
    }
    if (event.kind === "foreignFill") this.#realised = facts.ledger.realised;
    if (event.kind === "fill" && facts.tally.fills > this.#booked) {
      this.#fill(event);
      this.sample();
    } else if (facts.time >= this.#nextSample) this.sample();
  }

  /** Notes equity and position now. */
  sample(): void {
    const { touch, time, ledger, lastMark } = this.#engine.facts;
    if (lastMark === undefined) return;
    this.lastMid = touch?.midTicks ?? this.lastMid;
    if (this.samples.length === 0) this.firstMid = this.lastMid;
    this.#nextSample = micros((Math.floor(time / this.#period) + 1) * this.#period);
    this.samples.push({ time, equity: ledger.equity(lastMark), position: ledger.position });
  }

  /** SHA-256 over every command with its time; ends the record. */
  commandsDigest(): string {
    return this.#hash.update(this.#piece).digest("hex");
  }

  #noteSides(): void {
    const { orders, time } = this.#engine.facts;
    const sides = new Set<Side>();
    for (const order of orders.live) {
      if (order.role === "maker" && isResting(order)) sides.add(order.side);
    }
    this.quoting.stands(time, sides);
  }

  #rung({ price, quantity }: Extract<Command, { kind: "place" }>): void {
    this.rungs.add(price);
    this.rungLots += quantity;
    this.rungOrders++;
  }

  #fill(fill: Extract<Event, { kind: "fill" }>): void {
    const { tally, ledger, market, orders } = this.#engine.facts;
    const { time, side, price, quantity, maker, feeCash, feeBase } = fill;
    const tag = orders.find(fill.id)?.tag;
    const traded = { time, side, price, quantity, maker };
    this.quoting.filled({ ...traded, worth: notional(market, price, quantity) });
    this.fills.push({
      ...traded,
      fee: feeCash,
      feeBase,
      ...(tag === undefined ? {} : { tag }),
      positionAfter: ledger.position,
      realised: cash(ledger.realised - this.#realised),
    });
    this.#booked = tally.fills;
    this.#realised = ledger.realised;
  }

  #digest(time: Micros, command: Command): void {
    this.#piece += command.kind === "cancel"
      ? `${time} cancel ${command.id}\n`
      : `${time} place ${command.id} ${command.side} ${command.price} ${command.quantity} ` +
        `${command.role} ${command.reduceOnly} ${command.tag ?? ""}\n`;
    if (this.#piece.length < PIECE) return;
    this.#hash.update(this.#piece);
    this.#piece = "";
  }
}
