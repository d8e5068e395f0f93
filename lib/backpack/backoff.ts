// How long to wait before trying again. The bound doubles with every failure and the wait is drawn
// from all of it ("full jitter"), so that clients cut off together do not come back together.

/** What a `Backoff` draws from, and between which bounds. */
export interface BackoffTerms {
  /** The bound of the first wait. */
  readonly firstMs: number;
  /** No bound grows beyond this. */
  readonly mostMs: number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

/** Waits that grow while nothing works. */
export class Backoff {
  readonly #terms: BackoffTerms;
  #boundMs: number;

  constructor(terms: BackoffTerms) {
    this.#terms = terms;
    this.#boundMs = terms.firstMs;
  }

  /** The wait after one more failure, in ms. */
  next(): number {
    const waitMs = this.#terms.random() * this.#boundMs;
    this.#boundMs = Math.min(this.#boundMs * 2, this.#terms.mostMs);
    return waitMs;
  }

  /** It worked: the next wait is a first one. */
  reset(): void {
    this.#boundMs = this.#terms.firstMs;
  }
}
