// Counts of what became of a run's orders, for status and reports. Nothing decides by them.

import type { OrderEvent } from "./event.ts";
import type { ApprovedPlan } from "./risk.ts";

/** `Tally` as plain data. */
export interface TallySnapshot {
  readonly placed: number;
  readonly cancelled: number;
  readonly rejected: number;
  readonly expired: number;
  readonly fills: number;
  readonly refused: readonly (readonly [rule: string, count: number])[];
}

/** How many orders met which end. */
export class Tally {
  placed = 0;
  cancelled = 0;
  rejected = 0;
  expired = 0;
  fills = 0;
  /** Refusals of the risk gate by rule; one that stands from plan to plan counts once. */
  readonly refused = new Map<string, number>();
  #standing = new Set<string>();

  /** Counts an event of an own order. */
  ended(event: OrderEvent): void {
    if (event.kind === "cancelled") this.cancelled++;
    else if (event.kind === "rejected") this.rejected++;
    else if (event.kind === "expired") this.expired++;
  }

  /** Counts what the gate refused anew. */
  judged(plan: ApprovedPlan): void {
    if (plan.refused.length === 0 && this.#standing.size === 0) return;
    const standing = new Set<string>();
    for (const { order, rule } of plan.refused) {
      const key = `${rule} ${order.side} ${order.price}`;
      standing.add(key);
      if (!this.#standing.has(key)) this.refused.set(rule, (this.refused.get(rule) ?? 0) + 1);
    }
    this.#standing = standing;
  }

  snapshot(): TallySnapshot {
    const { placed, cancelled, rejected, expired, fills } = this;
    return { placed, cancelled, rejected, expired, fills, refused: [...this.refused] };
  }

  /** Goes on counting where `from` ended. */
  restore(from: TallySnapshot): void {
    this.placed = from.placed;
    this.cancelled = from.cancelled;
    this.rejected = from.rejected;
    this.expired = from.expired;
    this.fills = from.fills;
    for (const [rule, count] of from.refused) this.refused.set(rule, count);
  }
}
