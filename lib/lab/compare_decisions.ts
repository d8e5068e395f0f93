// Whether a strategy decides alike where it sees alike. Everything a plan may follow from goes into
// one key: the view, level by level, and the strategy's memory. What is no part of them must not matter.

import { createHash } from "node:crypto";
import type { Plan, Strategy, View } from "../core/strategy.ts";

/** Remembers what a strategy saw and planned. */
export class Decisions {
  /** Plans by view and memory. */
  readonly #plans = new Map<string, string>();
  #asked = 0;

  /** The strategy, watched. */
  watch(strategy: Strategy): Strategy {
    return {
      ...strategy,
      plan: (memory, view, setup) => {
        const key = keyOf(view, memory);
        const plan = strategy.plan(memory, view, setup);
        this.#asked++;
        this.#plans.set(key, digest(plan));
        return plan;
      },
    };
  }

  /** How many of these decisions were taken on a view of the other run, and how many were the same. */
  against(other: Decisions) {
    let equalViews = 0;
    let equal = 0;
    for (const [key, plan] of this.#plans) {
      const then = other.#plans.get(key);
      if (then === undefined) continue;
      equalViews++;
      if (then === plan) equal++;
    }
    return { asked: this.#asked, equalViews, equal };
  }
}

function keyOf(view: View, memory: object): string {
  const { time, bestBid, bestAsk, midTicks, mark, bids, asks } = view;
  const { position, sellable, entryTicks, oldestAt, equity, openOrders } = view;
  return digest([
    ...[time, bestBid, bestAsk, midTicks, mark, bids, asks],
    ...[position, sellable, entryTicks, oldestAt, equity, openOrders, memory],
  ]);
}

function digest(value: Plan | readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64");
}
