// Who answers when the engine asks for a plan. In process the strategy answers at once; a strategy
// that runs elsewhere answers later, through a `planned` event. The engine does not know which.

import type { Observation, Plan, PlannedOrder, Setup, Strategy, View } from "./strategy.ts";
import { assert } from "./assert.ts";

/** The strategy as the engine sees it. */
export interface Planner {
  readonly name: string;
  /** The kinds of observation it wants; others are not built. */
  readonly observes: ReadonlySet<Observation["kind"]>;
  /** Plain data, for the journal; undefined before the start. */
  readonly memory: object | undefined;
  /** Begins with the first view. Throws `RangeError` on parameters that make no sense. */
  start(view: View): void;
  observe(event: Observation): void;
  /** The plan for this moment, or undefined where the answer comes later. */
  plan(view: View): Plan | undefined;
  /** Takes the memory that came with a late answer, or that a journal kept. */
  restore(memory: object): void;
  /** Other settings from now on, under which the memory means the same. Absent where none may change. */
  change?(setup: Setup): void;
}

/** Orders in one plan; more is nonsense, not ambition. */
const MOST_ORDERS = 1000;

/** Runs a strategy in this process. */
export function inProcess(strategy: Strategy, given: Setup): Planner {
  let setup = given;
  let memory: object | undefined;
  return {
    name: strategy.name,
    observes: new Set(strategy.needs?.(setup) ?? strategy.observes ?? ["fill"]),
    get memory() {
      return memory;
    },
    start(view) {
      memory ??= strategy.start(setup, view);
    },
    observe(event) {
      assert(memory !== undefined, "observe before start");
      strategy.observe?.(memory, event, setup);
    },
    plan(view) {
      assert(memory !== undefined, "plan before start");
      const plan = strategy.plan(memory, view, setup);
      const fault = faultOf(plan);
      assert(fault === undefined, `strategy ${strategy.name}: ${fault}`);
      return plan;
    },
    restore(kept) {
      memory = kept;
    },
    change(next) {
      setup = next;
    },
  };
}

/** What makes a plan nonsense, or undefined. */
export function faultOf(plan: Plan): string | undefined {
  if (plan.orders.length > MOST_ORDERS) return `${plan.orders.length} orders in one plan`;
  for (const order of plan.orders) {
    const fault = orderFault(order);
    if (fault !== undefined) return fault;
  }
  const { holds, reason, finish } = plan;
  if (reason !== undefined && typeof reason !== "string") return `reason is ${String(reason)}`;
  if (finish !== undefined && finish !== "stop" && finish !== "flatten") {
    return `finish is ${String(finish)}`;
  }
  if (holds !== undefined && !(holds.below <= holds.above)) return "holds is not a band";
  return undefined;
}

function orderFault(order: PlannedOrder): string | undefined {
  const { side, price, quantity, role, tag, reduceOnly } = order;
  if (side !== "bid" && side !== "ask") return `side is ${String(side)}`;
  if (role !== "maker" && role !== "taker") return `role is ${String(role)}`;
  if (!Number.isSafeInteger(price) || price <= 0) return `price is ${price} ticks`;
  if (!Number.isSafeInteger(quantity) || quantity <= 0) return `quantity is ${quantity} lots`;
  if (tag !== undefined && typeof tag !== "string") return `tag is ${String(tag)}`;
  if (reduceOnly !== undefined && typeof reduceOnly !== "boolean") {
    return `reduceOnly is ${String(reduceOnly)}`;
  }
  return undefined;
}
