// The exchange's request budget, counted on our side so that it is never found out by a 429. A part
// of it only cancels may use: whatever else was spent, quotes can still be pulled. It counts what
// was sent in the last minute, request by request, since a bucket that refills would let twice the
// budget through within one minute.

import { Backoff } from "./backoff.ts";

/** What a request does. history: candles and past trades, which have a budget of their own. */
export type RequestKind = "query" | "history" | "place" | "cancel";

/** Backpack: 2000 requests per minute and subaccount (support page of 2025). */
export const MOST_PER_MINUTE = 2_000;
/** Backpack: 30 requests per minute for historical market data. */
export const MOST_HISTORY_PER_MINUTE = 30;
/** Of the budget, what only cancels may use: 10 ladders of 20 orders cancelled one by one. */
export const RESERVED_FOR_CANCELS = 200;
/**
 * How long a request counts, in ms: a minute, and a second more as requests do not all take equally
 * long to arrive.
 */
export const COUNTED_MS = 61_000;
/** The shortest wait after a 429, in ms. */
export const LEAST_BACK_OFF_MS = 1_000;
/** The longest, in ms: by then the exchange counts nothing of what we sent. */
export const MOST_BACK_OFF_MS = 60_000;

/** Where time and chance come from. */
export interface LimiterOptions {
  /** Local ms from any start, never set back. */
  readonly nowMs?: () => number;
  /** From 0 up to, not including, 1. */
  readonly random?: () => number;
}

/** Counts the requests of this process. One for all who send. */
export class Limiter {
  /** This process's part of the account's budget, from 0 to 1: other bots have the rest. */
  share = 1;
  readonly #nowMs: () => number;
  readonly #requests: Budget;
  readonly #history: Budget;

  constructor(options: LimiterOptions = {}) {
    const random = options.random ?? Math.random;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#requests = new Budget(MOST_PER_MINUTE, random);
    this.#history = new Budget(MOST_HISTORY_PER_MINUTE, random);
  }

  /** Whether `requests` more of this kind may be sent now. */
  may(kind: RequestKind, requests = 1): boolean {
    const now = this.#nowMs();
    const budget = this.#of(kind);
    const left = budget.left(now, this.share);
    if (kind === "cancel") return requests <= left;
    const reserved = kind === "history" ? 0 : RESERVED_FOR_CANCELS * this.share;
    return budget.backOffMs(now) === 0 && requests <= left - reserved;
  }

  /** `requests` of this kind are sent now. */
  spend(kind: RequestKind, requests = 1): void {
    this.#of(kind).spend(this.#nowMs(), requests);
  }

  /**
   * A 429 came: until `backOffMs` is over nothing but cancels may be sent. One that answers a
   * request for history holds back history only.
   */
  limited(kind: RequestKind = "query"): void {
    this.#of(kind).limited(this.#nowMs());
  }

  /** Requests left of this minute's budget, those reserved for cancels included. */
  get left(): number {
    return this.#requests.left(this.#nowMs(), this.share);
  }

  /** How long to wait after a 429, in ms; 0 = no need to. */
  get backOffMs(): number {
    return this.#requests.backOffMs(this.#nowMs());
  }

  #of(kind: RequestKind): Budget {
    return kind === "history" ? this.#history : this.#requests;
  }
}

/** One budget of so many requests per minute. */
class Budget {
  readonly #most: number;
  readonly #backoff: Backoff;
  /** What was sent, oldest first; never longer than there are requests in a budget. */
  readonly #sent: { readonly atMs: number; readonly requests: number }[] = [];
  #counted = 0;
  #waitUntilMs = -Infinity;

  constructor(most: number, random: () => number) {
    this.#most = most;
    const mostMs = MOST_BACK_OFF_MS - LEAST_BACK_OFF_MS;
    this.#backoff = new Backoff({ firstMs: LEAST_BACK_OFF_MS, mostMs, random });
  }

  left(now: number, share: number): number {
    for (let oldest = this.#sent[0]; oldest !== undefined; oldest = this.#sent[0]) {
      if (oldest.atMs + COUNTED_MS > now) break;
      this.#counted -= oldest.requests;
      this.#sent.shift();
    }
    return Math.max(0, Math.floor(this.#most * share) - this.#counted);
  }

  spend(now: number, requests: number): void {
    this.#sent.push({ atMs: now, requests });
    this.#counted += requests;
  }

  limited(now: number): void {
    // The requests that were under way when the first 429 came bring one each.
    if (now < this.#waitUntilMs) return;
    // One that follows within a minute of the last wait says that it was too short.
    if (now >= this.#waitUntilMs + COUNTED_MS) this.#backoff.reset();
    this.#waitUntilMs = now + LEAST_BACK_OFF_MS + this.#backoff.next();
  }

  backOffMs(now: number): number {
    return Math.max(0, this.#waitUntilMs - now);
  }
}
