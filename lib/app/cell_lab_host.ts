// The thread in which a plugin is backtested: the whole engine runs in it beside the plugin, as fast as
// for a built-in strategy, because nothing in here is worth taking. There are no keys, no account and
// no order that leaves; and the report is held against its shape outside.

import { createHash } from "node:crypto";
import type { Setup, Strategy } from "../core/strategy.ts";
import { backtest } from "../lab/backtest.ts";
import type { Granted } from "./capabilities.ts";
import { type Fence, raiseFence } from "./cell_fence.ts";
import { MOST_RESULT } from "./cell_protocol.ts";
import { serveCell } from "./cell_serve.ts";

// Deno loads it when it is first used, and behind the fence nothing is loaded any more.
createHash("sha256").update("").digest("hex");

serveCell(raiseFence, {
  mostAnswer: MOST_RESULT,
  async backtest(strategy, fence, { options, granted, progress }) {
    const watched = watch(strategy, fence, granted, new Float64Array(progress));
    fence.clock.isShut = false;
    return await backtest({ ...options, strategy: watched });
  },
});

/** The strategy, with the clock shut while it runs and the time it was last asked at written down. */
function watch(
  strategy: Strategy,
  { clock }: Fence,
  granted: Granted,
  reached: Float64Array,
): Strategy {
  const { api, name, summary, params, observes, needs, cadence, warmup, limits, observe } =
    strategy;
  const inside = <T>(call: () => T): T => {
    clock.isShut = true;
    const result = call();
    clock.isShut = false;
    return result;
  };
  // A run has one setup: what was granted is put into it once.
  const full = new WeakMap<Setup, Setup>();
  const whole = (setup: Setup): Setup => {
    const known = full.get(setup) ?? { ...setup, granted };
    full.set(setup, known);
    return known;
  };
  return {
    ...{ api, name, summary, params },
    ...(observes && { observes }),
    ...(needs && { needs: (setup) => inside(() => needs.call(strategy, whole(setup))) }),
    ...(cadence && { cadence: (setup) => inside(() => cadence.call(strategy, whole(setup))) }),
    ...(warmup && { warmup: (setup) => inside(() => warmup.call(strategy, whole(setup))) }),
    ...(limits && { limits: (setup) => inside(() => limits.call(strategy, whole(setup))) }),
    start: (setup, view) => inside(() => strategy.start(whole(setup), view)),
    ...(observe && {
      observe: (memory, event, setup) =>
        inside(() => observe.call(strategy, memory, event, whole(setup))),
    }),
    plan: (memory, view, setup) => {
      reached[0] = view.time;
      return inside(() => strategy.plan(memory, view, whole(setup)));
    },
  };
}
