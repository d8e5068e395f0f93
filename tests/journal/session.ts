// A small session: what a run was given, event by event, and what it answered. Commands follow from
// market events and from own ones, and market events come in between that lead to nothing.

import type { Command, Event } from "../../lib/core/event.ts";
import { aCancel, aFill, anAccepted, aPlace, aTrade } from "./samples.ts";

/** One event and its answer. */
export interface Step {
  readonly n: number;
  readonly event: Event;
  readonly commands: readonly Command[];
}

/** The session, 10 ms from event to event. */
export const session: readonly Step[] = Array.from({ length: 60 }, (_, i) => {
  const [n, id] = [i + 1, 1000 + Math.floor(i / 6)];
  const when = n / 100;
  const steps: readonly (readonly [Event, readonly Command[]])[] = [
    [aTrade(when, 14_000 + n), []],
    [aTrade(when, 14_000 + n), [aPlace(id)]],
    [anAccepted(id, when), []],
    [aTrade(when, 14_000 + n), []],
    [aFill(id, n, { quantity: 4, at: when }), [aPlace(id + 500), aCancel(id)]],
    [{ kind: "cancelled", time: aTrade(when).time, id }, []],
  ];
  const [event, commands] = steps[i % steps.length] ?? [aTrade(when), []];
  return { n, event, commands };
});
