// Long stretches of history are asked for within the exchange's budget and over a line that may fail
// for a moment: a page waits until there is room for it and is asked for again where nobody answered.
// Only questions: a question asked twice changes nothing.

import { Backoff } from "../backpack/backoff.ts";
import { LEAST_BACK_OFF_MS, type Limiter, MOST_BACK_OFF_MS } from "../backpack/limiter.ts";
import type { Reply } from "../backpack/reply.ts";
import type { Clock } from "./paced.ts";

/** What patience needs. */
export interface PatienceTerms {
  readonly limiter: Limiter;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly random: () => number;
  /** Told when a wait begins, with the reason. */
  onWait(reason: string): void;
}

/** Answers in a row that are none before the last of them is the reply. */
export const MOST_TRIES = 6;
/** 429s in a row, by which time the waits are minutes: somebody else spends the budget. */
export const MOST_LIMITED = 12;
/** How often the budget is looked at while it is spent. */
const LOOK_EVERY_MS = 500;

/** Asks for history until there is an answer, the tries are spent or the person stops it. */
export async function patiently<T>(
  terms: PatienceTerms,
  ask: () => Promise<Reply<T>>,
): Promise<Reply<T>> {
  const { clock, signal, random, onWait } = terms;
  const backoff = new Backoff({ firstMs: LEAST_BACK_OFF_MS, mostMs: MOST_BACK_OFF_MS, random });
  let reply: Reply<T> = { kind: "failed", reason: "stopped before it was sent" };
  for (let [silent, limited] = [0, 0]; silent < MOST_TRIES && limited < MOST_LIMITED;) {
    await room(terms);
    if (signal.aborted) return reply;
    reply = await ask();
    if (reply.kind === "ok" || reply.kind === "refused" || signal.aborted) return reply;
    // After a 429 the budget itself says when to go on.
    if (reply.kind === "limited") limited++;
    else if (++silent < MOST_TRIES) {
      onWait(`no answer (${reply.reason}), asking again`);
      await clock.sleep(LEAST_BACK_OFF_MS + backoff.next(), signal);
    }
  }
  return reply;
}

/** Waits for room in the budget for history. */
async function room({ limiter, clock, signal, onWait }: PatienceTerms): Promise<void> {
  if (limiter.may("history") || signal.aborted) return;
  onWait("the exchange answers 30 requests for history a minute");
  while (!limiter.may("history") && !signal.aborted) await clock.sleep(LOOK_EVERY_MS, signal);
}
