// Watches a run and keeps what its report is made of: fills, equity over time, the deepest drawdown
// and a digest of the commands. Equity is sampled at the first event of each minute and after each
// fill, so the samples do not depend on how many events that change nothing were skipped.

import { createHash } from "node:crypto";
import type { Engine } from "../core/engine.ts";
import type { Command, Event } from "../core/event.ts";
import { type Cash, cash, type Micros, micros, SECOND } from "../core/units.ts";
import type { Observer } from "../run.ts";
import type { EquitySample, FillRow } from "./metrics.ts";

const SAMPLE_EVERY = 60 * SECOND;
/** Commands are hashed in pieces of this many characters. */
const PIECE = 1 << 16;

/** The deepest fall of equity from a peak. */
export interface Drawdown {
  readonly cash: Cash;
  /** Of the peak. */
  readonly fraction: number;
  readonly from: Micros;
  readonly to: Micros;
}

/** What happened in a run. */
export class Record implements Observer {
  readonly fills: FillRow[] = [];
  readonly samples: EquitySample[] = [];
  events = 0;
  firstMid = 0;
  lastMid = 0;
  readonly #engine: Engine;
  readonly #hash = createHash("sha256");
  #piece = "";
  #nextSample = 0;
  #booked = 0;
  #realised = 0;
  #peak: EquitySample | undefined;
  #drawdown: Drawdown = { cash: cash(0), fraction: 0, from: micros(0), to: micros(0) };

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get maxDrawdown(): Drawdown {
    return this.#drawdown;
  }

  seen(event: Event, commands: readonly Command[]): void {
    this.events++;
    for (const command of commands) this.#digest(event.time, command);
    const { facts } = this.#engine;
    if (event.kind === "fill" && facts.tally.fills > this.#booked) {
      this.#fill(event);
      this.sample();
    } else if (facts.time >= this.#nextSample) this.sample();
  }

  /** Notes equity and position now. */
  sample(): void {
    const { touch, time, ledger } = this.#engine.facts;
    if (touch === undefined) return;
    if (this.samples.length === 0) this.firstMid = touch.midTicks;
    this.lastMid = touch.midTicks;
    this.#nextSample = (Math.floor(time / SAMPLE_EVERY) + 1) * SAMPLE_EVERY;
    const sample = { time, equity: ledger.equity(touch.mark), position: ledger.position };
    this.samples.push(sample);
    if (this.#peak === undefined || sample.equity > this.#peak.equity) this.#peak = sample;
    const fall = this.#peak.equity - sample.equity;
    if (fall > this.#drawdown.cash) {
      this.#drawdown = {
        cash: cash(fall),
        fraction: this.#peak.equity > 0 ? fall / this.#peak.equity : 0,
        from: this.#peak.time,
        to: time,
      };
    }
  }

  /** SHA-256 over every command with its time; ends the record. */
  commandsDigest(): string {
    return this.#hash.update(this.#piece).digest("hex");
  }

  #fill(fill: Extract<Event, { kind: "fill" }>): void {
    const { tally, ledger, orders } = this.#engine.facts;
    const { time, side, price, quantity, maker, feeCash, feeBase } = fill;
    const tag = orders.find(fill.id)?.tag;
    this.fills.push({
      time,
      side,
      price,
      quantity,
      maker,
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
