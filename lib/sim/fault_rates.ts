// What can go wrong between a bot and an exchange, how often, and what a person does meanwhile: all
// drawn from one seed, so that a run with faults can be repeated like any other.

import { Random } from "../core/random.ts";
import { type Micros, micros, SECOND } from "../core/units.ts";

/** Of what a fault is a part: market or own events told, commands sent, or seconds passed. */
const usualRates = {
  /** Events: one is lost and found again at the next resynchronisation. */
  drop: 0.01,
  /** Own events: told a second time, later. */
  duplicate: 0.1,
  /** Own events: on the way for a while. */
  delay: 0.05,
  /** Own events: told after the next one. */
  reorder: 0.05,
  /** Seconds: nothing arrives for a while. */
  disconnect: 0.015,
  /** New orders: refused before they reach the exchange. */
  reject: 0.04,
  /** Commands: done, but the answer is lost. */
  timeoutAccepted: 0.03,
  /** Commands: lost, and the answer with them. */
  timeoutLost: 0.03,
  /** Cancels: taken at once, done later. */
  accepted202: 0.05,
  /** Seconds: the exchange drops a resting order without a word. */
  forgotten: 0.02,
  /** Fills: told twice at once. */
  doubledFill: 0.1,
  /** Seconds: the clock that stamps events is set anew. */
  clockJump: 0.005,
  /** Seconds: the market takes no orders for a while. */
  maintenance: 0.01,
};

/** A way in which a connection can fail. */
export type FaultKind = keyof typeof usualRates;

/** Every kind of fault. */
export const faultKinds = Object.keys(usualRates).filter((kind): kind is FaultKind =>
  kind in usualRates
);

/** How often each fault happens: for each event, command or second, 0 to 1. */
export type FaultRates = Readonly<typeof usualRates>;

/** A connection that never fails. */
export const noFaults: FaultRates = ratesBy(() => 0);

/** Rates from a seed: some kinds are left out, others come rarely or often. */
export function drawRates(random: Random): FaultRates {
  return ratesBy((usual) => random.chance(0.3) ? 0 : usual * (0.2 + 1.8 * random.next()));
}

function ratesBy(rate: (usual: number) => number): FaultRates {
  const rates = { ...usualRates };
  for (const kind of faultKinds) rates[kind] = rate(rates[kind]);
  return rates;
}

/** What a person asks of the run, and when. */
export interface OperatorCommand {
  readonly at: Micros;
  readonly kind: "pause" | "resume" | "flatten" | "stop";
}

/** A person who now and then holds or closes the run, and soon lets it go on. */
export function drawOperator(
  random: Random,
  span: { readonly from: Micros; readonly until: Micros; readonly everySec: number },
): OperatorCommand[] {
  const commands: OperatorCommand[] = [];
  const wait = (mean: number) => Math.ceil(random.exponential(mean * SECOND));
  for (let at = span.from + wait(span.everySec); at < span.until; at += wait(span.everySec)) {
    commands.push({ at: micros(at), kind: random.chance(0.6) ? "pause" : "flatten" });
    at += wait(8);
    commands.push({ at: micros(Math.min(at, span.until)), kind: "resume" });
  }
  return commands;
}
