// One live run among others on its account: every few seconds it says what it holds and has lost, and
// learns what the others do and which part of the request budget is its own. A run that ends frees
// its part at once; one that dies within seconds, though its position counts on.

import type { Limiter } from "../backpack/limiter.ts";
import type { Engine } from "../core/engine.ts";
import { exposed, reachOf } from "../core/exposure.ts";
import { notional } from "../core/market.ts";
import { cash, DAY, lots, type Micros } from "../core/units.ts";
import { AccountShare, type Stake } from "../journal/shared.ts";
import type { Pair } from "../journal/runs.ts";
import type { Clock } from "./paced.ts";

/** Between two reports: a bot is taken for dead after 10 s without one. */
const EVERY_MS = 2_000;

/** What is shared, and by whom. */
export interface SharedAccountOptions {
  readonly dataDir: string;
  readonly pair: Pair;
  readonly engine: Engine;
  readonly limiter: Pick<Limiter, "share">;
  /** The wall clock. */
  readonly now: () => Micros;
}

/** The place of one run on its account. Throws `JournalFault` where the disk refuses. */
export class SharedAccount implements Disposable {
  readonly #options: SharedAccountOptions;
  readonly #share: AccountShare;
  #others: Stake;

  constructor(options: SharedAccountOptions) {
    this.#options = options;
    this.#share = new AccountShare(options.dataDir, options.pair);
    this.#others = this.#share.others(options.now());
  }

  /** What the other runs hold and have lost, as last read. */
  get others(): Stake {
    return this.#others;
  }

  /** Says how this run stands, and reads how the others do. */
  report(): void {
    const { engine, limiter, now } = this.#options;
    const time = now();
    const stake = stakeOf(engine);
    // Until the market has said what a position is worth, the word of an earlier process stands.
    if (stake !== undefined) this.#share.report(time, stake);
    this.#others = this.#share.others(time);
    limiter.share = this.#share.budgetShare(time);
  }

  /** Reports until the signal is aborted. Throws `JournalFault`. */
  async keep(clock: Clock, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.report();
      await clock.sleep(EVERY_MS, signal);
    }
  }

  /** Frees this run's part of the budget. Does nothing the second time. */
  [Symbol.dispose](): void {
    this.#share.leave();
  }
}

/** The most a run may come to hold with its orders filled, and what it lost today; undefined before the first mark. */
export function stakeOf({ facts, breakers }: Engine): Stake | undefined {
  const { market, ledger, orders, time, lastMark } = facts;
  if (lastMark === undefined) return undefined;
  const reach = reachOf(exposed(orders.live));
  const { position } = ledger;
  const most = Math.max(Math.abs(position + reach.bid), Math.abs(position - reach.ask));
  const { day } = breakers.snapshot();
  // Before the first look of a day nothing is lost in it.
  const base = day?.number === Math.floor(time / DAY) ? day.base : undefined;
  const equity = ledger.equity(lastMark);
  return {
    exposure: notional(market, lastMark, lots(most)),
    lossToday: cash((base ?? equity) - equity),
  };
}
