// Mistakes that programs like this one make, each planted between a run and its engine, to show that
// the promises of the simulation are not empty: a campaign that cannot find these proves nothing.

import type { Command, Event } from "../../lib/core/event.ts";
import type { Restored } from "../../lib/core/state.ts";
import { cash } from "../../lib/core/units.ts";
import type { Rig } from "../../lib/lab/rig.ts";
import type { Handler } from "../../lib/run.ts";
import type { Bug } from "./campaign.ts";

type Engine = Rig["engine"];
/** What the engine is told instead of an event. */
type Tell = (event: Event, engine: Engine) => readonly Event[];
/** What leaves instead of the engine's command. */
type Send = (command: Command, engine: Engine) => readonly Command[];

const fee = telling((event) =>
  event.kind === "fill" ? [{ ...event, feeCash: cash(event.feeCash + 1) }] : [event]
);
const countedTwice = telling((event) =>
  event.kind === "fill" ? [event, { ...event, fillId: -event.fillId }] : [event]
);
const partialFill = telling((event, engine) => {
  if (event.kind !== "fill") return [event];
  const order = engine.facts.orders.find(event.id);
  return order !== undefined && event.quantity < order.remaining ? [] : [event];
});
const unknownGone = telling((event) =>
  event.kind === "unknown" ? [{ ...event, kind: "cancelled" }] : [event]
);
const shrinking = telling((event) => event.kind === "modified" ? [] : [event]);
const funding = telling((event) => event.kind === "funding" ? [] : [event]);
const pause = telling((event) => event.kind === "pause" ? [{ ...event, kind: "timer" }] : [event]);
const swallowed = sending((command) =>
  command.kind === "cancel" && command.id % 50 === 0 ? [] : [command]
);
const stopping = sending((command, engine) =>
  command.kind === "cancel" && engine.stage === "stopping" ? [] : [command]
);
const placedTwice = sending((command) =>
  command.kind === "place" && command.id % 50 === 0
    ? [command, { ...command, id: command.id + 1_000_000 }]
    : [command]
);
const forgetful = ({ state, since }: Restored): Restored => {
  const { facts, facts: { orders } } = state;
  return { state: { ...state, facts: { ...facts, orders: { ...orders, live: [] } } }, since };
};
const appliedTwice = ({ state, since }: Restored): Restored => ({
  state,
  since: since.flatMap((row) => {
    if (!("event" in row) || row.event.kind !== "fill") return [row];
    return [row, { ...row, event: { ...row.event, fillId: -row.event.fillId } }];
  }),
});
const notReducing = sending((command) => [
  command.kind === "place" ? { ...command, reduceOnly: false } : command,
]);

/** A bug, and the words of the promise that finds it. */
export interface FoundBug extends Bug {
  readonly foundBy: RegExp;
}

/** Each is found by the promise that it breaks. */
export const bugs: readonly FoundBug[] = [
  { name: "a fee is off by the least unit", handler: fee, foundBy: /exchange equity/ },
  { name: "a fill is counted twice", handler: countedTwice, foundBy: /sum of fills/ },
  { name: "a partial fill is lost", handler: partialFill, foundBy: /sum of fills/ },
  { name: "an unknown order is taken for gone", handler: unknownGone, foundBy: /the run knows/ },
  {
    name: "a shrunk order is taken for whole",
    handler: shrinking,
    foundBy: /the run knows|is unknown for/,
  },
  { name: "a funding payment is lost", handler: funding, foundBy: /exchange equity/ },
  { name: "a pause is not heard", handler: pause, foundBy: /after a pause/ },
  { name: "a cancel is swallowed", handler: swallowed, foundBy: /is cancelling for/ },
  { name: "a stop forgets to cancel", handler: stopping, foundBy: /ends stopped/ },
  { name: "an order is placed twice", handler: placedTwice, foundBy: /the run knows/ },
  {
    name: "reduce-only is dropped on the way",
    handler: notReducing,
    foundBy: /the run knows|not reduce-only/,
  },
  {
    name: "a snapshot forgets live orders",
    restored: forgetful,
    foundBy: /where the old one ended|which is not live/,
  },
  {
    name: "fills after the snapshot are applied twice",
    restored: appliedTwice,
    foundBy: /where the old one ended|sum of fills/,
  },
  {
    name: "the exposure limit is ignored",
    limits: ({ maxPositionUsd: _, ...limits }) => limits,
    foundBy: /worst case/,
  },
  {
    name: "the dice are not from the seed",
    strategy: (strategy) => ({
      ...strategy,
      plan: (memory, view, setup) => strategy.plan(memory, { ...view, random: ownDice }, setup),
    }),
    foundBy: /the same commands/,
  },
  {
    name: "the taker order of an old plan is sent again",
    ...takingTwice(),
    foundBy: /without a plan of this moment/,
  },
];

function telling(tell: Tell): (engine: Engine) => Handler {
  return (engine) => ({
    handle: (event) => tell(event, engine).flatMap((one) => engine.handle(one)),
  });
}

function sending(send: Send): (engine: Engine) => Handler {
  return (engine) => ({
    handle: (event) => engine.handle(event).flatMap((command) => send(command, engine)),
  });
}

let thrown = 0;
/** Dice that remember what was thrown in other runs. */
function ownDice(): number {
  return (++thrown * 0.618033988749895) % 1;
}

/** At a timer takes the old plan for a new one, taker orders and all. */
function takingTwice(): Pick<Bug, "strategy" | "handler"> {
  let memory: object = {};
  return {
    strategy: (strategy) => ({
      ...strategy,
      plan: (now, view, setup) => strategy.plan(memory = now, view, setup),
    }),
    handler: (engine) => ({
      handle(event) {
        const { plan } = engine;
        const commands = engine.handle(event);
        const isOld = event.kind === "timer" && plan === engine.plan;
        if (!isOld || !plan.orders.some(({ role }) => role === "taker")) return commands;
        return [...commands, ...engine.handle({ kind: "planned", time: event.time, plan, memory })];
      },
    }),
  };
}
