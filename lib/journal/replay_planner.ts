// Who plans in a run that is gone through once more: the strategy itself, or nobody, where its plans
// are among the events. A parameter that was changed while the run went on is changed at its place:
// the strategy keeps its memory and goes on with the new setup.

import { inProcess, type Planner } from "../core/planner.ts";
import type { Setup, Strategy } from "../core/strategy.ts";

/** A strategy in this process that can be given another setup. */
export interface ChangeablePlanner extends Planner {
  /** From now on the strategy has this setup; its memory stays. Throws what the strategy throws. */
  change(setup: Setup): void;
}

/** Runs a strategy whose parameters may change. */
export function changeable(strategy: Strategy, setup: Setup): ChangeablePlanner {
  let inner = inProcess(strategy, setup);
  return {
    name: strategy.name,
    get observes() {
      return inner.observes;
    },
    get memory() {
      return inner.memory;
    },
    start: (view) => inner.start(view),
    observe: (event) => inner.observe(event),
    plan: (view) => inner.plan(view),
    restore: (memory) => inner.restore(memory),
    change(next) {
      const { memory } = inner;
      inner = inProcess(strategy, next);
      if (memory !== undefined) inner.restore(memory);
    },
  };
}

/** Stands for a strategy that ran elsewhere: it answers nothing, as its answers are events. */
export function byEvents(name: string): Planner {
  let memory: object | undefined;
  return {
    name,
    observes: new Set(),
    get memory() {
      return memory;
    },
    start() {},
    observe() {},
    plan: () => undefined,
    restore(kept) {
      memory = kept;
    },
  };
}
