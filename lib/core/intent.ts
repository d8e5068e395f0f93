// What a run is about: the strategy's last plan, whether its taker orders are still to go out, and
// whether the strategy has said that its work is done.

import type { Plan } from "./strategy.ts";

/** A plan of nothing. */
export const EMPTY: Plan = { orders: [] };

/** The last plan and what is left of it. */
export class Intent {
  #plan: Plan = EMPTY;
  /** The plan has not been acted upon yet: its taker orders may go out. */
  #fresh = false;
  #finish: Plan["finish"];

  get plan(): Plan {
    return this.#plan;
  }

  /** What the strategy said when its work was done; the first word counts. */
  get finish(): Plan["finish"] {
    return this.#finish;
  }

  /** Takes a new plan; answers with its finish where that is news. A paused run may not close yet. */
  adopt(plan: Plan, { isPaused }: { readonly isPaused: boolean }): Plan["finish"] {
    this.#plan = plan;
    this.#fresh = true;
    if (plan.finish === undefined || this.#finish !== undefined) return undefined;
    // A person's pause holds: the strategy may close its position once it is resumed.
    if (plan.finish === "flatten" && isPaused) return undefined;
    this.#finish = plan.finish;
    return plan.finish;
  }

  /** The plan to act upon. Taker orders of a plan are sent once; makers rest until the next plan. */
  takeUp(): Plan {
    const fresh = this.#fresh;
    this.#fresh = false;
    if (fresh) return this.#plan;
    return { ...this.#plan, orders: this.#plan.orders.filter((order) => order.role === "maker") };
  }

  hasLeftBand(midTicks: number): boolean {
    const { holds } = this.#plan;
    return holds !== undefined && (midTicks < holds.below || midTicks > holds.above);
  }

  /** Goes on from an earlier process: its taker orders are not sent again. */
  restore({ plan, finish }: { readonly plan: Plan; readonly finish?: Plan["finish"] }): void {
    this.#plan = plan;
    this.#fresh = false;
    this.#finish = finish;
  }
}
