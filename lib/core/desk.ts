// Where a plan becomes commands: the gate trims it, reconcile finds the difference to what rests, and
// what leaves is written into the run's own orders and taken from the request budget.

import { Budget } from "./budget.ts";
import type { Command, OrderId } from "./event.ts";
import { exposed } from "./exposure.ts";
import type { Facts, Touch } from "./facts.ts";
import type { RiskStateName } from "./holds.ts";
import type { RiskLimits } from "./limits.ts";
import { isResting } from "./orders.ts";
import { reconcile } from "./reconcile.ts";
import { approve, type ApprovedPlan } from "./risk.ts";
import { type Standing, standingOf, standsAgain } from "./standing.ts";
import type { Plan } from "./strategy.ts";

const NOTHING: readonly Command[] = [];

/** Sends for one run. */
export class Desk {
  readonly #facts: Facts;
  #limits: RiskLimits;
  readonly #nextId: () => OrderId;
  readonly #budget = new Budget();
  #approved: ApprovedPlan | undefined;
  /** Of the last plan, once it rests. */
  #standing: Standing | undefined;
  #settled = false;

  constructor(facts: Facts, limits: RiskLimits, nextId: () => OrderId) {
    this.#facts = facts;
    this.#limits = limits;
    this.#nextId = nextId;
  }

  /** What the gate made of the last plan. */
  get approved(): ApprovedPlan | undefined {
    return this.#approved;
  }

  /** The last look found nothing to do, and nothing waits. */
  get isSettled(): boolean {
    return this.#settled;
  }

  /** Other limits from now on; what rests is judged anew. */
  change(limits: RiskLimits): void {
    this.#limits = limits;
    this.#standing = undefined;
    this.#settled = false;
  }

  /** The plan that rests would be approved and left alone again, while nothing of ours happens. */
  standsAgain(touch: Touch): boolean {
    if (!this.#settled || this.#standing === undefined) return false;
    return standsAgain(this.#standing, {
      ...touch,
      market: this.#facts.market,
      limits: this.#limits,
    });
  }

  /** Gate, then reconcile; the commands are as good as sent. */
  carryOut(wanted: Plan, touch: Touch, state: RiskStateName): readonly Command[] {
    const { market, ledger, account, orders, refusals, tally, time } = this.#facts;
    const { position } = ledger;
    const live = exposed(orders.live);
    const approved = approve({ ...wanted, orders: refusals.around(wanted.orders, time) }, {
      ...touch,
      market,
      limits: this.#limits,
      state,
      position,
      sellable: account.sellable(market, ledger),
      freeCash: account.freeCash(ledger),
      live,
    });
    this.#approved = approved;
    tally.judged(approved);
    const budget = this.#budget.allowed(time);
    const commands = reconcile(approved, {
      market,
      live: orders.live,
      toleranceTicks: 0,
      mostOrders: this.#limits.maxOpenOrders,
      budget,
      nextId: this.#nextId,
    });
    this.#send(commands);
    // An empty answer of an empty budget says nothing.
    const asked = budget.places > 0 && budget.cancels > 0;
    this.#settled = asked && commands.length === 0 && !refusals.anyQuiet(time);
    this.#standing = this.#settled ? standingOf(approved, { position, live }) : undefined;
    return commands;
  }

  /** Cancels what rests: without others on both sides of the book nothing can be quoted safely. */
  pull(): readonly Command[] {
    const { orders, time } = this.#facts;
    this.#settled = false;
    if (orders.count === 0) return NOTHING;
    const resting = [...orders.live].filter((order) => isResting(order) && order.role === "maker");
    const commands = resting.slice(0, this.#budget.allowed(time).cancels)
      .map(({ id }): Command => ({ kind: "cancel", id }));
    this.#send(commands);
    return commands;
  }

  #send(commands: readonly Command[]): void {
    const { orders, tally, time } = this.#facts;
    let places = 0;
    for (const command of commands) {
      orders.command(command, time);
      if (command.kind === "place") places++;
    }
    tally.placed += places;
    this.#budget.spend(places, commands.length - places);
  }
}
