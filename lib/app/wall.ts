// The time of this machine, for whatever waits in the hallway.

import type { Clock } from "./paced.ts";

/** Ms from any start, never set back, and a wait that ends early when it is told to. */
export const wallClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, wake) =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        wake.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      wake.addEventListener("abort", done, { once: true });
      if (wake.aborted) done();
    }),
};
